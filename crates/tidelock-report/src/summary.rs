//! The reports of many stacks on one page: read back from JSON, the worst first.
//!
//! ```
//! use tidelock_report::summary::{self, Overview};
//!
//! let json = br#"{"schema_version": "1", "command": "gate", "verdict": "clear", "exit_code": 0,
//!     "input": {"stack": "live/web"}, "summary": {"pending": 2}, "findings": []}"#;
//! let overview = Overview::new([summary::read("web.json", json)?]);
//! assert_eq!((overview.exit_code, overview.stacks.len()), (0, 1));
//! # Ok::<(), summary::ReadError>(())
//! ```

mod comment;
mod read;
mod screen;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use tidelock_rules::report::SCHEMA_VERSION;

use crate::headline::UNJUDGED;

pub use self::{
    comment::markdown,
    read::{ReadError, read},
    screen::human,
};

/// What one file says: its reports, and the exit code of the run that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// One a report in the file.
    pub stacks: Vec<Stack>,
    /// Exit code of the file as a whole: 1 if an input of that run could not be read.
    pub exit_code: u8,
}

/// One report, as far as an overview needs it. Texts are as they stood in the report: not escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Name of the stack; of the input, where the report names none.
    pub name: String,
    /// The question that was asked: `drift`, `gate`.
    pub command: String,
    /// The answer in one word.
    pub verdict: String,
    /// Exit code of the report.
    pub exit_code: u8,
    /// Findings at severity `deny` that nobody accepted.
    pub refused: usize,
    /// Findings at severity `warn` that nobody accepted.
    pub warnings: usize,
    /// Resources with drift.
    pub drifted: usize,
    /// Instances that the plan changes.
    pub pending: usize,
    /// … of which destroyed or replaced.
    pub pending_destroy: usize,
    /// Findings of severity `deny` and `warn` that nobody accepted, the gravest first.
    pub findings: Vec<StackFinding>,
}

/// A finding, as far as an overview needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackFinding {
    /// Code of the rule.
    pub code: String,
    /// `deny` or `warn`.
    pub severity: String,
    /// The address at fault; absent where it is about the whole plan.
    pub address: Option<String>,
    /// One sentence.
    pub message: String,
    /// Stable over runs.
    pub fingerprint: String,
}

/// The reports of many stacks, the worst first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// Version of the JSON contract; additions keep it.
    pub schema_version: &'static str,
    /// The worst verdict; `clear` where there is no report.
    pub verdict: String,
    /// The worst exit code, where 1 is worse than all.
    pub exit_code: u8,
    /// Stacks by verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// The worst first, then by name.
    pub stacks: Vec<Stack>,
}

impl Overview {
    /// Joins what the files say.
    pub fn new(files: impl IntoIterator<Item = Answers>) -> Self {
        let mut codes = Vec::new();
        let mut stacks = Vec::new();
        for file in files {
            codes.push(file.exit_code);
            stacks.extend(file.stacks);
        }
        stacks.sort_by(|a, b| b.weight().cmp(&a.weight()).then_with(|| a.identity().cmp(&b.identity())));
        let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
        for stack in &stacks {
            *verdicts.entry(stack.verdict.clone()).or_default() += 1;
        }
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: stacks.first().map_or_else(|| "clear".to_owned(), |worst| worst.verdict.clone()),
            exit_code: worst(codes.into_iter()),
            verdicts,
            stacks,
        }
    }

    /// `3 stacks: 1 blocked, 2 clear; 2 refused, 1 warning; 12 pending, 3 would destroy`.
    fn counts(&self) -> String {
        let sum = |count: fn(&Stack) -> usize| self.stacks.iter().map(count).sum::<usize>();
        let mut leads: BTreeMap<&str, usize> = BTreeMap::new();
        for stack in &self.stacks {
            *leads.entry(stack.lead()).or_default() += 1;
        }
        let mut verdicts: Vec<(&str, usize)> = leads.into_iter().collect();
        verdicts.sort_by_key(|(lead, _)| std::cmp::Reverse(rank_of_lead(lead)));
        let verdicts: Vec<String> =
            verdicts.into_iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let findings = counted([
            (sum(|stack| stack.refused), "refused"),
            (sum(|stack| stack.warnings), "warnings"),
            (sum(|stack| stack.drifted), "drifted"),
        ]);
        let changes = counted([
            (sum(|stack| stack.pending), "pending"),
            (sum(|stack| stack.pending_destroy), "would destroy"),
        ]);
        let plural = if self.stacks.len() == 1 { "" } else { "s" };
        let stacks = format!("{} stack{plural}: {}", self.stacks.len(), verdicts.join(", "));
        let parts = [stacks, findings, changes];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// The verdict as the headline says it: none that is good covers an unjudged destroy.
    fn lead(&self) -> &str {
        let unjudged = || self.stacks.iter().any(|stack| stack.lead() == UNJUDGED);
        if matches!(&*self.verdict, "clear" | "noise") && unjudged() { UNJUDGED } else { &self.verdict }
    }

    /// Stacks that ask for something, and those that do not.
    fn split(&self) -> (&[Stack], &[Stack]) {
        self.stacks.split_at(self.stacks.iter().take_while(|stack| stack.asks()).count())
    }
}

impl Stack {
    /// The verdict as the headline of its own report says it.
    fn lead(&self) -> &str {
        match (&*self.command, &*self.verdict) {
            ("drift", "clear" | "noise") if self.pending_destroy > 0 => UNJUDGED,
            (_, verdict) => verdict,
        }
    }

    /// By how bad it is.
    fn weight(&self) -> (bool, u8, u8, usize, usize, usize) {
        let verdict = rank(&self.verdict);
        (self.asks(), verdict, self.exit_code, self.refused, self.warnings, self.pending_destroy)
    }

    fn identity(&self) -> (&str, &str) {
        (&self.name, &self.command)
    }

    /// Whether somebody has to look at it.
    fn asks(&self) -> bool {
        self.exit_code != 0 || rank(&self.verdict) > rank("noise") || self.refused + self.warnings > 0
    }

    /// `2 refused, 1 warning; 12 pending, 3 would destroy`.
    fn counts(&self) -> String {
        let (refused, drifted) = match self.command.as_str() {
            "drift" => ("to stop for", self.drifted),
            // What drifted is none of a gate's business.
            _ => ("refused", 0),
        };
        let findings = counted([(self.refused, refused), (self.warnings, "warnings"), (drifted, "drifted")]);
        let changes = counted([(self.pending, "pending"), (self.pending_destroy, "would destroy")]);
        let parts = [findings, changes];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

fn counted<const N: usize>(counts: [(usize, &str); N]) -> String {
    let parts = counts.into_iter().filter(|(count, _)| *count > 0);
    let words = |count: usize, words: &str| match (count, words) {
        (1, "warnings") => "1 warning".to_owned(),
        _ => format!("{count} {words}"),
    };
    parts.map(|(count, text)| words(count, text)).collect::<Vec<_>>().join(", ")
}

/// How bad a verdict is; one that this version does not know is worse than drift.
fn rank(verdict: &str) -> u8 {
    match verdict {
        "clear" => 0,
        "noise" => 1,
        "drift" => 2,
        "blocked" => 4,
        "open" => 5,
        _ => 3,
    }
}

/// The same for what a headline says: an unjudged destroy stands before what asks for nothing.
fn rank_of_lead(lead: &str) -> (u8, bool) {
    if lead == UNJUDGED { (rank("noise"), true) } else { (rank(lead), false) }
}

/// A run that could not do its job is worse than any answer.
fn worst(codes: impl Iterator<Item = u8> + Clone) -> u8 {
    if codes.clone().any(|code| code == 1) { 1 } else { codes.max().unwrap_or(0) }
}

/// Writes the overview as JSON, indented by two spaces, with a final newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn json(overview: &Overview, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, overview)?;
    writeln!(out)
}
