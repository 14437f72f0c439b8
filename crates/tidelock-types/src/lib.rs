//! What a resource is in the world outside: which real object it holds, how it is imported, which call deletes it.
//!
//! [`of`] gives the [`Kind`] of a resource type; a type that is not known has one, too, which rests on its `id` alone.
//! [`holders`] is the way back: the resource types that manage an object of an inventory; [`of_object`] gives what is known
//! about it. Of a few types the values have Rust types, too ([`Resource`]).

#![forbid(unsafe_code)]

mod attributes;
mod aws;
mod azurerm;
mod by_id;
mod digitalocean;
#[allow(clippy::struct_excessive_bools, reason = "a schema has as many flags as it has")]
mod generated;
mod google;
mod hcloud;
mod kind;
mod nothing;
mod proxmox;
mod resource;
mod sensitive;
mod shell;
mod tailscale;
mod unknown;
mod url;

pub use generated::*;
pub use kind::{Kind, Request, Trap};
pub use resource::{Resource, ValuesError};
pub use sensitive::Sensitive;
use tidelock_parse::inventory::{Cloud, Object};

/// What is known about a resource type.
pub fn of(type_name: &str) -> &'static dyn Kind {
    let providers = [
        proxmox::of,
        hcloud::of,
        aws::of,
        tailscale::of,
        digitalocean::of,
        azurerm::of,
        google::of,
        nothing::of,
    ];
    providers.iter().find_map(|provider| provider(type_name)).unwrap_or(&unknown::Unknown)
}

/// The resource types that manage such an object, the likeliest first; empty where nobody knows, and for what no resource
/// manages (a device of a tailnet). What a mapping told ([`tidelock_parse::inventory::Told::type_name`]) comes before them.
pub fn holders(object: &Object) -> &'static [&'static str] {
    let noun = &*object.key.noun;
    match &object.key.cloud {
        Cloud::Proxmox if noun == proxmox::QEMU => proxmox::MACHINES,
        Cloud::Proxmox if noun == proxmox::LXC => proxmox::CONTAINERS,
        Cloud::Hcloud => hcloud::holders(noun),
        Cloud::Aws => aws::holders(object),
        Cloud::Tailscale => tailscale::holders(noun),
        Cloud::Other(cloud) if &**cloud == "digitalocean" => digitalocean::holders(noun),
        Cloud::Other(cloud) if &**cloud == "azurerm" => azurerm::holders(noun),
        Cloud::Other(cloud) if &**cloud == "google" => google::holders(noun),
        _ => &[],
    }
}

/// What is known about an object of an inventory: above all, how it is deleted.
pub fn of_object(object: &Object) -> &'static dyn Kind {
    if let Some(device) = tailscale::of_object(object) {
        return device;
    }
    let told = object.told.type_name.as_deref();
    let type_name = told.or_else(|| holders(object).first().copied()).unwrap_or(&object.key.noun);
    of(type_name)
}

/// The page whose program must compile.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
}
