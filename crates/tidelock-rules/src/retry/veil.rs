//! What must not be shown: all that the states and the plan mark as sensitive.

use std::collections::BTreeSet;

use tidelock_parse::{
    KnownSecrets, Mask, StateError, StateInstance, Step, Value, inventory::Object, redact, state::State,
};

use crate::{
    marked,
    proposal::{ObjectInfo, Proposal},
    reality::NamedState,
    report::Finding,
};

/// Cuts secrets out of whatever is about to be shown.
pub(super) struct Veil<'r> {
    states: KnownSecrets,
    plan: &'r KnownSecrets,
}

impl<'r> Veil<'r> {
    pub(super) fn new(states: &[NamedState], plan: &'r KnownSecrets) -> Result<Self, StateError> {
        let mut secrets = KnownSecrets::default();
        for state in states.iter().filter_map(|named| named.state.as_ref()) {
            marked::of_state(state, &mut secrets)?;
        }
        Ok(Self { states: secrets, plan })
    }

    /// A text as it may be shown, on one line.
    pub(super) fn cut(&self, text: &str) -> String {
        let text = self.states.cut(text).into_owned();
        redact::cut_text(&self.plan.cut(&text))
    }

    pub(super) fn object(&self, info: &mut ObjectInfo) {
        info.id = self.cut(&info.id);
        for text in [&mut info.name, &mut info.location].into_iter().flatten() {
            *text = self.cut(text);
        }
    }

    pub(super) fn proposal(&self, proposal: &mut Proposal) {
        proposal.reason = self.cut(&proposal.reason);
        if let Some(info) = &mut proposal.object {
            self.object(info);
        }
        // A command with a hole in it does something else than it says.
        let whole = |text: &String| self.cut(text) == *text;
        proposal.import_id = proposal.import_id.take().filter(whole);
        proposal.command = proposal.command.take().filter(whole);
        proposal.block = proposal.block.take().filter(whole);
        proposal.request = proposal
            .request
            .take()
            .filter(|request| whole(&request.url) && request.first.iter().all(|first| whole(&first.url)));
    }

    pub(super) fn finding(&self, finding: &mut Finding) {
        finding.message = self.cut(&finding.message);
        if let Some(help) = &mut finding.help {
            *help = self.cut(help);
        }
    }
}

/// Takes out of an object what its state marks as sensitive, however short; nothing is left if that names it.
pub(super) fn bare(mut object: Object, instance: &StateInstance, state: &State) -> Option<Object> {
    if !instance.may_hold_marks(state.source()) {
        return Some(object);
    }
    let values = instance.values(state.source()).ok()?;
    let mut marked = BTreeSet::new();
    texts(&values.value, &values.sensitive, &mut marked);
    if object.keys().any(|key| marked.contains(&*key.id)) {
        return None;
    }
    object.name = object.name.filter(|name| !marked.contains(name));
    object.location = object.location.filter(|place| !marked.contains(place));
    object.addresses.retain(|address| !marked.contains(address));
    Some(object)
}

/// Every text and number that a mask covers. Values nest no deeper than they are decoded.
fn texts(value: &Value, mask: &Mask, found: &mut BTreeSet<String>) {
    let all = matches!(mask, Mask::All);
    match value {
        Value::String(text) if all => {
            found.insert(text.to_string());
        }
        Value::Number(number) if all => {
            found.insert(number.as_str().to_owned());
        }
        Value::List(items) if all || mask.any() => {
            items.iter().zip(0_u64..).for_each(|(item, at)| texts(item, mask.step(&Step::Index(at)), found));
        }
        Value::Object(fields) if all || mask.any() => {
            for (name, field) in fields {
                texts(field, mask.step(&Step::attr(name)), found);
            }
        }
        _ => {}
    }
}
