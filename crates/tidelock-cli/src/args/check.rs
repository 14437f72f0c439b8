//! What `drift` and `gate` are asked with.

use std::path::PathBuf;

use clap::Args;
use tidelock::FailOn;

use super::{InputName, KeyArgs, OutputArgs};

/// What every question about plans is asked with.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Plans in JSON form (`tofu show -json PLANFILE`), directories that hold some, or `-` for standard input
    #[arg(value_name = "PLAN", required = true)]
    pub plans: Vec<InputName>,

    #[command(flatten)]
    pub stack: StackArgs,

    /// Count these as well: classes, rule codes, severities, `pending`, `pending-destroy`
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<FailOn>,

    /// Exit 0 whatever the verdict; errors still exit 1
    #[arg(long)]
    pub exit_zero: bool,

    #[command(flatten)]
    pub policy: PolicyArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// What a plan was made from, and how it is called.
#[derive(Debug, Default, Args)]
pub(crate) struct StackArgs {
    /// The .tf sources of the stack; for a directory of plans, one in which the sources of each stack stand where its plan
    /// stands there [default: the directory of the plan, if it holds some]
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,

    /// Provider schemas (`tofu providers schema -json`), which win over those built in; may be repeated
    #[arg(long, value_name = "FILE")]
    pub schema: Vec<PathBuf>,

    /// Files are named from here [default: the Git root above the sources]
    #[arg(long, value_name = "DIR")]
    pub source_root: Option<PathBuf>,

    /// Name of the stack, for the report; plans of a directory add their place there [default: told by the CI system,
    /// else the directory]
    #[arg(long = "stack", value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub keys: KeyArgs,
}

/// What people decided, and where it stands.
#[derive(Debug, Default, Args)]
pub(crate) struct PolicyArgs {
    /// The policy [default: every tidelock.toml from the Git root down to the stack]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// Go by no policy at all
    #[arg(long, conflicts_with_all = ["policy", "policy_base"])]
    pub no_policy: bool,

    /// The protection lock [default: tidelock.lock beside the sources]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// Findings that were accepted at adoption (`tidelock baseline write`)
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Go by the policy and the lock of the target branch (its checkout, or one policy file), and say where this
    /// branch loosens them
    #[arg(long, value_name = "PATH")]
    pub policy_base: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    #[command(flatten)]
    pub check: CheckArgs,

    /// The state that the plan is going to be applied to (`tofu state pull`); an empty file means no state
    #[arg(long, value_name = "FILE")]
    pub state: Option<InputName>,

    /// Refuse if the state of `--state` has another lineage, or that of a saved plan; plan JSON does not tell its own
    #[arg(long, value_name = "ID", value_parser = lineage)]
    pub expect_lineage: Option<String>,

    /// Refuse a plan whose state does not hold this many managed instances
    #[arg(long, value_name = "N")]
    pub expect_resources: Option<usize>,

    /// Warn about more creates than this
    #[arg(long, value_name = "N")]
    pub max_creates: Option<usize>,

    /// Write the `moved` and `import` blocks that the report suggests into a new file, for one plan
    #[arg(long, value_name = "FILE", value_parser = new_file)]
    pub write_moves: Option<PathBuf>,

    /// Let through what was approved (`tidelock approve`), and refuse what is more or different
    #[arg(long, value_name = "FILE")]
    pub approval: Option<InputName>,

    /// Look for unmarked secrets in what stays as it is, too
    #[arg(long)]
    pub all_values: bool,
}

/// A file that is going to be written; standard output has the report already.
pub(super) fn new_file(text: &str) -> Result<PathBuf, &'static str> {
    match text {
        "-" => Err("the blocks go into a file: standard output has the report, which shows them, too"),
        "" => Err("the name of a file is missing"),
        name => Ok(PathBuf::from(name)),
    }
}

/// A lineage to expect. An empty one is what a CI system makes of a variable that is not set: it would expect nothing.
fn lineage(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the lineage is empty; is the variable that it comes from set?");
    }
    Ok(text.to_owned())
}
