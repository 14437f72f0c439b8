//! Finds and reads the modules of a configuration.

use std::{collections::BTreeMap, sync::Arc};

use serde::Deserialize;

use super::{
    MAX_FILE_BYTES, MAX_MODULE_DEPTH, MAX_MODULES,
    diagnostic::ConfigError,
    files::Files,
    module::{Module, ModuleCall},
    tree::{SourceTree, join},
};
use crate::address::ConfigModulePath;

/// Where the installed modules are: `.terraform/modules/modules.json` of a directory (an object), or
/// `tfconfig/modules.json` of a saved plan (a bare array of the same entries).
#[derive(Clone, Debug, Default)]
pub struct ModuleManifest(BTreeMap<String, String>);

impl ModuleManifest {
    /// Where a directory keeps it.
    pub const PATH: &'static str = ".terraform/modules/modules.json";

    /// Reads either form; empty if `json` is neither.
    pub fn parse(json: &[u8]) -> Self {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Installed {
                #[serde(rename = "Modules")]
                modules: Vec<Entry>,
            },
            Snapshot(Vec<Entry>),
        }
        #[derive(Deserialize)]
        struct Entry {
            #[serde(rename = "Key")]
            key: String,
            #[serde(rename = "Dir")]
            dir: String,
        }
        match serde_json::from_slice(json) {
            Ok(Form::Installed { modules: entries } | Form::Snapshot(entries)) => {
                Self(entries.into_iter().map(|entry| (entry.key, join("", &entry.dir))).collect())
            }
            Err(_) => Self::default(),
        }
    }

    /// Directory of a module, relative to the root module.
    pub fn dir(&self, module: &ConfigModulePath) -> Option<&str> {
        self.0.get(&module.key()).map(String::as_str)
    }
}

/// Whether an edit of a module's files changes what will be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Editable {
    Yes,
    /// Downloaded: the next `init` writes it anew.
    Downloaded,
    /// Outside of the root module's directory, where other root modules may call it as well.
    Elsewhere,
}

/// A module of the configuration at its place in the tree of calls.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) path: ConfigModulePath,
    pub(crate) module: Arc<Module>,
    pub(crate) parent: Option<usize>,
    /// Called modules whose sources are there.
    pub(crate) children: BTreeMap<Box<str>, usize>,
    pub(crate) editable: Editable,
}

/// All modules; the root is the first.
pub(crate) fn load(files: &mut Files<'_>) -> Vec<Node> {
    let manifest = files
        .tree
        .read(ModuleManifest::PATH, MAX_FILE_BYTES)
        .map(|json| ModuleManifest::parse(&json))
        .unwrap_or_default();
    let mut loader =
        Loader { files, manifest, parsed: BTreeMap::new(), nodes: Vec::new(), dirs: Vec::new(), full: false };
    let root = loader.files.tree.module_dir(&ConfigModulePath::root()).unwrap_or_default();
    loader.visit(ConfigModulePath::root(), None, &root, Editable::Yes);
    // Breadth first, so that a flood of modules cuts off the deepest ones.
    let mut next = 0;
    while next < loader.nodes.len() {
        loader.calls(next);
        next += 1;
    }
    loader.nodes
}

struct Loader<'f, 't> {
    files: &'f mut Files<'t>,
    manifest: ModuleManifest,
    parsed: BTreeMap<String, Option<Arc<Module>>>,
    nodes: Vec<Node>,
    /// Directory of each node.
    dirs: Vec<String>,
    full: bool,
}

impl Loader<'_, '_> {
    fn visit(
        &mut self,
        path: ConfigModulePath,
        parent: Option<usize>,
        dir: &str,
        editable: Editable,
    ) -> Option<usize> {
        let module = self.module(dir);
        // An empty root is still a configuration.
        let module = if parent.is_none() { module.or_else(|| Some(Arc::default())) } else { module }?;
        self.nodes.push(Node { path, module, parent, children: BTreeMap::new(), editable });
        self.dirs.push(dir.to_owned());
        Some(self.nodes.len() - 1)
    }

    fn module(&mut self, dir: &str) -> Option<Arc<Module>> {
        if let Some(module) = self.parsed.get(dir) {
            return module.clone();
        }
        let module = self.files.directory(dir).map(|files| Arc::new(Module::new(files, self.files)));
        self.parsed.insert(dir.to_owned(), module.clone());
        module
    }

    fn calls(&mut self, caller: usize) {
        let Some(node) = self.nodes.get(caller) else { return };
        let (module, path, editable) = (Arc::clone(&node.module), node.path.clone(), node.editable);
        for (name, call) in &module.calls {
            let path = path.child(name);
            let Some((dir, local)) = self.dir(&path, caller, call) else {
                self.problem(&path, call, Missing::Sources);
                continue;
            };
            if self.is_cycle(caller, &dir) || path.names().len() > MAX_MODULE_DEPTH {
                self.problem(&path, call, Missing::Cycle);
                continue;
            }
            if self.nodes.len() >= MAX_MODULES {
                if !std::mem::replace(&mut self.full, true) {
                    let problem = ConfigError::TooMany { what: "modules", limit: MAX_MODULES };
                    self.files.problems.push(problem);
                }
                return;
            }
            let downloaded = dir.split('/').any(|part| part == ".terraform");
            let editable = match editable {
                Editable::Downloaded => Editable::Downloaded,
                _ if !local || downloaded => Editable::Downloaded,
                _ if dir.starts_with("../") => Editable::Elsewhere,
                _ => Editable::Yes,
            };
            match self.visit(path.clone(), Some(caller), &dir, editable) {
                Some(child) => {
                    if let Some(node) = self.nodes.get_mut(caller) {
                        node.children.insert(name.clone(), child);
                    }
                }
                None => self.problem(&path, call, Missing::Sources),
            }
        }
    }

    /// The directory of a called module, and whether its source is a local path.
    fn dir(&self, path: &ConfigModulePath, caller: usize, call: &ModuleCall) -> Option<(String, bool)> {
        let source = call.source.as_ref().and_then(|attr| attr.value.literal_text());
        let local = source.filter(|source| source.starts_with("./") || source.starts_with("../"));
        let own = self.files.tree.module_dir(path);
        let relative = || local.and_then(|source| Some(join(self.dirs.get(caller)?, source)));
        let dir = own.or_else(relative).or_else(|| self.manifest.dir(path).map(str::to_owned))?;
        Some((dir, local.is_some()))
    }

    fn is_cycle(&self, caller: usize, dir: &str) -> bool {
        // A tree that names every module's directory itself cannot be walked in circles.
        let mut at = Some(caller);
        while let Some(index) = at {
            if self.dirs.get(index).is_some_and(|own| own == dir) {
                return true;
            }
            at = self.nodes.get(index).and_then(|node| node.parent);
        }
        false
    }

    fn problem(&mut self, path: &ConfigModulePath, call: &ModuleCall, missing: Missing) {
        let module = path.to_string();
        let (source_code, at) = self.files.quote(call.place);
        self.files.problems.push(match missing {
            Missing::Sources => ConfigError::ModuleMissing { module, source_code, at },
            Missing::Cycle => ConfigError::ModuleCycle { module, source_code, at },
        });
    }
}

#[derive(Clone, Copy)]
enum Missing {
    Sources,
    Cycle,
}

/// Names of the variables files that apply on their own, in the order in which they apply, and of the others.
pub(crate) fn automatic_variable_files(tree: &dyn SourceTree) -> (Vec<String>, Vec<String>) {
    let mut names = tree.list("");
    names.sort();
    let is =
        |name: &String, suffix: &str| name.ends_with(suffix) || name.ends_with(&format!("{suffix}.json"));
    let fixed = |name: &String| matches!(name.as_str(), "terraform.tfvars" | "terraform.tfvars.json");
    let variables = names.into_iter().filter(|name| is(name, ".tfvars"));
    let (mut automatic, others): (Vec<_>, Vec<_>) = variables.partition(fixed);
    let (lexical, manual): (Vec<_>, Vec<_>) = others.into_iter().partition(|name| is(name, ".auto.tfvars"));
    automatic.extend(lexical);
    (automatic, manual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MemoryTree;

    #[test]
    fn both_forms_of_the_manifest_are_read() {
        for json in [
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m.sub","Source":"./sub","Dir":"mod/sub"}]}"#,
            r#"[{"Key":"","Dir":"."},{"Key":"m.sub","Source":"./sub","Dir":"./mod/sub"}]"#,
        ] {
            let manifest = ModuleManifest::parse(json.as_bytes());
            let path = ConfigModulePath::root().child("m").child("sub");
            assert_eq!(manifest.dir(&path), Some("mod/sub"));
            assert_eq!(manifest.dir(&ConfigModulePath::root()), Some(""));
        }
        assert!(ModuleManifest::parse(b"3").dir(&ConfigModulePath::root()).is_none());
    }

    #[test]
    fn variables_files_apply_in_lexical_order_behind_terraform_tfvars() {
        let names = [
            "b.auto.tfvars",
            "a.auto.tfvars.json",
            "terraform.tfvars.json",
            "terraform.tfvars",
            "prod.tfvars",
        ];
        let tree: MemoryTree = names.into_iter().map(|name| (name, "")).collect();
        let (automatic, manual) = automatic_variable_files(&tree);
        assert_eq!(
            automatic,
            ["terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars.json", "b.auto.tfvars"]
        );
        assert_eq!(manual, ["prod.tfvars"]);
    }
}
