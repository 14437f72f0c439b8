//! Where the platforms are, and who may call them.

use std::{collections::BTreeMap, fmt};

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

/// A token. It is shown nowhere.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A token; none if there is nothing but white space, which is what CI systems make of a secret that a job may not see.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let sendable = !text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        sendable.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A place that cannot be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ApiError {
    /// Neither encrypted nor on this machine.
    #[error("the address is neither https:// nor of this machine (http://127.0.0.1)")]
    #[diagnostic(code(tidelock::run::scheme), help("a token is only sent over an encrypted connection"))]
    Scheme,
    /// Not an address of a host, or more than that.
    #[error("the address is not understood")]
    #[diagnostic(
        code(tidelock::run::address),
        help("it looks like https://pve.example.com:8006, without user, password, query or fragment")
    )]
    Address,
}

/// A platform.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: Option<Token>,
    scheme: &'static str,
    authority: Option<Vec<u8>>,
}

impl Api {
    /// The platform that a placeholder stands for.
    ///
    /// # Errors
    /// [`ApiError`] if the address is none, or a token would be sent in the open.
    pub fn new(placeholder: &str, base: &str, token: Option<Token>) -> Result<Self, ApiError> {
        let base = base.trim().trim_end_matches('/');
        let is_proxmox = placeholder == PROXMOX;
        // Some write the path of the API into the variable; calls name it themselves.
        let base = if is_proxmox { base.strip_suffix("/api2/json").unwrap_or(base) } else { base };
        let host = host(base)?;
        let rest = base.split_once("://").map_or("", |(_, rest)| rest).get(host.len()..).unwrap_or_default();
        if !(rest.is_empty() || rest.starts_with('/') && is_path(rest)) {
            return Err(ApiError::Address);
        }
        let scheme = if is_proxmox { "PVEAPIToken=" } else { "Bearer " };
        Ok(Self { base: base.to_owned(), token, scheme, authority: None })
    }

    /// The certificate authority of the platform, PEM, in place of the public ones. Proxmox VE makes one of its own.
    #[must_use]
    pub fn authority(mut self, pem: Vec<u8>) -> Self {
        self.authority = Some(pem);
        self
    }

    /// Its certificate authority, PEM.
    pub(super) fn pem(&self) -> Option<&[u8]> {
        self.authority.as_deref()
    }

    /// The address that placeholders stand for, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn is_authorised(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn authorization(&self) -> Option<Zeroizing<String>> {
        let token = self.token.as_ref()?.text();
        let token = token.strip_prefix(self.scheme).unwrap_or(token);
        Some(Zeroizing::new(format!("{}{token}", self.scheme)))
    }

    /// `text` without the token, should a platform send it back.
    pub(super) fn hide(&self, text: &str) -> String {
        let Some(token) = &self.token else { return text.to_owned() };
        let token = token.text();
        let bare = token.strip_prefix(self.scheme).unwrap_or(token);
        // The secret half of a token of Proxmox VE stands behind the last `=`.
        let half = bare.rsplit('=').next().filter(|half| half.len() >= 8).unwrap_or(bare);
        text.replace(bare, tidelock_parse::redact::CUT).replace(half, tidelock_parse::redact::CUT)
    }
}

pub(super) const PROXMOX: &str = "PROXMOX_VE_ENDPOINT";

/// The platforms, by the placeholder that stands for them in a list.
#[derive(Clone, Debug, Default)]
pub struct Apis(BTreeMap<String, Result<Api, String>>);

impl Apis {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, placeholder: &str, api: Api) {
        self.0.insert(placeholder.to_owned(), Ok(api));
    }

    /// Says why one cannot be called.
    pub fn refuse(&mut self, placeholder: &str, why: String) {
        self.0.insert(placeholder.to_owned(), Err(why));
    }

    /// The platform and the path below it that the address of a call in a list means.
    ///
    /// # Errors
    /// Why the call cannot be made: nothing is called but a plain path below a base that the user gave.
    pub(super) fn resolve<'u>(&self, url: &'u str) -> Result<(&Api, &'u str), String> {
        let (placeholder, path) =
            split(url).ok_or("its call names no place that only you know, such as {HCLOUD_ENDPOINT}")?;
        if !is_path(path) {
            return Err("its call has a path with an empty or climbing part, or with characters that do not belong there".to_owned());
        }
        let api = self.0.get(placeholder).ok_or_else(|| format!("{placeholder} is not set"))?;
        Ok((api.as_ref().map_err(Clone::clone)?, path))
    }
}

/// `{NAME}/path`.
pub(super) fn split(url: &str) -> Option<(&str, &str)> {
    let (name, path) = url.strip_prefix('{')?.split_once('}')?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (!name.is_empty() && name.bytes().all(is_name)).then_some((name, path))
}

/// The segments of a path, decoded; nothing if one of them is empty, climbs, or hides a separator.
pub(super) fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.strip_prefix('/')?.split('/').map(|segment| {
        let decoded = percent_decode_str(segment).decode_utf8().ok()?;
        let sane = !decoded.trim().is_empty()
            && !matches!(&*decoded, "." | "..")
            && !decoded.contains(['/', '\\'])
            && !decoded.chars().any(char::is_control);
        sane.then(|| decoded.into_owned())
    });
    segments.collect()
}

/// Whether a text is a path (and query) that stays what it is in every client.
fn is_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%?".contains(&byte);
    path.bytes().all(plain) && path.matches('?').count() <= 1 && segments(path).is_some()
}

/// Host and port of an address that may be called.
fn host(url: &str) -> Result<&str, ApiError> {
    let (scheme, rest) = url.split_once("://").ok_or(ApiError::Scheme)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(ApiError::Address);
    }
    match scheme {
        "https" => Ok(host),
        "http" if is_loopback(host) => Ok(host),
        _ => Err(ApiError::Scheme),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Where the callback goes: encrypted, or to this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackUrl(String);

impl CallbackUrl {
    /// Reads it.
    ///
    /// # Errors
    /// [`ApiError`] if it is no address, or the callback would go out in the open.
    pub fn parse(url: &str) -> Result<Self, ApiError> {
        let host = host(url)?;
        let rest = url.split_once("://").map_or("", |(_, rest)| rest).get(host.len()..).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte);
        if !rest.bytes().all(plain) || !(rest.is_empty() || rest.starts_with(['/', '?'])) {
            return Err(ApiError::Address);
        }
        Ok(Self(url.to_owned()))
    }

    /// Its host, for messages: a path or query may be a secret.
    pub fn host(&self) -> &str {
        host(&self.0).unwrap_or_default()
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackUrl({}/…)", self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_place() {
        for path in [
            "",
            "/",
            "//a",
            "/a//b",
            "/a/",
            "/a/../b",
            "/a/./b",
            "/a/%2e%2e/b",
            "/a/%2E./b",
            "/a/b%2fc",
            "/a b",
            "/a\nb",
            "/a#b",
            "/a/%20",
            "/a?b?c",
            "/{X}",
            "a",
            "@evil.example/a",
            ".evil.example/a",
            ":80/a",
            "/a\\b",
            "/a%5cb",
            "/ä",
            "/%ff",
        ] {
            assert!(!is_path(path), "{path:?}");
        }
        for path in [
            "/a",
            "/api2/json/nodes/pve1/qemu/110?purge=1&x=2",
            "/tasks/UPID%3Apve1%3A00%3Aroot%40pam%3A",
            "/a/b.c-d_e~f",
        ] {
            assert!(is_path(path), "{path:?}");
        }
    }

    #[test]
    fn only_encrypted_or_own_hosts_are_called() {
        for base in [
            "",
            "pve1",
            "ftp://pve1",
            "http://pve1:8006",
            "https://",
            "https://user:pw@pve1",
            "https://pve1#x",
            "https://pve1?x=1",
            "https://pve1/a/../b",
            "file:///etc/passwd",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://127.0.0.1@evil.example",
        ] {
            assert!(Api::new(PROXMOX, base, None).is_err(), "{base:?}");
        }
        for (base, stands) in [
            ("https://pve1:8006/", "https://pve1:8006"),
            ("https://pve1:8006/api2/json", "https://pve1:8006"),
            ("http://127.0.0.1:81", "http://127.0.0.1:81"),
            ("http://[::1]:81", "http://[::1]:81"),
            ("https://api.hetzner.cloud/v1", "https://api.hetzner.cloud/v1"),
        ] {
            assert_eq!(Api::new(PROXMOX, base, None).unwrap().base(), stands);
        }
    }

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = Token::new(" root@pam!ci=0123-4567-secret\n").unwrap();
        let api = Api::new(PROXMOX, "https://pve1", Some(token)).unwrap();
        assert!(!format!("{api:?}").contains("secret"));
        assert_eq!(api.authorization().unwrap().as_str(), "PVEAPIToken=root@pam!ci=0123-4567-secret");
        assert_eq!(api.hide("no 0123-4567-secret here"), "no (redacted) here");
        assert!(Token::new(" \n").is_none() && Token::new("a\nb").is_none());
    }

    #[test]
    fn a_callback_goes_out_encrypted_or_stays_here() {
        for url in [
            "http://example.com/x",
            "https://a b",
            "https://u:p@example.com/",
            "//x",
            "https://x\ny",
            "javascript:x",
        ] {
            assert!(CallbackUrl::parse(url).is_err(), "{url:?}");
        }
        let url = CallbackUrl::parse("https://hooks.example.com/secret?x=1").unwrap();
        assert_eq!(format!("{url:?}"), "CallbackUrl(hooks.example.com/…)");
        assert!(CallbackUrl::parse("http://127.0.0.1:9/x").is_ok());
    }
}
