//! Where results go.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{error::CliError, terminal::Target};

/// Standard output, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Stdout,
    File(PathBuf),
}

impl Output {
    /// `-` is standard output here, too.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        match path {
            None => Self::Stdout,
            Some(path) if path.as_os_str() == "-" => Self::Stdout,
            Some(path) => Self::File(path.to_owned()),
        }
    }

    pub(crate) const fn target(&self) -> Target {
        match self {
            Self::Stdout => Target::Stdout,
            Self::File(_) => Target::File,
        }
    }

    /// Appends what `render` writes to a file, which need not be there.
    pub(crate) fn append(
        path: &Path,
        render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        render(&mut bytes).map_err(CliError::Stdout)?;
        let file = fs::OpenOptions::new().append(true).create(true).open(path);
        let written = file.and_then(|mut file| file.write_all(&bytes));
        written.map_err(|source| CliError::Unwritable { path: path.to_owned(), source })
    }

    /// The same, into a file that nobody else may read: it may hold the address of a callback, which is a secret.
    pub(crate) fn write_privately(
        &self,
        render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), CliError> {
        let Self::File(path) = self else { return self.write(render) };
        let mut bytes = Vec::new();
        render(&mut bytes).map_err(CliError::Stdout)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let written = private(&mut options).open(path).and_then(|mut file| {
            // A file that was there keeps its mode otherwise.
            #[cfg(unix)]
            if file.metadata()?.is_file() {
                file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            }
            file.write_all(&bytes)
        });
        written.map_err(|source| CliError::Unwritable { path: path.clone(), source })
    }

    /// Writes what `render` writes. A reader that has seen enough (`| head`) is no failure.
    pub(crate) fn write(&self, render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<(), CliError> {
        let mut bytes = Vec::new();
        render(&mut bytes).map_err(CliError::Stdout)?;
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                match out.write_all(&bytes).and_then(|()| out.flush()) {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Stdout(error)),
                    _ => Ok(()),
                }
            }
            Self::File(path) => {
                fs::write(path, &bytes).map_err(|source| CliError::Unwritable { path: path.clone(), source })
            }
        }
    }
}

/// A new file is for its owner alone.
pub(crate) fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
