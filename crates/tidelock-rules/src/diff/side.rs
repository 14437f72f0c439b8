//! One side of a comparison: its instances, outputs and checks, whichever form it has.

use std::{borrow::Cow, collections::BTreeMap};

use tidelock_parse::{
    Action, KnownSecrets, Mask, Mode, Plan, ResourceAddr, State, Value,
    plan::{Check, ResourceChange},
    state::{Form, StateInstance},
};

use super::{
    Artifact, Compared, DiffError, Named, PlanSide,
    report::{SideInfo, SideKind},
};
use crate::{
    instance::{self, Instance, Triple},
    marked,
    report::written,
};

/// How many values a path has, on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// One. A plan stands for this side of it; states beside a plan show their managed instances only.
    One(Option<PlanSide>),
    /// Three: both are plans.
    Plans,
}

impl View {
    pub(super) const fn of(compared: Compared, side: PlanSide) -> Self {
        match (compared, side) {
            (Compared::States, _) => Self::One(None),
            (Compared::Plans, PlanSide::After) => Self::Plans,
            (_, side) => Self::One(Some(side)),
        }
    }
}

/// One artifact, with the state inside it if it is a plan.
pub(super) struct Side<'a> {
    artifact: &'a Artifact,
    prior: Option<State>,
    view: View,
    pub(super) info: SideInfo,
    /// Data sources of a state that are not compared.
    pub(super) skipped: usize,
}

/// An instance: its address, and the key of a deposed object.
pub(super) type Key<'a> = (&'a ResourceAddr, Option<&'a str>);

/// One object of a side.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) address: &'a ResourceAddr,
    pub(super) deposed: Option<&'a str>,
    /// Where it was before, as a plan says.
    pub(super) previous: Option<&'a ResourceAddr>,
    pub(super) provider: &'a str,
    pub(super) origin: Origin<'a>,
}

/// Where an object stands.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// In a state, or in the state inside a plan that says nothing about it.
    State { instance: &'a StateInstance, state: &'a State, inside: Option<&'a Plan> },
    /// In a plan.
    Plan { instance: Instance<'a>, plan: &'a Plan },
}

/// An output of the root module.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    pub(super) value: Option<Value>,
    pub(super) before: Option<Value>,
    pub(super) sensitive: Mask,
    pub(super) action: Option<Action>,
}

impl Output {
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        [&self.value, &self.before].into_iter().flatten()
    }
}

impl<'a> Side<'a> {
    pub(super) fn load(named: Named<'a>, view: View) -> Result<Self, DiffError> {
        let prior = match named.artifact {
            Artifact::Plan(plan) => State::prior_of(plan)?,
            _ => None,
        };
        let state = match (named.artifact, view) {
            (Artifact::State(state), View::One(Some(_))) => Some(state),
            _ => None,
        };
        let skipped = state.map_or(0, |state| {
            state.instances().iter().filter(|instance| instance.address.mode != Mode::Managed).count()
        });
        let info = info(named, prior.as_ref());
        Ok(Self { artifact: named.artifact, prior, view, info, skipped })
    }

    /// The objects of this side.
    pub(super) fn entries(&self) -> Result<BTreeMap<Key<'_>, Entry<'_>>, DiffError> {
        let mut entries = BTreeMap::new();
        match self.artifact {
            Artifact::NoState => {}
            Artifact::State(state) => {
                let counts = |instance: &&StateInstance| {
                    self.view == View::One(None) || instance.address.mode == Mode::Managed
                };
                let of = |instance| Entry::of_state(instance, state, None);
                entries.extend(state.instances().iter().filter(counts).map(of).map(Entry::keyed));
            }
            Artifact::Plan(plan) => self.entries_of_plan(plan, &mut entries)?,
        }
        Ok(entries)
    }

    fn entries_of_plan<'s>(
        &'s self,
        plan: &'s Plan,
        entries: &mut BTreeMap<Key<'s>, Entry<'s>>,
    ) -> Result<(), DiffError> {
        let changes = instances(plan);
        let prior = self.prior.iter().flat_map(|state| {
            let managed = state.instances().iter().filter(|instance| instance.address.mode == Mode::Managed);
            managed.map(move |instance| Entry::of_state(instance, state, Some(plan)))
        });
        match self.view {
            View::One(Some(PlanSide::Before)) if self.prior.is_some() => {
                let previous = |entry: Entry<'s>| {
                    let change = changes.get(&(entry.address, entry.deposed));
                    Entry { previous: change.and_then(Instance::previous_address), ..entry }
                };
                entries.extend(prior.map(previous).map(Entry::keyed));
            }
            view => {
                // What the plan does not speak of stays as it is: that is what `-target` leaves out.
                let left: Vec<&ResourceAddr> =
                    changes.values().filter_map(Instance::previous_address).collect();
                let stays = |entry: &Entry<'s>| {
                    !changes.contains_key(&(entry.address, entry.deposed)) && !left.contains(&entry.address)
                };
                entries.extend(prior.filter(stays).map(Entry::keyed));
                for instance in changes.values() {
                    let entry = Entry::of_plan(*instance, plan);
                    if view == View::Plans || entry.is_there(view)? {
                        entries.insert((entry.address, entry.deposed), entry);
                    }
                }
            }
        }
        Ok(())
    }

    /// Outputs of the root module.
    pub(super) fn outputs(&self) -> Result<BTreeMap<String, Output>, DiffError> {
        match self.artifact {
            Artifact::NoState => Ok(BTreeMap::new()),
            Artifact::State(state) => outputs_of(state),
            Artifact::Plan(plan) => {
                let changes = plan.outputs()?;
                match &self.prior {
                    Some(prior) if changes.is_empty() || self.view == View::One(Some(PlanSide::Before)) => {
                        outputs_of(prior)
                    }
                    _ => Ok(changes
                        .into_iter()
                        .filter(|change| self.view == View::Plans || change.action != Action::Delete)
                        .map(|change| {
                            let output = Output {
                                value: change.values.after,
                                before: change.values.before,
                                sensitive: change
                                    .values
                                    .before_sensitive
                                    .union(&change.values.after_sensitive),
                                action: (self.view == View::Plans).then_some(change.action),
                            };
                            (change.name, output)
                        })
                        .collect()),
                }
            }
        }
    }

    /// Results of checks; none where the other side could not have them.
    pub(super) fn checks(&self) -> Result<Vec<Check>, DiffError> {
        Ok(match (self.artifact, self.view) {
            (Artifact::State(state), View::One(None)) => state.checks().to_vec(),
            (Artifact::Plan(plan), View::Plans) => plan.checks()?,
            _ => Vec::new(),
        })
    }

    /// What is marked sensitive anywhere in it.
    pub(super) fn known_secrets(&self, secrets: &mut KnownSecrets) -> Result<(), DiffError> {
        match self.artifact {
            Artifact::State(state) => marked::of_state(state, secrets)?,
            Artifact::Plan(plan) => marked::of_plan(plan, secrets)?,
            Artifact::NoState => {}
        }
        self.prior.iter().try_for_each(|state| Ok(marked::of_state(state, secrets)?))
    }
}

/// Managed instances that a plan speaks of: what it does, joined with what refresh found.
fn instances(plan: &Plan) -> BTreeMap<Key<'_>, Instance<'_>> {
    let managed = |change: &&ResourceChange| change.address.mode == Mode::Managed;
    let mut all: BTreeMap<Key<'_>, Instance<'_>> = BTreeMap::new();
    for change in plan.changes().iter().filter(managed) {
        let key = (&change.address, change.deposed.as_deref());
        all.insert(key, Instance { drift: None, change: Some(change) });
    }
    for drift in plan.drift().iter().filter(managed) {
        let empty = Instance { drift: None, change: None };
        all.entry((&drift.address, None)).or_insert(empty).drift = Some(drift);
    }
    all
}

fn outputs_of(state: &State) -> Result<BTreeMap<String, Output>, DiffError> {
    let mut outputs = BTreeMap::new();
    for (name, output) in state.outputs() {
        let broken = |cause| tidelock_parse::StateError::Output {
            input: state.source().name().to_owned(),
            name: name.clone(),
            cause,
        };
        let value = Some(output.value(state.source()).map_err(broken)?);
        let sensitive = if output.sensitive { Mask::All } else { Mask::None };
        outputs.insert(name.clone(), Output { value, before: None, sensitive, action: None });
    }
    Ok(outputs)
}

fn info(named: Named<'_>, prior: Option<&State>) -> SideInfo {
    let mut info = SideInfo {
        path: named.name.to_owned(),
        kind: SideKind::NoState,
        producer_version: None,
        timestamp: None,
        lineage: None,
        serial: None,
        mode: None,
        complete: None,
        errored: None,
    };
    match named.artifact {
        Artifact::NoState => {}
        Artifact::State(state) => {
            let header = state.header();
            info.kind = if state.form() == Form::Raw { SideKind::State } else { SideKind::StateJson };
            info.producer_version.clone_from(&header.terraform_version);
            (info.lineage, info.serial) = written(header.lineage.as_deref(), header.serial);
        }
        Artifact::Plan(plan) => {
            let header = plan.header();
            let managed = |instance: &StateInstance| instance.address.mode == Mode::Managed;
            let held = prior.is_some_and(|state| state.instances().iter().any(managed));
            info.kind = SideKind::Plan;
            info.producer_version.clone_from(&header.terraform_version);
            info.timestamp.clone_from(&header.timestamp);
            info.mode = Some(instance::mode(plan, held));
            info.complete = header.complete;
            info.errored = Some(header.errored);
            if let Some(recorded) = plan.recorded() {
                (info.lineage, info.serial) = written(recorded.lineage.as_deref(), recorded.serial);
            }
        }
    }
    info
}

/// An object with what is sensitive in it.
pub(super) struct Object {
    pub(super) value: Option<Value>,
    pub(super) sensitive: Mask,
}

impl<'a> Entry<'a> {
    fn of_state(instance: &'a StateInstance, state: &'a State, inside: Option<&'a Plan>) -> Self {
        Self {
            address: &instance.address,
            deposed: instance.deposed.as_deref(),
            previous: None,
            provider: &instance.provider.source,
            origin: Origin::State { instance, state, inside },
        }
    }

    fn of_plan(instance: Instance<'a>, plan: &'a Plan) -> Self {
        Self {
            address: instance.address(),
            deposed: instance.deposed(),
            previous: instance.previous_address(),
            provider: instance.provider(),
            origin: Origin::Plan { instance, plan },
        }
    }

    fn keyed(self) -> (Key<'a>, Self) {
        ((self.address, self.deposed), self)
    }

    /// Whether this side of a plan has the object at all.
    fn is_there(&self, view: View) -> Result<bool, DiffError> {
        let Origin::Plan { instance, .. } = self.origin else { return Ok(true) };
        let action = instance.action();
        Ok(match view {
            View::One(Some(PlanSide::After)) if instance.change.is_some() => {
                action.creates() || !(action.destroys() || action.forgets())
            }
            _ => self.object(view)?.value.is_some(),
        })
    }

    /// The one value that the object has in this view.
    pub(super) fn object(&self, view: View) -> Result<Object, DiffError> {
        Ok(match self.origin {
            Origin::State { instance, state, .. } => {
                let values = instance.values(state.source())?;
                Object { value: Some(values.value), sensitive: values.sensitive }
            }
            Origin::Plan { instance, plan } => {
                let triple = instance.triple(plan)?;
                let value = match (view, triple.desired) {
                    (View::One(Some(PlanSide::Before)), _) | (_, None) => triple.actual,
                    (_, Some(desired)) => desired,
                };
                Object { value, sensitive: triple.sensitive }
            }
        })
    }

    /// The three values that the object has in a plan.
    pub(super) fn triple(&self) -> Result<Triple, DiffError> {
        Ok(match self.origin {
            Origin::Plan { instance, plan } => instance.triple(plan)?,
            Origin::State { instance, state, inside } => {
                let values = instance.values(state.source())?;
                let value = Some(values.value);
                Triple {
                    recorded: value.clone(),
                    actual: value.clone(),
                    desired: inside.filter(|plan| plan.has_changes()).map(|_| value),
                    sensitive: values.sensitive.clone(),
                    marked: values.sensitive,
                    ..Triple::default()
                }
            }
        })
    }

    /// Whether the two are the same to the letter, as far as that can be told without decoding them.
    pub(super) fn is_same_text(&self, other: &Self, view: View) -> bool {
        match (self.origin, other.origin) {
            (
                Origin::State { instance: ours, state: source, .. },
                Origin::State { instance: theirs, state: of, .. },
            ) => view != View::Plans && ours.has_values_of(source.source(), theirs, of.source()),
            (Origin::Plan { instance: ours, plan: source }, Origin::Plan { instance: theirs, plan: of }) => {
                let same = |a: Option<&ResourceChange>, b: Option<&ResourceChange>| match (a, b) {
                    (None, None) => true,
                    (Some(a), Some(b)) => a.has_values_of(source.source(), b, of.source()),
                    _ => false,
                };
                same(ours.change, theirs.change) && same(ours.drift, theirs.drift)
            }
            (Origin::Plan { instance, plan }, Origin::State { instance: theirs, state, .. })
            | (Origin::State { instance: theirs, state, .. }, Origin::Plan { instance, plan }) => {
                view == View::One(Some(PlanSide::After))
                    && instance
                        .change
                        .is_some_and(|change| change.leads_to(plan.source(), theirs, state.source()))
            }
        }
    }

    /// Id of the real object, as text.
    pub(super) fn id(&self, view: View) -> Result<Option<Cow<'static, str>>, DiffError> {
        let value = match view {
            View::One(_) => self.object(view)?.value,
            View::Plans => {
                let triple = self.triple()?;
                triple.actual.or(triple.recorded)
            }
        };
        Ok(value.as_ref().and_then(id_of))
    }
}

/// The id of an object, as text.
pub(super) fn id_of(object: &Value) -> Option<Cow<'static, str>> {
    match object.as_object()?.get("id")? {
        Value::String(id) if !id.is_empty() => Some(id.to_string().into()),
        Value::Number(id) => Some(id.to_string().into()),
        _ => None,
    }
}
