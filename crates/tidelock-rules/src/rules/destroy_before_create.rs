//! TL209 `destroy-before-create`.

use tidelock_parse::Action;

use crate::{
    catalogue::Holds,
    context::{Context, Subject},
    report::{Location, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// A replaced instance goes away before its successor exists.
    ///
    /// ## What it finds
    ///
    /// A replacement that destroys first, of something that carries traffic or computes. What holds data, keys or identity is told by
    /// TL202; what holds nothing may go first.
    ///
    /// ## Why it matters
    ///
    /// Between the two steps there is nothing: an outage for as long as it takes to make the new one, and for good if that fails.
    ///
    /// ## Example
    ///
    /// A load balancer gets another name. Apply deletes it, and the new one takes three minutes.
    ///
    /// ## What to do
    ///
    /// Add `create_before_destroy = true` to the `lifecycle` of its block, if two of them may exist at once: with a fixed name they
    /// often may not, so use a name prefix then. Otherwise choose the time of the apply.
    ///
    /// ## What it misses
    ///
    /// How long it takes. Whether names collide.
    pub struct DestroyBeforeCreate {
        code: "TL209",
        name: "destroy-before-create",
        severity: "warn, deny if it holds traffic",
        commands: [Gate],
    }
}

impl Rule for DestroyBeforeCreate {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for (_, subject, _) in context.own_cases() {
            if subject.resource.actions != Action::DeleteThenCreate {
                continue;
            }
            let severity = match subject.facts.holds {
                Holds::Traffic => Severity::Deny,
                Holds::Compute | Holds::Machine if !subject.is_stateful() => Severity::Warn,
                _ => continue,
            };
            let message = format!(
                "apply destroys the {} before its successor exists{}",
                wording::noun(subject),
                if severity == Severity::Deny { ", which interrupts its traffic" } else { "" },
            );
            let place = lifecycle(context, subject);
            let whereto = match &place {
                Some(at) => format!(" to the block at {at}"),
                None => " to its `lifecycle`".to_owned(),
            };
            let help = format!(
                "add `create_before_destroy = true`{whereto}, if two of them, with their names, may exist at once"
            );
            let beside = place.as_ref().filter(|place| Some(*place) != subject.resource.location.as_ref());
            let draft = sink.about(subject.resource, severity, message).help(help).location(beside);
            let draft = if subject.roots.is_empty() { draft } else { draft.cause("drift", subject.roots) };
            sink.put(draft);
        }
    }
}

/// The `lifecycle` of the block, or the block if it has none.
fn lifecycle(context: &Context<'_>, subject: Subject<'_>) -> Option<Location> {
    let block = context.block(subject.address())?;
    let at = block.lifecycle.location.as_ref().unwrap_or(&block.location);
    context.place(&subject.address().module.config(), at)
}
