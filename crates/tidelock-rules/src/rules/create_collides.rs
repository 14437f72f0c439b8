//! TL301 `create-collides`.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{PlanError, ResourceAddr, Value};

use crate::{
    claims::{Claim, Claimant, Collision, Elsewhere, Role},
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
        commands: [Gate, Reconcile, Retry],
    }
}

impl Rule for CreateCollides {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let new: Vec<_> = context.changed().filter(|(subject, _)| is_create(*subject)).collect();
        if new.is_empty() {
            return;
        }
        // What cannot be decoded fails the whole answer: the values of creates were decoded before.
        let Ok(claimant) = Claimant::new(context.plan, context.configuration()) else { return };
        let creates: Vec<Create<'_>> =
            new.into_iter().filter_map(|(subject, triple)| create(&claimant, subject, triple)).collect();
        let mut named: BTreeMap<u128, Vec<&Create<'_>>> = BTreeMap::new();
        for create in &creates {
            named.entry(create.claim.name()).or_default().push(create);
        }
        let holds = holds(context, &claimant, &named).unwrap_or_default();
        let others = others(context);
        for create in &creates {
            here(create, &holds, &named, sink);
            elsewhere(context, &others, create, sink);
        }
    }
}

fn is_create(subject: Subject<'_>) -> bool {
    let resource = subject.resource;
    resource.deposed.is_none() && resource.actions.creates() && !resource.actions.is_replace()
}

/// Reports a collision inside the plan.
fn here(
    create: &Create<'_>,
    holds: &BTreeMap<u128, Vec<Claim>>,
    named: &BTreeMap<u128, Vec<&Create<'_>>>,
    sink: &mut Sink<'_>,
) {
    let mut held = holds.get(&create.claim.name()).into_iter().flatten();
    let draft = if let Some(held) = held.find(|held| held.collides(&create.claim)) {
        let message = format!("{} is the same {} already", held.address, create.what);
        sink.about(create.subject.resource, Severity::Deny, message)
            .related([related(&held.address, "has the identity")])
            .help("keep one of the two blocks; to change the address of the object, use a `moved` block")
    } else {
        let same = named.get(&create.claim.name()).into_iter().flatten();
        // One finding for each but the first: two creates are one collision.
        let mut before = same.take_while(|other| other.subject.address() != create.subject.address());
        let Some(first) = before.find(|other| other.claim.collides(&create.claim)) else { return };
        let address = first.subject.address();
        let message = format!("{address} creates the same {} too", create.what);
        sink.about(create.subject.resource, Severity::Deny, message)
            .related([related(address, "is created as well")])
            .help("keep one of the two blocks and refer to it from the other, or give one another name")
    };
    sink.put(draft);
}

/// Something the plan creates, with what it claims.
struct Create<'c> {
    subject: Subject<'c>,
    claim: Claim,
    /// `bucket (bucket = "logs")`.
    what: String,
}

fn create<'c>(claimant: &Claimant<'_>, subject: Subject<'c>, triple: &Triple) -> Option<Create<'c>> {
    let address = subject.address();
    let naming = claimant.naming(&address.type_name)?;
    let object: &Value = triple.desired.as_ref()?.as_ref()?;
    let claim = claimant.claim_of(address, &subject.resource.provider, &naming, object)?;
    let what = format!("{} ({})", subject.facts.noun(), naming.describe(object, &triple.sensitive));
    Some(Create { subject, claim, what })
}

/// What exists, stays, and has the name of something created, by that name. Decodes names of the types at stake alone.
fn holds(
    context: &Context<'_>,
    claimant: &Claimant<'_>,
    named: &BTreeMap<u128, Vec<&Create<'_>>>,
) -> Result<BTreeMap<u128, Vec<Claim>>, PlanError> {
    let kind = |create: &&Create<'_>| {
        let type_name = &create.subject.address().type_name;
        claimant.naming(type_name).map(|naming| naming.kind(type_name).to_owned())
    };
    let kinds: BTreeSet<String> = named.values().flatten().filter_map(kind).collect();
    let at_stake = |type_name: &str| {
        claimant.naming(type_name).is_some_and(|naming| kinds.contains(naming.kind(type_name)))
    };
    let mut holds: BTreeMap<u128, Vec<Claim>> = BTreeMap::new();
    if kinds.is_empty() {
        return Ok(holds);
    }
    for change in context.plan.changes() {
        if Role::of(change) == Some(Role::Holds)
            && at_stake(&change.address.type_name)
            && let Some(claim) = claimant.claim(change)?.filter(|claim| named.contains_key(&claim.name()))
        {
            holds.entry(claim.name()).or_default().push(claim);
        }
    }
    Ok(holds)
}

/// The other plans: not this one, and not the same one under another name.
fn others<'c>(context: &'c Context<'_>) -> Vec<&'c Elsewhere> {
    let others = context.given.elsewhere.iter().filter(|other| {
        Some(other.name.as_str()) != context.input.path.as_deref() && !other.claims.is_same_plan(context.plan)
    });
    others.collect()
}

/// Reports the first of the other plans that wants the same object.
fn elsewhere(context: &Context<'_>, others: &[&Elsewhere], create: &Create<'_>, sink: &mut Sink<'_>) {
    let own = context.input.path.as_deref().unwrap_or("this plan");
    let found = others.iter().filter_map(|other| Some((other, other.claims.against(&create.claim)?)));
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
