//! The command line: parse arguments, read inputs, ask the library, render, exit.

mod answer;
mod args;
mod commands;
mod error;
mod help;
mod inputs;
mod journal;
mod keyring;
mod mapped;
mod outcome;
mod output;
mod policies;
mod reality;
mod surroundings;
mod terminal;
mod terragrunt;
mod tree;

use std::{
    ffi::OsString,
    panic,
    process::{self, ExitCode},
};

use crate::{args::Cli, outcome::Outcome, terminal::Streams};

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        // The payload of a panic may quote what was read; the place alone says enough.
        let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
        Streams::complain(&format!(
            "tidelock failed{place}. This is a bug: please report it with the command and the versions used.\n"
        ));
        // Released programs do not unwind, which saves a tenth of their size: this is the last place that can say how it ends.
        #[allow(
            clippy::exit,
            clippy::disallowed_methods,
            reason = "an abort would end with the code of a signal"
        )]
        process::exit(Outcome::FAILED.into());
    }));
    run(std::env::args_os().collect()).into()
}

fn run(args: Vec<OsString>) -> Outcome {
    match Cli::read(args) {
        Ok(cli) => {
            let streams = Streams::new(cli.color);
            commands::run(cli, streams).unwrap_or_else(|error| {
                streams.report(&*error);
                Outcome::Failed
            })
        }
        Err(error) => {
            // Help and version are answers; everything else is bad usage. A closed pipe is neither.
            let _ = error.print();
            if error.use_stderr() { Outcome::Failed } else { Outcome::Done }
        }
    }
}
