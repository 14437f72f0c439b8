//! What two artifacts are compared with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidelock::PlanSide;

use super::{InputName, KeyArgs, SummaryOutput};

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A plan or a state, in any form that is read, or `-` for standard input
    #[arg(value_name = "A")]
    pub from: InputName,

    /// What it is compared with
    #[arg(value_name = "B")]
    pub to: InputName,

    /// The side of a plan that is compared with a state: what it leads to, or what it starts from (the state as refresh
    /// found it). Two plans are compared as a whole, with `before` only in what they start from
    #[arg(long, value_name = "SIDE", default_value = "after")]
    pub plan_side: Side,

    /// Provider schemas (`tofu providers schema -json`), which win over the built-in ones
    #[arg(long, value_name = "FILE")]
    pub schema: Vec<PathBuf>,

    #[command(flatten)]
    pub output: SummaryOutput,

    #[command(flatten)]
    pub keys: KeyArgs,
}

/// The side of a plan that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// What the plan leads to
    After,
    /// What the plan starts from
    Before,
}

impl From<Side> for PlanSide {
    fn from(side: Side) -> Self {
        match side {
            Side::After => Self::After,
            Side::Before => Self::Before,
        }
    }
}
