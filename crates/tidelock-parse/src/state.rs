//! States: what a tool remembers of the objects it made.
//!
//! Two forms, one model: the raw state of version 4 (`terraform.tfstate`, `state pull`) and state JSON
//! (`show -json`, which is also `prior_state` of a plan). Addresses are read at once; values and dependencies
//! stay where they are in the input and are decoded when somebody asks.

mod dynamic;
mod error;
mod files;
mod json;
mod provider;
mod raw;
mod sameness;
mod sensitive;

use std::{collections::BTreeMap, sync::Arc};

pub use error::StateError;
pub use files::{DEFAULT_WORKSPACE, StateFile, StateRole};
pub use provider::ProviderRef;

use crate::{
    address::{ConfigAddr, ResourceAddr},
    plan::{Check, Plan, PlanError, ResourceChange},
    source::{RawText, Source, is_same_json},
    value::{Mask, Value, ValueError},
};

/// A state. It shares the bytes of its [`Source`] and carries no lifetime.
#[derive(Clone, Debug)]
pub struct State {
    source: Source,
    form: Form,
    header: StateHeader,
    outputs: BTreeMap<String, StateOutput>,
    instances: Vec<StateInstance>,
    checks: Vec<Check>,
}

/// Which of the two forms a state was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `terraform.tfstate`, `state pull`: knows serial, lineage and aliases of providers.
    Raw,
    /// `show -json`, `prior_state`: does not.
    Json,
}

/// The scalars at the top of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateHeader {
    /// Version of the last writer, under this name in OpenTofu, too.
    pub terraform_version: Option<String>,
    /// Counts the changes of a lineage; raw states only.
    pub serial: Option<u64>,
    /// Opaque id that all states of one stack share; raw states only, and may be empty there.
    pub lineage: Option<String>,
}

/// An output of the root module.
#[derive(Clone, Debug)]
pub struct StateOutput {
    /// Whether it is marked sensitive.
    pub sensitive: bool,
    /// Why it should not be used any more; OpenTofu 1.10.
    pub deprecated: Option<String>,
    value: Option<RawText>,
}

impl StateOutput {
    /// Decodes its value. `source` must be the state's own ([`State::source`]).
    ///
    /// # Errors
    /// [`ValueError`] if it is damaged.
    pub fn value(&self, source: &Source) -> Result<Value, ValueError> {
        self.value.map_or(Ok(Value::Null), |raw| Value::decode(source.text(raw)?))
    }
}

/// One object of a state: the current one of an instance, or a deposed one.
#[derive(Clone, Debug)]
pub struct StateInstance {
    /// Which instance. Together with `deposed` it is unique within a raw state.
    pub address: ResourceAddr,
    /// Key of a deposed object: left over from a replacement whose destroy failed.
    pub deposed: Option<Box<str>>,
    /// Whether its creation failed half-way, or somebody tainted it.
    pub tainted: bool,
    /// The provider configuration it belongs to.
    pub provider: Arc<ProviderRef>,
    /// Version of the provider's schema that wrote it; zero for deposed objects of state JSON.
    pub schema_version: u64,
    /// Whether a replacement creates first, for its own sake or a dependent's; raw states only.
    pub create_before_destroy: bool,
    /// `lifecycle { destroy = false }`: it is forgotten instead of destroyed; OpenTofu 1.12, raw states only.
    pub skip_destroy: bool,
    raw: RawInstanceText,
}

#[derive(Clone, Copy, Debug, Default)]
struct RawInstanceText {
    attributes: Option<RawText>,
    /// Values of a state that an old version wrote: all texts, in one flat map.
    flat: Option<RawText>,
    sensitive: Option<RawText>,
    identity: Option<RawText>,
    dependencies: Option<RawText>,
    form: FormOfValues,
}

#[derive(Clone, Copy, Debug, Default)]
enum FormOfValues {
    #[default]
    Plain,
    /// Attributes of dynamic type are wrapped, sensitive ones are listed by path.
    Wrapped,
}

/// The values of an object, with what is marked sensitive.
#[derive(Clone, Debug, Default)]
pub struct StateValues {
    /// The whole object; empty if the state holds none.
    pub value: Value,
    /// What is marked sensitive. The mark may be incomplete in raw states of older writers: they list only what
    /// the configuration marked, not what the schema does.
    pub sensitive: Mask,
}

impl StateInstance {
    /// Decodes the values. `source` must be the state's own ([`State::source`]).
    ///
    /// Values that an upgrade left in the old flat form ([`StateInstance::is_flat`]) come as they are, all texts.
    ///
    /// # Errors
    /// [`StateError::Value`] naming the instance.
    pub fn values(&self, source: &Source) -> Result<StateValues, StateError> {
        self.decode().map_or_else(|| Ok(StateValues::default()), |raw| raw.values(source)).map_err(|cause| {
            StateError::Value {
                input: source.name().to_owned(),
                address: Box::new(self.address.clone()),
                cause,
            }
        })
    }

    fn decode(&self) -> Option<&RawInstanceText> {
        (self.raw.attributes.is_some() || self.raw.flat.is_some()).then_some(&self.raw)
    }

    /// Whether the text stands anywhere in its values, without decoding them. `source` must be the state's own
    /// ([`State::source`]).
    ///
    /// A text that JSON has to escape is found only as it stands there, so "no" is not certain for such a text.
    pub fn mentions(&self, source: &Source, text: &str) -> bool {
        let values = self.raw.attributes.or(self.raw.flat);
        values.and_then(|raw| source.text(raw).ok()).is_some_and(|values| values.contains(text))
    }

    /// Whether its values are the text of those before a change, but for white space: a cheap and common answer to "is it
    /// still the same". "No" is not certain, as there are several ways to write one value. `source` must be the state's
    /// own ([`State::source`]), `plan` that of the change ([`Plan::source`]).
    pub fn is_before(&self, source: &Source, change: &ResourceChange, plan: &Source) -> bool {
        let values = self.raw.attributes.and_then(|raw| source.text(raw).ok());
        values.zip(change.before_text(plan)).is_some_and(|(ours, theirs)| is_same_json(ours, theirs))
    }

    /// Whether its values are the same text as those of another object, in its state.
    #[cfg(feature = "planfile")]
    pub(crate) fn is_same_text(&self, source: &Source, other: &Self, of: &Source) -> bool {
        let text = |raw: Option<RawText>, source| raw.map(|raw| Source::text(source, raw));
        text(self.raw.attributes, source) == text(other.raw.attributes, of) && self.raw.attributes.is_some()
    }

    /// Whether its values are still in the flat form of versions 1 to 3 (`list.#`, `map.%`, all texts).
    pub fn is_flat(&self) -> bool {
        self.raw.attributes.is_none() && self.raw.flat.is_some()
    }

    /// What identifies the real object, in the provider's own terms; OpenTofu 1.12.
    ///
    /// # Errors
    /// [`ValueError`] if it is damaged.
    pub fn identity(&self, source: &Source) -> Result<Option<Value>, ValueError> {
        let identity = self.raw.identity.map(|raw| Value::decode(source.text(raw)?)).transpose()?;
        Ok(identity.filter(|identity| *identity != Value::Null))
    }

    /// The blocks it depends on, transitively, without instance keys; sorted.
    ///
    /// The old list of Terraform 0.12 and before (`depends_on`, relative to the module) is not read.
    ///
    /// # Errors
    /// [`StateError::Dependency`] if one is no address.
    pub fn dependencies(&self, source: &Source) -> Result<Vec<ConfigAddr>, StateError> {
        let Some(range) = self.raw.dependencies else { return Ok(Vec::new()) };
        let broken = || StateError::Dependency {
            input: source.name().to_owned(),
            address: Box::new(self.address.clone()),
        };
        let text = source.text(range).map_err(|_| broken())?;
        let list: Option<Vec<ConfigAddr>> = serde_json::from_str(text).map_err(|_| broken())?;
        let mut list = list.unwrap_or_default();
        list.sort();
        list.dedup();
        Ok(list)
    }
}

impl RawInstanceText {
    fn values(&self, source: &Source) -> Result<StateValues, ValueError> {
        let decode = |raw: Option<RawText>| -> Result<Value, ValueError> {
            raw.map_or(Ok(Value::Null), |raw| Value::decode(source.text(raw)?))
        };
        let value = decode(self.attributes.or(self.flat))?;
        Ok(match self.form {
            FormOfValues::Plain => {
                let mask = self.sensitive.map_or(Ok(Mask::None), |raw| Mask::decode(source.text(raw)?))?;
                StateValues { value, sensitive: mask }
            }
            FormOfValues::Wrapped => {
                let sensitive = sensitive::mask(&decode(self.sensitive)?);
                StateValues { value: dynamic::unwrap(value), sensitive }
            }
        })
    }
}

impl State {
    /// Reads a raw state, version 4, from the text at `range` of `source`.
    ///
    /// # Errors
    /// [`StateError`] if it is no state, of another version, or its skeleton is broken.
    pub fn from_raw(source: &Source, range: RawText) -> Result<Self, StateError> {
        raw::read(source, range)
    }

    /// Reads state JSON (`show -json`) from the text at `range` of `source`.
    ///
    /// # Errors
    /// [`StateError`] if it is no state JSON, of an unknown major version, or its skeleton is broken.
    pub fn from_json(source: &Source, range: RawText) -> Result<Self, StateError> {
        json::read(source, range)
    }

    /// Reads the state that a plan was made from; `None` where the plan holds none.
    ///
    /// It is the state after refresh: what the plan found, not what the state said.
    ///
    /// # Errors
    /// [`PlanError`] if it is broken.
    pub fn prior_of(plan: &Plan) -> Result<Option<Self>, PlanError> {
        plan.prior_state()
    }

    /// The input this state was read from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Which form it had.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The scalars at the top.
    pub fn header(&self) -> &StateHeader {
        &self.header
    }

    /// Outputs of the root module, by name.
    pub fn outputs(&self) -> &BTreeMap<String, StateOutput> {
        &self.outputs
    }

    /// All objects, in the order of the input.
    pub fn instances(&self) -> &[StateInstance] {
        &self.instances
    }

    /// Results of checks when the state was written.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

#[cfg(test)]
mod tests;
