//! What the commands that show things are asked with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidelock::graph::Focus;

use super::{InputName, KeyArgs, OutputArgs, SummaryFormat, SummaryOutput};

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
    /// A plan, saved (`tofu plan -out=PLANFILE`) or in JSON form (`tofu show -json PLANFILE`), or `-` for standard input
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

    #[command(flatten)]
    pub output: SummaryOutput,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub output: OutputArgs,
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
