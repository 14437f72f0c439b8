//! `tidelock summary`: the reports of many stacks on one page.

use tidelock::render::{
    markdown,
    summary::{self, Answers, Overview},
};

use crate::{
    args::{InputName, SummaryArgs, SummaryFormat},
    error::{CliError, Failure},
    inputs::{self, Place},
    outcome::Outcome,
    output::Output,
    terminal::Streams,
};

pub(super) fn run(args: &SummaryArgs, streams: Streams) -> Result<Outcome, Failure> {
    if args.reports.iter().filter(|name| **name == InputName::Stdin).count() > 1 {
        return Err(CliError::StdinTwice.into());
    }
    let mut files: Vec<Answers> = Vec::new();
    let mut failed = false;
    let mut fail = |failure: Failure| {
        failed = true;
        streams.report(&*failure);
    };
    for name in &args.reports {
        // What fails does not keep the others from being summed up.
        match places(name) {
            Ok(places) => places.iter().for_each(|place| match read(place) {
                Ok(answers) => files.push(answers),
                Err(failure) => fail(failure),
            }),
            Err(error) => fail(error.into()),
        }
    }
    if files.is_empty() {
        return Ok(Outcome::Failed);
    }
    let mut overview = Overview::new(files);
    if failed {
        overview.exit_code = Outcome::FAILED;
    }
    write(&overview, args, streams)?;
    Ok(Outcome::Answered(overview.exit_code))
}

fn places(name: &InputName) -> Result<Vec<Place>, CliError> {
    match name {
        InputName::Path(path) if path.is_dir() => inputs::reports_in(path),
        name => Ok(vec![name.into()]),
    }
}

fn read(place: &Place) -> Result<Answers, Failure> {
    let source = place.read()?;
    Ok(summary::read(source.name(), source.bytes())?)
}

fn write(overview: &Overview, args: &SummaryArgs, streams: Streams) -> Result<(), CliError> {
    let output = Output::new(args.output.output.as_deref());
    let look = streams.options(args.output.detail(), output.target());
    let comment = markdown::Options { detail: args.output.detail(), ..markdown::Options::default() };
    output.write(|out| match args.output.format {
        SummaryFormat::Human => summary::human(overview, &look, out),
        SummaryFormat::Json => summary::json(overview, out),
        SummaryFormat::Markdown => summary::markdown(overview, &comment, out),
    })
}
