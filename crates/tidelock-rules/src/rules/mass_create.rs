//! TL211 `mass-create`.

use tidelock_parse::{Action, Mode};

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// The plan creates more instances than allowed.
    ///
    /// ## What it finds
    ///
    /// More creates than `--max-creates` or the policy says. Replacements do not count. Without a limit it is silent.
    ///
    /// ## Why it matters
    ///
    /// Every create costs money, and a plan that creates everything is what a lost state, a wrong workspace or a wrong backend looks
    /// like.
    ///
    /// ## Example
    ///
    /// A nightly pipeline may create a handful of things. One night the state was empty, and the plan creates two hundred.
    ///
    /// ## What to do
    ///
    /// Look whether the state is the right one and whole. If it is meant, raise the limit for this run.
    ///
    /// ## What it misses
    ///
    /// What things cost.
    pub struct MassCreate {
        code: "TL211",
        name: "mass-create",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for MassCreate {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let Some(limit) = context.policy.thresholds.max_creates else { return };
        let changes = context.plan.changes().iter();
        let creates = changes
            .filter(|change| change.address.mode == Mode::Managed && change.action == Action::Create)
            .count();
        if creates > limit {
            let message =
                format!("the plan creates {}; {limit} are allowed", wording::count(creates, "instance"));
            let help = "check that the state is the right one and whole; if it is meant, raise the limit";
            sink.put(sink.about_plan(Severity::Warn, message).help(help));
        }
    }
}
