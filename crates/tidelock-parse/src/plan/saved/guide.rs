//! Which texts of a decoded value are numbers.
//!
//! A number that neither 64-bit integers nor floats hold exactly is written as a text, and without its type it looks
//! like one. The type comes from the value itself (dynamic), from a schema, or from the state, where the same attribute
//! is written as a JSON number.

use crate::{
    number::Number,
    path::Step,
    schema::{SchemaNode, Shape, model::Type},
    value::Value,
};

/// Whether anything inside is a text that could be a number, and no schema says which.
pub(super) fn is_open(value: &Value, node: Option<&SchemaNode>) -> bool {
    let child = |step: Step| node.and_then(|node| node.child(&step));
    match value {
        Value::String(text) => node.is_none() && is_candidate(text),
        Value::List(items) => items.iter().zip(0..).any(|(item, at)| is_open(item, child(Step::Index(at)))),
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| is_open(field, child(Step::Attr(name.clone()))))
        }
        _ => false,
    }
}

/// Whether a number would have been written as this text: as it is shorter than any other, it is no text otherwise.
pub(super) fn is_candidate(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    starts && text.parse::<i64>().is_err() && Number::parse(text).is_some() && !is_exact_float(text)
}

/// Whether a float holds the number exactly: then it would have been written as one.
fn is_exact_float(text: &str) -> bool {
    // Integers beyond 64 bits are written as texts even where a float would do.
    if !text.contains('.') || text.len() > 64 {
        return false;
    }
    // No float of this length has more digits behind the point than this.
    text.parse().is_ok_and(|float: f64| Number::parse(&format!("{float:.80}")) == Number::parse(text))
}

fn number(text: &str) -> Option<Value> {
    Some(text).filter(|text| is_candidate(text)).and_then(Number::parse).map(Value::Number)
}

/// Reads the texts that `given` says are numbers.
pub(super) fn by_type(value: Value, given: &Type) -> Value {
    match (value, given) {
        (Value::String(text), Type::Number) => number(&text).unwrap_or(Value::String(text)),
        (Value::List(items), Type::List(of) | Type::Set(of)) => {
            Value::List(items.into_iter().map(|item| by_type(item, of)).collect())
        }
        (Value::List(items), Type::Tuple(of)) if items.len() == of.len() => {
            Value::List(items.into_iter().zip(of).map(|(item, of)| by_type(item, of)).collect())
        }
        (Value::Object(fields), Type::Map(of)) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, by_type(field, of))).collect())
        }
        (Value::Object(fields), Type::Object(of, _)) => {
            let fields = fields.into_iter().map(|(name, field)| match of.get(&*name) {
                Some(of) => (name, by_type(field, of)),
                None => (name, field),
            });
            Value::Object(fields.collect())
        }
        (value, _) => value,
    }
}

/// Reads the texts that the schema says are numbers.
pub(super) fn by_schema(value: Value, node: &SchemaNode) -> Value {
    match value {
        Value::String(text) if node.shape() == Shape::Number => number(&text).unwrap_or(Value::String(text)),
        Value::List(items) => {
            let item = |(item, at): (Value, u64)| match node.child(&Step::Index(at)) {
                Some(node) => by_schema(item, node),
                None => item,
            };
            Value::List(items.into_iter().zip(0..).map(item).collect())
        }
        Value::Object(fields) => {
            let field = |(name, field): (Box<str>, Value)| match node.child(&Step::Attr(name.clone())) {
                Some(node) => (name, by_schema(field, node)),
                None => (name, field),
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        value => value,
    }
}

/// Reads the texts that are numbers in the same place of `example`, the instance as the state has it.
pub(super) fn by_example(value: Value, example: &Value) -> Value {
    match (value, example) {
        (Value::String(text), Value::Number(_)) => number(&text).unwrap_or(Value::String(text)),
        // Positions say nothing about which is which, and all elements have one type.
        (Value::List(items), Value::List(examples)) => match examples.iter().find(|e| **e != Value::Null) {
            Some(example) => Value::List(items.into_iter().map(|item| by_example(item, example)).collect()),
            None => Value::List(items),
        },
        (Value::Object(fields), Value::Object(examples)) => {
            let field = |(name, field): (Box<str>, Value)| match examples.get(&name) {
                Some(example) => (name, by_example(field, example)),
                None => (name, field),
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        (value, _) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(json: &str) -> Value {
        Value::decode(json).unwrap()
    }

    #[test]
    fn only_a_text_that_a_number_would_have_become_is_looked_at() {
        for text in ["0.1", "-3.14", "9223372036854775808", "0.0000001", "1.28"] {
            assert!(is_candidate(text), "{text}");
        }
        for text in ["", "-", "80", "0.5", "1.25", "x", "1.2.3", "01.5", "10.0.0.0/8", "2026-01-01"] {
            assert!(!is_candidate(text), "{text}");
        }
    }

    #[test]
    fn nothing_is_open_where_a_schema_says_what_it_is() {
        let schemas = crate::Schemas::builtin();
        let database = schemas.resource("registry.terraform.io/hashicorp/aws", "aws_db_instance").unwrap();
        let root = &database.schema.root;
        assert!(!is_open(&v(r#"{"engine_version":"16.3"}"#), Some(root)));
        assert!(is_open(&v(r#"{"engine_version":"16.3"}"#), None));
        assert!(is_open(&v(r#"{"nobody_knows":"16.3"}"#), Some(root)));
    }

    #[test]
    fn the_state_says_which_text_is_a_number() {
        let found = by_example(
            v(r#"{"price":"0.1","version":"1.28","rates":["0.2","0.3"],"new":"0.4"}"#),
            &v(r#"{"price":0.7,"version":"1.27","rates":[null,0.9]}"#),
        );
        assert_eq!(found, v(r#"{"price":0.1,"version":"1.28","rates":[0.2,0.3],"new":"0.4"}"#));
    }

    #[test]
    fn the_type_says_which_text_is_a_number() {
        let given: Type =
            serde_json::from_str(r#"["object",{"a":["map","number"],"b":["tuple",["string","number"]]}]"#)
                .unwrap();
        let found = by_type(v(r#"{"a":{"x":"0.1"},"b":["0.1","0.1"]}"#), &given);
        assert_eq!(found, v(r#"{"a":{"x":0.1},"b":["0.1",0.1]}"#));
    }
}
