//! The closed vocabularies of the report.

/// Declares an enum whose variants are one lower-case word in JSON and for people.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as the JSON report spells it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::report::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::report::UnknownWord { word: text.to_owned(), known: &[$($word),+] }),
                }
            }
        }
    };
}

pub(crate) use words;

/// A word that is not one of a closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{word}` is not one of: {}", known.join(", "))]
#[diagnostic(code(tidelock::words::unknown), help("use one of the words listed"))]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been understood.
    pub known: &'static [&'static str],
}

words! {
    /// What happened to one path, from the quietest to the loudest. See `docs/drift.md` for the table.
    Class {
        /// Changed outside under `ignore_changes`.
        Ignored = "ignored",
        /// Changed outside where the provider owns the value.
        Computed = "computed",
        /// Somebody applied by hand what the configuration says.
        Converged = "converged",
        /// Changed outside, and the provider or core hides the difference from the configuration.
        Suppressed = "suppressed",
        /// Changed outside, and the plan removes the instance anyway.
        Superseded = "superseded",
        /// Wanted by the plan, not by drift.
        Pending = "pending",
        /// Changed outside where the configuration is silent.
        Unmanaged = "unmanaged",
        /// Changed outside; apply undoes it.
        Reverting = "reverting",
        /// Changed outside and by the plan.
        Conflicting = "conflicting",
        /// The object is gone; apply creates a new one.
        DeletedOutside = "deleted_outside",
    }
}

words! {
    /// What the reader should do about a resource.
    Resolution {
        /// Nothing diverged.
        None = "none",
        /// Only divergences that are not drift.
        Ignore = "ignore",
        /// Drift that apply would change in place: apply, accept or ignore it.
        Decide = "decide",
        /// A plain apply would destroy or empty something: investigate first.
        Stop = "stop",
    }
}

words! {
    /// The one-word answer of a report.
    Verdict {
        /// Nothing diverged.
        Clear = "clear",
        /// Something diverged, none of it drift that counts.
        Noise = "noise",
        /// Drift that counts.
        Drift = "drift",
        /// Something that must not be applied unseen.
        Blocked = "blocked",
    }
}

impl Verdict {
    /// The exit code of the process: 0, 2 or 3.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Clear | Self::Noise => 0,
            Self::Drift => 2,
            Self::Blocked => 3,
        }
    }
}

words! {
    /// How much a finding weighs.
    Severity {
        /// Switched off.
        Allow = "allow",
        /// Worth knowing.
        Info = "info",
        /// Worth acting on.
        Warn = "warn",
        /// Stops the automation.
        Deny = "deny",
    }
}

words! {
    /// What keeps a finding from counting.
    WaivedBy {
        /// An entry of the policy, with an owner and an end.
        Waiver = "waiver",
        /// It was there when the tool was adopted.
        Baseline = "baseline",
        /// A person approved this very change.
        Approval = "approval",
    }
}

words! {
    /// The question a report answers.
    Command {
        /// What changed outside, and does it matter?
        Drift = "drift",
        /// May this plan be applied?
        Gate = "gate",
    }
}

words! {
    /// What a class rests on, strongest first.
    Evidence {
        /// The `.tf` sources.
        Sources = "sources",
        /// A provider schema.
        Schema = "schema",
        /// Curated facts about the resource type.
        Catalogue = "catalogue",
        /// Plan JSON's record of which arguments are set.
        Configuration = "configuration",
        /// Nothing but the values themselves.
        None = "none",
    }
}

words! {
    /// Why a path has its class, where the class alone does not say it.
    Reason {
        /// The configuration sets the path, to something that cannot be evaluated here.
        Unevaluated = "unevaluated",
        /// The configuration sets another value, and the difference is hidden.
        SetElsewhere = "set_elsewhere",
        /// Only the provider can set it.
        ComputedOnly = "computed_only",
        /// Settable, but known to change by itself.
        Volatile = "volatile",
        /// Another resource in the plan fills it.
        Companion = "companion",
        /// The instance is tainted: the difference is what a failed creation left behind.
        Tainted = "tainted",
        /// Only the marking as sensitive changes.
        Sensitivity = "sensitivity",
        /// No `.tf` source was given; the difference looks like an ignored one.
        NoSources = "no_sources",
        /// Nobody can tell whether the configuration or the provider owns the path.
        UnknownOwner = "unknown_owner",
        /// The log of a run has no values: which paths changed is not known, so the loudest reading counts.
        ValuesMissing = "values_missing",
    }
}

words! {
    /// Two readings of a value that count as equal.
    Normaliser {
        /// Text that is JSON, with other key order or white space.
        Json = "json",
        /// A set in another order.
        SetOrder = "set_order",
        /// Null against `""`, `[]` or `{}`.
        Empty = "empty",
        /// A number against its text.
        NumberText = "number_text",
        /// A newline at the end.
        TrailingNewline = "trailing_newline",
        /// Windows line ends.
        Crlf = "crlf",
        /// Comment and white space of a public SSH key.
        SshKey = "ssh_key",
        /// The same moment, written differently.
        Instant = "instant",
        /// Upper and lower case of an id.
        Case = "case",
    }
}

words! {
    /// Planning mode of the input.
    PlanMode {
        /// A plain plan.
        Normal = "normal",
        /// `-refresh-only`.
        RefreshOnly = "refresh_only",
        /// `-destroy`.
        Destroy = "destroy",
    }
}
