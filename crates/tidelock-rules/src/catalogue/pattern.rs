//! Patterns for paths: `initialization.user_account.keys` holds for every element on the way.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};
use tidelock_parse::{AttrPath, Step};

/// Names of nested attributes and blocks, without positions and without keys of maps.
///
/// A name may begin with `*` for any beginning (`*_id`); a leading `**.` lets the rest stand at any depth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathPattern {
    text: Box<str>,
}

/// How a pattern and a path lie to each other.
enum Relation {
    /// The path is what the pattern names, or lies below it.
    Covered,
    /// The path ends above what the pattern names.
    Above,
    Apart,
}

impl PathPattern {
    /// Whether the path is what the pattern names, or lies inside it.
    pub fn covers(&self, path: &AttrPath) -> bool {
        matches!(self.relation(path), Relation::Covered)
    }

    /// Whether the path is what the pattern names, lies inside it, or contains it; never true of a whole instance.
    pub fn meets(&self, path: &AttrPath) -> bool {
        !path.is_root() && !matches!(self.relation(path), Relation::Apart)
    }

    /// The names, outermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.text.split('.').filter(|name| *name != "**")
    }

    fn relation(&self, path: &AttrPath) -> Relation {
        let steps = path.steps();
        let Some(rest) = self.text.strip_prefix("**.") else { return relate(&self.text, steps) };
        // At any depth a path is always "above" something, which would say nothing.
        let found = (0..steps.len()).any(|at| matches!(relate(rest, &steps[at..]), Relation::Covered));
        if found { Relation::Covered } else { Relation::Apart }
    }
}

fn relate(names: &str, steps: &[Step]) -> Relation {
    let mut names = names.split('.').peekable();
    for (at, step) in steps.iter().enumerate() {
        let Some(wanted) = names.peek() else { return Relation::Covered };
        match step {
            Step::Index(_) => {}
            Step::Attr(name) if fits(wanted, name) => _ = names.next(),
            // Plans write attributes and keys alike, so a key may be the name looked for, or an element's key.
            Step::Key(name) if fits(wanted, name) => _ = names.next(),
            Step::Key(_) if at > 0 => {}
            Step::Attr(_) | Step::Key(_) => return Relation::Apart,
        }
    }
    if names.peek().is_none() { Relation::Covered } else { Relation::Above }
}

fn fits(wanted: &str, name: &str) -> bool {
    match wanted.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => wanted == name,
    }
}

/// A text is no path pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("not a pattern for attribute paths")]
#[diagnostic(
    code(tidelock::catalogue::pattern),
    help("write names joined with dots and without positions, such as `network_interface.mac_address`")
)]
#[non_exhaustive]
pub struct PatternError;

impl FromStr for PathPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let names = text.strip_prefix("**.").unwrap_or(text);
        let is_name = |name: &str| {
            let name = name.strip_prefix('*').unwrap_or(name);
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        if names.split('.').all(is_name) { Ok(Self { text: text.into() }) } else { Err(PatternError) }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PathPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
