//! Small questions about bytes that several scans ask.

/// Whether a word starts at `at`: the byte before is neither letter nor digit.
pub(super) fn starts_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) && !before.is_some_and(u8::is_ascii_alphanumeric)
}

/// The end of the run of bytes from `at` that `is` accepts.
pub(super) fn run_end(bytes: &[u8], at: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len())
}

/// The start of the run of at most `limit` bytes before `end` that `is` accepts.
pub(super) fn run_start(bytes: &[u8], end: usize, limit: usize, is: impl Fn(u8) -> bool) -> usize {
    let before = bytes.get(..end).unwrap_or_default();
    end - before.iter().rev().take(limit).take_while(|byte| is(**byte)).count()
}

/// Whether `bytes` goes on with `prefix` at `at`.
pub(super) fn has(bytes: &[u8], at: usize, prefix: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(prefix))
}

/// The same without regard to ASCII case.
pub(super) fn has_ignoring_case(bytes: &[u8], at: usize, prefix: &[u8]) -> bool {
    bytes.get(at..at + prefix.len()).is_some_and(|part| part.eq_ignore_ascii_case(prefix))
}

/// The position of `needle` at or behind `from`.
pub(super) fn position(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let first = *needle.first()?;
    let mut skipped = 0;
    while let Some(at) = rest.get(skipped..)?.iter().position(|byte| *byte == first) {
        if has(rest, skipped + at, needle) {
            return Some(from + skipped + at);
        }
        skipped += at + 1;
    }
    None
}

/// Letters, digits, `-` and `_`.
pub(super) const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Letters, digits, `+` and `/`.
pub(super) const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The kinds of characters that something random mixes.
#[derive(Clone, Copy, Default)]
pub(super) struct Mix {
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) digit: usize,
    pub(super) other: usize,
}

impl Mix {
    /// Counts the kinds in the first 64 bytes, which is enough to judge by and keeps the work bounded.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut mix = Self::default();
        for byte in bytes.iter().take(64) {
            match byte {
                b'A'..=b'Z' => mix.upper += 1,
                b'a'..=b'z' => mix.lower += 1,
                b'0'..=b'9' => mix.digit += 1,
                _ => mix.other += 1,
            }
        }
        mix
    }

    /// Letters and digits.
    pub(super) const fn has_letters_and_digits(self) -> bool {
        self.digit > 0 && self.upper + self.lower > 0
    }

    /// Upper case, lower case and digits, as in base64 of random bytes.
    pub(super) const fn has_all_kinds(self) -> bool {
        self.upper > 0 && self.lower > 0 && self.digit > 0
    }
}

/// Whether `bytes` is a UUID.
pub(super) fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().zip(0_usize..).all(|(byte, at)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
