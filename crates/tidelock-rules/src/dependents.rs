//! How many instances depend on what somebody has to decide about.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ConfigAddr, Mode, Plan, ResourceAddr};

use crate::graph::{
    Graph,
    reach::{ByBlock, shared, within},
};

/// Blocks that are visited for all counts together. Beyond that, thousands of findings in a huge graph would cost
/// their product, and what is not counted is left out of the report.
const MOST_VISITED: usize = 1_000_000;

/// The dependents of some blocks; the rest of the plan, which is most of it, is left alone.
pub(crate) struct Dependents<'d> {
    /// Blocks that depend on a block, directly or not.
    of_block: BTreeMap<ConfigAddr, BTreeSet<&'d ConfigAddr>>,
    /// Managed instances of those.
    instances: ByBlock<'d>,
}

impl<'d> Dependents<'d> {
    pub(crate) fn new(
        addresses: impl IntoIterator<Item = &'d ResourceAddr>,
        graph: &'d Graph,
        plan: &'d Plan,
    ) -> Self {
        let mut of_block: BTreeMap<ConfigAddr, BTreeSet<&ConfigAddr>> = BTreeMap::new();
        let mut visited = 0;
        for address in addresses {
            if visited > MOST_VISITED {
                break;
            }
            let found = of_block.entry(address.config()).or_insert_with_key(|block| graph.dependents(block));
            visited += found.len() + 1;
        }
        let instances = instances(plan, of_block.values().flatten().copied());
        Self { of_block, instances }
    }

    /// How many managed instances depend on this one, directly or not; `None` if that was not counted.
    pub(crate) fn count(&self, address: &ResourceAddr) -> Option<usize> {
        let blocks = self.of_block.get(&address.config())?.iter();
        let related = blocks.map(|block| {
            let instances = self.instances.get(*block).map(Vec::as_slice).unwrap_or_default();
            let steps = address.module.steps().get(..shared(&address.module, block)).unwrap_or_default();
            within(instances, steps).len()
        });
        Some(related.sum())
    }
}

/// The managed instances of some blocks, each list sorted.
pub(crate) fn instances<'p>(plan: &'p Plan, blocks: impl Iterator<Item = &'p ConfigAddr>) -> ByBlock<'p> {
    let blocks: BTreeSet<&ConfigAddr> = blocks.collect();
    // Names rule out most instances without making the address of their block.
    let named: BTreeSet<(&str, &str)> =
        blocks.iter().map(|block| (&*block.type_name, &*block.name)).collect();
    let mut found = ByBlock::new();
    for change in plan.changes().iter().filter(|change| change.deposed.is_none()) {
        let address = &change.address;
        if address.mode == Mode::Managed && named.contains(&(&*address.type_name, &*address.name)) {
            found.entry(address.config()).or_default().push(address);
        }
    }
    for list in found.values_mut() {
        list.sort_unstable();
    }
    found
}
