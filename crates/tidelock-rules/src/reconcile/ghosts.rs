//! What a state holds and no inventory lists although it would: TL304 `ghost`.

use tidelock_parse::inventory::Object;

use super::{Presence, Story, propose::Forget};
use crate::{proposal::ObjectInfo, report::Severity, rules::Ghost};

pub(super) fn tell(story: &mut Story<'_, '_>) {
    let ghosts: Vec<usize> = story
        .held()
        .filter(|(_, held)| story.reality.presence(held) == Presence::Absent)
        .filter(|(_, held)| held.object.as_ref().is_some_and(|object| story.question.scope.takes(object)))
        .map(|(index, _)| index)
        .collect();
    let named: Vec<(usize, Option<usize>)> =
        ghosts.iter().map(|ghost| (*ghost, successor(story, *ghost, &ghosts))).collect();
    for (ghost, successor) in named {
        gone(story, ghost, successor);
    }
}

/// The one object of the same name and kind that no state holds, where this ghost is the only one it could stand for.
fn successor(story: &Story<'_, '_>, ghost: usize, ghosts: &[usize]) -> Option<usize> {
    let object = |index: &usize| story.reality.held().get(*index).and_then(|held| held.object.as_ref());
    let like =
        |a: &Object, b: &Object| a.name == b.name && a.key.cloud == b.key.cloud && a.key.noun == b.key.noun;
    let gone = object(&ghost)?;
    gone.name.as_ref()?;
    let rivals = ghosts.iter().filter(|other| object(other).is_some_and(|object| like(object, gone)));
    if rivals.count() > 1 {
        return None;
    }
    let mut named = story
        .objects()
        .filter(|(_, listed)| listed.holders.is_empty() && like(listed.object, gone))
        .map(|(index, _)| index);
    let only = named.next()?;
    named.next().is_none().then_some(only)
}

fn gone(story: &mut Story<'_, '_>, ghost: usize, successor: Option<usize>) {
    let Some(held) = story.reality.held().get(ghost) else { return };
    let Some(object) = &held.object else { return };
    let info = ObjectInfo::from(object);
    let address = held.instance.address.clone();
    let named = format!("{} {}", info.kind, info.id);
    let listed = successor.and_then(|index| story.reality.objects().get(index));
    let (message, advice, proposal) = if let Some(listed) = listed {
        let new = ObjectInfo::from(listed.object);
        let mut proposal = story.import(
            &address,
            listed.object,
            format!("{named} is gone, and this one has its name: it was made anew outside"),
            Forget::First,
        );
        proposal.state = story.state_of(held);
        (
            format!("{named} is gone; {} {} has its name and is in no state", new.kind, new.id),
            "let the state forget the old one and import the new one; an apply would make a third",
            proposal,
        )
    } else {
        (
            format!("{named} is in the state and does not exist"),
            "find out who deleted it; the next refresh forgets it, and an apply then creates it again, empty",
            story.state_rm(
                held,
                "it does not exist; where its block is still there, an apply creates it again",
            ),
        )
    };
    let deposed = held.instance.deposed.clone();
    let mut sink = story.sink(&Ghost::META);
    let mut draft = sink.about_address(&address, Severity::Warn, message).object(info).help(advice);
    if let Some(key) = deposed {
        draft = draft.deposed(&key);
    }
    sink.put(draft);
    story.propose([proposal]);
    story.told_held.insert(ghost);
    story.told_objects.extend(successor);
}
