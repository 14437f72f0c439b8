//! The sources inside a saved plan.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::Deserialize;

use super::archive::{Archive, SOURCES};
use crate::{
    address::ConfigModulePath,
    config::{ReadError, SourceTree, VariableFiles, join},
};

/// Where the manifest of the modules stands.
const MANIFEST: &str = "tfconfig/modules.json";
/// More than the manifest of any configuration that can be planned.
const MAX_MANIFEST: usize = 16 << 20;

/// The sources that a saved plan was made from, as a tree.
///
/// The file holds a copy for each module call (`tfconfig/m-KEY/FILE`); the manifest says which directory each was copied
/// from, relative to the root module. Paths are those of the directories, so that a location names the file that a
/// person edits.
#[derive(Clone, Debug)]
pub struct SnapshotTree {
    archive: Arc<Archive>,
    /// Directory of each module, by its key: the names of the calls, joined with `.`.
    modules: BTreeMap<String, String>,
    /// Any one of the modules that were copied from a directory.
    directories: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key", default)]
    key: String,
    #[serde(rename = "Dir", default)]
    dir: String,
}

impl SnapshotTree {
    /// A manifest that cannot be read leaves the root module, whose place is known.
    pub(super) fn new(archive: &Arc<Archive>) -> Self {
        let small = archive.has(MANIFEST) && archive.size(MANIFEST) <= MAX_MANIFEST;
        let manifest = if small { archive.read(MANIFEST).unwrap_or_default() } else { Vec::new() };
        let entries: Vec<Entry> = serde_json::from_slice(&manifest).unwrap_or_default();
        let mut modules: BTreeMap<String, String> =
            entries.into_iter().map(|entry| (entry.key, join("", &entry.dir))).collect();
        modules.entry(String::new()).or_default();
        let directories = modules.iter().rev().map(|(key, dir)| (dir.clone(), key.clone())).collect();
        Self { archive: Arc::clone(archive), modules, directories }
    }

    /// Where the copy of a directory stands.
    fn copy_of(&self, dir: &str) -> Option<String> {
        self.directories.get(dir).map(|key| format!("{SOURCES}m-{key}/"))
    }
}

impl SourceTree for SnapshotTree {
    fn read(&self, path: &str, limit: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let (dir, file) = path.rsplit_once('/').unwrap_or(("", path));
        let member = self.copy_of(dir).ok_or(ReadError::Missing)? + file;
        if !self.archive.has(&member) {
            return Err(ReadError::Missing);
        }
        if self.archive.size(&member) > limit {
            return Err(ReadError::TooLarge);
        }
        self.archive.read(&member).map(Cow::Owned).map_err(|_| ReadError::Unreadable)
    }

    fn list(&self, dir: &str) -> Vec<String> {
        let Some(copy) = self.copy_of(dir) else { return Vec::new() };
        let files = self.archive.below(&copy).filter(|file| !file.is_empty() && !file.contains('/'));
        files.map(ToOwned::to_owned).collect()
    }

    fn module_dir(&self, module: &ConfigModulePath) -> Option<String> {
        self.modules.get(&module.key()).cloned()
    }

    fn directories(&self) -> Vec<String> {
        self.directories.keys().cloned().collect()
    }

    fn variable_files(&self) -> VariableFiles {
        VariableFiles::AllGiven
    }
}
