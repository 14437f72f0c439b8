//! From what a plan does to what is recorded of it: the same for the plan that is approved and the one that is judged.

use std::collections::BTreeMap;

use tidelock_parse::{Action, AttrPath, Step, Value};

use super::{Change, Side, Target, ValueChange, seal::Hasher};
use crate::{
    compare::{Desired, Difference, Match, compare},
    context::{Context, GivenState, Subject},
    evidence::{Knowledge, Owner, Setting, TypeShapes},
    instance::Triple,
    known::Known,
    report::ResourceReport,
};

/// A change, and the resource of the report that it belongs to.
pub(super) struct Recorded<'c> {
    pub(super) resource: &'c ResourceReport,
    pub(super) noun: &'c str,
    pub(super) change: Change,
}

/// What the plan does to managed instances: actions, moves, imports. Reads change neither world nor state.
pub(super) fn changes<'c>(context: &Context<'c>, hasher: &Hasher) -> Vec<Recorded<'c>> {
    context
        .subjects()
        .zip(context.triples)
        .filter(|(Subject { resource, .. }, _)| {
            !resource.actions.is_quiet() || resource.previous_address.is_some() || resource.importing
        })
        .map(|(subject, triple)| record(context, hasher, subject, triple))
        .collect()
}

/// What the plan is made for.
pub(super) fn target(context: &Context<'_>) -> Target {
    let of_state = match &context.given.state {
        GivenState::Is(state) => state.header().lineage.clone(),
        _ => None,
    };
    Target {
        stack: context.input.stack.clone(),
        workspace: context.input.workspace.clone(),
        lineage: context.input.lineage.clone().or(of_state).filter(|lineage| !lineage.is_empty()),
        producer: context.input.producer.clone(),
    }
}

/// What happens to root outputs. Their values follow from those of instances.
pub(super) fn outputs(context: &Context<'_>) -> BTreeMap<String, Action> {
    // A broken section is an error of the question itself.
    let outputs = context.plan.outputs().unwrap_or_default().into_iter();
    outputs
        .filter(|output| output.action != Action::NoOp)
        .map(|output| (output.name, output.action))
        .collect()
}

fn record<'c>(context: &Context<'c>, hasher: &Hasher, subject: Subject<'c>, triple: &Triple) -> Recorded<'c> {
    let Subject { resource, facts, .. } = subject;
    let schema = context.schemas.resource(&resource.provider, &resource.address.type_name);
    let known = Known::new(context.world, &resource.address, schema, facts.clone(), triple.actual.clone());
    let writer = Writer { resource, known: &known, shapes: TypeShapes(&known), hasher };
    let change = Change {
        address: resource.address.clone(),
        deposed: resource.deposed.is_some(),
        previous_address: resource.previous_address.clone(),
        actions: resource.actions.clone(),
        importing: resource.importing,
        object: writer.object(triple),
        replace_paths: resource.replace_paths.clone(),
        values: writer.values(triple),
    };
    Recorded { resource, noun: facts.noun(), change }
}

struct Writer<'w> {
    resource: &'w ResourceReport,
    known: &'w Known<'w>,
    shapes: TypeShapes<'w>,
    hasher: &'w Hasher,
}

impl Writer<'_> {
    /// Which object it is about: an approval to destroy one must not destroy what took its place.
    ///
    /// It is known by its id; where it has none and goes, by everything it is.
    fn object(&self, triple: &Triple) -> Option<super::Fingerprint> {
        let actual = triple.actual.as_ref()?;
        let id = AttrPath::from(vec![Step::attr("id")]);
        let own = actual.get(&id).filter(|id| !id.is_empty());
        let actions = &self.resource.actions;
        let side = match own {
            Some(own) => self.side(&id, Some(own)),
            None if actions.destroys() || actions.forgets() => {
                self.side(&AttrPath::from(Vec::new()), Some(actual))
            }
            None => Side::Absent,
        };
        match side {
            Side::Is(fingerprint) => Some(fingerprint),
            Side::Absent | Side::Unknown => None,
        }
    }

    fn values(&self, triple: &Triple) -> Vec<ValueChange> {
        let actions = &self.resource.actions;
        let desired = triple.desired.as_ref().and_then(Option::as_ref);
        let mut values = match (triple.actual.as_ref(), desired) {
            _ if actions.is_quiet() => Vec::new(),
            (_, None) => Vec::new(),
            (None, Some(desired)) => self.given(desired),
            (Some(actual), Some(desired)) => {
                let mut values = self.changed(actual, desired);
                if actions.creates() {
                    // What stays is a decision as well where a new object gets it.
                    let kept = self.given(desired).into_iter();
                    let kept = kept.filter(|new| !values.iter().any(|old| new.path.is_prefix_of(&old.path)));
                    values.extend(kept.collect::<Vec<_>>());
                }
                values
            }
        };
        values.sort();
        values
    }

    /// The paths that the plan changes.
    fn changed(&self, actual: &Value, desired: &Value) -> Vec<ValueChange> {
        compare(&self.shapes, Some(actual), Some(actual), Desired::Is(Some(desired)))
            .into_iter()
            .filter(|difference| self.counts(difference))
            .map(|difference| {
                let after = difference.desired.as_ref().and_then(Option::as_ref);
                ValueChange {
                    before: self.side(&difference.path, difference.actual.as_ref()),
                    after: self.side(&difference.path, after),
                    path: difference.path,
                }
            })
            .filter(|change| change.before != change.after)
            .collect()
    }

    /// The arguments of a new object.
    fn given(&self, desired: &Value) -> Vec<ValueChange> {
        let fields = desired.as_object().into_iter().flatten();
        fields
            .filter_map(|(name, value)| {
                let path = AttrPath::from(vec![Step::attr(name)]);
                let after = self.side(&path, Some(value));
                let noise =
                    after == Side::Absent || (after == Side::Unknown && self.is_left_to_provider(&path));
                (!noise).then_some(ValueChange { path, before: Side::Absent, after })
            })
            .collect()
    }

    /// Whether a difference is more than noise: not the same after normalising, not a value that the provider works
    /// out anew.
    fn counts(&self, difference: &Difference) -> bool {
        let path = &difference.path;
        let dangerous = || {
            self.resource.replace_paths.iter().any(|replace| replace.meets(path))
                || self.known.facts().disruptive(path)
        };
        let cosmetic = matches!(difference.apply, Some(Match::Normalised(_)));
        let unknown = matches!(&difference.desired, Some(Some(Value::Unknown)));
        let noise = if unknown { self.is_left_to_provider(path) } else { cosmetic && !dangerous() };
        !noise
    }

    fn is_left_to_provider(&self, path: &AttrPath) -> bool {
        match self.known.owner(path) {
            Some(Owner::Provider) => true,
            Some(Owner::Configuration) => false,
            Some(Owner::Either) | None => {
                self.known.facts().volatile(path) || matches!(self.known.setting(path).0, Setting::NotSet)
            }
        }
    }

    fn side(&self, path: &AttrPath, value: Option<&Value>) -> Side {
        self.hasher.side(&self.shapes, &self.resource.address, path, value)
    }
}
