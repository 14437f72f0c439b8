//! Attributes of dynamic type in raw states: `{"value": V, "type": T}` around what other forms write plainly.

use std::collections::BTreeMap;

use crate::value::Value;

/// `value` with every wrapper replaced by what it wraps.
///
/// Without a schema a wrapper is told by its shape: exactly the keys `value` and `type`, a `type` that is a type
/// encoding, and a value that fits it.
pub(super) fn unwrap(value: Value) -> Value {
    match value {
        Value::Object(fields) if is_wrapper(&fields) => {
            // The given type settles what is inside: nothing there is wrapped again.
            fields
                .into_iter()
                .find(|(name, _)| &**name == "value")
                .map(|(_, inner)| inner)
                .unwrap_or_default()
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, unwrap(field))).collect())
        }
        Value::List(items) => Value::List(items.into_iter().map(unwrap).collect()),
        plain => plain,
    }
}

fn is_wrapper(fields: &BTreeMap<Box<str>, Value>) -> bool {
    match (fields.len(), fields.get("value"), fields.get("type")) {
        (2, Some(value), Some(kind)) => fits(value, kind),
        _ => false,
    }
}

/// Whether `kind` is a type encoding and `value` is of that type.
///
/// Recursion follows a decoded value, whose depth is bounded.
fn fits(value: &Value, kind: &Value) -> bool {
    match kind {
        Value::String(name) => matches!(
            (&**name, value),
            ("string" | "number" | "bool", Value::Null)
                | ("dynamic", _)
                | ("string", Value::String(_))
                | ("number", Value::Number(_))
                | ("bool", Value::Bool(_))
        ),
        Value::List(parts) => match parts.as_slice() {
            [Value::String(name), inner] | [Value::String(name), inner, Value::List(_)] => {
                fits_collection(value, name, inner)
            }
            _ => false,
        },
        _ => false,
    }
}

fn fits_collection(value: &Value, name: &str, inner: &Value) -> bool {
    match (name, value, inner) {
        ("list" | "set", Value::List(items), kind) => items.iter().all(|item| fits(item, kind)),
        ("map", Value::Object(entries), kind) => entries.values().all(|entry| fits(entry, kind)),
        ("tuple", Value::List(items), Value::List(kinds)) => {
            items.len() == kinds.len() && items.iter().zip(kinds).all(|(item, kind)| fits(item, kind))
        }
        ("object", Value::Object(fields), Value::Object(kinds)) => {
            fields.iter().all(|(name, field)| kinds.get(name).is_some_and(|kind| fits(field, kind)))
        }
        ("list" | "set" | "map", Value::Null, kind) => fits(&Value::Null, kind),
        ("tuple", Value::Null, Value::List(_)) | ("object", Value::Null, Value::Object(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(json: &str) -> String {
        serde_json::to_string(&unwrap(Value::decode(json).expect("JSON"))).expect("JSON")
    }

    #[test]
    fn wrappers_of_every_type_are_taken_off() {
        for (wrapped, plain) in [
            (r#"{"value":"x","type":"string"}"#, r#""x""#),
            (r#"{"value":1.50,"type":"number"}"#, "1.50"),
            (r#"{"value":null,"type":"dynamic"}"#, "null"),
            (r#"{"value":["a"],"type":["list","string"]}"#, r#"["a"]"#),
            (r#"{"value":{"a":true},"type":["map","bool"]}"#, r#"{"a":true}"#),
            (r#"{"value":["a",1],"type":["tuple",["string","number"]]}"#, r#"["a",1]"#),
            (r#"{"value":{"a":[1]},"type":["object",{"a":["set","number"]}]}"#, r#"{"a":[1]}"#),
            (r#"{"input":{"value":"x","type":"string"},"id":"1"}"#, r#"{"id":"1","input":"x"}"#),
            (r#"{"block":[{"any":{"value":false,"type":"bool"}}]}"#, r#"{"block":[{"any":false}]}"#),
        ] {
            assert_eq!(unwrapped(wrapped), plain);
        }
    }

    #[test]
    fn objects_that_only_look_alike_are_kept() {
        for object in [
            r#"{"type":"A","value":"192.0.2.1"}"#,
            r#"{"type":"string","value":1}"#,
            r#"{"type":"string","value":"x","zone":"z"}"#,
            r#"{"type":["list","string"],"value":["a",1]}"#,
            r#"{"type":["tuple",["string"]],"value":[]}"#,
            r#"{"type":null,"value":null}"#,
        ] {
            assert_eq!(unwrapped(object), object);
        }
    }

    #[test]
    fn what_is_inside_a_wrapper_is_not_unwrapped_again() {
        let inner = r#"{"type":"string","value":"x"}"#;
        let wrapped =
            format!(r#"{{"value":{inner},"type":["object",{{"type":"string","value":"string"}}]}}"#);
        assert_eq!(unwrapped(&wrapped), inner);
    }
}
