//! An instance that is in the state: is it sound?

use tidelock_parse::{
    StateError, Value,
    inventory::{Object, Status},
    redact,
};

use super::{Judge, MAX_NAMED, Trouble, counted, error};
use crate::{
    proposal::{ObjectInfo, Proposal, Proposed},
    reality::{Held, Presence},
    reconcile::propose::{self, Forget},
    retry::{expectation::Wanted, standing::Standing},
    shell::quoted,
};

impl<'r> Judge<'_, 'r> {
    /// An instance that is in the state.
    pub(super) fn present(
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
        let namesakes = self.namesakes(held);
        if held.instance.tainted {
            let mut trouble = self.tainted(held);
            if namesakes.is_some() {
                // Which of the two stays comes first.
                trouble.proposals.clear();
            }
            troubles.push(trouble);
        }
        troubles.extend(namesakes);
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
        let along = self.dependents(held);
        let proposal = if along.iter().any(|other| self.is_at_stake(other)) {
            let reason = format!(
                "{why}; `{keep}` keeps it, if it is sound; else `{}` replaces it, and its plan shows what becomes of what depends on it; no `destroy`, which would take that along: {}",
                self.command(&format!("{program} apply")),
                self.listed(&along)
            );
            let removal = self.removal(held, reason, None);
            Proposal { action: Proposed::Decide, request: None, ..removal }
        } else {
            let goes = if along.is_empty() {
                String::new()
            } else {
                format!("; what depends on it goes along: {}", self.listed(&along))
            };
            let destroy = format!("{program} destroy -target={}", quoted(&address.to_string()));
            let reason = format!("{why}; `{keep}` keeps it, if it is sound{goes}");
            self.removal(held, reason, Some(self.command(&destroy)))
        };
        let trouble = Trouble::new(Standing::Tainted, why).rule("TL307").with([proposal]);
        Trouble { depth: self.depth(held), ..trouble }
    }

    /// Instances by their addresses, those first that would be a loss.
    fn listed(&self, instances: &[&Held<'_>]) -> String {
        let (dear, others): (Vec<_>, Vec<_>) =
            instances.iter().copied().partition(|held| self.is_at_stake(held));
        let all: Vec<String> =
            dear.iter().chain(&others).map(|held| held.instance.address.to_string()).collect();
        let more = all.len().saturating_sub(MAX_NAMED);
        let named = all.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{named} and {more} more") } else { named }
    }

    pub(super) fn deposed(&self, held: &Held<'_>, has_successor: bool) -> Trouble {
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
        if held.instance.tainted {
            return Some(self.tainted_twin(held, &others, &why));
        }
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

    /// A tainted object and others of its name: neither the one nor the others are clearly what should stay.
    fn tainted_twin(&self, held: &Held<'_>, others: &[&Object], why: &str) -> Trouble {
        let why = format!("the one in the state is tainted, and {why}");
        let own = self.object(held);
        let all = own.iter().chain(others.iter().copied()).take(MAX_NAMED);
        let proposals = all.map(|object| Proposal {
            address: Some(held.instance.address.clone()),
            state: self.state.clone(),
            object: Some(object.into()),
            ..Proposal::new(
                Proposed::Decide,
                format!(
                    "{why}: keep the sound one (`untaint` if it is the one in the state, else `state rm` and `import`), and remove the others"
                ),
            )
        });
        Trouble::new(Standing::Duplicate, why.clone()).rule("TL308").with(proposals)
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
