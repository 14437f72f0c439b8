//! The report: what every renderer shows, and the JSON contract of schema version 1.
//!
//! Everything in it is final: sorted, redacted, with its verdict. Renderers decide nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use tidelock_parse::{Action, ActionReason, AttrPath, ResourceAddr, Shown};

pub use self::words::{
    Class, Command, Evidence, Normaliser, PlanMode, Reason, Resolution, Severity, UnknownWord, Verdict,
    WaivedBy,
};
use crate::{
    catalogue::Holds,
    proposal::{Decision, ObjectInfo, Proposal},
    retry::Expected,
    shell,
};

pub(crate) mod words;

/// Version of the JSON contract; additions keep it.
pub const SCHEMA_VERSION: &str = "1";

/// A place in the sources, as a reviewer would open it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// File, relative to the source root.
    pub file: String,
    /// Line, one-based; absent where only the file is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// The answer for one input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: &'static str,
    /// The program that wrote the report.
    pub tool: Tool,
    /// The question that was asked.
    pub command: Command,
    /// The answer.
    pub verdict: Verdict,
    /// What the process returns for this report.
    pub exit_code: u8,
    /// What was read.
    pub input: InputInfo,
    /// Counts.
    pub summary: Summary,
    /// Resources that diverged, change or move; sorted by address, then deposed key.
    pub resources: Vec<ResourceReport>,
    /// Root outputs that change, sorted by name.
    pub outputs: Vec<OutputReport>,
    /// What the rules say, the most severe first, then by address, path and code; those about the whole plan come last.
    pub findings: Vec<Finding>,
    /// What was changed outside and the apply would overwrite; only in a gate's report, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<Undone>,
    /// What `retry` advises; in no other report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What should exist, and how it stands, sorted by address; only where `retry` was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Vec<Expected>>,
    /// What to do, in the order in which it should be done; only in reports about real objects (`reconcile`, `retry`,
    /// `rollback`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<Proposal>>,
    /// Remarks about the input itself, sorted by code.
    pub notes: Vec<Note>,
}

/// The answers for several inputs; the worst verdict counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reports {
    /// [`SCHEMA_VERSION`].
    pub schema_version: &'static str,
    /// The worst of the verdicts.
    pub verdict: Verdict,
    /// The worst of the exit codes.
    pub exit_code: u8,
    /// One report an input, in the order of the inputs.
    pub reports: Vec<Report>,
}

impl Reports {
    /// Joins the reports; no report at all is clear.
    pub fn new(reports: Vec<Report>) -> Self {
        let verdict = reports.iter().map(|report| report.verdict).max().unwrap_or(Verdict::Clear);
        let exit_code = reports.iter().map(|report| report.exit_code).max().unwrap_or(0);
        Self { schema_version: SCHEMA_VERSION, verdict, exit_code, reports }
    }
}

/// A change made outside, maybe somebody's emergency fix, that the apply would overwrite.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Undone {
    /// Which instance.
    pub address: ResourceAddr,
    /// Which path; the values stand in the divergence of this path.
    pub path: AttrPath,
    /// `reverting` or `conflicting`.
    pub class: Class,
}

/// Name and version of the program that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// `tidelock`.
    pub name: &'static str,
    /// Semantic version.
    pub version: &'static str,
}

/// What was read, as far as the input and the caller tell; anything may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputInfo {
    /// `plan_json` and the like.
    pub kind: Option<String>,
    /// Name of the input as the caller gave it.
    pub path: Option<String>,
    /// Name of the stack, if the caller knows it.
    pub stack: Option<String>,
    /// Workspace, if known.
    pub workspace: Option<String>,
    /// Commit of the sources, if the caller knows it.
    pub commit: Option<String>,
    /// `format_version` of the artifact.
    pub format_version: Option<String>,
    /// `terraform` or `opentofu`, where it can be told.
    pub producer: Option<String>,
    /// Version of the producer.
    pub producer_version: Option<String>,
    /// Planning mode.
    pub mode: Option<PlanMode>,
    /// How the mode is known: `heuristic` for plan JSON, which does not record it.
    pub mode_evidence: Option<String>,
    /// Whether the plan covers everything; OpenTofu's JSON never says.
    pub complete: Option<bool>,
    /// Whether planning failed half-way.
    pub errored: Option<bool>,
    /// When the plan was made, RFC 3339.
    pub timestamp: Option<String>,
    /// Lineage of the state.
    pub lineage: Option<String>,
    /// Serial of the state.
    pub serial: Option<u64>,
}

/// Counts over a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Managed instances the input speaks of.
    pub resources: usize,
    /// Resources with at least one divergence that is drift.
    pub drifted: usize,
    /// Instances that the plan changes.
    pub pending: usize,
    /// … of which destroyed or replaced.
    pub pending_destroy: usize,
    /// Divergences that are cosmetic.
    pub cosmetic: usize,
    /// Divergences by class.
    pub classes: BTreeMap<Class, usize>,
    /// Instances by action.
    pub actions: BTreeMap<String, usize>,
    /// Resources by resolution.
    pub resolutions: BTreeMap<Resolution, usize>,
    /// Findings by severity, waived ones left out.
    pub findings: BTreeMap<Severity, usize>,
}

/// Who an object is in the world outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// `id` attribute.
    pub id: Option<String>,
    /// Name of the object (attribute `name`, or a `Name` tag).
    pub name: Option<String>,
}

/// One resource instance (or deposed object) that diverged, changes or moves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceReport {
    /// Where it is.
    pub address: ResourceAddr,
    /// Where it was before a `moved` block.
    pub previous_address: Option<ResourceAddr>,
    /// Key of a deposed object.
    pub deposed: Option<String>,
    /// Resource type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// What people call such an object, such as `VM`.
    pub noun: String,
    /// Source address of the provider.
    pub provider: String,
    /// Who it is in the world outside.
    pub identity: Identity,
    /// What is lost with it.
    pub holds: Holds,
    /// Whether `holds` is a guess from the name of the type.
    pub holds_assumed: bool,
    /// What the plan does to it.
    pub actions: Action,
    /// Why, in the plan's words.
    pub action_reason: Option<ActionReason>,
    /// Attributes that make it be replaced.
    pub replace_paths: Vec<AttrPath>,
    /// Whether it is being imported.
    pub importing: bool,
    /// Whether the last apply left it half-made.
    pub tainted: bool,
    /// The loudest of its divergences.
    pub class: Option<Class>,
    /// What to do.
    pub resolution: Resolution,
    /// How many instances depend on it, directly or not; absent where it was not counted.
    pub dependents: Option<usize>,
    /// The block that declares it.
    pub location: Option<Location>,
    /// The ways out.
    pub advice: Advice,
    /// What differs, sorted by path.
    pub divergences: Vec<Divergence>,
}

/// The ways out for one resource; empty for noise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What a stop asks for before anything is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investigate: Option<Investigate>,
    /// Let apply set it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<ApplyAdvice>,
    /// Write what is real into the configuration, one entry a path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<AcceptAdvice>,
    /// Tell the configuration to look away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore: Option<IgnoreAdvice>,
}

/// What to find out before a dangerous apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Investigate {
    /// Where to look, such as a log of the platform.
    pub look: Option<String>,
    /// What is at stake, one sentence.
    pub loss: String,
    /// What to do instead of a plain apply, one sentence.
    pub instead: String,
}

/// What an apply would do about the drift of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApplyAdvice {
    /// Paths that are set back.
    pub sets_back: Vec<AttrPath>,
    /// Whether that restarts or interrupts something.
    pub disruptive: bool,
    /// The command that applies this resource and what it depends on; absent where it would destroy something that
    /// holds something, or do what nobody knows.
    pub command: Option<String>,
    /// What that command would destroy although it holds something: the resource itself, or what it depends on.
    pub destroys: Vec<ResourceAddr>,
    /// What a plain apply does besides, instances by action.
    pub also: BTreeMap<String, usize>,
}

/// How to write what is real into the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptAdvice {
    /// The path that diverged.
    pub path: AttrPath,
    /// Where the one literal stands that sets it, and what to write there; or why no line is named.
    #[serde(flatten)]
    pub how: Accept,
}

/// The edit that accepts reality, or why none can be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Accept {
    /// One literal sets the path of this instance and of nothing else.
    Edit {
        /// Line of the literal.
        location: Location,
        /// The line's new text, such as `dedicated = 10240`.
        hcl: String,
        /// Byte range of the literal in its file, zero-based, end exclusive.
        span: (usize, usize),
        /// What replaces the byte range.
        replacement: String,
    },
    /// No line can be named.
    Refused {
        /// Why, one phrase.
        reason: String,
    },
}

/// The `ignore_changes` entries that would silence a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IgnoreAdvice {
    /// Entries to add.
    pub entries: Vec<String>,
    /// The block they belong into.
    pub location: Option<Location>,
}

/// One path whose recorded, actual and desired values are not all equal.
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the published contract")]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Divergence {
    /// Which path; empty for the whole instance.
    pub path: AttrPath,
    /// What happened.
    pub class: Class,
    /// Whether it is drift.
    pub drift: bool,
    /// What the class rests on.
    pub evidence: Evidence,
    /// Which schema, catalogue or file that is.
    pub evidence_source: Option<String>,
    /// Why, where the class alone does not say it.
    pub reason: Option<Reason>,
    /// The normaliser under which recorded and actual are equal.
    pub cosmetic: Option<Normaliser>,
    /// Every normaliser that was used on the path, sorted.
    pub normalisers: Vec<Normaliser>,
    /// Whether it can only be decided during apply.
    pub until_apply: bool,
    /// Whether the value is hidden, wholly or in part.
    pub sensitive: bool,
    /// Whether the path is security-relevant.
    pub guards: bool,
    /// Whether changing it in place restarts or interrupts something.
    pub disruptive: bool,
    /// Whether it meets a path that makes the instance be replaced.
    pub replaces: bool,
    /// The `ignore_changes` entry that covers it.
    pub ignore_entry: Option<IgnoreEntry>,
    /// What the state said.
    pub recorded: Shown,
    /// What refresh found.
    pub actual: Shown,
    /// What the plan wants; absent from JSON where the plan does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired: Option<Shown>,
    /// What was added, removed and moved, for sets and plain lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Elements>,
}

/// An `ignore_changes` entry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IgnoreEntry {
    /// As written in the configuration.
    pub text: String,
    /// Where.
    pub location: Option<Location>,
}

/// Element-wise differences of a set or plain list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Elements {
    /// Recorded against actual.
    pub outside: ElementChanges,
    /// Actual against desired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply: Option<ElementChanges>,
}

/// What happened to the elements of a set or plain list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ElementChanges {
    /// New elements.
    pub added: Vec<Shown>,
    /// Elements that are gone.
    pub removed: Vec<Shown>,
    /// Elements whose position changed; only where the order counts.
    pub moved: Vec<Shown>,
}

/// A root output that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputReport {
    /// Its name.
    pub name: String,
    /// What happens to it.
    pub actions: Action,
    /// Value before.
    pub before: Shown,
    /// Value after.
    pub after: Shown,
}

/// What a rule says about an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Permanent code, such as `TL101`.
    pub code: &'static str,
    /// Name of the rule, such as `changed-outside`.
    pub rule: &'static str,
    /// Effective severity.
    pub severity: Severity,
    /// The address at fault; absent where the finding is about the whole input.
    pub address: Option<ResourceAddr>,
    /// Key of a deposed object.
    pub deposed: Option<String>,
    /// The real object at fault; only in reports about real objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectInfo>,
    /// The path at fault; absent for a whole instance.
    pub path: Option<AttrPath>,
    /// One sentence, lower case, no final stop.
    pub message: String,
    /// What to do, one sentence.
    pub help: Option<String>,
    /// What is behind it, one phrase.
    pub cause: Option<String>,
    /// The paths of other instances (or this one) that are behind it.
    pub caused_by: Vec<Root>,
    /// Stable hash of code, address (the previous one if moved), deposed key and path.
    pub fingerprint: String,
    /// Salted hash of the values behind it, if a baseline was at hand; not part of the report.
    #[serde(skip)]
    pub evidence: Option<String>,
    /// All instances that a finding about several is about, of which `related` may list the first ones only; part of
    /// the evidence, not of the report.
    #[serde(skip)]
    pub members: Vec<ResourceAddr>,
    /// Who accepted it, if somebody did.
    pub waived: Option<Waived>,
    /// Places in the sources, the most useful first.
    pub locations: Vec<Location>,
    /// Other instances of the same story: what a cascade takes along, what a module held, what it may have become.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// Blocks to paste, such as `moved { … }`; valid HCL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hcl: Option<String>,
}

impl Finding {
    /// The command that accepts the finding, for a shell, with capitals where a person has to fill in; `None` for what
    /// the policy itself is told off for, and for what has another way out: editing the lock, approving the change.
    pub fn waive_command(&self) -> Option<String> {
        if matches!(self.code, "TL402" | "TL507" | "TL509" | "TL510" | "TL511") {
            return None;
        }
        let quoted = |text: String| shell::quoted(&text);
        let subject = self.address.as_ref().map(ToString::to_string);
        let subject = subject.or_else(|| self.object.as_ref().map(ObjectInfo::handle));
        let address = quoted(subject.unwrap_or_else(|| "*".to_owned()));
        let path = self.path.as_ref().map(|path| format!(" --path {}", quoted(path.to_string())));
        Some(format!(
            "tidelock waive {} {address}{} --until YYYY-MM-DD --owner NAME --reason 'WHY'",
            self.code,
            path.unwrap_or_default()
        ))
    }
}

/// An instance that belongs to the story of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Related {
    /// Which instance.
    pub address: ResourceAddr,
    /// How deep it stands below the finding's own address, where the list is a tree in preorder; from 1.
    pub depth: usize,
    /// What it has to do with it, one phrase.
    pub role: Option<String>,
}

/// A drifted path that is behind something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Root {
    /// Instance that drifted.
    pub address: ResourceAddr,
    /// Path that drifted.
    pub path: AttrPath,
}

/// A finding that does not count, because somebody said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waived {
    /// What holds it back.
    pub by: WaivedBy,
    /// Why.
    pub reason: String,
    /// Who answers for it; a baseline names nobody.
    pub owner: Option<String>,
    /// Last day it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// A remark about the input, never a judgement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// Stable code, such as `input::log_lines`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}
