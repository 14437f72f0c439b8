//! The wire shape of the section, and its way into the model.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    PlanConfiguration, PlanExpressions, PlanModule, PlanModuleCall, PlanProvider, PlanResource, PlanVariable,
};
use crate::{
    address::{ConfigAddr, ConfigModulePath, Mode},
    object::Entries,
    source::{RawText, Source},
    value::ValueError,
};

/// Deepest nesting of module calls that is read; each level costs a pass over what lies inside.
const MAX_MODULES: usize = 64;

impl PlanConfiguration {
    pub(in crate::plan) fn read(source: &Source, range: RawText) -> Result<Self, ValueError> {
        let raw: RawConfiguration<'_> =
            serde_json::from_str(source.text(range)?).map_err(|error| ValueError::from_json(&error))?;
        let mut modules = BTreeMap::new();
        if let Some(root) = raw.root_module {
            // A work list, not a recursion: the input decides how deep modules nest.
            let mut open = vec![(ConfigModulePath::root(), root)];
            while let Some((path, raw)) = open.pop() {
                let module = raw.into_model(&path, source, &mut open)?;
                modules.insert(path, module);
            }
        }
        let providers = raw.provider_config.into_unique().ok_or(ValueError::DuplicateKey)?;
        let provider = |raw: RawProvider<'_>| PlanProvider {
            in_root: raw.module_address.is_none_or(|address| address.is_empty()),
            expressions: PlanExpressions::part(None, raw.expressions, source),
        };
        let providers = providers.into_iter().map(|(key, raw)| (key.into_owned(), provider(raw))).collect();
        Ok(Self { modules, providers })
    }
}

#[derive(Deserialize)]
struct RawConfiguration<'a> {
    #[serde(borrow, default)]
    provider_config: Entries<Cow<'a, str>, RawProvider<'a>>,
    #[serde(borrow)]
    root_module: Option<RawModule<'a>>,
}

#[derive(Deserialize)]
struct RawProvider<'a> {
    #[serde(borrow)]
    module_address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    expressions: Option<&'a RawValue>,
}

/// Fields that are told better elsewhere are listed, so that a strict test can tell them from new ones.
#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that nothing needs")]
struct RawModule<'a> {
    #[serde(borrow, default)]
    resources: Vec<RawResource<'a>>,
    #[serde(borrow, default)]
    module_calls: Entries<Cow<'a, str>, RawCall<'a>>,
    #[serde(borrow, default)]
    outputs: Entries<Cow<'a, str>, RawOutput<'a>>,
    #[serde(borrow, default)]
    variables: Entries<Cow<'a, str>, RawVariable<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that nothing needs")]
struct RawVariable<'a> {
    sensitive: Option<bool>,
    ephemeral: Option<bool>,
    #[serde(borrow)]
    default: Option<&'a RawValue>,
    #[serde(rename = "type")]
    constraint: Option<IgnoredAny>,
    description: Option<IgnoredAny>,
    required: Option<IgnoredAny>,
    deprecated: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that nothing needs")]
struct RawOutput<'a> {
    sensitive: Option<IgnoredAny>,
    description: Option<IgnoredAny>,
    depends_on: Option<IgnoredAny>,
    #[serde(borrow)]
    expression: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that nothing needs")]
struct RawResource<'a> {
    address: Option<IgnoredAny>,
    #[serde(borrow)]
    provider_config_key: Option<Cow<'a, str>>,
    provisioners: Option<IgnoredAny>,
    #[serde(borrow)]
    mode: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    type_name: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    count_expression: Option<&'a RawValue>,
    #[serde(borrow)]
    for_each_expression: Option<&'a RawValue>,
    #[serde(default)]
    depends_on: Vec<String>,
    schema_version: Option<u64>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that nothing needs")]
struct RawCall<'a> {
    version_constraint: Option<IgnoredAny>,
    #[serde(default)]
    source: String,
    #[serde(borrow)]
    expressions: Option<&'a RawValue>,
    #[serde(borrow)]
    count_expression: Option<&'a RawValue>,
    #[serde(borrow)]
    for_each_expression: Option<&'a RawValue>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(borrow)]
    module: Option<&'a RawValue>,
}

impl<'a> RawModule<'a> {
    fn into_model(
        self,
        path: &ConfigModulePath,
        source: &Source,
        open: &mut Vec<(ConfigModulePath, RawModule<'a>)>,
    ) -> Result<PlanModule, ValueError> {
        let mut module = PlanModule::default();
        for raw in self.resources {
            let addr = ConfigAddr {
                module: path.clone(),
                mode: match &*raw.mode {
                    "data" => Mode::Data,
                    "ephemeral" => Mode::Ephemeral,
                    _ => Mode::Managed,
                },
                type_name: raw.type_name.into(),
                name: raw.name.into(),
            };
            let resource = PlanResource {
                expressions: PlanExpressions::part(None, raw.expressions, source),
                repetition: PlanExpressions::repetition(
                    raw.count_expression,
                    raw.for_each_expression,
                    source,
                ),
                depends_on: raw.depends_on,
                schema_version: raw.schema_version,
                provider: raw.provider_config_key.map(Into::into),
            };
            module.resources.insert(addr, resource);
        }
        for (name, raw) in self.module_calls.into_unique().ok_or(ValueError::DuplicateKey)? {
            if let Some(inner) = raw.module {
                if path.names().len() >= MAX_MODULES {
                    return Err(ValueError::TooDeep);
                }
                let inner =
                    serde_json::from_str(inner.get()).map_err(|error| ValueError::from_json(&error))?;
                open.push((path.child(&name), inner));
            }
            let call = PlanModuleCall {
                source: raw.source,
                expressions: PlanExpressions::part(None, raw.expressions, source),
                repetition: PlanExpressions::repetition(
                    raw.count_expression,
                    raw.for_each_expression,
                    source,
                ),
                depends_on: raw.depends_on,
            };
            module.calls.insert(name.into_owned(), call);
        }
        for (name, raw) in self.outputs.into_unique().ok_or(ValueError::DuplicateKey)? {
            module.outputs.insert(name.into_owned(), PlanExpressions::part(None, raw.expression, source));
        }
        for (name, raw) in self.variables.into_unique().ok_or(ValueError::DuplicateKey)? {
            let variable = PlanVariable {
                sensitive: raw.sensitive.unwrap_or_default(),
                ephemeral: raw.ephemeral.unwrap_or_default(),
                default: raw.default.map(|raw| (source.clone(), source.range_of(raw.get()))),
            };
            module.variables.insert(name.into_owned(), variable);
        }
        Ok(module)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Fields of a module, and of all that it calls, that nobody reads.
    fn unread_fields(text: &str, unread: &mut BTreeSet<String>) {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let module: RawModule<'_> = serde_ignored::deserialize(&mut deserializer, |path| {
            let path = path.to_string();
            // Positions and names of calls stand before the field; what is skipped on purpose ends in a mark.
            unread.extend(path.rsplit('.').next().filter(|field| *field != "?").map(ToOwned::to_owned));
        })
        .unwrap();
        for call in module.module_calls.into_unique().unwrap().into_values() {
            unread_fields(call.module.unwrap().get(), unread);
        }
    }

    #[test]
    fn every_field_of_every_recorded_configuration_is_known() {
        let mut unread = BTreeSet::new();
        for case in tidelock_testkit::fixtures::all().unwrap() {
            let plan = case.json("plan.json").unwrap();
            if let Some(module) = plan.pointer("/configuration/root_module") {
                unread_fields(&module.to_string(), &mut unread);
            }
        }
        assert_eq!(unread, BTreeSet::new());
    }

    #[test]
    fn a_new_field_of_the_configuration_is_noticed() {
        let mut unread = BTreeSet::new();
        let inner = r#"{"resources":[{"mode":"managed","type":"t","name":"n","mood":1}]}"#;
        unread_fields(&format!(r#"{{"module_calls":{{"m":{{"module":{inner}}}}}}}"#), &mut unread);
        assert_eq!(unread, BTreeSet::from(["mood".to_owned()]));
    }
}
