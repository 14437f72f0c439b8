//! What stays keeps what it needs.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{ConfigAddr, ResourceAddr, State, StateError};

use super::{
    Scene,
    made::{Fate, Made},
};
use crate::reality::Held;

/// Turns the removal of what something that stays depends on into a decision.
///
/// What was there before and is exactly as it was cannot hold on to something that is new.
pub(super) fn spare(scene: &Scene<'_, '_>, made: &mut [Made<'_>]) -> Result<(), StateError> {
    let Some(state) = scene.now.and_then(|now| scene.reality.states.get(now)?.state.as_ref()) else {
        return Ok(());
    };
    let removed = |made: &[Made<'_>]| -> BTreeSet<ResourceAddr> {
        let removed = made.iter().filter(|one| !matches!(one.fate, Fate::Keep(_) | Fate::Decide(_)));
        removed.filter_map(|one| one.address.cloned()).collect()
    };
    // Lists of dependencies are transitive, but what is spared may be needed by nothing else that stays.
    loop {
        let going = removed(made);
        let mut needed: BTreeMap<ConfigAddr, &ResourceAddr> = BTreeMap::new();
        let staying = scene
            .reality
            .held()
            .iter()
            .filter(|held| Some(held.state) == scene.now && !going.contains(&held.instance.address));
        for held in staying {
            let dependencies = held.instance.dependencies(state.source())?;
            if dependencies.is_empty() || is_as_it_was(scene, held)? {
                continue;
            }
            for block in dependencies {
                needed.entry(block).or_insert(&held.instance.address);
            }
        }
        let mut spared = false;
        for one in made.iter_mut().filter(|one| matches!(one.fate, Fate::Remove(_))) {
            let Some(address) = one.address else { continue };
            let Some(by) = needed.get(&address.config()).filter(|by| **by != address) else { continue };
            one.fate =
                Fate::Decide(format!("this run made it, but `{by}`, which stays, depends on its block"));
            spared = true;
        }
        if !spared {
            break;
        }
    }
    parts(state, made)
}

/// What is no object of its own goes with something that goes, or stays.
fn parts(state: &State, made: &mut [Made<'_>]) -> Result<(), StateError> {
    let going = made.iter().filter(|one| matches!(one.fate, Fate::Remove(_) | Fate::Forget(_)));
    let going: BTreeSet<ConfigAddr> = going.filter_map(|one| one.address).map(ResourceAddr::config).collect();
    for one in made.iter_mut().filter(|one| one.fate == Fate::Part) {
        let needs = one.instance.map(|instance| instance.dependencies(state.source())).transpose()?;
        let goes = needs.is_some_and(|needs| needs.iter().any(|block| going.contains(block)));
        one.fate = if goes {
            Fate::Forget("it is no object of its own, and goes with what it belongs to".to_owned())
        } else {
            Fate::Decide(
                "it is new in the state, which names no object for it, and belongs to nothing that goes"
                    .to_owned(),
            )
        };
    }
    Ok(())
}

/// Whether an instance has the values and dependencies that it had before the run.
fn is_as_it_was(scene: &Scene<'_, '_>, held: &Held<'_>) -> Result<bool, StateError> {
    let states = scene.reality.states;
    let source = |held: &Held<'_>| {
        states.get(held.state).and_then(|named| named.state.as_ref()).map(|state| state.source().clone())
    };
    let before = scene
        .past
        .at(&held.instance.address)
        .iter()
        .find(|before| before.instance.deposed == held.instance.deposed);
    let Some(before) = before else { return Ok(false) };
    let (Some(old), Some(new)) = (source(before), source(held)) else { return Ok(false) };
    Ok(before.instance.values(&old)?.value == held.instance.values(&new)?.value)
}
