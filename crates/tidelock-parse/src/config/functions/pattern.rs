//! Regular expressions. `regex-lite` reads the same syntax as the real thing but for Unicode classes, and has
//! the same ASCII meaning of `\d`, `\w` and `\s`.

use std::{collections::BTreeMap, sync::Arc};

use regex_lite::{Captures, Regex, RegexBuilder};

use super::{not_known, text_arg};
use crate::config::{
    not_known::{Eval, Fail},
    val::Val,
};

/// Size of a compiled pattern.
const MAX_SIZE: usize = 1 << 20;

/// `None` for what this engine does not read; the real one might.
fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(MAX_SIZE).build().ok()
}

pub(super) fn regex(args: &[Val]) -> Eval {
    let Some(regex) = compile(&text_arg(args, 0)?) else {
        return Ok(not_known());
    };
    let text = text_arg(args, 1)?;
    let found = regex.captures(&text).ok_or(Fail("the pattern does not match"))?;
    Ok(result(&regex, &found))
}

pub(super) fn regexall(args: &[Val]) -> Eval {
    let Some(regex) = compile(&text_arg(args, 0)?) else {
        return Ok(not_known());
    };
    let text = text_arg(args, 1)?;
    Ok(Val::list(regex.captures_iter(&text).map(|found| result(&regex, &found)).collect()))
}

/// The match; with groups their texts, with named groups an object of them.
fn result(regex: &Regex, found: &Captures<'_>) -> Val {
    let group = |at: usize| found.get(at).map_or(Val::Null, |group| Val::text(group.as_str()));
    let groups = regex.captures_len();
    if groups == 1 {
        return group(0);
    }
    let named: BTreeMap<Arc<str>, Val> = regex
        .capture_names()
        .enumerate()
        .filter_map(|(at, name)| Some((Arc::from(name?), group(at))))
        .collect();
    if named.is_empty() { Val::tuple((1..groups).map(group).collect()) } else { Val::object(named) }
}

pub(super) fn replace(args: &[Val]) -> Eval {
    let (text, wanted, by) = (text_arg(args, 0)?, text_arg(args, 1)?, text_arg(args, 2)?);
    let pattern = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(pattern) = pattern.filter(|_| wanted.len() > 1) else {
        return Ok(Val::text(text.replace(&*wanted, &by)));
    };
    Ok(compile(pattern).map_or_else(not_known, |regex| Val::text(&*regex.replace_all(&text, &*by))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn patterns_match_as_in_the_language() {
        all(&[
            ("regex(\"[a-z]+\", \"53ab\")", "\"ab\""),
            ("regex(\"(\\\\d+)-(\\\\d+)\", \"1-22\")", r#"["1","22"]"#),
            ("regex(\"(?P<a>\\\\d+)\", \"x7\")", r#"{"a":"7"}"#),
            ("try(regex(\"z\", \"a\"), \"none\")", "\"none\""),
            ("regexall(\"[a-z]\", \"a1b\")", r#"["a","b"]"#),
            ("replace(\"a.b\", \".\", \"-\")", "\"a-b\""),
            ("replace(\"a1b2\", \"/[0-9]/\", \"\")", "\"ab\""),
            ("replace(\"ab\", \"/(a)(b)/\", \"$2$1\")", "\"ba\""),
            ("regex(\"\\\\pL\", \"a\")", "cannot be evaluated"),
        ]);
    }
}
