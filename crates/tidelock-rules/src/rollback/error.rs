//! What keeps a rollback from being worked out.

use tidelock_parse::StateError;

/// What was given does not tell what a run made. No variant quotes a state.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum RollbackError {
    /// Neither states nor a log.
    #[error("nothing tells what the run made")]
    #[diagnostic(
        code(tidelock::rollback::nothing),
        help(
            "pass the state before and after the run (`--before`, `--after`), the log of the apply (`--apply-log`), or both"
        )
    )]
    Nothing,
    /// A state after the run alone.
    #[error("without the state before the run, nobody can tell what it made and what was there")]
    #[diagnostic(
        code(tidelock::rollback::no_before),
        help("pass `--before` with the state before the run; an empty file means that there was none")
    )]
    NoBefore,
    /// Two stacks, or a state that was lost in between.
    #[error("{before} and {after} have different lineages: they are not two states of one stack")]
    #[diagnostic(
        code(tidelock::rollback::lineage),
        help(
            "compare two states of one stack; if the state was lost in between, `tidelock reconcile` tells what exists twice"
        )
    )]
    Lineage {
        /// Name of the state before.
        before: String,
        /// Name of the state after.
        after: String,
    },
    /// The older state is called the newer one.
    #[error("{after} is older than {before}")]
    #[diagnostic(
        code(tidelock::rollback::order),
        help(
            "`--before` is the state before the run, `--after` the one it left; the serial of a state counts up"
        )
    )]
    Order {
        /// Name of the state that was given as the one before.
        before: String,
        /// Name of the state that was given as the one after.
        after: String,
    },
    /// A state is damaged.
    #[error(transparent)]
    #[diagnostic(transparent)]
    State(#[from] StateError),
}
