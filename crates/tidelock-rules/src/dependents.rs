//! How many instances depend on what somebody has to decide about.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;
use tidelock_parse::{ConfigAddr, Mode, Plan, ResourceAddr};

use crate::graph::{
    Graph,
    reach::{ByBlock, shared, within},
};

/// Blocks that are visited for all counts together. Beyond that, thousands of findings in a huge graph would cost
/// their product, and what is not counted is left out of the report.
const MOST_VISITED: usize = 2_000_000;

/// The dependents of some blocks; the rest of the plan, which is most of it, is left alone.
pub(crate) struct Dependents<'d> {
    graph: &'d Graph,
    /// Blocks that depend on a block, directly or not.
    of_block: BTreeMap<ConfigAddr, Vec<NodeIndex>>,
    /// Managed instances of those.
    instances: ByBlock<'d>,
}

impl<'d> Dependents<'d> {
    pub(crate) fn new(
        addresses: impl IntoIterator<Item = &'d ResourceAddr>,
        graph: &'d Graph,
        plan: &'d Plan,
    ) -> Self {
        let mut of_block: BTreeMap<ConfigAddr, Vec<NodeIndex>> = BTreeMap::new();
        let mut visited = 0;
        for address in addresses {
            if visited > MOST_VISITED {
                break;
            }
            let found = of_block.entry(address.config()).or_insert_with_key(|block| {
                let users = graph.users([block]);
                visited += users.len() + 1;
                users.into_iter().filter(|user| graph.block(*user) != Some(block)).collect()
            });
            visited += found.len();
        }
        let any = of_block.values().any(|users| !users.is_empty());
        let instances = if any { instances(plan, graph) } else { ByBlock::new() };
        Self { graph, of_block, instances }
    }

    /// How many managed instances depend on this one, directly or not; `None` if that was not counted.
    pub(crate) fn count(&self, address: &ResourceAddr) -> Option<usize> {
        let users = self.of_block.get(&address.config())?.iter();
        let related = users.filter_map(|user| {
            let instances = self.instances.get(user)?;
            let shared = shared(&address.module, self.graph.block(*user)?);
            Some(within(instances, address.module.steps().get(..shared)?).len())
        });
        Some(related.sum())
    }
}

/// The managed instances of a plan that refer to others or are referred to, by block.
pub(crate) fn instances<'p>(plan: &'p Plan, graph: &Graph) -> ByBlock<'p> {
    let changes = plan.changes().iter().filter(|change| change.deposed.is_none());
    graph.by_block(changes.map(|change| &change.address).filter(|address| address.mode == Mode::Managed))
}
