//! Provider schemas: which paths can be set, which only the provider fills, what is a set.
//!
//! Sources are files that somebody gives us (`tofu providers schema -json`, see [`SchemaFile`]) and a digest of
//! well-known providers that is built in. Both fill the same type, [`ResourceSchema`]; a given file wins.
//!
//! ```
//! use tidelock_parse::schema::Schemas;
//!
//! let found = Schemas::builtin().resource("registry.opentofu.org/hetznercloud/hcloud", "hcloud_firewall").unwrap();
//! assert!(found.schema.at(&"rule".parse().unwrap()).unwrap().is_set());
//! assert_eq!(found.origin.to_string(), "built-in digest, hetznercloud/hcloud 1.68.0");
//! ```

pub mod digest;
mod error;
mod file;
pub mod model;
mod node;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

pub use error::SchemaError;
pub use file::SchemaFile;
pub use node::{SchemaNode, Setting, Shape};

use crate::path::AttrPath;
use digest::Digest;

/// The schema of one resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceSchema {
    /// Version of the type's state format, by which states are upgraded; not the provider's.
    pub version: u64,
    /// The block of the resource.
    pub root: SchemaNode,
}

impl ResourceSchema {
    /// What stands at a path; `None` if the schema has no such path.
    ///
    /// Positions of list and set elements may be left out (`rule.port`), as facts about all elements do.
    pub fn at(&self, path: &AttrPath) -> Option<&SchemaNode> {
        path.steps().iter().try_fold(&self.root, |node, step| node.child(step))
    }
}

/// Where a schema comes from. Displays as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A file that was given, by the name of its input.
    Given(Arc<str>),
    /// The digest that is built in.
    Digest(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(name) => f.write_str(name),
            Self::Digest(provider) => write!(f, "built-in digest, {provider}"),
        }
    }
}

/// A schema and where it comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found {
    /// The schema.
    pub schema: Arc<ResourceSchema>,
    /// Its source.
    pub origin: Origin,
}

/// All schemas of a run: the given ones, then the built-in digest.
///
/// A type is decoded when it is first asked for; cloning is cheap and shares what was decoded.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    files: Vec<Arc<SchemaFile>>,
    digest: Option<&'static Digest>,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Debug, Default)]
struct Cache {
    found: BTreeMap<Box<str>, BTreeMap<Box<str>, Option<Found>>>,
    problems: Vec<SchemaError>,
}

impl Schemas {
    /// No schema at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// The built-in digest alone.
    pub fn builtin() -> Self {
        /// What has been decoded of the digest, for everybody who asks.
        static BUILTIN: LazyLock<Schemas> =
            LazyLock::new(|| Schemas { digest: Some(Digest::builtin()), ..Schemas::default() });
        BUILTIN.clone()
    }

    /// Adds a given file; the first file that has a type wins.
    #[must_use]
    pub fn with_file(self, file: SchemaFile) -> Self {
        let mut files = self.files;
        files.push(Arc::new(file));
        Self { files, digest: self.digest, cache: Arc::default() }
    }

    /// The schema of a managed resource type.
    ///
    /// `provider` is a source address as plans write it. The public registries of Terraform and OpenTofu count as
    /// one, because they publish the same providers.
    pub fn resource(&self, provider: &str, type_name: &str) -> Option<Found> {
        let key = provider_key(provider);
        let mut cache = self.cache();
        if let Some(found) = cache.found.get(&*key).and_then(|types| types.get(type_name)) {
            return found.clone();
        }
        let found = self.find(&key, type_name, &mut cache.problems);
        cache.found.entry((*key).into()).or_default().insert(type_name.into(), found.clone());
        found
    }

    /// What could not be decoded so far. A type with a problem is looked for in the next source.
    pub fn problems(&self) -> Vec<SchemaError> {
        self.cache().problems.clone()
    }

    fn find(&self, key: &str, type_name: &str, problems: &mut Vec<SchemaError>) -> Option<Found> {
        for file in &self.files {
            match file.resource(key, type_name) {
                Ok(Some(schema)) => {
                    return Some(Found {
                        schema: Arc::new(schema),
                        origin: Origin::Given(file.name().into()),
                    });
                }
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        let (schema, provider) = self.digest?.resource(key, type_name)?;
        Some(Found { schema: Arc::new(schema), origin: Origin::Digest(provider.to_string().into()) })
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `registry.terraform.io/hashicorp/aws`, `registry.opentofu.org/hashicorp/aws` and the `aws` of Terraform 0.12 are
/// all `hashicorp/aws`; other addresses stay as they are.
fn provider_key(provider: &str) -> Cow<'_, str> {
    let hosts = ["registry.terraform.io/", "registry.opentofu.org/"];
    match hosts.iter().find_map(|host| provider.strip_prefix(host)) {
        // Namespace `-`: not known when a state of Terraform 0.12 was written.
        Some(rest) => match rest.strip_prefix("-/") {
            Some(name) => provider_key(name),
            None => rest.into(),
        },
        None if provider == "terraform" => "terraform.io/builtin/terraform".into(),
        None if !provider.contains('/') => format!("hashicorp/{provider}").into(),
        None => provider.into(),
    }
}

#[cfg(test)]
mod tests;
