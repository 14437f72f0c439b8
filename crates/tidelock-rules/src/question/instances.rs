//! One instance after the other: what differs, and what that is.

use std::collections::BTreeSet;

use tidelock_parse::{PlanError, ResourceAddr, Value, plan::PlanningMode};

use super::{Found, Question, told};
use crate::{
    catalogue::Machines,
    classify::{Fate, classify},
    compare::{Desired, compare},
    divergence,
    evidence::{Knowledge, TypeShapes},
    instance::{Instance, Triple},
    known::{Known, World},
    report::{Class, Divergence, Note, Reason, Resolution, ResourceReport},
};

impl Question<'_> {
    pub(super) fn look_at(
        &self,
        instance: &Instance<'_>,
        world: World<'_>,
        tainted: &BTreeSet<&ResourceAddr>,
        found: &mut Found,
    ) -> Result<(), PlanError> {
        let mut triple = instance.triple(self.plan)?;
        if !self.policy.secret_patterns.is_empty() {
            triple.sensitive = triple
                .values()
                .fold(triple.sensitive.clone(), |mask, value| mask.union(&self.policy.secrets_in(value)));
        }
        let address = instance.address();
        if triple.drift_in_masks_only {
            found.notes.push(Note {
                code: "plan::sensitivity_drift",
                message: format!("{address}: only the marking as sensitive differs from the state"),
            });
        }
        let schema = self.schemas.resource(instance.provider(), &address.type_name);
        let facts = {
            let object = [&triple.recorded, &triple.actual].into_iter().flatten().next();
            let arguments = object.and_then(Value::as_object).into_iter().flatten();
            self.catalogue.lookup(&address.type_name, arguments.map(|(name, _)| &**name))
        };
        let known = Known::new(world, address, schema, facts.clone(), triple.actual.clone());
        let tainted = instance.is_tainted() || tainted.contains(address);
        let mut divergences = self.divergences(instance, tainted, &triple, &known);
        divergences.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.class.cmp(&b.class)));
        let drifted = !divergences.is_empty();
        if !drifted
            && instance.action().is_quiet()
            && instance.previous_address().is_none()
            && !instance.change.is_some_and(|change| change.importing)
        {
            return Ok(());
        }
        let block = known.block();
        if facts.holds.holds_something(Machines::Pets) && id_changed(&divergences) {
            found.notes.push(Note {
                code: "drift::other_object",
                message: format!("{address}: its id changed outside, so it may be another object now"),
            });
        }
        let stays =
            !(instance.action().destroys() || instance.action().forgets()) || instance.action().is_replace();
        if stays && self.plan.has_changes() && !instance.is_gone() && instance.deposed().is_none() {
            found.wanted += 1;
            found.undeclared += usize::from(block.is_none());
        }
        found.resources.push(ResourceReport {
            address: address.clone(),
            previous_address: instance.previous_address().cloned(),
            deposed: instance.deposed().map(ToOwned::to_owned),
            type_name: address.type_name.to_string(),
            noun: facts.noun().to_owned(),
            provider: instance.provider().to_owned(),
            identity: self
                .plan
                .stream()
                .map_or_else(|| divergence::identity(&triple), |stream| told::identity(stream, address)),
            holds: facts.holds,
            holds_assumed: facts.assumed,
            actions: instance.action(),
            action_reason: instance.change.and_then(|change| change.action_reason.clone()),
            replace_paths: instance.replace_paths().to_vec(),
            importing: instance.change.is_some_and(|change| change.importing),
            tainted,
            class: loudest(&divergences),
            resolution: Resolution::None,
            dependents: None,
            location: block.and_then(|block| known.place(&block.location)),
            advice: crate::report::Advice::default(),
            divergences,
        });
        found.facts.push(facts);
        found.triples.push(triple);
        Ok(())
    }

    fn divergences(
        &self,
        instance: &Instance<'_>,
        tainted: bool,
        triple: &Triple,
        known: &Known<'_>,
    ) -> Vec<Divergence> {
        let fate = instance.fate(tainted);
        let pending = || divergence::whole(Class::Pending, None);
        if instance.deposed().is_some() {
            return vec![pending()];
        }
        if self.plan.stream().is_some() && !instance.is_gone() {
            return told::divergences(instance, fate);
        }
        if instance.is_gone() {
            return vec![divergence::whole(self.class_of_gone(instance, triple, known), None)];
        }
        if triple.recorded.is_none() {
            return if instance.action().is_quiet() { Vec::new() } else { vec![pending()] };
        }
        if fate == Fate::Removed {
            let changed = triple.recorded != triple.actual;
            return vec![if changed { divergence::whole(Class::Superseded, None) } else { pending() }];
        }
        let desired =
            triple.desired.as_ref().map_or(Desired::Silent, |desired| Desired::Is(desired.as_ref()));
        let differences =
            compare(&TypeShapes(known), triple.recorded.as_ref(), triple.actual.as_ref(), desired);
        let mut list: Vec<Divergence> = differences
            .into_iter()
            .map(|difference| {
                let classified = classify(&difference, fate, instance.replace_paths(), known);
                divergence::show(&difference, classified, triple, known.schema())
            })
            .collect();
        if list.is_empty() && !instance.action().is_quiet() {
            let reason = triple.plan_changes_masks.then_some(Reason::Sensitivity);
            list.push(divergence::whole(Class::Pending, reason));
        }
        list
    }

    /// The object is gone: does anybody still want it?
    fn class_of_gone(&self, instance: &Instance<'_>, triple: &Triple, known: &Known<'_>) -> Class {
        // A log has no values; what is planned says it.
        let desired = triple.desired.as_ref().filter(|_| self.plan.stream().is_none());
        let wanted = match desired {
            // A plan that destroys everything wants nothing.
            _ if self.plan.recorded().is_some_and(|saved| saved.mode == PlanningMode::Destroy) => false,
            Some(desired) => desired.is_some(),
            None if instance.action().creates() => true,
            // A complete plan lists everything that is wanted; sources that still declare it say that something is
            // wrong, which is the louder reading.
            None if self.plan.has_changes() && self.plan.header().complete == Some(true) => {
                self.sources.is_some() && known.is_declared(instance.address()) == Some(true)
            }
            None => known.is_declared(instance.address()) != Some(false),
        };
        if wanted { Class::DeletedOutside } else { Class::Converged }
    }
}

/// Whether the object at hand is not the one that the state recorded.
fn id_changed(divergences: &[Divergence]) -> bool {
    divergences.iter().any(|divergence| {
        divergence.path.top() == Some("id")
            && divergence.path.steps().len() == 1
            && divergence.cosmetic.is_none()
            && divergence.class != Class::Pending
    })
}

/// The class of a resource: its loudest divergence; cosmetic ones only count where there is nothing else.
fn loudest(divergences: &[Divergence]) -> Option<Class> {
    let real = divergences.iter().filter(|divergence| divergence.cosmetic.is_none());
    real.map(|divergence| divergence.class)
        .max()
        .or_else(|| divergences.iter().map(|divergence| divergence.class).max())
}
