//! Where Terragrunt keeps the sources of a unit whose `terraform` block names a `source`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::tree::DirectoryTree;

/// Terragrunt downloads the source into this directory of the unit, two hashes deep, and works there or below.
const CACHE: &str = ".terragrunt-cache";
/// What marks the directory it works in: the unit's own files are copied there, with a list of them.
const MARKS: [&str; 3] = [".terragrunt-module-manifest", "terragrunt.hcl", "terragrunt.hcl.json"];
/// Two hashes, and the path of a module in its repository.
const MAX_DEPTH: usize = 12;

/// The one directory that a unit was planned in. Several are left of other sources or versions: none is right then,
/// because a wrong one would name wrong lines.
pub(crate) fn working_directory(unit: &Path) -> Option<PathBuf> {
    let mut found = Vec::new();
    walk(&unit.join(CACHE), MAX_DEPTH, &mut found);
    match found.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if MARKS.iter().any(|mark| dir.join(mark).is_file()) && DirectoryTree::new(dir).has_sources() {
        found.push(dir.to_owned());
        return;
    }
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && entry.file_name() != ".terraform" && depth > 0 {
            walk(&entry.path(), depth - 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_a_unit_was_planned_in_is_found_if_there_is_one_only() {
        let unit = tempfile::tempdir().unwrap();
        assert_eq!(working_directory(unit.path()), None);
        let plant = |hash: &str| {
            let repository = unit.path().join(CACHE).join(hash).join("b");
            for (directory, file) in
                [("modules/vm", "main.tf"), ("modules/vm", "terragrunt.hcl"), ("modules/net", "main.tf")]
            {
                fs::create_dir_all(repository.join(directory)).unwrap();
                fs::write(repository.join(directory).join(file), "").unwrap();
            }
            repository.join("modules/vm")
        };
        let planned_in = plant("a");
        assert_eq!(working_directory(unit.path()), Some(planned_in));
        plant("c");
        assert_eq!(working_directory(unit.path()), None);
    }
}
