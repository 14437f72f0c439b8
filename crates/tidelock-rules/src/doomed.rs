//! What an apply of one resource alone would destroy.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use tidelock_parse::{ConfigAddr, ResourceAddr};

use crate::graph::{Graph, are_related};

/// Instances that the plan destroys although they hold something, by block.
pub(crate) struct Doomed<'g> {
    graph: &'g Graph,
    instances: BTreeMap<ConfigAddr, Vec<ResourceAddr>>,
    /// The blocks among those that a block depends on, for each block that was asked about.
    needed: RefCell<BTreeMap<ConfigAddr, Rc<BTreeSet<ConfigAddr>>>>,
}

impl<'g> Doomed<'g> {
    pub(crate) fn new(destroyed: impl IntoIterator<Item = ResourceAddr>, graph: &'g Graph) -> Self {
        let mut instances: BTreeMap<ConfigAddr, Vec<ResourceAddr>> = BTreeMap::new();
        for address in destroyed {
            instances.entry(address.config()).or_default().push(address);
        }
        Self { graph, instances, needed: RefCell::default() }
    }

    /// Those that `-target` would take along: it covers a resource and all that it depends on. Sorted.
    pub(crate) fn reached_from(&self, target: &ResourceAddr) -> Vec<ResourceAddr> {
        if self.instances.is_empty() {
            return Vec::new();
        }
        let block = target.config();
        let needed = self.needed(&block);
        let own = self.instances.get(&block).into_iter().flatten().filter(|other| *other == target);
        let others = needed.iter().filter_map(|block| self.instances.get(block)).flatten();
        let others = others.filter(|other| *other != target && are_related(target, other));
        let mut reached: Vec<ResourceAddr> = own.chain(others).cloned().collect();
        reached.sort();
        reached
    }

    fn needed(&self, block: &ConfigAddr) -> Rc<BTreeSet<ConfigAddr>> {
        let mut known = self.needed.borrow_mut();
        let needed = known.entry(block.clone()).or_insert_with_key(|block| {
            let all = self.graph.dependencies(block).into_iter();
            Rc::new(all.filter(|needed| self.instances.contains_key(*needed)).cloned().collect())
        });
        Rc::clone(needed)
    }
}
