//! Which change of one instance is behind the change of another: the references through which it comes.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{Action, ActionReason, AttrPath, ConfigAddr, Mode, ResourceAddr};

use crate::{
    context::Context,
    graph::{Edge, Through, are_related, reach::twin},
    report::{Class, Divergence, ResourceReport},
};

/// Instances of one block that are looked at for one that changes; where blocks have thousands, any of them tells.
const MOST_TRIED: usize = 64;

/// What changes, ready to be looked up by who refers to it.
pub(crate) struct Influences<'c> {
    context: &'c Context<'c>,
    by_address: BTreeMap<&'c ResourceAddr, usize>,
    by_block: BTreeMap<ConfigAddr, Vec<usize>>,
    /// Data sources that are read only during apply.
    read: BTreeSet<ConfigAddr>,
}

/// Something that an argument or trigger of an instance refers to, and that changes.
#[derive(Clone, Debug)]
pub(crate) struct Influence<'c> {
    /// The block it refers to.
    pub(crate) block: &'c ConfigAddr,
    /// The attribute of it.
    pub(crate) attribute: &'c AttrPath,
    /// The instance that changes, by position; `None` for a data source.
    pub(crate) instance: Option<usize>,
}

impl<'c> Influences<'c> {
    pub(crate) fn new(context: &'c Context<'c>) -> Self {
        let mut by_block: BTreeMap<ConfigAddr, Vec<usize>> = BTreeMap::new();
        let mut by_address = BTreeMap::new();
        for (at, resource) in context.resources.iter().enumerate() {
            if resource.deposed.is_none() && !resource.actions.is_quiet() {
                by_block.entry(resource.address.config()).or_default().push(at);
                by_address.insert(&resource.address, at);
            }
        }
        let reads = context.plan.changes().iter().filter(|change| change.action == Action::Read);
        let read = reads.map(|change| change.address.config()).collect();
        Self { context, by_address, by_block, read }
    }

    /// What changes behind a path of an instance, data sources included; the most precise reference first.
    pub(crate) fn on_path(&self, resource: &ResourceReport, path: &AttrPath) -> Vec<Influence<'c>> {
        self.through(
            resource,
            |through| matches!(through, Through::Argument(argument) if argument.meets(path)),
        )
    }

    /// What pulls the triggers of an instance.
    pub(crate) fn on_triggers(&self, resource: &ResourceReport) -> Vec<Influence<'c>> {
        self.through(resource, |through| *through == Through::Trigger)
    }

    /// The other instance behind what happens to this one, if there is one: a replaced one first, then one that is
    /// made, then one that is updated.
    pub(crate) fn behind(&self, at: usize) -> Option<usize> {
        let resource = self.context.resources.get(at)?;
        let found = if resource.action_reason == Some(ActionReason::ReplaceByTriggers) {
            self.on_triggers(resource)
        } else if resource.actions.is_replace() {
            self.through(resource, |through| match through {
                Through::Argument(argument) => resource.replace_paths.iter().any(|path| path.meets(argument)),
                _ => false,
            })
        } else {
            self.through(resource, |through| match through {
                Through::Argument(argument) => resource.divergences.iter().any(|d| changes(d, argument)),
                _ => false,
            })
        };
        let rank = |at: usize| match self.context.resources.get(at).map(|resource| &resource.actions) {
            Some(action) if action.is_replace() => 0,
            Some(action) if action.creates() => 1,
            _ => 2,
        };
        found.into_iter().filter_map(|influence| influence.instance).min_by_key(|at| (rank(*at), *at))
    }

    fn through(&self, resource: &ResourceReport, wanted: impl Fn(&Through) -> bool) -> Vec<Influence<'c>> {
        let block = resource.address.config();
        let graph = self.context.graph;
        let start: Vec<&Edge> = graph.references(&block).filter(|edge| wanted(&edge.through)).collect();
        let mut found = Vec::new();
        graph.follow(start, |block, attribute| {
            if block.mode == Mode::Data {
                found.push(Influence { block, attribute, instance: None });
                // One that was read while planning hands nothing on that is not known.
                let read = self.read.contains(block);
                return graph.references(block).filter(|_| read).collect();
            }
            let instance = self.changed(resource, block, attribute);
            found.extend(instance.map(|at| Influence { block, attribute, instance: Some(at) }));
            Vec::new()
        });
        // Plan JSON lists each reference with its shorter prefixes; the longest says most.
        found.sort_by_key(|influence| std::cmp::Reverse(influence.attribute.steps().len()));
        found
    }

    /// An instance of a block that this one can see and whose attribute changes.
    fn changed(&self, user: &ResourceReport, block: &ConfigAddr, attribute: &AttrPath) -> Option<usize> {
        let counts = |at: &usize| {
            let other = self.context.resources.get(*at);
            other.is_some_and(|other| {
                other.address != user.address
                    && are_related(&user.address, &other.address)
                    && other.divergences.iter().any(|divergence| changes(divergence, attribute))
            })
        };
        // Blocks that are repeated over the same things mostly refer to their twin.
        let twin = self.by_address.get(&twin(&user.address, block)).copied().filter(counts);
        twin.or_else(|| self.by_block.get(block)?.iter().take(MOST_TRIED).copied().find(counts))
    }
}

/// Whether apply gives the attribute another value, or one that is not known yet.
fn changes(divergence: &Divergence, attribute: &AttrPath) -> bool {
    divergence.path.meets(attribute)
        && (matches!(
            divergence.class,
            Class::Pending
                | Class::Reverting
                | Class::Conflicting
                | Class::DeletedOutside
                | Class::Superseded
        ) || divergence.until_apply)
}
