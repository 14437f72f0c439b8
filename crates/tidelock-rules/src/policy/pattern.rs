//! Patterns for names and addresses: `*` stands for any characters, everything else for itself.

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tidelock_parse::ResourceAddr;

/// A text in which `*` stands for any characters, none and `.` or `/` included.
///
/// There are no other wildcards, so that the brackets and quotes of an address need no escapes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(Box<str>);

/// A text is no pattern: it is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("a pattern must not be empty")]
#[diagnostic(code(tidelock::policy::pattern), help("`*` stands for any characters"))]
#[non_exhaustive]
pub struct EmptyPattern;

impl Pattern {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no wildcard, so that it fits one text only.
    pub fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else { return *self.0 == *text };
        let Some(text) = text.strip_prefix(start) else { return false };
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(mut text) = text.strip_suffix(end) else { return false };
        // The first place is as good as any: what follows only needs what is left behind it.
        for part in middle.split('*').filter(|part| !part.is_empty()) {
            let Some(at) = text.find(part) else { return false };
            text = text.get(at + part.len()..).unwrap_or_default();
        }
        true
    }

    /// Whether an address fits to the letter.
    pub fn fits_address(&self, address: &ResourceAddr) -> bool {
        &*self.0 == "*" || self.fits(&address.to_string())
    }

    /// Whether the address, its block, or a module around it fits: as with `-target`, the name of a block stands for
    /// all its instances, and a module for everything in it.
    pub fn covers(&self, address: &ResourceAddr) -> bool {
        Names::of(address).fit(self)
    }
}

/// The names that an address is covered by: its own, its block's, and those of the modules around it, with and without
/// instance keys.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(address: &ResourceAddr) -> Self {
        let mut names = vec![address.to_string(), address.config().to_string()];
        let mut module = Some(address.module.clone());
        while let Some(path) = module.filter(|path| !path.is_root()) {
            names.extend([path.to_string(), path.config().to_string()]);
            module = path.parent();
        }
        Self(names)
    }

    pub(crate) fn fit(&self, pattern: &Pattern) -> bool {
        self.0.iter().any(|name| pattern.fits(name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Borrow<str> for Pattern {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pattern {
    type Err = EmptyPattern;

    fn from_str(text: &str) -> Result<Self, EmptyPattern> {
        if text.is_empty() { Err(EmptyPattern) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().fits(text)
    }

    fn covers(pattern: &str, address: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().covers(&address.parse().unwrap())
    }

    #[test]
    fn a_star_stands_for_any_characters_and_everything_else_for_itself() {
        assert!(fits("*", "") && fits("*", "a.b"));
        assert!(fits("a.*.c", "a.b.b.c") && fits("*a*a*", "aa") && fits("a**b", "ab"));
        assert!(!fits("a*a", "a") && !fits("a.*.c", "a.c") && !fits("*b*a*", "ab"));
        assert!(fits(r#"x["*"]"#, r#"x["eu"]"#) && !fits("x[e]", "xe") && !fits("a.b", "axb"));
    }

    #[test]
    fn many_stars_cost_no_more_than_the_text_is_long() {
        let pattern = "*a".repeat(2_000) + "*b";
        assert!(!fits(&pattern, &"a".repeat(20_000)));
    }

    #[test]
    fn a_block_covers_its_instances_and_a_module_what_is_in_it() {
        let address = r#"module.net["eu"].module.db.aws_db_instance.main[0]"#;
        for pattern in [
            address,
            "module.net.module.db.aws_db_instance.main",
            r#"module.net["eu"]"#,
            "module.net",
            "module.net.module.db",
            "*aws_db_instance*",
        ] {
            assert!(covers(pattern, address), "{pattern}");
        }
        for pattern in ["module.ne", "aws_db_instance.main", r#"module.net["us"]"#, "module.db"] {
            assert!(!covers(pattern, address), "{pattern}");
        }
    }
}
