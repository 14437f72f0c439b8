//! From a plan and all that is known about it to the report.

mod found;
mod resolution;
mod told;

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use tidelock_parse::{
    Action, ConfigAddr, ConfigModulePath, Configuration, Kind, KnownSecrets, Mask, Mode, Plan, PlanError,
    ResourceAddr, Schemas, Stream, Value,
    plan::PlanningMode,
    state::{State, StateInstance},
    stream::Producer,
};

use self::{
    found::{Found, hide, outputs},
    resolution::{at_fault, judged, resolutions, undoes},
};
use crate::{
    advice,
    anchor::Anchor,
    approval,
    baseline::{Baseline, Scene},
    catalogue::{Catalogue, Machines},
    causes,
    classify::{Fate, classify},
    companion::Companions,
    compare::{Desired, compare},
    context::{Context, Given, Prior, Subject},
    dependents::Dependents,
    divergence,
    doomed::Doomed,
    evidence::{Knowledge, TypeShapes},
    graph::Graph,
    instance::{self, Instance, Triple},
    known::{Known, Mentions, World},
    policy::{Occasion, Policy, Tool as Program},
    report::{
        Class, Command, Divergence, Finding, InputInfo, Note, PlanMode, Reason, Report, Resolution,
        ResourceReport, Root, SCHEMA_VERSION, Summary, Tool, Undone,
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
            input,
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

    /// What is to be remarked about the input, sorted.
    fn notes(&self, found: &Found, remarks: Vec<Note>) -> Vec<Note> {
        let mut notes = [&*self.notes, &*found.notes].concat();
        notes.extend(remarks);
        let mut say = |code, message: String| notes.push(Note { code, message });
        if self.sources.is_none() && drifted_at_all(&found.resources) {
            let message = "no `.tf` sources were given, so `ignore_changes` cannot be seen";
            say("evidence::no_sources", message.to_owned());
        }
        if self.sources.is_some() && found.undeclared > 0 {
            let Found { wanted, undeclared, .. } = found;
            say(
                "config::other_sources",
                format!(
                    "the sources declare no block for {undeclared} of the {wanted} instances listed here that the plan keeps: are they the ones it was made from?"
                ),
            );
        }
        let version = self.plan.header().terraform_version.as_deref().unwrap_or_default();
        if major_minor(version).is_some_and(|version| version < (0, 15)) {
            let message =
                "Terraform before 0.15 writes no drift into a plan: nothing here says what changed outside";
            say("plan::no_drift_recorded", message.to_owned());
        }
        if let Some(stream) = self.plan.stream() {
            notes.extend(told::notes(stream, &found.resources));
        }
        notes.sort();
        notes.dedup();
        notes
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

    fn look_at(
        &self,
        instance: &Instance<'_>,
        world: World<'_>,
        tainted: &BTreeSet<&ResourceAddr>,
        found: &mut Found,
    ) -> Result<(), PlanError> {
        let mut triple = instance.triple(self.plan)?;
        if !self.policy.secret_patterns.is_empty() {
            triple.sensitive = triple
                .values()
                .fold(triple.sensitive.clone(), |mask, value| mask.union(&self.policy.secrets_in(value)));
        }
        let address = instance.address();
        if triple.drift_in_masks_only {
            found.notes.push(Note {
                code: "plan::sensitivity_drift",
                message: format!("{address}: only the marking as sensitive differs from the state"),
            });
        }
        let schema = self.schemas.resource(instance.provider(), &address.type_name);
        let facts = {
            let object = [&triple.recorded, &triple.actual].into_iter().flatten().next();
            let arguments = object.and_then(Value::as_object).into_iter().flatten();
            self.catalogue.lookup(&address.type_name, arguments.map(|(name, _)| &**name))
        };
        let known = Known::new(world, address, schema, facts.clone(), triple.actual.clone());
        let tainted = instance.is_tainted() || tainted.contains(address);
        let mut divergences = self.divergences(instance, tainted, &triple, &known);
        divergences.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.class.cmp(&b.class)));
        let drifted = !divergences.is_empty();
        if !drifted
            && instance.action().is_quiet()
            && instance.previous_address().is_none()
            && !instance.change.is_some_and(|change| change.importing)
        {
            return Ok(());
        }
        let block = known.block();
        if facts.holds.holds_something(Machines::Pets) && id_changed(&divergences) {
            found.notes.push(Note {
                code: "drift::other_object",
                message: format!("{address}: its id changed outside, so it may be another object now"),
            });
        }
        let stays =
            !(instance.action().destroys() || instance.action().forgets()) || instance.action().is_replace();
        if stays && self.plan.has_changes() && !instance.is_gone() && instance.deposed().is_none() {
            found.wanted += 1;
            found.undeclared += usize::from(block.is_none());
        }
        found.resources.push(ResourceReport {
            address: address.clone(),
            previous_address: instance.previous_address().cloned(),
            deposed: instance.deposed().map(ToOwned::to_owned),
            type_name: address.type_name.to_string(),
            noun: facts.noun().to_owned(),
            provider: instance.provider().to_owned(),
            identity: self
                .plan
                .stream()
                .map_or_else(|| divergence::identity(&triple), |stream| told::identity(stream, address)),
            holds: facts.holds,
            holds_assumed: facts.assumed,
            actions: instance.action(),
            action_reason: instance.change.and_then(|change| change.action_reason.clone()),
            replace_paths: instance.replace_paths().to_vec(),
            importing: instance.change.is_some_and(|change| change.importing),
            tainted,
            class: loudest(&divergences),
            resolution: Resolution::None,
            dependents: None,
            location: block.and_then(|block| known.place(&block.location)),
            advice: crate::report::Advice::default(),
            divergences,
        });
        found.facts.push(facts);
        found.triples.push(triple);
        Ok(())
    }

    fn divergences(
        &self,
        instance: &Instance<'_>,
        tainted: bool,
        triple: &Triple,
        known: &Known<'_>,
    ) -> Vec<Divergence> {
        let fate = instance.fate(tainted);
        let pending = || divergence::whole(Class::Pending, None);
        if instance.deposed().is_some() {
            return vec![pending()];
        }
        if self.plan.stream().is_some() && !instance.is_gone() {
            return told::divergences(instance, fate);
        }
        if instance.is_gone() {
            return vec![divergence::whole(self.class_of_gone(instance, triple, known), None)];
        }
        if triple.recorded.is_none() {
            return if instance.action().is_quiet() { Vec::new() } else { vec![pending()] };
        }
        if fate == Fate::Removed {
            let changed = triple.recorded != triple.actual;
            return vec![if changed { divergence::whole(Class::Superseded, None) } else { pending() }];
        }
        let desired =
            triple.desired.as_ref().map_or(Desired::Silent, |desired| Desired::Is(desired.as_ref()));
        let differences =
            compare(&TypeShapes(known), triple.recorded.as_ref(), triple.actual.as_ref(), desired);
        let mut list: Vec<Divergence> = differences
            .into_iter()
            .map(|difference| {
                let classified = classify(&difference, fate, instance.replace_paths(), known);
                divergence::show(&difference, classified, triple, known.schema())
            })
            .collect();
        if list.is_empty() && !instance.action().is_quiet() {
            let reason = triple.plan_changes_masks.then_some(Reason::Sensitivity);
            list.push(divergence::whole(Class::Pending, reason));
        }
        list
    }

    /// The object is gone: does anybody still want it?
    fn class_of_gone(&self, instance: &Instance<'_>, triple: &Triple, known: &Known<'_>) -> Class {
        // A log has no values; what is planned says it.
        let desired = triple.desired.as_ref().filter(|_| self.plan.stream().is_none());
        let wanted = match desired {
            // A plan that destroys everything wants nothing.
            _ if self.plan.recorded().is_some_and(|saved| saved.mode == PlanningMode::Destroy) => false,
            Some(desired) => desired.is_some(),
            None if instance.action().creates() => true,
            // A complete plan lists everything that is wanted; sources that still declare it say that something is
            // wrong, which is the louder reading.
            None if self.plan.has_changes() && self.plan.header().complete == Some(true) => {
                self.sources.is_some() && known.is_declared(instance.address()) == Some(true)
            }
            None => known.is_declared(instance.address()) != Some(false),
        };
        if wanted { Class::DeletedOutside } else { Class::Converged }
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

    /// Terraform since 1.8 always says whether a plan is applyable; OpenTofu never does, and its registry shows.
    fn producer(&self) -> Option<&'static str> {
        if let Some(stream) = self.plan.stream() {
            return stream.header().producer.map(Producer::as_str);
        }
        let header = self.plan.header();
        if let Some(product) = self.plan.recorded().and_then(|recorded| recorded.product) {
            return Some(product.as_str());
        }
        // Of a saved plan it is always known whether it is complete.
        if header.applyable.is_some() || (header.complete.is_some() && self.plan.recorded().is_none()) {
            return Some("terraform");
        }
        let tofu =
            |change: &tidelock_parse::ResourceChange| change.provider.starts_with("registry.opentofu.org/");
        if self.plan.changes().iter().chain(self.plan.drift()).any(tofu) {
            return Some("opentofu");
        }
        let (major, minor) = header.terraform_version.as_deref().and_then(major_minor)?;
        // The fork happened at 1.6; before it there was one product, from 1.8 on the other one shows itself.
        if (major, minor) < (1, 6) {
            Some("terraform")
        } else {
            ((major, minor) >= (1, 8)).then_some("opentofu")
        }
    }

    fn input_info(&self, held: usize) -> InputInfo {
        let header = self.plan.header();
        let mode = Some(instance::mode(self.plan, held > 0)).filter(|_| !told::hides_mode(self.plan));
        let saved = self.plan.recorded();
        let kind = match (self.plan.stream(), saved) {
            (Some(_), _) => Kind::UiStream,
            (None, Some(_)) => Kind::SavedPlan,
            (None, None) => Kind::PlanJson,
        };
        let evidence = if saved.is_some() { "saved_plan" } else { "heuristic" };
        let told = mode.filter(|mode| saved.is_some() || *mode != PlanMode::Normal);
        let known = self.input.clone();
        InputInfo {
            kind: Some(kind.as_str().to_owned()),
            format_version: Some(header.format_version.to_string()),
            producer: self.producer().map(ToOwned::to_owned),
            producer_version: header.terraform_version.clone(),
            mode,
            mode_evidence: told.map(|_| evidence.to_owned()),
            complete: header.complete,
            errored: Some(header.errored),
            timestamp: header.timestamp.clone(),
            lineage: saved.and_then(|saved| saved.lineage.clone()).or(known.lineage.clone()),
            serial: saved.and_then(|saved| saved.serial).or(known.serial),
            workspace: saved.and_then(|saved| saved.workspace.clone()).or(known.workspace.clone()),
            ..known
        }
    }

    /// Managed instances that existed before this plan, those that are gone included; `held`: those in the state
    /// inside a plan without changes.
    fn managed(&self, held: usize, resources: &[ResourceReport]) -> usize {
        let gone = resources.iter().filter(|r| r.class == Some(Class::DeletedOutside)).count();
        if !self.plan.has_changes() {
            return held + gone;
        }
        if let Some(refreshed) = self.plan.stream().map(Stream::refreshed).filter(|count| *count > 0) {
            return refreshed;
        }
        let existed = self.plan.changes().iter().filter(|change| {
            change.address.mode == Mode::Managed
                && change.deposed.is_none()
                && change.action != Action::Create
        });
        existed.count() + gone
    }
}

/// Current managed objects of a state.
fn current_managed(state: &State) -> usize {
    let managed = |object: &&StateInstance| object.address.mode == Mode::Managed && object.deposed.is_none();
    state.instances().iter().filter(managed).count()
}

/// Current objects whose creation failed half-way.
fn tainted(state: &State) -> BTreeSet<&ResourceAddr> {
    let tainted = state.instances().iter().filter(|object| object.tainted && object.deposed.is_none());
    tainted.map(|object| &object.address).collect()
}

fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What the rules and the people say.
struct Judgement {
    findings: Vec<Finding>,
    remarks: Vec<Note>,
    /// One a resource, in order.
    resolutions: Vec<Resolution>,
    undoes: Vec<Undone>,
}

/// Whether the object at hand is not the one that the state recorded.
fn id_changed(divergences: &[Divergence]) -> bool {
    divergences.iter().any(|divergence| {
        divergence.path.top() == Some("id")
            && divergence.path.steps().len() == 1
            && divergence.cosmetic.is_none()
            && divergence.class != Class::Pending
    })
}

fn drifted_at_all(resources: &[ResourceReport]) -> bool {
    resources.iter().flat_map(|r| &r.divergences).any(|d| d.class != Class::Pending)
}

/// The class of a resource: its loudest divergence; cosmetic ones only count where there is nothing else.
fn loudest(divergences: &[Divergence]) -> Option<Class> {
    let real = divergences.iter().filter(|divergence| divergence.cosmetic.is_none());
    real.map(|divergence| divergence.class)
        .max()
        .or_else(|| divergences.iter().map(|divergence| divergence.class).max())
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
