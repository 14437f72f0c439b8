//! Which destroyed or replaced instances owe that to drift, their own or somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ActionReason, AttrPath, ConfigAddr};

use crate::{
    graph::{Edge, Graph, Through, are_related},
    report::{Class, Divergence, ResourceReport, Root},
};

/// For each resource (by position) that the plan destroys or replaces because of drift: the drifted paths.
pub(crate) fn find(resources: &[ResourceReport], graph: &Graph) -> BTreeMap<usize, Vec<Root>> {
    let causes = Causes { resources, graph, by_block: by_block(resources) };
    let destroyed = resources.iter().enumerate().filter(|(_, resource)| resource.actions.destroys());
    destroyed.filter_map(|(at, resource)| Some((at, causes.of(resource)?))).collect()
}

/// Whether the plan destroys or replaces anything while something drifted: only then a graph is needed.
pub(crate) fn may_exist(resources: &[ResourceReport]) -> bool {
    resources.iter().any(|resource| resource.actions.destroys())
        && resources.iter().flat_map(|resource| &resource.divergences).any(is_drifted)
}

fn by_block(resources: &[ResourceReport]) -> BTreeMap<ConfigAddr, Vec<&ResourceReport>> {
    let mut blocks: BTreeMap<ConfigAddr, Vec<&ResourceReport>> = BTreeMap::new();
    for resource in resources.iter().filter(|resource| resource.deposed.is_none()) {
        blocks.entry(resource.address.config()).or_default().push(resource);
    }
    blocks
}

/// Whether something changed outside, whatever apply makes of it: what refers to it sees the new value.
fn is_drifted(divergence: &Divergence) -> bool {
    divergence.cosmetic.is_none() && divergence.class != Class::Pending
}

/// Whether apply would change back what changed outside.
fn is_set_back(divergence: &Divergence) -> bool {
    divergence.cosmetic.is_none()
        && matches!(divergence.class, Class::Reverting | Class::Conflicting | Class::DeletedOutside)
}

struct Causes<'c> {
    resources: &'c [ResourceReport],
    graph: &'c Graph,
    by_block: BTreeMap<ConfigAddr, Vec<&'c ResourceReport>>,
}

impl Causes<'_> {
    fn of(&self, resource: &ResourceReport) -> Option<Vec<Root>> {
        if resource.tainted || resource.deposed.is_some() || self.resources.is_empty() {
            return None;
        }
        let mut roots: BTreeSet<Root> = own(resource).collect();
        self.graph.follow(self.starts(resource), |block, attribute| {
            let instances = self.by_block.get(block).into_iter().flatten();
            let related = instances.filter(|other| {
                are_related(&resource.address, &other.address) && other.address != resource.address
            });
            let mut open = Vec::new();
            for other in related {
                open.extend(self.step(other, attribute, &mut roots));
            }
            open
        });
        (!roots.is_empty()).then(|| roots.into_iter().collect())
    }

    /// The references that can make the plan destroy this instance.
    fn starts(&self, resource: &ResourceReport) -> Vec<&Edge> {
        let block = resource.address.config();
        // The log of a run does not say which argument cannot be changed in place.
        let unknown_paths = resource.replace_paths.is_empty()
            && resource.action_reason == Some(ActionReason::ReplaceBecauseCannotUpdate);
        let triggered = resource.action_reason == Some(ActionReason::ReplaceByTriggers);
        let repeated = matches!(
            resource.action_reason,
            Some(
                ActionReason::DeleteBecauseCountIndex
                    | ActionReason::DeleteBecauseEachKey
                    | ActionReason::DeleteBecauseNoModule
                    | ActionReason::DeleteBecauseWrongRepetition
                    | ActionReason::DeleteBecauseEnabledFalse
            )
        );
        let relevant = |edge: &&Edge| match &edge.through {
            Through::Argument(path) => {
                unknown_paths || resource.replace_paths.iter().any(|replace| replace.meets(path))
            }
            Through::Trigger => triggered,
            Through::Repetition => repeated,
            Through::Order => false,
        };
        self.graph.references(&block).filter(relevant).collect()
    }

    /// What an attribute of another instance brings: drifted paths, and references to follow.
    fn step(&self, other: &ResourceReport, attribute: &AttrPath, roots: &mut BTreeSet<Root>) -> Vec<&Edge> {
        let touched: Vec<&Divergence> =
            other.divergences.iter().filter(|divergence| divergence.path.meets(attribute)).collect();
        let direct = touched.iter().filter(|divergence| is_drifted(divergence));
        let before = roots.len();
        roots.extend(direct.map(|divergence| root(other, divergence)));
        if roots.len() > before || touched.is_empty() {
            return Vec::new();
        }
        if other.actions.destroys() {
            // A replaced instance passes on what makes it be replaced.
            roots.extend(own(other));
            return self.starts(other);
        }
        if touched.iter().any(|divergence| divergence.until_apply) {
            // A value that is computed anew: any path that is set back may be behind it.
            roots.extend(other.divergences.iter().filter(|d| is_set_back(d)).map(|d| root(other, d)));
        }
        let block = other.address.config();
        let meets = |edge: &&Edge| matches!(&edge.through, Through::Argument(path) if path.meets(attribute));
        self.graph.references(&block).filter(meets).collect()
    }
}

fn root(resource: &ResourceReport, divergence: &Divergence) -> Root {
    Root { address: resource.address.clone(), path: divergence.path.clone() }
}

/// Drifted paths of the instance itself that its replacement sets back.
fn own(resource: &ResourceReport) -> impl Iterator<Item = Root> + '_ {
    let set_back = resource.divergences.iter().filter(|divergence| is_set_back(divergence));
    set_back.filter(|divergence| divergence.replaces).map(|divergence| root(resource, divergence))
}
