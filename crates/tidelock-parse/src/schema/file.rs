//! A given schema file, indexed at once and decoded type by type.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ResourceSchema, SchemaError, model, provider_key};
use crate::{
    plan::FormatVersion,
    source::{RawText, Source},
};

/// Output of `tofu providers schema -json`.
///
/// Such files reach tens of megabytes, of which a plan needs a few types: only where each type stands is kept.
#[derive(Clone, Debug)]
pub struct SchemaFile {
    source: Source,
    types: Index,
}

impl SchemaFile {
    /// Reads a whole input; `name` is used in diagnostics and reports.
    ///
    /// # Errors
    /// [`SchemaError`] if the bytes are no schema document, or of a format that is not known.
    pub fn from_slice(name: &str, bytes: &[u8]) -> Result<Self, SchemaError> {
        let source = Source::new(name, bytes.to_vec());
        let text = RawText::whole(&source);
        Self::from_source(source, text)
    }

    /// Reads the document at `text`, which must be a range of `source`.
    ///
    /// # Errors
    /// As [`SchemaFile::from_slice`].
    pub fn from_source(source: Source, text: RawText) -> Result<Self, SchemaError> {
        let types = index(&source, text)?;
        Ok(Self { source, types })
    }

    /// The schemas that a saved plan holds; `name` is that of the plan.
    #[cfg(feature = "planfile")]
    pub(crate) fn from_saved(
        name: &str,
        types: BTreeMap<String, BTreeMap<String, crate::plan::saved::SavedSchema>>,
    ) -> Self {
        let place = |(name, schema): (String, _)| (name.into(), Place::Saved(schema));
        let types = types.into_iter().map(|(provider, types)| {
            ((*provider_key(&provider)).into(), types.into_iter().map(place).collect())
        });
        Self { source: Source::new(name, Vec::new()), types: types.collect() }
    }

    /// Name of the input.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// The providers in the file: source addresses, without the host where it is a public registry.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(|provider| &**provider)
    }

    /// Names of the managed resource types of a provider, sorted.
    pub fn types(&self, provider: &str) -> impl Iterator<Item = &str> {
        self.types.get(&*provider_key(provider)).into_iter().flatten().map(|(name, _)| &**name)
    }

    /// The schema of a managed resource type; `None` if the file does not have it.
    ///
    /// # Errors
    /// [`SchemaError::Resource`] if it cannot be decoded.
    pub fn resource(&self, provider: &str, type_name: &str) -> Result<Option<ResourceSchema>, SchemaError> {
        let Some(place) = self.types.get(&*provider_key(provider)).and_then(|types| types.get(type_name))
        else {
            return Ok(None);
        };
        let schema = match place {
            Place::Json(raw) => {
                let text = self.source.text(*raw).ok();
                text.and_then(|text| serde_json::from_str::<model::Schema>(text).ok())
            }
            #[cfg(feature = "planfile")]
            Place::Saved(schema) => schema.decode(),
        };
        match schema {
            Some(schema) => Ok(Some(schema.into())),
            None => {
                Err(SchemaError::Resource { input: self.name().to_owned(), type_name: type_name.to_owned() })
            }
        }
    }
}

/// Where each type stands, by provider key, then type.
type Index = BTreeMap<Box<str>, BTreeMap<Box<str>, Place>>;

/// Where a type stands.
#[derive(Clone, Debug)]
enum Place {
    Json(RawText),
    /// In a saved plan.
    #[cfg(feature = "planfile")]
    Saved(crate::plan::saved::SavedSchema),
}

#[derive(Deserialize)]
struct Head {
    format_version: String,
}

#[derive(Deserialize)]
struct Document<'a> {
    format_version: String,
    #[serde(borrow, default)]
    provider_schemas: BTreeMap<String, Provider<'a>>,
}

#[derive(Deserialize)]
struct Provider<'a> {
    #[serde(borrow, default)]
    resource_schemas: BTreeMap<String, &'a RawValue>,
}

fn index(source: &Source, text: RawText) -> Result<Index, SchemaError> {
    let input = || source.name().to_owned();
    let json = source.text(text).map_err(|_| SchemaError::Shape { input: input(), line: 1, column: 1 })?;
    let shape = |error: serde_json::Error| SchemaError::Shape {
        input: input(),
        line: error.line(),
        column: error.column(),
    };
    let read = serde_json::from_str::<Document<'_>>(json).map_err(shape);
    // Another major may have another shape: then the version is what is wrong, not the shape.
    let Head { format_version } = match &read {
        Ok(document) => Head { format_version: document.format_version.clone() },
        Err(error) => serde_json::from_str(json).map_err(|_| error.clone())?,
    };
    if !FormatVersion::parse(&format_version).is_some_and(FormatVersion::is_supported) {
        return Err(SchemaError::Version { input: input(), version: format_version });
    }
    let document = read?;
    let types = |provider: Provider<'_>| {
        let ranges = provider.resource_schemas.into_iter();
        ranges.map(|(name, raw)| (name.into(), Place::Json(source.range_of(raw.get())))).collect()
    };
    let providers = document.provider_schemas.into_iter();
    Ok(providers.map(|(name, provider)| ((*provider_key(&name)).into(), types(provider))).collect())
}
