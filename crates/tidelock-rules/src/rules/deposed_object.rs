//! TL306 `deposed-object`.

use crate::{
    catalogue::Machines,
    context::{Context, Subject},
    report::{Command, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A deposed object is waiting to be destroyed.
    ///
    /// ## What it finds
    ///
    /// An object that an interrupted create-before-destroy replacement left behind: its successor exists, and the plan destroys
    /// it. In front of an apply this is a warning, and a refusal if the object holds data, keys or identity; a cloud VM counts
    /// only where the policy keeps machines as pets, because its successor is up.
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
        severity: "info in drift; in gate deny if stateful, else warn; warn in retry",
        commands: [Drift, Gate, Retry],
    }
}

impl Rule for DeposedObject {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects().filter(|subject| subject.resource.deposed.is_some()) {
            let action = &subject.resource.actions;
            let forgotten = action.forgets();
            let what = if forgotten { "drops it from the state and leaves it alive" } else { "destroys it" };
            let message = format!("a deposed {} is left over; the next apply {what}", subject.facts.noun());
            let gated = context.command == Command::Gate && !action.is_quiet();
            let severity = if gated { severity(subject) } else { Severity::Info };
            let mut draft = sink.about(subject.resource, severity, message);
            if gated {
                draft = draft.help(
                    "make sure that its successor has what it holds, and that nothing uses it any more",
                );
            }
            sink.put(draft);
        }
    }
}

fn severity(subject: Subject<'_>) -> Severity {
    // Only a replacement that creates first leaves a deposed object, so a machine has its successor.
    let machines = subject.machines.unwrap_or(Machines::Cattle);
    if subject.facts.holds.is_stateful(machines) { Severity::Deny } else { Severity::Warn }
}
