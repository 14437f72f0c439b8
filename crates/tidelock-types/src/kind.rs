//! What there is to know about a resource type.

use std::fmt;

use serde::{Deserialize, Serialize};
use tidelock_parse::{
    Value,
    inventory::{Key, Object},
};

/// What there is to know about the objects of a resource type.
pub trait Kind: fmt::Debug + Sync {
    /// The real object that such values stand for, from a state or a plan; `None` where they do not name one: nothing is made
    /// yet, or the resource is no object of its own (an attachment, a setting).
    ///
    /// `type_name` is the resource type: one kind may serve several. Mark as [`Value::Unknown`] before what a state or plan
    /// says is sensitive ([`Value::with_unknown`]): what is unknown becomes neither id nor name.
    fn object(&self, type_name: &str, values: &Value) -> Option<Object>;

    /// What `import` wants to hear; `None` where nobody knows.
    fn import_id(&self, type_name: &str, object: &Object) -> Option<String>;

    /// The call of the platform's API that deletes the object; `None` if it needs more than an address (a signature), or if
    /// the object does not say enough.
    fn delete(&self, object: &Object) -> Option<Request>;

    /// A command of the platform's own tool that deletes the object, quoted for a POSIX shell; without any knowledge of the
    /// type, what a mapping told.
    ///
    /// Nothing that a mapping did not write asks for less safety than its tool has: no final snapshot is left out, no bucket
    /// emptied.
    fn delete_command(&self, object: &Object) -> Option<String> {
        object.told.delete.clone()
    }

    /// What would replace the object at the next apply after an import, seen from the values that the configuration sets
    /// (or those of a plan that creates it).
    ///
    /// `ignore_changes` is not known here: leave out of [`Trap::ignore`] what it covers already; if nothing is left, the
    /// import lasts.
    fn trap(&self, type_name: &str, configured: &Value) -> Option<Trap> {
        let _ = (type_name, configured);
        None
    }

    /// Further objects that belong to the resource and are held by no other: the root volume of a machine, an address that came
    /// with it.
    fn parts(&self, type_name: &str, values: &Value) -> Vec<Key> {
        let _ = (type_name, values);
        Vec::new()
    }

    /// Whether the object of such values has served its time and does no good any more (an expired key), with the reason.
    fn is_spent(&self, values: &Value) -> Option<&'static str> {
        let _ = values;
        None
    }
}

/// A call of an API, as `rollback run` makes it and as a person may make it by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `DELETE`.
    pub method: String,
    /// With the base in braces, which stands for what only the user knows: `{PROXMOX_VE_ENDPOINT}/api2/json/nodes/…`. What
    /// is in braces is the environment variable that the provider reads, too; [`Request::default_base`] has the defaults.
    /// Everything after it is encoded already.
    pub url: String,
    /// Status codes that mean "it is gone", those for "it was gone before" included.
    pub success: Vec<u16>,
    /// Words of an answer that mean "it was gone before", whatever its status: Proxmox VE answers 500 for what is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<String>,
    /// Calls that have to be made before, in this order: stop the machine, detach the volume. That one is refused stops nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Request>,
}

impl Request {
    /// Where an API is if the variable in the braces is not set; `None` for a platform that has no place of its own.
    ///
    /// Sources: the providers' documentation of `endpoint` (hcloud) and `base_url` (tailscale); the API of DigitalOcean.
    pub fn default_base(variable: &str) -> Option<&'static str> {
        match variable {
            "HCLOUD_ENDPOINT" => Some("https://api.hetzner.cloud/v1"),
            "TAILSCALE_BASE_URL" => Some("https://api.tailscale.com"),
            "DIGITALOCEAN_API_URL" => Some("https://api.digitalocean.com"),
            _ => None,
        }
    }

    /// A call without a body.
    pub(crate) fn new(method: &str, url: String, success: &[u16]) -> Self {
        Self { method: method.to_owned(), url, success: success.to_vec(), gone: None, first: Vec::new() }
    }
}

/// Why an import would not last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// What happens, one sentence, lower case, no final stop.
    pub message: String,
    /// What to write into `ignore_changes` so that it does not.
    pub ignore: Vec<String>,
}
