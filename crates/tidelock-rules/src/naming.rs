//! What makes an object one of a kind, where names must be unique.
//!
//! The facts are data (`facts/identity.toml`). A type that the file does not name has no identity here: two objects of
//! one name are nothing unusual in most places.

use std::fmt::Write as _;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tidelock_parse::{AttrPath, Mask, Redactor, Shown, Step, Value};

use crate::catalogue;

static TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/facts/identity.toml"));

/// How objects of a type are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Naming {
    /// Arguments that must all be known.
    pub by: Vec<Box<str>>,
    /// Arguments that count, too, and may be absent.
    #[serde(default)]
    pub also: Vec<Box<str>>,
    /// Arguments that the provider's configuration gives where the block does not.
    #[serde(default)]
    pub inherit: Vec<Box<str>>,
    /// How far an identity reaches.
    #[serde(default)]
    pub within: Within,
    /// What several types share one space of names under; the type itself where absent.
    kind: Option<Box<str>>,
    #[serde(default)]
    fold: bool,
    #[serde(default)]
    dns: bool,
}

/// How far an identity reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Within {
    /// As far as one configuration of the provider: an account, a project, a cluster.
    #[default]
    Account,
    /// Everywhere.
    World,
}

/// Who an object is; equal for the same object. Keeps no value, only their hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    name: u128,
    inherited: Vec<Option<u128>>,
}

/// How the arguments that the provider's configuration gives compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherited {
    Equal,
    Differ,
    /// One side is left to the provider, and nothing says what it takes.
    CannotTell,
}

impl Naming {
    /// How objects of this type are told apart; `None` where nothing makes them unique.
    pub fn of(type_name: &str) -> Option<Self> {
        catalogue::entry(TABLE, type_name)
    }

    /// What the type shares its names under, mostly with nobody but itself.
    pub fn kind<'k>(&'k self, type_name: &'k str) -> &'k str {
        self.kind.as_deref().unwrap_or(type_name)
    }

    /// The top-level arguments that are needed to know who an object is.
    pub fn arguments(&self) -> Vec<&str> {
        let all = self.by.iter().chain(&self.also).chain(&self.inherit);
        let mut tops: Vec<&str> = all.filter_map(|path| path.split(['.', '[']).next()).collect();
        tops.sort_unstable();
        tops.dedup();
        tops
    }

    /// Who the object is that `object` describes; `None` as long as an argument that names it is not known.
    ///
    /// `provided` answers for arguments of the provider's configuration.
    pub fn identify(
        &self,
        type_name: &str,
        object: &Value,
        provided: impl Fn(&str) -> Option<Value>,
    ) -> Option<Identity> {
        let mut hash = Sha256::new();
        hash.update(self.kind(type_name));
        hash.update([0]);
        for name in &self.by {
            self.add(&mut hash, at(object, name).filter(|value| is_name(value))?);
        }
        for name in &self.also {
            match at(object, name) {
                Some(value) if value.has_unknown() => return None,
                Some(value) if !value.is_empty() => self.add(&mut hash, value),
                _ => hash.update([0]),
            }
        }
        let inherited = self.inherit.iter().map(|name| {
            let own = at(object, name).filter(|value| is_name(value)).cloned();
            own.or_else(|| provided(name)).map(|value| digest_of(&value))
        });
        Some(Identity { name: short(hash), inherited: inherited.collect() })
    }

    /// `bucket = "logs"`, without what may not be shown.
    pub fn describe(&self, object: &Value, sensitive: &Mask) -> String {
        let mut text = String::new();
        for name in &self.by {
            let Ok(path) = name.parse::<AttrPath>() else { continue };
            let shown = Redactor::default().show(object.get(&path), sensitive.at(&path));
            if !text.is_empty() {
                text.push_str(", ");
            }
            // Writing to a string cannot fail.
            let _ = match shown {
                Shown::Value { value, masked } if masked.is_empty() => {
                    write!(text, "{name} = {}", serde_json::to_string(&value).unwrap_or_default())
                }
                _ => write!(text, "{name} = (redacted)"),
            };
        }
        text
    }

    fn add(&self, hash: &mut Sha256, value: &Value) {
        let text = text_of(value);
        let text = if self.dns { text.trim_end_matches('.') } else { &text };
        if self.fold || self.dns {
            hash.update(text.to_lowercase());
        } else {
            hash.update(text);
        }
        // A byte that occurs in no text keeps the parts apart.
        hash.update([0]);
    }
}

impl Identity {
    /// Whether the names are the same, whatever the provider's configuration adds.
    pub(crate) fn name(&self) -> u128 {
        self.name
    }

    pub(crate) fn inherited(&self, other: &Self) -> Inherited {
        let mut result = Inherited::Equal;
        for pair in self.inherited.iter().zip(&other.inherited) {
            match pair {
                (Some(a), Some(b)) if a != b => return Inherited::Differ,
                (Some(_), None) | (None, Some(_)) => result = Inherited::CannotTell,
                _ => {}
            }
        }
        result
    }

    /// Whether something is left to the provider's configuration that nothing tells.
    pub(crate) fn is_open(&self) -> bool {
        self.inherited.iter().any(Option::is_none)
    }
}

/// The value at a path such as `metadata[0].name`.
fn at<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    if path.contains(['.', '[']) { object.get(&path.parse().ok()?) } else { object.step(&Step::attr(path)) }
}

/// Whether a value can name something: known, and a text or a number that is not empty. Zero asks a provider to choose.
fn is_name(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_u64() != Some(0),
        _ => false,
    }
}

/// A number and the text of it name the same thing.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// A hash that stands for a value, for comparisons.
pub(crate) fn digest_of(value: &Value) -> u128 {
    let mut hash = Sha256::new();
    hash.update(text_of(value));
    short(hash)
}

fn short(hash: Sha256) -> u128 {
    hash.finalize().iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn naming(type_name: &str) -> Naming {
        Naming::of(type_name).unwrap()
    }

    fn identity(type_name: &str, object: &str) -> Option<Identity> {
        naming(type_name).identify(type_name, &Value::decode(object).unwrap(), |_| None)
    }

    #[test]
    fn the_table_decodes_as_a_whole_and_line_by_line() {
        #[derive(Deserialize)]
        struct File {
            types: BTreeMap<String, Naming>,
        }
        let file: File = toml::from_str(TABLE).unwrap();
        assert!(file.types.len() > 300);
        for (name, whole) in &file.types {
            assert_eq!(Naming::of(name).as_ref(), Some(whole), "{name}");
            assert!(!whole.by.is_empty(), "{name}");
            for argument in whole.by.iter().chain(&whole.also).chain(&whole.inherit) {
                assert!(argument.parse::<AttrPath>().is_ok(), "{name}: {argument}");
            }
        }
        assert!(file.types.keys().is_sorted());
    }

    #[test]
    fn types_whose_names_repeat_have_no_identity() {
        for name in ["aws_instance", "aws_route53_zone", "digitalocean_droplet", "null_resource", "x_y"] {
            assert_eq!(Naming::of(name), None, "{name}");
        }
    }

    #[test]
    fn equal_names_are_one_identity() {
        let bucket = |name: &str| identity("aws_s3_bucket", &format!(r#"{{"bucket":"{name}","id":"1"}}"#));
        assert_eq!(bucket("a"), bucket("a"));
        assert_ne!(bucket("a"), bucket("b"));
    }

    #[test]
    fn a_name_that_is_not_known_yet_identifies_nothing() {
        for object in [r"{}", r#"{"bucket":null}"#, r#"{"bucket":""}"#] {
            assert_eq!(identity("aws_s3_bucket", object), None, "{object}");
        }
    }

    #[test]
    fn a_number_that_a_provider_chooses_identifies_nothing() {
        assert_eq!(identity("proxmox_virtual_environment_vm", r#"{"vm_id":0}"#), None);
        assert!(identity("proxmox_virtual_environment_vm", r#"{"vm_id":110}"#).is_some());
    }

    #[test]
    fn guests_of_one_cluster_share_their_numbers() {
        let vm = identity("proxmox_virtual_environment_vm", r#"{"vm_id":110,"node_name":"a"}"#);
        assert_eq!(identity("proxmox_virtual_environment_container", r#"{"vm_id":110}"#), vm);
    }

    #[test]
    fn dns_names_ignore_case_and_a_last_dot() {
        let record = |name: &str, set: &str| {
            let object = format!(r#"{{"zone_id":"Z1","name":"{name}","type":"A","set_identifier":{set}}}"#);
            identity("aws_route53_record", &object)
        };
        assert_eq!(record("WWW.example.net.", "null"), record("www.example.net", "null"));
        assert_ne!(record("www.example.net", r#""blue""#), record("www.example.net", r#""green""#));
    }

    #[test]
    fn what_the_block_leaves_out_comes_from_the_provider() {
        let disk = |object: &str, project: Option<&str>| {
            let object = Value::decode(object).unwrap();
            naming("google_compute_disk")
                .identify("google_compute_disk", &object, |name| {
                    project.filter(|_| name == "project").map(|text| Value::String(text.into()))
                })
                .unwrap()
        };
        let own = disk(r#"{"name":"d","zone":"z","project":"p"}"#, None);
        assert_eq!(own.inherited(&disk(r#"{"name":"d","zone":"z"}"#, Some("p"))), Inherited::Equal);
        assert_eq!(own.inherited(&disk(r#"{"name":"d","zone":"z"}"#, Some("q"))), Inherited::Differ);
        assert_eq!(own.inherited(&disk(r#"{"name":"d","zone":"z"}"#, None)), Inherited::CannotTell);
    }

    #[test]
    fn descriptions_hold_no_secret() {
        let object = Value::decode(r#"{"name":"x"}"#).unwrap();
        let role = naming("aws_iam_role");
        assert_eq!(role.describe(&object, &Mask::None), r#"name = "x""#);
        assert_eq!(role.describe(&object, &Mask::All), "name = (redacted)");
    }
}
