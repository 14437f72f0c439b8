//! Resources of a Hetzner Cloud project: pages of the API (`{"servers": […], "meta": {…}}`) and the lists that
//! `hcloud … list -o json` prints without saying of what.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Cloud, InventoryError, Key, Object, Status,
    collector::{Collector, Scope},
    json::{Fault, Members, Word, each, filled, is_empty_list, is_list},
};

/// What reports call the platform.
const PLATFORM: &str = "hcloud";

/// A kind of resource: what the API calls a list of it, what it is called here, and fields that only it has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    list: &'static str,
    noun: &'static str,
    fields: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind { list: "servers", noun: "server", fields: &["server_type", "public_net"] },
    Kind { list: "volumes", noun: "volume", fields: &["linux_device", "server"] },
    Kind { list: "networks", noun: "network", fields: &["ip_range", "subnets"] },
    Kind { list: "firewalls", noun: "firewall", fields: &["rules", "applied_to"] },
    Kind { list: "primary_ips", noun: "primary_ip", fields: &["assignee_type", "ip"] },
    Kind { list: "floating_ips", noun: "floating_ip", fields: &["home_location", "ip"] },
    Kind { list: "load_balancers", noun: "load_balancer", fields: &["load_balancer_type"] },
    Kind { list: "ssh_keys", noun: "ssh_key", fields: &["fingerprint", "public_key"] },
];

impl Kind {
    /// What the API calls a list of them.
    pub(super) const fn list(self) -> &'static str {
        self.list
    }
}

/// The lists that an envelope of the API holds; other platforms use some of the names, and other ids.
pub(super) fn lists<'a>(envelope: &Members<'a>) -> Vec<(Kind, &'a RawValue)> {
    if envelope.has("links") {
        return Vec::new();
    }
    let ours = |list: &RawValue| {
        is_empty_list(list) || Members::of_first(list).is_some_and(|first| first.is_integer("id"))
    };
    let named = |kind: &Kind| {
        let list = envelope.get(kind.list).filter(|list| is_list(list) && ours(list))?;
        Some((*kind, list))
    };
    KINDS.iter().filter_map(named).collect()
}

/// What an element of a list is.
pub(super) fn kind(item: &Members<'_>) -> Option<Kind> {
    let common = item.is_integer("id") && item.has_all(&["labels", "name"]);
    KINDS.iter().find(|kind| common && item.has_all(kind.fields)).copied()
}

/// Reads a list of one kind, or a resource that stands by itself. Of an export without an envelope, a list is all there is.
pub(super) fn list(
    kind: Kind,
    value: &RawValue,
    scope: Scope,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let read = each(value, |resource: Resource| {
        collector.add(resource.object(kind)?);
        Ok(())
    });
    read.map_err(|at| collector.fault(PLATFORM, scope, at))?;
    collector.covers(Cloud::Hcloud, kind.noun, scope == Scope::List);
    Ok(())
}

/// What the kinds have in common, and what some have.
#[derive(Deserialize)]
struct Resource {
    id: Option<Word>,
    name: Option<String>,
    status: Option<String>,
    created: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    location: Option<Place>,
    home_location: Option<Place>,
    datacenter: Option<Datacenter>,
    #[serde(default)]
    protection: Option<Protection>,
    /// Servers and load balancers.
    public_net: Option<PublicNet>,
    private_net: Option<Vec<PrivateNet>>,
    /// Addresses of their own.
    ip: Option<String>,
    assignee_id: Option<Word>,
    auto_delete: Option<bool>,
    /// Volumes: where it is attached.
    server: Option<Word>,
}

#[derive(Deserialize)]
struct Place {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Datacenter {
    location: Option<Place>,
}

#[derive(Deserialize)]
struct Protection {
    delete: Option<bool>,
}

#[derive(Deserialize)]
struct PublicNet {
    ipv4: Option<Address>,
    ipv6: Option<Address>,
}

#[derive(Deserialize)]
struct Address {
    ip: Option<String>,
}

#[derive(Deserialize)]
struct PrivateNet {
    ip: Option<String>,
}

impl Resource {
    fn object(self, kind: Kind) -> Result<Object, Fault> {
        let id = self.id.as_ref().ok_or(Fault::Lacks("has no `id`"))?;
        let mut object = Object::new(Key::new(Cloud::Hcloud, kind.noun, &*id.0));
        object.status = self.status(kind);
        object.protected = self.protection.as_ref().is_some_and(|said| said.delete == Some(true));
        object.addresses = self.addresses();
        object.labels = self.labels.unwrap_or_default();
        object.managed_by = managed_by(&object.labels).map(str::to_owned);
        // Each server comes with addresses of its own, which go with it.
        if self.auto_delete == Some(true) && self.assignee_id.is_some() {
            object.managed_by = Some("the server that it belongs to".to_owned());
        }
        let place = self.location.or(self.home_location);
        let place = place.or_else(|| self.datacenter.and_then(|datacenter| datacenter.location));
        object.location = place.and_then(|place| place.name);
        object.name = filled(self.name);
        object.created = filled(self.created);
        Ok(object)
    }

    fn status(&self, kind: Kind) -> Status {
        match self.status.as_deref() {
            None | Some("" | "unknown") => Status::Unknown,
            Some("available") if kind.noun == "volume" && self.server.is_none() => Status::Stopped,
            Some("running" | "available") => Status::Running,
            Some("off") => Status::Stopped,
            Some(word) => Status::Other(word.into()),
        }
    }

    fn addresses(&self) -> Vec<String> {
        let public = self.public_net.iter().flat_map(|net| [&net.ipv4, &net.ipv6]);
        let public = public.flatten().filter_map(|address| address.ip.as_deref());
        let private = self.private_net.iter().flatten().filter_map(|net| net.ip.as_deref());
        let found = public.chain(self.ip.as_deref()).chain(private);
        found.filter(|address| !address.is_empty()).map(address).collect()
    }
}

/// A server has a whole IPv6 network; its first address is the one that it answers to.
fn address(text: &str) -> String {
    match text.split_once('/') {
        Some((network, _)) if network.ends_with("::") => format!("{network}1"),
        Some((address, _)) => address.to_owned(),
        None => text.to_owned(),
    }
}

/// What Kubernetes integrations of the platform write on what they make and remove.
fn managed_by(labels: &BTreeMap<String, String>) -> Option<&'static str> {
    if labels.contains_key("hcloud-ccm/service-uid") {
        return Some("the cloud controller of a Kubernetes cluster");
    }
    if labels.contains_key("hcloud/node-group") {
        return Some("the autoscaler of a Kubernetes cluster");
    }
    (labels.get("managed-by").map(String::as_str) == Some("csi-driver"))
        .then_some("the volume driver of a Kubernetes cluster")
}
