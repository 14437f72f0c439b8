//! Why a state could not be read.

use crate::{
    address::{AddrError, ResourceAddr},
    source::Source,
    value::ValueError,
};

/// A state cannot be read. No variant quotes the input, which may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum StateError {
    /// The text is not JSON, or it stops too early.
    #[error("{input}: the state is not valid JSON (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::state::json),
        help(
            "the file is damaged or was cut off: write it again with `tofu state pull > state.json`, or restore it from a backup"
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
    #[error("{input}: the state is not UTF-8 text")]
    #[diagnostic(
        code(tidelock::state::encoding),
        help("write it again with `tofu state pull > state.json`, without converting it")
    )]
    Encoding {
        /// Name of the input.
        input: String,
    },
    /// Valid JSON of another shape, or a key that stands twice.
    #[error("{input}: this is not the shape of a state (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::state::shape),
        help("pass the output of `tofu state pull` or `tofu show -json` as it is")
    )]
    Shape {
        /// Name of the input.
        input: String,
        /// Line, one-based, counted from the start of the JSON value.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// A raw state of version 1 to 3.
    #[error("{input}: this is a state of version {version}, from before Terraform 0.12")]
    #[diagnostic(
        code(tidelock::state::legacy_version),
        help(
            "let terraform 0.12 to 1.x or tofu up to 1.12 rewrite it: `terraform state pull` after an apply writes version 4"
        )
    )]
    Legacy {
        /// What `version` says.
        version: u64,
        /// Name of the input.
        input: String,
    },
    /// A version that is not understood.
    #[error("{input}: state version {version} is not supported")]
    #[diagnostic(
        code(tidelock::state::version),
        help("tidelock reads raw states of version 4 and state JSON 0.1 to 1.x: update tidelock")
    )]
    Version {
        /// Name of the input.
        input: String,
        /// What `version` or `format_version` says.
        version: String,
    },
    /// An address of the state cannot be read.
    #[error("{input}: object {position}: its address cannot be read: {cause}")]
    #[diagnostic(
        code(tidelock::state::address),
        help("neither tofu nor terraform writes such an address: check where the file comes from")
    )]
    Address {
        /// Name of the input.
        input: String,
        /// Which object of the state, counted from one.
        position: usize,
        /// What is wrong.
        cause: AddrError,
    },
    /// The provider of an object cannot be read.
    #[error("{input}: {address}: its provider cannot be read")]
    #[diagnostic(
        code(tidelock::state::provider),
        help("neither tofu nor terraform writes such a provider: check where the file comes from")
    )]
    Provider {
        /// Name of the input.
        input: String,
        /// The instance.
        address: Box<ResourceAddr>,
    },
    /// Two objects have the same address and deposed key.
    #[error("{input}: {address} stands twice in the state")]
    #[diagnostic(
        code(tidelock::state::duplicate_object),
        help(
            "neither tofu nor terraform accepts this: something edited the state; restore it from a backup"
        )
    )]
    Duplicate {
        /// Name of the input.
        input: String,
        /// The instance.
        address: Box<ResourceAddr>,
    },
    /// The values of an object cannot be decoded.
    #[error("{input}: {address}: {cause}")]
    #[diagnostic(code(tidelock::state::value), help("check where the file comes from, and write it again"))]
    Value {
        /// Name of the input.
        input: String,
        /// The instance.
        address: Box<ResourceAddr>,
        /// What is wrong.
        cause: ValueError,
    },
    /// The value of an output cannot be decoded.
    #[error("{input}: output {name}: {cause}")]
    #[diagnostic(code(tidelock::state::output), help("check where the file comes from, and write it again"))]
    Output {
        /// Name of the input.
        input: String,
        /// The output.
        name: String,
        /// What is wrong.
        cause: ValueError,
    },
    /// What an object depends on cannot be read.
    #[error("{input}: {address}: what it depends on cannot be read")]
    #[diagnostic(
        code(tidelock::state::dependency),
        help("neither tofu nor terraform writes such a list: check where the file comes from")
    )]
    Dependency {
        /// Name of the input.
        input: String,
        /// The instance.
        address: Box<ResourceAddr>,
    },
}

impl StateError {
    pub(super) fn not_utf8(source: &Source) -> Self {
        Self::Encoding { input: source.name().to_owned() }
    }

    /// Sorts the parser's complaint; its text is dropped, because it may quote the input.
    pub(super) fn from_json(source: &Source, error: &serde_json::Error) -> Self {
        let (input, line, column) = (source.name().to_owned(), error.line(), error.column());
        if error.is_data() { Self::Shape { input, line, column } } else { Self::Json { input, line, column } }
    }
}
