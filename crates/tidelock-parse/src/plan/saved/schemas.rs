//! The member `tfschemas`: schemas of the types involved; OpenTofu 1.13, from its source, not recorded.

use std::collections::BTreeMap;

use prost::{Message, bytes::Bytes};

use crate::schema::model::{self, Attribute, Block, BlockType, NestedType, NestingMode};

/// Message `Schemas`.
#[derive(Clone, PartialEq, Message)]
struct Schemas {
    #[prost(btree_map = "string, message", tag = "1")]
    providers: BTreeMap<String, ProviderSchema>,
}

/// Message `ProviderSchema`, as far as it is read.
#[derive(Clone, PartialEq, Message)]
struct ProviderSchema {
    #[prost(btree_map = "string, message", tag = "2")]
    managed_resource_types: BTreeMap<String, ResourceSchema>,
}

/// Message `ResourceSchema`; the schema (1) stays undecoded until the type is asked for.
#[derive(Clone, PartialEq, Message)]
struct ResourceSchema {
    #[prost(bytes = "bytes", tag = "1")]
    schema: Bytes,
}

/// Message `Schema`.
#[derive(Clone, PartialEq, Message)]
struct Schema {
    #[prost(int64, tag = "1")]
    version: i64,
    #[prost(message, optional, tag = "2")]
    block: Option<SchemaBlock>,
}

/// Message `SchemaBlock`.
#[derive(Clone, PartialEq, Message)]
struct SchemaBlock {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<SchemaAttribute>,
    #[prost(message, repeated, tag = "2")]
    block_types: Vec<SchemaNestedBlock>,
}

/// Message `SchemaNestedBlock`.
#[derive(Clone, PartialEq, Message)]
struct SchemaNestedBlock {
    #[prost(string, tag = "1")]
    type_name: String,
    #[prost(message, optional, tag = "2")]
    block: Option<SchemaBlock>,
    #[prost(int32, tag = "3")]
    nesting: i32,
    #[prost(int64, tag = "4")]
    min_items: i64,
    #[prost(int64, tag = "5")]
    max_items: i64,
}

/// Message `SchemaAttribute`.
#[derive(Clone, PartialEq, Message)]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the format")]
struct SchemaAttribute {
    #[prost(string, tag = "1")]
    name: String,
    /// The type as JSON.
    #[prost(bytes = "bytes", tag = "2")]
    r#type: Bytes,
    #[prost(message, optional, tag = "3")]
    nested_type: Option<SchemaObject>,
    #[prost(bool, tag = "4")]
    required: bool,
    #[prost(bool, tag = "5")]
    optional: bool,
    #[prost(bool, tag = "6")]
    computed: bool,
    #[prost(bool, tag = "7")]
    sensitive: bool,
    #[prost(bool, tag = "8")]
    write_only: bool,
}

/// Message `SchemaObject`.
#[derive(Clone, PartialEq, Message)]
struct SchemaObject {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<SchemaAttribute>,
    #[prost(int32, tag = "2")]
    nesting: i32,
}

/// The schema of one type, undecoded.
#[derive(Clone, Debug)]
pub(crate) struct SavedSchema(Bytes);

/// The types by provider, then name; `None` if it is no such message.
pub(super) fn read(member: Vec<u8>) -> Option<BTreeMap<String, BTreeMap<String, SavedSchema>>> {
    let schemas = Schemas::decode(Bytes::from(member)).ok()?;
    let types = |provider: ProviderSchema| {
        provider.managed_resource_types.into_iter().map(|(name, it)| (name, SavedSchema(it.schema))).collect()
    };
    Some(schemas.providers.into_iter().map(|(name, provider)| (name, types(provider))).collect())
}

impl SavedSchema {
    /// Decodes it; `None` if it is damaged.
    pub(crate) fn decode(&self) -> Option<model::Schema> {
        let schema = Schema::decode(self.0.clone()).ok()?;
        let block = match schema.block {
            Some(message) => Some(block(message)?),
            None => None,
        };
        Some(model::Schema { version: u64::try_from(schema.version).ok()?, block })
    }
}

fn block(message: SchemaBlock) -> Option<Block> {
    let mut block = Block { attributes: attributes(message.attributes)?, ..Block::default() };
    for nested in message.block_types {
        let about = BlockType {
            nesting_mode: nesting(nested.nesting),
            block: nested.block.map_or(Some(Block::default()), self::block)?,
            min_items: u64::try_from(nested.min_items).unwrap_or(0),
            max_items: u64::try_from(nested.max_items).unwrap_or(0),
        };
        block.block_types.insert(nested.type_name, about);
    }
    Some(block)
}

fn attributes(messages: Vec<SchemaAttribute>) -> Option<BTreeMap<String, Attribute>> {
    messages.into_iter().map(|message| Some((message.name.clone(), attribute(message)?))).collect()
}

fn attribute(message: SchemaAttribute) -> Option<Attribute> {
    let r#type =
        if message.r#type.is_empty() { None } else { Some(serde_json::from_slice(&message.r#type).ok()?) };
    let nested_type = match message.nested_type {
        Some(nested) => Some(NestedType {
            attributes: attributes(nested.attributes)?,
            nesting_mode: nesting(nested.nesting),
            min_items: 0,
            max_items: 0,
        }),
        None => None,
    };
    Some(Attribute {
        r#type,
        nested_type,
        required: message.required,
        optional: message.optional,
        computed: message.computed,
        sensitive: message.sensitive,
        write_only: message.write_only,
        ..Attribute::default()
    })
}

fn nesting(number: i32) -> NestingMode {
    match number {
        1 => NestingMode::Single,
        2 => NestingMode::Group,
        3 => NestingMode::List,
        4 => NestingMode::Set,
        5 => NestingMode::Map,
        other => NestingMode::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use tidelock_testkit::saved::{Member, SavedPlan, file};

    use super::*;
    use crate::{Plan, Schemas as All, Source, Value, value::Mask};

    fn attribute(name: &str, r#type: &'static str) -> SchemaAttribute {
        SchemaAttribute {
            name: name.to_owned(),
            r#type: r#type.into(),
            optional: true,
            ..SchemaAttribute::default()
        }
    }

    /// A type with an attribute of each sort, and a set of blocks.
    fn member() -> Vec<u8> {
        let token = SchemaAttribute { sensitive: true, ..attribute("token", "\"string\"") };
        let nested = SchemaObject { attributes: vec![attribute("port", "\"number\"")], nesting: 3 };
        let ports = SchemaAttribute { nested_type: Some(nested), ..attribute("ports", "") };
        let rule = SchemaNestedBlock {
            type_name: "rule".to_owned(),
            block: Some(SchemaBlock { attributes: vec![token.clone()], block_types: Vec::new() }),
            nesting: 4,
            ..SchemaNestedBlock::default()
        };
        let block = SchemaBlock {
            attributes: vec![token, attribute("rates", r#"["list","number"]"#), ports],
            block_types: vec![rule],
        };
        let schema = Schema { version: 2, block: Some(block) }.encode_to_vec().into();
        let types = BTreeMap::from([("orchard_tree".to_owned(), ResourceSchema { schema })]);
        let provider = ProviderSchema { managed_resource_types: types };
        let address = "registry.opentofu.org/example/orchard".to_owned();
        Schemas { providers: BTreeMap::from([(address, provider)]) }.encode_to_vec()
    }

    fn plan(change: &str) -> Plan {
        let text = format!(
            r#"{{"terraform_version":"1.13.0","resource_changes":[{{"address":"orchard_tree.a",
                "provider_name":"registry.opentofu.org/example/orchard","change":{{{change}}}}}]}}"#
        );
        let mut members = SavedPlan { product: "tofu", ..SavedPlan::of(text) }.members();
        members.push(Member::new("tfschemas", member()));
        Plan::from_saved(&Source::new("plan.tfplan", file(&members))).unwrap()
    }

    #[test]
    fn the_schemas_of_the_file_are_schemas_like_others() {
        let plan = plan(r#""actions":["no-op"],"before":{}"#);
        let schemas = All::none().with_file(plan.schemas().unwrap().clone());
        let found = schemas.resource("registry.opentofu.org/example/orchard", "orchard_tree").unwrap();
        let at = |path: &str| found.schema.at(&path.parse().unwrap()).unwrap().clone();
        assert_eq!(found.schema.version, 2);
        assert!(at("rule").is_set() && at("rule").is_block());
        assert!(at("token").is_sensitive() && at("token").is_settable());
        assert_eq!(at("ports.port").shape(), crate::schema::Shape::Number);
        assert_eq!(found.origin.to_string(), "plan.tfplan");
    }

    #[test]
    fn they_say_what_is_sensitive_and_what_is_a_number() {
        let after = r#"{"token":"x","rates":[0.1],"ports":[{"port":8}],"rule":[{"token":"y"}]}"#;
        let plan = plan(&format!(r#""actions":["create"],"after":{after}"#));
        let values = plan.changes()[0].values(plan.source()).unwrap();
        assert_eq!(values.after, Some(Value::decode(after).unwrap()));
        // A set is secret as a whole: its elements have no place of their own.
        assert_eq!(values.after_sensitive, Mask::decode(r#"{"token":true,"rule":true}"#).unwrap());
    }

    #[test]
    fn what_is_no_such_message_is_refused() {
        assert!(read(b"\xff\xff".to_vec()).is_none());
        let damaged = SavedSchema(Bytes::from_static(b"\xff"));
        assert!(damaged.decode().is_none());
    }
}
