//! After a failed run: may it be tried again, and what has to be done before?
//!
//! One word and its reasons, from files alone: the states, what should exist ([`Expectation`]), the log of the apply, and
//! what really exists. It is the same for the same files, and whoever does what it proposes gets the next word.
//!
//! The gravest trouble decides: see [`Standing`] for what each one asks for. Without an expectation there is no answer:
//! two of five would look finished.

mod error;
mod expectation;
mod failure;
mod judge;
mod scene;
mod standing;
mod veil;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Kind,
    state::{DEFAULT_WORKSPACE, Form, StateRole},
    stream::ApplyRun,
};

pub use self::{
    error::RetryError,
    expectation::Expectation,
    failure::{Cause, cause},
    standing::{Expected, Standing},
};
use self::{
    judge::{Judge, Judged, Trouble},
    scene::Scene,
    veil::Veil,
};
use crate::{
    policy::{Occasion, Policy, Tool as Program},
    proposal::{Decision, Proposal, Proposed},
    reality::{NamedState, Reality},
    report::{
        Command, Finding, InputInfo, Note, Report, ResourceReport, SCHEMA_VERSION, Severity, Summary, Tool,
        Verdict,
    },
    rule::Sink,
    rules,
    shell::quoted,
};

/// Instances that are named in one sentence.
const MAX_NAMED: usize = 5;

/// A run that failed, and what is known of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Retry<'r> {
    /// The states, and what exists.
    pub reality: &'r Reality<'r>,
    /// What should exist.
    pub expectation: &'r Expectation<'r>,
    /// What the apply did, of one state.
    pub run: Option<&'r ApplyRun>,
    /// What people decided.
    pub policy: Policy,
    /// The program that commands name; else the one that the policy or the states point to.
    pub program: Option<Program>,
    /// What the caller knows about the input; what the states say is filled in.
    pub input: InputInfo,
    /// What time it is, for waivers.
    pub now: Option<jiff::Timestamp>,
}

impl<'r> Retry<'r> {
    /// The question.
    pub fn new(reality: &'r Reality<'r>, expectation: &'r Expectation<'r>) -> Self {
        Self {
            reality,
            expectation,
            run: None,
            policy: Policy::default(),
            program: None,
            input: InputInfo::default(),
            now: None,
        }
    }

    /// Answers it: one report for each state, in their order. Backups are no states to answer for, and what could not be
    /// written (`errored.tfstate`) belongs to the state beside it.
    ///
    /// # Errors
    /// [`RetryError`] if nothing is expected, nobody can tell what is, or a value cannot be decoded.
    pub fn answer(&self) -> Result<Vec<Report>, RetryError> {
        let expectation = self.expectation;
        if !expectation.given {
            return Err(RetryError::NothingExpected);
        }
        if expectation.is_empty() {
            return Err(RetryError::EmptyExpectation);
        }
        let stacks = stacks(self.reality.states);
        if stacks.len() > 1 && self.run.is_some() {
            return Err(RetryError::LogOfSeveral { states: stacks.len() });
        }
        let program = self.program.or(self.policy.tool).unwrap_or_else(|| program_of(self.reality.states));
        let scene = Scene::new(self.reality, expectation, self.run, &self.policy, program);
        let veil = Veil::new(self.reality.states, &expectation.secrets)?;
        let several = stacks.len() > 1;
        stacks.iter().map(|stack| self.about(&scene, &veil, stack, several)).collect()
    }

    /// The answer for one state.
    fn about(
        &self,
        scene: &Scene<'r>,
        veil: &Veil<'_>,
        stack: &Stack<'r>,
        several: bool,
    ) -> Result<Report, RetryError> {
        let named = stack.named;
        let workspace = named.file.as_ref().map(|file| file.workspace.clone());
        let other = workspace.clone().filter(|name| several && name != DEFAULT_WORKSPACE);
        let judge = Judge::new(scene, &stack.members, several.then(|| named.name.clone()), other);
        check_keys(&judge)?;
        let mut judged = Vec::new();
        for (address, wanted) in &scene.expectation.wanted {
            judged.push(judge.judge(address, wanted)?);
        }
        judged.extend(scene.expectation.unwanted.iter().filter_map(|address| judge.leftover(address)));
        judged.sort_by_key(|one| one.address);
        let mut general = stack_troubles(scene, &judge, stack, &judged);
        let troubled = !general.is_empty() || judged.iter().any(|one| !one.troubles.is_empty());
        if troubled {
            let again = scene.general.iter().filter(|failure| failure.cause.is_some_and(Cause::is_met_again));
            general.extend(again.map(|failure| judge.met_again(failure)));
        }
        let all = || general.iter().chain(judged.iter().flat_map(|one| &one.troubles));
        let decision = all().map(|trouble| trouble.standing.decision()).max().unwrap_or(Decision::Skip);
        if decision == Decision::Skip
            && let Some(reason) = scene.expectation.gaps.first()
        {
            return Err(RetryError::Incomplete { reason: veil.cut(reason) });
        }
        let expected: Vec<Expected> = judged.iter().map(|one| expected(one, veil)).collect();
        let mut notes = notes(scene, stack, &judge, decision, &expected, several);
        let mut findings = findings(&judged, program_word(scene));
        for finding in &mut findings {
            veil.finding(finding);
        }
        let mut actions = actions(general, judged);
        for action in &mut actions {
            veil.proposal(action);
        }
        let occasion =
            Occasion { command: Command::Retry, stack: self.input.stack.as_deref(), now: self.now };
        notes.extend(self.policy.apply(&mut findings, occasion));
        notes.sort();
        notes.dedup();
        let verdict = match decision {
            Decision::Skip | Decision::Apply => Verdict::Clear,
            _ => Verdict::Blocked,
        };
        let none: &[ResourceReport] = &[];
        Ok(Report {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "tidelock", version: env!("CARGO_PKG_VERSION") },
            command: Command::Retry,
            verdict,
            exit_code: verdict.exit_code(),
            input: self.input_info(named, workspace),
            summary: Summary::of(none, &findings, expected.len()),
            resources: Vec::new(),
            outputs: Vec::new(),
            findings,
            undoes: Vec::new(),
            decision: Some(decision),
            expected: Some(expected),
            actions: Some(actions),
            notes,
        })
    }

    fn input_info(&self, named: &NamedState, workspace: Option<String>) -> InputInfo {
        let known = self.input.clone();
        let state = named.state.as_ref();
        let kind = state.map(|state| match state.form() {
            Form::Raw => Kind::State,
            Form::Json => Kind::StateJson,
        });
        InputInfo {
            kind: kind.map(|kind| kind.as_str().to_owned()),
            path: Some(named.name.clone()),
            workspace: workspace.or(known.workspace.clone()),
            producer_version: state.and_then(|state| state.header().terraform_version.clone()),
            lineage: state.and_then(|state| state.header().lineage.clone()).filter(|text| !text.is_empty()),
            serial: state.and_then(|state| state.header().serial),
            ..known
        }
    }
}

/// A state to answer for.
struct Stack<'r> {
    named: &'r NamedState,
    /// This state, and what could not be written of it; positions among all states.
    members: Vec<usize>,
    /// What could not be written.
    errored: Option<&'r NamedState>,
}

fn stacks(states: &[NamedState]) -> Vec<Stack<'_>> {
    let role = |named: &NamedState| named.file.as_ref().map_or(StateRole::Current, |file| file.role);
    let mut stacks: Vec<Stack<'_>> = states
        .iter()
        .enumerate()
        .filter(|(_, named)| role(named) == StateRole::Current)
        .map(|(at, named)| Stack { named, members: vec![at], errored: None })
        .collect();
    for (at, named) in states.iter().enumerate().filter(|(_, named)| role(named) == StateRole::Errored) {
        let place =
            |named: &NamedState| named.file.as_ref().map(|file| (file.stack.clone(), file.workspace.clone()));
        let beside = stacks.iter_mut().find(|stack| place(stack.named) == place(named));
        match beside {
            Some(stack) => {
                stack.members.push(at);
                stack.errored = Some(named);
            }
            None => stacks.push(Stack { named, members: vec![at], errored: Some(named) }),
        }
    }
    stacks
}

/// The tool that wrote the states, as far as their providers tell.
pub(crate) fn program_of(states: &[NamedState]) -> Program {
    let instances =
        states.iter().filter_map(|named| named.state.as_ref()).flat_map(tidelock_parse::State::instances);
    let mut providers = instances.map(|instance| &instance.provider.source);
    let tofu = providers.any(|source| source.starts_with("registry.opentofu.org/"));
    if tofu { Program::Tofu } else { Program::Terraform }
}

fn program_word(scene: &Scene<'_>) -> &'static str {
    scene.program.as_str()
}

/// Refuses a block where an instance is meant.
fn check_keys(judge: &Judge<'_, '_>) -> Result<(), RetryError> {
    for (address, wanted) in &judge.scene.expectation.wanted {
        let keyed = |other: &&tidelock_parse::ResourceAddr| {
            other.key.is_some()
                && other.module == address.module
                && other.type_name == address.type_name
                && other.name == address.name
        };
        if wanted.by_hand
            && address.key.is_none()
            && !judge.here.contains_key(address)
            && judge.here.keys().copied().any(|other| keyed(&other))
        {
            return Err(RetryError::MissingKey { address: Box::new(address.clone()) });
        }
    }
    Ok(())
}

/// What is wrong with the state as a whole.
fn stack_troubles(
    scene: &Scene<'_>,
    judge: &Judge<'_, '_>,
    stack: &Stack<'_>,
    judged: &[Judged<'_>],
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let mut say = |why: String, help: &str, command: Option<String>| {
        let proposal = Proposal {
            state: judge.state.clone(),
            command,
            ..Proposal::new(Proposed::Decide, format!("{why}: {help}"))
        };
        troubles.push(Trouble::new(Standing::Lost, why).with([proposal]));
    };
    if let Some(errored) = stack.errored {
        let command = format!("{} state push {}", scene.program.as_str(), crate::shell::word(&errored.name));
        say(
            format!("{} holds what the run could not write into the state", errored.name),
            "push it, then ask again",
            Some(judge.command(&command)),
        );
    }
    let lineage = stack.named.state.as_ref().and_then(|state| state.header().lineage.as_deref());
    if let (Some(planned), Some(found)) =
        (scene.expectation.lineage.as_deref(), lineage.filter(|text| !text.is_empty()))
        && planned != found
    {
        say(
            "the plan was made for a state of another lineage".to_owned(),
            "the state is of another stack, or was lost and begun anew",
            None,
        );
    }
    let lost: Vec<String> = judged
        .iter()
        .filter(|one| one.troubles.iter().any(|trouble| trouble.standing == Standing::Lost))
        .map(|one| one.address.to_string())
        .collect();
    if !lost.is_empty() {
        let more = lost.len().saturating_sub(MAX_NAMED);
        let named = lost.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        say(
            format!("the state does not know what was there before the run: {named}{more}"),
            "it was lost, or is of another stack: bring it back from a backup, or import what exists (`tidelock reconcile` with an inventory)",
            None,
        );
    }
    troubles
}

fn expected(one: &Judged<'_>, veil: &Veil<'_>) -> Expected {
    let worst = one.troubles.first();
    let mut object = one.object.as_ref().map(crate::proposal::ObjectInfo::from);
    if let Some(info) = &mut object {
        veil.object(info);
    }
    let addresses =
        one.object.iter().flat_map(|object| &object.addresses).map(|text| veil.cut(text)).collect();
    Expected {
        address: one.address.clone(),
        standing: worst.map_or(Standing::Healthy, |trouble| trouble.standing),
        reason: worst.map_or_else(|| "in the state".to_owned(), |trouble| veil.cut(&trouble.reason)),
        object,
        addresses,
        tailnet_address: one.device.and_then(crate::tailnet::address).map(|text| veil.cut(text)),
        machine: one.machine,
    }
}

/// What to do, in order: what a person has to look at, what goes (dependents first), what comes into the state.
fn actions(general: Vec<Trouble>, judged: Vec<Judged<'_>>) -> Vec<Proposal> {
    let mut troubles: Vec<Trouble> = general;
    troubles.extend(judged.into_iter().flat_map(|one| one.troubles));
    troubles.sort_by_key(|trouble| std::cmp::Reverse((trouble.standing.decision(), trouble.depth)));
    let mut actions: Vec<Proposal> = Vec::new();
    for proposal in troubles.into_iter().flat_map(|trouble| trouble.proposals) {
        if !actions.contains(&proposal) {
            actions.push(proposal);
        }
    }
    actions
}

/// What rules say about the troubles that have one.
fn findings(judged: &[Judged<'_>], program: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (address, trouble) in
        judged.iter().flat_map(|one| one.troubles.iter().map(move |trouble| (one.address, trouble)))
    {
        let Some(meta) = trouble.rule.and_then(rules::find) else { continue };
        let (severity, help) = match meta.code {
            "TL306" => (
                Severity::Warn,
                "make sure that its successor has what it holds, and that nothing uses it any more"
                    .to_owned(),
            ),
            "TL307" => (Severity::Warn, format!("if the object is sound, `{program} untaint` keeps it")),
            _ => (Severity::Deny, "`tidelock reconcile` says which one to keep".to_owned()),
        };
        let mut sink = Sink { meta, findings: &mut findings };
        let draft = sink.about_address(address, severity, trouble.reason.clone()).help(help);
        sink.put(match &trouble.deposed {
            Some(key) => draft.deposed(key),
            None => draft,
        });
    }
    findings.sort_by(|a, b| {
        (b.severity, &a.address, a.code, &a.deposed).cmp(&(a.severity, &b.address, b.code, &b.deposed))
    });
    findings.dedup();
    findings
}

fn notes(
    scene: &Scene<'_>,
    stack: &Stack<'_>,
    judge: &Judge<'_, '_>,
    decision: Decision,
    expected: &[Expected],
    several: bool,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut say = |code, message: String| notes.push(Note { code, message });
    if stack.named.state.is_none() {
        say(
            "retry::no_state",
            format!("{}: empty, so there is no state, and nothing in it", stack.named.name),
        );
    }
    if scene.reality.inventories.is_empty() {
        say(
            "retry::no_inventory",
            "no inventory was given: what exists outside the state, and whether anything runs, nobody knows"
                .to_owned(),
        );
    }
    let unseen: BTreeSet<&str> = expected
        .iter()
        .filter(|one| one.standing == Standing::Missing && !scene.covers(&one.address.type_name))
        .map(|one| &*one.address.type_name)
        .collect();
    if !scene.reality.inventories.is_empty() && !unseen.is_empty() {
        let types = unseen.into_iter().collect::<Vec<_>>().join(", ");
        let message =
            format!("no inventory lists all of {types}: whether what is missing exists, nobody knows");
        say("retry::not_listed", message);
    }
    for gap in &scene.expectation.gaps {
        say("retry::incomplete", format!("more may be expected than is known: {gap}"));
    }
    let nothing = judge.here.is_empty() && expected.iter().all(|one| one.standing == Standing::Missing);
    if several && nothing && decision == Decision::Apply {
        let workspace = stack.named.file.as_ref().map(|file| file.workspace.as_str());
        let message = match workspace.filter(|name| *name != DEFAULT_WORKSPACE) {
            Some(workspace) => format!(
                "{}: failed and empty; if it is not wanted any more, `{} workspace delete {}` deletes it",
                stack.named.name,
                scene.program.as_str(),
                quoted(workspace)
            ),
            None => format!("{}: failed and empty: it holds nothing that could be lost", stack.named.name),
        };
        say(EMPTY_WORKSPACE, message);
    }
    notes
}

/// Code of the note about a workspace that failed and holds nothing.
pub const EMPTY_WORKSPACE: &str = "retry::empty_workspace";

/// What a later step of a pipeline wants to know, as names and values; of several reports one line for each.
///
/// `decision`, `addresses` (what the decision is about), and of the machines that exist `server_id`, `server_name`,
/// `server_ip` and `tailscale_ip`, in one order, with empty lines where something is not known; `empty_workspaces` where several
/// states were asked about.
pub fn outputs(reports: &[Report]) -> BTreeMap<&'static str, Vec<String>> {
    let mut all: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for name in ["decision", "addresses", "server_id", "server_name", "server_ip", "tailscale_ip"] {
        all.entry(name).or_default();
    }
    let worst = reports.iter().filter_map(|report| report.decision).max();
    all.entry("decision").or_default().extend(worst.map(|decision| decision.as_str().to_owned()));
    for report in reports {
        let about = |one: &&Expected| report.decision.is_some_and(|word| one.standing.decision() == word);
        for one in report.expected.iter().flatten() {
            if about(&one) {
                all.entry("addresses").or_default().push(one.address.to_string());
            }
            let Some(object) = one.object.as_ref().filter(|_| one.machine) else { continue };
            let is_ip = |text: &&String| text.parse::<std::net::IpAddr>().is_ok();
            let ip = one.addresses.iter().find(is_ip).or(one.addresses.first());
            let values = [
                ("server_id", Some(&object.id)),
                ("server_name", object.name.as_ref()),
                ("server_ip", ip),
                ("tailscale_ip", one.tailnet_address.as_ref()),
            ];
            for (name, value) in values {
                all.entry(name).or_default().push(value.cloned().unwrap_or_default());
            }
        }
        if reports.len() > 1 {
            let empty = report.notes.iter().any(|note| note.code == EMPTY_WORKSPACE);
            let name = report.input.workspace.clone().or_else(|| report.input.path.clone());
            all.entry("empty_workspaces").or_default().extend(name.filter(|_| empty));
        }
    }
    all
}
