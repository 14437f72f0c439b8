//! Values while they are being evaluated: kinds that a plan cannot tell apart are kept apart here.

use std::{collections::BTreeMap, sync::Arc};

use super::not_known::Why;
use crate::{
    number::Number,
    path::Step,
    value::{MAX_DEPTH, Value},
};

/// A value. Collections are shared, so that passing them through locals and modules costs nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    Null,
    Unknown(Why),
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    Seq(SeqKind, Arc<Vec<Val>>),
    Map(MapKind, Arc<BTreeMap<Arc<str>, Val>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeqKind {
    Tuple,
    List,
    /// Elements are distinct, and sorted where they are primitive.
    Set,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapKind {
    Object,
    Map,
}

impl Val {
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn integer(value: usize) -> Self {
        Self::Number(Number::from(value as u64))
    }

    pub(crate) fn tuple(items: Vec<Self>) -> Self {
        Self::Seq(SeqKind::Tuple, Arc::new(items))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::Seq(SeqKind::List, Arc::new(items))
    }

    pub(crate) fn object(fields: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Map(MapKind::Object, Arc::new(fields))
    }

    pub(crate) fn map(fields: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Map(MapKind::Map, Arc::new(fields))
    }

    /// A set: equal elements once, primitive ones in order.
    ///
    /// With an element that is not known, nobody can tell how many there are.
    pub(crate) fn set(items: Vec<Self>) -> Self {
        if let Some(why) = Why::of_all(&items) {
            return Self::Unknown(why);
        }
        let mut distinct: Vec<Self> = Vec::with_capacity(items.len());
        if items.iter().all(|item| matches!(item, Self::Text(_))) {
            distinct = items;
            distinct.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
            distinct.dedup();
        } else if items.iter().all(|item| matches!(item, Self::Number(_))) {
            distinct = items;
            distinct.sort_by(|a, b| a.as_number().cmp(&b.as_number()));
            distinct.dedup();
        } else if items.iter().all(|item| matches!(item, Self::Bool(_))) {
            let both = [false, true].map(Self::Bool);
            distinct.extend(both.into_iter().filter(|flag| items.contains(flag)));
        } else {
            for item in items {
                if !distinct.contains(&item) {
                    distinct.push(item);
                }
            }
        }
        Self::Seq(SeqKind::Set, Arc::new(distinct))
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn as_map(&self) -> Option<&BTreeMap<Arc<str>, Self>> {
        match self {
            Self::Map(_, fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn as_seq(&self) -> Option<&[Self]> {
        match self {
            Self::Seq(_, items) => Some(items),
            _ => None,
        }
    }

    /// Whether the order of the elements means something. A set of anything but plain values has an order that
    /// the language does not tell.
    pub(crate) fn is_ordered(&self) -> bool {
        match self {
            Self::Seq(SeqKind::Set, items) => {
                items.len() < 2
                    || items
                        .iter()
                        .all(|item| matches!(item, Self::Text(_) | Self::Number(_) | Self::Bool(_)))
            }
            _ => true,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Why this is not known as a whole; parts of it may still be unknown.
    pub(crate) fn why(&self) -> Option<&Why> {
        match self {
            Self::Unknown(why) => Some(why),
            _ => None,
        }
    }

    /// The value one step further; `None` if there is nothing.
    pub(crate) fn step(&self, step: &Step) -> Option<Self> {
        match (self, step) {
            (Self::Unknown(_), _) => Some(self.clone()),
            (Self::Map(_, fields), Step::Attr(name) | Step::Key(name)) => fields.get(&**name).cloned(),
            (Self::Seq(_, items), Step::Index(index)) => items.get(usize::try_from(*index).ok()?).cloned(),
            _ => None,
        }
    }

    /// The plain value. Parts that are not known are [`Value::Unknown`].
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown(_) => Value::Unknown,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String((&**text).into()),
            Self::Seq(_, items) => Value::List(items.iter().map(Self::to_value).collect()),
            Self::Map(_, fields) => Value::Object(
                fields.iter().map(|(name, field)| ((&**name).into(), field.to_value())).collect(),
            ),
        }
    }

    /// A value that came from outside the sources; lists become tuples and objects stay objects, as JSON does
    /// not say more. Too deep parts are not known.
    pub(crate) fn from_value(value: &Value) -> Self {
        Self::from_bounded(value, MAX_DEPTH)
    }

    fn from_bounded(value: &Value, depth: usize) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Unknown(Why::limit());
        };
        match value {
            Value::Null => Self::Null,
            Value::Unknown => Self::Unknown(Why::after_apply()),
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::text(&**text),
            Value::List(items) => {
                Self::tuple(items.iter().map(|item| Self::from_bounded(item, depth)).collect())
            }
            Value::Object(fields) => {
                let fields = fields.iter();
                Self::object(
                    fields
                        .map(|(name, field)| (Arc::from(&**name), Self::from_bounded(field, depth)))
                        .collect(),
                )
            }
        }
    }
}
