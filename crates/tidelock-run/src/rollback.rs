//! `rollback run`: makes the calls of an action list, one after the other, and nothing else.
//!
//! The list says what goes ([`ActionList`]), [`Apis`] says where the platforms are and holds the tokens, so that a list can name
//! neither another host nor a token's value. What is done stands in a [`Journal`] before and after each call: a run that was
//! killed is taken up where it stopped. Time, network and journal are handed in; a test needs none of the real ones.
//!
//! - The call of an object is worked out anew from what it is; a list that names another one is refused for it.
//! - An object counts as gone when its platform says so in its own words; any other 200 or 404 is a failure.
//! - 409, 423, 429 and 5xx are tried again, later each time, or when `Retry-After` says.
//! - Tasks of Proxmox VE and actions of Hetzner Cloud are awaited. One that ends in an error is a failure.
//! - After three failures alike, the rest of that kind is held back: the storage is broken, not the object.
//! - The callback is posted whatever failed.

mod api;
mod client;
mod exchange;
mod http;
mod journal;
mod list;
mod outcome;
mod pending;
mod proof;

use std::{collections::BTreeMap, time::Duration};

use tidelock_types::Request;

pub use self::{
    api::{Api, ApiError, Apis, CallbackUrl, Token},
    client::Client,
    http::{Answer, Call, Clock, Http, SendError, SystemClock},
    journal::{Entry, Journal, JournalError, MemoryJournal, Past},
    list::{ActionList, Item, ListError, ObjectName},
    outcome::{Ended, Event, ItemEnd, Outcome, Posted},
};
use self::{
    exchange::{Exchange, Failure, Patience},
    outcome::Kind,
};

/// How long and how often things are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How often a call is made, at most.
    pub attempts: u32,
    /// The first pause; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause, whatever `Retry-After` says.
    pub longest_pause: Duration,
    /// How long a task may take.
    pub task: Duration,
    /// How often a task is looked at.
    pub poll: Duration,
    /// How many failures alike hold back the rest of a kind.
    pub alike: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempts: 6,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            task: Duration::from_secs(600),
            poll: Duration::from_secs(2),
            alike: 3,
        }
    }
}

/// What a run works with.
pub struct Runner<'r> {
    /// Where the platforms are.
    pub apis: &'r Apis,
    /// The network.
    pub http: &'r dyn Http,
    /// The time.
    pub clock: &'r dyn Clock,
    /// How long things are tried.
    pub limits: Limits,
    /// Why an item must not be removed, whatever the list says: it is protected, or was there before.
    pub refuses: &'r dyn Fn(&Item) -> Option<String>,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("apis", &self.apis)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Runner<'_> {
    /// Why an item would not be removed; none if its calls can be made.
    pub fn refusal(&self, item: &Item) -> Option<String> {
        (self.refuses)(item).or_else(|| item.check(self.apis).err())
    }

    /// The calls that would be made for an item, in their order; none if it would be refused.
    pub fn calls(&self, item: &Item) -> Vec<String> {
        let Some(request) = item.request().filter(|_| self.refusal(item).is_none()) else {
            return Vec::new();
        };
        let calls = request.first.iter().chain([request]).filter_map(|call| {
            let (api, path) = self.apis.resolve(&call.url).ok()?;
            Some(format!("{} {}{path}", call.method, api.base()))
        });
        calls.collect()
    }

    /// Makes the calls, then posts the callback.
    ///
    /// # Errors
    /// [`JournalError`] if the journal cannot be written any more; the callback is posted even so.
    pub fn run(
        &self,
        list: &ActionList,
        journal: &mut dyn Journal,
        tell: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Outcome, JournalError> {
        let past = journal.past().clone();
        let begun = journal.append(&Entry::Begin { list: list.digest().to_owned() });
        let mut ends = Vec::new();
        let removed = begun.and_then(|()| self.remove(list, &past, journal, tell, &mut ends));
        let left =
            ends.iter().filter(|end: &&ItemEnd| end.is_left()).count() + (list.items().len() - ends.len());
        let posted = self.post(list, &past, &ends, left, journal, tell);
        removed?;
        let outcome = Outcome { ends, posted, undecided: list.undecided() };
        journal.append(&Entry::End { left: outcome.left() })?;
        Ok(outcome)
    }

    fn remove(
        &self,
        list: &ActionList,
        past: &Past,
        journal: &mut dyn Journal,
        tell: &mut dyn FnMut(&Event<'_>),
        ends: &mut Vec<ItemEnd>,
    ) -> Result<(), JournalError> {
        let mut alike: BTreeMap<(Kind, String), usize> = BTreeMap::new();
        let mut held: BTreeMap<Kind, String> = BTreeMap::new();
        for (at, item) in list.items().iter().enumerate() {
            tell(&Event::Item { at, of: list.items().len(), item });
            let kind = Kind::of(item);
            let ended = if past.is_done(item.key()) {
                Ended::Earlier
            } else if let Some(why) = self.refusal(item) {
                Ended::Refused(why)
            } else if let Some(why) = held.get(&kind) {
                Ended::HeldBack(why.clone())
            } else {
                match self.delete(item, past, journal, tell)? {
                    Ok(ended) => ended,
                    Err(failure) => {
                        let count = alike.entry((kind.clone(), failure.class())).or_default();
                        *count += 1;
                        if *count >= self.limits.alike {
                            held.insert(kind, format!("{count} of its kind failed alike: {failure}"));
                        }
                        Ended::Failed(failure.to_string())
                    }
                }
            };
            match &ended {
                Ended::Deleted => {
                    journal.append(&Entry::Done { item: item.key().to_owned(), gone: false })?;
                }
                Ended::Gone => journal.append(&Entry::Done { item: item.key().to_owned(), gone: true })?,
                Ended::Failed(why) | Ended::Refused(why) | Ended::HeldBack(why) => {
                    journal.append(&Entry::Left { item: item.key().to_owned(), why: why.clone() })?;
                }
                Ended::Earlier => {}
            }
            let end = ItemEnd { at, ended };
            tell(&Event::Ended { at, of: list.items().len(), item, ended: &end.ended });
            ends.push(end);
        }
        Ok(())
    }

    /// Deletes one object. The outer error is the journal's.
    fn delete(
        &self,
        item: &Item,
        past: &Past,
        journal: &mut dyn Journal,
        tell: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Result<Ended, Failure>, JournalError> {
        let exchange = Exchange { runner: self, item };
        let Some(request) = item.request() else { return Ok(Err(Failure::Refused("no call".to_owned()))) };
        // A task that an earlier run began may be at it, or done.
        if let Some(task) = past.task(item.key())
            && let Ok(Some(pending)) = pending::parse(task, exchange.base(request))
            && pending::finish(&exchange, &pending, tell).is_ok()
        {
            return Ok(Ok(Ended::Deleted));
        }
        match exchange.is_gone_or_other(tell) {
            Ok(false) => {}
            Ok(true) => return Ok(Ok(Ended::Gone)),
            Err(failure) => return Ok(Err(failure)),
        }
        journal.append(&Entry::Try { item: item.key().to_owned() })?;
        let mut failed = Vec::new();
        for first in &request.first {
            // That one is refused stops nothing: the machine does not run, the volume is not attached.
            if let Err(failure) = prepare(&exchange, first, tell) {
                let (_, path) = api::split(&first.url).unwrap_or_default();
                failed.push(format!("{} {path}: {failure}", first.method));
            }
        }
        // It may be why the removal fails.
        let after = |failure: Failure| {
            if failed.is_empty() {
                return failure;
            }
            Failure::After { failure: Box::new(failure), first: failed.join("; ") }
        };
        let answer = match exchange.send(request, Patience::Full, tell) {
            Ok(answer) => answer,
            Err(failure) => return Ok(Err(after(failure))),
        };
        if answer.was_gone {
            return Ok(Ok(Ended::Gone));
        }
        match pending::of(&exchange, request, &answer) {
            Ok(None) => Ok(Ok(Ended::Deleted)),
            Ok(Some(pending)) => {
                journal
                    .append(&Entry::Task { item: item.key().to_owned(), task: pending.id().to_owned() })?;
                Ok(pending::finish(&exchange, &pending, tell).map(|()| Ended::Deleted).map_err(after))
            }
            Err(failure) => Ok(Err(after(failure))),
        }
    }

    fn post(
        &self,
        list: &ActionList,
        past: &Past,
        ends: &[ItemEnd],
        left: usize,
        journal: &mut dyn Journal,
        tell: &mut dyn FnMut(&Event<'_>),
    ) -> Posted {
        let Some(callback) = list.callback() else { return Posted::Nowhere };
        // With less left than at the last time, there is something new to hear.
        if past.posted().is_some_and(|before| before <= left) {
            return Posted::Earlier;
        }
        let url = match CallbackUrl::parse(callback.url()) {
            Ok(url) => url,
            Err(error) => return Posted::Failed(error.to_string()),
        };
        let body = callback.document(list, ends, left);
        match exchange::post(self, &url, &body, tell) {
            Ok(()) => {
                // It was heard; that the journal does not know makes it be heard twice, at worst.
                let _ = journal.append(&Entry::Posted { left });
                Posted::Done
            }
            Err(failure) => Posted::Failed(failure.to_string()),
        }
    }
}

/// Makes a call that comes before the removal, and waits for it.
fn prepare(
    exchange: &Exchange<'_>,
    first: &Request,
    tell: &mut dyn FnMut(&Event<'_>),
) -> Result<(), Failure> {
    let answer = exchange.send(first, Patience::Brief, tell)?;
    match pending::of(exchange, first, &answer)? {
        Some(pending) => pending::finish(exchange, &pending, tell),
        None => Ok(()),
    }
}
