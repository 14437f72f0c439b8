//! Blocks of the sources, with the instances that the plan has of them.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    ConfigAddr, Configuration, Mode, ResourceAddr, ResourceChange,
    config::{IgnoreChanges, IgnoreEntry, ResourceBlock},
};

use crate::{context::Context, report::Location};

/// A block whose `lifecycle` ignores something.
pub(crate) struct Ignoring<'c> {
    /// Which block.
    pub(crate) block: ConfigAddr,
    /// Its entries.
    pub(crate) entries: &'c [IgnoreEntry],
    /// Its instances in the plan, those that come into being included.
    pub(crate) instances: Vec<&'c ResourceChange>,
}

/// The managed blocks of the sources; a block that several calls of a module share is listed for the first one.
pub(crate) fn blocks<'c>(context: &Context<'c>) -> Vec<(ConfigAddr, &'c ResourceBlock)> {
    let mut seen = BTreeSet::new();
    let blocks = context.sources.into_iter().flat_map(Configuration::resources);
    blocks
        .filter(|(_, block)| block.mode == Mode::Managed)
        .filter(|(_, block)| seen.insert((&block.location.file, block.location.line, &block.name)))
        .collect()
}

/// The managed blocks whose `ignore_changes` is a list.
pub(crate) fn ignoring<'c>(context: &Context<'c>) -> Vec<Ignoring<'c>> {
    let mut found: Vec<Ignoring<'c>> = blocks(context)
        .into_iter()
        .filter_map(|(block, about)| match &about.lifecycle.ignore_changes {
            IgnoreChanges::Entries(entries) => Some(Ignoring { block, entries, instances: Vec::new() }),
            _ => None,
        })
        .collect();
    let mut places: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let names: Vec<_> = found.iter().map(|i| (i.block.type_name.clone(), i.block.name.clone())).collect();
    for (at, (kind, name)) in names.iter().enumerate() {
        places.entry((kind, name)).or_default().push(at);
    }
    for change in context.plan.changes().iter().filter(|change| change.deposed.is_none()) {
        let address = &change.address;
        for at in places.get(&(&*address.type_name, &*address.name)).into_iter().flatten() {
            if let Some(ignoring) = found.get_mut(*at)
                && address.mode == Mode::Managed
                && address.config() == ignoring.block
            {
                ignoring.instances.push(change);
            }
        }
    }
    found
}

/// The address of a block, as findings name it.
pub(crate) fn address_of(block: &ConfigAddr) -> Option<ResourceAddr> {
    block.to_string().parse().ok()
}

impl Ignoring<'_> {
    /// Where an entry stands, as reviewers know it.
    pub(crate) fn place(&self, context: &Context<'_>, entry: &IgnoreEntry) -> Option<Location> {
        context.place(&self.block.module, &entry.location)
    }
}
