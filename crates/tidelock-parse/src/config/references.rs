//! What a resource block refers to.

use std::collections::BTreeSet;

use super::{
    Configuration,
    graph::{Direct, Site},
    lifecycle::{Dependency, ResourceBlock, static_path},
    merge::argument,
    scope::Owner,
};
use crate::{
    address::{ConfigAddr, ConfigModulePath, Mode},
    path::{AttrPath, Step},
};

/// A reference from a resource block to another one, through whatever locals, variables and outputs there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Reference {
    /// Which part of the block refers.
    pub via: Via,
    /// The argument or nested block that refers, empty unless `via` is [`Via::Argument`].
    pub from: AttrPath,
    /// The resource or data source referred to.
    pub to: ConfigAddr,
    /// The attribute of it, as deep as it is written; empty for the whole.
    pub path: AttrPath,
}

/// The part of a block that refers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Via {
    /// An argument or nested block.
    Argument,
    /// `count` or `for_each` of the block or of a module call around it.
    Repetition,
    /// `depends_on` of the block or of a module call around it.
    DependsOn,
    /// `replace_triggered_by`.
    ReplaceTriggeredBy,
}

impl Configuration {
    /// What a block refers to, sorted; empty for an unknown one.
    ///
    /// References are followed through locals, through variables to the arguments of the module call, and through
    /// module outputs. `depends_on` of a module stands for all resources in it.
    pub fn references(&self, addr: &ConfigAddr) -> Vec<Reference> {
        let (Some(node), Some(block)) = (self.index.get(&addr.module).copied(), self.resource(addr)) else {
            return Vec::new();
        };
        let mut all = BTreeSet::new();
        let site = Site { node, owner: Some(Owner::Resource(block)) };
        self.argument_references(block, site, &mut all);
        self.repetition_references(block, node, &mut all);
        for entry in &block.lifecycle.replace_triggered_by {
            let direct = Direct::of(self, &entry.expr, site, &[]);
            self.follow(direct, Via::ReplaceTriggeredBy, &AttrPath::root(), &mut all);
        }
        self.dependencies(&block.depends_on, &addr.module, &mut all);
        self.module_dependencies(node, &mut all);
        all.into_iter().collect()
    }

    fn argument_references(&self, block: &ResourceBlock, site: Site<'_>, all: &mut BTreeSet<Reference>) {
        // The block is looked up again for its lifetime: that of the configuration.
        let Some(Owner::Resource(block)) = self.owner(site.node, &Owner::Resource(block).name()) else {
            return;
        };
        let site = Site { node: site.node, owner: Some(Owner::Resource(block)) };
        for attr in &block.body.attrs {
            let from = AttrPath::from(vec![Step::attr(&attr.name)]);
            self.follow(Direct::of(self, &attr.value, site, &[]), Via::Argument, &from, all);
        }
        for nested in &block.body.blocks {
            let kind = AttrPath::from(vec![Step::attr(argument(nested))]);
            if &*nested.kind == "dynamic" {
                self.follow(Direct::of_block(self, nested, site), Via::Argument, &kind, all);
                continue;
            }
            let at = block.body.blocks.iter().take_while(|other| !std::ptr::eq(*other, nested));
            let at = at.filter(|other| argument(other) == argument(nested)).count();
            let dynamic = block
                .body
                .blocks
                .iter()
                .any(|other| &*other.kind == "dynamic" && argument(other) == argument(nested));
            let from = if dynamic { kind } else { kind.child(Step::Index(at as u64)) };
            for attr in &nested.body.attrs {
                let from = from.child(Step::attr(&attr.name));
                self.follow(Direct::of(self, &attr.value, site, &[]), Via::Argument, &from, all);
            }
            for inner in &nested.body.blocks {
                let from = from.child(Step::attr(argument(inner)));
                self.follow(Direct::of_block(self, inner, site), Via::Argument, &from, all);
            }
        }
    }

    fn repetition_references(&self, block: &ResourceBlock, node: usize, all: &mut BTreeSet<Reference>) {
        let mut owners = vec![(node, Owner::Resource(block).name())];
        let mut at = node;
        while let Some(parent) = self.node(at).and_then(|node| node.parent) {
            if let Some(name) = self.node(at).and_then(|node| node.path.names().last()) {
                owners.push((parent, format!("module.{name}").into()));
            }
            at = parent;
        }
        for (node, owner) in owners {
            let Some(owner) = self.owner(node, &owner) else { continue };
            for attr in owner.count().into_iter().chain(owner.for_each()) {
                let direct = Direct::of(self, &attr.value, Site { node, owner: None }, &[]);
                self.follow(direct, Via::Repetition, &AttrPath::root(), all);
            }
        }
    }

    /// Follows names to the resources behind them.
    fn follow(&self, direct: Direct, via: Via, from: &AttrPath, all: &mut BTreeSet<Reference>) {
        for (to, path) in self.behind(direct) {
            all.insert(Reference { via, from: from.clone(), to, path });
        }
    }

    /// The resources that expressions refer to, directly or through names.
    pub(crate) fn behind(&self, direct: Direct) -> BTreeSet<(ConfigAddr, AttrPath)> {
        let mut seen = direct.names.clone();
        let mut open: Vec<_> = direct.names.into_iter().collect();
        let mut resources = direct.resources;
        while let Some((name, steps)) = open.pop() {
            for definition in self.definitions(&name) {
                let steps: &[_] = if definition.direct { &steps } else { &[] };
                let mut direct = Direct::of(self, definition.expr, definition.site, steps);
                resources.append(&mut direct.resources);
                open.extend(direct.names.into_iter().filter(|name| seen.insert(name.clone())));
            }
        }
        resources
    }

    fn dependencies(&self, entries: &[Dependency], module: &ConfigModulePath, all: &mut BTreeSet<Reference>) {
        for entry in entries {
            let Some(path) = static_path(&entry.expr) else { continue };
            for to in self.depended_on(&path, module) {
                all.insert(Reference {
                    via: Via::DependsOn,
                    from: AttrPath::root(),
                    to,
                    path: AttrPath::root(),
                });
            }
        }
    }

    /// The blocks that an entry of `depends_on` stands for.
    fn depended_on(&self, path: &AttrPath, module: &ConfigModulePath) -> Vec<ConfigAddr> {
        let names: Vec<&str> = path.steps().iter().filter_map(Step::name).collect();
        let addr = |mode, type_name: &str, name: &str| {
            vec![ConfigAddr { module: module.clone(), mode, type_name: type_name.into(), name: name.into() }]
        };
        match names.as_slice() {
            ["module", call, ..] => {
                let called = module.child(call);
                let inside = |path: &ConfigModulePath| path.names().starts_with(called.names());
                self.resources().map(|(addr, _)| addr).filter(|addr| inside(&addr.module)).collect()
            }
            ["data", type_name, name, ..] => addr(Mode::Data, type_name, name),
            ["ephemeral", type_name, name, ..] => addr(Mode::Ephemeral, type_name, name),
            [type_name, name, ..] => addr(Mode::Managed, type_name, name),
            _ => Vec::new(),
        }
    }

    /// What the calls of the module around a block depend on.
    fn module_dependencies(&self, node: usize, all: &mut BTreeSet<Reference>) {
        let mut at = node;
        while let Some((node, parent)) = self.node(at).and_then(|node| Some((node, node.parent?))) {
            let caller = self.node(parent);
            let call = node.path.names().last().and_then(|name| caller?.module.calls.get(name));
            if let (Some(call), Some(caller)) = (call, caller) {
                self.dependencies(&call.depends_on, &caller.path, all);
            }
            at = parent;
        }
    }
}
