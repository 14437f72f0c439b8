//! TL701 `unmarked-secret`.

use std::collections::BTreeSet;

use tidelock_parse::{
    AttrPath, ConfigAddr, ConfigModulePath, Mask, ResourceAddr, Step, Value, config, plan::ResourceChange,
    schema::SchemaNode,
};

use crate::{
    context::{Context, Values},
    exposed::{Because, Detector, Search},
    instance::Triple,
    report::{Location, Severity},
    rule::{Draft, Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// A secret stands in clear text where nothing marks it.
    ///
    /// ## What it finds
    ///
    /// A value that is secret by its form (private keys, tokens, credentials in a URL, also inside JSON, scripts and base64)
    /// or by its name (`password`, `api_key`), and that neither the plan nor the schema of the provider marks sensitive:
    /// in what the plan creates or changes, in variables, and in constants of the configuration. It is the detector that
    /// redaction uses. The finding names the place and never the value. `--all-values` looks through what stays as it is,
    /// too.
    ///
    /// ## Why it matters
    ///
    /// Whatever is not marked is printed by the next plan, into the log of the pipeline and the comment on the pull request,
    /// and stands in clear text in every state and plan file.
    ///
    /// ## Example
    ///
    /// `environment[0].variables.DB_PASSWORD` of a function is set to a literal: the plan prints it.
    ///
    /// ## What to do
    ///
    /// Take the value from a variable or output with `sensitive = true`, better from a secret store at run time. It has been
    /// written down in clear text: change it.
    ///
    /// ## What it misses
    ///
    /// Secrets that look like any other text, values known only after apply, and arguments of provisioners. Stand-ins such as
    /// `changeme` and names of files are left alone. In plans of Terraform before 0.15, which mark nothing, only the form
    /// counts.
    pub struct UnmarkedSecret {
        code: "TL701",
        name: "unmarked-secret",
        severity: "deny",
        commands: [Gate],
    }
}

/// Findings about one instance; the last one counts the rest.
const PER_INSTANCE: usize = 5;

impl Rule for UnmarkedSecret {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let mut checker =
            Checker { context, detector: Detector::new(context.plan, context.policy), told: BTreeSet::new() };
        checker.changed(sink);
        if context.given.values == Values::All {
            checker.quiet(sink);
        }
        checker.variables(sink);
        checker.constants(sink);
    }
}

struct Checker<'x, 'c> {
    context: &'x Context<'c>,
    detector: Detector<'c>,
    /// Paths of blocks that were told with their instances.
    told: BTreeSet<(ConfigAddr, AttrPath)>,
}

impl Checker<'_, '_> {
    /// What the plan creates or changes.
    fn changed(&mut self, sink: &mut Sink<'_>) {
        for (subject, triple) in self.context.changed() {
            let Triple { actual, desired: Some(Some(desired)), marked, .. } = triple else { continue };
            let resource = subject.resource;
            let renewed = resource.actions.creates() || self.context.given.values == Values::All;
            let before = actual.as_ref().filter(|_| !renewed);
            let found = self.search(&resource.address, &resource.provider, desired, before, marked);
            self.tell(&resource.address, found, sink, |sink, message| {
                sink.about(resource, Severity::Deny, message)
            });
        }
    }

    /// What stays as it is.
    fn quiet(&mut self, sink: &mut Sink<'_>) {
        for change in self.context.plan.changes().iter().filter(|change| change.action.is_quiet()) {
            let address = &change.address;
            // What cannot be decoded is not shown either.
            let Ok(values) = change.values(self.context.plan.source()) else { continue };
            let Some(after) = &values.after else { continue };
            let found = self.search(address, &change.provider, after, None, &values.after_sensitive);
            self.tell(address, found, sink, |sink, message| {
                sink.about_address(address, Severity::Deny, message)
            });
        }
    }

    fn search(
        &self,
        address: &ResourceAddr,
        provider: &str,
        value: &Value,
        before: Option<&Value>,
        marked: &Mask,
    ) -> Vec<(AttrPath, Because)> {
        let search = Search { detector: self.detector, value, before, marked, schema: None };
        // A schema is decoded only where there is something that it may mark.
        if search.run(None).is_empty() {
            return Vec::new();
        }
        let found = self.context.schemas.resource(provider, &address.type_name);
        let schema = found.as_ref().map(|found| &found.schema.root);
        Search { schema, ..search }.run(None)
    }

    fn tell(
        &mut self,
        address: &ResourceAddr,
        found: Vec<(AttrPath, Because)>,
        sink: &mut Sink<'_>,
        draft: impl Fn(&Sink<'_>, String) -> Draft,
    ) {
        let count = found.len();
        for (at, (path, because)) in found.into_iter().enumerate() {
            if at < PER_INSTANCE {
                let mut message = format!("{path} {}, and nothing marks it sensitive", because.phrase());
                if at + 1 == PER_INSTANCE && count > PER_INSTANCE {
                    message = format!("{message}; so do {} more arguments", count - PER_INSTANCE);
                }
                let place = self.place(address, &path);
                sink.put(draft(sink, message).path(&path).help(HELP).location(place.as_ref()));
            }
            self.told.insert((address.config(), path));
        }
    }

    /// The line that sets a path.
    fn place(&self, address: &ResourceAddr, path: &AttrPath) -> Option<Location> {
        match self.context.sources?.setting(address, path) {
            config::Setting::Set { location, .. } => self.context.place(&address.module.config(), &location),
            _ => None,
        }
    }

    /// Values of root variables, defaults included.
    fn variables(&self, sink: &mut Sink<'_>) {
        let Ok(values) = self.context.plan.variables() else { return };
        let module = self.context.configuration().module(&ConfigModulePath::root());
        for (name, value) in &values {
            let declared = module.and_then(|module| module.variables.get(name));
            if declared.is_some_and(|variable| variable.sensitive || variable.ephemeral) {
                continue;
            }
            for (path, because) in self.constant(name, value) {
                let path = join(&["var", name], &path);
                let message = format!("{path} {}, and is not marked sensitive", because.phrase());
                let help = format!(
                    "set `sensitive = true` in variable {name:?}, and change the secret: it stands in clear text in the plan"
                );
                sink.put(sink.about_plan(Severity::Deny, message).path(&path).help(help));
            }
        }
    }

    /// Constants in arguments of resources, module calls and providers, and defaults in modules.
    fn constants(&self, sink: &mut Sink<'_>) {
        let configuration = self.context.configuration();
        for (key, provider) in configuration.providers() {
            for (path, because) in self.constants_of(provider.expressions.constants()) {
                put_constant(&join(&["provider", key], &path), because, sink);
            }
        }
        for (module, content) in configuration.modules() {
            for (name, call) in &content.calls {
                let called = configuration.module(&module.child(name));
                let constants = call.expressions.constants().into_iter().filter(|(path, _)| {
                    let variable = path.top().zip(called).and_then(|(top, called)| called.variables.get(top));
                    !variable.is_some_and(|variable| variable.sensitive || variable.ephemeral)
                });
                for (path, because) in self.constants_of(constants.collect()) {
                    put_constant(&under(&module.child(name), &path), because, sink);
                }
            }
            let defaults = content.variables.iter().filter(|(_, variable)| {
                // The values of root variables are told already.
                !module.names().is_empty() && !variable.sensitive && !variable.ephemeral
            });
            for (name, variable) in defaults {
                let Some(default) = variable.default() else { continue };
                for (path, because) in self.constant(name, &default) {
                    put_constant(&under(module, &join(&["var", name], &path)), because, sink);
                }
            }
            for (block, resource) in &content.resources {
                let found = self.constants_of(resource.expressions.constants());
                if !found.is_empty() {
                    self.block(block, found, sink);
                }
            }
        }
    }

    /// Constants of a block: told unless an instance was told at that path, or one of them marks it.
    fn block(&self, block: &ConfigAddr, found: Vec<(AttrPath, Because)>, sink: &mut Sink<'_>) {
        let instances = self.context.plan.changes().iter().filter(|change| {
            // The names rule most out before the address of a block is made.
            let address = &change.address;
            address.name == block.name && address.type_name == block.type_name && address.config() == *block
        });
        let instances: Vec<&ResourceChange> = instances.collect();
        let Some(first) = instances.first() else { return };
        let schema = self.context.schemas.resource(&first.provider, &block.type_name);
        let values = first.values(self.context.plan.source());
        for (path, because) in found {
            let by_schema = schema
                .as_ref()
                .and_then(|found| found.schema.at(&path))
                .is_some_and(SchemaNode::is_sensitive);
            let by_plan = values.as_ref().is_ok_and(|values| {
                matches!(values.after_sensitive.at(&path), Mask::All)
                    || matches!(values.before_sensitive.at(&path), Mask::All)
            });
            if by_schema || by_plan || self.told.contains(&(block.clone(), path.clone())) {
                continue;
            }
            let message =
                format!("{path} {} as a constant, and nothing marks it sensitive", because.phrase());
            let place = self.place(&first.address, &path);
            let draft = sink.about_address(&first.address, Severity::Deny, message);
            sink.put(draft.path(&path).help(HELP).location(place.as_ref()));
        }
    }

    fn constants_of(&self, constants: Vec<(AttrPath, Value)>) -> Vec<(AttrPath, Because)> {
        let mut found = Vec::new();
        for (path, value) in constants {
            let name = path.steps().iter().rev().find_map(Step::name).unwrap_or_default();
            for (rest, because) in self.constant(name, &value) {
                found.push((path.steps().iter().chain(rest.steps()).cloned().collect(), because));
            }
        }
        found
    }

    fn constant(&self, name: &str, value: &Value) -> Vec<(AttrPath, Because)> {
        Search { detector: self.detector, value, before: None, marked: &Mask::None, schema: None }
            .run(Some(name))
    }
}

/// What to do about it.
const HELP: &str = "take it from a variable with `sensitive = true` or from a secret store, and change the secret: it stands in clear text in the plan";

fn put_constant(path: &AttrPath, because: Because, sink: &mut Sink<'_>) {
    let message = format!("{path} {} as a constant of the configuration", because.phrase());
    sink.put(sink.about_plan(Severity::Deny, message).path(path).help(HELP));
}

fn join(names: &[&str], rest: &AttrPath) -> AttrPath {
    names.iter().map(|name| Step::attr(name)).chain(rest.steps().iter().cloned()).collect()
}

/// A path inside a module: `module.a.module.b.password`.
fn under(module: &ConfigModulePath, rest: &AttrPath) -> AttrPath {
    let calls = module.names().iter().flat_map(|name| [Step::attr("module"), Step::attr(name)]);
    calls.chain(rest.steps().iter().cloned()).collect()
}
