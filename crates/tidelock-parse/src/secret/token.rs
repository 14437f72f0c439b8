//! Tokens and hashes that a prefix or an inner mark gives away.

use std::ops::Range;

use super::shape::{Mix, has, is_base64, is_url_safe, is_uuid, run_end, run_start};

/// What may follow a prefix.
#[derive(Clone, Copy)]
enum Body {
    /// Letters and digits.
    Alnum,
    /// Letters, digits, `-`, `_`.
    UrlSafe,
    /// The same and `.`, `=`, `+`, `/`, `~`: whatever services put together.
    Loose,
}

impl Body {
    const fn accepts(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::UrlSafe => is_url_safe(byte),
            Self::Loose => is_url_safe(byte) || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'~'),
        }
    }
}

/// Prefix, what follows, and how many characters of it at least. Sorted by prefix.
///
/// Only what its issuer documents as secret: publishable keys (`pk_live_`) and key ids are not here.
const PREFIXES: &[(&str, Body, usize)] = &[
    ("AGE-SECRET-KEY-1", Body::Alnum, 50),
    ("AIza", Body::UrlSafe, 35),
    ("ATATT3", Body::Loose, 40),
    ("GOCSPX-", Body::UrlSafe, 20),
    ("NRAK-", Body::Alnum, 20),
    ("PMAK-", Body::UrlSafe, 40),
    ("PuTTY-User-Key-File-", Body::Loose, 1),
    ("SG.", Body::Loose, 40),
    ("bkua_", Body::Alnum, 30),
    ("dapi", Body::Alnum, 32),
    ("dckr_pat_", Body::UrlSafe, 20),
    ("doo_v1_", Body::Alnum, 40),
    ("dop_v1_", Body::Alnum, 40),
    ("dor_v1_", Body::Alnum, 40),
    ("dp.ct.", Body::Alnum, 30),
    ("dp.pt.", Body::Alnum, 30),
    ("dp.st.", Body::Loose, 30),
    ("fm2_", Body::Loose, 40),
    ("fo1_", Body::UrlSafe, 40),
    ("gho_", Body::Alnum, 30),
    ("ghp_", Body::Alnum, 30),
    ("ghr_", Body::Alnum, 30),
    ("ghs_", Body::Alnum, 30),
    ("ghu_", Body::Alnum, 30),
    ("github_pat_", Body::UrlSafe, 22),
    ("glagent-", Body::UrlSafe, 20),
    ("glc_", Body::Loose, 32),
    ("glcbt-", Body::UrlSafe, 20),
    ("gldt-", Body::UrlSafe, 20),
    ("glft-", Body::UrlSafe, 20),
    ("gloas-", Body::UrlSafe, 20),
    ("glpat-", Body::Loose, 20),
    ("glptt-", Body::UrlSafe, 20),
    ("glrt-", Body::Loose, 20),
    ("glsa_", Body::UrlSafe, 32),
    ("glsoat-", Body::UrlSafe, 20),
    ("hf_", Body::Alnum, 30),
    ("hvb.", Body::UrlSafe, 20),
    ("hvr.", Body::UrlSafe, 20),
    ("hvs.", Body::UrlSafe, 20),
    ("lin_api_", Body::Alnum, 32),
    ("nfp_", Body::Alnum, 32),
    ("npm_", Body::Alnum, 36),
    ("ops_eyJ", Body::Loose, 40),
    ("pscale_pw_", Body::Loose, 30),
    ("pscale_tkn_", Body::Loose, 30),
    ("pul-", Body::Alnum, 40),
    ("pypi-", Body::UrlSafe, 50),
    ("rk_live_", Body::Alnum, 20),
    ("rk_test_", Body::Alnum, 20),
    ("rubygems_", Body::Alnum, 40),
    ("sb_secret_", Body::UrlSafe, 20),
    ("sbp_", Body::Alnum, 40),
    ("shpat_", Body::Alnum, 32),
    ("shpca_", Body::Alnum, 32),
    ("shppa_", Body::Alnum, 32),
    ("shpss_", Body::Alnum, 32),
    ("sk-", Body::UrlSafe, 32),
    ("sk_live_", Body::Alnum, 20),
    ("sk_test_", Body::Alnum, 20),
    ("sntrys_", Body::Loose, 40),
    ("sntryu_", Body::Alnum, 40),
    ("tskey-", Body::UrlSafe, 12),
    ("whsec_", Body::Loose, 24),
    ("xapp-", Body::UrlSafe, 20),
    ("xoxa-", Body::UrlSafe, 20),
    ("xoxb-", Body::UrlSafe, 20),
    ("xoxe.", Body::Loose, 20),
    ("xoxp-", Body::UrlSafe, 20),
    ("xoxr-", Body::UrlSafe, 20),
    ("xoxs-", Body::UrlSafe, 20),
    ("ya29.", Body::Loose, 30),
];

/// A token with a known prefix that starts at `at`.
pub(super) fn prefixed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let first = *bytes.get(at)?;
    let from = PREFIXES.partition_point(|(prefix, ..)| prefix.as_bytes().first() < Some(&first));
    let candidates = PREFIXES.iter().skip(from);
    let mut candidates = candidates.take_while(|(prefix, ..)| prefix.as_bytes().first() == Some(&first));
    let (prefix, body, least) = candidates.find(|(prefix, ..)| has(bytes, at, prefix.as_bytes()))?;
    let start = at + prefix.len();
    // Judge by a bounded part first: a long run that is refused must not be read again at its next dash.
    let judged = run_end(bytes.get(..bytes.len().min(start + 64))?, start, |byte| body.accepts(byte));
    let part = bytes.get(start..judged)?;
    if part.len() < *least {
        return None;
    }
    // Words and names that share a prefix with tokens ("sk-learn-pipeline-…") have no digits.
    if matches!(*prefix, "sk-" | "pul-" | "hf_") && !Mix::of(part).has_letters_and_digits() {
        return None;
    }
    if *prefix == "PuTTY-User-Key-File-" {
        return Some(at..bytes.len());
    }
    Some(at..run_end(bytes, start, |byte| body.accepts(byte)))
}

/// A JSON web token that starts at `at`, or up to where none can start.
pub(super) fn json_web_token(bytes: &[u8], at: usize) -> Result<Range<usize>, usize> {
    const OBJECT: &[u8] = b"eyJ";
    if !has(bytes, at, OBJECT) {
        return Err(at);
    }
    let header = run_end(bytes, at, is_url_safe);
    if bytes.get(header) != Some(&b'.') || !has(bytes, header + 1, OBJECT) {
        return Err(header);
    }
    let claims = run_end(bytes, header + 1, is_url_safe);
    let signature = run_end(bytes, claims + 1, is_url_safe);
    if bytes.get(claims) != Some(&b'.') || signature == claims + 1 {
        return Err(claims);
    }
    Ok(at..signature)
}

/// A crypt(3)-like password hash that starts at `at` with its `$`.
pub(super) fn password_hash(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let id_end = run_end(bytes.get(..bytes.len().min(at + 18))?, at + 1, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let id = bytes.get(at + 1..id_end)?;
    let known = matches!(
        id,
        b"1" | b"2a" | b"2b" | b"2x" | b"2y" | b"5" | b"6" | b"7" | b"y" | b"gy" | b"apr1" | b"argon2i"
    ) || [&b"argon2"[..], b"pbkdf2", b"scrypt"].iter().any(|family| id.starts_with(family));
    if !known || bytes.get(id_end) != Some(&b'$') {
        return None;
    }
    let is_hash = |byte: u8| is_base64(byte) || matches!(byte, b'.' | b'$' | b'=' | b',' | b'-' | b'_');
    let judged = run_end(bytes.get(..bytes.len().min(id_end + 64))?, id_end, is_hash);
    (judged - id_end >= 24).then(|| at..run_end(bytes, id_end, is_hash))
}

/// The UUID of a Proxmox API token, `user@realm!name=UUID`, given the position of the equals sign.
pub(super) fn proxmox(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let secret = at + 1..at + 37;
    if !is_uuid(bytes.get(secret.clone())?) {
        return None;
    }
    let is_name = |byte: u8| is_url_safe(byte) || byte == b'.';
    let name = run_start(bytes, at, 64, is_name);
    let mark = name.checked_sub(1).filter(|mark| bytes.get(*mark) == Some(&b'!'))?;
    let realm = run_start(bytes, mark, 64, is_name);
    let is_token = realm.checked_sub(1).is_some_and(|sign| bytes.get(sign) == Some(&b'@'));
    is_token.then_some(secret)
}

/// A token of HCP Terraform, `14 characters.atlasv1.60 and more`, given the position of the first dot.
pub(super) fn terraform_cloud(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const MARK: &[u8] = b".atlasv1.";
    if !has(bytes, at, MARK) {
        return None;
    }
    let start = run_start(bytes, at, 32, |byte| byte.is_ascii_alphanumeric());
    let end = run_end(bytes, at + MARK.len(), is_url_safe);
    (end - at - MARK.len() >= 30).then_some(start..end)
}

/// A client secret of Microsoft Entra: three characters, a digit, `Q~`, 31 to 34 characters.
pub(super) fn azure_client_secret(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !bytes.get(at + 3)?.is_ascii_digit() || !has(bytes, at + 4, b"Q~") {
        return None;
    }
    let is_body = |byte: u8| is_url_safe(byte) || matches!(byte, b'~' | b'.');
    let judged = run_end(bytes.get(..bytes.len().min(at + 48))?, at + 6, is_body);
    let length = judged - at - 6;
    (31..=34).contains(&length).then_some(at..judged)
}

/// How far around an access key id its secret is looked for, in bytes.
const BESIDE: usize = 256;

/// Whether an AWS access key id starts at `at`. The id itself is public.
pub(super) fn is_aws_key_id(bytes: &[u8], at: usize) -> bool {
    let id = bytes.get(at..at + 20);
    (has(bytes, at, b"AKIA") || has(bytes, at, b"ASIA"))
        && id.is_some_and(|id| id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
        && !bytes.get(at + 20).is_some_and(u8::is_ascii_alphanumeric)
}

/// Words of 40 characters that look like AWS secret keys, beside the key id at `at`.
pub(super) fn aws_secrets_near(bytes: &[u8], at: usize) -> Vec<Range<usize>> {
    let from = at.saturating_sub(BESIDE);
    let to = bytes.len().min(at + BESIDE);
    let mut found = Vec::new();
    let mut start = from;
    while start < to {
        let end = run_end(bytes.get(..to).unwrap_or_default(), start, is_base64);
        let word = bytes.get(start..end).unwrap_or_default();
        // The window may cut a longer word at its edges; that is not a secret key.
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        let whole = ![before, bytes.get(end)].into_iter().flatten().any(|byte| is_base64(*byte));
        if whole && word.len() == 40 && Mix::of(word).has_all_kinds() {
            found.push(start..end);
        }
        start = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::PREFIXES;

    #[test]
    fn prefixes_are_sorted_so_that_the_search_finds_them() {
        assert!(PREFIXES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn no_prefix_hides_a_longer_one() {
        for (at, (short, ..)) in PREFIXES.iter().enumerate() {
            assert!(PREFIXES.iter().skip(at + 1).all(|(long, ..)| !long.starts_with(short)), "{short}");
        }
    }
}
