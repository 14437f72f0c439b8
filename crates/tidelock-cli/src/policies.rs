//! Where the policy of a stack stands: in `tidelock.toml`, from the root of the repository down to the stack.

use std::path::{Component, Path, PathBuf};

use tidelock::{
    Baseline, Lock, Policy, lock,
    policy::{self, Loosening},
};

use crate::{
    args::PolicyArgs,
    error::{CliError, Failure},
    inputs::{Place, printable},
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

/// What people decided about a stack, as the arguments ask for it.
#[derive(Debug)]
pub(crate) struct Decided {
    pub policy: Policy,
    pub baseline: Option<Baseline>,
}

pub(crate) fn decided(way: &Way, args: &PolicyArgs) -> Result<Decided, Failure> {
    let here = Branch { root: &way.root, way, args };
    let (policy, baseline) = (here.policy()?, here.baseline()?);
    let Some(path) = &args.policy_base else { return Ok(Decided { policy, baseline }) };
    if path.is_dir() {
        let base = Branch { root: path, way, args };
        let mut policy = policy.held_to(base.policy()?);
        let base = base.baseline()?;
        policy.loosened.extend(grown(baseline.as_ref(), base.as_ref()));
        return Ok(Decided { policy, baseline: base });
    }
    let mut base = read(path)?;
    base.lock = read_lock(&path.with_file_name(lock::FILE_NAME))?;
    base.directory = Some(way.stack.clone());
    Ok(Decided { policy: policy.held_to(base), baseline })
}

/// One state of the repository: the one at hand, or a checkout of the target branch.
struct Branch<'b> {
    root: &'b Path,
    way: &'b Way,
    args: &'b PolicyArgs,
}

impl Branch<'_> {
    /// The file of this branch that an argument means, which names the one at hand. What stands outside the repository
    /// is the same for all branches.
    fn file(&self, named: &Path) -> PathBuf {
        let full = named.canonicalize();
        // A file that does not exist may have been deleted on the branch at hand.
        let full = full.or_else(|_| std::path::absolute(named)).unwrap_or_else(|_| named.to_owned());
        match full.strip_prefix(&self.way.root) {
            Ok(below) if self.root != self.way.root => self.root.join(below),
            _ => named.to_owned(),
        }
    }

    fn policy(&self) -> Result<Policy, Failure> {
        let mut policy = match &self.args.policy {
            _ if self.args.no_policy => Policy::default(),
            Some(file) => read(&self.file(file))?,
            None => Policy::find(&DirectoryTree::new(self.root), &self.way.stack)?,
        };
        policy.directory = Some(self.way.stack.clone());
        policy.lock = if let Some(file) = &self.args.lock {
            read_lock(&self.file(file))?
        } else {
            let path = slashed(&Path::new(&self.way.stack).join(lock::FILE_NAME));
            Lock::find(&DirectoryTree::new(self.root), &path)?
        };
        Ok(policy)
    }

    fn baseline(&self) -> Result<Option<Baseline>, Failure> {
        let Some(named) = &self.args.baseline else { return Ok(None) };
        let file = self.file(named);
        // A branch that adopts the tool has none on its target yet.
        if self.root != self.way.root && !file.exists() {
            return Ok(Some(Baseline::new("")));
        }
        Ok(Some(Baseline::read(&Place::File(file).read()?)?))
    }
}

/// What a branch accepts beyond what its target does.
fn grown(here: Option<&Baseline>, base: Option<&Baseline>) -> Vec<Loosening> {
    let (Some(here), Some(base)) = (here, base) else { return Vec::new() };
    here.beyond(base)
}

/// The lock in one file; `--lock` may name one that is still to be written.
fn read_lock(file: &Path) -> Result<Lock, Failure> {
    if !file.exists() {
        return Ok(Lock::default());
    }
    Ok(Lock::read(&Place::File(file.to_owned()).read()?)?)
}

/// The policy in one file.
fn read(file: &Path) -> Result<Policy, Failure> {
    let missing = || CliError::Missing { path: printable(file) };
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Policy::read(&DirectoryTree::new(dir), name)?)
}
