//! What goes and what comes, paired: an object that is destroyed (or forgotten) at one address while its like is
//! created at another is one object that moved.
//!
//! Four steps: group by type and look for candidates (`candidates`), compare them (`likeness`), keep the pairs
//! that are each other's only best (`pairing`), say them with as few blocks as possible (`blocks`).

mod blocks;
mod candidates;
mod kinship;
mod likeness;
mod pairing;
mod survivors;

use tidelock_parse::{Action, Value};

pub(crate) use blocks::{Group, group};
pub(crate) use likeness::Likeness;
pub(crate) use pairing::{Pair, Tangle};
pub(crate) use survivors::{Remembered, remembered};

use crate::{
    context::{Context, Subject},
    instance::Triple,
    report::{Report, Severity},
};

/// The blocks that a report suggests (`moved`, `import`), each once, ready to be written into a file beside the
/// configuration; `None` if it suggests none.
///
/// Waived findings count: who accepts a move as it is wants no block for it. Ambiguous ones have no block.
pub fn suggested_blocks(report: &Report) -> Option<String> {
    let suggests = |code: &str| matches!(code, "TL601" | "TL602");
    let open = report.findings.iter().filter(|finding| {
        suggests(finding.code) && finding.waived.is_none() && finding.severity > Severity::Allow
    });
    let mut blocks: Vec<&str> = open.filter_map(|finding| finding.hcl.as_deref()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    (!blocks.is_empty()).then(|| blocks.join("\n"))
}

/// What becomes of the object that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It is destroyed.
    Destroyed,
    /// It leaves the state and stays alive.
    Forgotten,
}

/// An object that goes or comes, with its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'c> {
    pub(crate) subject: Subject<'c>,
    pub(crate) value: &'c Value,
}

/// What was found out about the objects that go and come.
#[derive(Debug, Default)]
pub(crate) struct Moves<'c> {
    /// Unambiguous pairs, sorted by where the object was.
    pub(crate) pairs: Vec<Pair<'c>>,
    /// Objects that look alike, where nobody can tell which became which.
    pub(crate) tangles: Vec<Tangle<'c>>,
}

/// Pairs what leaves with what is created.
pub(crate) fn find<'c>(context: &Context<'c>, leaving: Leaving) -> Moves<'c> {
    let old: Vec<Object<'c>> =
        context.changed().filter_map(|(s, triple)| is_leaving(s, triple, leaving)).collect();
    if old.is_empty() {
        return Moves::default();
    }
    let new: Vec<Object<'c>> = context.changed().filter_map(|(s, triple)| is_created(s, triple)).collect();
    pairing::pair(&candidates::buckets(&old, &new))
}

/// A current object that goes: the plan saw it, so what is gone already is not among them.
fn is_leaving<'c>(subject: Subject<'c>, triple: &'c Triple, leaving: Leaving) -> Option<Object<'c>> {
    let goes = match leaving {
        Leaving::Destroyed => subject.resource.actions == Action::Delete,
        Leaving::Forgotten => subject.resource.actions == Action::Forget,
    };
    let value = triple.actual.as_ref()?;
    (goes && subject.resource.deposed.is_none()).then_some(Object { subject, value })
}

/// An object that is created where there was none, not even one that vanished.
fn is_created<'c>(subject: Subject<'c>, triple: &'c Triple) -> Option<Object<'c>> {
    let resource = subject.resource;
    let comes = resource.actions == Action::Create && !resource.importing && triple.recorded.is_none();
    let value = triple.desired.as_ref()?.as_ref()?;
    comes.then_some(Object { subject, value })
}
