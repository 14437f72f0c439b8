//! The wire shape of raw states, version 4, borrowed from the input, and its way into the model.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    Form, FormOfValues, ProviderRef, RawInstanceText, State, StateError, StateHeader, StateInstance,
    StateOutput,
};
use crate::{
    address::{InstanceKey, Mode, ModulePath, ResourceAddr},
    plan::{Check, CheckStatus},
    source::{RawText, Source},
};

/// Fields that nothing is made of are listed, so that a strict test can tell them from new ones.
#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
pub(super) struct RawState<'a> {
    version: u64,
    #[serde(borrow)]
    terraform_version: Option<Cow<'a, str>>,
    serial: Option<u64>,
    #[serde(borrow)]
    lineage: Option<Cow<'a, str>>,
    #[serde(borrow)]
    outputs: Option<BTreeMap<Cow<'a, str>, RawOutput<'a>>>,
    #[serde(borrow)]
    resources: Option<Vec<RawResource<'a>>>,
    #[serde(borrow)]
    check_results: Option<Vec<RawCheck<'a>>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
pub(super) struct RawOutput<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(rename = "type")]
    kind: Option<IgnoredAny>,
    sensitive: Option<bool>,
    #[serde(borrow)]
    deprecated: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawResource<'a> {
    #[serde(borrow)]
    module: Option<Cow<'a, str>>,
    #[serde(borrow)]
    mode: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    type_name: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    each: Option<IgnoredAny>,
    #[serde(borrow)]
    provider: Option<Cow<'a, str>>,
    #[serde(borrow)]
    instances: Option<Vec<RawInstance<'a>>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawInstance<'a> {
    #[serde(borrow)]
    index_key: Option<RawKey<'a>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    deposed: Option<Cow<'a, str>>,
    #[serde(borrow)]
    provider: Option<Cow<'a, str>>,
    schema_version: Option<u64>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes_flat: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_attributes: Option<&'a RawValue>,
    identity_schema_version: Option<IgnoredAny>,
    #[serde(borrow)]
    identity: Option<&'a RawValue>,
    /// Bytes of the provider; may hold secrets, and nobody else can read them.
    private: Option<IgnoredAny>,
    #[serde(borrow)]
    dependencies: Option<&'a RawValue>,
    /// Terraform 0.12 and before: relative to the module, replaced by `dependencies`.
    depends_on: Option<IgnoredAny>,
    create_before_destroy: Option<bool>,
    skip_destroy: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawKey<'a> {
    Int(u64),
    Str(#[serde(borrow)] Cow<'a, str>),
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawCheck<'a> {
    object_kind: Option<IgnoredAny>,
    #[serde(borrow)]
    config_addr: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    objects: Option<IgnoredAny>,
}

pub(super) fn read(source: &Source, range: RawText) -> Result<State, StateError> {
    let text = source.text(range).map_err(|_| StateError::not_utf8(source))?;
    let raw: RawState<'_> = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Err(refusal(source, text, &error)),
    };
    supported(source, raw.version)?;
    let mut instances = Instances { source, list: Vec::new(), provider: None };
    for resource in raw.resources.unwrap_or_default() {
        instances.add(resource)?;
    }
    let instances = instances.list;
    no_duplicates(source, &instances)?;
    let outputs = raw.outputs.unwrap_or_default().into_iter();
    let outputs = outputs.map(|(name, output)| (name.into_owned(), output.into_model(source)));
    Ok(State {
        source: source.clone(),
        form: Form::Raw,
        header: StateHeader {
            terraform_version: raw.terraform_version.map(Cow::into_owned),
            serial: raw.serial,
            lineage: raw.lineage.map(Cow::into_owned),
        },
        outputs: outputs.collect(),
        instances,
        checks: raw.check_results.unwrap_or_default().into_iter().map(RawCheck::into_model).collect(),
    })
}

fn supported(source: &Source, version: u64) -> Result<(), StateError> {
    let input = source.name().to_owned();
    match version {
        4 => Ok(()),
        1..=3 => Err(StateError::Legacy { input, version }),
        _ => Err(StateError::Version { input, version: version.to_string() }),
    }
}

/// Why the text was refused: an unknown version counts before an unknown shape, which it explains.
fn refusal(source: &Source, text: &str, error: &serde_json::Error) -> StateError {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    if let Ok(found) = serde_json::from_str::<Version>(text)
        && let Err(error) = supported(source, found.version)
    {
        return error;
    }
    StateError::from_json(source, error)
}

fn no_duplicates(source: &Source, instances: &[StateInstance]) -> Result<(), StateError> {
    let mut seen = HashSet::with_capacity(instances.len());
    match instances.iter().find(|instance| !seen.insert((&instance.address, instance.deposed.as_deref()))) {
        Some(second) => Err(StateError::Duplicate {
            input: source.name().to_owned(),
            address: Box::new(second.address.clone()),
        }),
        None => Ok(()),
    }
}

impl RawOutput<'_> {
    pub(super) fn into_model(self, source: &Source) -> StateOutput {
        StateOutput {
            sensitive: self.sensitive.unwrap_or(false),
            deprecated: self.deprecated.map(Cow::into_owned),
            value: self.value.map(|value| source.range_of(value.get())),
        }
    }
}

impl RawCheck<'_> {
    fn into_model(self) -> Check {
        Check {
            name: self.config_addr.map(Cow::into_owned).unwrap_or_default(),
            status: self.status.map_or(CheckStatus::Unknown, |status| CheckStatus::from(status.into_owned())),
        }
    }
}

/// The objects read so far.
struct Instances<'s> {
    source: &'s Source,
    list: Vec<StateInstance>,
    /// The last provider, which most of the time is the next one, too.
    provider: Option<(String, Arc<ProviderRef>)>,
}

impl Instances<'_> {
    fn add(&mut self, resource: RawResource<'_>) -> Result<(), StateError> {
        let module = match resource.module.as_deref() {
            Some(module) => module.parse().map_err(|cause| StateError::Address {
                input: self.source.name().to_owned(),
                position: self.list.len() + 1,
                cause,
            })?,
            None => ModulePath::root(),
        };
        let mode = match &*resource.mode {
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            _ => Mode::Managed,
        };
        let block = ResourceAddr {
            module,
            mode,
            type_name: resource.type_name.into(),
            name: resource.name.into(),
            key: None,
        };
        let instances = resource.instances.unwrap_or_default();
        // Gives the last instance the address itself; most blocks have one instance.
        let blocks = std::iter::repeat_n(block, instances.len());
        for (instance, block) in instances.into_iter().zip(blocks) {
            let key = instance.index_key.as_ref().map(|key| match key {
                RawKey::Int(index) => InstanceKey::Int(*index),
                RawKey::Str(key) => InstanceKey::Str((**key).into()),
            });
            let address = ResourceAddr { key, ..block };
            let provider = instance.provider.as_deref().or(resource.provider.as_deref());
            let provider = self.provider(&address, provider)?;
            self.list.push(instance.into_model(self.source, address, provider));
        }
        Ok(())
    }

    fn provider(
        &mut self,
        address: &ResourceAddr,
        text: Option<&str>,
    ) -> Result<Arc<ProviderRef>, StateError> {
        let text = text.unwrap_or_default();
        if let Some((_, provider)) = self.provider.as_ref().filter(|(last, _)| last == text) {
            return Ok(Arc::clone(provider));
        }
        let provider = ProviderRef::parse(text).ok_or_else(|| StateError::Provider {
            input: self.source.name().to_owned(),
            address: Box::new(address.clone()),
        })?;
        let provider = Arc::new(provider);
        self.provider = Some((text.to_owned(), Arc::clone(&provider)));
        Ok(provider)
    }
}

impl RawInstance<'_> {
    fn into_model(self, source: &Source, address: ResourceAddr, provider: Arc<ProviderRef>) -> StateInstance {
        let range = |value: Option<&RawValue>| value.map(|value| source.range_of(value.get()));
        StateInstance {
            address,
            deposed: self.deposed.filter(|key| !key.is_empty()).map(Into::into),
            tainted: self.status.as_deref() == Some("tainted"),
            provider,
            schema_version: self.schema_version.unwrap_or(0),
            create_before_destroy: self.create_before_destroy.unwrap_or(false),
            skip_destroy: self.skip_destroy.unwrap_or(false),
            raw: RawInstanceText {
                attributes: range(self.attributes),
                flat: range(self.attributes_flat),
                sensitive: range(self.sensitive_attributes),
                identity: range(self.identity),
                dependencies: range(self.dependencies),
                form: FormOfValues::Wrapped,
            },
        }
    }
}
