//! Whether the configuration of an instance sets a path, and to what.

use super::{
    Configuration,
    eval::Evaluator,
    files::Role as FileRole,
    lifecycle::ResourceBlock,
    location::{Location, Place},
    module::ResourceName,
    not_known::{NotKnown, Why},
    scope::{Env, Owner, Repeated, Role, Source},
    syntax::{Attr, Block, Body, Expr, ExprKind},
    val::Val,
};
use crate::{
    address::{InstanceKey, ResourceAddr},
    path::{AttrPath, Step},
    value::Value,
};

/// What the configuration says about a path of an instance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Setting {
    /// Nothing, or null, which means the same.
    NotSet,
    /// It sets the path.
    Set {
        /// To what.
        value: Evaluated,
        /// The argument, block or entry that sets it, as deep as it can be followed inside the block.
        location: Location,
    },
    /// Nobody can tell whether it does.
    CannotTell(CannotTell),
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluated {
    /// Wholly known.
    Known(Value),
    /// Not known, wholly or in parts.
    NotKnown(NotKnown),
}

/// Why nobody can tell whether a path is set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotTell {
    /// The module is not in the configuration, or its sources are not there.
    NoModule,
    /// The module has no such block.
    NoBlock,
    /// The block is missing or may be overridden in this file, which does not parse.
    BrokenFile(String),
    /// The block has no such instance.
    NoInstance,
    /// A `dynamic` block repeats over something that is not known.
    DynamicBlock(NotKnown),
    /// The argument is set to something that is not known, so what is inside it is not either.
    Inside(NotKnown),
    /// The path does not fit what is written, such as an attribute of one of several blocks.
    Shape,
}

/// What a walk along a path through the body of a block arrives at.
pub(crate) enum Found<'c> {
    Nothing,
    /// An expression, and the steps into its value that remain.
    Expr {
        expr: &'c Expr,
        env: Env<'c>,
        rest: Vec<Step>,
        place: Place,
        name: Option<Box<str>>,
    },
    /// A nested block, or all blocks of a type.
    Blocks {
        blocks: Vec<Nested<'c>>,
        place: Place,
        labelled: Labelled,
    },
    CannotTell(CannotTell),
}

/// Whether the blocks of a type have labels, which makes them a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labelled {
    Yes,
    No,
    /// One block that was chosen by its position.
    One,
}

/// A nested block of an instance, `dynamic` ones expanded.
#[derive(Clone)]
pub(crate) struct Nested<'c> {
    pub(crate) label: Option<Box<str>>,
    pub(crate) body: &'c Body,
    pub(crate) env: Env<'c>,
    pub(crate) place: Place,
    /// Whether its position among the blocks of its type means something.
    ordered: bool,
}

impl<'c> Evaluator<'c> {
    /// Walks from the arguments of an instance along `path`.
    pub(crate) fn find(&self, addr: &ResourceAddr, path: &[Step]) -> Found<'c> {
        match self.block(addr) {
            Ok((block, env)) => self.walk(&block.body, &env, path),
            Err(reason) => Found::CannotTell(reason),
        }
    }

    /// The block of an instance, and what its expressions mean there.
    pub(crate) fn block(&self, addr: &ResourceAddr) -> Result<(&'c ResourceBlock, Env<'c>), CannotTell> {
        let instance = self.config.instance(&addr.module).ok_or(CannotTell::NoModule)?;
        let module = &self.config.node(instance.node).ok_or(CannotTell::NoModule)?.module;
        let name =
            ResourceName { mode: addr.mode, type_name: addr.type_name.clone(), name: addr.name.clone() };
        let broken = |role: FileRole| module.broken.iter().find(|file| file.role == role);
        let Some(block) = module.resources.get(&name) else {
            let file = broken(FileRole::Primary);
            return Err(file.map_or(CannotTell::NoBlock, |file| CannotTell::BrokenFile(file.path.clone())));
        };
        if let Some(file) = broken(FileRole::Override) {
            return Err(CannotTell::BrokenFile(file.path.clone()));
        }
        let repeated = Repeated { owner: Owner::Resource(block), key: addr.key.clone() };
        Ok((block, Env::new(instance, Some(repeated))))
    }

    /// Whether the configuration has this instance of a block; `None` if that is not known.
    pub(crate) fn exists(&self, addr: &ResourceAddr) -> Option<bool> {
        let (block, env) = self.block(addr).ok()?;
        let mut instance = Some(&env.instance);
        while let Some(child) = instance {
            if let (Some((call, caller)), Some(name)) = (self.call_env(child), child.call_name()) {
                let name = self.config.node(caller.instance.node)?.module.calls.get_key_value(name)?.0;
                if !has_key(&self.keys(&caller.instance, Owner::Call(name, call)).ok()?, child.key()) {
                    return Some(false);
                }
            }
            instance = child.parent.as_ref();
        }
        let keys = self.keys(&env.instance, Owner::Resource(block)).ok()?;
        Some(has_key(&keys, addr.key.as_ref()))
    }

    fn walk(&self, body: &'c Body, env: &Env<'c>, path: &[Step]) -> Found<'c> {
        let Some((first, rest)) = path.split_first() else {
            return Found::CannotTell(CannotTell::Shape);
        };
        let Some(name) = first.name() else {
            return Found::CannotTell(CannotTell::Shape);
        };
        if let Some(attr) = body.attr(name) {
            return self.descend(attr, env, rest);
        }
        let blocks = match self.nested(body, name, env) {
            Ok(blocks) => blocks,
            Err(unknown) => return self.before_unknown(unknown, rest),
        };
        self.choose(blocks, rest)
    }

    /// Goes through constructors that are written down, so that the location is that of the member.
    fn descend(&self, attr: &'c Attr, env: &Env<'c>, rest: &[Step]) -> Found<'c> {
        let mut expr = &attr.value;
        let mut place = attr.place;
        let mut name = Some(attr.name.clone());
        let mut rest = rest;
        while let Some((step, behind)) = rest.split_first() {
            match (&expr.unwrapped().kind, step) {
                (ExprKind::Object(items), Step::Attr(key) | Step::Key(key)) => {
                    let Some((written, value)) = self.member(items, key, env) else { break };
                    place = if written.place.is_exact() { written.place } else { value.place };
                    (expr, name) = (value, Some(key.clone()));
                }
                (ExprKind::Tuple(items), Step::Index(at)) => {
                    let Some(item) = usize::try_from(*at).ok().and_then(|at| items.get(at)) else { break };
                    (expr, place, name) = (item, item.place, None);
                }
                // JSON syntax: one nested block may be written as an object instead of a list.
                (ExprKind::Object(_), Step::Index(0)) if self.config.is_json(place) => {}
                _ => break,
            }
            rest = behind;
        }
        Found::Expr { expr, env: env.clone(), rest: rest.to_vec(), place, name }
    }

    /// The member of an object constructor with this key, if all keys are known.
    pub(crate) fn member(
        &self,
        items: &'c [(Expr, Expr)],
        name: &str,
        env: &Env<'c>,
    ) -> Option<(&'c Expr, &'c Expr)> {
        let mut found = None;
        for (key, value) in items {
            match super::types::to_text(self.value(key, env)) {
                Ok(Val::Text(key_text)) if &*key_text == name => found = Some((key, value)),
                Ok(Val::Text(_)) => {}
                _ => return None,
            }
        }
        found
    }

    fn before_unknown(&self, unknown: Partial<'c>, rest: &[Step]) -> Found<'c> {
        // Blocks before the first one that is not known keep their positions.
        match rest.first() {
            Some(Step::Index(at)) if usize::try_from(*at).is_ok_and(|at| at < unknown.before.len()) => {
                self.choose(unknown.before, rest)
            }
            _ => Found::CannotTell(CannotTell::DynamicBlock(unknown.why.reason())),
        }
    }

    fn choose(&self, blocks: Vec<Nested<'c>>, rest: &[Step]) -> Found<'c> {
        let Some(place) = blocks.first().map(|block| block.place) else {
            return Found::Nothing;
        };
        let labelled =
            if blocks.iter().any(|block| block.label.is_some()) { Labelled::Yes } else { Labelled::No };
        let Some((step, behind)) = rest.split_first() else {
            return Found::Blocks { blocks, place, labelled };
        };
        let ordered = blocks.iter().all(|block| block.ordered);
        let (chosen, behind) = match (step, labelled) {
            (Step::Index(_), Labelled::No) if !ordered => return Found::CannotTell(CannotTell::Shape),
            (Step::Index(at), Labelled::No) => {
                let chosen = usize::try_from(*at).ok().and_then(|at| blocks.get(at));
                (chosen, behind)
            }
            (Step::Key(key) | Step::Attr(key), Labelled::Yes) => {
                (blocks.iter().find(|block| block.label.as_ref() == Some(key)), behind)
            }
            // A block that can occur once only has no position in its path.
            (Step::Attr(_), _) => match blocks.as_slice() {
                [only] => (Some(only), rest),
                _ => return Found::CannotTell(CannotTell::Shape),
            },
            _ => return Found::CannotTell(CannotTell::Shape),
        };
        match chosen {
            None => Found::Nothing,
            Some(block) if behind.is_empty() => {
                Found::Blocks { blocks: vec![block.clone()], place: block.place, labelled: Labelled::One }
            }
            Some(block) => self.walk(block.body, &block.env, behind),
        }
    }

    /// The nested blocks of a type, `dynamic` ones expanded.
    pub(crate) fn nested(
        &self,
        body: &'c Body,
        name: &str,
        env: &Env<'c>,
    ) -> Result<Vec<Nested<'c>>, Partial<'c>> {
        let mut all: Vec<Nested<'c>> = Vec::new();
        for block in &body.blocks {
            if &*block.kind == "dynamic" && block.label(0) == name {
                match self.expand(block, env) {
                    Ok(mut blocks) => all.append(&mut blocks),
                    Err(why) => return Err(Partial { before: all, why }),
                }
            } else if &*block.kind == name {
                let label = block.labels.first().cloned();
                let (body, place) = (&block.body, block.place);
                all.push(Nested { label, body, env: env.clone(), place, ordered: true });
            }
        }
        Ok(all)
    }

    /// The blocks that a `dynamic` block stands for.
    fn expand(&self, block: &'c Block, env: &Env<'c>) -> Result<Vec<Nested<'c>>, Why> {
        let failed = || Why::opaque(NotKnown::Failed("a dynamic block needs for_each and content"));
        let for_each = block.body.attr("for_each").ok_or_else(failed)?;
        let content = block.body.blocks_of("content").next().ok_or_else(failed)?;
        let iterator = match block.body.attr("iterator").map(|attr| &attr.value.kind) {
            Some(ExprKind::Root(name)) => name,
            Some(ExprKind::Literal(Val::Text(_))) | None => block.labels.first().ok_or_else(failed)?,
            Some(_) => return Err(failed()),
        };
        let collection = self.value(&for_each.value, env);
        let is_set = matches!(collection, Val::Seq(super::val::SeqKind::Set, _));
        let ordered = collection.is_ordered();
        let elements = self.elements(collection).map_err(Why::failed)??;
        let mut blocks = Vec::with_capacity(elements.len());
        for (key, value) in elements {
            let step = if is_set { None } else { super::eval::step_of(&key) };
            let source = step.map(|step| Source {
                collection: &for_each.value,
                env: env.clone(),
                step,
                role: Role::Iterator,
            });
            let fields = [("key".into(), key), ("value".into(), value)];
            let env = env.bind(iterator, Val::object(fields.into()), source);
            let label = self.label(block, &env)?;
            blocks.push(Nested { label, body: &content.body, env, place: content.place, ordered });
        }
        Ok(blocks)
    }

    fn label(&self, block: &'c Block, env: &Env<'c>) -> Result<Option<Box<str>>, Why> {
        let Some(labels) = block.body.attr("labels") else { return Ok(None) };
        match self.value(&labels.value, env).step(&Step::Index(0)) {
            Some(Val::Text(label)) => Ok(Some((&*label).into())),
            Some(Val::Unknown(why)) => Err(why),
            _ => Err(Why::opaque(NotKnown::Failed("a label of a dynamic block is no text"))),
        }
    }

    /// The value of nested blocks: a list of objects with the arguments that are given, or a map by label.
    pub(crate) fn blocks_value(&self, blocks: &[Nested<'c>], labelled: Labelled) -> Val {
        match labelled {
            Labelled::One => blocks.first().map_or(Val::Null, |block| self.block_value(block)),
            Labelled::No => Val::list(blocks.iter().map(|block| self.block_value(block)).collect()),
            Labelled::Yes => {
                let entry =
                    |block: &Nested<'c>| Some((block.label.as_deref()?.into(), self.block_value(block)));
                Val::map(blocks.iter().filter_map(entry).collect())
            }
        }
    }

    fn block_value(&self, block: &Nested<'c>) -> Val {
        let mut fields = std::collections::BTreeMap::new();
        for attr in &block.body.attrs {
            let value = self.value(&attr.value, &block.env);
            if !value.is_null() {
                fields.insert((&*attr.name).into(), value);
            }
        }
        let names: std::collections::BTreeSet<&str> =
            block.body.blocks.iter().map(super::merge::argument).collect();
        for name in names {
            let value = match self.nested(block.body, name, &block.env) {
                Ok(blocks) if blocks.is_empty() => continue,
                Ok(blocks) => {
                    let labelled = blocks.iter().any(|block| block.label.is_some());
                    self.blocks_value(&blocks, if labelled { Labelled::Yes } else { Labelled::No })
                }
                Err(partial) => Val::Unknown(partial.why),
            };
            fields.insert(name.into(), value);
        }
        Val::object(fields)
    }
}

/// Blocks before a `dynamic` one that cannot be expanded.
pub(crate) struct Partial<'c> {
    pub(crate) before: Vec<Nested<'c>>,
    pub(crate) why: Why,
}

fn has_key(keys: &[Option<InstanceKey>], key: Option<&InstanceKey>) -> bool {
    keys.iter().any(|own| own.as_ref() == key)
}

impl Configuration {
    /// Whether the configuration of this instance sets `path`, and to what.
    ///
    /// Nested blocks are found by position (`memory[0].dedicated`), by label (`b_map["lab"]`), or without either
    /// where there is exactly one; `dynamic` blocks are expanded. The path of a block type alone (`rule`) gives
    /// the list of its blocks, each with the arguments that are given.
    ///
    /// A value is what is written, before the provider's schema converts it: a number may stand where the
    /// provider has a text, and the other way round.
    pub fn setting(&self, addr: &ResourceAddr, path: &AttrPath) -> Setting {
        let evaluator = Evaluator::new(self);
        match evaluator.find(addr, path.steps()) {
            Found::Nothing => Setting::NotSet,
            Found::CannotTell(reason) => Setting::CannotTell(reason),
            Found::Blocks { blocks, place, labelled } => {
                self.set(&evaluator.blocks_value(&blocks, labelled), place)
            }
            Found::Expr { expr, env, rest, place, .. } => {
                let mut value = evaluator.value(expr, &env);
                for step in &rest {
                    if let Val::Unknown(why) = &value {
                        return Setting::CannotTell(CannotTell::Inside(why.reason()));
                    }
                    match inside(&value, step, self.is_json(place)) {
                        Some(part) => value = part,
                        None => return Setting::NotSet,
                    }
                }
                self.set(&value, place)
            }
        }
    }

    fn set(&self, value: &Val, place: Place) -> Setting {
        if value.is_null() {
            return Setting::NotSet;
        }
        let value = Why::of(value)
            .map_or_else(|| Evaluated::Known(value.to_value()), |why| Evaluated::NotKnown(why.reason()));
        Setting::Set { value, location: self.location(place) }
    }
}

/// A step into a value; in JSON syntax an object may stand for a list of one block.
fn inside(value: &Val, step: &Step, json: bool) -> Option<Val> {
    match (value, step) {
        (Val::Map(..), Step::Index(0)) if json => Some(value.clone()),
        _ => value.step(step),
    }
}
