//! What the generator is given: the shapes of the chosen resource types, and nothing else of their schemas.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The chosen resource types, by name.
pub type Shapes = BTreeMap<String, Shape>;

/// One resource type.
#[derive(Debug, Deserialize, Serialize)]
pub struct Shape {
    /// Provider and release whose schema this comes from.
    pub provider: String,
    /// Attributes and blocks.
    pub fields: Fields,
}

/// Attributes and blocks by name.
pub type Fields = BTreeMap<String, Field>;

/// An attribute or a block.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Field {
    /// A block, an attribute with attributes of its own, or one of objects: the values look alike.
    Block {
        /// `list`, `set`, `map` or `single`.
        nesting: String,
        /// What is inside.
        fields: Fields,
        /// As for an attribute.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        flags: String,
    },
    /// An attribute.
    Attribute {
        /// As in a schema, but that `number` is `integer` where no fraction is possible, and that `dynamic` stands for
        /// anything.
        r#type: Value,
        /// `r`equired, `o`ptional, `c`omputed, `s`ensitive.
        flags: String,
    },
}

impl Field {
    /// What the schema says beside the type.
    pub fn flags(&self) -> &str {
        match self {
            Self::Block { flags, .. } | Self::Attribute { flags, .. } => flags,
        }
    }
}

/// Reads the shapes.
///
/// # Errors
/// If the file cannot be read or is something else.
pub fn read(path: &Path) -> io::Result<Shapes> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
