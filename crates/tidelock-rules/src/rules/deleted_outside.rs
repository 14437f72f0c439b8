//! TL103 `deleted-outside`.

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// An object is gone, and apply would make a new one.
    ///
    /// ## What it finds
    ///
    /// An instance that the state records and refresh did not find, while the configuration still wants it. It is denied where
    /// the type holds data, keys or an identity, or is a machine; otherwise it is a warning.
    ///
    /// ## Why it matters
    ///
    /// The new object starts empty. A database, a disk or a VM of a hypervisor made again has lost its contents, and a restore
    /// becomes harder once something else carries its name. Sometimes nothing is gone at all: a token without the right to see
    /// the object looks exactly the same.
    ///
    /// ## Example
    ///
    /// A VM was destroyed in the hypervisor's web interface. The plan says `create`, and the apply would clone a fresh one from
    /// the template.
    ///
    /// ## What to do
    ///
    /// Find out what happened before you apply: the report says where to look. If the contents matter, restore the object from
    /// its backup and import it under the same address. If it should be gone, remove its block.
    ///
    /// ## What it misses
    ///
    /// A provider that does not notice the loss (a volume that still answers, a cache) reports nothing. A destroy plan lists no
    /// drift: what is gone simply does not stand in it. What an unknown type holds is guessed from its name, and the report says so.
    pub struct DeletedOutside {
        code: "TL103",
        name: "deleted-outside",
        severity: "deny if stateful, else warn",
        commands: [Drift, Gate],
    }
}

impl Rule for DeletedOutside {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for subject in context.gone() {
            let stateful = subject.is_stateful();
            let (severity, message) = if stateful {
                (
                    Severity::Deny,
                    format!("the {} is gone; apply creates a new, empty one", subject.facts.noun()),
                )
            } else {
                (Severity::Warn, format!("the {} is gone; apply creates it again", subject.facts.noun()))
            };
            let mut draft = sink.about(subject.resource, severity, message);
            if stateful {
                draft = draft.help("restore it from a backup and import it before you apply");
            }
            sink.put(draft);
        }
    }
}
