//! From bytes, in pieces of any size, to a [`Stream`].

use std::collections::BTreeMap;

use super::{
    Operation, Outcome, Stage, Stream, Summarised, Tally, UiAction,
    message::{
        Damaged, Message, RawChange, RawDiagnostic, RawHook, RawOutput, RawOutputs, RawSummary, Word, payload,
    },
};
use crate::{address::Mode, redact, stream::Producer};

/// A longer line is skipped: a message names one instance, or all outputs of a stack.
const LONGEST_LINE: usize = 16 << 20;
/// More kinds of unknown messages than this are not told apart.
const MOST_KINDS: usize = 50;
/// Kinds that are known and tell nothing that the model keeps.
const SILENT: [&str; 11] = [
    "log",
    "state_lock_acquire",
    "state_lock_release",
    "provision_start",
    "provision_progress",
    "provision_complete",
    "provision_errored",
    "ephemeral_action_started",
    "ephemeral_action_complete",
    "init_output",
    "deferred_change",
];

/// Reads a log as it comes: [`Reader::push`] what there is, [`Reader::finish`] when there is no more.
///
/// Only a line that is not complete yet is kept, so that memory follows the model and not the input.
#[derive(Debug, Default)]
pub struct Reader {
    stream: Stream,
    /// The beginning of a line.
    partial: Vec<u8>,
    /// Whether the line at hand is too long and is being skipped.
    skipping: bool,
    /// Positions of operations without an end, by address and action as the log spells them.
    open: BTreeMap<(Box<str>, Box<str>), Vec<usize>>,
}

impl Reader {
    /// Reads what comes next.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(at);
            bytes = rest.get(1..).unwrap_or_default();
            if self.skipping {
                self.skipping = false;
                self.damaged();
            } else if self.partial.is_empty() {
                self.line(line);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.line(&whole);
            }
        }
        if self.skipping || self.partial.len().saturating_add(bytes.len()) > LONGEST_LINE {
            self.partial = Vec::new();
            self.skipping = true;
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    /// What was read. A last line without a line end is read, if it is whole, and the log counts as cut if it is not.
    pub fn finish(mut self) -> Stream {
        let last = std::mem::take(&mut self.partial);
        let before = self.stream.tally.clone();
        if self.skipping {
            self.stream.tally.cut = true;
        } else if !last.is_empty() {
            self.line(&last);
            if self.stream.tally.messages == before.messages && begins_message(&last) {
                self.stream.tally = Tally { cut: true, ..before };
            }
        }
        let mut stream = self.stream;
        stream.drift.sort_by(|a, b| a.address.cmp(&b.address));
        stream.planned.sort_by(|a, b| a.address.cmp(&b.address));
        stream
    }

    fn line(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        // A log may put its own prefix before the message.
        let start = line.windows(2).position(|pair| pair == b"{\"").unwrap_or(line.len());
        let (_, text) = line.split_at(start);
        match serde_json::from_slice::<Message<'_>>(text) {
            Ok(message) => match self.message(message) {
                Ok(()) => self.stream.tally.messages += 1,
                Err(Damaged) => self.damaged(),
            },
            Err(_) if looks_like_message(text) => self.damaged(),
            Err(_) => self.stream.tally.other_lines += 1,
        }
    }

    fn damaged(&mut self) {
        self.stream.tally.damaged += 1;
        self.stream.lost_planning |= !self.stream.applying;
    }

    fn message(&mut self, message: Message<'_>) -> Result<(), Damaged> {
        let stage = if self.stream.applying { Stage::Applying } else { Stage::Planning };
        let time = message.timestamp.as_ref().and_then(Word::time);
        let header = &mut self.stream.header;
        if header.began.is_none() {
            header.began.clone_from(&time);
        }
        if time.is_some() {
            header.ended.clone_from(&time);
        }
        let kind = message.kind.map(|kind| kind.0).unwrap_or_default();
        match &*kind {
            "version" => {
                let made = [(message.terraform, Producer::Terraform), (message.tofu, Producer::OpenTofu)];
                for (version, producer) in made {
                    if let Some(version) = version {
                        header.producer = Some(producer);
                        header.version = Some(version.shown());
                    }
                }
                header.ui = message.ui.map(|ui| ui.shown());
            }
            "planned_change" => {
                self.stream.planned.push(payload::<RawChange<'_>>(message.change)?.model()?);
            }
            "resource_drift" => self.stream.drift.push(payload::<RawChange<'_>>(message.change)?.model()?),
            "change_summary" => {
                let summary = payload::<RawSummary<'_>>(message.changes)?.model();
                self.stream.applying |= summary.about != Summarised::Plan;
                self.stream.summaries.push(summary);
            }
            "outputs" => {
                let outputs: RawOutputs<'_> = payload(message.outputs)?;
                self.stream.outputs = outputs
                    .into_iter()
                    .map(|(name, output)| (redact::cut_text(&name), RawOutput::model(output)))
                    .collect();
            }
            "diagnostic" => {
                let diagnostic = payload::<RawDiagnostic<'_>>(message.diagnostic)?.model(stage);
                self.stream.diagnostics.push(diagnostic);
            }
            "refresh_start" | "refresh_complete" => {
                let hook: RawHook<'_> = payload(message.hook)?;
                self.refreshed(&hook);
            }
            "apply_start" | "apply_progress" | "apply_complete" | "apply_errored" => {
                self.hook(&kind, &payload(message.hook)?, time)?;
            }
            // Whatever a test or an ephemeral resource does, no state remembers it.
            known
                if SILENT.contains(&known)
                    || ["test_", "ephemeral_op_", "list_"].iter().any(|start| known.starts_with(start)) => {}
            unknown => self.unknown(unknown),
        }
        Ok(())
    }

    fn refreshed(&mut self, hook: &RawHook<'_>) {
        let object = hook.object();
        match self.stream.refreshed.get_mut(hook.spelled()) {
            // What is gone has an id at the start only.
            Some(known) => {
                if object.is_some() {
                    *known = object;
                }
            }
            None => {
                self.stream.refreshed.insert(hook.spelled().into(), object);
            }
        }
    }

    fn hook(&mut self, kind: &str, hook: &RawHook<'_>, time: Option<String>) -> Result<(), Damaged> {
        let action = hook.action().ok_or(Damaged)?;
        let address = hook.address()?;
        if address.mode != Mode::Managed || action == UiAction::Read.as_str() {
            self.stream.tally.reads += usize::from(kind == "apply_complete");
            return Ok(());
        }
        self.stream.applying = true;
        let key = (Box::from(hook.spelled()), Box::from(action));
        let began = kind == "apply_start";
        let known = if began { None } else { self.open.get(&key).and_then(|open| open.first().copied()) };
        let at = known.unwrap_or_else(|| {
            let operations = &mut self.stream.operations;
            operations.push(Operation {
                address,
                action: redact::cut_text(action).into(),
                outcome: Outcome::Open,
                object: None,
                began: time.clone().filter(|_| began),
                heard: None,
                elapsed: None,
            });
            self.open.entry(key.clone()).or_default().push(operations.len() - 1);
            operations.len() - 1
        });
        let ends = match kind {
            "apply_complete" => Some(Outcome::Complete),
            "apply_errored" => Some(Outcome::Errored),
            _ => None,
        };
        if ends.is_some()
            && let Some(open) = self.open.get_mut(&key)
        {
            open.retain(|other| *other != at);
            if open.is_empty() {
                self.open.remove(&key);
            }
        }
        if let Some(operation) = self.stream.operations.get_mut(at) {
            operation.outcome = ends.unwrap_or(operation.outcome);
            operation.heard = time;
            operation.elapsed = hook.elapsed().or(operation.elapsed);
            // A deleted object has its id at the start only.
            operation.object = hook.object().or_else(|| operation.object.take());
        }
        Ok(())
    }

    fn unknown(&mut self, kind: &str) {
        let unknown = &mut self.stream.tally.unknown;
        // The kind is a text like any other: it must not carry anything away.
        let name: String = redact::cut_text(kind).chars().filter(|c| !c.is_control()).take(60).collect();
        let name =
            if unknown.len() < MOST_KINDS || unknown.contains_key(&name) { name } else { "…".to_owned() };
        *unknown.entry(name).or_default() += 1;
    }
}

/// Whether a line without an end may be the beginning of a message.
fn begins_message(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{") || line.windows(3).any(|part| part == b"{\"@")
}

/// Whether a line begins as a message does.
fn looks_like_message(text: &[u8]) -> bool {
    text.starts_with(b"{\"@level\"") || text.starts_with(b"{\"@message\"")
}
