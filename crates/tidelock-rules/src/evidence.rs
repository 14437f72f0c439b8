//! What is known about an instance beyond the values of the plan: its type's schema, the catalogue, and what the
//! configuration sets.

use tidelock_parse::{AttrPath, ResourceAddr, Value};

use crate::{
    catalogue::Facts,
    compare::{Shape, Shapes},
    report::{Evidence, IgnoreEntry, Normaliser},
};

/// Who may set a path, as a schema says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Only the provider.
    Provider,
    /// The configuration; what it leaves out the provider fills.
    Either,
    /// The configuration; what it leaves out is null.
    Configuration,
}

/// What the configuration says about one path of one instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// It does not set the path.
    NotSet,
    /// It sets the path to this value.
    Value(Value),
    /// It sets the path to something that cannot be evaluated here.
    Unevaluated,
    /// Nobody can tell whether it sets the path.
    CannotTell,
}

/// Everything the classification may ask about one instance.
pub trait Knowledge {
    /// What a schema says stands at `path`.
    fn shape(&self, path: &AttrPath) -> Shape;

    /// Who may set `path`, if a schema is at hand.
    fn owner(&self, path: &AttrPath) -> Option<Owner>;

    /// Name of the schema, for the report.
    fn schema_name(&self) -> Option<String>;

    /// What the configuration sets `path` to, and which evidence that is.
    fn setting(&self, path: &AttrPath) -> (Setting, Evidence);

    /// The `ignore_changes` entry of the sources that covers `path`.
    fn ignored_by(&self, path: &AttrPath) -> Option<IgnoreEntry>;

    /// Whether companions in the plan explain the change at `path`.
    fn companions_explain(&self, path: &AttrPath, recorded: Option<&Value>, actual: Option<&Value>) -> bool;

    /// Whether the block that declares the instance exists; `None` without sources or configuration.
    fn is_declared(&self, address: &ResourceAddr) -> Option<bool>;

    /// Curated facts about the type.
    fn facts(&self) -> &Facts;

    /// Whether `ignore_changes` names single elements of the list at `path`.
    fn splits(&self, path: &AttrPath) -> bool;

    /// Whether values that are equal only under this reading count as different.
    fn refuses(&self, normaliser: Normaliser) -> bool {
        let _ = normaliser;
        false
    }
}

/// The comparison's view of [`Knowledge`].
pub(crate) struct TypeShapes<'k>(pub(crate) &'k dyn Knowledge);

impl Shapes for TypeShapes<'_> {
    fn shape(&self, path: &AttrPath) -> Shape {
        self.0.shape(path)
    }

    fn ignores_case(&self, path: &AttrPath) -> bool {
        self.0.facts().case_insensitive(path)
    }

    fn splits(&self, path: &AttrPath) -> bool {
        self.0.splits(path)
    }

    fn refuses(&self, normaliser: Normaliser) -> bool {
        self.0.refuses(normaliser)
    }
}
