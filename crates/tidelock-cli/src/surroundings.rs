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
    inputs::{Place, Within, printable},
    policies::{Way, slashed},
    terragrunt,
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
    /// The way to the stack's directory from the root of the repository.
    pub way: Way,
    pub anchor: Anchor,
    /// The stack's directory from the source root, for naming it; empty if it is the root itself.
    pub prefix: String,
    /// The workspace that was selected there.
    pub workspace: Option<String>,
    /// The name of the stack within the directory of plans that was named.
    pub within: Option<String>,
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
    pub(crate) fn of(place: &Place, within: Option<&Within>, args: &StackArgs) -> Result<Self, CliError> {
        let (stack, dir) = match &args.config {
            Some(dir) if !dir.is_dir() => {
                return Err(CliError::NoConfigDirectory { path: printable(dir) });
            }
            Some(dir) => Self::named(dir, within)?,
            None => (place.directory(), place.directory()),
        };
        let root = args.source_root.as_deref();
        let tree = Some(DirectoryTree::new(&dir)).filter(DirectoryTree::has_sources);
        // A plan that holds its sources may lie anywhere; only beside sources is its directory that of the stack.
        let elsewhere = tree.is_none() && root.is_none();
        Ok(Self {
            tree,
            named: args.config.is_some(),
            way: Way::to(&stack, root),
            anchor: if elsewhere { Anchor::default() } else { Anchor::new(&prefix(&dir, root)?) },
            prefix: prefix(&stack, root)?,
            workspace: selected_workspace(&dir),
            within: within.map(|within| within.stack.clone()).filter(|name| !name.is_empty()),
        })
    }

    /// The directory of the stack that `--config` means, and the one of its sources. Of many stacks, it is the one that
    /// stands there as the plan stands among the plans, with the sources in it, or where Terragrunt put them; else
    /// the one that was named, if it holds sources itself.
    fn named(dir: &Path, within: Option<&Within>) -> Result<(PathBuf, PathBuf), CliError> {
        let unit = match within {
            Some(within) if !within.directory.as_os_str().is_empty() => dir.join(&within.directory),
            _ => dir.to_owned(),
        };
        if DirectoryTree::new(&unit).has_sources() {
            return Ok((unit.clone(), unit));
        }
        if let Some(sources) = terragrunt::working_directory(&unit) {
            return Ok((unit, sources));
        }
        if DirectoryTree::new(dir).has_sources() {
            return Ok((dir.to_owned(), dir.to_owned()));
        }
        Err(CliError::NoSources { path: printable(&unit) })
    }

    /// The name that the place of the sources gives to the stack, else that of the plan among others.
    fn default_name(&self) -> Option<String> {
        let path = Some(&self.prefix).filter(|prefix| !prefix.is_empty());
        match &self.within {
            // Without sources, the path leads to where plans are kept, and tells no stack.
            Some(within) if self.tree.is_none() || path.is_none() => Some(within.clone()),
            _ => path.cloned(),
        }
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
    // Atlantis calls the root of the repository `.`, which is no name.
    let told = || args.name.clone().or_else(|| first(&STACK).filter(|name| name != "."));
    let stack = match (told(), &sources.within) {
        // One name for all of a directory tells none of them.
        (Some(name), Some(within)) => Some(format!("{name}/{within}")),
        (Some(name), None) => Some(name),
        (None, _) => sources.default_name(),
    };
    InputInfo {
        stack,
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
        let (anchor, prefix) = (Anchor::default(), prefix.to_owned());
        Sources { tree: None, named: false, way, anchor, prefix, workspace: None, within: None }
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
    fn stacks_of_one_directory_have_names_of_their_own() {
        let none = |_: &str| None;
        let web = Sources { within: Some("live/web".to_owned()), ..sources("plans/live/web") };
        let stack = |line: &str, env: Env<'_>| info(&args(line), &web, env).stack;
        assert_eq!(stack("tidelock drift plans", &none).as_deref(), Some("live/web"));
        assert_eq!(stack("tidelock drift plans --stack prod", &none).as_deref(), Some("prod/live/web"));
        let env = |name: &str| (name == "PROJECT_NAME").then(|| "prod".to_owned());
        assert_eq!(stack("tidelock drift plans", &env).as_deref(), Some("prod/live/web"));
    }

    #[test]
    fn the_root_of_a_repository_gives_no_name() {
        let env = |name: &str| (name == "REPO_REL_DIR").then(|| ".".to_owned());
        assert_eq!(info(&args("tidelock drift p"), &sources(""), &env).stack, None);
    }

    #[test]
    fn many_stacks_have_their_sources_where_the_plans_have_their_place() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("live/web")).unwrap();
        std::fs::write(dir.path().join("live/web/main.tf"), "locals {}").unwrap();
        let within = |directory: &str| Within { directory: directory.into(), stack: directory.to_owned() };
        let named = |directory: &str| Sources::named(dir.path(), Some(&within(directory)));
        assert_eq!(named("live/web").unwrap(), (dir.path().join("live/web"), dir.path().join("live/web")));
        assert!(matches!(named("live/db"), Err(CliError::NoSources { path }) if path.ends_with("live/db")));
        std::fs::write(dir.path().join("main.tf"), "locals {}").unwrap();
        assert_eq!(named("live/db").unwrap(), (dir.path().to_owned(), dir.path().to_owned()));
        let cache = dir.path().join("live/db/.terragrunt-cache/a/b");
        std::fs::create_dir_all(&cache).unwrap();
        std::fs::write(cache.join("main.tf"), "locals {}").unwrap();
        std::fs::write(cache.join("terragrunt.hcl"), "").unwrap();
        assert_eq!(named("live/db").unwrap(), (dir.path().join("live/db"), cache));
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
