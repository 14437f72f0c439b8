//! Makes text from artifacts safe to print.

use std::fmt::Write as _;

/// Whether `c` could steer a terminal or change how its neighbours are read: control characters, bidirectional
/// overrides, and characters that cannot be seen.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// `text` on one line, with everything that could steer a terminal written out (`\n`, `\u{1b}`).
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut out, c);
    }
    out
}

/// The lines of a text that is meant to have some, each printable; tabs become spaces.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = String> {
    text.trim_end().lines().map(|line| printable(&line.replace('\t', "  ")))
}

/// `text` between double quotes, on one line and printable.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        push(&mut out, c);
    }
    out.push('"');
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a string cannot fail.
        c if steers(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives() {
        let hostile = "a\u{1b}[2Jb\u{7}\u{9b}31m\u{202e}c\u{200b}\r\n\t\u{7f}";
        assert_eq!(printable(hostile), "a\\u{1b}[2Jb\\u{7}\\u{9b}31m\\u{202e}c\\u{200b}\\r\\n\\t\\u{7f}");
        assert!(!quoted(hostile).chars().any(steers));
    }

    #[test]
    fn quotes_inside_a_text_stay_distinguishable() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(printable("grün \u{1f600}"), "grün \u{1f600}");
    }
}
