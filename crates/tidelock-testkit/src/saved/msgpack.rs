//! `MessagePack` of values, as the `cty` library writes it.

#![allow(
    clippy::cast_possible_truncation,
    reason = "lengths of what tests make, and bytes cut off on purpose"
)]

use serde_json::{Value, json};

/// A value of which the mask says what is unknown, as `after_unknown` does.
pub(super) fn value(value: &Value, unknown: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value, unknown);
    out
}

/// A value of dynamic type: with its type before it.
pub(super) fn wrapped(plain: &Value) -> Vec<u8> {
    if plain.is_null() {
        return vec![0xc0];
    }
    let given = type_of(plain).to_string();
    let mut out = vec![0x92, 0xc5];
    out.extend_from_slice(&(given.len() as u16).to_be_bytes());
    out.extend_from_slice(given.as_bytes());
    write(&mut out, plain, &Value::Null);
    out
}

/// The same for an output, which may be unknown as a whole.
pub(super) fn wrapped_or_unknown(plain: &Value, unknown: &Value) -> Vec<u8> {
    if *unknown == true { vec![0xd4, 0, 0] } else { wrapped(plain) }
}

fn type_of(value: &Value) -> Value {
    match value {
        Value::Null => json!("dynamic"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => json!(["tuple", items.iter().map(type_of).collect::<Vec<_>>()]),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| (name.clone(), type_of(field)));
            json!(["object", fields.collect::<serde_json::Map<_, _>>()])
        }
    }
}

fn write(out: &mut Vec<u8>, value: &Value, unknown: &Value) {
    if *unknown == true {
        out.extend_from_slice(&[0xd4, 0, 0]);
        return;
    }
    match value {
        Value::Null if unknown.is_object() && unknown != &json!({}) => write(out, &json!({}), unknown),
        Value::Null => out.push(0xc0),
        Value::Bool(value) => out.push(if *value { 0xc3 } else { 0xc2 }),
        Value::Number(number) => match number.as_i64() {
            Some(value) => {
                out.push(0xd3);
                out.extend_from_slice(&value.to_be_bytes());
            }
            None => float(out, number.as_f64().unwrap_or_default()),
        },
        Value::String(value) => text(out, value),
        Value::Array(items) => {
            out.push(0xdd);
            out.extend_from_slice(&(items.len() as u32).to_be_bytes());
            for (at, item) in items.iter().enumerate() {
                write(out, item, unknown.get(at).unwrap_or(&Value::Null));
            }
        }
        Value::Object(fields) => {
            let none = serde_json::Map::new();
            let masks = unknown.as_object().unwrap_or(&none);
            let mut names: Vec<&String> = fields.keys().chain(masks.keys()).collect();
            names.sort();
            names.dedup();
            out.push(0xdf);
            out.extend_from_slice(&(names.len() as u32).to_be_bytes());
            for name in names {
                text(out, name);
                let field = fields.get(name).unwrap_or(&Value::Null);
                write(out, field, masks.get(name).unwrap_or(&Value::Null));
            }
        }
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    if value.len() < 32 {
        out.push(0xa0 | value.len() as u8);
    } else {
        out.push(0xdb);
        out.extend_from_slice(&(value.len() as u32).to_be_bytes());
    }
    out.extend_from_slice(value.as_bytes());
}

/// A float only where it is exact; otherwise the decimal as a text.
fn float(out: &mut Vec<u8>, value: f64) {
    let shortest = value.to_string();
    if format!("{value:.80}").trim_end_matches('0') == shortest {
        out.push(0xcb);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        text(out, &shortest);
    }
}
