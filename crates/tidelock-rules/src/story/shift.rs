//! `count` whose items moved: the instances are numbered, the items are not, so one that comes or goes before the
//! end makes every later instance take the values of its neighbour.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Action, ActionReason, AttrPath, InstanceKey, Mode, ModulePath, ResourceAddr, Step, Value, redact,
};

use super::Story;
use crate::{
    context::{Context, Subject},
    instance::Triple,
    report::{Class, ResourceReport},
};

/// Paths that are tried per block; an item shows in its name first.
const MOST_PATHS: usize = 16;
/// Names of arguments that tell items apart better than others.
const NAMES: [&str; 6] = ["name", "bucket", "identifier", "hostname", "domain", "key"];

/// The items of one `count`, moved.
#[derive(Debug)]
pub(crate) struct Shift {
    /// Which way the values moved.
    pub(crate) direction: Direction,
    /// The path that shows it.
    pub(crate) path: AttrPath,
    /// The instances that take another one's values: position of the resource, and the index they take them from.
    pub(crate) rewritten: Vec<(usize, u64)>,
    /// The instances at the end that are destroyed.
    pub(crate) destroyed: Vec<usize>,
    /// What each surviving object is told apart by, by its index now; empty where it must not be shown.
    pub(crate) names: Vec<(u64, String)>,
}

/// Which way values moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// An earlier item went away: `[0]` takes the values of `[1]`.
    Down,
    /// An item was put before others: `[1]` takes the values of `[0]`.
    Up,
}

impl Shift {
    /// The positions of all resources that are rewritten, replaced or destroyed by it.
    pub(crate) fn members(&self) -> impl Iterator<Item = usize> {
        self.rewritten.iter().map(|(at, _)| *at).chain(self.destroyed.iter().copied())
    }

    /// All of them, by position.
    pub(crate) fn subjects<'c>(&self, context: &Context<'c>) -> Vec<(usize, Subject<'c>)> {
        let mut members: Vec<_> = self.members().filter_map(|at| Some((at, context.subject(at)?))).collect();
        members.sort_by_key(|(at, _)| *at);
        members
    }

    /// The one at which the story is told: the first that is lost; where all are only rewritten, the first of these.
    pub(crate) fn lead<'c>(&self, context: &Context<'c>) -> Option<(usize, Subject<'c>)> {
        let members = self.subjects(context);
        let lost = members.iter().find(|(_, subject)| subject.resource.actions.destroys());
        lost.or(members.first()).copied()
    }
}

/// The instances of one block in one module instance.
type Block<'c> = (&'c ModulePath, &'c str, &'c str);

/// One instance of a count.
#[derive(Debug)]
struct Item<'c> {
    /// Position of its resource; `None` where the plan leaves it as it is.
    at: Option<usize>,
    actual: Option<&'c Value>,
    desired: Option<&'c Value>,
}

pub(super) fn find(context: &Context<'_>, of: &[Story]) -> Vec<Shift> {
    let mut blocks: BTreeMap<Block<'_>, BTreeMap<u64, Item<'_>>> = BTreeMap::new();
    for (at, (subject, triple)) in context.subjects().zip(context.triples).enumerate() {
        let resource = subject.resource;
        let moves = match of.get(at) {
            Some(Story::Own) => resource.actions.creates() || is_beyond_end(resource),
            _ => resource.deposed.is_none() && resource.actions == Action::Update,
        };
        if let (true, Some(InstanceKey::Int(index))) = (moves, &resource.address.key) {
            let desired = triple.desired.as_ref().and_then(Option::as_ref);
            let item = Item { at: Some(at), actual: triple.actual.as_ref(), desired };
            blocks.entry(block(&resource.address)).or_default().insert(*index, item);
        }
    }
    // One instance alone takes nobody's values, and what is only updated in a block that keeps its length is rarely a
    // shift: at least two of them tell.
    blocks.retain(|_, items| items.len() > 1);
    let quiet = quiet(context, &blocks);
    let shifts = blocks.into_iter().filter_map(|(block, mut items)| {
        for (index, value) in quiet.get(&block).into_iter().flatten() {
            items.entry(*index).or_insert(Item { at: None, actual: Some(value), desired: Some(value) });
        }
        shift(context, &items)
    });
    shifts.collect()
}

fn block(address: &ResourceAddr) -> Block<'_> {
    (&address.module, &address.type_name, &address.name)
}

/// Whether the instance goes because `count` got smaller; versions before 1.1 do not say.
fn is_beyond_end(resource: &ResourceReport) -> bool {
    matches!(resource.action_reason, None | Some(ActionReason::DeleteBecauseCountIndex))
}

/// Values of the instances of these blocks that the plan leaves as they are.
fn quiet<'c>(
    context: &Context<'c>,
    blocks: &BTreeMap<Block<'c>, BTreeMap<u64, Item<'c>>>,
) -> BTreeMap<Block<'c>, BTreeMap<u64, Value>> {
    let names: BTreeSet<(&str, &str)> =
        blocks.keys().map(|(_, type_name, name)| (*type_name, *name)).collect();
    let mut found: BTreeMap<Block<'_>, BTreeMap<u64, Value>> = BTreeMap::new();
    for change in context.plan.changes() {
        let address = &change.address;
        let Some(InstanceKey::Int(index)) = &address.key else { continue };
        if change.action != Action::NoOp
            || address.mode != Mode::Managed
            || change.deposed.is_some()
            || !names.contains(&(&*address.type_name, &*address.name))
            || !blocks.contains_key(&block(address))
        {
            continue;
        }
        // What cannot be decoded is nobody's neighbour.
        let value = change.values(context.plan.source()).ok().and_then(|values| values.before);
        if let Some(value) = value {
            found.entry(block(address)).or_default().insert(*index, value);
        }
    }
    found
}

fn shift(context: &Context<'_>, items: &BTreeMap<u64, Item<'_>>) -> Option<Shift> {
    let paths = paths(context, items);
    let mut found: Vec<(usize, Moved)> =
        paths.iter().filter_map(|path| moved(path, items)).enumerate().collect();
    // The path that shows most, and among equals the first.
    found.sort_by_key(|(at, moved)| (std::cmp::Reverse(moved.pairs.len()), *at));
    let moved = found.into_iter().next()?.1;
    let rewritten =
        moved.pairs.iter().filter_map(|(index, from)| Some((items.get(index)?.at?, *from))).collect();
    let destroyed = items
        .values()
        .filter(|item| item.desired.is_none() && item.actual.is_some())
        .filter_map(|item| item.at);
    Some(Shift {
        direction: moved.direction,
        rewritten,
        destroyed: destroyed.collect(),
        names: names(context, &moved, items),
        path: moved.path,
    })
}

/// The paths that the plan gives a known value of another kind, those that name things first.
fn paths<'c>(context: &Context<'c>, items: &BTreeMap<u64, Item<'_>>) -> Vec<&'c AttrPath> {
    let subjects = items.values().filter_map(|item| context.subject(item.at?));
    let changed: BTreeSet<&AttrPath> = subjects
        .flat_map(|subject| subject.resource.divergences.iter())
        .filter(|divergence| {
            let changes = matches!(divergence.class, Class::Pending | Class::Reverting | Class::Conflicting);
            changes && !divergence.until_apply && !divergence.path.is_root()
        })
        .map(|divergence| &divergence.path)
        .collect();
    let rank = |path: &AttrPath| {
        let name = path.steps().last().and_then(Step::name).unwrap_or_default();
        NAMES.iter().position(|known| *known == name).unwrap_or(NAMES.len())
    };
    let mut paths: Vec<&AttrPath> = changed.into_iter().collect();
    paths.sort_by_key(|path| rank(path));
    paths.truncate(MOST_PATHS);
    paths
}

/// A path whose values moved.
struct Moved {
    path: AttrPath,
    direction: Direction,
    /// Index, and the index whose values it takes.
    pairs: Vec<(u64, u64)>,
}

fn moved(path: &AttrPath, items: &BTreeMap<u64, Item<'_>>) -> Option<Moved> {
    // Where two items have the same text, or there is none, the path tells nothing. Numbers are often counted, so
    // that another length moves them without any item moving.
    let mut holders: BTreeMap<&str, u64> = BTreeMap::new();
    for (index, item) in items {
        let Some(actual) = item.actual else { continue };
        let text = actual.get(path)?.as_str()?;
        if holders.insert(text, *index).is_some() {
            return None;
        }
    }
    let mut pairs = Vec::new();
    let mut strangers = 0_usize;
    for (index, item) in items {
        let Some(text) = item.desired.and_then(|desired| desired.get(path)).and_then(Value::as_str) else {
            continue;
        };
        match holders.get(text) {
            Some(holder) if holder == index => {}
            Some(holder) => pairs.push((*index, *holder)),
            None if item.actual.is_some() => strangers += 1,
            None => {}
        }
    }
    let down = pairs.iter().all(|(index, from)| from > index);
    let up = pairs.iter().all(|(index, from)| from < index);
    let in_order = pairs.is_sorted_by(|(_, a), (_, b)| a < b);
    let ends = items.values().any(|item| item.desired.is_none() || item.actual.is_none());
    let enough = pairs.len() > strangers && (ends || pairs.len() > 1);
    (!pairs.is_empty() && (down || up) && in_order && enough).then(|| Moved {
        path: path.clone(),
        direction: if down { Direction::Down } else { Direction::Up },
        pairs,
    })
}

/// What tells the surviving objects apart, by their index now; empty unless all of it may be shown.
fn names(context: &Context<'_>, moved: &Moved, items: &BTreeMap<u64, Item<'_>>) -> Vec<(u64, String)> {
    let text = |item: &Item<'_>| {
        let subject = item.at.and_then(|at| Some((context.subject(at)?, context.triples.get(at)?)));
        let actual = item.actual?;
        let text = actual.get(&moved.path)?.as_str()?;
        may_be_shown(subject, &moved.path, actual, text).then(|| text.to_owned())
    };
    let wanted: BTreeSet<&str> =
        items.values().filter_map(|item| item.desired?.get(&moved.path)?.as_str()).collect();
    let survives = |item: &Item<'_>| {
        let text = item.actual.and_then(|actual| actual.get(&moved.path)).and_then(Value::as_str);
        text.is_some_and(|text| wanted.contains(text))
    };
    let survivors = items.iter().filter(|(_, item)| survives(item));
    let names: Option<Vec<(u64, String)>> =
        survivors.map(|(index, item)| Some((*index, text(item)?))).collect();
    names.map(without_common_start).unwrap_or_default()
}

fn may_be_shown(
    subject: Option<(Subject<'_>, &Triple)>,
    path: &AttrPath,
    actual: &Value,
    text: &str,
) -> bool {
    let marked = subject.is_some_and(|(subject, triple)| {
        let hidden = |d: &crate::report::Divergence| d.sensitive && d.path.meets(path);
        triple.sensitive.at(path).any() || subject.divergences().any(hidden)
    });
    let value = Value::String(text.into());
    let named = path
        .steps()
        .last()
        .and_then(Step::name)
        .is_some_and(|name| redact::is_named(name, Some(actual), &value));
    !marked && !named && redact::cut_text(text) == text
}

/// `example-birch`, `example-elm` → `birch`, `elm`: people give items short keys.
fn without_common_start(mut names: Vec<(u64, String)>) -> Vec<(u64, String)> {
    let Some((_, first)) = names.first() else { return names };
    let common = names.iter().fold(first.as_str(), |common, (_, name)| {
        let same = common.char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        common.get(..same.unwrap_or(common.len().min(name.len()))).unwrap_or_default()
    });
    let cut = common.rfind(['-', '_', '.', '/', ':']).map_or(0, |at| at + 1);
    if names.len() > 1 && names.iter().all(|(_, name)| name.len() > cut) {
        for (_, name) in &mut names {
            name.drain(..cut);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_leave_out_what_all_names_begin_with() {
        let short = |names: &[&str]| {
            let names = names.iter().zip(0..).map(|(name, at)| (at, (*name).to_owned())).collect();
            without_common_start(names).into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(short(&["example-birch", "example-elm"]), ["birch", "elm"]);
        assert_eq!(short(&["app1", "app2"]), ["app1", "app2"]);
        assert_eq!(short(&["a-", "a-b"]), ["a-", "a-b"]);
        assert_eq!(short(&["only-one"]), ["only-one"]);
    }
}
