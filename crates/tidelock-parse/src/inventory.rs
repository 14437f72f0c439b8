//! What really exists, as exported from a platform: one [`Object`] per thing.
//!
//! A state says what a tool remembers; an inventory says what is there. Both are put into the same words: the objects of an
//! inventory are read here, those of a state by `tidelock-types`, and two [`Object`]s that share a [`Key`] are one thing.
//!
//! [`read`] tells by the content what an export lists. It never claims more than the export shows: of a page of a list, of the
//! guests of one node, of the machines of one region it knows what is there, and not what is gone ([`Coverage::complete`]).
//! Names, labels, addresses and ids are taken, and nothing else: user data, passwords and descriptions stay where they are.
//!
//! ```
//! use tidelock_parse::{Source, inventory::{self, Options}};
//!
//! let export = r#"[{"id":"qemu/110","type":"qemu","node":"pve1","vmid":110,"name":"nas","status":"running"}]"#;
//! let found = inventory::read(&Source::new("vms.json", export), &Options::default()).unwrap();
//! assert_eq!(found.objects[0].name.as_deref(), Some("nas"));
//! assert!(found.coverage.iter().all(|kind| kind.complete));
//! ```

mod aws;
mod claim;
mod collector;
mod error;
mod expression;
mod generic;
mod hcloud;
mod json;
mod mapping;
mod pick;
mod proxmox;
mod reader;
mod table;
mod tailscale;

pub use claim::{Claim, KINDS, UnknownKind};
pub use error::InventoryError;
pub use expression::{CommandLine, Expression, ExpressionError};
pub use mapping::Mapping;
pub use reader::{Options, Pages, is_inventory, read};

use std::{
    borrow::Cow,
    cmp::Ordering,
    collections::BTreeMap,
    fmt,
    hash::{Hash, Hasher},
};

/// Where an object lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// A cluster of Proxmox VE.
    Proxmox,
    /// A project of Hetzner Cloud.
    Hcloud,
    /// An account of AWS.
    Aws,
    /// A tailnet.
    Tailscale,
    /// Any other; the first part of its resource types (`azurerm`), or what a mapping calls it.
    Other(Box<str>),
}

impl Cloud {
    /// The word that reports use.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Proxmox => "proxmox",
            Self::Hcloud => "hcloud",
            Self::Aws => "aws",
            Self::Tailscale => "tailscale",
            Self::Other(name) => name,
        }
    }
}

impl From<&str> for Cloud {
    fn from(name: &str) -> Self {
        match name {
            "proxmox" => Self::Proxmox,
            "hcloud" => Self::Hcloud,
            "aws" => Self::Aws,
            "tailscale" => Self::Tailscale,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What names one object in the world: two objects with an equal key are one.
///
/// Ids of Azure are equal in any case: they mean the same there, and its own tools write them differently.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it lives.
    pub cloud: Cloud,
    /// What the platform calls such a thing: `qemu`, `lxc`, `server`, `volume`, `ec2-instance`, `arn`, `device`. For platforms
    /// that only a mapping describes, the resource type (`azurerm_linux_virtual_machine`).
    pub noun: Box<str>,
    /// The id that is unique among its like, as text: `110`, `4711068`, `i-0abc`.
    pub id: Box<str>,
}

impl Key {
    /// The key of these three.
    pub fn new(cloud: Cloud, noun: &str, id: impl Into<Box<str>>) -> Self {
        Self { cloud, noun: noun.into(), id: id.into() }
    }

    /// What makes it equal to another one.
    fn identity(&self) -> (&Cloud, &str, Cow<'_, str>) {
        let is_azure = matches!(&self.cloud, Cloud::Other(name) if matches!(&**name, "azurerm" | "azapi"));
        let id = if is_azure { self.id.to_ascii_lowercase().into() } else { Cow::Borrowed(&*self.id) };
        (&self.cloud, &self.noun, id)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

/// Whether an object works, as far as its platform says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody says.
    #[default]
    Unknown,
    /// It runs, is available, is connected.
    Running,
    /// It is there and does not run: stopped, off, detached, offline.
    Stopped,
    /// It is being made or on its way out, or in a condition that has its own word.
    Other(Box<str>),
}

/// One thing that exists, or that a state says exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// What names it.
    pub key: Key,
    /// Further names of the same thing: its ARN, an older id.
    pub aliases: Vec<Key>,
    /// What people call it. Not unique on most platforms.
    pub name: Option<String>,
    /// Node, location, zone or region.
    pub location: Option<String>,
    /// Whether it works.
    pub status: Status,
    /// When it was made, RFC 3339, where the platform tells.
    pub created: Option<String>,
    /// Labels; a tag without value has an empty one.
    pub labels: BTreeMap<String, String>,
    /// Addresses by which it is reached: IP addresses without prefix length, host names, the best one first.
    pub addresses: Vec<String>,
    /// Whether its platform refuses to delete it.
    pub protected: bool,
    /// Whether it only serves to make others: a template or an image. Never an orphan.
    pub template: bool,
    /// Whether something other than OpenTofu or Terraform makes and removes it (a scaling group, a cluster): never an orphan.
    pub managed_by: Option<String>,
    /// What it takes to import and to delete it, where only a mapping knows.
    pub told: Told,
}

/// What a mapping tells about an object of which nothing else is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Resource type that manages such a thing.
    pub type_name: Option<Box<str>>,
    /// Import id.
    pub import_id: Option<String>,
    /// Command that deletes it.
    pub delete: Option<String>,
}

impl Object {
    /// An object of which nothing but its key is known.
    pub fn new(key: Key) -> Self {
        Self {
            key,
            aliases: Vec::new(),
            name: None,
            location: None,
            status: Status::Unknown,
            created: None,
            labels: BTreeMap::new(),
            addresses: Vec::new(),
            protected: false,
            template: false,
            managed_by: None,
            told: Told::default(),
        }
    }

    /// All that names it, the key first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.key).chain(&self.aliases)
    }
}

/// A kind of things that an inventory lists, all there are of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coverage {
    /// Where.
    pub cloud: Cloud,
    /// Which kind, as in [`Key::noun`].
    pub noun: Box<str>,
    /// Whether all are listed that there are. Of a page of a list, or the guests of one node, absence proves nothing.
    pub complete: bool,
}

/// What one export says exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inventory {
    /// Name of the input.
    pub name: String,
    /// Which kinds of things it lists, sorted; also those of which there is none.
    pub coverage: Vec<Coverage>,
    /// The things, in the order of the input.
    pub objects: Vec<Object>,
}

impl Inventory {
    /// Whether it would list the object, if it were there.
    pub fn covers(&self, key: &Key) -> bool {
        let covered = |coverage: &Coverage| {
            coverage.complete && coverage.cloud == key.cloud && coverage.noun == key.noun
        };
        self.coverage.iter().any(covered)
    }
}
