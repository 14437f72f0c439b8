//! What an apply of one resource alone would destroy.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ConfigAddr, ResourceAddr};

use crate::graph::{Graph, are_related};

/// Instances that the plan destroys although they hold something, by block, with the blocks that depend on that.
pub(crate) struct Doomed<'g>(BTreeMap<ConfigAddr, (BTreeSet<&'g ConfigAddr>, Vec<ResourceAddr>)>);

impl<'g> Doomed<'g> {
    pub(crate) fn new(destroyed: impl IntoIterator<Item = ResourceAddr>, graph: &'g Graph) -> Self {
        let mut blocks = BTreeMap::new();
        for address in destroyed {
            let (_, instances) = blocks
                .entry(address.config())
                .or_insert_with_key(|block| (graph.dependents(block), Vec::new()));
            instances.push(address);
        }
        Self(blocks)
    }

    /// Those that `-target` would take along: it covers a resource and all that it depends on. Sorted.
    pub(crate) fn reached_from(&self, target: &ResourceAddr) -> Vec<ResourceAddr> {
        let block = target.config();
        let reached = self.0.values().flat_map(|(dependents, instances)| {
            let depends = dependents.contains(&block);
            instances.iter().filter(move |other| *other == target || (depends && are_related(target, other)))
        });
        let mut reached: Vec<ResourceAddr> = reached.cloned().collect();
        reached.sort();
        reached
    }
}
