//! How alike an object that goes and one that comes are.

use tidelock_parse::Value;

use crate::identity;

/// What an identity counts for, where any other argument counts one.
const IDENTITY_WEIGHT: u32 = 4;

/// Arguments that repeat others, or say nothing about the object itself.
const REPEATED: &[&str] = &["effective_labels", "id", "tags_all", "terraform_labels", "timeouts"];

/// Whether two objects have the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SameIdentity {
    /// At least one naming argument differs.
    No,
    /// No naming argument is known of both.
    Unknown,
    /// All that are known agree.
    Yes,
}

/// How much two objects agree; what is not known before apply, and what is empty in both, counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Whether the arguments that say who it is agree.
    pub(crate) identity: SameIdentity,
    /// Top-level arguments that are known of both and equal.
    pub(crate) equal: u32,
    /// Top-level arguments that are known of both.
    pub(crate) known: u32,
    /// Equal ones that tell objects apart: not empty, no boolean, and not part of the identity.
    pub(crate) telling: u32,
    /// Equal and known, the identity weighted.
    weights: (u32, u32),
}

impl Likeness {
    /// Compares what goes with what comes.
    pub(crate) fn of(type_name: &str, old: &Value, new: &Value) -> Self {
        let identity = same_identity(type_name, old, new);
        let mut likeness = Self { identity, equal: 0, known: 0, telling: 0, weights: (0, 0) };
        for (name, wanted) in new.as_object().into_iter().flatten() {
            if REPEATED.contains(&&**name) {
                continue;
            }
            let names = identity::names_itself(type_name, name);
            let had = old.as_object().and_then(|old| old.get(name)).unwrap_or(&Value::Null);
            let (had, wanted) = (identity::rest_of(name, had), identity::rest_of(name, wanted));
            let Some(agrees) = agree(Some(&had), &wanted) else { continue };
            likeness.known += 1;
            likeness.equal += u32::from(agrees);
            likeness.telling += u32::from(agrees && !names && !matches!(*wanted, Value::Bool(_)));
            if !names {
                likeness.weights.1 += 1;
                likeness.weights.0 += u32::from(agrees);
            }
        }
        if identity != SameIdentity::Unknown {
            likeness.weights.1 += IDENTITY_WEIGHT;
            likeness.weights.0 += if identity == SameIdentity::Yes { IDENTITY_WEIGHT } else { 0 };
        }
        likeness
    }

    /// Share of equal arguments in percent; 0 where nothing is known.
    pub(crate) fn percent(self) -> u32 {
        share(self.weights.0, self.weights.1)
    }

    /// The same without the arguments that say who it is.
    pub(crate) fn percent_of_rest(self) -> u32 {
        let identity = |weight| if self.identity == SameIdentity::Unknown { 0 } else { weight };
        let equal = if self.identity == SameIdentity::Yes { IDENTITY_WEIGHT } else { 0 };
        share(self.weights.0 - equal, self.weights.1 - identity(IDENTITY_WEIGHT))
    }
}

fn share(equal: u32, known: u32) -> u32 {
    (equal * 100).checked_div(known).unwrap_or(0)
}

fn same_identity(type_name: &str, old: &Value, new: &Value) -> SameIdentity {
    let (old, new) = (identity::of(type_name, old), identity::of(type_name, new));
    let mut both = new.iter().filter_map(|(name, wanted)| Some((old.get(name)?, wanted))).peekable();
    match (both.peek().is_some(), both.all(|(old, wanted)| old == wanted)) {
        (false, _) => SameIdentity::Unknown,
        (true, true) => SameIdentity::Yes,
        (true, false) => SameIdentity::No,
    }
}

/// Whether two values agree as far as they are known; `None` if that says nothing: unknown, or empty in both.
fn agree(old: Option<&Value>, new: &Value) -> Option<bool> {
    let old = old.unwrap_or(&Value::Null);
    match (old, new) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        _ if is_blank(old) && is_blank(new) => None,
        (Value::Object(old), Value::Object(new)) => {
            let mut said = None;
            for (name, wanted) in new {
                match agree(old.get(name), wanted) {
                    Some(false) => return Some(false),
                    agrees => said = said.or(agrees),
                }
            }
            // What only the old one has, was set there and is not wanted here.
            let lost = old.iter().any(|(name, value)| !new.contains_key(name) && !is_blank(value));
            if lost { Some(false) } else { said }
        }
        (Value::List(old), Value::List(new)) => {
            if old.len() != new.len() {
                return Some(false);
            }
            let places = old.iter().zip(new).map(|(old, new)| agree(Some(old), new));
            let places: Vec<Option<bool>> = places.collect();
            // A set has no order: elements that are known must be there somewhere.
            let anywhere = || new.iter().all(|item| item.has_unknown() || old.contains(item));
            if places.contains(&Some(false)) {
                return Some(old.len() <= LONGEST_SET && anywhere());
            }
            places.contains(&Some(true)).then_some(true)
        }
        (old, new) => Some(old == new),
    }
}

/// Elements up to which a list is compared as a set.
const LONGEST_SET: usize = 64;

/// Empty, false and zero: what providers store for an argument that nobody set.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_str() == "0",
        value => value.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use tidelock_parse::Mask;

    use super::*;

    fn likeness(old: &str, new: &str, unknown: &str) -> Likeness {
        let new = Value::decode(new).unwrap().with_unknown(&Mask::decode(unknown).unwrap());
        Likeness::of("aws_instance", &Value::decode(old).unwrap(), &new)
    }

    #[test]
    fn unknown_and_empty_arguments_are_no_evidence() {
        let found = likeness(
            r#"{"id":"i-1","ami":"x","arn":"a","ebs":false,"user":"","tags":{"Name":"n","a":"b"}}"#,
            r#"{"ami":"x","ebs":null,"user":null,"tags":{"Name":"n","a":"b"}}"#,
            r#"{"id":true,"arn":true}"#,
        );
        assert_eq!((found.identity, found.equal, found.known), (SameIdentity::Yes, 2, 2));
        assert_eq!(found.percent(), 100);
        assert_eq!(likeness("{}", "{}", "{}").percent(), 0);
    }

    #[test]
    fn the_identity_weighs_most() {
        let (old, new) = (r#"{"name":"a","x":"1","y":"2"}"#, r#"{"name":"a","x":"1","y":"3"}"#);
        let same = likeness(old, new, "{}");
        assert_eq!((same.identity, same.percent(), same.percent_of_rest()), (SameIdentity::Yes, 83, 50));
        let other = likeness(old, r#"{"name":"b","x":"1","y":"2"}"#, "{}");
        assert_eq!((other.identity, other.percent(), other.percent_of_rest()), (SameIdentity::No, 33, 100));
    }

    #[test]
    fn sets_are_equal_in_any_order_and_parts_that_are_not_known_agree() {
        let agrees = |old: &str, new: &str, unknown: &str| {
            let new = Value::decode(new).unwrap().with_unknown(&Mask::decode(unknown).unwrap());
            agree(Some(&Value::decode(old).unwrap()), &new)
        };
        assert_eq!(agrees(r#"["a","b"]"#, r#"["b","a"]"#, "false"), Some(true));
        assert_eq!(agrees(r#"["a","b"]"#, r#"["b","c"]"#, "false"), Some(false));
        assert_eq!(agrees(r#"["a","b"]"#, r#"["a",null]"#, "[false,true]"), Some(true));
        assert_eq!(agrees(r#"[{"size":3,"id":"x"}]"#, r#"[{"size":3}]"#, r#"[{"id":true}]"#), Some(true));
        assert_eq!(agrees(r#"{"a":"1","b":"2"}"#, r#"{"a":"1"}"#, "false"), Some(false));
        assert_eq!(agrees(r#"{"a":"1"}"#, "{}", r#"{"a":true}"#), None);
    }
}
