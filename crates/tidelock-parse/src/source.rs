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

    /// From one byte to another, zero-based, the end exclusive.
    pub(crate) const fn between(start: usize, end: usize) -> Self {
        Self { start, len: end.saturating_sub(start) }
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

/// Whether two JSON texts are the same but for white space between their parts.
pub(crate) fn is_same_json(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        (a, b) = (a.trim_ascii_start(), b.trim_ascii_start());
        let length = token(a);
        let (ours, theirs) = (a.split_at_checked(length), b.split_at_checked(length));
        match (ours, theirs) {
            (Some((ours, rest)), Some((theirs, other))) if ours == theirs => {
                if length == 0 {
                    return other.is_empty();
                }
                (a, b) = (rest, other);
            }
            _ => return false,
        }
    }
}

/// Length of the text, mark or word at the start.
fn token(bytes: &[u8]) -> usize {
    let is_mark = |byte: u8| matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':');
    match bytes.first() {
        None => return 0,
        Some(first) if is_mark(*first) => return 1,
        Some(b'"') => {}
        Some(_) => {
            let ends = |byte: &u8| is_mark(*byte) || *byte == b'"' || byte.is_ascii_whitespace();
            return bytes.iter().position(ends).unwrap_or(bytes.len());
        }
    }
    let mut escaped = false;
    let inside = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    inside.map_or(bytes.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_parts_is_no_difference() {
        let compact = r#"{"a":[1,true],"b":"x \" y","c":{}}"#;
        let wide = "{\n  \"a\": [\n 1,\ttrue ],\"b\" : \"x \\\" y\",\r\n\"c\": {} }\n";
        assert!(is_same_json(compact, wide) && is_same_json(wide, compact));
        for other in [
            r#"{"a":[1,true],"b":"x  \" y","c":{}}"#,
            r#"{"a":[1,true],"b":"x \" y","c":{}"#,
            r#"{"a":[1,true],"b":"x \" y","c":{}}}"#,
            r#"{"a":[11,true],"b":"x \" y","c":{}}"#,
        ] {
            assert!(!is_same_json(compact, other) && !is_same_json(other, compact), "{other}");
        }
        assert!(!is_same_json("12", "1 2") && !is_same_json("\"a", "\"a\""));
    }

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
