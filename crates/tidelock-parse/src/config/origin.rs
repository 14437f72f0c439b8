//! *Accept*: which one literal of the sources sets a path of an instance, and nothing else.

use serde::Serialize;

use super::{
    Configuration,
    location::{Location, Span, Syntax},
};
use crate::{
    address::{ConfigAddr, ResourceAddr},
    path::AttrPath,
    value::Value,
};

/// The literal that sets a path of an instance, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// Where it stands.
    pub location: Location,
    /// The bytes to replace in [`Location::file`].
    pub span: Span,
    /// Name of the argument, attribute, key or variable it is written for, as written; `None` for an element of
    /// a list.
    pub name: Option<String>,
    /// The literal as written.
    pub old_text: String,
    #[serde(skip)]
    pub(crate) syntax: Syntax,
}

/// Why no line of the sources can be named for accepting a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoOrigin {
    /// The configuration does not set the path.
    NotSet,
    /// The literal sets other instances, too.
    SharedBy {
        /// How many others are known of.
        instances: usize,
    },
    /// The literal sets another path of the same instance, too.
    AlsoSets {
        /// That path.
        path: AttrPath,
    },
    /// Something else would change with the path, because it refers to it.
    ReferredTo {
        /// The block that refers to it.
        by: ConfigAddr,
    },
    /// The literal decides something else, too: which instances there are, or how a provider is configured.
    Structural,
    /// The value is computed from what is written, not passed on.
    Computed,
    /// A variable got its value from the command line, the environment, or a file that does not apply on its own.
    GivenOutside {
        /// The variable.
        variable: Box<str>,
    },
    /// It is written in a module that is downloaded.
    Downloaded,
    /// It cannot be told where the value comes from.
    Unknown,
}

impl Origin {
    /// `value` as it would stand in place of the literal; `None` if it cannot be written as one.
    pub fn accept_hcl(&self, value: &Value) -> Option<String> {
        let _ = value;
        None
    }
}

impl Configuration {
    /// The one literal that sets `path` of this instance and nothing else.
    ///
    /// # Errors
    /// [`NoOrigin`] if there is none, or if it is not certain.
    pub fn origin(&self, addr: &ResourceAddr, path: &AttrPath) -> Result<Origin, NoOrigin> {
        let _ = (addr, path);
        Err(NoOrigin::Unknown)
    }
}
