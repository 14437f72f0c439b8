//! All that is known, arranged so that one instance after the other can be judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tidelock_parse::{
    ResourceAddr,
    inventory::{Key, Object},
    stream::ApplyRun,
};

use super::{
    expectation::{Expectation, name_of},
    failure::Failure,
};
use crate::{
    catalogue::Catalogue,
    policy::{Policy, Tool as Program},
    reality::{Held, Listed, Reality},
    tailnet,
};

/// What does not depend on which state is asked about.
pub(super) struct Scene<'r> {
    pub(super) reality: &'r Reality<'r>,
    pub(super) expectation: &'r Expectation<'r>,
    pub(super) run: Option<&'r ApplyRun>,
    pub(super) policy: &'r Policy,
    pub(super) catalogue: Catalogue,
    pub(super) program: Program,
    /// Objects in no state, by the resource types that would hold them.
    loose: HashMap<&'r str, Vec<&'r Object>>,
    /// Who holds an object, by what names it.
    claims: HashMap<&'r Key, Vec<usize>>,
    /// Devices of tailnets.
    pub(super) devices: Vec<&'r Object>,
    failures: BTreeMap<&'r ResourceAddr, Vec<Failure<'r>>>,
    /// Errors that name no instance.
    pub(super) general: Vec<Failure<'r>>,
}

impl<'r> Scene<'r> {
    pub(super) fn new(
        reality: &'r Reality<'r>,
        expectation: &'r Expectation<'r>,
        run: Option<&'r ApplyRun>,
        policy: &'r Policy,
        program: Program,
    ) -> Self {
        let mut loose: HashMap<&'r str, Vec<&'r Object>> = HashMap::new();
        let orphan = |listed: &&Listed<'r>| {
            listed.holders.is_empty() && !listed.object.template && listed.object.managed_by.is_none()
        };
        for listed in reality.objects().iter().filter(orphan) {
            for type_name in types_of(listed.object) {
                loose.entry(type_name).or_default().push(listed.object);
            }
        }
        let mut claims: HashMap<&'r Key, Vec<usize>> = HashMap::new();
        for (index, held) in reality.held().iter().enumerate() {
            for key in held.object.iter().flat_map(Object::keys) {
                claims.entry(key).or_default().push(index);
            }
        }
        let devices =
            reality.objects().iter().map(|listed| listed.object).filter(|object| tailnet::is_device(object));
        let mut scene = Self {
            reality,
            expectation,
            run,
            policy,
            catalogue: Catalogue::builtin().with_overrides(policy.types.clone()),
            program,
            loose,
            claims,
            devices: devices.collect(),
            failures: BTreeMap::new(),
            general: Vec::new(),
        };
        for failed in run.into_iter().flat_map(|run| &run.failed) {
            let errors = failed.diagnostics.iter().map(|error| Failure::of(Some(&failed.address), error));
            scene.failures.entry(&failed.address).or_default().extend(errors);
        }
        let errors = run.into_iter().flat_map(|run| &run.errors);
        scene.general = errors.map(|error| Failure::of(error.address.as_ref(), error)).collect();
        scene
    }

    /// What an instance failed with.
    pub(super) fn failures(&self, address: &ResourceAddr) -> &[Failure<'r>] {
        self.failures.get(address).map(Vec::as_slice).unwrap_or_default()
    }

    /// Objects in no state that a resource type would hold.
    pub(super) fn loose(&self, type_name: &str) -> &[&'r Object] {
        self.loose.get(type_name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of a name.
    pub(super) fn namesakes(&self, type_name: &str, name: &str) -> Vec<&'r Object> {
        let fits = |object: &&&Object| object.name.as_deref() == Some(name);
        self.loose(type_name).iter().filter(fits).copied().collect()
    }

    /// Whoever else holds the object of an instance.
    pub(super) fn other_holders(&self, held: &Held<'_>) -> Vec<&'r Held<'r>> {
        let mut found = BTreeSet::new();
        for key in held.object.iter().flat_map(Object::keys) {
            found.extend(self.claims.get(key).into_iter().flatten().copied());
        }
        let others = found.into_iter().filter_map(|index| self.reality.held().get(index));
        others.filter(|other| !is_same(other, held)).collect()
    }

    /// Who holds an object.
    pub(super) fn holder(&self, object: &Object) -> Option<&'r Held<'r>> {
        let index = object.keys().find_map(|key| self.claims.get(key)?.first());
        index.and_then(|index| self.reality.held().get(*index))
    }

    /// Whether an inventory lists all objects that a resource type would hold.
    pub(super) fn covers(&self, type_name: &str) -> bool {
        let coverage = self.reality.inventories.iter().flat_map(|inventory| &inventory.coverage);
        coverage.filter(|coverage| coverage.complete).any(|coverage| {
            let any = Object::new(Key::new(coverage.cloud.clone(), &coverage.noun, ""));
            types_of(&any).any(|other| other == type_name) || *coverage.noun == *type_name
        })
    }

    /// What people call the object that an instance should be.
    pub(super) fn name(&self, address: &ResourceAddr) -> Option<String> {
        self.expectation.values(address).as_ref().and_then(name_of)
    }

    /// Whether instances of a type are machines.
    pub(super) fn is_machine(&self, type_name: &str, object: Option<&Object>) -> bool {
        object.is_some_and(tailnet::is_machine)
            || tailnet::is_machine_noun(type_name)
            || matches!(self.catalogue.lookup(type_name, []).noun(), "VM" | "container" | "server")
    }
}

fn is_same(a: &Held<'_>, b: &Held<'_>) -> bool {
    a.state == b.state && a.instance.address == b.instance.address && a.instance.deposed == b.instance.deposed
}

/// The resource types that would hold an object.
fn types_of(object: &Object) -> impl Iterator<Item = &str> {
    let told = object.told.type_name.as_deref();
    told.into_iter().chain(tidelock_types::holders(object).iter().copied())
}
