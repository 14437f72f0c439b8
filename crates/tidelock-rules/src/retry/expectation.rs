//! What should exist after a run.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Action, Configuration, KnownSecrets, Mode, Plan, PlanError, ResourceAddr, Value,
    config::{Evaluated, Setting, Uncounted},
    stream::{ApplyRun, ObjectId, PlanPart, Stream, UiAction},
};

use crate::marked;

/// Arguments that say who an object is, or that a later import has to reckon with.
const TELLING: &[&str] = &[
    "bucket",
    "clone",
    "clone_id",
    "full_clone",
    "hostname",
    "id",
    "identifier",
    "initialization",
    "location",
    "name",
    "node_name",
    "project",
    "region",
    "resource_group_name",
    "tags",
    "target_node",
    "vm_id",
    "vmid",
    "zone",
];

/// What should exist after a run, from one source or several laid together.
#[derive(Debug, Default)]
pub struct Expectation<'e> {
    pub(super) wanted: BTreeMap<ResourceAddr, Wanted>,
    /// What should be gone.
    pub(super) unwanted: BTreeSet<ResourceAddr>,
    /// Why more may be expected than is known, one phrase each.
    pub(super) gaps: Vec<String>,
    /// The plan whose changes [`Wanted::at`] counts.
    pub(super) plan: Option<&'e Plan>,
    /// The lineage of the state that a plan was made for.
    pub(super) lineage: Option<String>,
    pub(super) config: Option<&'e Configuration>,
    /// Texts that a plan marks as sensitive.
    pub(super) secrets: KnownSecrets,
    /// Whether anything was given at all.
    pub(super) given: bool,
}

/// One instance that should exist.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// What it should be like, as far as that is known.
    pub(super) values: Option<Value>,
    /// Where the plan has what it should be like, if that was not worth decoding.
    pub(super) at: Option<usize>,
    /// Whether it was there before the run, and nothing was to take it away.
    pub(super) was_there: bool,
    /// Where it was before it was to be moved.
    pub(super) previous: Option<ResourceAddr>,
    /// What was to change, as the values before and after.
    pub(super) change: Option<Change>,
    /// The object that the run made, as its log says.
    pub(super) made: Option<ObjectId>,
    /// Whether somebody named it by hand.
    pub(super) by_hand: bool,
}

/// A change of an object that exists.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) before: Value,
    pub(super) after: Value,
}

impl<'e> Expectation<'e> {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a plan wants to be there, and what it wants to be gone.
    ///
    /// # Errors
    /// [`PlanError`] if a value of it cannot be decoded.
    pub fn plan(&mut self, plan: &'e Plan) -> Result<(), PlanError> {
        self.given = true;
        marked::of_plan(plan, &mut self.secrets)?;
        if let Some(stream) = plan.stream() {
            self.stream(stream);
            return Ok(());
        }
        if plan.header().errored {
            self.gap("the plan failed half-way");
        }
        if !plan.has_changes() {
            self.gap("the plan only refreshes, and says nothing about what is wanted");
        }
        self.lineage =
            plan.recorded().and_then(|saved| saved.lineage.clone()).filter(|text| !text.is_empty());
        let managed = |change: &&tidelock_parse::ResourceChange| {
            change.address.mode == Mode::Managed && change.deposed.is_none()
        };
        self.plan = Some(plan);
        for (at, change) in plan.changes().iter().enumerate().filter(|(_, change)| managed(change)) {
            let leaves = (change.action.destroys() || change.action.forgets()) && !change.action.creates();
            if leaves {
                self.unwanted.insert(change.address.clone());
                continue;
            }
            let mut wanted = Wanted {
                was_there: matches!(change.action, Action::NoOp | Action::Update) && !change.importing,
                previous: change.previous_address.clone(),
                at: Some(at),
                ..Wanted::default()
            };
            if change.action != Action::NoOp || change.importing {
                let values = change.values(plan.source())?;
                wanted.change =
                    values.before.zip(values.after.clone()).map(|(before, after)| Change { before, after });
                wanted.values = values.after.map(|after| after.with_unknown(&values.after_sensitive));
            }
            self.add(change.address.clone(), wanted);
        }
        Ok(())
    }

    /// Adds what the log of an apply tells: what it planned, what it refreshed, what it made.
    pub fn log(&mut self, stream: &Stream) {
        self.given = true;
        self.stream(stream);
        if let Some(run) = stream.apply() {
            self.run(&run);
        }
    }

    /// Adds what the sources say about instances that others name.
    pub fn sources(&mut self, config: &'e Configuration) {
        self.config = Some(config);
    }

    /// Adds every instance that the sources declare.
    pub fn configuration(&mut self, config: &'e Configuration) {
        self.given = true;
        let declared = config.declared();
        for uncounted in &declared.uncounted {
            let reason = match uncounted {
                Uncounted::Block(block, why) => format!("{block} {why}"),
                Uncounted::Module(module, why) => format!("{module} {why}"),
                Uncounted::Absent(module) => format!("the sources of {module} are not there"),
                Uncounted::File(path) => format!("{path} does not parse"),
                _ => "the configuration declares more than is counted".to_owned(),
            };
            self.gap(reason);
        }
        for address in declared.instances {
            self.add(address, Wanted::default());
        }
        self.sources(config);
    }

    /// Adds addresses that somebody named.
    pub fn addresses(&mut self, addresses: impl IntoIterator<Item = ResourceAddr>) {
        for address in addresses {
            self.given = true;
            self.add(address, Wanted { by_hand: true, ..Wanted::default() });
        }
    }

    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// What an instance should be like, as far as plan and sources tell.
    pub(super) fn values(&self, address: &ResourceAddr) -> Option<Value> {
        let wanted = self.wanted.get(address);
        let kept = || {
            let plan = self.plan?;
            let values = plan.changes().get(wanted?.at?)?.values(plan.source()).ok()?;
            values.after.map(|after| after.with_unknown(&values.after_sensitive))
        };
        let planned = wanted.and_then(|wanted| wanted.values.clone()).or_else(kept);
        planned.or_else(|| self.config.map(|config| configured(config, address)))
    }

    fn add(&mut self, address: ResourceAddr, new: Wanted) {
        if address.mode != Mode::Managed {
            return;
        }
        let known = self.wanted.entry(address).or_default();
        known.was_there |= new.was_there;
        known.by_hand |= new.by_hand;
        known.at = new.at.or(known.at);
        known.values = new.values.or(known.values.take());
        known.previous = new.previous.or(known.previous.take());
        known.change = new.change.or(known.change.take());
        known.made = new.made.or(known.made.take());
    }

    fn gap(&mut self, reason: impl Into<String>) {
        self.gaps.push(reason.into());
    }

    /// What a log says was planned. What stays as it is stands there only if it was refreshed.
    fn stream(&mut self, stream: &Stream) {
        if stream.plan() == PlanPart::Incomplete {
            self.gap("the log ends before the plan does");
        }
        if stream.plan_errored() {
            self.gap("planning failed half-way");
        }
        if stream.tally().damaged > 0 {
            self.gap("lines of the log are damaged");
        }
        let refreshed: BTreeSet<ResourceAddr> =
            stream.refreshed_addresses().filter(|address| address.mode == Mode::Managed).collect();
        let mut planned = BTreeSet::new();
        for change in stream.planned().iter().filter(|change| change.address.mode == Mode::Managed) {
            planned.insert(&change.address);
            let action = change.action();
            if (action.destroys() || action.forgets()) && !action.creates() {
                self.unwanted.insert(change.address.clone());
                continue;
            }
            let wanted = Wanted {
                was_there: change.action == UiAction::Update,
                previous: change.previous_address.clone(),
                ..Wanted::default()
            };
            self.add(change.address.clone(), wanted);
        }
        for address in refreshed {
            if !planned.contains(&address) && !self.unwanted.contains(&address) {
                self.add(address, Wanted { was_there: true, ..Wanted::default() });
            }
        }
    }

    fn run(&mut self, run: &ApplyRun) {
        for done in &run.created {
            self.add(done.address.clone(), Wanted { made: done.object.clone(), ..Wanted::default() });
        }
        for done in run.destroyed.iter().filter(|done| !done.replaces) {
            if !self.wanted.contains_key(&done.address) {
                self.unwanted.insert(done.address.clone());
            }
        }
    }
}

/// The telling arguments of an instance, as the sources set them.
fn configured(config: &Configuration, address: &ResourceAddr) -> Value {
    let fields = TELLING.iter().filter_map(|name| match config.setting(address, &name.parse().ok()?) {
        Setting::Set { value: Evaluated::Known(value), .. } => Some(((*name).into(), value)),
        Setting::Set { .. } | Setting::CannotTell(_) => Some(((*name).into(), Value::Unknown)),
        _ => None,
    });
    Value::Object(fields.collect())
}

/// What people call the object that such values make.
pub(super) fn name_of(values: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let fields = values.as_object()?;
    let plain =
        ["name", "identifier", "bucket", "hostname"].into_iter().find_map(|name| text(fields.get(name)?));
    let tag = || fields.get("tags").and_then(Value::as_object).and_then(|tags| text(tags.get("Name")?));
    let container = || text(values.get(&"initialization[0].hostname".parse().ok()?)?);
    plain.or_else(tag).or_else(container)
}
