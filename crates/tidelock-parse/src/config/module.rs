//! One module: its blocks by name, with override files merged in.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{
    diagnostic::ConfigError,
    files::{Broken, Directory, Files},
    lifecycle::{Dependency, Repetition, ResourceBlock, dependencies, take},
    location::{Place, Sources},
    merge::merge,
    provider::{Passed, Required, alias, passed, required},
    syntax::{Attr, Block, Body},
    types::Type,
};
use crate::{address::Mode, quoted::quoted};

/// Name of a resource block inside its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourceName {
    pub(crate) mode: Mode,
    pub(crate) type_name: Box<str>,
    pub(crate) name: Box<str>,
}

#[derive(Debug, Default)]
pub(crate) struct Module {
    pub(crate) resources: BTreeMap<ResourceName, ResourceBlock>,
    pub(crate) variables: BTreeMap<Box<str>, Variable>,
    pub(crate) locals: BTreeMap<Box<str>, Attr>,
    pub(crate) outputs: BTreeMap<Box<str>, Attr>,
    pub(crate) calls: BTreeMap<Box<str>, ModuleCall>,
    pub(crate) providers: Vec<Block>,
    /// `required_providers`, by local name.
    pub(crate) required: BTreeMap<Box<str>, Required>,
    pub(crate) broken: Vec<Broken>,
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) ty: Type,
    pub(crate) default: Option<Attr>,
    pub(crate) nullable: bool,
    pub(crate) sensitive: bool,
    pub(crate) ephemeral: bool,
}

#[derive(Debug)]
pub(crate) struct ModuleCall {
    pub(crate) place: Place,
    pub(crate) source: Option<Attr>,
    pub(crate) count: Option<Attr>,
    pub(crate) for_each: Option<Attr>,
    pub(crate) depends_on: Vec<Dependency>,
    /// The entries of `providers`.
    pub(crate) providers: Vec<Passed>,
    pub(crate) args: Vec<Attr>,
}

impl ModuleCall {
    pub(crate) fn repetition(&self) -> Repetition {
        match (&self.count, &self.for_each) {
            (Some(_), _) => Repetition::Count,
            (None, Some(_)) => Repetition::ForEach,
            (None, None) => Repetition::Single,
        }
    }

    pub(crate) fn arg(&self, name: &str) -> Option<&Attr> {
        self.args.iter().find(|attr| &*attr.name == name)
    }
}

impl Module {
    pub(crate) fn new(dir: Directory, files: &mut Files<'_>) -> Self {
        let mut blocks = Blocks::default();
        for body in dir.primary {
            blocks.add(body, files);
        }
        for body in dir.overrides {
            blocks.override_with(body, files);
        }
        let mut module = blocks.finish(files);
        module.broken = dir.broken;
        module
    }
}

/// Blocks that have a name, by kind and labels, and what has none.
#[derive(Default)]
struct Blocks {
    named: BTreeMap<(Box<str>, Vec<Box<str>>), Block>,
    locals: BTreeMap<Box<str>, Attr>,
    providers: Vec<Block>,
    /// Position of the first configuration of each name and alias.
    configured: BTreeMap<(Box<str>, Option<Box<str>>), usize>,
    required: BTreeMap<Box<str>, Required>,
}

fn is_named(block: &Block) -> bool {
    let labels = match &*block.kind {
        "resource" | "data" | "ephemeral" => 2,
        "variable" | "output" | "module" => 1,
        _ => return false,
    };
    block.labels.len() == labels
}

/// Name and alias of a `provider` block.
fn provider_name(block: &Block) -> (Box<str>, Option<Box<str>>) {
    (block.label(0).into(), alias(block).map(Into::into))
}

/// The header of a block, as in `resource "aws_instance" "web"`.
fn header(block: &Block) -> String {
    let mut header = block.kind.to_string();
    for label in &block.labels {
        header.push(' ');
        header.push_str(&quoted(label));
    }
    header
}

impl Blocks {
    fn add(&mut self, body: Body, files: &mut Files<'_>) {
        for mut block in body.blocks {
            match &*block.kind {
                // A data source inside a check is one of the module.
                "check" => {
                    block.body.attrs.clear();
                    block.body.blocks.retain(|inner| &*inner.kind == "data");
                    if !block.body.blocks.is_empty() {
                        self.add(block.body, files);
                    }
                }
                "locals" => {
                    for attr in block.body.attrs {
                        self.locals.entry(attr.name.clone()).or_insert(attr);
                    }
                }
                "provider" => {
                    self.configured.entry(provider_name(&block)).or_insert(self.providers.len());
                    self.providers.push(block);
                }
                "terraform" => self.required.extend(required(&block.body)),
                _ if is_named(&block) => match self.named.entry((block.kind.clone(), block.labels.clone())) {
                    Entry::Vacant(entry) => {
                        entry.insert(block);
                    }
                    Entry::Occupied(_) => {
                        let (source_code, at) = files.quote(block.place);
                        files.problems.push(ConfigError::Duplicate { what: header(&block), source_code, at });
                    }
                },
                _ => {}
            }
        }
    }

    fn override_with(&mut self, body: Body, files: &mut Files<'_>) {
        for block in body.blocks {
            match &*block.kind {
                "locals" => {
                    self.locals.extend(block.body.attrs.into_iter().map(|attr| (attr.name.clone(), attr)));
                }
                "provider" => {
                    let base = self.configured.get(&provider_name(&block));
                    match base.and_then(|at| self.providers.get_mut(*at)) {
                        Some(base) => merge(&mut base.body, block.body),
                        None => self.providers.push(block),
                    }
                }
                "terraform" => self.required.extend(required(&block.body)),
                _ if is_named(&block) => {
                    if let Some(base) = self.named.get_mut(&(block.kind.clone(), block.labels.clone())) {
                        merge(&mut base.body, block.body);
                    } else {
                        let (source_code, at) = files.quote(block.place);
                        let what = header(&block);
                        files.problems.push(ConfigError::NothingToOverride { what, source_code, at });
                    }
                }
                _ => {}
            }
        }
    }

    fn finish(self, files: &Files<'_>) -> Module {
        let mut module = Module {
            locals: self.locals,
            providers: self.providers,
            required: self.required,
            ..Module::default()
        };
        for ((kind, mut labels), mut block) in self.named {
            let name = labels.pop().unwrap_or_default();
            let mode = match &*kind {
                "resource" => Mode::Managed,
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                "variable" => {
                    module.variables.insert(name, Variable::new(block.body));
                    continue;
                }
                "output" => {
                    if let Some(value) = take(&mut block.body, "value") {
                        module.outputs.insert(name, value);
                    }
                    continue;
                }
                _ => {
                    module.calls.insert(name, ModuleCall::new(block, &files.sources));
                    continue;
                }
            };
            let type_name = labels.pop().unwrap_or_default();
            let resource =
                ResourceBlock::new((mode, &type_name, &name), block.place, block.body, &files.sources);
            module.resources.insert(ResourceName { mode, type_name, name }, resource);
        }
        module
    }
}

impl Variable {
    fn new(mut body: Body) -> Self {
        let flag = |name: &str| body.attr(name).and_then(|attr| attr.value.literal_bool());
        let nullable = flag("nullable").unwrap_or(true);
        let (sensitive, ephemeral) = (flag("sensitive") == Some(true), flag("ephemeral") == Some(true));
        let ty = take(&mut body, "type").map_or(Type::Any, |attr| Type::parse(&attr.value));
        Self { ty, default: take(&mut body, "default"), nullable, sensitive, ephemeral }
    }
}

impl ModuleCall {
    fn new(block: Block, sources: &Sources) -> Self {
        let Block { place, mut body, .. } = block;
        let mut meta = |name: &str| take(&mut body, name);
        let (source, count, for_each) = (meta("source"), meta("count"), meta("for_each"));
        let depends_on =
            meta("depends_on").map(|attr| dependencies(&attr.value, sources)).unwrap_or_default();
        let providers = meta("providers").map(|attr| passed(&attr.value)).unwrap_or_default();
        meta("version");
        Self { place, source, count, for_each, depends_on, providers, args: body.attrs }
    }
}
