//! What the surroundings tell about an input: stack, workspace, commit, and where its sources stand.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tidelock::{Analysis, Anchor, context::Given, report::InputInfo};

use crate::{
    args::StackArgs,
    error::CliError,
    inputs::{Place, printable},
    policies::{Way, slashed},
    tree::DirectoryTree,
};

/// Variables that name the commit: GitHub, Forgejo and Gitea; GitLab and Woodpecker; Jenkins; Buildkite; Circle CI;
/// Bitbucket; Azure; Drone; Travis; Atlantis.
const COMMIT: [&str; 10] = [
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "GIT_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "BITBUCKET_COMMIT",
    "BUILD_SOURCEVERSION",
    "DRONE_COMMIT_SHA",
    "TRAVIS_COMMIT",
    "HEAD_COMMIT",
];
/// Variables that name the stack: Spacelift; Atlantis (project, else directory).
const STACK: [&str; 3] = ["TF_VAR_spacelift_stack_id", "PROJECT_NAME", "REPO_REL_DIR"];
/// Variables that name the workspace: OpenTofu and Terraform themselves; Atlantis.
const WORKSPACE: [&str; 2] = ["TF_WORKSPACE", "WORKSPACE"];

/// Reads environment variables; a parameter, so that tests need no process of their own.
pub(crate) type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

/// What every question is given: the time.
pub(crate) fn given() -> Given {
    let mut given = Given::default();
    given.now = Some(Timestamp::now());
    given
}

/// The day, UTC.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Randomness of the system, for salts.
pub(crate) fn random() -> Result<[u8; 16], CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| CliError::NoRandomness)?;
    Ok(bytes)
}

/// The real environment.
pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The key that signs approvals, where there is one; it may be empty.
pub(crate) fn approval_key() -> Option<std::ffi::OsString> {
    std::env::var_os("TIDELOCK_APPROVAL_KEY")
}

/// The sources of one input.
#[derive(Debug)]
pub(crate) struct Sources {
    pub tree: Option<DirectoryTree>,
    /// Whether somebody named their directory; otherwise they only stand beside the plan.
    pub named: bool,
    /// The way to their directory from the root of the repository.
    pub way: Way,
    pub anchor: Anchor,
    /// The directory from the source root, for naming the stack; empty if it is the root itself.
    pub prefix: String,
    /// The workspace that was selected there.
    pub workspace: Option<String>,
}

/// Where the tools keep the name of the selected workspace; no file means `default`.
const SELECTED_WORKSPACE: &str = ".terraform/environment";

/// The workspace that is selected in a directory of sources, as far as a file there says.
fn selected_workspace(dir: &Path) -> Option<String> {
    let file = std::fs::File::open(dir.join(SELECTED_WORKSPACE)).ok()?;
    let mut name = String::new();
    // Longer than any name that the tools accept.
    file.take(512).read_to_string(&mut name).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

impl Sources {
    /// The sources that `--config` names, or that stand beside the plan.
    pub(crate) fn of(place: &Place, args: &StackArgs) -> Result<Self, CliError> {
        let dir = match &args.config {
            Some(dir) if !dir.is_dir() => {
                return Err(CliError::NoConfigDirectory { path: printable(dir) });
            }
            Some(dir) if !DirectoryTree::new(dir).has_sources() => {
                return Err(CliError::NoSources { path: printable(dir) });
            }
            Some(dir) => dir.clone(),
            None => place.directory(),
        };
        let prefix = prefix(&dir, args.source_root.as_deref())?;
        let way = Way::to(&dir, args.source_root.as_deref());
        let tree = Some(DirectoryTree::new(&dir)).filter(DirectoryTree::has_sources);
        let named = args.config.is_some();
        // A plan that holds its sources may lie anywhere; only beside sources is its directory that of the stack.
        let elsewhere = tree.is_none() && args.source_root.is_none();
        let anchor = if elsewhere { Anchor::default() } else { Anchor::new(&prefix) };
        Ok(Self { tree, named, way, anchor, prefix, workspace: selected_workspace(&dir) })
    }

    /// Lends the sources to an analysis. A plan that holds its own is only overruled by a directory that was named.
    pub(crate) fn lend<'s>(&'s self, analysis: Analysis<'s>) -> Analysis<'s> {
        match &self.tree {
            Some(tree) if self.named => analysis.config(tree),
            Some(tree) => analysis.config_nearby(tree),
            None => analysis,
        }
    }
}

/// Path of `dir` below the source root, `/`-separated.
fn prefix(dir: &Path, root: Option<&Path>) -> Result<String, CliError> {
    let Ok(dir) = dir.canonicalize() else { return Ok(String::new()) };
    let below = match root {
        Some(root) => {
            let outside = || CliError::OutsideRoot { config: printable(&dir), root: printable(root) };
            let root = root.canonicalize().map_err(|_| outside())?;
            dir.strip_prefix(&root).map(Path::to_owned).map_err(|_| outside())?
        }
        None => match dir.ancestors().find(|above| above.join(".git").exists()) {
            Some(root) => dir.strip_prefix(root).map(Path::to_owned).unwrap_or_default(),
            None => PathBuf::new(),
        },
    };
    Ok(slashed(&below))
}

/// What is known about an input besides its bytes.
pub(crate) fn info(args: &StackArgs, sources: &Sources, env: Env<'_>) -> InputInfo {
    let first = |names: &[&str]| names.iter().filter_map(|name| env(name)).find(|value| !value.is_empty());
    let from_path = || Some(sources.prefix.clone()).filter(|prefix| !prefix.is_empty());
    InputInfo {
        stack: args.name.clone().or_else(|| first(&STACK)).or_else(from_path),
        // Jenkins calls its checkout directory WORKSPACE.
        workspace: first(&WORKSPACE)
            .filter(|name| !name.contains(['/', '\\']))
            .or_else(|| sources.workspace.clone()),
        commit: first(&COMMIT),
        ..InputInfo::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> StackArgs {
        let words = line.split(' ').map(Into::into).collect();
        match crate::args::Cli::read(words).unwrap().command {
            Some(crate::args::Command::Drift(args)) => args.stack,
            other => panic!("{other:?}"),
        }
    }

    fn sources(prefix: &str) -> Sources {
        let way = Way { root: PathBuf::new(), stack: String::new() };
        Sources {
            tree: None,
            named: false,
            way,
            anchor: Anchor::default(),
            prefix: prefix.to_owned(),
            workspace: None,
        }
    }

    #[test]
    fn the_selected_workspace_is_read_beside_the_sources() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(selected_workspace(dir.path()), None);
        std::fs::create_dir(dir.path().join(".terraform")).unwrap();
        std::fs::write(dir.path().join(SELECTED_WORKSPACE), "staging\n").unwrap();
        assert_eq!(selected_workspace(dir.path()).as_deref(), Some("staging"));
    }

    #[test]
    fn what_was_typed_wins_over_the_environment_and_that_over_the_path() {
        let env = |name: &str| match name {
            "PROJECT_NAME" => Some("from-atlantis".to_owned()),
            "GITHUB_SHA" => Some("c0ffee".to_owned()),
            _ => None,
        };
        let none = |_: &str| None;
        let web = sources("live/web");
        let stack = |line: &str, env: Env<'_>| info(&args(line), &web, env).stack;
        assert_eq!(stack("tidelock drift p --stack mine", &env).as_deref(), Some("mine"));
        assert_eq!(stack("tidelock drift p", &env).as_deref(), Some("from-atlantis"));
        assert_eq!(stack("tidelock drift p", &none).as_deref(), Some("live/web"));
        assert_eq!(info(&args("tidelock drift p"), &sources(""), &env).commit.as_deref(), Some("c0ffee"));
    }

    #[test]
    fn a_checkout_directory_of_jenkins_is_no_workspace() {
        let env = |name: &str| (name == "WORKSPACE").then(|| "/var/jenkins/x".to_owned());
        assert_eq!(info(&args("tidelock drift p"), &sources(""), &env).workspace, None);
    }

    #[test]
    fn the_prefix_leads_from_the_git_root_or_the_named_one() {
        let dir = tempfile::tempdir().unwrap();
        let stack = dir.path().join("live/web");
        std::fs::create_dir_all(&stack).unwrap();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        assert_eq!(prefix(&stack, None).unwrap(), "live/web");
        assert_eq!(prefix(&stack, Some(&dir.path().join("live"))).unwrap(), "web");
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(matches!(prefix(&stack, Some(elsewhere.path())), Err(CliError::OutsideRoot { .. })));
    }
}
