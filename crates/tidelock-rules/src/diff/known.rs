//! What is known about the type of an instance.

use std::sync::Arc;

use tidelock_parse::{
    AttrPath, ResourceAddr, Schemas, Value,
    schema::{self, ResourceSchema},
};

use crate::{
    catalogue::{Catalogue, Facts},
    compare::{Shape, Shapes},
    known::shape_of,
};

/// What is known about types.
pub(super) struct Types {
    schemas: Schemas,
    catalogue: Catalogue,
}

impl Types {
    pub(super) fn new(schemas: Schemas, catalogue: Catalogue) -> Self {
        Self { schemas, catalogue }
    }

    pub(super) fn of(&self, provider: &str, address: &ResourceAddr, object: Option<&Value>) -> KnownType {
        let arguments = object.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| &**name);
        let managed = address.mode == tidelock_parse::Mode::Managed;
        let schema = managed.then(|| self.schemas.resource(provider, &address.type_name)).flatten();
        KnownType {
            schema: schema.map(|found| found.schema),
            facts: self.catalogue.lookup(&address.type_name, arguments),
        }
    }
}

/// What is known about one type.
pub(super) struct KnownType {
    pub(super) schema: Option<Arc<ResourceSchema>>,
    pub(super) facts: Facts,
}

impl KnownType {
    /// Whether only the provider may set the path.
    pub(super) fn is_computed(&self, path: &AttrPath) -> bool {
        let node = self.schema.as_ref().and_then(|schema| schema.at(path));
        node.is_some_and(|node| match node.setting() {
            Some(setting) => setting == schema::Setting::Computed,
            None => !node.is_settable(),
        })
    }

    /// Whether the path is relevant to security: the catalogue says so, or its words do and it can be set.
    pub(super) fn guards(&self, path: &AttrPath) -> bool {
        let node = self.schema.as_ref().and_then(|schema| schema.at(path));
        self.facts.guarding(path)
            || (self.facts.guarding_words(path) && node.is_some_and(schema::SchemaNode::is_settable))
    }
}

impl Shapes for KnownType {
    fn shape(&self, path: &AttrPath) -> Shape {
        self.schema.as_ref().and_then(|schema| schema.at(path)).map_or(Shape::Unknown, shape_of)
    }

    fn ignores_case(&self, path: &AttrPath) -> bool {
        self.facts.case_insensitive(path)
    }
}
