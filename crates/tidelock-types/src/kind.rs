//! What there is to know about a resource type.

use std::fmt;

use serde::{Deserialize, Serialize};
use tidelock_parse::{Value, inventory::Object};

/// What there is to know about the objects of a resource type.
pub trait Kind: fmt::Debug + Sync {
    /// The real object that such values stand for, from a state or a plan; `None` where they do not name one: nothing is made
    /// yet, or the resource is no object of its own (an attachment, a setting).
    ///
    /// `type_name` is the resource type: one kind may serve several.
    fn object(&self, type_name: &str, values: &Value) -> Option<Object>;

    /// What `import` wants to hear; `None` where nobody knows.
    fn import_id(&self, type_name: &str, object: &Object) -> Option<String>;

    /// The call of the platform's API that deletes the object.
    fn delete(&self, object: &Object) -> Option<Request>;

    /// What would replace the object at the next apply after an import, seen from the values that the configuration sets.
    fn trap(&self, type_name: &str, configured: &Value) -> Option<Trap> {
        let _ = (type_name, configured);
        None
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
    /// With the base in braces, which stands for what only the user knows: `{PROXMOX_VE_ENDPOINT}/api2/json/nodes/…`.
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

/// Why an import would not last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// What happens, one sentence, lower case, no final stop.
    pub message: String,
    /// What to write into `ignore_changes` so that it does not.
    pub ignore: Vec<String>,
}
