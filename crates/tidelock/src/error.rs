//! What can keep a question from being answered.

use tidelock_parse::{
    InputError, PlanError, inventory::InventoryError, schema::SchemaError, state::StateError,
};
use tidelock_rules::{approval::ApprovalError, diff::DiffError, overview::OverviewError, retry::RetryError};

/// tidelock could not do its job. A dangerous plan is never an error; it is a finding.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum Error {
    /// The input holds nothing that can be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Input(#[from] InputError),
    /// The plan in it cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
    /// The state cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
    /// A schema file cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Schema(#[from] SchemaError),
    /// The input is encrypted, and cannot be opened.
    #[cfg(feature = "encryption")]
    #[error(transparent)]
    #[diagnostic(transparent)]
    Encryption(#[from] tidelock_parse::encryption::EncryptionError),
    /// An inventory cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Inventory(#[from] InventoryError),
    /// An approval cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Approval(#[from] ApprovalError),
    /// One plan or state was asked for, and the input holds several artifacts.
    #[error("{input}: {artifacts} artifacts in one input, where one plan or state is needed")]
    #[diagnostic(
        code(tidelock::input::several_artifacts),
        help("write each into a file of its own; `tidelock show` lists what is in the input")
    )]
    SeveralArtifacts {
        /// Name of the input.
        input: String,
        /// How many.
        artifacts: usize,
    },
    /// Two artifacts cannot be compared.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Diff(DiffError),
    /// What is in an artifact cannot be told.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Overview(OverviewError),
    /// Nobody can tell whether a failed run may be tried again.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Retry(RetryError),
    /// One plan was asked for, and the input holds several.
    #[error("{input}: {plans} plans in one input, where one was asked for")]
    #[diagnostic(
        code(tidelock::input::several),
        help(
            "write each into a file of its own, and ask about one of them; `Analysis::answers` answers for all"
        )
    )]
    Several {
        /// Name of the input.
        input: String,
        /// How many.
        plans: usize,
    },
}

impl From<RetryError> for Error {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::Plan(error) => Self::Plan(error),
            RetryError::State(error) => Self::State(error),
            other => Self::Retry(other),
        }
    }
}

impl From<DiffError> for Error {
    fn from(error: DiffError) -> Self {
        match error {
            DiffError::Plan(error) => Self::Plan(error),
            DiffError::State(error) => Self::State(error),
            other => Self::Diff(other),
        }
    }
}

impl From<OverviewError> for Error {
    fn from(error: OverviewError) -> Self {
        match error {
            OverviewError::Plan(error) => Self::Plan(error),
            OverviewError::State(error) => Self::State(error),
            other => Self::Overview(other),
        }
    }
}
