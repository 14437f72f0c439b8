//! What plan JSON tells of the configuration (section `configuration`).
//!
//! It says which arguments are set and what they refer to; lifecycle settings, `dynamic` blocks and locals are
//! not in it.

mod leaves;

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use self::leaves::{Leaf, Text};
use crate::{
    address::{ConfigAddr, ConfigModulePath, Mode},
    config::Configuration,
    object::Entries,
    path::{AttrPath, Step},
    schema::Schemas,
    source::{RawText, Source},
    value::{Value, ValueError},
};

/// Deepest nesting of module calls that is read; each level costs a pass over what lies inside.
const MAX_MODULES: usize = 64;

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

/// Expressions of a block: a tree whose leaves are `{"constant_value": …}`, `{"references": […]}` or `{}`.
///
/// Decoded when asked: a plan may hold thousands of blocks, and only those of drifted instances matter.
#[derive(Clone, Debug, Default)]
pub struct PlanExpressions(Vec<(Option<&'static str>, Source, RawText)>);

/// What plan JSON says about an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mention {
    /// The argument is not set.
    NotSet,
    /// Set to a constant.
    Constant(Value),
    /// Set to something that refers to other things or calls functions.
    Expression,
    /// A block type that is missing or shorter: `dynamic` blocks are not represented.
    CannotTell,
}

/// An expression that plan JSON tells in full, or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Simple {
    /// A constant.
    Constant(Value),
    /// It refers to this and to nothing else; what it makes of it is not told.
    Reference(String),
}

impl PlanExpressions {
    /// Whether the argument at `path` is set.
    ///
    /// A top-level name that is missing may be a `dynamic` block, so callers that know it to be a block must
    /// read [`Mention::NotSet`] as "cannot tell".
    pub fn mention(&self, path: &AttrPath) -> Mention {
        let tree = self.tree();
        let mut node = &tree;
        for (i, step) in path.steps().iter().enumerate() {
            // The whole is a block, and one without arguments looks like an expression.
            if i == 0 {
                let Some(argument) = node.step(step) else { return Mention::NotSet };
                node = argument;
                continue;
            }
            if let Some(constant) = constant(node) {
                let rest: AttrPath = path.steps().iter().skip(i).cloned().collect();
                return constant.get(&rest).map_or(Mention::NotSet, |v| Mention::Constant(v.clone()));
            }
            if is_expression(node) {
                return Mention::Expression;
            }
            if holds_dynamic(node) {
                return Mention::CannotTell;
            }
            node = match (node.step(step), step) {
                (Some(next), _) => next,
                // A single block is an object here, though its value is a list of one.
                (None, Step::Index(0)) if matches!(node, Value::Object(_)) => node,
                (None, Step::Index(_)) => return Mention::CannotTell,
                // And what is a list here for want of a schema may be a single block.
                (None, _) if matches!(node, Value::List(_)) => match node.as_list() {
                    Some([only]) => match only.step(step) {
                        Some(next) => next,
                        None => return Mention::NotSet,
                    },
                    _ => return Mention::CannotTell,
                },
                (None, _) => return Mention::NotSet,
            };
        }
        match constant(node) {
            Some(value) => Mention::Constant(value.clone()),
            None => Mention::Expression,
        }
    }

    /// What a top-level argument is set to: a constant, or the only thing it refers to; `None` for anything else.
    pub fn simple(&self, argument: &str) -> Option<Simple> {
        let tree = self.tree();
        let node = tree.step(&Step::attr(argument))?;
        if let Some(value) = constant(node) {
            return Some(Simple::Constant(value.clone()));
        }
        let references = node.as_object().filter(|_| is_expression(node))?.get("references")?.as_list()?;
        match references {
            [only] => only.as_str().map(|reference| Simple::Reference(reference.to_owned())),
            _ => None,
        }
    }

    /// Names of the top-level arguments that are set.
    pub fn arguments(&self) -> Vec<Box<str>> {
        self.tree().as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }

    /// Every reference in it with the path of the argument that holds it, in order of paths.
    ///
    /// Each comes with its shorter prefixes, as the plan lists them.
    pub fn references(&self) -> Vec<(AttrPath, String)> {
        self.leaves(|path, leaf, found| {
            if let Leaf::References(list) = leaf {
                found.extend(list.into_iter().map(|Text(text)| (path.clone(), text.into_owned())));
            }
        })
    }

    /// Every constant in it with the path of its argument, in order of paths.
    pub fn constants(&self) -> Vec<(AttrPath, Value)> {
        self.leaves(|path, leaf, found| {
            if let Leaf::Constant(text) = leaf {
                found.extend(Value::decode(text).ok().map(|value| (path.clone(), value)));
            }
        })
    }

    /// Goes through all leaves, and sorts what was found by path. A part that cannot be read is left out.
    fn leaves<T>(
        &self,
        mut visit: impl FnMut(&AttrPath, Leaf<'_>, &mut Vec<(AttrPath, T)>),
    ) -> Vec<(AttrPath, T)> {
        let mut found = Vec::new();
        for (name, source, raw) in &self.0 {
            let mut path: AttrPath = name.iter().map(|name| Step::attr(name)).collect();
            let before = found.len();
            let Ok(text) = source.text(*raw) else { continue };
            if leaves::visit(text, &mut path, &mut |path, leaf| visit(path, leaf, &mut found)).is_err() {
                found.truncate(before);
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found
    }

    /// The texts at these ranges: one without a name, or some with names.
    pub(crate) fn of<'s>(
        parts: impl IntoIterator<Item = (Option<&'static str>, &'s Source, Option<RawText>)>,
    ) -> Self {
        let parts = parts.into_iter();
        Self(parts.filter_map(|(name, source, range)| Some((name, source.clone(), range?))).collect())
    }

    fn part(name: Option<&'static str>, raw: Option<&RawValue>, source: &Source) -> Self {
        Self(raw.map(|raw| (name, source.clone(), source.range_of(raw.get()))).into_iter().collect())
    }

    /// The whole tree. A part that cannot be decoded is left out: its arguments then count as "cannot tell" or
    /// not set, and the plan itself was valid JSON, so only absurd nesting gets here.
    fn tree(&self) -> Value {
        let mut fields = BTreeMap::new();
        for (name, source, raw) in &self.0 {
            let Ok(value) = source.text(*raw).and_then(Value::decode) else { continue };
            match name {
                Some(name) => {
                    fields.insert((*name).into(), value);
                }
                None => return value,
            }
        }
        Value::Object(fields)
    }
}

fn constant(node: &Value) -> Option<&Value> {
    node.as_object().filter(|fields| fields.len() == 1)?.get("constant_value")
}

/// Whether this is the leaf of an expression. In the JSON syntax its text stands beside what it refers to as if it
/// were a constant.
fn is_expression(node: &Value) -> bool {
    let Some(fields) = node.as_object() else { return false };
    match fields.get("references") {
        Some(list) => list.as_list().is_some() && fields.keys().all(|key| is_word(key)),
        None => fields.is_empty(),
    }
}

/// Whether a key of a leaf is a word of the format.
fn is_word(key: &str) -> bool {
    matches!(key, "references" | "constant_value")
}

/// Whether this is a list of blocks with `dynamic` ones among them: it ends in what those are repeated over, and what
/// position a block has nobody can tell.
fn holds_dynamic(node: &Value) -> bool {
    let last = node.as_list().and_then(<[Value]>::last).and_then(Value::as_object);
    last.is_some_and(|fields| {
        fields.len() == 1 && fields.get("references").is_some_and(|list| list.as_list().is_some())
    })
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

    pub(super) fn read(source: &Source, range: RawText) -> Result<Self, ValueError> {
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

fn repetition(count: Option<&RawValue>, for_each: Option<&RawValue>, source: &Source) -> PlanExpressions {
    let mut parts = PlanExpressions::part(Some("count"), count, source);
    parts.0.extend(PlanExpressions::part(Some("for_each"), for_each, source).0);
    parts
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
                repetition: repetition(raw.count_expression, raw.for_each_expression, source),
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
                repetition: repetition(raw.count_expression, raw.for_each_expression, source),
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
mod recorded;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Plan;

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
