//! Addresses of API calls.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path below a base that only the user knows, each segment encoded; `None` if one is empty or would climb.
pub(crate) fn below(base: &str, segments: &[&str]) -> Option<String> {
    let mut url = format!("{{{base}}}");
    for segment in segments {
        // `-` alone is a word of some APIs, so that this asks for less than an id has to be.
        if segment.is_empty() || matches!(*segment, "." | "..") || segment.contains(is_forbidden) {
            return None;
        }
        url.push('/');
        url.extend(utf8_percent_encode(segment, SEGMENT));
    }
    Some(url)
}

fn is_forbidden(c: char) -> bool {
    c == '/' || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(
            below("BASE", &["nodes", "pve 1?x#y%z{A}"]).unwrap(),
            "{BASE}/nodes/pve%201%3Fx%23y%25z%7BA%7D"
        );
        for segment in ["", ".", "..", "a/b", "a\nb"] {
            assert_eq!(below("BASE", &["nodes", segment]), None, "{segment:?}");
        }
    }
}
