//! Why a plan could not be read.

use crate::{
    address::{AddrError, ResourceAddr},
    object::is_duplicate,
    source::Source,
    state::StateError,
    value::ValueError,
};

/// A plan cannot be read. No variant quotes the input, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PlanError {
    /// The text is not JSON, or it stops too early.
    #[error("{input}: the plan is not valid JSON (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::plan::json),
        help(
            "the file is damaged or was cut off: write it again with `tofu show -json PLANFILE > plan.json`"
        )
    )]
    Json {
        /// Name of the input.
        input: String,
        /// Line, one-based, counted from the start of the JSON value.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// Not UTF-8.
    #[error("{input}: the plan is not UTF-8 text")]
    #[diagnostic(
        code(tidelock::plan::encoding),
        help("write it again with `tofu show -json PLANFILE > plan.json`, without converting it")
    )]
    Encoding {
        /// Name of the input.
        input: String,
    },
    /// A key stands twice in one object, so that nobody can say which one counts.
    #[error("{input}: a key stands twice in one object (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::plan::duplicate_key),
        help("neither tofu nor terraform writes this: something edited the file; write it again")
    )]
    DuplicateKey {
        /// Name of the input.
        input: String,
        /// Line, one-based, counted from the start of the JSON value.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// Valid JSON of another shape.
    #[error("{input}: this is not the shape of a plan (line {line}, column {column})")]
    #[diagnostic(code(tidelock::plan::shape), help("pass the output of `tofu show -json PLANFILE` as it is"))]
    Shape {
        /// Name of the input.
        input: String,
        /// Line, one-based, counted from the start of the JSON value.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// A format major version that is not understood.
    #[error("{input}: plan format {version} is not supported")]
    #[diagnostic(
        code(tidelock::plan::version),
        help(
            "tidelock reads plan formats 0.1 to 1.x: update tidelock, or plan with an older tofu or terraform"
        )
    )]
    Version {
        /// Name of the input.
        input: String,
        /// What `format_version` says.
        version: String,
    },
    /// An address of the plan cannot be read.
    #[error("{input}: an address cannot be read (line {line}): {cause}")]
    #[diagnostic(
        code(tidelock::plan::address),
        help("neither tofu nor terraform writes such an address: check where the file comes from")
    )]
    Address {
        /// Name of the input.
        input: String,
        /// Line, one-based; zero where it is not known.
        line: usize,
        /// What is wrong.
        cause: AddrError,
    },
    /// An entry has no address, and its parts do not make one.
    #[error("{input}: an entry does not say which instance it is about")]
    #[diagnostic(
        code(tidelock::plan::no_address),
        help("pass the output of `tofu show -json PLANFILE` as it is")
    )]
    NoAddress {
        /// Name of the input.
        input: String,
    },
    /// Two entries speak of one object.
    #[error("{input}: `{section}` speaks twice of {address}")]
    #[diagnostic(
        code(tidelock::plan::contradiction),
        help(
            "something edited the file or joined two; or Terraform 1.0.0 wrote it, which leaves instance keys out: plan with another version"
        )
    )]
    Contradiction {
        /// Name of the input.
        input: String,
        /// `resource_changes` or `resource_drift`.
        section: &'static str,
        /// The instance.
        address: Box<ResourceAddr>,
    },
    /// A value of an instance cannot be decoded.
    #[error("{input}: {address}: {cause}")]
    #[diagnostic(code(tidelock::plan::value), help("check where the file comes from, and write it again"))]
    Value {
        /// Name of the input.
        input: String,
        /// The instance.
        address: Box<ResourceAddr>,
        /// What is wrong.
        cause: ValueError,
    },
    /// The saved plan file cannot be read.
    #[cfg(feature = "planfile")]
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(Box<super::PlanFileError>),
    /// The state inside the plan cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    PriorState(Box<StateError>),
    /// A section of the plan cannot be decoded.
    #[error("{input}: section `{section}`: {cause}")]
    #[diagnostic(code(tidelock::plan::section), help("check where the file comes from, and write it again"))]
    Section {
        /// Name of the input.
        input: String,
        /// Name of the section.
        section: &'static str,
        /// What is wrong.
        cause: ValueError,
    },
}

#[cfg(feature = "planfile")]
impl From<super::PlanFileError> for PlanError {
    fn from(error: super::PlanFileError) -> Self {
        Self::File(Box::new(error))
    }
}

impl From<StateError> for PlanError {
    fn from(error: StateError) -> Self {
        Self::PriorState(Box::new(error))
    }
}

impl PlanError {
    pub(crate) fn not_utf8(source: &Source) -> Self {
        Self::Encoding { input: source.name().to_owned() }
    }

    /// Sorts the parser's complaint; its text is dropped, because it may quote the input.
    pub(crate) fn from_json(source: &Source, error: &serde_json::Error) -> Self {
        let (input, line, column) = (source.name().to_owned(), error.line(), error.column());
        if !error.is_data() {
            return Self::Json { input, line, column };
        }
        if is_duplicate(error) {
            return Self::DuplicateKey { input, line, column };
        }
        Self::Shape { input, line, column }
    }
}
