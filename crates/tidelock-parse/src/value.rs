//! Values of attributes, decoded on demand and exact.

use std::collections::BTreeMap;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::value::RawValue;

use crate::{
    number::Number,
    object::{Entries, is_duplicate},
    path::{AttrPath, Step},
};

/// Deepest nesting of a value that is decoded. Real values stay far below: schemas nest by hand.
pub const MAX_DEPTH: usize = 128;

/// A value of an attribute, block or whole instance.
///
/// Null, absent and unknown are three different things: null is [`Value::Null`], unknown is
/// [`Value::Unknown`], and what is absent has no `Value` at all (`Option<&Value>`). Whether something is
/// sensitive stands in a [`Mask`] beside the value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Explicit null.
    #[default]
    Null,
    /// Known only after apply.
    Unknown,
    /// Truth value.
    Bool(bool),
    /// Number of any length, compared as a decimal.
    Number(Number),
    /// Text.
    String(Box<str>),
    /// List, set, tuple or repeated block: JSON does not tell which.
    List(Vec<Value>),
    /// Map, object or single block: JSON does not tell which.
    Object(BTreeMap<Box<str>, Value>),
}

/// A value of the input cannot be decoded. Never quotes the input, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ValueError {
    /// The text is no JSON value.
    #[error("a value is not valid JSON")]
    #[diagnostic(
        code(tidelock::value::json),
        help("the file was damaged after it was written; write it again")
    )]
    Json,
    /// An object holds one key twice with different values, so that nobody can say which of the two counts.
    #[error("an object holds one key twice, with different values")]
    #[diagnostic(
        code(tidelock::value::duplicate_key),
        help("neither tofu nor terraform writes this: something edited the file; write it again")
    )]
    DuplicateKey,
    /// The bytes of a saved plan are no value.
    #[error("a value is damaged")]
    #[diagnostic(
        code(tidelock::value::msgpack),
        help("the file was damaged after it was written; copy it again, or plan again with `-out=PLANFILE`")
    )]
    Msgpack,
    /// More parts than any provider writes.
    #[error("a value has millions of parts")]
    #[diagnostic(
        code(tidelock::value::size),
        help("no provider writes such a value: check where the file comes from")
    )]
    TooLarge,
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("a value is nested more than {MAX_DEPTH} levels deep")]
    #[diagnostic(
        code(tidelock::value::depth),
        help("no provider writes such a value: check where the file comes from")
    )]
    TooDeep,
}

impl ValueError {
    /// Sorts the parser's complaint; its text is dropped, because it may quote the input.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        if is_duplicate(error) { Self::DuplicateKey } else { Self::Json }
    }
}

impl Value {
    /// Decodes one JSON value; numbers keep all their digits.
    ///
    /// # Errors
    /// [`ValueError`] if `json` is no JSON value, nested too deeply, or has an object that gives one key two values.
    pub fn decode(json: &str) -> Result<Self, ValueError> {
        let raw: &RawValue = serde_json::from_str(json).map_err(|_| ValueError::Json)?;
        Self::from_raw(raw, MAX_DEPTH)
    }

    fn from_raw(raw: &RawValue, depth: usize) -> Result<Self, ValueError> {
        let text = raw.get();
        let deeper = depth.checked_sub(1).ok_or(ValueError::TooDeep)?;
        Ok(match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'"') => Self::String(serde_json::from_str(text).map_err(|_| ValueError::Json)?),
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| ValueError::Json)?;
                Self::List(
                    items.into_iter().map(|item| Self::from_raw(item, deeper)).collect::<Result<_, _>>()?,
                )
            }
            Some(b'{') => {
                let fields: Entries<Box<str>, &RawValue> =
                    serde_json::from_str(text).map_err(|_| ValueError::Json)?;
                let fields = fields.into_map(|a, b| a.get() == b.get()).ok_or(ValueError::DuplicateKey)?;
                let fields = fields.into_iter().map(|(name, raw)| Ok((name, Self::from_raw(raw, deeper)?)));
                Self::Object(fields.collect::<Result<_, _>>()?)
            }
            _ => Self::Number(Number::parse(text).ok_or(ValueError::Json)?),
        })
    }

    /// Marks as [`Value::Unknown`] what the mask `after_unknown` of a plan says is not known yet.
    ///
    /// An unknown map or object entry is missing from `after`, an unknown list element is null there.
    #[must_use]
    pub fn with_unknown(self, mask: &Mask) -> Self {
        match (self, mask) {
            (_, Mask::All) => Self::Unknown,
            (Self::Object(mut fields), Mask::Fields(masks)) => {
                for (name, mask) in masks {
                    if mask.any() {
                        let field = fields.remove(name).unwrap_or_default();
                        fields.insert(name.clone(), field.with_unknown(mask));
                    }
                }
                Self::Object(fields)
            }
            (Self::List(mut items), Mask::Items(masks)) => {
                for (item, mask) in items.iter_mut().zip(masks) {
                    *item = std::mem::take(item).with_unknown(mask);
                }
                Self::List(items)
            }
            // The shape beside the mask is missing: build what the mask describes.
            (Self::Null, Mask::Fields(_)) if mask.any() => Self::Object(BTreeMap::new()).with_unknown(mask),
            (Self::Null, Mask::Items(masks)) if mask.any() => {
                Self::List(vec![Self::Null; masks.len()]).with_unknown(mask)
            }
            (value, _) => value,
        }
    }

    /// The value one step further; `None` if there is nothing.
    pub fn step(&self, step: &Step) -> Option<&Self> {
        match (self, step) {
            (Self::Object(fields), Step::Attr(name) | Step::Key(name)) => fields.get(name),
            (Self::List(items), Step::Index(index)) => items.get(usize::try_from(*index).ok()?),
            _ => None,
        }
    }

    /// The value at `path`; `None` if there is nothing.
    pub fn get(&self, path: &AttrPath) -> Option<&Self> {
        path.steps().iter().try_fold(self, Self::step)
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements, if this is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if this is an object or map.
    pub fn as_object(&self) -> Option<&BTreeMap<Box<str>, Self>> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether this is null, `""`, an empty list or an empty object.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(fields) => fields.is_empty(),
            Self::Unknown | Self::Bool(_) | Self::Number(_) => false,
        }
    }

    /// Whether anything inside is unknown.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Object(fields) => fields.values().any(Self::has_unknown),
            _ => false,
        }
    }
}

/// Writes JSON with every digit of a number kept. Unknown becomes null; say so beside it.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null | Self::Unknown => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => RawValue::from_string(number.as_str().to_owned())
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, field) in fields {
                    map.serialize_entry(&**name, field)?;
                }
                map.end()
            }
        }
    }
}

/// Says for every part of a value whether something (unknown, sensitive) holds; `true` covers what is below.
///
/// Source: `after_unknown`, `before_sensitive`, `after_sensitive`, `sensitive_values`. Entries that are false
/// are left out of objects and kept in arrays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mask {
    /// Holds nowhere.
    #[default]
    None,
    /// Holds for the value and all of its parts.
    All,
    /// Object or map: what holds for each entry.
    Fields(BTreeMap<Box<str>, Mask>),
    /// List or set: what holds for each element.
    Items(Vec<Mask>),
}

impl Mask {
    /// Decodes a mask; anything that is neither true, object nor array holds nowhere.
    ///
    /// # Errors
    /// [`ValueError`] as for [`Value::decode`].
    pub fn decode(json: &str) -> Result<Self, ValueError> {
        // The common cases, without a parser.
        match json {
            "{}" | "[]" | "false" | "null" => Ok(Self::None),
            "true" => Ok(Self::All),
            _ => Value::decode(json).map(|value| Self::from_value(&value)),
        }
    }

    fn from_value(value: &Value) -> Self {
        match value {
            Value::Bool(true) => Self::All,
            Value::List(items) => Self::Items(items.iter().map(Self::from_value).collect()),
            Value::Object(fields) => Self::Fields(
                fields.iter().map(|(name, field)| (name.clone(), Self::from_value(field))).collect(),
            ),
            _ => Self::None,
        }
    }

    /// Whether it holds anywhere.
    pub fn any(&self) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Fields(fields) => fields.values().any(Self::any),
            Self::Items(items) => items.iter().any(Self::any),
        }
    }

    /// The mask one step further.
    pub fn step(&self, step: &Step) -> &Self {
        match (self, step) {
            (Self::All, _) => &Self::All,
            (Self::Fields(fields), Step::Attr(name) | Step::Key(name)) => {
                fields.get(name).unwrap_or(&Self::None)
            }
            (Self::Items(items), Step::Index(index)) => {
                usize::try_from(*index).ok().and_then(|index| items.get(index)).unwrap_or(&Self::None)
            }
            _ => &Self::None,
        }
    }

    /// The mask at `path`; [`Mask::All`] if it holds for any ancestor.
    pub fn at(&self, path: &AttrPath) -> &Self {
        path.steps().iter().fold(self, Self::step)
    }

    /// Marks `path` and everything below it.
    pub fn mark(&mut self, path: &[Step]) {
        let Some((step, rest)) = path.split_first() else {
            *self = Self::All;
            return;
        };
        if matches!(self, Self::All) {
            return;
        }
        match step {
            Step::Attr(name) | Step::Key(name) => {
                if !matches!(self, Self::Fields(_)) {
                    *self = Self::Fields(BTreeMap::new());
                }
                if let Self::Fields(fields) = self {
                    fields.entry(name.clone()).or_default().mark(rest);
                }
            }
            Step::Index(index) => {
                if !matches!(self, Self::Items(_)) {
                    *self = Self::Items(Vec::new());
                }
                // A position far beyond any real list marks the whole list instead of allocating for it.
                let Some(index) = usize::try_from(*index).ok().filter(|index| *index < 1 << 20) else {
                    *self = Self::All;
                    return;
                };
                if let Self::Items(items) = self {
                    if items.len() <= index {
                        items.resize(index + 1, Self::None);
                    }
                    if let Some(item) = items.get_mut(index) {
                        item.mark(rest);
                    }
                }
            }
        }
    }

    /// Holds where either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, mask) | (mask, Self::None) => mask.clone(),
            (Self::Fields(a), Self::Fields(b)) => {
                let mut fields = a.clone();
                for (name, mask) in b {
                    let merged = fields.get(name).map_or_else(|| mask.clone(), |own| own.union(mask));
                    fields.insert(name.clone(), merged);
                }
                Self::Fields(fields)
            }
            (Self::Items(a), Self::Items(b)) => {
                let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
                let mut items = long.clone();
                for (item, other) in items.iter_mut().zip(short) {
                    *item = item.union(other);
                }
                Self::Items(items)
            }
            // Contradicting shapes: the louder reading.
            (Self::Fields(_), Self::Items(_)) | (Self::Items(_), Self::Fields(_)) => {
                if self.any() || other.any() { Self::All } else { Self::None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(json: &str) -> Value {
        Value::decode(json).unwrap()
    }

    #[test]
    fn null_absent_and_unknown_are_three_things() {
        let mask = Mask::decode(r#"{"later":true,"list":[true,false]}"#).unwrap();
        let value = v(r#"{"nothing":null,"list":[null,"x"]}"#).with_unknown(&mask);
        let at = |path: &str| value.get(&path.parse().unwrap()).cloned();
        assert_eq!(at("nothing"), Some(Value::Null));
        assert_eq!(at("missing"), None);
        assert_eq!(at("later"), Some(Value::Unknown));
        assert_eq!(at("list[0]"), Some(Value::Unknown));
        assert_eq!(at("list[1]"), Some(Value::String("x".into())));
    }

    #[test]
    fn numbers_beyond_floats_survive_decoding_and_encoding() {
        let text = r#"{"a":12345678901234567890123,"b":1e999,"c":0.1}"#;
        assert_eq!(serde_json::to_string(&v(text)).unwrap(), text);
        assert_eq!(v("1.0"), v("1"));
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Value::decode(&deep), Err(ValueError::TooDeep));
        assert_eq!(Value::decode("{"), Err(ValueError::Json));
    }

    #[test]
    fn a_key_with_two_values_is_refused_at_any_depth() {
        assert_eq!(v(r#"{"a":1,"a":1}"#), v(r#"{"a":1}"#));
        assert_eq!(Value::decode(r#"{"a":1,"a":2}"#), Err(ValueError::DuplicateKey));
        assert_eq!(Value::decode(r#"[{"a":{"b":1,"b":2}}]"#), Err(ValueError::DuplicateKey));
    }

    #[test]
    fn a_true_mask_covers_everything_below() {
        let mask = Mask::decode(r#"{"a":true,"b":[false,{"c":true}]}"#).unwrap();
        assert_eq!(mask.at(&"a.x[3]".parse().unwrap()), &Mask::All);
        assert_eq!(mask.at(&"b[1].c".parse().unwrap()), &Mask::All);
        assert!(!mask.at(&"b[0]".parse().unwrap()).any());
        assert!(!mask.at(&"z".parse().unwrap()).any());
    }

    #[test]
    fn union_of_masks_holds_where_either_holds() {
        let a = Mask::decode(r#"{"a":true}"#).unwrap();
        let b = Mask::decode(r#"{"b":[true]}"#).unwrap();
        assert_eq!(a.union(&b), Mask::decode(r#"{"a":true,"b":[true]}"#).unwrap());
    }
}
