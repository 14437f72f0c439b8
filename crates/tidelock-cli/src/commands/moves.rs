//! `--write-moves`: the blocks that a report suggests, in a file of their own.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
};

use tidelock::{Report, moves::suggested_blocks};

use crate::{
    error::{CliError, Failure},
    terminal::Streams,
};

/// Refuses a path that is taken, whether there is anything to write or not.
pub(super) fn is_free(path: &Path) -> Result<(), Failure> {
    // A link that leads nowhere takes it, too.
    if path.exists() || path.is_symlink() {
        return Err(CliError::MovesExist { path: path.to_owned() }.into());
    }
    Ok(())
}

fn fault(path: &Path, source: io::Error) -> CliError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::AlreadyExists => CliError::MovesExist { path },
        _ => CliError::Unwritable { path, source },
    }
}

/// The blocks of one plan, on their way into a file.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    path: &'a Path,
    text: Option<String>,
}

impl<'a> Blocks<'a> {
    /// These blocks; `None` if there are none.
    pub(super) const fn new(path: &'a Path, text: Option<String>) -> Self {
        Self { path, text }
    }

    /// Refuses the blocks of several plans: each stack has a configuration of its own.
    pub(super) fn of(reports: &[Report], path: &'a Path) -> Result<Self, Failure> {
        if reports.len() > 1 {
            return Err(CliError::SeveralMoves { plans: reports.len() }.into());
        }
        Ok(Self { path, text: reports.first().and_then(suggested_blocks) })
    }

    /// Writes them, never over a file that is there, and says what was done.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let path = self.path.display();
        let Some(text) = &self.text else {
            Streams::complain(&format!("{path}: not written, the report suggests no block\n"));
            return Ok(());
        };
        let file = OpenOptions::new().write(true).create_new(true).open(self.path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| fault(self.path, error))?;
        Streams::complain(&format!("{path}: written; plan again to see what is left\n"));
        Ok(())
    }
}
