//! Curated facts per resource type (stub until the catalogue lands).

use serde::Serialize;

/// What is lost with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Holds {
    /// Capacity or nothing.
    Nothing,
    /// Contents.
    Data,
}
