//! What rules may look at.

use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tidelock_parse::{
    ConfigModulePath, Configuration, Plan, PlanError, ResourceAddr, Schemas,
    config::{self, ResourceBlock},
    plan::PlanConfiguration,
    state::State,
};

use crate::{
    approval::Verified,
    catalogue::{Catalogue, Facts, Machines},
    claims::Elsewhere,
    graph::Graph,
    instance::Triple,
    known::World,
    policy::{Policy, Tool},
    report::{Command, Divergence, InputInfo, Location, ResourceReport, Root},
    story::Stories,
};

/// Limits that a policy may set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thresholds {
    /// TL106: at least this many instances gone at once.
    pub mostly_gone_at_least: usize,
    /// TL106: more than this share of the managed instances gone, in percent.
    pub mostly_gone_percent: usize,
    /// TL204: at least this many instances that hold something, or are compute, destroyed or replaced at once.
    pub mass_destroy_at_least: usize,
    /// TL204: more than this share of those instances destroyed or replaced, in percent.
    pub mass_destroy_percent: usize,
    /// TL208: more than this many instances depend on what is destroyed or replaced.
    pub blast_radius: usize,
    /// TL211: more creates than this; `None` for any number.
    pub max_creates: Option<usize>,
    /// TL506: a plan older than this is old, in hours.
    pub max_age_hours: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            mostly_gone_at_least: 3,
            mostly_gone_percent: 50,
            mass_destroy_at_least: 5,
            mass_destroy_percent: 30,
            blast_radius: 25,
            max_creates: None,
            max_age_hours: 24,
        }
    }
}

/// What the caller expects of a plan, or gives beside it. Nothing here is needed for an answer.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Given {
    /// The state that the plan is going to be applied to.
    pub state: GivenState,
    /// Lineage that the state must have.
    pub lineage: Option<String>,
    /// How many managed instances the state must hold.
    pub resources: Option<usize>,
    /// What to look through for unmarked secrets.
    pub values: Values,
    /// What somebody approved.
    pub approval: Option<Arc<Verified>>,
    /// What other plans claim that are asked about together with this one; this plan itself may be among them.
    pub elsewhere: Vec<Elsewhere>,
    /// What time it is; libraries have no clock.
    pub now: Option<Timestamp>,
}

/// The state that a plan is going to be applied to.
#[derive(Clone, Debug, Default)]
pub enum GivenState {
    /// Nobody says.
    #[default]
    NotGiven,
    /// There is none: nothing was ever applied, or it is lost.
    Missing,
    /// This one.
    Is(Arc<State>),
}

/// Which values of a plan are looked through for secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Values {
    /// Those that the plan creates or changes.
    #[default]
    Changed,
    /// All.
    All,
}

/// One analysed input, as rules see it.
#[non_exhaustive]
pub struct Context<'c> {
    /// What is asked.
    pub command: Command,
    /// The plan itself: instances that stay as they are, outputs, variables, checks.
    pub plan: &'c Plan,
    /// The `.tf` sources, if they are at hand.
    pub sources: Option<&'c Configuration>,
    /// What was read.
    pub input: &'c InputInfo,
    /// The resources of the report, sorted; divergences are final, resolutions are not set yet.
    pub resources: &'c [ResourceReport],
    /// Curated facts, one for each of `resources`.
    pub facts: &'c [Facts],
    /// The real values, one for each of `resources`. They may be secret: what a rule says about them must not
    /// hold them; the divergences show what may be shown.
    pub triples: &'c [Triple],
    /// What refers to what; empty if the plan changes nothing.
    pub graph: &'c Graph,
    /// Facts about types that no resource of the report has.
    pub catalogue: &'c Catalogue,
    /// Provider schemas.
    pub schemas: &'c Schemas,
    /// What the caller expects, or gives beside the plan.
    pub given: &'c Given,
    /// For each of `resources` that the plan destroys or replaces because of drift: the drifted paths behind it.
    pub causes: &'c BTreeMap<usize, Vec<Root>>,
    /// Managed instances that existed before.
    pub managed: usize,
    /// What people decided. What findings weigh and which are waived is not for rules to say: that is applied to what
    /// they find. Only who tells a destruction hangs on it.
    pub policy: &'c Policy,
    /// The command that its users type, for help texts.
    pub tool: Tool,
    pub(crate) world: World<'c>,
    pub(crate) prior: &'c Prior<'c>,
    /// See [`Context::stories`].
    pub(crate) stories: OnceCell<Stories>,
}

/// The state inside a plan, read when it is first needed: it is a third of the file.
#[derive(Debug)]
pub(crate) struct Prior<'p> {
    plan: &'p Plan,
    read: OnceCell<Result<Option<State>, PlanError>>,
}

impl<'p> Prior<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, read: OnceCell::new() }
    }

    /// The state; `None` if there is none, or it is broken, see [`Prior::check`].
    pub(crate) fn get(&self) -> Option<&State> {
        let read = self.read.get_or_init(|| State::prior_of(self.plan));
        read.as_ref().ok().and_then(Option::as_ref)
    }

    /// Fails if it was needed and is broken.
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        match self.read.get() {
            Some(Err(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What the rest holds may be secret.
        f.debug_struct("Context").field("command", &self.command).finish_non_exhaustive()
    }
}

/// A resource with all that belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'c> {
    /// The resource.
    pub resource: &'c ResourceReport,
    /// Curated facts about its type.
    pub facts: &'c Facts,
    /// The drifted paths behind its destruction, if drift is behind it.
    pub roots: &'c [Root],
    /// See [`Policy::machines`].
    pub machines: Option<Machines>,
}

impl<'c> Context<'c> {
    /// All resources of the report.
    pub fn subjects(&self) -> impl Iterator<Item = Subject<'c>> {
        let (resources, facts, causes, machines) =
            (self.resources, self.facts, self.causes, self.policy.machines);
        resources.iter().zip(facts).enumerate().map(move |(at, (resource, facts))| Subject {
            resource,
            facts,
            roots: causes.get(&at).map(Vec::as_slice).unwrap_or_default(),
            machines,
        })
    }

    /// The resources that the plan does something to, each with its real values.
    pub fn changed(&self) -> impl Iterator<Item = (Subject<'c>, &'c Triple)> {
        self.subjects().zip(self.triples).filter(|(subject, _)| !subject.resource.actions.is_quiet())
    }

    /// The block that declares an instance, if the sources are at hand and hold it.
    pub fn block(&self, address: &ResourceAddr) -> Option<&'c ResourceBlock> {
        self.sources?.resource(&address.config())
    }

    /// A place in a module of the sources, as reviewers know it.
    pub fn place(&self, module: &ConfigModulePath, at: &config::Location) -> Option<Location> {
        self.world.anchor.place(self.sources?, module, at)
    }

    /// The plan's own record of the configuration: references and constants, nothing of `lifecycle`.
    pub fn configuration(&self) -> &'c PlanConfiguration {
        self.world.mentions.get()
    }

    /// The refreshed state inside the plan. Costs a pass over it.
    pub fn prior(&self) -> Option<&'c State> {
        self.prior.get()
    }

    /// Which story each destroyed or replaced resource belongs to; found when it is first needed.
    pub(crate) fn stories(&self) -> &Stories {
        self.stories.get_or_init(|| Stories::find(self))
    }

    /// Resources whose object is gone.
    pub fn gone(&self) -> impl Iterator<Item = Subject<'c>> {
        self.subjects().filter(Subject::is_gone)
    }

    /// Whether most of the stack is gone at once, which a wrong region, account or credential explains sooner
    /// than reality.
    pub fn is_mostly_gone(&self) -> bool {
        let gone = self.gone().count();
        gone >= self.policy.thresholds.mostly_gone_at_least
            && gone * 100 > self.managed * self.policy.thresholds.mostly_gone_percent
    }
}

impl<'c> Subject<'c> {
    /// Whether the object was deleted outside and would be made again.
    pub fn is_gone(&self) -> bool {
        self.divergences().any(|divergence| divergence.class == crate::report::Class::DeletedOutside)
    }

    /// Whether losing the object, as happens here, loses data, keys or identity.
    pub fn is_stateful(&self) -> bool {
        self.facts.holds.is_stateful(self.machines())
    }

    /// Whether losing the object, as happens here, loses something or interrupts traffic.
    pub fn holds_something(&self) -> bool {
        self.facts.holds.holds_something(self.machines())
    }

    /// Cloud VMs count as pets, unless the successor is up before the old one goes.
    fn machines(&self) -> Machines {
        self.machines.unwrap_or(match self.resource.actions {
            tidelock_parse::Action::CreateThenDelete => Machines::Cattle,
            _ => Machines::Pets,
        })
    }

    /// Its divergences.
    pub fn divergences(&self) -> impl Iterator<Item = &'c Divergence> {
        self.resource.divergences.iter()
    }

    /// Its address.
    pub fn address(&self) -> &'c ResourceAddr {
        &self.resource.address
    }
}
