//! From a plan and all that is known about it to the report.

mod found;
mod input;
mod instances;
mod notes;
mod resolution;
mod told;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use tidelock_parse::{
    ConfigAddr, ConfigModulePath, Configuration, KnownSecrets, Mask, Plan, PlanError, ResourceAddr, Schemas,
    state::State,
};

use self::{
    found::{Found, hide, outputs},
    input::current_managed,
    resolution::{at_fault, judged, resolutions, undoes},
};
use crate::{
    advice,
    anchor::Anchor,
    approval,
    baseline::{Baseline, Scene},
    catalogue::Catalogue,
    causes,
    companion::Companions,
    context::{Context, Given, Prior, Subject},
    dependents::Dependents,
    doomed::Doomed,
    graph::Graph,
    instance,
    known::{Known, Mentions, World},
    policy::{Occasion, Policy, Tool as Program},
    report::{
        Class, Command, Finding, InputInfo, Note, Report, Resolution, ResourceReport, Root, SCHEMA_VERSION,
        Summary, Tool, Undone,
    },
    rule::Rule,
    rules,
    verdict::{self, FailOn},
};

/// A plan, and what the answer may rest on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Question<'q> {
    /// What is asked.
    pub command: Command,
    /// The plan.
    pub plan: &'q Plan,
    /// The `.tf` sources, if they are at hand.
    pub sources: Option<&'q Configuration>,
    /// Where the sources stand in the repository.
    pub anchor: Anchor,
    /// Provider schemas.
    pub schemas: Schemas,
    /// Facts about resource types.
    pub catalogue: Catalogue,
    /// The rules to run.
    pub rules: &'q [&'q dyn Rule],
    /// What people decided: severities, limits, waivers.
    pub policy: Policy,
    /// What was there when the tool was adopted.
    pub baseline: Option<Baseline>,
    /// What the caller expects, or gives beside the plan.
    pub given: Given,
    /// What counts besides.
    pub fail_on: FailOn,
    /// What the caller knows about the input; what the plan itself says is filled in.
    pub input: InputInfo,
    /// What the caller has to remark about the input.
    pub notes: Vec<Note>,
}

impl<'q> Question<'q> {
    /// The question of `command`, with the built-in rules, schemas and facts.
    pub fn new(command: Command, plan: &'q Plan) -> Self {
        Self {
            command,
            plan,
            sources: None,
            anchor: Anchor::default(),
            schemas: Schemas::builtin(),
            catalogue: Catalogue::builtin(),
            rules: rules::RULES,
            policy: Policy::default(),
            baseline: None,
            given: Given::default(),
            fail_on: FailOn::default(),
            input: InputInfo::default(),
            notes: Vec::new(),
        }
    }

    /// Answers it.
    ///
    /// # Errors
    /// [`PlanError`] if a value or section that is needed cannot be decoded.
    pub fn answer(mut self) -> Result<Report, PlanError> {
        if !self.policy.types.is_empty() {
            self.catalogue = self.catalogue.with_overrides(std::mem::take(&mut self.policy.types));
        }
        let mentions = Mentions::new(self.plan);
        // A refresh-only plan lists no instances; they stand in the state inside it.
        let lazy = Prior::new(self.plan);
        let prior = if self.plan.has_changes() { None } else { lazy.get() };
        lazy.check()?;
        let companions = Companions::new(self.plan, prior);
        let world = World {
            sources: self.sources,
            mentions: &mentions,
            companions: &companions,
            anchor: &self.anchor,
            policy: &self.policy,
        };
        let tainted = prior.map(tainted).unwrap_or_default();
        let mut found = Found::default();
        for instance in instance::join(self.plan) {
            self.look_at(&instance, world, &tainted, &mut found)?;
        }
        let secrets = self.known_secrets(&found, &mentions)?;
        found.hide(&secrets);
        let held = prior.map_or(0, current_managed);
        let input = self.input_info(held);
        let managed = self.managed(held, &found.resources);
        let endangered = causes::may_exist(&found.resources);
        let drifted = found.resources.iter().flat_map(|r| &r.divergences).any(|d| d.drift);
        let gated = self.command == Command::Gate && found.resources.iter().any(|r| !r.actions.is_quiet());
        let graph = if drifted || endangered || gated {
            Graph::of(self.sources, mentions.get())
        } else {
            Graph::default()
        };
        let causes = if endangered { causes::find(&found.resources, &graph) } else { BTreeMap::new() };
        let context = Context {
            command: self.command,
            plan: self.plan,
            sources: self.sources,
            input: &input,
            resources: &found.resources,
            facts: &found.facts,
            triples: &found.triples,
            graph: &graph,
            catalogue: &self.catalogue,
            schemas: &self.schemas,
            given: &self.given,
            causes: &causes,
            managed,
            policy: &self.policy,
            tool: self.tool(),
            world,
            prior: &lazy,
            stories: OnceCell::new(),
        };
        self.check_sections()?;
        let Judgement { mut findings, mut remarks, resolutions, undoes } = self.judge(&context);
        remarks.extend(graph.note());
        for finding in &mut findings {
            hide(finding, &secrets);
        }
        self.conclude(&mut found, &graph, &causes, &resolutions, world);
        mentions.check()?;
        lazy.check()?;
        let fail_on = self.fail_on.union(&self.policy.fail_on);
        let verdict = verdict::decide(self.command, &found.resources, &findings, &fail_on);
        let notes = self.notes(&found, remarks);
        let summary = Summary::of(&found.resources, &findings, managed);
        let outputs = outputs(self.plan, &self.policy, &secrets)?;
        Ok(Report {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "tidelock", version: env!("CARGO_PKG_VERSION") },
            command: self.command,
            verdict,
            exit_code: verdict.exit_code(),
            input: input.of_a_written_state(),
            summary,
            resources: found.resources,
            outputs,
            findings,
            undoes,
            decision: None,
            expected: None,
            actions: None,
            notes,
        })
    }

    /// Runs the rules, and lays what people decided over what they find.
    fn judge(&self, context: &Context<'_>) -> Judgement {
        let mut findings = rules::run(self.rules, self.command, context);
        let mut remarks = rules::notes(self.command, context, &findings);
        let stack = context.input.stack.as_deref();
        let occasion = Occasion { command: self.command, stack, now: self.given.now };
        let alarming = at_fault(&findings);
        remarks.extend(self.policy.apply(&mut findings, occasion));
        if let Some(baseline) = &self.baseline {
            let scene = Scene { resources: context.resources, triples: context.triples };
            remarks.extend(baseline.apply(&mut findings, scene, stack));
        }
        remarks.extend(approval::cover(context, &mut findings));
        remarks.extend(approval::way_out(context, &findings));
        let (resolutions, undoes) = if self.command == Command::Gate {
            (judged(context.resources, &findings), undoes(context.resources))
        } else {
            let left = at_fault(&findings);
            let settled: BTreeSet<&ResourceAddr> = alarming.difference(&left).collect();
            (resolutions(context, &settled), Vec::new())
        };
        Judgement { findings, remarks, resolutions, undoes }
    }

    /// What is marked sensitive in any instance that the report lists, or in a variable of the root module.
    fn known_secrets(&self, found: &Found, mentions: &Mentions<'_>) -> Result<KnownSecrets, PlanError> {
        let mut secrets = KnownSecrets::default();
        if found.resources.is_empty() {
            return Ok(secrets);
        }
        for triple in found.triples.iter().filter(|triple| triple.sensitive.any()) {
            for value in triple.values() {
                secrets.add(value, &triple.sensitive);
            }
        }
        let variables = self.plan.variables()?;
        if !variables.is_empty()
            && let Some(root) = mentions.get().module(&ConfigModulePath::root())
        {
            for (name, value) in &variables {
                if root.variables.get(name.as_str()).is_some_and(|variable| variable.sensitive) {
                    secrets.add(value, &Mask::All);
                }
            }
        }
        Ok(secrets)
    }

    /// Rules cannot fail, so what they read has to be sound.
    fn check_sections(&self) -> Result<(), PlanError> {
        if self.command == Command::Gate {
            self.plan.checks()?;
            self.plan.variables()?;
        }
        Ok(())
    }

    /// Sets what depends on all resources together: resolutions, dependents, advice.
    fn conclude(
        &self,
        found: &mut Found,
        graph: &Graph,
        causes: &BTreeMap<usize, Vec<Root>>,
        resolutions: &[Resolution],
        world: World<'_>,
    ) {
        let also = advice::Also::of(&found.resources);
        let tool = self.tool();
        let unapplied = unapplied(&found.resources, resolutions);
        let doomed = Doomed::new(self.destroyed(found), graph);
        let open: Vec<ResourceAddr> = found
            .resources
            .iter()
            .zip(resolutions)
            .filter(|(_, resolution)| matches!(resolution, Resolution::Stop | Resolution::Decide))
            .map(|(resource, _)| resource.address.clone())
            .collect();
        let dependents = Dependents::new(&open, graph, self.plan);
        for (at, resource) in found.resources.iter_mut().enumerate() {
            resource.resolution = resolutions.get(at).copied().unwrap_or(Resolution::None);
            let (Some(facts), Some(triple)) = (found.facts.get(at), found.triples.get(at)) else { continue };
            if !matches!(resource.resolution, Resolution::Stop | Resolution::Decide) {
                continue;
            }
            resource.dependents = dependents.count(&resource.address);
            let schema = self.schemas.resource(&resource.provider, &resource.address.type_name);
            let known = Known::new(world, &resource.address, schema, facts.clone(), triple.actual.clone());
            let roots = causes.get(&at).map(Vec::as_slice).unwrap_or_default();
            let case = advice::Case {
                subject: Subject { resource, facts, roots, machines: self.policy.machines },
                triple,
                known: &known,
                sources: self.sources,
                unapplied: unapplied.get(&resource.address.config()).map(Vec::as_slice).unwrap_or_default(),
                tool,
                target: self.policy.target_advice,
                doomed: &doomed,
            };
            resource.advice = advice::of(&case, &also);
        }
    }

    /// What the plan destroys, for whatever reason, although it holds something.
    fn destroyed(&self, found: &Found) -> Vec<ResourceAddr> {
        let subjects = found.resources.iter().zip(&found.facts);
        let destroyed = subjects.filter(|(resource, facts)| {
            let subject = Subject { resource, facts, roots: &[], machines: self.policy.machines };
            resource.deposed.is_none() && resource.actions.destroys() && subject.holds_something()
        });
        destroyed.map(|(resource, _)| resource.address.clone()).collect()
    }

    /// The command that its users type.
    fn tool(&self) -> Program {
        let made_by =
            || if self.producer() == Some("terraform") { Program::Terraform } else { Program::Tofu };
        self.policy.tool.unwrap_or_else(made_by)
    }
}

/// Current objects whose creation failed half-way.
fn tainted(state: &State) -> BTreeSet<&ResourceAddr> {
    let tainted = state.instances().iter().filter(|object| object.tainted && object.deposed.is_none());
    tainted.map(|object| &object.address).collect()
}

/// What the rules and the people say.
struct Judgement {
    findings: Vec<Finding>,
    remarks: Vec<Note>,
    /// One a resource, in order.
    resolutions: Vec<Resolution>,
    undoes: Vec<Undone>,
}

/// Per block that has an instance to decide about: what the plan changes in any of its instances because the
/// configuration says so, or what replaces them.
fn unapplied(
    resources: &[ResourceReport],
    resolutions: &[Resolution],
) -> BTreeMap<ConfigAddr, Vec<advice::Unapplied>> {
    let decided = resources.iter().zip(resolutions).filter(|(_, what)| **what == Resolution::Decide);
    let mut blocks: BTreeMap<ConfigAddr, Vec<advice::Unapplied>> =
        decided.map(|(resource, _)| (resource.address.config(), Vec::new())).collect();
    for resource in resources {
        let Some(changes) = blocks.get_mut(&resource.address.config()) else { continue };
        let wanted = resource.divergences.iter().filter(|d| {
            let configured = matches!(d.class, Class::Pending | Class::Conflicting) && !d.until_apply;
            (configured || d.replaces) && !d.path.is_root()
        });
        changes.extend(wanted.map(|d| (resource.address.clone(), d.path.clone())));
    }
    blocks
}
