//! Input bytes, shared without a lifetime, and ranges of text inside them.

use std::{fmt, sync::Arc};

use crate::value::ValueError;

/// Bytes of one input under the name the caller gave it; cloning shares them.
///
/// The bytes may be anything that lends a slice: a `Vec`, a mapped file, a static slice. They must not change
/// while the source lives.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl Source {
    /// Wraps `bytes`; `name` is used in diagnostics and reports only.
    pub fn new(name: &str, bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), bytes: Arc::new(bytes) }
    }

    /// The name the caller gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }

    /// The text of a range.
    ///
    /// # Errors
    /// [`ValueError::Json`] if the range is not UTF-8 text of this source.
    pub fn text(&self, range: RawText) -> Result<&str, ValueError> {
        let bytes =
            self.bytes().get(range.start..range.start.saturating_add(range.len)).ok_or(ValueError::Json)?;
        std::str::from_utf8(bytes).map_err(|_| ValueError::Json)
    }

    /// The range of `part`, which must have been borrowed from this source's bytes.
    pub fn range_of(&self, part: &str) -> RawText {
        let start = part.as_ptr().addr().wrapping_sub(self.bytes().as_ptr().addr());
        RawText { start, len: part.len() }
    }
}

impl fmt::Debug for Source {
    /// Name and size only: the bytes may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.bytes().len())
    }
}

/// A piece of JSON text inside a [`Source`], decoded on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawText {
    start: usize,
    len: usize,
}

impl RawText {
    /// All bytes of a source.
    pub fn whole(source: &Source) -> Self {
        Self { start: 0, len: source.bytes().len() }
    }

    /// First byte, zero-based.
    pub const fn start(self) -> usize {
        self.start
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether there is no text; JSON never is.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_borrowed_part_is_found_again_by_its_range() {
        let source = Source::new("x", b"hello world".to_vec());
        let part = std::str::from_utf8(&source.bytes()[6..]).unwrap();
        assert_eq!(source.text(source.range_of(part)), Ok("world"));
    }

    #[test]
    fn a_foreign_part_is_refused_and_not_read() {
        let source = Source::new("x", b"hello".to_vec());
        let foreign = String::from("other");
        assert_eq!(source.text(source.range_of(&foreign)), Err(ValueError::Json));
        assert_eq!(format!("{source:?}"), "Source(\"x\", 5 bytes)");
    }
}
