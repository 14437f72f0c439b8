//! What differs between two artifacts: states, plans, or one of each.
//!
//! [`Comparison`] is the way in, a [`Diff`] the answer. Instances are held against each other by address, those that moved by
//! where they came from or by who they are; values by path, with the readings that every other comparison here uses.
//!
//! A state has one value for every path, a plan has three (recorded, found, wanted). Two plans are compared in all three, and
//! in what they do. Beside a state, a plan stands for one value: for what it leads to, unless [`PlanSide::Before`] says
//! otherwise.

mod compared;
mod known;
mod pairing;
mod report;
mod side;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    AttrPath, KnownSecrets, Mask, Plan, PlanError, Redactor, Schemas, State, plan::Check, redact,
    state::StateError,
};

pub use self::report::{
    Aspect, Change, CheckDiff, Compared, Diff, DiffSummary, DiffVerdict, Fact, FactDiff, HeaderDiff,
    MoveEvidence, OutputDiff, PathDiff, PlanSide, Presence, ResourceDiff, SideInfo, SideKind,
    UnknownDiffWord,
};
use self::{
    compared::Comparer,
    known::Types,
    side::{Output, Side, View},
};
use crate::{
    catalogue::Catalogue,
    compare::{Match, Shape, Shapes},
    report::{Note, SCHEMA_VERSION, Tool},
};

/// Something that can be compared.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(
    clippy::large_enum_variant,
    reason = "there are two of them at a time; a box would be in every caller's way"
)]
pub enum Artifact {
    /// A plan.
    Plan(Plan),
    /// A state, in either form.
    State(State),
    /// No state at all: what `state pull` prints nothing for.
    NoState,
}

/// What keeps two artifacts from being compared.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum DiffError {
    /// A part of a plan is broken.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// A part of a state is broken.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
}

/// What a comparison may rest on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// Which side of a plan counts where it is not compared as a whole.
    pub plan_side: PlanSide,
    /// Provider schemas.
    pub schemas: Schemas,
    /// Facts about resource types.
    pub catalogue: Catalogue,
}

impl Default for Comparison {
    fn default() -> Self {
        Self { plan_side: PlanSide::After, schemas: Schemas::builtin(), catalogue: Catalogue::builtin() }
    }
}

/// One of the two artifacts, with the name it has for people.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Name, as the caller gave it.
    pub name: &'a str,
    /// The artifact.
    pub artifact: &'a Artifact,
}

impl Comparison {
    /// With the built-in schemas and facts; a plan stands for what it leads to.
    pub fn new() -> Self {
        Self::default()
    }

    /// What differs between two artifacts, seen from the first.
    ///
    /// # Errors
    /// [`DiffError`] if a value or section that is needed cannot be decoded.
    pub fn diff(&self, from: Named<'_>, to: Named<'_>) -> Result<Diff, DiffError> {
        let what = match (from.artifact, to.artifact) {
            (Artifact::Plan(_), Artifact::Plan(_)) => Compared::Plans,
            (Artifact::Plan(_), _) | (_, Artifact::Plan(_)) => Compared::StateAndPlan,
            _ => Compared::States,
        };
        let view = View::of(what, self.plan_side);
        let sides = [Side::load(from, view)?, Side::load(to, view)?];
        let types = Types::new(self.schemas_of([from.artifact, to.artifact]), self.catalogue.clone());
        let [ours, theirs] = [sides[0].entries()?, sides[1].entries()?];
        let held = [ours.len(), theirs.len()];
        let pairs = pairing::pair(ours, theirs, view)?;
        let mut comparer = Comparer::new(view, &types);
        for pair in &pairs {
            comparer.add(pair)?;
        }
        let mut resources = comparer.resources;
        let (mut outputs, raw_outputs) = (Vec::new(), [sides[0].outputs()?, sides[1].outputs()?]);
        outputs.extend(self::outputs(&raw_outputs, view));
        if !resources.is_empty() || !outputs.is_empty() {
            let mut secrets = comparer.secrets;
            for (side, outputs) in sides.iter().zip(&raw_outputs) {
                side.known_secrets(&mut secrets)?;
                for output in outputs.values() {
                    output.values().for_each(|value| secrets.add(value, &output.sensitive));
                }
            }
            hide(&mut resources, &mut outputs, &secrets);
        }
        resources.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
        let checks = checks(&[sides[0].checks()?, sides[1].checks()?]);
        let header = HeaderDiff::of(&sides[0].info, &sides[1].info);
        let verdict = verdict(&resources, &outputs, &checks, header);
        let mut summary = DiffSummary::of(&resources, &outputs, &checks);
        [summary.from, summary.to] = held;
        let notes = notes(&sides, what, header, &summary);
        let [from, to] = sides.map(|side| side.info);
        Ok(Diff {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "tidelock", version: env!("CARGO_PKG_VERSION") },
            command: "diff",
            verdict,
            exit_code: verdict.exit_code(),
            compared: what,
            plan_side: matches!(view, View::One(_))
                .then_some(self.plan_side)
                .filter(|_| what != Compared::States),
            from,
            to,
            header,
            summary,
            resources,
            outputs,
            checks,
            notes,
        })
    }
}

impl Comparison {
    /// The schemas at hand: those that were given, then those inside a plan.
    fn schemas_of(&self, sides: [&Artifact; 2]) -> Schemas {
        let inside = |artifact: &&Artifact| match artifact {
            Artifact::Plan(plan) => plan.schemas().cloned(),
            _ => None,
        };
        let inside: Vec<_> = sides.iter().filter_map(inside).collect();
        inside.into_iter().fold(self.schemas.clone(), Schemas::with_file)
    }
}

fn verdict(
    resources: &[ResourceDiff],
    outputs: &[OutputDiff],
    checks: &[CheckDiff],
    header: HeaderDiff,
) -> DiffVerdict {
    let matters = header.matters()
        || !checks.is_empty()
        || resources.iter().any(ResourceDiff::matters)
        || outputs.iter().any(OutputDiff::matters);
    match matters {
        true => DiffVerdict::Different,
        false if resources.is_empty() && outputs.is_empty() => DiffVerdict::Same,
        false => DiffVerdict::Cosmetic,
    }
}

/// Hides what is marked sensitive elsewhere in one of the artifacts.
fn hide(resources: &mut [ResourceDiff], outputs: &mut [OutputDiff], secrets: &KnownSecrets) {
    for resource in resources {
        for name in [&mut resource.identity.id, &mut resource.identity.name].into_iter().flatten() {
            *name = secrets.cut(name).into_owned();
        }
        resource.paths.iter_mut().for_each(|path| path.hide(secrets));
    }
    for output in outputs {
        secrets.hide(&mut output.from);
        secrets.hide(&mut output.to);
    }
}

/// Outputs of the root module that differ, sorted by name.
fn outputs(sides: &[BTreeMap<String, Output>; 2], view: View) -> Vec<OutputDiff> {
    struct NoSchema;
    impl Shapes for NoSchema {
        fn shape(&self, _path: &AttrPath) -> Shape {
            Shape::Unknown
        }
    }

    let [ours, theirs] = sides;
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let nothing = Output::default();
    let mut found = Vec::new();
    for name in names {
        let [a, b] = [ours, theirs].map(|side| side.get(name).unwrap_or(&nothing));
        let (from, to) = (a.value.as_ref(), b.value.as_ref());
        let filled = match view {
            View::One(_) => unknown::fill(from, to),
            View::Plans => None,
        };
        let (left, right) =
            filled.as_ref().map_or((from, to), |filled| (filled.from.as_ref(), filled.to.as_ref()));
        let differences = crate::compare::compare(&NoSchema, left, right, crate::compare::Desired::Silent);
        let same_action = a.action == b.action;
        if differences.is_empty() && same_action {
            continue;
        }
        let cosmetic = same_action
            && differences.iter().all(|difference| matches!(difference.outside, Match::Normalised(_)));
        let is_secret = [from, to].into_iter().flatten().any(|value| redact::is_named(name, None, value));
        let mask = if is_secret { Mask::All } else { a.sensitive.union(&b.sensitive) };
        let mut redactor = Redactor::default();
        found.push(OutputDiff {
            name: name.clone(),
            cosmetic,
            action_from: a.action.clone(),
            action_to: b.action.clone(),
            from: redactor.show(from, &mask),
            to: redactor.show(to, &mask),
        });
    }
    found
}

/// Checks whose results differ, sorted by name.
fn checks(sides: &[Vec<Check>; 2]) -> Vec<CheckDiff> {
    let [ours, theirs] = sides.each_ref().map(|side| {
        side.iter().map(|check| (check.name.as_str(), &check.status)).collect::<BTreeMap<_, _>>()
    });
    let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    let differs = |name: &&str| ours.get(name) != theirs.get(name);
    let status = |side: &BTreeMap<&str, _>, name: &str| side.get(name).map(ToString::to_string);
    names
        .into_iter()
        .filter(differs)
        .map(|name| CheckDiff { name: name.to_owned(), from: status(&ours, name), to: status(&theirs, name) })
        .collect()
}

fn notes(sides: &[Side<'_>; 2], compared: Compared, header: HeaderDiff, summary: &DiffSummary) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut say = |code, message: String| notes.push(Note { code, message });
    for side in sides.iter().filter(|side| side.info.kind == SideKind::NoState) {
        say("diff::no_state", format!("{}: empty, so there is no state, and nothing in it", side.info.path));
    }
    if header.other_lineage {
        say(
            "diff::other_lineage",
            "the lineages differ: these are states of two different stacks, or one of them was started anew"
                .to_owned(),
        );
    }
    if summary.until_apply > 0 {
        say(
            "diff::until_apply",
            format!(
                "{} that only apply will tell were taken to be as the state has them",
                counted(summary.until_apply, "value", "values")
            ),
        );
    }
    if compared != Compared::States && sides.iter().any(|side| side.skipped > 0) {
        say(
            "diff::managed_only",
            "data sources were left out: a plan does not list what it reads".to_owned(),
        );
    }
    for side in sides.iter().filter(|side| side.info.errored == Some(true)) {
        say(
            "diff::errored",
            format!("{}: planning failed half-way, so the plan says less than it should", side.info.path),
        );
    }
    notes.sort();
    notes.dedup();
    notes
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
