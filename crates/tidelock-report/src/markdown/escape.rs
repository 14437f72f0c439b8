//! Text from artifacts inside Markdown and HTML.
//!
//! Three places, three ways: code (names, values), prose (sentences) and HTML (inside a `<summary>`, where
//! Markdown is not read). All expect one line without control characters, which
//! [`printable`](crate::escape::printable) and the phrases see to.

use std::fmt::Write as _;

/// Inline code. Code is also what keeps forges from turning `@name` and `#1` into mentions and links.
pub(super) fn code(text: &str) -> String {
    // Backticks would end a code span, bars end a table cell even inside of one.
    if text.is_empty() || text.contains(['`', '|']) || text.starts_with(' ') || text.ends_with(' ') {
        html_code(text)
    } else {
        format!("`{text}`")
    }
}

/// Inline code as an HTML element, every character of meaning written as a reference.
pub(super) fn html_code(text: &str) -> String {
    format!("<code>{}</code>", references(text))
}

/// Every ASCII character that means something in Markdown or HTML as a character reference.
fn references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if !c.is_ascii_punctuation() || matches!(c, '.' | ',' | '-' | '=' | ':' | '/' | ';' | '%') => {
                out.push(c);
            }
            // Writing to a string cannot fail.
            c => drop(write!(out, "&#{};", u32::from(c))),
        }
    }
    out
}

/// A sentence. What a forge would find in the text once rendered (mentions, issue numbers, links) is broken up by
/// a space without width.
pub(super) fn prose(text: &str) -> String {
    const APART: &str = "&#8203;";
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' | '#' => {
                out.push_str(&references(&c.to_string()));
                out.push_str(APART);
            }
            // `https://` and `www.` would become links.
            ':' | '.' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push_str(&references(&c.to_string())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a[0]"), "`a[0]`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(html_code("</code><script>"), "<code>&#60;/code&#62;&#60;script&#62;</code>");
    }

    #[test]
    fn prose_makes_no_links_and_calls_nobody() {
        assert_eq!(prose("ask @team"), "ask &#64;&#8203;team");
        assert_eq!(prose("see #12"), "see &#35;&#8203;12");
        assert_eq!(prose("http://x.y"), "http&#58;//x&#46;y");
        assert_eq!(prose("[a](b) *c*"), "&#91;a&#93;&#40;b&#41; &#42;c&#42;");
    }
}
