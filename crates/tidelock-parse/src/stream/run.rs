//! What an apply did, put together from its log.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Diagnostic, DiagnosticSeverity, ObjectId, Operation, Outcome, PlannedChange, Stage, Stream, Summarised,
    UiAction,
};
use crate::{action::ActionReason, address::ResourceAddr};

/// What an apply did, as far as its log tells: what is there to roll back, to repair, or to try again.
///
/// A replacement shows under both `destroyed` and `created`. Every list is sorted by address. What is not in the log may have
/// happened all the same: an apply whose log was cut may have gone on, and after a kill the state may not know an object that is
/// listed as created here. A look at the real object decides what is in doubt.
///
/// ```
/// use tidelock_parse::{Source, RawText, stream::{Ending, Stream}};
///
/// let log = concat!(
///     r#"{"@level":"info","change":{"resource":{"addr":"a.disk"},"action":"create"},"type":"planned_change"}"#, "\n",
///     r#"{"@level":"info","change":{"resource":{"addr":"a.vm"},"action":"create"},"type":"planned_change"}"#, "\n",
///     r#"{"@level":"info","hook":{"resource":{"addr":"a.disk"},"action":"create"},"type":"apply_start"}"#, "\n",
///     r#"{"@level":"info","hook":{"resource":{"addr":"a.disk"},"action":"create","id_key":"id","id_value":"d-1","elapsed_seconds":3},"type":"apply_complete"}"#, "\n",
///     r#"{"@level":"error","diagnostic":{"severity":"error","summary":"quota exceeded","address":"a.vm"},"type":"diagnostic"}"#, "\n",
/// );
/// let source = Source::new("apply.jsonl", log);
/// let run = Stream::read(&source, RawText::whole(&source)).apply().expect("something was applied");
/// assert_eq!(run.ending, Ending::Failed);
/// assert_eq!(run.created[0].object.as_ref().map(|object| object.real()), Some("d-1"));
/// assert_eq!(run.failed[0].diagnostics[0].summary, "quota exceeded");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplyRun {
    /// How it ended.
    pub ending: Ending,
    /// New objects.
    pub created: Vec<Done>,
    /// Objects changed in place.
    pub changed: Vec<Done>,
    /// Objects that are gone.
    pub destroyed: Vec<Done>,
    /// Objects that are in the state now and were there before.
    pub imported: Vec<ResourceAddr>,
    /// Objects that left the state and stay alive.
    pub forgotten: Vec<ResourceAddr>,
    /// Done, and nobody knows what: actions that this version does not know.
    pub other: Vec<Done>,
    /// What failed.
    pub failed: Vec<Failed>,
    /// What nobody can tell: begun, and neither completed nor failed when the log ends; or planned, of a kind whose end a log
    /// does not tell (import, forget), in an apply that did not end well.
    pub in_doubt: Vec<InDoubt>,
    /// Planned and, as far as the log goes, never begun.
    pub not_started: Vec<NotStarted>,
    /// Errors that name no instance.
    pub errors: Vec<Diagnostic>,
    /// Lines that are damaged: what they said is missing here.
    pub lost_lines: usize,
}

/// How an apply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// Its summary says so.
    Succeeded,
    /// It says which errors it ended with.
    Failed,
    /// The log ends before it: killed, or the log was cut, and the apply may have gone on.
    Interrupted,
}

impl Ending {
    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// An operation that ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which instance.
    pub address: ResourceAddr,
    /// What was done.
    pub action: UiAction,
    /// Which object; of a replacement, the old one is destroyed and the new one is created.
    pub object: Option<ObjectId>,
    /// When it was done, RFC 3339 as the log says.
    pub at: Option<String>,
    /// How long it took, to the second.
    pub took: Option<Duration>,
    /// Whether it is half of a replacement.
    pub replaces: bool,
}

/// An operation that failed, or an instance that an error is about although nothing was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Which instance.
    pub address: ResourceAddr,
    /// What was tried.
    pub action: UiAction,
    /// Which object, if it was there before. A creation that failed may have left one that the log does not name; the state
    /// holds it as tainted then.
    pub object: Option<ObjectId>,
    /// Whether it was begun.
    pub began: bool,
    /// The errors that name the instance.
    pub diagnostics: Vec<Diagnostic>,
}

/// Something of which nobody can tell whether it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InDoubt {
    /// Which instance.
    pub address: ResourceAddr,
    /// What was being done.
    pub action: UiAction,
    /// Which object, if it was there before.
    pub object: Option<ObjectId>,
    /// When it began; `None` if the log does not tell that it did.
    pub since: Option<String>,
    /// When it was last heard of.
    pub heard: Option<String>,
    /// How long it had been running then.
    pub running: Option<Duration>,
}

/// Something that was planned and not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotStarted {
    /// Which instance.
    pub address: ResourceAddr,
    /// What is left of the plan: of a replacement of which the first half is done, the second one.
    pub action: UiAction,
}

impl ApplyRun {
    pub(super) fn of(stream: &Stream) -> Self {
        let ending = ending(stream);
        let mut run = Self {
            ending,
            created: Vec::new(),
            changed: Vec::new(),
            destroyed: Vec::new(),
            imported: Vec::new(),
            forgotten: Vec::new(),
            other: Vec::new(),
            failed: Vec::new(),
            in_doubt: Vec::new(),
            not_started: Vec::new(),
            errors: Vec::new(),
            lost_lines: stream.tally.damaged,
        };
        let mut tried: BTreeMap<&ResourceAddr, Vec<&Operation>> = BTreeMap::new();
        for operation in &stream.operations {
            tried.entry(&operation.address).or_default().push(operation);
        }
        let mut errors: BTreeMap<&ResourceAddr, Vec<Diagnostic>> = BTreeMap::new();
        for error in stream.diagnostics.iter().filter(|d| d.severity == DiagnosticSeverity::Error) {
            match &error.address {
                Some(address) => errors.entry(address).or_default().push(error.clone()),
                None => run.errors.push(error.clone()),
            }
        }
        for operations in tried.values() {
            let replaces = operations.iter().any(|op| op.action == UiAction::Create)
                && operations.iter().any(|op| op.action == UiAction::Delete);
            for operation in operations {
                run.add(operation, replaces, &mut errors);
            }
        }
        for change in &stream.planned {
            let tried = tried.get(&change.address).map(Vec::as_slice).unwrap_or_default();
            run.planned(change, tried, &mut errors);
        }
        // An error about what was neither planned nor begun, such as a data source.
        run.errors.extend(errors.into_values().flatten());
        run.failed.sort_by(|a, b| a.address.cmp(&b.address));
        run.in_doubt.sort_by(|a, b| a.address.cmp(&b.address));
        run
    }

    /// Whether everything is known, and done.
    pub fn is_settled(&self) -> bool {
        self.ending == Ending::Succeeded && self.in_doubt.is_empty() && self.failed.is_empty()
    }

    fn add(
        &mut self,
        operation: &Operation,
        replaces: bool,
        errors: &mut BTreeMap<&ResourceAddr, Vec<Diagnostic>>,
    ) {
        let Operation { address, action, outcome, object, began, heard, elapsed } = operation.clone();
        match outcome {
            Outcome::Complete => {
                let list = match &action {
                    UiAction::Create => &mut self.created,
                    UiAction::Update => &mut self.changed,
                    UiAction::Delete => &mut self.destroyed,
                    _ => &mut self.other,
                };
                list.push(Done { address, action, object, at: heard, took: elapsed, replaces });
            }
            Outcome::Errored => {
                let diagnostics = errors.remove(&address).unwrap_or_default();
                self.failed.push(Failed { address, action, object, began: true, diagnostics });
            }
            Outcome::Open => {
                self.in_doubt.push(InDoubt {
                    address,
                    action,
                    object,
                    since: began,
                    heard,
                    running: elapsed,
                });
            }
        }
    }

    /// What became of a planned change that no operation tells, or only half of one.
    fn planned(
        &mut self,
        change: &PlannedChange,
        tried: &[&Operation],
        errors: &mut BTreeMap<&ResourceAddr, Vec<Diagnostic>>,
    ) {
        let address = &change.address;
        let untold = || InDoubt {
            address: address.clone(),
            action: change.action.clone(),
            object: None,
            since: None,
            heard: None,
            running: None,
        };
        let succeeded = self.ending == Ending::Succeeded;
        let forgets = change.action().forgets();
        if change.importing || forgets {
            // No message tells that it is done, but the end does.
            match (succeeded, forgets) {
                (true, true) => self.forgotten.push(address.clone()),
                (true, false) => self.imported.push(address.clone()),
                (false, _) => self.in_doubt.push(untold()),
            }
        }
        let Some(left) = left(change, tried) else { return };
        if let Some(diagnostics) = errors.remove(address) {
            let (address, action) = (address.clone(), left);
            self.failed.push(Failed { address, action, object: None, began: false, diagnostics });
        } else if succeeded {
            // Its lines are lost.
            self.in_doubt.push(InDoubt { action: left, ..untold() });
        } else {
            self.not_started.push(NotStarted { address: address.clone(), action: left });
        }
    }
}

/// What of a planned change was not even begun.
fn left(change: &PlannedChange, tried: &[&Operation]) -> Option<UiAction> {
    let was = |action: UiAction| tried.iter().any(|operation| operation.action == action);
    match &change.action {
        UiAction::Replace => match (was(UiAction::Delete), was(UiAction::Create)) {
            (true, true) => None,
            (false, false) => Some(UiAction::Replace),
            // What failed half-way is listed; the other half is not begun then.
            (true, false) => Some(UiAction::Create),
            (false, true) => Some(UiAction::Delete),
        },
        UiAction::NoOp if change.reason == Some(ActionReason::ReplaceBecauseCannotUpdate) => {
            (!was(UiAction::Create)).then_some(UiAction::Create)
        }
        UiAction::NoOp | UiAction::Read | UiAction::Move | UiAction::Import | UiAction::Remove => None,
        UiAction::Other(_) => tried.is_empty().then(|| change.action.clone()),
        action => (!was(action.clone())).then(|| action.clone()),
    }
}

fn ending(stream: &Stream) -> Ending {
    let failed = |d: &Diagnostic| d.severity == DiagnosticSeverity::Error && d.stage == Stage::Applying;
    if stream.diagnostics.iter().any(failed) {
        Ending::Failed
    } else if stream.summaries.iter().any(|summary| summary.about != Summarised::Plan) {
        Ending::Succeeded
    } else {
        Ending::Interrupted
    }
}
