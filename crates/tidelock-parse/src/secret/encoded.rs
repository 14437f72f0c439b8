//! Secrets inside base64.

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::shape::{has, is_base64, position, run_end};

/// `-----BEGIN ` in base64, up to where the rest of the label changes it.
const BEGIN: &[u8] = b"LS0tLS1CRUdJTi";

/// A private key in base64 (`client-key-data` of a kubeconfig) that starts at `at`.
pub(super) fn private_key(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !has(bytes, at, BEGIN) {
        return None;
    }
    // 64 characters hold the whole first line; whole groups of four decode on their own.
    let head_end = run_end(bytes.get(..bytes.len().min(at + 64))?, at, is_base64);
    let head = bytes.get(at..head_end)?;
    let head = head.get(..head.len() / 4 * 4)?;
    let line = STANDARD.decode(head).ok()?;
    position(&line, 0, b"PRIVATE KEY")?;
    let end = run_end(bytes, at, |byte| is_base64(byte) || byte == b'=');
    Some(at..end)
}

/// The text that all of `text` is base64 of: user data and scripts.
pub(super) fn text(text: &str) -> Option<String> {
    let body = text.trim().trim_end_matches('=').as_bytes();
    // Shorter ones hold nothing worth it, and words and ids are cheap to tell.
    if body.len() < 24 || !body.iter().all(|byte| is_base64(*byte)) {
        return None;
    }
    let inner = base64::engine::general_purpose::STANDARD_NO_PAD.decode(body).ok()?;
    String::from_utf8(inner).ok()
}

/// Bytes of base64 below which nothing in it is worth looking for, inside a longer text.
const LEAST: usize = 40;

/// The run of base64 that starts at `at`, and the text that it is base64 of.
pub(super) fn word(bytes: &[u8], at: usize) -> (Range<usize>, Option<String>) {
    let body_end = run_end(bytes, at, is_base64);
    let end = run_end(bytes.get(..bytes.len().min(body_end + 2)).unwrap_or_default(), body_end, |byte| {
        byte == b'='
    });
    let body = bytes.get(at..body_end).filter(|body| body.len() >= LEAST);
    let inner = body.and_then(|body| base64::engine::general_purpose::STANDARD_NO_PAD.decode(body).ok());
    (at..end, inner.and_then(|inner| String::from_utf8(inner).ok()))
}

/// The text without white space around it.
pub(super) fn body(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..start + text.trim().len()
}
