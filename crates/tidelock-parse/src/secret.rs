//! Values that are secret by their form, whatever name they carry and whether or not anything marks them.
//!
//! One detector serves redaction and the rules about secrets. It judges text only: private keys, tokens with a
//! known prefix, credentials in URLs, password hashes, and values behind a password-like key inside JSON, YAML,
//! shell or connection strings. Public keys, certificates, ids, ARNs, digests, UUIDs and references to secrets
//! are shown.
//!
//! Hand-written scans instead of patterns: nothing is compiled at start-up, and the work is linear in the text.

mod encoded;
mod keyed;
mod pattern;
mod pem;
mod shape;
mod stand_in;
mod token;
mod url;

use std::ops::Range;

pub use pattern::{SecretPattern, SecretPatternError};
pub use stand_in::{is_name, is_stand_in};

/// Byte ranges of `text` that are secret by form, sorted and not overlapping.
///
/// ```
/// # use tidelock_parse::secret::find;
/// let url = "postgres://app:hunter2@db.internal/app";
/// assert_eq!(find(url).first().and_then(|range| url.get(range.clone())), Some("hunter2"));
/// assert!(find("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnv ada@example").is_empty());
/// ```
pub fn find(text: &str) -> Vec<Range<usize>> {
    let ranges = scan(text);
    if ranges.is_empty() && encoded::text(text).is_some_and(|inner| !scan(&inner).is_empty()) {
        return vec![encoded::body(text)];
    }
    ranges
}

/// Whether [`find`] finds something in `text` that is more than a stand-in ([`is_stand_in`]).
///
/// ```
/// # use tidelock_parse::secret::holds_secret;
/// assert!(holds_secret("postgres://app:hunter2@db.internal/app"));
/// assert!(!holds_secret("postgres://app:changeme@db.internal/app"));
/// ```
pub fn holds_secret(text: &str) -> bool {
    let real = |text: &str, ranges: Vec<Range<usize>>| {
        ranges.into_iter().filter_map(|range| text.get(range)).any(|part| !is_stand_in(part))
    };
    let ranges = scan(text);
    if ranges.is_empty() {
        return encoded::text(text).is_some_and(|inner| real(&inner, scan(&inner)));
    }
    real(text, ranges)
}

/// Whether `text` is secret because of the attribute or the key of a map that it stands under.
///
/// The same keys count as inside a text. [`find`] does not know what a text stands under.
///
/// ```
/// # use tidelock_parse::secret::is_named;
/// assert!(is_named("db_password", "hunter2"));
/// assert!(!is_named("db_password", "arn:aws:secretsmanager:eu-central-1:1:secret:db"));
/// assert!(!is_named("key_name", "deploy"));
/// ```
pub fn is_named(name: &str, text: &str) -> bool {
    keyed::is_named(name.as_bytes(), text.as_bytes())
}

fn scan(text: &str) -> Vec<Range<usize>> {
    scan_in(text, Layer::Outer)
}

fn scan_in(text: &str, layer: Layer) -> Vec<Range<usize>> {
    let mut scan =
        Scan { bytes: text.as_bytes(), found: Vec::new(), no_jwt_before: 0, no_base64_before: 0, layer };
    scan.run();
    scan.into_ranges()
}

/// Which text is looked at. Base64 inside base64 is not looked into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Outer,
    Decoded,
}

/// Progress through one text.
struct Scan<'a> {
    bytes: &'a [u8],
    found: Vec<Range<usize>>,
    /// Up to here it is known that no JSON web token starts, so that nothing is looked at twice.
    no_jwt_before: usize,
    /// The same for base64 of something secret.
    no_base64_before: usize,
    layer: Layer,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at) {
            let end = self.at(at, *byte).unwrap_or(at);
            at = end.max(at + 1);
        }
    }

    /// What is found at `at`; the end of it, where the scan goes on.
    fn at(&mut self, at: usize, byte: u8) -> Option<usize> {
        let bytes = self.bytes;
        let found = match byte {
            b'-' => pem::private_key(bytes, at),
            b'$' => token::password_hash(bytes, at),
            b':' => url::password(bytes, at).or_else(|| keyed::value(bytes, at)),
            b'=' => token::proxmox(bytes, at).or_else(|| keyed::value(bytes, at)),
            b' ' | b'>' => keyed::value(bytes, at),
            b'.' => token::terraform_cloud(bytes, at),
            _ if shape::starts_word(bytes, at) => return self.word(at),
            _ => None,
        };
        self.keep(found)
    }

    /// What is found at the start of a word.
    fn word(&mut self, at: usize) -> Option<usize> {
        let bytes = self.bytes;
        if at >= self.no_jwt_before {
            match token::json_web_token(bytes, at) {
                Ok(found) => return self.keep(Some(found)),
                Err(end) => self.no_jwt_before = end,
            }
        }
        if token::is_aws_key_id(bytes, at) {
            self.found.extend(token::aws_secrets_near(bytes, at));
            return None;
        }
        let found = token::prefixed(bytes, at)
            .or_else(|| token::azure_client_secret(bytes, at))
            .or_else(|| encoded::private_key(bytes, at))
            .or_else(|| keyed::bearer(bytes, at))
            .or_else(|| keyed::chpasswd(bytes, at))
            .or_else(|| keyed::login(bytes, at))
            .or_else(|| url::webhook(bytes, at));
        let found = found.or_else(|| self.encoded(at));
        self.keep(found)
    }

    /// A run of base64 at `at`, if what it stands for holds something secret.
    fn encoded(&mut self, at: usize) -> Option<Range<usize>> {
        if self.layer == Layer::Decoded || at < self.no_base64_before {
            return None;
        }
        let (range, inner) = encoded::word(self.bytes, at);
        self.no_base64_before = range.end;
        inner.is_some_and(|inner| !scan_in(&inner, Layer::Decoded).is_empty()).then_some(range)
    }

    fn keep(&mut self, found: Option<Range<usize>>) -> Option<usize> {
        let found = found.filter(|range| !range.is_empty())?;
        let end = found.end;
        self.found.push(found);
        Some(end)
    }

    /// Sorted, and what overlaps or touches joined.
    fn into_ranges(mut self) -> Vec<Range<usize>> {
        self.found.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(self.found.len());
        for range in self.found {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }
}

#[cfg(test)]
mod tests;
