//! `tidelock baseline write`: what is there on the day of adoption.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use tidelock::{Baseline, Finding, Severity, report::Command};

use super::check;
use crate::{
    args::BaselineArgs,
    error::{CliError, Failure},
    inputs::{Place, Plans, printable},
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    policies,
    surroundings::{self, Sources},
    terminal::Streams,
};

/// Accepts what both questions find in the plans; all of it or nothing.
pub(super) fn write(args: &BaselineArgs) -> Result<Outcome, Failure> {
    let mut plans = Plans::find(&args.plans)?;
    if let Some(failure) = plans.failures.drain(..).next() {
        return Err(failure.into());
    }
    let shared = check::shared(&args.stack)?.given(surroundings::given());
    let keys = KeyRing::new(&args.stack.keys)?;
    let mut accepted = Baseline::new(&salt(args)?);
    let mut destructions = BTreeSet::new();
    for place in &plans.places {
        let source = keys.read(place, args.stack.config.as_deref())?;
        let sources = Sources::of(place, plans.within(place), &args.stack)?;
        let mut decided = policies::decided(&sources.way, &args.policy)?;
        decided.baseline = Some(Baseline::new(accepted.salt()));
        let analysis = check::of_stack(shared.clone(), &sources, &args.stack, decided);
        for command in [Command::Drift, Command::Gate] {
            for answer in analysis.answers(command, &source) {
                let report = answer?.report;
                accepted.accept(&report);
                destructions
                    .extend(report.findings.iter().filter(|finding| is_destruction(finding)).map(told));
            }
        }
    }
    let text = accepted
        .to_json()
        .map_err(|error| CliError::Unwritable { path: args.output.clone(), source: error.into() })?;
    Output::new(Some(&args.output)).write(|out| {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    })?;
    Streams::complain(&warning(&destructions));
    if args.output.as_os_str() == "-" {
        return Ok(Outcome::Done);
    }
    let count = accepted.accepted().len();
    let s = if count == 1 { "" } else { "s" };
    super::print(&format!(
        "{}: {count} finding{s} accepted; commit it, and pass --baseline {0}\n",
        printable(&args.output)
    ))
}

/// Whether a baseline accepts with this finding that something is destroyed: nobody should do so unseen.
fn is_destruction(finding: &Finding) -> bool {
    finding.severity == Severity::Deny && finding.code.starts_with("TL2") && finding.waived.is_none()
}

fn told(finding: &Finding) -> String {
    let address =
        finding.address.as_ref().map_or_else(|| "the plan as a whole".to_owned(), ToString::to_string);
    format!("{} {}", finding.code, printable(Path::new(&address)))
}

/// The destructions that are accepted, one a line; the rest is counted.
fn warning(destructions: &BTreeSet<String>) -> String {
    const SHOWN: usize = 20;
    if destructions.is_empty() {
        return String::new();
    }
    let mut text = "accepted, too: what a gate refuses because it destroys something\n".to_owned();
    for line in destructions.iter().take(SHOWN) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {line}");
    }
    if let Some(more) = destructions.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {more} more");
    }
    text
}

/// The salt of the baseline that is written anew, or a new one.
fn salt(args: &BaselineArgs) -> Result<String, Failure> {
    if args.output.is_file() {
        let old = Baseline::read(&Place::File(args.output.clone()).read()?)?;
        return Ok(old.salt().to_owned());
    }
    Ok(surroundings::random()?.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}
