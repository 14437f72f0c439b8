//! Which names an expression depends on, without evaluating anything.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Configuration,
    lifecycle::{Repetition, ResourceBlock, static_path, static_step},
    module::ResourceName,
    scope::Owner,
    syntax::{Block, Body, Call, Expr, ExprKind, For, Op, Part},
};
use crate::{
    address::{ConfigAddr, Mode},
    path::{AttrPath, Step},
};

/// A named value of a module: of all its instances at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Variable(usize, Box<str>),
    Local(usize, Box<str>),
    Output(usize, Box<str>),
    /// `count` or `for_each`, by the name of [`Owner`].
    Repetition(usize, Box<str>),
}

/// Steps into a value; `None` stands for any element.
pub(crate) type Steps = Vec<Option<Step>>;

/// Steps beyond which a reference is taken for one to the whole.
const MAX_STEPS: usize = 16;

/// What expressions refer to directly.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    pub(crate) names: BTreeSet<(Name, Steps)>,
    pub(crate) resources: BTreeSet<(ConfigAddr, AttrPath)>,
}

/// Where an expression stands, as far as its references need it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'c> {
    pub(crate) node: usize,
    pub(crate) owner: Option<Owner<'c>>,
}

/// Names bound by `for` and `dynamic` around an expression, innermost first.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'b, 'c> {
    name: &'c str,
    collection: Option<&'c Expr>,
    /// Steps from the bound name to the element.
    role: Binding,
    outer: Option<&'b Bound<'b, 'c>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    Element,
    Key,
    Iterator,
}

impl<'c> Direct {
    /// Everything that an expression refers to.
    pub(crate) fn of(
        config: &'c Configuration,
        expr: &'c Expr,
        site: Site<'c>,
        steps: &[Option<Step>],
    ) -> Self {
        let mut direct = Self::default();
        Collector { config, site, direct: &mut direct }.expr(expr, steps, None);
        direct
    }

    /// Everything that a nested block refers to.
    pub(crate) fn of_block(config: &'c Configuration, block: &'c Block, site: Site<'c>) -> Self {
        let mut direct = Self::default();
        Collector { config, site, direct: &mut direct }.block(block, None);
        direct
    }

    /// Everything that a body refers to.
    pub(crate) fn of_body(config: &'c Configuration, body: &'c Body, site: Site<'c>) -> Self {
        let mut direct = Self::default();
        Collector { config, site, direct: &mut direct }.body(body, None);
        direct
    }
}

struct Collector<'c, 'd> {
    config: &'c Configuration,
    site: Site<'c>,
    direct: &'d mut Direct,
}

impl<'c> Collector<'c, '_> {
    fn body(&mut self, body: &'c Body, bound: Option<&Bound<'_, 'c>>) {
        for attr in &body.attrs {
            self.expr(&attr.value, &[], bound);
        }
        for block in &body.blocks {
            self.block(block, bound);
        }
    }

    fn block(&mut self, block: &'c Block, bound: Option<&Bound<'_, 'c>>) {
        if &*block.kind != "dynamic" {
            return self.body(&block.body, bound);
        }
        let collection = block.body.attr("for_each").map(|attr| &attr.value);
        if let Some(collection) = collection {
            self.collection(collection, bound);
        }
        let name = match block.body.attr("iterator").map(|attr| &attr.value.kind) {
            Some(ExprKind::Root(name)) => name,
            _ => block.label(0),
        };
        let inner = Bound { name, collection, role: Binding::Iterator, outer: bound };
        for content in block.body.blocks_of("content") {
            self.body(&content.body, Some(&inner));
        }
        if let Some(labels) = block.body.attr("labels") {
            self.expr(&labels.value, &[], Some(&inner));
        }
    }

    fn expr(&mut self, expr: &'c Expr, steps: &[Option<Step>], bound: Option<&Bound<'_, 'c>>) {
        match &expr.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Paren(inner) => self.expr(inner, steps, bound),
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Interpolation(inner)] => self.expr(inner, steps, bound),
                parts => self.parts(parts, bound),
            },
            ExprKind::Root(name) => self.root(name, steps, bound),
            ExprKind::Traversal(root, ops) => self.traversal(root, ops, steps, bound),
            ExprKind::Object(items) => self.object(items, steps, bound),
            ExprKind::Tuple(items) => match steps.split_first() {
                Some((Some(Step::Index(at)), rest)) => {
                    if let Some(item) = usize::try_from(*at).ok().and_then(|at| items.get(at)) {
                        self.expr(item, rest, bound);
                    }
                }
                Some((_, rest)) => items.iter().for_each(|item| self.expr(item, rest, bound)),
                None => items.iter().for_each(|item| self.expr(item, &[], bound)),
            },
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                self.expr(condition, &[], bound);
                self.expr(then, steps, bound);
                self.expr(otherwise, steps, bound);
            }
            ExprKind::Call(call) => self.call(call, steps, bound),
            ExprKind::For(each) => self.for_expr(each, steps, bound),
            ExprKind::Unary(..) | ExprKind::Binary(..) => {
                expr.each_child(&mut |child| self.expr(child, &[], bound));
            }
        }
    }

    fn parts(&mut self, parts: &'c [Part], bound: Option<&Bound<'_, 'c>>) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Interpolation(expr) => self.expr(expr, &[], bound),
                Part::If { condition, then, otherwise } => {
                    self.expr(condition, &[], bound);
                    self.parts(then, bound);
                    self.parts(otherwise, bound);
                }
                Part::For { key, value, collection, body } => {
                    self.collection(collection, bound);
                    let element = Bound {
                        name: value,
                        collection: Some(collection),
                        role: Binding::Element,
                        outer: bound,
                    };
                    let key = Bound { name: key.as_deref().unwrap_or(value), role: Binding::Key, ..element };
                    self.parts(body, Some(&Bound { outer: Some(&key), ..element }));
                }
            }
        }
    }

    fn object(&mut self, items: &'c [(Expr, Expr)], steps: &[Option<Step>], bound: Option<&Bound<'_, 'c>>) {
        let written = items.iter().all(|(key, _)| key.literal_text().is_some());
        let wanted = match steps.split_first() {
            Some((Some(step), rest)) if written => step.name().map(|name| (name, rest)),
            _ => None,
        };
        let inner = steps.get(1..).unwrap_or_default();
        for (key, value) in items {
            match wanted {
                Some((name, rest)) if key.literal_text() == Some(name) => self.expr(value, rest, bound),
                Some(_) => {}
                None => {
                    self.expr(key, &[], bound);
                    self.expr(value, inner, bound);
                }
            }
        }
    }

    fn call(&mut self, call: &'c Call, steps: &[Option<Step>], bound: Option<&Bound<'_, 'c>>) {
        // These hand on parts of their arguments under the path they have there.
        let passes = matches!(
            &*call.name,
            "try" | "coalesce" | "merge" | "tolist" | "tomap" | "sensitive" | "nonsensitive" | "coalescelist"
        );
        for arg in &call.args {
            self.expr(arg, if passes && !call.expand { steps } else { &[] }, bound);
        }
    }

    fn for_expr(&mut self, each: &'c For, steps: &[Option<Step>], bound: Option<&Bound<'_, 'c>>) {
        self.collection(&each.collection, bound);
        let element = Bound {
            name: &each.value_var,
            collection: Some(&each.collection),
            role: Binding::Element,
            outer: bound,
        };
        let key_name = each.key_var.as_deref().unwrap_or(&each.value_var);
        let key = Bound { name: key_name, role: Binding::Key, ..element };
        let inner = Some(&Bound { outer: Some(&key), ..element });
        for part in each.key.iter().chain(&each.condition) {
            self.expr(part, &[], inner);
        }
        let rest = if each.grouping { &[] } else { steps.get(1..).unwrap_or_default() };
        self.expr(&each.value, rest, inner);
    }

    /// What is repeated over. How many instances a resource has does not depend on what is inside them; that
    /// comes through the bound name.
    fn collection(&mut self, expr: &'c Expr, bound: Option<&Bound<'_, 'c>>) {
        if !self.is_repeated_resource(expr) {
            self.expr(expr, &[None], bound);
        }
    }

    fn is_repeated_resource(&self, expr: &Expr) -> bool {
        let Some(path) = static_path(expr) else { return false };
        let Some(node) = self.config.node(self.site.node) else { return false };
        let names: Vec<&str> = path.steps().iter().filter_map(Step::name).collect();
        let (mode, type_name, name) = match names.as_slice() {
            ["data", type_name, name] => (Mode::Data, *type_name, *name),
            [type_name, name] => (Mode::Managed, *type_name, *name),
            _ => return false,
        };
        let name = ResourceName { mode, type_name: type_name.into(), name: name.into() };
        node.module.resources.get(&name).is_some_and(|block| block.repetition != Repetition::Single)
    }

    fn root(&mut self, name: &'c str, steps: &[Option<Step>], bound: Option<&Bound<'_, 'c>>) {
        let mut at = bound;
        while let Some(own) = at {
            if own.name == name {
                return self.bound(own, steps);
            }
            at = own.outer;
        }
    }

    fn bound(&mut self, own: &Bound<'_, 'c>, steps: &[Option<Step>]) {
        let Some(collection) = own.collection else { return };
        let behind = match own.role {
            Binding::Element => steps,
            Binding::Key => return,
            Binding::Iterator => match steps.split_first() {
                Some((Some(Step::Attr(name)), rest)) if &**name == "value" => rest,
                _ => return,
            },
        };
        let mut inside: Steps = vec![None];
        inside.extend_from_slice(behind);
        inside.truncate(MAX_STEPS);
        // The collection is seen from outside of the names bound here.
        self.expr(collection, &inside, own.outer_scope());
    }

    fn traversal(
        &mut self,
        root: &'c Expr,
        ops: &'c [Op],
        steps: &[Option<Step>],
        bound: Option<&Bound<'_, 'c>>,
    ) {
        for op in ops {
            if let Op::Index(key) = op {
                self.expr(key, &[], bound);
            }
        }
        let mut all: Steps = ops.iter().map(static_step).collect();
        all.extend_from_slice(steps);
        all.truncate(MAX_STEPS);
        let ExprKind::Root(name) = &root.kind else {
            return self.expr(root, &all, bound);
        };
        let mut at = bound;
        while let Some(own) = at {
            if own.name == &**name {
                return self.bound(own, &all);
            }
            at = own.outer;
        }
        self.reference(name, &all);
    }

    fn reference(&mut self, name: &str, steps: &[Option<Step>]) {
        let node = self.site.node;
        let Some((Some(Step::Attr(first)), rest)) = steps.split_first() else { return };
        let named = match name {
            "var" => Name::Variable(node, first.clone()),
            "local" => Name::Local(node, first.clone()),
            "each" | "count" => {
                let Some(owner) = self.site.owner else { return };
                let mut inside: Steps = vec![None];
                inside.extend_from_slice(rest);
                let steps = if &**first == "value" { inside } else { Steps::new() };
                self.direct.names.insert((Name::Repetition(node, owner.name()), steps));
                return;
            }
            "module" => return self.module(first, rest),
            "path" | "terraform" | "tofu" | "self" => return,
            "data" | "ephemeral" => {
                let mode = if name == "data" { Mode::Data } else { Mode::Ephemeral };
                let Some((Some(Step::Attr(block)), rest)) = rest.split_first() else { return };
                return self.resource(mode, first, block, rest);
            }
            type_name => return self.resource(Mode::Managed, type_name, first, rest),
        };
        self.direct.names.insert((named, rest.to_vec()));
    }

    fn module(&mut self, call: &str, steps: &[Option<Step>]) {
        let node = self.site.node;
        let child = self.config.node(node).and_then(|node| node.children.get(call)).copied();
        self.direct.names.insert((Name::Repetition(node, format!("module.{call}").into()), Steps::new()));
        let Some(child) = child else { return };
        let steps = match steps.split_first() {
            Some((None | Some(Step::Index(_) | Step::Key(_)), rest)) => rest,
            _ => steps,
        };
        if let Some((Some(Step::Attr(output)), rest)) = steps.split_first() {
            self.direct.names.insert((Name::Output(child, output.clone()), rest.to_vec()));
        } else if let Some(node) = self.config.node(child) {
            for output in node.module.outputs.keys() {
                self.direct.names.insert((Name::Output(child, output.clone()), Steps::new()));
            }
        }
    }

    fn resource(&mut self, mode: Mode, type_name: &str, name: &str, steps: &[Option<Step>]) {
        let Some(node) = self.config.node(self.site.node) else { return };
        let steps = match steps.split_first() {
            Some((None | Some(Step::Index(_) | Step::Key(_)), rest)) => rest,
            _ => steps,
        };
        let addr =
            ConfigAddr { module: node.path.clone(), mode, type_name: type_name.into(), name: name.into() };
        let path = steps.iter().map_while(Clone::clone).collect();
        self.direct.resources.insert((addr, path));
    }
}

impl<'b, 'c> Bound<'b, 'c> {
    /// The names that the collection sees: a `for` binds two names at once, a key behind its element.
    fn outer_scope(&self) -> Option<&'b Bound<'b, 'c>> {
        match self.outer {
            Some(key) if self.role == Binding::Element && key.role == Binding::Key => key.outer,
            outer => outer,
        }
    }
}

/// An expression that gives a name its value, and where it stands.
pub(crate) struct Definition<'c> {
    pub(crate) expr: &'c Expr,
    pub(crate) site: Site<'c>,
    /// Whether steps into the name are steps into the expression.
    pub(crate) direct: bool,
}

impl Configuration {
    /// The expressions that give a name its value.
    pub(crate) fn definitions(&self, name: &Name) -> Vec<Definition<'_>> {
        let own = |node: usize, expr| Definition { expr, site: Site { node, owner: None }, direct: true };
        match name {
            Name::Local(node, local) => {
                let attr = self.node(*node).and_then(|node| node.module.locals.get(local));
                attr.map(|attr| own(*node, &attr.value)).into_iter().collect()
            }
            Name::Output(node, output) => {
                let attr = self.node(*node).and_then(|node| node.module.outputs.get(output));
                attr.map(|attr| own(*node, &attr.value)).into_iter().collect()
            }
            Name::Variable(node, variable) => self.variable_definitions(*node, variable),
            Name::Repetition(node, owner) => {
                let Some(owner) = self.owner(*node, owner) else { return Vec::new() };
                let attrs = owner.count().into_iter().chain(owner.for_each());
                attrs.map(|attr| own(*node, &attr.value)).collect()
            }
        }
    }

    fn variable_definitions(&self, at: usize, variable: &str) -> Vec<Definition<'_>> {
        let Some(node) = self.node(at) else { return Vec::new() };
        let mut all = Vec::new();
        let default = node.module.variables.get(variable).and_then(|variable| variable.default.as_ref());
        let site = Site { node: at, owner: None };
        all.extend(default.map(|attr| Definition { expr: &attr.value, site, direct: true }));
        match node.parent {
            None => {
                let file = self.variable_files.get(variable);
                all.extend(file.map(|attr| Definition { expr: &attr.value, site, direct: true }));
            }
            Some(parent) => {
                let call = node.path.names().last().and_then(|name| {
                    self.node(parent).and_then(|parent| parent.module.calls.get_key_value(name))
                });
                if let Some((name, call)) = call
                    && let Some(arg) = call.arg(variable)
                {
                    let site = Site { node: parent, owner: Some(Owner::Call(name, call)) };
                    all.push(Definition { expr: &arg.value, site, direct: true });
                }
            }
        }
        all
    }

    /// The block or call with this name ([`Owner::name`]).
    pub(crate) fn owner(&self, at: usize, name: &str) -> Option<Owner<'_>> {
        let module = &self.node(at)?.module;
        if let Some(call) = name.strip_prefix("module.") {
            let (name, call) = module.calls.get_key_value(call)?;
            return Some(Owner::Call(name, call));
        }
        let (mode, rest) = match name.split_once('.') {
            Some(("data", rest)) => (Mode::Data, rest),
            Some(("ephemeral", rest)) => (Mode::Ephemeral, rest),
            _ => (Mode::Managed, name),
        };
        let (type_name, block) = rest.split_once('.')?;
        let name = ResourceName { mode, type_name: type_name.into(), name: block.into() };
        module.resources.get(&name).map(|block: &ResourceBlock| Owner::Resource(block))
    }

    /// All names that have a value of their own.
    pub(crate) fn names(&self) -> Vec<Name> {
        let mut all = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let module = &node.module;
            all.extend(module.variables.keys().map(|name| Name::Variable(at, name.clone())));
            all.extend(module.locals.keys().map(|name| Name::Local(at, name.clone())));
            all.extend(module.outputs.keys().map(|name| Name::Output(at, name.clone())));
            let calls = module.calls.iter().map(|(name, call)| Owner::Call(name, call));
            let owners = calls.chain(module.resources.values().map(Owner::Resource));
            let repeated = owners.filter(|owner| owner.count().is_some() || owner.for_each().is_some());
            all.extend(repeated.map(|owner| Name::Repetition(at, owner.name())));
        }
        all
    }
}

/// Which names use which, the other way round.
#[derive(Debug, Default)]
pub(crate) struct Users(BTreeMap<Name, BTreeSet<Name>>);

impl Users {
    pub(crate) fn new(config: &Configuration) -> Self {
        let mut users: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
        for name in config.names() {
            for definition in config.definitions(&name) {
                for (used, _) in Direct::of(config, definition.expr, definition.site, &[]).names {
                    users.entry(used).or_default().insert(name.clone());
                }
            }
        }
        Self(users)
    }

    /// The names that depend on any of `names`, those included.
    pub(crate) fn closure(&self, names: BTreeSet<Name>) -> BTreeSet<Name> {
        let mut open: Vec<Name> = names.iter().cloned().collect();
        let mut closed = names;
        while let Some(name) = open.pop() {
            for user in self.0.get(&name).into_iter().flatten() {
                if closed.insert(user.clone()) {
                    open.push(user.clone());
                }
            }
        }
        closed
    }
}
