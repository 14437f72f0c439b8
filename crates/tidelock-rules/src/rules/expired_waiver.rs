//! TL510 `expired-waiver`.

use crate::{
    context::Context,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The time of a waiver is over.
    ///
    /// ## What it finds
    ///
    /// A `[[waiver]]` of the policy whose `until` has passed, by the UTC date. What it waived counts again.
    ///
    /// ## Why it matters
    ///
    /// A waiver is a loan: somebody accepted a danger for a while, and said until when. If it ended without a word, the same
    /// pipeline would fail some morning and nobody would know why; if it never ended, nobody would ever decide again.
    ///
    /// ## Example
    ///
    /// `until = "2027-03-31"` stands at a waiver of TL401 while a database gets its `prevent_destroy`. On the first of April the
    /// database still has none: both findings are there.
    ///
    /// ## What to do
    ///
    /// Remove the entry if what it waived is gone. Otherwise its owner decides again, and moves `until` in a reviewed change.
    ///
    /// ## What it misses
    ///
    /// Expired waivers in a file above several stacks are reported only where they would still waive something. An embedder that
    /// passes no time gets a note instead.
    pub struct ExpiredWaiver {
        code: "TL510",
        name: "expired-waiver",
        severity: "warn",
        commands: [Drift, Gate],
    }
}

impl Rule for ExpiredWaiver {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    /// Waivers are held against the findings of all rules, so the policy reports it when they are applied.
    fn check(&self, _context: &Context<'_>, _sink: &mut Sink<'_>) {}
}
