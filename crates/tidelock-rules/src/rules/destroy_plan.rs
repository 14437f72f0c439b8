//! TL205 `destroy-plan`.

use crate::{
    context::{Context, Subject},
    report::{PlanMode, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// The plan was made to destroy the whole stack.
    ///
    /// ## What it finds
    ///
    /// A plan made with `-destroy`. Plan JSON does not say so; a plan whose every change is a deletion without a reason is one. It is
    /// told once, and lists what holds something.
    ///
    /// ## Why it matters
    ///
    /// It destroys everything, and does not even look for drift. In a pipeline it is mostly a variable that was left set.
    ///
    /// ## Example
    ///
    /// `TF_CLI_ARGS_plan=-destroy` was set to take down a preview environment, and the next run of the pipeline is for production.
    ///
    /// ## What to do
    ///
    /// Plan again without `-destroy`. If the stack shall go, let a person approve the plan; for stacks whose life it is to be
    /// destroyed, say so in the policy.
    ///
    /// ## What it misses
    ///
    /// A `-destroy` plan of a stack that holds nothing but what is forgotten. With `-target`, only that part is destroyed, and it is
    /// told all the same.
    pub struct DestroyPlan {
        code: "TL205",
        name: "destroy-plan",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for DestroyPlan {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if context.input.mode != Some(PlanMode::Destroy) {
            return;
        }
        let destroyed = || context.subjects().filter(|subject| subject.resource.actions.destroys());
        let holding: Vec<Subject<'_>> =
            wording::by_value(destroyed().filter(Subject::holds_something).collect());
        let mut message = format!(
            "the plan was made with -destroy: apply destroys {}",
            wording::count(destroyed().count(), "instance")
        );
        if !holding.is_empty() {
            let names: Vec<_> = holding.iter().map(Subject::address).collect();
            message.push_str(&format!(
                ", {}: {}",
                wording::of_which_hold(holding.len()),
                wording::names(&names)
            ));
        }
        let draft = sink
            .about_plan(Severity::Deny, message)
            .members(holding.iter().map(Subject::address))
            .related(wording::related(
                holding.iter().map(|subject| (subject.address(), wording::holding(*subject))),
            ))
            .help("plan again without `-destroy`; if the whole stack shall go, approve the plan");
        sink.put(draft);
    }
}
