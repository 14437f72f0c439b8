//! `tidelock show`: what an artifact is and what is in it, without its values.

use std::{collections::BTreeMap, io::Write};

use serde_json::{Value as Json, json};
use tidelock::{Input, Kind, Plan, Source, input::Document, plan::ResourceChange, schema::SchemaFile};

use crate::{
    args::{ListFormat, ShowArgs},
    error::Failure,
    inputs::Place,
    outcome::Outcome,
    output::Output,
    terminal::Streams,
};

pub(super) fn run(args: &ShowArgs, _streams: Streams) -> Result<Outcome, Failure> {
    let source = Place::from(&args.artifact).read()?;
    let input = Input::read(&source)?;
    let mut shown = Vec::new();
    for document in &input.documents {
        shown.push(Shown::of(&input.source, *document)?);
    }
    let remarks: Vec<String> = input.remarks.iter().map(ToString::to_string).collect();
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
            let all = json!({ "schema_version": "1", "path": source.name(), "artifacts": artifacts, "notes": remarks });
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
}

struct Resource {
    address: String,
    actions: String,
    reason: Option<String>,
    quiet: bool,
}

impl Shown {
    fn of(source: &Source, document: Document) -> Result<Self, Failure> {
        let mut shown = Self { kind: document.kind, facts: Vec::new(), resources: Vec::new() };
        match document.kind {
            Kind::PlanJson => shown.plan(&Plan::read(source, document.text)?)?,
            Kind::Schemas => shown.schemas(&SchemaFile::from_source(source.clone(), document.text)?),
            _ => {}
        }
        Ok(shown)
    }

    fn plan(&mut self, plan: &Plan) -> Result<(), Failure> {
        let header = plan.header();
        let format = header.format_version;
        self.facts.push(("format_version", format!("{}.{}", format.major, format.minor).into()));
        let mut fact = |name, value: Option<Json>| self.facts.extend(value.map(|value| (name, value)));
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

    fn schemas(&mut self, file: &SchemaFile) {
        let providers: BTreeMap<&str, usize> =
            file.providers().map(|provider| (provider, file.types(provider).count())).collect();
        self.facts.push(("resource_types", json!(providers)));
    }

    fn json(&self) -> Json {
        let resources = self.resources.iter().map(|resource| {
            json!({ "address": resource.address, "actions": resource.actions, "action_reason": resource.reason })
        });
        let mut all = serde_json::Map::new();
        all.insert("kind".into(), self.kind.as_str().into());
        all.extend(self.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        all.insert("resources".into(), resources.collect());
        all.into()
    }

    fn human(&self, verbose: bool, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.kind)?;
        for (name, value) in &self.facts {
            writeln!(out, "{:18}{}", name.replace('_', " "), words(value))?;
        }
        for resource in self.resources.iter().filter(|resource| verbose || !resource.quiet) {
            let reason = resource.reason.as_ref().map_or_else(String::new, |reason| format!("  ({reason})"));
            writeln!(out, "{:18}{}{reason}", resource.actions, resource.address)?;
        }
        let hidden = self.resources.iter().filter(|resource| resource.quiet).count();
        if hidden > 0 && !verbose {
            writeln!(out, "{:18}{hidden} resources, shown by -v", "unchanged")?;
        }
        if !matches!(self.kind, Kind::PlanJson | Kind::Schemas) {
            writeln!(out, "{:18}this version looks into plans and schemas only", "contents")?;
        }
        Ok(())
    }
}

impl From<&ResourceChange> for Resource {
    fn from(change: &ResourceChange) -> Self {
        let deposed = change.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {key})"));
        Self {
            address: format!("{}{deposed}", change.address),
            actions: change.action.to_string(),
            reason: change.action_reason.as_ref().map(ToString::to_string),
            quiet: change.action.is_quiet() && !change.importing && change.previous_address.is_none(),
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
        other => other.to_string(),
    };
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text }
}
