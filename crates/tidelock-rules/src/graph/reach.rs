//! Which instances depend on some others, directly or not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::{Direction, graph::NodeIndex};
use tidelock_parse::{ConfigAddr, InstanceKey, ModulePath, ModuleStep, ResourceAddr};

use super::Graph;

/// Instances by the block that declares them, each list sorted.
pub(crate) type ByBlock<'i> = BTreeMap<ConfigAddr, Vec<&'i ResourceAddr>>;

impl Graph {
    /// The blocks that depend on any of these, directly or not; those of the sources only if one depends on another.
    pub(crate) fn dependents_of_any<'g>(
        &'g self,
        sources: impl IntoIterator<Item = &'g ConfigAddr>,
    ) -> BTreeSet<&'g ConfigAddr> {
        let mut open: Vec<NodeIndex> =
            sources.into_iter().filter_map(|block| self.nodes.get(block)).copied().collect();
        let mut seen = BTreeSet::new();
        while let Some(node) = open.pop() {
            for user in self.order.neighbors_directed(node, Direction::Incoming) {
                if seen.insert(user) {
                    open.push(user);
                }
            }
        }
        seen.into_iter().filter_map(|node| self.order.node_weight(node)).collect()
    }

    /// The instances of `instances` that depend on any of the sources, directly or not. An instance of a module sees
    /// only what its own instance of the module holds, and what stands outside.
    ///
    /// The cost follows the number of instances and references, however many sources there are.
    pub(crate) fn reached<'i>(
        &self,
        sources: &[&ResourceAddr],
        instances: &ByBlock<'i>,
    ) -> BTreeSet<&'i ResourceAddr> {
        let mut found = BTreeSet::new();
        let mut seen: BTreeSet<(NodeIndex, Vec<Option<InstanceKey>>)> = BTreeSet::new();
        let mut queued: BTreeSet<(NodeIndex, &ModulePath)> = BTreeSet::new();
        let mut open: VecDeque<(NodeIndex, &ModulePath)> = VecDeque::new();
        for source in sources {
            let Some(node) = self.nodes.get(&source.config()) else { continue };
            if queued.insert((*node, &source.module)) {
                open.push_back((*node, &source.module));
            }
        }
        while let Some((node, module)) = open.pop_front() {
            for user in self.order.neighbors_directed(node, Direction::Incoming) {
                let Some(block) = self.order.node_weight(user) else { continue };
                let shared = shared(module, block);
                let keys = module.steps().iter().take(shared).map(|step| step.key.clone()).collect();
                if !seen.insert((user, keys)) {
                    continue;
                }
                let users = instances.get(block).map(Vec::as_slice).unwrap_or_default();
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
    let head = |address: &ResourceAddr| address.module.steps().get(..steps.len()).map(<[ModuleStep]>::to_vec);
    let start = sorted.partition_point(|address| head(address).as_deref() < Some(steps));
    let end = sorted.partition_point(|address| head(address).as_deref() <= Some(steps));
    sorted.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tidelock_parse::AttrPath;

    use super::*;
    use crate::graph::{Edge, Through};

    fn addresses(list: &[&str]) -> Vec<ResourceAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn by_block(list: &[ResourceAddr]) -> ByBlock<'_> {
        let mut found = ByBlock::new();
        for address in list {
            found.entry(address.config()).or_default().push(address);
        }
        found.values_mut().for_each(|list| list.sort());
        found
    }

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            let edge =
                Edge { through: Through::Order, target: to.parse().unwrap(), attribute: AttrPath::root() };
            graph.add(&from.parse().unwrap(), edge);
        }
        graph
    }

    fn reached(graph: &Graph, source: &str, all: &[ResourceAddr]) -> Vec<String> {
        let source = source.parse().unwrap();
        graph.reached(&[&source], &by_block(all)).iter().map(ToString::to_string).collect()
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
