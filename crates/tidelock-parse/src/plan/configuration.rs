//! What plan JSON tells of the configuration (section `configuration`).
//!
//! It says which arguments are set and what they refer to; lifecycle settings, `dynamic` blocks and locals are
//! not in it.

mod expressions;
mod leaves;
mod wire;

use std::collections::BTreeMap;

pub use self::expressions::{Mention, PlanExpressions, Simple};
use crate::{
    address::{ConfigAddr, ConfigModulePath},
    config::Configuration,
    schema::Schemas,
    source::{RawText, Source},
    value::Value,
};

/// All modules of the configuration, by their path.
#[derive(Clone, Debug, Default)]
pub struct PlanConfiguration {
    modules: BTreeMap<ConfigModulePath, PlanModule>,
    providers: BTreeMap<String, PlanProvider>,
}

/// One configuration of a provider, a `provider` block.
#[derive(Clone, Debug, Default)]
pub struct PlanProvider {
    /// Whether it stands in the root module, whose variables the plan knows.
    pub in_root: bool,
    /// Its arguments.
    pub expressions: PlanExpressions,
}

/// One module of the configuration.
#[derive(Clone, Debug, Default)]
pub struct PlanModule {
    /// Its resource blocks.
    pub resources: BTreeMap<ConfigAddr, PlanResource>,
    /// Its calls of other modules, by name.
    pub calls: BTreeMap<String, PlanModuleCall>,
    /// What its outputs refer to, by name.
    pub outputs: BTreeMap<String, PlanExpressions>,
    /// Its variables, by name.
    pub variables: BTreeMap<String, PlanVariable>,
}

/// One variable.
#[derive(Clone, Debug)]
pub struct PlanVariable {
    /// Whether its value is marked sensitive; since Terraform 0.14.
    pub sensitive: bool,
    /// Whether its value is kept out of plans and states.
    pub ephemeral: bool,
    default: Option<(Source, RawText)>,
}

impl PlanVariable {
    pub(crate) fn new(sensitive: bool, ephemeral: bool, default: Option<(Source, RawText)>) -> Self {
        Self { sensitive, ephemeral, default }
    }

    /// Its default; `None` if it has none, or one that cannot be decoded.
    pub fn default(&self) -> Option<Value> {
        let (source, raw) = self.default.as_ref()?;
        source.text(*raw).and_then(Value::decode).ok()
    }
}

/// One resource block.
#[derive(Clone, Debug)]
pub struct PlanResource {
    /// Its arguments.
    pub expressions: PlanExpressions,
    /// `count` and `for_each`.
    pub repetition: PlanExpressions,
    /// `depends_on`, relative to the module.
    pub depends_on: Vec<String>,
    /// Version of the schema the arguments follow; sources do not say.
    pub schema_version: Option<u64>,
    /// Key of the provider configuration in use, see [`PlanConfiguration::provider`]; opaque.
    pub provider: Option<Box<str>>,
}

/// One module call.
#[derive(Clone, Debug)]
pub struct PlanModuleCall {
    /// `source` as written.
    pub source: String,
    /// Its arguments.
    pub expressions: PlanExpressions,
    /// `count` and `for_each`.
    pub repetition: PlanExpressions,
    /// `depends_on`, relative to the calling module.
    pub depends_on: Vec<String>,
}

impl PlanConfiguration {
    /// What plan JSON would say of these sources: a saved plan holds them in its place.
    ///
    /// With the schema of a type its nested blocks are told as plan JSON tells them; without, each type of block is a
    /// list. What plan JSON leaves out is here: `dynamic` blocks (their content, and what they are repeated over).
    /// What the sources lack (a file that does not parse, a module that is not there) is missing here. It takes about
    /// as long as parsing the sources, so ask when there is need.
    pub fn from_sources(sources: &Configuration, schemas: &Schemas) -> Self {
        sources.plan_form(schemas)
    }

    pub(crate) fn new(
        modules: BTreeMap<ConfigModulePath, PlanModule>,
        providers: BTreeMap<String, PlanProvider>,
    ) -> Self {
        Self { modules, providers }
    }

    /// All provider configurations by their key: `aws`, `aws.west`, `module.a:aws`.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &PlanProvider)> {
        self.providers.iter().map(|(key, provider)| (key.as_str(), provider))
    }

    /// The provider configuration with this key; `None` where no block configures the provider.
    pub fn provider(&self, key: &str) -> Option<&PlanProvider> {
        self.providers.get(key)
    }

    /// The module at `path`.
    pub fn module(&self, path: &ConfigModulePath) -> Option<&PlanModule> {
        self.modules.get(path)
    }

    /// All modules, by path.
    pub fn modules(&self) -> impl Iterator<Item = (&ConfigModulePath, &PlanModule)> {
        self.modules.iter()
    }

    /// The block at `addr`.
    pub fn resource(&self, addr: &ConfigAddr) -> Option<&PlanResource> {
        self.module(&addr.module)?.resources.get(addr)
    }
}

#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, source::Source};

    #[test]
    fn a_block_without_arguments_sets_nothing() {
        for configuration in [
            r#"{"root_module":{"resources":[{"address":"t.n","mode":"managed","type":"t","name":"n"}]}}"#,
            r#"{"root_module":{"resources":[{"address":"t.n","mode":"managed","type":"t","name":"n","expressions":{}}]}}"#,
        ] {
            let text = format!(
                r#"{{"format_version":"1.2","planned_values":{{}},"configuration":{configuration}}}"#
            );
            let configuration =
                Plan::from_source(&Source::new("plan.json", text)).unwrap().configuration().unwrap();
            let resource = configuration.resource(&"t.n".parse().unwrap()).unwrap();
            assert_eq!(resource.expressions.mention(&"ingress".parse().unwrap()), Mention::NotSet);
        }
    }

    #[test]
    fn constants_are_found_at_any_depth_and_references_are_none() {
        let text = r#"{"format_version":"1.2","configuration":{"root_module":{"resources":[{"mode":"managed","type":"t","name":"n",
            "expressions":{"a":{"constant_value":"x"},"b":[{"c":{"constant_value":{"k":1}},"d":{"references":["var.d"]}}],"e":{}}}],
            "variables":{"v":{"default":"y","sensitive":true},"w":{}}},
            "provider_config":{"p":{"name":"p","expressions":{"key":{"constant_value":"z"}}}}}}"#;
        let configuration =
            Plan::from_source(&Source::new("plan.json", text)).unwrap().configuration().unwrap();
        let paths = |expressions: &PlanExpressions| -> Vec<String> {
            expressions.constants().iter().map(|(path, _)| path.to_string()).collect()
        };
        let resource = configuration.resource(&"t.n".parse().unwrap()).unwrap();
        assert_eq!(paths(&resource.expressions), ["a", "b[0].c"]);
        let (key, provider) = configuration.providers().next().unwrap();
        assert_eq!((key, paths(&provider.expressions)), ("p", vec!["key".to_owned()]));
        let variables = &configuration.module(&ConfigModulePath::root()).unwrap().variables;
        assert!(variables["v"].sensitive && !variables["w"].sensitive);
        assert_eq!(variables["v"].default(), Some(Value::String("y".into())));
        assert_eq!(variables["w"].default(), None);
    }
}
