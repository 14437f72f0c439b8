//! Exit codes; the only numbers in the command line.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A question was answered whose answer is no verdict.
    Done,
    /// A report gave this exit code.
    Answered(u8),
    /// tidelock could not do its job, wholly or in part.
    Failed,
}

impl Outcome {
    /// What a failure returns; reports never do.
    pub(crate) const FAILED: u8 = 1;
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Answered(code) => Self::from(code),
            Outcome::Failed => Self::from(Outcome::FAILED),
        }
    }
}
