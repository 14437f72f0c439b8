//! What the commands that keep decisions are asked with.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tidelock::policy::Pattern;

use super::{InputName, PolicyArgs, StackArgs};

#[derive(Debug, Args)]
pub(crate) struct WaiveArgs {
    /// Code or name of the rule
    #[arg(value_name = "CODE")]
    pub rule: String,

    /// The address, `*` for any characters in it; a lone `*` for findings about the plan as a whole
    #[arg(value_name = "ADDRESS")]
    pub address: Pattern,

    /// The path alone, `*` for any characters in it [default: all paths]
    #[arg(long)]
    pub path: Option<Pattern>,

    /// Last day that it holds, UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Date,

    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub owner: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// The stack
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub config: PathBuf,

    /// The file to add the entry to [default: the nearest tidelock.toml from the stack up to the Git root]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Write down what drift and gate find in these plans, with salted hashes for values
    Write(BaselineArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// Plans in JSON form, directories that hold some, or `-` for standard input
    #[arg(value_name = "PLAN", required = true)]
    pub plans: Vec<InputName>,

    /// Where to; an existing baseline keeps its salt, so that the difference is small
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    #[command(flatten)]
    pub stack: StackArgs,

    #[command(flatten)]
    pub policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ProtectArgs {
    /// The .tf sources of the stack
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub config: PathBuf,

    /// Add what is protected and not in the lock
    #[arg(long)]
    pub write: bool,

    /// With --write: take out what is not protected any more
    #[arg(long, requires = "write")]
    pub prune: bool,

    /// Exit 3 if the lock and the sources differ
    #[arg(long, conflicts_with = "write")]
    pub check: bool,

    /// The lock [default: tidelock.lock beside the sources]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// A plan, saved (`tofu plan -out=PLANFILE`) or in JSON form (`tofu show -json PLANFILE`), or `-` for standard input
    #[arg(value_name = "PLAN")]
    pub plan: InputName,

    /// Write the approval to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Who approves; reports of the gate say so
    #[arg(long, value_name = "NAME", value_parser = somebody)]
    pub by: Option<String>,

    /// The state that the plan is going to be applied to (`tofu state pull`): binds the approval to it
    #[arg(long, value_name = "FILE")]
    pub state: Option<InputName>,

    #[command(flatten)]
    pub stack: StackArgs,

    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// A name that says something: CI systems leave a variable empty where it is not set.
fn somebody(name: &str) -> Result<String, &'static str> {
    match name.trim() {
        "" => Err("nobody is named; leave --by away if nobody is to be"),
        name => Ok(name.to_owned()),
    }
}
