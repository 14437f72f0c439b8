//! Guests of Proxmox VE: `/cluster/resources`, `/nodes/<node>/qemu`, `/nodes/<node>/lxc`, and what `jq` picks out of them.
//!
//! The number of a guest is unique in its cluster, among virtual machines and containers together. A list of the cluster names
//! `id` and `node` of each guest and has all of them; every other list is that of one node, or somebody's choice.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Cloud, InventoryError, Key, Object, Status,
    collector::{Collector, Scope},
    json::{Fault, Flag, Members, Word, each, filled},
};

/// What reports call the platform.
const PLATFORM: &str = "proxmox";
/// Beginnings of the `id` of what `/cluster/resources` lists.
const RESOURCES: &[&str] =
    &["\"qemu/", "\"lxc/", "\"node/", "\"storage/", "\"sdn/", "\"network/", "\"/pool/"];

/// A guest, or another resource of a cluster.
#[derive(Deserialize)]
struct Guest {
    vmid: Option<Word>,
    id: Option<Word>,
    #[serde(rename = "type")]
    kind: Option<String>,
    node: Option<String>,
    name: Option<Word>,
    status: Option<String>,
    tags: Option<String>,
    lock: Option<String>,
    #[serde(default)]
    template: Flag,
    /// Containers alone have it.
    maxswap: Option<Word>,
    swap: Option<Word>,
    /// A list of a node has it, a choice of a few fields has not.
    maxmem: Option<Word>,
}

/// Whether an object is one of a list of guests.
pub(super) fn is_item(item: &Members<'_>) -> bool {
    let resource = |id: &RawValue| RESOURCES.iter().any(|start| id.get().starts_with(start));
    item.has("vmid") || item.has("type") && item.get("id").is_some_and(resource)
}

/// Reads a list, or a guest that stands by itself.
pub(super) fn list(
    value: &RawValue,
    scope: Scope,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let mut seen = Seen::default();
    let read = each(value, |guest: Guest| guest.add(collector, &mut seen));
    read.map_err(|at| collector.fault(PLATFORM, scope, at))?;
    seen.note(scope, collector);
    Ok(())
}

/// What a list was seen to hold.
#[derive(Default)]
struct Seen {
    virtual_machines: usize,
    containers: usize,
    /// Guests without what every list of a cluster names.
    elsewhere: usize,
}

impl Seen {
    fn note(&self, scope: Scope, collector: &mut Collector<'_>) {
        if self.virtual_machines + self.containers == 0 {
            // Nodes and storages alone: somebody asked for those.
            collector.unnamed = true;
            return;
        }
        let complete = scope == Scope::List && self.elsewhere == 0;
        if complete || self.virtual_machines > 0 {
            collector.covers(Cloud::Proxmox, "qemu", complete);
        }
        if complete || self.containers > 0 {
            collector.covers(Cloud::Proxmox, "lxc", complete);
        }
    }
}

impl Guest {
    fn add(self, collector: &mut Collector<'_>, seen: &mut Seen) -> Result<(), Fault> {
        if matches!(self.kind.as_deref(), Some(kind) if kind != "qemu" && kind != "lxc") {
            return Ok(());
        }
        let noun = self.noun(collector);
        let id = self.vmid.as_ref().ok_or(Fault::Lacks("has no `vmid`"))?;
        let mut object = Object::new(Key::new(Cloud::Proxmox, noun, &*id.0));
        if self.may_be_either(collector) {
            // Whatever it is, nothing else in the cluster has this number.
            object.aliases.push(Key::new(Cloud::Proxmox, "lxc", &*id.0));
        }
        if self.id.is_none() || self.node.is_none() {
            seen.elsewhere += 1;
        }
        if noun == "lxc" {
            seen.containers += 1;
        } else {
            seen.virtual_machines += 1;
        }
        object.status = self.status();
        object.labels = self.tags.as_deref().map(labels).unwrap_or_default();
        object.name = filled(self.name.map(|name| name.0));
        object.location = filled(self.node);
        object.template = self.template.0;
        collector.add(object);
        Ok(())
    }

    /// Lists of a node name no type: containers are told by their swap space.
    fn noun(&self, collector: &Collector<'_>) -> &'static str {
        let is_container = match self.kind.as_deref() {
            Some(kind) => kind == "lxc",
            None if self.maxswap.is_some() || self.swap.is_some() => true,
            None => collector.is_claimed("proxmox:lxc") && !collector.is_claimed("proxmox:qemu"),
        };
        if is_container { "lxc" } else { "qemu" }
    }

    fn may_be_either(&self, collector: &Collector<'_>) -> bool {
        let told = self.kind.is_some() || self.maxswap.is_some() || self.swap.is_some();
        let claimed = collector.is_claimed("proxmox:qemu") || collector.is_claimed("proxmox:lxc");
        !told && !claimed && self.maxmem.is_none()
    }

    fn status(&self) -> Status {
        // A guest that is being made looks like one that is stopped.
        let making = ["create", "clone", "destroyed", "restore"];
        if let Some(lock) = self.lock.as_deref().filter(|lock| making.contains(lock)) {
            return Status::Other(lock.into());
        }
        match self.status.as_deref() {
            None | Some("" | "unknown") => Status::Unknown,
            Some("running") => Status::Running,
            Some("stopped") => Status::Stopped,
            Some(word) => Status::Other(word.into()),
        }
    }
}

/// Tags stand in one text, between semicolons or what people typed instead.
fn labels(tags: &str) -> BTreeMap<String, String> {
    let tags = tags.split([';', ',', ' ']).filter(|tag| !tag.is_empty());
    tags.map(|tag| (tag.to_owned(), String::new())).collect()
}
