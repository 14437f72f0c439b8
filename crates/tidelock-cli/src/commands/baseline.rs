//! `tidelock baseline write`: what is there on the day of adoption.

use tidelock::{Baseline, report::Command};

use super::check;
use crate::{
    args::BaselineArgs,
    error::{CliError, Failure},
    inputs::{Place, Plans, printable},
    outcome::Outcome,
    output::Output,
    policies,
    surroundings::{self, Sources},
};

/// Accepts what both questions find in the plans; all of it or nothing.
pub(super) fn write(args: &BaselineArgs) -> Result<Outcome, Failure> {
    let plans = Plans::find(&args.plans)?;
    if let Some(failure) = plans.failures.into_iter().next() {
        return Err(failure.into());
    }
    let shared = check::shared(&args.stack)?.given(surroundings::given());
    let mut accepted = Baseline::new(&salt(args)?);
    for place in &plans.places {
        let source = place.read()?;
        let sources = Sources::of(place, &args.stack)?;
        let mut decided = policies::decided(&sources.way, &args.policy)?;
        decided.baseline = Some(Baseline::new(accepted.salt()));
        let analysis = check::of_stack(shared.clone(), &sources, &args.stack, decided);
        for command in [Command::Drift, Command::Gate] {
            for answer in analysis.answers(command, &source) {
                accepted.accept(&answer?.report);
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

/// The salt of the baseline that is written anew, or a new one.
fn salt(args: &BaselineArgs) -> Result<String, Failure> {
    if args.output.is_file() {
        let old = Baseline::read(&Place::File(args.output.clone()).read()?)?;
        return Ok(old.salt().to_owned());
    }
    Ok(surroundings::random()?.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}
