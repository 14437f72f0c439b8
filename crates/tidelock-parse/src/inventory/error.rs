//! Why an export cannot be used as an inventory.

use super::json::{At, Fault};
use crate::input::Kind;

/// An input is no inventory, or not one that can be relied on. Nothing of the input is quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum InventoryError {
    /// No bytes, or white space only.
    #[error("{input}: the inventory is empty")]
    #[diagnostic(
        code(tidelock::inventory::empty),
        help(
            "an export of nothing prints at least `[]`: check that the command which should have written it succeeded"
        )
    )]
    Empty {
        /// Name of the input.
        input: String,
    },
    /// Bytes that are no text.
    #[error("{input}: the inventory is not UTF-8 text")]
    #[diagnostic(code(tidelock::inventory::encoding), help("save it as UTF-8 or UTF-16"))]
    NotText {
        /// Name of the input.
        input: String,
    },
    /// JSON that is damaged.
    #[error("{input}: not valid JSON (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::inventory::json),
        help("the file is damaged or was cut off: export it again, with nothing but the JSON in the file")
    )]
    Json {
        /// Name of the input.
        input: String,
        /// Line, one-based.
        line: usize,
        /// Column in bytes, one-based.
        column: usize,
    },
    /// A row of a CSV file that does not fit to its header.
    #[error("{input}: not valid CSV (line {line})")]
    #[diagnostic(
        code(tidelock::inventory::csv),
        help(
            "every row needs as many fields as the header; a field with a separator in it stands in double quotes"
        )
    )]
    Csv {
        /// Name of the input.
        input: String,
        /// Line, one-based; 0 if nobody knows.
        line: u64,
    },
    /// An artifact of another kind.
    #[error("{input}: this is {kind}, not an inventory")]
    #[diagnostic(
        code(tidelock::inventory::kind),
        help(
            "an inventory is what the platform itself says exists; docs/inventories.md has the command for each one"
        )
    )]
    Artifact {
        /// Name of the input.
        input: String,
        /// What it is.
        kind: Kind,
    },
    /// The answer of an API that refused.
    #[error("{input}: this is an error that an API answered, not a list")]
    #[diagnostic(
        code(tidelock::inventory::refused),
        help(
            "look into the file: most often the token is missing, expired, or has no right to read; then export again"
        )
    )]
    Refused {
        /// Name of the input.
        input: String,
    },
    /// No known shape, and no mapping fits.
    #[error("{input}: no inventory of a known platform")]
    #[diagnostic(
        code(tidelock::inventory::unknown),
        help(
            "docs/inventories.md has the command for Proxmox VE, Hetzner Cloud, AWS and Tailscale; for other platforms, write an [[inventory]] entry into tidelock.toml and pass `--inventory KIND=FILE`"
        )
    )]
    Unknown {
        /// Name of the input.
        input: String,
    },
    /// A list without an element, which does not say of what.
    #[error("{input}: an empty list that does not say what it lists")]
    #[diagnostic(
        code(tidelock::inventory::unnamed),
        help(
            "say of what there is none: `--inventory KIND={input}`, such as `hcloud:server={input}`; one of {}, or the `kind` of an [[inventory]] entry",
            super::claim::known()
        )
    )]
    Unnamed {
        /// Name of the input.
        input: String,
    },
    /// Another kind of things than was said.
    #[error("{input}: this does not list {claimed}")]
    #[diagnostic(code(tidelock::inventory::claim), help("{}", listed.help()))]
    OtherKind {
        /// Name of the input.
        input: String,
        /// What it was said to list.
        claimed: String,
        /// What it does list.
        listed: Listed,
    },
    /// The mapping that was named does not exist.
    #[error("{input}: neither a kind of inventory nor an [[inventory]] entry is called `{name}`")]
    #[diagnostic(
        code(tidelock::inventory::mapping),
        help(
            "one of {}, or the `kind` of an [[inventory]] entry in tidelock.toml; a file with `=` in its name is written `./{name}=…`",
            super::claim::known()
        )
    )]
    NoMapping {
        /// Name of the input.
        input: String,
        /// What was named.
        name: String,
    },
    /// A page of a list.
    #[error("{input}: only a part of the list: {what}")]
    #[diagnostic(
        code(tidelock::inventory::incomplete),
        help(
            "what is missing in half a list may exist: export all pages (docs/inventories.md has the command) and put them into one file, one after the other; `--partial-inventory` takes it as it is, and concludes nothing from what is not in it"
        )
    )]
    Incomplete {
        /// Name of the input.
        input: String,
        /// What shows it.
        what: String,
    },
    /// An element without which the list cannot be relied on.
    #[error("{input}: object {number} of the list of {list} {what}")]
    #[diagnostic(code(tidelock::inventory::object), help("{}", super::claim::export_of(list)))]
    Object {
        /// Name of the input.
        input: String,
        /// Its number, one-based.
        number: usize,
        /// What the list lists: `proxmox`, or the name of a mapping.
        list: String,
        /// What is wrong, as the end of a sentence.
        what: &'static str,
    },
}

/// What a list was found to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed(pub Vec<String>);

impl Listed {
    fn help(&self) -> String {
        if self.0.is_empty() {
            return "docs/inventories.md says what each kind of inventory looks like".to_owned();
        }
        format!("it lists {}: leave the kind out, or say what it is", self.0.join(", "))
    }
}

impl InventoryError {
    pub(super) fn from_json(input: &str, error: &serde_json::Error) -> Self {
        Self::Json { input: input.to_owned(), line: error.line(), column: error.column() }
    }

    pub(super) fn from_csv(input: &str, error: &csv::Error) -> Self {
        let line = error.position().map_or(0, csv::Position::line);
        Self::Csv { input: input.to_owned(), line }
    }

    /// About an element of a list.
    pub(super) fn at(input: &str, list: &str, at: At) -> Self {
        let what = match at.fault {
            Fault::Misshapen => "is not shaped like one",
            Fault::Lacks(field) => field,
        };
        Self::Object { input: input.to_owned(), number: at.number, list: list.to_owned(), what }
    }
}
