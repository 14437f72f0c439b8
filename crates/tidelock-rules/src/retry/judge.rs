//! One expected instance: how it stands, and what to do about it.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Configuration, ResourceAddr, StateError, Value,
    config::IgnoreChanges,
    inventory::{Object, Status},
    redact,
};

use super::{
    expectation::{Wanted, name_of},
    failure::{Cause, Failure},
    scene::Scene,
    standing::Standing,
    veil,
};
use crate::{
    catalogue::Holds,
    proposal::{ObjectInfo, Proposal, Proposed},
    reality::{Held, Presence},
    reconcile::propose::{self, Forget},
    shell::quoted,
    tailnet,
};

/// Characters of an error that are repeated in a reason.
const MAX_ERROR_CHARS: usize = 300;
/// Objects that are named when nobody can tell which one it is.
const MAX_NAMED: usize = 10;

/// One thing that is not as it should be.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) standing: Standing,
    /// One phrase.
    pub(super) reason: String,
    /// What to do, in order.
    pub(super) proposals: Vec<Proposal>,
    /// How much it depends on, for the order in which things are removed.
    pub(super) depth: usize,
    /// Code of the rule that finds such a thing, if there is one.
    pub(super) rule: Option<&'static str>,
    /// Key of a deposed object.
    pub(super) deposed: Option<String>,
}

impl Trouble {
    pub(super) fn new(standing: Standing, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { standing, reason, proposals: Vec::new(), depth: 0, rule: None, deposed: None }
    }

    fn rule(mut self, code: &'static str) -> Self {
        self.rule = Some(code);
        self
    }

    pub(super) fn with(mut self, proposals: impl IntoIterator<Item = Proposal>) -> Self {
        self.proposals.extend(proposals);
        self
    }
}

/// How an instance stands.
#[derive(Debug)]
pub(super) struct Judged<'s> {
    pub(super) address: &'s ResourceAddr,
    /// The real object, as it may be shown.
    pub(super) object: Option<Object>,
    /// A connected device of a tailnet that belongs to it.
    pub(super) device: Option<&'s Object>,
    pub(super) machine: bool,
    /// The worst first.
    pub(super) troubles: Vec<Trouble>,
}

/// One state and all that is expected of it.
pub(super) struct Judge<'s, 'r> {
    pub(super) scene: &'s Scene<'r>,
    /// What the state holds, by address.
    pub(super) here: BTreeMap<&'r ResourceAddr, Vec<&'r Held<'r>>>,
    /// Type and name of what is expected and not in the state: what exists under them is wanted.
    awaited: BTreeSet<(Box<str>, String)>,
    /// Positions of the state, and of what could not be written of it.
    members: Vec<usize>,
    /// Name of the state, where there are several.
    pub(super) state: Option<String>,
    /// Its workspace, where commands have to name it.
    pub(super) workspace: Option<String>,
}

impl<'s, 'r> Judge<'s, 'r> {
    pub(super) fn new(
        scene: &'s Scene<'r>,
        states: &[usize],
        state: Option<String>,
        workspace: Option<String>,
    ) -> Self {
        let mut here: BTreeMap<&'r ResourceAddr, Vec<&'r Held<'r>>> = BTreeMap::new();
        for held in scene.reality.held().iter().filter(|held| states.contains(&held.state)) {
            here.entry(&held.instance.address).or_default().push(held);
        }
        let missing = scene.expectation.wanted.keys().filter(|address| !here.contains_key(address));
        let awaited =
            missing.filter_map(|address| Some((address.type_name.clone(), scene.name(address)?))).collect();
        Self { scene, here, awaited, members: states.to_vec(), state, workspace }
    }

    /// Judges one instance.
    pub(super) fn judge(&self, address: &'s ResourceAddr, wanted: &Wanted) -> Result<Judged<'s>, StateError>
    where
        'r: 's,
    {
        let all: &[&'r Held<'r>] = self.here.get(address).map(Vec::as_slice).unwrap_or_default();
        let current = all.iter().copied().find(|held| held.instance.deposed.is_none());
        let mut troubles = Vec::new();
        for held in all.iter().filter(|held| held.instance.deposed.is_some()) {
            troubles.push(self.deposed(held, current.is_some()));
        }
        let mut object = current.and_then(|held| self.object(held));
        match current {
            Some(held) => self.present(held, wanted, &mut troubles)?,
            None => {
                let (found, trouble) = self.absent(address, wanted);
                object = found;
                troubles.push(trouble);
            }
        }
        let healthy = troubles.is_empty();
        let machine = self.scene.is_machine(&address.type_name, object.as_ref());
        let mut device = None;
        if machine {
            device = self.devices(address, object.as_ref(), healthy && current.is_some(), &mut troubles);
        }
        // What an instance that is there failed with when it was made is over.
        let unmade = current.is_none_or(|held| held.instance.tainted);
        if unmade || self.failed_otherwise(address) {
            self.failing(address, wanted, current.is_some(), &mut troubles);
        }
        troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.standing));
        Ok(Judged { address, object, device, machine, troubles })
    }

    /// Something that should be gone and is not.
    pub(super) fn leftover(&self, address: &'s ResourceAddr) -> Option<Judged<'s>>
    where
        'r: 's,
    {
        let held = self.here.get(address)?.first()?;
        let mut troubles =
            vec![Trouble::new(Standing::Pending, "planned to be removed, and still in the state")];
        self.failing(address, &Wanted::default(), true, &mut troubles);
        troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.standing));
        Some(Judged { address, object: self.object(held), device: None, machine: false, troubles })
    }

    /// The object that an instance holds, as the inventory or else the state tells it, without what may not be shown.
    fn object(&self, held: &Held<'_>) -> Option<Object> {
        let reality = self.scene.reality;
        let listed = held.listed.and_then(|index| reality.objects().get(index)).map(|listed| listed.object);
        let mut object = listed.or(held.object.as_ref())?.clone();
        if let Some(own) = &held.object {
            object.name = object.name.or_else(|| own.name.clone());
            object.location = object.location.or_else(|| own.location.clone());
            for address in &own.addresses {
                if !object.addresses.contains(address) {
                    object.addresses.push(address.clone());
                }
            }
        }
        let state = reality.states.get(held.state)?.state.as_ref()?;
        veil::bare(object, held.instance, state)
    }

    /// An instance that is in the state.
    fn present(
        &self,
        held: &'r Held<'r>,
        wanted: &Wanted,
        troubles: &mut Vec<Trouble>,
    ) -> Result<(), StateError> {
        let address = &held.instance.address;
        if self.scene.reality.presence(held) == Presence::Absent {
            troubles.push(self.gone(held));
            return Ok(());
        }
        if held.instance.tainted {
            troubles.push(self.tainted(held));
        }
        if let Some(why) = held.spent {
            troubles.push(self.spent(held, why));
        }
        troubles.extend(self.not_running(held)?);
        let others = self.scene.other_holders(held);
        // What could not be written says the same of the same instance.
        let twin =
            |other: &Held<'_>| other.instance.address == *address && self.members.contains(&other.state);
        if let Some(other) = others.iter().find(|other| !twin(other)) {
            troubles.push(self.claimed_twice(held, other));
        }
        if held.instance.tainted {
            return Ok(());
        }
        troubles.extend(self.namesakes(held));
        if let Some(change) = &wanted.change {
            let state = self.scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
            let Some(state) = state else { return Ok(()) };
            let now = held.instance.values(state.source())?.value;
            if is_undone(&change.before, &change.after, &now) {
                let reason = format!("what was planned for {address} is not done");
                troubles.push(Trouble::new(Standing::Pending, reason));
            }
        }
        Ok(())
    }

    /// Not in reality: an apply makes it anew, unless it was made anew already.
    fn gone(&self, held: &'r Held<'r>) -> Trouble {
        let address = &held.instance.address;
        let name =
            held.object.as_ref().and_then(|object| object.name.clone()).or_else(|| self.scene.name(address));
        let found = name.map(|name| self.scene.namesakes(&address.type_name, &name)).unwrap_or_default();
        match found.as_slice() {
            [] => Trouble::new(Standing::Gone, "in the state, and in no inventory: it was removed outside"),
            [only] => self.import(
                address,
                only,
                "the object in the state is gone, and another of its name exists in no state",
                Forget::First,
            ),
            several => self.which(address, several),
        }
    }

    fn tainted(&self, held: &Held<'_>) -> Trouble {
        let address = &held.instance.address;
        let program = self.scene.program.as_str();
        let failed = self.scene.failures(address).first().map(|failure| error(failure));
        let why = match failed {
            Some(text) => format!("its creation failed half-way: {text}"),
            None => "its creation failed half-way, or somebody tainted it".to_owned(),
        };
        let keep = self.command(&format!("{program} untaint {}", quoted(&address.to_string())));
        let dependents = self.dependents(held);
        let along = match dependents {
            0 => String::new(),
            1 => "; one instance that depends on it goes along".to_owned(),
            more => format!("; {more} instances that depend on it go along"),
        };
        let reason = format!("{why}; `{keep}` keeps it, if it is sound{along}");
        let destroy = format!("{program} destroy -target={}", quoted(&address.to_string()));
        let proposal = self.removal(held, reason, Some(self.command(&destroy)));
        let trouble = Trouble::new(Standing::Tainted, why).rule("TL307").with([proposal]);
        Trouble { depth: self.depth(held), ..trouble }
    }

    fn deposed(&self, held: &Held<'_>, has_successor: bool) -> Trouble {
        let address = &held.instance.address;
        let why = if has_successor {
            "a replacement made its successor, and left it behind"
        } else {
            "a replacement left it behind, and has no successor: it is the only copy"
        };
        let proposal = if has_successor {
            let apply =
                format!("{} apply -target={}", self.scene.program.as_str(), quoted(&address.to_string()));
            self.removal(held, why.to_owned(), Some(self.command(&apply)))
        } else {
            Proposal { action: Proposed::Decide, request: None, ..self.removal(held, why.to_owned(), None) }
        };
        let trouble = Trouble::new(Standing::Deposed, why).rule("TL306").with([proposal]);
        Trouble {
            depth: self.depth(held),
            deposed: held.instance.deposed.as_deref().map(str::to_owned),
            ..trouble
        }
    }

    fn spent(&self, held: &Held<'_>, why: &str) -> Trouble {
        let address = &held.instance.address;
        let command = propose::state_rm_command(self.scene.program, address);
        let proposal = Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: self.object(held).as_ref().map(ObjectInfo::from),
            command: Some(self.command(&command)),
            ..Proposal::new(Proposed::StateRm, format!("{why}; the next apply makes a new one"))
        };
        Trouble { depth: self.depth(held), ..Trouble::new(Standing::Spent, why).with([proposal]) }
    }

    /// Whether a machine stands still, or something is not what it is going to be.
    fn not_running(&self, held: &Held<'_>) -> Result<Option<Trouble>, StateError> {
        let reality = self.scene.reality;
        let Some(listed) = held.listed.and_then(|index| reality.objects().get(index)) else {
            return Ok(None);
        };
        let object = listed.object;
        let address = &held.instance.address;
        let decide = |reason: String| Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: self.object(held).as_ref().map(ObjectInfo::from),
            ..Proposal::new(Proposed::Decide, reason)
        };
        if object.template {
            return Ok(None);
        }
        Ok(match &object.status {
            Status::Stopped if self.should_run(held, object)? => {
                let why = "it is there and does not run";
                let replace = format!(
                    "{} apply -replace={}",
                    self.scene.program.as_str(),
                    quoted(&address.to_string())
                );
                let reason = format!(
                    "{why}: start it if it is sound, or make it anew with `{}`",
                    self.command(&replace)
                );
                Some(Trouble::new(Standing::Stopped, why).with([decide(reason)]))
            }
            Status::Other(word) if is_passing(word) => {
                let why = format!("its platform says that it is `{}`", redact::cut_text(word));
                let reason =
                    format!("{why}: wait until that is over, export the inventory again, and ask again");
                Some(Trouble::new(Standing::Unsettled, why).with([decide(reason)]))
            }
            _ => None,
        })
    }

    /// Whether it matters that something stands still: a machine that is not meant to.
    fn should_run(&self, held: &Held<'_>, object: &Object) -> Result<bool, StateError> {
        let runs = self.scene.is_machine(&held.instance.address.type_name, Some(object))
            || matches!(&*object.key.noun, "device" | "rds:db");
        let state = self.scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
        let (true, Some(state)) = (runs, state) else { return Ok(runs) };
        let values = held.instance.values(state.source())?.value;
        let Some(fields) = values.as_object() else { return Ok(true) };
        let off = fields.get("started") == Some(&Value::Bool(false))
            || fields.get("template") == Some(&Value::Bool(true))
            || fields.get("vm_state").and_then(Value::as_str) == Some("stopped");
        Ok(!off)
    }

    /// One object, two claims.
    fn claimed_twice(&self, held: &Held<'_>, other: &Held<'_>) -> Trouble {
        let states = self.scene.reality.states;
        let place = |held: &Held<'_>| {
            let name = states.get(held.state).filter(|_| states.len() > 1).map(|state| state.name.as_str());
            let address = &held.instance.address;
            name.map_or_else(|| address.to_string(), |name| format!("{address} in {name}"))
        };
        let why = format!("{} holds the same object", place(other));
        let proposal = Proposal {
            address: Some(held.instance.address.clone()),
            state: self.state.clone(),
            object: self.object(held).as_ref().map(ObjectInfo::from),
            ..Proposal::new(
                Proposed::Decide,
                format!("{why}: one of the two has to forget it (`state rm`) before anything is applied"),
            )
        };
        Trouble::new(Standing::Duplicate, why).rule("TL302").with([proposal])
    }

    /// Others of its name that no state knows, and that nothing expected waits for.
    fn namesakes(&self, held: &Held<'_>) -> Option<Trouble> {
        let address = &held.instance.address;
        let name = self.object(held)?.name.filter(|name| !name.is_empty())?;
        if self.awaited.contains(&(address.type_name.clone(), name.clone())) {
            return None;
        }
        let others = self.scene.namesakes(&address.type_name, &name);
        if others.is_empty() {
            return None;
        }
        let why = format!("{} of its name that no state knows", counted(&others));
        let keep = Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: self.object(held).as_ref().map(ObjectInfo::from),
            ..Proposal::new(Proposed::Keep, "it is in the state")
        };
        let others = others.iter().take(MAX_NAMED).map(|object| {
            let reason = "a duplicate: the state knows another of this name; look at it before it goes";
            let removal = propose::remove(object, reason);
            if !object.protected {
                return removal;
            }
            let reason = format!("{reason}; it is protected");
            Proposal { action: Proposed::Decide, command: None, request: None, reason, ..removal }
        });
        Some(Trouble::new(Standing::Duplicate, why).rule("TL308").with([keep].into_iter().chain(others)))
    }

    /// An instance that is not in the state: what exists that it may be.
    fn absent(&self, address: &ResourceAddr, wanted: &Wanted) -> (Option<Object>, Trouble) {
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
        if in_doubt && !found {
            let (help, shown): (_, &[&Object]) = if covered {
                ("give the plan (`--plan`) or the sources (`--config`), so that its name is known", loose)
            } else {
                ("give an inventory that lists such things (`--inventory`)", &[])
            };
            return self.doubt(address, "the run was cut off while it was being made", help, shown);
        }
        let failures = self.scene.failures(address);
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
    fn which(&self, address: &ResourceAddr, several: &[&Object]) -> Trouble {
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

    fn import(&self, address: &ResourceAddr, object: &Object, why: &str, forget: Forget) -> Trouble {
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

    /// Removes what an instance holds; what is protected is left to a person.
    fn removal(&self, held: &Held<'_>, reason: String, command: Option<String>) -> Proposal {
        let address = &held.instance.address;
        let object = self.object(held);
        let kind = tidelock_types::of(&address.type_name);
        let request = object.as_ref().and_then(|object| kind.delete(object));
        let guarded = self.scene.policy.protects(address).is_some()
            || object.as_ref().is_some_and(|object| object.protected);
        let base = Proposal {
            address: Some(address.clone()),
            state: self.state.clone(),
            object: object.as_ref().map(ObjectInfo::from),
            ..Proposal::new(Proposed::Remove, reason)
        };
        if guarded {
            let reason = format!("{}; it is protected", base.reason);
            return Proposal { action: Proposed::Decide, reason, ..base };
        }
        Proposal { command, request, ..base }
    }

    /// Offline devices of a tailnet that belong to a machine; returns a connected one that does.
    fn devices(
        &self,
        address: &ResourceAddr,
        object: Option<&Object>,
        sound: bool,
        troubles: &mut Vec<Trouble>,
    ) -> Option<&'r Object> {
        let planned = self.scene.name(address);
        let name = object.and_then(|object| object.name.as_deref()).or(planned.as_deref());
        let addresses = object.map(|object| object.addresses.as_slice()).unwrap_or_default();
        let own = self
            .scene
            .devices
            .iter()
            .filter_map(|device| tailnet::belongs(device, name, addresses).map(|by| (*device, by)));
        let (offline, online): (Vec<_>, Vec<_>) =
            own.partition(|(device, _)| device.status == Status::Stopped);
        for (device, by) in offline {
            let why = format!("a device of the tailnet that has {} of it is offline", by.what());
            let proposal = if online.is_empty() && sound {
                Proposal {
                    address: Some(address.clone()),
                    object: Some(device.into()),
                    ..Proposal::new(
                        Proposed::Decide,
                        format!(
                            "{why}, though the machine is there: look why it is not connected; if another machine left it behind, remove it"
                        ),
                    )
                }
            } else {
                let reason =
                    format!("{why}, and keeps the name from a new machine: an earlier one left it behind");
                propose::remove(device, reason)
            };
            let proposal = Proposal { state: self.state.clone(), ..proposal };
            troubles.push(Trouble::new(Standing::Offline, why).with([proposal]));
        }
        online.first().map(|(device, _)| *device)
    }

    /// Whether the run failed to change or remove something, of which no state tells.
    fn failed_otherwise(&self, address: &ResourceAddr) -> bool {
        use tidelock_parse::stream::UiAction;
        self.scene.run.is_some_and(|run| {
            let failed =
                run.failed.iter().any(|one| one.address == *address && one.action != UiAction::Create);
            let untouched = |one: &tidelock_parse::stream::NotStarted| {
                one.address == *address && one.action == UiAction::Update
            };
            failed || run.not_started.iter().any(untouched)
        })
    }

    /// What the run failed with at an instance that is not as it should be.
    fn failing(&self, address: &ResourceAddr, wanted: &Wanted, in_state: bool, troubles: &mut Vec<Trouble>) {
        // The plan at hand says that a change is done, whatever an older log tells.
        let settled = troubles.is_empty() && wanted.change.is_some();
        // An object to import is there, so making it is not tried again.
        let made = troubles.iter().any(|trouble| trouble.standing == Standing::Unmanaged);
        if settled || made {
            return;
        }
        let failures = self.scene.failures(address);
        for failure in failures.iter().filter(|failure| failure.cause.is_some_and(Cause::is_met_again)) {
            troubles.push(self.met_again(failure));
        }
        if troubles.is_empty() && in_state {
            let why = match failures.first() {
                Some(failure) => format!("what was planned for it failed: {}", error(failure)),
                None => "what was planned for it was not begun".to_owned(),
            };
            troubles.push(Trouble::new(Standing::Pending, why));
        }
    }

    /// An error that a retry meets again.
    pub(super) fn met_again(&self, failure: &Failure<'_>) -> Trouble {
        let cause = failure.cause.unwrap_or(Cause::Transient);
        let why = format!("{cause}: {}", error(failure));
        let proposal = Proposal {
            address: failure.address.cloned(),
            state: self.state.clone(),
            ..Proposal::new(Proposed::Decide, format!("{why}; a retry meets this again: {}", cause.remedy()))
        };
        Trouble::new(Standing::Failing, why).with([proposal])
    }

    /// A command of the tool, in the workspace of the state.
    pub(super) fn command(&self, command: &str) -> String {
        match &self.workspace {
            Some(workspace) => format!("TF_WORKSPACE={} {command}", quoted(workspace)),
            None => command.to_owned(),
        }
    }

    /// How many blocks an instance depends on: whatever depends on more goes first.
    fn depth(&self, held: &Held<'_>) -> usize {
        let state = self.scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
        state.and_then(|state| held.instance.dependencies(state.source()).ok()).map_or(0, |all| all.len())
    }

    /// How many instances of the state depend on one.
    fn dependents(&self, held: &Held<'_>) -> usize {
        let state = self.scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
        let Some(state) = state else { return 0 };
        let block = held.instance.address.config();
        let depends = |instance: &&tidelock_parse::StateInstance| {
            instance.dependencies(state.source()).is_ok_and(|all| all.contains(&block))
        };
        state.instances().iter().filter(depends).count()
    }
}

/// An error in one line.
fn error(failure: &Failure<'_>) -> String {
    let detail = failure.diagnostic.detail.trim();
    let mut text = failure.diagnostic.summary.trim().to_owned();
    if !detail.is_empty() && !text.contains(detail) {
        text = format!("{text}: {detail}");
    }
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(MAX_ERROR_CHARS).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}

/// `an object` or `3 objects`.
fn counted(objects: &[&Object]) -> String {
    let ids: Vec<String> =
        objects.iter().take(MAX_NAMED).map(|object| redact::cut_text(&object.key.id)).collect();
    let noun = objects.first().map_or("object", |object| &*object.key.noun);
    match objects.len() {
        1 => format!("there is {noun} {}", ids.join(", ")),
        count => format!("there are {count} objects ({noun} {})", ids.join(", ")),
    }
}

/// Whether a change of the plan is still to be done: something that it changes is as it was before.
fn is_undone(before: &Value, after: &Value, now: &Value) -> bool {
    let (Some(before), Some(after), Some(now)) = (before.as_object(), after.as_object(), now.as_object())
    else {
        return false;
    };
    // A replacement is done when the object is another one.
    if after.get("id") == Some(&Value::Unknown) && before.get("id").is_some_and(|id| !id.is_empty()) {
        return before.get("id") == now.get("id");
    }
    after.iter().any(|(name, wanted)| {
        !wanted.has_unknown() && before.get(name) != Some(wanted) && now.get(name) == before.get(name)
    })
}

/// Whether the name of an object is what one would call the instance by its address.
fn is_like(address: &ResourceAddr, object: &Object) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.', ' '], "-");
    let Some(name) = object.name.as_deref().map(plain) else { return false };
    let block = plain(&address.name);
    let key = match &address.key {
        Some(tidelock_parse::InstanceKey::Str(key)) => plain(key),
        Some(tidelock_parse::InstanceKey::Int(index)) => index.to_string(),
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

/// Whether the word of a platform says that something is under way, or went wrong.
fn is_passing(word: &str) -> bool {
    const PARTS: &[&str] = &[
        "creat",
        "initiali",
        "start",
        "boot",
        "build",
        "migrat",
        "provision",
        "pending",
        "delet",
        "terminat",
        "shutting",
        "stopping",
        "destroy",
        "error",
        "fail",
        "resiz",
        "prepar",
        "off",
    ];
    let word = word.to_ascii_lowercase();
    PARTS.iter().any(|part| word.contains(part))
}
