//! TL508 `unknown-action`.

use tidelock_parse::Action;

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The plan does something that this version does not know.
    ///
    /// ## What it finds
    ///
    /// An instance whose `actions` are a combination that this version of tidelock has no name for.
    ///
    /// ## Why it matters
    ///
    /// What is not understood must not be called harmless: a newer tofu or terraform may destroy under a new word.
    ///
    /// ## Example
    ///
    /// A future release plans `["relocate"]`.
    ///
    /// ## What to do
    ///
    /// Update tidelock. Until then, look at the instance in the output of `tofu show PLANFILE`.
    ///
    /// ## What it misses
    ///
    /// Unknown reasons (`action_reason`) of known actions change nothing about what is done; they are kept in the report.
    pub struct UnknownAction {
        code: "TL508",
        name: "unknown-action",
        severity: "deny",
        commands: [Drift, Gate],
    }
}

impl Rule for UnknownAction {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects() {
            if let Action::Other(words) = &subject.resource.actions {
                let message = format!("the plan's action `{}` is not known to this version", words.join(","));
                let tool = context.tool.as_str();
                let draft = sink
                    .about(subject.resource, Severity::Deny, message)
                    .help(format!("update tidelock, or look at the instance with `{tool} show PLANFILE`"));
                sink.put(draft);
            }
        }
    }
}
