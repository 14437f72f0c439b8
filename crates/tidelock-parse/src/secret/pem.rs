//! Armoured private keys.

use std::ops::Range;

use super::shape::{has, position};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// A private key that starts at `at`, from its first to its last dash; a key that was cut off goes to the end.
///
/// Line breaks may be real, escaped (`\n` inside JSON) or gone. Certificates, public keys and requests are
/// public.
pub(super) fn private_key(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !has(bytes, at, BEGIN) {
        return None;
    }
    // No label is longer than this ("OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "OpenVPN Static key V1").
    let label_start = at + BEGIN.len();
    let window = bytes.get(label_start..)?;
    let window = window.get(..48).unwrap_or(window);
    let label = window.get(..position(window, 0, DASHES)?)?;
    let secret = [&b"PRIVATE KEY"[..], b"Static key"].iter().any(|word| position(label, 0, word).is_some());
    if !secret {
        return None;
    }
    let end = position(bytes, label_start, END)
        .and_then(|end| position(bytes, end + END.len(), DASHES))
        .map_or(bytes.len(), |dashes| dashes + DASHES.len());
    Some(at..end)
}
