//! Quoted keys as `OpenTofu` and Terraform print them in addresses and paths.
//!
//! Escapes: `\"`, `\\`, `\n`, `\r`, `\t`, `$${`, `%%{`, and `\uXXXX` or `\UXXXXXXXX` for what is not
//! printable; printable text that is not ASCII stays as it is (observed with Terraform 1.11.4).

use std::fmt::{self, Write as _};

/// `text` between double quotes, escaped.
pub(crate) fn quoted(text: &str) -> String {
    struct Quoted<'t>(&'t str);
    impl fmt::Display for Quoted<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_quoted(f, self.0)
        }
    }
    Quoted(text).to_string()
}

/// Writes `text` between double quotes, escaped.
pub(crate) fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '$' | '%' if chars.peek() == Some(&'{') => {
                f.write_char(c)?;
                f.write_char(c)?;
            }
            c if printable(c) => f.write_char(c)?,
            c if u32::from(c) <= 0xFFFF => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "\\U{:08x}", u32::from(c))?,
        }
    }
    f.write_char('"')
}

fn printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // `str::escape_debug` knows what is assigned and visible; only a first character is escaped for being a
    // combining mark, hence the leading `a`.
    let mut pair = String::from("a");
    pair.push(c);
    !c.is_whitespace() && pair.escape_debug().count() == 2
}

/// Reads a quoted key at the start of `text`; returns it with the rest behind the closing quote.
pub(crate) fn read_quoted(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, body.get(at + 1..)?)),
            '\\' => out.push(escape(&mut chars)?),
            '$' | '%' => {
                out.push(c);
                let doubled = body.get(at + 1..)?.strip_prefix(c).is_some_and(|rest| rest.starts_with('{'));
                if doubled {
                    chars.next();
                }
            }
            c => out.push(c),
        }
    }
    None
}

fn escape(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits = match chars.next()?.1 {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        c @ ('"' | '\\') => return Some(c),
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0_u32;
    for _ in 0..digits {
        code = code.checked_mul(16)?.checked_add(chars.next()?.1.to_digit(16)?)?;
    }
    char::from_u32(code)
}

/// Whether `text` is an HCL identifier: letters, digits, `_` and `-`, not starting with a digit or `-`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| matches!(c, '_' | '-') || c.is_alphanumeric())
}

/// Reads an identifier at the start of `text`; returns it with the rest.
pub(crate) fn read_identifier(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(matches!(c, '_' | '-') || c.is_alphanumeric())).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    is_identifier(name).then_some((name, rest))
}
