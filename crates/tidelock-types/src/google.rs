//! Objects of Google Cloud, most of them known by their path: `projects/P/zones/Z/instances/N`.

use tidelock_parse::{Value, inventory::Object};

use crate::{
    attributes::{Attributes, is_id},
    by_id,
    kind::{Kind, Request},
    shell,
};

const CLOUD: &str = "google";

/// Any resource of Google Cloud.
#[derive(Debug)]
pub(crate) struct Google;

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    type_name.starts_with("google_").then_some(&Google as &dyn Kind)
}

/// Types that inventories list under their own name.
static TYPES: &[&str] = &[
    "google_compute_address",
    "google_compute_disk",
    "google_compute_firewall",
    "google_compute_instance",
    "google_compute_network",
    "google_compute_subnetwork",
    "google_container_cluster",
    "google_sql_database_instance",
];

/// The type that manages such a thing.
pub(crate) fn holders(noun: &str) -> &'static [&'static str] {
    by_id::holders(TYPES, noun)
}

/// A path below a project, and not the member of a policy, whose id goes on with blanks or further paths.
fn is_path(id: &str) -> bool {
    is_id(id)
        && id.starts_with("projects/")
        && !id.contains(char::is_whitespace)
        && id.split('/').count() >= 4
}

impl Kind for Google {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let mut object = by_id::object(CLOUD, type_name, values).filter(|object| is_path(&object.key.id))?;
        let attributes = Attributes::of(values);
        let interfaces = || attributes.blocks("network_interface");
        let public = interfaces().filter_map(|interface| interface.block("access_config").text("nat_ip"));
        let private = interfaces().filter_map(|interface| interface.text("network_ip"));
        let own = attributes.text("address");
        object.addresses = public.chain(own).chain(private).map(str::to_owned).collect();
        object.protected = attributes.flag("deletion_protection") == Some(true);
        Some(object)
    }

    /// Source: the section "Import" of the provider's documentation, where the full path is always one of the forms.
    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.import_id {
            return Some(told.clone());
        }
        by_id::id_of(CLOUD, type_name, object).filter(|id| is_path(id)).map(str::to_owned)
    }

    /// Calls want a token that is made for an hour.
    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.delete {
            return Some(told.clone());
        }
        let id = by_id::id_of(CLOUD, &object.key.noun, object).filter(|id| is_path(id))?;
        let parts: Vec<&str> = id.split('/').collect();
        let ["projects", project, "zones", zone, kind @ ("instances" | "disks"), name] = parts.as_slice()
        else {
            return None;
        };
        shell::command(&["gcloud", "compute", kind, "delete", name, "--zone", zone, "--project", project])
    }
}
