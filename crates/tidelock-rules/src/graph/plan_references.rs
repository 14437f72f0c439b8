//! The reference graph as far as plan JSON tells it: without locals and lifecycle settings.

use tidelock_parse::{
    AttrPath, ConfigAddr, ConfigModulePath, ResourceAddr, Step,
    plan::{PlanConfiguration, PlanExpressions},
};

use super::{Edge, Graph, Through};

/// Steps through variables and outputs of modules; a broken plan could send us in circles.
const MAX_HOPS: usize = 32;

/// Builds the graph from section `configuration` of a plan.
pub fn from_plan(configuration: &PlanConfiguration) -> Graph {
    let mut graph = Graph::default();
    for (path, module) in configuration.modules() {
        let scope = Scope { configuration, module: path };
        for (block, resource) in &module.resources {
            let mut add = |through: &dyn Fn(&AttrPath) -> Through, expressions: &PlanExpressions| {
                for (at, reference) in expressions.references() {
                    for (target, attribute) in scope.resolve(&reference, MAX_HOPS) {
                        graph.add(block, Edge { through: through(&at), target, attribute });
                    }
                }
            };
            add(&|at| Through::Argument(at.clone()), &resource.expressions);
            add(&|_| Through::Repetition, &resource.repetition);
            for reference in &resource.depends_on {
                for (target, attribute) in scope.resolve(reference, MAX_HOPS) {
                    graph.add(block, Edge { through: Through::Order, target, attribute });
                }
            }
        }
    }
    graph
}

struct Scope<'c> {
    configuration: &'c PlanConfiguration,
    module: &'c ConfigModulePath,
}

type Target = (ConfigAddr, AttrPath);

impl Scope<'_> {
    /// The blocks that a reference ends at.
    fn resolve(&self, reference: &str, hops: usize) -> Vec<Target> {
        let Some(hops) = hops.checked_sub(1) else { return Vec::new() };
        let mut names = reference.split('.');
        match (names.next(), names.next(), names.next()) {
            (Some("var"), Some(name), _) => self.variable(name, hops),
            (Some("module"), Some(call), Some(output)) => self.output(bare(call), bare(output), hops),
            (Some("each" | "count" | "local" | "path" | "terraform" | "self" | "module"), ..) => Vec::new(),
            _ => self.block(reference).into_iter().collect(),
        }
    }

    fn variable(&self, name: &str, hops: usize) -> Vec<Target> {
        let (Some(parent), Some(call)) = (self.module.parent(), self.module.names().last()) else {
            return Vec::new();
        };
        let Some(call) = self.configuration.module(&parent).and_then(|module| module.calls.get(&**call))
        else {
            return Vec::new();
        };
        let scope = Scope { configuration: self.configuration, module: &parent };
        let references = call.expressions.references();
        let ours = references.into_iter().filter(|(path, _)| path.top() == Some(bare(name)));
        ours.flat_map(|(_, reference)| scope.resolve(&reference, hops)).collect()
    }

    fn output(&self, call: &str, output: &str, hops: usize) -> Vec<Target> {
        let path = self.module.child(call);
        let Some(module) = self.configuration.module(&path) else { return Vec::new() };
        let scope = Scope { configuration: self.configuration, module: &path };
        let references = module.outputs.get(output).map(PlanExpressions::references).unwrap_or_default();
        references.into_iter().flat_map(|(_, reference)| scope.resolve(&reference, hops)).collect()
    }

    /// `aws_vpc.main[0].id`, `data.x.y.z`: the block and the attribute behind it.
    fn block(&self, reference: &str) -> Option<Target> {
        // The longest start of the reference that is an address; what follows is the attribute.
        let ends = reference.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
        let mut cuts: Vec<usize> = ends.chain([reference.len()]).collect();
        cuts.reverse();
        cuts.iter().find_map(|cut| {
            let (start, rest) = reference.split_at_checked(*cut)?;
            let addr = start.parse::<ResourceAddr>().ok()?.config();
            let addr = ConfigAddr { module: self.module.clone(), ..addr };
            self.configuration.resource(&addr)?;
            Some((addr, attribute(rest)))
        })
    }
}

/// A name without an instance key.
fn bare(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// The attribute path behind an address; a leading key belongs to the instance.
fn attribute(rest: &str) -> AttrPath {
    let rest = match rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        Some((_, behind)) => behind,
        None => rest,
    };
    let path: AttrPath = rest.strip_prefix('.').and_then(|path| path.parse().ok()).unwrap_or_default();
    path.steps().iter().take_while(|step| !matches!(step, Step::Key(_))).cloned().collect()
}
