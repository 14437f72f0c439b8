//! Values of resources as Rust types.
//!
//! They are written from the schemas of the providers, for programs that want to name attributes. What this crate says about
//! objects rests on none of them: an attribute that has become a list must not hide a machine.

use serde::de::DeserializeOwned;
use tidelock_parse::Value;

/// A resource type whose values have a Rust type.
///
/// Every attribute may be absent: null in a state, not known yet in a plan, or of a release that did not have it. What a newer
/// release added is passed over.
///
/// ```
/// use tidelock_types::{ProxmoxVirtualEnvironmentVm, Resource};
///
/// let values = tidelock_parse::Value::decode(r#"{ "vm_id": 110, "node_name": "pve1", "memory": [{ "dedicated": 4096 }] }"#)?;
/// let machine = ProxmoxVirtualEnvironmentVm::from_values(&values)?;
/// assert_eq!(machine.vm_id, Some(110));
/// assert_eq!(machine.memory.unwrap_or_default()[0].dedicated, Some(4096));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Resource: DeserializeOwned {
    /// The resource type: `proxmox_virtual_environment_vm`.
    const TYPE_NAME: &'static str;

    /// Reads the values of an instance, from a state or from either side of a planned change. What is unknown reads as
    /// absent; so does what is sensitive, if it was marked as unknown ([`Value::with_unknown`]).
    ///
    /// # Errors
    /// [`ValuesError`] if an attribute has another type than in the release that the struct was written from.
    fn from_values(values: &Value) -> Result<Self, ValuesError> {
        let error = || ValuesError { type_name: Self::TYPE_NAME };
        // By way of text, which keeps every digit; a parser's own complaint would quote values.
        let text = serde_json::to_string(values).map_err(|_| error())?;
        serde_json::from_str(&text).map_err(|_| error())
    }
}

/// Values do not fit their type. Never quotes them, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the values of a {type_name} are not as the schema says that its type was written from")]
#[diagnostic(
    code(tidelock::types::values),
    help("the state is of another release of the provider; read the values without a type")
)]
#[non_exhaustive]
pub struct ValuesError {
    /// The resource type.
    pub type_name: &'static str,
}
