//! TL503 `incomplete-plan`.

use tidelock_parse::stream::PlanPart;

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The plan does not cover everything.
    ///
    /// ## What it finds
    ///
    /// A plan that says `complete: false` without having failed: it was made with `-target` or `-exclude`, or something was deferred. A
    /// saved plan says with which. Of the log of a run (`plan -json`), one that ends before the plan does, or of which lines are lost;
    /// that is denied.
    ///
    /// ## Why it matters
    ///
    /// What was left out may have drifted, and the report cannot know.
    ///
    /// ## Example
    ///
    /// A job plans with `-target=module.web` to save time. The database beside it lost a rule of its firewall, and nobody hears of
    /// it.
    ///
    /// ## What to do
    ///
    /// Plan without `-target` for drift detection.
    ///
    /// ## What it misses
    ///
    /// OpenTofu's plan JSON never says that a plan is partial, and Terraform's only says it since 1.8. Saved plans say it whoever
    /// wrote them. The log of a run never does: of a log it is only known that it is cut, and one that is cut exactly between two
    /// lines behind the summary looks whole (`set -o pipefail` notices the run that failed).
    pub struct IncompletePlan {
        code: "TL503",
        name: "incomplete-plan",
        severity: "warn; deny for a log that is cut",
        commands: [Drift, Gate],
    }
}

impl Rule for IncompletePlan {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if context.input.complete != Some(false) || context.input.errored == Some(true) {
            return;
        }
        if context.plan.stream().is_some_and(|stream| stream.plan() != PlanPart::ToTheEnd) {
            let message = "the log holds no end of a plan: it was cut, lines of it are lost, or it is that of a `refresh`";
            sink.about_input(Severity::Deny, message);
        } else {
            sink.about_input(Severity::Warn, why(context));
        }
    }
}

/// Why it is partial, as far as the plan says.
fn why(context: &Context<'_>) -> String {
    let Some(recorded) = context.plan.recorded() else {
        return "the plan is partial (`-target`, or something was deferred)".to_owned();
    };
    let options = |option: &'static str, list: &[String]| {
        (!list.is_empty()).then(|| format!("{option} {}", list.join(", ")))
    };
    let given = [options("-target", &recorded.targets), options("-exclude", &recorded.excludes)];
    let given: Vec<String> = given.into_iter().flatten().collect();
    if given.is_empty() {
        return "the plan is partial: something was deferred".to_owned();
    }
    format!("the plan is partial: it was made with {}", given.join(" and "))
}
