//! TL505 `stale-plan`.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    AttrPath, Mode, ResourceAddr, Value,
    state::{State, StateInstance},
};

use crate::{
    compare::{Desired, Match, Shape, Shapes, compare},
    context::{Context, GivenState},
    known::shape_of,
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The state moved on since the plan was made.
    ///
    /// ## What it finds
    ///
    /// A plan that was made from another state than the one given beside it. Where both say lineage and serial, these decide, and it
    /// is a refusal. A plan in JSON form says neither: there the instances and their recorded values are compared, and
    /// the plan "may be stale", a warning.
    ///
    /// ## Why it matters
    ///
    /// What the plan shows is not what will happen. The tools refuse a stale saved plan themselves, but only after the approval, and
    /// not at all where the plan is made again before the apply.
    ///
    /// ## Example
    ///
    /// Two changes were planned from one state, and the first one was applied. The second plan still shows the old values, and was
    /// approved on them.
    ///
    /// ## What to do
    ///
    /// Plan again. An approval stays good as long as the new plan does the same.
    ///
    /// ## What it misses
    ///
    /// A change of outputs alone, of what is only in the state (dependencies, private data), and values that an upgrade of the provider
    /// wrote in another form.
    pub struct StalePlan {
        code: "TL505",
        name: "stale-plan",
        severity: "deny; warn where lineage and serial are not known",
        commands: [Gate],
    }
}

/// Most differences that are looked for.
const MOST_NAMED: usize = 5;

impl Rule for StalePlan {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        match &context.given.state {
            GivenState::Missing if context.managed > 0 => {
                let message = format!(
                    "the plan may be stale: it was made from a state with {} managed instances, and there is no state now",
                    context.managed
                );
                // A plan that records its state proves that there was one.
                let recorded = context.input.lineage.as_deref().is_some_and(|lineage| !lineage.is_empty());
                put(message, if recorded { Severity::Deny } else { Severity::Warn }, Vec::new(), sink);
            }
            GivenState::NotGiven | GivenState::Missing => {}
            GivenState::Is(state) => match by_header(context, state) {
                Some(Ok(())) => {}
                Some(Err(message)) => put(message, Severity::Deny, Vec::new(), sink),
                None => by_values(context, state, sink),
            },
        }
    }
}

fn put(message: String, severity: Severity, related: Vec<Related>, sink: &mut Sink<'_>) {
    let draft = sink
        .about_plan(severity, message)
        .related(related)
        .help("plan again; an approval stays good if the new plan does the same");
    sink.put(draft);
}

/// What lineage and serial say; `None` where not both sides have both.
fn by_header(context: &Context<'_>, state: &State) -> Option<Result<(), String>> {
    let header = state.header();
    let (ours, theirs) = (context.input.lineage.as_deref()?, header.lineage.as_deref()?);
    if ours != theirs {
        return Some(Err("the plan was made from a state of another lineage".to_owned()));
    }
    let (ours, theirs) = (context.input.serial?, header.serial?);
    Some(if ours == theirs {
        Ok(())
    } else {
        Err(format!("the plan was made from serial {ours} of the state, which is at {theirs} now"))
    })
}

/// An instance that the two do not agree about.
struct Difference {
    address: ResourceAddr,
    role: &'static str,
}

fn by_values(context: &Context<'_>, state: &State, sink: &mut Sink<'_>) {
    let differences = differences(context, state);
    let Some(first) = differences.first() else { return };
    let more = match differences.len() {
        1 => String::new(),
        MOST_NAMED.. => " (and others)".to_owned(),
        count => format!(" (and {} more)", count - 1),
    };
    let message = format!("the plan may be stale: {} {}{more}", first.address, first.role);
    let related = differences.iter().map(|difference| Related {
        address: difference.address.clone(),
        depth: 1,
        role: Some(difference.role.to_owned()),
    });
    put(message, Severity::Warn, related.collect(), sink);
}

/// Where the state differs from what the plan recorded of it; the first few.
fn differences(context: &Context<'_>, state: &State) -> Vec<Difference> {
    let current =
        |instance: &&StateInstance| instance.address.mode == Mode::Managed && instance.deposed.is_none();
    let mut held: BTreeMap<&ResourceAddr, &StateInstance> =
        state.instances().iter().filter(current).map(|instance| (&instance.address, instance)).collect();
    let drifted: BTreeMap<&ResourceAddr, _> =
        context.plan.drift().iter().map(|change| (&change.address, change)).collect();
    let mut found = Vec::new();
    for change in context.plan.changes() {
        if change.address.mode != Mode::Managed || change.deposed.is_some() {
            continue;
        }
        let drift = drifted.get(&change.address);
        let address = change.previous_address.as_ref().unwrap_or(&change.address);
        let existed = drift.is_some() || !change.action.creates() || change.action.is_replace();
        let imported = change.importing;
        let instance = held.remove(address);
        let role = match (existed, instance) {
            (true, None) if !imported => "is not in the state any more",
            (false, Some(_)) => "is in the state already",
            (true, Some(instance)) => {
                let change = *drift.unwrap_or(&change);
                if instance.is_before(state.source(), change, context.plan.source()) {
                    continue;
                }
                let recorded = change.values(context.plan.source()).ok();
                let recorded = recorded.and_then(|values| values.before);
                if !differ(context, &change.provider, recorded.as_ref(), state, instance) {
                    continue;
                }
                "has other values in the state now"
            }
            _ => continue,
        };
        found.push(Difference { address: address.clone(), role });
        if found.len() >= MOST_NAMED {
            return found;
        }
    }
    // A plan that does not cover everything lists only its targets; the state inside it tells the rest.
    if !held.is_empty() && context.plan.has_changes() {
        let gone: BTreeSet<&ResourceAddr> = drifted.keys().copied().collect();
        let known: BTreeSet<&ResourceAddr> = context
            .prior()
            .into_iter()
            .flat_map(State::instances)
            .map(|instance| &instance.address)
            .collect();
        let unknown = held.into_keys().filter(|address| !known.contains(address) && !gone.contains(address));
        found.extend(unknown.take(MOST_NAMED - found.len()).map(|address| Difference {
            address: address.clone(),
            role: "is in the state, and the plan does not know it",
        }));
    }
    found
}

/// Whether a value that both sides have differs. What only one side has may come of an upgrade.
fn differ(
    context: &Context<'_>,
    provider: &str,
    recorded: Option<&Value>,
    state: &State,
    instance: &StateInstance,
) -> bool {
    let Some(recorded) = recorded.and_then(Value::as_object) else { return false };
    if instance.is_flat() {
        return false;
    }
    let Ok(values) = instance.values(state.source()) else { return false };
    let Some(now) = values.value.as_object() else { return false };
    let schema = context.schemas.resource(provider, &instance.address.type_name).map(|found| found.schema);
    let shapes = SchemaShapes(schema.as_deref());
    recorded.iter().any(|(name, before)| {
        now.get(name).is_some_and(|now| {
            let whole = |value: &Value| Value::Object([(name.clone(), value.clone())].into());
            before != now
                && compare(&shapes, Some(&whole(before)), Some(&whole(now)), Desired::Silent)
                    .iter()
                    .any(|difference| difference.outside == Match::Different)
        })
    })
}

struct SchemaShapes<'s>(Option<&'s tidelock_parse::schema::ResourceSchema>);

impl Shapes for SchemaShapes<'_> {
    fn shape(&self, path: &AttrPath) -> Shape {
        self.0.and_then(|schema| schema.at(path)).map_or(Shape::Unknown, shape_of)
    }
}
