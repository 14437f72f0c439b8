//! Text from artifacts inside Markdown and HTML.
//!
//! Three places, three ways: code (names, values), prose (sentences) and HTML (inside a `<summary>`, where
//! Markdown is not read). All expect one line without control characters; [`escape`](crate::escape) sees to
//! that.

use std::fmt::Write as _;

/// Inline code. Code is also what keeps forges from turning `@name` and `#1` into mentions and links.
pub(crate) fn code(text: &str) -> String {
    // Backticks would end a code span, bars a table cell even inside of one.
    if text.is_empty() || text.contains(['`', '|']) || text.starts_with(' ') || text.ends_with(' ') {
        html_code(text)
    } else {
        format!("`{text}`")
    }
}

/// Inline code as an HTML element, every character of meaning written as a reference.
pub(super) fn html_code(text: &str) -> String {
    let mut out = String::from("<code>");
    plain(&mut out, text, "");
    out.push_str("</code>");
    out
}

/// A fence that no line of `text` can close.
pub(super) fn fence(text: &str) -> String {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(3.max(longest + 1))
}

/// A sentence; what stands between a pair of backticks in it is code.
///
/// What a forge would find in the text once rendered (mentions, issue numbers) is broken up by a space without
/// width; what it would find before that (links) by a reference.
///
/// A name from a plan may hold backticks itself, and shift which parts count as code. What would be a tag, a link or a
/// mention is written as a reference in all of them, so that it does not matter which.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return sentence(text);
    }
    let part = |(at, part): (usize, &&str)| match at.is_multiple_of(2) {
        true => sentence(part),
        false if acts(part) => html_code(part),
        false => code(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Whether a text would do something outside of code.
fn acts(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains(['<', '@']) || ["](", "![", "][", "://", "www."].iter().any(|mark| text.contains(mark))
}

fn sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    plain(&mut out, text, "&#8203;");
    out
}

/// Appends `text` so that nothing in it is markup; `apart` goes behind what would call or link somebody.
fn plain(out: &mut String, text: &str, apart: &str) {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '@' | '#' => {
                reference(out, c);
                out.push_str(apart);
            }
            // `https://` and `www.` would become links.
            '/' if before == ':' || before == '/' => reference(out, c),
            '.' if before == 'w' || before == 'W' => reference(out, c),
            // Inside of a word it is no emphasis.
            '_' if before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric()) => {
                out.push(c);
            }
            c if means_something(c) => reference(out, c),
            c => out.push(c),
        }
        before = c;
    }
}

/// Whether a character can be markup anywhere inside a line.
const fn means_something(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '`' | '|' | '*' | '_' | '~' | '[' | ']' | '\\' | '!' | '$' | '{' | '}')
}

fn reference(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "&#{};", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a[0] <b> @x"), "`a[0] <b> @x`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code(" a"), "<code> a</code>");
        assert_eq!(html_code("</code><script>"), "<code>&#60;/code&#62;&#60;script&#62;</code>");
        assert_eq!(html_code("http://a @b"), "<code>http:&#47;&#47;a &#64;b</code>");
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert_eq!(fence("moved {}"), "```");
        assert_eq!(fence("a\n````\nb"), "`````");
    }

    #[test]
    fn prose_makes_no_links_and_calls_nobody() {
        assert_eq!(prose("ask @team"), "ask &#64;&#8203;team");
        assert_eq!(prose("see #12"), "see &#35;&#8203;12");
        assert_eq!(prose("http://x.y"), "http:&#47;&#47;x.y");
        assert_eq!(prose("WWW.x.y"), "WWW&#46;x.y");
        assert_eq!(prose("[a](b) *c*"), "&#91;a&#93;(b) &#42;c&#42;");
        assert_eq!(prose("ignore_changes _x_"), "ignore_changes &#95;x&#95;");
    }

    #[test]
    fn backticks_in_prose_are_code_only_in_pairs() {
        assert_eq!(prose("run `a|b` now"), "run <code>a&#124;b</code> now");
        assert_eq!(prose("run `a now"), "run &#96;a now");
    }

    #[test]
    fn a_name_with_backticks_of_its_own_brings_nothing_to_life() {
        let names =
            ["", "x", "`", "``", "<img src=x>", "@org/team", "![i](http://e/x)", "[a](b)", "\\", "|", " "];
        let names = &names;
        let mut seen = 0;
        let pairs = names.iter().flat_map(|a| names.iter().map(move |b| (a, b)));
        for (a, b, c) in pairs.flat_map(|(a, b)| names.iter().map(move |c| (a, b, c))) {
            let name = format!("{a}`{b}`{c}");
            for message in
                [format!("`{name}` failed"), format!("{name}, `x`"), format!("`a`: `{name}` to `{name}`")]
            {
                let text = prose(&message).replace("<code>", "").replace("</code>", "");
                for mark in ["<", "@", "](", "![", "://"] {
                    assert!(!text.contains(mark), "{message}: {text}");
                }
                seen += 1;
            }
        }
        assert_eq!(seen, names.len().pow(3) * 3);
    }
}
