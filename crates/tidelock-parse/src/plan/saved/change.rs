//! One change of a saved plan, its values undecoded.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prost::bytes::Bytes;

use super::{
    Saved, guide, message,
    msgpack::{self, Decoded},
    paths,
    recovered::Recovered,
};
use crate::{
    action::Action,
    address::ResourceAddr,
    plan::ChangeValues,
    schema::ResourceSchema,
    value::{Mask, Value, ValueError},
};

/// Where the values of a change are.
#[derive(Clone)]
pub(in crate::plan) enum SavedChange {
    /// In the plan: a message that shares the buffer of the member.
    Message {
        /// The message `Change`.
        change: Bytes,
        /// The file it stands in.
        saved: Arc<Saved>,
    },
    /// In the two states: drift that the plan does not list.
    States(Recovered),
}

impl fmt::Debug for SavedChange {
    /// The values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SavedChange")
    }
}

/// The instance a change is about.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Subject<'a> {
    pub(in crate::plan) address: &'a ResourceAddr,
    pub(in crate::plan) provider: &'a str,
}

/// What `action` of a change means; the products use 9 for different things.
pub(super) fn action(number: i32, open_is_nine: bool) -> Action {
    match number {
        0 => Action::NoOp,
        1 => Action::Create,
        2 => Action::Read,
        3 => Action::Update,
        5 => Action::Delete,
        6 => Action::DeleteThenCreate,
        7 => Action::CreateThenDelete,
        8 => Action::Forget,
        9 if open_is_nine => Action::Open,
        9 => Action::CreateThenForget,
        10 => Action::ForgetThenCreate,
        other => Action::Other(vec![format!("action {other}")]),
    }
}

/// The two values of a change, as far as they are there.
pub(super) fn sides(
    change: &message::Change,
    action: &Action,
) -> (Option<message::DynamicValue>, Option<message::DynamicValue>) {
    let mut values = change.values.iter().cloned();
    let first = values.next();
    match action {
        Action::NoOp => (first.clone(), first),
        Action::Create => (None, first),
        Action::Delete | Action::Forget => (first, None),
        _ => (first, values.next()),
    }
}

impl SavedChange {
    pub(in crate::plan) fn decode(&self, of: Subject<'_>) -> Result<ChangeValues, ValueError> {
        match self {
            Self::Message { change, saved } => decode(change, saved, of),
            Self::States(recovered) => recovered.values(),
        }
    }

    pub(in crate::plan) fn arguments_after(
        &self,
        of: Subject<'_>,
        names: &[&str],
    ) -> Result<BTreeMap<Box<str>, Value>, ValueError> {
        let (change, saved) = match self {
            Self::Message { change, saved } => (change, saved),
            Self::States(recovered) => return recovered.arguments_after(names),
        };
        let change = read(change)?;
        let (_, after) = sides(&change, &action(change.action, saved.open_is_nine));
        let Some(after) = after else { return Ok(BTreeMap::new()) };
        let fields = msgpack::entries(&after.msgpack, names)?;
        match Types::new(saved, of).numbers(fields) {
            Value::Object(fields) => Ok(fields),
            _ => Ok(BTreeMap::new()),
        }
    }

    /// Whether both values are the same bytes.
    pub(in crate::plan) fn is_same(&self) -> bool {
        let Self::Message { change, saved } = self else { return false };
        let Ok(change) = read(change) else { return false };
        let (before, after) = sides(&change, &action(change.action, saved.open_is_nine));
        before.is_some() && before == after
    }
}

/// The message `Change`.
pub(super) fn read(change: &Bytes) -> Result<message::Change, ValueError> {
    message::decode(change).ok_or(ValueError::Msgpack)
}

fn decode(change: &Bytes, saved: &Saved, of: Subject<'_>) -> Result<ChangeValues, ValueError> {
    let change = read(change)?;
    let action = action(change.action, saved.open_is_nine);
    let (before, after) = sides(&change, &action);
    let types = Types::new(saved, of);
    let value = |side: Option<message::DynamicValue>| -> Result<Option<Value>, ValueError> {
        let decoded = side.map(|side| msgpack::decoded(&side.msgpack)).transpose()?;
        Ok(decoded.map(|decoded| types.numbers(decoded)).filter(|value| *value != Value::Null))
    };
    let (before, after) = (value(before)?, value(after)?);
    let mut before_sensitive = paths::mask(&change.before_sensitive_paths);
    let mut after_sensitive = paths::mask(&change.after_sensitive_paths);
    // A replacement lists for the new object only what the configuration marks; a no-op has one value.
    if action.is_replace() || action == Action::NoOp {
        after_sensitive = after_sensitive.union(&before_sensitive);
    }
    if action == Action::NoOp {
        before_sensitive = after_sensitive.clone();
    }
    let mask = |marked: Mask, value: Option<&Value>| match value {
        Some(value) => marked.union(&types.sensitive(value)),
        // What is not there has nothing to hide.
        None => Mask::None,
    };
    Ok(ChangeValues {
        before_sensitive: mask(before_sensitive, before.as_ref()),
        after_sensitive: mask(after_sensitive, after.as_ref()),
        before,
        after,
    })
}

/// What is known about the types of an instance's attributes.
struct Types<'a> {
    saved: &'a Saved,
    address: &'a ResourceAddr,
    schema: Option<Arc<ResourceSchema>>,
}

impl<'a> Types<'a> {
    fn new(saved: &'a Saved, of: Subject<'a>) -> Self {
        let managed = of.address.mode == crate::Mode::Managed;
        let schema = managed.then(|| saved.schemas.resource(of.provider, &of.address.type_name)).flatten();
        Self { saved, address: of.address, schema: schema.map(|found| found.schema) }
    }

    /// Reads the texts that are numbers.
    fn numbers(&self, Decoded { value, is_open }: Decoded<Value>) -> Value {
        if !is_open {
            return value;
        }
        let root = self.schema.as_ref().map(|schema| &schema.root);
        let value = match root {
            Some(root) => guide::by_schema(value, root),
            None => value,
        };
        if !guide::is_open(&value, root) {
            return value;
        }
        match self.saved.example(self.address) {
            Some(example) => guide::by_example(value, &example),
            None => value,
        }
    }

    fn sensitive(&self, value: &Value) -> Mask {
        self.schema.as_ref().map_or(Mask::None, |schema| paths::sensitive_by_schema(value, &schema.root))
    }
}
