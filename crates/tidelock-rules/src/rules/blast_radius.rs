//! TL208 `blast-radius`.

use std::collections::BTreeSet;

use tidelock_parse::{Action, ResourceAddr};

use crate::{
    catalogue::Holds,
    context::{Context, Subject},
    dependents,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// Many instances depend on what the plan destroys or replaces.
    ///
    /// ## What it finds
    ///
    /// More instances than the policy allows (25) that stay, and that depend, directly or through others, on something that the plan
    /// destroys or replaces and that does not hold nothing.
    ///
    /// ## Why it matters
    ///
    /// A plan with one replacement looks small. If forty things stand on it, they are without it until apply is through, or for good.
    ///
    /// ## Example
    ///
    /// The cluster of all services is replaced. The services themselves are only updated.
    ///
    /// ## What to do
    ///
    /// Look at what depends on it (`tidelock graph PLAN --focus ADDRESS`), and choose the time of the apply.
    ///
    /// ## What it misses
    ///
    /// What depends on it in other stacks. Without the `.tf` sources, references through locals are not seen. Every instance of a
    /// block counts that refers to any instance of another one.
    pub struct BlastRadius {
        code: "TL208",
        name: "blast-radius",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for BlastRadius {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let destroyed: Vec<Subject<'_>> = context
            .subjects()
            .filter(|subject| subject.resource.deposed.is_none() && subject.resource.actions.destroys())
            .collect();
        let goes: BTreeSet<&ResourceAddr> = destroyed.iter().map(Subject::address).collect();
        let sources: Vec<Subject<'_>> =
            destroyed.into_iter().filter(|subject| subject.facts.holds > Holds::Nothing).collect();
        let radius = radius(context, &sources, &goes);
        if radius <= context.policy.thresholds.blast_radius {
            return;
        }
        let depends = if radius == 1 { "instance that stays depends" } else { "instances that stay depend" };
        let sources = wording::by_value(sources);
        let draft = match sources.as_slice() {
            [only] => {
                let message = format!("{radius} {depends} on the {}", wording::noun(*only));
                sink.about(only.resource, Severity::Warn, message)
            }
            several => {
                let message = format!("{radius} {depends} on what the plan destroys or replaces");
                let listed = several.iter().map(|subject| (subject.address(), wording::holding(*subject)));
                sink.about_plan(Severity::Warn, message).related(wording::related(listed))
            }
        };
        sink.put(
            draft.help("look at what depends on it with `tidelock graph`, and choose the time of the apply"),
        );
    }
}

/// How many existing instances that stay depend on any of the sources.
fn radius(context: &Context<'_>, sources: &[Subject<'_>], goes: &BTreeSet<&ResourceAddr>) -> usize {
    if sources.is_empty() {
        return 0;
    }
    let instances = dependents::instances(context.plan, context.graph);
    let addresses: Vec<&ResourceAddr> = sources.iter().map(Subject::address).collect();
    let mut reached = context.graph.reached(&addresses, &instances);
    for change in context.plan.changes().iter().filter(|change| change.action == Action::Create) {
        reached.remove(&change.address);
    }
    reached.iter().filter(|address| !goes.contains(*address)).count()
}
