//! One expected instance: how it stands, and what to do about it.

mod absent;
mod present;

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    ResourceAddr, StateError,
    inventory::{Object, Status},
    redact,
};

use super::{
    expectation::Wanted,
    failure::{Cause, Failure},
    scene::Scene,
    standing::Standing,
    veil,
};
use crate::{
    catalogue::Holds,
    proposal::{ObjectInfo, Proposal, Proposed},
    reality::{Held, Presence},
    reconcile::propose,
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
        if let Some(held) = current {
            self.present(held, wanted, &mut troubles)?;
        } else {
            let (found, trouble) = self.absent(address, wanted);
            object = found;
            troubles.push(trouble);
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

    /// What depends on an instance in its state, directly or by way of others: `destroy -target` takes all of it along.
    fn dependents(&self, held: &Held<'_>) -> Vec<&'r Held<'r>> {
        let state = self.scene.reality.states.get(held.state).and_then(|named| named.state.as_ref());
        let Some(state) = state else { return Vec::new() };
        let mut others: Vec<_> = self
            .here
            .values()
            .flatten()
            .copied()
            .filter(|other| other.state == held.state && other.instance.address != held.instance.address)
            .filter_map(|other| Some((other, other.instance.dependencies(state.source()).ok()?)))
            .collect();
        let mut blocks = BTreeSet::from([held.instance.address.config()]);
        let mut found = Vec::new();
        loop {
            let (next, rest): (Vec<_>, Vec<_>) =
                others.into_iter().partition(|(_, needs)| needs.iter().any(|need| blocks.contains(need)));
            if next.is_empty() {
                break;
            }
            blocks.extend(next.iter().map(|(other, _)| other.instance.address.config()));
            found.extend(next.into_iter().map(|(other, _)| other));
            others = rest;
        }
        found.sort_by(|a, b| a.instance.address.cmp(&b.instance.address));
        found
    }

    /// Whether something would be lost with an instance: it is sound, or it holds what does not come back the same.
    fn is_at_stake(&self, held: &Held<'_>) -> bool {
        if self.scene.reality.presence(held) == Presence::Absent {
            return false;
        }
        let holds = self.scene.catalogue.lookup(&held.instance.address.type_name, []).holds;
        !held.instance.tainted || !matches!(holds, Holds::Nothing | Holds::Compute)
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
