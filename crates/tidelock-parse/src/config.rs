//! Configuration: the `.tf` sources behind a plan, as far as a plan does not tell.
//!
//! [`Configuration::load`] reads a root module and all modules it calls through a [`SourceTree`]. It never
//! fails as a whole: what does not parse costs that file only ([`Configuration::diagnostics`]).
//!
//! ```
//! use std::collections::BTreeMap;
//! use tidelock_parse::config::{Configuration, Evaluated, MemoryTree, Setting};
//!
//! let tree = MemoryTree::from([("main.tf", r#"
//!     variable "size" { default = 2 }
//!     resource "pond_vm" "web" {
//!       memory { dedicated = var.size * 1024 }
//!       lifecycle { ignore_changes = [tags["env"]] }
//!     }
//! "#)]);
//! let config = Configuration::load(&tree, &BTreeMap::new());
//!
//! let web = "pond_vm.web".parse().unwrap();
//! let setting = config.setting(&web, &"memory[0].dedicated".parse().unwrap());
//! let Setting::Set { value: Evaluated::Known(value), location } = setting else { panic!() };
//! assert_eq!((serde_json::to_string(&value).unwrap().as_str(), location.line), ("2048", 4));
//! ```

mod decimal;
mod diagnostic;
mod eval;
mod expressions;
pub(crate) mod files;
mod functions;
mod graph;
mod heredoc;
mod instances;
mod json;
mod lifecycle;
mod loader;
mod location;
mod merge;
mod module;
mod native;
mod not_known;
mod origin;
mod plan_form;
mod provider;
mod references;
mod scope;
mod setting;
pub(crate) mod syntax;
mod tree;
mod types;
pub(crate) mod val;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, OnceLock},
};

pub use self::{
    diagnostic::ConfigError,
    instances::{Declared, Uncounted},
    lifecycle::{Dependency, Flag, IgnoreChanges, IgnoreEntry, Lifecycle, Repetition, ResourceBlock},
    loader::ModuleManifest,
    location::{Location, Span},
    not_known::NotKnown,
    origin::{NoOrigin, Origin},
    references::{Reference, Via},
    setting::{CannotTell, Evaluated, Setting},
    tree::{MemoryTree, ReadError, SourceTree, VariableFiles, join, same},
};
use self::{
    eval::Evaluator,
    files::Files,
    graph::Users,
    loader::{Node, automatic_variable_files},
    location::{Place, Sources, Syntax},
    module::ResourceName,
    scope::{Env, Instance, Instances, Memo},
    syntax::Attr,
};
use crate::{
    address::{ConfigAddr, ConfigModulePath, ModulePath, ResourceAddr},
    path::AttrPath,
    value::Value,
};

/// Size of one file beyond which it is left out.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Files of one configuration.
const MAX_FILES: usize = 20_000;
/// Modules of one configuration, each call counted.
const MAX_MODULES: usize = 5_000;
/// Module calls inside each other.
const MAX_MODULE_DEPTH: usize = 32;

/// Whose rules decide which files belong to a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `.tofu` files are read where there are any, and hide `.tf` files of the same name.
    #[default]
    OpenTofu,
    /// `.tofu` files are ignored.
    Terraform,
}

/// Knows values that are not in the sources, such as those of the state before the plan.
pub trait Resolver: Send + Sync {
    /// The value at `path` of an instance; `None` if it is not known or may still change.
    fn value(&self, addr: &ResourceAddr, path: &AttrPath) -> Option<Value>;
}

/// A root module with everything it calls.
///
/// Values are evaluated when they are asked for, and remembered; one configuration may serve several threads.
pub struct Configuration {
    nodes: Vec<Node>,
    index: BTreeMap<ConfigModulePath, usize>,
    sources: Sources,
    problems: Vec<ConfigError>,
    /// Values of root variables as the plan has them.
    given: BTreeMap<Box<str>, Value>,
    /// The assignment of each root variable that wins among the variables files.
    variable_files: BTreeMap<Box<str>, Attr>,
    /// Variables that a variables file sets which applies only if it is named on the command line.
    named_files: BTreeSet<Box<str>>,
    visible_variable_files: VariableFiles,
    resolver: Option<Arc<dyn Resolver>>,
    instances: Instances,
    memo: Arc<Memo>,
    users: OnceLock<Users>,
    referred: OnceLock<Vec<Referred>>,
}

/// Who refers (`None` for providers and module calls), to which block, to which path of it.
type Referred = (Option<ConfigAddr>, ConfigAddr, AttrPath);

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of variables may be secrets.
        f.debug_struct("Configuration").field("modules", &self.nodes.len()).finish_non_exhaustive()
    }
}

impl Configuration {
    /// Reads the root module of `tree` and all modules it calls.
    ///
    /// `variables` are the values of root variables as the plan has them; they win over files and defaults.
    pub fn load(tree: &dyn SourceTree, variables: &BTreeMap<String, Value>) -> Self {
        Self::load_as(tree, variables, Dialect::default())
    }

    /// As [`Configuration::load`], by the rules of one of the two products.
    pub fn load_as(tree: &dyn SourceTree, variables: &BTreeMap<String, Value>, dialect: Dialect) -> Self {
        let mut files = Files::new(tree, dialect);
        let nodes = loader::load(&mut files);
        let (automatic, manual) = automatic_variable_files(tree);
        let mut variable_files = BTreeMap::new();
        for path in automatic {
            let body = files.variables(&path).unwrap_or_default();
            variable_files.extend(body.attrs.into_iter().map(|attr| (attr.name.clone(), attr)));
        }
        let mut named_files = BTreeSet::new();
        for path in manual {
            let body = files.variables(&path).unwrap_or_default();
            named_files.extend(body.attrs.into_iter().map(|attr| attr.name));
        }
        Self {
            index: nodes.iter().enumerate().map(|(at, node)| (node.path.clone(), at)).collect(),
            nodes,
            sources: files.sources,
            problems: files.problems,
            given: variables.iter().map(|(name, value)| (name.as_str().into(), value.clone())).collect(),
            variable_files,
            named_files,
            visible_variable_files: tree.variable_files(),
            resolver: None,
            instances: Instances::default(),
            memo: Arc::default(),
            users: OnceLock::new(),
            referred: OnceLock::new(),
        }
    }

    /// Evaluates references to resources through `resolver` from now on.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = Some(resolver);
        self.memo = Arc::default();
        self
    }

    /// What is wrong with files and modules, in the order in which they were read.
    pub fn diagnostics(&self) -> &[ConfigError] {
        &self.problems
    }

    /// The block that declares a resource.
    pub fn resource(&self, addr: &ConfigAddr) -> Option<&ResourceBlock> {
        let node = self.nodes.get(*self.index.get(&addr.module)?)?;
        let name =
            ResourceName { mode: addr.mode, type_name: addr.type_name.clone(), name: addr.name.clone() };
        node.module.resources.get(&name)
    }

    /// All blocks of all modules; those of a module that is called twice are listed for each call.
    pub fn resources(&self) -> impl Iterator<Item = (ConfigAddr, &ResourceBlock)> {
        self.nodes.iter().flat_map(|node| {
            let addr = |name: &ResourceName| ConfigAddr {
                module: node.path.clone(),
                mode: name.mode,
                type_name: name.type_name.clone(),
                name: name.name.clone(),
            };
            node.module.resources.iter().map(move |(name, block)| (addr(name), block))
        })
    }

    /// Whether the sources of a module are there.
    pub fn has_module(&self, module: &ConfigModulePath) -> bool {
        self.index.contains_key(module)
    }

    /// Where a module is called, for naming a file that a person may edit; `None` for the root and unknown ones.
    pub fn module_call(&self, module: &ConfigModulePath) -> Option<Location> {
        let node = self.nodes.get(*self.index.get(&module.parent()?)?)?;
        let call = node.module.calls.get(module.names().last()?)?;
        Some(self.location(call.place))
    }

    /// The value of a flag of a resource's `lifecycle` in one module instance, where it can be evaluated.
    pub fn flag(&self, module: &ModulePath, flag: &Flag) -> Option<bool> {
        if flag.value.is_some() {
            return flag.value;
        }
        // The flag is a copy of what the configuration holds, so its expression is evaluated on its own.
        let evaluator = Evaluator::new(self);
        let instance = self.instance(module)?;
        let found = self.flag_expr(instance.node, flag)?;
        match types::to_bool(evaluator.value(found, &Env::new(instance, None))) {
            Ok(val::Val::Bool(value)) => Some(value),
            _ => None,
        }
    }

    fn flag_expr(&self, node: usize, flag: &Flag) -> Option<&syntax::Expr> {
        let blocks = self.nodes.get(node)?.module.resources.values();
        let flags = blocks.flat_map(|block| {
            let lifecycle = &block.lifecycle;
            [
                &lifecycle.prevent_destroy,
                &lifecycle.create_before_destroy,
                &lifecycle.destroy,
                &lifecycle.enabled,
            ]
        });
        flags.flatten().map(|own| &own.expr).find(|expr| expr.place == flag.expr.place)
    }

    fn users(&self) -> &Users {
        self.users.get_or_init(|| Users::new(self))
    }

    fn referred(&self) -> &[Referred] {
        self.referred.get_or_init(|| self.collect_referred())
    }

    fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    fn location(&self, place: Place) -> Location {
        self.sources.location(place)
    }

    fn is_json(&self, place: Place) -> bool {
        self.sources.get(place.file).is_some_and(|file| file.syntax == Syntax::Json)
    }

    /// The root module's only instance.
    fn root(&self) -> Arc<Instance> {
        self.instances.get(&ModulePath::root(), 0, None)
    }

    /// The instance at a module path, if the sources of its module are there.
    fn instance(&self, path: &ModulePath) -> Option<Arc<Instance>> {
        let mut instance = self.root();
        let mut at = ModulePath::root();
        for step in path.steps() {
            let node = *self.nodes.get(instance.node)?.children.get(&step.name)?;
            at = at.child(&step.name, step.key.clone());
            instance = self.instances.get(&at, node, Some(&instance));
        }
        Some(instance)
    }
}
