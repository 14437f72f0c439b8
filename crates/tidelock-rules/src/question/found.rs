//! What was found out about a plan, and what of it may be shown.

use std::borrow::Cow;

use tidelock_parse::{Action, KnownSecrets, Mask, Plan, PlanError, Redactor, redact};

use crate::{
    catalogue::Facts,
    divergence,
    instance::Triple,
    policy::Policy,
    report::{Finding, Note, OutputReport, ResourceReport},
};

/// What was found out instance by instance; the lists run in step.
#[derive(Default)]
pub(super) struct Found {
    pub(super) resources: Vec<ResourceReport>,
    pub(super) facts: Vec<Facts>,
    pub(super) triples: Vec<Triple>,
    pub(super) notes: Vec<Note>,
    /// How many of them the plan wants to exist.
    pub(super) wanted: usize,
    /// How many of those the sources do not declare.
    pub(super) undeclared: usize,
}

impl Found {
    /// Hides what is marked sensitive elsewhere in the plan.
    pub(super) fn hide(&mut self, secrets: &KnownSecrets) {
        for resource in &mut self.resources {
            for name in [&mut resource.identity.id, &mut resource.identity.name].into_iter().flatten() {
                *name = secrets.cut(name).into_owned();
            }
            for divergence in &mut resource.divergences {
                divergence::hide(divergence, secrets);
            }
        }
    }
}

/// Hides in the words of a finding what is marked sensitive elsewhere in the plan: rules name objects by their values.
pub(super) fn hide(finding: &mut Finding, secrets: &KnownSecrets) {
    let roles = finding.related.iter_mut().filter_map(|related| related.role.as_mut());
    let words = [&mut finding.help, &mut finding.cause, &mut finding.hcl].into_iter().flatten();
    for text in words.chain(roles).chain([&mut finding.message]) {
        if let Cow::Owned(cut) = secrets.cut(text) {
            *text = cut;
        }
    }
}

/// The root outputs that change.
pub(super) fn outputs(
    plan: &Plan,
    policy: &Policy,
    secrets: &KnownSecrets,
) -> Result<Vec<OutputReport>, PlanError> {
    let changed = plan.outputs()?.into_iter().filter(|output| output.action != Action::NoOp);
    Ok(changed
        .map(|output| {
            let mut redactor = Redactor::default();
            let sides = [output.values.before.as_ref(), output.values.after.as_ref()];
            let named = sides.into_iter().flatten().any(|value| redact::is_named(&output.name, None, value));
            let marked = output.values.before_sensitive.union(&output.values.after_sensitive);
            let own = sides.into_iter().flatten().map(|value| policy.secrets_in(value));
            let sensitive = if named { Mask::All } else { own.fold(marked, |mask, own| mask.union(&own)) };
            let [before, after] = sides.map(|side| {
                let mut shown = redactor.show(side, &sensitive);
                secrets.hide(&mut shown);
                shown
            });
            OutputReport { name: output.name, before, after, actions: output.action }
        })
        .collect())
}
