//! From what was made to a list of things to do.

use tidelock_parse::{KnownSecrets, ResourceAddr, inventory::Object, redact};

use super::{
    devices::Device,
    made::{Fate, Made},
};
use crate::{
    policy::Tool,
    proposal::{ObjectInfo, Proposal, Proposed, Request},
    reconcile::propose::state_rm_command,
    shell::quoted,
};

/// Writes proposals, and nothing secret into them.
#[derive(Debug)]
pub(super) struct Writer<'w> {
    pub program: Tool,
    pub secrets: &'w KnownSecrets,
}

/// What to do, by what it is.
#[derive(Debug, Default)]
struct Lists {
    remove: Vec<Proposal>,
    forget: Vec<Proposal>,
    decide: Vec<Proposal>,
    keep: Vec<Proposal>,
}

impl Writer<'_> {
    /// What to remove first, in order, then what the state has to forget, then what a person has to look at.
    pub(super) fn all(&self, made: &[Made<'_>], order: &[usize], devices: &[Device<'_>]) -> Vec<Proposal> {
        let mut lists = Lists::default();
        for at in order {
            let Some(one) = made.get(*at) else { continue };
            self.one(one, &mut lists);
            for device in devices.iter().filter(|device| device.machine == *at) {
                self.device(device, &mut lists);
            }
        }
        let Lists { remove, forget, decide, keep } = lists;
        remove.into_iter().chain(forget).chain(decide).chain(keep).collect()
    }

    fn one(&self, made: &Made<'_>, lists: &mut Lists) {
        let deposed = made.instance.is_some_and(|instance| instance.deposed.is_some());
        let in_state = made.address.filter(|_| made.instance.is_some() && !deposed);
        match &made.fate {
            Fate::Remove(reason) => {
                let kind =
                    tidelock_types::of(made.address.map(|address| &*address.type_name).unwrap_or_default());
                let object = made.object.as_ref();
                let request = object.and_then(|object| kind.delete(object));
                let command = object.and_then(|object| kind.delete_command(object));
                let mut proposal = self.about(Proposed::Remove, reason, made);
                proposal.request = request.filter(|request| self.may_show(request));
                proposal.command = command.filter(|command| self.secrets.cut(command) == command.as_str());
                if proposal.request.is_none() && proposal.command.is_none() {
                    // The tool's own way needs no state-rm afterwards.
                    proposal.command = in_state.map(|address| self.destroy(address));
                    let by_hand = if proposal.command.is_some() { "" } else { "; delete it by hand" };
                    proposal.reason.push_str("; no call that deletes it is known here");
                    proposal.reason.push_str(by_hand);
                } else if let Some(address) = in_state {
                    lists.forget.push(self.forget(address, "its object is gone then"));
                }
                lists.remove.push(proposal);
            }
            Fate::Forget(reason) => {
                lists.forget.extend(in_state.map(|address| {
                    let mut proposal = self.forget(address, reason);
                    proposal.object = made.object.as_ref().map(|object| self.info(object));
                    proposal
                }));
            }
            Fate::Decide(reason) => lists.decide.push(self.about(Proposed::Decide, reason, made)),
            // All of them were settled before.
            Fate::Part => {}
            Fate::Keep(reason) => lists.keep.push(self.about(Proposed::Keep, reason, made)),
        }
    }

    fn device(&self, device: &Device<'_>, lists: &mut Lists) {
        let (action, reason, list) = match &device.fate {
            Fate::Remove(reason) => (Proposed::Remove, reason, &mut lists.remove),
            Fate::Keep(reason) => (Proposed::Keep, reason, &mut lists.keep),
            Fate::Forget(reason) | Fate::Decide(reason) => (Proposed::Decide, reason, &mut lists.decide),
            Fate::Part => return,
        };
        let mut proposal = Proposal::new(action, self.text(reason));
        proposal.object = Some(self.info(device.object));
        if action == Proposed::Remove {
            let request = tidelock_types::of_object(device.object).delete(device.object);
            proposal.request = request.filter(|request| self.may_show(request));
        }
        list.push(proposal);
    }

    fn about(&self, action: Proposed, reason: &str, made: &Made<'_>) -> Proposal {
        let mut proposal = Proposal::new(action, self.text(reason));
        proposal.address = made.address.cloned();
        proposal.object = made.object.as_ref().map(|object| self.info(object));
        proposal
    }

    fn forget(&self, address: &ResourceAddr, reason: &str) -> Proposal {
        let mut proposal = Proposal::new(Proposed::StateRm, reason);
        proposal.command = Some(state_rm_command(self.program, address));
        proposal.address = Some(address.clone());
        proposal
    }

    fn destroy(&self, address: &ResourceAddr) -> String {
        format!("{} destroy -target={}", self.program.as_str(), quoted(&address.to_string()))
    }

    fn info(&self, object: &Object) -> ObjectInfo {
        let info = ObjectInfo::from(object);
        let cut = |text: String| self.secrets.cut(&text).into_owned();
        ObjectInfo { id: cut(info.id), name: info.name.map(cut), location: info.location.map(cut), ..info }
    }

    fn text(&self, text: &str) -> String {
        self.secrets.cut(&redact::cut_text(text)).into_owned()
    }

    /// Whether nothing of a call is secret. Half a call would be another one.
    fn may_show(&self, request: &Request) -> bool {
        let harmless = |url: &str| redact::cut_text(url) == url && self.secrets.cut(url) == url;
        harmless(&request.url) && request.first.iter().all(|first| self.may_show(first))
    }
}
