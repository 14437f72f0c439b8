//! TL301 `create-collides`.

use std::collections::BTreeSet;

use tidelock_parse::{PlanError, ResourceAddr, Value};

use crate::{
    claims::{Claim, Claimant, Collision, Role},
    context::{Context, Subject},
    instance::Triple,
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A create collides with an object that exists, or with another create.
    ///
    /// ## What it finds
    ///
    /// Two creates of one identity, in one plan or in several plans that are given together; and a create of an identity that
    /// another address of the plan already has, or another of the given plans. Identity is what must be unique where the object
    /// lives: the name of a bucket everywhere, the name of a role in its account, the number of a VM in its cluster. Region,
    /// project, account and address of the provider are taken from its configuration where that says them.
    ///
    /// ## Why it matters
    ///
    /// At best the apply fails half-way, with everything before it done. At worst the platform takes the second create for an update
    /// of the first, and two blocks overwrite each other's settings with every apply.
    ///
    /// ## Example
    ///
    /// A bucket was moved to a module by copying its block. Both blocks are there now, and the plan creates `example-logs` a
    /// second time.
    ///
    /// ## What to do
    ///
    /// Keep one of the two, and let the other refer to it; or give the new one another name. To take an object over under a new
    /// address, use a `moved` block, or an `import` block after it left the other state.
    ///
    /// ## What it misses
    ///
    /// Types whose names are not known to be unique, names that are known only after apply, and objects that are in none of the
    /// given plans. Whether two stacks talk to one account is often said by the environment and not by the configuration: such a
    /// collision between plans is a warning only.
    pub struct CreateCollides {
        code: "TL301",
        name: "create-collides",
        severity: "deny; warn between plans whose accounts are not known",
        commands: [Gate],
    }
}

impl Rule for CreateCollides {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        // What cannot be decoded fails the whole answer: the values of creates were decoded before.
        let Ok(claimant) = Claimant::new(context.plan, context.configuration()) else { return };
        let creates = creates(context, &claimant);
        let holds = holds(context, &claimant, &creates).unwrap_or_default();
        for (at, create) in creates.iter().enumerate() {
            let draft = if let Some(held) = holds.iter().find(|held| held.collides(&create.claim)) {
                let message = format!("{} is the same {} already", held.address, create.what);
                sink.about(create.subject.resource, Severity::Deny, message)
                    .related([related(&held.address, "has the identity")])
                    .help("keep one of the two blocks; to change the address of the object, use a `moved` block")
            } else if let Some(first) =
                creates.iter().take(at).find(|other| other.claim.collides(&create.claim))
            {
                let address = first.subject.address();
                let message = format!("{address} creates the same {} too", create.what);
                sink.about(create.subject.resource, Severity::Deny, message)
                    .related([related(address, "is created as well")])
                    .help(
                        "keep one of the two blocks and refer to it from the other, or give one another name",
                    )
            } else {
                continue;
            };
            sink.put(draft);
        }
        for create in &creates {
            elsewhere(context, create, sink);
        }
    }
}

/// Something the plan creates, with what it claims.
struct Create<'c> {
    subject: Subject<'c>,
    claim: Claim,
    /// `bucket (bucket = "logs")`.
    what: String,
}

fn creates<'c>(context: &Context<'c>, claimant: &Claimant<'_>) -> Vec<Create<'c>> {
    let creates = context.changed().filter(|(subject, _)| {
        let resource = subject.resource;
        resource.deposed.is_none() && resource.actions.creates() && !resource.actions.is_replace()
    });
    creates.filter_map(|(subject, triple)| create(claimant, subject, triple)).collect()
}

fn create<'c>(claimant: &Claimant<'_>, subject: Subject<'c>, triple: &Triple) -> Option<Create<'c>> {
    let address = subject.address();
    let naming = claimant.naming(&address.type_name)?;
    let object: &Value = triple.desired.as_ref()?.as_ref()?;
    let claim = claimant.claim_of(address, &subject.resource.provider, &naming, object)?;
    let what = format!("{} ({})", subject.facts.noun(), naming.describe(object, &triple.sensitive));
    Some(Create { subject, claim, what })
}

/// What exists and stays, of the types at stake.
fn holds(
    context: &Context<'_>,
    claimant: &Claimant<'_>,
    creates: &[Create<'_>],
) -> Result<Vec<Claim>, PlanError> {
    let kind = |type_name: &str| Some(claimant.naming(type_name)?.kind(type_name).to_owned());
    let kinds: BTreeSet<String> =
        creates.iter().filter_map(|create| kind(&create.subject.address().type_name)).collect();
    let at_stake = |type_name: &str| {
        claimant.naming(type_name).is_some_and(|naming| kinds.contains(naming.kind(type_name)))
    };
    let mut holds = Vec::new();
    if kinds.is_empty() {
        return Ok(holds);
    }
    for change in context.plan.changes() {
        if Role::of(change) == Some(Role::Holds) && at_stake(&change.address.type_name) {
            let claim = claimant.claim(change)?;
            holds.extend(claim.filter(|claim| creates.iter().any(|create| create.claim.collides(claim))));
        }
    }
    Ok(holds)
}

/// Reports the first of the other plans that wants the same object.
fn elsewhere(context: &Context<'_>, create: &Create<'_>, sink: &mut Sink<'_>) {
    let own = context.input.path.as_deref().unwrap_or("this plan");
    let others = context.given.elsewhere.iter().filter(|other| {
        Some(other.name.as_str()) != context.input.path.as_deref() && !other.claims.is_same_plan(context.plan)
    });
    let found = others.filter_map(|other| Some((other, other.claims.against(&create.claim)?)));
    let Some((other, (claim, role, collision))) = found.max_by_key(|(_, (_, _, collision))| *collision)
    else {
        return;
    };
    let (name, address, what) = (&other.name, &claim.address, &create.what);
    let message = match role {
        Role::Creates => format!("{own} and {name} both create the same {what}; there it is {address}"),
        Role::Holds => format!("{own} creates the same {what} that {name} already has as {address}"),
    };
    let (severity, help) = match collision {
        Collision::Certain => {
            (Severity::Deny, "only one of the two stacks can own it: remove it from the other, or rename one")
        }
        Collision::Possible => (
            Severity::Warn,
            "nothing says whether both stacks use one account: if they do, remove it from one of them, or rename it",
        ),
    };
    let draft = sink.about(create.subject.resource, severity, message).help(help);
    sink.put(draft);
}

fn related(address: &ResourceAddr, role: &str) -> Related {
    Related { address: address.clone(), depth: 1, role: Some(role.to_owned()) }
}
