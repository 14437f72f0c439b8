//! Plans: in JSON form (`tofu show -json PLANFILE`), format versions 0.1 to 1.x, and, with feature `planfile`, as the saved
//! files themselves.
//!
//! The skeleton (addresses, actions, reasons) is read at once; values stay where they are in the input and are
//! decoded when somebody asks, because in a plan that hurts 99 % of them never matter.

mod configuration;
mod error;
mod raw;
mod recorded;
mod sameness;
#[cfg(feature = "planfile")]
pub(crate) mod saved;
mod told;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

pub use configuration::{
    Mention, PlanConfiguration, PlanExpressions, PlanModule, PlanModuleCall, PlanProvider, PlanResource,
    PlanVariable, Simple,
};
pub use error::PlanError;
pub use recorded::{PlanningMode, Product, Recorded};
#[cfg(feature = "planfile")]
pub use saved::{PlanFileError, SnapshotTree};

use crate::{
    action::{Action, ActionReason, open_words},
    address::ResourceAddr,
    config::{Configuration, SourceTree},
    object::Entries,
    path::{AttrPath, Step},
    schema::SchemaFile,
    source::{RawText, Source},
    state::State,
    stream::Stream,
    value::{Mask, Value, ValueError},
};

/// A plan: what was found, what is wanted.
///
/// It shares the bytes of its [`Source`] and carries no lifetime.
#[derive(Clone, Debug)]
pub struct Plan {
    source: Source,
    header: Header,
    changes: Option<Vec<ResourceChange>>,
    drift: Vec<ResourceChange>,
    deferred: Vec<Deferred>,
    sections: Sections,
    /// Where the plan was read from the log of a run.
    stream: Option<Arc<Stream>>,
    recorded: Option<Recorded>,
}

/// The scalars at the top of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `format_version`, such as `1.2`.
    pub format_version: FormatVersion,
    /// Version of the producer, under this name in OpenTofu, too.
    pub terraform_version: Option<String>,
    /// When the plan was made, RFC 3339, UTC; since format 1.2.
    pub timestamp: Option<String>,
    /// Terraform 1.8 and later: whether there is something to apply.
    pub applyable: Option<bool>,
    /// Terraform 1.8 and later: whether the plan covers everything. OpenTofu never says.
    pub complete: Option<bool>,
    /// Whether planning failed half-way.
    pub errored: bool,
}

/// What is decoded on demand.
#[derive(Clone, Debug)]
enum Sections {
    /// Ranges of plan JSON.
    Json(JsonSections),
    /// The saved plan.
    #[cfg(feature = "planfile")]
    Saved(std::sync::Arc<saved::Saved>),
}

/// Sections of plan JSON.
#[derive(Clone, Copy, Debug, Default)]
struct JsonSections {
    variables: Option<RawText>,
    output_changes: Option<RawText>,
    prior_state: Option<RawText>,
    configuration: Option<RawText>,
    checks: Option<RawText>,
}

/// `MAJOR.MINOR` of an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormatVersion {
    /// Majors 0 and 1 have compatible shapes; others are refused.
    pub major: u32,
    /// Unknown minors are accepted.
    pub minor: u32,
}

impl FormatVersion {
    /// Reads `"1.2"`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// Whether this version of tidelock reads it.
    pub const fn is_supported(self) -> bool {
        self.major <= 1
    }

    /// Reads a version that is understood; otherwise returns what may be shown of the text, which may be anything:
    /// digits and dots.
    pub(crate) fn supported(text: &str) -> Result<Self, String> {
        Self::parse(text).filter(|version| version.is_supported()).ok_or_else(|| {
            let shown: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(20).collect();
            if shown.is_empty() { "(no number)".to_owned() } else { shown }
        })
    }

    /// What of the version of an object is not understood, if that is why the object could not be read: an unknown
    /// version counts before an unknown shape, which it explains.
    pub(crate) fn unsupported_in(text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Version<'a> {
            #[serde(borrow)]
            format_version: Cow<'a, str>,
        }
        let found: Version<'_> = serde_json::from_str(text).ok()?;
        Self::supported(&found.format_version).err()
    }
}

impl std::fmt::Display for FormatVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// One element of `resource_changes` or `resource_drift`. Its values are read with [`ResourceChange::values`].
#[derive(Clone, Debug)]
pub struct ResourceChange {
    /// Which instance. Together with `deposed` it is unique within a list.
    pub address: ResourceAddr,
    /// Where it was before it was moved.
    pub previous_address: Option<ResourceAddr>,
    /// Key of a deposed object.
    pub deposed: Option<Box<str>>,
    /// Source address of the provider; a bare type name in Terraform 0.12.
    pub provider: Box<str>,
    /// What happens to it. In `resource_drift`: what happened outside.
    pub action: Action,
    /// Why.
    pub action_reason: Option<ActionReason>,
    /// Attributes that force a replacement; empty for taint, request and triggers.
    pub replace_paths: Vec<AttrPath>,
    /// Whether it is being imported; says nothing about `action`.
    pub importing: bool,
    raw: RawValues,
}

/// The values of a change, where they stand.
#[derive(Clone, Debug)]
enum RawValues {
    Json(RawChangeText),
    #[cfg(feature = "planfile")]
    Saved(saved::SavedChange),
}

#[derive(Clone, Copy, Debug, Default)]
struct RawChangeText {
    before: Option<RawText>,
    after: Option<RawText>,
    after_unknown: Option<RawText>,
    before_sensitive: Option<RawText>,
    after_sensitive: Option<RawText>,
}

/// The two values of a change, decoded, with their masks.
#[derive(Clone, Debug, Default)]
pub struct ChangeValues {
    /// Value before; `None` if there is no object.
    pub before: Option<Value>,
    /// Value after, unknown parts marked; `None` if there is no object.
    pub after: Option<Value>,
    /// What is sensitive in `before`.
    pub before_sensitive: Mask,
    /// What is sensitive in `after`.
    pub after_sensitive: Mask,
}

impl ResourceChange {
    /// Decodes the values. `source` must be the plan's own ([`Plan::source`]).
    ///
    /// # Errors
    /// [`PlanError::Value`] naming the instance.
    pub fn values(&self, source: &Source) -> Result<ChangeValues, PlanError> {
        let values = match &self.raw {
            RawValues::Json(raw) => raw.decode(source),
            #[cfg(feature = "planfile")]
            RawValues::Saved(raw) => raw.decode(self.subject()),
        };
        values.map_err(|cause| self.broken(source, cause))
    }

    /// Decodes these top-level arguments alone, as they are after the change; what is not there is left out. `source`
    /// must be the plan's own ([`Plan::source`]).
    ///
    /// A fraction of the cost of [`ResourceChange::values`], for questions about a name of many instances.
    ///
    /// # Errors
    /// As [`ResourceChange::values`].
    pub fn arguments_after(&self, source: &Source, names: &[&str]) -> Result<Value, PlanError> {
        let values = match &self.raw {
            RawValues::Json(raw) => raw.arguments_after(source, names),
            #[cfg(feature = "planfile")]
            RawValues::Saved(raw) => raw.arguments_after(self.subject(), names).map(Value::Object),
        };
        values.map_err(|cause| self.broken(source, cause))
    }

    #[cfg(feature = "planfile")]
    fn subject(&self) -> saved::Subject<'_> {
        saved::Subject { address: &self.address, provider: &self.provider }
    }

    fn broken(&self, source: &Source, cause: ValueError) -> PlanError {
        PlanError::Value { input: source.name().to_owned(), address: Box::new(self.address.clone()), cause }
    }

    /// The text of the value before, if there is one in the plan.
    pub(crate) fn before_text<'s>(&self, source: &'s Source) -> Option<&'s str> {
        match &self.raw {
            RawValues::Json(raw) => raw.before.and_then(|raw| source.text(raw).ok()),
            #[cfg(feature = "planfile")]
            RawValues::Saved(_) => None,
        }
    }

    /// Whether the values before and after are the same text, a cheap and common answer to "did it change".
    pub fn same_text(&self, source: &Source) -> bool {
        let text = |raw: Option<RawText>| raw.and_then(|raw| source.text(raw).ok());
        match &self.raw {
            RawValues::Json(raw) => raw.before.is_some() && text(raw.before) == text(raw.after),
            #[cfg(feature = "planfile")]
            RawValues::Saved(raw) => raw.is_same(),
        }
    }
}

impl RawChangeText {
    fn arguments_after(&self, source: &Source, names: &[&str]) -> Result<Value, ValueError> {
        let part = |raw: Option<RawText>| match raw {
            Some(raw) => picked(source.text(raw)?, names),
            None => Ok(BTreeMap::new()),
        };
        let mut fields: BTreeMap<Box<str>, Value> = BTreeMap::new();
        for (name, text) in part(self.after)? {
            fields.insert(name.into(), Value::decode(text)?);
        }
        for (name, text) in part(self.after_unknown)? {
            let mask = Mask::decode(text)?;
            if mask.any() {
                let value = fields.remove(name).unwrap_or_default().with_unknown(&mask);
                fields.insert(name.into(), value);
            }
        }
        Ok(Value::Object(fields))
    }

    fn decode(&self, source: &Source) -> Result<ChangeValues, ValueError> {
        let value = |raw: Option<RawText>| -> Result<Option<Value>, ValueError> {
            let decoded = raw.map(|raw| Value::decode(source.text(raw)?)).transpose()?;
            Ok(decoded.filter(|value| *value != Value::Null))
        };
        let mask = |raw: Option<RawText>| raw.map_or(Ok(Mask::None), |raw| Mask::decode(source.text(raw)?));
        let unknown = mask(self.after_unknown)?;
        let after = match value(self.after)? {
            None if !unknown.any() => None,
            after => Some(after.unwrap_or_default().with_unknown(&unknown)),
        };
        Ok(ChangeValues {
            before: value(self.before)?,
            after,
            before_sensitive: mask(self.before_sensitive)?,
            after_sensitive: mask(self.after_sensitive)?,
        })
    }
}

/// The texts of the fields of an object that have one of these names; none if `text` is no object.
fn picked<'t, 'n>(text: &'t str, names: &[&'n str]) -> Result<BTreeMap<&'n str, &'t str>, ValueError> {
    #[derive(Deserialize)]
    struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

    if !text.trim_start().starts_with('{') {
        return Ok(BTreeMap::new());
    }
    let fields: Entries<Key<'t>, &'t RawValue> =
        serde_json::from_str(text).map_err(|error| ValueError::from_json(&error))?;
    let wanted =
        |(key, raw): (Key<'t>, &'t RawValue)| Some((*names.iter().find(|name| **name == key.0)?, raw.get()));
    fields.filter_map(wanted).into_map(|a, b| a == b).ok_or(ValueError::DuplicateKey)
}

/// A change that Terraform put off; experimental there, never seen in practice.
#[derive(Clone, Debug)]
pub struct Deferred {
    /// Why, in the producer's words.
    pub reason: String,
    /// What would be done.
    pub change: ResourceChange,
}

/// A root output that changes.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// What happens.
    pub action: Action,
    /// Values and masks.
    pub values: ChangeValues,
}

open_words! {
    /// Result of a check.
    CheckStatus {
        /// Holds.
        Pass = "pass",
        /// Does not hold.
        Fail = "fail",
        /// Could not be evaluated.
        Error = "error",
        /// Not known before apply.
        Unknown = "unknown",
    }
}

/// One entry of `checks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is checked, for display.
    pub name: String,
    /// Result over all instances.
    pub status: CheckStatus,
}

impl Plan {
    /// Reads a plan from the text at `range` of `source`.
    ///
    /// # Errors
    /// [`PlanError`] if it is no plan, of an unknown major version, or its skeleton is broken.
    pub fn read(source: &Source, range: RawText) -> Result<Self, PlanError> {
        raw::read(source, range)
    }

    /// Reads the only JSON value of `source` as a plan.
    ///
    /// # Errors
    /// As [`Plan::read`].
    pub fn from_source(source: &Source) -> Result<Self, PlanError> {
        let text = std::str::from_utf8(source.bytes()).map_err(|_| PlanError::not_utf8(source))?;
        Self::read(source, source.range_of(text.trim()))
    }

    /// What the log of a run tells of its plan: addresses, actions and reasons, no value of anything. Instances that stay as
    /// they are have no entry.
    ///
    /// # Errors
    /// [`PlanError::Contradiction`] if the log says two different things about one instance.
    pub fn from_stream(source: &Source, stream: Arc<Stream>) -> Result<Self, PlanError> {
        told::read(source, stream)
    }

    /// The log that this plan was read from; `None` where it has values.
    pub fn stream(&self) -> Option<&Stream> {
        self.stream.as_deref()
    }

    /// Reads a saved plan file.
    ///
    /// # Errors
    /// [`PlanError::File`] if it cannot be unpacked, is no saved plan, or one of an unknown version.
    #[cfg(feature = "planfile")]
    pub fn from_saved(source: &Source) -> Result<Self, PlanError> {
        saved::read(source)
    }

    /// What a saved plan records beyond plan JSON; `None` for plan JSON.
    pub fn recorded(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }

    /// The sources that a saved plan holds; `None` for plan JSON, and where there are none in it.
    pub fn sources(&self) -> Option<&dyn SourceTree> {
        match &self.sections {
            Sections::Json(_) => None,
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => Some(&saved.sources as &dyn SourceTree).filter(|_| saved.has_sources()),
        }
    }

    /// The sources that a saved plan holds, parsed once; `None` for plan JSON, and where there are none in it.
    ///
    /// # Errors
    /// [`PlanError::Section`] if the values of its variables are broken.
    pub fn own_configuration(&self) -> Result<Option<&Configuration>, PlanError> {
        match &self.sections {
            Sections::Json(_) => Ok(None),
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) if saved.has_sources() => {
                saved.configuration().map(Some).map_err(|cause| self.broken("variables", cause))
            }
            #[cfg(feature = "planfile")]
            Sections::Saved(_) => Ok(None),
        }
    }

    /// The schemas that a saved plan holds; `OpenTofu` 1.13.
    pub fn schemas(&self) -> Option<&SchemaFile> {
        match &self.sections {
            Sections::Json(_) => None,
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => saved.schemas(),
        }
    }

    /// The input this plan was read from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The scalars at the top.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the plan does, no-ops included; empty where the key is absent (refresh-only).
    pub fn changes(&self) -> &[ResourceChange] {
        self.changes.as_deref().unwrap_or_default()
    }

    /// Whether there is a `resource_changes` key at all.
    pub fn has_changes(&self) -> bool {
        self.changes.is_some()
    }

    /// What refresh found to differ from the state.
    pub fn drift(&self) -> &[ResourceChange] {
        &self.drift
    }

    /// Changes that were put off.
    pub fn deferred(&self) -> &[Deferred] {
        &self.deferred
    }

    /// The state that the plan was made from, after refresh; see [`State::prior_of`].
    pub(crate) fn prior_state(&self) -> Result<Option<State>, PlanError> {
        match &self.sections {
            Sections::Json(json) => {
                Ok(json.prior_state.map(|range| State::from_json(&self.source, range)).transpose()?)
            }
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => saved.prior_state(),
        }
    }

    /// Values of root variables: as given, plus defaults; not redacted.
    ///
    /// # Errors
    /// [`PlanError::Section`] if the section is broken.
    pub fn variables(&self) -> Result<BTreeMap<String, Value>, PlanError> {
        let json = match &self.sections {
            Sections::Json(json) => json,
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => {
                return saved.all_variables().map_err(|cause| self.broken("variables", cause));
            }
        };
        let Some(Value::Object(fields)) = self.section("variables", json.variables)? else {
            return Ok(BTreeMap::new());
        };
        let step = Step::attr("value");
        Ok(fields
            .into_iter()
            .map(|(name, entry)| (name.into(), entry.step(&step).cloned().unwrap_or_default()))
            .collect())
    }

    /// Changes of root outputs, sorted by name.
    ///
    /// # Errors
    /// [`PlanError::Section`] if the section is broken.
    pub fn outputs(&self) -> Result<Vec<OutputChange>, PlanError> {
        let outputs = match &self.sections {
            Sections::Json(JsonSections { output_changes: None, .. }) => return Ok(Vec::new()),
            Sections::Json(JsonSections { output_changes: Some(range), .. }) => {
                raw::outputs(&self.source, *range)
            }
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => saved.outputs(),
        };
        outputs.map_err(|cause| self.broken("output_changes", cause))
    }

    /// Results of checks, in the order of the plan.
    ///
    /// # Errors
    /// [`PlanError::Section`] if the section is broken.
    pub fn checks(&self) -> Result<Vec<Check>, PlanError> {
        let json = match &self.sections {
            Sections::Json(json) => json,
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => return Ok(saved.checks.clone()),
        };
        let value = self.section("checks", json.checks)?;
        let list = value.as_ref().and_then(Value::as_list).unwrap_or_default();
        let text = |check: &Value, path: &[&str]| {
            let path: AttrPath = path.iter().map(|name| Step::attr(name)).collect();
            check.get(&path).and_then(Value::as_str).map(ToOwned::to_owned)
        };
        Ok(list
            .iter()
            .map(|check| Check {
                name: text(check, &["address", "to_display"]).unwrap_or_default(),
                status: text(check, &["status"]).map_or(CheckStatus::Unknown, CheckStatus::from),
            })
            .collect())
    }

    /// What the plan tells of the configuration: which arguments are set, and what they refer to.
    ///
    /// # Errors
    /// [`PlanError::Section`] if the section is broken.
    pub fn configuration(&self) -> Result<PlanConfiguration, PlanError> {
        let range = match &self.sections {
            Sections::Json(json) => json.configuration,
            #[cfg(feature = "planfile")]
            Sections::Saved(saved) => {
                return saved.form().cloned().map_err(|cause| self.broken("variables", cause));
            }
        };
        let Some(range) = range else { return Ok(PlanConfiguration::default()) };
        PlanConfiguration::read(&self.source, range).map_err(|cause| self.broken("configuration", cause))
    }

    fn section(&self, name: &'static str, range: Option<RawText>) -> Result<Option<Value>, PlanError> {
        let decode = |range| Value::decode(self.source.text(range)?);
        range.map(decode).transpose().map_err(|cause| self.broken(name, cause))
    }

    fn broken(&self, section: &'static str, cause: ValueError) -> PlanError {
        PlanError::Section { input: self.source.name().to_owned(), section, cause }
    }
}

/// A text that may be null or missing.
fn optional_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<str>>, D::Error> {
    Option::<Box<str>>::deserialize(deserializer)
}
