//! JSON objects in which no key may stand twice with two meanings.
//!
//! Readers disagree about which of two equal keys counts, so a text that has them says two things at once. Neither
//! tofu nor terraform writes such a text; it is refused wherever it is decoded.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

/// The entries of an object as they stand there.
pub(crate) struct Entries<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Entries<K, V> {
    /// The entries by key; `None` if a key stands twice and `same` does not hold for its two values.
    pub(crate) fn into_map(self, same: impl Fn(&V, &V) -> bool) -> Option<BTreeMap<K, V>> {
        let mut map = BTreeMap::new();
        for (key, value) in self.0 {
            // Nothing is decided by which of two like values stays.
            if map.get(&key).is_some_and(|old| !same(old, &value)) {
                return None;
            }
            map.insert(key, value);
        }
        Some(map)
    }

    /// The entries by key; `None` if a key stands twice.
    pub(crate) fn into_unique(self) -> Option<BTreeMap<K, V>> {
        self.into_map(|_, _| false)
    }
}

impl<K, V> Entries<K, V> {
    /// Takes over what `map` makes of the entries.
    pub(crate) fn filter_map<L, W>(self, map: impl FnMut((K, V)) -> Option<(L, W)>) -> Entries<L, W> {
        Entries(self.0.into_iter().filter_map(map).collect())
    }
}

impl<K, V> Default for Entries<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Entries<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for EntriesVisitor<K, V> {
    type Value = Entries<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// Whether a text was refused because a field of a structure stands twice in it.
pub(crate) fn is_duplicate(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("duplicate field")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Entries<String, u8> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_key_that_stands_twice_is_noticed_however_it_is_spelled() {
        assert_eq!(read(r#"{"b":2,"a":1}"#).into_unique().unwrap().len(), 2);
        assert_eq!(read(r#"{"a":1,"\u0061":1}"#).into_unique(), None);
    }

    #[test]
    fn a_key_may_stand_twice_where_both_say_the_same() {
        let same = |text| read(text).into_map(|a, b| a == b);
        assert_eq!(same(r#"{"a":1,"a":1}"#).unwrap().len(), 1);
        assert_eq!(same(r#"{"a":1,"a":2}"#), None);
    }

    #[test]
    fn a_duplicate_field_is_told_from_other_faults() {
        #[derive(Deserialize)]
        struct One {
            #[allow(dead_code, reason = "only its presence matters")]
            a: u8,
        }
        let error = |text| serde_json::from_str::<One>(text).map(|_| ()).unwrap_err();
        assert!(is_duplicate(&error(r#"{"a":1,"a":2}"#)));
        assert!(!is_duplicate(&error(r#"{"a":"x"}"#)) && !is_duplicate(&error(r#"{"a":1"#)));
    }
}
