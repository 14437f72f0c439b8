//! Objects that the state forgot although they exist: what others still say about them.
//!
//! A state that lost an object looks like one that never had it. The dependencies that a plan's state lists do not
//! help: they are those of today's configuration, and blocks that had no instance are among them. What helps are values:
//! an argument that had one, that the plan does not know any more because it comes from an object about to be created,
//! and that occurs nowhere else in the state. Somebody made that value, and the state does not know who.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    AttrPath, ConfigAddr, ConfigModulePath, Mode, ResourceAddr, Value,
    state::{State, StateInstance},
};

use crate::{
    context::{Context, GivenState, Subject},
    graph::{self, Through},
    report::Related,
};

/// A block all of whose instances are about to be created although something still speaks of one of them.
pub(crate) struct Lost<'c> {
    /// Its instances, in order.
    pub(crate) instances: Vec<Subject<'c>>,
    /// Who speaks of it.
    pub(crate) witnesses: Vec<Witness>,
}

/// What still has a value of a lost object.
pub(crate) enum Witness {
    Argument(ResourceAddr, AttrPath),
    Output(String),
}

impl Witness {
    /// `records of aws_route53_record.a`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Argument(address, path) => format!("`{path}` of {address}"),
            Self::Output(name) => format!("the output `{name}`"),
        }
    }

    pub(crate) fn related(&self) -> Option<Related> {
        match self {
            Self::Argument(address, path) => Some(Related {
                address: address.clone(),
                depth: 1,
                role: Some(format!("`{path}` still has a value of it")),
            }),
            Self::Output(_) => None,
        }
    }
}

/// The blocks that the state lost, by address.
pub(crate) fn find<'c>(context: &Context<'c>) -> Vec<Lost<'c>> {
    let mut blocks = created(context);
    if blocks.is_empty() {
        return Vec::new();
    }
    let suspected = suspicions(context, &blocks);
    if suspected.is_empty() {
        return Vec::new();
    }
    let explanations = Explanations::new(context);
    let mut witnesses: BTreeMap<ConfigAddr, Vec<Witness>> = BTreeMap::new();
    for suspicion in suspected {
        let block = &suspicion.block;
        if suspicion.values.iter().any(|value| !explanations.explain(value, block))
            && explanations.agree(&suspicion)
        {
            witnesses.entry(suspicion.block).or_default().push(suspicion.witness);
        }
    }
    let lost = |(block, witnesses)| Some(Lost { instances: blocks.remove(&block)?, witnesses });
    witnesses.into_iter().filter_map(lost).collect()
}

/// Blocks of which the plan creates instances and none exists.
fn created<'c>(context: &Context<'c>) -> BTreeMap<ConfigAddr, Vec<Subject<'c>>> {
    let mut created: BTreeMap<ConfigAddr, Vec<Subject<'c>>> = BTreeMap::new();
    for subject in context.subjects() {
        let resource = subject.resource;
        if resource.actions.creates() && !resource.actions.is_replace() && resource.deposed.is_none() {
            created.entry(resource.address.config()).or_default().push(subject);
        }
    }
    // What was deleted outside is missing for a reason that the plan knows.
    created.retain(|_, instances| !instances.iter().any(Subject::is_gone));
    if created.is_empty() {
        return created;
    }
    let blocks: Vec<ConfigAddr> = created.keys().cloned().collect();
    let names: BTreeSet<(&str, &str)> =
        blocks.iter().map(|block| (&*block.type_name, &*block.name)).collect();
    let is_wanted = |address: &ResourceAddr| names.contains(&(&*address.type_name, &*address.name));
    for change in context.plan.changes() {
        let existed = !change.action.creates() || change.action.is_replace();
        if existed && is_wanted(&change.address) {
            created.remove(&change.address.config());
        }
        // What moved away left its old name to somebody else.
        if let Some(previous) = &change.previous_address {
            created.remove(&previous.config());
        }
    }
    created
}

/// Something that had values and now waits for a block that is about to be created.
struct Suspicion {
    block: ConfigAddr,
    values: Vec<String>,
    witness: Witness,
}

fn suspicions(context: &Context<'_>, created: &BTreeMap<ConfigAddr, Vec<Subject<'_>>>) -> Vec<Suspicion> {
    let mut found = Vec::new();
    for (subject, triple) in context.changed() {
        let (Some(before), Some(Some(after))) = (&triple.actual, &triple.desired) else { continue };
        let mut arguments: BTreeMap<&AttrPath, BTreeSet<&ConfigAddr>> = BTreeMap::new();
        for edge in context.graph.references(&subject.address().config()) {
            if let Through::Argument(path) = &edge.through {
                arguments.entry(path).or_default().insert(&edge.target);
            }
        }
        for (path, targets) in arguments {
            let Some(block) = targets.iter().find(|target| created.contains_key(**target)) else { continue };
            let (Some(old), Some(new)) = (before.get(path), after.get(path)) else { continue };
            // A text made of several things is nobody's value.
            if targets.len() > 1 && !matches!(old, Value::List(_)) {
                continue;
            }
            let values = lost_values(old, new);
            let witness = Witness::Argument(subject.address().clone(), path.clone());
            found.push(Suspicion { block: (*block).clone(), values, witness });
        }
    }
    found.extend(suspicious_outputs(context, created));
    found
}

fn suspicious_outputs(
    context: &Context<'_>,
    created: &BTreeMap<ConfigAddr, Vec<Subject<'_>>>,
) -> Vec<Suspicion> {
    let root = ConfigModulePath::root();
    let Some(module) = context.configuration().module(&root) else { return Vec::new() };
    let mut found = Vec::new();
    for output in context.plan.outputs().unwrap_or_default() {
        let (Some(old), Some(new)) = (&output.values.before, &output.values.after) else { continue };
        let Some(expressions) = module.outputs.get(&output.name) else { continue };
        let targets = graph::targets(context.configuration(), &root, expressions);
        let Some(block) = targets.iter().find(|target| created.contains_key(*target)) else { continue };
        if targets.len() > 1 && !matches!(old, Value::List(_) | Value::Object(_)) {
            continue;
        }
        let values = lost_values(old, new);
        found.push(Suspicion { block: block.clone(), values, witness: Witness::Output(output.name) });
    }
    found
}

/// The plain values that were known and are not any more.
fn lost_values(old: &Value, new: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    let mut open = vec![(old, Some(new))];
    while let Some((old, new)) = open.pop() {
        let unknown = matches!(new, None | Some(Value::Unknown));
        match (old, new) {
            (Value::List(items), Some(Value::List(others))) if items.len() == others.len() => {
                open.extend(items.iter().zip(others.iter().map(Some)));
            }
            (Value::List(items), Some(Value::List(others))) if others.iter().any(Value::has_unknown) => {
                open.extend(items.iter().map(|item| (item, Some(&Value::Unknown))));
            }
            (Value::List(items), _) if unknown => open.extend(items.iter().map(|item| (item, None))),
            (Value::Object(fields), Some(Value::Object(others))) => {
                let pairs = fields.iter().filter_map(|(name, field)| Some((field, Some(others.get(name)?))));
                open.extend(pairs);
            }
            (Value::Object(fields), _) if unknown => {
                open.extend(fields.values().map(|field| (field, None)));
            }
            (Value::String(text), _) if unknown && is_plain(text) => lost.push(text.to_string()),
            (Value::Number(number), _) if unknown => lost.push(number.to_string()),
            _ => {}
        }
    }
    lost
}

/// Whether a text is one value and not a document, an address of the web or a pattern with values inside.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && !text.contains("://")
        && text.chars().all(|c| c.is_alphanumeric() || "-_.:/@+=".contains(c))
}

/// Who else may have made a value.
struct Explanations<'c> {
    prior: Option<&'c State>,
    /// The instances of the prior state with the blocks that they depend on.
    instances: Vec<(&'c StateInstance, Vec<ConfigAddr>)>,
    given: Option<&'c State>,
}

impl<'c> Explanations<'c> {
    fn new(context: &Context<'c>) -> Self {
        let prior = context.prior();
        let instances = prior.map(|prior| {
            let dependencies =
                |instance: &StateInstance| instance.dependencies(prior.source()).unwrap_or_default();
            prior.instances().iter().map(|instance| (instance, dependencies(instance))).collect()
        });
        let given = match &context.given.state {
            GivenState::Is(state) => Some(&**state),
            GivenState::NotGiven | GivenState::Missing => None,
        };
        Self { prior, instances: instances.unwrap_or_default(), given }
    }

    /// Whether the value, or all of its parts, occur in objects that do not depend on `block`.
    fn explain(&self, value: &str, block: &ConfigAddr) -> bool {
        let Some(prior) = self.prior else { return false };
        let independent = || {
            self.instances
                .iter()
                .filter(|(_, depends)| !depends.contains(block))
                .map(|(instance, _)| instance)
        };
        let occurs = |text: &str| independent().any(|instance| instance.mentions(prior.source(), text));
        let mut parts = value.split([':', '/', '@', '+', '=']).filter(|part| part.len() > 2).peekable();
        occurs(value) || (parts.peek().is_some() && parts.all(occurs))
    }

    /// Whether the state that was given beside the plan does not speak against it. Its dependencies are those of the
    /// last apply.
    fn agree(&self, suspicion: &Suspicion) -> bool {
        let Some(given) = self.given else { return true };
        let managed = || given.instances().iter().filter(|instance| instance.address.mode == Mode::Managed);
        if managed().any(|instance| instance.address.config() == suspicion.block) {
            return false;
        }
        match &suspicion.witness {
            Witness::Output(_) => true,
            Witness::Argument(address, _) => {
                managed().filter(|instance| instance.address == *address).all(|instance| {
                    let dependencies = instance.dependencies(given.source()).unwrap_or_default();
                    dependencies.contains(&suspicion.block)
                })
            }
        }
    }
}
