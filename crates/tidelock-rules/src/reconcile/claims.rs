//! One real object, held at two addresses or in two states: TL302 `duplicate-claim`.

use std::collections::BTreeMap;

use tidelock_parse::inventory::Key;

use super::Story;
use crate::{
    proposal::ObjectInfo,
    report::{Related, Severity},
    rules::DuplicateClaim,
};

pub(super) fn tell(story: &mut Story<'_, '_>) {
    // Objects of an inventory are told by their place in it, since they may have several names.
    let mut by_object: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut by_key: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for (index, held) in story.reality.held().iter().enumerate() {
        match (held.listed, &held.object) {
            (Some(listed), _) => by_object.entry(listed).or_default().push(index),
            (None, Some(object)) => by_key.entry(&object.key).or_default().push(index),
            (None, None) => {}
        }
    }
    let claims = by_object.into_values().chain(by_key.into_values());
    let claims: Vec<Vec<usize>> = claims.filter(|holders| holders.len() > 1).collect();
    for holders in claims {
        claimed(story, &holders);
    }
}

fn claimed(story: &mut Story<'_, '_>, holders: &[usize]) {
    let held: Vec<_> = holders.iter().filter_map(|index| story.reality.held().get(*index)).collect();
    let Some((first, object)) = held.first().and_then(|held| Some((*held, held.object.as_ref()?))) else {
        return;
    };
    let info = ObjectInfo::from(object);
    let name = |state: usize| story.reality.states.get(state).map_or("", |state| state.name.as_str());
    let one_state = held.iter().all(|held| held.state == first.state);
    let places: Vec<String> = held
        .iter()
        .map(|held| {
            let place = if one_state { String::new() } else { format!(" in {}", name(held.state)) };
            format!("{}{place}", held.instance.address)
        })
        .collect();
    let message = format!("{} {} is held by {}", info.kind, info.id, places.join(" and by "));
    let related: Vec<Related> = held
        .iter()
        .skip(1)
        .map(|held| Related {
            address: held.instance.address.clone(),
            depth: 1,
            role: Some(if one_state {
                "holds it, too".to_owned()
            } else {
                format!("holds it, too, in {}", name(held.state))
            }),
        })
        .collect();
    // A block that the sources still have is where the object belongs, if only one of them has.
    let declared = |index: usize| {
        let sources = story.question.sources?;
        let held = held.get(index)?;
        Some(sources.resource(&held.instance.address.config()).is_some())
    };
    let kept: Vec<usize> = (0..held.len()).filter(|index| declared(*index) == Some(true)).collect();
    let mut proposals = Vec::new();
    match kept.as_slice() {
        [keeper] if one_state => {
            for (index, held) in held.iter().enumerate() {
                proposals.push(if index == *keeper {
                    story.keep(object, Some(held), "its block is in the sources, and only this one")
                } else {
                    story.state_rm(held, "no block declares it any more; the object stays")
                });
            }
        }
        _ => {
            for held in &held {
                let command = story.state_rm(held, "").command;
                let mut proposal = story.decide(
                    object,
                    Some(held),
                    "one of them has to let go: `state rm` where it does not belong, and remove the block there",
                );
                proposal.command = command;
                proposals.push(proposal);
            }
        }
    }
    let lineage = |index: usize| {
        let state = story.reality.states.get(index)?.state.as_ref()?;
        state.header().lineage.as_deref().filter(|lineage| !lineage.is_empty())
    };
    let alike = !one_state
        && held
            .iter()
            .all(|held| lineage(held.state).is_some() && lineage(held.state) == lineage(first.state));
    let advice = if alike {
        "the states share their lineage: if they are two versions of one state, give the newer one alone; if they are two, one of them has to let go before anything is applied"
    } else {
        "apply nothing before one of them lets go: whoever destroys its own destroys the other's, too"
    };
    let address = first.instance.address.clone();
    let mut sink = story.sink(&DuplicateClaim::META);
    let draft =
        sink.about_address(&address, Severity::Deny, message).object(info).related(related).help(advice);
    sink.put(draft);
    story.propose(proposals);
    story.told_held.extend(holders.iter().copied());
    story.told_objects.extend(held.iter().filter_map(|held| held.listed));
}
