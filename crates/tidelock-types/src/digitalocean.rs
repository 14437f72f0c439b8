//! Objects of DigitalOcean.

use tidelock_parse::{
    Value,
    inventory::{Object, Status},
};

use crate::{
    attributes::{Attributes, is_segment},
    by_id,
    kind::{Kind, Request},
    nothing::Nothing,
    shell, url,
};

const CLOUD: &str = "digitalocean";

/// Types that the API knows by their id, and that are imported by it.
///
/// Source: the section "Import" of each type's page in the provider's documentation.
static TYPES: &[&str] = &[
    "digitalocean_database_cluster",
    "digitalocean_domain",
    "digitalocean_droplet",
    "digitalocean_firewall",
    "digitalocean_floating_ip",
    "digitalocean_kubernetes_cluster",
    "digitalocean_loadbalancer",
    "digitalocean_project",
    "digitalocean_reserved_ip",
    "digitalocean_ssh_key",
    "digitalocean_volume",
    "digitalocean_vpc",
];

/// Ties between objects.
static PARTS: &[&str] = &[
    "digitalocean_floating_ip_assignment",
    "digitalocean_project_resources",
    "digitalocean_reserved_ip_assignment",
    "digitalocean_volume_attachment",
];

/// A resource of DigitalOcean.
#[derive(Debug)]
pub(crate) struct DigitalOcean;

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    if PARTS.contains(&type_name) {
        return Some(&Nothing);
    }
    type_name.starts_with("digitalocean_").then_some(&DigitalOcean as &dyn Kind)
}

/// The type that manages such a thing.
pub(crate) fn holders(noun: &str) -> &'static [&'static str] {
    by_id::holders(TYPES, noun)
}

/// Collection of the API, and words of the command-line tool.
fn calls(type_name: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match type_name {
        "digitalocean_droplet" => ("droplets", &["compute", "droplet"]),
        "digitalocean_firewall" => ("firewalls", &["compute", "firewall"]),
        "digitalocean_loadbalancer" => ("load_balancers", &["compute", "load-balancer"]),
        "digitalocean_ssh_key" => ("account/keys", &["compute", "ssh-key"]),
        "digitalocean_volume" => ("volumes", &["compute", "volume"]),
        "digitalocean_vpc" => ("vpcs", &["vpcs"]),
        _ => return None,
    })
}

impl Kind for DigitalOcean {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let mut object = by_id::object(CLOUD, type_name, values)?;
        let values = Attributes::of(values);
        let addresses = ["ipv4_address", "ip_address", "ip", "ipv6_address", "ipv4_address_private"];
        object.addresses = addresses.iter().filter_map(|name| values.owned(name)).collect();
        object.created = values.owned("created_at");
        object.status = match values.text("status") {
            None => Status::Unknown,
            Some("active" | "online" | "running") => Status::Running,
            Some("off") => Status::Stopped,
            Some(other) => Status::Other(other.into()),
        };
        Some(object)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.import_id {
            return Some(told.clone());
        }
        let id = by_id::id_of(CLOUD, type_name, object).filter(|id| is_segment(id));
        id.filter(|_| TYPES.contains(&type_name)).map(str::to_owned)
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        let (path, _) = calls(&object.key.noun)?;
        let id = by_id::id_of(CLOUD, &object.key.noun, object).filter(|id| is_segment(id))?;
        let segments: Vec<&str> = ["v2"].into_iter().chain(path.split('/')).chain([id]).collect();
        Some(Request::new("DELETE", url::below("DIGITALOCEAN_API_URL", &segments)?, &[204, 404]))
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.delete {
            return Some(told.clone());
        }
        let (_, words) = calls(&object.key.noun)?;
        let id = by_id::id_of(CLOUD, &object.key.noun, object).filter(|id| is_segment(id))?;
        let command: Vec<&str> =
            ["doctl"].into_iter().chain(words.iter().copied()).chain(["delete", id]).collect();
        shell::command(&command)
    }
}
