//! The reference graph as far as plan JSON tells it: without locals and lifecycle settings.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use tidelock_parse::{
    AttrPath, ConfigAddr, ConfigModulePath, Mode, Step,
    plan::{PlanConfiguration, PlanExpressions},
};

use super::{Graph, Through};

impl Graph {
    /// Adds what section `configuration` of a plan says of the blocks that are `wanted`.
    pub fn add_from_plan(&mut self, configuration: &PlanConfiguration, wanted: impl Fn(&ConfigAddr) -> bool) {
        let decoded = RefCell::default();
        for (path, module) in configuration.modules() {
            let scope = Scope { configuration, module: path, decoded: &decoded };
            for (block, resource) in module.resources.iter().filter(|(block, _)| wanted(block)) {
                let from = self.node(block);
                let mut add = |through: Through, reference: &str| {
                    for (target, attribute) in scope.resolve(reference) {
                        let to = self.node(&target);
                        self.link(from, through.clone(), to, attribute);
                    }
                };
                for (at, reference) in telling(resource.expressions.references()) {
                    add(Through::Argument(at), &reference);
                }
                for (_, reference) in telling(resource.repetition.references()) {
                    add(Through::Repetition, &reference);
                }
                for reference in &resource.depends_on {
                    add(Through::Order, reference);
                }
            }
        }
    }
}

/// Plan JSON lists behind each reference its shorter prefixes, down to the object; these say nothing more.
fn telling(references: Vec<(AttrPath, String)>) -> Vec<(AttrPath, String)> {
    let mut kept: Vec<(AttrPath, String)> = Vec::new();
    let mut last = String::new();
    for (at, reference) in references {
        let shorter = kept.last().is_some_and(|(kept, _)| *kept == at)
            && last.strip_prefix(&*reference).is_some_and(|rest| rest.starts_with(['.', '[']));
        last.clone_from(&reference);
        if !shorter {
            kept.push((at, reference));
        }
    }
    kept
}

/// The blocks that references written in a module end at, through variables and outputs of modules.
pub(crate) fn targets(
    configuration: &PlanConfiguration,
    module: &ConfigModulePath,
    expressions: &PlanExpressions,
) -> BTreeSet<ConfigAddr> {
    let decoded = RefCell::default();
    let scope = Scope { configuration, module, decoded: &decoded };
    let references = expressions.references();
    references.iter().flat_map(|(_, reference)| scope.resolve(reference)).map(|(block, _)| block).collect()
}

#[derive(Clone, Copy)]
struct Scope<'c> {
    configuration: &'c PlanConfiguration,
    module: &'c ConfigModulePath,
    /// References of the module calls that were looked at, by the path of the module they call.
    decoded: &'c RefCell<BTreeMap<ConfigModulePath, References>>,
}

/// References with the arguments that hold them.
type References = Rc<[(AttrPath, String)]>;

type Target = (ConfigAddr, AttrPath);

/// Something that a reference names and that refers further.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// A variable of the module at this path.
    Variable(ConfigModulePath, Box<str>),
    /// An output of the module at this path.
    Output(ConfigModulePath, Box<str>),
}

impl Scope<'_> {
    /// The blocks that a reference ends at, through variables and outputs of modules.
    ///
    /// Each of these is followed once, so neither a circle nor a fan of names costs more than their number.
    fn resolve(self, reference: &str) -> BTreeSet<Target> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(ConfigModulePath, String)> = vec![(self.module.clone(), reference.to_owned())];
        while let Some((module, reference)) = open.pop() {
            let scope = Scope { module: &module, ..self };
            match scope.name(&reference) {
                Ok(name) => {
                    if !seen.contains(&name) {
                        open.extend(self.expand(&name));
                        seen.insert(name);
                    }
                }
                Err(target) => found.extend(target),
            }
        }
        found
    }

    /// What a reference names; otherwise the block it is, if it is one.
    fn name(&self, reference: &str) -> Result<Name, Option<Target>> {
        let mut names = reference.split('.');
        match (names.next(), names.next(), names.next()) {
            (Some("var"), Some(name), _) => Ok(Name::Variable(self.module.clone(), bare(name).into())),
            (Some("module"), Some(call), Some(output)) => {
                Ok(Name::Output(self.module.child(bare(call)), bare(output).into()))
            }
            (Some("each" | "count" | "local" | "path" | "terraform" | "self" | "module"), ..) => Err(None),
            _ => Err(self.block(reference)),
        }
    }

    /// The references behind a name, each with the module it is written in.
    fn expand(&self, name: &Name) -> Vec<(ConfigModulePath, String)> {
        let module = |path: &ConfigModulePath| self.configuration.module(path);
        match name {
            Name::Variable(path, name) => {
                let (Some(parent), Some(call)) = (path.parent(), path.names().last()) else {
                    return Vec::new();
                };
                let references = self.arguments(&parent, call);
                let ours = references.iter().filter(|(path, _)| path.top() == Some(name));
                ours.map(|(_, reference)| (parent.clone(), reference.clone())).collect()
            }
            Name::Output(path, name) => {
                let output = module(path).and_then(|module| module.outputs.get(&**name));
                let references = output.map(PlanExpressions::references).unwrap_or_default();
                references.into_iter().map(|(_, reference)| (path.clone(), reference)).collect()
            }
        }
    }

    /// The references of a module call, decoded once: every variable of the module asks for them.
    fn arguments(&self, caller: &ConfigModulePath, call: &str) -> References {
        let mut decoded = self.decoded.borrow_mut();
        let arguments = decoded.entry(caller.child(call)).or_insert_with(|| {
            let call = self.configuration.module(caller).and_then(|module| module.calls.get(call));
            call.map(|call| call.expressions.references()).unwrap_or_default().into()
        });
        Rc::clone(arguments)
    }

    /// `aws_vpc.main[0].id`, `data.x.y.z`: the block and the attribute behind it.
    fn block(&self, reference: &str) -> Option<Target> {
        let (mode, rest) = if let Some(rest) = reference.strip_prefix("data.") {
            (Mode::Data, rest)
        } else if let Some(rest) = reference.strip_prefix("ephemeral.") {
            (Mode::Ephemeral, rest)
        } else {
            (Mode::Managed, reference)
        };
        let (type_name, rest) = rest.split_once('.')?;
        let (name, rest) = rest.split_at_checked(rest.find(['.', '[']).unwrap_or(rest.len()))?;
        let addr =
            ConfigAddr { module: self.module.clone(), mode, type_name: type_name.into(), name: name.into() };
        self.configuration.resource(&addr)?;
        Some((addr, attribute(rest)))
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

#[cfg(test)]
mod tests {
    use tidelock_parse::{Plan, Source};

    use super::*;

    fn graph(modules: &str) -> Graph {
        let text = format!(r#"{{"format_version":"1.2","configuration":{{"root_module":{modules}}}}}"#);
        let plan = Plan::from_source(&Source::new("x", text.into_bytes())).unwrap();
        let mut graph = Graph::default();
        graph.add_from_plan(&plan.configuration().unwrap(), |_| true);
        graph
    }

    fn edges_of(graph: &Graph, block: &str) -> Vec<String> {
        let block = block.parse().unwrap();
        let edges = graph.references(&block);
        edges.map(|edge| format!("{} {}", edge.target, edge.attribute)).collect()
    }

    #[test]
    fn shorter_prefixes_of_a_reference_are_left_out_and_the_whole_object_is_kept() {
        let user = |references: &str| {
            format!(
                r#"{{"mode":"managed","type":"t","name":"b","expressions":{{"x":{{"references":[{references}]}}}}}}"#
            )
        };
        let of = |references: &str| {
            edges_of(&graph(&format!(r#"{{"resources":[{A},{}]}}"#, user(references))), "t.b")
        };
        assert_eq!(of(r#""t.a[0].id","t.a[0]","t.a""#), ["t.a id"]);
        assert_eq!(of(r#""t.a.id","t.a","t.a""#), ["t.a ", "t.a id"]);
        assert_eq!(of(r#""t.a[\"x.y\"].id","t.a[\"x.y\"]","t.a""#), ["t.a id"]);
    }

    const A: &str = r#"{"mode":"managed","type":"t","name":"a"}"#;

    #[test]
    fn references_are_followed_through_modules() {
        let user = |reference: &str| {
            format!(
                r#"{{"mode":"managed","type":"t","name":"b","expressions":{{"x":{{"references":["{reference}"]}}}}}}"#
            )
        };
        let inner = format!(
            r#"{{"resources":[{}],"outputs":{{"o":{{"expression":{{"references":["var.v"]}}}}}}}}"#,
            user("var.v.deep")
        );
        let call = format!(r#"{{"expressions":{{"v":{{"references":["t.a.id"]}}}},"module":{inner}}}"#);
        let graph =
            graph(&format!(r#"{{"resources":[{A},{}],"module_calls":{{"m":{call}}}}}"#, user("module.m.o")));
        assert_eq!(edges_of(&graph, "t.b"), ["t.a id"]);
        assert_eq!(edges_of(&graph, "module.m.t.b"), ["t.a id"]);
    }

    #[test]
    fn a_fan_of_outputs_costs_no_more_than_their_number() {
        // Each of 40 nested modules has two outputs, each of which refers to both of the next: 2^40 ways.
        let mut module = format!(r#"{{"resources":[{A}],"outputs":{{"p":{{}},"q":{{}}}}}}"#);
        for _ in 0..40 {
            let both = r#"{"expression":{"references":["module.m.p","module.m.q"]}}"#;
            module = format!(
                r#"{{"outputs":{{"p":{both},"q":{both}}},"module_calls":{{"m":{{"module":{module}}}}}}}"#
            );
        }
        let user = r#"{"mode":"managed","type":"t","name":"b","expressions":{"x":{"references":["module.m.p","t.a"]}}}"#;
        let root = format!(r#"{{"resources":[{A},{user}],"module_calls":{{"m":{{"module":{module}}}}}}}"#);
        assert_eq!(edges_of(&graph(&root), "t.b"), ["t.a "]);
    }
}
