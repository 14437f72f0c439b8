//! TL104 `drift-destroys`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Drift makes the plan destroy or replace something.
    ///
    /// ## What it finds
    ///
    /// An instance that the plan destroys or replaces because a path drifted: one of its own that forces a replacement and
    /// that apply sets back, or a path of another instance to which its replace paths or triggers refer, directly or through
    /// others. The finding sits on the instance that is destroyed and names the root. A change that the provider made itself,
    /// such as a new address, counts as a root too. A tainted instance is left out: its taint is the reason.
    ///
    /// ## Why it matters
    ///
    /// A change in a console turns a routine apply into the loss of a database. The plan shows the replacement, but not that
    /// nobody asked for it in the code.
    ///
    /// ## Example
    ///
    /// A VM was migrated to another node by hand. `node_name` forces a replacement, so the plan destroys the VM and clones a
    /// new one, to bring it back to the node that the code names.
    ///
    /// ## What to do
    ///
    /// Do not apply. Find out why it changed. To accept reality, write the actual value into the configuration at the root, where
    /// the configuration sets it, and plan again: the replacement must be gone from the plan.
    ///
    /// ## What it misses
    ///
    /// References through locals are followed only where the `.tf` sources are given; values that pass through a data source are
    /// not followed.
    pub struct DriftDestroys {
        code: "TL104",
        name: "drift-destroys",
        severity: "deny if what goes holds something, else warn",
        commands: [Drift],
    }
}

impl Rule for DriftDestroys {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.subjects().filter(|subject| !subject.roots.is_empty()) {
            let severity = if subject.holds_something() { Severity::Deny } else { Severity::Warn };
            let resource = subject.resource;
            let verb = if resource.actions.is_replace() { "destroy and recreate" } else { "destroy" };
            let own = subject.roots.iter().all(|root| root.address == resource.address);
            let place = if own { "drift" } else { "drift of another resource" };
            // The log of a run names no paths: some of those that drifted may be the one that forces it.
            let makes = if context.plan.stream().is_some() { "may be what makes" } else { "makes" };
            let message = format!("{place} {makes} apply {verb} the {}", subject.facts.noun());
            let mut draft = sink
                .about(resource, severity, message)
                .help("find out who changed it; to keep the object, accept the actual value at the root")
                .cause("drift", subject.roots);
            if let [path] = resource.replace_paths.as_slice() {
                draft = draft.path(path);
            }
            sink.put(draft);
        }
    }
}
