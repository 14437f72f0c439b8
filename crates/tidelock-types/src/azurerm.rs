//! Objects of Azure, each known by its resource id: `/subscriptions/…/resourceGroups/…/providers/…`.

use tidelock_parse::{Value, inventory::Object};

use crate::{
    attributes::{Attributes, is_id},
    by_id,
    kind::{Kind, Request},
    shell,
};

const CLOUD: &str = "azurerm";

/// Any resource of Azure.
#[derive(Debug)]
pub(crate) struct Azure;

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    type_name.starts_with("azurerm_").then_some(&Azure as &dyn Kind)
}

/// Types that inventories list under their own name.
static TYPES: &[&str] = &[
    "azurerm_kubernetes_cluster",
    "azurerm_linux_virtual_machine",
    "azurerm_managed_disk",
    "azurerm_network_interface",
    "azurerm_network_security_group",
    "azurerm_public_ip",
    "azurerm_resource_group",
    "azurerm_storage_account",
    "azurerm_virtual_network",
    "azurerm_windows_virtual_machine",
];

/// The type that manages such a thing.
pub(crate) fn holders(noun: &str) -> &'static [&'static str] {
    by_id::holders(TYPES, noun)
}

/// A resource id, and nothing behind it: ties between two objects join their ids with `|`.
fn is_resource_id(id: &str) -> bool {
    is_id(id) && id.starts_with("/subscriptions/") && !id.contains('|')
}

impl Kind for Azure {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let mut object =
            by_id::object(CLOUD, type_name, values).filter(|object| is_resource_id(&object.key.id))?;
        let values = Attributes::of(values);
        let addresses = ["public_ip_address", "ip_address", "private_ip_address"];
        object.addresses = addresses.iter().filter_map(|name| values.owned(name)).collect();
        Some(object)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.import_id {
            return Some(told.clone());
        }
        let id = by_id::id_of(CLOUD, type_name, object).filter(|id| is_resource_id(id));
        id.map(str::to_owned)
    }

    /// Each provider of Azure wants another `api-version`.
    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.delete {
            return Some(told.clone());
        }
        let id = by_id::id_of(CLOUD, &object.key.noun, object).filter(|id| is_resource_id(id))?;
        // A group takes everything inside of it with it: nobody gets that as a line to copy.
        let is_inside = id.split('/').any(|segment| segment.eq_ignore_ascii_case("providers"));
        is_inside.then(|| shell::command(&["az", "resource", "delete", "--ids", id]))?
    }
}
