//! The journal: what was tried and done, a line of JSON each, so that a run that was killed can be taken up.
//!
//! It holds calls without their host, ids of tasks, and why something failed; no token, no value of a state. Lines belong to the
//! list whose digest the `begin` above them names: the journal of one list says nothing about another one, even if that has the
//! same name, because platforms give ids anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use serde::{Deserialize, Serialize};

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// A run begins.
    Begin {
        /// SHA-256 of its list.
        list: String,
    },
    /// The calls of an item are about to be made.
    Try {
        /// Its key.
        item: String,
    },
    /// The platform took the call and works on it.
    Task {
        /// Key of the item.
        item: String,
        /// Id of the task.
        task: String,
    },
    /// The object is gone.
    Done {
        /// Key of the item.
        item: String,
        /// Whether it was gone before.
        gone: bool,
    },
    /// The object is still there.
    Left {
        /// Key of the item.
        item: String,
        /// Why.
        why: String,
    },
    /// The callback was heard.
    Posted {
        /// How many objects were left then.
        left: usize,
    },
    /// A run ended.
    End {
        /// How many objects are left.
        left: usize,
    },
}

/// What earlier runs of the same list did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    done: BTreeSet<String>,
    tasks: BTreeMap<String, String>,
    posted: Option<usize>,
}

impl Past {
    /// Reads a journal. Lines that are cut or not understood say nothing: what they were about is tried again, and found gone.
    pub fn read(journal: &[u8], list: &str) -> Self {
        let mut past = Self::default();
        let mut ours = false;
        for line in journal.split(|byte| *byte == b'\n') {
            let Ok(entry) = serde_json::from_slice::<Entry>(line) else { continue };
            match entry {
                Entry::Begin { list: named } => ours = named == list,
                _ if !ours => {}
                Entry::Done { item, .. } => {
                    past.done.insert(item);
                }
                Entry::Task { item, task } => {
                    past.tasks.insert(item, task);
                }
                // The task failed, or another call has to be made.
                Entry::Left { item, .. } | Entry::Try { item } => {
                    past.tasks.remove(&item);
                }
                Entry::Posted { left } => past.posted = Some(left),
                Entry::End { .. } => {}
            }
        }
        past
    }

    pub(super) fn is_done(&self, item: &str) -> bool {
        self.done.contains(item)
    }

    pub(super) fn task(&self, item: &str) -> Option<&str> {
        self.tasks.get(item).map(String::as_str)
    }

    pub(super) fn posted(&self) -> Option<usize> {
        self.posted
    }
}

/// The journal cannot be written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the journal cannot be written: nothing more is deleted")]
#[diagnostic(
    code(tidelock::run::journal),
    help("it stands beside the action list; check the free space and the permissions there, then run again")
)]
pub struct JournalError(#[source] pub io::Error);

/// Where the journal is kept. Whoever implements it sees to it that a line is on the disk when `append` returns, and that no two
/// runs have the same journal.
pub trait Journal {
    /// What earlier runs did.
    fn past(&self) -> &Past;

    /// Adds a line.
    ///
    /// # Errors
    /// [`JournalError`] if it is not certain that the line is kept.
    fn append(&mut self, entry: &Entry) -> Result<(), JournalError>;
}

/// A journal that is gone with its process.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    past: Past,
    lines: Vec<u8>,
}

impl MemoryJournal {
    /// A journal that was written so far.
    pub fn resume(lines: &[u8], list: &str) -> Self {
        Self { past: Past::read(lines, list), lines: lines.to_vec() }
    }

    /// What was written.
    pub fn lines(&self) -> &[u8] {
        &self.lines
    }
}

impl Journal for MemoryJournal {
    fn past(&self) -> &Past {
        &self.past
    }

    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.lines.extend(entry.line()?);
        Ok(())
    }
}

impl Entry {
    /// The line, with its end.
    ///
    /// # Errors
    /// [`JournalError`] if it cannot be written as JSON, which does not happen.
    pub fn line(&self) -> Result<Vec<u8>, JournalError> {
        let mut line = serde_json::to_vec(self).map_err(|error| JournalError(error.into()))?;
        line.push(b'\n');
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(entries: &[Entry]) -> Vec<u8> {
        entries.iter().flat_map(|entry| entry.line().unwrap()).collect()
    }

    #[test]
    fn a_journal_speaks_of_its_own_list_alone() {
        let item = || "DELETE {X}/a".to_owned();
        let begin = |list: &str| Entry::Begin { list: list.to_owned() };
        let text = lines(&[
            begin("a"),
            Entry::Done { item: item(), gone: false },
            Entry::Posted { left: 0 },
            begin("b"),
        ]);
        assert!(Past::read(&text, "a").is_done(&item()));
        assert_eq!(Past::read(&text, "a").posted(), Some(0));
        assert_eq!(Past::read(&text, "b"), Past::default());
    }

    #[test]
    fn a_line_that_was_cut_says_nothing() {
        let item = || "DELETE {X}/a".to_owned();
        let mut text = lines(&[
            Entry::Begin { list: "a".to_owned() },
            Entry::Task { item: item(), task: "UPID:x".to_owned() },
        ]);
        let whole = text.len();
        text.extend(lines(&[Entry::Done { item: item(), gone: false }]));
        for cut in whole..text.len() - 1 {
            let past = Past::read(text.get(..cut).unwrap(), "a");
            assert!(!past.is_done(&item()), "{cut}");
            assert_eq!(past.task(&item()), Some("UPID:x"));
        }
        assert!(Past::read(&text, "a").is_done(&item()));
    }

    #[test]
    fn a_task_that_failed_is_not_awaited_again() {
        let item = || "k".to_owned();
        let text = lines(&[
            Entry::Begin { list: "a".to_owned() },
            Entry::Task { item: item(), task: "UPID:x".to_owned() },
            Entry::Left { item: item(), why: "w".to_owned() },
        ]);
        assert_eq!(Past::read(&text, "a").task("k"), None);
    }
}
