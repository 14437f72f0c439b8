//! `sensitive_attributes` of raw states: a list of paths.

use crate::{
    path::Step,
    value::{Mask, Value},
};

/// The mask that the list describes. The order of the list is random, and it makes no difference.
pub(super) fn mask(paths: &Value) -> Mask {
    let mut mask = Mask::None;
    for path in paths.as_list().unwrap_or_default() {
        // A step that is not understood marks everything from there on.
        let steps: Vec<Step> = path.as_list().unwrap_or_default().iter().map_while(step).collect();
        mask.mark(&steps);
    }
    mask
}

/// `{"type":"get_attr","value":NAME}` or `{"type":"index","value":{"value":KEY,"type":"string"|"number"}}`.
fn step(step: &Value) -> Option<Step> {
    let field = |value: &Value, name: &str| value.as_object()?.get(name).cloned();
    let value = field(step, "value")?;
    match field(step, "type")?.as_str()? {
        "get_attr" => Some(Step::attr(value.as_str()?)),
        "index" => match field(&value, "value")? {
            Value::Number(index) => index.as_u64().map(Step::Index),
            Value::String(key) => Some(Step::Key(key)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Mask {
        mask(&Value::decode(json).expect("JSON"))
    }

    #[test]
    fn paths_become_a_mask_whatever_their_order() {
        let password = r#"[{"type":"get_attr","value":"password"}]"#;
        let key =
            r#"[{"type":"get_attr","value":"tags"},{"type":"index","value":{"value":"a","type":"string"}}]"#;
        let item =
            r#"[{"type":"get_attr","value":"list"},{"type":"index","value":{"value":1,"type":"number"}}]"#;
        let there = of(&format!("[{password},{key},{item}]"));
        assert_eq!(there, of(&format!("[{item},{password},{key}]")));
        assert_eq!(
            there,
            Mask::decode(r#"{"password":true,"tags":{"a":true},"list":[false,true]}"#).expect("mask")
        );
    }

    #[test]
    fn nothing_and_everything_can_be_marked() {
        for nothing in ["null", "[]"] {
            assert_eq!(of(nothing), Mask::None);
        }
        assert_eq!(of("[[]]"), Mask::All);
    }

    #[test]
    fn a_step_that_is_not_understood_marks_everything_from_there_on() {
        let json = r#"[[{"type":"get_attr","value":"set"},{"type":"index","value":{"value":{"a":1},"type":"object"}},{"type":"get_attr","value":"a"}]]"#;
        assert_eq!(of(json), Mask::decode(r#"{"set":true}"#).expect("mask"));
    }
}
