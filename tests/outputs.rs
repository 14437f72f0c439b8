//! Everything that the library says about an input, for tests that ask what may never be said and never happen.

use std::{fmt::Display, io::Write};

use miette::Diagnostic;
use tidelock::{
    Analysis, Baseline, Command, Configuration, Diff, Error, Input, Kind, Overview, Plan, Report, Source,
    State, Stream, approval::Terms, input::Document, overview::Listing, render, schema::SchemaFile,
};

/// What was said about an input.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Every report, overview, comparison, graph, approval, baseline and warning, in every format.
    pub(crate) text: String,
    /// What was refused.
    pub(crate) refusals: Vec<Error>,
    /// How many reports were made.
    pub(crate) reports: usize,
}

impl Said {
    /// What the refusals say, in every way of saying it.
    pub(crate) fn complaints(&self) -> String {
        self.refusals.iter().map(complaint).collect()
    }

    fn keep<T>(&mut self, answer: Result<T, Error>) -> Option<T> {
        answer.map_err(|error| self.refusals.push(error)).ok()
    }

    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) {
        let mut out = Vec::new();
        write(&mut out).expect("a vector takes everything");
        self.text.push_str(&String::from_utf8(out).expect("every output is UTF-8"));
    }
}

/// Everything that an error can say.
pub(crate) fn complaint<E: Diagnostic + Clone + Send + Sync + 'static>(error: &E) -> String {
    let told = |part: Option<Box<dyn Display + '_>>| part.map(|part| part.to_string());
    let (code, help) = (told(error.code()), told(error.help()));
    assert!(code.is_some() && help.is_some(), "{error}: code {code:?}, help {help:?}");
    let report = miette::Report::new(error.clone());
    let mut drawn = String::new();
    miette::NarratableReportHandler::new()
        .render_report(&mut drawn, report.as_ref())
        .expect("a text takes all");
    format!("{error} {error:?} {code:?} {help:?} {report:?} {drawn}\n")
}

/// Asks everything that can be asked.
pub(crate) fn about(analysis: &Analysis<'_>, source: &Source) -> Said {
    let mut said = Said::default();
    let mut baseline = Baseline::new("0123456789abcdef");
    for command in [Command::Drift, Command::Gate] {
        for answer in analysis.answers(command, source) {
            if let Some(answer) = said.keep(answer) {
                said.reports += 1;
                said.write(|out| report(&answer.report, out));
                baseline.accept(&answer.report);
                answer.warnings.iter().for_each(|warning| said.text.push_str(&complaint(warning)));
            }
        }
    }
    said.text.push_str(&baseline.to_json().expect("a baseline is JSON"));
    let graph = analysis.graph(source, None);
    if let Some(view) = said.keep(graph) {
        said.write(|out| {
            render::graph::dot(&view, out)?;
            render::graph::mermaid(&view, out)?;
            render::graph::json(&view, out)
        });
    }
    let terms = Terms { salt: [7; 16].into(), key: None, by: None };
    let approved = analysis.approve(source, &terms);
    if let Some(approved) = said.keep(approved) {
        said.write(|out| Ok(serde_json::to_writer(out, &approved.approval)?));
    }
    let state = analysis.clone().state(source);
    if let Some(with_state) = said.keep(state) {
        for answer in with_state.answers(Command::Gate, source) {
            if let Some(answer) = said.keep(answer) {
                said.write(|out| report(&answer.report, out));
            }
        }
    }
    if let Some(input) = said.keep(Input::read(source).map_err(Error::from)) {
        for document in &input.documents {
            let looked_at = analysis.overview(&input.source, *document, Listing::All);
            if let Some(Some(overview)) = said.keep(looked_at) {
                said.write(|out| looked(&overview, out));
            }
            let read = read(&input.source, *document, &mut said);
            said.keep(read);
        }
    }
    // Without any state before it, all of it is new.
    let compared = tidelock::diff(&Source::new("before", Vec::new()), source);
    if let Some(diff) = said.keep(compared) {
        said.write(|out| differences(&diff, out));
    }
    said
}

/// An overview in every format.
fn looked(overview: &Overview, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (human, markdown) = verbose();
    render::overview::human("it", overview, &human, out)?;
    render::overview::markdown("it", overview, &markdown, out)?;
    serde_json::to_writer(&mut *out, overview)?;
    write!(out, "{overview:?}")
}

/// A comparison in every format.
pub(crate) fn differences(diff: &Diff, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (human, markdown) = verbose();
    render::diff::human(diff, &human, out)?;
    render::diff::markdown(diff, &markdown, out)?;
    render::diff::json(diff, out)?;
    write!(out, "{diff:?}")
}

/// All that there is, on lines as long as it takes.
fn verbose() -> (render::human::Options, render::markdown::Options) {
    let detail = render::Detail::Verbose;
    (
        render::human::Options { detail, width: 10_000, ..Default::default() },
        render::markdown::Options { detail, ..Default::default() },
    )
}

/// A report in every format, with all that it can show.
pub(crate) fn report(report: &Report, out: &mut Vec<u8>) -> std::io::Result<()> {
    let detail = render::Detail::Verbose;
    let (human, markdown) = verbose();
    render::json::report(report, out)?;
    let mut json = Vec::new();
    render::json::report(report, &mut json)?;
    render::human::report(report, &human, out)?;
    render::human::report(report, &render::human::Options::default(), out)?;
    render::markdown::report(report, &markdown, out)?;
    render::markdown::report(report, &render::markdown::Options::default(), out)?;
    render::plain::report(report, out)?;
    render::sarif::report(report, out)?;
    render::junit::report(report, out)?;
    render::github::report(report, detail, out)?;
    render::gitlab::report(report, out)?;
    let read = render::summary::read("report.json", &json).expect("a summary reads every report");
    let overview = render::summary::Overview::new([read]);
    render::summary::human(&overview, &human, out)?;
    render::summary::markdown(&overview, &markdown, out)?;
    render::summary::json(&overview, out)?;
    // A debug print of the model must not give away more.
    write!(out, "{report:?}")
}

/// Reads an artifact to its last value, as those who show it do.
fn read(source: &Source, document: Document, said: &mut Said) -> Result<(), Error> {
    match document.kind {
        Kind::PlanJson => plan(&Plan::read(source, document.text)?, said)?,
        #[cfg(feature = "planfile")]
        Kind::SavedPlan => plan(&Plan::from_saved(source)?, said)?,
        Kind::State => state(&State::from_raw(source, document.text)?)?,
        Kind::StateJson => state(&State::from_json(source, document.text)?)?,
        Kind::UiStream => {
            let stream = Stream::read(source, document.text);
            said.text.push_str(&format!("{stream:?} {:?}", stream.apply()));
        }
        Kind::Schemas => {
            let file = SchemaFile::from_source(source.clone(), document.text)?;
            for provider in file.providers() {
                for type_name in file.types(provider) {
                    file.resource(provider, type_name)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn plan(plan: &Plan, said: &mut Said) -> Result<(), Error> {
    let configuration = plan.configuration()?;
    said.text.push_str(&format!("{:?}", configuration.providers().map(|(key, _)| key).collect::<Vec<_>>()));
    plan.outputs()?;
    plan.variables()?;
    if let Some(prior) = State::prior_of(plan)? {
        state(&prior)?;
    }
    Ok(())
}

fn state(state: &State) -> Result<(), Error> {
    for output in state.outputs().values() {
        // What is damaged in a value is told where the value is asked for.
        let _ = output.value(state.source());
    }
    for instance in state.instances() {
        instance.values(state.source())?;
        instance.dependencies(state.source())?;
    }
    Ok(())
}

/// Asks everything that can be asked about sources.
#[allow(dead_code, reason = "not everyone who asks about inputs asks about sources")]
pub(crate) fn sources(configuration: &Configuration) -> usize {
    let mut references = 0;
    for (address, _) in configuration.resources() {
        references += configuration.references(&address).len();
    }
    for problem in configuration.diagnostics() {
        complaint(problem);
    }
    references
}
