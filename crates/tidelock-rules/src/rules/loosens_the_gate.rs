//! TL509 `loosens-the-gate`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The change loosens what guards it.
    ///
    /// ## What it finds
    ///
    /// With `--policy-base`, every respect in which the policy, the lock or the baseline at hand lets through more than that of
    /// the target branch: waivers added or prolonged, severities lowered, thresholds raised, types that hold less, stacks that
    /// became ephemeral, entries gone from `protected` or from the lock, findings added to the baseline.
    ///
    /// ## Why it matters
    ///
    /// Whoever writes a change can write its policy, too. With `--policy-base` the policy of the target branch is applied, so that
    /// a loosening takes effect only once it is merged; this finding tells the reviewer that it is part of the change.
    ///
    /// ## Example
    ///
    /// A change deletes a database, its entry in `tidelock.lock`, and adds a waiver of TL201. The gate still refuses it, by the
    /// lock and without the waiver, and lists both.
    ///
    /// ## What to do
    ///
    /// Let the owners of the policy decide about the loosening first, in a change of its own; `CODEOWNERS` asks them by itself, see
    /// `docs/policy.md`. Then repeat the gate.
    ///
    /// ## What it misses
    ///
    /// A weaker pipeline: whoever may edit the job that runs tidelock may leave out its arguments. A pattern that was replaced by
    /// another one that means the same is reported.
    pub struct LoosensTheGate {
        code: "TL509",
        name: "loosens-the-gate",
        severity: "warn",
        commands: [Drift, Gate],
    }
}

impl Rule for LoosensTheGate {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for loosening in &context.policy.loosened {
            let what = &loosening.what;
            let draft = sink
                .about_plan(Severity::Warn, format!("this branch loosens the gate: {what}"))
                .help("it takes no effect before it is merged; have the owners of the policy review it")
                .location(loosening.location.as_ref())
                .distinguished_by(what);
            sink.put(draft);
        }
    }
}
