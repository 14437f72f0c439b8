//! Why an approval does not count.

/// An approval cannot be used. No variant quotes the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ApprovalError {
    /// Not the shape of an approval.
    #[error("{input}: this is no approval (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::approval::format),
        help("pass the file that `tidelock approve PLAN -o FILE` wrote, as it is")
    )]
    Format {
        /// Name of the input.
        input: String,
        /// Line, one-based.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// Written by a version of tidelock that spells values differently.
    #[error("{input}: this is an approval of version {version}, which this tidelock does not know")]
    #[diagnostic(
        code(tidelock::approval::version),
        help("approve the plan again, with the version of tidelock that the gate uses")
    )]
    Version {
        /// Name of the input.
        input: String,
        /// Digits and dots of what it says.
        version: String,
    },
    /// The signature does not fit.
    #[error("{input}: the approval was changed after it was signed, or signed with another key")]
    #[diagnostic(
        code(tidelock::approval::signature),
        help(
            "approve the plan again, and check who can write this file and that both jobs have the same key"
        )
    )]
    Signature {
        /// Name of the input.
        input: String,
    },
    /// Signed, and there is no key.
    #[error("{input}: the approval is signed, and there is no key to check it with")]
    #[diagnostic(
        code(tidelock::approval::no_key),
        help("set TIDELOCK_APPROVAL_KEY to the key that `tidelock approve` had")
    )]
    NoKey {
        /// Name of the input.
        input: String,
    },
    /// There is a key, and nothing that it signed.
    #[error("{input}: the approval is not signed, and a key says that it has to be")]
    #[diagnostic(
        code(tidelock::approval::unsigned),
        help(
            "approve the plan again with TIDELOCK_APPROVAL_KEY set; an unsigned file may come from anybody"
        )
    )]
    Unsigned {
        /// Name of the input.
        input: String,
    },
    /// The key is there and empty.
    #[error("the key for approvals is empty")]
    #[diagnostic(
        code(tidelock::approval::empty_key),
        help(
            "set TIDELOCK_APPROVAL_KEY to a secret, such as `openssl rand -hex 32` prints, or unset it; CI systems leave it empty where a run may not see the secret"
        )
    )]
    EmptyKey,
    /// One approval, and not one plan.
    #[error("{input}: an approval is about one plan, and here are {plans}")]
    #[diagnostic(
        code(tidelock::approval::several),
        help("ask about each plan by itself, with its own approval")
    )]
    Several {
        /// Name of the input.
        input: String,
        /// How many plans.
        plans: usize,
    },
}
