//! JSON objects in which no key may stand twice.
//!
//! Readers disagree about which of two equal keys counts, so a text that has them says two things at once. Neither
//! tofu nor terraform writes such a text; it is refused wherever it is decoded.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// How serde names the same fault in the fields of a struct.
const DUPLICATE: &str = "duplicate field";

/// The entries of an object, each key once.
pub(crate) struct Unique<K, V>(pub(crate) BTreeMap<K, V>);

impl<K, V> Default for Unique<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Unique<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<K, V> {
    type Value = Unique<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            if entries.insert(key, value).is_some() {
                // The key is not named: it may be anything.
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Unique(entries))
    }
}

/// Whether a text was refused because of a key that stands twice.
pub(crate) fn is_duplicate(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with(DUPLICATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_told_from_other_faults() {
        let read = |text| serde_json::from_str::<Unique<String, u8>>(text).map(|entries| entries.0.len());
        assert_eq!(read(r#"{"a":1,"b":2}"#).unwrap(), 2);
        assert!(is_duplicate(&read(r#"{"a":1,"\u0061":2}"#).unwrap_err()));
        for other in [r#"{"a":1,"b":"x"}"#, r#"{"a":1"#, "[]"] {
            assert!(!is_duplicate(&read(other).unwrap_err()), "{other}");
        }
    }
}
