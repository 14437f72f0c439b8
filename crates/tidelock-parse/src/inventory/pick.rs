//! The few parts of an object that a mapping needs: the rest is passed over without being decoded.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value as Json};

/// Which members of an object are needed, at any depth.
#[derive(Clone, Debug, Default)]
pub(super) struct Pick {
    whole: bool,
    members: BTreeMap<Box<str>, Pick>,
    /// What is needed of the elements of a list, whichever they are.
    elements: Option<Box<Pick>>,
}

impl Pick {
    /// Adds what stands at a path; `None` is a step into a list.
    pub(super) fn want<'s>(&mut self, steps: impl Iterator<Item = Option<&'s str>>) {
        let end = steps.fold(self, |pick, step| match step {
            Some(name) => pick.members.entry(name.into()).or_default(),
            None => pick.elements.get_or_insert_default(),
        });
        end.whole = true;
    }

    /// Whether a member of the top is needed.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }
}

impl<'de> DeserializeSeed<'de> for &Pick {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        if self.whole { Json::deserialize(deserializer) } else { deserializer.deserialize_any(self) }
    }
}

/// What is not needed becomes null.
impl<'de> Visitor<'de> for &Pick {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            match self.members.get(&*name) {
                Some(pick) => {
                    members.insert(name, map.next_value_seed(pick)?);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Json::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        match &self.elements {
            Some(pick) => {
                while let Some(element) = items.next_element_seed(&**pick)? {
                    elements.push(element);
                }
            }
            None => while items.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(Json::Array(elements))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Json, E> {
        Ok(Json::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_wanted_is_kept() {
        let mut pick = Pick::default();
        pick.want([Some("id")].into_iter());
        pick.want([Some("nets"), None, Some("ip")].into_iter());
        let text = r#"{"id": {"a": 1}, "secret": "s", "nets": [{"ip": "1", "key": "s"}, 7], "name": ["s"]}"#;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let kept = pick.deserialize(&mut deserializer).unwrap();
        assert_eq!(kept, json!({"id": {"a": 1}, "nets": [{"ip": "1"}, null]}));
    }
}
