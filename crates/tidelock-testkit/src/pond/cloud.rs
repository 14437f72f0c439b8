//! The cloud behind the provider: objects in memory, which a test may change at will.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PondError;
use super::path::Path;
use super::plan::follow;
use super::shape::{Attribute, Block, Nesting, TypeShape};
use super::value::Value;
use crate::fixtures::Failure;

/// A handle to the objects that exist; clones see the same ones.
#[derive(Debug, Clone, Default)]
pub struct Cloud(Arc<Mutex<Objects>>);

#[derive(Debug, Default)]
struct Objects {
    /// By resource type and id.
    existing: BTreeMap<(String, String), Value>,
    failing: Vec<Failure>,
}

/// What came of a creation.
pub(super) enum Created {
    Whole(Value),
    /// The object exists, but the caller only got to know this much before it failed.
    HalfWay(Value),
}

impl Cloud {
    /// The object of this type and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<Value> {
        self.lock().existing.get(&key(kind, id)).cloned()
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
        let fails =
            objects.failing.iter().any(|failure| matches!(failure, Failure::Create(of) if of == kind));
        let mut number = fingerprint(planned);
        let object = loop {
            let object = Filling { shape, number }.object(planned);
            let id = object.get("id").as_str().ok_or_else(|| PondError::NoId(kind.to_owned()))?;
            // Two objects that differ in nothing still have an id each.
            if !objects.existing.contains_key(&key(kind, id)) {
                break object;
            }
            if planned_id_depends_on_nothing_else(shape) {
                return Err(PondError::Exists(id.to_owned()));
            }
            number = number.wrapping_add(1);
        };
        let id = object.get("id").as_str().unwrap_or_default().to_owned();
        objects.existing.insert(key(kind, &id), object.clone());
        if !fails {
            return Ok(Created::Whole(object));
        }
        let mut partial = known_part(planned);
        partial.set(&"id".parse()?, Value::String(id))?;
        Ok(Created::HalfWay(partial))
    }

    /// Makes a planned change of an existing object real.
    pub(super) fn update(&self, kind: &str, shape: &TypeShape, id: &str, planned: &Value) -> Value {
        let object = Filling { shape, number: fingerprint(planned) }.object(planned);
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

/// Whether a second object of the same name cannot exist, so that creating it is an error.
fn planned_id_depends_on_nothing_else(shape: &TypeShape) -> bool {
    let id = shape.block.attributes.get("id").and_then(|id| id.value.as_ref());
    let text = id.map(ToString::to_string).unwrap_or_default();
    !text.contains("{hash}") && !text.contains("{number}") && !text.contains("{vm_id}")
}

/// The planned object with null for everything not known yet.
fn known_part(planned: &Value) -> Value {
    match planned {
        Value::Unknown => Value::Null,
        Value::List(items) => Value::List(items.iter().map(known_part).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(name, value)| (name.clone(), known_part(value))).collect())
        }
        known => known.clone(),
    }
}

/// FNV-1a over the planned object: ids must be the same in every recording, whatever the order
/// in which the tool creates things.
fn fingerprint(value: &Value) -> u64 {
    format!("{value:?}")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Gives values to what a plan left unknown.
struct Filling<'a> {
    shape: &'a TypeShape,
    number: u64,
}

impl Filling<'_> {
    fn object(&self, planned: &Value) -> Value {
        let mut object = planned.clone();
        // A value may be made from others that are unknown as well; those come first.
        for _ in 0..=self.shape.block.attributes.len() {
            let known = object.clone();
            self.block(&self.shape.block, &mut object, &known);
            if object == known {
                break;
            }
        }
        follow(self.shape, &mut object);
        known_part(&object)
    }

    fn block(&self, block: &Block, object: &mut Value, root: &Value) {
        let Value::Map(entries) = object else { return };
        for (name, attribute) in &block.attributes {
            if let Some(value) = entries.get_mut(name) {
                self.attribute(attribute, value, root);
            }
        }
        for (name, nested) in &block.blocks {
            match (nested.nesting, entries.get_mut(name)) {
                (Nesting::List | Nesting::Set, Some(Value::List(items))) => {
                    items.iter_mut().for_each(|item| self.block(&nested.block, item, root));
                }
                (Nesting::Map, Some(Value::Map(items))) => {
                    items.values_mut().for_each(|item| self.block(&nested.block, item, root));
                }
                (Nesting::Single, Some(item)) => self.block(&nested.block, item, root),
                _ => {}
            }
        }
    }

    fn attribute(&self, attribute: &Attribute, value: &mut Value, root: &Value) {
        match (&attribute.nested, &mut *value) {
            (_, Value::Unknown) => {
                let template = attribute.value.as_ref().unwrap_or(&serde_json::Value::Null);
                if let Some(filled) = self.render(template, attribute, root) {
                    *value = filled;
                }
            }
            (Some(nested), Value::List(items)) => items.iter_mut().for_each(|item| {
                self.nested(&nested.attributes, item, root);
            }),
            (Some(nested), Value::Map(items)) if nested.nesting == Nesting::Map => {
                items.values_mut().for_each(|item| self.nested(&nested.attributes, item, root));
            }
            (Some(nested), Value::Map(_)) => self.nested(&nested.attributes, value, root),
            _ => {}
        }
    }

    fn nested(&self, attributes: &BTreeMap<String, Attribute>, object: &mut Value, root: &Value) {
        let Value::Map(entries) = object else { return };
        for (name, attribute) in attributes {
            if let Some(value) = entries.get_mut(name) {
                self.attribute(attribute, value, root);
            }
        }
    }

    /// The value of a template; `None` while something it names is unknown.
    fn render(&self, template: &serde_json::Value, attribute: &Attribute, root: &Value) -> Option<Value> {
        match template {
            serde_json::Value::Array(items) => items
                .iter()
                .map(|item| self.render(item, attribute, root))
                .collect::<Option<_>>()
                .map(Value::List),
            serde_json::Value::String(text) => {
                let text = self.render_text(text, root)?;
                let number = attribute.r#type.as_ref().is_some_and(|ty| ty == "number");
                Some(match text.parse() {
                    Ok(number_value) if number => Value::Int(number_value),
                    _ => Value::String(text),
                })
            }
            other => Some(other.into()),
        }
    }

    fn render_text(&self, template: &str, root: &Value) -> Option<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            text.push_str(before);
            match (name, root.get(name)) {
                ("hash", _) => text.push_str(&format!("{:017x}", self.number)),
                ("number", _) => text.push_str(&(self.number % 90_000 + 10_000).to_string()),
                (_, Value::String(value)) => text.push_str(value),
                (_, Value::Int(value)) => text.push_str(&value.to_string()),
                (_, Value::Unknown) => return None,
                _ => text.push_str("none"),
            }
            rest = after;
        }
        text.push_str(rest);
        Some(text)
    }
}
