//! Keys and other objects of a tailnet.
//!
//! Its devices are made by the machines that join, not by the provider: `tailscale_device_tags` and its like act on a device,
//! and neither their address nor their removal makes or removes one. So they hold nothing, and no type holds a device.

use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object},
};

use crate::{
    attributes::{Attributes, is_segment},
    kind::{Kind, Request},
    nothing::Nothing,
    url,
};

/// The key that lets machines join.
const KEY: &str = "tailscale_tailnet_key";

/// The type that manages a key; none manages a device.
pub(crate) fn holders(noun: &str) -> &'static [&'static str] {
    if noun == "key" { &[KEY] } else { &[] }
}

/// An auth key, by its id; the key itself is never read.
#[derive(Debug)]
struct AuthKey;

/// Another object whose id is that of the API.
#[derive(Debug)]
struct Other;

/// A device, which only an inventory knows.
#[derive(Debug)]
struct Device;

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    match type_name {
        KEY => Some(&AuthKey),
        "tailscale_federated_identity"
        | "tailscale_oauth_client"
        | "tailscale_posture_integration"
        | "tailscale_service"
        | "tailscale_webhook" => Some(&Other),
        // Settings, of a device or of the whole tailnet; the latter have a fixed word for an id.
        setting => setting.starts_with("tailscale_").then_some(&Nothing as &dyn Kind),
    }
}

/// What deletes an object of a tailnet that no resource type manages.
pub(crate) fn of_object(object: &Object) -> Option<&'static dyn Kind> {
    is_device(object).then_some(&Device as &dyn Kind)
}

fn is_device(object: &Object) -> bool {
    object.key.cloud == Cloud::Tailscale && matches!(&*object.key.noun, "device" | "device-legacy")
}

impl Kind for AuthKey {
    fn object(&self, _: &str, values: &Value) -> Option<Object> {
        let values = Attributes::of(values);
        let mut object = Object::new(Key::new(Cloud::Tailscale, "key", values.id("id")?));
        object.name = values.owned("description");
        object.created = values.owned("created_at");
        object.labels = values.texts("tags").map(|tag| (tag.to_owned(), String::new())).collect();
        Some(object)
    }

    fn import_id(&self, _: &str, object: &Object) -> Option<String> {
        id_of(object, "key").map(str::to_owned)
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        // `-` is the tailnet that the token belongs to.
        let path = ["api", "v2", "tailnet", "-", "keys", id_of(object, "key")?];
        Some(Request::new("DELETE", url::below("TAILSCALE_BASE_URL", &path)?, &[200, 404]))
    }

    /// Source: the provider's read function, which keeps a key that is gone, expired or used up as `invalid`.
    fn is_spent(&self, values: &Value) -> Option<&'static str> {
        let is_spent = Attributes::of(values).flag("invalid") == Some(true);
        is_spent.then_some("the key is expired, revoked or used up")
    }
}

impl Kind for Other {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        crate::unknown::Unknown.object(type_name, values)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        id_of(object, type_name).map(str::to_owned)
    }

    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }
}

impl Kind for Device {
    fn object(&self, _: &str, _: &Value) -> Option<Object> {
        None
    }

    fn import_id(&self, _: &str, _: &Object) -> Option<String> {
        None
    }

    fn delete(&self, object: &Object) -> Option<Request> {
        let id = is_segment(&object.key.id).then_some(&*object.key.id)?;
        let path = ["api", "v2", "device", id];
        Some(Request::new("DELETE", url::below("TAILSCALE_BASE_URL", &path)?, &[200, 404]))
    }
}

fn id_of<'o>(object: &'o Object, noun: &str) -> Option<&'o str> {
    let fits =
        object.key.cloud == Cloud::Tailscale && &*object.key.noun == noun && is_segment(&object.key.id);
    fits.then_some(&*object.key.id)
}
