//! Actions in the making.

use tidelock_parse::{ResourceAddr, inventory::Object, redact, refactor};

use crate::{
    policy::Tool as Program,
    proposal::{Proposal, Proposed},
    shell::{quoted, word},
};

/// Whether an address has to leave the state before an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forget {
    /// It stands there with an object that is gone.
    First,
    /// It is not there.
    Nothing,
}

/// `import`, as command and as block; as far as the id is known.
pub(crate) fn import(
    program: Program,
    address: &ResourceAddr,
    object: &Object,
    reason: impl Into<String>,
    forget: Forget,
) -> Proposal {
    let kind = tidelock_types::of(&address.type_name);
    let id = object.told.import_id.clone().or_else(|| kind.import_id(&address.type_name, object));
    let id = id.filter(|id| redact::cut_text(id) == *id);
    let command = id.as_ref().map(|id| {
        let import = format!("{} import {} {}", program.as_str(), quoted(&address.to_string()), word(id));
        match forget {
            Forget::First => format!("{} && {import}", state_rm_command(program, address)),
            Forget::Nothing => import,
        }
    });
    Proposal {
        address: Some(address.clone()),
        object: Some(object.into()),
        command,
        block: id.as_ref().filter(|_| forget == Forget::Nothing).and_then(|id| refactor::import(address, id)),
        import_id: id,
        ..Proposal::new(Proposed::Import, reason)
    }
}

/// The call that deletes an object, and a command that does the same.
pub(crate) fn remove(object: &Object, reason: impl Into<String>) -> Proposal {
    let types = tidelock_types::holders(object);
    let told = object.told.type_name.as_deref();
    let kind = told.or_else(|| types.first().copied()).map(tidelock_types::of);
    Proposal {
        object: Some(object.into()),
        command: object.told.delete.clone(),
        request: kind.and_then(|kind| kind.delete(object)),
        ..Proposal::new(Proposed::Remove, reason)
    }
}

/// `state rm`, for one address.
pub(crate) fn state_rm_command(program: Program, address: &ResourceAddr) -> String {
    format!("{} state rm {}", program.as_str(), quoted(&address.to_string()))
}
