//! What a resource block refers to.

use super::Configuration;
use crate::{address::ConfigAddr, path::AttrPath};

/// A reference from a resource block to another one, through whatever locals, variables and outputs there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Reference {
    /// Which part of the block refers.
    pub via: Via,
    /// The argument or nested block that refers, empty unless `via` is [`Via::Argument`].
    pub from: AttrPath,
    /// The resource or data source referred to.
    pub to: ConfigAddr,
    /// The attribute of it, as deep as it is written; empty for the whole.
    pub path: AttrPath,
}

/// The part of a block that refers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Via {
    /// An argument or nested block.
    Argument,
    /// `count` or `for_each`.
    Repetition,
    /// `depends_on` of the block, or of a module call around it.
    DependsOn,
    /// `replace_triggered_by`.
    ReplaceTriggeredBy,
}

impl Configuration {
    /// What a block refers to, sorted; empty for an unknown one.
    pub fn references(&self, addr: &ConfigAddr) -> Vec<Reference> {
        let _ = addr;
        Vec::new()
    }
}
