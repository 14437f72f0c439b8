//! What a `state rm` or a reset would leave behind: TL309 `forgets-resource`, before it happens.

use tidelock_parse::{ResourceAddr, inventory::Status};

use super::{Presence, Story, propose::Forget};
use crate::{
    policy::Pattern,
    proposal::{ObjectInfo, Proposed},
    report::Severity,
    rules::ForgetsResource,
};

pub(super) fn tell(story: &mut Story<'_, '_>) {
    let asked: Vec<(ResourceAddr, Option<Pattern>)> = story
        .question
        .if_removed
        .iter()
        .map(|address| (address.clone(), address.to_string().parse().ok()))
        .collect();
    let mut met = vec![false; asked.len()];
    let mut affected = Vec::new();
    for (index, held) in story.reality.held().iter().enumerate() {
        let mut fits = false;
        for ((_, pattern), met) in asked.iter().zip(&mut met) {
            if pattern.as_ref().is_some_and(|pattern| pattern.covers(&held.instance.address)) {
                *met = true;
                fits = true;
            }
        }
        if fits {
            affected.push(index);
        }
    }
    for ((address, _), met) in asked.iter().zip(met) {
        if !met {
            let message = format!("{address} is in none of the states: nothing would be forgotten");
            story.notes.push(crate::report::Note { code: "reconcile::not_held", message });
        }
    }
    for index in affected {
        orphaned(story, index);
    }
}

fn orphaned(story: &mut Story<'_, '_>, index: usize) {
    let Some(held) = story.reality.held().get(index) else { return };
    let Some(object) = &held.object else { return };
    let presence = story.reality.presence(held);
    if presence == Presence::Absent {
        return;
    }
    let address = held.instance.address.clone();
    let info = ObjectInfo::from(object);
    let named = format!("{} {}", info.kind, info.id);
    let is = match &presence {
        Presence::There(Status::Running) => "it runs",
        Presence::There(_) => "it exists",
        _ => "no inventory says whether it exists",
    };
    // Without sources, nobody can tell; then the worse is to be expected.
    let again = story.question.sources.is_none_or(|sources| sources.resource(&address.config()).is_some());
    let (severity, message) = if again {
        (
            Severity::Deny,
            format!("{named} would be in no state, and the next apply would make another ({is})"),
        )
    } else {
        (Severity::Warn, format!("{named} would be in no state ({is})"))
    };
    let advice = "to keep the object without managing it, use a `removed` block; to move it, a `moved` block";
    let mut back =
        story.import(&address, object, "what brings it back, should it have been removed", Forget::Nothing);
    back.action = Proposed::Keep;
    back.state = story.state_of(held);
    let mut sink = story.sink(&ForgetsResource::META);
    let draft = sink.about_address(&address, severity, message).object(info).help(advice);
    sink.put(draft);
    story.propose([back]);
}
