//! Clouds whose objects go by one id, which `import` takes as it is.

use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object},
};

use crate::attributes::Attributes;

/// The object that an id names among its type; the noun is the resource type, as a mapping of an inventory has it.
pub(crate) fn object(cloud: &str, type_name: &str, values: &Value) -> Option<Object> {
    let values = Attributes::of(values);
    let mut object = Object::new(Key::new(Cloud::from(cloud), type_name, values.id("id")?));
    object.name = values.owned("name");
    let places = ["region", "location", "zone"];
    object.location = places.iter().find_map(|name| values.owned(name));
    let tags = values.texts("tags").map(|tag| (tag, ""));
    let labels = tags.chain(values.entries("tags")).chain(values.entries("labels"));
    object.labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(object)
}

/// The id of an object that such a type manages.
pub(crate) fn id_of<'o>(cloud: &str, type_name: &str, object: &'o Object) -> Option<&'o str> {
    let fits = object.key.cloud == Cloud::from(cloud) && &*object.key.noun == type_name;
    fits.then_some(&*object.key.id)
}

/// The type of the list that the noun of an object is.
pub(crate) fn holders(types: &'static [&'static str], noun: &str) -> &'static [&'static str] {
    types.iter().find(|name| **name == noun).map_or(&[], std::slice::from_ref)
}
