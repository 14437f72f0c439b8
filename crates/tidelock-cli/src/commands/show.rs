//! `tidelock show`: what an artifact is and what is in it.

use std::{collections::BTreeMap, io::Write};

use serde::Serialize;
use serde_json::{Value as Json, json};
use tidelock::{
    Analysis, Input, Kind, Overview, Source,
    input::Document,
    overview::Listing,
    render::{Detail, human, markdown, overview},
    schema::SchemaFile,
};

use crate::{
    args::{ShowArgs, StackArgs, SummaryFormat},
    error::Failure,
    inputs::Place,
    outcome::Outcome,
    output::Output,
    surroundings::Sources,
    terminal::Streams,
};

pub(super) fn run(args: &ShowArgs, streams: Streams) -> Result<Outcome, Failure> {
    let place = Place::from(&args.artifact);
    let source = place.read()?;
    let stack = StackArgs { config: args.config.clone(), ..StackArgs::default() };
    let sources = Sources::of(&place, None, &stack)?;
    let mut analysis = Analysis::new();
    if let Some(tree) = &sources.tree {
        analysis = analysis.config(tree);
    }
    let list_all = args.verbose || args.format == SummaryFormat::Json;
    let listing = if list_all { Listing::All } else { Listing::Changing };
    let page = Page::read(&analysis, &source, listing)?;
    let detail = if args.verbose { Detail::Verbose } else { Detail::Normal };
    let output = Output::new(args.output.as_deref());
    let look = streams.options(detail, output.target());
    let comment = markdown::Options { detail, ..markdown::Options::default() };
    output.write(|out| match args.format {
        SummaryFormat::Human => page.human(&look, out),
        SummaryFormat::Markdown => page.markdown(&comment, out),
        SummaryFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &page)?;
            writeln!(out)
        }
    })?;
    Ok(Outcome::Done)
}

/// Everything in one input.
#[derive(Serialize)]
struct Page {
    schema_version: &'static str,
    path: String,
    artifacts: Vec<Shown>,
    notes: Vec<String>,
}

/// One artifact, as far as this version looks into it.
#[derive(Serialize)]
struct Shown {
    #[serde(skip)]
    of: Kind,
    #[serde(flatten)]
    contents: Contents,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Contents {
    /// A plan or a state.
    Overview(Box<Overview>),
    /// Anything else: facts by name.
    Facts(BTreeMap<&'static str, Json>),
}

impl Page {
    fn read(analysis: &Analysis<'_>, source: &Source, listing: Listing) -> Result<Self, Failure> {
        let (path, schema_version) = (source.name().to_owned(), "1");
        // A big file is read in one pass, on the promise of its first keys.
        if let Some(document) = Input::presume(source)
            && let Ok(Some(overview)) = analysis.overview(source, document, listing)
        {
            let artifacts =
                vec![Shown { of: document.kind, contents: Contents::Overview(Box::new(overview)) }];
            return Ok(Self { schema_version, path, artifacts, notes: Vec::new() });
        }
        let input = Input::read(source)?;
        let shown = |document: &Document| Shown::of(analysis, &input.source, *document, listing);
        let artifacts = input.documents.iter().map(shown).collect::<Result<_, _>>()?;
        let notes = input.remarks.iter().map(ToString::to_string).collect();
        Ok(Self { schema_version, path, artifacts, notes })
    }

    fn human(&self, look: &human::Options, out: &mut Vec<u8>) -> std::io::Result<()> {
        for (at, shown) in self.artifacts.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let title = shown.of.to_string();
            match &shown.contents {
                Contents::Overview(contents) => overview::human(&title, contents, look, out)?,
                Contents::Facts(facts) => {
                    writeln!(out, "{title}")?;
                    shown
                        .lines(facts)
                        .iter()
                        .try_for_each(|(name, text)| writeln!(out, "{name:18}{text}"))?;
                }
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "{:18}{note}", "note"))
    }

    fn markdown(&self, comment: &markdown::Options, out: &mut Vec<u8>) -> std::io::Result<()> {
        for (at, shown) in self.artifacts.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let title = shown.of.to_string();
            match &shown.contents {
                Contents::Overview(contents) => overview::markdown(&title, contents, comment, out)?,
                Contents::Facts(facts) => {
                    let lines = shown.lines(facts).into_iter().map(|(name, text)| format!("{name}: {text}"));
                    overview::remarks(&title, lines, out)?;
                }
            }
        }
        Ok(())
    }
}

impl Shown {
    fn of(
        analysis: &Analysis<'_>,
        source: &Source,
        document: Document,
        listing: Listing,
    ) -> Result<Self, Failure> {
        if let Some(overview) = analysis.overview(source, document, listing)? {
            return Ok(Self { of: document.kind, contents: Contents::Overview(Box::new(overview)) });
        }
        let mut facts = BTreeMap::from([("kind", Json::from(document.kind.as_str()))]);
        if document.kind == Kind::Schemas {
            let file =
                SchemaFile::from_source(source.clone(), document.text).map_err(tidelock::Error::from)?;
            let providers: BTreeMap<&str, usize> =
                file.providers().map(|provider| (provider, file.types(provider).count())).collect();
            facts.insert("resource_types", json!(providers));
        }
        Ok(Self { of: document.kind, contents: Contents::Facts(facts) })
    }

    /// The facts for people.
    fn lines(&self, facts: &BTreeMap<&'static str, Json>) -> Vec<(String, String)> {
        let told = facts.iter().filter(|(name, _)| **name != "kind");
        let mut lines: Vec<(String, String)> =
            told.map(|(name, value)| (name.replace('_', " "), words(value))).collect();
        if self.of != Kind::Schemas {
            lines.push(("contents".to_owned(), "not looked into by this version".to_owned()));
        }
        lines
    }
}

/// A fact for people, on one line and without control characters.
fn words(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Object(fields) if fields.is_empty() => "none".to_owned(),
        Json::Object(fields) => {
            let field = |(name, value): (&String, &Json)| format!("{name} {}", words(value));
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        Json::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text }
}
