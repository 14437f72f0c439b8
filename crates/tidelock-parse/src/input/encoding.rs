//! Byte order marks and UTF-16.

use super::{InputError, Remark};
use crate::source::Source;

enum Encoding {
    Utf8,
    Utf8Marked,
    Utf16Little { mark: usize },
    Utf16Big { mark: usize },
}

fn sniff(bytes: &[u8]) -> Encoding {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Encoding::Utf8Marked,
        [0xff, 0xfe, ..] => Encoding::Utf16Little { mark: 2 },
        [0xfe, 0xff, ..] => Encoding::Utf16Big { mark: 2 },
        // No mark: JSON starts with an ASCII character, so its other byte is zero.
        [b'{' | b'[' | b' ' | b'\r' | b'\n', 0, ..] => Encoding::Utf16Little { mark: 0 },
        [0, b'{' | b'[' | b' ' | b'\r' | b'\n', ..] => Encoding::Utf16Big { mark: 0 },
        _ => Encoding::Utf8,
    }
}

/// The same input as UTF-8 without a mark.
pub(crate) fn decode(source: &Source) -> Result<(Source, Vec<Remark>), InputError> {
    let bytes = source.bytes();
    let (mark, unit): (_, fn([u8; 2]) -> u16) = match sniff(bytes) {
        Encoding::Utf8 => return Ok((source.clone(), Vec::new())),
        Encoding::Utf8Marked => {
            let rest = bytes.get(3..).unwrap_or_default().to_vec();
            return Ok((Source::new(source.name(), rest), vec![Remark::ByteOrderMark]));
        }
        Encoding::Utf16Little { mark } => (mark, u16::from_le_bytes),
        Encoding::Utf16Big { mark } => (mark, u16::from_be_bytes),
    };
    let (pairs, odd) = bytes.get(mark..).unwrap_or_default().as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if odd.is_empty() => {
            Ok((Source::new(source.name(), text.into_bytes()), vec![Remark::Utf16]))
        }
        _ => Err(InputError::not_text(source, 0)),
    }
}
