//! What the cloud fills in when an object is made: ids, addresses, everything computed.

use std::collections::BTreeMap;

use super::plan::follow;
use super::shape::{Attribute, Block, Nesting, TypeShape};
use super::value::Value;

/// The planned object with a value for everything that the plan left unknown; `number` is what
/// its ids are made of.
pub(super) fn fill(shape: &TypeShape, planned: &Value, number: u64) -> Value {
    let mut object = planned.clone();
    // A value may be made from others that are unknown as well; those come first.
    for _ in 0..=shape.block.attributes.len() {
        let known = object.clone();
        Filling { number, root: &known }.block(&shape.block, &mut object);
        if object == known {
            break;
        }
    }
    follow(shape, &mut object);
    known_part(&object)
}

/// The planned object with null for everything not known yet.
pub(super) fn known_part(planned: &Value) -> Value {
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
pub(super) fn fingerprint(value: &Value) -> u64 {
    fnv1a(&format!("{value:?}"))
}

pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

struct Filling<'a> {
    number: u64,
    /// The object as far as it is known, which templates refer to.
    root: &'a Value,
}

impl Filling<'_> {
    fn block(&self, block: &Block, object: &mut Value) {
        let Value::Map(entries) = object else { return };
        for (name, attribute) in &block.attributes {
            if let Some(value) = entries.get_mut(name) {
                self.attribute(attribute, value);
            }
        }
        for (name, nested) in &block.blocks {
            match (nested.nesting, entries.get_mut(name)) {
                (Nesting::List | Nesting::Set, Some(Value::List(items))) => {
                    for item in items {
                        self.block(&nested.block, item);
                    }
                }
                (Nesting::Map, Some(Value::Map(items))) => {
                    for item in items.values_mut() {
                        self.block(&nested.block, item);
                    }
                }
                (Nesting::Single, Some(item)) => self.block(&nested.block, item),
                _ => {}
            }
        }
    }

    fn attribute(&self, attribute: &Attribute, value: &mut Value) {
        match (&attribute.nested, &mut *value) {
            (_, Value::Unknown) => {
                let template = attribute.value.as_ref().unwrap_or(&serde_json::Value::Null);
                if let Some(filled) = self.render(template, attribute) {
                    *value = filled;
                }
            }
            (Some(nested), Value::List(items)) => {
                for item in items {
                    self.nested(&nested.attributes, item);
                }
            }
            (Some(nested), Value::Map(items)) if nested.nesting == Nesting::Map => {
                for item in items.values_mut() {
                    self.nested(&nested.attributes, item);
                }
            }
            (Some(nested), Value::Map(_)) => self.nested(&nested.attributes, value),
            _ => {}
        }
    }

    fn nested(&self, attributes: &BTreeMap<String, Attribute>, object: &mut Value) {
        let Value::Map(entries) = object else { return };
        for (name, attribute) in attributes {
            if let Some(value) = entries.get_mut(name) {
                self.attribute(attribute, value);
            }
        }
    }

    /// The value of a template; `None` while something it names is unknown.
    fn render(&self, template: &serde_json::Value, attribute: &Attribute) -> Option<Value> {
        match template {
            serde_json::Value::Array(items) => {
                items.iter().map(|item| self.render(item, attribute)).collect::<Option<_>>().map(Value::List)
            }
            serde_json::Value::String(text) => {
                let text = self.render_text(text)?;
                let number = attribute.r#type.as_ref().is_some_and(|ty| ty == "number");
                Some(match text.parse() {
                    Ok(number_value) if number => Value::Int(number_value),
                    _ => Value::String(text),
                })
            }
            other => Some(other.into()),
        }
    }

    fn render_text(&self, template: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            text.push_str(before);
            match (name, self.root.get(name)) {
                ("hash", _) => text.extend([format!("{:017x}", self.number)]),
                ("number", _) => text.extend([(self.number % 90_000 + 10_000).to_string()]),
                (_, Value::String(value)) => text.push_str(value),
                (_, Value::Int(value)) => text.extend([value.to_string()]),
                (_, Value::Unknown) => return None,
                _ => text.push_str("none"),
            }
            rest = after;
        }
        text.push_str(rest);
        Some(text)
    }
}
