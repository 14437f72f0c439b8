//! The resource types pond serves: data, in `shapes/*.toml`, one file per provider.
//!
//! The flags are those of the real providers' schemas. What a schema does not say (what forces
//! replacement, what the cloud fills in, which difference the provider hides) stands beside them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::PondError;
use super::path::{Path, Step};
use super::protocol::{Schema, schema};
use super::value::Value;

const FILES: [(&str, &str); 7] = [
    ("aws", include_str!("../../shapes/aws.toml")),
    ("google", include_str!("../../shapes/google.toml")),
    ("hcloud", include_str!("../../shapes/hcloud.toml")),
    ("null", include_str!("../../shapes/null.toml")),
    ("pond", include_str!("../../shapes/pond.toml")),
    ("proxmox", include_str!("../../shapes/proxmox.toml")),
    ("random", include_str!("../../shapes/random.toml")),
];

/// A provider that pond poses as.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderShape {
    /// Its source address without the host, `bpg/proxmox`.
    pub(super) source: String,
    /// The arguments of its `provider` block.
    #[serde(default)]
    pub(super) config: BTreeMap<String, Attribute>,
    /// Its resource types.
    pub(super) types: BTreeMap<String, TypeShape>,
    /// Its data sources; each finds one object of the cloud.
    #[serde(default)]
    pub(super) data: BTreeMap<String, TypeShape>,
}

/// A resource type or data source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeShape {
    /// The schema version.
    #[serde(default)]
    pub(super) version: i64,
    /// Whether the provider is built on the newer framework, which gets no leniency for planning
    /// something else than what is configured.
    #[serde(default)]
    pub(super) framework: bool,
    /// Whether objects exist only in the state, so that nothing outside can change them.
    #[serde(default)]
    pub(super) stateless: bool,
    #[serde(flatten)]
    pub(super) block: Block,
}

/// The body of a resource type or of a nested block.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Block {
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    pub(super) blocks: BTreeMap<String, NestedBlock>,
}

/// An attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attribute {
    /// Its type in the JSON notation of schemas, `["list", "string"]`.
    pub(super) r#type: Option<serde_json::Value>,
    /// Its attributes, in place of a type.
    pub(super) nested: Option<Nested>,
    /// Who sets it.
    pub(super) is: Usage,
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) write_only: bool,
    /// What is planned where the configuration says nothing.
    pub(super) default: Option<serde_json::Value>,
    /// What the cloud fills in at creation; `{name}` stands for an attribute, `{hash}` and
    /// `{number}` for something that depends on the whole object.
    pub(super) value: Option<serde_json::Value>,
    /// Which changes force replacement.
    pub(super) replaces: Option<Replaces>,
    /// Whether the provider hides a difference between configuration and reality.
    #[serde(default)]
    pub(super) suppress: bool,
    /// What the provider plans for the members of its elements that nobody set.
    #[serde(default)]
    pub(super) elements: BTreeMap<String, serde_json::Value>,
    /// The attribute it always equals, as `tags_all` does `tags`.
    pub(super) mirrors: Option<String>,
    /// The attributes whose change makes it unknown until apply.
    #[serde(default)]
    pub(super) unknown_when: Vec<String>,
}

/// The attributes of an attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nested {
    pub(super) nesting: Nesting,
    pub(super) attributes: BTreeMap<String, Attribute>,
}

/// A type of nested blocks.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct NestedBlock {
    pub(super) nesting: Nesting,
    #[serde(default)]
    pub(super) min: i64,
    #[serde(default)]
    pub(super) max: i64,
    /// Whether the provider keeps what it found where the configuration has no such block. No
    /// schema can say it of a block.
    #[serde(default)]
    pub(super) computed: bool,
    #[serde(flatten)]
    pub(super) block: Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Usage {
    #[serde(rename = "required")]
    Required,
    #[serde(rename = "optional")]
    Optional,
    #[serde(rename = "optional+computed")]
    OptionalComputed,
    #[serde(rename = "computed")]
    Computed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Replaces {
    /// Every change.
    Always,
    /// Only a smaller number: disks grow, they do not shrink.
    WhenLower,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Nesting {
    Single,
    List,
    Set,
    Map,
}

impl Usage {
    pub(super) fn is_computed(self) -> bool {
        matches!(self, Self::OptionalComputed | Self::Computed)
    }
}

impl Block {
    /// An object with nothing set: attributes are null, repeated blocks are empty.
    pub(super) fn empty_object(&self) -> Value {
        let attributes = self.attributes.keys().map(|name| (name.clone(), Value::Null));
        let blocks = self.blocks.iter().map(|(name, nested)| {
            let none = match nested.nesting {
                Nesting::Single => Value::Null,
                Nesting::List | Nesting::Set => Value::List(Vec::new()),
                Nesting::Map => Value::Map(BTreeMap::new()),
            };
            (name.clone(), none)
        });
        Value::Map(attributes.chain(blocks).collect())
    }

    /// The argument at this path; positions inside a list of blocks do not matter.
    fn argument(&mut self, steps: &[Step]) -> Option<&mut Attribute> {
        let (first, rest) = steps.split_first()?;
        match first {
            Step::Index(_) => self.argument(rest),
            Step::Attribute(name) if rest.is_empty() => self.attributes.get_mut(name),
            Step::Attribute(name) => self.blocks.get_mut(name)?.block.argument(rest),
            Step::Key(_) => None,
        }
    }

    fn schema(&self) -> schema::Block {
        let block = |(name, nested): (&String, &NestedBlock)| schema::NestedBlock {
            type_name: name.clone(),
            block: Some(nested.block.schema()),
            nesting: match nested.nesting {
                Nesting::Single => schema::nested_block::NestingMode::Single,
                Nesting::List => schema::nested_block::NestingMode::List,
                Nesting::Set => schema::nested_block::NestingMode::Set,
                Nesting::Map => schema::nested_block::NestingMode::Map,
            }
            .into(),
            min_items: nested.min,
            max_items: nested.max,
        };
        schema::Block {
            version: 0,
            attributes: attribute_schemas(&self.attributes),
            block_types: self.blocks.iter().map(block).collect(),
        }
    }
}

fn attribute_schemas(attributes: &BTreeMap<String, Attribute>) -> Vec<schema::Attribute> {
    attributes.iter().map(|(name, attribute)| attribute.schema(name)).collect()
}

impl Attribute {
    fn schema(&self, name: &str) -> schema::Attribute {
        let object = |nested: &Nested| schema::Object {
            attributes: attribute_schemas(&nested.attributes),
            nesting: match nested.nesting {
                Nesting::Single => schema::object::NestingMode::Single,
                Nesting::List => schema::object::NestingMode::List,
                Nesting::Set => schema::object::NestingMode::Set,
                Nesting::Map => schema::object::NestingMode::Map,
            }
            .into(),
        };
        schema::Attribute {
            name: name.to_owned(),
            r#type: self.r#type.as_ref().map(|ty| ty.to_string().into_bytes()).unwrap_or_default(),
            nested_type: self.nested.as_ref().map(object),
            required: self.is == Usage::Required,
            optional: matches!(self.is, Usage::Optional | Usage::OptionalComputed),
            computed: self.is.is_computed(),
            sensitive: self.sensitive,
            write_only: self.write_only,
        }
    }
}

impl TypeShape {
    pub(super) fn schema(&self) -> Schema {
        Schema { version: self.version, block: Some(self.block.schema()) }
    }

    /// The type as another release of the provider has it: with another default for one argument.
    pub(super) fn with_default(
        mut self,
        path: &Path,
        default: &serde_json::Value,
    ) -> Result<Self, PondError> {
        let argument = self.block.argument(path.steps());
        let argument = argument.ok_or_else(|| PondError::NoSuchPath(path.to_string()))?;
        argument.default = Some(default.clone());
        Ok(self)
    }
}

impl ProviderShape {
    /// The resource type or data source of this name.
    pub(super) fn kind(&self, name: &str) -> Option<&TypeShape> {
        self.types.get(name).or_else(|| self.data.get(name))
    }

    /// The shape of the provider with this source address.
    pub(super) fn load(source: &str) -> Result<Self, PondError> {
        for (file, text) in FILES {
            let shape: Self = toml::from_str(text)
                .map_err(|error| PondError::Shape { file: file.to_owned(), source: Box::new(error) })?;
            if shape.source == source {
                return Ok(shape);
            }
        }
        Err(PondError::UnknownProvider(source.to_owned()))
    }

    pub(super) fn config_schema(&self) -> Schema {
        let block = schema::Block { attributes: attribute_schemas(&self.config), ..Default::default() };
        Schema { version: 0, block: Some(block) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_shape_file_is_read() {
        for (file, text) in FILES {
            let shape = toml::from_str::<ProviderShape>(text);
            assert!(shape.is_ok(), "{file}: {}", shape.unwrap_err());
        }
    }

    /// `TIDELOCK_SCHEMAS` is a directory of `providers schema -json` files.
    #[test]
    fn flags_agree_with_the_schemas_of_the_real_providers() {
        let Some(dir) = std::env::var_os("TIDELOCK_SCHEMAS") else {
            eprintln!("skipped: TIDELOCK_SCHEMAS is not set");
            return;
        };
        let mut compared = 0;
        for entry in fs::read_dir(dir).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let Ok(schemas) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            for (_, file) in FILES {
                let shape: ProviderShape = toml::from_str(file).unwrap();
                let address = format!("registry.terraform.io/{}", shape.source);
                for (name, ty) in &shape.types {
                    let real = &schemas["provider_schemas"][&address]["resource_schemas"][name]["block"];
                    compared += agree(name, &ty.block, real);
                }
            }
        }
        assert!(compared > 100, "only {compared} attributes were compared");
    }

    fn agree(at: &str, block: &Block, real: &serde_json::Value) -> usize {
        if real.is_null() {
            return 0;
        }
        let mut compared = 0;
        for (name, attribute) in &block.attributes {
            let (ours, real) = (attribute.schema(name), &real["attributes"][name]);
            let flag = |flag: &str| real[flag] == true;
            assert_eq!(attribute.r#type.as_ref(), real.get("type"), "{at}.{name}");
            assert_eq!(
                (ours.required, ours.optional, ours.computed, ours.sensitive),
                (flag("required"), flag("optional"), flag("computed"), flag("sensitive")),
                "{at}.{name}"
            );
            compared += 1;
        }
        for (name, nested) in &block.blocks {
            let real = &real["block_types"][name];
            let nesting = format!("{:?}", nested.nesting).to_lowercase();
            assert_eq!(real["nesting_mode"], nesting, "{at}.{name}");
            compared += agree(&format!("{at}.{name}"), &nested.block, &real["block"]);
        }
        compared
    }
}
