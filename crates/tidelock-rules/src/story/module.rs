//! Modules that are gone, whole calls or single instances, with what they held.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ActionReason, ConfigModulePath, Mode, ModulePath, ModuleStep};

use super::Story;
use crate::{
    context::{Context, Subject},
    wording,
};

/// A module that the configuration no longer has.
#[derive(Debug)]
pub(crate) struct GoneModule {
    /// The outermost path that is gone.
    pub(crate) path: ModulePath,
    /// Whether the call itself is gone, or only this instance of it.
    pub(crate) what: Gone,
    /// Positions of the resources that are destroyed with it.
    pub(crate) members: Vec<usize>,
}

impl GoneModule {
    /// The resources that are destroyed with it, those most worth a look first.
    pub(crate) fn by_value<'c>(&self, context: &Context<'c>) -> Vec<Subject<'c>> {
        wording::by_value(self.members.iter().filter_map(|at| context.subject(*at)).collect())
    }
}

/// How much of a module is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// The `module` block.
    Call,
    /// One instance of a call that is still there.
    Instance,
}

pub(super) fn find(context: &Context<'_>, of: &[Story]) -> Vec<GoneModule> {
    let candidates = || {
        let all = context.resources.iter().enumerate();
        all.filter(|(at, resource)| {
            of.get(*at) == Some(&Story::Own)
                && !resource.actions.creates()
                && !resource.address.module.is_root()
                && matches!(
                    resource.action_reason,
                    Some(ActionReason::DeleteBecauseNoResourceConfig | ActionReason::DeleteBecauseNoModule)
                )
        })
    };
    let prefixes: BTreeSet<&[ModuleStep]> =
        candidates().flat_map(|(_, resource)| starts(resource.address.module.steps())).collect();
    if prefixes.is_empty() {
        return Vec::new();
    }
    let alive = alive(context, &prefixes);
    let mut found: BTreeMap<ModulePath, GoneModule> = BTreeMap::new();
    for (at, resource) in candidates() {
        let steps = resource.address.module.steps();
        let Some((depth, what)) = gone(context, steps, resource.action_reason.as_ref(), &alive) else {
            continue;
        };
        let path = steps
            .iter()
            .take(depth)
            .fold(ModulePath::root(), |path, step| path.child(&step.name, step.key.clone()));
        let module =
            found.entry(path.clone()).or_insert_with(|| GoneModule { path, what, members: Vec::new() });
        module.members.push(at);
    }
    found.into_values().collect()
}

/// Every path that leads to a module, the outermost first, itself included.
fn starts(steps: &[ModuleStep]) -> impl Iterator<Item = &[ModuleStep]> {
    (1..=steps.len()).filter_map(|depth| steps.get(..depth))
}

/// Those of the paths below which something stays.
fn alive<'c>(context: &Context<'c>, prefixes: &BTreeSet<&'c [ModuleStep]>) -> BTreeSet<&'c [ModuleStep]> {
    let stays = context.plan.changes().iter().filter(|change| {
        let goes = (change.action.destroys() || change.action.forgets()) && !change.action.creates();
        change.address.mode == Mode::Managed && !goes
    });
    let paths = stays.flat_map(|change| starts(change.address.module.steps()));
    paths.filter_map(|path| prefixes.get(path)).copied().collect()
}

/// How long the outermost path is that is gone; `None` if the module is still there, and only the block is not.
fn gone(
    context: &Context<'_>,
    steps: &[ModuleStep],
    reason: Option<&ActionReason>,
    alive: &BTreeSet<&[ModuleStep]>,
) -> Option<(usize, Gone)> {
    let configuration = context.configuration();
    // A plan without the section says nothing about calls.
    let told = configuration.module(&ConfigModulePath::root()).is_some();
    let empty = |depth: &usize| steps.get(..*depth).is_some_and(|path| !alive.contains(path));
    let mut path = ConfigModulePath::root();
    for (depth, step) in (1..).zip(steps) {
        path = path.child(&step.name);
        if (!told || configuration.module(&path).is_none()) && empty(&depth) {
            return Some((depth, Gone::Call));
        }
    }
    if reason != Some(&ActionReason::DeleteBecauseNoModule) {
        return None;
    }
    // An instance with a key went away more likely than a call without one was switched off around it.
    let has_key = |depth: &usize| steps.get(*depth - 1).is_some_and(|step| step.key.is_some());
    let keyed = (1..=steps.len()).filter(has_key).find(empty);
    keyed.or_else(|| (1..=steps.len()).find(empty)).map(|depth| (depth, Gone::Instance))
}
