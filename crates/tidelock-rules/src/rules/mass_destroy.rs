//! TL204 `mass-destroy`.

use std::collections::BTreeMap;

use tidelock_parse::{Action, Mode, ResourceAddr};

use crate::{
    catalogue::Holds,
    context::{Context, Subject},
    report::{PlanMode, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// Much of the stack is destroyed or replaced at once.
    ///
    /// ## What it finds
    ///
    /// A plan that destroys or replaces more than 30 % and at least 5 of the instances that hold something or are compute; the
    /// policy sets both numbers. What holds nothing counts neither way.
    ///
    /// ## Why it matters
    ///
    /// Nobody means that. A wrong workspace, an empty list of keys, a variable that lost its value or a broken merge look like this,
    /// and each single destruction may even be harmless.
    ///
    /// ## Example
    ///
    /// `for_each = local.services` reads a file that is empty after a bad merge. The plan destroys all twelve services.
    ///
    /// ## What to do
    ///
    /// Check workspace, variables and the diff of the branch first. If it is meant, let a person approve the plan.
    ///
    /// ## What it misses
    ///
    /// A stack that loses its members a few at a time. Types that the catalogue does not know are judged by their name. A plan made
    /// with `-destroy` is told by TL205.
    pub struct MassDestroy {
        code: "TL204",
        name: "mass-destroy",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for MassDestroy {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if context.input.mode == Some(PlanMode::Destroy) {
            return;
        }
        let lost: Vec<Subject<'_>> = context
            .subjects()
            .filter(|subject| {
                let resource = subject.resource;
                resource.deposed.is_none() && resource.actions.destroys() && counts(subject.facts.holds)
            })
            .collect();
        let (least, percent) =
            (context.policy.thresholds.mass_destroy_at_least, context.policy.thresholds.mass_destroy_percent);
        if lost.len() < least || lost.is_empty() {
            return;
        }
        let too_many = |all: usize| lost.len() * 100 > all * percent;
        let types = Counted::new(context);
        let mut all = types.listed().max(lost.len());
        // A plan of a part (`-target`) lists that part only; the state inside has all. OpenTofu's never says.
        if too_many(all) && context.input.complete != Some(true) {
            all = all.max(types.held());
        }
        if !too_many(all) {
            return;
        }
        let message = format!(
            "apply destroys or replaces {} of the {} that hold something or are compute",
            lost.len(),
            wording::count(all, "instance"),
        );
        let lost = wording::by_value(lost);
        let draft = sink
            .about_plan(Severity::Deny, message)
            .members(lost.iter().map(Subject::address))
            .related(wording::related(lost.iter().map(|subject| (subject.address(), wording::holding(*subject)))))
            .help("check workspace, variables and the diff of the branch; a list that became empty looks like this");
        sink.put(draft);
    }
}

fn counts(holds: Holds) -> bool {
    holds > Holds::Nothing
}

/// How many managed instances exist that count.
struct Counted<'c> {
    context: &'c Context<'c>,
    /// Types of the resources at hand. One that only its arguments betray is judged by an instance whose values are
    /// known anyway.
    types: BTreeMap<&'c str, bool>,
}

impl<'c> Counted<'c> {
    fn new(context: &'c Context<'c>) -> Self {
        let mut types: BTreeMap<&str, bool> = BTreeMap::new();
        for subject in context.subjects() {
            *types.entry(&subject.resource.type_name).or_default() |= counts(subject.facts.holds);
        }
        Self { context, types }
    }

    /// Those that the plan lists.
    fn listed(&self) -> usize {
        let changes = self.context.plan.changes().iter();
        let existing = changes.filter(|change| change.deposed.is_none() && change.action != Action::Create);
        self.total(existing.map(|change| &change.address))
    }

    /// Those of the state inside the plan.
    fn held(&self) -> usize {
        let objects = self.context.prior().into_iter().flat_map(tidelock_parse::State::instances);
        self.total(objects.filter(|object| object.deposed.is_none()).map(|object| &object.address))
    }

    /// How many of the instances count; a type is looked up once.
    fn total<'a>(&self, addresses: impl Iterator<Item = &'a ResourceAddr>) -> usize {
        let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
        for address in addresses.filter(|address| address.mode == Mode::Managed) {
            *by_type.entry(&address.type_name).or_default() += 1;
        }
        let is_counted = |type_name: &str| {
            let known = self.types.get(type_name).copied();
            known.unwrap_or_else(|| counts(self.context.catalogue.lookup(type_name, []).holds))
        };
        by_type.into_iter().filter(|(type_name, _)| is_counted(type_name)).map(|(_, number)| number).sum()
    }
}
