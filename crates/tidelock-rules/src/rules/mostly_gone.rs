//! TL106 `mostly-gone`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Most of the stack is gone at once.
    ///
    /// ## What it finds
    ///
    /// At least three instances, and more than half of the managed ones, that refresh did not find while the configuration still
    /// wants them. Programs may set other limits.
    ///
    /// ## Why it matters
    ///
    /// A wrong region, account, endpoint or credential looks exactly like this, and is far more likely. Applying would build
    /// everything a second time.
    ///
    /// ## Example
    ///
    /// The provider's region was changed in the configuration. Every object of the old region is reported deleted, and the plan
    /// creates all of them in the new one.
    ///
    /// ## What to do
    ///
    /// Check the provider's region, account and credentials first: can they see one of the objects at all? Every missing object is
    /// a *stop* until that is answered.
    ///
    /// ## What it misses
    ///
    /// A stack of one or two instances, and a loss of half of the stack or less.
    pub struct MostlyGone {
        code: "TL106",
        name: "mostly-gone",
        severity: "deny",
        commands: [Drift, Gate],
    }
}

impl Rule for MostlyGone {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        if context.is_mostly_gone() {
            let message = format!(
                "{} of {} managed instances are gone at once: a wrong region, account or credential looks like this",
                context.gone().count(),
                context.managed
            );
            sink.about_input(Severity::Deny, message);
        }
    }
}
