//! Attribute paths inside a resource instance: `initialization[0].user_account[0].keys`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quoted::{is_identifier, read_identifier, read_quoted, write_quoted};

/// One step of an [`AttrPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Position in a list, zero-based.
    Index(u64),
    /// Attribute of an object or block, an HCL identifier.
    Attr(Box<str>),
    /// Key of a map.
    Key(Box<str>),
}

impl Step {
    /// An attribute step; a key step if `name` is no identifier, which HCL could not write as an attribute.
    pub fn attr(name: &str) -> Self {
        if is_identifier(name) { Self::Attr(name.into()) } else { Self::Key(name.into()) }
    }

    /// The name or key; `None` for a position.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Attr(name) | Self::Key(name) => Some(name),
            Self::Index(_) => None,
        }
    }

    /// Whether both name the same thing when it is not known which of the two is a map and which an object.
    ///
    /// Plan JSON writes attribute steps and string keys alike (`replace_paths`), so what comes from there can
    /// only be matched like this.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Index(a), Self::Index(b)) => a == b,
            _ => self.name().is_some() && self.name() == other.name(),
        }
    }
}

/// Path of an attribute, block, element or key inside one instance; empty for the instance itself.
///
/// `Display` writes what HCL would (`memory[0].dedicated`, `tags["a"]`), `FromStr` reads it back.
///
/// ```
/// # use tidelock_parse::AttrPath;
/// let path: AttrPath = r#"disk[10].labels["a.b"]"#.parse().unwrap();
/// assert_eq!(path.to_string(), r#"disk[10].labels["a.b"]"#);
/// assert!("disk[2]".parse::<AttrPath>().unwrap() < path);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttrPath(Vec<Step>);

impl AttrPath {
    /// The path of the instance itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the instance itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Name of the top-level attribute or block this path starts with.
    pub fn top(&self) -> Option<&str> {
        self.0.first().and_then(Step::name)
    }

    /// This path, one step longer.
    #[must_use]
    pub fn child(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// Appends a step.
    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Removes the last step and returns it.
    pub fn pop(&mut self) -> Option<Step> {
        self.0.pop()
    }

    /// The path one step shorter; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.split_last().map(|(_, rest)| Self(rest.to_vec()))
    }

    /// Whether this path is `other` or lies above it ([`Step::same`] decides for each step).
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        self.0.len() <= other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| a.same(b))
    }

    /// Whether either path is a prefix of the other: a change at one touches the other.
    pub fn meets(&self, other: &Self) -> bool {
        self.is_prefix_of(other) || other.is_prefix_of(self)
    }

    /// Names only, positions and keys of maps left out where they follow a name: `disk.labels`.
    ///
    /// Facts about a type are written like this, because they hold for every element.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Attr(name) => Some(&**name),
            Step::Key(_) | Step::Index(_) => None,
        })
    }
}

impl From<Vec<Step>> for AttrPath {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl FromIterator<Step> for AttrPath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Attr(name) if i == 0 => f.write_str(name)?,
                Step::Attr(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    f.write_str("[")?;
                    write_quoted(f, key)?;
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

/// A text is not an attribute path; `at` is the byte where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("not an attribute path (stopped at byte {at})")]
#[diagnostic(
    code(tidelock::path::syntax),
    help("write it as in HCL, such as `disk[0].size` or `tags[\"env\"]`")
)]
pub struct PathError {
    /// Byte offset of the first character that does not fit, zero-based.
    pub at: usize,
}

impl FromStr for AttrPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let error = PathError { at: text.len() - rest.len() };
            let (step, behind) = read_step(rest, steps.is_empty()).ok_or(error)?;
            steps.push(step);
            rest = behind;
        }
        Ok(Self(steps))
    }
}

fn read_step(text: &str, first: bool) -> Option<(Step, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (step, rest) = read_index(inside)?;
        return Some((step, rest.strip_prefix(']')?));
    }
    let name = if first { text } else { text.strip_prefix('.')? };
    let (name, rest) = read_identifier(name)?;
    Some((Step::Attr(name.into()), rest))
}

/// Reads what stands between brackets: digits or a quoted key.
pub(crate) fn read_index(text: &str) -> Option<(Step, &str)> {
    if text.starts_with('"') {
        let (key, rest) = read_quoted(text)?;
        return Some((Step::Key(key.into()), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    // A leading zero would not survive a round trip.
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((Step::Index(digits.parse().ok()?), rest))
}

impl Serialize for AttrPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AttrPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
