//! What was typed, as types that cannot be wrong.

use std::{convert::Infallible, ffi::OsString, fmt, path::PathBuf, str::FromStr};

use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use tidelock::{FailOn, graph::Focus, policy::Pattern, render::Detail};

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
    /// What an artifact is and what is in it
    Show(ShowArgs),
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
    /// The .tf sources of the stack [default: the directory of the plan, if it holds some]
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,

    /// Provider schemas (`tofu providers schema -json`), which win over those built in; may be repeated
    #[arg(long, value_name = "FILE")]
    pub schema: Vec<PathBuf>,

    /// Files are named from here [default: the Git root above the sources]
    #[arg(long, value_name = "DIR")]
    pub source_root: Option<PathBuf>,

    /// Name of the stack, for the report [default: told by the CI system, else the directory]
    #[arg(long = "stack", value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub keys: KeyArgs,
}

/// What opens encrypted states and plans. A passphrase is never an argument: others could see it.
#[derive(Debug, Default, Args)]
pub(crate) struct KeyArgs {
    /// A passphrase for what `OpenTofu` encrypted (a line end behind it does not count); may be repeated. Without a file,
    /// `TIDELOCK_PASSPHRASE` holds one, or `TF_ENCRYPTION` the configuration
    #[arg(long, value_name = "FILE", help_heading = "Encrypted states and plans")]
    pub passphrase_file: Vec<PathBuf>,

    /// Run the program of an `external` key provider, if `TF_ENCRYPTION` or the sources name one
    #[arg(long, help_heading = "Encrypted states and plans")]
    pub allow_external_key_command: bool,
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
pub(crate) struct GateArgs {
    #[command(flatten)]
    pub check: CheckArgs,

    /// The state that the plan is going to be applied to (`tofu state pull`); an empty file means no state
    #[arg(long, value_name = "FILE")]
    pub state: Option<InputName>,

    /// Refuse if the state of `--state` has another lineage; a plan does not tell its own
    #[arg(long, value_name = "ID", requires = "state", value_parser = lineage)]
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
fn new_file(text: &str) -> Result<PathBuf, &'static str> {
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

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// A plan in JSON form (`tofu show -json PLANFILE`), or `-` for standard input
    #[arg(value_name = "PLAN")]
    pub plan: InputName,

    /// Write the approval to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Who approves; reports of the gate say so
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,

    /// The state that the plan is going to be applied to (`tofu state pull`): binds the approval to it
    #[arg(long, value_name = "FILE")]
    pub state: Option<InputName>,

    #[command(flatten)]
    pub stack: StackArgs,

    #[command(flatten)]
    pub policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A file, or `-` for standard input
    #[arg(value_name = "ARTIFACT")]
    pub artifact: InputName,

    /// Form of the summary
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ListFormat,

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

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Where a report goes, and how it looks.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: ReportFormat,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Write the report in a further form, such as `sarif=out.sarif`; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub write: Vec<Copy>,

    /// The headline alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Everything: noise, pending changes, values in full length
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

impl OutputArgs {
    pub(crate) const fn detail(&self) -> Detail {
        detail(self.quiet, self.verbose)
    }
}

impl SummaryArgs {
    pub(crate) const fn detail(&self) -> Detail {
        detail(self.quiet, self.verbose)
    }
}

const fn detail(quiet: bool, verbose: bool) -> Detail {
    match (quiet, verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    }
}

/// Form of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For one comment about all stacks
    Markdown,
}

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Human,
    /// The published contract, see `tidelock schema report`
    Json,
    /// For a comment on a pull request or a job summary
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// `JUnit` XML, for CI systems that show tests
    Junit,
    /// Annotations of a GitHub workflow run, and the job's summary
    Github,
    /// Code quality report of a GitLab merge request
    Gitlab,
    /// The verdict in one word
    Plain,
}

/// A further form of a report, and the file it goes to: `sarif=out.sarif`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub format: ReportFormat,
    pub file: PathBuf,
}

impl FromStr for Copy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, such as sarif=out.sarif")?;
        if file.is_empty() || file == "-" {
            return Err("a file name is missing behind `=`; `--format` chooses what is printed".to_owned());
        }
        let known = || ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let format = ReportFormat::from_str(format, false).map_err(|_| {
            let names: Vec<String> = known().map(|value| value.get_name().to_owned()).collect();
            format!("`{format}` is not one of: {}", names.join(", "))
        })?;
        Ok(Self { format, file: PathBuf::from(file) })
    }
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
    /// Of `tidelock.toml`
    Policy,
}

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputName {
    /// `-`
    Stdin,
    /// A file or directory.
    Path(PathBuf),
}

impl FromStr for InputName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Stdin } else { Self::Path(PathBuf::from(text)) })
    }
}

impl fmt::Display for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::Path(path) => path.display().fmt(f),
        }
    }
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
