//! Why an input holds nothing that can be read.

use super::Kind;
use crate::source::Source;

/// An input holds no artifact, or none that fits the question. Nothing of the input is quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum InputError {
    /// No bytes, or white space only.
    #[error("{input}: the input is empty")]
    #[diagnostic(
        code(tidelock::input::empty),
        help(
            "the command that should have written it failed: check that `tofu show -json PLANFILE` succeeded"
        )
    )]
    Empty {
        /// Name of the input.
        input: String,
    },
    /// Neither text nor a known binary format.
    #[error("{input}: the input is neither UTF-8 text nor a known binary format (byte {at})")]
    #[diagnostic(
        code(tidelock::input::encoding),
        help("pass the output of `tofu show -json PLANFILE`, without converting it")
    )]
    NotText {
        /// Name of the input.
        input: String,
        /// Offset of the first byte that does not fit, zero-based.
        at: usize,
    },
    /// Text without any JSON object.
    #[error("{input}: no plan, state or schema in it")]
    #[diagnostic(
        code(tidelock::input::not_an_artifact),
        help(
            "pass the output of `tofu show -json PLANFILE`; the text that `tofu plan` prints for people cannot be read"
        )
    )]
    NotAnArtifact {
        /// Name of the input.
        input: String,
    },
    /// JSON of no known kind.
    #[error("{input}: JSON, but neither a plan nor a state nor schemas")]
    #[diagnostic(code(tidelock::input::unknown_json), help("pass the output of `tofu show -json PLANFILE`"))]
    UnknownJson {
        /// Name of the input.
        input: String,
    },
    /// JSON that stops too early or is damaged.
    #[error("{input}: not valid JSON (line {line}, column {column} of the value)")]
    #[diagnostic(
        code(tidelock::input::json),
        help(
            "the file is damaged or was cut off: write it again with `tofu show -json PLANFILE > plan.json`"
        )
    )]
    Json {
        /// Name of the input.
        input: String,
        /// Line, one-based, from the start of the JSON value.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// The log of an apply of a saved plan, which does not hold what refresh found.
    #[error("{input}: this log of a run holds no plan, only the apply of one that was saved")]
    #[diagnostic(
        code(tidelock::input::no_plan_in_log),
        help(
            "`tidelock show` tells what the apply did; pass the saved plan that was applied (`tofu show -json PLANFILE`)"
        )
    )]
    NoPlanInLog {
        /// Name of the input.
        input: String,
    },
    /// An artifact of another kind than the command needs.
    #[error("{input}: this is {kind}, not {wanted}")]
    #[diagnostic(code(tidelock::input::kind), help("{}", kind.instead()))]
    Kind {
        /// Name of the input.
        input: String,
        /// What it is.
        kind: Kind,
        /// What is needed, with its article.
        wanted: &'static str,
    },
}

impl InputError {
    pub(super) fn not_text(source: &Source, at: usize) -> Self {
        Self::NotText { input: source.name().to_owned(), at }
    }

    pub(super) fn from_json(source: &Source, error: &serde_json::Error) -> Self {
        Self::Json { input: source.name().to_owned(), line: error.line(), column: error.column() }
    }

    /// The text goes on where `document` should have been all of it.
    pub(super) fn left_over(source: &Source, document: &str) -> Self {
        let last = document.rsplit('\n').next().unwrap_or_default();
        Self::Json {
            input: source.name().to_owned(),
            line: document.matches('\n').count() + 1,
            column: last.len() + 1,
        }
    }

    /// Says that `kind` is not what was needed, and what to do instead.
    pub fn wrong_kind(source: &Source, kind: Kind, wanted: &'static str) -> Self {
        Self::Kind { input: source.name().to_owned(), kind, wanted }
    }
}

impl Kind {
    /// What to do where an artifact of this kind is not the one needed, one sentence.
    pub const fn instead(self) -> &'static str {
        match self {
            Kind::SavedPlan => {
                "it goes where PLAN stands; a program that was built without support for it needs `tofu show -json PLANFILE > plan.json`"
            }
            Kind::EncryptedPlan => {
                "let tofu decrypt it: `tofu show -json PLANFILE > plan.json` with the same TF_ENCRYPTION, and pass plan.json"
            }
            Kind::EncryptedState => {
                "let tofu decrypt it: `tofu state pull > state.json` with the same TF_ENCRYPTION; a question about a plan needs `tofu show -json PLANFILE`"
            }
            Kind::UiStream => {
                "the log of a run has no attribute values, and is not what will be applied: save the plan with `-out=PLANFILE`, and pass `tofu show -json PLANFILE`"
            }
            Kind::CloudBookmark => {
                "the plan is in HCP Terraform: download the JSON output of that run and pass it"
            }
            Kind::RedactedPlan => {
                "download the unredacted JSON output of the run (it needs the right to read state versions), and pass it"
            }
            Kind::AncientPlan => "Terraform before 0.12 cannot be read: upgrade the stack first",
            Kind::LegacyState => {
                "let terraform 0.12 to 1.x, or tofu up to 1.12, rewrite it: `terraform apply -refresh-only`, then `terraform state pull > state.json`"
            }
            Kind::FutureState => "update tidelock: this state was written by a newer tofu or terraform",
            Kind::BackendSettings => {
                "this file names the backend: get the state with `tofu state pull > state.json`"
            }
            Kind::State | Kind::StateJson => {
                "a plan is needed: `tofu plan -out=PLANFILE` and `tofu show -json PLANFILE > plan.json`; `tidelock show` lists what is in a state"
            }
            Kind::Schemas => "pass schemas with `--schema FILE`, and a plan as the input",
            Kind::PlanJson => {
                "a plan goes where PLAN stands, as in `tidelock gate PLAN`; `tofu state pull > state.json` gives the state"
            }
            Kind::ConfigurationJson => {
                "a configuration alone says nothing about what exists: pass `tofu show -json PLANFILE`, and the sources with `--config DIR`"
            }
            Kind::Inventory => {
                "`tidelock reconcile --state STATE --inventory FILE` holds it against states; a question about a plan needs `tofu show -json PLANFILE`"
            }
            Kind::OtherZip
            | Kind::FunctionSignatures
            | Kind::Validation
            | Kind::ModuleManifest
            | Kind::UnknownJson => "pass the output of `tofu show -json PLANFILE`",
        }
    }
}
