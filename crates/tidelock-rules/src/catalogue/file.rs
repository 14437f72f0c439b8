//! The data files: their shape, and which one knows a type.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;
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

/// One data file, decoded.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    /// Where to look when something vanished.
    pub(super) look: Option<Box<str>>,
    /// Facts that hold for every type of the provider.
    #[serde(default)]
    pub(super) every: PathFacts,
    pub(super) types: BTreeMap<Box<str>, TypeFacts>,
    #[serde(default)]
    pub(super) paths: BTreeMap<Box<str>, PathFacts>,
    #[serde(default)]
    pub(super) companions: Vec<Companion>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeFacts {
    pub(super) holds: Holds,
    /// What to call an object; where absent, the type name without its prefix says it well enough.
    pub(super) noun: Option<Box<str>>,
}

/// One data file as embedded, decoded at first use.
pub(super) struct Source {
    /// What its type names begin with; a longer one stands before a shorter one that begins it.
    pub(super) prefixes: &'static [&'static str],
    pub(super) text: &'static str,
    decoded: OnceLock<Provider>,
}

impl Source {
    const fn new(prefixes: &'static [&'static str], text: &'static str) -> Self {
        Self { prefixes, text, decoded: OnceLock::new() }
    }

    pub(super) fn provider(&self) -> &Provider {
        // A test decodes every file, so the default stands for a file that cannot be shipped.
        self.decoded.get_or_init(|| toml::from_str(self.text).unwrap_or_default())
    }
}

macro_rules! sources {
    ($($file:literal: [$($prefix:literal),+],)+) => {
        /// Every data file.
        pub(super) static SOURCES: [Source; [$($file),+].len()] = [$(
            Source::new(
                &[$($prefix),+],
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/", $file, ".toml")),
            ),
        )+];
    };
}

sources! {
    "aws": ["aws_"],
    "azurerm": ["azurerm_"],
    "cloudflare": ["cloudflare_"],
    "digitalocean": ["digitalocean_"],
    "google": ["google_"],
    "hcloud": ["hcloud_"],
    "kubernetes": ["helm_", "kubectl_", "kubernetes_"],
    "libvirt": ["libvirt_"],
    "openstack": ["openstack_"],
    "proxmox": ["proxmox_virtual_environment_", "proxmox_"],
    "tailscale": ["tailscale_"],
    "utility": [
        "archive_", "cloudinit_", "external_", "http_", "local_", "null_", "random_", "terraform_", "time_", "tls_"
    ],
    "vsphere": ["vsphere_"],
}

/// The file that covers a type's provider, and the type name without the provider's prefix.
pub(super) fn source_of(type_name: &str) -> Option<(&'static Source, &str)> {
    SOURCES.iter().find_map(|source| {
        source.prefixes.iter().find_map(|prefix| Some((source, type_name.strip_prefix(prefix)?)))
    })
}
