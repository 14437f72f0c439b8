//! Which members a story must let go of, because the policy lets it weigh less than they do.

use tidelock_parse::ResourceAddr;

use super::{Stories, Story, set};
use crate::{
    context::{Context, Subject},
    policy::Profile,
    report::Severity,
    rules::{
        destroy_before_create::{self, DestroyBeforeCreate},
        destroys_stateful_resource::{self, DestroysStatefulResource},
        replaces_stateful_resource::{self, ReplacesStatefulResource},
    },
};

/// The finding that tells a story.
struct Telling<'c> {
    code: &'static str,
    address: Option<&'c ResourceAddr>,
    members: Vec<usize>,
}

impl Stories {
    /// Makes cases of their own of the members that would weigh more alone than the story that they belong to.
    pub(super) fn release(&mut self, context: &Context<'_>) {
        let profile = context.policy.profile(context.input.stack.as_deref());
        for telling in self.tellings(context) {
            let subjects = || telling.members.iter().filter_map(|at| Some((*at, context.subject(*at)?)));
            let holds = subjects().any(|(_, subject)| subject.holds_something());
            let own = if holds { Severity::Deny } else { Severity::Warn };
            let told = context.policy.weight(telling.code, telling.address, own, profile);
            for (at, subject) in subjects() {
                if alone(context, subject, profile).is_some_and(|alone| alone > told) {
                    set(&mut self.of, at, Story::Own);
                }
            }
        }
    }

    fn tellings<'c>(&self, context: &Context<'c>) -> Vec<Telling<'c>> {
        let modules = self.modules.iter().map(|module| Telling {
            code: "TL206",
            address: module.by_value(context).first().map(Subject::address),
            members: module.members.clone(),
        });
        let shifts = self.shifts.iter().map(|shift| {
            let lost = shift.members().filter(|at| matches!(self.of(*at), Story::Shift(_)));
            let lost = lost.filter(|at| context.resources.get(*at).is_some_and(|r| r.actions.destroys()));
            Telling {
                code: "TL203",
                address: shift.lead(context).map(|(_, subject)| subject.address()),
                members: lost.collect(),
            }
        });
        let all = self.of.iter().zip(0..).filter(|(story, _)| **story == Story::WholePlan);
        let whole = Telling { code: "TL205", address: None, members: all.map(|(_, at)| at).collect() };
        modules.chain(shifts).chain([whole]).collect()
    }
}

/// What the finding about one destroyed or replaced resource would weigh, if there were one.
fn alone(context: &Context<'_>, subject: Subject<'_>, profile: Profile) -> Option<Severity> {
    let own = [
        (DestroysStatefulResource::META.code, destroys_stateful_resource::severity(subject)),
        (ReplacesStatefulResource::META.code, replaces_stateful_resource::severity(subject)),
        (DestroyBeforeCreate::META.code, destroy_before_create::severity(subject)),
    ];
    let (code, own) = own.into_iter().find_map(|(code, severity)| Some((code, severity?)))?;
    Some(context.policy.weight(code, Some(subject.address()), own, profile))
}
