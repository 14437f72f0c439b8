//! Types of which nothing is known.

use tidelock_parse::{Value, inventory::Object};

use crate::{
    by_id,
    kind::{Kind, Request},
};

/// A type that nothing is known of: its `id` names it among its type, and nobody knows how to import or delete it.
#[derive(Debug)]
pub(crate) struct Unknown;

impl Kind for Unknown {
    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let cloud = type_name.split_once('_').map_or(type_name, |(cloud, _)| cloud);
        by_id::object(cloud, type_name, values)
    }

    fn import_id(&self, _: &str, object: &Object) -> Option<String> {
        object.told.import_id.clone()
    }

    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }
}
