//! `tidelock retry`: may a failed run be tried again?

use std::{collections::BTreeMap, env, path::PathBuf};

use tidelock::{
    Artifact, Input, Kind, Plan, Reality, Report, Reports, Retry, Source, Stream,
    render::github,
    retry::{self, Expectation},
};

use super::reconcile::Stack;
use crate::{
    answer::Answer,
    args::{InputName, ReportFormat, RetryArgs},
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

pub(super) fn run(args: &RetryArgs, streams: Streams) -> Result<Outcome, Failure> {
    if args.reality.states.is_empty() && args.state_dir.is_empty() {
        return Err(CliError::NoStateGiven.into());
    }
    let stack = Stack::of(&args.place)?;
    let Decided { policy, .. } = policies::decided(&stack.way, &args.policy)?;
    let mut given = Given::read(&args.reality, &policy, args.place.config.as_deref())?;
    given.add_state_dirs(&args.state_dir, &args.reality, args.place.config.as_deref())?;
    let wanted = args.plan.as_ref().map(|name| Wanted::read(name, args)).transpose()?;
    let log = args.apply_log.as_ref().map(|name| log(&read(name, args)?)).transpose()?;
    let plan = wanted.as_ref().and_then(Wanted::plan);
    let sources = stack.sources(plan);

    let mut expectation = Expectation::new();
    match &wanted {
        Some(Wanted::Plan(plan)) => {
            expectation.plan(plan).map_err(tidelock::Error::from)?;
            let own = plan.own_configuration().map_err(tidelock::Error::from)?;
            if let Some(sources) = sources.as_ref().or(own) {
                expectation.sources(sources);
            }
        }
        Some(Wanted::Log(stream)) => expectation.log(stream),
        None => {}
    }
    if let Some(stream) = &log {
        expectation.log(stream);
    }
    if let (Some(sources), None) = (&sources, plan) {
        expectation.configuration(sources);
    }
    expectation.addresses(args.expect.iter().cloned());

    let reality = Reality::join(&given.states, &given.inventories).map_err(tidelock::Error::from)?;
    let run = log.as_ref().and_then(Stream::apply);
    let mut question = Retry::new(&reality, &expectation);
    question.run = run.as_ref();
    question.policy = policy;
    question.input = stack.info(&given);
    question.now = surroundings::given().now;
    let reports = question.answer().map_err(tidelock::Error::from)?;
    answer(args, reports, streams)
}

fn answer(args: &RetryArgs, reports: Vec<Report>, streams: Streams) -> Result<Outcome, Failure> {
    let outputs = retry::outputs(&reports);
    let code = if let [only] = reports.as_slice() {
        Answer::One(only).write(&args.output, streams)?;
        only.exit_code
    } else {
        let reports = Reports::new(reports);
        Answer::Many(&reports).write(&args.output, streams)?;
        reports.exit_code
    };
    if args.output.format == ReportFormat::Github {
        write_outputs(&outputs)?;
    }
    Ok(Outcome::Answered(code))
}

/// Tells the next steps of a workflow run, if there is one.
pub(super) fn write_outputs(outputs: &BTreeMap<&str, Vec<String>>) -> Result<(), CliError> {
    let file = env::var_os("GITHUB_OUTPUT").filter(|path| !path.is_empty()).map(PathBuf::from);
    file.map_or(Ok(()), |file| Output::append(&file, |out| github::outputs(outputs, out)))
}

/// What `--plan` names.
enum Wanted {
    Plan(Box<Plan>),
    Log(Box<Stream>),
}

impl Wanted {
    fn read(name: &InputName, args: &RetryArgs) -> Result<Self, Failure> {
        let source = read(name, args)?;
        if let Some(stream) = stream_in(&source) {
            return Ok(Self::Log(Box::new(stream)));
        }
        match tidelock::read_artifact(&source)? {
            Artifact::Plan(plan) => Ok(Self::Plan(Box::new(plan))),
            _ => Err(CliError::NoPlan { path: source.name().to_owned() }.into()),
        }
    }

    fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Plan(plan) => Some(plan),
            Self::Log(_) => None,
        }
    }
}

fn read(name: &InputName, args: &RetryArgs) -> Result<Source, Failure> {
    KeyRing::new(&args.reality.keys)?.read(&Place::from(name), args.place.config.as_deref())
}

/// The log of a run, which is all that the input may hold.
pub(super) fn log(source: &Source) -> Result<Stream, Failure> {
    stream_in(source).ok_or_else(|| CliError::NoLog { path: source.name().to_owned() }.into())
}

/// The log in an input, if that is what it holds.
fn stream_in(source: &Source) -> Option<Stream> {
    let input = Input::read(source).ok()?;
    let document = input.documents.iter().find(|document| document.kind == Kind::UiStream)?;
    Some(Stream::read(&input.source, document.text))
}
