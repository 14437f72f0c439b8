//! `format` and `formatlist`.

use std::fmt::Write as _;

use super::{json, not_known, text_arg};
use crate::config::{
    decimal::{fixed, integer, plain},
    not_known::{Eval, Fail},
    types::{to_bool, to_number, to_text},
    val::Val,
};

pub(super) fn format(args: &[Val]) -> Eval {
    let (template, values) = (text_arg(args, 0)?, args.get(1..).unwrap_or_default());
    Ok(fill(&template, values)?.map_or_else(not_known, Val::text))
}

pub(super) fn formatlist(args: &[Val]) -> Eval {
    let lists = args.iter().filter_map(Val::as_seq);
    let Some(length) = lists.map(<[Val]>::len).max() else {
        let one = format(args)?;
        return Ok(if one.why().is_some() { one } else { Val::list(vec![one]) });
    };
    let mut formatted = Vec::with_capacity(length);
    for at in 0..length {
        let pick = |value: &Val| match value {
            Val::Seq(..) if !value.is_ordered() => Ok(not_known()),
            Val::Seq(_, items) => items.get(at).cloned().ok_or(Fail("lists of one length are required")),
            value => Ok(value.clone()),
        };
        let row: Vec<Val> = args.iter().map(pick).collect::<Result<_, _>>()?;
        if row.iter().any(|value| value.why().is_some()) {
            return Ok(not_known());
        }
        match format(&row)? {
            unknown @ Val::Unknown(_) => return Ok(unknown),
            text => formatted.push(text),
        }
    }
    Ok(Val::list(formatted))
}

/// One `%…` of a template.
#[derive(Default)]
struct Verb {
    padding: Padding,
    plus: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// Flags and forms that are not evaluated.
    odd: bool,
}

/// Where what is missing to the width goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Padding {
    #[default]
    Left,
    Zeros,
    Right,
}

/// Widths and precisions beyond which nothing is padded.
const MAX_WIDTH: usize = 10_000;

/// The filled template; `None` where a verb is not evaluated.
fn fill(template: &str, values: &[Val]) -> Result<Option<String>, Fail> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let (verb, letter, behind) = verb(behind.get(1..).unwrap_or_default())?;
        rest = behind;
        if letter == '%' {
            out.push('%');
            continue;
        }
        let value = values.next().ok_or(Fail("an argument is missing"))?;
        match verb.write(letter, value)? {
            Some(text) => out.push_str(&text),
            None => return Ok(None),
        }
    }
    out.push_str(rest);
    if values.next().is_some() { Err(Fail("there are too many arguments")) } else { Ok(Some(out)) }
}

/// Flags, letter and what follows.
fn verb(text: &str) -> Result<(Verb, char, &str), Fail> {
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let mut chars = rest.chars();
        match chars.next() {
            Some('-') => verb.padding = Padding::Right,
            Some('0') if verb.padding == Padding::Right => {}
            Some('0') => verb.padding = Padding::Zeros,
            Some('+') => verb.plus = true,
            Some(' ' | '#') => verb.odd = true,
            Some(_) => break,
            None => return Err(Fail("the template ends inside a verb")),
        }
        rest = chars.as_str();
    }
    (verb.width, rest) = digits(rest);
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = digits(behind);
        (verb.precision, rest) = (Some(precision.unwrap_or(0)), behind);
    }
    let mut chars = rest.chars();
    match chars.next() {
        // Explicit argument numbers and widths taken from arguments.
        Some('[' | '*') => Ok((Verb { odd: true, ..verb }, 'v', chars.as_str())),
        Some(letter) => Ok((verb, letter, chars.as_str())),
        None => Err(Fail("the template ends inside a verb")),
    }
}

fn digits(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.parse().ok(), rest)
}

impl Verb {
    fn write(&self, letter: char, value: &Val) -> Result<Option<String>, Fail> {
        let wide = self.width.max(self.precision).unwrap_or(0) > MAX_WIDTH;
        if self.odd || wide || value.is_null() {
            return Ok(None);
        }
        let text = match letter {
            'v' if self.precision.is_some() => None,
            'v' => default(value),
            's' => self.string(value)?,
            'q' if self.precision.is_none() => Some(json::quote(&string(value)?)),
            't' => Some(if boolean(value)? { "true".to_owned() } else { "false".to_owned() }),
            'd' | 'x' | 'X' | 'o' | 'b' if self.precision.is_none() => self.integer(letter, value)?,
            'f' => self.float(value)?,
            _ => None,
        };
        Ok(text.and_then(|text| self.pad(&text, matches!(letter, 'd' | 'x' | 'X' | 'o' | 'b' | 'f'))))
    }

    fn string(&self, value: &Val) -> Result<Option<String>, Fail> {
        let text = string(value)?;
        match self.precision {
            None => Ok(Some(text)),
            // Cut by grapheme clusters.
            Some(_) if !text.is_ascii() => Ok(None),
            Some(precision) => Ok(Some(text.chars().take(precision).collect())),
        }
    }

    fn integer(&self, letter: char, value: &Val) -> Result<Option<String>, Fail> {
        let Val::Number(number) = to_number(value.clone())? else {
            return Err(Fail("a number is required"));
        };
        let Some(value) = integer(&number) else {
            return Ok(None);
        };
        let mut text = String::from(if value < 0 {
            "-"
        } else if self.plus {
            "+"
        } else {
            ""
        });
        let unsigned = value.unsigned_abs();
        // Writing to a text cannot fail.
        let _ = match letter {
            'x' => write!(text, "{unsigned:x}"),
            'X' => write!(text, "{unsigned:X}"),
            'o' => write!(text, "{unsigned:o}"),
            'b' => write!(text, "{unsigned:b}"),
            _ => write!(text, "{unsigned}"),
        };
        Ok(Some(text))
    }

    fn float(&self, value: &Val) -> Result<Option<String>, Fail> {
        let Val::Number(number) = to_number(value.clone())? else {
            return Err(Fail("a number is required"));
        };
        let sign = if self.plus && !number.as_str().starts_with('-') { "+" } else { "" };
        Ok(fixed(&number, self.precision.unwrap_or(6)).map(|text| format!("{sign}{text}")))
    }

    /// `None` where the width is counted in grapheme clusters.
    fn pad(&self, text: &str, number: bool) -> Option<String> {
        let Some(width) = self.width else {
            return Some(text.to_owned());
        };
        if !text.is_ascii() {
            return None;
        }
        let missing = width.saturating_sub(text.len());
        match self.padding {
            Padding::Right => return Some(format!("{text}{}", " ".repeat(missing))),
            Padding::Left => return Some(format!("{}{text}", " ".repeat(missing))),
            Padding::Zeros if !number => return None,
            Padding::Zeros => {}
        }
        let digits = text.trim_start_matches(['+', '-']);
        let sign = text.get(..text.len() - digits.len()).unwrap_or_default();
        Some(format!("{sign}{}{digits}", "0".repeat(missing)))
    }
}

fn default(value: &Val) -> Option<String> {
    match value {
        Val::Text(text) => Some(text.to_string()),
        Val::Bool(flag) => Some(flag.to_string()),
        // Very large and very small numbers get an exponent.
        Val::Number(number) => plain(number)
            .filter(|text| text.len() <= 15 && !text.trim_start_matches('-').starts_with("0.000")),
        value => json::encode(value),
    }
}

fn string(value: &Val) -> Result<String, Fail> {
    match to_text(value.clone())? {
        Val::Text(text) => Ok(text.to_string()),
        _ => Err(Fail("a string is required")),
    }
}

fn boolean(value: &Val) -> Result<bool, Fail> {
    match to_bool(value.clone())? {
        Val::Bool(value) => Ok(value),
        _ => Err(Fail("a truth value is required")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn format_fills_the_verbs_it_is_sure_of() {
        all(&[
            ("format(\"%s-%d%%\", \"a\", 5)", "\"a-5%\""),
            ("format(\"%03d\", 7)", "\"007\""),
            ("format(\"%-4s|\", \"a\")", "\"a   |\""),
            ("format(\"%5.1f\", 2.34)", "\"  2.3\""),
            ("format(\"%.1f\", 2.35)", "cannot be evaluated"),
            ("format(\"%x %X %o %b\", 255, 255, 8, 5)", "\"ff FF 10 101\""),
            ("format(\"%v %v %v\", true, 1.50, [1])", "\"true 1.5 [1]\""),
            ("format(\"%q\", \"a\\\"b\")", r#""\"a\\\"b\"""#),
            ("format(\"%t\", \"true\")", "\"true\""),
            ("format(\"%e\", 1)", "cannot be evaluated"),
            ("try(format(\"%s\"), \"none\")", "\"none\""),
            ("formatlist(\"%s-%s\", [\"a\", \"b\"], \"x\")", r#"["a-x","b-x"]"#),
        ]);
    }
}
