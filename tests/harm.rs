//! What can happen to a file on its way: cut, flipped, spliced, doubled, nested, overdone.

use proptest::{prelude::*, sample::Index};

/// One thing that happens to the bytes of a file.
#[derive(Clone, Debug)]
pub(crate) enum Harm {
    /// The rest is gone.
    Cut(Index),
    /// One bit.
    Flip(Index, u8),
    /// A range is gone.
    Drop(Index, usize),
    /// A range stands twice.
    Repeat(Index, usize),
    /// A range of the file is copied over another place of it.
    Splice(Index, Index, usize),
    /// Bytes that are not expected anywhere are put in.
    Put(Index, &'static [u8]),
    /// The value behind a separator becomes another one.
    Replace(Index, &'static str),
    /// The value behind a separator is nested deeply.
    Deepen(Index, usize, &'static str, &'static str),
    /// A key of an object stands twice.
    RepeatKey(Index, &'static str),
}

const FOREIGN: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x92",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\n",
    b"\"",
    b"${",
    b"%{ for",
    b"<<EOT\n",
    b"PK\x05\x06",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
];

const VALUES: &[&str] = &[
    "null",
    "-0",
    "1e999999999999",
    "-1e-999999999999",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1000000000000000055511151231257827021181583404541015625",
    "true",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[]]]",
    "{\"\":{\"\":null}}",
    "NaN",
];

const NESTS: &[(&str, &str)] =
    &[("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("\"${", "}\""), ("!", ""), ("a {\n", "}\n")];

pub(crate) fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<Index>;
    prop_oneof![
        1 => at().prop_map(Harm::Cut),
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        2 => (at(), 1..200_usize).prop_map(|(at, size)| Harm::Drop(at, size)),
        2 => (at(), 1..2000_usize).prop_map(|(at, size)| Harm::Repeat(at, size)),
        3 => (at(), at(), 1..500_usize).prop_map(|(from, to, size)| Harm::Splice(from, to, size)),
        2 => (at(), prop::sample::select(FOREIGN)).prop_map(|(at, bytes)| Harm::Put(at, bytes)),
        4 => (at(), prop::sample::select(VALUES)).prop_map(|(at, value)| Harm::Replace(at, value)),
        1 => (at(), prop::sample::select(&[3_usize, 150, 5_000, 20_000][..]), prop::sample::select(NESTS))
            .prop_map(|(at, depth, (open, close))| Harm::Deepen(at, depth, open, close)),
        2 => (at(), prop::sample::select(VALUES)).prop_map(|(at, value)| Harm::RepeatKey(at, value)),
    ]
}

impl Harm {
    pub(crate) fn happens_to(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        let range = |at: &Index, size: usize| {
            let start = at.index(length);
            start..length.min(start + size)
        };
        match self {
            Self::Cut(at) => bytes.truncate(at.index(length)),
            Self::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Self::Drop(at, size) => drop(bytes.drain(range(at, *size))),
            Self::Repeat(at, size) => {
                let copy = bytes[range(at, *size)].to_vec();
                insert(bytes, at.index(length), &copy);
            }
            Self::Splice(from, to, size) => {
                let copy = bytes[range(from, *size)].to_vec();
                let over = range(to, *size);
                bytes.splice(over, copy);
            }
            Self::Put(at, foreign) => insert(bytes, at.index(length), foreign),
            Self::Replace(at, value) => {
                let place = value_near(bytes, *at);
                bytes.splice(place, value.bytes());
            }
            Self::Deepen(at, depth, open, close) => {
                let place = value_near(bytes, *at);
                let inside = bytes[place.clone()].to_vec();
                let nest = [open.repeat(*depth).into_bytes(), inside, close.repeat(*depth).into_bytes()];
                bytes.splice(place, nest.concat());
            }
            Self::RepeatKey(at, value) => {
                if let Some(key) = key_near(bytes, *at) {
                    let copy = [&bytes[key.clone()], b":", value.as_bytes(), b","].concat();
                    insert(bytes, key.start, &copy);
                }
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, more: &[u8]) {
    bytes.splice(at..at, more.iter().copied());
}

/// The scalar, or the start of what is more than one, behind a `:` or `=`.
fn value_near(bytes: &[u8], at: Index) -> std::ops::Range<usize> {
    let from = at.index(bytes.len());
    let rest = &bytes[from..];
    let Some(separator) = rest.iter().position(|byte| matches!(byte, b':' | b'=')) else {
        return from..from;
    };
    let blanks = rest[separator + 1..].iter().take_while(|byte| **byte == b' ').count();
    let start = from + separator + 1 + blanks;
    let rest = &bytes[start..];
    let quoted = rest.first() == Some(&b'"');
    let size = if quoted {
        rest.iter().skip(1).position(|byte| *byte == b'"').map_or(0, |end| end + 2)
    } else {
        rest.iter().position(|byte| b",]}\n\"{[".contains(byte)).unwrap_or(0)
    };
    start..start + size
}

/// A quoted key of an object, with its quotes.
fn key_near(bytes: &[u8], at: Index) -> Option<std::ops::Range<usize>> {
    let from = at.index(bytes.len());
    let colon = from + bytes[from..].windows(2).position(|pair| pair == b"\":")? + 1;
    let start = bytes[..colon - 1].iter().rposition(|byte| *byte == b'"')?;
    Some(start..colon)
}
