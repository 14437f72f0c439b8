//! What one `tidelock.toml` says, as written.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use jiff::civil::Date;
use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, SeqAccess, Visitor},
};
use tidelock_parse::inventory::Mapping;
use toml::Spanned;

use super::{Profile, SecretPattern, Tool, pattern::Pattern};
use crate::{
    catalogue::{Machines, TypeOverride},
    report::{Normaliser, Severity},
    rules,
    verdict::FailOn,
};

/// The keys of the file; `docs/schema/policy-1.json` describes each.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) extends: Option<Spanned<OneOrMany<String>>>,
    pub(super) tool: Option<Tool>,
    pub(super) target_advice: Option<bool>,
    pub(super) machines: Option<Machines>,
    pub(super) profile: Option<Profile>,
    pub(super) fail_on: Option<FailWords>,
    pub(super) protected: Vec<Pattern>,
    pub(super) rules: BTreeMap<RuleName, Word<Severity>>,
    pub(super) thresholds: ThresholdsSaid,
    pub(super) types: BTreeMap<Box<str>, TypeOverride>,
    pub(super) normalisers: BTreeMap<Word<Normaliser>, bool>,
    pub(super) secrets: SecretsSaid,
    pub(super) severity: Vec<SeverityEntry>,
    pub(super) stack: Vec<StackEntry>,
    pub(super) waiver: Vec<Spanned<WaiverEntry>>,
    pub(super) inventory: Vec<Mapping>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ThresholdsSaid {
    pub(super) mostly_gone_at_least: Option<usize>,
    pub(super) mostly_gone_percent: Option<Percent>,
    pub(super) mass_destroy_at_least: Option<usize>,
    pub(super) mass_destroy_percent: Option<Percent>,
    pub(super) blast_radius: Option<usize>,
    pub(super) max_creates: Option<usize>,
    pub(super) max_age_hours: Option<u64>,
}

/// A share of the instances, in percent. More than all of them is a mistake, which would switch the rule off unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Percent(pub(super) usize);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match usize::deserialize(deserializer)? {
            share @ 0..=100 => Ok(Self(share)),
            share => {
                Err(de::Error::custom(format_args!("{share} percent is more than all, write at most 100")))
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SecretsSaid {
    pub(super) patterns: Vec<SecretPattern>,
    pub(super) allow: Vec<SecretPattern>,
}

/// `[[severity]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeverityEntry {
    pub(super) rule: OneOrMany<RuleName>,
    pub(super) address: OneOrMany<Pattern>,
    pub(super) severity: Word<Severity>,
}

/// `[[stack]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StackEntry {
    pub(super) name: OneOrMany<Pattern>,
    pub(super) profile: Profile,
}

/// `[[waiver]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverEntry {
    pub(super) rule: RuleName,
    pub(super) address: Pattern,
    pub(super) path: Option<Pattern>,
    pub(super) stack: Option<Pattern>,
    pub(super) reason: Sentence,
    pub(super) owner: Sentence,
    pub(super) until: Until,
}

/// The code of a built-in rule, written as code or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RuleName(pub(super) &'static str);

impl<'de> Deserialize<'de> for RuleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let found = [word.to_ascii_uppercase(), word.to_ascii_lowercase().replace('_', "-")];
        let found = found.iter().find_map(|word| rules::find(word));
        found.map(|meta| Self(meta.code)).ok_or_else(|| {
            let metas = rules::RULES.iter().map(|rule| rule.meta());
            let known: Vec<String> =
                metas.flat_map(|meta| [meta.code, meta.name]).map(|word| format!("`{word}`")).collect();
            de::Error::custom(format_args!("unknown rule `{word}`, expected one of {}", known.join(", ")))
        })
    }
}

/// A word of one of the report's vocabularies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word<T>(pub(super) T);

impl<'de, T: std::str::FromStr<Err = crate::report::UnknownWord>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map(Self).map_err(|unknown| de::Error::unknown_variant(&unknown.word, unknown.known))
    }
}

/// The words of `fail_on`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FailWords(pub(super) FailOn);

impl<'de> Deserialize<'de> for FailWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = OneOrMany::<String>::deserialize(deserializer)?.0;
        words.join(",").parse().map(Self).map_err(|error: crate::verdict::FailOnError| {
            let known: Vec<String> = FailOn::words().map(|word| format!("`{word}`")).collect();
            de::Error::custom(format_args!(
                "unknown word `{}`, expected one of {}",
                error.word,
                known.join(", ")
            ))
        })
    }
}

/// A text that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence(pub(super) String);

impl<'de> Deserialize<'de> for Sentence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            return Err(de::Error::custom("this must say something: who answers for it, and why"));
        }
        Ok(Self(text.trim().to_owned()))
    }
}

/// A day, written as a TOML date or as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Until(pub(super) Date);

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "this is no day: write one as `2027-12-31`")]
        enum Written {
            Date(toml::value::Datetime),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Date(date) => date.to_string(),
            Written::Text(text) => text,
        };
        // Longer texts that begin with a date (one with a time) would parse, and mean another moment to each reader.
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| de::Error::custom("this is no day: write one as `2027-12-31`"))
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                T::deserialize(text.into_deserializer()).map(|one| vec![one])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(all)
            }
        }

        deserializer.deserialize_any(Either(PhantomData)).map(Self)
    }
}
