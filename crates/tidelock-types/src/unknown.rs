//! Types of which nothing is known.

use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object},
};

use crate::kind::{Kind, Request};

/// A type that nothing is known of: its `id` names it among its type, and nobody knows how to import or delete it.
#[derive(Debug)]
pub(crate) struct Unknown;

impl Kind for Unknown {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let values = values.as_object()?;
        let text = |name: &str| values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let cloud = type_name.split_once('_').map_or(type_name, |(cloud, _)| cloud);
        let mut object = Object::new(Key::new(Cloud::from(cloud), type_name, text("id")?));
        object.name = text("name").map(str::to_owned);
        Some(object)
    }

    fn import_id(&self, _: &str, object: &Object) -> Option<String> {
        object.told.import_id.clone()
    }

    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }
}
