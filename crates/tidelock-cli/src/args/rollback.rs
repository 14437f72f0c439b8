//! What `tidelock rollback` is asked with, and `tidelock rollback run`.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Subcommand};

use super::{InputName, InventoryName, KeyArgs, OutputArgs, PlaceArgs, PolicyArgs};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct RollbackArgs {
    #[command(subcommand)]
    pub command: Option<RollbackCommand>,

    #[command(flatten)]
    pub ask: RollbackAsk,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RollbackCommand {
    /// Make the calls of an action list: the only command that changes anything
    Run(RunArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RollbackAsk {
    /// The state before the run; an empty file means that there was nothing
    #[arg(long, value_name = "STATE", requires = "after")]
    pub before: Option<InputName>,

    /// The state that the run left
    #[arg(long, value_name = "STATE", required_unless_present = "apply_log")]
    pub after: Option<InputName>,

    /// The log of the apply (`tofu apply -json`); with it, only what the run made goes, also what no state knows
    #[arg(long, value_name = "FILE")]
    pub apply_log: Option<InputName>,

    /// What really exists, as exported from the platform; docs/inventories.md has the command for each
    #[arg(long = "inventory", value_name = "[KIND=]FILE", num_args = 1.., action = clap::ArgAction::Append)]
    pub inventories: Vec<InventoryName>,

    /// Take inventories that are pages of a longer list; what is absent from them proves nothing then
    #[arg(long)]
    pub partial_inventory: bool,

    /// Write what a second layer has to hear (ids, names and addresses of the machines that go) into a file
    #[arg(long, value_name = "FILE")]
    pub callback: Option<PathBuf>,

    /// Have `rollback run` post that document there, whatever it can remove; https only
    #[arg(long, value_name = "URL")]
    pub callback_url: Option<String>,

    /// The environment variable in which `rollback run` finds a token, if it is not the usual one; may be repeated
    #[arg(long, value_name = "PROVIDER=NAME")]
    pub token_env: Vec<TokenEnv>,

    /// Exit 0 whatever the verdict; errors still exit 1
    #[arg(long)]
    pub exit_zero: bool,

    #[command(flatten)]
    pub place: PlaceArgs,

    #[command(flatten)]
    pub keys: KeyArgs,

    #[command(flatten)]
    pub policy: PolicyArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// `hcloud=CI_HCLOUD_TOKEN`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenEnv {
    pub provider: String,
    pub name: String,
}

impl FromStr for TokenEnv {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match text.split_once('=') {
            Some((provider, name)) if is_word(provider) && is_word(name) => {
                Ok(Self { provider: provider.to_owned(), name: name.to_owned() })
            }
            _ => Err("expected PROVIDER=NAME, such as hcloud=CI_HCLOUD_TOKEN; never the token itself"),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The list, as `tidelock rollback … --format json -o ACTIONS.json` wrote it; what was done stands in ACTIONS.json.journal
    #[arg(value_name = "ACTIONS.json")]
    pub list: PathBuf,

    /// Say which calls would be made, and make none
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,

    /// Do not ask; needed where nobody sits at a terminal
    #[arg(long)]
    pub yes: bool,

    /// Refuse whatever stands in this state: it was there before
    #[arg(long, value_name = "STATE")]
    pub before: Option<InputName>,

    /// The protection lock [default: tidelock.lock, if there is one]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// The certificate authority of Proxmox VE, PEM (`/etc/pve/pve-root-ca.pem`), in place of the public ones
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Exit 0 even if something is left; errors still exit 1
    #[arg(long)]
    pub exit_zero: bool,

    #[command(flatten)]
    pub keys: KeyArgs,
}
