//! What can keep the command line from doing its job, beyond what the library says.

use std::{
    io,
    path::{Path, PathBuf},
};

use miette::Diagnostic;
use tidelock::encryption::KeyError;

use crate::inputs::printable;

/// Any error, ready to be shown.
pub(crate) type Failure = Box<dyn Diagnostic + Send + Sync>;

/// An error of the command line itself.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub(crate) enum CliError {
    /// A path does not exist.
    #[error("{path}: no such file or directory")]
    #[diagnostic(
        code(tidelock::input::missing),
        help(
            "check the path: a plan is what `tofu plan -out=PLANFILE` writes, a state what `tofu state pull` prints; `tidelock --help` lists the commands"
        )
    )]
    Missing { path: String },
    /// A state that does not exist.
    #[error("{path}: no such file or directory")]
    #[diagnostic(
        code(tidelock::input::missing),
        help(
            "pass the output of `tofu state pull > state.json`; an empty file means that there is no state yet"
        )
    )]
    MissingState { path: String },
    /// A file of a directory that has the name of a state, or begins like one, and is none.
    #[error("{path}: this file is called a state, and is damaged or something else")]
    #[diagnostic(
        code(tidelock::input::damaged_state),
        help(
            "restore it from a backup (`*.backup` beside it, an earlier version in the backend), or pull it again: `tofu state pull > state.json`"
        )
    )]
    DamagedState { path: String },
    /// `--passphrase-file` names no file.
    #[error("{path}: no such file")]
    #[diagnostic(
        code(tidelock::input::missing),
        help(
            "`--passphrase-file` names a file that holds the passphrase and nothing else; without one, TIDELOCK_PASSPHRASE may hold it"
        )
    )]
    NoPassphraseFile { path: String },
    /// The system refused to read.
    #[error("{path}: cannot be read")]
    #[diagnostic(
        code(tidelock::input::unreadable),
        help("check its permissions, and that it is still there")
    )]
    Unreadable {
        path: String,
        #[source]
        source: io::Error,
    },
    /// A directory holds no plan.
    #[error("{path}: no plan in this directory, which holds {found}")]
    #[diagnostic(
        code(tidelock::input::no_plans),
        help(
            "make one first: `tofu plan -out=plan.tfplan`; JSON of it (`tofu show -json plan.tfplan`) is read as well"
        )
    )]
    NoPlans { path: String, found: String },
    /// A lineage is expected, and nothing tells which one there is.
    #[error(
        "{path}: plan JSON does not tell the lineage of its state, so `--expect-lineage` has nothing to compare"
    )]
    #[diagnostic(
        code(tidelock::gate::lineage_unknown),
        help(
            "pass the saved plan itself, or the state: `--state state.json` (`tofu state pull > state.json`)"
        )
    )]
    LineageUnknown { path: String },
    /// A directory holds no report.
    #[error("{path}: no report in this directory")]
    #[diagnostic(
        code(tidelock::input::no_reports),
        help(
            "write the reports in JSON form first: `tidelock gate PLAN --format json -o reports/STACK.json`"
        )
    )]
    NoReports { path: String },
    /// A directory without states.
    #[error("{path}: no state in it; it holds {found}")]
    #[diagnostic(
        code(tidelock::input::no_states),
        help(
            "name a directory that holds states (`terraform.tfstate`, `tofu state pull > state.json`), or one file of any kind"
        )
    )]
    NoStates { path: String, found: String },
    /// A directory where a file is needed.
    #[error("{path}: this is a directory, where one file is needed")]
    #[diagnostic(code(tidelock::input::directory), help("pass one of its files"))]
    Directory { path: String },
    /// Standard input can be read only once.
    #[error("standard input is named more than once")]
    #[diagnostic(
        code(tidelock::usage::stdin_twice),
        help("name `-` once; one stream may hold several plans")
    )]
    StdinTwice,
    /// Neither states nor inventories.
    #[error("neither a state nor an inventory was given")]
    #[diagnostic(
        code(tidelock::reality::nothing),
        help(
            "`--state FILE` is the output of `tofu state pull`, `--inventory FILE` an export of what exists; see docs/inventories.md"
        )
    )]
    NothingToReconcile,
    /// No state.
    #[error("no state was given")]
    #[diagnostic(
        code(tidelock::reality::no_state),
        help("`--state FILE` is the output of `tofu state pull`; an empty file means that there is none")
    )]
    NoStateGiven,
    /// Something else stands where the log of an apply is needed.
    #[error("{path}: not the log of an apply")]
    #[diagnostic(
        code(tidelock::reality::no_log),
        help("pass what `tofu apply -json` wrote to standard output, a message a line")
    )]
    NoLog { path: String },
    /// Something else stands where a plan is needed.
    #[error("{path}: not a plan")]
    #[diagnostic(
        code(tidelock::reality::no_plan),
        help("pass a saved plan (`tofu plan -out=FILE`) or its JSON form (`tofu show -json FILE`)")
    )]
    NoPlan { path: String },
    /// `--config` is no directory.
    #[error("{path}: not a directory")]
    #[diagnostic(
        code(tidelock::config::no_directory),
        help("`--config` names the directory of the stack's .tf files")
    )]
    NoConfigDirectory { path: String },
    /// `--config` holds no sources.
    #[error("{path}: no .tf, .tofu or .tf.json file in this directory")]
    #[diagnostic(
        code(tidelock::config::no_sources),
        help("`--config` names the directory in which the plan was made")
    )]
    NoSources { path: String },
    /// `--lock` names no file.
    #[error("{path}: there is no such lock")]
    #[diagnostic(code(tidelock::lock::missing), help("`tidelock protect --write --lock FILE` writes one"))]
    NoLock { path: String },
    /// `--baseline` names no file.
    #[error("{path}: there is no such baseline")]
    #[diagnostic(
        code(tidelock::baseline::missing),
        help("`tidelock baseline write PLAN -o FILE` writes one")
    )]
    NoBaseline { path: String },
    /// `--policy-base` names a directory that is no checkout of this repository.
    #[error("{path}: this is no checkout of the target branch, it does not hold {}", stack_named(stack))]
    #[diagnostic(
        code(tidelock::policy::base),
        help("`--policy-base` names the root of a checkout: `git worktree add DIR origin/main`")
    )]
    NoStackInBase { path: String, stack: String },
    /// The sources are not below `--source-root`.
    #[error("the sources in {config} are not below the source root {root}")]
    #[diagnostic(
        code(tidelock::config::outside_root),
        help("`--source-root` names a directory above the one of `--config`")
    )]
    OutsideRoot { config: String, root: String },
    /// One approval for several plans.
    #[error("an approval is about one plan, and here are {plans}")]
    #[diagnostic(
        code(tidelock::approval::several),
        help("run `tidelock gate PLAN --approval FILE` for each plan, with its own approval")
    )]
    ApprovalOfSeveral { plans: usize },
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    #[diagnostic(
        code(tidelock::approval::salt),
        help("check that the operating system's random source works")
    )]
    NoRandomness,
    /// A rule that is asked about does not exist.
    #[error("there is no rule `{name}`")]
    #[diagnostic(code(tidelock::rules::unknown), help("`tidelock rules` lists them{}", nearest(*near)))]
    UnknownRule { name: String, near: Option<&'static str> },
    /// A waiver that says too little.
    #[error("{what}")]
    #[diagnostic(
        code(tidelock::waiver::invalid),
        help("say who answers for it, why, and until which day to come")
    )]
    Waiver { what: &'static str },
    /// A waiver for what is no address.
    #[error("`{}` is no address{}", printable(Path::new(address)), stopped_at(stopped))]
    #[diagnostic(
        code(tidelock::address::syntax),
        help(
            "an address looks like `module.net[\"eu\"].aws_subnet.a[0]`, in single quotes for the shell; `*` in it stands for any characters"
        )
    )]
    WaivedAddress { address: String, stopped: String },
    /// There is a policy already.
    #[error("{path}: there is a policy already")]
    #[diagnostic(
        code(tidelock::policy::exists),
        help("edit it; `tidelock schema policy` says what may stand in it")
    )]
    PolicyExists { path: String },
    /// `--focus` names nothing.
    #[error("the plan has no instance at `{focus}`")]
    #[diagnostic(
        code(tidelock::graph::focus),
        help(
            "`--focus` takes the address of an instance, of a block, or of a module; `tidelock show PLAN -v` lists them"
        )
    )]
    NothingInFocus { focus: String },
    /// A command that is asked about does not exist.
    #[error("there is no command `{name}`")]
    #[diagnostic(code(tidelock::usage::command), help("`tidelock --help` lists them"))]
    UnknownCommand { name: String },
    /// The report cannot be written.
    #[error("{}: cannot be written", path.display())]
    #[diagnostic(
        code(tidelock::output::unwritable),
        help("check the directory, its permissions and the free space")
    )]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// `--write-moves` or `--write-imports` names a file that is there.
    #[error("{}: exists already, and is left as it is", path.display())]
    #[diagnostic(code(tidelock::moves::exists), help("name another file, or remove this one first"))]
    MovesExist { path: PathBuf },
    /// `--write-moves` for several plans.
    #[error("`--write-moves` writes the blocks of one plan, and {plans} were given")]
    #[diagnostic(
        code(tidelock::moves::several),
        help("run it once a stack: the blocks belong beside the configuration of one")
    )]
    SeveralMoves { plans: usize },
    /// Two runs of one list.
    #[error("{path}: another run is at work on this list")]
    #[diagnostic(
        code(tidelock::run::at_work),
        help("wait until it has ended; what it leaves, a second run takes up")
    )]
    AtWork { path: String },
    /// Nobody can be asked.
    #[error("nobody confirmed that these objects are to be deleted")]
    #[diagnostic(
        code(tidelock::run::unconfirmed),
        help("look at the list with `--dry-run`, then pass `--yes`, which is needed without a terminal")
    )]
    Unconfirmed,
    /// Somebody was asked.
    #[error("not confirmed: nothing was deleted")]
    #[diagnostic(code(tidelock::run::declined))]
    Declined,
    /// A passphrase that cannot be one.
    #[error("{from}: {cause}")]
    #[diagnostic(
        code(tidelock::encryption::passphrase),
        help("check that the secret it comes from is set, and complete")
    )]
    Passphrase { from: String, cause: KeyError },
    /// Standard output cannot be written.
    #[error("the report cannot be written to standard output")]
    #[diagnostic(code(tidelock::output::stdout))]
    Stdout(#[source] io::Error),
}

fn stopped_at(rest: &str) -> String {
    if rest.is_empty() {
        return ", something is missing at its end".to_owned();
    }
    format!(": stopped at `{}`", printable(Path::new(rest)))
}

fn stack_named(stack: &str) -> String {
    if stack.is_empty() { "the stack".to_owned() } else { format!("the stack's directory `{stack}`") }
}

fn nearest(near: Option<&'static str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
