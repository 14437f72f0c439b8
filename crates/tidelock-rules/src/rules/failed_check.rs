//! TL504 `failed-check`.

use tidelock_parse::{AttrPath, ResourceAddr, Step, plan::CheckStatus};

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A check of the configuration failed.
    ///
    /// ## What it finds
    ///
    /// A `check` block, a precondition or postcondition, a validation of a variable, or a precondition of an output that failed,
    /// or could not be evaluated, when the plan was made.
    ///
    /// ## Why it matters
    ///
    /// A failed `check` block is only a warning to the tools: the plan is written, and an apply in automation goes on. Whoever wrote
    /// the check wanted to know.
    ///
    /// ## Example
    ///
    /// A `check` asserts that a certificate is valid for another 30 days. It expires next week, and the apply puts it behind a
    /// new load balancer.
    ///
    /// ## What to do
    ///
    /// Read the message of the check in the output of the plan, and repair what it complains about, or change the check.
    ///
    /// ## What it misses
    ///
    /// Checks that can only be decided during apply. The message of the check is not shown: it may hold any value.
    pub struct FailedCheck {
        code: "TL504",
        name: "failed-check",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for FailedCheck {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        // A section that cannot be decoded is an error of the whole answer, not of this rule.
        for check in context.plan.checks().unwrap_or_default() {
            let what = match check.status {
                CheckStatus::Fail => "failed",
                CheckStatus::Error => "could not be evaluated",
                _ => continue,
            };
            let help = "its message stands in the output of the plan: repair what it complains about, or change the check";
            let draft = match condition_of(&check.name) {
                Some(address) => {
                    sink.about_address(&address, Severity::Warn, format!("a condition of the block {what}"))
                }
                None => sink
                    .about_plan(Severity::Warn, format!("`{}` {what}", check.name))
                    .path(&name_as_path(&check.name)),
            };
            sink.put(draft.help(help));
        }
    }
}

/// The block whose precondition or postcondition it is. `check.x`, `output.x` and `var.x` read like addresses, too.
fn condition_of(name: &str) -> Option<ResourceAddr> {
    let address: ResourceAddr = name.parse().ok()?;
    (!matches!(&*address.type_name, "check" | "output" | "var")).then_some(address)
}

/// Tells the checks of a plan apart, for fingerprints and waivers.
fn name_as_path(name: &str) -> AttrPath {
    name.parse().unwrap_or_else(|_| AttrPath::from(vec![Step::attr(name)]))
}
