//! Do the states and what really exists agree? From states, inventories and what is wanted to findings and actions.
//!
//! The steps, each on what the ones before it left over: two claims of one object (`claims`), several objects that are meant to be
//! one (`duplicates`), objects that are wanted and exist already (`wanted`), objects that are gone (`ghosts`), objects that
//! nobody knows (`unmanaged`). An object or address stands in one story only.

mod claims;
mod duplicates;
mod ghosts;
pub(crate) mod propose;
mod removed;
mod unmanaged;
mod wanted;

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidelock_parse::{Configuration, Plan, PlanError, ResourceAddr, inventory::Object, redact};

use self::wanted::Wanted;
use crate::{
    catalogue::Catalogue,
    policy::{Occasion, Pattern, Policy, Tool as Program},
    proposal::{ObjectInfo, Proposal},
    reality::{Held, Listed, Presence, Reality},
    report::{
        Command, Finding, InputInfo, Note, Report, ResourceReport, SCHEMA_VERSION, Severity, Summary, Tool,
        Verdict,
    },
    retry::program_of,
    rule::{RuleMeta, Sink},
};

/// Which objects of the inventories are looked at; the default looks at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Names, with `*`; an object whose name fits one of them.
    pub names: Vec<Pattern>,
    /// Labels that an object must have, all of them; an empty value stands for any.
    pub labels: Vec<(String, String)>,
}

impl Scope {
    /// Whether somebody narrowed it.
    pub fn is_narrow(&self) -> bool {
        !self.names.is_empty() || !self.labels.is_empty()
    }

    /// Whether the object is looked at.
    pub fn takes(&self, object: &Object) -> bool {
        let name = object.name.as_deref().unwrap_or_default();
        let named = self.names.is_empty() || self.names.iter().any(|pattern| pattern.fits(name));
        let labelled = self.labels.iter().all(|(key, wanted)| {
            object.labels.get(key).is_some_and(|value| wanted.is_empty() || value == wanted)
        });
        named && labelled
    }
}

/// What is asked of states and inventories, and what the answer may rest on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reconcile<'q> {
    /// The states and what exists.
    pub reality: &'q Reality<'q>,
    /// A plan: what it creates is wanted.
    pub plan: Option<&'q Plan>,
    /// The `.tf` sources: what an import would run into, what is protected; without a plan, what they declare and no state has is
    /// wanted.
    pub sources: Option<&'q Configuration>,
    /// Which objects are looked at.
    pub scope: Scope,
    /// Addresses that somebody means to remove from their state; the answer is about them alone.
    pub if_removed: Vec<ResourceAddr>,
    /// Facts about resource types.
    pub catalogue: Catalogue,
    /// What people decided.
    pub policy: Policy,
    /// What the caller knows about the input.
    pub input: InputInfo,
    /// What the caller has to remark.
    pub notes: Vec<Note>,
    /// What time it is.
    pub now: Option<Timestamp>,
}

impl<'q> Reconcile<'q> {
    /// The question, with the built-in facts.
    pub fn new(reality: &'q Reality<'q>) -> Self {
        Self {
            reality,
            plan: None,
            sources: None,
            scope: Scope::default(),
            if_removed: Vec::new(),
            catalogue: Catalogue::builtin(),
            policy: Policy::default(),
            input: InputInfo::default(),
            notes: Vec::new(),
            now: None,
        }
    }

    /// Answers it.
    ///
    /// # Errors
    /// [`PlanError`] if a value of the plan cannot be decoded.
    pub fn answer(mut self) -> Result<Report, PlanError> {
        if !self.policy.types.is_empty() {
            self.catalogue = self.catalogue.with_overrides(std::mem::take(&mut self.policy.types));
        }
        let wanted = Wanted::all(&self)?;
        let mut story = Story::new(&self, &wanted);
        if self.if_removed.is_empty() {
            claims::tell(&mut story);
            duplicates::tell(&mut story);
            wanted::tell(&mut story);
            ghosts::tell(&mut story);
            unmanaged::tell(&mut story);
        } else {
            removed::tell(&mut story);
        }
        let Story { findings, actions, mut notes, .. } = story;
        notes.extend(self.remarks());
        Ok(conclude(Command::Reconcile, self, findings, actions, notes))
    }

    fn remarks(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.reality.inventories.is_empty() {
            let message = "no inventory was given, so nobody knows what really exists: only claims of one object by several addresses can be found";
            notes.push(Note { code: "reconcile::no_inventory", message: message.to_owned() });
        }
        for listed in self.reality.objects() {
            if let Some(alias) = listed.alias {
                let ObjectInfo { kind, id, name, .. } = ObjectInfo::from(listed.object);
                let (name, alias) = (name.unwrap_or_default(), redact::cut_text(alias));
                let message = format!(
                    "{kind} {id} is listed under two names, `{name}` and `{alias}`: are these lists of two clusters or accounts? Ask about each by itself"
                );
                notes.push(Note { code: "reconcile::two_names", message });
            }
        }
        for state in self.reality.states.iter().filter(|state| state.state.is_none()) {
            let message = format!("{}: empty, so there is no state, and nothing in it", state.name);
            notes.push(Note { code: "reconcile::no_state", message });
        }
        notes
    }
}

/// From what was found to a report.
fn conclude(
    command: Command,
    question: Reconcile<'_>,
    mut findings: Vec<Finding>,
    actions: Vec<Proposal>,
    notes: Vec<Note>,
) -> Report {
    let Reconcile { policy, input, now, notes: told, reality, .. } = question;
    let occasion = Occasion { command, stack: input.stack.as_deref(), now };
    let mut notes = [told, notes].concat();
    notes.extend(policy.apply(&mut findings, occasion));
    notes.sort();
    notes.dedup();
    let verdict = verdict(&findings, &actions);
    let none: &[ResourceReport] = &[];
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "tidelock", version: env!("CARGO_PKG_VERSION") },
        command,
        verdict,
        exit_code: verdict.exit_code(),
        summary: Summary::of(none, &findings, reality.held().len()),
        input,
        resources: Vec::new(),
        outputs: Vec::new(),
        findings,
        undoes: Vec::new(),
        decision: None,
        expected: None,
        actions: Some(actions),
        notes,
    }
}

/// What counts: the gravest finding that nobody accepted.
fn verdict(findings: &[Finding], actions: &[Proposal]) -> Verdict {
    let counting = findings.iter().filter(|finding| finding.waived.is_none());
    let gravest = counting.map(|finding| finding.severity).max();
    match gravest {
        Some(Severity::Deny) => Verdict::Blocked,
        Some(Severity::Warn) => Verdict::Decide,
        _ if findings.is_empty() && actions.is_empty() => Verdict::Clear,
        _ => Verdict::Noise,
    }
}

/// What has been told so far: findings, actions, and which objects and addresses stand in a story already.
struct Story<'s, 'q> {
    question: &'s Reconcile<'q>,
    reality: &'s Reality<'q>,
    wanted: &'s [Wanted],
    findings: Vec<Finding>,
    actions: Vec<Proposal>,
    notes: Vec<Note>,
    /// Objects of the inventories, by index.
    told_objects: BTreeSet<usize>,
    /// What states hold, by index.
    told_held: BTreeSet<usize>,
    /// What is wanted, by index.
    told_wanted: BTreeSet<usize>,
}

impl<'s, 'q> Story<'s, 'q> {
    fn new(question: &'s Reconcile<'q>, wanted: &'s [Wanted]) -> Self {
        Self {
            question,
            reality: question.reality,
            wanted,
            findings: Vec::new(),
            actions: Vec::new(),
            notes: Vec::new(),
            told_objects: BTreeSet::new(),
            told_held: BTreeSet::new(),
            told_wanted: BTreeSet::new(),
        }
    }

    /// Leaves findings of a rule.
    fn sink(&mut self, meta: &'static RuleMeta) -> Sink<'_> {
        Sink { meta, findings: &mut self.findings }
    }

    fn propose(&mut self, proposals: impl IntoIterator<Item = Proposal>) {
        self.actions.extend(proposals);
    }

    /// Objects that are looked at and in no story yet, with their indices: no templates, nothing that something else manages.
    fn objects(&self) -> impl Iterator<Item = (usize, &'s Listed<'q>)> + use<'_, 's, 'q> {
        let scope = &self.question.scope;
        self.reality.objects().iter().enumerate().filter(move |(index, listed)| {
            let object = listed.object;
            !object.template
                && object.managed_by.is_none()
                && listed.part_of.is_empty()
                && !self.told_objects.contains(index)
                && scope.takes(object)
        })
    }

    /// What states hold and is in no story yet.
    fn held(&self) -> impl Iterator<Item = (usize, &'s Held<'q>)> + use<'_, 's, 'q> {
        self.reality.held().iter().enumerate().filter(|(index, _)| !self.told_held.contains(index))
    }

    /// The name of a state, where there are several.
    fn state_of(&self, held: &Held<'_>) -> Option<String> {
        let states = self.reality.states;
        if states.len() < 2 { None } else { states.get(held.state).map(|state| state.name.clone()) }
    }

    /// The command that users type.
    fn program(&self) -> Program {
        self.question.policy.tool.unwrap_or_else(|| program_of(self.reality.states))
    }
}
