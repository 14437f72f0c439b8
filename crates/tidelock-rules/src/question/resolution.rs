//! What to do about each resource: for drift from what happened to it, for a gate from what the findings ask for.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{Action, ResourceAddr};

use crate::{
    context::Context,
    report::{Class, Finding, Resolution, ResourceReport, Severity, Undone},
};

/// The addresses that a finding warns about.
pub(super) fn at_fault(findings: &[Finding]) -> BTreeSet<ResourceAddr> {
    let counting =
        findings.iter().filter(|finding| finding.waived.is_none() && finding.severity >= Severity::Warn);
    counting.filter_map(|finding| finding.address.clone()).collect()
}

/// One resolution a resource, in order. `settled`: addresses about which the policy says that there is nothing to
/// decide.
pub(super) fn resolutions(context: &Context<'_>, settled: &BTreeSet<&ResourceAddr>) -> Vec<Resolution> {
    let mostly_gone = context.is_mostly_gone();
    let endangered =
        context.subjects().filter(|subject| !subject.roots.is_empty() && subject.holds_something());
    let dangerous: BTreeSet<&ResourceAddr> =
        endangered.flat_map(|subject| subject.roots).map(|root| &root.address).collect();
    context
        .subjects()
        .map(|subject| {
            let is_root = dangerous.contains(subject.address());
            // Nobody knows what apply does to it.
            let unheard_of = matches!(subject.resource.actions, Action::Other(_));
            let gone = subject.is_gone();
            let destroyed = !subject.roots.is_empty();
            if settled.contains(subject.address()) {
                Resolution::Ignore
            } else if (gone && (mostly_gone || subject.is_stateful()))
                || (destroyed && subject.holds_something())
                || is_root
                || unheard_of
            {
                Resolution::Stop
            } else if destroyed || subject.divergences().any(|divergence| divergence.drift) {
                Resolution::Decide
            } else if subject.divergences().any(|divergence| divergence.class != Class::Pending) {
                Resolution::Ignore
            } else {
                Resolution::None
            }
        })
        .collect()
}

/// One resolution a resource for a gate, in order: what the findings about it ask for.
pub(super) fn judged(resources: &[ResourceReport], findings: &[Finding]) -> Vec<Resolution> {
    let mut worst: BTreeMap<(&ResourceAddr, Option<&str>), Severity> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.waived.is_none()) {
        if let Some(address) = &finding.address {
            let severity = worst.entry((address, finding.deposed.as_deref())).or_insert(Severity::Allow);
            *severity = finding.severity.max(*severity);
        }
    }
    let judge = |resource: &ResourceReport| match worst.get(&(&resource.address, resource.deposed.as_deref()))
    {
        Some(Severity::Deny) => Resolution::Stop,
        Some(Severity::Warn) => Resolution::Decide,
        _ if resource.divergences.iter().any(|d| d.class != Class::Pending) => Resolution::Ignore,
        _ => Resolution::None,
    };
    resources.iter().map(judge).collect()
}

/// What was changed outside and the apply overwrites.
pub(super) fn undoes(resources: &[ResourceReport]) -> Vec<Undone> {
    let undone = resources.iter().filter(|resource| !resource.actions.is_quiet()).flat_map(|resource| {
        let set_back = resource.divergences.iter().filter(|divergence| {
            divergence.drift && matches!(divergence.class, Class::Reverting | Class::Conflicting)
        });
        set_back.map(|divergence| Undone {
            address: resource.address.clone(),
            path: divergence.path.clone(),
            class: divergence.class,
        })
    });
    undone.collect()
}
