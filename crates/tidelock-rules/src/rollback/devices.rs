//! The device of a tailnet that belongs to a machine which goes: nothing in a state makes it, and nothing removes it.

use tidelock_parse::inventory::{Cloud, Object};

use super::{
    Scene,
    made::{Fate, Made},
};

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

/// How a device was told to belong to a machine, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Address,
    Name,
    Tag,
}

/// Things that are machines, as their platforms call them.
const MACHINES: &[&str] = &["ec2:instance", "lxc", "qemu", "server"];
/// Ends of resource types that are machines, where nothing else is known.
const MACHINE_TYPES: &[&str] = &["_droplet", "_instance", "_server", "_virtual_machine", "_vm"];

/// Whether something is a machine that may join a tailnet.
pub(super) fn is_machine(object: &Object) -> bool {
    let noun = &*object.key.noun;
    MACHINES.contains(&noun) || MACHINE_TYPES.iter().any(|end| noun.ends_with(end))
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
    let how = match by {
        By::Address => "an address",
        By::Name => "the host name",
        By::Tag => "the tag",
    };
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
    Fate::Remove(format!("it is the device of {name}, which goes: it has {how} of it"))
}

fn is_device(object: &Object) -> bool {
    object.key.cloud == Cloud::Tailscale
        && object.keys().any(|key| matches!(&*key.noun, "device" | "device-legacy"))
}

fn belongs(device: &Object, machine: &Object) -> Option<By> {
    let shares = |address: &String| !address.is_empty() && machine.addresses.contains(address);
    if device.addresses.iter().any(shares) {
        return Some(By::Address);
    }
    let host = label(machine.name.as_deref()?)?;
    let names = device.name.iter().chain(&device.addresses);
    if names.filter_map(|name| label(name)).any(|name| name == host) {
        return Some(By::Name);
    }
    let tags = device.labels.keys().map(|tag| tag.strip_prefix("tag:").unwrap_or(tag));
    tags.into_iter().any(|tag| tag.eq_ignore_ascii_case(&host)).then_some(By::Tag)
}

/// The first part of a host name; nothing of an address of numbers.
fn label(name: &str) -> Option<String> {
    let is_ip = name.parse::<std::net::IpAddr>().is_ok();
    let first = name.split('.').next().filter(|first| !first.is_empty() && !is_ip)?;
    Some(first.to_ascii_lowercase())
}

/// The address of a device inside its tailnet, IPv4 first.
pub(super) fn tailnet_address(device: &Object) -> Option<&str> {
    let is_v4 = |address: &&String| address.parse::<std::net::Ipv4Addr>().is_ok();
    let first = device.addresses.iter().find(is_v4);
    let other = || device.addresses.iter().find(|address| address.parse::<std::net::IpAddr>().is_ok());
    first.or_else(other).map(String::as_str)
}
