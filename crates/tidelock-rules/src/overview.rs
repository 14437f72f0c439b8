//! What an artifact is and what is in it, counted: for a first look, and for programs that need no more.
//!
//! Nothing of a value is in it but those of outputs, redacted.

mod count;
mod outputs;

use std::collections::BTreeMap;

use serde::Serialize;
use tidelock_parse::{
    Action, Configuration, Kind, Mode, Plan, PlanError, ResourceAddr, Shown, State,
    plan::Check,
    state::{Form, StateError},
};

use self::count::Counter;
use crate::{
    catalogue::{Catalogue, Holds},
    instance,
    report::{PlanMode, written},
};

/// What is in a plan or a state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// `plan_json`, `state` and the like.
    pub kind: &'static str,
    /// `format_version` of a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format_version: Option<String>,
    /// `terraform` or `opentofu`, where that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// Version of the producer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer_version: Option<String>,
    /// When a plan was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Planning mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<PlanMode>,
    /// Whether a plan covers everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// True for a plan that failed half-way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errored: Option<bool>,
    /// Lineage of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// Serial of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// Type of the backend; never its settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Workspace that a plan was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What a plan was limited to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// What a plan left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
    /// What a plan was told to replace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub force_replace: Vec<String>,
    /// Counts.
    pub counts: Counts,
    /// Instances that refresh found to differ, in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<usize>,
    /// Changes that were put off, in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred: Option<usize>,
    /// Instances by action, in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<BTreeMap<String, usize>>,
    /// Instances by resource type.
    pub types: BTreeMap<String, usize>,
    /// What is known about each type, sorted by name.
    pub by_type: Vec<TypeCount>,
    /// Instances by provider.
    pub providers: BTreeMap<String, usize>,
    /// The modules, in preorder; the root first.
    pub modules: Vec<ModuleCount>,
    /// Instances by what is lost with them, where that is something.
    pub holds: BTreeMap<Holds, usize>,
    /// What is stateful: it holds data, keys or identity, or is a machine. Sorted by address.
    pub stateful: Vec<Held>,
    /// Blocks that say `prevent_destroy`, by instance; absent where no sources tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<Vec<ResourceAddr>>,
    /// Results of checks, sorted by name.
    pub checks: Vec<CheckResult>,
    /// Outputs of the root module, sorted by name; redacted.
    pub outputs: Vec<OutputValue>,
    /// Instances, in the order of the artifact.
    pub resources: Vec<Listed>,
}

/// Counts over an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Managed instances, deposed objects left out.
    pub managed: usize,
    /// Data sources.
    pub data: usize,
    /// Deposed objects.
    pub deposed: usize,
    /// Tainted instances.
    pub tainted: usize,
    /// Instances that a plan moves.
    pub moved: usize,
    /// Instances that a plan imports.
    pub imported: usize,
}

/// The instances of one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TypeCount {
    /// Resource type; data sources as `data.TYPE`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// How many.
    pub count: usize,
    /// What is lost with one of them; null for data sources.
    pub holds: Option<Holds>,
    /// Whether that is a guess from the name.
    pub assumed: bool,
    /// Instances by action, in a plan, those that do nothing left out.
    pub actions: BTreeMap<String, usize>,
}

/// One module instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleCount {
    /// Address, such as `module.net["eu"]`; empty for the root.
    pub module: String,
    /// How deep it is; the root is 0.
    pub depth: usize,
    /// Instances in it, data sources included.
    pub own: usize,
    /// Instances in it and in all modules below.
    pub total: usize,
    /// Instances of it and of all modules below by action, in a plan, those that do nothing left out.
    pub actions: BTreeMap<String, usize>,
}

/// An instance that holds something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Held {
    /// Which.
    pub address: ResourceAddr,
    /// What is lost with it.
    pub holds: Holds,
    /// Whether that is a guess from the name of the type.
    pub assumed: bool,
    /// What a plan does to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Action>,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CheckResult {
    /// What is checked.
    pub name: String,
    /// `pass`, `fail`, `error`, `unknown`.
    pub status: String,
}

impl From<&Check> for CheckResult {
    fn from(check: &Check) -> Self {
        Self { name: check.name.clone(), status: check.status.to_string() }
    }
}

/// An output of the root module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputValue {
    /// Its name.
    pub name: String,
    /// What a plan does to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Action>,
    /// Whether it is marked sensitive.
    pub sensitive: bool,
    /// Its value; of a plan, the one it leads to.
    pub value: Shown,
}

/// One instance or deposed object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Where it is.
    pub address: ResourceAddr,
    /// Key of a deposed object.
    pub deposed: Option<String>,
    /// What a plan does to it; empty in a state.
    pub actions: Vec<String>,
    /// Why, or what is special about it.
    pub reason: Option<String>,
    /// Where it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<ResourceAddr>,
}

/// How many of the instances are listed; all are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    /// Those that a plan does something with, the first ones of a state, and the first stateful ones: small, however big
    /// the artifact.
    #[default]
    Changing,
    /// All of them.
    All,
}

/// What cannot be told, because a part of the artifact is broken.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum OverviewError {
    /// A part of a plan.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// A part of a state.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
}

impl Overview {
    /// What is in a plan. `sources` tell what is protected.
    ///
    /// # Errors
    /// [`OverviewError`] if a section is broken.
    pub fn of_plan(
        plan: &Plan,
        sources: Option<&Configuration>,
        catalogue: &Catalogue,
        listing: Listing,
    ) -> Result<Self, OverviewError> {
        let header = plan.header();
        let prior = State::prior_of(plan)?;
        let mut counter = Counter::new(catalogue, sources, listing);
        for change in plan.changes() {
            counter.change(change);
        }
        let held = prior.as_ref().is_some_and(|state| {
            state.instances().iter().any(|instance| instance.address.mode == Mode::Managed)
        });
        // A refresh-only plan lists no instances; they stand in the state inside it.
        if let (false, Some(state)) = (plan.has_changes(), &prior) {
            state.instances().iter().for_each(|instance| counter.instance(instance));
        }
        let recorded = plan.recorded();
        let kind = if recorded.is_some() { Kind::SavedPlan } else { Kind::PlanJson };
        let mut overview = counter.finish(kind.as_str());
        if let Some(recorded) = recorded {
            overview.producer = recorded.product.map(|product| product.as_str().to_owned());
            (overview.lineage, overview.serial) = written(recorded.lineage.as_deref(), recorded.serial);
            overview.backend.clone_from(&recorded.backend);
            overview.workspace.clone_from(&recorded.workspace);
            overview.targets.clone_from(&recorded.targets);
            overview.excludes.clone_from(&recorded.excludes);
            overview.force_replace.clone_from(&recorded.force_replace);
        }
        overview.format_version = Some(header.format_version.to_string());
        overview.producer_version.clone_from(&header.terraform_version);
        overview.timestamp.clone_from(&header.timestamp);
        overview.mode = Some(instance::mode(plan, held));
        overview.complete = header.complete;
        overview.errored = header.errored.then_some(true);
        overview.drift = Some(plan.drift().len());
        overview.deferred = Some(plan.deferred().len()).filter(|count| *count > 0);
        overview.actions.get_or_insert_default();
        overview.checks = checks(&plan.checks()?);
        overview.outputs = outputs::of_plan(plan)?;
        Ok(overview)
    }

    /// What is in a state. `sources` tell what is protected.
    ///
    /// # Errors
    /// [`OverviewError`] if an output is broken.
    pub fn of_state(
        state: &State,
        sources: Option<&Configuration>,
        catalogue: &Catalogue,
        listing: Listing,
    ) -> Result<Self, OverviewError> {
        let mut counter = Counter::new(catalogue, sources, listing);
        state.instances().iter().for_each(|instance| counter.instance(instance));
        let kind = if state.form() == Form::Raw { Kind::State } else { Kind::StateJson };
        let header = state.header();
        let mut overview = counter.finish(kind.as_str());
        overview.producer_version.clone_from(&header.terraform_version);
        (overview.lineage, overview.serial) = written(header.lineage.as_deref(), header.serial);
        overview.checks = checks(state.checks());
        overview.outputs = outputs::of_state(state)?;
        Ok(overview)
    }
}

fn checks(checks: &[Check]) -> Vec<CheckResult> {
    let mut results: Vec<CheckResult> = checks.iter().map(CheckResult::from).collect();
    results.sort();
    results
}
