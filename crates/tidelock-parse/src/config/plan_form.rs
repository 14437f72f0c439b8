//! The sources in the form that plan JSON tells of a configuration ([`PlanConfiguration`]).

use std::{
    collections::BTreeMap,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use super::{
    Configuration,
    eval::Evaluator,
    expressions::{Writer, depended_on},
    lifecycle::ResourceBlock,
    loader::Node,
    module::{Module, ModuleCall, ResourceName, Variable},
    provider::{Provider, Providers, provider_of},
    syntax::Attr,
};
use crate::{
    address::{ConfigAddr, Mode},
    plan::{
        PlanConfiguration, PlanExpressions, PlanModule, PlanModuleCall, PlanProvider, PlanResource,
        PlanVariable,
    },
    schema::{self, Schemas},
    source::{RawText, Source},
};

/// Blocks of all modules together, those of a module that is called twice counted twice. Modules beyond are left out,
/// the deepest ones first.
const MAX_BLOCKS: usize = 1_000_000;

/// A text that is complete only later; until then it is empty.
#[derive(Clone, Default)]
struct Later(Arc<OnceLock<Vec<u8>>>);

impl AsRef<[u8]> for Later {
    fn as_ref(&self) -> &[u8] {
        self.0.get().map(Vec::as_slice).unwrap_or_default()
    }
}

/// A module without anything that depends on where it is called.
#[derive(Default)]
struct Form {
    resources: Vec<(ResourceName, PlanResource)>,
    calls: BTreeMap<String, PlanModuleCall>,
    outputs: BTreeMap<String, PlanExpressions>,
    variables: BTreeMap<String, PlanVariable>,
}

impl Configuration {
    /// See [`PlanConfiguration::from_sources`].
    pub(crate) fn plan_form(&self, schemas: &Schemas) -> PlanConfiguration {
        let text = Later::default();
        let source = Source::new("configuration", text.clone());
        let mut former = Former { config: self, schemas, writer: Writer::new(self), source };
        let providers = Providers::new(&self.nodes);
        let mut forms: BTreeMap<*const Module, Rc<Form>> = BTreeMap::new();
        let mut modules = BTreeMap::new();
        let mut blocks = 0;
        for node in &self.nodes {
            blocks += node.module.resources.len() + node.module.calls.len();
            if blocks > MAX_BLOCKS {
                break;
            }
            let form =
                forms.entry(Arc::as_ptr(&node.module)).or_insert_with(|| Rc::new(former.form(&node.module)));
            modules.insert(node.path.clone(), form.at(node, &providers));
        }
        let providers = providers.own().map(|(key, provider)| (key.to_owned(), former.provider(provider)));
        let providers = providers.collect();
        // Nobody has set it before.
        let _ = text.0.set(former.writer.finish());
        PlanConfiguration::new(modules, providers)
    }
}

impl Form {
    /// The module as this node calls it.
    fn at(&self, node: &Node, providers: &Providers<'_>) -> PlanModule {
        let resources = self.resources.iter().map(|(name, resource)| {
            let addr = ConfigAddr {
                module: node.path.clone(),
                mode: name.mode,
                type_name: name.type_name.clone(),
                name: name.name.clone(),
            };
            let key = providers.of_block(node, resource.provider.as_deref(), &name.type_name);
            (addr, PlanResource { provider: Some(key.into()), ..resource.clone() })
        });
        PlanModule {
            resources: resources.collect(),
            calls: self.calls.clone(),
            outputs: self.outputs.clone(),
            variables: self.variables.clone(),
        }
    }
}

struct Former<'c> {
    config: &'c Configuration,
    schemas: &'c Schemas,
    writer: Writer<'c>,
    source: Source,
}

impl<'c> Former<'c> {
    fn form(&mut self, module: &'c Module) -> Form {
        let mut form = Form::default();
        for (name, block) in &module.resources {
            form.resources.push((name.clone(), self.resource(module, block)));
        }
        for (name, call) in &module.calls {
            form.calls.insert(name.to_string(), self.call(call));
        }
        for (name, value) in &module.outputs {
            let expression = self.writer.expression(&value.value);
            form.outputs.insert(name.to_string(), self.at(expression));
        }
        for (name, variable) in &module.variables {
            form.variables.insert(name.to_string(), self.variable(variable));
        }
        form
    }

    /// With the provider as written: whose it is depends on the node.
    fn resource(&mut self, module: &Module, block: &'c ResourceBlock) -> PlanResource {
        let schema = self.schema(module, block);
        let expressions = self.writer.block(&block.body, schema.as_ref().map(|found| &found.schema.root));
        PlanResource {
            expressions: self.at(expressions),
            repetition: self.repetition(block.count.as_ref(), block.for_each.as_ref()),
            depends_on: block.depends_on.iter().filter_map(depended_on).collect(),
            schema_version: None,
            provider: block.provider.as_deref().map(Into::into),
        }
    }

    /// The schema of a block, where it makes a difference.
    fn schema(&self, module: &Module, block: &ResourceBlock) -> Option<schema::Found> {
        let has_blocks = !block.body.blocks.is_empty()
            || block.body.attrs.iter().any(|attr| self.config.is_json(attr.place));
        if block.mode != Mode::Managed || !has_blocks {
            return None;
        }
        let provider = provider_of(module, block.provider.as_deref(), &block.type_name);
        self.schemas.resource(&provider, &block.type_name)
    }

    fn call(&mut self, call: &'c ModuleCall) -> PlanModuleCall {
        let source = call.source.as_ref().and_then(|attr| attr.value.literal_text());
        let arguments = self.writer.arguments(&call.args);
        PlanModuleCall {
            source: source.unwrap_or_default().to_owned(),
            expressions: self.at(arguments),
            repetition: self.repetition(call.count.as_ref(), call.for_each.as_ref()),
            depends_on: call.depends_on.iter().filter_map(depended_on).collect(),
        }
    }

    fn repetition(&mut self, count: Option<&'c Attr>, for_each: Option<&'c Attr>) -> PlanExpressions {
        let count = count.and_then(|attr| self.writer.telling(&attr.value));
        let for_each = for_each.and_then(|attr| self.writer.telling(&attr.value));
        let parts = [("count", count), ("for_each", for_each)];
        PlanExpressions::of(parts.into_iter().map(|(name, range)| (Some(name), &self.source, range)))
    }

    fn at(&self, range: RawText) -> PlanExpressions {
        PlanExpressions::of([(None, &self.source, Some(range))])
    }

    fn variable(&mut self, variable: &'c Variable) -> PlanVariable {
        let default = variable.default.as_ref().and_then(|_| {
            let value = Evaluator::new(self.config).typed(variable, None, &self.config.root());
            // A default that is null is none in plan JSON either.
            let value = value.ok().filter(|value| !value.is_null())?;
            self.writer.value(&value)
        });
        let default = default.map(|range| (self.source.clone(), range));
        PlanVariable::new(variable.sensitive, variable.ephemeral, default)
    }

    /// Arguments of providers are read without a schema.
    fn provider(&mut self, provider: &Provider<'c>) -> PlanProvider {
        let arguments = provider.block.map(|block| self.writer.provider(&block.body));
        PlanProvider {
            in_root: provider.node == 0,
            expressions: arguments.map(|range| self.at(range)).unwrap_or_default(),
        }
    }
}
