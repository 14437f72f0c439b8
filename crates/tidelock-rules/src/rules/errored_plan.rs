//! TL502 `errored-plan`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Planning failed half-way.
    ///
    /// ## What it finds
    ///
    /// A plan that says `errored`: tofu and terraform write the file, but what they had not reached is missing from it.
    ///
    /// ## Why it matters
    ///
    /// The plan understates. The instance that failed stands only in the prior state, and what depends on it is not planned at
    /// all. "No drift" in such a plan means nothing.
    ///
    /// ## Example
    ///
    /// `prevent_destroy` stopped a replacement. The plan file is written, the job fails, and whoever reads the file sees half of
    /// the truth.
    ///
    /// ## What to do
    ///
    /// Fix the error that `plan` printed, and plan again.
    ///
    /// ## What it misses
    ///
    /// OpenTofu and Terraform before 1.6 do not write the mark. A job that stops at the failed `plan` never asks.
    pub struct ErroredPlan {
        code: "TL502",
        name: "errored-plan",
        severity: "deny",
        commands: [Drift, Gate],
    }
}

impl Rule for ErroredPlan {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if context.input.errored == Some(true) {
            sink.about_input(Severity::Deny, "planning failed half-way, so the plan is incomplete");
        }
    }
}
