//! Readings under which two values count as equal. Each is named, tested and reported whenever it was used.

use std::collections::BTreeSet;

use tidelock_parse::{Number, Value};

use super::{
    Fold, Match,
    pairing::{self, Alike},
};
use crate::report::Normaliser;

/// The normalisers that made two values equal.
pub type Normalisers = BTreeSet<Normaliser>;

/// Whether two values are equal after normalising, and by what.
pub type Normalised = Option<Normalisers>;

/// Where in a value a comparison stands: some readings only hold there.
#[derive(Clone, Copy)]
struct Setting {
    /// Inside the pairing of set elements null also equals 0 and false: providers fill in zero values there.
    in_set: bool,
    /// The catalogue says that case does not matter.
    any_case: bool,
}

/// Relates two values of one path.
pub(super) fn relate(fold: Fold, any_case: bool, a: Option<&Value>, b: Option<&Value>) -> Match {
    if a == b {
        return Match::Exact;
    }
    let setting = Setting { in_set: false, any_case };
    match equal(fold, setting, a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null)) {
        // Absent against null is a difference of its own kind: nothing was normalised, nothing is hidden.
        Some(used) if used.is_empty() => Match::Different,
        Some(used) => Match::Normalised(used),
        None => Match::Different,
    }
}

fn equal(fold: Fold, setting: Setting, a: &Value, b: &Value) -> Normalised {
    match (fold, a, b) {
        (Fold::Set, Value::List(a), Value::List(b)) => equal_sets(setting, a, b),
        _ => equal_values(setting, a, b),
    }
}

fn equal_values(setting: Setting, a: &Value, b: &Value) -> Normalised {
    if a == b {
        return Some(Normalisers::new());
    }
    match (a, b) {
        (Value::String(a), Value::String(b)) => equal_texts(setting, a, b),
        (Value::Null, other) | (other, Value::Null) => empty(setting, other),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            (Number::parse(text).as_ref() == Some(number))
                .then(|| Normalisers::from([Normaliser::NumberText]))
        }
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            all(a.iter().zip(b).map(|(a, b)| equal_values(setting, a, b)))
        }
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            all(a.iter().map(|(name, a)| b.get(name).and_then(|b| equal_values(setting, a, b))))
        }
        _ => None,
    }
}

fn all(parts: impl Iterator<Item = Normalised>) -> Normalised {
    let mut used = Normalisers::new();
    for part in parts {
        used.extend(part?);
    }
    Some(used)
}

fn empty(setting: Setting, other: &Value) -> Normalised {
    let zero = match other {
        Value::Number(number) => number.is_zero(),
        Value::Bool(value) => !value,
        _ => false,
    };
    (other.is_empty() || (setting.in_set && zero)).then(|| Normalisers::from([Normaliser::Empty]))
}

/// Pairs the elements of two sets: equal ones first, then those that are equal after normalising.
fn equal_sets(setting: Setting, a: &[Value], b: &[Value]) -> Normalised {
    if a.len() != b.len() {
        return None;
    }
    let mut used = Normalisers::from([Normaliser::SetOrder]);
    let setting = Setting { in_set: true, ..setting };
    let key = |value| Alike::of(value, setting.any_case);
    let (left, _) = pairing::pair(a, b, pairing::unpaired(a, b), key, |a, b| {
        equal_values(setting, a, b).map(|by| used.extend(by)).is_some()
    });
    if !left.is_empty() {
        return None;
    }
    if same_order(setting, a, b) {
        used.remove(&Normaliser::SetOrder);
    }
    Some(used)
}

fn same_order(setting: Setting, a: &[Value], b: &[Value]) -> bool {
    a.iter().zip(b).all(|(a, b)| equal_values(setting, a, b).is_some())
}

/// Whether two elements of a set are equal under the readings used there.
pub(super) fn equal_in_set(a: &Value, b: &Value) -> bool {
    equal_values(Setting { in_set: true, any_case: false }, a, b).is_some()
}

/// Longer sets must be given in full, because everything would have to be held against everything.
const MOST_COVERED: usize = 1_000;

/// Whether what the configuration gives is what is real; what it leaves out does not count.
pub(super) fn covers(fold: Fold, configured: &Value, real: Option<&Value>) -> bool {
    let real = real.unwrap_or(&Value::Null);
    let setting = Setting { in_set: true, any_case: false };
    match (configured, real) {
        (Value::Object(given), Value::Object(real)) => {
            given.iter().all(|(name, value)| covers(Fold::Leaf, value, real.get(name)))
        }
        (Value::List(given), Value::List(real)) if given.len() == real.len() => {
            if fold == Fold::Set && given.len() > MOST_COVERED {
                equal_sets(setting, given, real).is_some()
            } else if fold == Fold::Set {
                given.iter().all(|value| real.iter().any(|other| covers(Fold::Leaf, value, Some(other))))
                    && real
                        .iter()
                        .all(|other| given.iter().any(|value| covers(Fold::Leaf, value, Some(other))))
            } else {
                given.iter().zip(real).all(|(value, other)| covers(Fold::Leaf, value, Some(other)))
            }
        }
        _ => equal_values(setting, configured, real).is_some(),
    }
}

fn equal_texts(setting: Setting, a: &str, b: &str) -> Normalised {
    if setting.any_case && a.eq_ignore_ascii_case(b) {
        return Some(Normalisers::from([Normaliser::Case]));
    }
    if a.trim_end_matches('\n') == b.trim_end_matches('\n') {
        return Some(Normalisers::from([Normaliser::TrailingNewline]));
    }
    let (unix_a, unix_b) = (a.replace("\r\n", "\n"), b.replace("\r\n", "\n"));
    if unix_a == unix_b {
        return Some(Normalisers::from([Normaliser::Crlf]));
    }
    if unix_a.trim_end_matches('\n') == unix_b.trim_end_matches('\n') {
        return Some(Normalisers::from([Normaliser::Crlf, Normaliser::TrailingNewline]));
    }
    if same(ssh_keys, a, b) {
        return Some(Normalisers::from([Normaliser::SshKey]));
    }
    if same(json, a, b) {
        return Some(Normalisers::from([Normaliser::Json]));
    }
    same(instant, a, b).then(|| Normalisers::from([Normaliser::Instant]))
}

/// Type and body of a public SSH key; everything behind them is a comment.
fn ssh_key(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split_whitespace();
    let (kind, body) = (words.next()?, words.next()?);
    let known = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| kind.starts_with(start));
    // Every body starts with the length of the type name, in base64.
    (known && body.starts_with("AAAA")).then_some((kind, body))
}

/// The public SSH keys that a text consists of, line by line, without their comments; at least one.
pub(super) fn ssh_keys(text: &str) -> Option<Vec<(String, String)>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys = lines.map(|line| ssh_key(line).map(|(kind, body)| (kind.to_owned(), body.to_owned())));
    keys.collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty())
}

/// The value of a text that is a JSON object or list.
pub(super) fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['{', '[']).then(|| Value::decode(text).ok()).flatten()
}

/// The moment that a text names.
pub(super) fn instant(text: &str) -> Option<jiff::Timestamp> {
    let dated = text.len() >= 20 && text.as_bytes().get(4) == Some(&b'-');
    dated.then(|| text.parse().ok()).flatten()
}

/// Whether both texts are of a kind, and say the same in it.
fn same<T: PartialEq>(read: impl Fn(&str) -> Option<T>, a: &str, b: &str) -> bool {
    read(a).is_some_and(|a| Some(a) == read(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(fold: Fold, a: &str, b: &str) -> Option<Vec<Normaliser>> {
        let [a, b] = [a, b].map(|json| Value::decode(json).unwrap());
        match relate(fold, false, Some(&a), Some(&b)) {
            Match::Exact => Some(Vec::new()),
            Match::Normalised(used) => Some(used.into_iter().collect()),
            Match::Different => None,
        }
    }

    fn leaf(a: &str, b: &str) -> Option<Vec<Normaliser>> {
        used(Fold::Leaf, a, b)
    }

    #[test]
    fn json_text_compares_without_key_order_and_white_space() {
        assert_eq!(
            leaf(r#""{\"a\":1,\"b\":[2]}""#, r#""{ \"b\": [2], \"a\": 1.0 }""#),
            Some(vec![Normaliser::Json])
        );
        assert_eq!(leaf(r#""{\"a\":1}""#, r#""{\"a\":2}""#), None);
        assert_eq!(leaf(r#""[1,2]""#, r#""[2,1]""#), None, "the order of a list counts");
    }

    #[test]
    fn null_equals_empty_but_not_zero() {
        for empty in ["\"\"", "[]", "{}"] {
            assert_eq!(leaf("null", empty), Some(vec![Normaliser::Empty]), "{empty}");
        }
        assert_eq!(leaf("null", "0"), None);
        assert_eq!(leaf("null", "false"), None);
    }

    #[test]
    fn inside_set_elements_null_also_equals_zero_and_false() {
        let (a, b) = (r#"[{"p":1,"n":null,"f":null}]"#, r#"[{"p":1,"n":0,"f":false}]"#);
        assert_eq!(used(Fold::Set, a, b), Some(vec![Normaliser::Empty]));
        assert_eq!(used(Fold::PlainList, a, b), None);
    }

    #[test]
    fn sets_compare_without_order_and_with_multiplicity() {
        assert_eq!(used(Fold::Set, "[1,2,3]", "[3,1,2]"), Some(vec![Normaliser::SetOrder]));
        assert_eq!(used(Fold::Set, "[1,1,2]", "[1,2,2]"), None);
    }

    #[test]
    fn numbers_equal_their_text() {
        assert_eq!(leaf("10", "\"10\""), Some(vec![Normaliser::NumberText]));
        assert_eq!(leaf("10", "\"0x0a\""), None);
    }

    #[test]
    fn ends_of_lines_and_of_files_do_not_count() {
        assert_eq!(leaf("\"a\\n\"", "\"a\""), Some(vec![Normaliser::TrailingNewline]));
        assert_eq!(leaf("\"a\\r\\nb\"", "\"a\\nb\""), Some(vec![Normaliser::Crlf]));
        assert_eq!(
            leaf("\"a\\r\\nb\\r\\n\"", "\"a\\nb\""),
            Some(vec![Normaliser::TrailingNewline, Normaliser::Crlf])
        );
        assert_eq!(leaf("\"a b\"", "\"a  b\""), None);
    }

    #[test]
    fn the_comment_of_a_public_key_does_not_count_but_its_body_does() {
        let key = |body: &str, comment: &str| format!("\"ssh-ed25519 AAAA{body}{comment}\"");
        assert_eq!(leaf(&key("x", " alice@laptop"), &key("x", "")), Some(vec![Normaliser::SshKey]));
        assert_eq!(leaf(&key("x", " alice"), &key("y", " alice")), None);
        let list = |key: &str| format!("[{key}]");
        assert_eq!(leaf(&list(&key("x", " a")), &list(&key("x", " b"))), Some(vec![Normaliser::SshKey]));
    }

    #[test]
    fn equal_moments_in_other_zones_are_equal() {
        assert_eq!(
            leaf("\"2026-01-02T03:04:05Z\"", "\"2026-01-02T04:04:05.000+01:00\""),
            Some(vec![Normaliser::Instant])
        );
        assert_eq!(leaf("\"2026-01-02T03:04:05Z\"", "\"2026-01-02T03:04:06Z\""), None);
    }

    #[test]
    fn case_only_counts_as_equal_where_the_catalogue_says_so() {
        let [a, b] = ["/Sub/X", "/sub/x"].map(|text| Value::String(text.into()));
        assert_eq!(relate(Fold::Leaf, false, Some(&a), Some(&b)), Match::Different);
        assert_eq!(
            relate(Fold::Leaf, true, Some(&a), Some(&b)),
            Match::Normalised(Normalisers::from([Normaliser::Case]))
        );
    }

    #[test]
    fn absent_and_null_are_not_the_same() {
        assert_eq!(relate(Fold::Leaf, false, None, Some(&Value::Null)), Match::Different);
    }

    #[test]
    fn configuration_leaves_out_what_the_provider_fills_in() {
        let given = Value::decode(r#"[{"port":"443"}]"#).unwrap();
        let real = Value::decode(r#"[{"port":443,"id":"x"}]"#).unwrap();
        assert!(covers(Fold::Set, &given, Some(&real)));
        let other = Value::decode(r#"[{"port":80,"id":"x"}]"#).unwrap();
        assert!(!covers(Fold::Set, &given, Some(&other)));
    }
}
