//! TL511 `unused-waiver`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A waiver waives nothing.
    ///
    /// ## What it finds
    ///
    /// A `[[waiver]]` in the policy file of the stack itself that fits no finding of this run, although its rule ran.
    ///
    /// ## Why it matters
    ///
    /// A waiver with a typing error protects nobody from an alarm. One that outlived its cause waits for the day on which the same
    /// danger comes back, and lets it through unseen.
    ///
    /// ## Example
    ///
    /// The waiver names `aws_db_instance.main`, and the database has moved to `module.db.aws_db_instance.main`.
    ///
    /// ## What to do
    ///
    /// Remove the entry, or correct its rule, address or path. A waiver for a change that is still to come may wait: the finding is
    /// informational.
    ///
    /// ## What it misses
    ///
    /// Waivers in files above several stacks, and in files that others extend: another stack may need them.
    pub struct UnusedWaiver {
        code: "TL511",
        name: "unused-waiver",
        severity: "info",
        commands: [Drift, Gate],
    }
}

impl Rule for UnusedWaiver {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// Waivers are held against the findings of all rules, so the policy reports it when they are applied.
    fn check(&self, _context: &Context<'_>, _sink: &mut Sink<'_>) {}
}
