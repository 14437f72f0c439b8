//! [`Knowledge`] about one instance, drawn from schemas, the catalogue, the sources and the plan.

use std::{cell::OnceCell, sync::Arc};

use tidelock_parse::{
    AttrPath, Configuration, Plan, PlanError, ResourceAddr, Value,
    config::{self, IgnoreChanges, ResourceBlock},
    plan::{Mention, PlanConfiguration},
    schema::{self, ResourceSchema},
};

use crate::{
    anchor::Anchor,
    catalogue::Facts,
    companion::Companions,
    compare::Shape,
    evidence::{Knowledge, Owner, Setting, TypeShapes},
    ignore,
    policy::Policy,
    report::{Evidence, IgnoreEntry, Location, Normaliser},
};

/// What all instances of an input share.
#[derive(Clone, Copy)]
pub(crate) struct World<'w> {
    pub(crate) sources: Option<&'w Configuration>,
    pub(crate) mentions: &'w Mentions<'w>,
    pub(crate) companions: &'w Companions<'w>,
    pub(crate) anchor: &'w Anchor,
    pub(crate) policy: &'w Policy,
}

/// The plan's own record of the configuration, read when it is first needed.
pub(crate) struct Mentions<'p> {
    plan: &'p Plan,
    read: OnceCell<Result<PlanConfiguration, PlanError>>,
    nothing: PlanConfiguration,
}

impl<'p> Mentions<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, read: OnceCell::new(), nothing: PlanConfiguration::default() }
    }

    /// What it says; nothing if it is broken, see [`Mentions::check`].
    pub(crate) fn get(&self) -> &PlanConfiguration {
        self.read.get_or_init(|| self.plan.configuration()).as_ref().unwrap_or(&self.nothing)
    }

    /// Fails if it was needed and is broken.
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        match self.read.get() {
            Some(Err(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}

/// What is known about one instance.
pub(crate) struct Known<'w> {
    world: World<'w>,
    address: &'w ResourceAddr,
    schema: Option<(Arc<ResourceSchema>, String)>,
    facts: Facts,
    block: Option<&'w ResourceBlock>,
    /// The refreshed object, against which ignore entries are read.
    actual: Option<Value>,
}

impl<'w> Known<'w> {
    pub(crate) fn new(
        world: World<'w>,
        address: &'w ResourceAddr,
        schema: Option<schema::Found>,
        facts: Facts,
        actual: Option<Value>,
    ) -> Self {
        let block = world.sources.and_then(|sources| sources.resource(&address.config()));
        let schema = schema.map(|found| (found.schema, found.origin.to_string()));
        Self { world, address, schema, facts, block, actual }
    }

    /// The block that declares the instance, in the sources.
    pub(crate) fn block(&self) -> Option<&'w ResourceBlock> {
        self.block
    }

    pub(crate) fn schema(&self) -> Option<&ResourceSchema> {
        self.schema.as_ref().map(|(schema, _)| &**schema)
    }

    /// The report's form of a place in the module of this instance.
    pub(crate) fn place(&self, at: &config::Location) -> Option<Location> {
        self.world.anchor.place(self.world.sources?, &self.address.module.config(), at)
    }

    /// The very place of an edit; `None` if it is outside the source root.
    pub(crate) fn exact_place(&self, at: &config::Location) -> Option<Location> {
        self.world.anchor.exact(at)
    }

    /// What plan JSON says, where there are no sources.
    fn mention(&self, path: &AttrPath) -> Setting {
        let Some(resource) = self.world.mentions.get().resource(&self.address.config()) else {
            return Setting::CannotTell;
        };
        let mention = resource.expressions.mention(path);
        match mention {
            Mention::Constant(value) => Setting::Value(value),
            Mention::Expression => Setting::Unevaluated,
            // A block type that is missing may be a `dynamic` block.
            Mention::NotSet if self.may_be_block(path) => Setting::CannotTell,
            Mention::NotSet => Setting::NotSet,
            _ => Setting::CannotTell,
        }
    }

    /// Whether the top of `path` is a block, or may be one: without a schema, a list of objects.
    fn may_be_block(&self, path: &AttrPath) -> bool {
        let Some(top) = path.steps().first() else { return false };
        if let Some(schema) = self.schema() {
            return schema.at(&AttrPath::from(vec![top.clone()])).is_none_or(schema::SchemaNode::is_block);
        }
        let value = self.actual.as_ref().and_then(|actual| actual.step(top));
        value.and_then(Value::as_list).is_some_and(|items| {
            items.is_empty() || items.iter().any(|item| matches!(item, Value::Object(_)))
        })
    }
}

/// The comparison's word for what a schema says.
pub(crate) fn shape_of(node: &schema::SchemaNode) -> Shape {
    match node.shape() {
        schema::Shape::List | schema::Shape::Tuple => Shape::List,
        schema::Shape::Set => Shape::Set,
        schema::Shape::Map => Shape::Map,
        schema::Shape::Object => Shape::Object,
        schema::Shape::String | schema::Shape::Number | schema::Shape::Bool => Shape::Scalar,
        _ => Shape::Unknown,
    }
}

impl Knowledge for Known<'_> {
    fn shape(&self, path: &AttrPath) -> Shape {
        self.schema().and_then(|schema| schema.at(path)).map_or(Shape::Unknown, shape_of)
    }

    fn owner(&self, path: &AttrPath) -> Option<Owner> {
        let node = self.schema()?.at(path)?;
        Some(match node.setting() {
            Some(schema::Setting::Computed) => Owner::Provider,
            Some(schema::Setting::OptionalComputed) => Owner::Either,
            // A block has no flag of its own; what lies inside is the only hint.
            None if !node.is_settable() => Owner::Provider,
            None if node.all_inside_computed() => Owner::Either,
            Some(schema::Setting::Required | schema::Setting::Optional) | None => Owner::Configuration,
        })
    }

    fn schema_name(&self) -> Option<String> {
        self.schema.as_ref().map(|(_, name)| name.clone())
    }

    fn setting(&self, path: &AttrPath) -> (Setting, Evidence) {
        let from_sources = self.world.sources.map(|sources| sources.setting(self.address, path));
        match from_sources {
            Some(config::Setting::NotSet) => (Setting::NotSet, Evidence::Sources),
            Some(config::Setting::Set { value, .. }) => match value {
                config::Evaluated::Known(value) => (Setting::Value(value), Evidence::Sources),
                config::Evaluated::NotKnown(_) => (Setting::Unevaluated, Evidence::Sources),
            },
            // Sources that do not hold the block (a file that does not parse, a module that is not there) leave
            // the word to the plan.
            Some(_) | None => match self.mention(path) {
                Setting::CannotTell => (Setting::CannotTell, Evidence::None),
                setting => (setting, Evidence::Configuration),
            },
        }
    }

    fn ignored_by(&self, path: &AttrPath) -> Option<IgnoreEntry> {
        match &self.block?.lifecycle.ignore_changes {
            IgnoreChanges::All { location: at } => {
                Some(IgnoreEntry { text: "all".to_owned(), location: self.place(at) })
            }
            IgnoreChanges::Entries(entries) => {
                let shapes = TypeShapes(self);
                let covers = |entry: &&config::IgnoreEntry| {
                    ignore::covers(&entry.path, path, &shapes, self.actual.as_ref())
                };
                entries.iter().find(covers).map(|entry| IgnoreEntry {
                    text: entry.text.clone(),
                    location: self.place(&entry.location),
                })
            }
            _ => None,
        }
    }

    fn companions_explain(&self, path: &AttrPath, recorded: Option<&Value>, actual: Option<&Value>) -> bool {
        let object = self.actual.as_ref();
        self.facts
            .companions(path)
            .any(|companion| self.world.companions.explain(companion, self.address, object, recorded, actual))
    }

    fn is_declared(&self, address: &ResourceAddr) -> Option<bool> {
        if let Some(sources) = self.world.sources
            && sources.has_module(&address.module.config())
        {
            let no_instance = config::Setting::CannotTell(config::CannotTell::NoInstance);
            return Some(
                sources.resource(&address.config()).is_some()
                    && sources.setting(address, &AttrPath::root()) != no_instance,
            );
        }
        let config = address.config();
        self.world.mentions.get().module(&config.module).map(|module| module.resources.contains_key(&config))
    }

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn refuses(&self, normaliser: Normaliser) -> bool {
        self.world.policy.refused_normalisers.contains(&normaliser)
    }

    fn splits(&self, path: &AttrPath) -> bool {
        let Some(block) = self.block else { return false };
        let IgnoreChanges::Entries(entries) = &block.lifecycle.ignore_changes else { return false };
        entries.iter().any(|entry| {
            entry.path.steps().len() == path.steps().len() + 1
                && path.is_prefix_of(&entry.path)
                && matches!(entry.path.steps().last(), Some(tidelock_parse::Step::Index(_)))
        })
    }
}
