//! TL402 `protection-removed`.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ConfigAddr, Configuration, ResourceAddr};

use crate::{
    context::{Context, Subject},
    lock::{self, Entry},
    policy::Pattern,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

declare_rule! {
    /// Something protected is lost, or loses its protection.
    ///
    /// ## What it finds
    ///
    /// An instance that `tidelock.lock` or `protected` of the policy names, and that the plan destroys, replaces or forgets. And a
    /// block in the lock that was deleted, or whose `prevent_destroy` is gone or off, even if the plan touches nothing yet.
    ///
    /// ## Why it matters
    ///
    /// `prevent_destroy` stands inside the block that it protects: delete the block, and the protection goes with it, without a
    /// word from the tool. The lock is kept in another file, so that letting go of a database is a line in a review.
    ///
    /// ## Example
    ///
    /// A change deletes the file `db.tf`. Terraform plans to destroy `aws_db_instance.main`, which had `prevent_destroy = true` in
    /// that file. `tidelock.lock` still names the address.
    ///
    /// ## What to do
    ///
    /// Put the block or its `prevent_destroy` back. If the object shall really go, delete its entry in `tidelock.lock`, or its
    /// pattern in `protected`, in the same review. After a rename, `tidelock protect --write` adds the new address.
    ///
    /// ## What it misses
    ///
    /// Without sources, what a block says cannot be seen: only what the plan does is judged. Entries with `*`, and entries for
    /// whole modules, are held against the plan alone. Deposed objects are leftovers, see TL306.
    pub struct ProtectionRemoved {
        code: "TL402",
        name: "protection-removed",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for ProtectionRemoved {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let policy = context.policy;
        if policy.lock.is_empty() && policy.protected.is_empty() {
            return;
        }
        let mut told: BTreeSet<ConfigAddr> = BTreeSet::new();
        for subject in context.subjects().filter(|subject| subject.resource.deposed.is_none()) {
            let Some(fate) = fate(subject) else { continue };
            let Some(guard) = Guard::of(context, subject) else { continue };
            told.extend(names(subject).map(ResourceAddr::config));
            let message =
                format!("apply {fate} the {}, which {} protects", wording::noun(subject), guard.place());
            let mut draft = sink.about(subject.resource, Severity::Deny, message).help(guard.way_out());
            if subject.resource.location.is_none() {
                draft = draft.location(guard.entry().and_then(|entry| entry.location.as_ref()));
            }
            sink.put(draft);
        }
        if let Some(sources) = context.sources {
            lost(context, sources, &told, sink);
        }
    }
}

/// What happens to the object, if it is lost.
fn fate(subject: Subject<'_>) -> Option<&'static str> {
    let action = &subject.resource.actions;
    match (action.destroys(), action.forgets()) {
        (true, _) if action.creates() => Some("replaces"),
        (true, _) => Some("destroys"),
        (_, true) => Some("forgets"),
        _ => None,
    }
}

/// The addresses that an instance goes and went by.
fn names(subject: Subject<'_>) -> impl Iterator<Item = &ResourceAddr> {
    std::iter::once(subject.address()).chain(&subject.resource.previous_address)
}

/// What protects an instance.
enum Guard<'g> {
    Lock(&'g Entry),
    Policy(&'g Pattern),
}

impl<'g> Guard<'g> {
    fn of(context: &Context<'g>, subject: Subject<'_>) -> Option<Self> {
        let policy = context.policy;
        names(subject).find_map(|address| {
            let locked = policy.lock.covers(address).map(|(_, entry)| Self::Lock(entry));
            locked.or_else(|| policy.protects(address).map(Self::Policy))
        })
    }

    fn entry(&self) -> Option<&'g Entry> {
        match self {
            Self::Lock(entry) => Some(entry),
            Self::Policy(_) => None,
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Lock(_) => format!("`{}`", lock::FILE_NAME),
            Self::Policy(pattern) => format!("the policy (`{pattern}`)"),
        }
    }

    fn way_out(&self) -> String {
        match self {
            Self::Lock(_) => {
                format!("to let it go, delete its entry in `{}` in the same review", lock::FILE_NAME)
            }
            Self::Policy(pattern) => {
                format!("to let it go, take `{pattern}` out of `protected` in the policy, in the same review")
            }
        }
    }
}

/// Blocks of the lock that are not what they were, unless the plan has told the same story already.
fn lost(context: &Context<'_>, sources: &Configuration, told: &BTreeSet<ConfigAddr>, sink: &mut Sink<'_>) {
    let moved: BTreeMap<ConfigAddr, ConfigAddr> = context
        .resources
        .iter()
        .filter_map(|resource| {
            Some((resource.previous_address.as_ref()?.config(), resource.address.config()))
        })
        .collect();
    for (address, entry) in context.policy.lock.blocks() {
        let named = address.config();
        let block = moved.get(&named).unwrap_or(&named);
        if told.contains(&named) {
            continue;
        }
        let (what, way_out) = match sources.resource(block) {
            Some(found) if lock::protection(sources, block, found) == Some(false) => (
                "it has no `prevent_destroy` any more",
                "put `prevent_destroy = true` back into its `lifecycle` block, or",
            ),
            None if is_gone(sources, block) => ("its block was deleted", "put the block back, or"),
            _ => continue,
        };
        let message = format!("`{}` protects it, and {what}", lock::FILE_NAME);
        let help = format!("{way_out} delete its entry in `{}` in the same review", lock::FILE_NAME);
        let place = context.block(&address).and_then(|found| {
            let at = found.lifecycle.location.as_ref().unwrap_or(&found.location);
            context.place(&block.module, at)
        });
        let draft = sink.about_address(&address, Severity::Deny, message).help(help);
        sink.put(draft.location(entry.location.as_ref()).location(place.as_ref()));
    }
}

/// Whether a block is certainly not declared any more: sources that are not there, or that do not parse, say nothing.
fn is_gone(sources: &Configuration, block: &ConfigAddr) -> bool {
    if !sources.diagnostics().is_empty() {
        return false;
    }
    let mut module = Some(block.module.clone());
    let mut outermost_missing = None;
    while let Some(path) = module {
        if !sources.has_module(&path) {
            outermost_missing = Some(path.clone());
        }
        module = path.parent();
    }
    outermost_missing.is_none_or(|missing| sources.module_call(&missing).is_none())
}
