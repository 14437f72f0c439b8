//! Redaction: turns real values into what may be shown. Nothing else builds a [`Shown`].

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    path::{AttrPath, Step},
    secret,
    value::{Mask, Value},
};

/// Why a part of a shown value is missing from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaskedWhy {
    /// Known only after apply.
    Unknown,
    /// Marked sensitive by the plan, the state or a schema.
    Sensitive,
    /// Not marked, but secret by its form (a private key, a token); inside a text only that part is cut out.
    SecretByForm,
}

/// A part that was cut out of a shown value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Masked {
    /// Where, relative to the shown value.
    pub path: AttrPath,
    /// Why.
    pub why: MaskedWhy,
}

/// A value in the form in which it may leave the program.
///
/// Serialises as `{"value": v}` (with `"masked"` if parts are cut out), `{"absent": true}`,
/// `{"unknown": true}` or `{"redacted": true, "same": "a"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown {
    /// There is nothing at this path.
    Absent,
    /// Known only after apply.
    Unknown,
    /// Wholly hidden. Equal letters within one set of values mean equal values; `z` is shared by all values after the
    /// twenty-fifth.
    Redacted {
        /// `a` to `z`.
        same: char,
    },
    /// Visible, but for the parts listed, which are null (or cut out of a text).
    Value {
        /// What may be seen.
        value: Value,
        /// What was cut out, sorted by path.
        masked: Vec<Masked>,
    },
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Absent => map.serialize_entry("absent", &true)?,
            Self::Unknown => map.serialize_entry("unknown", &true)?,
            Self::Redacted { same } => {
                map.serialize_entry("redacted", &true)?;
                map.serialize_entry("same", same)?;
            }
            Self::Value { value, masked } => {
                map.serialize_entry("value", value)?;
                if !masked.is_empty() {
                    map.serialize_entry("masked", masked)?;
                }
            }
        }
        map.end()
    }
}

/// What replaces a secret inside a longer text.
pub const CUT: &str = "(redacted)";

/// Turns the values of one divergence into what may be shown; the letters of [`Shown::Redacted`] compare
/// across all calls on the same redactor.
#[derive(Debug, Default)]
pub struct Redactor {
    seen: Vec<Value>,
}

impl Redactor {
    /// What may be shown of `value`, given what is marked sensitive in it.
    pub fn show(&mut self, value: Option<&Value>, sensitive: &Mask) -> Shown {
        match value {
            None => Shown::Absent,
            Some(Value::Unknown) => Shown::Unknown,
            Some(value) if matches!(sensitive, Mask::All) => self.redacted(value),
            Some(Value::String(text)) if whole(text, &secret::find(text)) => {
                self.redacted(&Value::String(text.clone()))
            }
            Some(value) => {
                let mut masked = Vec::new();
                let value = cut(value, sensitive, &mut AttrPath::root(), &mut masked);
                masked.sort();
                Shown::Value { value, masked }
            }
        }
    }

    fn redacted(&mut self, value: &Value) -> Shown {
        let known =
            self.seen.iter().zip('a'..='z').find(|(seen, _)| *seen == value).map(|(_, letter)| letter);
        let same = known.unwrap_or_else(|| {
            // What comes after the last letter shares it, so there is no need to remember it.
            let letter = ('a'..='y').nth(self.seen.len());
            if letter.is_some() {
                self.seen.push(value.clone());
            }
            letter.unwrap_or('z')
        });
        Shown::Redacted { same }
    }
}

/// Texts that are marked sensitive somewhere in an artifact. Where the same text stands unmarked, it is the same secret:
/// `nonsensitive()`, a module that hands a password on, a provider that does not mark what it got.
#[derive(Clone, Default)]
pub struct KnownSecrets {
    all: BTreeSet<Box<str>>,
    /// Finds the longer ones inside texts, all in one pass; made when it is first needed.
    inside: OnceCell<Option<AhoCorasick>>,
}

impl std::fmt::Debug for KnownSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownSecrets").field("texts", &self.all.len()).finish_non_exhaustive()
    }
}

/// A shorter text is as likely a word as a secret.
const LEAST_CHARS: usize = 6;
/// A shorter secret may be part of a longer text by chance.
const LEAST_CHARS_INSIDE: usize = 10;

impl KnownSecrets {
    /// Remembers the texts in `value` that `sensitive` marks.
    pub fn add(&mut self, value: &Value, sensitive: &Mask) {
        let whole = matches!(sensitive, Mask::All);
        match value {
            Value::String(text) if whole && text.chars().count() >= LEAST_CHARS => {
                self.all.insert(text.clone());
                self.inside = OnceCell::new();
            }
            Value::List(items) if whole || sensitive.any() => {
                for (item, at) in items.iter().zip(0_u64..) {
                    self.add(item, sensitive.step(&Step::Index(at)));
                }
            }
            Value::Object(fields) if whole || sensitive.any() => {
                for (name, field) in fields {
                    self.add(field, sensitive.step(&Step::attr(name)));
                }
            }
            _ => {}
        }
    }

    /// Hides them in what was about to be shown.
    pub fn hide(&self, shown: &mut Shown) {
        if let Shown::Value { value, masked } = shown
            && !self.all.is_empty()
        {
            self.hide_in(value, &mut AttrPath::root(), masked);
            masked.sort();
            masked.dedup();
        }
    }

    /// `text` without them; for what is no attribute value: names, ids, messages.
    pub fn cut<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.all.contains(text) {
            return CUT.into();
        }
        let Some(inside) = self.inside().filter(|inside| inside.is_match(text)) else { return text.into() };
        let mut out = String::with_capacity(text.len());
        inside.replace_all_with(text, &mut out, |_, _, out| {
            out.push_str(CUT);
            true
        });
        out.into()
    }

    fn inside(&self) -> Option<&AhoCorasick> {
        let build = || {
            let long: Vec<&str> = self
                .all
                .iter()
                .map(|text| &**text)
                .filter(|text| text.chars().count() >= LEAST_CHARS_INSIDE)
                .collect();
            let mut builder = AhoCorasick::builder();
            (!long.is_empty())
                .then(|| builder.match_kind(MatchKind::LeftmostLongest).build(long).ok())
                .flatten()
        };
        self.inside.get_or_init(build).as_ref()
    }

    fn hide_in(&self, value: &mut Value, path: &mut AttrPath, masked: &mut Vec<Masked>) {
        match value {
            Value::String(text) => {
                let cut = self.cut(text);
                if *cut == **text {
                    return;
                }
                masked.push(Masked { path: path.clone(), why: MaskedWhy::Sensitive });
                let shown = if cut == CUT { Value::Null } else { Value::String((*cut).into()) };
                *value = shown;
            }
            Value::List(items) => {
                for (item, at) in items.iter_mut().zip(0_u64..) {
                    path.push(Step::Index(at));
                    self.hide_in(item, path, masked);
                    path.pop();
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    path.push(Step::attr(name));
                    self.hide_in(field, path, masked);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

/// Whether the secret ranges are all there is in a text.
fn whole(text: &str, ranges: &[std::ops::Range<usize>]) -> bool {
    matches!(ranges, [only] if text.get(only.clone()).is_some_and(|part| part == text.trim()))
}

fn cut(value: &Value, sensitive: &Mask, path: &mut AttrPath, masked: &mut Vec<Masked>) -> Value {
    let why = match value {
        Value::Unknown => MaskedWhy::Unknown,
        _ if matches!(sensitive, Mask::All) => MaskedWhy::Sensitive,
        Value::String(text) => {
            let ranges = secret::find(text);
            if ranges.is_empty() {
                return value.clone();
            }
            masked.push(Masked { path: path.clone(), why: MaskedWhy::SecretByForm });
            return if whole(text, &ranges) { Value::Null } else { Value::String(cut_text(text).into()) };
        }
        Value::List(items) => {
            let items = items.iter().zip(0_u64..);
            return Value::List(
                items.map(|(item, at)| below(item, sensitive, Step::Index(at), path, masked)).collect(),
            );
        }
        Value::Object(fields) => {
            let mut shown = BTreeMap::new();
            for (name, field) in fields {
                let step = Step::attr(name);
                let is_marked = matches!(sensitive.step(&step), Mask::All);
                let part = if !is_marked && is_named(name, Some(value), field) {
                    masked.push(Masked { path: path.child(step), why: MaskedWhy::SecretByForm });
                    Value::Null
                } else {
                    below(field, sensitive, step, path, masked)
                };
                shown.insert(name.clone(), part);
            }
            return Value::Object(shown);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => return value.clone(),
    };
    masked.push(Masked { path: path.clone(), why });
    Value::Null
}

fn below(
    value: &Value,
    sensitive: &Mask,
    step: Step,
    path: &mut AttrPath,
    masked: &mut Vec<Masked>,
) -> Value {
    let mask = sensitive.step(&step);
    path.push(step);
    let shown = cut(value, mask, path, masked);
    path.pop();
    shown
}

/// Whether a value is secret because of the name that it stands under, given the object around both: a password-like
/// name, or `value` beside a `name` that says what it is (`{ name = "DB_PASSWORD", value = … }`).
pub fn is_named(name: &str, object: Option<&Value>, value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let named = match object {
        Some(Value::Object(fields)) if name == "value" => fields.get("name"),
        _ => None,
    };
    let by_sibling = matches!(named, Some(Value::String(other)) if secret::is_named(other, text));
    by_sibling || secret::is_named(name, text)
}

/// `text` with every part that is secret by form replaced by [`CUT`]; for texts that are no attribute values
/// (check messages, names).
pub fn cut_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in secret::find(text) {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(CUT);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// `text` with every byte that is secret by form replaced by `*`; lines and places stay where they are. For texts that
/// are quoted with something underlined in them.
pub fn blank_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in secret::find(text) {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        for c in text.get(range.clone()).unwrap_or_default().chars() {
            match c {
                '\n' | '\r' => out.push(c),
                _ => out.extend(std::iter::repeat_n('*', c.len_utf8())),
            }
        }
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_share_a_letter_and_show_nothing_else() {
        let mut redactor = Redactor::default();
        let (a, b) = (Value::String("hunter2".into()), Value::String("other".into()));
        let shown = [&a, &b, &a].map(|value| redactor.show(Some(value), &Mask::All));
        let text = serde_json::to_string(&shown).unwrap();
        assert_eq!(
            text,
            r#"[{"redacted":true,"same":"a"},{"redacted":true,"same":"b"},{"redacted":true,"same":"a"}]"#
        );
    }

    #[test]
    fn secrets_beyond_the_letters_share_the_last_one() {
        let mut redactor = Redactor::default();
        let mut letter = |secret: u64| match redactor.show(Some(&Value::Number(secret.into())), &Mask::All) {
            Shown::Redacted { same } => same,
            other => panic!("{other:?}"),
        };
        let letters: String = (0..30).map(&mut letter).collect();
        assert_eq!(letters, "abcdefghijklmnopqrstuvwxyzzzzz");
        assert_eq!((letter(0), letter(24), letter(29)), ('a', 'y', 'z'));
    }

    #[test]
    fn a_value_under_a_password_like_name_is_hidden_though_nothing_marks_it() {
        let value = Value::decode(
            r#"{"env":{"DB_PASSWORD":"hunter2","MODE":"x"},"vars":[{"name":"API_KEY","value":"hunter2"},{"name":"MODE","value":"x"}]}"#,
        );
        let shown = Redactor::default().show(Some(&value.unwrap()), &Mask::None);
        assert_eq!(
            serde_json::to_string(&shown).unwrap(),
            concat!(
                r#"{"value":{"env":{"DB_PASSWORD":null,"MODE":"x"},"#,
                r#""vars":[{"name":"API_KEY","value":null},{"name":"MODE","value":"x"}]},"#,
                r#""masked":[{"path":"env.DB_PASSWORD","why":"secret_by_form"},{"path":"vars[0].value","why":"secret_by_form"}]}"#
            )
        );
    }

    #[test]
    fn sensitive_and_unknown_parts_are_null_and_listed() {
        let value = Value::decode(r#"{"user":"ada","password":"hunter2","id":null}"#)
            .unwrap()
            .with_unknown(&Mask::decode(r#"{"id":true}"#).unwrap());
        let shown = Redactor::default().show(Some(&value), &Mask::decode(r#"{"password":true}"#).unwrap());
        assert_eq!(
            serde_json::to_string(&shown).unwrap(),
            r#"{"value":{"id":null,"password":null,"user":"ada"},"masked":[{"path":"id","why":"unknown"},{"path":"password","why":"sensitive"}]}"#
        );
    }

    #[test]
    fn a_text_marked_elsewhere_is_hidden_whole_and_inside_and_a_short_one_is_a_word() {
        let mut secrets = KnownSecrets::default();
        let object = Value::decode(r#"{"a":"correct-horse","b":"prod","c":"staple"}"#).unwrap();
        secrets.add(&object, &Mask::All);
        let cut = |text: &str| secrets.cut(text).into_owned();
        assert_eq!(cut("correct-horse"), CUT);
        assert_eq!(cut("at correct-horse."), format!("at {CUT}."));
        assert_eq!(
            (cut("prod"), cut("staple"), cut("staples")),
            ("prod".into(), CUT.into(), "staples".into())
        );
        let mut shown = Redactor::default().show(Some(&object), &Mask::None);
        secrets.hide(&mut shown);
        let Shown::Value { masked, .. } = shown else { panic!("{shown:?}") };
        assert_eq!(masked.len(), 2);
    }
}
