//! What a plan does to one object, and why.

use tidelock_parse::{Action, ActionReason};
use tidelock_rules::report::ResourceReport;

use super::{Phrase, replacement};
use crate::escape::printable;

/// Paths that are named.
const SHOWN: usize = 4;

/// `destroys and recreates the VM, because of node_name`.
pub(crate) fn planned(resource: &ResourceReport) -> Phrase {
    let noun = printable(&resource.noun);
    let what = match &resource.actions {
        _ if resource.deposed.is_some() => Phrase::words("destroys the deposed object"),
        Action::Create => Phrase::words(format!("creates the {noun}")),
        Action::Delete => Phrase::words(format!("destroys the {noun}")),
        Action::Update => Phrase::words(format!("changes the {noun} in place")),
        Action::Forget => Phrase::words(format!("forgets the {noun}, which stays alive")),
        action if action.is_replace() => Phrase::words(replacement(resource)),
        action if action.is_quiet() && (resource.previous_address.is_some() || resource.importing) => {
            Phrase::default()
        }
        action if action.is_quiet() => Phrase::words("leaves it as it is"),
        other => Phrase::words("does ").code(&other.to_string()),
    };
    let moved = match &resource.previous_address {
        Some(previous) => Phrase::words("moved from ").code(&previous.to_string()),
        None => Phrase::default(),
    };
    let imported = if resource.importing { Phrase::words("imported") } else { Phrase::default() };
    moved.then("; ", imported).then("; ", what.then(", ", why(resource)))
}

/// Why, in the words of the plan.
fn why(resource: &ResourceReport) -> Phrase {
    let words = match &resource.action_reason {
        Some(ActionReason::ReplaceBecauseTainted) => "because it is tainted",
        Some(ActionReason::ReplaceByRequest) => "because `-replace` asks for it",
        Some(ActionReason::ReplaceByTriggers) => "because of `replace_triggered_by`",
        Some(ActionReason::DeleteBecauseNoResourceConfig) => "because its block is gone",
        Some(ActionReason::DeleteBecauseNoModule) => "because its module is gone",
        Some(ActionReason::DeleteBecauseWrongRepetition) => {
            "because `count` or `for_each` was added or removed"
        }
        Some(ActionReason::DeleteBecauseCountIndex) => "because its index is beyond `count`",
        Some(ActionReason::DeleteBecauseEachKey) => "because its key left `for_each`",
        Some(ActionReason::DeleteBecauseNoMoveTarget) => {
            "because its `moved` block leads to what is not declared"
        }
        Some(ActionReason::DeleteBecauseEnabledFalse) => "because `enabled` is false",
        _ => return paths(resource),
    };
    Phrase::words(words)
}

fn paths(resource: &ResourceReport) -> Phrase {
    let shown = resource.replace_paths.iter().take(SHOWN);
    let list = shown
        .fold(Phrase::default(), |list, path| list.then(", ", Phrase::default().code(&path.to_string())));
    if list.is_empty() {
        return list;
    }
    let list = Phrase::words("because of ").then("", list);
    match resource.replace_paths.len().saturating_sub(SHOWN) {
        0 => list,
        more => list.say(format!(" and {more} more")),
    }
}
