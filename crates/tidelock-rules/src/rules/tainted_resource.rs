//! TL307 `tainted-resource`.

use crate::{
    context::Context,
    report::{Command, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A tainted instance will be replaced.
    ///
    /// ## What it finds
    ///
    /// An instance that the last apply left half-made, or that somebody tainted. The plan replaces it. In front of an apply this
    /// is a warning, and a refusal if the object holds data, keys or identity: only a person knows whether it was ever used.
    ///
    /// ## Why it matters
    ///
    /// Its values differ from the recorded ones in many places though nobody touched it: the failed creation recorded nothing,
    /// and the refresh fills it in. Read as drift, these differences are noise.
    ///
    /// ## Example
    ///
    /// A server was created and the step after its creation failed. The next plan lists address, name and network as changed
    /// outside, and replaces the server.
    ///
    /// ## What to do
    ///
    /// Look at what failed. If the object is sound, `tofu untaint` keeps it; otherwise apply.
    ///
    /// ## What it misses
    ///
    /// Terraform before 0.15 does not say why it replaces. What somebody really changed on a tainted instance is counted as noise,
    /// too: the replacement sweeps it away.
    pub struct TaintedResource {
        code: "TL307",
        name: "tainted-resource",
        severity: "info in drift; in gate deny if stateful, else warn; warn in retry",
        commands: [Drift, Gate, Retry],
    }
}

impl Rule for TaintedResource {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects().filter(|subject| subject.resource.tainted) {
            let action = &subject.resource.actions;
            let severity = match context.command {
                Command::Gate if action.destroys() && subject.is_stateful() => Severity::Deny,
                Command::Gate if !action.is_quiet() => Severity::Warn,
                _ => Severity::Info,
            };
            let noun = subject.facts.noun();
            let message = if action.destroys() && !action.is_replace() {
                format!("the {noun} is tainted; apply destroys it")
            } else {
                format!("the {noun} is tainted; apply replaces it")
            };
            let draft = sink
                .about(subject.resource, severity, message)
                .help(format!("if the object is sound, `{} untaint` keeps it", context.tool.as_str()));
            sink.put(draft);
        }
    }
}
