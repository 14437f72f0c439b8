//! What a gate says about one address: the findings, what the plan does there, what to do about it.

use tidelock_rules::report::{Accept, Command, Divergence, Finding, Related, Severity};

use super::{Below, Branch, Key, Row, Scope, edit, message, waived_by};
use crate::{
    Detail,
    escape::printable,
    gate::{Case, Undone},
    groups::{Entry, GroupKind},
    phrase::{self, Phrase},
};

/// Instances of a story that are named; the rest is counted.
const MAX_RELATED: usize = 12;
/// Paths behind a replacement that are shown with their values; the rest is counted.
const MAX_PATHS: usize = 4;

/// Everything about one address: messages first, then facts, then what to do, the commands that accept it last.
pub(crate) fn case(case: &Case<'_>, scope: Scope) -> Vec<Row> {
    let mut rows: Vec<Row> = case.findings.iter().map(|finding| headed(case, finding)).collect();
    rows.extend(planned(case, scope));
    let several = case.findings.len() > 1;
    for finding in &case.findings {
        let word = |word: &str| if several { format!("{word} ({})", finding.code) } else { word.to_owned() };
        let limit = if scope.detail == Detail::Verbose { usize::MAX } else { MAX_RELATED };
        rows.extend(story(&word("related"), &finding.related, limit));
        let help = finding.help.as_ref().map(|help| Phrase::default().text(help));
        rows.extend(help.map(|help| Row::fact(&word("next"), help)));
        rows.extend(finding.hcl.as_ref().map(|hcl| paste(&word("paste"), hcl)));
    }
    rows.extend(accepts(case));
    rows.extend(case.findings.iter().filter_map(|finding| waive(finding)));
    rows
}

/// The message of a finding; its severity where the group does not say it.
fn headed(case: &Case<'_>, finding: &Finding) -> Row {
    let row = message(finding);
    if finding.severity == case.severity() {
        return row;
    }
    Row { key: Key::Word(format!("{} ({})", finding.code, finding.severity)), ..row }
}

/// What the plan does to the object, and what would be lost.
fn planned(case: &Case<'_>, scope: Scope) -> Vec<Row> {
    let Some(resource) = case.resource else {
        let deposed = case.deposed.map(|key| Row::fact("deposed", Phrase::default().code(key)));
        return deposed.into_iter().collect();
    };
    let mut rows = vec![Row::fact("plan", phrase::planned(resource))];
    let whole = matches!(resource.divergences.as_slice(), [only] if only.path.is_root());
    if scope.detail == Detail::Verbose && !whole {
        let entry = Entry { resource, findings: Vec::new() };
        rows.extend(super::state(&entry, scope));
        rows.extend(super::divergences(&entry, GroupKind::Warn, scope));
    } else {
        // What a finding is about stands in its message.
        let told = |divergence: &Divergence| {
            case.findings.iter().any(|finding| finding.path.as_ref() == Some(&divergence.path))
        };
        let forcing =
            resource.divergences.iter().filter(|divergence| divergence.replaces && !told(divergence));
        let forcing: Vec<_> = forcing.collect();
        rows.extend(forcing.iter().take(MAX_PATHS).map(|divergence| {
            let text = phrase::difference(divergence, scope.limits);
            Row { key: Key::Path(divergence.path.to_string()), ..Row::fact("", text) }
        }));
        if let Some(more) = forcing.len().checked_sub(MAX_PATHS).filter(|more| *more > 0) {
            rows.push(Row::fact("besides", Phrase::words(format!("{more} more paths force it"))));
        }
    }
    if resource.actions.destroys() || resource.actions.forgets() {
        let dependents = phrase::dependents(resource);
        let key = phrase::holds(resource).unwrap_or_else(|| "besides".to_owned());
        if !dependents.is_empty() && (key != "besides" || resource.dependents != Some(0)) {
            rows.push(Row::fact(&key, dependents));
        }
    }
    rows
}

/// The other instances of a story, as a tree.
fn story(key: &str, related: &[Related], limit: usize) -> Option<Row> {
    if related.is_empty() {
        return None;
    }
    let branch = |related: &Related| Branch {
        // A tree of a report is as deep as a chain of references; a page is not.
        depth: related.depth.clamp(1, 8) - 1,
        text: Phrase::default().code(&related.address.to_string()).then(
            ": ",
            related.role.as_ref().map_or_else(Phrase::default, |role| Phrase::default().text(role)),
        ),
    };
    let mut branches: Vec<Branch> = related.iter().take(limit).map(branch).collect();
    if let Some(more) = related.len().checked_sub(limit).filter(|more| *more > 0) {
        branches.push(Branch { depth: 0, text: Phrase::words(format!("and {more} more")) });
    }
    Some(Row { below: Below::Tree(branches), ..Row::fact(key, Phrase::default()) })
}

/// Blocks to paste.
fn paste(key: &str, hcl: &str) -> Row {
    Row { below: Below::Block(hcl.to_owned()), ..Row::way_out(key, Phrase::default()) }
}

/// The lines that accept what was changed outside, so that the apply has nothing to undo.
fn accepts(case: &Case<'_>) -> Vec<Row> {
    let advice = case.resource.map(|resource| &resource.advice);
    let accepts = advice.into_iter().flat_map(|advice| &advice.accept);
    let edits = accepts.filter_map(|accept| match &accept.how {
        Accept::Edit { location, hcl, .. } => Some(Row::way_out("accept", edit(&location.to_string(), hcl))),
        Accept::Refused { .. } => None,
    });
    edits.collect()
}

/// The command that accepts a refusal, as a row.
fn waive(finding: &Finding) -> Option<Row> {
    let command = waive_command(finding, Command::Gate)?;
    Some(Row { command: Some(command), ..Row::way_out("waive", Phrase::default()) })
}

/// The command that accepts what a gate refuses, printable; nothing else asks for one.
pub(crate) fn waive_command(finding: &Finding, question: Command) -> Option<String> {
    let refused = question == Command::Gate && finding.severity == Severity::Deny;
    finding.waive_command().filter(|_| refused).map(|command| printable(&command))
}

/// A change that the apply would overwrite, as one phrase.
pub(crate) fn undone(undone: &Undone<'_>, scope: Scope) -> Phrase {
    let Undone { resource, divergence } = undone;
    let place = Phrase::default().code(&resource.address.to_string());
    let place =
        if divergence.path.is_root() { place } else { place.say(" ").code(&divergence.path.to_string()) };
    place.then(": ", phrase::divergence(resource, divergence, scope.limits))
}

/// A finding that somebody accepted, as one phrase.
pub(crate) fn waived(finding: &Finding) -> Phrase {
    let subject = match &finding.address {
        Some(address) => Phrase::default().code(&address.to_string()),
        None => Phrase::words("the whole plan"),
    };
    let why = finding.waived.as_ref().map_or_else(Phrase::default, waived_by);
    Phrase::words(finding.code).say(" ").then("", subject).then(": ", why)
}
