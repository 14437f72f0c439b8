//! The built-in rules, one file each.

mod blast_radius;
mod changed_on_both_sides;
mod changed_outside;
mod create_collides;
mod deleted_outside;
mod deposed_object;
pub(crate) mod destroy_before_create;
mod destroy_plan;
pub(crate) mod destroys_stateful_resource;
mod drift_destroys;
mod duplicate_claim;
mod duplicate_objects;
mod errored_plan;
mod expired_waiver;
mod failed_check;
mod forgets_resource;
mod ghost;
mod ignore_without_effect;
mod ignores_everything;
mod import_instead;
mod incomplete_plan;
mod index_shift;
mod looks_like_move;
mod loosens_the_gate;
mod mass_create;
mod mass_destroy;
mod missing_prevent_destroy;
mod module_removed;
mod mostly_gone;
mod old_plan;
mod protection_removed;
mod replacement_cascade;
pub(crate) mod replaces_stateful_resource;
mod secret_in_output;
mod shrinks_capacity;
mod stale_ignore;
mod stale_plan;
mod state_lost;
mod tainted_resource;
mod unapproved_change;
mod unknown_action;
mod unmanaged_change;
mod unmanaged_object;
mod unmarked_secret;
mod unused_waiver;

use std::collections::BTreeSet;

use tidelock_parse::ResourceAddr;

pub(crate) use create_collides::CreateCollides;
pub(crate) use duplicate_claim::DuplicateClaim;
pub(crate) use duplicate_objects::DuplicateObjects;
pub(crate) use expired_waiver::ExpiredWaiver;
pub(crate) use forgets_resource::ForgetsResource;
pub(crate) use ghost::Ghost;
pub(crate) use missing_prevent_destroy::MissingPreventDestroy;
pub(crate) use unmanaged_object::UnmanagedObject;
pub(crate) use unused_waiver::UnusedWaiver;

use self::{destroys_stateful_resource::DestroysStatefulResource, looks_like_move::LooksLikeMove};
use crate::{
    context::{Context, Subject},
    report::{Class, Command, Divergence, Finding, Note},
    rule::{Rule, RuleMeta, Sink},
};

/// Every rule, sorted by code.
pub static RULES: &[&dyn Rule] = &[
    &changed_outside::ChangedOutside,
    &changed_on_both_sides::ChangedOnBothSides,
    &deleted_outside::DeletedOutside,
    &drift_destroys::DriftDestroys,
    &unmanaged_change::UnmanagedChange,
    &mostly_gone::MostlyGone,
    &destroys_stateful_resource::DestroysStatefulResource,
    &replaces_stateful_resource::ReplacesStatefulResource,
    &index_shift::IndexShift,
    &mass_destroy::MassDestroy,
    &destroy_plan::DestroyPlan,
    &module_removed::ModuleRemoved,
    &replacement_cascade::ReplacementCascade,
    &blast_radius::BlastRadius,
    &destroy_before_create::DestroyBeforeCreate,
    &shrinks_capacity::ShrinksCapacity,
    &mass_create::MassCreate,
    &create_collides::CreateCollides,
    &duplicate_claim::DuplicateClaim,
    &unmanaged_object::UnmanagedObject,
    &ghost::Ghost,
    &state_lost::StateLost,
    &deposed_object::DeposedObject,
    &tainted_resource::TaintedResource,
    &duplicate_objects::DuplicateObjects,
    &forgets_resource::ForgetsResource,
    &missing_prevent_destroy::MissingPreventDestroy,
    &protection_removed::ProtectionRemoved,
    &ignores_everything::IgnoresEverything,
    &stale_ignore::StaleIgnore,
    &ignore_without_effect::IgnoreWithoutEffect,
    &errored_plan::ErroredPlan,
    &incomplete_plan::IncompletePlan,
    &failed_check::FailedCheck,
    &stale_plan::StalePlan,
    &old_plan::OldPlan,
    &unapproved_change::UnapprovedChange,
    &unknown_action::UnknownAction,
    &loosens_the_gate::LoosensTheGate,
    &expired_waiver::ExpiredWaiver,
    &unused_waiver::UnusedWaiver,
    &looks_like_move::LooksLikeMove,
    &import_instead::ImportInstead,
    &unmarked_secret::UnmarkedSecret,
    &secret_in_output::SecretInOutput,
];

/// The rule with this code or name.
pub fn find(code_or_name: &str) -> Option<&'static RuleMeta> {
    let matches = |meta: &&RuleMeta| meta.code == code_or_name || meta.name == code_or_name;
    RULES.iter().map(|rule| rule.meta()).find(matches)
}

/// Whether a code belongs to the block of drift rules.
pub(crate) fn is_about_drift(code: &str) -> bool {
    code.starts_with("TL1")
}

/// Runs the given rules, as far as they belong to `command`. What they find is not sorted yet.
pub(crate) fn run(rules: &[&dyn Rule], command: Command, context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules {
        let meta = rule.meta();
        if meta.commands.contains(&command) {
            rule.check(context, &mut Sink { meta, findings: &mut findings });
        }
    }
    prefer_moves(&mut findings);
    findings
}

/// Where a move explains a loss, the `moved` block is the one to paste: beside it, a `removed` block would contradict.
fn prefer_moves(findings: &mut [Finding]) {
    let moves =
        findings.iter().filter(|finding| finding.code == LooksLikeMove::META.code && finding.hcl.is_some());
    let explained: BTreeSet<ResourceAddr> = moves
        .flat_map(|finding| finding.address.iter().chain(finding.related.iter().map(|other| &other.address)))
        .cloned()
        .collect();
    let lost = findings.iter_mut().filter(|finding| finding.code == DestroysStatefulResource::META.code);
    for finding in
        lost.filter(|finding| finding.address.as_ref().is_some_and(|address| explained.contains(address)))
    {
        finding.hcl = None;
    }
}

/// Sorts findings as reports list them: the most severe first, then by address, path and code.
pub(crate) fn sort(findings: &mut [Finding]) {
    // The address at fault comes before what is said about the plan as a whole.
    let whole = |finding: &Finding| finding.address.is_none();
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| whole(a).cmp(&whole(b)))
            .then_with(|| a.address.cmp(&b.address))
            .then_with(|| a.deposed.cmp(&b.deposed))
            .then_with(|| a.path.cmp(&b.path))
            .then_with(|| a.code.cmp(b.code))
    });
}

/// What the rules of a command cannot tell.
pub(crate) fn notes(command: Command, context: &Context<'_>, findings: &[Finding]) -> Vec<Note> {
    match command {
        Command::Gate => state_lost::notes(context, findings),
        _ => Vec::new(),
    }
}

/// Calls `found` for every divergence of a class that is not cosmetic.
fn for_each_divergence(context: &Context<'_>, class: Class, mut found: impl FnMut(Subject<'_>, &Divergence)) {
    for subject in context.subjects() {
        for divergence in subject.divergences() {
            let counts = divergence.class == class && divergence.cosmetic.is_none();
            if counts && (divergence.drift || class == Class::Unmanaged) {
                found(subject, divergence);
            }
        }
    }
}

#[cfg(test)]
mod tests;
