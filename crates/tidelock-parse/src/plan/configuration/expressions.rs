//! What plan JSON tells of the arguments of a block.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::leaves::{self, Leaf, Text};
use crate::{
    path::{AttrPath, Step},
    source::{RawText, Source},
    value::Value,
};

/// Expressions of a block: a tree whose leaves are `{"constant_value": …}`, `{"references": […]}` or `{}`.
///
/// Decoded when asked: a plan may hold thousands of blocks, and only those of drifted instances matter.
#[derive(Clone, Debug, Default)]
pub struct PlanExpressions(Vec<(Option<&'static str>, Source, RawText)>);

/// What plan JSON says about an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mention {
    /// The argument is not set.
    NotSet,
    /// Set to a constant.
    Constant(Value),
    /// Set to something that refers to other things or calls functions.
    Expression,
    /// A block type that is missing or shorter: `dynamic` blocks are not represented.
    CannotTell,
}

/// An expression that plan JSON tells in full, or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Simple {
    /// A constant.
    Constant(Value),
    /// It refers to this and to nothing else; what it makes of it is not told.
    Reference(String),
}

impl PlanExpressions {
    /// Whether the argument at `path` is set.
    ///
    /// A top-level name that is missing may be a `dynamic` block, so callers that know it to be a block must
    /// read [`Mention::NotSet`] as "cannot tell".
    pub fn mention(&self, path: &AttrPath) -> Mention {
        let tree = self.tree();
        let mut node = &tree;
        for (i, step) in path.steps().iter().enumerate() {
            // The whole is a block, and one without arguments looks like an expression.
            if i == 0 {
                let Some(argument) = node.step(step) else { return Mention::NotSet };
                node = argument;
                continue;
            }
            if let Some(constant) = constant(node) {
                let rest: AttrPath = path.steps().iter().skip(i).cloned().collect();
                return constant.get(&rest).map_or(Mention::NotSet, |v| Mention::Constant(v.clone()));
            }
            if is_expression(node) {
                return Mention::Expression;
            }
            if holds_dynamic(node) {
                return Mention::CannotTell;
            }
            node = match (node.step(step), step) {
                (Some(next), _) => next,
                // A single block is an object here, though its value is a list of one.
                (None, Step::Index(0)) if matches!(node, Value::Object(_)) => node,
                (None, Step::Index(_)) => return Mention::CannotTell,
                // And what is a list here for want of a schema may be a single block.
                (None, _) if matches!(node, Value::List(_)) => match node.as_list() {
                    Some([only]) => match only.step(step) {
                        Some(next) => next,
                        None => return Mention::NotSet,
                    },
                    _ => return Mention::CannotTell,
                },
                (None, _) => return Mention::NotSet,
            };
        }
        match constant(node) {
            Some(value) => Mention::Constant(value.clone()),
            None => Mention::Expression,
        }
    }

    /// What a top-level argument is set to: a constant, or the only thing it refers to; `None` for anything else.
    pub fn simple(&self, argument: &str) -> Option<Simple> {
        let tree = self.tree();
        let node = tree.step(&Step::attr(argument))?;
        if let Some(value) = constant(node) {
            return Some(Simple::Constant(value.clone()));
        }
        let references = node.as_object().filter(|_| is_expression(node))?.get("references")?.as_list()?;
        match references {
            [only] => only.as_str().map(|reference| Simple::Reference(reference.to_owned())),
            _ => None,
        }
    }

    /// Names of the top-level arguments that are set.
    pub fn arguments(&self) -> Vec<Box<str>> {
        self.tree().as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }

    /// Every reference in it with the path of the argument that holds it, in order of paths.
    ///
    /// Each comes with its shorter prefixes, as the plan lists them.
    pub fn references(&self) -> Vec<(AttrPath, String)> {
        self.leaves(|path, leaf, found| {
            if let Leaf::References(list) = leaf {
                found.extend(list.into_iter().map(|Text(text)| (path.clone(), text.into_owned())));
            }
        })
    }

    /// Every constant in it with the path of its argument, in order of paths.
    pub fn constants(&self) -> Vec<(AttrPath, Value)> {
        self.leaves(|path, leaf, found| {
            if let Leaf::Constant(text) = leaf {
                found.extend(Value::decode(text).ok().map(|value| (path.clone(), value)));
            }
        })
    }

    /// Goes through all leaves, and sorts what was found by path. A part that cannot be read is left out.
    fn leaves<T>(
        &self,
        mut visit: impl FnMut(&AttrPath, Leaf<'_>, &mut Vec<(AttrPath, T)>),
    ) -> Vec<(AttrPath, T)> {
        let mut found = Vec::new();
        for (name, source, raw) in &self.0 {
            let mut path: AttrPath = name.iter().map(|name| Step::attr(name)).collect();
            let before = found.len();
            let Ok(text) = source.text(*raw) else { continue };
            if leaves::visit(text, &mut path, &mut |path, leaf| visit(path, leaf, &mut found)).is_err() {
                found.truncate(before);
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found
    }

    /// The texts at these ranges: one without a name, or some with names.
    pub(crate) fn of<'s>(
        parts: impl IntoIterator<Item = (Option<&'static str>, &'s Source, Option<RawText>)>,
    ) -> Self {
        let parts = parts.into_iter();
        Self(parts.filter_map(|(name, source, range)| Some((name, source.clone(), range?))).collect())
    }

    /// `count` and `for_each` of a block.
    pub(super) fn repetition(count: Option<&RawValue>, for_each: Option<&RawValue>, source: &Source) -> Self {
        let mut parts = Self::part(Some("count"), count, source);
        parts.0.extend(Self::part(Some("for_each"), for_each, source).0);
        parts
    }

    pub(super) fn part(name: Option<&'static str>, raw: Option<&RawValue>, source: &Source) -> Self {
        Self(raw.map(|raw| (name, source.clone(), source.range_of(raw.get()))).into_iter().collect())
    }

    /// The whole tree. A part that cannot be decoded is left out: its arguments then count as "cannot tell" or
    /// not set, and the plan itself was valid JSON, so only absurd nesting gets here.
    pub(super) fn tree(&self) -> Value {
        let mut fields = BTreeMap::new();
        for (name, source, raw) in &self.0 {
            let Ok(value) = source.text(*raw).and_then(Value::decode) else { continue };
            match name {
                Some(name) => {
                    fields.insert((*name).into(), value);
                }
                None => return value,
            }
        }
        Value::Object(fields)
    }
}

fn constant(node: &Value) -> Option<&Value> {
    node.as_object().filter(|fields| fields.len() == 1)?.get("constant_value")
}

/// Whether this is the leaf of an expression. In the JSON syntax its text stands beside what it refers to as if it
/// were a constant.
fn is_expression(node: &Value) -> bool {
    let Some(fields) = node.as_object() else { return false };
    match fields.get("references") {
        Some(list) => list.as_list().is_some() && fields.keys().all(|key| is_word(key)),
        None => fields.is_empty(),
    }
}

/// Whether a key of a leaf is a word of the format.
fn is_word(key: &str) -> bool {
    matches!(key, "references" | "constant_value")
}

/// Whether this is a list of blocks with `dynamic` ones among them: it ends in what those are repeated over, and what
/// position a block has nobody can tell.
fn holds_dynamic(node: &Value) -> bool {
    let last = node.as_list().and_then(<[Value]>::last).and_then(Value::as_object);
    last.is_some_and(|fields| {
        fields.len() == 1 && fields.get("references").is_some_and(|list| list.as_list().is_some())
    })
}
