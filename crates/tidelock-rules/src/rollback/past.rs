//! What was there before the run.

use std::collections::{BTreeMap, HashMap, HashSet};

use tidelock_parse::{
    ResourceAddr,
    inventory::{Key, Object},
};

use crate::reality::{Held, Reality};

/// The objects and addresses of the state before, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Past<'p> {
    keys: HashSet<&'p Key>,
    addresses: BTreeMap<&'p ResourceAddr, Vec<&'p Held<'p>>>,
    /// Objects that the state after does not hold any more, by what people know them by.
    gone: HashMap<Face<'p>, &'p Held<'p>>,
    left: usize,
}

/// What people know an object by: its name or an address, among its like.
type Face<'p> = (&'p str, &'p str, &'p str);

fn faces(object: &Object) -> impl Iterator<Item = Face<'_>> {
    let texts = object.name.iter().chain(&object.addresses).filter(|text| !text.is_empty());
    texts.map(|text| (object.key.cloud.as_str(), &*object.key.noun, text.as_str()))
}

impl<'p> Past<'p> {
    pub(super) fn of(reality: &'p Reality<'_>, before: Option<usize>, now: Option<usize>) -> Self {
        let in_state = |state| reality.held().iter().filter(move |held| Some(held.state) == state);
        let Some(before) = before else { return Self::default() };
        let kept: HashSet<&Key> =
            in_state(now).filter_map(|held| held.object.as_ref()).flat_map(Object::keys).collect();
        let mut past = Self::default();
        for held in in_state(Some(before)) {
            past.addresses.entry(&held.instance.address).or_default().push(held);
            let Some(object) = &held.object else { continue };
            past.keys.extend(object.keys());
            if object.keys().any(|key| kept.contains(key)) {
                continue;
            }
            past.left += 1;
            past.gone.extend(faces(object).map(|face| (face, held)));
        }
        if now.is_none() {
            past.left = 0;
        }
        past
    }

    /// Whether the object was there.
    pub(super) fn knows(&self, object: &Object) -> bool {
        object.keys().any(|key| self.keys.contains(key))
    }

    /// What the address held.
    pub(super) fn at(&self, address: &ResourceAddr) -> &[&'p Held<'p>] {
        self.addresses.get(address).map(Vec::as_slice).unwrap_or_default()
    }

    /// The object that the state lost and that had the name or an address of this one.
    pub(super) fn forerunner(&self, object: &Object) -> Option<&'p Held<'p>> {
        faces(object).find_map(|face| self.gone.get(&face).copied())
    }

    /// How many objects left the state in the run.
    pub(super) fn lost(&self) -> usize {
        self.left
    }
}
