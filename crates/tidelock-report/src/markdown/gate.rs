//! The blocks of a gate's report: refused, warned about, undone; then what is only to be known.

use std::fmt::Write as _;

use tidelock_rules::report::{Report, ResourceReport};

use super::{MAX_ITEMS, budget::Block, code, folded, inline, items, notes, title};
use crate::{
    Detail, actions,
    escape::printable,
    gate::{Case, Gate, Undone},
    groups::GroupKind,
    phrase::{self, Phrase},
    rows::{self, Scope},
};

pub(super) fn blocks(report: &Report, gate: &Gate<'_>, scope: Scope) -> Vec<Block> {
    let mut blocks: Vec<Block> =
        gate.refused.iter().chain(&gate.warned).map(|finding| case(finding, scope)).collect();
    if scope.detail == Detail::Verbose {
        blocks.extend(gate.informed.iter().map(|finding| case(finding, scope)));
    }
    blocks.extend(undone(gate, scope));
    blocks.extend(actions(report, scope));
    blocks.extend(expected(report, scope));
    let remarks = gate.remarks().into_iter().map(Phrase::words);
    blocks.extend(notes(
        report,
        remarks,
        gate.waived.iter().map(|finding| Phrase::words("waived: ").then("", rows::gate::waived(finding))),
    ));
    blocks.extend(besides(gate));
    blocks
}

fn case(case: &Case<'_>, scope: Scope) -> Block {
    let place = case.findings.iter().find_map(|finding| finding.locations.first());
    let place = place.or_else(|| case.resource.and_then(|resource| resource.location.as_ref()));
    let head = title(case.kind(), &case.subject(), place);
    let text = format!("{head}{}", items(&rows::gate::case(case, scope)));
    let codes: Vec<&str> = case.findings.iter().map(|finding| finding.code).collect();
    let short = format!("{head}- {}, details left out\n\n", codes.join(", "));
    Block { rank: case.kind(), text, short: Some(short), resources: usize::from(case.address.is_some()) }
}

/// What to do, in its order: one block each, so that what has no room is counted.
fn actions(report: &Report, scope: Scope) -> Vec<Block> {
    let (told, more) = actions::told(report, scope.detail);
    let mut blocks: Vec<Block> = told
        .iter()
        .map(|action| {
            let head = format!("**{}** {}\n\n", action.action, inline(&action.subject));
            let text = format!("{head}{}", items(&action.rows));
            Block { rank: GroupKind::Decide, text, short: Some(head), resources: 1 }
        })
        .collect();
    if more > 0 {
        let text = format!("… and {more} more actions\n\n");
        blocks.push(Block { rank: GroupKind::Decide, text, short: None, resources: more });
    }
    blocks
}

/// What an apply does, and what needs nothing.
fn expected(report: &Report, scope: Scope) -> Vec<Block> {
    let lists = [
        (actions::left(report, scope.detail), GroupKind::Decide, "apply"),
        (actions::healthy(report, scope.detail), GroupKind::Ignore, "healthy"),
    ];
    let lists = lists.into_iter().filter(|((lines, _), ..)| !lines.is_empty());
    lists
        .map(|((lines, more), rank, word)| {
            let resources = lines.len() + more;
            let mut text = format!("**{word}**\n\n");
            text.extend(lines.iter().map(|line| format!("- {}\n", inline(line))));
            if more > 0 {
                let _ = writeln!(text, "- … and {more} more");
            }
            text.push('\n');
            Block { rank, text, short: Some(format!("**{word}** {resources} instances\n\n")), resources }
        })
        .collect()
}

/// Changes made outside that the apply overwrites: never folded, for nobody looks for them.
fn undone(gate: &Gate<'_>, scope: Scope) -> Option<Block> {
    const SHOWN: usize = 20;
    let count = gate.undone.len();
    if count == 0 {
        return None;
    }
    let plural = Undone::plural(count);
    let mut text = format!("**this apply also undoes** {plural} made outside\n\n");
    let lines = gate.undone.iter().map(|undone| rows::gate::undone(undone, scope));
    text.extend(lines.take(SHOWN).map(|line| format!("- {}\n", inline(&line))));
    if count > SHOWN {
        let _ = writeln!(text, "- … and {} more", count - SHOWN);
    }
    text.push('\n');
    let short = format!("**this apply also undoes** {count} {plural} made outside\n\n");
    Some(Block { rank: GroupKind::Undo, text, short: Some(short), resources: count })
}

/// What the plan does besides.
fn besides(gate: &Gate<'_>) -> Option<Block> {
    let count = gate.unremarked().count();
    let line = |resource: &ResourceReport| {
        let address = code(&printable(&resource.address.to_string()));
        format!("- {address}: {}\n", inline(&phrase::planned(resource)))
    };
    // What is beyond the limit is counted and never read.
    let mut lines: Vec<String> = gate.unremarked().take(MAX_ITEMS).map(line).collect();
    lines.resize(count, String::new());
    let more = if gate.refused.is_empty() && gate.warned.is_empty() { "" } else { "more " };
    let plural = if count == 1 { "change" } else { "changes" };
    (count > 0).then(|| folded(GroupKind::Pending, &format!("{count} {more}{plural}"), &lines))
}
