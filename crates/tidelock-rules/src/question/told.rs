//! What is made of a plan of which only the log is at hand: addresses, actions and reasons, no values.
//!
//! A difference that cannot be looked at is read the loudest way that is possible, so that the log of a plan is never answered
//! with less than the plan itself (`docs/decisions/0030-a-log-is-read-the-loudest-way.md`).

use tidelock_parse::{
    Action, ActionReason, Plan, ResourceAddr, Stream,
    stream::{PlanPart, PlannedChange},
};

use crate::{
    classify::Fate,
    divergence,
    instance::Instance,
    report::{Class, Divergence, Identity, Note, Reason, ResourceReport},
};

/// The divergence of an instance that is still there: one, of the whole instance.
pub(super) fn divergences(instance: &Instance<'_>, fate: Fate) -> Vec<Divergence> {
    let drifted = instance.drift.is_some_and(|drift| !drift.action.is_quiet());
    let whole = |class| {
        let drift = matches!(class, Class::Reverting | Class::Unmanaged);
        let replaces = instance.change.is_some_and(|change| {
            change.action_reason == Some(ActionReason::ReplaceBecauseCannotUpdate)
                && class == Class::Reverting
        });
        let reason = Some(Reason::ValuesMissing);
        vec![Divergence { drift, replaces, ..divergence::whole(class, reason) }]
    };
    match fate {
        _ if !drifted && instance.action().is_quiet() => Vec::new(),
        _ if !drifted => vec![divergence::whole(Class::Pending, None)],
        Fate::Tainted => vec![divergence::whole(Class::Computed, Some(Reason::Tainted))],
        Fate::Removed => whole(Class::Superseded),
        _ if instance.action().is_quiet() => whole(Class::Unmanaged),
        _ => whole(Class::Reverting),
    }
}

/// Who the object is: refresh names it.
pub(super) fn identity(stream: &Stream, address: &ResourceAddr) -> Identity {
    let id = stream.object(address).filter(|object| object.key() == "id");
    Identity { id: id.map(ToString::to_string), name: None }
}

/// Whether the plan may as well be a refresh-only one, which plans nothing whatever it finds.
pub(super) fn hides_mode(plan: &Plan) -> bool {
    plan.stream().is_some() && plan.changes().is_empty()
}

/// What a plan with values would add.
pub(super) fn notes(stream: &Stream, resources: &[ResourceReport]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut say = |code, message: String| notes.push(Note { code, message });
    let unseen = |divergence: &Divergence| divergence.reason == Some(Reason::ValuesMissing);
    if resources.iter().flat_map(|resource| &resource.divergences).any(unseen) {
        say(
            "stream::values_missing",
            "this is the log of a run, and it has no values: which attributes changed is not known, so what is noise counts as drift; save the plan with `-out=PLANFILE` and pass PLANFILE to tell them apart".to_owned(),
        );
    }
    if resources.iter().any(|resource| resource.actions == Action::DeleteThenCreate) {
        say(
            "stream::order_of_replacement",
            "the log of a run does not tell whether a replacement destroys first: it is read as if it did"
                .to_owned(),
        );
    }
    let drifted = |change: &PlannedChange| !change.action().is_quiet();
    if stream.planned().is_empty() && stream.drift().iter().any(drifted) {
        say(
            "stream::mode_unknown",
            "nothing is planned, and the log of a run does not tell a plan from a refresh-only one"
                .to_owned(),
        );
    }
    if stream.apply().is_some() && stream.plan() != PlanPart::None {
        say(
            "stream::applied",
            "an apply follows the plan in this log; `tidelock show` tells what it did".to_owned(),
        );
    }
    let tally = stream.tally();
    if tally.damaged > 0 {
        say("stream::damaged", format!("{} of the log cannot be read", lines(tally.damaged)));
    }
    if tally.other_lines > 0 {
        say("stream::other_lines", format!("{} of other text in the log skipped", lines(tally.other_lines)));
    }
    if !tally.unknown.is_empty() {
        let kinds: Vec<String> =
            tally.unknown.iter().map(|(kind, count)| format!("{count} x `{kind}`")).collect();
        say(
            "stream::unknown_messages",
            format!("messages of unknown kinds were passed over: {}", kinds.join(", ")),
        );
    }
    notes
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}
