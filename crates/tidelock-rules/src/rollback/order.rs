//! The order of removal: what depends on something goes before it.

use std::collections::BTreeMap;

use petgraph::{algo::tarjan_scc, graph::DiGraph};
use tidelock_parse::{ConfigAddr, StateError};

use super::{Scene, made::Made};

/// Positions in `made`, in the order in which they can go.
///
/// States name dependencies by block. What no state knows was made last (the state could not be written any more), and in the
/// order of the log: so it goes first, the youngest before the older.
pub(super) fn of(scene: &Scene<'_, '_>, made: &[Made<'_>]) -> Result<Vec<usize>, StateError> {
    let state = scene.now.and_then(|now| scene.reality.states.get(now)?.state.as_ref());
    let mut blocks: BTreeMap<ConfigAddr, Vec<usize>> = BTreeMap::new();
    let mut free: Vec<usize> = Vec::new();
    for (at, one) in made.iter().enumerate() {
        match (one.address, one.instance) {
            (Some(address), Some(_)) => blocks.entry(address.config()).or_default().push(at),
            _ => free.push(at),
        }
    }
    let mut graph: DiGraph<&ConfigAddr, ()> = DiGraph::new();
    let nodes: BTreeMap<&ConfigAddr, _> = blocks.keys().map(|block| (block, graph.add_node(block))).collect();
    if let Some(state) = state {
        for (block, members) in &blocks {
            for instance in members.iter().filter_map(|at| made.get(*at)?.instance) {
                for needed in instance.dependencies(state.source())? {
                    if let (Some(from), Some(to)) = (nodes.get(&needed), nodes.get(block)) {
                        graph.update_edge(*from, *to, ());
                    }
                }
            }
        }
    }
    // From the log, the younger first; texts of one log compare as times do.
    free.sort_by(|a, b| {
        let at = |index: &usize| made.get(*index).and_then(|one| one.at);
        at(b).cmp(&at(a)).then(a.cmp(b))
    });
    let mut order = free;
    // The components come in postorder: what is reached from a node, which is what depends on it, before the node. A circle,
    // which a sound state does not have, is one component and stays together.
    for component in tarjan_scc(&graph) {
        let mut members: Vec<usize> = component
            .iter()
            .filter_map(|node| graph.node_weight(*node))
            .filter_map(|block| blocks.get(*block))
            .flatten()
            .copied()
            .collect();
        // The last instance of a block first, as it was the last to be wanted.
        members.sort_by(|a, b| b.cmp(a));
        order.extend(members);
    }
    Ok(order)
}
