//! Why there is no answer.

use tidelock_parse::{PlanError, ResourceAddr, StateError};

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum RetryError {
    /// Nothing says what should exist.
    #[error("nothing says what should exist")]
    #[diagnostic(
        code(tidelock::retry::expectation),
        help(
            "without an expectation two of five would look finished: give the plan (`--plan`), the log of the apply (`--apply-log`), the configuration (`--config`) or the addresses (`--expect`)"
        )
    )]
    NothingExpected,
    /// What was given as an expectation names no instance.
    #[error("what was given names no instance that should exist")]
    #[diagnostic(
        code(tidelock::retry::empty),
        help(
            "check that it is the plan, log or configuration of this stack, and that a log was not cut before the plan"
        )
    )]
    EmptyExpectation,
    /// All that is expected is there, but more may be expected than is known.
    #[error("what is known to be expected is there, but nobody can tell whether that is all: {reason}")]
    #[diagnostic(
        code(tidelock::retry::incomplete),
        help("give the plan (`--plan`): it names every instance; or name them with `--expect`")
    )]
    Incomplete {
        /// What is missing, one phrase.
        reason: String,
    },
    /// A block is expected where its instances have keys.
    #[error("{address} is no instance: its block has several, each with a key")]
    #[diagnostic(code(tidelock::retry::key), help("expect each of them, such as `--expect '{address}[0]'`"))]
    MissingKey {
        /// What was expected.
        address: Box<ResourceAddr>,
    },
    /// One log for several states.
    #[error("one log of an apply cannot answer for {states} states")]
    #[diagnostic(
        code(tidelock::retry::log_of_several),
        help("ask about each workspace by itself, with the log of its own apply")
    )]
    LogOfSeveral {
        /// How many.
        states: usize,
    },
    /// A value of a state cannot be decoded.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
    /// A value of the plan cannot be decoded.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
}
