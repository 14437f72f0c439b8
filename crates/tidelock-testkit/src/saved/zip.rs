//! Zip files, sound and otherwise.

#![allow(
    clippy::cast_possible_truncation,
    reason = "lengths of what tests make, and bytes cut off on purpose"
)]

use std::sync::LazyLock;

/// A member of a zip file.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What is in it, unpacked.
    pub bytes: Vec<u8>,
    /// How it is packed.
    pub packing: Packing,
    /// How large it says it is; the truth if it says nothing.
    pub claims: Option<u32>,
    /// General-purpose flags; 8: sizes follow the data, which both products do.
    pub flags: u16,
}

/// How a member is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Stored,
    /// Deflate.
    Deflated,
    /// Stored, under the number of another method.
    Claimed(u16),
}

impl Member {
    /// A member as both products write it.
    pub fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.into(),
            packing: Packing::Deflated,
            claims: None,
            flags: 8,
        }
    }
}

/// A zip file of these members.
pub fn file(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let offset = out.len() as u32;
        let (method, packed) = match member.packing {
            Packing::Stored => (0, member.bytes.clone()),
            Packing::Deflated => (8, miniz_oxide::deflate::compress_to_vec(&member.bytes, 6)),
            Packing::Claimed(method) => (method, member.bytes.clone()),
        };
        let size = member.claims.unwrap_or(member.bytes.len() as u32);
        let about = [crc32(&member.bytes), packed.len() as u32, size];
        let follows = member.flags & 8 != 0;
        // The local header; with flag 8 it knows neither checksum nor sizes.
        out.extend_from_slice(b"PK\x03\x04");
        numbers(&mut out, &[20, member.flags, method, 0, 0]);
        for number in about {
            long(&mut out, if follows { 0 } else { number });
        }
        numbers(&mut out, &[member.name.len() as u16, 0]);
        out.extend_from_slice(member.name.as_bytes());
        out.extend_from_slice(&packed);
        if follows {
            out.extend_from_slice(b"PK\x07\x08");
            for number in about {
                long(&mut out, number);
            }
        }
        directory.extend_from_slice(b"PK\x01\x02");
        numbers(&mut directory, &[20, 20, member.flags, method, 0, 0]);
        for number in about {
            long(&mut directory, number);
        }
        numbers(&mut directory, &[member.name.len() as u16, 0, 0, 0, 0]);
        long(&mut directory, 0);
        long(&mut directory, offset);
        directory.extend_from_slice(member.name.as_bytes());
    }
    let (start, length) = (out.len() as u32, directory.len() as u32);
    out.extend_from_slice(&directory);
    let count = u16::try_from(members.len()).unwrap_or_else(|_| {
        many(&mut out, members.len(), start, length);
        u16::MAX
    });
    out.extend_from_slice(b"PK\x05\x06");
    numbers(&mut out, &[0, 0, count, count]);
    long(&mut out, length);
    long(&mut out, start);
    numbers(&mut out, &[0]);
    out
}

/// The records of zip64, which say how many members there are where 16 bits cannot.
fn many(out: &mut Vec<u8>, count: usize, start: u32, length: u32) {
    let at = out.len() as u64;
    out.extend_from_slice(b"PK\x06\x06");
    out.extend_from_slice(&44_u64.to_le_bytes());
    numbers(out, &[45, 45, 0, 0, 0, 0]);
    for number in [count as u64, count as u64, length.into(), start.into()] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(b"PK\x06\x07");
    long(out, 0);
    out.extend_from_slice(&at.to_le_bytes());
    long(out, 1);
}

/// The members of a sound zip file, as they stand in its central directory; none if it is not sound.
pub fn members(file: &[u8]) -> Option<Vec<Member>> {
    let at = file.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")?;
    let mut entry = word(file, at + 16)?;
    let mut found = Vec::new();
    for _ in 0..short(file, at + 10)? {
        let (packed, size, name) =
            (word(file, entry + 20)?, word(file, entry + 24)?, short(file, entry + 28)?);
        let local = word(file, entry + 42)?;
        let data = local + 30 + short(file, local + 26)? + short(file, local + 28)?;
        let data = file.get(data..data.checked_add(packed)?)?;
        let bytes = match short(file, entry + 10)? {
            0 => data.to_vec(),
            _ => miniz_oxide::inflate::decompress_to_vec_with_limit(data, size).ok()?,
        };
        let name = std::str::from_utf8(file.get(entry + 46..entry + 46 + name)?).ok()?;
        found.push(Member::new(name, bytes));
        entry += 46 + name.len() + short(file, entry + 30)? + short(file, entry + 32)?;
    }
    Some(found)
}

fn short(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes).into())
}

fn word(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

fn numbers(out: &mut Vec<u8>, list: &[u16]) {
    for number in list {
        out.extend_from_slice(&number.to_le_bytes());
    }
}

fn long(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let step = |value: u32| if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
        (0..256).map(|byte| (0..8).fold(byte, |value, _| step(value))).collect()
    });
    let step = |value: u32, byte: &u8| value >> 8 ^ TABLE[usize::from(value as u8 ^ byte)];
    !bytes.iter().fold(!0, step)
}
