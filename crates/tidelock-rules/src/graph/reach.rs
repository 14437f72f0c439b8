//! Which instances depend on some others, directly or not.

use std::collections::{BTreeMap, HashSet, VecDeque};

use petgraph::{
    Direction,
    graph::NodeIndex,
    visit::{VisitMap, Visitable},
};
use tidelock_parse::{ConfigAddr, InstanceKey, ModulePath, ModuleStep, ResourceAddr};

use super::Graph;

/// Instances by the node of the block that declares them, each list sorted.
pub(crate) type ByBlock<'i> = BTreeMap<NodeIndex, Vec<&'i ResourceAddr>>;

impl Graph {
    /// Sorts instances by their blocks; those of blocks without references, either way, are left out.
    pub(crate) fn by_block<'i>(&self, instances: impl Iterator<Item = &'i ResourceAddr>) -> ByBlock<'i> {
        let mut found = ByBlock::new();
        for address in instances {
            if let Some(node) = self.nodes.get(&address.config()) {
                found.entry(*node).or_default().push(address);
            }
        }
        for list in found.values_mut() {
            list.sort_unstable();
        }
        found
    }

    /// The nodes of the blocks that depend on any of these, directly or not; those of the sources only if one depends
    /// on another.
    pub(crate) fn users<'s>(&self, sources: impl IntoIterator<Item = &'s ConfigAddr>) -> Vec<NodeIndex> {
        let mut open: Vec<NodeIndex> =
            sources.into_iter().filter_map(|block| self.nodes.get(block)).copied().collect();
        let mut seen = self.order.visit_map();
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            for user in self.order.neighbors_directed(node, Direction::Incoming) {
                if seen.visit(user) {
                    open.push(user);
                    found.push(user);
                }
            }
        }
        found
    }

    /// The block of a node.
    pub(crate) fn block(&self, node: NodeIndex) -> Option<&ConfigAddr> {
        self.address(node)
    }

    /// The instances of `instances` that depend on any of the sources, directly or not. An instance of a module sees
    /// only what its own instance of the module holds, and what stands outside.
    ///
    /// The cost follows the number of instances and references, however many sources there are.
    pub(crate) fn reached<'i>(
        &self,
        sources: &[&ResourceAddr],
        instances: &ByBlock<'i>,
    ) -> HashSet<&'i ResourceAddr> {
        let mut found = HashSet::new();
        let mut seen: HashSet<(NodeIndex, Vec<Option<&InstanceKey>>)> = HashSet::new();
        let mut queued: HashSet<(NodeIndex, &ModulePath)> = HashSet::new();
        let mut open: VecDeque<(NodeIndex, &ModulePath)> = VecDeque::new();
        for source in sources {
            let Some(node) = self.nodes.get(&source.config()) else { continue };
            if queued.insert((*node, &source.module)) {
                open.push_back((*node, &source.module));
            }
        }
        while let Some((node, module)) = open.pop_front() {
            for user in self.order.neighbors_directed(node, Direction::Incoming) {
                let Some(block) = self.address(user) else { continue };
                let shared = shared(module, block);
                let keys = module.steps().iter().take(shared).map(|step| step.key.as_ref()).collect();
                if !seen.insert((user, keys)) {
                    continue;
                }
                let users = instances.get(&user).map(Vec::as_slice).unwrap_or_default();
                for instance in within(users, module.steps().get(..shared).unwrap_or_default()) {
                    found.insert(*instance);
                    if queued.insert((user, &instance.module)) {
                        open.push_back((user, &instance.module));
                    }
                }
            }
        }
        found
    }
}

/// The instance of a block with the keys of another instance.
pub(crate) fn twin(of: &ResourceAddr, block: &ConfigAddr) -> ResourceAddr {
    let mut steps = of.module.steps().iter();
    let module = block.module.names().iter().fold(ModulePath::root(), |path, name| {
        let key = steps.next().filter(|step| step.name == *name).and_then(|step| step.key.clone());
        path.child(name, key)
    });
    ResourceAddr {
        module,
        mode: block.mode,
        type_name: block.type_name.clone(),
        name: block.name.clone(),
        key: of.key.clone(),
    }
}

/// How many calls on the way to a block are those on the way to a module instance.
pub(crate) fn shared(module: &ModulePath, block: &ConfigAddr) -> usize {
    module.steps().iter().zip(block.module.names()).take_while(|(step, name)| step.name == **name).count()
}

/// Those of a sorted list that lie inside the module instance at `steps`.
pub(crate) fn within<'l, 'i>(sorted: &'l [&'i ResourceAddr], steps: &[ModuleStep]) -> &'l [&'i ResourceAddr] {
    if steps.is_empty() {
        return sorted;
    }
    let start = sorted.partition_point(|address| head(address, steps.len()) < steps);
    let end = sorted.partition_point(|address| head(address, steps.len()) <= steps);
    sorted.get(start..end).unwrap_or_default()
}

/// The outermost calls on the way to an instance.
fn head(address: &ResourceAddr, length: usize) -> &[ModuleStep] {
    let steps = address.module.steps();
    steps.get(..length).unwrap_or(steps)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tidelock_parse::AttrPath;

    use super::*;
    use crate::graph::Through;

    fn addresses(list: &[&str]) -> Vec<ResourceAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            graph.add(&from.parse().unwrap(), Through::Order, &to.parse().unwrap(), AttrPath::root());
        }
        graph
    }

    fn reached(graph: &Graph, source: &str, all: &[ResourceAddr]) -> Vec<String> {
        let source = source.parse().unwrap();
        let reached = graph.reached(&[&source], &graph.by_block(all.iter()));
        let sorted: BTreeSet<&ResourceAddr> = reached.into_iter().collect();
        sorted.into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_depends_is_found_through_others_and_round_circles() {
        let graph = graph(&[("a.b", "a.a"), ("a.c", "a.b"), ("a.a", "a.c"), ("a.x", "a.y")]);
        let all = addresses(&["a.a", "a.b[0]", "a.b[1]", "a.c", "a.x"]);
        assert_eq!(reached(&graph, "a.a", &all), ["a.a", "a.b[0]", "a.b[1]", "a.c"]);
    }

    #[test]
    fn instances_of_a_module_do_not_reach_each_other() {
        let graph =
            graph(&[("module.m.a.b", "module.m.a.a"), ("a.out", "module.m.a.b"), ("module.m.a.z", "a.out")]);
        let all =
            addresses(&["module.m[0].a.b", "module.m[1].a.b", "a.out", "module.m[0].a.z", "module.m[1].a.z"]);
        assert_eq!(
            reached(&graph, "module.m[1].a.a", &all),
            ["a.out", "module.m[0].a.z", "module.m[1].a.b", "module.m[1].a.z"]
        );
    }

    #[test]
    fn a_list_is_cut_to_a_module_instance() {
        let all =
            addresses(&["module.m[0].a.b", "module.m[1].a.b[0]", "module.m[1].a.b[1]", "module.m[2].a.b"]);
        let list: Vec<&ResourceAddr> = all.iter().collect();
        assert_eq!(within(&list, all[1].module.steps()).len(), 2);
        assert_eq!(within(&list, &[]).len(), 4);
    }
}
