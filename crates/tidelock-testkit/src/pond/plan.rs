//! What a provider plans: the proposed object, with unknowns where the cloud decides, defaults
//! where nobody did, and the paths whose change forces replacement.

use std::collections::BTreeMap;

use super::path::{Path, Step};
use super::shape::{Attribute, Block, NestedBlock, Nesting, Replaces, TypeShape, Usage};
use super::value::Value;

/// The answer to a plan request.
pub(super) struct Planned {
    pub(super) state: Value,
    pub(super) replaces: Vec<Path>,
}

/// Plans one object. `prior` is null for a create, `proposed` is what the tool merged from the
/// configuration and the prior object; null asks for a destroy, which needs no planning.
pub(super) fn plan(shape: &TypeShape, prior: &Value, proposed: &Value) -> Planned {
    if proposed.is_null() {
        return Planned { state: Value::Null, replaces: Vec::new() };
    }
    let known = (!prior.is_null()).then_some(prior);
    let mut state = plan_block(&shape.block, known, proposed);
    follow(shape, &mut state);
    let mut replaces = Vec::new();
    if let Some(prior) = known {
        forget_what_changes_with(shape, prior, &mut state);
        find_replacing(&shape.block, &Path::default(), prior, &state, &mut replaces);
    }
    Planned { state, replaces }
}

/// Sets the attributes that always equal another one.
pub(super) fn follow(shape: &TypeShape, object: &mut Value) {
    let Value::Map(entries) = object else { return };
    for (name, attribute) in &shape.block.attributes {
        if let Some(other) = &attribute.mirrors {
            let value = match entries.get(other) {
                None | Some(Value::Null) => Value::Map(BTreeMap::new()),
                Some(value) => value.clone(),
            };
            entries.insert(name.clone(), value);
        }
    }
}

fn forget_what_changes_with(shape: &TypeShape, prior: &Value, planned: &mut Value) {
    let changed = |name: &String| prior.get(name) != planned.get(name);
    let forgotten: Vec<String> = shape
        .block
        .attributes
        .iter()
        .filter(|(_, attribute)| attribute.unknown_when.iter().any(changed))
        .map(|(name, _)| name.clone())
        .collect();
    if let Value::Map(entries) = planned {
        entries.extend(forgotten.into_iter().map(|name| (name, Value::Unknown)));
    }
}

fn plan_block(block: &Block, prior: Option<&Value>, proposed: &Value) -> Value {
    if !matches!(proposed, Value::Map(_)) {
        return proposed.clone();
    }
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        (name.clone(), plan_attribute(attribute, prior.map(|prior| prior.get(name)), proposed.get(name)))
    });
    let blocks = block.blocks.iter().map(|(name, nested)| {
        (name.clone(), plan_nested(nested, prior.map(|prior| prior.get(name)), proposed.get(name)))
    });
    Value::Map(attributes.chain(blocks).collect())
}

fn plan_attribute(attribute: &Attribute, prior: Option<&Value>, proposed: &Value) -> Value {
    if attribute.write_only {
        return Value::Null;
    }
    if let (Some(nested), Value::List(_) | Value::Map(_)) = (&attribute.nested, proposed) {
        let plan = |prior: Option<&Value>, item: &Value| plan_nested_object(&nested.attributes, prior, item);
        return plan_items(nested.nesting, prior, proposed, plan);
    }
    if !proposed.is_null() {
        return match prior {
            Some(prior) if attribute.suppress && !prior.is_null() => prior.clone(),
            _ => with_members(&attribute.elements, proposed),
        };
    }
    match (attribute.is, prior, &attribute.default) {
        (Usage::OptionalComputed | Usage::Computed, Some(_), _) => Value::Null,
        (_, _, Some(default)) => default.into(),
        (Usage::OptionalComputed | Usage::Computed, None, None) => Value::Unknown,
        // The older SDK sees no difference between null and empty, and plans none.
        (_, Some(prior), None) if prior.is_empty() => prior.clone(),
        _ => Value::Null,
    }
}

/// The elements of a list or set of objects, with the members that nobody set filled in.
fn with_members(members: &BTreeMap<String, serde_json::Value>, value: &Value) -> Value {
    match value {
        Value::List(items) if !members.is_empty() => {
            Value::List(items.iter().map(|item| with_members(members, item)).collect())
        }
        Value::Map(entries) => {
            let filled = |(name, value): (&String, &Value)| {
                let default = members.get(name).filter(|_| value.is_null());
                (name.clone(), default.map_or_else(|| value.clone(), Value::from))
            };
            Value::Map(entries.iter().map(filled).collect())
        }
        other => other.clone(),
    }
}

fn plan_nested_object(
    attributes: &BTreeMap<String, Attribute>,
    prior: Option<&Value>,
    proposed: &Value,
) -> Value {
    if !matches!(proposed, Value::Map(_)) {
        return proposed.clone();
    }
    let plan = |(name, attribute): (&String, &Attribute)| {
        (name.clone(), plan_attribute(attribute, prior.map(|prior| prior.get(name)), proposed.get(name)))
    };
    Value::Map(attributes.iter().map(plan).collect())
}

fn plan_nested(nested: &NestedBlock, prior: Option<&Value>, proposed: &Value) -> Value {
    if nested.computed && proposed.is_empty() {
        return prior.unwrap_or(proposed).clone();
    }
    plan_items(nested.nesting, prior, proposed, |prior, item| plan_block(&nested.block, prior, item))
}

/// Plans every item of a nesting with the prior item it belongs to.
fn plan_items(
    nesting: Nesting,
    prior: Option<&Value>,
    proposed: &Value,
    plan: impl Fn(Option<&Value>, &Value) -> Value,
) -> Value {
    match (nesting, proposed) {
        (Nesting::List, Value::List(items)) => {
            let before = prior.map(Value::items).unwrap_or_default();
            Value::List(items.iter().enumerate().map(|(at, item)| plan(before.get(at), item)).collect())
        }
        // The elements of a set have no position: one that was there before stays as it is.
        (Nesting::Set, Value::List(items)) => {
            let before = prior.map(Value::items).unwrap_or_default();
            let planned = |item| if before.contains(item) { item.clone() } else { plan(None, item) };
            Value::List(items.iter().map(planned).collect())
        }
        (Nesting::Map, Value::Map(entries)) => {
            let before = |key: &str| prior.map(|prior| prior.get(key)).filter(|value| !value.is_null());
            Value::Map(entries.iter().map(|(key, item)| (key.clone(), plan(before(key), item))).collect())
        }
        (Nesting::Single, Value::Map(_)) => plan(prior.filter(|prior| !prior.is_null()), proposed),
        _ => proposed.clone(),
    }
}

fn find_replacing(block: &Block, at: &Path, prior: &Value, planned: &Value, found: &mut Vec<Path>) {
    for (name, attribute) in &block.attributes {
        let (before, after) = (prior.get(name), planned.get(name));
        let replaces = match attribute.replaces {
            Some(Replaces::Always) => before != after,
            Some(Replaces::WhenLower) => after.is_below(before),
            None => false,
        };
        if replaces {
            found.push(at.then(Step::Attribute(name.clone())));
        }
    }
    for (name, nested) in &block.blocks {
        if nested.nesting == Nesting::List {
            let (before, after) = (prior.get(name).items(), planned.get(name).items());
            for index in 0..before.len().max(after.len()) {
                let at = at.then(Step::Attribute(name.clone())).then(Step::Index(index));
                let item = |items: &[Value]| items.get(index).cloned().unwrap_or_default();
                find_replacing(&nested.block, &at, &item(before), &item(after), found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pond::shape::ProviderShape;

    fn value(json: &str) -> Value {
        Value::from(&serde_json::from_str::<serde_json::Value>(json).unwrap())
    }

    fn basin(prior: &str, proposed: &str) -> Planned {
        let shape = ProviderShape::load("local/pond").unwrap();
        plan(&shape.types["pond_basin"], &value(prior), &value(proposed))
    }

    #[test]
    fn a_computed_attribute_is_unknown_on_create_and_kept_on_update() {
        let created = basin("null", r#"{"name": "a"}"#);
        assert_eq!(*created.state.get("id"), Value::Unknown);
        let updated =
            basin(r#"{"name": "a", "id": "basin-a"}"#, r#"{"name": "a", "id": "basin-a", "depth": 2}"#);
        assert_eq!(updated.state.get("id").as_str(), Some("basin-a"));
        assert!(updated.replaces.is_empty());
    }

    #[test]
    fn a_changed_name_forces_replacement() {
        let planned = basin(r#"{"name": "a"}"#, r#"{"name": "b"}"#);
        assert_eq!(planned.replaces.iter().map(ToString::to_string).collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn a_suppressed_attribute_stays_as_it_was_found() {
        let planned = basin(r#"{"name": "a", "temperature": 23}"#, r#"{"name": "a", "temperature": 20}"#);
        assert_eq!(*planned.state.get("temperature"), Value::Int(23));
    }

    #[test]
    fn nothing_is_planned_between_null_and_empty() {
        let planned = basin(r#"{"name": "a", "labels": {}}"#, r#"{"name": "a", "labels": null}"#);
        assert_eq!(*planned.state.get("labels"), value("{}"));
    }

    #[test]
    fn another_default_of_an_argument_inside_a_block_replaces() {
        let shape = ProviderShape::load("hashicorp/google").unwrap();
        let database = shape.types["google_sql_database_instance"].clone();
        let prior = value(r#"{"name": "a", "settings": [{"tier": "t", "disk_type": "PD_SSD"}]}"#);
        let proposed = value(r#"{"name": "a", "settings": [{"tier": "t"}]}"#);
        let replaces = |shape: &TypeShape| {
            plan(shape, &prior, &proposed).replaces.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(!replaces(&database).contains(&"settings[0].disk_type".to_owned()));
        let path = "settings[0].disk_type".parse().unwrap();
        let released = database.with_default(&path, &"PD_HDD".into()).unwrap();
        assert!(replaces(&released).contains(&"settings[0].disk_type".to_owned()));
    }
}
