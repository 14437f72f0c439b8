//! Values behind a password-like key: JSON, YAML, shell, connection strings, headers, XML, flags.

use std::ops::Range;

use super::shape::{Mix, has, has_ignoring_case, is_url_safe, is_uuid, position, run_end, run_start};

/// How sure a key makes us about its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// Whatever stands there is a secret (`password`).
    Any,
    /// A secret if it looks random; else it may be the name of one (`token`, `secret`).
    Random,
}

/// Ends of keys, in lower case without `_`, `-` and `.`, whose values are always secret.
const STRONG: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
    "secretkey",
    "secretaccesskey",
    "clientsecret",
    "appsecret",
    "consumersecret",
    "sharedsecret",
    "webhooksecret",
    "secretkeybase",
    "privatekey",
    "apikey",
    "apitoken",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "bearertoken",
    "sessiontoken",
    "accountkey",
    "sharedaccesskey",
    "presharedkey",
    "authkey",
    "masterkey",
    "authorization",
    "tokensecret",
];

/// The same for values that are secret if they look like it.
const WEAK: &[&str] = &[
    "secret",
    "token",
    "accesskey",
    "signingkey",
    "encryptionkey",
    "credential",
    "credentials",
    "sig",
    "amzsignature",
    "googsignature",
];

/// Whole keys, or last words of keys, that are too short to be looked for inside others.
const STRONG_WORDS: &[&str] = &["pass", "psk", "pw"];

/// The same for values that are secret if they look like it (`auth` of a container registry).
const WEAK_WORDS: &[&str] = &["auth"];

/// Longest key that is looked at, in bytes.
const LONGEST_KEY: usize = 96;

fn strength(key: &[u8]) -> Option<Strength> {
    let is_separator = |byte: u8| matches!(byte, b'_' | b'-' | b'.');
    let last =
        key.iter().rposition(|byte| is_separator(*byte)).map_or(key, |at| key.get(at + 1..).unwrap_or(key));
    let is_word = |word: &&str| last.eq_ignore_ascii_case(word.as_bytes());
    if STRONG_WORDS.iter().any(is_word) {
        return Some(Strength::Any);
    }
    let ends_with = |end: &str| {
        let mut letters = key.iter().rev().filter(|byte| !is_separator(**byte));
        end.bytes().rev().all(|letter| letters.next().is_some_and(|own| own.to_ascii_lowercase() == letter))
    };
    if STRONG.iter().any(|end| ends_with(end)) {
        return Some(Strength::Any);
    }
    let weak = WEAK.iter().any(|end| ends_with(end)) || WEAK_WORDS.iter().any(is_word);
    weak.then_some(Strength::Random)
}

const fn is_key(byte: u8) -> bool {
    is_url_safe(byte) || byte == b'.'
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// A quote with the backslashes before it: text inside text escapes its quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Quote {
    mark: u8,
    backslashes: usize,
}

impl Quote {
    const fn len(self) -> usize {
        self.backslashes + 1
    }

    /// The quote whose mark stands just before `end`.
    fn before(bytes: &[u8], end: usize) -> Option<Self> {
        let mark = *bytes.get(end.checked_sub(1)?)?;
        let backslashes = end - 1 - run_start(bytes, end - 1, 8, |byte| byte == b'\\');
        is_quote(mark).then_some(Self { mark, backslashes })
    }

    /// The quote that starts at `at`.
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let mark_at = run_end(bytes.get(..bytes.len().min(at + 9))?, at, |byte| byte == b'\\');
        let mark = *bytes.get(mark_at)?;
        is_quote(mark).then_some(Self { mark, backslashes: mark_at - at })
    }

    /// Where what this quote opened is closed; the position of the first backslash or of the mark.
    fn close(self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let mark = run_end(bytes, at, |byte| byte != self.mark);
            bytes.get(mark)?;
            let first = run_start(bytes, mark, mark - from, |byte| byte == b'\\');
            let escaped = mark - first;
            let closes = match self.backslashes {
                0 => escaped % 2 == 0 || self.mark == b'\'',
                own => escaped <= own,
            };
            if closes {
                return Some(mark - escaped.min(self.backslashes));
            }
            at = mark + 1;
        }
    }
}

/// A key and the separator behind it.
struct Key<'a> {
    name: &'a [u8],
    start: usize,
    quote: Option<Quote>,
}

impl<'a> Key<'a> {
    /// The key before the separator at `at`.
    fn before(bytes: &'a [u8], at: usize) -> Option<Self> {
        let end = run_start(bytes, at, 16, is_blank);
        let quote = Quote::before(bytes, end);
        let name_end = quote.map_or(end, |quote| end - quote.len());
        let start = run_start(bytes, name_end, LONGEST_KEY, is_key);
        let name = bytes.get(start..name_end).filter(|name| !name.is_empty())?;
        Some(Self { name, start, quote })
    }

    /// The byte in front of the key and its quote.
    fn prior(&self, bytes: &[u8]) -> Option<u8> {
        let start = self.start - self.quote.map_or(0, Quote::len).min(self.start);
        bytes.get(start.checked_sub(1)?).copied()
    }
}

/// What separates a key from its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `key: value`, `"key":"value"`.
    Colon,
    /// `key=value`, `key => value`.
    Equals,
    /// `--key value`, `-Key value`.
    Flag,
    /// `<key>value</key>`.
    Tag,
}

/// Whether `value` is a secret that stands under the key `name`, with nothing around either.
pub(super) fn is_named(name: &[u8], value: &[u8]) -> bool {
    let Some(strength) = strength(name.get(name.len().saturating_sub(LONGEST_KEY)..).unwrap_or(name)) else {
        return false;
    };
    // As an argument it names a method (`AWS_IAM`), as a header it carries a scheme and a secret.
    let is_header = || value.trim_ascii().iter().any(u8::is_ascii_whitespace);
    let fits = !name.to_ascii_lowercase().ends_with(b"authorization") || is_header();
    fits && is_value(value, strength)
}

/// The secret value behind the separator at `at`, if the key before it says so.
pub(super) fn value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let separator = match bytes.get(at)? {
        b':' => Separator::Colon,
        b'=' => Separator::Equals,
        b'>' => Separator::Tag,
        _ => Separator::Flag,
    };
    let key = Key::before(bytes, at)?;
    if !separator.fits(&key, bytes, at) {
        return None;
    }
    let Some(strength) = strength(key.name) else {
        let named = matches!(separator, Separator::Colon | Separator::Equals) && key.is(b"name");
        return named.then(|| named_value(bytes, at))?;
    };
    let behind = at + 1 + usize::from(separator == Separator::Equals && bytes.get(at + 1) == Some(&b'>'));
    let value = read_value(bytes, &key, separator, behind, strength)?;
    let value = if key.is(b"authorization") { without_scheme(bytes, value) } else { value };
    is_value(bytes.get(value.clone())?, strength).then_some(value)
}

impl Key<'_> {
    /// Whether this is `name`, or ends with it as a word, in any case.
    fn is(&self, name: &[u8]) -> bool {
        let start = self.name.len().saturating_sub(name.len());
        self.name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(name))
            && (start == 0 || self.name.get(start - 1).is_some_and(|byte| !byte.is_ascii_alphanumeric()))
    }
}

impl Separator {
    /// Whether a key in front of this separator is one: `:secret:` of an ARN and `/etc/passwd:` are not.
    fn fits(self, key: &Key<'_>, bytes: &[u8], at: usize) -> bool {
        let prior = key.prior(bytes);
        match self {
            Self::Colon => {
                let behind = bytes.get(at + 1);
                let spaced = behind.is_none_or(u8::is_ascii_whitespace);
                let starts =
                    prior.is_none_or(|byte| byte.is_ascii_whitespace() || b"{,[(-\"'".contains(&byte));
                // An escaped line break in front counts as white space.
                let escaped = matches!(prior, Some(b'\\'));
                (starts || escaped) && (key.quote.is_some() || spaced || is_quote(*behind.unwrap_or(&b' ')))
            }
            Self::Equals => bytes.get(at + 1) != Some(&b'=') && !matches!(prior, Some(b'/' | b'!')),
            Self::Flag => {
                key.quote.is_none()
                    && key.name.starts_with(b"-")
                    && bytes.get(at.saturating_sub(1)).is_some_and(|byte| !is_blank(*byte))
            }
            Self::Tag => prior == Some(b'<') && key.quote.is_none(),
        }
    }
}

/// The range of the value that starts at or behind `from`, without its quotes, if it may be a secret.
///
/// That is judged by how it starts, before it is read to its end, so that nothing is read again and again.
fn read_value(
    bytes: &[u8],
    key: &Key<'_>,
    separator: Separator,
    from: usize,
    strength: Strength,
) -> Option<Range<usize>> {
    let promises = |start: usize| bytes.get(start..).is_some_and(|rest| may_be_secret(rest, strength));
    if separator == Separator::Tag {
        return promises(from).then(|| from..run_end(bytes, from, |byte| byte != b'<'));
    }
    let start = run_end(bytes, from, is_blank);
    if let Some(quote) = Quote::at(bytes, start) {
        let inside = start + quote.len();
        return promises(inside)
            .then(|| inside..quote.close(bytes, inside).unwrap_or_else(|| line_end(bytes, inside)));
    }
    if !promises(start) {
        return None;
    }
    if separator == Separator::Colon && key.quote.is_none() {
        return Some(yaml_value(bytes, key, start));
    }
    Some(start..unquoted_end(bytes, key, start))
}

/// The end of a value without quotes: of the word, or of all the text where the pair fills it
/// (`"PASSWORD=two words"` in a list of variables).
fn unquoted_end(bytes: &[u8], key: &Key<'_>, start: usize) -> usize {
    let outer = Quote::before(bytes, key.start).map(|quote| quote.mark);
    let fills = outer.is_some() || key.start == 0;
    let end = run_end(bytes, start, |byte| match byte {
        b';' | b'|' | b'<' | b'"' | b'\n' | b'\r' => false,
        b'&' => fills,
        b',' | b'}' | b']' => key.quote.is_none(),
        _ if fills => outer != Some(byte),
        _ => !byte.is_ascii_whitespace(),
    });
    let comma = end > start && bytes.get(end - 1) == Some(&b',');
    end - usize::from(comma)
}

/// A plain or block scalar behind `key: `.
fn yaml_value(bytes: &[u8], key: &Key<'_>, start: usize) -> Range<usize> {
    let line_start = run_start(bytes, key.start, 256, |byte| byte != b'\n');
    let before = bytes.get(line_start..key.start).unwrap_or_default();
    let opens = before.iter().all(|byte| is_blank(*byte) || matches!(byte, b'-' | b'#'));
    if !opens {
        // Inside quotes all of it; in the middle of a sentence or a flow mapping one word, for a header two.
        let outer = Quote::before(bytes, key.start).map(|quote| quote.mark);
        let goes_on = outer.is_some() || key.is(b"authorization");
        let end = run_end(bytes, start, |byte| match byte {
            b'"' | b'\'' if outer.is_some() => outer != Some(byte),
            b'"' | b',' | b'}' | b'\n' | b'\r' => false,
            _ => goes_on || !is_blank(byte),
        });
        return start..end;
    }
    let end = line_end(bytes, start);
    if !matches!(bytes.get(start), Some(b'|' | b'>')) || end - start > 3 {
        return start..end;
    }
    // A block: all lines that are indented more than the key.
    let indent = before.len();
    let mut block_end = end;
    while bytes.get(block_end) == Some(&b'\n') {
        let text = run_end(bytes, block_end + 1, is_blank);
        let blank = matches!(bytes.get(text), None | Some(b'\n' | b'\r'));
        if !blank && text - block_end - 1 <= indent {
            break;
        }
        block_end = run_end(bytes, text, |byte| byte != b'\n');
    }
    let first = run_end(bytes, end, |byte| byte.is_ascii_whitespace());
    first.min(block_end)..block_end
}

/// The end of the line without white space before it; an escaped line break ends a line, too.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let breaks = |(at, byte): (usize, &u8)| match byte {
        b'\n' | b'\r' => true,
        b'\\' => matches!(rest.get(at + 1), Some(b'n' | b'r')),
        _ => false,
    };
    let end = from + rest.iter().enumerate().position(breaks).unwrap_or(rest.len());
    run_start(bytes, end, end - from, is_blank)
}

/// The value of `{"name": "DB_PASSWORD", "value": …}`, given the position of the separator behind `name`.
fn named_value(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = run_end(bytes, at + 1, is_blank);
    let quote = Quote::at(bytes, start);
    let name_start = start + quote.map_or(0, Quote::len);
    let name_end = run_end(bytes.get(..bytes.len().min(name_start + LONGEST_KEY))?, name_start, is_key);
    let strength = strength(bytes.get(name_start..name_end)?)?;
    let is_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'"' | b'\'' | b'\\');
    let window = bytes.get(..bytes.len().min(name_end + 128))?;
    let key_start = run_end(window, name_end, is_gap);
    if !has_ignoring_case(bytes, key_start, b"value") {
        return None;
    }
    let key_end = key_start + b"value".len();
    let separator_at = run_end(window, key_end, |byte| is_blank(byte) || is_quote(byte) || byte == b'\\');
    let separator = match bytes.get(separator_at)? {
        b':' => Separator::Colon,
        b'=' => Separator::Equals,
        _ => return None,
    };
    let key = Key::before(bytes, separator_at)?;
    let value = read_value(bytes, &key, separator, separator_at + 1, strength)?;
    is_value(bytes.get(value.clone())?, strength).then_some(value)
}

/// The value of an `Authorization` header without the name of its scheme.
fn without_scheme(bytes: &[u8], value: Range<usize>) -> Range<usize> {
    let word =
        run_end(bytes.get(..value.end).unwrap_or_default(), value.start, |byte| byte.is_ascii_alphabetic());
    let next = run_end(bytes.get(..value.end).unwrap_or_default(), word, is_blank);
    if next > word && next < value.end { next..value.end } else { value }
}

/// A token behind `Bearer`, whose first letter stands at `at`.
pub(super) fn bearer(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    if !has_ignoring_case(bytes, at, b"bearer ") {
        return None;
    }
    let start = at + b"bearer ".len();
    let is_token = |byte: u8| is_url_safe(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=');
    let judged = run_end(bytes.get(..bytes.len().min(start + 64))?, start, is_token);
    let part = bytes.get(start..judged)?;
    let random = part.len() >= 16 && Mix::of(part).has_letters_and_digits();
    random.then(|| start..run_end(bytes, start, is_token))
}

/// What a login on a command line or in SQL is told: `curl -u user:PASSWORD`, `sshpass -p PASSWORD`,
/// `IDENTIFIED BY 'PASSWORD'`, given where the word starts.
pub(super) fn login(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let value = if has(bytes, at, b"curl ") {
        let line = bytes.get(at..bytes.len().min(at + 256))?;
        let line = line.get(..run_end(line, 0, |byte| byte != b'\n'))?;
        let option = [&b" -u "[..], b" --user ", b" --user="];
        let (found, option) = option.iter().find_map(|option| Some((position(line, 0, option)?, option)))?;
        let start = at + found + option.len();
        let colon = run_end(bytes, start, |byte| byte != b':' && !byte.is_ascii_whitespace());
        (bytes.get(colon) == Some(&b':')).then_some(colon + 1)?
    } else if has(bytes, at, b"sshpass -p") {
        run_end(bytes, at + b"sshpass -p".len(), |byte| is_blank(byte) || is_quote(byte))
    } else if has_ignoring_case(bytes, at, b"identified by ") {
        run_end(bytes, at + b"identified by ".len(), |byte| is_blank(byte) || is_quote(byte))
    } else {
        return None;
    };
    if is_reference(bytes.get(value..)?) {
        return None;
    }
    let quote = Quote::before(bytes, value).map(|quote| quote.mark);
    let end = run_end(bytes, value, |byte| match quote {
        Some(mark) => byte != mark,
        None => !byte.is_ascii_whitespace() && !is_quote(byte),
    });
    Some(value..end)
}

/// What `chpasswd` is told: `echo user:PASSWORD | chpasswd` and the `list` of cloud-init, given where the
/// word starts.
pub(super) fn chpasswd(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const WORD: &[u8] = b"chpasswd";
    if !has(bytes, at, WORD) {
        return None;
    }
    let behind = at + WORD.len();
    if bytes.get(behind) == Some(&b':') { listed(bytes, behind) } else { echoed(bytes, at) }
}

/// Everything in the block under `chpasswd:` behind the first `user:` of its list.
fn listed(bytes: &[u8], colon: usize) -> Option<Range<usize>> {
    let window = bytes.get(..bytes.len().min(colon + 256))?;
    let list = position(window, colon, b"list:")? + b"list:".len();
    let block =
        run_end(bytes, list, |byte| byte.is_ascii_whitespace() || matches!(byte, b'|' | b'-' | b'>' | b'+'));
    let user = run_end(window, block, is_key);
    let start = (bytes.get(user) == Some(&b':')).then_some(user + 1)?;
    // All further lines of the form `user:password` belong to the list.
    let mut end = line_end(bytes, start);
    loop {
        let line = run_end(bytes, end, |byte| byte.is_ascii_whitespace() || byte == b'-');
        let user = run_end(bytes, line, is_key);
        let goes_on = user > line
            && bytes.get(user) == Some(&b':')
            && bytes.get(user + 1).is_some_and(|byte| !byte.is_ascii_whitespace());
        if !goes_on {
            return Some(start..end);
        }
        end = line_end(bytes, user);
    }
}

/// The password in `echo "user:PASSWORD" | chpasswd` on the line of the word at `at`.
fn echoed(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let line = run_start(bytes, at, 256, |byte| byte != b'\n');
    let pipe = line + bytes.get(line..at)?.iter().rposition(|byte| matches!(byte, b'|' | b'<'))?;
    let colon = line + bytes.get(line..pipe)?.iter().position(|byte| *byte == b':')?;
    let end = run_end(bytes.get(..pipe)?, colon + 1, |byte| !is_quote(byte) && !byte.is_ascii_whitespace());
    let value = colon + 1..end;
    is_secret(bytes.get(value.clone())?).then_some(value)
}

/// Whether a value that starts like this can be a secret at all.
fn may_be_secret(rest: &[u8], strength: Strength) -> bool {
    if is_reference(rest) {
        return false;
    }
    let window = rest.get(..64).unwrap_or(rest);
    let is_end = |byte: u8| is_blank(byte) || b"\"'\\;&<,}\n\r".contains(&byte);
    let word = window.get(..run_end(window, 0, |byte| !is_end(byte))).unwrap_or_default();
    strength == Strength::Any || word.len() >= 16 && Mix::of(word).has_letters_and_digits()
}

/// Whether a whole value, known from its start to its end, is secret.
fn is_value(value: &[u8], strength: Strength) -> bool {
    may_be_secret(value, strength) && is_secret(value) && !(strength == Strength::Random && is_uuid(value))
}

fn is_secret(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    !value.is_empty() && !is_reference(value) && !is_placeholder(value) && !is_aws_id(value)
}

fn is_aws_id(value: &[u8]) -> bool {
    value.len() == 20 && (value.starts_with(b"AKIA") || value.starts_with(b"ASIA"))
}

/// Words and marks that stand where a secret would, and what is no text at all.
fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"null",
        b"nil",
        b"none",
        b"true",
        b"false",
        b"yes",
        b"no",
        b"{",
        b"[",
        b"redacted",
        b"(redacted)",
        b"(sensitive value)",
    ];
    let first = value.first().copied().unwrap_or_default();
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || matches!(first, b'*' | b'x' | b'X' | b'~' | b'.') && value.iter().all(|byte| *byte == first)
        || matches!(first, b'{' | b'[' | b'|' | b'>') && value.len() <= 3
}

/// Whether a text that starts like this names a secret instead of being one.
pub(super) fn is_reference(value: &[u8]) -> bool {
    const STARTS: [&[u8]; 28] = [
        b"${",
        b"$(",
        b"$[",
        b"%{",
        b"%(",
        b"{{",
        b"<%",
        b"`",
        b"arn:",
        b"projects/",
        b"alias/",
        b"vault:",
        b"ssm:",
        b"op://",
        b"ref+",
        b"secret://",
        b"ENC[",
        b"file://",
        b"/run/",
        b"/etc/",
        b"/var/",
        b"var.",
        b"local.",
        b"data.",
        b"module.",
        b"each.",
        b"random_password.",
        b"@Microsoft.KeyVault",
    ];
    if STARTS.iter().any(|start| value.starts_with(start)) {
        return true;
    }
    let Some((first, rest)) = value.split_first() else { return false };
    match first {
        // A variable and nothing else.
        b'$' | b'%' => {
            let rest = rest.get(..64).unwrap_or(rest);
            let name = run_end(rest, 0, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let ends = rest
                .get(name)
                .is_none_or(|byte| matches!(byte, b'"' | b'\'' | b'%' | b'\\') || byte.is_ascii_whitespace());
            let starts_like_name =
                rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
            ends && (starts_like_name || rest.len() == 1)
        }
        // `<your password>`.
        b'<' => rest.iter().take(64).any(|byte| *byte == b'>'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_judged_by_their_last_words_in_any_spelling() {
        for strong in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "client-secret",
            "spring.datasource.password",
            "db_pass",
        ] {
            assert!(strength(strong.as_bytes()) == Some(Strength::Any), "{strong}");
        }
        for none in ["password_policy", "bypass", "compass", "secret_name", "token_ttl", "secretArn", "key"] {
            assert!(strength(none.as_bytes()).is_none(), "{none}");
        }
        assert!(strength(b"join_token") == Some(Strength::Random));
    }
}
