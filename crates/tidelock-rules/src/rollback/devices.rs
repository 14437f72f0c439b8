//! The device of a tailnet that belongs to a machine which goes: nothing in a state makes it, and nothing removes it.

use tidelock_parse::inventory::Object;

use super::{
    Scene,
    made::{Fate, Made},
};
use crate::tailnet::{self, By, is_device, is_machine};

/// A device that belongs to a machine.
#[derive(Debug)]
pub(super) struct Device<'m> {
    /// The device, as an inventory tells it.
    pub object: &'m Object,
    /// Its machine, a position in the list of what was made.
    pub machine: usize,
    /// What has to become of it.
    pub fate: Fate,
}

/// The devices of the machines that go, in the order of the machines, then of the inventories.
pub(super) fn find<'m>(scene: &Scene<'m, '_>, made: &[Made<'_>]) -> Vec<Device<'m>> {
    let all: Vec<&Object> = scene.reality.objects().iter().map(|listed| listed.object).collect();
    let devices: Vec<&'m Object> = all.iter().copied().filter(|object| is_device(object)).collect();
    let staying = staying(scene, made, &all);
    let mut found = Vec::new();
    for (machine, one) in made.iter().enumerate() {
        let Some(object) = one.object.as_ref().filter(|object| is_machine(object)) else { continue };
        if !matches!(one.fate, Fate::Remove(_) | Fate::Forget(_)) {
            continue;
        }
        let hits: Vec<(&'m Object, By)> =
            devices.iter().filter_map(|device| Some((*device, belongs(device, object)?))).collect();
        let best = hits.iter().map(|(_, by)| *by).min();
        let hits: Vec<_> = hits.into_iter().filter(|(_, by)| Some(*by) == best).collect();
        let alone = hits.len() == 1;
        for (device, by) in hits {
            let shared = staying.iter().any(|other| belongs(device, other).is_some_and(|other| other <= by));
            let fate = fate(scene, device, object, by, alone, shared);
            found.push(Device { object: device, machine, fate });
        }
    }
    found
}

/// Machines that stay: a device may be theirs.
fn staying<'s>(scene: &Scene<'s, '_>, made: &'s [Made<'_>], all: &[&'s Object]) -> Vec<&'s Object> {
    let is_made = |object: &Object| {
        made.iter()
            .filter_map(|one| one.object.as_ref())
            .any(|other| other.keys().any(|key| object.keys().any(|own| own == key)))
    };
    let held = scene.reality.held().iter().filter(|held| Some(held.state) == scene.now);
    let held = held.filter_map(|held| held.object.as_ref());
    let there = held.chain(all.iter().copied()).filter(|object| is_machine(object) && !is_made(object));
    let kept = made.iter().filter(|one| matches!(one.fate, Fate::Keep(_) | Fate::Decide(_)));
    there.chain(kept.filter_map(|one| one.object.as_ref())).collect()
}

fn fate(scene: &Scene<'_, '_>, device: &Object, machine: &Object, by: By, alone: bool, shared: bool) -> Fate {
    let how = by.what();
    let name = machine.name.as_deref().unwrap_or(&machine.key.id);
    if shared {
        return Fate::Decide(format!("it has {how} of {name}, which goes, and of a machine that stays"));
    }
    if !alone {
        return Fate::Decide(format!("several devices have {how} of {name}, which goes"));
    }
    if scene.log.is_older(device.created.as_deref()) {
        return Fate::Decide(format!("it has {how} of {name}, which goes, but joined before the run began"));
    }
    // A host name alone is anybody's to choose: a laptop may have it.
    if by != By::Address {
        if by == By::Tag || device.labels.is_empty() {
            return Fate::Decide(format!(
                "it has {how} of {name}, which goes, and nothing else: a person may have named it so"
            ));
        }
        if GENERIC.contains(&name.to_ascii_lowercase().as_str()) {
            return Fate::Decide(format!("it has {how} of {name}, which goes, as many others have"));
        }
        let created = device.created.as_deref();
        if !(scene.log.is_of_run(created) || joined_after(created, machine.created.as_deref())) {
            return Fate::Decide(format!(
                "it has {how} of {name}, which goes, but nothing tells that it joined in this run"
            ));
        }
    }
    Fate::Remove(format!("it is the device of {name}, which goes: it has {how} of it"))
}

/// Host names that images come with.
const GENERIC: &[&str] =
    &["alpine", "archlinux", "centos", "debian", "fedora", "localhost", "rocky", "server", "ubuntu", "vm"];

/// Whether a device joined after its machine was made.
fn joined_after(device: Option<&str>, machine: Option<&str>) -> bool {
    let time = |text: Option<&str>| text?.parse::<jiff::Timestamp>().ok();
    time(device).zip(time(machine)).is_some_and(|(device, machine)| device >= machine)
}

fn belongs(device: &Object, machine: &Object) -> Option<By> {
    tailnet::belongs(device, machine.name.as_deref(), &machine.addresses)
}
