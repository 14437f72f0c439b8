//! `tidelock show`: what an artifact is and what is in it.

mod log;

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use serde::Serialize;
use serde_json::{Value as Json, json};
use tidelock::{
    Analysis, Error, Input, Kind, Overview, Source, Stream,
    encryption::{EncryptionError, Envelope},
    input::Document,
    overview::Listing,
    render::{Detail, human, markdown, overview},
    schema::SchemaFile,
    state::StateFile,
};

use crate::{
    args::{InputName, ShowArgs, StackArgs, SummaryFormat},
    error::{CliError, Failure},
    inputs::{Place, one_line, printable, states_in},
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    surroundings::Sources,
    terminal::Streams,
};

pub(super) fn run(args: &ShowArgs, streams: Streams) -> Result<Outcome, Failure> {
    let list_all = args.verbose || args.format == SummaryFormat::Json;
    let listing = if list_all { Listing::All } else { Listing::Changing };
    let (mut page, files) = match &args.artifact {
        InputName::Path(dir) if dir.is_dir() => (Page::of(printable(dir)), states_in(dir)?),
        artifact => {
            let place = Place::from(artifact);
            (Page::of(place.name()), vec![(place, None)])
        }
    };
    let keys = KeyRing::new(&args.keys)?;
    let mut failed = false;
    for (place, file) in files {
        match (page.add(&place, file.as_ref(), &keys, args.config.clone(), listing), file) {
            (Ok(()), _) => {}
            (Err(failure), None) => return Err(failure),
            // One damaged state does not hide the others.
            (Err(failure), Some(_)) => {
                streams.report(&*failure);
                page.notes.push(format!("{}: left out, it cannot be read", place.name()));
                failed = true;
            }
        }
    }
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
    Ok(if failed { Outcome::Failed } else { Outcome::Done })
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
    file: Option<FileFacts>,
    #[serde(flatten)]
    contents: Contents,
}

/// Which file of a directory of states it is.
#[derive(Clone, Serialize)]
struct FileFacts {
    path: String,
    workspace: String,
    role: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Contents {
    /// A plan or a state.
    Overview(Box<Overview>),
    /// The log of a run.
    #[serde(serialize_with = "log::serialize")]
    Log(Box<Stream>),
    /// Anything else: facts by name.
    Facts(BTreeMap<&'static str, Json>),
}

impl Page {
    const fn of(path: String) -> Self {
        Self { schema_version: "1", path, artifacts: Vec::new(), notes: Vec::new() }
    }

    /// Adds what is in a file; `file` says which one of a directory it is.
    fn add(
        &mut self,
        place: &Place,
        file: Option<&StateFile>,
        keys: &KeyRing,
        config: Option<PathBuf>,
        listing: Listing,
    ) -> Result<(), Failure> {
        let source = place.read()?;
        let source = match keys.open(source.clone(), &place.directory()) {
            // What it is can be told without a key.
            Err(Error::Encryption(EncryptionError::NoKey { .. } | EncryptionError::Provider { .. })) => {
                source
            }
            opened => opened?,
        };
        let sources = Sources::of(place, None, &StackArgs { config, ..StackArgs::default() })?;
        self.read(&sources.lend(Analysis::new()), &source, listing, file)
    }

    /// Adds what is in an input.
    fn read(
        &mut self,
        analysis: &Analysis<'_>,
        source: &Source,
        listing: Listing,
        file: Option<&StateFile>,
    ) -> Result<(), Failure> {
        let damaged = file.map(|_| CliError::DamagedState { path: source.name().to_owned() });
        let file = file.map(|file| FileFacts {
            path: source.name().to_owned(),
            workspace: file.workspace.clone(),
            role: file.role.as_str(),
        });
        // A big file is read in one pass, on the promise of its first keys.
        let mut presumed = None;
        if let Some(document) = Input::presume(source) {
            match analysis.overview(source, document, listing) {
                Ok(Some(overview)) => {
                    let contents = Contents::Overview(Box::new(overview));
                    self.artifacts.push(Shown { of: document.kind, file, contents });
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) => presumed = Some(error),
            }
        }
        // What cannot be read at all is damaged, and what it seemed to be says best what to do.
        let input = Input::read(source).map_err(|error| match damaged {
            Some(damaged) => damaged.into(),
            None => Failure::from(presumed.unwrap_or_else(|| error.into())),
        })?;
        for document in &input.documents {
            let contents = Contents::of(analysis, &input.source, *document, listing)?;
            self.artifacts.push(Shown { of: document.kind, file: file.clone(), contents });
        }
        self.notes.extend(input.remarks.iter().map(ToString::to_string));
        Ok(())
    }

    fn human(&self, look: &human::Options, out: &mut Vec<u8>) -> std::io::Result<()> {
        for (at, shown) in self.artifacts.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let title = shown.title();
            match &shown.contents {
                Contents::Overview(contents) => overview::human(&title, contents, look, out)?,
                Contents::Log(stream) => {
                    writeln!(out, "{title}")?;
                    log::human(stream, look.detail == Detail::Verbose, out)?;
                }
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
            let title = shown.title();
            match &shown.contents {
                Contents::Overview(contents) => overview::markdown(&title, contents, comment, out)?,
                Contents::Log(stream) => {
                    let mut text = Vec::new();
                    log::human(stream, comment.detail == Detail::Verbose, &mut text)?;
                    let text = String::from_utf8_lossy(&text).into_owned();
                    overview::remarks(&title, text.lines().map(ToOwned::to_owned), out)?;
                }
                Contents::Facts(facts) => {
                    let lines = shown.lines(facts).into_iter().map(|(name, text)| format!("{name}: {text}"));
                    overview::remarks(&title, lines, out)?;
                }
            }
        }
        if self.notes.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        overview::remarks("notes", self.notes.iter().cloned(), out)
    }
}

impl Contents {
    fn of(
        analysis: &Analysis<'_>,
        source: &Source,
        document: Document,
        listing: Listing,
    ) -> Result<Self, Failure> {
        if document.kind == Kind::UiStream {
            return Ok(Self::Log(Box::new(Stream::read(source, document.text))));
        }
        if let Some(overview) = analysis.overview(source, document, listing)? {
            return Ok(Self::Overview(Box::new(overview)));
        }
        let mut facts = BTreeMap::from([("kind", Json::from(document.kind.as_str()))]);
        if document.kind == Kind::Schemas {
            let file = SchemaFile::from_source(source.clone(), document.text).map_err(Error::from)?;
            let providers: BTreeMap<&str, usize> =
                file.providers().map(|provider| (provider, file.types(provider).count())).collect();
            facts.insert("resource_types", json!(providers));
        } else {
            facts.insert("instead", document.kind.instead().into());
        }
        // What stands outside. Nothing of it is authenticated.
        if let (Kind::EncryptedState | Kind::EncryptedPlan, Some(envelope)) =
            (document.kind, Envelope::read(source).map_err(Error::from)?)
        {
            let providers: BTreeMap<&str, String> =
                envelope.providers().map(|(entry, provider)| (entry, provider.to_string())).collect();
            facts.insert("key_providers", json!(providers));
            facts.extend(envelope.lineage.clone().map(|lineage| ("lineage", lineage.into())));
            facts.extend(envelope.serial.map(|serial| ("serial", serial.into())));
        }
        Ok(Self::Facts(facts))
    }
}

impl Shown {
    /// What it is, and of a directory which file.
    fn title(&self) -> String {
        match &self.file {
            None => self.of.to_string(),
            Some(FileFacts { path, workspace, role }) => {
                format!("{}: {} (workspace {workspace}, {role})", one_line(path), self.of)
            }
        }
    }

    /// The facts for people.
    fn lines(&self, facts: &BTreeMap<&'static str, Json>) -> Vec<(String, String)> {
        let told = facts.iter().filter(|(name, _)| **name != "kind");
        let mut lines: Vec<(String, String)> =
            told.map(|(name, value)| (name.replace('_', " "), words(value))).collect();
        let why = match self.of {
            Kind::Schemas => return lines,
            Kind::EncryptedState | Kind::EncryptedPlan => "not looked into without a key",
            _ => "not looked into by this version",
        };
        lines.push(("contents".to_owned(), why.to_owned()));
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
    one_line(&text)
}
