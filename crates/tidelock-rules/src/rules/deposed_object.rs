//! TL306 `deposed-object`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A deposed object is waiting to be destroyed.
    ///
    /// ## What it finds
    ///
    /// An object that an interrupted create-before-destroy replacement left behind: its successor exists, and the plan destroys
    /// it.
    ///
    /// ## Why it matters
    ///
    /// It still costs money and may still serve somebody. Its destruction comes with the next apply, whatever that apply is
    /// about.
    ///
    /// ## Example
    ///
    /// A new server was created, and the destruction of the old one failed. The state keeps the old one as `deposed`.
    ///
    /// ## What to do
    ///
    /// Make sure that nothing uses the old object, then apply.
    ///
    /// ## What it misses
    ///
    /// Objects that were forgotten (`state rm`, `removed` blocks) are in no state and so in no plan. Whether a deposed object
    /// changed outside is not in a plan either.
    pub struct DeposedObject {
        code: "TL306",
        name: "deposed-object",
        severity: "info in drift",
        commands: [Drift, Gate],
    }
}

impl Rule for DeposedObject {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects().filter(|subject| subject.resource.deposed.is_some()) {
            let message =
                format!("a deposed {} is left over; the next apply destroys it", subject.facts.noun());
            let draft = sink.about(subject.resource, Severity::Info, message);
            sink.put(draft);
        }
    }
}
