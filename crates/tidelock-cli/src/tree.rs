//! A directory as the sources of a stack.

use std::{
    borrow::Cow,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tidelock::config::{ReadError, SourceTree};

/// Endings of the files that make a directory a stack.
const ENDINGS: [&str; 4] = [".tf", ".tofu", ".tf.json", ".tofu.json"];

/// The directory of a root module; paths lead from there, `..` included.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryTree {
    root: PathBuf,
}

impl DirectoryTree {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Whether the directory holds sources at all.
    pub(crate) fn has_sources(&self) -> bool {
        self.list("").iter().any(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)))
    }
}

impl SourceTree for DirectoryTree {
    fn read(&self, path: &str, limit: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let path = self.root.join(path);
        let file = fs::File::open(&path).map_err(|error| match reason(&error) {
            // A link that leads nowhere was meant to be a file.
            ReadError::Missing if path.is_symlink() => ReadError::Unreadable,
            reason => reason,
        })?;
        // A pipe or device would never end; only files are sources.
        if !file.metadata().map_err(|error| reason(&error))?.is_file() {
            return Err(ReadError::Unreadable);
        }
        let most = u64::try_from(limit).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
        if bytes.len() > limit { Err(ReadError::TooLarge) } else { Ok(Cow::Owned(bytes)) }
    }

    fn list(&self, dir: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.root.join(dir)) else { return Vec::new() };
        let is_file = |entry: &fs::DirEntry| entry.path().is_file();
        entries.flatten().filter(is_file).filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

fn reason(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_lists_files_and_reads_within_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("main.tf"), "locals {}").unwrap();
        fs::create_dir(dir.path().join("not-a-file.tf")).unwrap();
        let tree = DirectoryTree::new(dir.path());
        assert!(tree.has_sources());
        assert_eq!(tree.list(""), ["main.tf"]);
        assert_eq!(tree.list("nowhere"), Vec::<String>::new());
        assert_eq!(tree.read("main.tf", 9).as_deref(), Ok(&b"locals {}"[..]));
        assert_eq!(tree.read("main.tf", 8), Err(ReadError::TooLarge));
        assert_eq!(tree.read("other.tf", 8), Err(ReadError::Missing));
        assert_eq!(tree.read("not-a-file.tf", 8), Err(ReadError::Unreadable));
    }
}
