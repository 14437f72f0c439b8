//! `tidelock drift` and `tidelock gate`: a question about plans, asked of each, answered in one report.

use std::collections::{BTreeMap, BTreeSet};

use tidelock::{
    Analysis, Input, Kind, Report, Reports, Source,
    claims::Claims,
    context::{Given, Values},
    report::Command,
};

use super::{approve, moves};
use crate::{
    answer::Answer,
    args::{CheckArgs, GateArgs, InputName, StackArgs},
    error::{CliError, Failure},
    inputs::{Place, Plans, Within},
    keyring::KeyRing,
    outcome::Outcome,
    policies::{self, Decided},
    surroundings::{self, Sources},
    terminal::Streams,
};

/// What changed outside, and does it matter?
pub(super) fn drift(args: &CheckArgs, streams: Streams) -> Result<Outcome, Failure> {
    run(Command::Drift, args, checking(args)?.given(surroundings::given()), Limits::default(), streams)?
        .finish()
}

/// May these plans be applied?
pub(super) fn gate(args: &GateArgs, streams: Streams) -> Result<Outcome, Failure> {
    approve::only_one_stdin(
        args.check.plans.iter().map(Some).chain([args.state.as_ref(), args.approval.as_ref()]),
    )?;
    args.write_moves.as_deref().map_or(Ok(()), moves::is_free)?;
    if args.expect_lineage.is_some() && args.state.is_none() {
        tells_lineage(&args.check.plans)?;
    }
    let mut analysis = checking(&args.check)?.given(given(args));
    if let Some(state) = &args.state {
        let keys = KeyRing::new(&args.check.stack.keys)?;
        let source = keys.read_state(&Place::from(state), args.check.stack.config.as_deref())?;
        analysis = analysis.state(&source)?;
    }
    if let Some(approval) = &args.approval {
        match Plans::find(&args.check.plans)?.places.len() {
            0 | 1 => {}
            plans => return Err(CliError::ApprovalOfSeveral { plans }.into()),
        }
        analysis = analysis.approval(approve::read(approval)?);
    }
    let run = run(Command::Gate, &args.check, analysis, Limits { max_creates: args.max_creates }, streams)?;
    if let Some(path) = &args.write_moves {
        // Before the report, whose verdict must not stand above a failure.
        moves::Blocks::of(&run.reports, path)?.write()?;
    }
    run.finish()
}

/// Refuses to compare a lineage that nothing tells: only saved plans know theirs.
fn tells_lineage(names: &[InputName]) -> Result<(), Failure> {
    for place in Plans::find(names)?.places {
        // Standard input can be read only once.
        let saved = place != Place::Stdin && is_saved(&place.read()?);
        if !saved {
            return Err(CliError::LineageUnknown { path: place.name() }.into());
        }
    }
    Ok(())
}

/// Whether it is a saved plan; what cannot be read is complained about later.
fn is_saved(source: &Source) -> bool {
    let input = Input::read(source);
    input.is_ok_and(|input| input.documents.iter().all(|document| document.kind == Kind::SavedPlan))
}

fn run<'a>(
    command: Command,
    args: &'a CheckArgs,
    analysis: Analysis<'static>,
    limits: Limits,
    streams: Streams,
) -> Result<Run<'a>, Failure> {
    let plans = Plans::find(&args.plans)?;
    let several = args.plans.len() > 1 || plans.from_directory;
    let keys = KeyRing::new(&args.stack.keys)?;
    let mut run = Run {
        command,
        args,
        streams,
        analysis,
        keys,
        limits,
        several,
        reports: Vec::new(),
        failed: false,
        warned: BTreeSet::new(),
    };
    for failure in &plans.failures {
        run.fail(failure);
    }
    let mut read = if command == Command::Gate && plans.places.len() > 1 {
        run.look_around(&plans.places)
    } else {
        BTreeMap::new()
    };
    for place in &plans.places {
        if let Err(failure) = run.ask(place, plans.within(place), read.remove(place)) {
            run.fail(&*failure);
        }
    }
    Ok(run)
}

fn checking(args: &CheckArgs) -> Result<Analysis<'static>, Failure> {
    Ok(shared(&args.stack)?.fail_on(args.fail_on.clone().unwrap_or_default()))
}

/// What all plans share; the schemas are read once.
pub(super) fn shared(args: &StackArgs) -> Result<Analysis<'static>, Failure> {
    args.schema.iter().try_fold(Analysis::new(), |analysis, path| {
        let source = Place::File(path.clone()).read()?;
        // A file that is no schema is bad usage, whatever the plans say.
        Ok(analysis.schema(&source)?)
    })
}

/// What was typed and wins over the policy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    max_creates: Option<usize>,
}

fn given(args: &GateArgs) -> Given {
    let mut given = surroundings::given();
    given.lineage.clone_from(&args.expect_lineage);
    given.resources = args.expect_resources;
    if args.all_values {
        given.values = Values::All;
    }
    given
}

/// The plans of a place, or why there are none.
type Read = Result<tidelock::Plans, tidelock::Error>;

/// Plans are kept between the look around and the question as long as their inputs are not bigger than this together.
const MOST_KEPT_BYTES: usize = 256 << 20;

/// A run over all inputs; what fails does not keep the others from being answered.
struct Run<'a> {
    command: Command,
    args: &'a CheckArgs,
    streams: Streams,
    analysis: Analysis<'static>,
    keys: KeyRing,
    limits: Limits,
    several: bool,
    reports: Vec<Report>,
    failed: bool,
    warned: BTreeSet<String>,
}

impl Run<'_> {
    /// Finds out what the plans claim, so that two that want the same object are noticed. What cannot be read is
    /// complained about when it is asked.
    ///
    /// Returns what was read and need not be read again: as much as may be kept, and standard input in any case,
    /// which can be read only once.
    fn look_around(&mut self, places: &[Place]) -> BTreeMap<Place, Read> {
        let (mut claims, mut kept, mut bytes) = (Vec::new(), BTreeMap::new(), 0_usize);
        for place in places {
            let Ok(source) = self.read(place) else { continue };
            bytes = bytes.saturating_add(source.bytes().len());
            let plans = tidelock::Plans::read(&source);
            claims.extend(plans.as_ref().ok().and_then(|plans| plans.claims().ok()).unwrap_or_default());
            if bytes <= MOST_KEPT_BYTES || *place == Place::Stdin {
                kept.insert(place.clone(), plans);
            }
        }
        self.analysis = self.analysis.clone().beside(Claims::joined(claims));
        kept
    }

    fn read(&self, place: &Place) -> Result<Source, Failure> {
        self.keys.read(place, self.args.stack.config.as_deref())
    }

    fn ask(&mut self, place: &Place, within: Option<&Within>, read: Option<Read>) -> Result<(), Failure> {
        let plans = match read {
            Some(plans) => plans,
            None => tidelock::Plans::read(&self.read(place)?),
        };
        let sources = Sources::of(place, within, &self.args.stack)?;
        let mut decided = policies::decided(&sources.way, &self.args.policy)?;
        let limits = &mut decided.policy.thresholds;
        limits.max_creates = self.limits.max_creates.or(limits.max_creates);
        let analysis = of_stack(self.analysis.clone(), &sources, &self.args.stack, decided);
        let answers = plans.map_or_else(
            |error| vec![Err(error)],
            |plans| analysis.answers_about(self.command, &place.name(), plans),
        );
        for answer in answers {
            match answer {
                Ok(answer) => {
                    for warning in &answer.warnings {
                        // Plans of one stack share their sources.
                        if self.warned.insert(warning.to_string()) {
                            self.streams.report(warning);
                        }
                    }
                    self.reports.push(answer.report);
                }
                Err(error) => self.fail(&error),
            }
        }
        Ok(())
    }

    fn fail(&mut self, error: &(dyn miette::Diagnostic + '_)) {
        self.failed = true;
        self.streams.report(error);
    }

    fn finish(self) -> Result<Outcome, Failure> {
        let Self { args, streams, several, mut reports, failed, .. } = self;
        if reports.is_empty() {
            return Ok(Outcome::Failed);
        }
        if args.exit_zero {
            for report in &mut reports {
                report.exit_code = 0;
            }
        }
        let exit = if several || failed || reports.len() > 1 {
            let mut reports = Reports::new(reports);
            if failed {
                reports.exit_code = Outcome::FAILED;
            }
            Answer::Many(&reports).write(&args.output, streams)?;
            reports.exit_code
        } else {
            let Some(report) = reports.first() else { return Ok(Outcome::Failed) };
            Answer::One(report).write(&args.output, streams)?;
            report.exit_code
        };
        Ok(Outcome::Answered(exit))
    }
}

/// An analysis of plans of one stack.
pub(super) fn of_stack<'s>(
    analysis: Analysis<'s>,
    sources: &'s Sources,
    args: &StackArgs,
    decided: Decided,
) -> Analysis<'s> {
    let info = surroundings::info(args, sources, &surroundings::env);
    let mut analysis = analysis.anchor(sources.anchor.clone()).info(info).policy(decided.policy);
    analysis = sources.lend(analysis);
    if let Some(baseline) = decided.baseline {
        analysis = analysis.baseline(baseline);
    }
    analysis
}
