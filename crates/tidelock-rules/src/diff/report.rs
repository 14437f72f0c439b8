//! The answer of a comparison, final and redacted: the JSON contract `diff-1`.

use serde::Serialize;
use tidelock_parse::{Action, AttrPath, KnownSecrets, ResourceAddr, Shown};

pub use crate::report::UnknownWord as UnknownDiffWord;
use crate::{
    catalogue::Holds,
    divergence::is_hidden,
    report::{ElementChanges, Identity, Normaliser, Note, PlanMode, Tool, words::words},
};

words! {
    /// The one-word answer of a comparison.
    DiffVerdict {
        /// Nothing differs.
        Same = "same",
        /// Only the form of values differs, or what does not matter.
        Cosmetic = "cosmetic",
        /// Something differs that matters.
        Different = "different",
    }
}

impl DiffVerdict {
    /// The exit code of the process: 0 or 2.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Same | Self::Cosmetic => 0,
            Self::Different => 2,
        }
    }
}

words! {
    /// What was held against what.
    Compared {
        /// Two states; each path has one value.
        States = "states",
        /// Two plans: what they do, and recorded, found and wanted values.
        Plans = "plans",
        /// A state and one side of a plan.
        StateAndPlan = "state_and_plan",
    }
}

words! {
    /// Which side of a plan stands for it.
    PlanSide {
        /// What it leads to: the state that an apply leaves behind.
        After = "after",
        /// What it starts from: the state as refresh found it.
        Before = "before",
    }
}

words! {
    /// What a side of a comparison is.
    SideKind {
        /// A plan.
        Plan = "plan",
        /// A raw state.
        State = "state",
        /// A state in JSON form.
        StateJson = "state_json",
        /// No state: an empty input.
        NoState = "no_state",
    }
}

words! {
    /// Which of its values is meant, of the three that a plan has for every path.
    Aspect {
        /// The one value that a state has.
        Value = "value",
        /// What the state said when the plan was made.
        Recorded = "recorded",
        /// What refresh found.
        Found = "found",
        /// What the plan wants.
        Planned = "planned",
    }
}

words! {
    /// What became of an instance between two artifacts.
    Change {
        /// Only the form of values differs.
        Cosmetic = "cosmetic",
        /// It stands in both and differs.
        Changed = "changed",
        /// It stands under another address.
        Moved = "moved",
        /// Only the second has it.
        Added = "added",
        /// Only the first has it.
        Removed = "removed",
    }
}

words! {
    /// What tells that two addresses are the same object.
    MoveEvidence {
        /// A plan says where it was before.
        PreviousAddress = "previous_address",
        /// Type and id are the same, and no other object has them.
        Identity = "identity",
    }
}

words! {
    /// Something about an instance that is none of its values.
    Fact {
        /// What a plan does to it.
        Action = "action",
        /// Why.
        ActionReason = "action_reason",
        /// Which attributes force its replacement.
        ReplacePaths = "replace_paths",
        /// Whether it is imported.
        Importing = "importing",
        /// Whether it is tainted.
        Tainted = "tainted",
        /// The source address of its provider.
        Provider = "provider",
        /// The version of the provider's schema.
        SchemaVersion = "schema_version",
        /// Whether a replacement creates first.
        CreateBeforeDestroy = "create_before_destroy",
        /// Whether it is forgotten in place of being destroyed.
        SkipDestroy = "skip_destroy",
    }
}

impl Fact {
    /// Whether a difference in it counts: how a provider stores values does not.
    pub const fn matters(self) -> bool {
        !matches!(self, Self::SchemaVersion)
    }
}

words! {
    /// Which of two sides has something.
    Presence {
        /// Only the first.
        FromOnly = "from_only",
        /// Only the second.
        ToOnly = "to_only",
    }
}

/// What differs between two artifacts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// [`SCHEMA_VERSION`](crate::report::SCHEMA_VERSION).
    pub schema_version: &'static str,
    /// The program that wrote it.
    pub tool: Tool,
    /// `diff`.
    pub command: &'static str,
    /// The answer.
    pub verdict: DiffVerdict,
    /// What the process returns.
    pub exit_code: u8,
    /// What was held against what.
    pub compared: Compared,
    /// Which side of a plan stands for it; null where whole plans or no plans were compared.
    pub plan_side: Option<PlanSide>,
    /// The first artifact.
    pub from: SideInfo,
    /// The second artifact.
    pub to: SideInfo,
    /// What differs at the top.
    pub header: HeaderDiff,
    /// Counts.
    pub summary: DiffSummary,
    /// Instances that differ, sorted by address, then deposed key.
    pub resources: Vec<ResourceDiff>,
    /// Outputs of the root module that differ, sorted by name.
    pub outputs: Vec<OutputDiff>,
    /// Checks whose results differ, sorted by name.
    pub checks: Vec<CheckDiff>,
    /// Remarks, sorted by code.
    pub notes: Vec<Note>,
}

/// One of the two artifacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SideInfo {
    /// Name of the input.
    pub path: String,
    /// What it is.
    pub kind: SideKind,
    /// Version of the producer.
    pub producer_version: Option<String>,
    /// When a plan was made, RFC 3339.
    pub timestamp: Option<String>,
    /// Lineage of the state, where it is recorded.
    pub lineage: Option<String>,
    /// Serial of the state, where it is recorded.
    pub serial: Option<u64>,
    /// Planning mode.
    pub mode: Option<PlanMode>,
    /// Whether a plan covers everything.
    pub complete: Option<bool>,
    /// Whether planning failed half-way.
    pub errored: Option<bool>,
}

/// What differs at the top of the artifacts; a thing that one of them does not tell does not differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the published contract")]
pub struct HeaderDiff {
    /// The states are of different stacks.
    pub other_lineage: bool,
    /// The serials differ; does not count by itself.
    pub other_serial: bool,
    /// The modes of the plans differ.
    pub other_mode: bool,
    /// One plan failed half-way, the other did not.
    pub other_errored: bool,
    /// One plan is partial, the other is not.
    pub other_complete: bool,
}

impl HeaderDiff {
    pub(super) fn of(from: &SideInfo, to: &SideInfo) -> Self {
        fn differ<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
            a.is_some() && b.is_some() && a != b
        }
        Self {
            other_lineage: differ(from.lineage.as_ref(), to.lineage.as_ref()),
            other_serial: differ(from.serial.as_ref(), to.serial.as_ref()),
            other_mode: differ(from.mode.as_ref(), to.mode.as_ref()),
            other_errored: differ(from.errored.as_ref(), to.errored.as_ref()),
            other_complete: differ(from.complete.as_ref(), to.complete.as_ref()),
        }
    }

    /// Whether any of it counts by itself.
    pub const fn matters(self) -> bool {
        self.other_lineage || self.other_mode || self.other_errored || self.other_complete
    }
}

/// Counts over a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DiffSummary {
    /// Instances and deposed objects in the first artifact.
    pub from: usize,
    /// … in the second.
    pub to: usize,
    /// Only in the second.
    pub added: usize,
    /// Only in the first.
    pub removed: usize,
    /// Under another address, changed or not.
    pub moved: usize,
    /// At the same address, and different.
    pub changed: usize,
    /// Different only in form.
    pub cosmetic: usize,
    /// Paths that differ and count.
    pub paths: usize,
    /// Paths that differ only in form.
    pub cosmetic_paths: usize,
    /// Values of a plan that only apply will tell.
    pub until_apply: usize,
    /// Outputs that differ.
    pub outputs: usize,
    /// Checks whose results differ.
    pub checks: usize,
}

impl DiffSummary {
    pub(super) fn of(resources: &[ResourceDiff], outputs: &[OutputDiff], checks: &[CheckDiff]) -> Self {
        let mut summary = Self { outputs: outputs.len(), checks: checks.len(), ..Self::default() };
        for resource in resources {
            *match resource.change {
                Change::Added => &mut summary.added,
                Change::Removed => &mut summary.removed,
                Change::Moved => &mut summary.moved,
                Change::Changed => &mut summary.changed,
                Change::Cosmetic => &mut summary.cosmetic,
            } += 1;
            summary.until_apply += resource.until_apply;
            let cosmetic = resource.paths.iter().filter(|path| path.cosmetic.is_some()).count();
            summary.cosmetic_paths += cosmetic;
            summary.paths += resource.paths.len() - cosmetic;
        }
        summary
    }
}

/// One instance (or deposed object) that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceDiff {
    /// Where it is: in the second artifact, or in the first if only that has it.
    pub address: ResourceAddr,
    /// Where the first artifact has it, if it moved.
    pub from_address: Option<ResourceAddr>,
    /// Key of a deposed object.
    pub deposed: Option<String>,
    /// Resource type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What people call such an object.
    pub noun: String,
    /// Source address of the provider.
    pub provider: String,
    /// Who it is in the world outside.
    pub identity: Identity,
    /// What is lost with it; absent for data sources.
    pub holds: Option<Holds>,
    /// Whether `holds` is a guess from the name of the type.
    pub holds_assumed: bool,
    /// What became of it.
    pub change: Change,
    /// What tells that it moved.
    pub moved_by: Option<MoveEvidence>,
    /// Whether its id differs, so that it may be another object.
    pub other_id: bool,
    /// How many of a plan's values only apply will tell.
    pub until_apply: usize,
    /// What differs beside its values.
    pub facts: Vec<FactDiff>,
    /// What differs in its values, sorted by path.
    pub paths: Vec<PathDiff>,
}

impl ResourceDiff {
    /// Whether the difference counts.
    pub fn matters(&self) -> bool {
        self.change != Change::Cosmetic
    }
}

/// Something beside the values that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactDiff {
    /// What.
    pub fact: Fact,
    /// In the first artifact; null if it does not say.
    pub from: Option<String>,
    /// In the second.
    pub to: Option<String>,
}

/// One path whose values differ.
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the published contract")]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathDiff {
    /// Which path; empty for the whole instance.
    pub path: AttrPath,
    /// In which of a plan's values; `["value"]` where a state is compared.
    pub aspects: Vec<Aspect>,
    /// Which side has anything, where the other one has no object at all.
    pub presence: Option<Presence>,
    /// The normaliser under which the values are equal.
    pub cosmetic: Option<Normaliser>,
    /// Every normaliser that was used, sorted.
    pub normalisers: Vec<Normaliser>,
    /// Whether a part of it is known only after apply.
    pub until_apply: bool,
    /// Whether something is hidden.
    pub sensitive: bool,
    /// Whether the path is security-relevant.
    pub guards: bool,
    /// Whether changing it in place restarts or interrupts something.
    pub disruptive: bool,
    /// Whether only the provider may set it.
    pub computed: bool,
    /// In the first artifact.
    pub from: Shown,
    /// In the second.
    pub to: Shown,
    /// What was added, removed and moved, for sets and plain lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<ElementChanges>,
}

impl PathDiff {
    pub(super) fn hide(&mut self, secrets: &KnownSecrets) {
        let lists = self.elements.iter_mut().flat_map(|elements| {
            [&mut elements.added, &mut elements.removed, &mut elements.moved].into_iter().flatten()
        });
        for shown in [&mut self.from, &mut self.to].into_iter().chain(lists) {
            secrets.hide(shown);
            self.sensitive |= is_hidden(shown);
        }
    }
}

/// An output of the root module that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputDiff {
    /// Its name.
    pub name: String,
    /// Whether only the form of the value differs.
    pub cosmetic: bool,
    /// What the first plan does to it; null for states.
    pub action_from: Option<Action>,
    /// What the second plan does to it; null for states.
    pub action_to: Option<Action>,
    /// In the first artifact.
    pub from: Shown,
    /// In the second.
    pub to: Shown,
}

impl OutputDiff {
    /// Whether the difference counts.
    pub const fn matters(&self) -> bool {
        !self.cosmetic
    }
}

/// A check whose result differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckDiff {
    /// What is checked.
    pub name: String,
    /// In the first artifact; null if it does not have the check.
    pub from: Option<String>,
    /// In the second.
    pub to: Option<String>,
}
