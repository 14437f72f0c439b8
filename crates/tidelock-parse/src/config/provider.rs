//! Which configuration of a provider a block uses, by the keys that plan JSON gives them.
//!
//! The keys (`aws`, `aws.west`, `module.a:aws`) and the way a module inherits from its caller follow what
//! Terraform 1.11 and `OpenTofu` 1.12 write.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    lifecycle::static_path,
    loader::Node,
    module::Module,
    syntax::{Block, Body, Expr, ExprKind, Op},
};

/// Links from a configuration to the one it is inherited from; more are a sign of a circle.
const MAX_LINKS: usize = 64;

/// An entry of `required_providers`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Required {
    /// `source` as written.
    source: Option<Box<str>>,
    /// `configuration_aliases`, as `aws.west`.
    aliases: Vec<Box<str>>,
}

/// An entry of `providers` of a module call.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    /// How the called module names it.
    child: Box<str>,
    /// How the caller names it.
    parent: Box<str>,
}

/// The `alias` of a `provider` block.
pub(crate) fn alias(block: &Block) -> Option<&str> {
    block.body.attr("alias")?.value.literal_text()
}

/// What a `terraform` block requires.
pub(crate) fn required(body: &Body) -> BTreeMap<Box<str>, Required> {
    let mut all = BTreeMap::new();
    for attr in body.blocks_of("required_providers").flat_map(|block| &block.body.attrs) {
        all.insert(attr.name.clone(), Required::new(&attr.value));
    }
    // In the JSON syntax the block is an object, or a list of them.
    let objects = body.attr("required_providers").map(|attr| match &attr.value.kind {
        ExprKind::Tuple(items) => items.as_slice(),
        _ => std::slice::from_ref(&attr.value),
    });
    for (key, value) in objects.into_iter().flatten().flat_map(fields) {
        all.extend(key.literal_text().map(|name| (name.into(), Required::new(value))));
    }
    all
}

impl Required {
    /// An object, or a version alone.
    fn new(entry: &Expr) -> Self {
        let mut read = Self::default();
        for (key, value) in fields(entry) {
            match (key.literal_text(), &value.kind) {
                (Some("source"), _) => read.source = value.literal_text().map(Into::into),
                (Some("configuration_aliases"), ExprKind::Tuple(items)) => {
                    read.aliases = items.iter().filter_map(name).collect();
                }
                _ => {}
            }
        }
        read
    }
}

/// The entries of `providers` of a module call.
pub(crate) fn passed(entries: &Expr) -> Vec<Passed> {
    let entry = |(key, value): &(Expr, Expr)| Some(Passed { child: name(key)?, parent: name(value)? });
    fields(entries).iter().filter_map(entry).collect()
}

fn fields(expr: &Expr) -> &[(Expr, Expr)] {
    match &expr.kind {
        ExprKind::Object(fields) => fields,
        _ => &[],
    }
}

/// `aws`, `aws.west`, also between quotes; without the key of one of many.
fn name(expr: &Expr) -> Option<Box<str>> {
    if let Some(text) = expr.literal_text() {
        return Some(local_name(text).into());
    }
    let (root, ops) = match &expr.kind {
        ExprKind::Traversal(root, ops) => (&**root, ops.as_slice()),
        _ => (expr, [].as_slice()),
    };
    let names = ops.iter().map_while(|op| match op {
        Op::Attr(name) => Some(&**name),
        _ => None,
    });
    let path = static_path(root)?;
    let root = path.steps().first()?.name()?;
    Some(std::iter::once(root).chain(names.take(1)).collect::<Vec<_>>().join(".").into())
}

/// A provider as written, without the key of one of many.
fn local_name(written: &str) -> &str {
    written.split('[').next().unwrap_or(written).trim()
}

/// The first word of a resource type, which names its provider unless the block says otherwise.
fn implied(type_name: &str) -> &str {
    type_name.split('_').next().unwrap_or(type_name)
}

/// `bpg/proxmox`, in lower case and without the public registries, which are one for us.
fn full_name(module: &Module, local: &str) -> String {
    let Some(source) = module.required.get(local).and_then(|required| required.source.as_deref()) else {
        return if local == "terraform" {
            "terraform.io/builtin/terraform".to_owned()
        } else {
            format!("hashicorp/{local}")
        };
    };
    let source = source.to_ascii_lowercase();
    let hosts = ["registry.terraform.io/", "registry.opentofu.org/"];
    let bare = hosts.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(&source);
    if bare.contains('/') { bare.to_owned() } else { format!("hashicorp/{bare}") }
}

/// The source address of the provider of a block: `hashicorp/aws`.
pub(crate) fn provider_of(module: &Module, written: Option<&str>, type_name: &str) -> String {
    let key = key_of(written, type_name);
    full_name(module, key.split('.').next().unwrap_or(key))
}

/// What a block calls its provider configuration: `aws`, `aws.west`.
fn key_of<'n>(written: Option<&'n str>, type_name: &'n str) -> &'n str {
    written.map(local_name).filter(|name| !name.is_empty()).unwrap_or_else(|| implied(type_name))
}

/// The provider configurations of all modules, as the section `configuration` of plan JSON has them.
#[derive(Debug, Default)]
pub(crate) struct Providers<'c>(BTreeMap<String, Provider<'c>>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Provider<'c> {
    full_name: String,
    /// Position of the module it belongs to.
    pub(crate) node: usize,
    /// Its block, if it has one.
    pub(crate) block: Option<&'c Block>,
    /// The one it is inherited from.
    parent: Option<String>,
}

impl<'c> Providers<'c> {
    /// `nodes` list callers before what they call.
    pub(crate) fn new(nodes: &'c [Node]) -> Self {
        let mut all = Self::default();
        for (at, node) in nodes.iter().enumerate() {
            all.pass(nodes, at, node);
            all.add(nodes, at, node);
        }
        all
    }

    /// What the caller hands on by name.
    fn pass(&mut self, nodes: &'c [Node], at: usize, node: &'c Node) {
        let Some(parent) = node.parent.and_then(|parent| nodes.get(parent)) else { return };
        let call = node.path.names().last().and_then(|name| parent.module.calls.get(name));
        for passed in call.into_iter().flat_map(|call| &call.providers) {
            let local = passed.child.split('.').next().unwrap_or(&passed.child);
            let full_name = full_name(&node.module, local);
            let parent = self.origin(key(parent, &passed.parent), &full_name);
            self.0.insert(key(node, &passed.child), Provider { full_name, node: at, block: None, parent });
        }
    }

    /// What the module configures, requires or uses.
    fn add(&mut self, nodes: &'c [Node], at: usize, node: &'c Node) {
        let module = &*node.module;
        let mut own = BTreeSet::new();
        for block in &module.providers {
            let local = block.label(0);
            let name = alias(block).map_or_else(|| local.to_owned(), |alias| format!("{local}.{alias}"));
            let key = key(node, &name);
            // The second of two is an error of the language.
            if own.insert(key.clone()) {
                let full_name = full_name(module, local);
                self.0.insert(key, Provider { full_name, node: at, block: Some(block), parent: None });
            }
        }
        for (local, required) in &module.required {
            for alias in &required.aliases {
                let full_name = full_name(module, local);
                let provider = Provider { full_name, node: at, block: None, parent: None };
                self.0.entry(key(node, alias)).or_insert(provider);
            }
            self.inherit(nodes, at, node, local, full_name(module, local));
        }
        // Others exist by being used, under the last part of their source address.
        let used = module.resources.values();
        let used = used.map(|block| key_of(block.provider.as_deref(), &block.type_name));
        let used = used.map(|key| key.split('.').next().unwrap_or(key));
        let configured = module.providers.iter().map(|block| block.label(0));
        let required = module.required.keys().map(|local| &**local);
        let names: BTreeSet<&str> = used.chain(configured).chain(required).collect();
        for full_name in names.into_iter().map(|local| full_name(module, local)) {
            let local = full_name.rsplit('/').next().unwrap_or(&full_name).to_owned();
            self.inherit(nodes, at, node, &local, full_name);
        }
    }

    /// Adds a configuration without a block, unless there is one; the caller's is used where there is one.
    fn inherit(&mut self, nodes: &'c [Node], at: usize, node: &'c Node, local: &str, full_name: String) {
        let key_here = key(node, local);
        if self.0.contains_key(&key_here) {
            return;
        }
        let caller = node.parent.and_then(|parent| nodes.get(parent));
        let parent = caller.and_then(|caller| self.origin(key(caller, local), &full_name));
        self.0.insert(key_here, Provider { full_name, node: at, block: None, parent });
    }

    /// Where a chain of inheritance that starts at `key` begins; `None` if there is no such provider.
    fn origin(&self, key: String, full_name: &str) -> Option<String> {
        let mut found = None;
        let mut at = key;
        for _ in 0..MAX_LINKS {
            let Some(entry) = self.0.get(&at).filter(|entry| entry.full_name == full_name) else { break };
            let parent = entry.parent.clone();
            found = Some(at);
            let Some(parent) = parent else { break };
            at = parent;
        }
        found
    }

    /// The key of the configuration that a block of a module uses.
    pub(crate) fn of_block(&self, node: &Node, written: Option<&str>, type_name: &str) -> String {
        let own = key(node, key_of(written, type_name));
        match self.0.get(&own).and_then(|entry| entry.parent.clone()) {
            Some(parent) if self.0.contains_key(&parent) => parent,
            _ => own,
        }
    }

    /// All that are not inherited, by key.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &Provider<'c>)> {
        let own = self.0.iter().filter(|(_, provider)| provider.parent.is_none());
        own.map(|(key, provider)| (key.as_str(), provider))
    }
}

/// The key of a configuration of a module.
fn key(node: &Node, name: &str) -> String {
    if node.parent.is_none() { name.to_owned() } else { format!("{}:{name}", node.path) }
}
