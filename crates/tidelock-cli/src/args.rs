//! What was typed, as types that cannot be wrong.

mod check;
mod decide;
mod diff;
mod input;
mod keys;
mod look;
mod output;
mod reality;
mod retry;
mod rollback;

use std::{ffi::OsString, path::PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub(crate) use check::{CheckArgs, GateArgs, PolicyArgs, StackArgs};
pub(crate) use decide::{ApproveArgs, BaselineArgs, BaselineCommand, ProtectArgs, WaiveArgs};
pub(crate) use diff::DiffArgs;
pub(crate) use input::InputName;
pub(crate) use keys::KeyArgs;
pub(crate) use look::{
    DemoArgs, GraphArgs, GraphFormat, ListFormat, SchemaName, ShowArgs, SummaryArgs, SummaryFormat,
};
pub(crate) use output::{OutputArgs, ReportFormat};
pub(crate) use reality::{InventoryName, PlaceArgs, RealityArgs, ReconcileArgs};
pub(crate) use retry::RetryArgs;
pub(crate) use rollback::{RollbackArgs, RollbackAsk, RollbackCommand, RunArgs};

use crate::help;

/// Tells real drift from noise in OpenTofu and Terraform plans, and what an apply would destroy.
#[derive(Debug, Parser)]
#[command(name = "tidelock", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// When to use colours; `auto` looks at the terminal, `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,

    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads the arguments; a bare `tidelock FILE…` is `tidelock drift FILE…`.
    pub(crate) fn read(mut args: Vec<OsString>) -> Result<Self, clap::Error> {
        let mut command = help::grouped(Self::command());
        if is_bare(&args, &command) {
            args.insert(1, OsString::from("drift"));
        }
        let mut matches = command.try_get_matches_from_mut(args)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }
}

/// Whether files (or options of `drift`) come where a command could.
fn is_bare(args: &[OsString], command: &clap::Command) -> bool {
    let Some(first) = args.get(1).and_then(|arg| arg.to_str()) else {
        return args.len() > 1;
    };
    let is_command = |arg: &OsString| {
        arg.to_str().is_some_and(|arg| command.get_subcommands().any(|known| known.get_name() == arg))
    };
    match first {
        "-h" | "--help" | "-V" | "--version" => false,
        "-" => true,
        // Options may come before the command.
        option if option.starts_with('-') => !args.iter().skip(1).any(is_command) && args.len() > 2,
        _ => !args.get(1).is_some_and(is_command),
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What changed outside, and does it matter?
    Drift(CheckArgs),
    /// May this plan be applied?
    Gate(GateArgs),
    /// Record what a plan does, so that `gate --approval` lets exactly that through
    Approve(ApproveArgs),
    /// Accept a finding for a while: adds an entry to tidelock.toml
    Waive(WaiveArgs),
    /// Accept what is there today, so that only new findings count
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Keep tidelock.lock: the blocks that must stay protected from destruction
    Protect(ProtectArgs),
    /// Write a tidelock.toml to start from
    Init {
        /// Where to
        #[arg(value_name = "DIR", default_value = ".")]
        dir: PathBuf,
    },
    /// Orphans, duplicates and ghosts: the states against what really exists
    Reconcile(ReconcileArgs),
    /// May a failed run be tried again, and what has to be done before?
    Retry(RetryArgs),
    /// After a failed run: what it made and has to go; `rollback run` removes it
    Rollback(RollbackArgs),
    /// What an artifact is and what is in it
    Show(ShowArgs),
    /// What differs between two plans, two states, or a plan and a state
    Diff(DiffArgs),
    /// What refers to what in a plan, coloured by what the plan does
    Graph(GraphArgs),
    /// Reports of many stacks on one page
    Summary(SummaryArgs),
    /// Explain a rule by its code or name
    Explain {
        /// Code or name, such as TL101 or changed-outside
        rule: String,
    },
    /// List the rules
    Rules {
        /// Form of the list
        #[arg(long, value_name = "FORMAT", default_value = "human")]
        format: ListFormat,
    },
    /// Print a published JSON Schema
    Schema {
        /// Which one
        name: SchemaName,
    },
    /// Show a report of a real plan that is built in
    Demo(DemoArgs),
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Of one command
        command: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read(line.split(' ').map(OsString::from).collect())
    }

    fn is_drift_of(line: &str, plan: &str) -> bool {
        let name: InputName = plan.parse().unwrap();
        matches!(read(line).unwrap().command, Some(Command::Drift(drift)) if drift.plans == [name])
    }

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn files_without_a_command_are_asked_about_drift() {
        assert!(is_drift_of("tidelock plan.json", "plan.json"));
        assert!(is_drift_of("tidelock -", "-"));
        assert!(is_drift_of("tidelock --format json plan.json", "plan.json"));
        assert!(is_drift_of("tidelock --color never drift plan.json", "plan.json"));
        assert!(is_drift_of("tidelock drift plan.json", "plan.json"));
    }

    #[test]
    fn help_and_other_commands_are_what_they_say() {
        assert!(matches!(read("tidelock rules").unwrap().command, Some(Command::Rules { .. })));
        assert!(read("tidelock").unwrap().command.is_none());
        assert!(!read("tidelock --help").unwrap_err().use_stderr());
        assert!(read("tidelock drift").unwrap_err().use_stderr());
        assert!(read("tidelock drift x --fail-on nonsense").is_err());
        assert!(read("tidelock drift x -q -v").is_err());
        for copy in ["sarif", "sarfi=x", "sarif=", "sarif=-"] {
            assert!(read(&format!("tidelock gate x --write {copy}")).is_err(), "{copy}");
        }
        assert!(read("tidelock gate x --write sarif=a --write junit=b").is_ok());
    }
}
