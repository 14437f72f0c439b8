//! Why an expression has no known value.

use std::{fmt, sync::Arc};

use super::val::Val;

/// Why a value is not known from the sources alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotKnown {
    /// It comes from a resource or data source, named as written.
    Reference(Box<str>),
    /// A variable has no value in the plan, the files or its default.
    Variable(Box<str>),
    /// A function that reads files, time or randomness, or that this version does not evaluate.
    Function(Box<str>),
    /// A name that only means something at run time: `path.module`, `terraform.workspace`, `self`.
    Environment(Box<str>),
    /// A module whose sources are not in the tree.
    Module(Box<str>),
    /// The expression fails as far as can be told, so something about it is not understood.
    Failed(&'static str),
    /// A result that cannot be written down exactly, such as a third.
    Inexact,
    /// A local, variable or output that refers to itself.
    Cycle,
    /// Nested or repeated beyond what is evaluated.
    Limit,
    /// The plan says that it is known only after apply.
    AfterApply,
    /// Not further explained.
    Other,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(name) | Self::Environment(name) => write!(f, "depends on {name}"),
            Self::Variable(name) => write!(f, "no value is known for var.{name}"),
            Self::Function(name) => write!(f, "calls {name}()"),
            Self::Module(name) => write!(f, "the sources of module.{name} are not there"),
            Self::Failed(why) => write!(f, "cannot be evaluated: {why}"),
            Self::Inexact => f.write_str("has no exact value"),
            Self::Cycle => f.write_str("refers to itself"),
            Self::Limit => f.write_str("is nested or repeated too deeply"),
            Self::AfterApply => f.write_str("is known only after apply"),
            Self::Other => f.write_str("cannot be evaluated"),
        }
    }
}

/// The reason with two facts that the search for users of a literal needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    reason: Arc<NotKnown>,
    /// Whether the marked literal had a part in it (see `origin`).
    pub(crate) marked: bool,
    /// Whether some part of the expression was not looked at, so that `marked` may be missing.
    pub(crate) opaque: bool,
}

impl Why {
    /// Everything the expression is made of was looked at.
    pub(crate) fn seen(reason: NotKnown) -> Self {
        Self { reason: Arc::new(reason), marked: false, opaque: false }
    }

    /// Parts of the expression were not looked at.
    pub(crate) fn opaque(reason: NotKnown) -> Self {
        Self { opaque: true, ..Self::seen(reason) }
    }

    pub(crate) fn marked() -> Self {
        Self { marked: true, ..Self::seen(NotKnown::Other) }
    }

    pub(crate) fn limit() -> Self {
        Self::opaque(NotKnown::Limit)
    }

    pub(crate) fn after_apply() -> Self {
        Self::seen(NotKnown::AfterApply)
    }

    pub(crate) fn failed(fail: Fail) -> Self {
        Self::opaque(NotKnown::Failed(fail.0))
    }

    /// This reason, where a part of the expression could not be looked at because of it.
    pub(crate) fn unseen(self) -> Self {
        Self { opaque: true, ..self }
    }

    pub(crate) fn reason(&self) -> NotKnown {
        (*self.reason).clone()
    }

    /// This reason, with the facts of both.
    pub(crate) fn and(mut self, other: Option<&Self>) -> Self {
        if let Some(other) = other {
            self.marked |= other.marked;
            self.opaque |= other.opaque;
        }
        self
    }

    /// The first reason inside `value`, with the facts of all of them; `None` if everything is known.
    pub(crate) fn of(value: &Val) -> Option<Self> {
        match value {
            Val::Unknown(why) => Some(why.clone()),
            Val::Seq(_, items) => Self::of_all(items.iter()),
            Val::Map(_, fields) => Self::of_all(fields.values()),
            Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_) => None,
        }
    }

    /// As [`Why::of`], for several values.
    pub(crate) fn of_all<'v>(values: impl IntoIterator<Item = &'v Val>) -> Option<Self> {
        values.into_iter().filter_map(Self::of).reduce(|all, why| all.and(Some(&why)))
    }
}

/// An expression certainly fails. Only what the language defines as an error may be one: `try` decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fail(pub(crate) &'static str);

/// What evaluating gives; see [`Fail`].
pub(crate) type Eval = Result<Val, Fail>;
