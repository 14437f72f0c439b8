//! An instance that is not in the state: does it exist?

use tidelock_parse::{
    Configuration, InstanceKey, ResourceAddr, Value, config::IgnoreChanges, inventory::Object,
};

use super::{Judge, MAX_NAMED, Trouble, counted, error};
use crate::{
    catalogue::Holds,
    proposal::{ObjectInfo, Proposal, Proposed},
    reality::Held,
    reconcile::propose::{self, Forget},
    retry::{
        expectation::{Wanted, name_of},
        failure::{Cause, has_unique_names},
        standing::Standing,
    },
};

impl Judge<'_, '_> {
    /// An instance that is not in the state: what exists that it may be.
    pub(super) fn absent(&self, address: &ResourceAddr, wanted: &Wanted) -> (Option<Object>, Trouble) {
        if let Some(previous) = wanted.previous.as_ref().filter(|previous| self.here.contains_key(previous)) {
            let trouble =
                Trouble::new(Standing::Pending, format!("it is still at {previous}, from where it moves"));
            return (None, trouble);
        }
        let type_name = &*address.type_name;
        let values = self.scene.expectation.values(address);
        let known =
            values.as_ref().and_then(|values| tidelock_types::of(type_name).object(type_name, values));
        let made = wanted.made.as_ref().and_then(|id| {
            let values = Value::Object([(id.key().into(), Value::String(id.real().into()))].into());
            tidelock_types::of(type_name).object(type_name, &values)
        });
        for object in made.iter().chain(&known) {
            if let Some(other) = self.scene.holder(object) {
                return (None, self.taken(address, object, other));
            }
            let listed = object.keys().find_map(|key| self.scene.reality.find(key));
            if let Some(listed) = listed {
                let how = if made.is_some() { "the run made it" } else { "it has this id" };
                let why = format!("{how}, and no state knows it");
                return (
                    Some(listed.object.clone()),
                    self.import(address, listed.object, &why, Forget::Nothing),
                );
            }
        }
        let name = values.as_ref().and_then(name_of);
        if let Some(name) = &name {
            match self.scene.namesakes(type_name, name).as_slice() {
                [] => {}
                [only] => {
                    let trouble = self.import(
                        address,
                        only,
                        "it has this name, and no state knows it",
                        Forget::Nothing,
                    );
                    return (Some((*only).clone()), trouble);
                }
                several => return (None, self.which(address, several)),
            }
        }
        (None, self.nowhere(address, wanted, made.as_ref(), name.is_some()))
    }

    /// Nothing that is known to exist is the instance.
    fn nowhere(
        &self,
        address: &ResourceAddr,
        wanted: &Wanted,
        made: Option<&Object>,
        named: bool,
    ) -> Trouble {
        let type_name = &*address.type_name;
        let covered = self.scene.covers(type_name);
        if let Some(object) = made {
            return if self.scene.reality.covers(&object.key) {
                Trouble::new(Standing::Missing, "the run made it, and it is gone again")
            } else {
                self.import(address, object, "the run made it, and no state knows it", Forget::Nothing)
            };
        }
        let loose = self.scene.loose(type_name);
        let found = covered && (named || loose.is_empty());
        if wanted.was_there && !found && self.scene.catalogue.lookup(type_name, []).holds != Holds::Nothing {
            return Trouble::new(
                Standing::Lost,
                "it was there before the run, and the state does not know it",
            );
        }
        let alike: Vec<&Object> = loose.iter().copied().filter(|object| is_like(address, object)).collect();
        if !named && !alike.is_empty() {
            let why = format!("{} that no state knows and whose name is like its address", counted(&alike));
            return self.doubt(
                address,
                &why,
                "give the plan (`--plan`) or the sources (`--config`), so that its name is known",
                &alike,
            );
        }
        let in_doubt =
            self.scene.run.is_some_and(|run| run.in_doubt.iter().any(|one| one.address == *address));
        let failures = self.scene.failures(address);
        let unanswered = failures.iter().find(|failure| failure.is_unanswered());
        let harmless = has_unique_names(type_name);
        let why = match unanswered {
            _ if in_doubt => Some("the run was cut off while it was being made".to_owned()),
            Some(failure) if !harmless => Some(format!(
                "its creation ended without an answer, and may have made it: {}",
                error(failure)
            )),
            _ => None,
        };
        if let Some(why) = why.filter(|_| !found) {
            let (help, shown): (_, &[&Object]) = if covered {
                ("give the plan (`--plan`) or the sources (`--config`), so that its name is known", loose)
            } else {
                ("give an inventory that lists such things (`--inventory`)", &[])
            };
            return self.doubt(address, &why, help, shown);
        }
        if let Some(failure) = failures.iter().find(|failure| failure.cause == Some(Cause::Exists)) {
            let why = format!("{}: {}", Cause::Exists, error(failure));
            let help = if covered {
                "the inventories do not show it under the name that is expected: look for it, then import it"
            } else {
                "give an inventory that lists such things (`--inventory`)"
            };
            return self.doubt(address, &why, help, &[]);
        }
        let why = match failures.first() {
            Some(failure) if unanswered.is_some() && !found => format!(
                "not in the state; its creation ended without an answer: {}; if it was made, a second creation fails without harm, for the platform gives each name once",
                error(unanswered.unwrap_or(failure))
            ),
            Some(failure) => match failure.cause {
                Some(cause) => format!("not in the state; its creation failed ({cause}): {}", error(failure)),
                None => format!("not in the state; its creation failed: {}", error(failure)),
            },
            None if covered => "neither in the state nor in an inventory".to_owned(),
            None => "not in the state".to_owned(),
        };
        Trouble::new(Standing::Missing, why)
    }

    fn doubt(&self, address: &ResourceAddr, why: &str, help: &str, candidates: &[&Object]) -> Trouble {
        let decide = |object: Option<&Object>| Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: object.map(ObjectInfo::from),
            ..Proposal::new(Proposed::Decide, format!("{why}: {help}"))
        };
        let mut proposals: Vec<Proposal> =
            candidates.iter().take(MAX_NAMED).map(|object| decide(Some(object))).collect();
        if proposals.is_empty() {
            proposals.push(decide(None));
        }
        Trouble::new(Standing::Doubtful, why).with(proposals)
    }

    /// What should be made is held by another address.
    fn taken(&self, address: &ResourceAddr, object: &Object, other: &Held<'_>) -> Trouble {
        let why = format!("{} holds the object that it would be", other.instance.address);
        let proposal = Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: Some(object.into()),
            ..Proposal::new(
                Proposed::Decide,
                format!(
                    "{why}: keep one of the two; to change the address of the object, use a `moved` block"
                ),
            )
        };
        Trouble::new(Standing::Duplicate, why).rule("TL301").with([proposal])
    }

    /// Several objects may be the instance.
    pub(super) fn which(&self, address: &ResourceAddr, several: &[&Object]) -> Trouble {
        let why = format!("{} of its name that no state knows", counted(several));
        let proposals = several.iter().take(MAX_NAMED).map(|object| {
            let import = propose::import(self.scene.program, address, object, "", Forget::Nothing);
            let reason = format!(
                "{why}: choose one to import, and remove the others; `tidelock reconcile` tells more"
            );
            Proposal {
                state: self.state.clone(),
                object: import.object,
                import_id: import.import_id,
                address: Some(address.clone()),
                ..Proposal::new(Proposed::Decide, reason)
            }
        });
        Trouble::new(Standing::Duplicate, why.clone()).rule("TL308").with(proposals)
    }

    pub(super) fn import(
        &self,
        address: &ResourceAddr,
        object: &Object,
        why: &str,
        forget: Forget,
    ) -> Trouble {
        let trap = self.trap(address).map_or_else(String::new, |trap| {
            format!("; add `ignore_changes = [{}]` first, for {}", trap.ignore.join(", "), trap.message)
        });
        let mut proposal =
            propose::import(self.scene.program, address, object, format!("{why}{trap}"), forget);
        if proposal.import_id.is_none() {
            proposal.reason.push_str(
                "; its import id is not known here: an inventory, or the provider's documentation, tells it",
            );
        }
        proposal.command = proposal.command.map(|command| self.command(&command));
        proposal.state.clone_from(&self.state);
        Trouble::new(Standing::Unmanaged, why).with([proposal])
    }

    /// What would replace the object after an import, unless the sources ignore it.
    fn trap(&self, address: &ResourceAddr) -> Option<tidelock_types::Trap> {
        let values = self.scene.expectation.values(address)?;
        let mut trap = tidelock_types::of(&address.type_name).trap(&address.type_name, &values)?;
        let block = self
            .scene
            .expectation
            .config
            .and_then(|config: &Configuration| config.resource(&address.config()));
        match block.map(|block| &block.lifecycle.ignore_changes) {
            Some(IgnoreChanges::All { .. }) => return None,
            Some(IgnoreChanges::Entries(entries)) => {
                trap.ignore.retain(|entry| entries.iter().all(|one| one.text != *entry));
            }
            _ => {}
        }
        (!trap.ignore.is_empty()).then_some(trap)
    }
}

/// Whether the name of an object is what one would call the instance by its address.
fn is_like(address: &ResourceAddr, object: &Object) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.', ' '], "-");
    let Some(name) = object.name.as_deref().map(plain) else { return false };
    let block = plain(&address.name);
    let key = match &address.key {
        Some(InstanceKey::Str(key)) => plain(key),
        Some(InstanceKey::Int(index)) => index.to_string(),
        None => {
            return name == block
                || name.ends_with(&format!("-{block}"))
                || name.starts_with(&format!("{block}-"));
        }
    };
    name == key
        || name == block
        || name == format!("{block}-{key}")
        || name.ends_with(&format!("-{key}")) && name.contains(&block)
}
