//! Ways to spoil the JSON of a recorded plan.

use serde_json::Value;

/// The path of every node of a JSON tree, in order; steps are keys or positions.
pub(crate) fn places(tree: &Value) -> Vec<String> {
    fn walk(node: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
        match node {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, field)| walk(field, &format!("{at}/{}", escape(name)), found));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{at}/{i}"), found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(tree, "", &mut found);
    found
}

/// Takes the node at `place` (a JSON pointer) out of the tree.
pub(crate) fn drop_at(tree: &mut Value, place: &str) {
    let Some((parent, last)) = place.rsplit_once('/') else { return };
    let last = last.replace("~1", "/").replace("~0", "~");
    match tree.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&last);
        }
        Some(Value::Array(items)) => {
            if let Some(at) = last.parse().ok().filter(|at: &usize| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}
