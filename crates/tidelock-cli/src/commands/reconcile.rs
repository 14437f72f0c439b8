//! `tidelock reconcile`: do the states and what really exists agree?

use std::path::Path;

use tidelock::{
    Artifact, Configuration, Plan, Reality, Reconcile, Source, proposal, reconcile::Scope, report::InputInfo,
};

use super::moves;
use crate::{
    answer::Answer,
    args::{PlaceArgs, ReconcileArgs},
    error::{CliError, Failure},
    inputs::{Place, printable},
    keyring::KeyRing,
    outcome::Outcome,
    policies::{self, Decided, Way},
    reality::Given,
    surroundings,
    terminal::Streams,
    tree::DirectoryTree,
};

pub(super) fn run(args: &ReconcileArgs, streams: Streams) -> Result<Outcome, Failure> {
    args.write_imports.as_deref().map_or(Ok(()), moves::is_free)?;
    if args.reality.states.is_empty() && args.reality.inventories.is_empty() {
        return Err(CliError::NothingToReconcile.into());
    }
    let stack = Stack::of(&args.place)?;
    let Decided { policy, .. } = policies::decided(&stack.way, &args.policy)?;
    let given = Given::read(&args.reality, &policy, args.place.config.as_deref())?;
    let plan = args.plan.as_ref().map(|name| -> Result<_, Failure> {
        let source: Source =
            KeyRing::new(&args.reality.keys)?.read(&Place::from(name), args.place.config.as_deref())?;
        match tidelock::read_artifact(&source)? {
            Artifact::Plan(plan) => Ok(plan),
            _ => Err(CliError::NoPlan { path: source.name().to_owned() }.into()),
        }
    });
    let plan = plan.transpose()?;
    let named = stack.sources(plan.as_ref());
    let own = || plan.as_ref()?.own_configuration().ok().flatten();
    let reality = Reality::join(&given.states, &given.inventories).map_err(tidelock::Error::from)?;
    let mut question = Reconcile::new(&reality);
    question.plan = plan.as_ref();
    question.sources = named.as_ref().or_else(own);
    question.scope = Scope { names: args.names.clone(), labels: args.labels.clone() };
    question.if_removed.clone_from(&args.if_removed);
    question.policy = policy;
    question.input = stack.info(&given);
    question.now = surroundings::given().now;
    let mut report = question.answer().map_err(tidelock::Error::from)?;
    if let Some(path) = &args.write_imports {
        moves::Blocks::new(path, proposal::import_blocks(&report)).write()?;
    }
    if args.exit_zero {
        report.exit_code = 0;
    }
    Answer::One(&report).write(&args.output, streams)?;
    Ok(Outcome::Answered(report.exit_code))
}

/// Where the stack stands that a question about real objects is about.
pub(super) struct Stack<'a> {
    pub way: Way,
    args: &'a PlaceArgs,
    tree: Option<DirectoryTree>,
}

impl<'a> Stack<'a> {
    pub(super) fn of(args: &'a PlaceArgs) -> Result<Self, CliError> {
        let dir = match &args.config {
            Some(dir) if !dir.is_dir() => return Err(CliError::NoConfigDirectory { path: printable(dir) }),
            Some(dir) => dir.as_path(),
            None => Path::new("."),
        };
        let tree = args.config.as_deref().map(DirectoryTree::new).filter(DirectoryTree::has_sources);
        if args.config.is_some() && tree.is_none() {
            return Err(CliError::NoSources { path: printable(dir) });
        }
        Ok(Self { way: Way::to(dir, None), args, tree })
    }

    /// The sources that were named, with the variables of the plan, if there is one.
    pub(super) fn sources(&self, plan: Option<&Plan>) -> Option<Configuration> {
        let variables = plan.and_then(|plan| plan.variables().ok()).unwrap_or_default();
        self.tree.as_ref().map(|tree| Configuration::load(tree, &variables))
    }

    /// What is known about the input besides its bytes.
    pub(super) fn info(&self, given: &Given) -> InputInfo {
        let mut info = InputInfo { stack: self.args.name.clone(), ..InputInfo::default() };
        if let [only] = given.states.as_slice() {
            info.path = Some(only.name.clone());
            info.kind = only.state.as_ref().map(|_| "state".to_owned());
            let header = only.state.as_ref().map(tidelock::State::header);
            info.lineage = header.and_then(|header| header.lineage.clone()).filter(|text| !text.is_empty());
            info.serial = header.and_then(|header| header.serial);
            info.workspace = only.file.as_ref().map(|file| file.workspace.clone());
        }
        info
    }
}
