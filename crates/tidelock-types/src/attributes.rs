//! Reading single attributes out of values of which nothing is promised.

use std::collections::BTreeMap;

use tidelock_parse::Value;

/// The attributes of a resource or of a block inside it.
///
/// What is absent, null, unknown or of another type reads as nothing: the values of a plan are unknown in parts, those of a
/// failed create are null, and a caller marks as unknown what is sensitive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes<'v>(Option<&'v BTreeMap<Box<str>, Value>>);

impl<'v> Attributes<'v> {
    /// Those of an object; none if it is something else.
    pub(crate) fn of(values: &'v Value) -> Self {
        Self(values.as_object())
    }

    fn get(self, name: &str) -> Option<&'v Value> {
        self.0?.get(name)
    }

    /// A text that is not empty.
    pub(crate) fn text(self, name: &str) -> Option<&'v str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The same, to keep.
    pub(crate) fn owned(self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// An id: text or whole number, as text.
    pub(crate) fn id(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => is_id(text).then(|| text.to_string()),
            Value::Number(number) => number.as_u64().filter(|id| *id > 0).map(|id| id.to_string()),
            _ => None,
        }
    }

    /// A whole number above zero, which may be written as text; a platform counts its objects so.
    pub(crate) fn count(self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
        .filter(|id| *id > 0)
    }

    /// A truth value.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The elements of a list or set.
    pub(crate) fn items(self, name: &str) -> impl Iterator<Item = &'v Value> {
        self.get(name).and_then(Value::as_list).into_iter().flatten()
    }

    /// The texts of a list or set.
    pub(crate) fn texts(self, name: &str) -> impl Iterator<Item = &'v str> {
        self.items(name).filter_map(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The texts of a map.
    pub(crate) fn entries(self, name: &str) -> impl Iterator<Item = (&'v str, &'v str)> {
        let entries = self.get(name).and_then(Value::as_object).into_iter().flatten();
        entries.filter_map(|(key, value)| Some((&**key, value.as_str()?)))
    }

    /// Every block of a name; a block that may stand once only is an object in some providers.
    pub(crate) fn blocks(self, name: &str) -> impl Iterator<Item = Self> {
        let value = self.get(name);
        let single = value.filter(|value| value.as_object().is_some());
        self.items(name).chain(single).map(Self::of)
    }

    /// The first block of a name, which may have no attributes.
    pub(crate) fn block(self, name: &str) -> Self {
        self.blocks(name).next().unwrap_or(Self(None))
    }

    /// Whether a configuration says something here: not null, not empty, not false. Unknown is something.
    pub(crate) fn is_set(self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty() && *value != Value::Bool(false))
    }
}

/// Whether a text may name an object in requests and commands: not empty, nothing that a terminal obeys or a program takes
/// for an option.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.chars().any(char::is_control)
}

/// Whether a text is an id and one segment of a path.
pub(crate) fn is_segment(text: &str) -> bool {
    is_id(text) && !text.contains('/') && text != "." && text != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        Value::decode(json).unwrap()
    }

    #[test]
    fn what_is_unknown_or_of_another_type_reads_as_nothing() {
        let mut values =
            read(r#"{"a": 1.5, "b": "", "c": null, "d": -1, "e": 0, "f": "x\ny", "g": "-rf", "h": []}"#);
        if let Value::Object(fields) = &mut values {
            fields.insert("u".into(), Value::Unknown);
        }
        let attributes = Attributes::of(&values);
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "u", "absent"] {
            assert_eq!(attributes.id(name), None, "{name}");
            assert_eq!(attributes.count(name), None, "{name}");
        }
        assert_eq!(Attributes::of(&read("[]")).text("a"), None);
    }

    #[test]
    fn numbers_and_texts_give_the_same_id() {
        let values = read(r#"{"n": 110, "t": "110", "f": 110.0}"#);
        let attributes = Attributes::of(&values);
        for name in ["n", "t", "f"] {
            assert_eq!(attributes.id(name).as_deref(), Some("110"));
            assert_eq!(attributes.count(name), Some(110));
        }
    }

    #[test]
    fn a_block_is_a_list_of_one_or_an_object() {
        for json in [r#"{"b": [{"x": "1"}]}"#, r#"{"b": {"x": "1"}}"#] {
            assert_eq!(Attributes::of(&read(json)).block("b").text("x"), Some("1"));
        }
        assert_eq!(Attributes::of(&read(r#"{"b": []}"#)).block("b").text("x"), None);
    }
}
