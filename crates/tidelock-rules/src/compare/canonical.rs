//! One spelling for all values that mean the same, so that their hashes can be compared.
//!
//! Two values have one spelling if they are equal, or equal under the readings `json`, `set_order`, `trailing_newline`,
//! `crlf`, `ssh_key`, `instant` and `case`. `empty` and `number_text` are left out: they make up for what a provider
//! reads back, and hold between pairs of values without carrying over to a third.

use tidelock_parse::{AttrPath, Step, Value};

use super::{Shape, Shapes, normalise};
use crate::report::Normaliser;

/// Writes the spelling of `value`, which stands at `path`, behind what `out` holds.
pub(crate) fn spell(shapes: &dyn Shapes, path: &AttrPath, value: &Value, out: &mut Vec<u8>) {
    Speller { shapes, path: path.clone(), out }.value(value);
}

struct Speller<'s> {
    shapes: &'s dyn Shapes,
    path: AttrPath,
    out: &'s mut Vec<u8>,
}

impl Speller<'_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::List(items) => {
                begin(self.out, b'l', items.len());
                let mut starts = Vec::with_capacity(items.len());
                for (item, at) in items.iter().zip(0_u64..) {
                    starts.push(self.out.len());
                    self.path.push(Step::Index(at));
                    self.value(item);
                    self.path.pop();
                }
                if self.shapes.shape(&self.path) == Shape::Set && self.reads(Normaliser::SetOrder) {
                    sort_parts(self.out, &starts);
                }
            }
            Value::Object(fields) => {
                let map = self.shapes.shape(&self.path) == Shape::Map;
                begin(self.out, b'o', fields.len());
                for (name, field) in fields {
                    part(self.out, b'f', name.as_bytes());
                    self.path.push(if map { Step::Key(name.clone()) } else { Step::attr(name) });
                    self.value(field);
                    self.path.pop();
                }
            }
            plain => exact(plain, self.out),
        }
    }

    fn text(&mut self, text: &str) {
        let unix = if self.reads(Normaliser::Crlf) { text.replace("\r\n", "\n") } else { text.to_owned() };
        let text = if self.reads(Normaliser::TrailingNewline) { unix.trim_end_matches('\n') } else { &*unix };
        if let Some(keys) = self.read(Normaliser::SshKey, text, normalise::ssh_keys) {
            begin(self.out, b'k', keys.len());
            for (kind, body) in keys {
                part(self.out, b's', kind.as_bytes());
                part(self.out, b's', body.as_bytes());
            }
        } else if let Some(value) = self.read(Normaliser::Json, text, normalise::json) {
            self.out.push(b'j');
            exact(&value, self.out);
        } else if let Some(moment) = self.read(Normaliser::Instant, text, normalise::instant) {
            part(self.out, b'i', moment.to_string().as_bytes());
        } else if self.shapes.ignores_case(&self.path) && self.reads(Normaliser::Case) {
            part(self.out, b's', text.to_ascii_lowercase().as_bytes());
        } else {
            part(self.out, b's', text.as_bytes());
        }
    }

    fn read<T>(&self, reading: Normaliser, text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.reads(reading) { read(text) } else { None }
    }

    fn reads(&self, reading: Normaliser) -> bool {
        !self.shapes.refuses(reading)
    }
}

/// A value without any reading but that of numbers, which are equal by value.
fn exact(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Unknown => out.push(b'?'),
        Value::Bool(false) => out.push(b'-'),
        Value::Bool(true) => out.push(b'+'),
        Value::Number(number) => part(out, b'd', number.canonical_text().as_bytes()),
        Value::String(text) => part(out, b's', text.as_bytes()),
        Value::List(items) => {
            begin(out, b'l', items.len());
            for item in items {
                exact(item, out);
            }
        }
        Value::Object(fields) => {
            begin(out, b'o', fields.len());
            for (name, field) in fields {
                part(out, b'f', name.as_bytes());
                exact(field, out);
            }
        }
    }
}

/// Sorts what begins at each of `starts` and ends where the next one begins.
fn sort_parts(out: &mut Vec<u8>, starts: &[usize]) {
    let Some(first) = starts.first() else { return };
    let rest = out.split_off(*first);
    let ends = starts.iter().skip(1).map(|end| end - first).chain([rest.len()]);
    let mut parts: Vec<&[u8]> =
        starts.iter().zip(ends).filter_map(|(start, end)| rest.get(start - first..end)).collect();
    parts.sort_unstable();
    out.extend(parts.concat());
}

/// A tag and a length: what follows cannot be taken for anything else.
fn begin(out: &mut Vec<u8>, tag: u8, len: usize) {
    out.push(tag);
    out.extend_from_slice(&u64::try_from(len).unwrap_or(u64::MAX).to_be_bytes());
}

fn part(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    begin(out, tag, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sets(&'static [&'static str]);
    impl Shapes for Sets {
        fn shape(&self, path: &AttrPath) -> Shape {
            let names: Vec<&str> = path.names().collect();
            let inside = matches!(path.steps().last(), Some(Step::Index(_)));
            let set = !inside && self.0.contains(&names.join(".").as_str());
            if set { Shape::Set } else { Shape::Unknown }
        }

        fn ignores_case(&self, path: &AttrPath) -> bool {
            path.top() == Some("id")
        }
    }

    fn spelled(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        spell(&Sets(&["set", "set.inner"]), &AttrPath::root(), &Value::decode(json).unwrap(), &mut out);
        out
    }

    #[test]
    fn what_is_equal_under_a_reading_is_spelled_alike() {
        for (a, b) in [
            (r#"{"a":1,"b":2}"#, r#"{"b":2.0,"a":10e-1}"#),
            (r#"{"set":[1,2,{"inner":[3,4]}]}"#, r#"{"set":[{"inner":[4,3]},2,1]}"#),
            (r#""{\"a\":[1], \"b\":2}""#, r#""{\"b\":2,\"a\":[1.0]}\n""#),
            (r#""a\r\nb\r\n""#, r#""a\nb""#),
            (r#""ssh-ed25519 AAAAx ada""#, r#""ssh-ed25519 AAAAx""#),
            (r#""2026-01-02T03:04:05Z""#, r#""2026-01-02T04:04:05+01:00""#),
            (r#"{"id":"/Sub/X"}"#, r#"{"id":"/sub/x"}"#),
        ] {
            assert_eq!(spelled(a), spelled(b), "{a} {b}");
        }
    }

    #[test]
    fn what_differs_is_spelled_differently() {
        let values = [
            "null",
            "false",
            "true",
            "0",
            "1",
            "-1",
            "10",
            "\"\"",
            "\"1\"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "[1,2]",
            "[2,1]",
            "[\"ab\",\"c\"]",
            "[\"a\",\"bc\"]",
            r#"{"a":1}"#,
            r#"{"a":null}"#,
            r#"{"set":[1,1,2]}"#,
            r#"{"set":[1,2,2]}"#,
            r#"{"set":[1,2]}"#,
            r#""{\"a\":1}""#,
            r#""{\"a\":\"1\"}""#,
            r#""[2,1]""#,
            r#""[1,2]""#,
            "\"A\"",
            "\"a\"",
            "\"a b\"",
            "\"a  b\"",
            r#""ssh-ed25519 AAAAx""#,
            r#""ssh-ed25519 AAAAy""#,
        ];
        for (at, a) in values.iter().enumerate() {
            for b in &values[at + 1..] {
                assert_ne!(spelled(a), spelled(b), "{a} {b}");
            }
        }
    }

    #[test]
    fn what_is_not_known_has_a_spelling_of_its_own() {
        let spelled = |value: &Value| {
            let mut out = Vec::new();
            spell(&Sets(&[]), &AttrPath::root(), value, &mut out);
            out
        };
        let list = |value| spelled(&Value::List(vec![value]));
        assert_ne!(list(Value::Unknown), list(Value::Null));
        assert_ne!(list(Value::Unknown), list(Value::String("?".into())));
    }
}
