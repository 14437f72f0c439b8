//! Credentials in URLs, and URLs that are credentials.

use std::ops::Range;

use super::{
    keyed::is_reference,
    shape::{has, run_end},
};

/// The password in `scheme://user:PASSWORD@host`, given the position of the first colon.
pub(super) fn password(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !has(bytes, at, b"://") {
        return None;
    }
    let start = at + 3;
    let end = run_end(bytes, start, |byte| {
        !byte.is_ascii_whitespace()
            && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'\\' | b'`' | b'<')
    });
    let authority = bytes.get(start..end)?;
    let host = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority.get(..host)?.iter().position(|byte| *byte == b':')?;
    // An image with a tag and a digest is no login.
    let is_digest = has(bytes, start + host, b"@sha256:") || has(bytes, start + host, b"@sha512:");
    let password = start + colon + 1..start + host;
    let shown = is_digest || is_reference(bytes.get(password.clone())?);
    (!shown).then_some(password)
}

/// URLs whose path is the credential, as far as the part that is not.
const WEBHOOKS: [&[u8]; 5] = [
    b"hooks.slack.com/services/",
    b"hooks.slack.com/workflows/",
    b"discord.com/api/webhooks/",
    b"discordapp.com/api/webhooks/",
    b"api.telegram.org/bot",
];

/// The secret path of a webhook whose host name starts at `at`.
pub(super) fn webhook(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let known = WEBHOOKS.iter().find(|known| has(bytes, at, known))?;
    let start = at + known.len();
    let end = run_end(bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b':')
    });
    (end - start >= 16).then_some(start..end)
}
