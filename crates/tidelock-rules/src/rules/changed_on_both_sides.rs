//! TL102 `changed-on-both-sides`.

use super::for_each_divergence;
use crate::{
    context::Context,
    report::{Class, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Something changed outside and in the configuration, to different values.
    ///
    /// ## What it finds
    ///
    /// A path whose recorded, actual and desired values are all different (class `conflicting`).
    ///
    /// ## Why it matters
    ///
    /// Two people are working on the same thing without knowing of each other. The plan reads like a plain edit, because its
    /// text shows only actual and desired: an increase in the code can be a decrease in reality.
    ///
    /// ## Example
    ///
    /// The state says 100 GB, somebody grew the disk to 500, the configuration now says 200. The edit looks like growth and is a
    /// shrink, which most providers answer with a replacement.
    ///
    /// ## What to do
    ///
    /// Agree on one value before anything is applied. To accept reality, write the actual value into the configuration.
    ///
    /// ## What it misses
    ///
    /// A value that is known only after apply cannot be compared; the divergence is then listed as informational. Where
    /// recorded and actual agree after normalising, the change is the configuration's alone, and nothing is reported.
    pub struct ChangedOnBothSides {
        code: "TL102",
        name: "changed-on-both-sides",
        severity: "warn",
        commands: [Drift],
    }
}

impl Rule for ChangedOnBothSides {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for_each_divergence(context, Class::Conflicting, |subject, divergence| {
            let message = "changed outside and by the configuration, to different values";
            let draft = sink.about(subject.resource, Severity::Warn, message).path(&divergence.path);
            sink.put(draft);
        });
    }
}
