//! `tidelock show`: what an artifact is and what is in it.

mod log;

use std::{collections::BTreeMap, io::Write};

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
    error::Failure,
    inputs::{Place, states_in},
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    surroundings::Sources,
    terminal::Streams,
};

pub(super) fn run(args: &ShowArgs, streams: Streams) -> Result<Outcome, Failure> {
    let page = Page::read(args)?;
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
    stands: Option<Standing>,
    #[serde(flatten)]
    contents: Contents,
}

/// Which file of a directory it is.
#[derive(Serialize)]
struct Standing {
    path: String,
    workspace: String,
    role: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Contents {
    /// A plan or a state.
    Overview(Box<Overview>),
    /// Anything else: facts by name.
    Facts(BTreeMap<String, Json>),
    /// The log of a run.
    #[serde(serialize_with = "log_as_json")]
    Log(Box<Stream>),
}

fn log_as_json<S: serde::Serializer>(stream: &Stream, serializer: S) -> Result<S::Ok, S::Error> {
    let mut all = serde_json::Map::from_iter([("kind".to_owned(), Kind::UiStream.as_str().into())]);
    all.extend(log::json(stream));
    all.serialize(serializer)
}

impl Page {
    fn read(args: &ShowArgs) -> Result<Self, Failure> {
        let keys = KeyRing::new(&args.keys)?;
        let (path, files) = match &args.artifact {
            InputName::Path(dir) if dir.is_dir() => (printable(&dir.to_string_lossy()), states_in(dir)?),
            artifact => {
                let place = Place::from(artifact);
                (place.name(), vec![(place, None)])
            }
        };
        let mut page = Self { schema_version: "1", path, artifacts: Vec::new(), notes: Vec::new() };
        for (place, file) in files {
            let stack = StackArgs { config: args.config.clone(), ..StackArgs::default() };
            let sources = Sources::of(&place, None, &stack)?;
            let list_all = args.verbose || args.format == SummaryFormat::Json;
            let look = Look {
                analysis: sources.lend(Analysis::new()),
                listing: if list_all { Listing::All } else { Listing::Changing },
                stands: file.as_ref().map(|file| Standing::new(&place, file)),
            };
            let source = place.read()?;
            let source = match keys.open(source.clone(), &place.directory()) {
                // What it is can be told without a key.
                Err(Error::Encryption(EncryptionError::NoKey { .. } | EncryptionError::Provider { .. })) => {
                    source
                }
                opened => opened?,
            };
            page.add(look, &source)?;
        }
        Ok(page)
    }

    fn add(&mut self, mut look: Look<'_>, source: &Source) -> Result<(), Failure> {
        // A big file is read in one pass, on the promise of its first keys.
        if let Some(document) = Input::presume(source)
            && let Ok(Some(overview)) = look.analysis.overview(source, document, look.listing)
        {
            let contents = Contents::Overview(Box::new(overview));
            self.artifacts.push(Shown { of: document.kind, stands: look.stands, contents });
            return Ok(());
        }
        let input = Input::read(source)?;
        for document in &input.documents {
            let contents = look.contents(&input.source, *document)?;
            self.artifacts.push(Shown { of: document.kind, stands: look.stands.take(), contents });
        }
        self.notes.extend(input.remarks.iter().map(ToString::to_string));
        Ok(())
    }

    fn human(&self, look: &human::Options, out: &mut Vec<u8>) -> std::io::Result<()> {
        for (at, shown) in self.artifacts.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let title = shown.of.to_string();
            match &shown.contents {
                Contents::Overview(contents) => {
                    let (title, stands) = (format!("{title}\n"), shown.standing());
                    let mut text = Vec::new();
                    overview::human(title.trim_end(), contents, look, &mut text)?;
                    let below = text.get(title.len()..).unwrap_or_default();
                    out.extend_from_slice(title.as_bytes());
                    lines(&stands, out)?;
                    out.extend_from_slice(below);
                }
                Contents::Facts(facts) => {
                    writeln!(out, "{title}")?;
                    lines(&shown.standing(), out)?;
                    lines(&shown.facts(facts), out)?;
                }
                Contents::Log(stream) => {
                    writeln!(out, "{title}")?;
                    log::human(stream, look.detail == Detail::Verbose, out)?;
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
            let told =
                |list: Vec<(String, String)>| list.into_iter().map(|(name, text)| format!("{name}: {text}"));
            match &shown.contents {
                Contents::Overview(contents) => overview::markdown(&title, contents, comment, out)?,
                Contents::Facts(facts) => {
                    let all = [shown.standing(), shown.facts(facts)].concat();
                    overview::remarks(&title, told(all), out)?;
                }
                Contents::Log(stream) => {
                    let mut text = Vec::new();
                    log::human(stream, comment.detail == Detail::Verbose, &mut text)?;
                    let text = String::from_utf8_lossy(&text).into_owned();
                    overview::remarks(&title, text.lines().map(ToOwned::to_owned), out)?;
                }
            }
        }
        Ok(())
    }
}

fn lines(list: &[(String, String)], out: &mut Vec<u8>) -> std::io::Result<()> {
    list.iter().try_for_each(|(name, text)| writeln!(out, "{name:18}{text}"))
}

impl Standing {
    fn new(place: &Place, file: &StateFile) -> Self {
        Self { path: place.name(), workspace: file.workspace.clone(), role: file.role.as_str() }
    }
}

/// What an artifact is looked at with.
struct Look<'a> {
    analysis: Analysis<'a>,
    listing: Listing,
    stands: Option<Standing>,
}

impl Look<'_> {
    fn contents(&self, source: &Source, document: Document) -> Result<Contents, Failure> {
        if let Some(overview) = self.analysis.overview(source, document, self.listing)? {
            return Ok(Contents::Overview(Box::new(overview)));
        }
        let kind = document.kind;
        let mut facts = BTreeMap::from([("kind".to_owned(), Json::from(kind.as_str()))]);
        match kind {
            Kind::UiStream => return Ok(Contents::Log(Box::new(Stream::read(source, document.text)))),
            Kind::Schemas => {
                let file = SchemaFile::from_source(source.clone(), document.text).map_err(Error::from)?;
                let providers: BTreeMap<&str, usize> =
                    file.providers().map(|provider| (provider, file.types(provider).count())).collect();
                facts.insert("resource_types".to_owned(), json!(providers));
            }
            Kind::EncryptedState | Kind::EncryptedPlan => envelope(source, &mut facts)?,
            _ => {}
        }
        if kind != Kind::Schemas {
            facts.insert("instead".to_owned(), kind.instead().into());
        }
        Ok(Contents::Facts(facts))
    }
}

/// What stands outside of what is encrypted. Nothing of it is authenticated.
fn envelope(source: &Source, facts: &mut BTreeMap<String, Json>) -> Result<(), Failure> {
    let Some(envelope) = Envelope::read(source).map_err(Error::from)? else { return Ok(()) };
    let mut fact =
        |name: &str, value: Option<Json>| facts.extend(value.map(|value| (name.to_owned(), value)));
    fact("lineage", envelope.lineage.clone().map(Json::from));
    fact("serial", envelope.serial.map(Json::from));
    let providers: BTreeMap<&str, String> =
        envelope.providers().map(|(entry, provider)| (entry, provider.to_string())).collect();
    fact("key_providers", Some(json!(providers)));
    Ok(())
}

impl Shown {
    /// Which file of a directory it is, for people.
    fn standing(&self) -> Vec<(String, String)> {
        let Some(stands) = &self.stands else { return Vec::new() };
        let facts = [("path", stands.path.as_str()), ("workspace", &stands.workspace), ("role", stands.role)];
        facts.map(|(name, text)| (name.to_owned(), printable(text))).into()
    }

    /// The facts for people; what to do instead comes last.
    fn facts(&self, facts: &BTreeMap<String, Json>) -> Vec<(String, String)> {
        let told = facts.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "instead"));
        let mut lines: Vec<(String, String)> =
            told.map(|(name, value)| (name.replace('_', " "), words(value))).collect();
        let why = match self.of {
            Kind::Schemas => return lines,
            Kind::EncryptedState | Kind::EncryptedPlan => "not looked into without a key",
            _ => "not looked into by this version",
        };
        lines.push(("contents".to_owned(), why.to_owned()));
        lines.extend(facts.get("instead").map(|instead| ("instead".to_owned(), words(instead))));
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
    printable(&text)
}

/// A text without control characters.
fn printable(text: &str) -> String {
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}
