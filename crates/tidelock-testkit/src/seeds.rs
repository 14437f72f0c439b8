//! Seeds for the fuzz targets, taken from the fixtures: what a target is given first.

use std::{fs, io, path::Path};

use crate::{
    envelope::Pbkdf2,
    fixtures::{self, Case, FixtureError},
    saved,
};

/// Separates the files of a source tree in one input; each begins with a line that names it.
pub const NEXT_FILE: u8 = 0x1e;

/// Opens the envelopes among the seeds.
pub const PASSPHRASE: &str = "seventeen-green-apples";

/// A larger one takes a fuzzer longer than it gains.
const LARGEST: usize = 128 << 10;

/// Why there are no seeds.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The fixtures cannot be read.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// A seed cannot be written.
    #[error("cannot write the seeds")]
    Write(#[from] io::Error),
}

/// Lays the seeds of every target below `corpus`, one folder a target.
///
/// # Errors
/// If a fixture cannot be read or a seed cannot be written.
pub fn lay(corpus: &Path) -> Result<(), SeedError> {
    let seeds = Seeds { corpus };
    for case in fixtures::all()? {
        seeds.case(&case)?;
    }
    Ok(())
}

struct Seeds<'c> {
    corpus: &'c Path,
}

impl Seeds<'_> {
    fn case(&self, case: &Case) -> Result<(), SeedError> {
        let mut tree = Vec::new();
        for (file, text) in case.sources()? {
            tree.extend([file.as_bytes(), b"\n", &text, &[NEXT_FILE]].concat());
        }
        self.seed("sources", &case.name, &tree)?;
        for entry in fs::read_dir(&case.dir)? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file() {
                self.file(&format!("{}-{file}", case.name), &file, &fs::read(path)?)?;
            }
        }
        Ok(())
    }

    fn file(&self, name: &str, file: &str, bytes: &[u8]) -> Result<(), SeedError> {
        match file.rsplit('.').next() {
            Some("jsonl") => self.seed("stream", name, bytes),
            Some("hcl") => self.seed("envelope", name, bytes),
            Some("tfplan") => self.saved(name, bytes),
            Some("snap") => Ok(()),
            _ if file.contains("state") => {
                // Recorded envelopes take 600,000 rounds a key; these take three.
                let sealed = Pbkdf2::default().seal(bytes, PASSPHRASE).text();
                self.seed("envelope", name, sealed.as_bytes())?;
                self.seed("state", name, bytes)
            }
            Some("json") => self.seed("plan_json", name, bytes),
            _ => Ok(()),
        }
    }

    /// The file, the message in it, and the values in that.
    fn saved(&self, name: &str, bytes: &[u8]) -> Result<(), SeedError> {
        let members = saved::members(bytes).unwrap_or_default();
        let Some(plan) = members.into_iter().find(|member| member.name == "tfplan") else { return Ok(()) };
        self.seed("plan_file", name, bytes)?;
        self.seed("plan_message", name, &plan.bytes)?;
        // New and drifted objects, variables, outputs.
        for path in [&[3, 9, 2, 1][..], &[18, 9, 2, 1], &[2, 2, 1], &[4, 2, 2, 1]] {
            for (at, value) in parts(&plan.bytes, path).into_iter().enumerate() {
                self.seed("msgpack", &format!("{name}-{}-{at}", path[0]), value)?;
            }
        }
        Ok(())
    }

    fn seed(&self, target: &str, name: &str, bytes: &[u8]) -> Result<(), SeedError> {
        let dir = self.corpus.join(target);
        if bytes.len() <= LARGEST {
            fs::create_dir_all(&dir)?;
            fs::write(dir.join(name.replace('/', "-")), bytes)?;
        }
        Ok(())
    }
}

/// The parts of a message that stand below these fields, one inside the other.
fn parts<'m>(message: &'m [u8], path: &[usize]) -> Vec<&'m [u8]> {
    let Some((wanted, below)) = path.split_first() else { return vec![message] };
    let mut found = Vec::new();
    let mut rest = message;
    while let Some(key) = take_varint(&mut rest) {
        let size = match key & 7 {
            0 => take_varint(&mut rest).map(|_| 0),
            1 => Some(8),
            2 => take_varint(&mut rest),
            5 => Some(4),
            _ => None,
        };
        let Some((part, behind)) = size.and_then(|size| rest.split_at_checked(size)) else { break };
        if key & 7 == 2 && key >> 3 == *wanted {
            found.extend(parts(part, below));
        }
        rest = behind;
    }
    found
}

fn take_varint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
