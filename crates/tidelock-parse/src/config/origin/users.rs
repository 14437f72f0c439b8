//! Who would see an edit of a literal: evaluates what could depend on it with the literal taken for not known.
//!
//! Names that reach the literal are found first, without evaluating; only what uses one of them is evaluated.
//! Wherever that cannot be done with certainty, the literal counts as shared.

use std::{collections::BTreeSet, sync::Arc};

use super::NoOrigin;
use crate::{
    address::{ConfigAddr, InstanceKey, Mode, ModulePath, ResourceAddr},
    config::{
        Configuration,
        eval::Evaluator,
        graph::{Direct, Name, Site},
        lifecycle::ResourceBlock,
        location::Place,
        module::ResourceName,
        not_known::Why,
        scope::{Env, Instance, Owner, Repeated},
        setting::Nested,
        syntax::{Body, Expr},
        val::Val,
    },
    path::{AttrPath, Step},
};

/// Instances of a module beyond which nobody counts.
const MAX_INSTANCES: usize = 50_000;

/// The search for users of one literal.
pub(super) struct Search<'c> {
    config: &'c Configuration,
    marking: Evaluator<'c>,
    literal: Place,
    /// Names whose values may depend on the literal.
    reached: BTreeSet<Name>,
    target: &'c ResourceAddr,
    path: &'c AttrPath,
    others: usize,
}

impl<'c> Search<'c> {
    pub(super) fn new(
        config: &'c Configuration,
        literal: Place,
        target: &'c ResourceAddr,
        path: &'c AttrPath,
    ) -> Self {
        let holders = config.names().into_iter().filter(|name| {
            config.definitions(name).iter().any(|definition| contains(definition.expr.place, literal))
        });
        let reached = config.users().closure(holders.collect());
        Self {
            config,
            marking: Evaluator::marking(config, literal),
            literal,
            reached,
            target,
            path,
            others: 0,
        }
    }

    /// Fails if anything but the path of the instance depends on the literal.
    pub(super) fn run(mut self) -> Result<(), NoOrigin> {
        for (at, node) in self.config.nodes.iter().enumerate() {
            self.structure(at)?;
            for (name, block) in &node.module.resources {
                self.block(at, name, block)?;
            }
        }
        if self.marking.is_cut() {
            return Err(NoOrigin::Unknown);
        }
        if self.others > 0 { Err(NoOrigin::SharedBy { instances: self.others }) } else { Ok(()) }
    }

    fn is_reached(&self, direct: &Direct) -> bool {
        direct.names.iter().any(|(name, _)| self.reached.contains(name))
    }

    fn expr_reached(&self, expr: &'c Expr, site: Site<'c>) -> bool {
        contains(expr.place, self.literal) || self.is_reached(&Direct::of(self.config, expr, site, &[]))
    }

    fn body_reached(&self, body: &'c Body, site: Site<'c>) -> bool {
        body_contains(body, self.literal) || self.is_reached(&Direct::of_body(self.config, body, site))
    }

    /// Providers, module calls and their repetition: what decides about more than one argument.
    fn structure(&self, at: usize) -> Result<(), NoOrigin> {
        let Some(node) = self.config.node(at) else { return Ok(()) };
        let site = Site { node: at, owner: None };
        if node.module.providers.iter().any(|provider| self.body_reached(&provider.body, site)) {
            return Err(NoOrigin::Structural);
        }
        for (name, call) in &node.module.calls {
            let owner = Owner::Call(name, call);
            let site = Site { node: at, owner: Some(owner) };
            // What a module whose sources are missing does with its arguments, nobody knows.
            let blind = !node.children.contains_key(name);
            if blind && call.args.iter().any(|arg| self.expr_reached(&arg.value, site)) {
                return Err(NoOrigin::Unknown);
            }
            if self.reached.contains(&Name::Repetition(at, owner.name())) {
                for instance in self.instances(at)? {
                    self.keys(&instance, owner)?;
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, at: usize, name: &ResourceName, block: &'c ResourceBlock) -> Result<(), NoOrigin> {
        let owner = Owner::Resource(block);
        let site = Site { node: at, owner: Some(owner) };
        let lifecycle = &block.lifecycle;
        let flags = [&lifecycle.enabled, &lifecycle.prevent_destroy, &lifecycle.destroy];
        if flags.into_iter().flatten().any(|flag| self.expr_reached(&flag.expr, site)) {
            return Err(NoOrigin::Structural);
        }
        let repeated = self.reached.contains(&Name::Repetition(at, owner.name()));
        let used = self.body_reached(&block.body, site);
        if !repeated && !used {
            return Ok(());
        }
        for instance in self.instances(at)? {
            let keys = self.keys(&instance, owner)?;
            if !used {
                continue;
            }
            let only_each = self.only_each(block, at);
            for key in keys {
                if only_each && !self.each_is_marked(&instance, owner, key.as_ref()) {
                    continue;
                }
                let addr = address(&instance.path, name, key.clone());
                let env = Env::new(Arc::clone(&instance), Some(Repeated { owner, key }));
                self.instance(&addr, block, &env, site)?;
            }
        }
        Ok(())
    }

    /// Whether a block can see the literal through `each` only.
    fn only_each(&self, block: &'c ResourceBlock, at: usize) -> bool {
        let owner = Owner::Resource(block);
        let site = Site { node: at, owner: Some(owner) };
        let own = Name::Repetition(at, owner.name());
        let direct = Direct::of_body(self.config, &block.body, site);
        !body_contains(&block.body, self.literal)
            && direct.names.iter().all(|(name, _)| *name == own || !self.reached.contains(name))
    }

    fn each_is_marked(&self, instance: &Arc<Instance>, owner: Owner<'c>, key: Option<&InstanceKey>) -> bool {
        match (self.marking.repetition(instance, owner), key) {
            (Val::Map(_, fields), Some(InstanceKey::Str(key))) => fields
                .get(&**key)
                .is_none_or(|value| Why::of(value).is_some_and(|why| why.marked || why.opaque)),
            _ => true,
        }
    }

    /// The arguments of one instance.
    fn instance(
        &mut self,
        addr: &ResourceAddr,
        block: &'c ResourceBlock,
        env: &Env<'c>,
        site: Site<'c>,
    ) -> Result<(), NoOrigin> {
        let mut marked = Vec::new();
        self.body(&block.body, env, site, &AttrPath::root(), &mut marked)?;
        if marked.is_empty() {
            return Ok(());
        }
        if addr.mode != Mode::Managed {
            return Err(NoOrigin::ReferredTo { by: addr.config() });
        }
        if addr != self.target {
            self.others += 1;
            return Ok(());
        }
        match marked.into_iter().find(|path| !same_path(path.steps(), self.path.steps())) {
            Some(path) => Err(NoOrigin::AlsoSets { path }),
            None => Ok(()),
        }
    }

    /// Collects the paths of a body that depend on the literal.
    fn body(
        &self,
        body: &'c Body,
        env: &Env<'c>,
        site: Site<'c>,
        path: &AttrPath,
        marked: &mut Vec<AttrPath>,
    ) -> Result<(), NoOrigin> {
        for attr in &body.attrs {
            let value = self.marking.value(&attr.value, env);
            let path = path.child(Step::attr(&attr.name));
            let unseen = Why::of(&value).is_some_and(|why| why.opaque && !why.marked);
            if unseen && self.expr_reached(&attr.value, site) {
                marked.push(path.clone());
            }
            collect_marked(&value, &path, marked);
        }
        let kinds: BTreeSet<&str> = body.blocks.iter().map(crate::config::merge::argument).collect();
        for kind in kinds {
            let path = path.child(Step::attr(kind));
            let Ok(blocks) = self.marking.nested(body, kind, env) else {
                // How many blocks there are is not known, maybe because of the literal.
                let dynamic =
                    body.blocks.iter().filter(|block| crate::config::merge::argument(block) == kind);
                for block in dynamic {
                    let direct = Direct::of_block(self.config, block, site);
                    if body_contains(&block.body, self.literal) || self.is_reached(&direct) {
                        return Err(NoOrigin::Unknown);
                    }
                }
                continue;
            };
            for (nested, at) in blocks.iter().zip(0_u64..) {
                let Nested { label, body, env, .. } = nested;
                let step = label.as_ref().map_or(Step::Index(at), |label| Step::Key(label.clone()));
                self.body(body, env, site, &path.child(step), marked)?;
            }
        }
        Ok(())
    }

    /// All instances of a module.
    fn instances(&self, at: usize) -> Result<Vec<Arc<Instance>>, NoOrigin> {
        let node = self.config.node(at).ok_or(NoOrigin::Unknown)?;
        let Some(parent) = node.parent else {
            return Ok(self.config.instance(&ModulePath::root()).into_iter().collect());
        };
        let name = node.path.names().last().ok_or(NoOrigin::Unknown)?;
        let caller = self.config.node(parent).ok_or(NoOrigin::Unknown)?;
        let (name, call) = caller.module.calls.get_key_value(name).ok_or(NoOrigin::Unknown)?;
        let mut all = Vec::new();
        for parent in self.instances(parent)? {
            for key in self.keys(&parent, Owner::Call(name, call))? {
                all.push(self.marking.child(&parent, name, key).ok_or(NoOrigin::Unknown)?);
            }
            if all.len() > MAX_INSTANCES {
                return Err(NoOrigin::Unknown);
            }
        }
        Ok(all)
    }

    /// The keys of a block or call, which must not depend on the literal.
    fn keys(&self, instance: &Arc<Instance>, owner: Owner<'c>) -> Result<Vec<Option<InstanceKey>>, NoOrigin> {
        self.marking
            .keys(instance, owner)
            .map_err(|why| if why.marked { NoOrigin::Structural } else { NoOrigin::Unknown })
    }
}

fn address(module: &ModulePath, name: &ResourceName, key: Option<InstanceKey>) -> ResourceAddr {
    ResourceAddr {
        module: module.clone(),
        mode: name.mode,
        type_name: name.type_name.clone(),
        name: name.name.clone(),
        key,
    }
}

fn contains(outer: Place, inner: Place) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

fn body_contains(body: &Body, literal: Place) -> bool {
    body.attrs.iter().any(|attr| contains(attr.value.place, literal))
        || body.blocks.iter().any(|block| body_contains(&block.body, literal))
}

/// The paths inside a value that are not known because of the literal.
fn collect_marked(value: &Val, path: &AttrPath, marked: &mut Vec<AttrPath>) {
    match value {
        Val::Unknown(why) if why.marked => marked.push(path.clone()),
        Val::Seq(_, items) => {
            for (item, at) in items.iter().zip(0_u64..) {
                collect_marked(item, &path.child(Step::Index(at)), marked);
            }
        }
        Val::Map(_, fields) => {
            for (name, field) in fields.iter() {
                collect_marked(field, &path.child(Step::attr(name)), marked);
            }
        }
        _ => {}
    }
}

/// Whether two paths name one thing: a block that occurs once may be written with or without its position.
fn same_path(marked: &[Step], asked: &[Step]) -> bool {
    match (marked.split_first(), asked.split_first()) {
        (None, None) => true,
        (Some((a, marked)), Some((b, asked))) if a.same(b) => same_path(marked, asked),
        (Some((Step::Index(0), marked)), _) => same_path(marked, asked),
        (Some((Step::Attr(_) | Step::Key(_), _)), Some((Step::Index(0), asked))) => same_path(marked, asked),
        _ => false,
    }
}

/// Something else that would follow a change of the path.
pub(super) fn referrer(config: &Configuration, target: &ConfigAddr, path: &AttrPath) -> Result<(), NoOrigin> {
    for (by, to, at) in config.referred() {
        if to == target && at.meets(path) {
            return Err(match by {
                Some(by) => NoOrigin::ReferredTo { by: by.clone() },
                None => NoOrigin::Structural,
            });
        }
    }
    Ok(())
}

impl Configuration {
    /// Every reference to a resource: who refers (`None` for providers and module calls), to what, to which path.
    pub(crate) fn collect_referred(&self) -> Vec<(Option<ConfigAddr>, ConfigAddr, AttrPath)> {
        let mut all = Vec::new();
        for (addr, _) in self.resources() {
            let references = self.references(&addr).into_iter();
            let followed = references.filter(|reference| reference.via != crate::config::Via::DependsOn);
            all.extend(followed.map(|reference| (Some(addr.clone()), reference.to, reference.path)));
        }
        for (at, node) in self.nodes.iter().enumerate() {
            let site = Site { node: at, owner: None };
            for provider in &node.module.providers {
                let behind = self.behind(Direct::of_body(self, &provider.body, site));
                all.extend(behind.into_iter().map(|(to, path)| (None, to, path)));
            }
            for (name, call) in &node.module.calls {
                let site = Site { node: at, owner: Some(Owner::Call(name, call)) };
                let blind = !node.children.contains_key(name);
                let args = call.args.iter().filter(|_| blind);
                for attr in call.count.iter().chain(&call.for_each).chain(args) {
                    let behind = self.behind(Direct::of(self, &attr.value, site, &[]));
                    all.extend(behind.into_iter().map(|(to, path)| (None, to, path)));
                }
            }
        }
        all
    }
}
