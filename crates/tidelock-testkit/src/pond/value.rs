//! The values that travel between the tool and the provider.
//!
//! On the wire they are msgpack as Terraform's type system writes it: objects and maps are maps,
//! lists, sets and tuples are arrays, and an unknown value is extension type 0.

use std::collections::BTreeMap;

use rmpv::Value as Wire;

use super::PondError;
use super::path::{Path, Step};

/// The extension type of an unknown value; its payload may refine it, which nothing here needs.
const UNKNOWN: i8 = 0;

/// A value of a resource, without its type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Not known before apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// The elements of a list, a set or a tuple.
    List(Vec<Value>),
    /// The entries of a map, or the attributes of an object or block.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Reads what the tool sent; no bytes at all are null.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, PondError> {
        if bytes.is_empty() {
            return Ok(Self::Null);
        }
        let wire = rmpv::decode::read_value(&mut &*bytes)
            .map_err(|error| PondError::Protocol(format!("not msgpack: {error}")))?;
        Self::from_wire(wire)
    }

    /// Writes a value for the tool.
    pub(super) fn encode(&self) -> Result<Vec<u8>, PondError> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &self.to_wire())
            .map_err(|error| PondError::Protocol(format!("cannot write msgpack: {error}")))?;
        Ok(bytes)
    }

    fn from_wire(wire: Wire) -> Result<Self, PondError> {
        let unsupported = |what: &str| PondError::Protocol(format!("pond does not read {what}"));
        Ok(match wire {
            Wire::Nil => Self::Null,
            Wire::Ext(..) => Self::Unknown,
            Wire::Boolean(bool) => Self::Bool(bool),
            Wire::Integer(int) => Self::Int(int.as_i64().ok_or_else(|| unsupported("such a large number"))?),
            Wire::F32(float) => Self::Float(float.into()),
            Wire::F64(float) => Self::Float(float),
            Wire::String(text) => {
                Self::String(text.into_str().ok_or_else(|| unsupported("text that is not UTF-8"))?)
            }
            Wire::Array(items) => {
                Self::List(items.into_iter().map(Self::from_wire).collect::<Result<_, _>>()?)
            }
            Wire::Map(entries) => {
                let entry = |(key, value): (Wire, Wire)| {
                    let key = key.as_str().ok_or_else(|| unsupported("keys that are not text"))?.to_owned();
                    Ok::<_, PondError>((key, Self::from_wire(value)?))
                };
                Self::Map(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
            }
            Wire::Binary(_) => return Err(unsupported("binary values")),
        })
    }

    fn to_wire(&self) -> Wire {
        match self {
            Self::Null => Wire::Nil,
            Self::Unknown => Wire::Ext(UNKNOWN, vec![0]),
            Self::Bool(bool) => Wire::Boolean(*bool),
            Self::Int(int) => Wire::from(*int),
            Self::Float(float) => Wire::F64(*float),
            Self::String(text) => Wire::from(text.as_str()),
            Self::List(items) => Wire::Array(items.iter().map(Self::to_wire).collect()),
            Self::Map(entries) => Wire::Map(
                entries.iter().map(|(key, value)| (Wire::from(key.as_str()), value.to_wire())).collect(),
            ),
        }
    }

    /// The attribute or entry of this name; null where there is none.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// The elements of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// Whether providers built on the older SDK cannot tell it from null.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// Whether an object has the values that a data source asks for; what either side leaves open
    /// does not matter.
    pub(super) fn answers(&self, asked: &Self) -> bool {
        let Self::Map(asked) = asked else { return false };
        asked.iter().all(|(name, wanted)| {
            let own = self.get(name);
            wanted.is_empty() || own.is_empty() || own == wanted
        })
    }

    /// An object in which another one fills in what is null.
    pub(super) fn filled_from(&self, other: &Self) -> Self {
        let Self::Map(entries) = self else { return other.clone() };
        let filled = entries.iter().map(|(name, own)| {
            let value = if own.is_null() { other.get(name) } else { own };
            (name.clone(), value.clone())
        });
        Self::Map(filled.collect())
    }

    /// Whether this is a number below another number.
    pub(super) fn is_below(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a < b,
            (Self::Float(a), Self::Float(b)) => a < b,
            _ => false,
        }
    }

    /// Puts a value at a path; containers on the way must exist. A null removes the entry of a
    /// map or the element of a list, and an index one past the end appends.
    ///
    /// # Errors
    /// If the path leads nowhere.
    pub fn set(&mut self, path: &Path, value: Self) -> Result<(), PondError> {
        let nowhere = || PondError::NoSuchPath(path.to_string());
        let Some((last, parents)) = path.steps().split_last() else {
            *self = value;
            return Ok(());
        };
        let mut node = self;
        for step in parents {
            node = node.child(step).ok_or_else(nowhere)?;
        }
        match (node, last) {
            (Self::Map(entries), Step::Key(key)) if value.is_null() => {
                entries.remove(key).map(drop).ok_or_else(nowhere)
            }
            (Self::Map(entries), Step::Attribute(name) | Step::Key(name)) => {
                entries.insert(name.clone(), value);
                Ok(())
            }
            (Self::List(items), Step::Index(index)) if *index < items.len() => {
                items.remove(*index);
                if !value.is_null() {
                    items.insert(*index, value);
                }
                Ok(())
            }
            (Self::List(items), Step::Index(index)) if *index == items.len() => {
                items.push(value);
                Ok(())
            }
            _ => Err(nowhere()),
        }
    }

    fn child(&mut self, step: &Step) -> Option<&mut Self> {
        match (self, step) {
            (Self::Map(entries), Step::Attribute(name) | Step::Key(name)) => entries.get_mut(name),
            (Self::List(items), Step::Index(index)) => items.get_mut(*index),
            _ => None,
        }
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(bool) => Self::Bool(*bool),
            serde_json::Value::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().map_or(Self::Null, Self::Float), Self::Int)
            }
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from(&serde_json::from_str::<serde_json::Value>(json).unwrap())
    }

    #[test]
    fn what_is_written_for_the_tool_is_read_back() {
        let mut sent = value(r#"{"a": [1, 2.5, "x", null, true], "b": {"c": {}}}"#);
        sent.set(&"b".parse().unwrap(), Value::Unknown).unwrap();
        assert_eq!(Value::decode(&sent.encode().unwrap()).unwrap(), sent);
    }

    #[test]
    fn a_null_takes_an_entry_or_an_element_away() {
        let mut object = value(r#"{"tags": {"a": "1", "b": "2"}, "list": ["x", "y"], "name": "n"}"#);
        for path in ["tags[\"a\"]", "list[0]", "name"] {
            object.set(&path.parse().unwrap(), Value::Null).unwrap();
        }
        assert_eq!(object, value(r#"{"tags": {"b": "2"}, "list": ["y"], "name": null}"#));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused() {
        let mut object = value(r#"{"list": []}"#);
        assert!(object.set(&"list[1]".parse().unwrap(), Value::Int(1)).is_err());
        assert!(object.set(&"other.name".parse().unwrap(), Value::Int(1)).is_err());
    }
}
