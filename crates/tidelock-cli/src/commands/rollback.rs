//! `tidelock rollback`: what a failed run made and has to go.

mod order;
mod run;

use tidelock::{
    Report, Rollback, Stream,
    inventory::Inventory,
    reality::NamedState,
    rollback::{Callback, RunInfo, Undo},
    run::rollback::{CallbackUrl, ListError},
};

use self::order::Order;
use super::{reconcile::Stack, retry};
use crate::{
    answer::Answer,
    args::{InputName, RealityArgs, ReportFormat, RollbackArgs, RollbackAsk, RollbackCommand},
    error::{CliError, Failure},
    inputs::Place,
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    policies::{self, Decided},
    reality::Given,
    surroundings,
    terminal::Streams,
};

pub(super) fn run(args: &RollbackArgs, streams: Streams) -> Result<Outcome, Failure> {
    match &args.command {
        Some(RollbackCommand::Run(args)) => run::run(args, streams),
        None => ask(&args.ask, streams),
    }
}

fn ask(args: &RollbackAsk, streams: Streams) -> Result<Outcome, Failure> {
    only_one_stdin(args)?;
    // Not where arguments are parsed: that error repeats the address, which may be a secret.
    if let Some(url) = &args.callback_url {
        CallbackUrl::parse(url)
            .map_err(|error| ListError::Callback { input: "--callback-url".to_owned(), error })?;
    }
    let stack = Stack::of(&args.place)?;
    let Decided { policy, .. } = policies::decided(&stack.way, &args.policy)?;
    let artifacts = Artifacts::read(args, &policy)?;
    let run = artifacts.log.as_ref().and_then(Stream::apply);
    let mut question = Rollback::new(&policy.lock);
    question.before = artifacts.before.as_ref();
    question.after = artifacts.after.as_ref();
    question.run = run.as_ref();
    if let Some(log) = &artifacts.log {
        question.began = log.header().began.as_deref();
        question.producer = log.header().producer;
    }
    question.inventories = &artifacts.inventories;
    question.program = policy.tool;
    question.input.stack.clone_from(&args.place.name);
    let named = artifacts.after.as_ref().map(|state| state.name.clone());
    question.input.path = named.or_else(|| args.apply_log.as_ref().map(|name| Place::from(name).name()));
    question.input.kind = Some(if args.after.is_some() { "state" } else { "ui_stream" }.to_owned());
    let Undo { mut report, mut callback, .. } = question.answer()?;
    if args.exit_zero {
        report.exit_code = 0;
    }
    callback.run = run_info(&report);
    write(args, &report, &callback, streams)?;
    Ok(Outcome::Answered(report.exit_code))
}

fn write(args: &RollbackAsk, report: &Report, callback: &Callback, streams: Streams) -> Result<(), Failure> {
    if let Some(file) = &args.callback {
        Output::new(Some(file)).write_privately(|out| order::json(callback, out))?;
    }
    let order = Order::new(args, report, callback);
    if args.output.format == ReportFormat::Json {
        // The list that `rollback run` takes is the report, and says besides who has to hear of it.
        Output::new(args.output.output.as_deref()).write_privately(|out| order::json(&order, out))?;
    } else {
        Answer::One(report).write(&args.output, streams)?;
    }
    if args.output.format == ReportFormat::Github {
        retry::write_outputs(&order::outputs(report, callback))?;
    }
    Ok(())
}

/// What the arguments name, read.
struct Artifacts {
    before: Option<NamedState>,
    after: Option<NamedState>,
    log: Option<Stream>,
    inventories: Vec<Inventory>,
}

impl Artifacts {
    fn read(args: &RollbackAsk, policy: &tidelock::Policy) -> Result<Self, Failure> {
        let keys = KeyRing::new(&args.keys)?;
        let config = args.place.config.as_deref();
        let state = |name: &InputName| -> Result<NamedState, Failure> {
            let source = keys.read_state(&Place::from(name), config)?;
            Ok(tidelock::read_state(&source, None)?)
        };
        // An empty file says that there was nothing; a missing one says that its name is wrong.
        let before = args.before.as_ref().map(state);
        let log = args.apply_log.as_ref().map(|name| -> Result<Stream, Failure> {
            let source = keys.read(&Place::from(name), config)?;
            retry::log(&source)
        });
        let asked = RealityArgs {
            states: Vec::new(),
            inventories: args.inventories.clone(),
            partial_inventory: args.partial_inventory,
            keys: crate::args::KeyArgs::default(),
        };
        Ok(Self {
            before: before.transpose()?,
            after: args.after.as_ref().map(state).transpose()?,
            log: log.transpose()?,
            inventories: Given::read(&asked, policy, config)?.inventories,
        })
    }
}

fn only_one_stdin(args: &RollbackAsk) -> Result<(), CliError> {
    let named = [&args.before, &args.after, &args.apply_log].into_iter().flatten();
    let named = named.chain(args.inventories.iter().map(|inventory| &inventory.place));
    let several = named.filter(|name| **name == InputName::Stdin).count() > 1;
    if several { Err(CliError::StdinTwice) } else { Ok(()) }
}

/// Which run it was, as the CI system tells.
fn run_info(report: &Report) -> RunInfo {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| surroundings::env(name));
        values.find(|value| !value.is_empty()).unwrap_or_default()
    };
    let github = || {
        let part = |name: &str| surroundings::env(name).filter(|value| !value.is_empty());
        let (server, repository) = (part("GITHUB_SERVER_URL")?, part("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", part("GITHUB_RUN_ID")?))
    };
    RunInfo {
        id: first(&["GITHUB_RUN_ID", "CI_PIPELINE_ID", "CI_PIPELINE_NUMBER"]),
        url: github().unwrap_or_else(|| first(&["CI_PIPELINE_URL"])),
        repository: first(&["GITHUB_REPOSITORY", "CI_PROJECT_PATH", "CI_REPO"]),
        commit: first(&["GITHUB_SHA", "CI_COMMIT_SHA"]),
        reference: first(&["GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "CI_COMMIT_BRANCH"]),
        workflow: first(&["GITHUB_WORKFLOW", "CI_JOB_NAME", "CI_WORKFLOW_NAME"]),
        actor: first(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "CI_COMMIT_AUTHOR"]),
        workspace: first(&["TF_WORKSPACE"]),
        lineage: report.input.lineage.clone().unwrap_or_default(),
    }
}
