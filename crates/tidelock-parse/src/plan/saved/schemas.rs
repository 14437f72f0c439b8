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
