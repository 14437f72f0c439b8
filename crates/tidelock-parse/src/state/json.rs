//! The wire shape of state JSON (`show -json`, `prior_state`), and its way into the model.
//!
//! Modules nest; the JSON parser bounds how deep (about sixty levels), so recursion here is bounded, too.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    Form, FormOfValues, ProviderRef, RawInstanceText, State, StateError, StateHeader, StateInstance,
    raw::RawOutput,
};
use crate::{
    plan::{Check, CheckStatus, FormatVersion},
    source::{RawText, Source},
};

/// Fields that repeat what others say are listed, so that a strict test can tell them from new ones.
#[derive(Deserialize)]
pub(super) struct RawState<'a> {
    #[serde(borrow)]
    format_version: Cow<'a, str>,
    #[serde(borrow)]
    terraform_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    values: Option<RawValues<'a>>,
    #[serde(borrow)]
    checks: Option<Vec<RawCheck<'a>>>,
}

#[derive(Deserialize)]
struct RawValues<'a> {
    #[serde(borrow)]
    outputs: Option<BTreeMap<Cow<'a, str>, RawOutput<'a>>>,
    #[serde(borrow)]
    root_module: Option<RawModule<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawModule<'a> {
    address: Option<IgnoredAny>,
    #[serde(borrow, default)]
    resources: Vec<RawResource<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<RawModule<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawResource<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    mode: Option<IgnoredAny>,
    #[serde(rename = "type")]
    type_name: Option<IgnoredAny>,
    name: Option<IgnoredAny>,
    index: Option<IgnoredAny>,
    #[serde(borrow)]
    provider_name: Option<Cow<'a, str>>,
    schema_version: Option<u64>,
    #[serde(borrow)]
    values: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_values: Option<&'a RawValue>,
    #[serde(borrow)]
    depends_on: Option<&'a RawValue>,
    tainted: Option<bool>,
    #[serde(borrow)]
    deposed_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    identity: Option<&'a RawValue>,
    identity_schema_version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawCheck<'a> {
    #[serde(borrow)]
    address: RawCheckAddress<'a>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    instances: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
struct RawCheckAddress<'a> {
    #[serde(borrow)]
    to_display: Option<Cow<'a, str>>,
    kind: Option<IgnoredAny>,
    module: Option<IgnoredAny>,
    mode: Option<IgnoredAny>,
    #[serde(rename = "type")]
    type_name: Option<IgnoredAny>,
    name: Option<IgnoredAny>,
}

pub(super) fn read(source: &Source, range: RawText) -> Result<State, StateError> {
    let text = source.text(range).map_err(|_| StateError::not_utf8(source))?;
    let raw: RawState<'_> = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Err(refusal(source, text, &error)),
    };
    FormatVersion::supported(&raw.format_version).map_err(|version| unsupported(source, version))?;
    let mut instances = Instances { source, list: Vec::new(), provider: None };
    let mut outputs = BTreeMap::new();
    if let Some(values) = raw.values {
        if let Some(root) = values.root_module {
            instances.add(root)?;
        }
        for (name, output) in values.outputs.unwrap_or_default() {
            outputs.insert(name.into_owned(), output.into_model(source));
        }
    }
    Ok(State {
        source: source.clone(),
        form: Form::Json,
        header: StateHeader {
            terraform_version: raw.terraform_version.map(Cow::into_owned),
            serial: None,
            lineage: None,
        },
        outputs,
        instances: instances.list,
        checks: raw.checks.unwrap_or_default().into_iter().map(RawCheck::into_model).collect(),
    })
}

fn refusal(source: &Source, text: &str, error: &serde_json::Error) -> StateError {
    match FormatVersion::unsupported_in(text) {
        Some(version) => unsupported(source, version),
        None => StateError::from_json(source, error),
    }
}

fn unsupported(source: &Source, version: String) -> StateError {
    StateError::Version { input: source.name().to_owned(), version }
}

impl RawCheck<'_> {
    fn into_model(self) -> Check {
        Check {
            name: self.address.to_display.map(Cow::into_owned).unwrap_or_default(),
            status: self.status.map_or(CheckStatus::Unknown, |status| CheckStatus::from(status.into_owned())),
        }
    }
}

/// The objects read so far.
struct Instances<'s> {
    source: &'s Source,
    list: Vec<StateInstance>,
    /// The last provider, which most of the time is the next one, too.
    provider: Option<Arc<ProviderRef>>,
}

impl Instances<'_> {
    fn add(&mut self, module: RawModule<'_>) -> Result<(), StateError> {
        for resource in module.resources {
            let instance = self.instance(&resource)?;
            self.list.push(instance);
        }
        module.child_modules.into_iter().try_for_each(|child| self.add(child))
    }

    fn instance(&mut self, raw: &RawResource<'_>) -> Result<StateInstance, StateError> {
        let address = raw.address.parse().map_err(|cause| StateError::Address {
            input: self.source.name().to_owned(),
            position: self.list.len() + 1,
            cause,
        })?;
        let range = |value: Option<&RawValue>| value.map(|value| self.source.range_of(value.get()));
        let texts = RawInstanceText {
            attributes: range(raw.values),
            flat: None,
            sensitive: range(raw.sensitive_values),
            identity: range(raw.identity),
            dependencies: range(raw.depends_on),
            form: FormOfValues::Plain,
        };
        Ok(StateInstance {
            address,
            deposed: raw.deposed_key.as_deref().filter(|key| !key.is_empty()).map(Into::into),
            tainted: raw.tainted.unwrap_or(false),
            provider: self.provider(raw.provider_name.as_deref().unwrap_or_default()),
            schema_version: raw.schema_version.unwrap_or(0),
            create_before_destroy: false,
            skip_destroy: false,
            raw: texts,
        })
    }

    fn provider(&mut self, source: &str) -> Arc<ProviderRef> {
        match &self.provider {
            Some(last) if &*last.source == source => Arc::clone(last),
            _ => Arc::clone(self.provider.insert(Arc::new(ProviderRef::of_source(source)))),
        }
    }
}
