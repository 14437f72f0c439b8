//! Which objects are worth a comparison.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use tidelock_parse::Value;

use super::Object;
use crate::identity;

/// Comparisons up to which each object of a type is compared with each.
const ALL_WITH_ALL: usize = 2_500;

/// Comparisons up to which objects that share a clue are compared with each other; more of them say that the clue
/// tells nothing.
const PER_CLUE: usize = 400;

/// Sets of known arguments that are told apart within one type.
const FORMS: usize = 8;

/// Objects of one type and provider that go and come.
#[derive(Debug)]
pub(crate) struct Bucket<'c> {
    pub(crate) type_name: &'c str,
    pub(crate) old: Vec<Object<'c>>,
    pub(crate) new: Vec<Object<'c>>,
}

/// The types of which something goes and something comes; sorted.
pub(crate) fn buckets<'c>(old: &[Object<'c>], new: &[Object<'c>]) -> Vec<Bucket<'c>> {
    let mut buckets: BTreeMap<(&str, &str), Bucket<'c>> = BTreeMap::new();
    let key = |object: &Object<'c>| {
        let resource = object.subject.resource;
        (resource.type_name.as_str(), resource.provider.as_str())
    };
    for object in old {
        let bucket = Bucket { type_name: key(object).0, old: Vec::new(), new: Vec::new() };
        buckets.entry(key(object)).or_insert(bucket).old.push(*object);
    }
    for object in new {
        if let Some(bucket) = buckets.get_mut(&key(object)) {
            bucket.new.push(*object);
        }
    }
    buckets.into_values().filter(|bucket| !bucket.new.is_empty()).collect()
}

impl Bucket<'_> {
    /// Positions of objects to compare, sorted.
    ///
    /// Where there are too many for all with all, only those that share a clue: what they are called, all that is
    /// known of the new one, or their address but for the module.
    pub(crate) fn candidates(&self) -> BTreeSet<(usize, usize)> {
        if self.old.len().saturating_mul(self.new.len()) <= ALL_WITH_ALL {
            return (0..self.old.len())
                .flat_map(|old| (0..self.new.len()).map(move |new| (old, new)))
                .collect();
        }
        let mut found = BTreeSet::new();
        let identity = |object: &Object<'_>| {
            let names = identity::of(self.type_name, object.value);
            (!names.is_empty()).then(|| hash(&names))
        };
        self.share(identity, identity, &mut found);
        let place = |object: &Object<'_>| {
            let address = object.subject.address();
            Some(hash(&(&address.name, &address.key)))
        };
        self.share(place, place, &mut found);
        for form in self.forms() {
            let content = |object: &Object<'_>| {
                let fields = object.value.as_object()?;
                let known: Option<Vec<&Value>> = form.iter().map(|name| fields.get(*name)).collect();
                known.map(|known| hash(&known))
            };
            let of_this_form =
                |object: &Object<'_>| content(object).filter(|_| known_names(object.value) == form);
            self.share(content, of_this_form, &mut found);
        }
        found
    }

    /// The sets of arguments that are known of new objects.
    fn forms(&self) -> BTreeSet<Vec<&str>> {
        let forms: BTreeSet<Vec<&str>> = self.new.iter().map(|object| known_names(object.value)).collect();
        forms.into_iter().filter(|form| !form.is_empty()).take(FORMS).collect()
    }

    fn share(
        &self,
        of_old: impl Fn(&Object<'_>) -> Option<u64>,
        of_new: impl Fn(&Object<'_>) -> Option<u64>,
        found: &mut BTreeSet<(usize, usize)>,
    ) {
        let mut clues: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, object) in self.old.iter().enumerate() {
            if let Some(clue) = of_old(object) {
                clues.entry(clue).or_default().0.push(at);
            }
        }
        for (at, object) in self.new.iter().enumerate() {
            if let Some((_, new)) = of_new(object).and_then(|clue| clues.get_mut(&clue)) {
                new.push(at);
            }
        }
        for (old, new) in clues.into_values() {
            if old.len().saturating_mul(new.len()) <= PER_CLUE {
                found.extend(old.iter().flat_map(|old| new.iter().map(move |new| (*old, *new))));
            } else {
                found.extend(self.renamed(&old, &new));
            }
        }
    }

    /// Of too many that share a clue: those whose addresses differ in one name.
    fn renamed(&self, old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
        let address = |object: Option<&Object<'_>>| object.map(|object| object.subject.address().clone());
        let mut by_place: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for at in new {
            if let Some(address) = address(self.new.get(*at)) {
                by_place.entry((address.module, address.key)).or_default().push(*at);
            }
        }
        let mut found = Vec::new();
        for at in old {
            let Some(address) = address(self.old.get(*at)) else { continue };
            let same_place = by_place.get(&(address.module, address.key)).into_iter().flatten();
            found.extend(same_place.take(FORMS).map(|new| (*at, *new)));
        }
        found
    }
}

/// Known arguments that are not empty, booleans left out; in order.
fn known_names(object: &Value) -> Vec<&str> {
    let fields = object.as_object().into_iter().flatten();
    let telling = fields
        .filter(|(_, value)| !value.has_unknown() && !value.is_empty() && !matches!(value, Value::Bool(_)));
    telling.map(|(name, _)| &**name).collect()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
