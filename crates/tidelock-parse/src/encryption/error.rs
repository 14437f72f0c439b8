//! Why an envelope stays closed. The texts are constant but for names, and tell no secret.

use std::{borrow::Cow, fmt};

use super::{MAX_ENTRIES, MAX_ITERATIONS, MIN_PASSPHRASE_BYTES, Provider, Sealed, metadata::printable};

/// An encrypted file cannot be opened. Nothing of it is quoted but names of key providers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum EncryptionError {
    /// The envelope itself is damaged.
    #[error("{input}: the encrypted file is damaged: {what}")]
    #[diagnostic(
        code(tidelock::encryption::envelope),
        help("take the file again from where it came, or from a backup")
    )]
    Envelope {
        /// Name of the input.
        input: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Its version is not understood.
    #[error("{input}: this version of OpenTofu's encryption is not supported")]
    #[diagnostic(
        code(tidelock::encryption::version),
        help("update tidelock, or let tofu decrypt it: `tofu state pull` or `tofu show -json PLANFILE`")
    )]
    Version {
        /// Name of the input.
        input: String,
    },
    /// Several artifacts in one input, and one of them is encrypted.
    #[error("{input}: {documents} artifacts in one input, of which at least one is encrypted")]
    #[diagnostic(
        code(tidelock::encryption::several),
        help("an encrypted file is opened alone: write each into a file of its own")
    )]
    Several {
        /// Name of the input.
        input: String,
        /// How many artifacts there are.
        documents: usize,
    },
    /// Nothing was given that could open it.
    #[error("{input}: encrypted by OpenTofu with {providers}, and there is no key for it{}", told(lacks))]
    #[diagnostic(
        code(tidelock::encryption::no_key),
        help(
            "{}give the passphrase with `--passphrase-file FILE` or TIDELOCK_PASSPHRASE, or the configuration in TF_ENCRYPTION; or let tofu decrypt it: {}",
            variables(lacks),
            sealed.with_tofu()
        )
    )]
    NoKey {
        /// Name of the input.
        input: String,
        /// The key providers that took part.
        providers: String,
        /// Why the configuration has no key, where there is one.
        lacks: Vec<Lack>,
        /// What it is around.
        sealed: Sealed,
    },
    /// A key provider or method took part that this version cannot do.
    #[error("{input}: encrypted by OpenTofu with {what} `{provider}`, for which there is no key here")]
    #[diagnostic(code(tidelock::encryption::provider), help("{}", provider_help(provider, *sealed)))]
    Provider {
        /// Name of the input.
        input: String,
        /// `key provider` or `method`.
        what: &'static str,
        /// Its type.
        provider: Provider,
        /// What it is around.
        sealed: Sealed,
    },
    /// What a key provider left in the envelope is damaged.
    #[error("{input}: the encrypted file is damaged: key provider `{entry}`: {what}")]
    #[diagnostic(
        code(tidelock::encryption::metadata),
        help("something edited the file: take it again from where it came, or from a backup")
    )]
    Metadata {
        /// Name of the input.
        input: String,
        /// The key of the entry.
        entry: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Deriving the key would take too long.
    #[error(
        "{input}: key provider `{entry}` asks for {iterations} iterations, and at most {MAX_ITERATIONS} are made"
    )]
    #[diagnostic(
        code(tidelock::encryption::iterations),
        help(
            "the number is not authenticated before it is used, so it is bounded; if it is right, let tofu decrypt the file: {}",
            sealed.with_tofu()
        )
    )]
    Iterations {
        /// Name of the input.
        input: String,
        /// The key of the entry.
        entry: String,
        /// How many, in all blocks of the key together.
        iterations: u64,
        /// What it is around.
        sealed: Sealed,
    },
    /// There are more entries, or more ways to combine them, than are tried.
    #[error("{input}: the encrypted file has too many key providers to find the right one by trying")]
    #[diagnostic(
        code(tidelock::encryption::too_many),
        help(
            "give the configuration in TF_ENCRYPTION, which says what belongs together (at most {MAX_ENTRIES} entries and {MAX_ITERATIONS} iterations a passphrase are tried); or let tofu decrypt it: {}",
            sealed.with_tofu()
        )
    )]
    TooMany {
        /// Name of the input.
        input: String,
        /// What it is around.
        sealed: Sealed,
    },
    /// The tag does not fit.
    #[error(
        "{input}: this does not open with what was given: the passphrase is another one, or the file was changed"
    )]
    #[diagnostic(
        code(tidelock::encryption::authentication),
        help(
            "which of the two, nobody can tell; check the passphrase, and give TF_ENCRYPTION where the method has an `aad`; or let tofu decrypt it: {}",
            sealed.with_tofu()
        )
    )]
    Authentication {
        /// Name of the input.
        input: String,
        /// What it is around.
        sealed: Sealed,
    },
    /// The envelope says something else than the state in it.
    #[error("{input}: the {what} outside is not the {what} of the encrypted state")]
    #[diagnostic(
        code(tidelock::encryption::mismatch),
        help(
            "something edited the file after tofu had written it: tofu refuses it, too; restore it from a backup"
        )
    )]
    Mismatch {
        /// Name of the input.
        input: String,
        /// `serial` or `lineage`.
        what: &'static str,
    },
    /// What came out is neither a state nor a plan.
    #[error("{input}: decrypted, but neither a state nor a saved plan is in it")]
    #[diagnostic(code(tidelock::encryption::content), help("check where the file comes from"))]
    Content {
        /// Name of the input.
        input: String,
    },
    /// A source of keys failed.
    #[error("{input}: key provider `{entry}`: {cause}")]
    #[diagnostic(code(tidelock::encryption::key_source), help("{}", cause.help()))]
    Key {
        /// Name of the input.
        input: String,
        /// The key of the entry.
        entry: String,
        /// What is wrong.
        cause: KeyError,
    },
    /// The `encryption` configuration cannot be used.
    #[error("{name}: {what}{}", line_of(*line))]
    #[diagnostic(
        code(tidelock::encryption::configuration),
        help(
            "it holds the contents of an `encryption` block, in HCL or JSON, as tofu reads it; it is not quoted here"
        )
    )]
    Configuration {
        /// Where it came from.
        name: String,
        /// What is wrong.
        what: &'static str,
        /// The line, counted from one, where it is known.
        line: Option<usize>,
    },
}

/// Why a key provider of a configuration gives no key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lack {
    /// Its type is not the one that took part, and it takes a network or a program.
    Provider {
        /// `TYPE.NAME`.
        name: String,
    },
    /// Its passphrase is a variable without a value.
    Variable {
        /// `TYPE.NAME` of the key provider.
        name: String,
        /// Name of the root variable.
        variable: String,
    },
    /// Its passphrase is neither a text nor a variable.
    Expression {
        /// `TYPE.NAME` of the key provider.
        name: String,
    },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider { name } => {
                write!(f, "the configuration names `{}`, which took no part in this file", printable(name))
            }
            Self::Variable { name, variable } => write!(
                f,
                "the configuration takes the passphrase of `{}` from `var.{}`, and TF_VAR_{1} is not set",
                printable(name),
                printable(variable)
            ),
            Self::Expression { name } => write!(
                f,
                "the passphrase of `{}` in the configuration is an expression, which is not evaluated",
                printable(name)
            ),
        }
    }
}

fn told(lacks: &[Lack]) -> String {
    let clauses: Vec<String> = lacks.iter().map(|lack| format!("; {lack}")).collect();
    clauses.concat()
}

/// Which variables to set, as the beginning of a help text.
fn variables(lacks: &[Lack]) -> String {
    let variable = |lack: &Lack| match lack {
        Lack::Variable { variable, .. } => Some(format!("set TF_VAR_{}, or ", printable(variable))),
        _ => None,
    };
    lacks.iter().filter_map(variable).collect()
}

/// A source of keys cannot give one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum KeyError {
    /// A passphrase that no key can have been derived from.
    #[error("the passphrase is shorter than {MIN_PASSPHRASE_BYTES} bytes, which OpenTofu refuses")]
    #[diagnostic(
        code(tidelock::encryption::passphrase),
        help("check that the secret it comes from is set, and complete")
    )]
    TooShort,
    /// A passphrase that is no text.
    #[error("the passphrase is not UTF-8 text")]
    #[diagnostic(
        code(tidelock::encryption::passphrase),
        help("write the file as UTF-8, without a byte order mark")
    )]
    NotText,
    /// Anything else; the text must tell no secret.
    #[error("{0}")]
    #[diagnostic(code(tidelock::encryption::key_source), help("{}", self.help()))]
    Failed(Cow<'static, str>),
}

impl KeyError {
    fn help(&self) -> &'static str {
        match self {
            Self::TooShort | Self::NotText => "check that the secret it comes from is set, and complete",
            Self::Failed(_) => {
                "check that tofu can use the same key provider here; what the program says is not shown, because it may tell a secret"
            }
        }
    }
}

fn provider_help(provider: &Provider, sealed: Sealed) -> String {
    let tofu = sealed.with_tofu();
    match provider {
        Provider::External => format!(
            "its program is run with `--allow-external-key-command`, if the configuration (TF_ENCRYPTION, or the sources) names it; or let tofu decrypt it: {tofu}"
        ),
        Provider::AwsKms | Provider::GcpKms | Provider::AzureVault | Provider::OpenBao => {
            format!(
                "it takes a network and credentials, which tidelock never uses: let tofu decrypt it: {tofu}"
            )
        }
        _ => format!("let tofu decrypt it: {tofu}"),
    }
}

fn line_of(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line})"))
}
