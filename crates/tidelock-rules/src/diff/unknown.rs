//! Values that only apply will tell, held against a state that has them.

use std::collections::BTreeMap;

use tidelock_parse::Value;

/// Two values in which what one leaves open is taken from the other.
pub(super) struct Filled {
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
    /// How many values were taken over.
    pub(super) taken: usize,
}

/// Takes what is unknown in one value from the other; `None` if nothing is unknown.
pub(super) fn fill(from: Option<&Value>, to: Option<&Value>) -> Option<Filled> {
    let open = |value: Option<&Value>| value.is_some_and(Value::has_unknown);
    if !open(from) && !open(to) {
        return None;
    }
    let mut taken = 0;
    let [ours, theirs] =
        [(from, to), (to, from)].map(|(open, other)| open.map(|open| known(open, other, &mut taken)));
    Some(Filled { from: ours.flatten(), to: theirs.flatten(), taken })
}

/// `open` with its unknown parts taken from `other`; `None` if there is nothing to take.
fn known(open: &Value, other: Option<&Value>, taken: &mut usize) -> Option<Value> {
    match (open, other) {
        (Value::Unknown, Some(Value::Unknown)) => Some(Value::Unknown),
        (Value::Unknown, other) => {
            *taken += 1;
            other.cloned()
        }
        (Value::Object(fields), other) if open.has_unknown() => {
            let inside = other.and_then(Value::as_object);
            let mut filled = BTreeMap::new();
            for (name, value) in fields {
                let there = inside.and_then(|inside| inside.get(name));
                filled.extend(known(value, there, taken).map(|value| (name.clone(), value)));
            }
            Some(Value::Object(filled))
        }
        (Value::List(items), other) if open.has_unknown() => {
            let there = other.and_then(Value::as_list).unwrap_or_default();
            let partners = partners(items, there);
            let item = |(item, partner): (&Value, Option<usize>)| {
                known(item, partner.and_then(|at| there.get(at)), taken).unwrap_or_default()
            };
            Some(Value::List(items.iter().zip(partners).map(item).collect()))
        }
        (value, _) => Some(value.clone()),
    }
}

/// Longer lists are matched by position alone, because everything would have to be held against everything.
const MOST_MATCHED: usize = 500;

/// For each item the position of the one that it may be: at the same place if it agrees there, else the first that agrees
/// and is free, as the order of a set says nothing.
fn partners(items: &[Value], there: &[Value]) -> Vec<Option<usize>> {
    let mut free = vec![true; there.len()];
    let mut found: Vec<Option<usize>> = vec![None; items.len()];
    let mut take = |at: usize, found: &mut Option<usize>| {
        if let Some(free) = free.get_mut(at).filter(|free| **free) {
            *free = false;
            *found = Some(at);
        }
    };
    for (at, (item, found)) in items.iter().zip(&mut found).enumerate() {
        if there.get(at).is_some_and(|other| agrees(item, other)) {
            take(at, found);
        }
    }
    if items.len().max(there.len()) <= MOST_MATCHED {
        for (item, found) in items.iter().zip(&mut found) {
            for (at, other) in there.iter().enumerate() {
                if found.is_none() && agrees(item, other) {
                    take(at, found);
                }
            }
        }
    }
    for (at, found) in found.iter_mut().enumerate() {
        if found.is_none() {
            take(at, found);
        }
    }
    found
}

/// Whether the values are equal as far as the first is known.
fn agrees(open: &Value, other: &Value) -> bool {
    match (open, other) {
        (Value::Unknown, _) => true,
        (Value::Object(open), Value::Object(other)) => open.iter().all(|(name, value)| {
            matches!(value, Value::Unknown) || other.get(name).is_some_and(|other| agrees(value, other))
        }),
        (Value::List(open), Value::List(other)) => {
            open.len() == other.len() && open.iter().zip(other).all(|(open, other)| agrees(open, other))
        }
        (open, other) => open == other,
    }
}

#[cfg(test)]
mod tests {
    use tidelock_parse::Mask;

    use super::*;

    fn filled(open: &str, unknown: &str, other: &str) -> (String, usize) {
        let open = Value::decode(open).unwrap().with_unknown(&Mask::decode(unknown).unwrap());
        let other = Value::decode(other).unwrap();
        let filled = fill(Some(&open), Some(&other)).unwrap();
        (serde_json::to_string(&filled.from).unwrap(), filled.taken)
    }

    #[test]
    fn what_only_apply_tells_is_taken_from_the_state() {
        assert_eq!(
            filled(r#"{"a":1}"#, r#"{"id":true}"#, r#"{"a":2,"id":"x"}"#),
            (r#"{"a":1,"id":"x"}"#.into(), 1)
        );
        assert_eq!(filled(r#"{"a":1}"#, r#"{"id":true}"#, r#"{"a":1}"#), (r#"{"a":1}"#.into(), 1));
    }

    #[test]
    fn elements_find_their_partner_whatever_the_order() {
        assert_eq!(
            filled(
                r#"[{"p":1},{"p":2}]"#,
                r#"[{"id":true},{"id":true}]"#,
                r#"[{"p":2,"id":"b"},{"p":1,"id":"a"}]"#
            ),
            (r#"[{"id":"a","p":1},{"id":"b","p":2}]"#.into(), 2)
        );
    }

    #[test]
    fn nothing_is_filled_where_nothing_is_unknown() {
        let value = Value::decode("[1]").unwrap();
        assert!(fill(Some(&value), None).is_none());
    }
}
