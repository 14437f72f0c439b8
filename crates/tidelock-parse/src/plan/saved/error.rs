//! Why a saved plan could not be read.

/// A saved plan file cannot be read. Names the member at fault; never quotes what is in it, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PlanFileError {
    /// The directory of the zip cannot be read.
    #[error(
        "{input}: the saved plan is damaged, was cut off, or something stands behind it: its table of contents cannot be read"
    )]
    #[diagnostic(code(tidelock::planfile::zip), help("copy it again, or plan again with `-out=PLANFILE`"))]
    Zip {
        /// Name of the input.
        input: String,
    },
    /// A zip without a plan in it.
    #[error("{input}: a zip file, but no saved plan: it has no member `tfplan`")]
    #[diagnostic(
        code(tidelock::planfile::no_plan),
        help("pass the file that `tofu plan -out=PLANFILE` wrote, not an archive that holds it")
    )]
    NoPlan {
        /// Name of the input.
        input: String,
    },
    /// A member that every saved plan has is not there.
    #[error("{input}: the saved plan has no member `{member}`")]
    #[diagnostic(
        code(tidelock::planfile::missing),
        help("something edited the file: plan again with `-out=PLANFILE`")
    )]
    Missing {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// Two members of one name, so that nobody can say which one counts.
    #[error("{input}: the saved plan has two members `{member}`")]
    #[diagnostic(
        code(tidelock::planfile::duplicate),
        help("neither tofu nor terraform writes this: check where the file comes from, and plan again")
    )]
    Duplicate {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// A member whose name leads out of its directory.
    #[error("{input}: the saved plan has a member whose name leads elsewhere: `{member}`")]
    #[diagnostic(
        code(tidelock::planfile::name),
        help("neither tofu nor terraform writes this: check where the file comes from, and plan again")
    )]
    Name {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// More members than any configuration has files.
    #[error("{input}: the saved plan has more than {limit} members")]
    #[diagnostic(
        code(tidelock::planfile::members),
        help("no configuration has that many files: check where the file comes from")
    )]
    TooManyMembers {
        /// Name of the input.
        input: String,
        /// Most members that are read.
        limit: usize,
    },
    /// A member holds more than is read.
    #[error("{input}: member `{member}` of the saved plan is larger than {limit} MiB when unpacked")]
    #[diagnostic(
        code(tidelock::planfile::too_large),
        help(
            "if the plan is really that big, pass the output of `tofu show -json PLANFILE`; otherwise the file was made to exhaust memory"
        )
    )]
    TooLarge {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
        /// Most that is unpacked, in MiB.
        limit: usize,
    },
    /// A member that a zip tool encrypted.
    #[error("{input}: member `{member}` of the saved plan is encrypted by a zip tool")]
    #[diagnostic(
        code(tidelock::planfile::encrypted),
        help("tofu and terraform never write this: unpack it with the tool that packed it")
    )]
    Encrypted {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// A member that is packed in an unknown way.
    #[error("{input}: member `{member}` of the saved plan is packed with method {method}")]
    #[diagnostic(
        code(tidelock::planfile::method),
        help("tofu and terraform pack with deflate: something packed the file anew; plan again")
    )]
    Method {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
        /// Number of the method.
        method: u16,
    },
    /// A member that does not unpack to what its checksum says.
    #[error("{input}: member `{member}` of the saved plan is damaged")]
    #[diagnostic(
        code(tidelock::planfile::damaged),
        help("copy the file again, or plan again with `-out=PLANFILE`")
    )]
    Damaged {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// A member that is not what it should be.
    #[error("{input}: member `{member}` of the saved plan cannot be understood")]
    #[diagnostic(
        code(tidelock::planfile::shape),
        help(
            "was it written by a version of tofu or terraform newer than this tidelock? Update tidelock, or pass the output of `tofu show -json PLANFILE`"
        )
    )]
    Shape {
        /// Name of the input.
        input: String,
        /// Name of the member.
        member: String,
    },
    /// A version of the format that is not known.
    #[error("{input}: saved plans of format {version} are not supported")]
    #[diagnostic(
        code(tidelock::planfile::version),
        help("tidelock reads format 3: update tidelock, or pass the output of `tofu show -json PLANFILE`")
    )]
    Version {
        /// Name of the input.
        input: String,
        /// What the plan says.
        version: u64,
    },
    /// An address of the plan cannot be read.
    #[error("{input}: the address of change {position} of the saved plan cannot be read")]
    #[diagnostic(
        code(tidelock::planfile::address),
        help("neither tofu nor terraform writes such an address: check where the file comes from")
    )]
    Address {
        /// Name of the input.
        input: String,
        /// Which change, one-based.
        position: usize,
    },
}
