//! Which device of a tailnet belongs to which machine.

use tidelock_parse::inventory::{Cloud, Object};

/// Things that are machines, as their platforms call them.
const MACHINES: &[&str] = &["ec2:instance", "lxc", "qemu", "server"];
/// Ends of resource types that are machines, where nothing else is known.
const MACHINE_TYPES: &[&str] = &["_droplet", "_instance", "_server", "_virtual_machine", "_vm"];

/// How a device was told to belong to a machine, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// They share an address.
    Address,
    /// The device has the host name.
    Name,
    /// The device has a tag that is the host name.
    Tag,
}

impl By {
    /// What the two share, with an article.
    pub(crate) const fn what(self) -> &'static str {
        match self {
            Self::Address => "an address",
            Self::Name => "the host name",
            Self::Tag => "the tag",
        }
    }
}

/// Whether something is a machine that may join a tailnet.
pub(crate) fn is_machine(object: &Object) -> bool {
    is_machine_noun(&object.key.noun)
}

/// The same, by what its platform or its resource type calls it.
pub(crate) fn is_machine_noun(noun: &str) -> bool {
    MACHINES.contains(&noun) || MACHINE_TYPES.iter().any(|end| noun.ends_with(end))
}

/// Whether something is a device of a tailnet.
pub(crate) fn is_device(object: &Object) -> bool {
    object.key.cloud == Cloud::Tailscale
        && object.keys().any(|key| matches!(&*key.noun, "device" | "device-legacy"))
}

/// How a device belongs to a machine of this name with these addresses.
pub(crate) fn belongs(device: &Object, name: Option<&str>, addresses: &[String]) -> Option<By> {
    let shares = |address: &String| !address.is_empty() && addresses.contains(address);
    if device.addresses.iter().any(shares) {
        return Some(By::Address);
    }
    let host = label(name?)?;
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
pub(crate) fn address(device: &Object) -> Option<&str> {
    let is_v4 = |address: &&String| address.parse::<std::net::Ipv4Addr>().is_ok();
    let first = device.addresses.iter().find(is_v4);
    let other = || device.addresses.iter().find(|address| address.parse::<std::net::IpAddr>().is_ok());
    first.or_else(other).map(String::as_str)
}
