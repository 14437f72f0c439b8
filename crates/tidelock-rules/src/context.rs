//! What rules may look at.

use std::collections::BTreeMap;

use tidelock_parse::ResourceAddr;

use crate::{
    catalogue::{Facts, Machines},
    report::{Divergence, InputInfo, ResourceReport, Root},
};

/// Limits that a policy may set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thresholds {
    /// TL106: at least this many instances gone at once.
    pub mostly_gone_at_least: usize,
    /// TL106: more than this share of the managed instances gone, in percent.
    pub mostly_gone_percent: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { mostly_gone_at_least: 3, mostly_gone_percent: 50 }
    }
}

/// One analysed input, as rules see it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Context<'c> {
    /// What was read.
    pub input: &'c InputInfo,
    /// The resources of the report, sorted; divergences are final, resolutions are not set yet.
    pub resources: &'c [ResourceReport],
    /// Curated facts, one for each of `resources`.
    pub facts: &'c [Facts],
    /// For each of `resources` that the plan destroys or replaces because of drift: the drifted paths behind it.
    pub causes: &'c BTreeMap<usize, Vec<Root>>,
    /// Managed instances that existed before.
    pub managed: usize,
    /// Limits.
    pub thresholds: &'c Thresholds,
}

/// A resource with all that belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'c> {
    /// The resource.
    pub resource: &'c ResourceReport,
    /// Curated facts about its type.
    pub facts: &'c Facts,
    /// The drifted paths behind its destruction, if drift is behind it.
    pub roots: &'c [Root],
}

impl<'c> Context<'c> {
    /// All resources of the report.
    pub fn subjects(&self) -> impl Iterator<Item = Subject<'c>> {
        let (resources, facts, causes) = (self.resources, self.facts, self.causes);
        resources.iter().zip(facts).enumerate().map(move |(at, (resource, facts))| Subject {
            resource,
            facts,
            roots: causes.get(&at).map(Vec::as_slice).unwrap_or_default(),
        })
    }

    /// Resources whose object is gone.
    pub fn gone(&self) -> impl Iterator<Item = Subject<'c>> {
        self.subjects().filter(Subject::is_gone)
    }

    /// Whether most of the stack is gone at once, which a wrong region, account or credential explains sooner
    /// than reality.
    pub fn is_mostly_gone(&self) -> bool {
        let gone = self.gone().count();
        gone >= self.thresholds.mostly_gone_at_least
            && gone * 100 > self.managed * self.thresholds.mostly_gone_percent
    }
}

impl<'c> Subject<'c> {
    /// Whether the object was deleted outside and would be made again.
    pub fn is_gone(&self) -> bool {
        self.divergences().any(|divergence| divergence.class == crate::report::Class::DeletedOutside)
    }

    /// Whether losing the object, as happens here, loses data, keys or identity.
    pub fn is_stateful(&self) -> bool {
        self.facts.holds.is_stateful(self.machines())
    }

    /// Whether losing the object, as happens here, loses something or interrupts traffic.
    pub fn holds_something(&self) -> bool {
        self.facts.holds.holds_something(self.machines())
    }

    /// Cloud VMs count as pets, unless the successor is up before the old one goes.
    fn machines(&self) -> Machines {
        match self.resource.actions {
            tidelock_parse::Action::CreateThenDelete => Machines::Cattle,
            _ => Machines::Pets,
        }
    }

    /// Its divergences.
    pub fn divergences(&self) -> impl Iterator<Item = &'c Divergence> {
        self.resource.divergences.iter()
    }

    /// Its address.
    pub fn address(&self) -> &'c ResourceAddr {
        &self.resource.address
    }
}
