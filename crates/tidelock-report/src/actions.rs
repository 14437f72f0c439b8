//! What a report proposes to do about real objects: the same words for every format made for people.

use std::collections::BTreeMap;

use tidelock_rules::{
    proposal::{Decision, ObjectInfo, Proposal, Proposed, Request},
    report::Report,
    retry::{Expected, Standing},
};

use crate::{
    Detail,
    gate::Gate,
    headline,
    phrase::Phrase,
    rows::{Below, Row},
};

/// Actions that are written unless everything is asked for; the rest is counted.
pub(crate) const MAX_ACTIONS: usize = 50;

/// `qemu 108 (monitoring-prometheus)`.
pub(crate) fn object(object: &ObjectInfo) -> String {
    let name = object.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    format!("{} {}{name}", object.kind, object.id)
}

/// What was found, and what is to be done about it: `2 refused; 2 to keep, 9 to remove`. How what is expected stands comes
/// before it: `3 healthy, 2 missing`.
pub(crate) fn counts(report: &Report, gate: &Gate<'_>) -> String {
    let mut standings: BTreeMap<Standing, usize> = BTreeMap::new();
    for expected in report.expected.iter().flatten() {
        *standings.entry(expected.standing).or_default() += 1;
    }
    let standings: Vec<String> =
        standings.into_iter().map(|(standing, count)| format!("{count} {standing}")).collect();
    let mut counts: BTreeMap<Proposed, usize> = BTreeMap::new();
    for action in report.actions.iter().flatten() {
        *counts.entry(action.action).or_default() += 1;
    }
    let actions = counts.into_iter().map(|(action, count)| format!("{count} to {action}"));
    let parts = [standings.join(", "), headline::found(gate), actions.collect::<Vec<_>>().join(", ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "nothing to do".to_owned() } else { parts.join("; ") }
}

/// What an apply makes or does, a line each; and how many more there are.
pub(crate) fn left(report: &Report, detail: Detail) -> (Vec<Phrase>, usize) {
    let left = |expected: &&Expected| expected.standing.decision() == Decision::Apply;
    let all = report.expected.iter().flatten().filter(left);
    lines(all, detail)
}

/// What needs nothing, a line each; and how many more there are.
pub(crate) fn healthy(report: &Report, detail: Detail) -> (Vec<Phrase>, usize) {
    let healthy = report.expected.iter().flatten().filter(|expected| expected.standing == Standing::Healthy);
    lines(healthy, detail)
}

fn lines<'r>(all: impl Iterator<Item = &'r Expected>, detail: Detail) -> (Vec<Phrase>, usize) {
    let mut all = all.map(|expected| {
        let thing = expected.object.as_ref().map_or_else(Phrase::default, |info| {
            let address = expected.addresses.first();
            let address = address.map_or_else(Phrase::default, |text| Phrase::words("at ").code(text));
            Phrase::default().code(&object(info)).then(" ", address)
        });
        let subject = Phrase::default().code(&expected.address.to_string()).then(", ", thing);
        subject.then(": ", Phrase::default().text(&expected.reason))
    });
    let most = if detail == Detail::Verbose { usize::MAX } else { MAX_ACTIONS };
    let lines: Vec<Phrase> = all.by_ref().take(most).collect();
    (lines, all.count())
}

/// An action and what is said about it.
pub(crate) struct Told {
    pub action: Proposed,
    /// What it is about.
    pub subject: Phrase,
    pub rows: Vec<Row>,
}

/// The actions of a report, in their order; and how many more there are.
pub(crate) fn told(report: &Report, detail: Detail) -> (Vec<Told>, usize) {
    let all = report.actions.as_deref().unwrap_or_default();
    let most = if detail == Detail::Verbose { all.len() } else { MAX_ACTIONS };
    let told = all.iter().take(most).map(|proposal| Told {
        action: proposal.action,
        subject: subject(proposal),
        rows: rows(proposal),
    });
    (told.collect(), all.len().saturating_sub(most))
}

fn subject(proposal: &Proposal) -> Phrase {
    let thing = proposal.object.as_ref().map_or_else(Phrase::default, |info| {
        let place =
            info.location.as_ref().map_or_else(Phrase::default, |place| Phrase::words("on ").code(place));
        Phrase::default().code(&object(info)).then(" ", place)
    });
    let address = proposal
        .address
        .as_ref()
        .map_or_else(Phrase::default, |address| Phrase::default().code(&address.to_string()));
    let between = match proposal.action {
        Proposed::Import => " as ",
        _ => ", ",
    };
    let subject = thing.then(between, address);
    let state = proposal
        .state
        .as_ref()
        .map_or_else(Phrase::default, |state| Phrase::words("(state ").code(state).say(")"));
    subject.then(" ", state)
}

fn rows(proposal: &Proposal) -> Vec<Row> {
    let mut rows = vec![Row::fact("why", Phrase::default().text(&proposal.reason))];
    rows.extend(proposal.command.as_ref().map(|command| Row {
        command: Some(crate::escape::printable(command)),
        ..Row::fact("command", Phrase::default())
    }));
    rows.extend(proposal.request.as_ref().map(request));
    rows.extend(
        proposal
            .block
            .as_ref()
            .map(|block| Row { below: Below::Block(block.clone()), ..Row::fact("block", Phrase::default()) }),
    );
    rows
}

/// The calls that do it, one behind the other.
fn request(request: &Request) -> Row {
    let calls = request.first.iter().chain([request]);
    let text = calls.fold(Phrase::default(), |all, call| {
        all.then(", then ", Phrase::default().code(&format!("{} {}", call.method, call.url)))
    });
    Row::fact("call", text)
}
