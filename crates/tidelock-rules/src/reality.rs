//! States held against what really exists.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use tidelock_parse::{
    Mode, ResourceAddr, State, StateError,
    inventory::{Inventory, Key, Object, Status},
    state::{StateFile, StateInstance},
};

/// A state that somebody gave, with the name that reports call it by.
#[derive(Clone, Debug)]
pub struct NamedState {
    /// Name of the input, or of the workspace where several were found.
    pub name: String,
    /// Where it was found, if it belongs to a workspace or is a backup.
    pub file: Option<StateFile>,
    /// The state; `None` for 0 bytes, which is what `state pull` prints where there is none.
    pub state: Option<State>,
}

/// States and inventories, joined by what names an object.
pub struct Reality<'r> {
    /// The states, as they were given.
    pub states: &'r [NamedState],
    /// The inventories, as they were given. Without any, nobody knows what exists.
    pub inventories: &'r [Inventory],
    held: Vec<Held<'r>>,
    objects: Vec<Listed<'r>>,
    by_key: HashMap<Key, usize>,
}

/// An object that a state holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Held<'r> {
    /// Which state, an index into [`Reality::states`].
    pub state: usize,
    /// The instance, with address, deposed key and taint.
    pub instance: &'r StateInstance,
    /// What it stands for; `None` where its values name no object.
    pub object: Option<Object>,
    /// The same object in an inventory, an index into [`Reality::objects`].
    pub listed: Option<usize>,
    /// Whether it has served its time, such as an expired key.
    pub spent: Option<&'static str>,
}

/// An object of an inventory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Listed<'r> {
    /// The object.
    pub object: &'r Object,
    /// Which instances hold it, indices into [`Reality::held`].
    pub holders: Vec<usize>,
    /// Which instances it belongs to as a part, such as the root volume of a machine.
    pub part_of: Vec<usize>,
    /// The name under which another inventory, or another line, lists the same object, where that is another name.
    pub alias: Option<&'r str>,
}

/// Whether an object that a state holds is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is, and so it does.
    There(Status),
    /// It is not, in an inventory that would list it.
    Absent,
    /// No inventory would list it, or the state does not say which object it is.
    NotListed,
}

impl fmt::Debug for Reality<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reality")
            .field("states", &self.states.len())
            .field("held", &self.held.len())
            .field("objects", &self.objects.len())
            .finish_non_exhaustive()
    }
}

impl<'r> Reality<'r> {
    /// Joins them. An object that several inventories list is one object, as the first one of them tells it.
    ///
    /// # Errors
    /// [`StateError`] if the values of an instance cannot be decoded.
    pub fn join(states: &'r [NamedState], inventories: &'r [Inventory]) -> Result<Self, StateError> {
        let mut objects: Vec<Listed<'r>> = Vec::new();
        let mut by_key: HashMap<Key, usize> = HashMap::new();
        for object in inventories.iter().flat_map(|inventory| &inventory.objects) {
            let known = object.keys().find_map(|key| by_key.get(key).copied());
            let index = known.unwrap_or_else(|| {
                objects.push(Listed { object, holders: Vec::new(), part_of: Vec::new(), alias: None });
                objects.len() - 1
            });
            if let Some(listed) = objects.get_mut(index)
                && listed.object.name != object.name
            {
                listed.alias = object.name.as_deref().or(listed.alias);
            }
            for key in object.keys() {
                by_key.entry(key.clone()).or_insert(index);
            }
        }
        let mut held = Vec::new();
        for (number, named) in states.iter().enumerate() {
            let Some(state) = &named.state else { continue };
            for instance in state.instances().iter().filter(|one| one.address.mode == Mode::Managed) {
                let kind = tidelock_types::of(&instance.address.type_name);
                let values = instance.values(state.source())?;
                // What is sensitive names nothing.
                let values = values.value.with_unknown(&values.sensitive);
                let object = kind.object(&instance.address.type_name, &values);
                let listed =
                    object.as_ref().and_then(|object| object.keys().find_map(|key| by_key.get(key).copied()));
                if let Some(listed) = listed.and_then(|index| objects.get_mut(index)) {
                    listed.holders.push(held.len());
                }
                for part in kind.parts(&instance.address.type_name, &values) {
                    if let Some(listed) = by_key.get(&part).and_then(|index| objects.get_mut(*index)) {
                        listed.part_of.push(held.len());
                    }
                }
                held.push(Held { state: number, instance, object, listed, spent: kind.is_spent(&values) });
            }
        }
        Ok(Self { states, inventories, held, objects, by_key })
    }

    /// Every object that a state holds, in the order of the states.
    pub fn held(&self) -> &[Held<'r>] {
        &self.held
    }

    /// Every object of the inventories.
    pub fn objects(&self) -> &[Listed<'r>] {
        &self.objects
    }

    /// The object of an inventory that has this key.
    pub fn find(&self, key: &Key) -> Option<&Listed<'r>> {
        self.by_key.get(key).and_then(|index| self.objects.get(*index))
    }

    /// Where the object of an inventory that has this key stands in [`Reality::objects`].
    pub(crate) fn index_of(&self, key: &Key) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Whether an inventory lists all things of this kind.
    pub fn covers(&self, key: &Key) -> bool {
        self.inventories.iter().any(|inventory| inventory.covers(key))
    }

    /// Whether what a state holds is there.
    pub fn presence(&self, held: &Held<'_>) -> Presence {
        if let Some(listed) = held.listed.and_then(|index| self.objects.get(index)) {
            return Presence::There(listed.object.status.clone());
        }
        match &held.object {
            Some(object) if self.covers(&object.key) => Presence::Absent,
            _ => Presence::NotListed,
        }
    }

    /// Instances by address, the deposed ones left out; an address may stand in several states.
    pub fn by_address(&self) -> BTreeMap<&'r ResourceAddr, Vec<&Held<'r>>> {
        let mut found: BTreeMap<&'r ResourceAddr, Vec<&Held<'r>>> = BTreeMap::new();
        for held in self.held.iter().filter(|held| held.instance.deposed.is_none()) {
            found.entry(&held.instance.address).or_default().push(held);
        }
        found
    }
}
