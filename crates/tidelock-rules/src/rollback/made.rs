//! What the run made, one entry an object, and what has to become of it.

use std::collections::HashSet;

use tidelock_parse::{
    Mode, ResourceAddr, Value,
    inventory::{Cloud, Key, Object},
    state::StateInstance,
    stream::{Done, ObjectId, UiAction},
};

use super::{Scene, log::Said};
use crate::reality::{Held, Presence};

/// Something that the run made, or may have made.
#[derive(Debug)]
pub(super) struct Made<'m> {
    /// Its address; absent for what no state and no log names.
    pub address: Option<&'m ResourceAddr>,
    /// The instance of the state after the run, if it is there.
    pub instance: Option<&'m StateInstance>,
    /// The real object, with what an inventory adds to it.
    pub object: Option<Object>,
    /// When it was done, as the log says.
    pub at: Option<&'m str>,
    /// What has to become of it.
    pub fate: Fate,
}

/// What has to become of something that the run made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has to go; why.
    Remove(String),
    /// It is gone already, or another entry removes it: only the state has to forget it; why.
    Forget(String),
    /// It is no object of its own: what becomes of it depends on what it belongs to.
    Part,
    /// It was there before; why that is known.
    Keep(String),
    /// A person has to look; why.
    Decide(String),
}

/// Types that stand for nothing outside the state.
const INNER: &[&str] = &["null", "random", "terraform", "time", "tls"];

fn is_inner(type_name: &str) -> bool {
    INNER.contains(&type_name.split('_').next().unwrap_or_default())
}

/// Everything, sorted by address; what the state does not know comes last.
pub(super) fn find<'m>(scene: &Scene<'m, '_>) -> Vec<Made<'m>> {
    let held = scene.reality.held().iter().filter(|held| Some(held.state) == scene.now);
    let mut held: Vec<&Held<'_>> = held.collect();
    held.sort_by(|a, b| {
        let of = |held: &Held<'_>| (held.instance.address.clone(), held.instance.deposed.clone());
        of(a).cmp(&of(b))
    });
    let mut seen: HashSet<Key> = HashSet::new();
    let mut made = Vec::new();
    for held in held {
        let Some(mut one) = of_state(scene, held) else { continue };
        let fresh = one.object.as_ref().is_none_or(|object| seen.insert(object.key.clone()));
        if !fresh && matches!(one.fate, Fate::Remove(_)) {
            one.fate = Fate::Forget("another address holds the same object".to_owned());
        }
        made.push(one);
    }
    let known: HashSet<Key> = scene
        .reality
        .held()
        .iter()
        .filter_map(|held| held.object.as_ref())
        .flat_map(Object::keys)
        .cloned()
        .collect();
    made.extend(unknown_to_the_state(scene, &known));
    spare_older(scene, &mut made);
    made
}

/// What an instance of the state after the run is; `None` for what was there before.
fn of_state<'m>(scene: &Scene<'m, '_>, held: &'m Held<'m>) -> Option<Made<'m>> {
    let address = &held.instance.address;
    let said = scene.log.says(address);
    let known = held.object.as_ref().is_some_and(|object| scene.past.knows(object));
    // With an id of its own choice (`vm_id`), a new object may have the old one's id.
    if known && said != Said::Replaced {
        return None;
    }
    let before = scene.past.at(address);
    if held.object.is_none() && !before.is_empty() {
        return None;
    }
    let listed = held.listed.and_then(|index| scene.reality.objects().get(index)).map(|listed| listed.object);
    if let Some((own, other)) = held.object.as_ref().zip(listed)
        && is_reused(own, other)
    {
        let reason = match (&other.name, &other.location) {
            (Some(name), Some(node)) => {
                format!("its number belongs to {name} on {node} now: it was given anew, or renamed")
            }
            _ => "its number belongs to another machine now".to_owned(),
        };
        let (object, fate) = (Some(own.clone()), Fate::Decide(reason));
        return Some(Made { address: Some(address), instance: Some(held.instance), object, at: None, fate });
    }
    let object = held.object.clone().map(|object| completed(object, listed));
    let mut fate = fate(scene, held, object.as_ref(), said);
    if let (Some(doubt), Fate::Remove(_) | Fate::Forget(_) | Fate::Part) = (scene.doubt, &fate) {
        fate = Fate::Decide(doubt.to_owned());
    }
    let at = scene.log.at(address);
    Some(Made { address: Some(address), instance: Some(held.instance), object, at, fate })
}

fn fate(scene: &Scene<'_, '_>, held: &Held<'_>, object: Option<&Object>, said: Said) -> Fate {
    let address = &held.instance.address;
    let decide = |reason: &str| Fate::Decide(reason.to_owned());
    if said == Said::Imported {
        return Fate::Keep("the run took it into the state, it was there before".to_owned());
    }
    let type_name = &*address.type_name;
    if type_name.starts_with("aws_default_") {
        return decide(
            "it was there before: such a resource takes over what every account has, and makes nothing",
        );
    }
    if is_inner(type_name) {
        return Fate::Forget("it stands for nothing outside the state".to_owned());
    }
    if object.is_none() {
        return if hides_its_id(scene, held) {
            decide("this run made it, and its id is marked sensitive: remove it by hand")
        } else {
            Fate::Part
        };
    }
    if held.instance.deposed.is_some() {
        return decide(
            "deposed in this run: one of two copies of an object whose replacement was not finished",
        );
    }
    if said == Said::Replaced {
        return decide("it replaced an object of this address: it may be the only copy");
    }
    let before = scene.past.at(address);
    if !before.is_empty() {
        return decide(
            "this address held another object before the run: this one replaced it, and may be the only copy",
        );
    }
    let mut same = scene.reality.held().iter().filter(|other| other.state == held.state);
    if same.any(|other| other.instance.deposed.is_some() && other.instance.address == *address) {
        return decide("an older copy of it is deposed: which of the two serves is not known here");
    }
    if let Some(forerunner) = object.and_then(|object| scene.past.forerunner(object)) {
        let old = &forerunner.instance.address;
        return Fate::Decide(format!(
            "it has the name or address of an object that `{old}` held before the run: it replaced it, and may be the only copy"
        ));
    }
    if said == Said::Silent {
        return decide(
            "it is new in the state, but the log does not say that the run made it (an import, perhaps)",
        );
    }
    judged(scene, address, object, held.instance.skip_destroy).unwrap_or_else(|| {
        match scene.reality.presence(held) {
            Presence::Absent => Fate::Forget("it is gone already".to_owned()),
            _ if held.instance.tainted => Fate::Remove("this run made it, and did not finish it".to_owned()),
            _ => Fate::Remove("this run made it".to_owned()),
        }
    })
}

/// Whether an instance names no object only because the state marks its id as sensitive.
fn hides_its_id(scene: &Scene<'_, '_>, held: &Held<'_>) -> bool {
    let state = scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
    let values = state.and_then(|state| held.instance.values(state.source()).ok());
    values.is_some_and(|values| {
        let kind = tidelock_types::of(&held.instance.address.type_name);
        values.sensitive.any() && kind.object(&held.instance.address.type_name, &values.value).is_some()
    })
}

/// What keeps anything from being removed, wherever it comes from.
fn judged(
    scene: &Scene<'_, '_>,
    address: &ResourceAddr,
    object: Option<&Object>,
    skip: bool,
) -> Option<Fate> {
    if scene.lock.covers(address).is_some() {
        return Some(Fate::Decide("tidelock.lock protects it".to_owned()));
    }
    let object = object?;
    if object.protected {
        return Some(Fate::Decide(
            "this run made it, and its platform protects it from being deleted".to_owned(),
        ));
    }
    if skip {
        return Some(Fate::Decide("this run made it, and its block says `destroy = false`".to_owned()));
    }
    if scene.log.is_older(object.created.as_deref()) {
        return Some(Fate::Decide("it was made before the run began".to_owned()));
    }
    None
}

/// What the log says was made, and no state holds: the run was killed, or could not write its state.
fn unknown_to_the_state<'m>(scene: &Scene<'m, '_>, known: &HashSet<Key>) -> Vec<Made<'m>> {
    let Some(run) = scene.log.run() else { return Vec::new() };
    let managed = |address: &ResourceAddr| address.mode == Mode::Managed;
    let mut made = Vec::new();
    for done in run.created.iter().filter(|done| managed(&done.address)) {
        made.extend(of_log(scene, done, known));
    }
    let held =
        |address: &ResourceAddr| scene.reality.held().iter().any(|held| held.instance.address == *address);
    for doubt in run.in_doubt.iter().filter(|one| managed(&one.address) && !held(&one.address)) {
        if matches!(doubt.action, UiAction::Create | UiAction::Replace) && doubt.since.is_some() {
            let why = "its creation was begun and never ended, and no state knows it: look whether it exists";
            let address = Some(&doubt.address);
            made.push(Made {
                address,
                instance: None,
                object: None,
                at: None,
                fate: Fate::Decide(why.to_owned()),
            });
        }
    }
    for failed in run.failed.iter().filter(|one| managed(&one.address) && one.began && !held(&one.address)) {
        if matches!(failed.action, UiAction::Create | UiAction::Replace) {
            made.extend(left_behind(scene, &failed.address));
        }
    }
    made
}

fn of_log<'m>(scene: &Scene<'m, '_>, done: &'m Done, known: &HashSet<Key>) -> Option<Made<'m>> {
    let address = &done.address;
    let run = scene.log.run()?;
    let again = |gone: &Done| gone.address == *address && gone.object.is_some() && gone.object == done.object;
    if run.destroyed.iter().any(again) {
        return None;
    }
    let object = done.object.as_ref().and_then(|id| named(&address.type_name, id));
    let mut is_anothers = false;
    let object = object.map(|object| {
        let listed = object.keys().find_map(|key| scene.reality.find(key)).map(|listed| listed.object);
        is_anothers = object.key.cloud == Cloud::Proxmox
            && listed.is_some_and(|listed| !is_called(address, listed.name.as_deref()));
        if is_anothers { object } else { completed(object, listed) }
    });
    let held = |object: &Object| object.keys().any(|key| known.contains(key));
    let in_state = scene
        .reality
        .held()
        .iter()
        .any(|held| Some(held.state) == scene.now && held.instance.address == *address);
    match &object {
        Some(object) if held(object) => return None,
        None if in_state => return None,
        _ => {}
    }
    let decide = |reason: &str| Fate::Decide(reason.to_owned());
    let inner = is_inner(&address.type_name);
    let fate = if inner {
        return None;
    } else if done.replaces || !scene.past.at(address).is_empty() {
        decide("it replaced an object of this address: it may be the only copy")
    } else if object.is_none() {
        decide("the log says that the run made it, and not which object it is")
    } else if is_anothers {
        decide(
            "the log names its number alone, and the machine of that number has a name that the address does not tell",
        )
    } else if let Some(fate) = judged(scene, address, object.as_ref(), false) {
        fate
    } else if object.as_ref().is_some_and(|object| is_absent(scene, object)) {
        return None;
    } else if scene.now.is_some() {
        Fate::Remove("the log says that this run made it, and the state does not know it".to_owned())
    } else {
        Fate::Remove("the log says that this run made it".to_owned())
    };
    Some(Made { address: Some(address), instance: None, object, at: done.at.as_deref(), fate })
}

/// The object that an id of a log stands for.
fn named(type_name: &str, id: &ObjectId) -> Option<Object> {
    let text = Value::String(id.real().into());
    let values = Value::Object([(id.key().into(), text)].into());
    tidelock_types::of(type_name).object(type_name, &values)
}

fn is_absent(scene: &Scene<'_, '_>, object: &Object) -> bool {
    scene.reality.covers(&object.key) && !object.keys().any(|key| scene.reality.find(key).is_some())
}

/// Objects that nothing holds, of a kind whose creation failed, made since the run began.
fn left_behind<'m>(scene: &Scene<'m, '_>, address: &'m ResourceAddr) -> Vec<Made<'m>> {
    let fits = |object: &Object| {
        let types = tidelock_types::holders(object);
        let fits =
            types.iter().any(|name| **name == *address.type_name) || *object.key.noun == *address.type_name;
        fits && !object.template && object.managed_by.is_none()
    };
    let free = scene.reality.objects().iter().filter(|listed| listed.holders.is_empty());
    let candidates = free.map(|listed| listed.object).filter(|object| fits(object));
    let candidates = candidates.filter(|object| scene.log.is_newer(object.created.as_deref()));
    let why = "made while this run failed to create this address, and no state knows it";
    candidates
        .map(|object| Made {
            address: Some(address),
            instance: None,
            object: Some(object.clone()),
            at: None,
            fate: Fate::Decide(why.to_owned()),
        })
        .collect()
}

/// Whether a number of Proxmox VE, which is free again after its guest, has another guest in the inventory. One that only moved
/// has its name still.
fn is_reused(own: &Object, listed: &Object) -> bool {
    if own.key.cloud != Cloud::Proxmox {
        return false;
    }
    match (&own.name, &listed.name) {
        (Some(own), Some(listed)) => own != listed,
        _ => own.location.is_some() && listed.location.is_some() && own.location != listed.location,
    }
}

/// Whether an address names what people call an object: `vm.shop`, `vm.app["shop"]`.
fn is_called(address: &ResourceAddr, name: Option<&str>) -> bool {
    let address = address.to_string();
    name.is_some_and(|name| {
        address.ends_with(&format!(".{name}")) || address.ends_with(&format!("[\"{name}\"]"))
    })
}

/// Turns the removal of what is far older than the rest of the run into a decision, where no log tells when that began.
fn spare_older(scene: &Scene<'_, '_>, made: &mut [Made<'_>]) {
    if scene.log.knows_beginning() {
        return;
    }
    let created = |one: &Made<'_>| one.object.as_ref()?.created.as_deref()?.parse::<jiff::Timestamp>().ok();
    let Some(newest) = made.iter().filter_map(created).max() else { return };
    for one in made.iter_mut().filter(|one| matches!(one.fate, Fate::Remove(_))) {
        if created(one).is_some_and(|at| at.duration_until(newest) > jiff::SignedDuration::from_hours(24)) {
            one.fate = Fate::Decide("it is older than the rest of this run".to_owned());
        }
    }
}

/// What a state says of an object, and what an inventory adds. Where it is now, the inventory knows better.
fn completed(mut object: Object, listed: Option<&Object>) -> Object {
    let Some(listed) = listed else { return object };
    object.name = object.name.or_else(|| listed.name.clone());
    object.location = listed.location.clone().or(object.location);
    object.status = listed.status.clone();
    object.created = listed.created.clone().or(object.created);
    object.protected |= listed.protected;
    object.told = listed.told.clone();
    for address in &listed.addresses {
        if !object.addresses.contains(address) {
            object.addresses.push(address.clone());
        }
    }
    object
}
