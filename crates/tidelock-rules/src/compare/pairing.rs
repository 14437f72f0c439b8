//! Pairs the elements of two lists, in time that follows their length.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::Hash,
};

use tidelock_parse::{Number, Value};

use super::normalise;

/// Positions of the elements of each side that have no exactly equal partner on the other, in order.
///
/// Equal positions are paired first, then each element with the first equal one that is left.
pub(super) fn unpaired(a: &[Value], b: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let common = a.len().min(b.len());
    let moved = |at: usize| at >= common || a.get(at) != b.get(at);
    let left_a: Vec<usize> = (0..a.len()).filter(|at| moved(*at)).collect();
    let left_b: Vec<usize> = (0..b.len()).filter(|at| moved(*at)).collect();
    pair(a, b, (left_a, left_b), |value| value, |_, _| true)
}

/// How many elements that are alike are tried for one element. Beyond it they count as different, the louder reading:
/// that many elements which are alike and still differ are nothing that a provider returns.
const MOST_TRIES: usize = 64;

/// Pairs what is left of two lists: each element of the first with the first of the second that has the same key and
/// passes `equal`. Returns what is left after that.
///
/// Elements that `equal` accepts must have equal keys.
pub(super) fn pair<'v, K: Hash + Eq>(
    a: &'v [Value],
    b: &'v [Value],
    (mut left_a, left_b): (Vec<usize>, Vec<usize>),
    key: impl Fn(&'v Value) -> K,
    mut equal: impl FnMut(&'v Value, &'v Value) -> bool,
) -> (Vec<usize>, Vec<usize>) {
    let mut open: HashMap<K, VecDeque<usize>> = HashMap::with_capacity(left_b.len());
    for at in &left_b {
        if let Some(value) = b.get(*at) {
            open.entry(key(value)).or_default().push_back(*at);
        }
    }
    let mut taken = vec![false; b.len()];
    left_a.retain(|at| {
        let Some(element) = a.get(*at) else { return false };
        let Some(alike) = open.get_mut(&key(element)) else { return true };
        let partner = alike
            .iter()
            .take(MOST_TRIES)
            .position(|other| b.get(*other).is_some_and(|other| equal(element, other)));
        let partner = partner.and_then(|partner| alike.remove(partner));
        if let Some(slot) = partner.and_then(|partner| taken.get_mut(partner)) {
            *slot = true;
        }
        partner.is_none()
    });
    let left_b = left_b.into_iter().filter(|at| taken.get(*at) == Some(&false)).collect();
    (left_a, left_b)
}

/// What two values have in common if they are equal under any reading used inside sets; values with the same key may
/// still differ.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Alike {
    /// Null and all that it may stand for: empty texts and collections, zero, false.
    Empty,
    Unknown,
    True,
    /// A number, or its text.
    Number(Number),
    Text(String),
    /// Public SSH keys without their comments.
    Keys(Vec<(String, String)>),
    /// Text that is JSON.
    Json(Value),
    Instant(jiff::Timestamp),
    List(Vec<Alike>),
    Object(BTreeMap<Box<str>, Alike>),
}

impl Alike {
    /// `any_case`: upper and lower case of texts do not matter.
    pub(super) fn of(value: &Value, any_case: bool) -> Self {
        match value {
            Value::Null | Value::Bool(false) => Self::Empty,
            Value::Bool(true) => Self::True,
            Value::Unknown => Self::Unknown,
            Value::Number(number) => Self::number(number.clone()),
            Value::String(text) if any_case => Self::text(&text.to_ascii_lowercase()),
            Value::String(text) => Self::text(text),
            Value::List(items) if items.is_empty() => Self::Empty,
            Value::List(items) => Self::List(items.iter().map(|item| Self::of(item, any_case)).collect()),
            Value::Object(fields) if fields.is_empty() => Self::Empty,
            Value::Object(fields) => Self::Object(
                fields.iter().map(|(name, field)| (name.clone(), Self::of(field, any_case))).collect(),
            ),
        }
    }

    fn number(number: Number) -> Self {
        if number.is_zero() { Self::Empty } else { Self::Number(number) }
    }

    fn text(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            return Self::Empty;
        }
        (normalise::ssh_keys(text).map(Self::Keys))
            .or_else(|| normalise::json(text).map(Self::Json))
            .or_else(|| normalise::instant(text).map(Self::Instant))
            .or_else(|| Number::parse(text).map(Self::number))
            .unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: impl Iterator<Item = String>) -> Vec<Value> {
        items.map(|json| Value::decode(&json).unwrap()).collect()
    }

    #[test]
    fn a_long_list_in_another_order_is_paired_with_one_try_each() {
        // Written differently, so that nothing is exactly equal.
        let a = list((0..20_000).map(|i| format!(r#"{{"port":{i},"note":null}}"#)));
        let b = list((0..20_000).rev().map(|i| format!(r#"{{"port":{i},"note":""}}"#)));
        let all = || (0..a.len()).collect();
        let mut tries = 0;
        let left = pair(
            &a,
            &b,
            (all(), all()),
            |value| Alike::of(value, false),
            |a, b| {
                tries += 1;
                normalise::equal_in_set(a, b)
            },
        );
        assert_eq!((left, tries), ((vec![], vec![]), a.len()));
    }

    #[test]
    fn a_long_list_of_what_is_alike_and_not_equal_is_given_up() {
        let a = list((0..10_000).map(|_| "0".to_owned()));
        let b = list((0..10_000).map(|_| r#""""#.to_owned()));
        let mut tries = 0;
        let all = || (0..a.len()).collect();
        let (left, _) = pair(
            &a,
            &b,
            (all(), all()),
            |value| Alike::of(value, false),
            |a, b| {
                tries += 1;
                normalise::equal_in_set(a, b)
            },
        );
        assert_eq!((left.len(), tries), (a.len(), a.len() * MOST_TRIES));
    }

    #[test]
    fn equal_elements_are_paired_once_each_and_in_order() {
        let [a, b] = ["[1,2,2,3,1.0]", "[2,1,4,2e0,5]"].map(|json| {
            list(
                Value::decode(json)
                    .unwrap()
                    .as_list()
                    .unwrap()
                    .iter()
                    .map(|v| serde_json::to_string(v).unwrap()),
            )
        });
        assert_eq!(unpaired(&a, &b), (vec![3, 4], vec![2, 4]));
        assert_eq!(unpaired(&a, &[]), (vec![0, 1, 2, 3, 4], vec![]));
    }

    #[test]
    fn what_is_equal_inside_sets_is_alike() {
        let key = "ssh-ed25519 AAAAx";
        let values = [
            "null",
            "0",
            "0.0",
            "false",
            "true",
            "[]",
            "{}",
            "1",
            "1.0",
            "\"\"",
            "\"\\n\"",
            "\"0\"",
            "\"1\"",
            "\"1\\n\"",
            "\"a\"",
            "\"a\\r\\n\"",
            "\"a\\r\"",
            "\"a\\nb\"",
            "\"a\\r\\nb\"",
            "\"{\\\"a\\\":1}\"",
            "\"{ \\\"a\\\": 1.0 }\\n\"",
            "\"2026-01-02T03:04:05Z\"",
            "\"2026-01-02T04:04:05+01:00\"",
            "[null]",
            "[\"\"]",
            "{\"a\":0}",
            "{\"a\":null}",
            &format!("\"{key}\""),
            &format!("\"{key} ada\""),
            &format!("\"{key} bob\\n\""),
        ];
        let values = list(values.iter().map(ToString::to_string));
        let mut equal = 0;
        for a in &values {
            for b in values.iter().filter(|b| normalise::equal_in_set(a, b)) {
                assert!(Alike::of(a, false) == Alike::of(b, false), "{a:?} {b:?}");
                equal += 1;
            }
        }
        assert!(equal > values.len() + 30, "{equal}");
    }
}
