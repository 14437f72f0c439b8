//! What the commands that show things are asked with.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use tidelock::{graph::Focus, render::Detail};

use super::{InputName, KeyArgs, OutputArgs, output::detail};

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A file, `-` for standard input, or a directory that holds states
    #[arg(value_name = "ARTIFACT")]
    pub artifact: InputName,

    /// The .tf sources of the stack, which tell what is protected [default: the directory of the artifact, if it holds some]
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,

    /// Form of the overview
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: SummaryFormat,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// List everything, unchanged resources too
    #[arg(short, long)]
    pub verbose: bool,

    #[command(flatten)]
    pub keys: KeyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// A plan in JSON form (`tofu show -json PLANFILE`), or `-` for standard input
    #[arg(value_name = "PLAN")]
    pub plan: InputName,

    /// The .tf sources of the stack [default: the directory of the plan, if it holds some]
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,

    /// Only what depends on this instance, block or module, and what that depends on
    #[arg(long, value_name = "ADDRESS")]
    pub focus: Option<Focus>,

    /// Form of the graph
    #[arg(long, value_name = "FORMAT", default_value = "dot")]
    pub format: GraphFormat,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Form of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// For Graphviz: `tidelock graph plan.json | dot -Tsvg`
    Dot,
    /// For what draws Markdown
    Mermaid,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct SummaryArgs {
    /// Reports in JSON form (`--format json`), directories that hold some, or `-` for standard input
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<InputName>,

    /// Form of the summary
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: SummaryFormat,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The headline alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Every stack and every finding
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

impl SummaryArgs {
    pub(crate) const fn detail(&self) -> Detail {
        detail(self.quiet, self.verbose)
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Form of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a comment
    Markdown,
}

/// Form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// A published JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// Of `--format json`
    Report,
    /// Of `tidelock diff --format json`
    Diff,
    /// Of `tidelock show --format json`
    Show,
    /// Of `tidelock.toml`
    Policy,
}
