//! Where sources come from.

use std::{borrow::Cow, collections::BTreeMap};

use crate::address::ConfigModulePath;

/// Files by path, for reading a configuration: a directory, the sources inside a saved plan, or memory.
///
/// Paths are relative to the root module, `/`-separated and normalised: `main.tf`, `modules/vm/main.tf`. A
/// module outside the root module's directory is asked for as `../shared/main.tf`; a tree that does not reach
/// there says [`ReadError::Missing`].
pub trait SourceTree {
    /// The bytes of a file.
    ///
    /// # Errors
    /// [`ReadError`] if there is none, or if it is larger than `limit` bytes: do not read on then.
    fn read(&self, path: &str, limit: usize) -> Result<Cow<'_, [u8]>, ReadError>;

    /// Names of the files (not directories) directly inside `dir`, in any order; `""` is the root module.
    /// Empty if there is no such directory.
    fn list(&self, dir: &str) -> Vec<String>;

    /// The directory of a module, where the tree itself knows it.
    ///
    /// `None` leaves the lookup to the module's source (a local path) and `.terraform/modules/modules.json`.
    /// A saved plan keeps a copy of the files per call. It answers with the directory that its `modules.json`
    /// names (`Dir`) and reads from the copy, so that locations name the file a person edits and two calls of
    /// one directory are known to share it.
    fn module_dir(&self, module: &ConfigModulePath) -> Option<String> {
        let _ = module;
        None
    }

    /// The directories that hold a module, as far as the tree itself knows; the root module's alone where it does not.
    fn directories(&self) -> Vec<String> {
        vec![String::new()]
    }

    /// Whether `*.tfvars` files of the root module can be seen. A saved plan does not hold them, so nobody can
    /// tell from it where the value of a root variable was written.
    fn variable_files(&self) -> VariableFiles {
        VariableFiles::Visible
    }
}

/// See [`SourceTree::variable_files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableFiles {
    /// The tree lists them where they exist.
    Visible,
    /// The tree never holds any.
    NotIncluded,
    /// The tree never holds any, and whatever one of them gave is among the given values: a variable that was given
    /// nothing has its default. So it is with the sources of a saved plan.
    AllGiven,
}

/// A file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such file.
    Missing,
    /// It is larger than the limit.
    TooLarge,
    /// It exists and cannot be read.
    Unreadable,
}

/// A tree in memory, for tests and embedders.
///
/// ```
/// # use tidelock_parse::config::MemoryTree;
/// let tree = MemoryTree::from([("main.tf", "locals {}"), ("modules/vm/main.tf", "")]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryTree(BTreeMap<String, Vec<u8>>);

impl MemoryTree {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect())
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>, const N: usize> From<[(P, B); N]> for MemoryTree {
    fn from(files: [(P, B); N]) -> Self {
        files.into_iter().collect()
    }
}

impl SourceTree for MemoryTree {
    fn read(&self, path: &str, limit: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let bytes = self.0.get(path).ok_or(ReadError::Missing)?;
        if bytes.len() > limit { Err(ReadError::TooLarge) } else { Ok(Cow::Borrowed(bytes)) }
    }

    fn list(&self, dir: &str) -> Vec<String> {
        let prefix = if dir.is_empty() { String::new() } else { format!("{dir}/") };
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(&prefix));
        inside.filter(|name| !name.contains('/')).map(str::to_owned).collect()
    }
}

/// Whether two trees hold the same sources: the same files of configuration, byte for byte, in every directory that
/// `a` keeps a module of. What else stands there is not compared.
pub fn same(a: &dyn SourceTree, b: &dyn SourceTree) -> bool {
    let sources = |tree: &dyn SourceTree, dir: &str| {
        let mut names = tree.list(dir);
        names.retain(|name| [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|end| name.ends_with(end)));
        names.sort();
        names
    };
    let read =
        |tree: &dyn SourceTree, path: &str| tree.read(path, super::MAX_FILE_BYTES).map(Cow::into_owned);
    a.directories().iter().all(|dir| {
        let names = sources(a, dir);
        names == sources(b, dir)
            && names.iter().all(|name| {
                let path = join(dir, name);
                read(a, &path).is_ok_and(|bytes| read(b, &path) == Ok(bytes))
            })
    })
}

/// `path` seen from `dir`, with `.` and `..` resolved; `..` is kept where it leaves the root.
pub fn join(dir: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_paths_are_normalised_and_may_leave_the_root() {
        assert_eq!(join("", "./mod"), "mod");
        assert_eq!(join("modules/a", "../b"), "modules/b");
        assert_eq!(join("a", "../../b"), "../b");
        assert_eq!(join("../b", "../c"), "../c");
    }

    #[test]
    fn a_directory_lists_its_own_files_only() {
        let tree = MemoryTree::from([("main.tf", ""), ("m/a.tf", ""), ("m/n/b.tf", "")]);
        assert_eq!(tree.list(""), ["main.tf"]);
        assert_eq!(tree.list("m"), ["a.tf"]);
    }
}
