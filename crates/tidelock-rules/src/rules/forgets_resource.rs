//! TL309 `forgets-resource`.

use tidelock_parse::Value;

use crate::{
    claims::Claimant,
    context::{Context, Subject},
    identity,
    instance::Triple,
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// An object leaves the state and stays alive.
    ///
    /// ## What it finds
    ///
    /// An instance that the plan forgets: a `removed` block with `destroy = false`, or `lifecycle { destroy = false }` in OpenTofu.
    /// If the same plan makes its double, an object of the same identity or of the same name, it is a refusal.
    ///
    /// ## Why it matters
    ///
    /// Nobody manages the object any more: it costs money, holds what it holds, and drifts unseen. Where its double is created, two
    /// of them run, or the apply fails because the name is taken.
    ///
    /// ## Example
    ///
    /// A bucket was to move from one module to another. The old block became a `removed` block with `destroy = false`, and the new
    /// one has no `import` block: the plan forgets the bucket and creates it again.
    ///
    /// ## What to do
    ///
    /// If it was to move, use a `moved` block in place of the two, or an `import` block beside the new one. If it was to be handed over,
    /// make sure that the other stack has imported it.
    ///
    /// ## What it misses
    ///
    /// `state rm` on the command line is in no plan.
    pub struct ForgetsResource {
        code: "TL309",
        name: "forgets-resource",
        severity: "warn; deny if the plan creates its double",
        commands: [Gate, Reconcile],
    }
}

impl Rule for ForgetsResource {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let forgotten: Vec<_> = context.changed().filter(|(s, _)| s.resource.actions.forgets()).collect();
        if forgotten.is_empty() {
            return;
        }
        let created: Vec<_> = context
            .changed()
            .filter(|(s, _)| s.resource.actions.creates() && s.resource.deposed.is_none())
            .collect();
        for (subject, triple) in &forgotten {
            let double =
                created.iter().find(|(new, wanted)| is_double(context, (*subject, triple), (*new, wanted)));
            let noun = subject.facts.noun();
            let draft = match double {
                Some((new, _)) if new.address() == subject.address() => {
                    sink.about(
                        subject.resource,
                        if subject.holds_something() { Severity::Deny } else { Severity::Warn },
                        format!("apply makes another {noun} and leaves the old one alive, outside the state"),
                    )
                    .help("find out why it is replaced; destroy the old object by hand when nothing needs it")
                }
                Some((new, _)) => sink
                    .about(
                        subject.resource,
                        Severity::Deny,
                        format!(
                            "apply forgets the {noun}, which stays alive, and creates its double as {}",
                            new.address()
                        ),
                    )
                    .related([Related {
                        address: new.address().clone(),
                        depth: 1,
                        role: Some("is the double".to_owned()),
                    }])
                    .help("use a `moved` block in place of both, or an `import` block beside the new one"),
                None => sink
                    .about(
                        subject.resource,
                        Severity::Warn,
                        format!("apply forgets the {noun}: it stays alive, and nobody manages it"),
                    )
                    .help("make sure that another stack imports it, or that somebody removes it"),
            };
            sink.put(draft);
        }
    }
}

/// Whether what is created is what was forgotten: the same identity, or the same type and name.
fn is_double(
    context: &Context<'_>,
    (old, before): (Subject<'_>, &Triple),
    (new, wanted): (Subject<'_>, &Triple),
) -> bool {
    if new.address() == old.address() {
        return old.resource.deposed.is_none();
    }
    if new.resource.type_name != old.resource.type_name || new.resource.actions.is_replace() {
        return false;
    }
    let (Some(before), Some(Some(wanted))) = (&before.actual, &wanted.desired) else { return false };
    let Ok(claimant) = Claimant::new(context.plan, context.configuration()) else { return false };
    let Some(naming) = claimant.naming(&new.resource.type_name) else {
        return same_name(&new.resource.type_name, before, wanted);
    };
    let claim = |subject: Subject<'_>, object: &Value| {
        claimant.claim_of(subject.address(), &subject.resource.provider, &naming, object)
    };
    // The block of what is forgotten is gone, and with it the word on which provider configuration it used.
    match (claim(old, before), claim(new, wanted)) {
        (Some(old), Some(new)) => new.may_mean(&old),
        _ => false,
    }
}

/// Whether two objects of a type have all their names in common.
fn same_name(type_name: &str, before: &Value, wanted: &Value) -> bool {
    let names = identity::of(type_name, wanted);
    !names.is_empty() && identity::of(type_name, before) == names
}
