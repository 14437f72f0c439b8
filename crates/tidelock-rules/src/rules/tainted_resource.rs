//! TL307 `tainted-resource`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A tainted instance will be replaced.
    ///
    /// ## What it finds
    ///
    /// An instance that the last apply left half-made, or that somebody tainted. The plan replaces it.
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
        severity: "info in drift",
        commands: [Drift, Gate],
    }
}

impl Rule for TaintedResource {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects().filter(|subject| subject.resource.tainted) {
            let message = format!("the {} is tainted; apply replaces it", subject.facts.noun());
            let draft = sink
                .about(subject.resource, Severity::Info, message)
                .help("if the object is sound, `tofu untaint` (or `terraform untaint`) keeps it");
            sink.put(draft);
        }
    }
}
