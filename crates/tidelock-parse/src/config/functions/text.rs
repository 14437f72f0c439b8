//! Texts.

use super::{arg, integer_arg, not_known, text_arg, texts_arg};
use crate::config::{
    not_known::{Eval, Fail},
    val::Val,
};

pub(super) fn chomp(args: &[Val]) -> Eval {
    Ok(Val::text(text_arg(args, 0)?.trim_end_matches(['\r', '\n'])))
}

pub(super) fn startswith(args: &[Val]) -> Eval {
    Ok(Val::Bool(text_arg(args, 0)?.starts_with(&*text_arg(args, 1)?)))
}

pub(super) fn endswith(args: &[Val]) -> Eval {
    Ok(Val::Bool(text_arg(args, 0)?.ends_with(&*text_arg(args, 1)?)))
}

pub(super) fn strcontains(args: &[Val]) -> Eval {
    Ok(Val::Bool(text_arg(args, 0)?.contains(&*text_arg(args, 1)?)))
}

/// Spaces beyond which a line is not indented.
const MAX_INDENT: usize = 10_000;

pub(super) fn indent(args: &[Val]) -> Eval {
    let spaces = usize::try_from(integer_arg(args, 0)?).map_err(|_| Fail("no number of spaces"))?;
    if spaces > MAX_INDENT {
        return Ok(not_known());
    }
    Ok(Val::text(text_arg(args, 1)?.replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

pub(super) fn join(args: &[Val]) -> Eval {
    let separator = text_arg(args, 0)?;
    let mut all = Vec::new();
    for at in 1..args.len() {
        if !arg(args, at).is_ordered() {
            return Ok(not_known());
        }
        all.append(&mut texts_arg(args, at)?);
    }
    Ok(Val::text(all.join(&*separator)))
}

pub(super) fn split(args: &[Val]) -> Eval {
    let (separator, text) = (text_arg(args, 0)?, text_arg(args, 1)?);
    let parts: Vec<Val> = if separator.is_empty() {
        text.chars().map(|c| Val::text(c.to_string())).collect()
    } else {
        text.split(&*separator).map(Val::text).collect()
    };
    Ok(Val::list(parts))
}

pub(super) fn lower(args: &[Val]) -> Eval {
    cased(args, |c| single(c.to_lowercase()))
}

pub(super) fn upper(args: &[Val]) -> Eval {
    cased(args, |c| single(c.to_uppercase()))
}

/// The real thing maps one character to one; where Unicode says more, nothing is known.
fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    mapped.next().filter(|_| mapped.next().is_none())
}

fn cased(args: &[Val], map: fn(char) -> Option<char>) -> Eval {
    let mapped: Option<String> = text_arg(args, 0)?.chars().map(map).collect();
    Ok(mapped.map_or_else(not_known, Val::text))
}

pub(super) fn title(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    if !text.is_ascii() {
        return Ok(not_known());
    }
    let mut inside = false;
    let titled: String = text
        .chars()
        .map(|c| {
            let first = !std::mem::replace(&mut inside, c.is_ascii_alphanumeric() || c == '_');
            if first { c.to_ascii_uppercase() } else { c }
        })
        .collect();
    Ok(Val::text(titled))
}

pub(super) fn strrev(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    // Other texts are reversed by grapheme clusters.
    if !text.is_ascii() || text.contains('\r') {
        return Ok(not_known());
    }
    Ok(Val::text(text.chars().rev().collect::<String>()))
}

pub(super) fn substr(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    let (offset, length) = (integer_arg(args, 1)?, integer_arg(args, 2)?);
    let size = i128::try_from(text.len()).unwrap_or(i128::MAX);
    // Counted in grapheme clusters; odd offsets differ between versions.
    if !text.is_ascii() || text.contains('\r') || offset < -size || offset > size {
        return Ok(not_known());
    }
    let start = if offset < 0 { size + offset } else { offset };
    let end = if length < 0 { size } else { (start + length).min(size) };
    let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
    Ok(Val::text(text.get(start..end).unwrap_or_default()))
}

pub(super) fn trim(args: &[Val]) -> Eval {
    let cut = text_arg(args, 1)?;
    Ok(Val::text(text_arg(args, 0)?.trim_matches(|c| cut.contains(c))))
}

pub(super) fn trimprefix(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    Ok(Val::text(text.strip_prefix(&*text_arg(args, 1)?).unwrap_or(&text)))
}

pub(super) fn trimsuffix(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    Ok(Val::text(text.strip_suffix(&*text_arg(args, 1)?).unwrap_or(&text)))
}

pub(super) fn trimspace(args: &[Val]) -> Eval {
    Ok(Val::text(text_arg(args, 0)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn text_functions_follow_the_language() {
        all(&[
            ("chomp(\"a\\r\\n\\n\")", "\"a\""),
            ("startswith(\"abc\", \"ab\")", "true"),
            ("endswith(\"abc\", \"ab\")", "false"),
            ("strcontains(\"abc\", \"b\")", "true"),
            ("indent(2, \"a\\nb\")", r#""a\n  b""#),
            ("join(\"-\", [\"a\", 1], [\"b\"])", "\"a-1-b\""),
            ("split(\",\", \"a,,b\")", r#"["a","","b"]"#),
            ("split(\",\", \"\")", r#"[""]"#),
            ("split(\"\", \"ab\")", r#"["a","b"]"#),
            ("lower(\"ÄB\")", "\"äb\""),
            ("upper(\"ab\")", "\"AB\""),
            ("upper(\"ß\")", "cannot be evaluated"),
            ("title(\"hello big-world\")", "\"Hello Big-World\""),
            ("strrev(\"abc\")", "\"cba\""),
            ("substr(\"hello\", 1, 3)", "\"ell\""),
            ("substr(\"hello\", -2, -1)", "\"lo\""),
            ("trim(\"--a--\", \"-\")", "\"a\""),
            ("trimprefix(\"aab\", \"a\")", "\"ab\""),
            ("trimsuffix(\"abb\", \"b\")", "\"ab\""),
            ("trimspace(\" a\\n\")", "\"a\""),
        ]);
    }

    #[test]
    fn templates_are_put_together() {
        all(&[
            ("\"a-${1 + 1}-${true}\"", "\"a-2-true\""),
            ("\"${[1]}\"", "[1]"),
            ("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\""),
            ("\"%{ for x in [1, 2] }${x},%{ endfor }\"", "\"1,2,\""),
            ("\"a ${~ 1 ~} b\"", "\"a1b\""),
            ("\"$${x}\"", "\"${x}\""),
            ("\"${other.x.id}-${1}\"", "depends on other.x.id"),
            ("<<-EOT\n    a\n      b ${1}\n  EOT\n", r#""a\n  b 1\n""#),
        ]);
    }
}
