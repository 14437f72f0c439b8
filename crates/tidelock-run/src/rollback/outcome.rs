//! How a run goes, and how it ended.

use std::time::Duration;

use super::list::Item;

/// What happens, as it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// An item is next.
    Item {
        /// Its position, from 0.
        at: usize,
        /// How many there are.
        of: usize,
        /// The item.
        item: &'e Item,
    },
    /// A call is tried again after a pause.
    Again {
        /// What about.
        item: Option<&'e Item>,
        /// Why.
        why: &'e str,
        /// The pause.
        pause: Duration,
    },
    /// A task is looked at again.
    Awaiting {
        /// Of which object.
        item: &'e Item,
        /// How long it is awaited so far.
        so_far: Duration,
    },
    /// An item has ended.
    Ended {
        /// Its position, from 0.
        at: usize,
        /// How many there are.
        of: usize,
        /// The item.
        item: &'e Item,
        /// How.
        ended: &'e Ended,
    },
}

/// What became of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// This run deleted it.
    Deleted,
    /// It was gone.
    Gone,
    /// The journal says that it is done.
    Earlier,
    /// It is still there; why.
    Failed(String),
    /// Nothing was tried; why.
    Refused(String),
    /// Nothing was tried, because others of its kind failed alike; how.
    HeldBack(String),
}

/// What became of an item of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemEnd {
    /// Its position in [`super::ActionList::items`].
    pub at: usize,
    /// What became of it.
    pub ended: Ended,
}

/// What became of the callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Posted {
    /// The list names nobody.
    Nowhere,
    /// It was heard.
    Done,
    /// It was heard in an earlier run.
    Earlier,
    /// It was not heard; why.
    Failed(String),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// What became of each item, in the order of the list.
    pub ends: Vec<ItemEnd>,
    /// What became of the callback.
    pub posted: Posted,
    /// How many objects wait for a person's decision.
    pub undecided: usize,
}

impl Outcome {
    /// How many objects are still there.
    pub fn left(&self) -> usize {
        self.ends.iter().filter(|end| end.is_left()).count()
    }

    /// Whether all is done, the callback included.
    pub fn is_complete(&self) -> bool {
        self.left() == 0 && !matches!(self.posted, Posted::Failed(_))
    }
}

/// Things that fail for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    provider: String,
    kind: String,
}

impl Kind {
    pub(super) fn of(item: &Item) -> Self {
        let object = item.object();
        Self {
            provider: object.map(|object| object.provider.clone()).unwrap_or_default(),
            kind: object.map(|object| object.kind.clone()).unwrap_or_default(),
        }
    }
}
