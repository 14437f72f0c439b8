//! Records the fixtures again: `cargo run -p tidelock-testkit --features pond --bin record -- [CASE…]`.

use std::error::Error;
use std::process::ExitCode;

use tidelock_testkit::fixtures::{self, Case};
use tidelock_testkit::pond::Tool;
use tidelock_testkit::record;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Records the cases that were named, or all that have steps; whether all of them went well.
fn run() -> Result<bool, Box<dyn Error>> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let cases = if names.is_empty() {
        fixtures::all()?
    } else {
        names.iter().map(|name| fixtures::case(name)).collect::<Result<_, _>>()?
    };
    let tool = Tool::find()?.ok_or("neither terraform nor tofu is on the PATH")?;
    let mut well = true;
    for case in cases.iter().filter(|case| !case.meta.steps.is_empty()) {
        if let Err(error) = record_one(case, tool.clone()) {
            complain(&error);
            well = false;
        }
    }
    Ok(well)
}

#[allow(clippy::print_stdout, reason = "a program tells what it did")]
fn record_one(case: &Case, tool: Tool) -> Result<(), record::RecordError> {
    let recording = record::play(case, tool)?;
    let outcome = record::keep(case, &recording)?;
    println!("{:32} plan exit {}  {outcome:?}", case.name, recording.exit.code());
    Ok(())
}

#[allow(clippy::print_stderr, reason = "a program tells what went wrong")]
fn complain(error: &dyn Error) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        eprintln!("  because: {source}");
        cause = source.source();
    }
}
