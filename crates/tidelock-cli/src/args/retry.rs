//! What `retry` is asked with.

use std::path::PathBuf;

use clap::Args;
use tidelock::ResourceAddr;

use super::{InputName, OutputArgs, PlaceArgs, PolicyArgs, RealityArgs};

#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub reality: RealityArgs,

    /// A directory of states, such as `terraform.tfstate.d`: an answer for each workspace; may be repeated
    #[arg(long, value_name = "DIR")]
    pub state_dir: Vec<PathBuf>,

    /// The plan that was applied: what it makes and keeps should exist
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<InputName>,

    /// The log of the apply (`tofu apply -json`): what it planned should exist, and what it failed with counts
    #[arg(long, value_name = "FILE")]
    pub apply_log: Option<InputName>,

    /// Instances that should exist
    #[arg(long, value_name = "ADDR", num_args = 1.., action = clap::ArgAction::Append)]
    pub expect: Vec<ResourceAddr>,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub policy: PolicyArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}
