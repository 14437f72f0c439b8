//! TL401 `missing-prevent-destroy`.

use std::collections::BTreeMap;

use tidelock_parse::{ConfigAddr, ResourceAddr, config::ResourceBlock};

use crate::{
    catalogue::Machines,
    claims::Role,
    context::Context,
    protection::is_protected,
    report::{Related, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// Nothing keeps stateful resources from being destroyed.
    ///
    /// ## What it finds
    ///
    /// Blocks of types that hold data, keys or identity, with neither `prevent_destroy` nor a protection of the provider's own,
    /// such as `deletion_protection`. A bucket without `force_destroy` counts as protected: it refuses to go while it holds
    /// something. One finding for the whole stack; what the plan touches is named first. Cloud VMs count only where the policy
    /// keeps machines as pets.
    ///
    /// ## Why it matters
    ///
    /// This gate is one guard, and it stands in one pipeline. A line in the block stops every apply, on a laptop, too.
    ///
    /// ## Example
    ///
    /// A database has no `lifecycle` block. Somebody renames a variable on a branch and applies it from a laptop.
    ///
    /// ## What to do
    ///
    /// Write `lifecycle { prevent_destroy = true }` into the blocks, or switch the protection of the provider on. The protection lock
    /// then remembers it, so that a deleted block does not take the guard along.
    ///
    /// ## What it misses
    ///
    /// It needs the sources; types that the catalogue does not know are left out. A protection that is set to something that
    /// cannot be evaluated counts as switched on.
    pub struct MissingPreventDestroy {
        code: "TL401",
        name: "missing-prevent-destroy",
        severity: "warn",
        commands: [Gate, Reconcile],
    }
}

/// Most resources that a finding names.
const MOST_NAMED: usize = 10;

impl Rule for MissingPreventDestroy {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let Some(sources) = context.sources else { return };
        let stateful = stateful(context);
        let mut open: Vec<(&ConfigAddr, &Instance<'_>, &ResourceBlock)> = stateful
            .iter()
            .filter_map(|(config, instance)| Some((config, instance, sources.resource(config)?)))
            .filter(|(_, instance, block)| !is_protected(sources, instance.address, block))
            .collect();
        open.sort_by_key(|(config, instance, _)| (!instance.touched, *config));
        let Some((config, first, block)) = open.first() else { return };
        let (what, keeps) = match open.len() {
            1 => (first.address.to_string(), "it"),
            count => (format!("{count} of {} stateful resources", stateful.len()), "them"),
        };
        let message = format!(
            "{what} can be destroyed by any plan: neither `prevent_destroy` nor a protection of the provider keeps {keeps}"
        );
        // The only one is named by the message.
        let most = if open.len() == 1 { 0 } else { MOST_NAMED };
        let named = open.iter().take(most).map(|(_, instance, _)| Related {
            address: instance.address.clone(),
            depth: 1,
            role: instance.touched.then(|| "is changed by this plan".to_owned()),
        });
        let place = context.place(&config.module, &block.location);
        let lifecycle = "write `lifecycle { prevent_destroy = true }` into";
        let help = match open.len() {
            1 => format!("{lifecycle} its block"),
            _ => format!("{lifecycle} the blocks, first into {}", first.address),
        };
        let draft =
            sink.about_plan(Severity::Warn, message).related(named).location(place.as_ref()).help(help);
        sink.put(draft);
    }
}

/// One instance of a block that stands for the others, one that the plan touches if there is any.
struct Instance<'p> {
    address: &'p ResourceAddr,
    touched: bool,
}

/// Blocks of stateful types that have an instance after the apply. Looks at no values.
fn stateful<'p>(context: &Context<'p>) -> BTreeMap<ConfigAddr, Instance<'p>> {
    let mut kinds: BTreeMap<&str, bool> = BTreeMap::new();
    let mut blocks: BTreeMap<ConfigAddr, Instance<'p>> = BTreeMap::new();
    let machines = context.policy.machines.unwrap_or(Machines::Cattle);
    for change in context.plan.changes() {
        let stateful = kinds.entry(&change.address.type_name).or_insert_with_key(|kind| {
            let facts = context.catalogue.lookup(kind, []);
            !facts.assumed && facts.holds.is_stateful(machines)
        });
        if !*stateful || Role::of(change).is_none() {
            continue;
        }
        let touched = !change.action.is_quiet();
        let instance =
            blocks.entry(change.address.config()).or_insert(Instance { address: &change.address, touched });
        if touched && !instance.touched {
            *instance = Instance { address: &change.address, touched };
        }
    }
    blocks
}
