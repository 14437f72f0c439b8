//! TL209 `destroy-before-create`.

use std::collections::BTreeSet;

use tidelock_parse::Action;

use crate::{
    catalogue::Holds,
    context::{Context, Subject},
    report::{Location, PlanMode, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// An instance goes away before its successor exists, or without one.
    ///
    /// ## What it finds
    ///
    /// A replacement that destroys first, of something that carries traffic or computes. And what carries traffic and is destroyed
    /// for good, because its block, key or module is gone: told once for all of it. What holds data, keys or identity is told by TL201
    /// and TL202; what holds nothing may go.
    ///
    /// ## Why it matters
    ///
    /// Between the two steps there is nothing: an outage for as long as it takes to make the new one, and for good if that fails, or
    /// if there is no second step.
    ///
    /// ## Example
    ///
    /// A load balancer gets another name. Apply deletes it, and the new one takes three minutes.
    ///
    /// ## What to do
    ///
    /// Add `create_before_destroy = true` to the `lifecycle` of its block, if two of them may exist at once: with a fixed name they
    /// often may not, so use a name prefix then. Otherwise choose the time of the apply. Before traffic goes for good, see that none
    /// comes any more.
    ///
    /// ## What it misses
    ///
    /// How long it takes. Whether names collide. Where the plan creates something of the same type, that is taken for the successor of
    /// what is destroyed, whatever it serves. A plan made with `-destroy` is told by TL205, and a module that is gone by TL206, unless
    /// the policy lets that weigh less.
    pub struct DestroyBeforeCreate {
        code: "TL209",
        name: "destroy-before-create",
        severity: "warn, deny if it holds traffic and is replaced",
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
            let Some(severity) = severity(subject) else { continue };
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
        ends_traffic(context, sink);
    }
}

/// How bad the outage is; `None` where the rule has nothing to say.
pub(crate) fn severity(subject: Subject<'_>) -> Option<Severity> {
    match (&subject.resource.actions, subject.facts.holds) {
        (Action::DeleteThenCreate, Holds::Traffic) => Some(Severity::Deny),
        (Action::DeleteThenCreate, Holds::Compute | Holds::Machine) if !subject.is_stateful() => {
            Some(Severity::Warn)
        }
        (Action::Delete, Holds::Traffic) => Some(Severity::Warn),
        _ => None,
    }
}

/// What carries traffic and goes for good.
fn ends_traffic(context: &Context<'_>, sink: &mut Sink<'_>) {
    if context.input.mode == Some(PlanMode::Destroy) {
        return;
    }
    let created: BTreeSet<&str> = context
        .resources
        .iter()
        .filter(|resource| resource.actions == Action::Create)
        .map(|resource| &*resource.type_name)
        .collect();
    let ended = context.own_cases().map(|(_, subject, _)| subject).filter(|subject| {
        subject.resource.actions == Action::Delete
            && severity(*subject).is_some()
            && !created.contains(&*subject.resource.type_name)
    });
    let ended = wording::by_value(ended.collect());
    let Some((first, others)) = ended.split_first() else { return };
    let noun = wording::noun(*first);
    let message = match others.len() {
        0 => format!("apply takes the {noun} away, and nothing in the plan takes its traffic"),
        more => format!(
            "apply takes the {noun} and {} away, and nothing in the plan takes their traffic",
            wording::count(more, "other instance")
        ),
    };
    let draft = sink
        .about(first.resource, severity(*first).unwrap_or(Severity::Warn), message)
        .related(wording::related(others.iter().map(|other| (other.address(), wording::holding(*other)))))
        .members(ended.iter().map(Subject::address))
        .help("see that no traffic comes any more; if it was renamed, add a `moved` block");
    sink.put(draft);
}

/// The `lifecycle` of the block, or the block if it has none.
fn lifecycle(context: &Context<'_>, subject: Subject<'_>) -> Option<Location> {
    let block = context.block(subject.address())?;
    let at = block.lifecycle.location.as_ref().unwrap_or(&block.location);
    context.place(&subject.address().module.config(), at)
}
