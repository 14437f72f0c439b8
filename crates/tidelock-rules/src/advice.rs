//! The ways out of a drift: investigate, apply, accept, ignore.

mod accept;

use std::collections::BTreeMap;

use tidelock_parse::{Action, AttrPath, Configuration, ResourceAddr};

use crate::{
    context::Subject,
    doomed::Doomed,
    evidence::{Knowledge, Setting},
    instance::Triple,
    known::Known,
    policy::{TargetAdvice, Tool},
    report::{Advice, ApplyAdvice, Class, Divergence, IgnoreAdvice, Investigate, Resolution, ResourceReport},
};

/// One resource that needs a decision, with all that advice rests on.
pub(crate) struct Case<'c> {
    pub(crate) subject: Subject<'c>,
    pub(crate) triple: &'c Triple,
    pub(crate) known: &'c Known<'c>,
    pub(crate) sources: Option<&'c Configuration>,
    /// What the plan wants of the instances of the same block, this one included.
    pub(crate) unapplied: &'c [Unapplied],
    pub(crate) tool: Tool,
    pub(crate) target: TargetAdvice,
    /// What the plan destroys although it holds something.
    pub(crate) doomed: &'c Doomed<'c>,
}

/// What a plain apply does, instances by action.
pub(crate) struct Also(BTreeMap<String, usize>);

impl Also {
    pub(crate) fn of(resources: &[ResourceReport]) -> Self {
        let mut counts = BTreeMap::new();
        for resource in resources.iter().filter(|resource| !resource.actions.is_quiet()) {
            *counts.entry(resource.actions.to_string()).or_default() += 1;
        }
        Self(counts)
    }

    /// What it does besides this.
    fn without(&self, action: &Action) -> BTreeMap<String, usize> {
        let mut counts = self.0.clone();
        if let Some(count) = counts.get_mut(&action.to_string()) {
            *count = count.saturating_sub(1);
        }
        counts.retain(|_, count| *count > 0);
        counts
    }
}

/// A path of an instance that the configuration changes.
pub(crate) type Unapplied = (ResourceAddr, AttrPath);

/// The ways out.
pub(crate) fn of(case: &Case<'_>, also: &Also) -> Advice {
    let stop = case.subject.resource.resolution == Resolution::Stop;
    Advice {
        investigate: stop.then(|| case.investigate()),
        apply: if stop { None } else { case.apply(also) },
        accept: case.accept(),
        ignore: if stop { None } else { case.ignore() },
    }
}

impl Case<'_> {
    /// Divergences that somebody must decide about.
    fn drift(&self) -> impl Iterator<Item = &Divergence> {
        self.subject.divergences().filter(|divergence| divergence.drift)
    }

    fn investigate(&self) -> Investigate {
        let noun = self.subject.facts.noun();
        let look = self.subject.facts.look().map(ToOwned::to_owned);
        if self.subject.is_gone() && !self.subject.is_stateful() {
            // It holds nothing by itself: what is alarming is that most of the stack is gone with it.
            return Investigate {
                look,
                loss: format!("apply creates the {noun} a second time, if it is still there"),
                instead: "check the provider's region, account and credentials first".to_owned(),
            };
        }
        if self.subject.is_gone() {
            return Investigate {
                look,
                loss: format!("apply creates a new, empty {noun}"),
                instead: "restore it from a backup and import it before you apply".to_owned(),
            };
        }
        let destroyed = self.subject.resource.actions.destroys();
        let loss = if destroyed {
            format!("apply destroys the {noun}")
        } else {
            "apply destroys another resource because of this drift".to_owned()
        };
        Investigate { look, loss, instead: "find out who changed it".to_owned() }
    }

    fn apply(&self, also: &Also) -> Option<ApplyAdvice> {
        let set_back: Vec<&Divergence> = self.drift().filter(|d| d.class != Class::Unmanaged).collect();
        if set_back.is_empty() {
            return None;
        }
        let destroyed = self.doomed.reached_from(self.subject.address());
        let address = self.subject.address().to_string().replace('\'', "'\\''");
        let safe = destroyed.is_empty() && !matches!(self.subject.resource.actions, Action::Other(_));
        let target = match self.target {
            TargetAdvice::Shown => format!(" -target='{address}'"),
            TargetAdvice::Hidden => String::new(),
        };
        Some(ApplyAdvice {
            sets_back: set_back.iter().map(|divergence| divergence.path.clone()).collect(),
            disruptive: set_back.iter().any(|divergence| divergence.disruptive),
            command: safe.then(|| format!("{} apply{target}", self.tool.as_str())),
            destroys: destroyed,
            also: also.without(&self.subject.resource.actions),
        })
    }

    fn ignore(&self) -> Option<IgnoreAdvice> {
        let quiet = self.drift().filter(|divergence| {
            !divergence.guards
                && !divergence.replaces
                && !divergence.path.is_root()
                && !self.repeats_another(divergence)
                && !self.hides_more(&divergence.path)
        });
        let entries: Vec<String> = quiet.map(|divergence| divergence.path.to_string()).collect();
        let block = self.known.block();
        let at = block.map(|block| block.lifecycle.location.as_ref().unwrap_or(&block.location));
        let location = at.and_then(|at| self.known.exact_place(at));
        (!entries.is_empty()).then_some(IgnoreAdvice { entries, location })
    }

    /// Whether an entry for the path would be felt elsewhere: it holds for all instances of the block, and what is
    /// kept here changes whatever refers to it.
    fn hides_more(&self, path: &AttrPath) -> bool {
        let of_other = |(address, at): &Unapplied| address != self.subject.address() && at.meets(path);
        let block = self.subject.address().config();
        self.unapplied.iter().any(of_other)
            || self.sources.is_some_and(|sources| sources.is_referred_to(&block, path))
    }

    /// Whether the provider only repeats at this path what changed at another one, as `tags_all` repeats `tags`:
    /// whatever is done about the other one holds for both.
    fn repeats_another(&self, divergence: &Divergence) -> bool {
        let same = |other: &Divergence| {
            !self.subject.facts.volatile(&other.path)
                && other.path != divergence.path
                && other.recorded == divergence.recorded
                && other.actual == divergence.actual
        };
        self.subject.facts.volatile(&divergence.path)
            && self.known.setting(&divergence.path).0 == Setting::NotSet
            && self.drift().any(same)
    }
}
