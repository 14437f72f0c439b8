//! Where the policy of a stack stands: in `tidelock.toml`, from the root of the repository down to the stack.

use std::path::{Component, Path, PathBuf};

use tidelock::{Policy, policy};

use crate::{
    args::PolicyArgs,
    error::{CliError, Failure},
    inputs::printable,
    tree::DirectoryTree,
};

/// The way from the root of a repository to a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The Git root above the stack; else the source root; else the stack itself.
    pub root: PathBuf,
    /// The stack's directory below it, `/`-separated; empty for the root itself.
    pub stack: String,
}

impl Way {
    /// The way to a directory; files above the root are nobody's business.
    pub(crate) fn to(dir: &Path, source_root: Option<&Path>) -> Self {
        let Ok(dir) = dir.canonicalize() else {
            return Self { root: dir.to_owned(), stack: String::new() };
        };
        let git = dir.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned);
        let named = || source_root.and_then(|root| root.canonicalize().ok());
        let root = git.or_else(named).filter(|root| dir.starts_with(root)).unwrap_or_else(|| dir.clone());
        let stack = slashed(dir.strip_prefix(&root).unwrap_or(Path::new("")));
        Self { root, stack }
    }

    /// The stack's own policy file, whether it is there or not.
    pub(crate) fn own_file(&self) -> PathBuf {
        self.root.join(&self.stack).join(policy::FILE_NAME)
    }

    /// The lowest policy file on the way, and whether it is the stack's own.
    pub(crate) fn nearest_file(&self) -> Option<PathBuf> {
        let stack = self.root.join(&self.stack);
        let dirs = stack.ancestors().take_while(|dir| dir.starts_with(&self.root));
        dirs.map(|dir| dir.join(policy::FILE_NAME)).find(|file| file.is_file())
    }
}

/// The parts of a relative path, joined with `/`.
pub(crate) fn slashed(path: &Path) -> String {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.collect::<Vec<_>>().join("/")
}

/// The policy of the stack in a directory, as the arguments ask for it.
pub(crate) fn policy(way: &Way, args: &PolicyArgs) -> Result<Policy, Failure> {
    if args.no_policy {
        return Ok(Policy::default());
    }
    let mut policy = match &args.policy {
        Some(file) => read(file)?,
        None => Policy::find(&DirectoryTree::new(&way.root), &way.stack)?,
    };
    policy.directory = Some(way.stack.clone());
    Ok(policy)
}

/// The policy in one file.
fn read(file: &Path) -> Result<Policy, Failure> {
    let missing = || CliError::Missing { path: printable(file) };
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Policy::read(&DirectoryTree::new(dir), name)?)
}
