//! What questions about real objects are asked with: states, inventories, and what was wanted.

use std::{path::PathBuf, str::FromStr};

use clap::Args;
use tidelock::{
    ResourceAddr,
    inventory::{Claim, UnknownKind},
    policy::Pattern,
};

use super::{InputName, KeyArgs, OutputArgs, PolicyArgs};

/// An inventory, and what its giver says that it lists: `hcloud:server=servers.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InventoryName {
    pub claim: Option<Claim>,
    pub place: InputName,
}

impl FromStr for InventoryName {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let (claim, name) = Claim::split(text)?;
        let place = match name.parse() {
            Ok(place) => place,
            Err(never) => match never {},
        };
        Ok(Self { claim, place })
    }
}

/// States and inventories.
#[derive(Debug, Args)]
pub(crate) struct RealityArgs {
    /// States (`tofu state pull`), directories that hold some, or `-`; an empty file means that there is none
    #[arg(long = "state", value_name = "FILE", num_args = 1.., action = clap::ArgAction::Append)]
    pub states: Vec<InputName>,

    /// What really exists, as exported from the platform; docs/inventories.md has the command for each
    #[arg(long = "inventory", value_name = "[KIND=]FILE", num_args = 1.., action = clap::ArgAction::Append)]
    pub inventories: Vec<InventoryName>,

    /// Take inventories that are pages of a longer list; what is absent from them proves nothing then
    #[arg(long)]
    pub partial_inventory: bool,

    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Where the stack stands, and how it is called.
#[derive(Debug, Default, Args)]
pub(crate) struct PlaceArgs {
    /// The .tf sources of the stack: what is wanted, what an import would run into, what is protected
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,

    /// Name of the stack, for the report
    #[arg(long = "stack", value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub reality: RealityArgs,

    /// A plan: what it creates and exists already is found, too
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<InputName>,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Look only at objects with such a name, in which `*` stands for any characters; may be repeated
    #[arg(long = "match", value_name = "GLOB")]
    pub names: Vec<Pattern>,

    /// Look only at objects with this label, or with any value of it (`KEY=`); may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    pub labels: Vec<(String, String)>,

    /// Say what would be left behind if these addresses, blocks or modules left the state
    #[arg(long, value_name = "ADDR", num_args = 1.., action = clap::ArgAction::Append)]
    pub if_removed: Vec<ResourceAddr>,

    /// Write the `import` blocks that the report proposes into a new file
    #[arg(long, value_name = "FILE", value_parser = super::check::new_file)]
    pub write_imports: Option<PathBuf>,

    /// Exit 0 whatever the verdict; errors still exit 1
    #[arg(long)]
    pub exit_zero: bool,

    #[command(flatten)]
    pub policy: PolicyArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// `role=monitoring`; with nothing behind the sign, any value.
fn label(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE, or KEY= for any value"),
    }
}
