//! The fewest `moved` blocks that say what moved.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Action, Mode, ModulePath, ModuleStep, ResourceAddr,
    refactor::{Endpoint, moved},
};

use super::{kinship::Rename, pairing::Pair};
use crate::context::Context;

/// Pairs that are one story: a renamed module, a renamed block, new keys of one block.
#[derive(Clone, Debug)]
pub(crate) struct Group<'c> {
    /// What moved, as one says it: a module, a block, or the one instance.
    pub(crate) from: Endpoint,
    /// Where to.
    pub(crate) to: Endpoint,
    /// Sorted by where the object was; never empty.
    pub(crate) pairs: Vec<Pair<'c>>,
    /// The blocks to paste.
    pub(crate) hcl: String,
}

/// Says all pairs with as few blocks as the plan allows; sorted by where the first object was.
pub(crate) fn group<'c>(context: &Context<'c>, pairs: Vec<Pair<'c>>) -> Vec<Group<'c>> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let staying = Staying::new(context);
    let mut groups = Vec::new();
    // A call with all its instances first, then single instances of it, then what is in neither.
    let rest = modules(&staying, pairs, &mut groups, |rename| Some(without_key(rename)));
    let rest = modules(&staying, rest, &mut groups, Some);
    blocks(&staying, rest, &mut groups);
    let first = |group: &Group<'_>| group.pairs.first().map(|pair| pair.old.subject.address().clone());
    groups.sort_by_cached_key(first);
    groups
}

/// Takes the modules out that moved as a whole; returns the other pairs.
fn modules<'c>(
    staying: &Staying<'_, 'c>,
    pairs: Vec<Pair<'c>>,
    groups: &mut Vec<Group<'c>>,
    form: impl Fn(Rename) -> Option<Rename>,
) -> Vec<Pair<'c>> {
    let rename_of = |pair: &Pair<'_>| {
        let rename = Rename::between(pair.old.subject.address(), pair.new.subject.address())?;
        form(rename).filter(|rename| !rename.from.is_root() && !rename.to.is_root())
    };
    let mut inside: BTreeMap<ModulePath, BTreeSet<Option<Rename>>> = BTreeMap::new();
    for pair in &pairs {
        for module in around(&pair.old.subject.address().module) {
            inside.entry(module).or_default().insert(rename_of(pair));
        }
    }
    let whole = |rename: &Rename| {
        let alone = inside.get(&rename.from).is_some_and(|renames| renames.len() == 1);
        alone && staying.lets_move(rename)
    };
    let (mut moving, mut rest) = (BTreeMap::<Rename, Vec<Pair<'c>>>::new(), Vec::new());
    for pair in pairs {
        match rename_of(&pair).filter(whole) {
            Some(rename) => moving.entry(rename).or_default().push(pair),
            None => rest.push(pair),
        }
    }
    for (rename, pairs) in moving {
        let (from, to) = (Endpoint::Module(rename.from), Endpoint::Module(rename.to));
        match moved(&from, &to) {
            Some(hcl) => groups.push(Group { from, to, pairs, hcl }),
            None => rest.extend(pairs),
        }
    }
    rest
}

/// Groups what is left by the blocks that it came from and goes to.
fn blocks<'c>(staying: &Staying<'_, 'c>, pairs: Vec<Pair<'c>>, groups: &mut Vec<Group<'c>>) {
    let mut goals: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
    let mut moving: BTreeMap<(ResourceAddr, ResourceAddr), Vec<Pair<'c>>> = BTreeMap::new();
    for pair in pairs {
        let (from, to) = (block_of(pair.old.subject.address()), block_of(pair.new.subject.address()));
        goals.entry(from.clone()).or_default().insert(to.clone());
        moving.entry((from, to)).or_default().push(pair);
    }
    for ((from, to), mut pairs) in moving {
        pairs.sort_by(|a, b| a.old.subject.address().cmp(b.old.subject.address()));
        let keys_stay =
            pairs.iter().all(|pair| pair.old.subject.address().key == pair.new.subject.address().key);
        let alone = goals.get(&from).is_some_and(|goals| goals.len() == 1);
        let hcl = if keys_stay && alone && staying.lets_move_block(&from, &to) {
            moved(&Endpoint::Resource(from.clone()), &Endpoint::Resource(to.clone()))
        } else {
            let each = pairs.iter().map(|pair| {
                let end = |address: &ResourceAddr| Endpoint::Resource(address.clone());
                moved(&end(pair.old.subject.address()), &end(pair.new.subject.address()))
            });
            each.collect::<Option<Vec<_>>>().map(|blocks| blocks.join("\n"))
        };
        let Some(hcl) = hcl else { continue };
        let (from, to) = match pairs.as_slice() {
            [only] => (only.old.subject.address().clone(), only.new.subject.address().clone()),
            _ => (from, to),
        };
        groups.push(Group { from: Endpoint::Resource(from), to: Endpoint::Resource(to), pairs, hcl });
    }
}

/// What keeps a module or a block from moving as a whole: what stays in it, and what is at the goal already.
struct Staying<'x, 'c> {
    context: &'x Context<'c>,
    /// Module instances, and calls, that hold something which is neither destroyed nor created.
    modules: BTreeSet<ModulePath>,
    /// The same of blocks, as addresses without key.
    blocks: BTreeSet<ResourceAddr>,
}

impl<'x, 'c> Staying<'x, 'c> {
    fn new(context: &'x Context<'c>) -> Self {
        let (mut modules, mut blocks) = (BTreeSet::new(), BTreeSet::new());
        let stays = |action: &Action| !matches!(action, Action::Delete | Action::Forget | Action::Create);
        for change in context.plan.changes() {
            let managed = change.address.mode == Mode::Managed && change.deposed.is_none();
            if managed && stays(&change.action) {
                if !modules.contains(&change.address.module) {
                    modules.extend(around(&change.address.module));
                }
                blocks.insert(block_of(&change.address));
            }
        }
        Self { context, modules, blocks }
    }

    fn lets_move(&self, rename: &Rename) -> bool {
        let Rename { from, to } = rename;
        // A call that is still there may have other instances, but must not be the one that is said to be gone.
        let one_instance = from.steps().last().is_some_and(|step| step.key.is_some());
        let gone = one_instance || from.config() == to.config() || !self.is_called(from);
        gone && !self.modules.contains(from) && !self.modules.contains(to)
    }

    fn is_called(&self, module: &ModulePath) -> bool {
        self.context.configuration().module(&module.config()).is_some()
    }

    fn lets_move_block(&self, from: &ResourceAddr, to: &ResourceAddr) -> bool {
        let gone = self.context.configuration().resource(&from.config()).is_none();
        (gone || from.module != to.module && from.config() == to.config())
            && !self.blocks.contains(from)
            && !self.blocks.contains(to)
    }
}

/// A module instance and those around it, each also as the call without its key.
fn around(module: &ModulePath) -> Vec<ModulePath> {
    let mut found = Vec::new();
    let mut path = ModulePath::root();
    for ModuleStep { name, key } in module.steps() {
        if key.is_some() {
            found.push(path.child(name, None));
        }
        path = path.child(name, key.clone());
        found.push(path.clone());
    }
    found
}

/// The rename of the call, where the instance keeps its key.
fn without_key(rename: Rename) -> Rename {
    let (Some(from), Some(to)) = (rename.from.steps().last(), rename.to.steps().last()) else {
        return rename;
    };
    if from.key.is_none() || from.key != to.key {
        return rename;
    }
    let strip = |path: &ModulePath, name: &str| path.parent().unwrap_or_default().child(name, None);
    Rename { from: strip(&rename.from, &from.name), to: strip(&rename.to, &to.name) }
}

fn block_of(address: &ResourceAddr) -> ResourceAddr {
    ResourceAddr { key: None, ..address.clone() }
}
