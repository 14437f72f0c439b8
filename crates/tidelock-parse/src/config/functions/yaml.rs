//! `yamldecode`, for what every version reads alike: no tags, anchors, merges, or scalars of uncertain type.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

use super::{not_known, text_arg};
use crate::config::{
    not_known::{Eval, Fail},
    val::Val,
};
use crate::number::Number;

/// Nesting beyond this is not read.
const MAX_NESTING: usize = 64;

/// Why there is no value.
enum Stop {
    Invalid,
    Uncertain,
}

pub(super) fn yamldecode(args: &[Val]) -> Eval {
    let text = text_arg(args, 0)?;
    let mut reader = Reader { parser: Parser::new_from_str(&text) };
    match reader.document() {
        Ok(value) => Ok(value),
        Err(Stop::Uncertain) => Ok(not_known()),
        Err(Stop::Invalid) => Err(Fail("this is not YAML")),
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, Stop> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(_)) => Err(Stop::Invalid),
            None => Ok(Event::StreamEnd),
        }
    }

    fn document(&mut self) -> Result<Val, Stop> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::Nothing => {}
                Event::DocumentStart(_) => break,
                // An empty document: versions differ.
                _ => return Err(Stop::Uncertain),
            }
        }
        let first = self.next()?;
        let value = self.node(first, MAX_NESTING)?;
        loop {
            match self.next()? {
                Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => return Ok(value),
                _ => return Err(Stop::Uncertain),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Val, Stop> {
        let depth = depth.checked_sub(1).ok_or(Stop::Uncertain)?;
        match event {
            Event::Scalar(text, ScalarStyle::Plain, 0, None) => plain(&text),
            Event::Scalar(text, _, 0, None) => Ok(Val::text(&*text)),
            Event::SequenceStart(0, None) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => return Ok(Val::tuple(items)),
                        event => items.push(self.node(event, depth)?),
                    }
                }
            }
            Event::MappingStart(0, None) => {
                let mut fields = BTreeMap::new();
                loop {
                    let event = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        return Ok(Val::object(fields));
                    }
                    let Val::Text(key) = self.node(event, depth)? else { return Err(Stop::Uncertain) };
                    let value = self.next()?;
                    let value = self.node(value, depth)?;
                    if &*key == "<<" || fields.insert(key, value).is_some() {
                        return Err(Stop::Uncertain);
                    }
                }
            }
            _ => Err(Stop::Uncertain),
        }
    }
}

/// A scalar without quotes.
fn plain(text: &str) -> Result<Val, Stop> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Val::Null),
        "true" | "True" | "TRUE" => return Ok(Val::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Val::Bool(false)),
        _ => {}
    }
    if let Some(number) = Number::parse(text) {
        return Ok(Val::Number(number));
    }
    let words = ["y", "n", "yes", "no", "on", "off", "inf", "nan", "<<", "="];
    let dotted = text.split('.').count() > 2 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let odd = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && !dotted;
    if odd || words.contains(&&*text.to_ascii_lowercase()) {
        Err(Stop::Uncertain)
    } else {
        Ok(Val::text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn yaml_is_read_where_every_version_agrees() {
        all(&[
            (
                "yamldecode(\"a: 1\\nb: [x, true, null]\\nc: {d: '2'}\")",
                r#"{"a":1,"b":["x",true,null],"c":{"d":"2"}}"#,
            ),
            ("yamldecode(\"a: 10.0.0.1\")", r#"{"a":"10.0.0.1"}"#),
            ("yamldecode(\"a: 010\")", "cannot be evaluated"),
            ("yamldecode(\"a: &x 1\\nb: *x\")", "cannot be evaluated"),
            ("try(yamldecode(\"a: [\"), \"none\")", "\"none\""),
        ]);
    }
}
