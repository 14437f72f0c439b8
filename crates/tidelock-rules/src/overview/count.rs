//! Counts the instances of an artifact in one pass.

use std::collections::BTreeMap;

use tidelock_parse::{
    Action, Configuration, Mode, ModulePath, ResourceAddr, config::Flag, plan::ResourceChange,
    state::StateInstance,
};

use super::{Counts, Held, Listed, Listing, ModuleCount, Overview, TypeCount};
use crate::catalogue::{Catalogue, Holds, Machines};

/// Stateful instances that are listed where not all are asked for.
const MAX_STATEFUL: usize = 100;
/// Instances of a state that are listed where not all are asked for; tainted and deposed ones always are.
const MAX_INSTANCES: usize = 30;

type Actions = BTreeMap<String, usize>;

/// What is counted so far.
pub(super) struct Counter<'a> {
    catalogue: &'a Catalogue,
    sources: Option<&'a Configuration>,
    listing: Listing,
    counts: Counts,
    actions: Option<Actions>,
    types: BTreeMap<(bool, &'a str), Kind>,
    providers: BTreeMap<&'a str, usize>,
    modules: BTreeMap<&'a ModulePath, (usize, Actions)>,
    holds: BTreeMap<Holds, usize>,
    stateful: Vec<Held>,
    protected: Vec<ResourceAddr>,
    resources: Vec<Listed>,
}

/// What is counted of a type.
struct Kind {
    count: usize,
    holds: Option<Holds>,
    assumed: bool,
    actions: Actions,
}

impl<'a> Counter<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        sources: Option<&'a Configuration>,
        listing: Listing,
    ) -> Self {
        Self {
            catalogue,
            sources,
            listing,
            counts: Counts::default(),
            actions: None,
            types: BTreeMap::new(),
            providers: BTreeMap::new(),
            modules: BTreeMap::new(),
            holds: BTreeMap::new(),
            stateful: Vec::new(),
            protected: Vec::new(),
            resources: Vec::new(),
        }
    }

    /// Counts an instance of a plan.
    pub(super) fn change(&mut self, change: &'a ResourceChange) {
        *self.actions.get_or_insert_default().entry(change.action.to_string()).or_default() += 1;
        self.counts.moved += usize::from(change.previous_address.is_some());
        self.counts.imported += usize::from(change.importing);
        self.count(&change.address, change.deposed.as_deref(), &change.provider, Some(&change.action));
        let quiet = change.action.is_quiet() && !change.importing && change.previous_address.is_none();
        if self.listing == Listing::All || !quiet {
            self.resources.push(Listed {
                address: change.address.clone(),
                deposed: change.deposed.as_ref().map(ToString::to_string),
                actions: change.action.words().into_iter().map(ToOwned::to_owned).collect(),
                reason: change.action_reason.as_ref().map(ToString::to_string),
                previous_address: change.previous_address.clone(),
            });
        }
    }

    /// Counts an instance of a state.
    pub(super) fn instance(&mut self, instance: &'a StateInstance) {
        self.counts.tainted += usize::from(instance.tainted);
        self.count(&instance.address, instance.deposed.as_deref(), &instance.provider.source, None);
        let few = self.resources.len() < MAX_INSTANCES;
        if self.listing == Listing::All || few || instance.tainted || instance.deposed.is_some() {
            self.resources.push(Listed {
                address: instance.address.clone(),
                deposed: instance.deposed.as_ref().map(ToString::to_string),
                actions: Vec::new(),
                reason: instance.tainted.then(|| "tainted".to_owned()),
                previous_address: None,
            });
        }
    }

    fn count(
        &mut self,
        address: &'a ResourceAddr,
        deposed: Option<&str>,
        provider: &'a str,
        action: Option<&Action>,
    ) {
        let managed = address.mode == Mode::Managed;
        match (managed, deposed) {
            (true, Some(_)) => self.counts.deposed += 1,
            (true, None) => self.counts.managed += 1,
            (false, _) => self.counts.data += 1,
        }
        let catalogue = self.catalogue;
        let kind = self.types.entry((!managed, &address.type_name)).or_insert_with(|| {
            let facts = managed.then(|| catalogue.lookup(&address.type_name, []));
            let assumed = facts.as_ref().is_some_and(|facts| facts.assumed);
            Kind { count: 0, holds: facts.map(|facts| facts.holds), assumed, actions: Actions::new() }
        });
        let (holds, assumed) = (kind.holds, kind.assumed);
        kind.count += 1;
        let does = action.filter(|action| **action != Action::NoOp).map(ToString::to_string);
        let (own, actions) = self.modules.entry(&address.module).or_default();
        *own += 1;
        if let Some(does) = does {
            *actions.entry(does.clone()).or_default() += 1;
            *kind.actions.entry(does).or_default() += 1;
        }
        if !provider.is_empty() {
            *self.providers.entry(provider).or_default() += 1;
        }
        if let (Some(holds), None) = (holds, deposed) {
            self.hold(address, holds, assumed, action);
        }
    }

    /// Counts what is lost with an instance, and whether something keeps it.
    fn hold(&mut self, address: &ResourceAddr, holds: Holds, assumed: bool, action: Option<&Action>) {
        if holds.holds_something(Machines::Pets) {
            *self.holds.entry(holds).or_default() += 1;
        }
        if holds.is_stateful(Machines::Pets)
            && (self.listing == Listing::All || self.stateful.len() < MAX_STATEFUL)
        {
            self.stateful.push(Held { address: address.clone(), holds, assumed, actions: action.cloned() });
        }
        let block = self.sources.and_then(|sources| sources.resource(&address.config()));
        if block.and_then(|block| block.lifecycle.prevent_destroy.as_ref()).is_some_and(Flag::is_on) {
            self.protected.push(address.clone());
        }
    }

    /// The counts as an overview, the rest of which is to be filled in.
    pub(super) fn finish(mut self, kind: &'static str) -> Overview {
        self.stateful.sort();
        self.protected.sort();
        let by_type = |((data, name), kind): (&(bool, &str), &Kind)| TypeCount {
            type_name: if *data { format!("data.{name}") } else { (*name).to_owned() },
            count: kind.count,
            holds: kind.holds,
            assumed: kind.assumed,
            actions: kind.actions.clone(),
        };
        let by_type: Vec<TypeCount> = self.types.iter().map(by_type).collect();
        let mut types: BTreeMap<String, usize> = BTreeMap::new();
        for ((_, name), kind) in &self.types {
            *types.entry((*name).to_owned()).or_default() += kind.count;
        }
        Overview {
            kind,
            format_version: None,
            producer: None,
            producer_version: None,
            timestamp: None,
            mode: None,
            complete: None,
            errored: None,
            lineage: None,
            serial: None,
            backend: None,
            workspace: None,
            targets: Vec::new(),
            excludes: Vec::new(),
            force_replace: Vec::new(),
            counts: self.counts,
            drift: None,
            deferred: None,
            modules: modules(&self.modules),
            actions: self.actions,
            types,
            by_type,
            providers: self.providers.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            holds: self.holds,
            stateful: self.stateful,
            protected: self.sources.map(|_| self.protected),
            checks: Vec::new(),
            outputs: Vec::new(),
            resources: self.resources,
        }
    }
}

/// The modules with those above them, the root first, each with what is below it.
fn modules(found: &BTreeMap<&ModulePath, (usize, Actions)>) -> Vec<ModuleCount> {
    let mut all: BTreeMap<ModulePath, ModuleCount> = BTreeMap::new();
    let root = ModulePath::root();
    for (path, (own, actions)) in
        found.iter().map(|(path, counts)| (*path, counts)).chain([(&root, &(0, Actions::new()))])
    {
        let mut above = Some(path.clone());
        while let Some(module) = above {
            above = module.parent();
            let mine = &module == path;
            let depth = module.steps().len();
            let name = module.to_string();
            let count = all.entry(module).or_insert_with(|| ModuleCount {
                module: name,
                depth,
                own: 0,
                total: 0,
                actions: Actions::new(),
            });
            count.own += if mine { *own } else { 0 };
            count.total += own;
            for (action, number) in actions {
                *count.actions.entry(action.clone()).or_default() += number;
            }
        }
    }
    all.into_values().collect()
}
