//! `for` expressions, and the elements of what is repeated over.

use std::{collections::BTreeMap, sync::Arc};

use super::Evaluator;
use crate::{
    config::{
        not_known::{Eval, Fail, NotKnown, Why},
        scope::{Env, Role, Source, Sourced},
        syntax::For,
        types::{to_bool, to_text},
        val::{SeqKind, Val},
    },
    path::Step,
};

/// Keys and elements of a collection, or why they are not known.
pub(crate) type Elements = Result<Vec<(Val, Val)>, Why>;

/// The turns of a `for` expression.
pub(crate) struct Turns<'c> {
    pub(crate) turns: Vec<Turn<'c>>,
    /// Whether their order means something.
    pub(crate) ordered: bool,
}

/// One turn of a `for` expression that its condition lets through.
pub(crate) struct Turn<'c> {
    pub(crate) env: Env<'c>,
    /// The key of an object `for`.
    pub(crate) key: Option<Arc<str>>,
}

impl<'c> Evaluator<'c> {
    /// What repeating over a value goes through: positions of lists, keys of maps, and elements of sets twice.
    pub(crate) fn elements(&self, value: Val) -> Result<Elements, Fail> {
        let pairs: Vec<(Val, Val)> = match value {
            Val::Seq(SeqKind::Set, items) => items.iter().map(|item| (item.clone(), item.clone())).collect(),
            Val::Seq(_, items) => {
                items.iter().enumerate().map(|(at, item)| (Val::integer(at), item.clone())).collect()
            }
            Val::Map(_, fields) => {
                fields.iter().map(|(name, field)| (Val::Text(Arc::clone(name)), field.clone())).collect()
            }
            Val::Unknown(why) => return Ok(Err(why)),
            _ => return Err(Fail("only a collection can be repeated over")),
        };
        for _ in &pairs {
            if !self.step() {
                return Ok(Err(Why::limit()));
            }
        }
        Ok(Ok(pairs))
    }

    pub(super) fn for_expr(&self, each: &'c For, env: &Env<'c>) -> Eval {
        let Turns { turns, ordered } = match self.turns(each, env, Sourced::No)? {
            Ok(turns) => turns,
            Err(why) => return Ok(Val::Unknown(why.unseen())),
        };
        if each.key.is_none() {
            if !ordered {
                return Ok(Val::Unknown(Why::opaque(NotKnown::Other)));
            }
            let items: Result<Vec<Val>, Fail> =
                turns.iter().map(|turn| self.eval(&each.value, &turn.env)).collect();
            return items.map(Val::tuple);
        }
        let mut groups: BTreeMap<Arc<str>, Vec<Val>> = BTreeMap::new();
        for turn in turns {
            let value = self.eval(&each.value, &turn.env)?;
            let group = groups.entry(turn.key.unwrap_or_default()).or_default();
            if !each.grouping && !group.is_empty() {
                return Err(Fail("two elements have the same key"));
            }
            group.push(value);
        }
        let fields = groups.into_iter().map(|(key, mut group)| {
            let value = if each.grouping { Val::tuple(group) } else { group.pop().unwrap_or(Val::Null) };
            (key, value)
        });
        Ok(Val::object(fields.collect()))
    }

    /// The turns of a `for` expression, in order, or why they are not known.
    pub(crate) fn turns(
        &self,
        each: &'c For,
        env: &Env<'c>,
        sourced: Sourced,
    ) -> Result<Result<Turns<'c>, Why>, Fail> {
        let collection = self.eval(&each.collection, env)?;
        let ordered = collection.is_ordered();
        let is_set = matches!(collection, Val::Seq(SeqKind::Set, _));
        let elements = match self.elements(collection)? {
            Ok(elements) => elements,
            Err(why) => return Ok(Err(why)),
        };
        let mut turns = Vec::with_capacity(elements.len());
        for (key, element) in elements {
            // The place of an element in a set says nothing about where it was written.
            let step = if is_set || sourced == Sourced::No { None } else { step_of(&key) };
            let source = step.map(|step| Source {
                collection: &each.collection,
                env: env.clone(),
                step,
                role: Role::Element,
            });
            let mut inner = env.bind(&each.value_var, element, source);
            if let Some(name) = &each.key_var {
                inner = inner.bind(name, key, None);
            }
            match self.turn(each, inner)? {
                Ok(Some(turn)) => turns.push(turn),
                Ok(None) => {}
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(Turns { turns, ordered }))
    }

    fn turn(&self, each: &'c For, env: Env<'c>) -> Result<Result<Option<Turn<'c>>, Why>, Fail> {
        if let Some(condition) = &each.condition {
            match to_bool(self.eval(condition, &env)?)? {
                Val::Bool(true) => {}
                Val::Bool(false) => return Ok(Ok(None)),
                Val::Unknown(why) => return Ok(Err(why)),
                _ => return Err(Fail("a condition is null")),
            }
        }
        let key = match each.key.as_ref().map(|key| self.eval(key, &env)).transpose()? {
            None => None,
            Some(key) => match to_text(key)? {
                Val::Text(key) => Some(key),
                Val::Unknown(why) => return Ok(Err(why)),
                _ => return Err(Fail("a key is null")),
            },
        };
        Ok(Ok(Some(Turn { env, key })))
    }
}

/// The step that leads to the element with this key.
pub(crate) fn step_of(key: &Val) -> Option<Step> {
    match key {
        Val::Text(key) => Some(Step::Key((&**key).into())),
        Val::Number(number) => number.as_u64().map(Step::Index),
        _ => None,
    }
}
