//! Paths of saved plans: what forces a replacement, and what is sensitive.

use prost::bytes::Bytes;

use super::{message, msgpack};
use crate::{
    path::{AttrPath, Step},
    schema::SchemaNode,
    value::{Mask, Value},
};

/// A path, as far as it is understood: a step into a set names the element itself, and ends it.
pub(super) fn path(path: &message::Path) -> AttrPath {
    path.steps.iter().map_while(step).collect()
}

fn step(step: &message::Step) -> Option<Step> {
    match step.selector.as_ref()? {
        message::Selector::AttributeName(name) => Some(Step::Attr(name.as_str().into())),
        message::Selector::ElementKey(key) => match msgpack::value(&key.msgpack).ok()? {
            Value::String(key) => Some(Step::Key(key)),
            Value::Number(index) => index.as_u64().map(Step::Index),
            _ => None,
        },
    }
}

/// Everything at or below one of the paths; everything at all if one cannot be read.
pub(super) fn mask(paths: &[Bytes]) -> Mask {
    let mut mask = Mask::None;
    for sensitive in paths {
        match message::decode::<message::Path>(sensitive) {
            Some(sensitive) => mask.mark(path(&sensitive).steps()),
            None => return Mask::All,
        }
    }
    mask
}

/// What the schema calls sensitive in a value.
///
/// The products write this into a plan only sometimes (see the decision on saved plans), and add it when they show one.
pub(super) fn sensitive_by_schema(value: &Value, node: &SchemaNode) -> Mask {
    if node.is_sensitive() {
        return if *value == Value::Null { Mask::None } else { Mask::All };
    }
    match value {
        Value::Object(fields) => {
            let masks = fields.iter().filter_map(|(name, field)| {
                let mask = sensitive_by_schema(field, node.child(&Step::Attr(name.clone()))?);
                mask.any().then(|| (name.clone(), mask))
            });
            let masks: std::collections::BTreeMap<_, _> = masks.collect();
            if masks.is_empty() { Mask::None } else { Mask::Fields(masks) }
        }
        Value::List(items) => {
            let masks: Vec<Mask> = items
                .iter()
                .zip(0..)
                .map(|(item, at)| {
                    node.child(&Step::Index(at)).map_or(Mask::None, |node| sensitive_by_schema(item, node))
                })
                .collect();
            match masks.iter().any(Mask::any) {
                false => Mask::None,
                // A set is marked as a whole: its elements have no place of their own.
                true if node.is_set() => Mask::All,
                true => Mask::Items(masks),
            }
        }
        _ => Mask::None,
    }
}
