//! Is what a plan does a subset of what was approved, and what differs if not?

use std::collections::BTreeMap;

use tidelock_parse::{Action, AttrPath, ResourceAddr};

use super::{Change, Side, Target, ValueChange, Verified, record};
use crate::{context::Context, report::ResourceReport};

/// What an approval says to a plan.
#[derive(Debug, Default)]
pub(crate) struct Judgement<'c> {
    /// Why it is no approval of this plan at all, one sentence each.
    pub(crate) whole: Vec<String>,
    /// The changes that were not approved like this.
    pub(crate) unapproved: Vec<Unapproved<'c>>,
    /// The changed outputs that were not approved, with what happens to them.
    pub(crate) outputs: Vec<(String, Action)>,
    /// Every instance that the plan changes, with the key of a deposed object.
    pub(super) changed: Vec<(&'c ResourceAddr, Option<&'c str>)>,
    /// Whether the approval names a state, and nobody said which one this is.
    pub(super) lineage_unchecked: bool,
}

/// A change that was not approved like this.
#[derive(Debug)]
pub(crate) struct Unapproved<'c> {
    pub(crate) resource: &'c ResourceReport,
    /// What an object of the type is called.
    pub(crate) noun: &'c str,
    pub(crate) change: Change,
    /// What was approved for the instance, if anything was.
    pub(crate) approved: Option<Change>,
    pub(crate) deviations: Vec<Deviation>,
}

/// One way in which a change is not the approved one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deviation {
    /// Nothing was approved for the instance.
    Unlisted,
    /// Something else is done to it.
    Action,
    /// It comes from another address.
    Moved,
    /// It is imported.
    Imported,
    /// Another object is there now.
    Object,
    /// This path makes it be replaced, too.
    Replaces(AttrPath),
    /// This path is changed, too.
    Besides(AttrPath),
    /// This path stood at another value.
    Before(AttrPath),
    /// This path gets another value.
    After(AttrPath),
    /// This path had a value in the approved plan and is not known now.
    NowUnknown(AttrPath),
    /// This path was not known in the approved plan and has a value now.
    NowKnown(AttrPath),
}

impl Deviation {
    pub(crate) fn path(&self) -> Option<&AttrPath> {
        match self {
            Self::Replaces(path)
            | Self::Besides(path)
            | Self::Before(path)
            | Self::After(path)
            | Self::NowUnknown(path)
            | Self::NowKnown(path) => Some(path),
            Self::Unlisted | Self::Action | Self::Moved | Self::Imported | Self::Object => None,
        }
    }
}

/// Holds a plan against an approval.
pub(crate) fn judge<'c>(context: &Context<'c>, verified: &Verified) -> Judgement<'c> {
    let approval = verified.approval();
    let target = record::target(context);
    let mut judgement = Judgement {
        whole: mismatches(&approval.target, &target),
        lineage_unchecked: approval.target.lineage.is_some() && target.lineage.is_none(),
        ..Judgement::default()
    };
    let mut open: BTreeMap<(&ResourceAddr, bool), Vec<&Change>> = BTreeMap::new();
    for change in &approval.changes {
        open.entry((&change.address, change.deposed)).or_default().push(change);
    }
    for record::Recorded { resource, noun, change } in record::changes(context, verified.hasher()) {
        judgement.changed.push((&resource.address, resource.deposed.as_deref()));
        let candidates = open.get_mut(&(&resource.address, change.deposed));
        let (approved, deviations) = match candidates {
            Some(candidates) => take(candidates, &change),
            None => (None, vec![Deviation::Unlisted]),
        };
        if !deviations.is_empty() {
            let approved = approved.cloned();
            judgement.unapproved.push(Unapproved { resource, noun, change, approved, deviations });
        }
    }
    let outputs = record::outputs(context).into_iter();
    judgement.outputs = outputs.filter(|(name, action)| approval.outputs.get(name) != Some(action)).collect();
    judgement
}

/// Takes the entry that approves `change`, each at most once; where there is none, what the first one would not have.
///
/// Only deposed objects can have several entries at one address.
fn take<'a>(open: &mut Vec<&'a Change>, change: &Change) -> (Option<&'a Change>, Vec<Deviation>) {
    if let Some(at) = open.iter().position(|approved| deviations(approved, change).is_empty()) {
        return (Some(open.remove(at)), Vec::new());
    }
    match open.first() {
        Some(first) => (Some(*first), deviations(first, change)),
        None => (None, vec![Deviation::Unlisted]),
    }
}

/// What `change` does that `approved` does not say; sorted.
fn deviations(approved: &Change, change: &Change) -> Vec<Deviation> {
    if approved.actions != change.actions {
        // Everything else follows from that.
        return vec![Deviation::Action];
    }
    let mut found = Vec::new();
    if change.previous_address.is_some() && approved.previous_address != change.previous_address {
        found.push(Deviation::Moved);
    }
    if change.importing && !approved.importing {
        found.push(Deviation::Imported);
    }
    if approved.object != change.object {
        found.push(Deviation::Object);
    }
    let more = change.replace_paths.iter().filter(|path| !approved.replace_paths.contains(path));
    found.extend(more.cloned().map(Deviation::Replaces));
    let values: BTreeMap<&AttrPath, &ValueChange> =
        approved.values.iter().map(|value| (&value.path, value)).collect();
    for value in &change.values {
        found.extend(deviation(values.get(&value.path).copied(), value));
    }
    found.sort();
    found
}

fn deviation(approved: Option<&ValueChange>, value: &ValueChange) -> Option<Deviation> {
    let path = value.path.clone();
    let Some(approved) = approved else { return Some(Deviation::Besides(path)) };
    match (&approved.after, &value.after) {
        (approved, now) if approved == now => {}
        (Side::Unknown, _) => return Some(Deviation::NowKnown(path)),
        (_, Side::Unknown) => return Some(Deviation::NowUnknown(path)),
        _ => return Some(Deviation::After(path)),
    }
    (approved.before != value.before).then_some(Deviation::Before(path))
}

/// What was approved is for something else.
fn mismatches(approved: &Target, target: &Target) -> Vec<String> {
    let parts = [
        ("stack", &approved.stack, &target.stack),
        ("workspace", &approved.workspace, &target.workspace),
        ("state lineage", &approved.lineage, &target.lineage),
        ("product", &approved.producer, &target.producer),
    ];
    parts
        .into_iter()
        .filter_map(|(what, approved, target)| match (approved, target) {
            (Some(approved), Some(target)) if approved != target => Some(format!(
                "what was approved is a plan for the {what} `{approved}`, and this one is for `{target}`"
            )),
            _ => None,
        })
        .collect()
}
