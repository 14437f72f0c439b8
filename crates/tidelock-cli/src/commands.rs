//! The commands, one file each.

mod approve;
mod baseline;
mod check;
mod demo;
mod diff;
mod graph;
mod manual;
mod moves;
mod policy;
mod protect;
mod reconcile;
mod retry;
mod rollback;
mod rules;
mod show;
mod summary;

use tidelock::render::json;

use crate::{
    args::{BaselineCommand, Cli, Command, SchemaName},
    error::Failure,
    help,
    outcome::Outcome,
    output::Output,
    terminal::Streams,
};

/// Runs what was asked for.
pub(crate) fn run(cli: Cli, streams: Streams) -> Result<Outcome, Failure> {
    match cli.command {
        Some(Command::Drift(args)) => check::drift(&args, streams),
        Some(Command::Gate(args)) => check::gate(&args, streams),
        Some(Command::Reconcile(args)) => reconcile::run(&args, streams),
        Some(Command::Retry(args)) => retry::run(&args, streams),
        Some(Command::Rollback(args)) => rollback::run(&args, streams),
        Some(Command::Waive(args)) => policy::waive(&args),
        Some(Command::Baseline(BaselineCommand::Write(args))) => baseline::write(&args),
        Some(Command::Protect(args)) => protect::run(&args, streams),
        Some(Command::Init { dir }) => policy::init(&dir),
        Some(Command::Approve(args)) => approve::run(&args, streams),
        Some(Command::Show(args)) => show::run(&args, streams),
        Some(Command::Diff(args)) => diff::run(&args, streams),
        Some(Command::Graph(args)) => graph::run(&args, streams),
        Some(Command::Summary(args)) => summary::run(&args, streams),
        Some(Command::Explain { rule }) => rules::explain(&rule),
        Some(Command::Rules { format }) => rules::list(format),
        Some(Command::Schema { name: SchemaName::Report }) => print(json::SCHEMA),
        Some(Command::Schema { name: SchemaName::Show }) => print(tidelock::render::overview::SCHEMA),
        Some(Command::Schema { name: SchemaName::Diff }) => print(tidelock::render::diff::SCHEMA),
        Some(Command::Schema { name: SchemaName::Policy }) => print(tidelock::policy::SCHEMA),
        Some(Command::Demo(args)) => demo::run(&args, streams),
        Some(Command::Completions { shell }) => manual::completions(shell),
        Some(Command::Man { command }) => manual::page(command.as_deref()),
        None => {
            print(help::FIRST_STEPS)?;
            // Nothing was checked: a pipeline whose list of plans is empty must not read that as "clear".
            Ok(Outcome::Failed)
        }
    }
}

/// Prints a text that is an answer in itself.
fn print(text: &str) -> Result<Outcome, Failure> {
    Output::Stdout.write(|out| {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    })?;
    Ok(Outcome::Done)
}
