//! Every file of a directory of the tester's own, through every reader: `TIDELOCK_CORPUS=<dir>`.
//!
//! What lies under a folder named `broken` must be refused; everything else is read, or refused with a reason. Nothing
//! may crash, and nothing cries wolf: half of the plans have at most two findings to look at.

#![allow(clippy::unwrap_used, reason = "a directory that cannot be read fails the test")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are for the person who runs the test"
)]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use miette::Diagnostic;
use tidelock::{
    Analysis, Command, Finding, Input, Kind, Plan, Report, Severity, Source, State, input::Document, render,
    schema::SchemaFile,
};

/// More findings than this make people look away.
const MEDIAN_AT_MOST: usize = 2;

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// What became of one file.
#[derive(Default)]
struct Reading {
    kinds: Vec<Kind>,
    reports: Vec<Report>,
    /// Codes of what was refused.
    refusals: Vec<String>,
}

impl Reading {
    fn refuse(&mut self, error: &impl Diagnostic) {
        let code = error.code().map(|code| code.to_string());
        assert!(!error.to_string().is_empty(), "a refusal gives a reason");
        assert!(error.help().is_some(), "a refusal says what to do: {error}");
        self.refusals.push(code.expect("a refusal has a code"));
    }
}

fn read(name: &str, bytes: Vec<u8>) -> Reading {
    let source = Source::new(name, bytes);
    let mut reading = Reading::default();
    let input = match Input::read(&source) {
        Ok(input) => input,
        Err(error) => {
            reading.refuse(&error);
            return reading;
        }
    };
    for document in &input.documents {
        reading.kinds.push(document.kind);
        match document.kind {
            Kind::PlanJson => plan(&input.source, *document, &mut reading),
            Kind::State | Kind::StateJson => state(&input.source, *document, &mut reading),
            Kind::Schemas => schemas(&input.source, *document, &mut reading),
            _ => {}
        }
    }
    // Whatever it is, both questions get an answer or a reason.
    for command in [Command::Drift, Command::Gate] {
        for answer in Analysis::new().answers(command, &source) {
            match answer {
                Ok(answer) => reading.reports.push(answer.report),
                Err(error) if !input.documents.iter().any(|document| document.kind == Kind::PlanJson) => {
                    assert!(error.help().is_some(), "{name}: {error}");
                }
                Err(error) => reading.refuse(&error),
            }
        }
    }
    for report in &reading.reports {
        all_formats(report);
    }
    reading
}

/// Decodes everything, also what no answer needs.
fn plan(source: &Source, document: Document, reading: &mut Reading) {
    let plan = match Plan::read(source, document.text) {
        Ok(plan) => plan,
        Err(error) => return reading.refuse(&error),
    };
    let sections =
        [plan.variables().err(), plan.outputs().err(), plan.checks().err(), plan.configuration().err()];
    let deferred = plan.deferred().iter().map(|deferred| &deferred.change);
    let values = plan.changes().iter().chain(plan.drift()).chain(deferred);
    let values = values.filter_map(|change| change.values(source).err());
    for error in sections.into_iter().flatten().chain(values) {
        reading.refuse(&error);
    }
    if let Err(error) = State::prior_of(&plan) {
        reading.refuse(&error);
    }
}

fn state(source: &Source, document: Document, reading: &mut Reading) {
    let state = match document.kind {
        Kind::State => State::from_raw(source, document.text),
        _ => State::from_json(source, document.text),
    };
    let state = match state {
        Ok(state) => state,
        Err(error) => return reading.refuse(&error),
    };
    for instance in state.instances() {
        let errors = [instance.values(source).err(), instance.dependencies(source).err()];
        errors.iter().flatten().for_each(|error| reading.refuse(error));
    }
}

fn schemas(source: &Source, document: Document, reading: &mut Reading) {
    let file = match SchemaFile::from_source(source.clone(), document.text) {
        Ok(file) => file,
        Err(error) => return reading.refuse(&error),
    };
    for provider in file.providers() {
        for type_name in file.types(provider) {
            if let Err(error) = file.resource(provider, type_name) {
                reading.refuse(&error);
            }
        }
    }
}

fn all_formats(report: &Report) {
    let mut out = Vec::new();
    render::json::report(report, &mut out).unwrap();
    render::human::report(report, &render::human::Options::default(), &mut out).unwrap();
    render::markdown::report(report, &render::markdown::Options::default(), &mut out).unwrap();
    render::plain::report(report, &mut out).unwrap();
}

/// Findings that somebody has to look at.
fn loud(report: &Report) -> usize {
    report.findings.iter().filter(|finding| finding.severity >= Severity::Warn).count()
}

#[test]
fn every_file_is_read_or_refused_and_the_median_plan_is_quiet() {
    let Some(dir) = env::var_os("TIDELOCK_CORPUS") else {
        eprintln!("skipped: TIDELOCK_CORPUS does not name a directory with plans, states and schemas");
        return;
    };
    let dir = PathBuf::from(dir);
    let mut paths = Vec::new();
    files(&dir, &mut paths);
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut counts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in &paths {
        let name = path.strip_prefix(&dir).unwrap().to_string_lossy().into_owned();
        let reading = read(&name, fs::read(path).unwrap());
        for kind in &reading.kinds {
            *kinds.entry(*kind).or_default() += 1;
        }
        if !reading.refusals.is_empty() {
            println!("refused  {name}: {}", reading.refusals.join(", "));
        }
        if name.split('/').any(|folder| folder == "broken") && reading.refusals.is_empty() {
            wrong.push(format!("{name} lies among the broken ones and was read"));
        }
        for report in &reading.reports {
            counts.entry(report.command.as_str()).or_default().push(loud(report));
            for finding in report.findings.iter().filter(|finding| finding.severity >= Severity::Warn) {
                let address = finding.address.as_ref().map(ToString::to_string).unwrap_or_default();
                let path = finding.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default();
                let Finding { severity, code, message, .. } = finding;
                println!(
                    "{} {severity:<8} {name}: {code} {address}{path}: {message}",
                    report.command.as_str()
                );
            }
        }
    }
    println!("{} files, by kind: {kinds:?}", paths.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (command, mut counts) in counts {
        counts.sort_unstable();
        let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
        println!(
            "{command}: {} plans answered; findings at warn or above: median {median}, most {}, in all {}",
            counts.len(),
            counts.last().copied().unwrap_or(0),
            counts.iter().sum::<usize>()
        );
        assert!(median <= MEDIAN_AT_MOST, "{command}: the median plan has {median} findings to look at");
    }
}
