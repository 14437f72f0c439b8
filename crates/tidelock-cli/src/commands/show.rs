//! `tidelock show`: what an artifact is and what is in it, without its values.

mod log;

use std::{collections::BTreeMap, io::Write};

use serde_json::{Value as Json, json};
use tidelock::{
    Error, Input, Kind, Plan, Source, State, Stream,
    encryption::{EncryptionError, Envelope},
    input::Document,
    plan::{PlanningMode, ResourceChange},
    schema::SchemaFile,
    state::{StateFile, StateInstance},
};

use crate::{
    args::{InputName, ListFormat, ShowArgs},
    error::Failure,
    inputs::{Place, states_in},
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    terminal::Streams,
};

pub(super) fn run(args: &ShowArgs, _streams: Streams) -> Result<Outcome, Failure> {
    let keys = KeyRing::new(&args.keys)?;
    let mut shown = Vec::new();
    let mut remarks: Vec<String> = Vec::new();
    let (name, files) = match &args.artifact {
        InputName::Path(dir) if dir.is_dir() => (printable(&dir.to_string_lossy()), states_in(dir)?),
        artifact => {
            let place = Place::from(artifact);
            (place.name(), vec![(place, None)])
        }
    };
    for (place, file) in files {
        let source = place.read()?;
        let source = match keys.open(source.clone(), &place.directory()) {
            // What it is can be told without a key.
            Err(Error::Encryption(EncryptionError::NoKey { .. } | EncryptionError::Provider { .. })) => {
                source
            }
            opened => opened?,
        };
        let input = Input::read(&source)?;
        for document in &input.documents {
            let mut one = Shown::of(&input.source, *document)?;
            if let Some(file) = &file {
                one.stands_at(&place, file);
            }
            shown.push(one);
        }
        remarks.extend(input.remarks.iter().map(ToString::to_string));
    }
    Output::new(args.output.as_deref()).write(|out| match args.format {
        ListFormat::Human => {
            for (at, shown) in shown.iter().enumerate() {
                if at > 0 {
                    writeln!(out)?;
                }
                shown.human(args.verbose, out)?;
            }
            remarks.iter().try_for_each(|remark| writeln!(out, "note      {remark}"))
        }
        ListFormat::Json => {
            let artifacts: Vec<Json> = shown.iter().map(Shown::json).collect();
            let all =
                json!({ "schema_version": "1", "path": name, "artifacts": artifacts, "notes": remarks });
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        }
    })?;
    Ok(Outcome::Done)
}

/// One artifact, as far as this version looks into it.
struct Shown {
    kind: Kind,
    /// Facts by name, in the order of reading.
    facts: Vec<(&'static str, Json)>,
    resources: Vec<Resource>,
    /// For the log of a run, in place of all this.
    stream: Option<Stream>,
}

struct Resource {
    address: String,
    deposed: Option<String>,
    /// What is done to it, in a plan; empty in a state.
    actions: Vec<String>,
    /// Why, or what is special about it.
    reason: Option<String>,
    quiet: bool,
}

impl Resource {
    /// What stands in the first column.
    fn lead(&self) -> String {
        if self.actions.is_empty() { "instance".to_owned() } else { self.actions.join(",") }
    }
}

impl Shown {
    fn of(source: &Source, document: Document) -> Result<Self, Failure> {
        let mut shown = Self { kind: document.kind, facts: Vec::new(), resources: Vec::new(), stream: None };
        match document.kind {
            Kind::UiStream => shown.stream = Some(Stream::read(source, document.text)),
            Kind::PlanJson => shown.plan(&Plan::read(source, document.text)?)?,
            Kind::SavedPlan => shown.plan(&Plan::from_saved(source)?)?,
            Kind::State => shown.state(&State::from_raw(source, document.text)?),
            Kind::StateJson => shown.state(&State::from_json(source, document.text)?),
            Kind::Schemas => shown.schemas(&SchemaFile::from_source(source.clone(), document.text)?),
            Kind::EncryptedState | Kind::EncryptedPlan => shown.envelope(source)?,
            _ => {}
        }
        Ok(shown)
    }

    /// Puts first which file of a directory it is.
    fn stands_at(&mut self, place: &Place, file: &StateFile) {
        let facts = [
            ("path", place.name()),
            ("workspace", file.workspace.clone()),
            ("role", file.role.as_str().to_owned()),
        ];
        self.facts.splice(0..0, facts.map(|(name, text)| (name, text.into())));
    }

    fn plan(&mut self, plan: &Plan) -> Result<(), Failure> {
        let header = plan.header();
        let format = header.format_version;
        self.facts.push(("format_version", format!("{}.{}", format.major, format.minor).into()));
        let mut fact = |name, value: Option<Json>| self.facts.extend(value.map(|value| (name, value)));
        if let Some(recorded) = plan.recorded() {
            fact("producer", recorded.product.map(|product| product.as_str().into()));
            let mode = match recorded.mode {
                PlanningMode::Destroy => Some("destroy"),
                PlanningMode::RefreshOnly => Some("refresh_only"),
                _ => None,
            };
            fact("mode", mode.map(Json::from));
            fact("lineage", recorded.lineage.clone().map(Json::from));
            fact("serial", recorded.serial.map(Json::from));
            fact("backend", recorded.backend.clone().map(Json::from));
            fact("workspace", recorded.workspace.clone().map(Json::from));
            let list = |list: &[String]| Some(json!(list)).filter(|_| !list.is_empty());
            fact("targets", list(&recorded.targets));
            fact("excludes", list(&recorded.excludes));
            fact("force_replace", list(&recorded.force_replace));
        }
        fact("producer_version", header.terraform_version.clone().map(Json::from));
        fact("timestamp", header.timestamp.clone().map(Json::from));
        fact("complete", header.complete.map(Json::from));
        fact("errored", Some(header.errored).filter(|errored| *errored).map(Json::from));
        fact("drift", Some(plan.drift().len().into()));
        fact("deferred", Some(plan.deferred().len()).filter(|count| *count > 0).map(Json::from));
        let mut actions: BTreeMap<String, usize> = BTreeMap::new();
        for change in plan.changes() {
            *actions.entry(change.action.to_string()).or_default() += 1;
        }
        fact("actions", Some(json!(actions)));
        let outputs = plan.outputs()?;
        let outputs: BTreeMap<&str, String> =
            outputs.iter().map(|output| (output.name.as_str(), output.action.to_string())).collect();
        fact("outputs", Some(json!(outputs)).filter(|_| !outputs.is_empty()));
        self.resources = plan.changes().iter().map(Resource::from).collect();
        Ok(())
    }

    fn state(&mut self, state: &State) {
        let header = state.header();
        let mut fact = |name, value: Option<Json>| self.facts.extend(value.map(|value| (name, value)));
        fact("producer_version", header.terraform_version.clone().map(Json::from));
        fact("lineage", header.lineage.clone().map(Json::from));
        fact("serial", header.serial.map(Json::from));
        let mut types: BTreeMap<&str, usize> = BTreeMap::new();
        for instance in state.instances() {
            *types.entry(&instance.address.type_name).or_default() += 1;
        }
        fact("types", Some(json!(types)));
        let outputs: Vec<&String> = state.outputs().keys().collect();
        fact("outputs", Some(json!(outputs)).filter(|_| !outputs.is_empty()));
        self.resources = state.instances().iter().map(Resource::from).collect();
    }

    /// What stands outside. Nothing of it is authenticated.
    fn envelope(&mut self, source: &Source) -> Result<(), Failure> {
        let Some(envelope) = Envelope::read(source).map_err(Error::from)? else { return Ok(()) };
        let mut fact = |name, value: Option<Json>| self.facts.extend(value.map(|value| (name, value)));
        fact("lineage", envelope.lineage.clone().map(Json::from));
        fact("serial", envelope.serial.map(Json::from));
        let providers: BTreeMap<&str, String> =
            envelope.providers().map(|(entry, provider)| (entry, provider.to_string())).collect();
        fact("key_providers", Some(json!(providers)));
        Ok(())
    }

    fn schemas(&mut self, file: &SchemaFile) {
        let providers: BTreeMap<&str, usize> =
            file.providers().map(|provider| (provider, file.types(provider).count())).collect();
        self.facts.push(("resource_types", json!(providers)));
    }

    fn json(&self) -> Json {
        if let Some(stream) = &self.stream {
            let mut all = serde_json::Map::from_iter([("kind".to_owned(), self.kind.as_str().into())]);
            all.extend(log::json(stream));
            return all.into();
        }
        let resources = self.resources.iter().map(|resource| {
            json!({
                "address": resource.address,
                "deposed": resource.deposed,
                "actions": resource.actions,
                "reason": resource.reason,
            })
        });
        let mut all = serde_json::Map::new();
        all.insert("kind".into(), self.kind.as_str().into());
        if !self.is_read() {
            all.insert("instead".into(), self.kind.instead().into());
        }
        all.extend(self.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        all.insert("resources".into(), resources.collect());
        all.into()
    }

    /// Whether anything is known of its contents.
    fn is_read(&self) -> bool {
        matches!(self.kind, Kind::PlanJson | Kind::Schemas | Kind::State | Kind::StateJson | Kind::UiStream)
    }

    fn human(&self, verbose: bool, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.kind)?;
        if let Some(stream) = &self.stream {
            return log::human(stream, verbose, out);
        }
        for (name, value) in &self.facts {
            writeln!(out, "{:18}{}", name.replace('_', " "), words(value))?;
        }
        for resource in self.resources.iter().filter(|resource| verbose || !resource.quiet) {
            let reason = resource.reason.as_ref().map_or_else(String::new, |reason| format!("  ({reason})"));
            let deposed =
                resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {key})"));
            writeln!(out, "{:18}{}{deposed}{reason}", resource.lead(), resource.address)?;
        }
        let hidden = self.resources.iter().filter(|resource| resource.quiet).count();
        if hidden > 0 && !verbose {
            writeln!(out, "{:18}{hidden} resources, shown by -v", "unchanged")?;
        }
        if !self.is_read() {
            let why = match self.kind {
                Kind::EncryptedState | Kind::EncryptedPlan => "not looked into without a key",
                _ => "not looked into by this version",
            };
            writeln!(out, "{:18}{why}", "contents")?;
            writeln!(out, "{:18}{}", "instead", self.kind.instead())?;
        }
        Ok(())
    }
}

impl From<&ResourceChange> for Resource {
    fn from(change: &ResourceChange) -> Self {
        Self {
            address: change.address.to_string(),
            deposed: change.deposed.as_ref().map(ToString::to_string),
            actions: change.action.words().into_iter().map(ToOwned::to_owned).collect(),
            reason: change.action_reason.as_ref().map(ToString::to_string),
            quiet: change.action.is_quiet() && !change.importing && change.previous_address.is_none(),
        }
    }
}

impl From<&StateInstance> for Resource {
    fn from(instance: &StateInstance) -> Self {
        Self {
            address: instance.address.to_string(),
            deposed: instance.deposed.as_ref().map(ToString::to_string),
            actions: Vec::new(),
            reason: instance.tainted.then(|| "tainted".to_owned()),
            quiet: false,
        }
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
