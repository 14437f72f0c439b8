//! The journal of `rollback run` as a file: every line on the disk before the next call, and one run at a time.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use tidelock::run::rollback::{Entry, Journal, JournalError, Past};

use crate::{error::CliError, inputs::printable, output::private};

/// More than any journal.
const MAX_BYTES: u64 = 256 << 20;

/// A journal that no other run has open.
#[derive(Debug)]
pub(crate) struct FileJournal {
    file: File,
    past: Past,
}

impl FileJournal {
    /// Opens the journal of the list with this digest, or begins it.
    pub(crate) fn open(path: &Path, list: &str) -> Result<Self, CliError> {
        let unwritable = |source| CliError::Unwritable { path: path.to_owned(), source };
        // Whoever may write beside the list must not choose where the journal goes.
        if path.is_symlink() {
            let message = "it is a symbolic link";
            return Err(unwritable(io::Error::new(io::ErrorKind::InvalidInput, message)));
        }
        let begins = !path.exists();
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        // One that appears in between is not followed either: a new file is made, or none.
        if begins {
            options.create_new(true);
        }
        let mut file = private(&mut options).open(path).map_err(unwritable)?;
        // The lock goes with the process, however that ends.
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(fs4::TryLockError::WouldBlock) => return Err(CliError::AtWork { path: printable(path) }),
            Err(fs4::TryLockError::Error(source)) => return Err(unwritable(source)),
        }
        let mut bytes = Vec::new();
        (&mut file).take(MAX_BYTES).read_to_end(&mut bytes).map_err(unwritable)?;
        // A line that a kill cut off must not take the next one with it.
        if bytes.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n").map_err(unwritable)?;
        }
        if begins {
            keep_name(path).map_err(unwritable)?;
        }
        Ok(Self { file, past: Past::read(&bytes, list) })
    }
}

impl Journal for FileJournal {
    fn past(&self) -> &Past {
        &self.past
    }

    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let line = entry.line()?;
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(JournalError)
    }
}

/// Sees to it that the name of a new file is on the disk, too.
fn keep_name(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir: File = fs::File::open(dir)?;
    // Not every file system syncs directories; the lines themselves are kept in any case.
    let _ = dir.sync_all();
    Ok(())
}
