//! Bytes of a file, in memory or mapped.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use memmap2::Mmap;

/// Files below this size are read: a mapping costs more than it saves, and a copy cannot change.
const MAP_FROM_BYTES: u64 = 1 << 20;

/// The bytes of a file.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// A copy.
    Read(Vec<u8>),
    /// The file itself.
    Mapped(Mmap),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Read(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

impl Bytes {
    /// The bytes of a file; pipes and small files are read, big regular files are mapped.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_file() && about.len() >= MAP_FROM_BYTES {
            return map(&file).map(Self::Mapped);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }

    /// Everything that standard input gives.
    pub(crate) fn stdin() -> io::Result<Self> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }
}

/// Maps a regular file into memory, so that a plan of hundreds of megabytes costs no heap.
///
/// # Safety of the call inside
/// The bytes of a mapping change if another process writes to the file, and reading beyond the end of a file
/// that was cut short ends the process with a signal. Nothing can rule that out for a file one does not own. What
/// is read here are artifacts that a finished command has written, the mapping is read-only and private, and what
/// is kept of it (`tidelock::Source`) re-checks UTF-8 and bounds on every access, so that a file that does change
/// gives a wrong or failed answer, never a write or an out-of-bounds index of ours.
#[allow(unsafe_code, reason = "mapping a file cannot be checked by the compiler; the one exception there is")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: see above; the file is regular, opened for reading, and not empty.
    unsafe { Mmap::map(file) }
}
