//! The JSON log of a run: `plan -json`, `apply -json`, `destroy -json`, a line per event.
//!
//! It names addresses, actions and reasons, and never a value. What it tells comes while the run goes on, so it may stop
//! anywhere: the tool was killed, the job timed out, the disk was full. A log that stops in the middle is normal input, and
//! nothing here calls one complete: [`Stream::plan`] says what is missing, [`Stream::apply`] what nobody can tell.
//!
//! Terraform since 0.15.3 and OpenTofu write it, with the differences that the variants of [`Producer`] name. Lines that are no
//! messages (wrappers, warnings) are counted and skipped, messages of a kind that is not known are counted by kind.
//!
//! ```
//! use tidelock_parse::stream::{Ending, Reader};
//!
//! let log = concat!(
//!     r#"{"@level":"info","@message":"Terraform 1.11.4","terraform":"1.11.4","type":"version","ui":"1.2"}"#, "\n",
//!     r#"{"@level":"info","@message":"","hook":{"resource":{"addr":"null_resource.a"},"action":"create"},"type":"apply_start"}"#,
//! );
//! let mut reader = Reader::default();
//! reader.push(log.as_bytes());
//! let run = reader.finish().apply().unwrap();
//! assert_eq!(run.ending, Ending::Interrupted);
//! assert_eq!(run.in_doubt[0].address.to_string(), "null_resource.a");
//! ```

mod message;
mod object;
mod reader;
mod run;

use std::{collections::BTreeMap, time::Duration};

pub use self::{
    object::ObjectId,
    reader::Reader,
    run::{ApplyRun, Done, Ending, Failed, InDoubt, NotStarted},
};
use crate::{
    action::{Action, ActionReason, open_words},
    address::{Mode, ResourceAddr},
    source::{RawText, Source},
};

/// The log of one run, folded: its size follows what changed and what was refreshed, not how long it ran.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    header: StreamHeader,
    drift: Vec<PlannedChange>,
    planned: Vec<PlannedChange>,
    summaries: Vec<ChangeSummary>,
    outputs: BTreeMap<String, StreamOutput>,
    diagnostics: Vec<Diagnostic>,
    operations: Vec<Operation>,
    /// What was refreshed, by address as the log spells it.
    refreshed: BTreeMap<Box<str>, Option<ObjectId>>,
    tally: Tally,
    /// Whether anything was done yet.
    applying: bool,
    /// Whether a damaged line stands before anything was done.
    lost_planning: bool,
}

/// Who wrote a log, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamHeader {
    /// Which product.
    pub producer: Option<Producer>,
    /// Its version.
    pub version: Option<String>,
    /// Version of the log's own format, `1.2` so far.
    pub ui: Option<String>,
    /// When the first message was written, RFC 3339 as it stands there.
    pub began: Option<String>,
    /// When the last one was.
    pub ended: Option<String>,
}

/// Which product wrote a log: the first message names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Producer {
    /// Its summaries count no `forget`.
    Terraform,
    /// Writes a replacement that forgets the old object as `noop` with the reason `cannot_update`.
    OpenTofu,
}

impl Producer {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::OpenTofu => "opentofu",
        }
    }
}

open_words! {
    /// What a log calls an action; both orders of a replacement are one word.
    UiAction {
        /// Nothing.
        NoOp = "noop",
        /// A new object.
        Create = "create",
        /// A data source is read.
        Read = "read",
        /// In place.
        Update = "update",
        /// Destroyed and created, in either order.
        Replace = "replace",
        /// Destroyed.
        Delete = "delete",
        /// Nothing but a new address.
        Move = "move",
        /// Nothing but an import.
        Import = "import",
        /// Leaves the state, the object stays alive.
        Remove = "remove",
    }
}

open_words! {
    /// What a summary is about.
    Summarised {
        /// What is going to be done.
        Plan = "plan",
        /// What was done.
        Apply = "apply",
        /// What was destroyed.
        Destroy = "destroy",
    }
}

open_words! {
    /// How bad a diagnostic is.
    DiagnosticSeverity {
        /// The run fails.
        Error = "error",
        /// It goes on.
        Warning = "warning",
    }
}

/// A `planned_change` or `resource_drift`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    /// Which instance. A deposed object has the address of its instance; the log does not tell them apart.
    pub address: ResourceAddr,
    /// Where it was before it was moved.
    pub previous_address: Option<ResourceAddr>,
    /// What is done, or, for drift, what happened outside.
    pub action: UiAction,
    /// Why, in the words of plan JSON.
    pub reason: Option<ActionReason>,
    /// Whether it is imported.
    pub importing: bool,
}

impl PlannedChange {
    /// The action in the words of plan JSON. The log does not tell in which order an object is replaced: this says
    /// destroy-first, which is the worse.
    pub fn action(&self) -> Action {
        match &self.action {
            UiAction::NoOp if self.reason == Some(ActionReason::ReplaceBecauseCannotUpdate) => {
                Action::ForgetThenCreate
            }
            UiAction::NoOp | UiAction::Move | UiAction::Import => Action::NoOp,
            UiAction::Create => Action::Create,
            UiAction::Read => Action::Read,
            UiAction::Update => Action::Update,
            UiAction::Replace => Action::DeleteThenCreate,
            UiAction::Delete => Action::Delete,
            UiAction::Remove => Action::Forget,
            UiAction::Other(word) => Action::Other(vec![word.clone()]),
        }
    }
}

/// A `change_summary`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSummary {
    /// What it is about.
    pub about: Summarised,
    /// Created, replacements included.
    pub add: u64,
    /// Changed in place.
    pub change: u64,
    /// Imported; since Terraform 1.5.
    pub import: u64,
    /// Destroyed, replacements included.
    pub remove: u64,
    /// Forgotten; OpenTofu 1.10.
    pub forget: Option<u64>,
}

/// A root output, without its value, which the log of an apply does hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamOutput {
    /// Whether it is marked sensitive.
    pub sensitive: bool,
    /// What happens to it; only after planning.
    pub action: Option<UiAction>,
}

/// A warning or error, with what is secret by form cut out of its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: DiagnosticSeverity,
    /// One line.
    pub summary: String,
    /// The rest, which may be empty. Providers write into it what they like.
    pub detail: String,
    /// The instance it is about.
    pub address: Option<ResourceAddr>,
    /// File of the configuration, as the tool names it.
    pub file: Option<String>,
    /// Line in the file, one-based.
    pub line: Option<u32>,
    /// When it came.
    pub stage: Stage,
}

/// Which part of a run a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Refreshing and planning.
    Planning,
    /// From the first thing that was done.
    Applying,
}

/// Something that was done to a managed instance, from its start to its end as far as the log goes. A replacement is two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Which instance.
    pub address: ResourceAddr,
    /// What.
    pub action: UiAction,
    /// How far it came.
    pub outcome: Outcome,
    /// The object, where the log names it.
    pub object: Option<ObjectId>,
    /// When it began, RFC 3339 as the log says.
    pub began: Option<String>,
    /// When it was last heard of.
    pub heard: Option<String>,
    /// How long it took, or had taken when it was last heard of.
    pub elapsed: Option<Duration>,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Well.
    Complete,
    /// With an error.
    Errored,
    /// Nobody says.
    Open,
}

/// What of a log is not in the model, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that were understood.
    pub messages: usize,
    /// Lines that are no messages.
    pub other_lines: usize,
    /// Lines that were messages and are damaged: what they said is lost.
    pub damaged: usize,
    /// Messages by kind, of kinds that are not known.
    pub unknown: BTreeMap<String, usize>,
    /// Data sources that were read.
    pub reads: usize,
    /// Whether the last line has no end: the log was cut there.
    pub cut: bool,
}

/// How much of a plan a log holds. None of these says that the plan is whole: only the exit code of the tool does, since
/// errors come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PlanPart {
    /// Its end, and nothing says that anything is missing.
    ToTheEnd,
    /// The log stops before the plan does, or lines of it are lost.
    Incomplete,
    /// None: the log is that of a saved plan being applied, which tells nothing of what refresh found.
    None,
}

impl Stream {
    /// Reads the log of one run at `range` of `source`.
    pub fn read(source: &Source, range: RawText) -> Self {
        let mut reader = Reader::default();
        let bytes = source.bytes();
        let end = range.start().saturating_add(range.len()).min(bytes.len());
        reader.push(bytes.get(range.start()..end).unwrap_or_default());
        reader.finish()
    }

    /// Who wrote it, and when.
    pub fn header(&self) -> &StreamHeader {
        &self.header
    }

    /// What refresh found to differ from the state, sorted by address.
    pub fn drift(&self) -> &[PlannedChange] {
        &self.drift
    }

    /// What the plan does, sorted by address. Instances that stay as they are have no entry; an address may have two, of which
    /// one is about a deposed object.
    pub fn planned(&self) -> &[PlannedChange] {
        &self.planned
    }

    /// The summaries, in their order.
    pub fn summaries(&self) -> &[ChangeSummary] {
        &self.summaries
    }

    /// Root outputs by name, the last word about each.
    pub fn outputs(&self) -> &BTreeMap<String, StreamOutput> {
        &self.outputs
    }

    /// Warnings and errors, in their order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether the run was limited with `-target` or `-exclude`, of which both products warn in the same words.
    pub fn is_targeted(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.summary == "Resource targeting is in effect")
    }

    /// What was done to managed instances, in the order in which it began.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// What the model leaves out.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many instances were refreshed; those that turned out to be gone are among them, data sources are not.
    pub fn refreshed(&self) -> usize {
        self.refreshed.len()
    }

    /// The instances that were refreshed, in the order of their texts; what is no address is left out.
    pub fn refreshed_addresses(&self) -> impl Iterator<Item = ResourceAddr> {
        self.refreshed.keys().filter_map(|text| text.parse().ok())
    }

    /// The object of an instance, as refresh named it.
    pub fn object(&self, address: &ResourceAddr) -> Option<&ObjectId> {
        self.refreshed.get(address.to_string().as_str())?.as_ref()
    }

    /// How much of a plan it holds.
    pub fn plan(&self) -> PlanPart {
        let planned = self.summaries.iter().find(|summary| summary.about == Summarised::Plan);
        match planned {
            None if self.applying => PlanPart::None,
            None => PlanPart::Incomplete,
            // Errors come after the summary.
            Some(_) if self.tally.cut && !self.applying => PlanPart::Incomplete,
            Some(summary) if self.lost_planning || self.misses(summary) => PlanPart::Incomplete,
            Some(_) => PlanPart::ToTheEnd,
        }
    }

    /// Whether planning failed. What the plan says is then less than the truth.
    pub fn plan_errored(&self) -> bool {
        let errors = |d: &Diagnostic| d.severity == DiagnosticSeverity::Error && d.stage == Stage::Planning;
        self.diagnostics.iter().any(errors)
    }

    /// What the apply did; `None` if none began.
    pub fn apply(&self) -> Option<ApplyRun> {
        self.applying.then(|| ApplyRun::of(self))
    }

    /// Whether a summary of the plan counts more than there are lines.
    fn misses(&self, summary: &ChangeSummary) -> bool {
        let managed = || self.planned.iter().filter(|change| change.address.mode == Mode::Managed);
        let count = |matches: fn(&PlannedChange) -> bool| {
            u64::try_from(managed().filter(|change| matches(change)).count()).unwrap_or(u64::MAX)
        };
        summary.add > count(|change| change.action().creates())
            || summary.change > count(|change| change.action == UiAction::Update)
            || summary.remove > count(|change| change.action().destroys())
            || summary.import > count(|change| change.importing)
    }
}

#[cfg(test)]
mod tests;
