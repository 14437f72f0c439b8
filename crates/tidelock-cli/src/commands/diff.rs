//! `tidelock diff`: what differs between two artifacts.

use tidelock::{
    Comparison, Named, Schemas,
    render::{diff, markdown},
};

use crate::{
    args::{DiffArgs, InputName, SummaryFormat},
    error::{CliError, Failure},
    inputs::Place,
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    terminal::Streams,
};

pub(super) fn run(args: &DiffArgs, streams: Streams) -> Result<Outcome, Failure> {
    if args.from == InputName::Stdin && args.to == InputName::Stdin {
        return Err(CliError::StdinTwice.into());
    }
    let mut comparison = Comparison::new();
    comparison.plan_side = args.plan_side.into();
    for file in &args.schema {
        comparison.schemas = with_file(comparison.schemas, &Place::File(file.clone()))?;
    }
    let keys = KeyRing::new(&args.keys)?;
    let sources = [keys.read(&Place::from(&args.from), None)?, keys.read(&Place::from(&args.to), None)?];
    let [from, to] = &sources;
    let [left, right] = [tidelock::read_artifact(from)?, tidelock::read_artifact(to)?];
    let found = comparison
        .diff(Named { name: from.name(), artifact: &left }, Named { name: to.name(), artifact: &right })
        .map_err(tidelock::Error::from)?;
    let output = Output::new(args.output.output.as_deref());
    let look = streams.options(args.output.detail(), output.target());
    let comment = markdown::Options { detail: args.output.detail(), ..markdown::Options::default() };
    output.write(|out| match args.output.format {
        SummaryFormat::Human => diff::human(&found, &look, out),
        SummaryFormat::Json => diff::json(&found, out),
        SummaryFormat::Markdown => diff::markdown(&found, &comment, out),
    })?;
    Ok(Outcome::Answered(found.exit_code))
}

fn with_file(schemas: Schemas, place: &Place) -> Result<Schemas, Failure> {
    Ok(tidelock::with_schemas(schemas, &place.read()?)?)
}
