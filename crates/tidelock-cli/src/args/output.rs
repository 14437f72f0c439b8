//! Where a report goes, and how it looks.

use std::{path::PathBuf, str::FromStr};

use clap::{ArgAction, Args, ValueEnum};
use tidelock::render::Detail;

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

/// Where a summary or a comparison goes, and how it looks.
#[derive(Debug, Args)]
pub(crate) struct SummaryOutput {
    /// Form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: SummaryFormat,

    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The headline alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Everything, values in full length
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

impl SummaryOutput {
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
