//! How providers themselves keep objects from being destroyed.
//!
//! The facts are data (`facts/protection.toml`).

use serde::Deserialize;
use tidelock_parse::{
    AttrPath, Configuration, ResourceAddr, Value,
    config::{Evaluated, ResourceBlock, Setting},
};

use crate::catalogue;

static TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/facts/protection.toml"));

/// How objects of a type are protected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Protection {
    /// Arguments that protect the object while they are true.
    on: Vec<Box<str>>,
    /// They are true where nobody sets them.
    default: bool,
    /// The provider refuses to destroy an object that still holds something, unless this argument is true.
    refuses: Option<Box<str>>,
}

/// What an argument says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    On,
    Off,
    NotSet,
    /// It is set to something that is not known here, or nobody can tell.
    CannotTell,
}

impl Protection {
    /// How objects of this type are protected.
    pub(crate) fn of(type_name: &str) -> Self {
        #[derive(Deserialize)]
        struct File {
            any: Protection,
        }
        // The part about types is decoded line by line.
        let any = || TABLE.split("\n[types]").next().and_then(|head| toml::from_str::<File>(head).ok());
        catalogue::entry(TABLE, type_name).or_else(|| any().map(|file| file.any)).unwrap_or_default()
    }

    /// Whether the provider would refuse to destroy an instance. What cannot be told counts in favour of the
    /// configuration.
    pub(crate) fn covers(&self, sources: &Configuration, instance: &ResourceAddr) -> bool {
        let flag = |name: &str| name.parse().map_or(Flag::NotSet, |path| Flag::of(sources, instance, &path));
        let flags: Vec<Flag> = self.on.iter().map(|name| flag(name)).collect();
        let by_default = self.default && !flags.contains(&Flag::Off);
        let refuses = self.refuses.as_deref().is_some_and(|name| flag(name) != Flag::On);
        refuses || by_default || flags.iter().any(|flag| matches!(flag, Flag::On | Flag::CannotTell))
    }
}

/// Whether something keeps an instance from being destroyed by a plan: `lifecycle` of its block, or the provider.
pub(crate) fn is_protected(sources: &Configuration, instance: &ResourceAddr, block: &ResourceBlock) -> bool {
    let lifecycle = &block.lifecycle;
    // An expression that cannot be evaluated counts in favour of the configuration.
    let is = |flag: &_, wanted| sources.flag(&instance.module, flag).is_none_or(|value| value == wanted);
    lifecycle.prevent_destroy.as_ref().is_some_and(|flag| is(flag, true))
        || lifecycle.destroy.as_ref().is_some_and(|flag| is(flag, false))
        || Protection::of(&instance.type_name).covers(sources, instance)
}

impl Flag {
    fn of(sources: &Configuration, instance: &ResourceAddr, path: &AttrPath) -> Self {
        match sources.setting(instance, path) {
            Setting::NotSet => Self::NotSet,
            Setting::Set { value: Evaluated::Known(value), .. } => match value {
                Value::Bool(true) => Self::On,
                // Some providers have words for it.
                Value::String(word) if matches!(&*word, "true" | "ACTIVE" | "ENABLED") => Self::On,
                Value::Bool(false) | Value::String(_) => Self::Off,
                _ => Self::CannotTell,
            },
            _ => Self::CannotTell,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tidelock_parse::config::MemoryTree;

    use super::*;

    #[test]
    fn the_table_decodes_as_a_whole_and_line_by_line() {
        #[derive(Deserialize)]
        struct File {
            any: Protection,
            types: BTreeMap<String, Protection>,
        }
        let file: File = toml::from_str(TABLE).unwrap();
        assert_eq!(Protection::of("x_y"), file.any);
        for (name, whole) in &file.types {
            assert_eq!(&Protection::of(name), whole, "{name}");
        }
        assert!(file.types.keys().is_sorted());
    }

    fn covers(address: &str, arguments: &str) -> bool {
        let (kind, name) = address.split_once('.').unwrap();
        let tree =
            MemoryTree::from([("main.tf", format!("resource \"{kind}\" \"{name}\" {{\n{arguments}\n}}"))]);
        let sources = Configuration::load(&tree, &BTreeMap::new());
        Protection::of(kind).covers(&sources, &address.parse().unwrap())
    }

    #[test]
    fn a_flag_protects_while_it_is_on() {
        assert!(covers("aws_db_instance.a", "deletion_protection = true"));
        assert!(!covers("aws_db_instance.a", "deletion_protection = false"));
        assert!(!covers("aws_db_instance.a", ""));
        assert!(covers("proxmox_virtual_environment_vm.a", "protection = true"));
    }

    #[test]
    fn some_flags_are_on_unless_switched_off() {
        assert!(covers("google_sql_database_instance.a", ""));
        assert!(!covers("google_sql_database_instance.a", "deletion_protection = false"));
    }

    #[test]
    fn what_refuses_to_be_emptied_is_protected_unless_forced() {
        assert!(covers("aws_s3_bucket.a", ""));
        assert!(!covers("aws_s3_bucket.a", "force_destroy = true"));
    }

    #[test]
    fn what_is_not_known_counts_in_favour_of_the_configuration() {
        assert!(covers("aws_db_instance.a", "deletion_protection = var.protect"));
    }
}
