//! What refers to what: blocks of the configuration and the arguments through which they refer to each other.

mod plan_references;
pub(crate) mod reach;
mod view;

pub use view::{Focus, Link, Node, Via, View};

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

pub(crate) use plan_references::targets;

use petgraph::{
    graph::{DiGraph, NodeIndex},
    visit::{Bfs, IntoNeighbors, Reversed, VisitMap, Visitable},
};
use tidelock_parse::{AttrPath, ConfigAddr, Configuration, ResourceAddr, config, plan::PlanConfiguration};

use crate::report::Note;

/// A block refers to an attribute of another block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Through what it refers.
    pub through: Through,
    /// The block referred to, shared by all references to it.
    pub target: Arc<ConfigAddr>,
    /// The attribute referred to; root for the whole object.
    pub attribute: AttrPath,
}

/// The place of a reference inside its block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Through {
    /// An argument, by its path.
    Argument(AttrPath),
    /// `count` or `for_each`, of the block or of a module around it.
    Repetition,
    /// `replace_triggered_by`.
    Trigger,
    /// `depends_on`: order only.
    Order,
}

/// All references of a configuration. Cycles, which a broken configuration can have, are survived.
#[derive(Debug, Default)]
pub struct Graph {
    /// The block of each node and what it refers to; an edge leads from a block to what it refers to.
    order: DiGraph<Block, ()>,
    /// Looked up only; nothing depends on its order.
    nodes: HashMap<Arc<ConfigAddr>, NodeIndex>,
    is_cut: bool,
}

/// Most blocks of the sources whose references are followed. A module that is called a thousand times counts a thousand
/// times, so a few files can ask for millions.
const MAX_BLOCKS: usize = 100_000;

#[derive(Debug)]
struct Block {
    address: Arc<ConfigAddr>,
    references: BTreeSet<Edge>,
}

impl Graph {
    /// Everything that the sources say, and, for blocks that they lack (a file that does not parse, a module that is
    /// not there), what the plan says.
    pub fn of(sources: Option<&Configuration>, plan: &PlanConfiguration) -> Self {
        let mut graph = Self::default();
        if let Some(sources) = sources {
            graph.is_cut = sources.resources().nth(MAX_BLOCKS).is_some();
            for (block, _) in sources.resources().take(MAX_BLOCKS) {
                for reference in sources.references(&block) {
                    let through = match reference.via {
                        config::Via::Argument => Through::Argument(reference.from),
                        config::Via::Repetition => Through::Repetition,
                        config::Via::ReplaceTriggeredBy => Through::Trigger,
                        _ => Through::Order,
                    };
                    graph.add(&block, through, &reference.to, reference.path);
                }
            }
        }
        graph.add_from_plan(plan, |block| sources.is_none_or(|sources| sources.resource(block).is_none()));
        graph
    }

    /// What is to be remarked about it: that it is not whole.
    pub fn note(&self) -> Option<Note> {
        self.is_cut.then(|| Note {
            code: "graph::left_out",
            message: format!(
                "the sources declare more than {MAX_BLOCKS} blocks, counted for each call of their module: what the others refer to is not followed"
            ),
        })
    }

    /// Adds a reference from `block` to an attribute of `target`; root for the whole object.
    pub fn add(&mut self, block: &ConfigAddr, through: Through, target: &ConfigAddr, attribute: AttrPath) {
        let (from, to) = (self.node(block), self.node(target));
        self.link(from, through, to, attribute);
    }

    fn link(&mut self, from: NodeIndex, through: Through, to: NodeIndex, attribute: AttrPath) {
        self.order.update_edge(from, to, ());
        let Some(target) = self.order.node_weight(to).map(|block| Arc::clone(&block.address)) else { return };
        if let Some(block) = self.order.node_weight_mut(from) {
            block.references.insert(Edge { through, target, attribute });
        }
    }

    fn node(&mut self, block: &ConfigAddr) -> NodeIndex {
        if let Some(node) = self.nodes.get(block) {
            return *node;
        }
        let address = Arc::new(block.clone());
        let node = self.order.add_node(Block { address: Arc::clone(&address), references: BTreeSet::new() });
        self.nodes.insert(address, node);
        node
    }

    fn address(&self, node: NodeIndex) -> Option<&ConfigAddr> {
        self.order.node_weight(node).map(|block| &*block.address)
    }

    /// What `block` refers to.
    pub fn references(&self, block: &ConfigAddr) -> impl Iterator<Item = &Edge> {
        let node = self.nodes.get(block).and_then(|node| self.order.node_weight(*node));
        node.into_iter().flat_map(|block| &block.references)
    }

    /// The blocks that depend on `block`, directly or not; without itself.
    pub fn dependents(&self, block: &ConfigAddr) -> BTreeSet<&ConfigAddr> {
        self.walk(block, Reversed(&self.order))
    }

    /// The blocks that `block` depends on, directly or not; without itself.
    pub fn dependencies(&self, block: &ConfigAddr) -> BTreeSet<&ConfigAddr> {
        self.walk(block, &self.order)
    }

    /// Everything that can be reached from `block` along `order`.
    fn walk<'g, G>(&'g self, block: &ConfigAddr, order: G) -> BTreeSet<&'g ConfigAddr>
    where
        G: IntoNeighbors<NodeId = NodeIndex> + Visitable + Copy,
        G::Map: VisitMap<NodeIndex>,
    {
        let Some(start) = self.nodes.get(block) else { return BTreeSet::new() };
        let mut walk = Bfs::new(order, *start);
        let mut found = BTreeSet::new();
        while let Some(node) = walk.next(order) {
            if node != *start {
                found.extend(self.address(node));
            }
        }
        found
    }

    /// Follows references from where `start` points, as long as `visit` asks for more.
    ///
    /// `visit` sees each attribute of each block once and returns the references to follow from there.
    pub fn follow<'g>(
        &'g self,
        start: impl IntoIterator<Item = &'g Edge>,
        mut visit: impl FnMut(&'g ConfigAddr, &'g AttrPath) -> Vec<&'g Edge>,
    ) {
        let mut seen = BTreeSet::new();
        let mut open: VecDeque<&Edge> = start.into_iter().collect();
        while let Some(edge) = open.pop_front() {
            if seen.insert((&*edge.target, &edge.attribute)) {
                open.extend(visit(&edge.target, &edge.attribute));
            }
        }
    }
}

/// Whether two instances can see each other: where they share module calls, the instances of those are the same.
pub fn are_related(a: &ResourceAddr, b: &ResourceAddr) -> bool {
    for (step, other) in a.module.steps().iter().zip(b.module.steps()) {
        if step.name != other.name {
            return true;
        }
        if step.key != other.key {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn block(text: &str) -> ConfigAddr {
        text.parse().unwrap()
    }

    fn add(graph: &mut Graph, from: &str, through: Through, to: &str) {
        graph.add(&block(from), through, &block(to), AttrPath::root());
    }

    #[test]
    fn dependents_are_transitive_and_survive_cycles() {
        let mut graph = Graph::default();
        add(&mut graph, "a.b", Through::Order, "a.a");
        add(&mut graph, "a.c", Through::Repetition, "a.b");
        add(&mut graph, "a.a", Through::Order, "a.c");
        let found: Vec<String> = graph.dependents(&block("a.a")).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["a.b", "a.c"]);
        assert!(graph.dependents(&block("x.y")).is_empty());
    }

    #[test]
    fn a_module_that_is_called_too_often_is_followed_in_part_and_that_is_said() {
        let calls = |count: usize| -> Graph {
            let calls: Vec<String> =
                (0..count).map(|at| format!("module \"m{at}\" {{ source = \"./m\" }}\n")).collect();
            let blocks: Vec<String> =
                (0..250).map(|at| format!("resource \"x_y\" \"r{at}\" {{}}\n")).collect();
            let (calls, blocks) = (calls.concat(), blocks.concat());
            let tree = config::MemoryTree::from([("main.tf", calls), ("m/main.tf", blocks)]);
            Graph::of(Some(&Configuration::load(&tree, &BTreeMap::new())), &PlanConfiguration::default())
        };
        assert!(calls(3).note().is_none());
        assert!(calls(401).note().is_some_and(|note| note.message.contains("100000 blocks")));
    }

    #[test]
    fn following_visits_each_attribute_once() {
        let mut graph = Graph::default();
        add(&mut graph, "a.a", Through::Trigger, "a.b");
        add(&mut graph, "a.b", Through::Trigger, "a.a");
        let mut visits = 0;
        graph.follow(graph.references(&block("a.a")), |addr, _| {
            visits += 1;
            graph.references(addr).collect()
        });
        assert_eq!(visits, 2);
    }

    #[test]
    fn instances_of_one_module_call_do_not_see_each_other() {
        let addr = |text: &str| text.parse::<ResourceAddr>().unwrap();
        assert!(are_related(&addr(r#"module.m["a"].x.y"#), &addr(r#"module.m["a"].x.z"#)));
        assert!(!are_related(&addr(r#"module.m["a"].x.y"#), &addr(r#"module.m["b"].x.z"#)));
        assert!(are_related(&addr(r#"module.m["a"].x.y"#), &addr("module.n[0].x.z")));
        assert!(are_related(&addr("x.y"), &addr(r#"module.m["b"].x.z"#)));
    }
}
