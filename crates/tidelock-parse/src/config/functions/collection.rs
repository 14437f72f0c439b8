//! Lists and maps.

use std::{collections::BTreeMap, sync::Arc};

use super::{arg, integer_arg, list_arg, not_known, text_arg, texts_arg};
use crate::config::{
    eval::equality,
    not_known::{Eval, Fail, Why},
    types::{to_bool, to_number, to_text, unify},
    val::{MapKind, SeqKind, Val},
};

/// Returns what is not known about a whole argument.
macro_rules! known {
    ($args:expr, $at:expr) => {
        if let Val::Unknown(why) = arg($args, $at) {
            return Ok(Val::Unknown(why.clone().and(Why::of_all($args).as_ref())));
        }
    };
}

fn items(args: &[Val], at: usize) -> Result<&[Val], Fail> {
    arg(args, at).as_seq().ok_or(Fail("a list is required"))
}

fn fields(args: &[Val], at: usize) -> Result<&BTreeMap<Arc<str>, Val>, Fail> {
    arg(args, at).as_map().ok_or(Fail("a map is required"))
}

/// Elements in the kind of sequence that they came from; a set becomes a list.
fn like(args: &[Val], at: usize, items: Vec<Val>) -> Val {
    match arg(args, at) {
        Val::Seq(SeqKind::Tuple, _) => Val::tuple(items),
        _ => Val::list(items),
    }
}

fn size(value: i128) -> Result<usize, Fail> {
    usize::try_from(value).map_err(|_| Fail("out of range"))
}

pub(super) fn length(args: &[Val]) -> Eval {
    match arg(args, 0) {
        Val::Seq(_, items) => Ok(Val::integer(items.len())),
        Val::Map(_, fields) => Ok(Val::integer(fields.len())),
        // Other texts are counted in grapheme clusters.
        Val::Text(text) if text.is_ascii() && !text.contains('\r') => Ok(Val::integer(text.len())),
        Val::Text(_) => Ok(not_known()),
        value @ Val::Unknown(_) => Ok(value.clone()),
        _ => Err(Fail("a collection is required")),
    }
}

pub(super) fn keys(args: &[Val]) -> Eval {
    known!(args, 0);
    let names = fields(args, 0)?.keys().map(|name| Val::Text(Arc::clone(name))).collect();
    Ok(of_map(args, names))
}

pub(super) fn values(args: &[Val]) -> Eval {
    known!(args, 0);
    Ok(of_map(args, fields(args, 0)?.values().cloned().collect()))
}

fn of_map(args: &[Val], items: Vec<Val>) -> Val {
    match arg(args, 0) {
        Val::Map(MapKind::Object, _) => Val::tuple(items),
        _ => Val::list(items),
    }
}

pub(super) fn lookup(args: &[Val]) -> Eval {
    known!(args, 0);
    known!(args, 1);
    let key = text_arg(args, 1)?;
    if let Some(found) = fields(args, 0)?.get(&key) {
        return Ok(found.clone());
    }
    let default = args.get(2).cloned().ok_or(Fail("there is no such key"))?;
    match arg(args, 0) {
        // The elements of a map have one type, which the default gets as well.
        Val::Map(MapKind::Map, fields) => match fields.values().next() {
            Some(Val::Text(_)) => to_text(default),
            Some(Val::Number(_)) => to_number(default),
            Some(Val::Bool(_)) => to_bool(default),
            _ => Ok(default),
        },
        _ => Ok(default),
    }
}

pub(super) fn element(args: &[Val]) -> Eval {
    known!(args, 0);
    known!(args, 1);
    if matches!(arg(args, 0), Val::Seq(SeqKind::Set, _)) {
        return Err(Fail("a set has no index"));
    }
    let items = items(args, 0)?;
    let at = integer_arg(args, 1)?;
    if items.is_empty() {
        return Err(Fail("the list is empty"));
    }
    match usize::try_from(at) {
        Ok(at) => items.get(at % items.len()).cloned().ok_or(Fail("out of range")),
        // Newer versions count from the end, older ones fail.
        Err(_) => Ok(not_known()),
    }
}

pub(super) fn index(args: &[Val]) -> Eval {
    for (at, item) in items(args, 0)?.iter().enumerate() {
        match equality(item, arg(args, 1)) {
            Val::Bool(true) => return Ok(Val::integer(at)),
            Val::Bool(false) => {}
            unknown => return Ok(unknown),
        }
    }
    Err(Fail("there is no such element"))
}

pub(super) fn contains(args: &[Val]) -> Eval {
    known!(args, 0);
    known!(args, 1);
    let mut unknown = None;
    for item in items(args, 0)? {
        match equality(item, arg(args, 1)) {
            Val::Bool(true) => return Ok(Val::Bool(true)),
            Val::Bool(false) => {}
            other => unknown = Some(other),
        }
    }
    Ok(match unknown {
        Some(Val::Unknown(why)) => Val::Unknown(why.and(Why::of_all(args).as_ref())),
        _ => Val::Bool(false),
    })
}

pub(super) fn merge(args: &[Val]) -> Eval {
    let mut merged = BTreeMap::new();
    let mut maps = !args.is_empty();
    for (at, value) in args.iter().enumerate() {
        known!(args, at);
        match value {
            Val::Null => {}
            Val::Map(kind, fields) => {
                maps &= *kind == MapKind::Map;
                merged.extend(fields.iter().map(|(name, field)| (Arc::clone(name), field.clone())));
            }
            _ => return Err(Fail("a map is required")),
        }
    }
    if maps && let Ok(values) = unify(merged.values().cloned().collect()) {
        return Ok(Val::map(merged.into_keys().zip(values).collect()));
    }
    Ok(Val::object(merged))
}

pub(super) fn concat(args: &[Val]) -> Eval {
    let mut all = Vec::new();
    let mut lists = true;
    for (at, value) in args.iter().enumerate() {
        known!(args, at);
        match value {
            Val::Seq(SeqKind::Set, _) => return Err(Fail("a set cannot be concatenated")),
            Val::Seq(kind, items) => {
                lists &= *kind == SeqKind::List;
                all.extend(items.iter().cloned());
            }
            _ => return Err(Fail("a list is required")),
        }
    }
    if lists { unify(all).map(Val::list) } else { Ok(Val::tuple(all)) }
}

pub(super) fn flatten(args: &[Val]) -> Eval {
    known!(args, 0);
    let mut flat = Vec::new();
    match flatten_into(&mut flat, items(args, 0)?, arg(args, 0).is_ordered()) {
        Flat::Done => Ok(Val::tuple(flat)),
        Flat::NotKnown => Ok(Why::of_all(args).map_or_else(not_known, Val::Unknown)),
    }
}

enum Flat {
    Done,
    NotKnown,
}

fn flatten_into(flat: &mut Vec<Val>, items: &[Val], ordered: bool) -> Flat {
    if !ordered {
        return Flat::NotKnown;
    }
    for item in items {
        match item {
            Val::Seq(_, inner) => {
                if let Flat::NotKnown = flatten_into(flat, inner, item.is_ordered()) {
                    return Flat::NotKnown;
                }
            }
            // It might be a list.
            Val::Unknown(_) => return Flat::NotKnown,
            item => flat.push(item.clone()),
        }
    }
    Flat::Done
}

pub(super) fn distinct(args: &[Val]) -> Eval {
    let mut distinct: Vec<Val> = Vec::new();
    for item in list_arg(args, 0)? {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    Ok(Val::list(distinct))
}

pub(super) fn compact(args: &[Val]) -> Eval {
    let mut kept = Vec::new();
    for item in list_arg(args, 0)? {
        match to_text(item)? {
            Val::Text(text) if !text.is_empty() => kept.push(Val::Text(text)),
            _ => {}
        }
    }
    Ok(Val::list(kept))
}

pub(super) fn reverse(args: &[Val]) -> Eval {
    known!(args, 0);
    if !arg(args, 0).is_ordered() {
        return Ok(not_known());
    }
    Ok(like(args, 0, items(args, 0)?.iter().rev().cloned().collect()))
}

pub(super) fn sort(args: &[Val]) -> Eval {
    let mut texts = texts_arg(args, 0)?;
    texts.sort();
    Ok(Val::list(texts.into_iter().map(Val::Text).collect()))
}

pub(super) fn slice(args: &[Val]) -> Eval {
    for at in 0..3 {
        known!(args, at);
    }
    if matches!(arg(args, 0), Val::Seq(SeqKind::Set, _)) {
        return Err(Fail("a set has no index"));
    }
    let (start, end) = (size(integer_arg(args, 1)?)?, size(integer_arg(args, 2)?)?);
    let part = items(args, 0)?.get(start..end).ok_or(Fail("out of range"))?;
    Ok(like(args, 0, part.to_vec()))
}

pub(super) fn chunklist(args: &[Val]) -> Eval {
    known!(args, 0);
    known!(args, 1);
    let items = list_arg(args, 0)?;
    let chunk = size(integer_arg(args, 1)?)?;
    let chunk = if chunk == 0 { items.len().max(1) } else { chunk };
    Ok(Val::list(items.chunks(chunk).map(|chunk| Val::list(chunk.to_vec())).collect()))
}

pub(super) fn zipmap(args: &[Val]) -> Eval {
    known!(args, 0);
    known!(args, 1);
    if let Some(why) = Why::of(arg(args, 0)) {
        return Ok(Val::Unknown(why.and(Why::of_all(args).as_ref())));
    }
    let (names, values) = (texts_arg(args, 0)?, items(args, 1)?);
    if names.len() != values.len() {
        return Err(Fail("as many values as keys are required"));
    }
    let zipped = names.into_iter().zip(values.iter().cloned()).collect();
    Ok(match arg(args, 1) {
        Val::Seq(SeqKind::Tuple, _) => Val::object(zipped),
        _ => Val::map(zipped),
    })
}

pub(super) fn transpose(args: &[Val]) -> Eval {
    let mut transposed: BTreeMap<Arc<str>, Vec<Val>> = BTreeMap::new();
    for (name, list) in fields(args, 0)? {
        for key in texts_arg(std::slice::from_ref(list), 0)? {
            transposed.entry(key).or_default().push(Val::Text(Arc::clone(name)));
        }
    }
    Ok(Val::map(transposed.into_iter().map(|(key, names)| (key, Val::list(names))).collect()))
}

pub(super) fn matchkeys(args: &[Val]) -> Eval {
    let (values, keys, wanted) = (list_arg(args, 0)?, list_arg(args, 1)?, list_arg(args, 2)?);
    if values.len() != keys.len() {
        return Err(Fail("as many keys as values are required"));
    }
    let matches = values.into_iter().zip(keys).filter(|(_, key)| wanted.contains(key));
    Ok(Val::list(matches.map(|(value, _)| value).collect()))
}

pub(super) fn one(args: &[Val]) -> Eval {
    known!(args, 0);
    match items(args, 0)? {
        [] => Ok(Val::Null),
        [only] => Ok(only.clone()),
        _ => Err(Fail("the list has several elements")),
    }
}

pub(super) fn coalesce(args: &[Val]) -> Eval {
    for (at, value) in args.iter().enumerate() {
        match value {
            Val::Null => {}
            Val::Text(text) if text.is_empty() => {}
            Val::Unknown(why) => return Ok(Val::Unknown(why.clone().and(Why::of_all(args).as_ref()))),
            // All arguments get one type.
            _ => return Ok(unify(args.to_vec())?.into_iter().nth(at).unwrap_or(Val::Null)),
        }
    }
    Err(Fail("every argument is null or empty"))
}

pub(super) fn coalescelist(args: &[Val]) -> Eval {
    for at in 0..args.len() {
        known!(args, at);
        if !items(args, at)?.is_empty() {
            return Ok(arg(args, at).clone());
        }
    }
    Err(Fail("every list is empty"))
}

pub(super) fn alltrue(args: &[Val]) -> Eval {
    decided(args, false)
}

pub(super) fn anytrue(args: &[Val]) -> Eval {
    decided(args, true)
}

/// Whether one element decides: false among `alltrue`, true among `anytrue`. Null counts as false.
fn decided(args: &[Val], deciding: bool) -> Eval {
    known!(args, 0);
    let mut unknown = None;
    for item in items(args, 0)? {
        match to_bool(item.clone())? {
            Val::Bool(value) if value == deciding => return Ok(Val::Bool(deciding)),
            Val::Null if !deciding => return Ok(Val::Bool(false)),
            Val::Unknown(_) => unknown = Why::of_all(args),
            _ => {}
        }
    }
    Ok(unknown.map_or(Val::Bool(!deciding), Val::Unknown))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn lists_are_taken_apart_and_put_together() {
        all(&[
            ("concat([1], [\"a\"], [])", r#"[1,"a"]"#),
            ("flatten([[1, [2]], [], 3])", "[1,2,3]"),
            ("distinct([\"a\", \"b\", \"a\"])", r#"["a","b"]"#),
            ("compact([\"a\", \"\", null, \"b\"])", r#"["a","b"]"#),
            ("reverse([1, 2])", "[2,1]"),
            ("sort([\"b\", \"a\", \"B\"])", r#"["B","a","b"]"#),
            ("slice([1, 2, 3], 1, 2)", "[2]"),
            ("chunklist([1, 2, 3], 2)", "[[1,2],[3]]"),
            ("element([1, 2, 3], 4)", "2"),
            ("index([\"a\", \"b\"], \"b\")", "1"),
            ("try(index([], 1), \"none\")", "\"none\""),
            ("contains([\"a\"], \"a\")", "true"),
            ("contains([\"1\"], 1)", "false"),
            ("length(\"abc\")", "3"),
            ("length({ a = 1 })", "1"),
            ("matchkeys([1, 2, 3], [\"a\", \"b\", \"a\"], [\"a\"])", "[1,3]"),
            ("one([7])", "7"),
            ("coalescelist([], [1])", "[1]"),
            ("alltrue([true, \"true\"])", "true"),
            ("alltrue([])", "true"),
            ("anytrue([false, true])", "true"),
            ("anytrue([])", "false"),
        ]);
    }

    #[test]
    fn maps_are_taken_apart_and_put_together() {
        all(&[
            ("keys({ b = 1, a = 2 })", r#"["a","b"]"#),
            ("values({ b = 1, a = 2 })", "[2,1]"),
            ("merge({ a = 1, b = 1 }, { b = 2 }, null)", r#"{"a":1,"b":2}"#),
            ("lookup({ a = 1 }, \"a\", 0)", "1"),
            ("lookup({ a = 1 }, \"b\", 0)", "0"),
            ("lookup(tomap({ a = \"x\" }), \"b\", 0)", "\"0\""),
            ("try(lookup({}, \"b\"), \"none\")", "\"none\""),
            ("zipmap([\"a\", \"b\"], [1, 2])", r#"{"a":1,"b":2}"#),
            ("transpose({ a = [\"x\", \"y\"], b = [\"x\"] })", r#"{"x":["a","b"],"y":["a"]}"#),
            ("coalesce(null, \"\", \"c\")", "\"c\""),
            ("coalesce(1, \"c\")", "\"1\""),
        ]);
    }

    #[test]
    fn what_is_known_in_parts_stays_known_in_parts() {
        all(&[
            ("merge({ a = other.x.id }, { a = 1 })", r#"{"a":1}"#),
            ("keys({ a = other.x.id })", r#"["a"]"#),
            ("length([other.x.id])", "1"),
            ("concat([other.x.id], [2])[1]", "2"),
            ("lookup({ a = other.x.id, b = 2 }, \"b\")", "2"),
            ("anytrue([other.x.id, true])", "true"),
            ("flatten([other.x.id, [1]])", "depends on other.x.id"),
            ("toset([other.x.id, \"a\"])", "depends on other.x.id"),
            ("coalesce(other.x.id, 1)", "depends on other.x.id"),
        ]);
    }
}
