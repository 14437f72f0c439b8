//! What the log of the run says of an address.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    ResourceAddr,
    stream::{ApplyRun, Done, UiAction},
};

/// The log, by address.
#[derive(Debug, Default)]
pub(super) struct Log<'l> {
    run: Option<&'l ApplyRun>,
    began: Option<jiff::Timestamp>,
    created: BTreeMap<&'l ResourceAddr, &'l Done>,
    tried: BTreeSet<&'l ResourceAddr>,
    imported: BTreeSet<&'l ResourceAddr>,
}

/// What the log says of an instance that is in the state now and was not before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// There is no log.
    NoLog,
    /// The run created it, or began to.
    Created,
    /// The run created it in place of another.
    Replaced,
    /// It was there, and the run took it into the state.
    Imported,
    /// Nothing.
    Silent,
}

impl<'l> Log<'l> {
    pub(super) fn of(run: Option<&'l ApplyRun>, began: Option<&str>) -> Self {
        let Some(run) = run else { return Self::default() };
        let creates = |action: &UiAction| matches!(action, UiAction::Create | UiAction::Replace);
        let failed =
            run.failed.iter().filter(|one| one.began && creates(&one.action)).map(|one| &one.address);
        let doubted = run.in_doubt.iter().filter(|one| creates(&one.action)).map(|one| &one.address);
        // Whether an import was done is not told by a run that did not end well; an object that was taken in is not its work.
        let taken = run.in_doubt.iter().filter(|one| one.since.is_none() && !creates(&one.action));
        Self {
            run: Some(run),
            began: began.and_then(|text| text.parse().ok()),
            created: run.created.iter().map(|done| (&done.address, done)).collect(),
            tried: failed.chain(doubted).collect(),
            imported: run.imported.iter().chain(taken.map(|one| &one.address)).collect(),
        }
    }

    /// The run itself.
    pub(super) fn run(&self) -> Option<&'l ApplyRun> {
        self.run
    }

    pub(super) fn says(&self, address: &ResourceAddr) -> Said {
        if self.run.is_none() {
            return Said::NoLog;
        }
        match self.created.get(address) {
            _ if self.imported.contains(address) => Said::Imported,
            Some(done) if done.replaces => Said::Replaced,
            Some(_) => Said::Created,
            None if self.tried.contains(address) => Said::Created,
            None => Said::Silent,
        }
    }

    /// When an instance was done, for the order in which things were made.
    pub(super) fn at(&self, address: &ResourceAddr) -> Option<&'l str> {
        self.created.get(address).and_then(|done| done.at.as_deref())
    }

    /// Whether something was made before the run began; no, where nobody can tell.
    pub(super) fn is_older(&self, created: Option<&str>) -> bool {
        let created = created.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        // Clocks differ, and a log tells the time when it was opened.
        let slack = jiff::SignedDuration::from_secs(120);
        self.began.zip(created).is_some_and(|(began, created)| created.duration_until(began) > slack)
    }

    /// Whether it tells when the run began.
    pub(super) fn knows_beginning(&self) -> bool {
        self.began.is_some()
    }

    /// Whether something was made since the run began, as far as clocks agree; no, where nobody can tell.
    pub(super) fn is_of_run(&self, created: Option<&str>) -> bool {
        let is_time = created.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok());
        self.began.is_some() && is_time && !self.is_older(created)
    }

    /// Whether something was made since the run began; no, where nobody can tell.
    pub(super) fn is_newer(&self, created: Option<&str>) -> bool {
        let created = created.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        self.began.zip(created).is_some_and(|(began, created)| created >= began)
    }
}
