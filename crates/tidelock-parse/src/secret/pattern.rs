//! Patterns of a policy for what is secret by form in its own house, or never.

use std::{fmt, ops::Range, str::FromStr};

use regex_lite::Regex;
use serde::{Deserialize, Deserializer};

/// A regular expression; what it finds is a secret, or is none.
///
/// Matching is linear in the text. Its first group is what counts, if it has one: `token=([0-9a-f]{32})`.
#[derive(Clone, Debug)]
pub struct SecretPattern(Regex);

/// A text is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("this is no regular expression: {message}")]
#[diagnostic(
    code(tidelock::secret::pattern),
    help(
        "look-around and back references do not exist here; write it in single quotes, so that TOML keeps backslashes"
    )
)]
pub struct SecretPatternError {
    /// What is wrong with it.
    pub message: String,
}

impl SecretPattern {
    /// As written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Every non-empty match in a text.
    pub fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let matches = self.0.captures_iter(text).filter_map(|found| found.get(1).or_else(|| found.get(0)));
        matches.map(|found| found.range()).filter(|range| !range.is_empty())
    }
}

impl PartialEq for SecretPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SecretPattern {}

impl FromStr for SecretPattern {
    type Err = SecretPatternError;

    fn from_str(text: &str) -> Result<Self, SecretPatternError> {
        Regex::new(text).map(Self).map_err(|error| SecretPatternError { message: error.to_string() })
    }
}

impl fmt::Display for SecretPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SecretPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
