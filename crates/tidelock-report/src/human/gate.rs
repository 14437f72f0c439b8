//! The body of a gate's report: refused, warned about, undone; then what is only to be known.

use tidelock_rules::{proposal::Proposed, report::Report};

use super::page::{Label, Page, Tone};
use crate::{
    Detail, actions,
    gate::{Case, Gate, Undone},
    groups::{Entry, GroupKind},
    phrase::Phrase,
    rows::{self, Scope},
};

/// Lines of a list that are written; the rest is counted.
const MAX_LINES: usize = 10;

pub(super) fn body(page: &mut Page, report: &Report, gate: &Gate<'_>, scope: Scope) {
    let verbose = scope.detail == Detail::Verbose;
    cases(page, &gate.refused, scope);
    cases(page, &gate.warned, scope);
    if verbose {
        cases(page, &gate.informed, scope);
        for resource in &gate.besides {
            let entry = Entry { resource, findings: Vec::new() };
            super::pending(page, &entry, scope);
        }
        super::outputs(page, report, scope);
    }
    undone(page, gate, scope);
    actions(page, report, scope);
    expected(page, report, scope);
    if let Some(remarks) = gate.remarks().filter(|_| !verbose) {
        page.line(Label::Note, &Phrase::words(remarks).say("; shown by -v"));
    }
    let waived = gate.waived.iter().map(|finding| rows::gate::waived(finding));
    list(page, Label::Waived, waived, scope);
}

fn cases(page: &mut Page, cases: &[Case<'_>], scope: Scope) {
    for case in cases {
        let place = case.findings.iter().find_map(|finding| finding.locations.first());
        let place = place.or_else(|| case.resource.and_then(|resource| resource.location.as_ref()));
        page.heading(case.kind().into(), &case.subject(), place);
        page.rows(&rows::gate::case(case, scope));
    }
}

/// What to do, in its order.
fn actions(page: &mut Page, report: &Report, scope: Scope) {
    let (told, more) = actions::told(report, scope.detail);
    if !told.is_empty() && page.len() > 0 {
        page.blank();
    }
    for action in &told {
        page.titled(tone(action.action), action.action.as_str(), &action.subject);
        page.rows(&action.rows);
    }
    if more > 0 {
        page.titled(Tone::Quiet, "more", &Phrase::words(format!("{more} more actions; shown by -v")));
    }
}

/// What an apply does, and what needs nothing.
fn expected(page: &mut Page, report: &Report, scope: Scope) {
    let (left, healthy) = (actions::left(report, scope.detail), actions::healthy(report, scope.detail));
    if !left.0.is_empty() && page.len() > 0 {
        page.blank();
    }
    for ((lines, more), tone, word) in [(left, Tone::Decide, "apply"), (healthy, Tone::Good, "healthy")] {
        for line in &lines {
            page.titled(tone, word, line);
        }
        if more > 0 {
            page.titled(Tone::Quiet, "more", &Phrase::words(format!("{more} more {word}; shown by -v")));
        }
    }
}

const fn tone(action: Proposed) -> Tone {
    match action {
        Proposed::Remove => Tone::Stop,
        Proposed::Keep => Tone::Good,
        _ => Tone::Decide,
    }
}

/// Changes made outside that the apply overwrites.
fn undone(page: &mut Page, gate: &Gate<'_>, scope: Scope) {
    let count = gate.undone.len();
    if count == 0 {
        return;
    }
    let title = format!("this apply also undoes {} made outside:", Undone::plural(count));
    page.line(GroupKind::Undo.into(), &Phrase::words(title));
    list(page, Label::Blank, gate.undone.iter().map(|undone| rows::gate::undone(undone, scope)), scope);
}

/// One line each, as many as are worth reading.
fn list(page: &mut Page, label: Label, lines: impl ExactSizeIterator<Item = Phrase>, scope: Scope) {
    let limit = if scope.detail == Detail::Verbose { usize::MAX } else { MAX_LINES };
    let more = lines.len().saturating_sub(limit);
    for line in lines.take(limit) {
        page.line(label, &line);
    }
    if more > 0 {
        page.line(label, &Phrase::words(format!("and {more} more; shown by -v")));
    }
}
