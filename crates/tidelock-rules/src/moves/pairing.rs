//! Who belongs to whom, where that can be told.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::ResourceAddr;

use super::{
    Moves, Object,
    candidates::Bucket,
    kinship::{Kinship, Rename, kinship},
    likeness::{Likeness, SameIdentity},
};

/// An object that goes, and the one that it becomes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'c> {
    pub(crate) old: Object<'c>,
    pub(crate) new: Object<'c>,
    pub(crate) likeness: Likeness,
}

/// Objects that go, each with those it may have become, best first: who is who cannot be told.
#[derive(Clone, Debug)]
pub(crate) struct Tangle<'c> {
    pub(crate) entries: Vec<(Object<'c>, Vec<(Object<'c>, Likeness)>)>,
}

/// Least share of equal arguments, in percent, of objects with one identity.
const SAME_IDENTITY: u32 = 80;

/// The same of objects that have none.
const NO_IDENTITY: u32 = 90;

/// The same of objects whose module is known to have been renamed, because others in it say so.
const IN_RENAMED_MODULE: u32 = 50;

/// Shares that differ by less than this, in percent, decide nothing.
const STEP: u32 = 5;

/// Pairs the objects of all types.
pub(crate) fn pair<'c>(buckets: &[Bucket<'c>]) -> Moves<'c> {
    let mut matchings: Vec<Matching<'_, 'c>> = buckets.iter().map(Matching::new).collect();
    for matching in &mut matchings {
        matching.pair_best();
    }
    let renames = renames(&matchings);
    let mut moves = Moves::default();
    for matching in &mut matchings {
        matching.follow(&renames);
        moves.tangles.extend(matching.tangles());
        moves.pairs.append(&mut matching.pairs);
    }
    moves.pairs.sort_by(|a, b| a.old.subject.address().cmp(b.old.subject.address()));
    moves.tangles.sort_by(|a, b| first(a).cmp(&first(b)));
    moves
}

fn first<'c>(tangle: &Tangle<'c>) -> Option<&'c ResourceAddr> {
    tangle.entries.first().map(|(old, _)| old.subject.address())
}

/// Renames of modules that pairs speak for which are alike for sure, by the module that was renamed.
fn renames(matchings: &[Matching<'_, '_>]) -> BTreeSet<Rename> {
    let pairs = matchings.iter().flat_map(|matching| &matching.pairs);
    let renames =
        pairs.filter_map(|pair| Rename::between(pair.old.subject.address(), pair.new.subject.address()));
    renames.filter(|rename| !rename.from.is_root() && !rename.to.is_root()).collect()
}

/// Two objects that may be one.
#[derive(Clone, Copy, Debug)]
struct Edge {
    old: usize,
    new: usize,
    likeness: Likeness,
    kinship: Kinship,
}

impl Edge {
    fn rank(&self) -> (bool, u32, Kinship) {
        (self.likeness.identity == SameIdentity::Yes, self.likeness.percent() / STEP, self.kinship)
    }

    /// Whether they are alike enough.
    fn is_alike(&self, same_block_name: bool) -> bool {
        let Likeness { identity, telling, .. } = self.likeness;
        match identity {
            SameIdentity::Yes => self.likeness.percent() >= SAME_IDENTITY,
            SameIdentity::Unknown => {
                let enough = if self.kinship == Kinship::None { 2 } else { 1 };
                telling >= enough && self.likeness.percent() >= NO_IDENTITY
            }
            // A name that follows from the key or the module changes with them.
            SameIdentity::No => {
                same_block_name
                    && self.kinship != Kinship::None
                    && telling >= 2
                    && self.likeness.percent_of_rest() == 100
            }
        }
    }
}

/// The objects of one type on their way to each other.
struct Matching<'b, 'c> {
    bucket: &'b Bucket<'c>,
    edges: Vec<Edge>,
    paired_old: BTreeSet<usize>,
    paired_new: BTreeSet<usize>,
    pairs: Vec<Pair<'c>>,
}

impl<'b, 'c> Matching<'b, 'c> {
    fn new(bucket: &'b Bucket<'c>) -> Self {
        let edges = bucket.candidates().into_iter().filter_map(|(old, new)| {
            let (a, b) = (bucket.old.get(old)?, bucket.new.get(new)?);
            let (from, to) = (a.subject.address(), b.subject.address());
            let likeness = Likeness::of(bucket.type_name, a.value, b.value);
            let edge = Edge { old, new, likeness, kinship: kinship(from, to) };
            edge.is_alike(from.name == to.name).then_some(edge)
        });
        let edges = edges.collect();
        Self { bucket, edges, paired_old: BTreeSet::new(), paired_new: BTreeSet::new(), pairs: Vec::new() }
    }

    /// Pairs those that are each other's only best, again and again: what is paired stands in nobody's way.
    fn pair_best(&mut self) {
        loop {
            let (of_old, of_new) = (self.best(|edge| edge.old), self.best(|edge| edge.new));
            let mutual: Vec<Edge> = of_old
                .values()
                .flatten()
                .filter(|edge| {
                    of_new.get(&edge.new).is_some_and(|best| best.is_some_and(|b| b.old == edge.old))
                })
                .copied()
                .collect();
            if mutual.is_empty() {
                return;
            }
            for edge in mutual {
                self.join(edge.old, edge.new, edge.likeness);
            }
            let (old, new) = (&self.paired_old, &self.paired_new);
            self.edges.retain(|edge| !old.contains(&edge.old) && !new.contains(&edge.new));
        }
    }

    /// The best edge of each object of one side; `None` where several are as good.
    fn best(&self, side: impl Fn(&Edge) -> usize) -> BTreeMap<usize, Option<Edge>> {
        let mut best: BTreeMap<usize, (Edge, bool)> = BTreeMap::new();
        for edge in &self.edges {
            let (known, alone) = best.entry(side(edge)).or_insert((*edge, true));
            if (known.old, known.new) == (edge.old, edge.new) {
                continue;
            }
            match edge.rank().cmp(&known.rank()) {
                std::cmp::Ordering::Greater => (*known, *alone) = (*edge, true),
                std::cmp::Ordering::Equal => *alone = false,
                std::cmp::Ordering::Less => {}
            }
        }
        best.into_iter().map(|(at, (edge, alone))| (at, alone.then_some(edge))).collect()
    }

    fn join(&mut self, old: usize, new: usize, likeness: Likeness) {
        if let (Some(a), Some(b)) = (self.bucket.old.get(old), self.bucket.new.get(new)) {
            self.pairs.push(Pair { old: *a, new: *b, likeness });
            self.paired_old.insert(old);
            self.paired_new.insert(new);
        }
    }

    /// Pairs what lies in modules that were renamed, and has no look of its own that would tell.
    fn follow(&mut self, renames: &BTreeSet<Rename>) {
        if renames.is_empty() {
            return;
        }
        let open: BTreeMap<&ResourceAddr, usize> = (self.bucket.new.iter().enumerate())
            .filter(|(at, _)| !self.paired_new.contains(at))
            .map(|(at, object)| (object.subject.address(), at))
            .collect();
        for old in 0..self.bucket.old.len() {
            let Some(object) = self.bucket.old.get(old).filter(|_| !self.paired_old.contains(&old)) else {
                continue;
            };
            let targets = renames.iter().filter_map(|rename| rename.apply(object.subject.address()));
            let targets: BTreeSet<usize> = targets.filter_map(|to| open.get(&to).copied()).collect();
            let [new] = targets.into_iter().collect::<Vec<_>>()[..] else { continue };
            let Some(other) = self.bucket.new.get(new).filter(|_| !self.paired_new.contains(&new)) else {
                continue;
            };
            let likeness = Likeness::of(self.bucket.type_name, object.value, other.value);
            if likeness.known == 0 || likeness.percent() >= IN_RENAMED_MODULE {
                self.join(old, new, likeness);
            }
        }
        let (old, new) = (&self.paired_old, &self.paired_new);
        self.edges.retain(|edge| !old.contains(&edge.old) && !new.contains(&edge.new));
    }

    /// What is left: objects that hang together through what they may have become.
    fn tangles(&self) -> Vec<Tangle<'c>> {
        let mut by_old: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
        let mut by_new: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for edge in &self.edges {
            by_old.entry(edge.old).or_default().push(*edge);
            by_new.entry(edge.new).or_default().push(edge.old);
        }
        let mut tangles = Vec::new();
        while let Some(start) = by_old.keys().next().copied() {
            let (mut open, mut entries) = (vec![start], Vec::new());
            while let Some(at) = open.pop() {
                let Some(mut edges) = by_old.remove(&at) else { continue };
                open.extend(edges.iter().filter_map(|edge| by_new.remove(&edge.new)).flatten());
                let address =
                    |edge: &Edge| self.bucket.new.get(edge.new).map(|object| object.subject.address());
                edges.sort_by(|a, b| b.rank().cmp(&a.rank()).then_with(|| address(a).cmp(&address(b))));
                let ranked = edges.iter().filter_map(|e| Some((*self.bucket.new.get(e.new)?, e.likeness)));
                if let Some(old) = self.bucket.old.get(at) {
                    entries.push((*old, ranked.collect()));
                }
            }
            entries.sort_by(|(a, _), (b, _)| a.subject.address().cmp(b.subject.address()));
            tangles.push(Tangle { entries });
        }
        tangles
    }
}
