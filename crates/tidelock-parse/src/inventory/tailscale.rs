//! Devices and keys of a tailnet, as the API lists them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Cloud, InventoryError, Key, Object, Status,
    collector::{Collector, Scope},
    json::{Fault, Members, Word, each, filled, is_empty_list, is_list},
};

/// What reports call the platform.
const PLATFORM: &str = "tailscale";

/// What a list lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Device,
    Key,
}

/// The lists in an answer of the API.
pub(super) fn lists<'a>(envelope: &Members<'a>) -> Vec<(Kind, &'a RawValue)> {
    let named = |(name, kind): (&str, Kind)| {
        let list = envelope.get(name).filter(|list| is_list(list))?;
        let first = Members::of_first(list);
        let ours = match (&first, kind) {
            (None, _) => is_empty_list(list),
            (Some(first), Kind::Device) => is_device(first),
            (Some(first), Kind::Key) => first.has("id"),
        };
        ours.then_some((kind, list))
    };
    [("devices", Kind::Device), ("keys", Kind::Key)].into_iter().filter_map(named).collect()
}

/// What an element of a list is. A key shows too little to be told without its envelope.
pub(super) fn kind(item: &Members<'_>) -> Option<Kind> {
    is_device(item).then_some(Kind::Device)
}

fn is_device(item: &Members<'_>) -> bool {
    item.has("nodeId") || item.has_all(&["id", "hostname", "addresses"])
}

/// Reads a list, or a device that stands by itself.
pub(super) fn list(
    kind: Kind,
    value: &RawValue,
    scope: Scope,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let read = match kind {
        Kind::Device => each(value, |device: Device| {
            collector.add(device.object()?);
            Ok(())
        }),
        Kind::Key => each(value, |key: AuthKey| {
            collector.add(key.object()?);
            Ok(())
        }),
    };
    read.map_err(|at| collector.fault(PLATFORM, scope, at))?;
    match kind {
        Kind::Device => collector.covers(Cloud::Tailscale, "device", scope == Scope::List),
        // Without `?all=true` the API lists only the keys of whoever asks.
        Kind::Key => collector.covers(Cloud::Tailscale, "key", false),
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    node_id: Option<Word>,
    /// The older number.
    id: Option<Word>,
    name: Option<String>,
    hostname: Option<String>,
    addresses: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    created: Option<String>,
    authorized: Option<bool>,
    connected_to_control: Option<bool>,
    last_seen: Option<String>,
    is_ephemeral: Option<bool>,
    is_external: Option<bool>,
}

impl Device {
    fn object(self) -> Result<Object, Fault> {
        let key = |noun, id: &Word| Key::new(Cloud::Tailscale, noun, &*id.0);
        let mut object = match (&self.node_id, &self.id) {
            (Some(node), _) => Object::new(key("device", node)),
            (None, Some(old)) => Object::new(key("device-legacy", old)),
            (None, None) => return Err(Fault::Lacks("has neither `nodeId` nor `id`")),
        };
        if let (Some(_), Some(old)) = (&self.node_id, &self.id) {
            object.aliases.push(key("device-legacy", old));
        }
        object.status = self.status();
        // The first part of the full name is unique in the tailnet; the host name need not be.
        let machine = self.name.as_deref().and_then(|name| name.split('.').next()).map(str::to_owned);
        object.name = filled(machine).or_else(|| self.hostname.clone());
        object.addresses = self.addresses.unwrap_or_default();
        object.addresses.extend([self.name, self.hostname].into_iter().filter_map(filled));
        object.labels = self.tags.into_iter().flatten().map(|tag| (tag, String::new())).collect();
        object.created = filled(self.created);
        object.managed_by = match (self.is_external, self.is_ephemeral) {
            (Some(true), _) => Some("the tailnet that shares it".to_owned()),
            (_, Some(true)) => Some("Tailscale, which removes ephemeral devices".to_owned()),
            _ => None,
        };
        Ok(object)
    }

    /// The time when it was last seen is absent while it is connected; newer answers say so outright.
    fn status(&self) -> Status {
        if self.authorized == Some(false) {
            return Status::Other("unauthorized".into());
        }
        let connected = self.connected_to_control.unwrap_or(self.last_seen.is_none());
        if connected { Status::Running } else { Status::Stopped }
    }
}

/// A key of the tailnet; what it opens is not in the list, and would not be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthKey {
    id: Option<Word>,
    description: Option<String>,
    created: Option<String>,
    key_type: Option<String>,
    revoked: Option<String>,
    invalid: Option<bool>,
}

/// What the API writes where there is no time.
const NEVER: &str = "0001-01-01T00:00:00Z";

impl AuthKey {
    fn object(self) -> Result<Object, Fault> {
        let id = self.id.as_ref().ok_or(Fault::Lacks("has no `id`"))?;
        let mut object = Object::new(Key::new(Cloud::Tailscale, "key", &*id.0));
        let revoked = filled(self.revoked).is_some_and(|when| when != NEVER);
        object.status = match self.invalid {
            Some(true) => Status::Stopped,
            _ if revoked => Status::Stopped,
            Some(false) => Status::Running,
            None => Status::Unknown,
        };
        object.name = filled(self.description);
        object.created = filled(self.created);
        if self.key_type.as_deref() == Some("api") {
            object.managed_by = Some("the person whose access token it is".to_owned());
        }
        Ok(object)
    }
}
