//! Saved plan files (`tofu plan -out=PLANFILE`) of Terraform 1.1 and later, and of OpenTofu.
//!
//! A zip with the plan (protobuf), the values in it (msgpack), the state after and before refresh, and the sources. It
//! becomes the same [`Plan`](super::Plan) as plan JSON. Members are unpacked and values decoded when somebody asks.

mod archive;
mod change;
mod error;
mod guide;
mod message;
mod msgpack;
mod paths;
mod read;
mod recovered;
mod schemas;
mod tree;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

pub use error::PlanFileError;
pub use tree::SnapshotTree;

pub(super) use change::{SavedChange, Subject};
pub(super) use read::read;
pub(crate) use schemas::SavedSchema;

use self::archive::Archive;
use super::{Check, PlanConfiguration, PlanError};
use crate::{
    address::{ConfigModulePath, ResourceAddr},
    config::{Configuration, SourceTree as _},
    schema::{SchemaFile, Schemas},
    source::{RawText, Source},
    state::{State, StateError},
    value::{Value, ValueError},
};

/// Most JSON objects of a state.
const MAX_OBJECTS: usize = 2_000_000;

/// What the plan and all its changes share: the file itself, and what was unpacked of it so far.
pub(super) struct Saved {
    archive: Arc<Archive>,
    /// Action 9 means another thing in each product.
    open_is_nine: bool,
    variables: Vec<(String, message::DynamicValue)>,
    outputs: Vec<message::OutputChange>,
    pub(super) checks: Vec<Check>,
    /// The schemas in the file, and those that are built in.
    schemas: Schemas,
    given: Option<SchemaFile>,
    pub(super) sources: SnapshotTree,
    state: OnceLock<Result<Source, PlanFileError>>,
    examples: OnceLock<Option<State>>,
    configuration: OnceLock<Configuration>,
    form: OnceLock<PlanConfiguration>,
}

impl fmt::Debug for Saved {
    /// What is in the file may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Saved").field(&self.archive).finish()
    }
}

impl Saved {
    /// The state that the plan was made from, after refresh; `None` if there is nothing in it.
    pub(super) fn prior_state(&self) -> Result<Option<State>, PlanError> {
        let state = self.state_after()?;
        Ok(Some(state).filter(|state| !state.instances().is_empty() || !state.outputs().is_empty()))
    }

    fn state_after(&self) -> Result<State, PlanError> {
        let source =
            self.state.get_or_init(|| self.state_at(archive::STATE)).as_ref().map_err(Clone::clone)?;
        self.parsed(archive::STATE, source)
    }

    /// The state as it was stored, upgraded by the providers, with moves applied.
    fn state_before(&self) -> Result<State, PlanError> {
        self.parsed(archive::STATE_BEFORE, &self.state_at(archive::STATE_BEFORE)?)
    }

    /// What is wrong with a state in a plan is wrong with the plan: a state cannot be put in.
    fn parsed(&self, member: &str, source: &Source) -> Result<State, PlanError> {
        State::from_raw(source, RawText::whole(source)).map_err(|error| {
            let newer = matches!(error, StateError::Version { .. });
            let error = if newer { self.archive.shape(member) } else { self.archive.damaged(member) };
            error.into()
        })
    }

    /// The sources in the file, parsed when they are first needed: that takes longer than all the rest.
    pub(super) fn configuration(&self) -> Result<&Configuration, ValueError> {
        if let Some(configuration) = self.configuration.get() {
            return Ok(configuration);
        }
        // A variable that was given no value has its default, which the sources tell.
        let variables = self.variables()?.into_iter().collect();
        Ok(self.configuration.get_or_init(|| Configuration::load(&self.sources, &variables)))
    }

    /// Whether there is a file of the root module.
    pub(super) fn has_sources(&self) -> bool {
        !self.sources.list("").is_empty()
    }

    /// What plan JSON would tell of them.
    pub(super) fn form(&self) -> Result<&PlanConfiguration, ValueError> {
        let configuration = self.configuration()?;
        Ok(self.form.get_or_init(|| PlanConfiguration::from_sources(configuration, &self.schemas)))
    }

    /// Values of the root variables, defaults included.
    pub(super) fn all_variables(&self) -> Result<BTreeMap<String, Value>, ValueError> {
        let mut variables: BTreeMap<String, Value> = self.variables()?.into_iter().collect();
        if let Some(root) = self.form()?.module(&ConfigModulePath::root()) {
            for (name, variable) in &root.variables {
                if !variables.contains_key(name)
                    && let Some(default) = variable.default()
                {
                    variables.insert(name.clone(), default);
                }
            }
        }
        Ok(variables)
    }

    /// The schemas in the file.
    pub(super) fn schemas(&self) -> Option<&SchemaFile> {
        self.given.as_ref()
    }

    /// A state, unless it consists of more objects than anybody manages: in a file of kilobytes there may be millions.
    fn state_at(&self, member: &str) -> Result<Source, PlanFileError> {
        let bytes = self.archive.read(member)?;
        let objects = bytes.iter().fold(0, |found, byte| found + usize::from(*byte == b'{'));
        if objects > MAX_OBJECTS {
            return Err(self.archive.shape(member));
        }
        Ok(Source::new(&format!("{} ({member})", self.archive.name()), bytes))
    }

    /// The instance as the state has it, or another one of its type: there, numbers look like numbers.
    fn example(&self, address: &ResourceAddr) -> Option<Value> {
        let state = self.examples.get_or_init(|| self.prior_state().ok().flatten()).as_ref()?;
        let alike = |other: &ResourceAddr| other.mode == address.mode && other.type_name == address.type_name;
        let mut instances = state.instances().iter();
        let own = instances.clone().find(|instance| instance.address == *address);
        let example = own.or_else(|| instances.find(|instance| alike(&instance.address)))?;
        example.values(state.source()).ok().map(|values| values.value)
    }
}
