//! Shown values as one line of text, in HCL's notation.

use tidelock_parse::{
    AttrPath, Shown, Step, Value,
    redact::{Masked, MaskedWhy},
};

use crate::escape::{printable, quoted};

/// What stands for a value that must not be shown.
pub(crate) const SENSITIVE: &str = "(sensitive)";
/// What stands for a value that apply will tell, in the words of `tofu plan`.
pub(crate) const UNKNOWN: &str = "(known after apply)";
/// What stands for a value that is secret by its form.
const REDACTED: &str = "(redacted)";

/// How long values may get, and what an omission looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Characters of one value.
    pub chars: usize,
    /// Elements of a list of additions or removals.
    pub elements: usize,
    /// Stands for what is left out: `…` or `...`.
    pub ellipsis: &'static str,
}

impl Limits {
    /// Nothing is left out.
    pub(crate) const NONE: Self = Self { chars: usize::MAX, elements: usize::MAX, ellipsis: "…" };
}

/// The value, shortened to the limit.
pub(crate) fn text(shown: &Shown, limits: Limits) -> String {
    elide(&full(shown), 0, limits)
}

/// Two values side by side. Where they are long and begin alike, the common beginning is left out, so that the
/// difference is seen.
pub(crate) fn pair(a: &Shown, b: &Shown, limits: Limits) -> (String, String) {
    let (a, b) = (full(a), full(b));
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let long = a.chars().count().max(b.chars().count()) > limits.chars;
    let skip = if long && common > limits.chars / 2 { common.saturating_sub(CONTEXT) } else { 0 };
    (elide(&a, skip, limits), elide(&b, skip, limits))
}

/// Characters of a common beginning that stay, for orientation.
const CONTEXT: usize = 16;

fn elide(text: &str, skip: usize, limits: Limits) -> String {
    let count = text.chars().count();
    if count <= limits.chars {
        return text.to_owned();
    }
    let head = if skip > 0 { limits.ellipsis } else { "" };
    let body: String = text.chars().skip(skip).take(limits.chars).collect();
    let tail = if count > skip.saturating_add(limits.chars) { limits.ellipsis } else { "" };
    format!("{head}{body}{tail} ({count} characters)")
}

fn full(shown: &Shown) -> String {
    match shown {
        Shown::Absent => "nothing".to_owned(),
        Shown::Unknown => UNKNOWN.to_owned(),
        Shown::Value { value, masked } => {
            let mut out = String::new();
            if let Some(inner) = value.as_str().and_then(json) {
                out.push_str("jsonencode(");
                write(&mut out, &inner, &[], &mut AttrPath::root());
                out.push(')');
                return out;
            }
            write(&mut out, value, masked, &mut AttrPath::root());
            out
        }
        // Redacted, or a kind of value that is newer than this renderer: nothing of it is shown.
        _ => SENSITIVE.to_owned(),
    }
}

/// The value inside a text that is JSON: easier to read, and in one order of keys.
fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    text.starts_with(['{', '[']).then(|| Value::decode(text).ok()).flatten()
}

fn write(out: &mut String, value: &Value, masked: &[Masked], path: &mut AttrPath) {
    if let Some(mask) = masked.iter().find(|mask| mask.path == *path)
        && matches!(value, Value::Null)
    {
        out.push_str(match mask.why {
            MaskedWhy::Unknown => UNKNOWN,
            MaskedWhy::Sensitive => SENSITIVE,
            _ => REDACTED,
        });
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Unknown => out.push_str(UNKNOWN),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number.as_str()),
        Value::String(text) => out.push_str(&quoted(text)),
        Value::List(items) => {
            out.push('[');
            for (item, at) in items.iter().zip(0_u64..) {
                if at > 0 {
                    out.push_str(", ");
                }
                below(out, item, masked, path, Step::Index(at));
            }
            out.push(']');
        }
        Value::Object(fields) if fields.is_empty() => out.push_str("{}"),
        Value::Object(fields) => {
            let mut separator = "{ ";
            for (name, field) in fields {
                out.push_str(separator);
                separator = ", ";
                let step = Step::attr(name);
                match &step {
                    Step::Attr(name) => out.push_str(&printable(name)),
                    _ => out.push_str(&quoted(name)),
                }
                out.push_str(" = ");
                below(out, field, masked, path, step);
            }
            out.push_str(" }");
        }
    }
}

fn below(out: &mut String, value: &Value, masked: &[Masked], path: &mut AttrPath, step: Step) {
    path.push(step);
    write(out, value, masked, path);
    path.pop();
}

#[cfg(test)]
mod tests {
    use tidelock_parse::{Mask, Redactor};

    use super::*;

    const LIMITS: Limits = Limits { chars: 40, elements: 3, ellipsis: "…" };

    fn shown(json: &str, sensitive: &str) -> Shown {
        let value = Value::decode(json).unwrap();
        Redactor::default().show(Some(&value), &Mask::decode(sensitive).unwrap())
    }

    #[test]
    fn values_read_as_hcl_would_write_them() {
        let json = r#"{"a":[1,2.50,null],"b c":{"d":true},"e":{},"f":"x\ny"}"#;
        assert_eq!(
            full(&shown(json, "{}")),
            r#"{ a = [1, 2.50, null], "b c" = { d = true }, e = {}, f = "x\ny" }"#
        );
    }

    #[test]
    fn text_that_is_json_reads_like_the_expression_that_makes_it() {
        let shown = shown(r#""{\"b\":[\"s3:*\"],\"a\":1}""#, "{}");
        assert_eq!(full(&shown), r#"jsonencode({ a = 1, b = ["s3:*"] })"#);
    }

    #[test]
    fn masked_parts_say_why_they_are_missing() {
        let value = Value::decode(r#"{"user":"ada","password":"hunter2","id":null}"#)
            .unwrap()
            .with_unknown(&Mask::decode(r#"{"id":true}"#).unwrap());
        let shown = Redactor::default().show(Some(&value), &Mask::decode(r#"{"password":true}"#).unwrap());
        assert_eq!(full(&shown), r#"{ id = (known after apply), password = (sensitive), user = "ada" }"#);
        assert_eq!(full(&Shown::Redacted { same: 'a' }), SENSITIVE);
    }

    #[test]
    fn long_values_end_in_their_length() {
        let long = format!("\"{}\"", "x".repeat(121));
        let text = text(&shown(&long, "{}"), LIMITS);
        assert!(text.ends_with("x… (123 characters)"), "{text}");
    }

    #[test]
    fn long_values_that_begin_alike_show_where_they_differ() {
        let (a, b) = (format!("\"{}old\"", "k".repeat(200)), format!("\"{}new\"", "k".repeat(200)));
        let (a, b) = pair(&shown(&a, "{}"), &shown(&b, "{}"), LIMITS);
        assert_eq!(a, "…kkkkkkkkkkkkkkkkold\" (205 characters)");
        assert_eq!(b, "…kkkkkkkkkkkkkkkknew\" (205 characters)");
    }
}
