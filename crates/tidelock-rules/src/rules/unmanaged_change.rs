//! TL105 `unmanaged-change`.

use super::for_each_divergence;
use crate::{
    context::Context,
    report::{Class, Reason, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Something changed where the configuration says nothing.
    ///
    /// ## What it finds
    ///
    /// A path that changed outside, that the configuration does not set and that apply leaves as it is now (class
    /// `unmanaged`). It is drift only where the path is relevant to security: firewall rules, policies, members, public access,
    /// authorised keys. The log of a run (`plan -json`) does not name paths, so whatever changed outside and has no planned change
    /// counts.
    ///
    /// ## Why it matters
    ///
    /// No plan will ever set it back, and from the next apply on nobody will see it any more. A rule that opens a firewall to
    /// the world is the case that matters.
    ///
    /// ## Example
    ///
    /// A security group without inline rules in the code got an ingress rule for port 22 from everywhere.
    ///
    /// ## What to do
    ///
    /// If the change is wrong, undo it by hand or write the wanted value into the configuration. If it is right, write it down
    /// there.
    ///
    /// ## What it misses
    ///
    /// Whether the provider or a person changed it cannot be told without a schema; the report names the evidence. What another
    /// resource of the stack fills (rules of a security group) is told apart where the catalogue knows the pair. A path guards
    /// something if the catalogue names it, or if its words say so and a schema says that it can be set.
    pub struct UnmanagedChange {
        code: "TL105",
        name: "unmanaged-change",
        severity: "info, warn where the path guards something or is not known",
        commands: [Drift],
    }
}

impl Rule for UnmanagedChange {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for_each_divergence(context, Class::Unmanaged, |subject, divergence| {
            let (severity, message) = if divergence.reason == Some(Reason::ValuesMissing) {
                (
                    Severity::Warn,
                    "changed outside, and nothing is planned for it; without values nobody can tell whether that matters",
                )
            } else if divergence.drift {
                (Severity::Warn, "a security-relevant value changed outside, and no apply will set it back")
            } else {
                (Severity::Info, "changed outside where the configuration says nothing; apply keeps it")
            };
            let draft = sink.about(subject.resource, severity, message).path(&divergence.path);
            sink.put(draft);
        });
    }
}
