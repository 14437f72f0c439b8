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
        if !holds(path, &way.stack) {
            let (path, stack) = (printable(path), way.stack.clone());
            return Err(CliError::NoStackInBase { path, stack }.into());
        }
        let base = Branch { root: path, way, args };
        let mut policy = policy.held_to(base.policy()?);
        let base = base.baseline()?;
        policy.loosened.extend(grown(baseline.as_ref(), base.as_ref()));
        return Ok(Decided { policy, baseline: base });
    }
    let mut base = read(path)?;
    let beside = path.with_file_name(lock::FILE_NAME);
    base.lock = if beside.is_symlink() || beside.exists() { read_lock(&beside)? } else { Lock::default() };
    base.directory = Some(way.stack.clone());
    Ok(Decided { policy: policy.held_to(base), baseline })
}

/// Whether a directory can be a checkout of the repository: it holds the stack, or it is one's root, in which a stack
/// that is new on the branch at hand has no directory yet. Any other would decide nothing, and so let everything through.
fn holds(dir: &Path, stack: &str) -> bool {
    let there = dir.join(stack);
    let speaks = || [policy::FILE_NAME, lock::FILE_NAME].iter().any(|name| there.join(name).exists());
    let is_stack = || !stack.is_empty() && there.is_dir();
    dir.join(".git").exists() || is_stack() || DirectoryTree::new(&there).has_sources() || speaks()
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
        policy.lock = if let Some(named) = &self.args.lock {
            let file = self.file(named);
            // The target branch may have no lock yet.
            let not_yet = self.root != self.way.root && !file.exists() && !file.is_symlink();
            if not_yet { Lock::default() } else { read_lock(&file)? }
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
        match Place::File(file).read() {
            Ok(source) => Ok(Some(Baseline::read(&source)?)),
            Err(CliError::Missing { path }) => Err(CliError::NoBaseline { path }.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a branch accepts beyond what its target does.
fn grown(here: Option<&Baseline>, base: Option<&Baseline>) -> Vec<Loosening> {
    let (Some(here), Some(base)) = (here, base) else { return Vec::new() };
    here.beyond(base)
}

/// The lock in one file, which must be there: without it nothing would be protected.
fn read_lock(file: &Path) -> Result<Lock, Failure> {
    match Place::File(file.to_owned()).read() {
        Ok(source) => Ok(Lock::read(&source)?),
        Err(CliError::Missing { path }) => Err(CliError::NoLock { path }.into()),
        Err(error) => Err(error.into()),
    }
}

/// The policy in one file.
fn read(file: &Path) -> Result<Policy, Failure> {
    let missing = || CliError::Missing { path: printable(file) };
    let name = file.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Policy::read(&DirectoryTree::new(dir), name)?)
}
