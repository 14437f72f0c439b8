//! Conversions between types.

use super::arg;
use crate::config::{
    not_known::{Eval, Fail},
    types::{to_bool, to_number, to_text, unify},
    val::{SeqKind, Val},
};

pub(super) fn tostring(args: &[Val]) -> Eval {
    to_text(arg(args, 0).clone())
}

pub(super) fn tonumber(args: &[Val]) -> Eval {
    to_number(arg(args, 0).clone())
}

pub(super) fn tobool(args: &[Val]) -> Eval {
    to_bool(arg(args, 0).clone())
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of every function")]
pub(super) fn same(args: &[Val]) -> Eval {
    Ok(arg(args, 0).clone())
}

pub(super) fn tolist(args: &[Val]) -> Eval {
    match arg(args, 0) {
        // The order of a set of anything but plain values is nobody's business.
        value @ Val::Seq(SeqKind::Set, _) if !value.is_ordered() => Ok(super::not_known()),
        Val::Seq(_, items) => unify(items.to_vec()).map(Val::list),
        value @ (Val::Null | Val::Unknown(_)) => Ok(value.clone()),
        _ => Err(Fail("a list is required")),
    }
}

pub(super) fn toset(args: &[Val]) -> Eval {
    match arg(args, 0) {
        Val::Seq(_, items) => unify(items.to_vec()).map(Val::set),
        value @ (Val::Null | Val::Unknown(_)) => Ok(value.clone()),
        _ => Err(Fail("a list is required")),
    }
}

pub(super) fn tomap(args: &[Val]) -> Eval {
    match arg(args, 0) {
        Val::Map(_, fields) => {
            let values = unify(fields.values().cloned().collect())?;
            Ok(Val::map(fields.keys().cloned().zip(values).collect()))
        }
        value @ (Val::Null | Val::Unknown(_)) => Ok(value.clone()),
        _ => Err(Fail("a map is required")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn conversions_follow_the_language() {
        all(&[
            ("tostring(8192)", "\"8192\""),
            ("tostring(1.50)", "\"1.5\""),
            ("tonumber(\"8192\")", "8192"),
            ("try(tonumber(\"x\"), 0)", "0"),
            ("tobool(\"true\")", "true"),
            ("toset([\"b\", \"a\", \"b\"])", r#"["a","b"]"#),
            ("toset([10, 9, 10])", "[9,10]"),
            ("tolist([1, \"a\"])", r#"["1","a"]"#),
            ("tomap({ a = 1, b = \"x\" })", r#"{"a":"1","b":"x"}"#),
            ("try(tolist([1, true]), \"none\")", "\"none\""),
            ("tonumber(null)", "not set"),
        ]);
    }
}
