//! JSON as exports have it: one value after the other, long lists, objects of which a few members count.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object, undecoded.
#[derive(Default)]
pub(super) struct Members<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

/// An object with more members is nothing that is known; there is no need to keep them all.
const MOST_MEMBERS: usize = 500;

impl<'a> Members<'a> {
    /// Those of the object that a value is; `None` if it is something else.
    pub(super) fn of(value: &'a RawValue) -> Option<Self> {
        value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok()).flatten()
    }

    /// Those of the first element of a list, if there is one and it is an object.
    pub(super) fn of_first(list: &'a RawValue) -> Option<Self> {
        let inside = list.get().strip_prefix('[')?;
        let mut items = serde_json::Deserializer::from_str(inside).into_iter::<&RawValue>();
        items.next()?.ok().and_then(Self::of)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// Names and values, sorted by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// Whether a member is a whole number that counts something.
    pub(super) fn is_integer(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get().bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// What stands behind names, one inside the other.
    pub(super) fn walk(&self, names: &[&str]) -> Option<&'a RawValue> {
        let (name, rest) = names.split_first()?;
        if rest.is_empty() { self.get(name) } else { self.inside(name)?.walk(rest) }
    }

    /// The members of a member.
    pub(super) fn inside(&self, name: &str) -> Option<Self> {
        self.get(name).and_then(Self::of)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Members::default();
                while let Some(Name(name)) = map.next_key()? {
                    if members.0.len() < MOST_MEMBERS {
                        members.0.insert(name, map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Whether a value is a list.
pub(super) fn is_list(value: &RawValue) -> bool {
    value.get().starts_with('[')
}

/// Whether a value is a list, or null where a list should be, without any element.
pub(super) fn is_empty_list(value: &RawValue) -> bool {
    let text = value.get();
    text == "null" || text.strip_prefix('[').is_some_and(|inside| inside.trim_start().starts_with(']'))
}

/// What keeps an element of a list from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text is not what the reader expects there.
    Misshapen,
    /// A field is missing that it cannot do without.
    Lacks(&'static str),
}

/// An element of a list and what is wrong with it; the first one is number 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) number: usize,
    pub(super) fault: Fault,
}

/// Hands over the elements of a list one by one, or the one object that a value is. Null is an empty list. No list is ever in
/// memory as a whole.
pub(super) fn each<'a, T: Deserialize<'a>>(
    list: &'a RawValue,
    take: impl FnMut(T) -> Result<(), Fault>,
) -> Result<(), At> {
    each_seeded(list, PhantomData::<T>, take)
}

/// The same, where reading an element takes more than its type.
pub(super) fn each_seeded<'a, S: DeserializeSeed<'a> + Clone>(
    list: &'a RawValue,
    seed: S,
    mut take: impl FnMut(S::Value) -> Result<(), Fault>,
) -> Result<(), At> {
    struct Elements<'t, S, F> {
        seed: S,
        take: &'t mut F,
        number: usize,
        fault: Option<Fault>,
    }
    impl<'de, S, F> Visitor<'de> for &mut Elements<'_, S, F>
    where
        S: DeserializeSeed<'de> + Clone,
        F: FnMut(S::Value) -> Result<(), Fault>,
    {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
            self.number = 1;
            while let Some(item) = items.next_element_seed(self.seed.clone())? {
                if let Err(fault) = (self.take)(item) {
                    self.fault = Some(fault);
                    return Err(de::Error::custom("refused"));
                }
                self.number += 1;
            }
            Ok(())
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(list.get());
    if list.get().starts_with('{') {
        let object = seed.deserialize(&mut deserializer).map_err(|_| Fault::Misshapen);
        return object.and_then(take).map_err(|fault| At { number: 1, fault });
    }
    let mut elements = Elements { seed, take: &mut take, number: 0, fault: None };
    match deserializer.deserialize_any(&mut elements) {
        Ok(()) => Ok(()),
        Err(_) => {
            Err(At { number: elements.number.max(1), fault: elements.fault.unwrap_or(Fault::Misshapen) })
        }
    }
}

/// A text, or a number where the writer did not mind: Proxmox VE prints ids and names either way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordVisitor;
        impl Visitor<'_> for WordVisitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Word, E> {
                Ok(Word(number.to_string()))
            }
        }
        deserializer.deserialize_any(WordVisitor)
    }
}

/// A truth in any of its spellings: `true`, 1, "1". What is none of them is not true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(matches!(value.get(), "true" | "1" | "\"1\"" | "\"true\"" | "\"yes\"")))
    }
}

/// A text with something in it.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_elements_come_one_by_one_and_a_bad_one_is_counted() {
        let mut seen = Vec::new();
        each(raw("[1, 2, 3]"), |n: u8| {
            seen.push(n);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [1, 2, 3]);
        assert_eq!(each(raw("null"), |_: u8| Ok(())), Ok(()));
        let bad = each(raw("[1, \"x\"]"), |_: u8| Ok(())).unwrap_err();
        assert_eq!(bad, At { number: 2, fault: Fault::Misshapen });
        assert_eq!(each(raw("{}"), |_: Members<'_>| Ok(())), Ok(()), "an object is a list of one");
        let refused = each(raw("[7]"), |_: u8| Err(Fault::Lacks("id"))).unwrap_err();
        assert_eq!(refused, At { number: 1, fault: Fault::Lacks("id") });
    }

    #[test]
    fn the_first_element_of_a_list_is_seen_without_the_rest() {
        let first = Members::of_first(raw(r#"[ {"a": 1, "b": [{}]}, 7 ]"#)).unwrap();
        assert!(first.has_all(&["a", "b"]) && first.is_integer("a") && !first.is_integer("b"));
        assert!(Members::of_first(raw("[]")).is_none() && Members::of_first(raw("[1]")).is_none());
    }

    #[test]
    fn numbers_and_texts_are_words_and_truth_has_many_spellings() {
        let words: Vec<Word> = serde_json::from_str(r#"["a", 110, -1]"#).unwrap();
        assert_eq!(words, [Word("a".into()), Word("110".into()), Word("-1".into())]);
        let flags: Vec<Flag> = serde_json::from_str(r#"[1, true, "1", 0, false, "", null, {}]"#).unwrap();
        assert_eq!(flags.iter().filter(|flag| flag.0).count(), 3);
    }
}
