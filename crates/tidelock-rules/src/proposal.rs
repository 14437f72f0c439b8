//! What a report proposes to do about real objects. Nothing here is ever done by tidelock itself; `rollback run` does it
//! when it is told to.

use serde::Serialize;
use tidelock_parse::{ResourceAddr, inventory::Object, redact};
pub use tidelock_types::Request;

use crate::report::{Report, words::words};

words! {
    /// What to do.
    Proposed {
        /// Tell the state about an object that exists.
        Import = "import",
        /// Leave the object as it is: of several, this is the one.
        Keep = "keep",
        /// Delete the object.
        Remove = "remove",
        /// Forget the address: its object is gone, or belongs to another.
        StateRm = "state-rm",
        /// Add `prevent_destroy`.
        Protect = "protect",
        /// A person has to choose.
        Decide = "decide",
    }
}

/// The `import` blocks that a report proposes, sorted, as one file of configuration; `None` if it proposes none.
pub fn import_blocks(report: &Report) -> Option<String> {
    let imports = report.actions.iter().flatten().filter(|action| action.action == Proposed::Import);
    let mut blocks: Vec<&str> = imports.filter_map(|action| action.block.as_deref()).collect();
    blocks.sort_unstable();
    blocks.dedup();
    (!blocks.is_empty()).then(|| blocks.join("\n"))
}

words! {
    /// The one word of `retry`.
    Decision {
        /// Everything that was expected is there and healthy: go on.
        Skip = "skip",
        /// Something is missing and can be made safely: apply.
        Apply = "apply",
        /// Something exists that the state does not know: import it, then apply.
        Import = "import",
        /// Something half-made is in the way: remove it first.
        Cleanup = "cleanup",
        /// A contradiction, or an error that a retry meets again.
        Stop = "stop",
    }
}

/// One proposed action; a list of them stands in the order in which they should be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// What to do.
    pub action: Proposed,
    /// The resource address it is about, if it is about one.
    pub address: Option<ResourceAddr>,
    /// Which state: name of the input, or of the workspace. Absent where only one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The real object.
    pub object: Option<ObjectInfo>,
    /// What `import` wants to hear.
    pub import_id: Option<String>,
    /// Command line to copy.
    pub command: Option<String>,
    /// Block to paste, valid HCL.
    pub block: Option<String>,
    /// Why, one sentence, lower case, no final stop.
    pub reason: String,
    /// The call that does it.
    pub request: Option<Request>,
}

impl Proposal {
    /// An action that still lacks everything but its reason.
    pub fn new(action: Proposed, reason: impl Into<String>) -> Self {
        Self {
            action,
            address: None,
            state: None,
            object: None,
            import_id: None,
            command: None,
            block: None,
            reason: reason.into(),
            request: None,
        }
    }
}

/// A real object, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ObjectInfo {
    /// Where it lives: `proxmox`.
    pub provider: String,
    /// What the platform calls such a thing: `qemu`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id there.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Node, zone or region.
    pub location: Option<String>,
}

impl ObjectInfo {
    /// What a waiver calls it: `proxmox/qemu/108`.
    pub fn handle(&self) -> String {
        format!("{}/{}/{}", self.provider, self.kind, self.id)
    }
}

impl From<&Object> for ObjectInfo {
    /// What is secret by its form is cut out.
    fn from(object: &Object) -> Self {
        Self {
            provider: object.key.cloud.to_string(),
            kind: object.key.noun.to_string(),
            id: redact::cut_text(&object.key.id),
            name: object.name.as_deref().map(redact::cut_text),
            location: object.location.as_deref().map(redact::cut_text),
        }
    }
}
