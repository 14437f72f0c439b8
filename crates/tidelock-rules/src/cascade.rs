//! Replacements that one change brings about: the change, and the tree of what it takes along.

use std::collections::{BTreeMap, BTreeSet};

use crate::{context::Context, influence::Influences, report::ResourceReport, story::Story};

/// A change and the replacements that follow from it.
#[derive(Debug)]
pub(crate) struct Cascade {
    /// The change that nothing else in the plan is behind, by position of its resource.
    pub(crate) root: usize,
    /// What follows, in preorder: position, and depth below the root, from 1. What is only updated stands there if a
    /// replacement follows from it.
    pub(crate) tree: Vec<(usize, usize)>,
}

/// Every cascade of the plan, sorted by the position of its root.
pub(crate) fn find<'c>(context: &'c Context<'c>, influences: &Influences<'c>) -> Vec<Cascade> {
    let stories = context.stories();
    let victims = context.resources.iter().enumerate().filter(|(at, resource)| {
        resource.actions.is_replace() && resource.actions.destroys() && matches!(stories.of(*at), Story::Own)
    });
    let mut behind: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for (victim, _) in victims {
        let mut at = victim;
        // What was looked at before leads to a root already; a circle ends there, too.
        while !behind.contains_key(&at) {
            let above = influences.behind(at).filter(|above| *above != at);
            behind.insert(at, above);
            match above {
                Some(above) => at = above,
                None => break,
            }
        }
    }
    let mut below: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, above) in &behind {
        if let Some(above) = above {
            below.entry(*above).or_default().push(*at);
        }
    }
    let roots = behind.iter().filter(|(_, above)| above.is_none()).map(|(at, _)| *at);
    roots
        .filter(|root| below.contains_key(root))
        .map(|root| Cascade { root, tree: tree(root, &below) })
        .collect()
}

/// Everything below a root, in preorder.
fn tree(root: usize, below: &BTreeMap<usize, Vec<usize>>) -> Vec<(usize, usize)> {
    let children = |at: usize, depth: usize| {
        below.get(&at).into_iter().flatten().rev().map(move |child| (*child, depth))
    };
    let mut seen = BTreeSet::from([root]);
    let mut open: Vec<(usize, usize)> = children(root, 1).collect();
    let mut found = Vec::new();
    while let Some((at, depth)) = open.pop() {
        if seen.insert(at) {
            found.push((at, depth));
            open.extend(children(at, depth + 1));
        }
    }
    found
}

/// Whether a resource of a tree is a victim, and not just on the way to one.
pub(crate) fn is_victim(resource: &ResourceReport) -> bool {
    resource.actions.is_replace() && resource.actions.destroys()
}
