//! The data files: their shape, and which one knows a type.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use tidelock_parse::AttrPath;

use super::{Holds, pattern::PathPattern};

/// Facts about paths of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PathFacts {
    /// Filled by the provider when nobody sets them, though a schema says that they can be set.
    pub volatile: Vec<PathPattern>,
    /// Relevant to security.
    pub guarding: Vec<PathPattern>,
    /// A change in place restarts or interrupts something.
    pub disruptive: Vec<PathPattern>,
    /// Upper and lower case mean the same.
    pub case_insensitive: Vec<PathPattern>,
}

impl PathFacts {
    /// Adds further paths.
    pub(super) fn extend(&mut self, more: Self) {
        self.volatile.extend(more.volatile);
        self.guarding.extend(more.guarding);
        self.disruptive.extend(more.disruptive);
        self.case_insensitive.extend(more.case_insensitive);
    }
}

/// Other resource types that fill paths of a type: rules of a security group, the policy of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Companion {
    /// The type whose paths are filled.
    pub of: Box<str>,
    /// The paths that are filled.
    pub paths: Vec<PathPattern>,
    /// The types that fill them.
    pub by: Vec<Box<str>>,
    /// Where an instance of those types says which object it belongs to: id, name or ARN, whichever it takes.
    pub through: PathPattern,
}

impl Companion {
    /// Whether the path, or a part of it, is filled from outside.
    pub fn fills(&self, path: &AttrPath) -> bool {
        self.paths.iter().any(|pattern| pattern.meets(path))
    }
}

/// What a data file says about a type itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFacts {
    pub(super) holds: Holds,
    /// What to call an object; where absent, the type name without its prefix says it well enough.
    pub(super) noun: Option<Box<str>>,
    /// What an `import` block calls an object: text with attributes in braces, such as `{node_name}/{vm_id}`.
    pub(super) import: Option<Box<str>>,
}

/// One data file as embedded.
///
/// A run meets a handful of types, and decoding a whole file costs more than comparing a small plan. So only the
/// parts about a type are decoded, each found by its first line. A test holds them against the file as a whole.
pub(super) struct Source {
    /// What its type names begin with; a longer one stands before a shorter one that begins it.
    pub(super) prefixes: &'static [&'static str],
    pub(super) text: &'static str,
}

impl Source {
    /// Where to look when something vanished.
    pub(super) fn look(&self) -> Option<Box<str>> {
        #[derive(Deserialize)]
        struct Head {
            look: Box<str>,
        }
        let head = self.text.split("\n[").next()?;
        toml::from_str::<Head>(head).ok().map(|head| head.look)
    }

    /// What the file says about a type, if it names it.
    pub(super) fn type_facts(&self, type_name: &str) -> Option<TypeFacts> {
        entry(self.text, type_name)
    }

    /// Facts that hold for every type of the provider.
    pub(super) fn every(&self) -> PathFacts {
        self.tables("[every]\n", "").pop().unwrap_or_default()
    }

    /// Facts about paths of a type.
    pub(super) fn paths(&self, type_name: &str) -> PathFacts {
        self.tables(&format!("[paths.{type_name}]\n"), "").pop().unwrap_or_default()
    }

    /// Who fills paths of a type from outside.
    pub(super) fn companions(&self, type_name: &str) -> Vec<Companion> {
        let of = format!("of = \"{type_name}\"\n");
        self.tables("[[companions]]\n", &of)
    }

    /// The tables with this header line and first line, decoded.
    fn tables<T: DeserializeOwned>(&self, header: &str, first: &str) -> Vec<T> {
        let open = format!("\n{header}{first}");
        let skipped = 1 + header.len();
        self.text
            .match_indices(&open)
            .filter_map(move |(at, _)| {
                let table = self.text[at + skipped..].split("\n[").next()?;
                toml::from_str(table).ok()
            })
            .collect()
    }
}

/// What the one line about a type says in a file that has such lines, decoded alone.
pub(crate) fn entry<T: DeserializeOwned>(text: &str, type_name: &str) -> Option<T> {
    let start = text.find(&format!("\n{type_name} = "))? + 1;
    let line = text[start..].lines().next()?;
    toml::from_str::<BTreeMap<Box<str>, T>>(line).ok()?.remove(type_name)
}

macro_rules! sources {
    ($($file:literal: [$($prefix:literal),+],)+) => {
        /// Every data file.
        pub(super) static SOURCES: &[Source] = &[$(
            Source { prefixes: &[$($prefix),+], text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/", $file, ".toml")) },
        )+];
    };
}

sources! {
    "aws": ["aws_"],
    "azurerm": ["azurerm_", "azapi_"],
    "cloudflare": ["cloudflare_"],
    "digitalocean": ["digitalocean_"],
    "elasticstack": ["elasticstack_"],
    "google": ["google_"],
    "hcloud": ["hcloud_"],
    "kubernetes": ["helm_", "kubectl_", "kubernetes_"],
    "libvirt": ["libvirt_"],
    "openstack": ["openstack_"],
    "postgresql": ["postgresql_"],
    "proxmox": ["proxmox_virtual_environment_", "proxmox_"],
    "tailscale": ["tailscale_"],
    "utility": [
        "archive_", "cloudinit_", "external_", "http_", "local_", "null_", "random_", "terraform_", "time_", "tls_"
    ],
    "vault": ["vault_"],
    "vsphere": ["vsphere_"],
}

/// The file that covers a type's provider, and the type name without the provider's prefix.
pub(super) fn source_of(type_name: &str) -> Option<(&'static Source, &str)> {
    SOURCES.iter().find_map(|source| {
        source.prefixes.iter().find_map(|prefix| Some((source, type_name.strip_prefix(prefix)?)))
    })
}
