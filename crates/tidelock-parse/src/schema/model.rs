//! `providers schema -json` as it is written, every field.
//!
//! Shape: <https://developer.hashicorp.com/terraform/cli/commands/providers/schema>. Fields of later versions are
//! let through; a test reads schemas strictly, so that a new field fails a test and not a user.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    ResourceSchema,
    node::{Inside, Marks, SchemaNode, Setting, Shape},
};

/// The whole document.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// `0.1`, `0.2` or `1.0`.
    pub format_version: String,
    /// By provider source address; by bare name in output of Terraform 0.12.
    #[serde(default)]
    pub provider_schemas: BTreeMap<String, Provider>,
}

/// Everything one provider has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provider {
    /// Configuration of the provider itself.
    pub provider: Option<Schema>,
    /// Managed resource types.
    pub resource_schemas: BTreeMap<String, Schema>,
    /// Data sources.
    pub data_source_schemas: BTreeMap<String, Schema>,
    /// Ephemeral resource types; since Terraform 1.10, OpenTofu 1.11.
    pub ephemeral_resource_schemas: BTreeMap<String, Schema>,
    /// Provider functions; since 1.8 of both.
    pub functions: BTreeMap<String, Function>,
    /// Identities by managed resource type; since 1.12 of both.
    pub resource_identity_schemas: BTreeMap<String, Identity>,
    /// List resources; since Terraform 1.14.
    pub list_resource_schemas: BTreeMap<String, Schema>,
    /// Actions; since Terraform 1.14.
    pub action_schemas: BTreeMap<String, ActionSchema>,
    /// State stores; since Terraform 1.15.
    pub state_store_schemas: BTreeMap<String, Schema>,
}

/// Schema of a type with a version.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Schema {
    /// Version of the state format.
    pub version: u64,
    /// What it consists of; may be absent.
    pub block: Option<Block>,
}

/// Schema of an action, which has no version.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ActionSchema {
    /// What it consists of.
    pub block: Option<Block>,
}

/// Attributes and nested blocks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Block {
    /// By name.
    pub attributes: BTreeMap<String, Attribute>,
    /// By name.
    pub block_types: BTreeMap<String, BlockType>,
    /// Text for people.
    pub description: Option<String>,
    /// `plain` or `markdown`.
    pub description_kind: Option<String>,
    /// Whether its use is discouraged.
    pub deprecated: bool,
    /// What to use instead; since OpenTofu 1.12.
    pub deprecation_message: Option<String>,
}

/// A nested block.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct BlockType {
    /// How it nests.
    pub nesting_mode: NestingMode,
    /// What it consists of.
    #[serde(default)]
    pub block: Block,
    /// How many there must be.
    #[serde(default)]
    pub min_items: u64,
    /// How many there may be; 0 for any number. 1 is the usual way to say "single block"; still an array.
    #[serde(default)]
    pub max_items: u64,
}

/// An attribute. Exactly one of `type` and `nested_type` is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "the fields of the format")]
pub struct Attribute {
    /// Its type.
    pub r#type: Option<Type>,
    /// Its type if its parts have flags of their own; since 0.15.
    pub nested_type: Option<NestedType>,
    /// Text for people.
    pub description: Option<String>,
    /// `plain` or `markdown`.
    pub description_kind: Option<String>,
    /// Whether its use is discouraged.
    pub deprecated: bool,
    /// What to use instead; since OpenTofu 1.12.
    pub deprecation_message: Option<String>,
    /// The configuration must set it.
    pub required: bool,
    /// The configuration may set it.
    pub optional: bool,
    /// The provider may fill it.
    pub computed: bool,
    /// The value is secret.
    pub sensitive: bool,
    /// The value is never stored; since 1.11 of both.
    pub write_only: bool,
}

/// Attributes inside an attribute.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct NestedType {
    /// By name.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// How they nest; never `group`.
    pub nesting_mode: NestingMode,
    /// In very old output.
    #[serde(default)]
    pub min_items: u64,
    /// In very old output.
    #[serde(default)]
    pub max_items: u64,
}

/// How blocks or nested attributes come: alone, or as which collection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NestingMode {
    /// One, or null.
    Single,
    /// One, never null.
    Group,
    /// Array.
    List,
    /// Array without order.
    Set,
    /// Object by label.
    Map,
    /// A mode this version does not know.
    #[serde(untagged)]
    Other(String),
}

/// Identity of a managed resource type.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Identity {
    /// Version of the identity's format.
    pub version: u64,
    /// By name.
    pub attributes: BTreeMap<String, IdentityAttribute>,
}

/// One attribute of an identity.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct IdentityAttribute {
    /// Its type.
    pub r#type: Type,
    /// Text for people.
    pub description: Option<String>,
    /// An import must name it.
    #[serde(default)]
    pub required_for_import: bool,
    /// An import may name it.
    #[serde(default)]
    pub optional_for_import: bool,
}

/// A provider function.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Function {
    /// Text for people.
    pub description: Option<String>,
    /// Short text for people.
    pub summary: Option<String>,
    /// What to use instead.
    pub deprecation_message: Option<String>,
    /// Type of the result.
    pub return_type: Type,
    /// In order.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What all further arguments are.
    pub variadic_parameter: Option<Parameter>,
}

/// A parameter of a function.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: Option<String>,
    /// Text for people.
    pub description: Option<String>,
    /// Whether null may be passed.
    #[serde(default)]
    pub is_nullable: bool,
    /// Its type.
    pub r#type: Type,
}

/// A type as Terraform encodes it in JSON: `"string"`, `["list", "string"]`, `["object", {"a": "bool"}]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// `string`.
    String,
    /// `number`.
    Number,
    /// `bool`.
    Bool,
    /// `dynamic`.
    Dynamic,
    /// List of.
    List(Box<Type>),
    /// Set of.
    Set(Box<Type>),
    /// Map of.
    Map(Box<Type>),
    /// A type per position.
    Tuple(Vec<Type>),
    /// A type per name, and the names that are optional, which only type constraints have.
    Object(BTreeMap<String, Type>, Vec<String>),
    /// A type this version does not know, by its first word.
    Other(String),
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TypeVisitor)
    }
}

struct TypeVisitor;

impl<'de> Visitor<'de> for TypeVisitor {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type, such as \"string\" or [\"list\", \"string\"]")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Type, E> {
        Ok(match word {
            "string" => Type::String,
            "number" => Type::Number,
            "bool" => Type::Bool,
            "dynamic" => Type::Dynamic,
            _ => Type::Other(word.to_owned()),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Type, A::Error> {
        let missing = || A::Error::custom("a type lacks its parts");
        let word: String = seq.next_element()?.ok_or_else(missing)?;
        let read = match &*word {
            "list" => Type::List(seq.next_element()?.ok_or_else(missing)?),
            "set" => Type::Set(seq.next_element()?.ok_or_else(missing)?),
            "map" => Type::Map(seq.next_element()?.ok_or_else(missing)?),
            "tuple" => Type::Tuple(seq.next_element()?.ok_or_else(missing)?),
            "object" => {
                let attributes = seq.next_element()?.ok_or_else(missing)?;
                Type::Object(attributes, seq.next_element()?.unwrap_or_default())
            }
            _ => Type::Other(word),
        };
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Type, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Type::Other("object".to_owned()))
    }
}

/// What a block has itself: nothing. Its attributes have the flags.
const BLOCK: Marks = Marks { setting: None, sensitive: false, write_only: false };

impl From<Schema> for ResourceSchema {
    fn from(schema: Schema) -> Self {
        Self { version: schema.version, root: block(schema.block.unwrap_or_default()) }
    }
}

fn block(block: Block) -> SchemaNode {
    let attributes = block.attributes.into_iter().map(|(name, it)| (name.into(), attribute(it, BLOCK)));
    let blocks = block
        .block_types
        .into_iter()
        .map(|(name, it)| (name.into(), nest(&it.nesting_mode, BLOCK, self::block(it.block))));
    let fields = Arc::new(attributes.chain(blocks).collect());
    SchemaNode { marks: BLOCK, shape: Shape::Object, inside: Inside::Fields(fields) }
}

fn attribute(attribute: Attribute, around: Marks) -> SchemaNode {
    let marks = Marks {
        setting: Some(setting(&attribute, around)),
        sensitive: attribute.sensitive || around.sensitive,
        write_only: attribute.write_only || around.write_only,
    };
    match (attribute.nested_type, attribute.r#type) {
        (Some(nested), _) => {
            let fields =
                nested.attributes.into_iter().map(|(name, it)| (name.into(), self::attribute(it, marks)));
            let object = SchemaNode {
                marks,
                shape: Shape::Object,
                inside: Inside::Fields(Arc::new(fields.collect())),
            };
            nest(&nested.nesting_mode, marks, object)
        }
        (None, Some(given)) => of_type(given, marks),
        (None, None) => SchemaNode { marks, shape: Shape::Dynamic, inside: Inside::Leaf },
    }
}

fn setting(attribute: &Attribute, around: Marks) -> Setting {
    match (attribute.required, attribute.optional, attribute.computed) {
        (true, _, _) => Setting::Required,
        (_, true, true) => Setting::OptionalComputed,
        (_, false, true) => Setting::Computed,
        (_, true, false) => Setting::Optional,
        // Parts of a nested attribute may say nothing; then they are what the whole is.
        (_, false, false) => around.setting.unwrap_or(Setting::Optional),
    }
}

fn nest(mode: &NestingMode, marks: Marks, object: SchemaNode) -> SchemaNode {
    let shape = match mode {
        NestingMode::Single | NestingMode::Group | NestingMode::Other(_) => return object,
        NestingMode::List => Shape::List,
        NestingMode::Set => Shape::Set,
        NestingMode::Map => Shape::Map,
    };
    SchemaNode { marks, shape, inside: Inside::Element(Box::new(object)) }
}

fn of_type(given: Type, marks: Marks) -> SchemaNode {
    let element = |of: Box<Type>| Inside::Element(Box::new(of_type(*of, marks)));
    let (shape, inside) = match given {
        Type::String => (Shape::String, Inside::Leaf),
        Type::Number => (Shape::Number, Inside::Leaf),
        Type::Bool => (Shape::Bool, Inside::Leaf),
        Type::Dynamic | Type::Other(_) => (Shape::Dynamic, Inside::Leaf),
        Type::List(of) => (Shape::List, element(of)),
        Type::Set(of) => (Shape::Set, element(of)),
        Type::Map(of) => (Shape::Map, element(of)),
        Type::Tuple(of) => {
            (Shape::Tuple, Inside::Positions(of.into_iter().map(|it| of_type(it, marks)).collect()))
        }
        Type::Object(of, _) => {
            let fields = of.into_iter().map(|(name, it)| (name.into(), of_type(it, marks)));
            (Shape::Object, Inside::Fields(Arc::new(fields.collect())))
        }
    };
    SchemaNode { marks, shape, inside }
}
