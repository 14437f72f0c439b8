//! Makes text from artifacts safe to print.

use std::{borrow::Cow, fmt::Write as _};

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
                | '\u{fff9}'..='\u{fffb}'
                // No characters at all, and forbidden in XML.
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// `text` on one line, with everything that could steer a terminal written out (`\n`, `\u{1b}`).
pub(crate) fn printable(text: &str) -> String {
    // Almost every text is of this kind.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
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

/// `text` without anything that a CI system would take for a command of the step: `::name…` at the beginning of a
/// line, `##[name]` and `##vso[name]` anywhere.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    let commands = |line: &str| {
        let begins = line.trim_start().strip_prefix("::");
        begins.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let old_style = ["##[", "##vso["];
    if !text.lines().any(commands) && !old_style.iter().any(|begin| text.contains(begin)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let line = if commands(line) { line.replacen(':', "\\u{3a}", 1) } else { line.to_owned() };
        out.push_str(&line.replace("##[", "#\\u{23}[").replace("##vso[", "#\\u{23}vso["));
    }
    Cow::Owned(out)
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
    fn no_line_is_a_command_of_a_ci_system() {
        assert_eq!(inert("  ::stop-commands::x\n"), "  \\u{3a}:stop-commands::x\n");
        assert_eq!(
            inert("a ##[add-mask]b ##vso[task.setvariable]c"),
            "a #\\u{23}[add-mask]b #\\u{23}vso[task.setvariable]c"
        );
        assert!(matches!(inert("opens ::/0 and a::b\n::/0\n# x"), Cow::Borrowed(_)));
    }

    #[test]
    fn quotes_inside_a_text_stay_distinguishable() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(printable("grün \u{1f600}"), "grün \u{1f600}");
    }
}
