//! Where the JSON of a recorded plan can be spoiled.

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
