//! Base64 and URLs.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::text_arg;
use crate::config::{
    not_known::{Eval, Fail},
    val::Val,
};

pub(super) fn base64encode(args: &[Val]) -> Eval {
    Ok(Val::text(STANDARD.encode(text_arg(args, 0)?.as_bytes())))
}

pub(super) fn base64decode(args: &[Val]) -> Eval {
    let bytes = STANDARD.decode(text_arg(args, 0)?.as_bytes()).map_err(|_| Fail("this is not base64"))?;
    String::from_utf8(bytes).map(Val::text).map_err(|_| Fail("this is not text in base64"))
}

pub(super) fn urlencode(args: &[Val]) -> Eval {
    let mut out = String::new();
    for byte in text_arg(args, 0)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                // Writing to a text cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Ok(Val::text(out))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn encodings_follow_the_language() {
        all(&[
            ("base64encode(\"hi\")", "\"aGk=\""),
            ("base64decode(\"aGk=\")", "\"hi\""),
            ("try(base64decode(\"%\"), \"none\")", "\"none\""),
            ("urlencode(\"a b/ü\")", "\"a+b%2F%C3%BC\""),
        ]);
    }
}
