//! The graph of a plan's instances, for people to look at.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::Serialize;
use tidelock_parse::{
    Action, ActionReason, ConfigAddr, Mode, ModulePath, Plan, ResourceAddr, address::AddrError,
};

use super::{
    Graph, Through,
    reach::{shared, twin, within},
};

/// Edges of one graph. Beyond that nobody can look at it, and it says that it was cut.
const MOST_EDGES: usize = 1_000_000;

/// The instances of a plan and what they refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct View {
    /// The instances, sorted by address, then deposed key.
    pub nodes: Vec<Node>,
    /// The references, sorted.
    pub edges: Vec<Link>,
    /// Whether edges are left out, because there are more than anybody can look at.
    pub truncated: bool,
}

/// One instance, deposed object, or data source that is read during apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Node {
    /// Where it is.
    pub address: ResourceAddr,
    /// Key of a deposed object.
    pub deposed: Option<String>,
    /// What the plan does to it.
    pub actions: Action,
    /// Why, in the plan's words.
    pub action_reason: Option<ActionReason>,
    /// Whether it is what the graph was asked about.
    pub focus: bool,
}

impl Node {
    /// A current instance that nobody asked about.
    pub fn new(address: ResourceAddr, actions: Action) -> Self {
        Self { address, deposed: None, actions, action_reason: None, focus: false }
    }
}

/// One instance refers to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Link {
    /// The instance that refers, by position in [`View::nodes`].
    pub from: usize,
    /// The instance it refers to, by position.
    pub to: usize,
    /// Through what, the strongest if there are several.
    pub through: Via,
}

/// Through what one instance refers to another, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Via {
    /// An argument.
    Argument,
    /// `replace_triggered_by`.
    Trigger,
    /// `count` or `for_each`.
    Repetition,
    /// `depends_on`.
    Order,
}

impl From<&Through> for Via {
    fn from(through: &Through) -> Self {
        match through {
            Through::Argument(_) => Self::Argument,
            Through::Trigger => Self::Trigger,
            Through::Repetition => Self::Repetition,
            Through::Order => Self::Order,
        }
    }
}

/// What a graph is asked about: an instance, all instances of a block, or a module with all in it.
///
/// ```
/// # use tidelock_rules::graph::Focus;
/// let focus: Focus = "module.net[\"eu\"]".parse().unwrap();
/// assert!(focus.is_on(&"module.net[\"eu\"].aws_subnet.a[0]".parse().unwrap()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Focus {
    /// An instance; without a key all instances of the block.
    Resource(ResourceAddr),
    /// A module instance; where the last call has no key, all its instances.
    Module(ModulePath),
}

impl fmt::Display for Focus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(address) => address.fmt(f),
            Self::Module(module) => module.fmt(f),
        }
    }
}

impl FromStr for Focus {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        match text.parse::<ModulePath>() {
            Ok(module) if !module.is_root() => Ok(Self::Module(module)),
            _ => text.parse().map(Self::Resource),
        }
    }
}

impl Focus {
    /// Whether an instance is asked about.
    pub fn is_on(&self, address: &ResourceAddr) -> bool {
        match self {
            Self::Resource(wanted) => {
                wanted == address
                    || (wanted.key.is_none() && ResourceAddr { key: None, ..address.clone() } == *wanted)
            }
            Self::Module(module) => {
                let (wanted, steps) = (module.steps(), address.module.steps());
                wanted.len() <= steps.len()
                    && wanted.iter().zip(steps).all(|(wanted, step)| {
                        wanted.name == step.name && (wanted.key.is_none() || wanted.key == step.key)
                    })
            }
        }
    }
}

impl View {
    /// The instances that a plan lists, with the references of `graph` between them.
    ///
    /// A configuration says which block refers to which. Where both are repeated over the same keys, an instance is
    /// taken to refer to its twin; otherwise to every instance that it can see. Data sources that were read while
    /// planning are no instances; references lead through them.
    pub fn new(plan: &Plan, graph: &Graph) -> Self {
        let entries = if plan.has_changes() { plan.changes() } else { plan.drift() };
        let mut nodes: Vec<Node> = entries
            .iter()
            .map(|change| {
                let actions = if plan.has_changes() { change.action.clone() } else { Action::NoOp };
                Node {
                    deposed: change.deposed.as_deref().map(ToOwned::to_owned),
                    action_reason: change.action_reason.clone(),
                    ..Node::new(change.address.clone(), actions)
                }
            })
            .collect();
        nodes.sort_unstable_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
        let (edges, truncated) = Links::new(&nodes, graph).all();
        Self { nodes, edges, truncated }
    }

    /// What is asked about, all that it depends on, and all that depends on it.
    #[must_use]
    pub fn focused(mut self, focus: &Focus) -> Self {
        for node in &mut self.nodes {
            node.focus = focus.is_on(&node.address);
        }
        let starts: Vec<usize> =
            (0..).zip(&self.nodes).filter(|(_, node)| node.focus).map(|(at, _)| at).collect();
        let mut kept: BTreeSet<usize> = reach(&starts, self.edges.iter().map(|link| (link.from, link.to)));
        kept.extend(reach(&starts, self.edges.iter().map(|link| (link.to, link.from))));
        let place: BTreeMap<usize, usize> = kept.iter().copied().zip(0..).collect();
        let edges = self.edges.iter().filter_map(|link| {
            Some(Link { from: *place.get(&link.from)?, to: *place.get(&link.to)?, ..*link })
        });
        let edges = edges.collect();
        let nodes = (0..).zip(self.nodes).filter(|(at, _)| kept.contains(at)).map(|(_, node)| node).collect();
        Self { nodes, edges, truncated: self.truncated }
    }
}

/// Everything that can be reached along the edges, the starts included.
fn reach(starts: &[usize], edges: impl Iterator<Item = (usize, usize)>) -> BTreeSet<usize> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(from).or_default().push(to);
    }
    let mut seen: BTreeSet<usize> = starts.iter().copied().collect();
    let mut open = starts.to_vec();
    while let Some(at) = open.pop() {
        open.extend(next.get(&at).into_iter().flatten().filter(|to| seen.insert(**to)));
    }
    seen
}

/// Finds the references between instances.
struct Links<'v> {
    graph: &'v Graph,
    at: BTreeMap<&'v ResourceAddr, usize>,
    by_block: BTreeMap<ConfigAddr, Vec<&'v ResourceAddr>>,
}

impl<'v> Links<'v> {
    fn new(nodes: &'v [Node], graph: &'v Graph) -> Self {
        let current = (0..).zip(nodes).filter(|(_, node)| node.deposed.is_none());
        let at: BTreeMap<&ResourceAddr, usize> = current.map(|(at, node)| (&node.address, at)).collect();
        let mut by_block: BTreeMap<ConfigAddr, Vec<&ResourceAddr>> = BTreeMap::new();
        for address in at.keys() {
            by_block.entry(address.config()).or_default().push(address);
        }
        Self { graph, at, by_block }
    }

    fn all(&self) -> (Vec<Link>, bool) {
        let mut found: BTreeMap<(usize, usize), Via> = BTreeMap::new();
        for (block, instances) in &self.by_block {
            for (target, through) in self.targets(block) {
                for address in instances {
                    let Some(from) = self.at.get(address) else { continue };
                    for to in self.seen_from(address, target) {
                        let strongest = found.entry((*from, to)).or_insert(through);
                        *strongest = through.min(*strongest);
                    }
                }
                if found.len() > MOST_EDGES {
                    return (links(found), true);
                }
            }
        }
        (links(found), false)
    }

    /// The blocks with instances that a block refers to, through data sources that have none.
    fn targets(&self, block: &'v ConfigAddr) -> BTreeMap<&'v ConfigAddr, Via> {
        let mut found: BTreeMap<&ConfigAddr, Via> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(&ConfigAddr, Via)> =
            self.graph.references(block).map(|edge| (&*edge.target, Via::from(&edge.through))).collect();
        while let Some((target, through)) = open.pop() {
            if self.by_block.contains_key(target) {
                let strongest = found.entry(target).or_insert(through);
                *strongest = through.min(*strongest);
            } else if target.mode == Mode::Data && seen.insert((target, through)) {
                open.extend(self.graph.references(target).map(|edge| (&*edge.target, through)));
            }
        }
        found
    }

    /// The instances of a block that an instance refers to: its twin, or all that it can see.
    fn seen_from(&self, address: &ResourceAddr, target: &ConfigAddr) -> Vec<usize> {
        let instances = self.by_block.get(target).map(Vec::as_slice).unwrap_or_default();
        let steps = address.module.steps().get(..shared(&address.module, target)).unwrap_or_default();
        let seen = within(instances, steps);
        let position = |other: &ResourceAddr| self.at.get(other).copied();
        if let (Some(_), [_, _, ..]) = (&address.key, seen)
            && let Some(twin) = position(&twin(address, target))
        {
            return vec![twin];
        }
        seen.iter().filter(|other| **other != address).filter_map(|other| position(other)).collect()
    }
}

fn links(found: BTreeMap<(usize, usize), Via>) -> Vec<Link> {
    let links = found.into_iter().take(MOST_EDGES);
    links.map(|((from, to), through)| Link { from, to, through }).collect()
}

#[cfg(test)]
mod tests {
    use tidelock_parse::Source;

    use super::*;

    /// A plan over these addresses, and its graph over these references, each from a block to another.
    fn view(addresses: &[&str], references: &[(&str, &str)]) -> View {
        let changes: Vec<String> = addresses
            .iter()
            .map(|address| {
                let address = address.replace('"', "\\\"");
                format!(r#"{{"address":"{address}","change":{{"actions":["update"],"before":{{}},"after":{{}}}}}}"#)
            })
            .collect();
        let text = format!(r#"{{"format_version":"1.2","resource_changes":[{}]}}"#, changes.join(","));
        let plan = Plan::from_source(&Source::new("x", text)).unwrap();
        let mut graph = Graph::default();
        for (from, to) in references {
            let through = Through::Argument("a".parse().unwrap());
            graph.add(&from.parse().unwrap(), through, &to.parse().unwrap(), "id".parse().unwrap());
        }
        View::new(&plan, &graph)
    }

    fn pairs(view: &View) -> Vec<String> {
        let name = |at: usize| view.nodes[at].address.to_string();
        view.edges.iter().map(|link| format!("{} > {}", name(link.from), name(link.to))).collect()
    }

    #[test]
    fn instances_over_the_same_keys_refer_to_their_twins() {
        let view = view(&["a.x[0]", "a.x[1]", "a.y[0]", "a.y[1]", "a.z"], &[("a.y", "a.x"), ("a.z", "a.y")]);
        assert_eq!(pairs(&view), ["a.y[0] > a.x[0]", "a.y[1] > a.x[1]", "a.z > a.y[0]", "a.z > a.y[1]"]);
    }

    #[test]
    fn instances_of_a_module_stay_among_themselves() {
        let all =
            [r#"module.m["a"].t.x"#, r#"module.m["a"].t.y"#, r#"module.m["b"].t.x"#, r#"module.m["b"].t.y"#];
        let view = view(&all, &[("module.m.t.y", "module.m.t.x")]);
        assert_eq!(
            pairs(&view),
            [r#"module.m["a"].t.y > module.m["a"].t.x"#, r#"module.m["b"].t.y > module.m["b"].t.x"#]
        );
    }

    #[test]
    fn references_lead_through_data_sources_that_were_read() {
        let through = [("a.y", "data.d.d"), ("data.d.d", "a.x")];
        assert_eq!(pairs(&view(&["a.x", "a.y"], &through)), ["a.y > a.x"]);
        let read = view(&["a.x", "a.y", "data.d.d"], &through);
        assert_eq!(pairs(&read), ["a.y > data.d.d", "data.d.d > a.x"]);
    }

    #[test]
    fn a_focus_keeps_both_directions_and_nothing_beside() {
        let references = [("a.b", "a.a"), ("a.c", "a.b"), ("a.d", "a.a"), ("a.c", "a.e")];
        let view = view(&["a.a", "a.b", "a.c", "a.d", "a.e"], &references).focused(&"a.b".parse().unwrap());
        let names: Vec<_> = view.nodes.iter().map(|node| (node.address.to_string(), node.focus)).collect();
        assert_eq!(names, [("a.a".to_owned(), false), ("a.b".to_owned(), true), ("a.c".to_owned(), false)]);
        assert_eq!(pairs(&view), ["a.b > a.a", "a.c > a.b"]);
    }

    #[test]
    fn a_focus_is_an_instance_a_block_or_a_module() {
        let on =
            |focus: &str, address: &str| focus.parse::<Focus>().unwrap().is_on(&address.parse().unwrap());
        assert!(on("a.b", "a.b[3]") && on("a.b[3]", "a.b[3]") && !on("a.b[3]", "a.b[4]"));
        assert!(on("module.m", "module.m[0].module.n.a.b") && !on("module.m[1]", "module.m[0].a.b"));
        assert!("a".parse::<Focus>().is_err());
    }
}
