//! Actions in the making.

use tidelock_parse::{ResourceAddr, inventory::Object, redact, refactor};

use super::Story;
use crate::{
    policy::Tool as Program,
    proposal::{ObjectInfo, Proposal, Proposed},
    reality::Held,
    shell::{quoted, word},
};

impl Story<'_, '_> {
    /// Tells the state about an object under `address`. `forget` says that the address has to leave the state before.
    pub(super) fn import(
        &self,
        address: &ResourceAddr,
        object: &Object,
        reason: impl Into<String>,
        forget: Forget,
    ) -> Proposal {
        import(self.program(), address, object, reason, forget)
    }

    /// Forgets an address.
    pub(super) fn state_rm(&self, held: &Held<'_>, reason: impl Into<String>) -> Proposal {
        let address = &held.instance.address;
        Proposal {
            address: Some(address.clone()),
            state: self.state_of(held),
            object: held.object.as_ref().map(ObjectInfo::from),
            command: Some(state_rm_command(self.program(), address)),
            ..Proposal::new(Proposed::StateRm, reason)
        }
    }

    /// Leaves an object as it is.
    pub(super) fn keep(
        &self,
        object: &Object,
        held: Option<&Held<'_>>,
        reason: impl Into<String>,
    ) -> Proposal {
        Proposal {
            address: held.map(|held| held.instance.address.clone()),
            state: held.and_then(|held| self.state_of(held)),
            object: Some(object.into()),
            ..Proposal::new(Proposed::Keep, reason)
        }
    }

    /// Leaves the choice to a person.
    pub(super) fn decide(
        &self,
        object: &Object,
        held: Option<&Held<'_>>,
        reason: impl Into<String>,
    ) -> Proposal {
        Proposal {
            address: held.map(|held| held.instance.address.clone()),
            state: held.and_then(|held| self.state_of(held)),
            object: Some(object.into()),
            ..Proposal::new(Proposed::Decide, reason)
        }
    }
}

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
        // An `import` block for an address that is in the state is an error.
        block: id.as_ref().filter(|_| forget == Forget::Nothing).and_then(|id| refactor::import(address, id)),
        import_id: id,
        ..Proposal::new(Proposed::Import, reason)
    }
}

/// The call that deletes an object, and a command that does the same.
pub(crate) fn remove(object: &Object, reason: impl Into<String>) -> Proposal {
    let kind = tidelock_types::of_object(object);
    Proposal {
        object: Some(object.into()),
        command: kind.delete_command(object),
        request: kind.delete(object),
        ..Proposal::new(Proposed::Remove, reason)
    }
}

/// `state rm`, for one address.
pub(crate) fn state_rm_command(program: Program, address: &ResourceAddr) -> String {
    format!("{} state rm {}", program.as_str(), quoted(&address.to_string()))
}
