//! The cloud behind the provider: objects in memory, which a test may change at will.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PondError;
use super::fill::{fill, fingerprint, known_part};
use super::path::Path;
use super::plan::follow;
use super::shape::TypeShape;
use super::value::Value;
use crate::fixtures::{Failure, NewDefault};

/// A handle to the objects that exist; clones see the same ones.
#[derive(Debug, Clone, Default)]
pub struct Cloud(Arc<Mutex<Objects>>);

#[derive(Debug, Default)]
struct Objects {
    /// By resource type and id.
    existing: BTreeMap<(String, String), Value>,
    failing: Vec<Failure>,
    released: Vec<NewDefault>,
}

/// What came of a creation.
pub(super) enum Created {
    Whole(Value),
    /// The object exists, but the caller only got to know this much before it failed.
    HalfWay(Value),
    /// The object exists, and the caller never gets to know of it.
    Stalled,
}

impl Cloud {
    /// The object of this type and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<Value> {
        self.lock().existing.get(&key(kind, id)).cloned()
    }

    /// The ids of all objects of this type, sorted.
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let objects = self.lock();
        objects.existing.keys().filter(|(of, _)| of == kind).map(|(_, id)| id.clone()).collect()
    }

    /// Puts an object there, or in place of another one.
    pub fn insert(&self, kind: &str, id: &str, object: Value) {
        self.lock().existing.insert(key(kind, id), object);
    }

    /// Changes one path of an object.
    ///
    /// # Errors
    /// If there is no such object, or the path leads nowhere in it.
    pub fn set(&self, kind: &str, id: &str, path: &Path, value: Value) -> Result<(), PondError> {
        let mut objects = self.lock();
        let object =
            objects.existing.get_mut(&key(kind, id)).ok_or_else(|| PondError::NoSuchObject(id.to_owned()))?;
        object.set(path, value)
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// If there is no such object.
    pub fn remove(&self, kind: &str, id: &str) -> Result<(), PondError> {
        let removed = self.lock().existing.remove(&key(kind, id));
        removed.map(drop).ok_or_else(|| PondError::NoSuchObject(id.to_owned()))
    }

    /// Refuses an operation from now on.
    pub fn fail(&self, failure: Failure) {
        self.lock().failing.push(failure);
    }

    /// Refuses nothing any more.
    pub fn heal(&self) {
        self.lock().failing.clear();
    }

    /// Has the provider's next release from now on, which differs in this.
    pub fn release(&self, default: NewDefault) {
        self.lock().released.push(default);
    }

    /// A type as the release in use has it.
    pub(super) fn as_released(&self, kind: &str, shape: &TypeShape) -> Result<TypeShape, PondError> {
        let objects = self.lock();
        let changed = objects.released.iter().filter(|default| default.r#type == kind);
        changed.into_iter().try_fold(shape.clone(), |shape, default| {
            shape.with_default(&default.path.parse()?, &default.value)
        })
    }

    /// What a data source finds: the latest object of its type that has all the values asked for.
    pub(super) fn find(&self, kind: &str, asked: &Value) -> Option<Value> {
        let objects = self.lock();
        let of_kind = objects.existing.iter().filter(|((other, _), _)| other == kind);
        let matching = of_kind.map(|(_, object)| object).filter(|object| object.answers(asked));
        matching.max_by_key(|object| object.get("creation_date").as_str().map(str::to_owned)).cloned()
    }

    /// What a provider reads: the object as it is now, `None` if it is gone.
    pub(super) fn read(&self, kind: &str, shape: &TypeShape, recorded: &Value) -> Option<Value> {
        if shape.stateless {
            return Some(recorded.clone());
        }
        let mut object = self.get(kind, recorded.get("id").as_str()?)?;
        follow(shape, &mut object);
        Some(object)
    }

    /// Makes a planned object real: what was unknown gets a value.
    pub(super) fn create(
        &self,
        kind: &str,
        shape: &TypeShape,
        planned: &Value,
    ) -> Result<Created, PondError> {
        let mut objects = self.lock();
        let any = |wanted: fn(&Failure) -> Option<&String>| {
            objects.failing.iter().filter_map(wanted).any(|of| of == kind)
        };
        let fails = any(|failure| match failure {
            Failure::Create(of) => Some(of),
            _ => None,
        });
        let stalls = any(|failure| match failure {
            Failure::Stall(of) => Some(of),
            _ => None,
        });
        let (id, object) = unused(&objects, kind, shape, planned)?;
        objects.existing.insert(key(kind, &id), object.clone());
        if stalls {
            return Ok(Created::Stalled);
        }
        if !fails {
            return Ok(Created::Whole(object));
        }
        let mut partial = known_part(planned);
        partial.set(&"id".parse()?, Value::String(id))?;
        Ok(Created::HalfWay(partial))
    }

    /// Makes a planned change of an existing object real.
    pub(super) fn update(&self, kind: &str, shape: &TypeShape, id: &str, planned: &Value) -> Value {
        let object = fill(shape, planned, fingerprint(planned));
        self.insert(kind, id, object.clone());
        object
    }

    /// Deletes an object; one that is gone already counts as done.
    pub(super) fn delete(&self, kind: &str, id: &str) -> Result<(), PondError> {
        let mut objects = self.lock();
        if objects.failing.iter().any(|failure| matches!(failure, Failure::Delete(of) if of == kind)) {
            return Err(PondError::Refused(id.to_owned()));
        }
        objects.existing.remove(&key(kind, id));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(kind: &str, id: &str) -> (String, String) {
    (kind.to_owned(), id.to_owned())
}

/// The planned object under an id that is free. Two objects that differ in nothing still get an id
/// each, unless their ids are made of their names alone.
fn unused(
    objects: &Objects,
    kind: &str,
    shape: &TypeShape,
    planned: &Value,
) -> Result<(String, Value), PondError> {
    let mut number = fingerprint(planned);
    let mut taken = None;
    loop {
        let object = fill(shape, planned, number);
        let id = object.get("id").as_str().ok_or_else(|| PondError::NoId(kind.to_owned()))?.to_owned();
        if !objects.existing.contains_key(&key(kind, &id)) {
            return Ok((id, object));
        }
        if taken.replace(id.clone()).is_some_and(|before| before == id) {
            return Err(PondError::Exists(id));
        }
        number = number.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from(&serde_json::from_str::<serde_json::Value>(json).unwrap())
    }

    #[test]
    fn a_data_source_finds_the_latest_object_that_has_what_it_asks_for() {
        let cloud = Cloud::default();
        for (id, architecture, created) in
            [("a", "x86", "2026-02"), ("b", "x86", "2026-01"), ("c", "arm", "2026-03")]
        {
            let image = format!(
                r#"{{"id": "{id}", "architecture": "{architecture}", "creation_date": "{created}"}}"#
            );
            cloud.insert("image", id, value(&image));
        }
        let found = |asked: &str| {
            let object = cloud.find("image", &value(asked));
            object.and_then(|object| object.get("id").as_str().map(str::to_owned))
        };
        assert_eq!(found(r#"{"architecture": "x86", "owners": ["me"]}"#).as_deref(), Some("a"));
        assert_eq!(found(r#"{"architecture": null}"#).as_deref(), Some("c"));
        assert_eq!(found(r#"{"architecture": "mips"}"#), None);
    }
}
