//! Virtual machines and containers of Proxmox VE, whichever provider made them.
//!
//! Two providers serve the name `proxmox`: bpg (`proxmox_virtual_environment_vm` and shorter, newer names) and Telmate
//! (`proxmox_vm_qemu`, `proxmox_lxc`). The objects are the same, the attributes and the import ids are not.

use std::net::IpAddr;

use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object, Status},
};

use crate::{
    attributes::{Attributes, is_segment},
    kind::{Kind, Request, Trap},
    shell, url,
};

/// Resource types of virtual machines, the likeliest first.
pub(crate) const MACHINES: &[&str] = &[
    "proxmox_virtual_environment_vm",
    "proxmox_vm_qemu",
    "proxmox_vm",
    "proxmox_cloned_vm",
    "proxmox_virtual_environment_vm2",
    "proxmox_virtual_environment_cloned_vm",
];

/// Resource types of containers, the likeliest first.
pub(crate) const CONTAINERS: &[&str] =
    &["proxmox_virtual_environment_container", "proxmox_lxc", "proxmox_lxc_guest", "proxmox_container"];

/// What both kinds of guests are called by the platform.
pub(crate) const QEMU: &str = "qemu";
pub(crate) const LXC: &str = "lxc";

/// A guest as the provider of bpg writes it: `vm_id` and `node_name`.
#[derive(Debug)]
pub(crate) struct Bpg;

/// A guest as the provider of Telmate writes it: `vmid`, and an id that names node and kind.
#[derive(Debug)]
pub(crate) struct Telmate;

/// What is known about a resource type, if it is one of a guest.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    match type_name {
        "proxmox_vm_qemu" | "proxmox_lxc" | "proxmox_lxc_guest" => Some(&Telmate),
        guest => noun(guest).map(|_| &Bpg as &dyn Kind),
    }
}

fn noun(type_name: &str) -> Option<&'static str> {
    if MACHINES.contains(&type_name) {
        Some(QEMU)
    } else if CONTAINERS.contains(&type_name) {
        Some(LXC)
    } else {
        None
    }
}

impl Kind for Bpg {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let noun = noun(type_name)?;
        let values = Attributes::of(values);
        // `id` says it as text, `vm_id` as a number; of a machine that is planned only the latter may be known.
        let id = values.count("id").or_else(|| values.count("vm_id"))?;
        let mut object = Object::new(Key::new(Cloud::Proxmox, noun, id.to_string()));
        let initialization = values.block("initialization");
        object.name = values.owned("name").or_else(|| initialization.owned("hostname"));
        object.location = values.owned("node_name");
        object.status = match values.flag("started") {
            Some(true) => Status::Running,
            Some(false) => Status::Stopped,
            None => Status::Unknown,
        };
        object.labels = values.texts("tags").map(label).collect();
        object.addresses = addresses(values, initialization);
        object.protected = values.flag("protection") == Some(true);
        object.template = values.flag("template") == Some(true);
        Some(object)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        let node = node_of(object, noun(type_name)?)?;
        Some(format!("{node}/{}", object.key.id))
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        delete(object)
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        delete_command(object)
    }

    /// Sources: the provider's schema (`ForceNew`) against what its read function sets; `clone` was seen.
    fn trap(&self, type_name: &str, configured: &Value) -> Option<Trap> {
        let configured = Attributes::of(configured);
        let mut ignore = Vec::new();
        if configured.is_set("clone") {
            ignore.push("clone".to_owned());
        }
        if noun(type_name)? == QEMU {
            for (index, disk) in configured.blocks("disk").enumerate() {
                if disk.is_set("file_id") {
                    ignore.push(format!("disk[{index}].file_id"));
                }
            }
        } else {
            if configured.block("operating_system").is_set("template_file_id") {
                ignore.push("operating_system[0].template_file_id".to_owned());
            }
            if configured.block("initialization").is_set("user_account") {
                ignore.push("initialization[0].user_account".to_owned());
            }
        }
        trap(ignore)
    }
}

impl Kind for Telmate {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let noun = noun(type_name)?;
        let values = Attributes::of(values);
        // `node/qemu/110`, computed again at every refresh: of a machine that moved, it alone says where it is.
        let named = values.text("id").and_then(|id| parse_id(id, noun));
        let id =
            named.map(|(_, id)| id).or_else(|| values.count("vmid")).or_else(|| values.count("guest_id"))?;
        let mut object = Object::new(Key::new(Cloud::Proxmox, noun, id.to_string()));
        object.name = values.owned("name").or_else(|| values.owned("hostname"));
        object.location = named
            .map(|(node, _)| node.to_owned())
            .or_else(|| values.owned("current_node"))
            .or_else(|| values.owned("target_node"));
        // One text of tags in most types, a set in the newest.
        let tags = values.text("tags").into_iter().flat_map(|tags| tags.split([',', ';']));
        let tags = tags.chain(values.texts("tags")).map(str::trim);
        object.labels = tags.filter(|tag| !tag.is_empty()).map(label).collect();
        let addresses = ["default_ipv4_address", "ssh_host", "default_ipv6_address"];
        let addresses = addresses.iter().filter_map(|name| values.text(name));
        object.addresses = distinct(addresses.map(str::to_owned));
        object.protected = values.flag("protection") == Some(true);
        object.template = values.flag("template") == Some(true);
        Some(object)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        let noun = noun(type_name)?;
        let node = node_of(object, noun)?;
        Some(format!("{node}/{noun}/{}", object.key.id))
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        delete(object)
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        delete_command(object)
    }

    /// Source: the provider's schemas; what forces a replacement and is read from nowhere. `full_clone` reads as false.
    fn trap(&self, type_name: &str, configured: &Value) -> Option<Trap> {
        const NEVER_READ: &[&str] = &[
            "clone",
            "clone_id",
            "clone_storage",
            "force_recreate_on_change_of",
            "full_clone",
            "os_network_config",
            "ostemplate",
            "password",
            "ssh_public_keys",
            "ssh_user",
        ];
        let configured = Attributes::of(configured);
        // What a container is made from; in the older type it says that it is a template itself.
        let template = (type_name == "proxmox_lxc_guest").then_some(&"template");
        let set = NEVER_READ.iter().chain(template).filter(|name| configured.is_set(name));
        trap(set.map(|name| (*name).to_owned()).collect())
    }
}

fn trap(ignore: Vec<String>) -> Option<Trap> {
    let listed = match ignore.as_slice() {
        [] => return None,
        [one] => format!("`{one}`, which"),
        several => format!(
            "{}, which",
            several.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    let message = format!(
        "an imported guest has nothing in its state for {listed} the configuration sets, so that the next apply replaces it"
    );
    Some(Trap { message, ignore })
}

/// Node and number of `node/qemu/110`.
fn parse_id<'i>(id: &'i str, noun: &str) -> Option<(&'i str, u64)> {
    let (node, rest) = id.split_once('/')?;
    let (kind, number) = rest.split_once('/')?;
    (kind == noun && is_segment(node)).then_some((node, number.parse().ok().filter(|id| *id > 0)?))
}

/// The node of a guest of that kind, if it can stand in an import id.
fn node_of<'o>(object: &'o Object, noun: &str) -> Option<&'o str> {
    let fits = object.key.cloud == Cloud::Proxmox && &*object.key.noun == noun && is_segment(&object.key.id);
    object.location.as_deref().filter(|node| fits && is_segment(node))
}

/// Stop, then delete with its disks and what backups, replication and high availability know about it.
fn delete(object: &Object) -> Option<Request> {
    let node = object.location.as_deref()?;
    let noun = guest(object)?;
    let path = ["api2", "json", "nodes", node, noun, &object.key.id];
    let place = url::below("PROXMOX_VE_ENDPOINT", &path)?;
    // Proxmox VE answers 500 for a guest that is not there, in these words.
    let gone = Some("does not exist".to_owned());
    // A machine is refused as long as it runs. A shutdown asks the guest and may wait for minutes.
    let stop = Request { gone: gone.clone(), ..Request::new("POST", format!("{place}/status/stop"), &[200]) };
    let url = format!("{place}?destroy-unreferenced-disks=1&purge=1");
    Some(Request { gone, first: vec![stop], ..Request::new("DELETE", url, &[200]) })
}

/// To be typed on the node of the guest.
fn delete_command(object: &Object) -> Option<String> {
    let id = &*object.key.id;
    let tool = if guest(object)? == QEMU { "qm" } else { "pct" };
    let destroy = [tool, "destroy", id, "--destroy-unreferenced-disks", "1", "--purge", "1"];
    shell::one_after_another([shell::command(&[tool, "stop", id]), shell::command(&destroy)])
}

/// The kind of a guest that can be named in a call.
fn guest(object: &Object) -> Option<&'static str> {
    let is_guest = object.key.cloud == Cloud::Proxmox && is_segment(&object.key.id);
    [QEMU, LXC].into_iter().find(|noun| is_guest && **noun == *object.key.noun)
}

fn label(tag: &str) -> (String, String) {
    (tag.to_owned(), String::new())
}

/// Addresses that are configured, then those that the guest reports, IPv4 before IPv6.
fn addresses(values: Attributes<'_>, initialization: Attributes<'_>) -> Vec<String> {
    let configured = |family: &'static str| {
        let configs = initialization.blocks("ip_config");
        configs.filter_map(move |config| config.block(family).text("address"))
    };
    // Lists of a machine are one per interface; a container has a map.
    let reported = |list: &'static str, map: &'static str| {
        let lists = values.items(list).filter_map(Value::as_list).flatten().filter_map(Value::as_str);
        lists.chain(values.entries(map).map(|(_, address)| address))
    };
    let found = configured("ipv4")
        .chain(reported("ipv4_addresses", "ipv4"))
        .chain(configured("ipv6"))
        .chain(reported("ipv6_addresses", "ipv6"));
    distinct(found.filter_map(reachable))
}

/// An address without its prefix length, if others can reach it.
fn reachable(text: &str) -> Option<String> {
    let address: IpAddr = text.split_once('/').map_or(text, |(address, _)| address).parse().ok()?;
    let is_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    (!is_local && !address.is_loopback() && !address.is_unspecified()).then(|| address.to_string())
}

fn distinct(addresses: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for address in addresses {
        if !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}
