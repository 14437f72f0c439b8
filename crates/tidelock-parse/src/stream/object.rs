//! Who an object is, as a log says.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{redact, secret};

/// The attribute that identifies an object, and its value. Some ids are secrets (tokens), so `Display`, `Debug` and JSON
/// show the value with what is secret by form cut out of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    key: Box<str>,
    value: Box<str>,
}

impl ObjectId {
    /// An id under the name of its attribute.
    pub fn new(key: &str, value: &str) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// Name of the attribute, `id` as a rule.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value as it is: for acting on the object, never for showing.
    pub fn real(&self) -> &str {
        &self.value
    }

    /// The value as it may be shown.
    pub fn shown(&self) -> String {
        if secret::is_named(&self.key, &self.value) {
            return redact::CUT.to_owned();
        }
        redact::cut_text(&self.value)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({}={:?})", self.key, self.shown())
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("ObjectId", 2)?;
        fields.serialize_field("key", &*self.key)?;
        fields.serialize_field("value", &self.shown())?;
        fields.end()
    }
}
