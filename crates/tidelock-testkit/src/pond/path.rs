//! Paths inside an object, as `case.toml` writes them and as the protocol sends them.

use std::fmt;
use std::str::FromStr;

use super::PondError;
use super::protocol::{AttributePath, attribute_path};

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name`: an attribute of an object, or a block.
    Attribute(String),
    /// `["key"]`: an entry of a map.
    Key(String),
    /// `[0]`: an element of a list.
    Index(usize),
}

/// A path from the root of a resource, `memory[0].dedicated`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    pub(super) fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(super) fn to_protocol(&self) -> AttributePath {
        use attribute_path::step::Selector;
        let selector = |step: &Step| match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
        };
        let step = |step| attribute_path::Step { selector: Some(selector(step)) };
        AttributePath { steps: self.0.iter().map(step).collect() }
    }
}

impl FromStr for Path {
    type Err = PondError;

    /// Reads `a.b[0]["key"]`; keys hold no quotes.
    fn from_str(text: &str) -> Result<Self, PondError> {
        let bad = || PondError::NoSuchPath(text.to_owned());
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(bracket) = rest.strip_prefix('[') {
                let (inside, after) = bracket.split_once(']').ok_or_else(bad)?;
                let key = inside.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
                steps.push(match key {
                    Some(key) => Step::Key(key.to_owned()),
                    None => Step::Index(inside.parse().map_err(|_| bad())?),
                });
                rest = after;
            } else {
                let name = rest.strip_prefix('.').unwrap_or(rest);
                let end = name.find(['.', '[']).unwrap_or(name.len());
                let (name, after) = name.split_at(end);
                if name.is_empty() {
                    return Err(bad());
                }
                steps.push(Step::Attribute(name.to_owned()));
                rest = after;
            }
        }
        Ok(Self(steps))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[\"{key}\"]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_as_it_is_read() {
        for text in ["memory[0].dedicated", "tags[\"a.b\"]", "name", ""] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_open_bracket_is_no_path() {
        assert!("memory[0".parse::<Path>().is_err());
        assert!("memory..x".parse::<Path>().is_err());
    }
}
