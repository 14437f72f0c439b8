//! How many instances depend on what somebody has to decide about.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ConfigAddr, Mode, Plan, ResourceAddr};

use crate::graph::{Graph, are_related};

/// The dependents of some blocks; the rest of the plan, which is most of it, is left alone.
pub(crate) struct Dependents<'d> {
    /// Blocks that depend on a block, directly or not.
    of_block: BTreeMap<ConfigAddr, BTreeSet<&'d ConfigAddr>>,
    /// Managed instances of those.
    instances: BTreeMap<ConfigAddr, Vec<&'d ResourceAddr>>,
}

impl<'d> Dependents<'d> {
    pub(crate) fn new(
        addresses: impl IntoIterator<Item = &'d ResourceAddr>,
        graph: &'d Graph,
        plan: &'d Plan,
    ) -> Self {
        let mut of_block = BTreeMap::new();
        for address in addresses {
            of_block.entry(address.config()).or_insert_with_key(|block| graph.dependents(block));
        }
        // Names rule out most instances without making the address of their block.
        let named: BTreeSet<(&str, &str)> =
            of_block.values().flatten().map(|block| (&*block.type_name, &*block.name)).collect();
        let mut instances: BTreeMap<ConfigAddr, Vec<&ResourceAddr>> = BTreeMap::new();
        for change in plan.changes().iter().filter(|change| change.deposed.is_none()) {
            let address = &change.address;
            if address.mode == Mode::Managed && named.contains(&(&*address.type_name, &*address.name)) {
                instances.entry(address.config()).or_default().push(address);
            }
        }
        Self { of_block, instances }
    }

    /// How many managed instances depend on this one, directly or not.
    pub(crate) fn count(&self, address: &ResourceAddr) -> usize {
        let blocks = self.of_block.get(&address.config()).into_iter().flatten();
        let instances = blocks.filter_map(|block| self.instances.get(*block)).flatten();
        instances.filter(|other| are_related(address, other)).count()
    }
}
