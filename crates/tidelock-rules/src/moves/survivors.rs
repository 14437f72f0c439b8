//! What the rest of a state still knows of objects that the state forgot.

use std::collections::BTreeMap;

use tidelock_parse::{AttrPath, ConfigAddr, ResourceAddr, Value};

use super::{Object, is_created};
use crate::{
    context::{Context, Subject},
    graph::{Through, are_related},
    instance::Triple,
};

/// An object that is created though an instance that stays refers to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembered<'c> {
    /// What is created.
    pub(crate) new: Object<'c>,
    /// Which instance remembers it.
    pub(crate) by: Subject<'c>,
    /// Under which argument.
    pub(crate) at: &'c AttrPath,
    /// Which attribute of the object stands there.
    pub(crate) attribute: &'c AttrPath,
    /// Its value there.
    pub(crate) value: &'c Value,
}

/// Times that the state is looked through; a state that has lost more is lost as a whole.
const LOOKUPS: usize = 64;

/// Finds them, one an object, sorted by address.
///
/// An instance that stays remembers an object if an argument that refers to it has a value that the plan would set to
/// one that is known only after apply, and the state says that the instance depends on the block, of which the state
/// holds nothing, and no other object of the type has the value.
pub(crate) fn remembered<'c>(context: &Context<'c>) -> Vec<Remembered<'c>> {
    // A first deployment has nobody who could remember.
    let stays = |triple: &Triple| triple.actual.is_some() && matches!(triple.desired, Some(Some(_)));
    if !context.changed().any(|(_, triple)| stays(triple)) {
        return Vec::new();
    }
    let created = created(context);
    let references = context.changed().flat_map(|(by, triple)| references(context, &created, by, triple));
    let lost = references.take(LOOKUPS).filter(|remembered| is_lost(context, remembered));
    let mut found: BTreeMap<&ResourceAddr, Remembered<'c>> = BTreeMap::new();
    for remembered in lost {
        found.entry(remembered.new.subject.address()).or_insert(remembered);
    }
    found.into_values().collect()
}

/// Created instances by block.
fn created<'c>(context: &Context<'c>) -> BTreeMap<ConfigAddr, Vec<Object<'c>>> {
    let mut created: BTreeMap<ConfigAddr, Vec<Object<'c>>> = BTreeMap::new();
    for (subject, triple) in context.changed() {
        if let Some(object) = is_created(subject, triple) {
            created.entry(subject.address().config()).or_default().push(object);
        }
    }
    created
}

/// The created objects whose attributes an instance had, and is to get anew.
fn references<'c>(
    context: &Context<'c>,
    created: &BTreeMap<ConfigAddr, Vec<Object<'c>>>,
    by: Subject<'c>,
    triple: &'c Triple,
) -> Vec<Remembered<'c>> {
    let (Some(actual), Some(Some(desired))) = (&triple.actual, &triple.desired) else { return Vec::new() };
    let (graph, block) = (context.graph, by.address().config());
    // Plans list each reference with its shorter prefixes, down to the object itself.
    let edges = graph.references(&block).filter(|edge| !edge.attribute.is_root());
    let found = edges.filter_map(|edge| {
        let Through::Argument(at) = &edge.through else { return None };
        let related = |object: &&Object<'_>| are_related(by.address(), object.subject.address());
        let mut instances = created.get(&edge.target)?.iter().filter(related);
        // Which of several instances is meant, the reference does not tell.
        let (Some(new), None) = (instances.next(), instances.next()) else { return None };
        let value = given_up(actual.get(at)?, desired.get(at)?)?;
        let shown = !triple.sensitive.at(at).any();
        shown.then_some(Remembered { new: *new, by, at, attribute: &edge.attribute, value })
    });
    found.collect()
}

/// The one text or number, on its own or in a list, in whose place comes what is not known yet.
fn given_up<'v>(actual: &'v Value, desired: &Value) -> Option<&'v Value> {
    match (actual, desired) {
        (Value::String(_) | Value::Number(_), Value::Unknown) => Some(actual),
        (Value::List(old), Value::List(new)) => {
            let mut found = old.iter().zip(new).filter_map(|(old, new)| given_up(old, new));
            found.next().filter(|_| found.next().is_none())
        }
        (Value::List(old), Value::Unknown) => match old.as_slice() {
            [only] => given_up(only, desired),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the state says that the object was there, and has lost it.
fn is_lost(context: &Context<'_>, remembered: &Remembered<'_>) -> bool {
    let Some(prior) = context.prior() else { return false };
    let new = remembered.new.subject.address();
    let block = new.config();
    let (mut depends, mut held) = (false, false);
    for object in prior.instances() {
        if object.address == *remembered.by.address() && object.deposed.is_none() {
            depends = object.dependencies(prior.source()).is_ok_and(|blocks| blocks.contains(&block));
        } else if object.address.type_name == new.type_name {
            held = held
                || object.address.config() == block
                || object
                    .values(prior.source())
                    .is_ok_and(|values| values.value.get(remembered.attribute) == Some(remembered.value));
        }
    }
    depends && !held
}
