//! What the path of a state file tells: which stack and workspace it belongs to, and whether it is the current one.
//!
//! Whether a file is a state is told by its content ([`crate::Input`]); which one it is, only by where it stands.

/// A state file and what its path tells. Sorted by stack, workspace, and role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateFile {
    /// Directory of the stack, relative as the path is, `/`-separated; empty for the directory itself.
    pub stack: String,
    /// Name of the workspace.
    pub workspace: String,
    /// What it is there for.
    pub role: StateRole,
    /// The path.
    pub path: String,
}

/// What a state file is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StateRole {
    /// The state of a workspace.
    Current,
    /// `errored.tfstate`: what a run could not write where it belongs. It is newer than the state there.
    Errored,
    /// A state before the last change, or before `state mv` and the like.
    Backup,
}

impl StateRole {
    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Errored => "errored",
            Self::Backup => "backup",
        }
    }
}

/// The workspace that is there without being made.
pub const DEFAULT_WORKSPACE: &str = "default";
/// Where the local backend keeps the states of other workspaces, one directory each.
const WORKSPACES: &str = "terraform.tfstate.d";
/// Holds backend settings under the name of a state.
const SETTINGS: &str = ".terraform";
const ERRORED: &str = "errored.tfstate";

impl StateFile {
    /// What a path tells, `/`-separated. A name says nothing about a content: any path is fine.
    ///
    /// ```
    /// use tidelock_parse::state::{StateFile, StateRole};
    ///
    /// let file = StateFile::of("net/terraform.tfstate.d/staging/terraform.tfstate.backup");
    /// assert_eq!((file.stack.as_str(), file.workspace.as_str()), ("net", "staging"));
    /// assert_eq!(file.role, StateRole::Backup);
    /// ```
    pub fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let (name, dirs) = parts.split_last().map_or(("", &[][..]), |(name, dirs)| (*name, dirs));
        let (stack, workspace) = match dirs {
            [stack @ .., WORKSPACES, workspace] => (stack, *workspace),
            stack => (stack, DEFAULT_WORKSPACE),
        };
        let role = if name == ERRORED {
            StateRole::Errored
        } else if name.ends_with(".backup") {
            StateRole::Backup
        } else {
            StateRole::Current
        };
        Self { stack: stack.join("/"), workspace: workspace.to_owned(), role, path: path.to_owned() }
    }

    /// The states among the files of a directory, by their names as the tools give them, sorted: of the stacks in it, their
    /// workspaces, backups and what could not be written. Backend settings are left out.
    ///
    /// States of other names are found by their content.
    pub fn among<'p>(paths: impl IntoIterator<Item = &'p str>) -> Vec<Self> {
        let mut files: Vec<Self> =
            paths.into_iter().filter(|path| is_state_name(path)).map(Self::of).collect();
        files.sort();
        files.dedup();
        files
    }
}

/// `terraform.tfstate`, `x.tfstate`, `terraform.tfstate.backup`, `terraform.tfstate.1700000000.backup`.
fn is_state_name(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let state = name.ends_with(".tfstate") || (name.contains(".tfstate.") && name.ends_with(".backup"));
    state && !parts.any(|dir| dir == SETTINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_backups_and_errored_states_are_told_by_where_they_stand() {
        let files = StateFile::among([
            "terraform.tfstate.d/staging/terraform.tfstate",
            "terraform.tfstate",
            "terraform.tfstate.backup",
            "terraform.tfstate.1700000000.backup",
            "errored.tfstate",
            "net/terraform.tfstate",
            ".terraform/terraform.tfstate",
            ".terraform.tfstate.lock.info",
            "terraform.tfstate.d/staging/notes.txt",
            "main.tf",
        ]);
        let told: Vec<_> = files
            .iter()
            .map(|f| (f.stack.as_str(), f.workspace.as_str(), f.role.as_str(), f.path.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("", "default", "current", "terraform.tfstate"),
                ("", "default", "errored", "errored.tfstate"),
                ("", "default", "backup", "terraform.tfstate.1700000000.backup"),
                ("", "default", "backup", "terraform.tfstate.backup"),
                ("", "staging", "current", "terraform.tfstate.d/staging/terraform.tfstate"),
                ("net", "default", "current", "net/terraform.tfstate"),
            ]
        );
    }

    #[test]
    fn any_path_is_told() {
        assert_eq!(StateFile::of("").workspace, "default");
        assert_eq!(StateFile::of("./a/b.json").stack, "a");
        assert_eq!(StateFile::of("terraform.tfstate.d/x").stack, "terraform.tfstate.d");
    }
}
