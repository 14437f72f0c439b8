//! TL101 `changed-outside`.

use super::for_each_divergence;
use crate::{
    context::Context,
    report::{Class, Reason, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Something changed outside, and apply would set it back.
    ///
    /// ## What it finds
    ///
    /// A path whose actual value differs from the recorded one while the plan wants the recorded one again (class
    /// `reverting`). In a refresh-only plan, which does not say what it wants, the configuration speaks in its place.
    /// Differences that vanish after normalising (JSON formatting, the order of a set, the comment of an SSH key) do not count,
    /// unless the path forces a replacement or interrupts something.
    ///
    /// ## Why it matters
    ///
    /// Somebody changed the object by hand, or another tool did: perhaps to fix an emergency. The next apply undoes it without
    /// asking.
    ///
    /// ## Example
    ///
    /// The configuration says `memory { dedicated = 8192 }`. Somebody raised the memory to 10240 in the web interface. The
    /// plan sets it back to 8192, which restarts the VM.
    ///
    /// ## What to do
    ///
    /// Find out who changed it. Then apply (reality is wrong), write the actual value into the configuration (reality is
    /// right), or add the path to `ignore_changes` (nobody cares). The report names the command, the line and the entry.
    ///
    /// ## What it misses
    ///
    /// What a provider does not read back cannot drift. A plan made with `-refresh=false` or `-destroy` lists no drift, and
    /// neither does a plan list it for data sources, deposed objects and what it is about to import.
    pub struct ChangedOutside {
        code: "TL101",
        name: "changed-outside",
        severity: "warn",
        commands: [Drift],
    }
}

impl Rule for ChangedOutside {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for_each_divergence(context, Class::Reverting, |subject, divergence| {
            let unseen = divergence.reason == Some(Reason::ValuesMissing);
            let when = if divergence.until_apply || unseen { "may set it back" } else { "sets it back" };
            let message = format!("changed outside; apply {when}");
            let draft = sink.about(subject.resource, Severity::Warn, message).path(&divergence.path);
            sink.put(draft);
        });
    }
}
