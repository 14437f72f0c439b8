//! `jsonencode` and `jsondecode`.

use std::fmt::Write as _;

use super::{arg, not_known, text_arg};
use crate::{
    config::{
        decimal::plain,
        not_known::{Eval, Fail},
        val::Val,
    },
    value::{Value, ValueError},
};

#[expect(clippy::unnecessary_wraps, reason = "the signature of every function")]
pub(super) fn jsonencode(args: &[Val]) -> Eval {
    Ok(encode(arg(args, 0)).map_or_else(not_known, Val::text))
}

pub(super) fn jsondecode(args: &[Val]) -> Eval {
    match Value::decode(text_arg(args, 0)?.trim()) {
        Ok(value) => Ok(Val::from_value(&value)),
        Err(ValueError::TooDeep) => Ok(not_known()),
        Err(_) => Err(Fail("this is not JSON")),
    }
}

/// Compact JSON with sorted keys; `None` if something in it has no certain text.
pub(super) fn encode(value: &Val) -> Option<String> {
    let mut out = String::new();
    write(&mut out, value)?;
    Some(out)
}

/// A text as JSON, escaped as the real thing does: also `<`, `>`, `&` and the two line separators.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn write(out: &mut String, value: &Val) -> Option<()> {
    match value {
        Val::Unknown(_) => return None,
        Val::Null => out.push_str("null"),
        Val::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Val::Number(number) => out.push_str(&plain(number)?),
        Val::Text(text) => out.push_str(&quote(text)),
        Val::Seq(..) if !value.is_ordered() => return None,
        Val::Seq(_, items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, item)?;
            }
            out.push(']');
        }
        Val::Map(_, fields) => {
            out.push('{');
            for (at, (name, field)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&quote(name));
                out.push(':');
                write(out, field)?;
            }
            out.push('}');
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn json_is_written_compactly_with_sorted_keys() {
        all(&[
            ("jsonencode({ b = [1, null], a = \"<x>\" })", r#""{\"a\":\"\\u003cx\\u003e\",\"b\":[1,null]}""#),
            ("jsonencode(1.50)", "\"1.5\""),
            ("jsonencode({ a = other.x.id })", "depends on other.x.id"),
            ("jsondecode(\"{\\\"a\\\": [1, true]}\")", r#"{"a":[1,true]}"#),
            ("try(jsondecode(\"{\"), \"none\")", "\"none\""),
        ]);
    }
}
