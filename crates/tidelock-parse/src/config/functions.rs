//! The functions of the language that depend on nothing but their arguments.
//!
//! Each does what OpenTofu 1.12 and Terraform 1.11 do, or says that it does not know: where those count
//! grapheme clusters or round, the result is only known where that makes no difference.

mod collection;
mod convert;
mod encoding;
mod format;
mod json;
mod network;
mod numeric;
mod pattern;
mod sets;
mod text;
mod yaml;

use super::{
    eval::unknown_call,
    not_known::{Eval, Fail, NotKnown, Why},
    types::{to_number, to_text, unify},
    val::Val,
};
use crate::number::Number;
use std::sync::Arc;

/// A function and how many arguments it takes.
struct Function {
    arguments: std::ops::RangeInclusive<usize>,
    /// Whether it can do with arguments that are known in parts.
    needs: Needs,
    run: fn(&[Val]) -> Eval,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Everything,
    Parts,
}

const MANY: usize = usize::MAX;

/// The result of a call; not known for functions that are not evaluated.
pub(crate) fn call(name: &str, args: &[Val]) -> Eval {
    let Some(function) = find(name.strip_prefix("core::").unwrap_or(name)) else {
        return Ok(unknown_call(name, args));
    };
    if !function.arguments.contains(&args.len()) {
        return Err(Fail("wrong number of arguments"));
    }
    if function.needs == Needs::Everything
        && let Some(why) = Why::of_all(args)
    {
        return Ok(Val::Unknown(why));
    }
    (function.run)(args)
}

fn find(name: &str) -> Option<Function> {
    use Needs::{Everything, Parts};
    let (arguments, needs, run): (_, _, fn(&[Val]) -> Eval) = match name {
        "tostring" => (1..=1, Parts, convert::tostring),
        "tonumber" => (1..=1, Parts, convert::tonumber),
        "tobool" => (1..=1, Parts, convert::tobool),
        "tolist" => (1..=1, Parts, convert::tolist),
        "toset" => (1..=1, Parts, convert::toset),
        "tomap" => (1..=1, Parts, convert::tomap),
        "sensitive" | "nonsensitive" => (1..=1, Parts, convert::same),
        "alltrue" => (1..=1, Parts, collection::alltrue),
        "anytrue" => (1..=1, Parts, collection::anytrue),
        "chunklist" => (2..=2, Parts, collection::chunklist),
        "coalesce" => (1..=MANY, Parts, collection::coalesce),
        "coalescelist" => (1..=MANY, Parts, collection::coalescelist),
        "compact" => (1..=1, Everything, collection::compact),
        "concat" => (1..=MANY, Parts, collection::concat),
        "contains" => (2..=2, Parts, collection::contains),
        "distinct" => (1..=1, Everything, collection::distinct),
        "element" => (2..=2, Parts, collection::element),
        "flatten" => (1..=1, Parts, collection::flatten),
        "index" => (2..=2, Everything, collection::index),
        "keys" => (1..=1, Parts, collection::keys),
        "length" => (1..=1, Parts, collection::length),
        "lookup" => (2..=3, Parts, collection::lookup),
        "matchkeys" => (3..=3, Everything, collection::matchkeys),
        "merge" => (0..=MANY, Parts, collection::merge),
        "one" => (1..=1, Parts, collection::one),
        "reverse" => (1..=1, Parts, collection::reverse),
        "slice" => (3..=3, Parts, collection::slice),
        "sort" => (1..=1, Everything, collection::sort),
        "transpose" => (1..=1, Everything, collection::transpose),
        "values" => (1..=1, Parts, collection::values),
        "zipmap" => (2..=2, Parts, collection::zipmap),
        "setintersection" => (1..=MANY, Everything, sets::intersection),
        "setproduct" => (2..=MANY, Everything, sets::product),
        "setsubtract" => (2..=2, Everything, sets::subtract),
        "setunion" => (1..=MANY, Everything, sets::union),
        _ => return find_plain(name),
    };
    Some(Function { arguments, needs, run })
}

/// Functions of texts and numbers, which need all of their arguments.
fn find_plain(name: &str) -> Option<Function> {
    let (arguments, run): (_, fn(&[Val]) -> Eval) = match name {
        "abs" => (1..=1, numeric::abs),
        "ceil" => (1..=1, numeric::ceil),
        "floor" => (1..=1, numeric::floor),
        "max" => (1..=MANY, numeric::max),
        "min" => (1..=MANY, numeric::min),
        "parseint" => (2..=2, numeric::parseint),
        "pow" => (2..=2, numeric::pow),
        "range" => (1..=3, numeric::range),
        "signum" => (1..=1, numeric::signum),
        "sum" => (1..=1, numeric::sum),
        "chomp" => (1..=1, text::chomp),
        "endswith" => (2..=2, text::endswith),
        "indent" => (2..=2, text::indent),
        "join" => (1..=MANY, text::join),
        "lower" => (1..=1, text::lower),
        "split" => (2..=2, text::split),
        "startswith" => (2..=2, text::startswith),
        "strcontains" => (2..=2, text::strcontains),
        "strrev" => (1..=1, text::strrev),
        "substr" => (3..=3, text::substr),
        "title" => (1..=1, text::title),
        "trim" => (2..=2, text::trim),
        "trimprefix" => (2..=2, text::trimprefix),
        "trimspace" => (1..=1, text::trimspace),
        "trimsuffix" => (2..=2, text::trimsuffix),
        "upper" => (1..=1, text::upper),
        "format" => (1..=MANY, format::format),
        "formatlist" => (1..=MANY, format::formatlist),
        "regex" => (2..=2, pattern::regex),
        "regexall" => (2..=2, pattern::regexall),
        "replace" => (3..=3, pattern::replace),
        "base64decode" => (1..=1, encoding::base64decode),
        "base64encode" => (1..=1, encoding::base64encode),
        "urlencode" => (1..=1, encoding::urlencode),
        "jsondecode" => (1..=1, json::jsondecode),
        "jsonencode" => (1..=1, json::jsonencode),
        "yamldecode" => (1..=1, yaml::yamldecode),
        "cidrhost" => (2..=2, network::cidrhost),
        "cidrnetmask" => (1..=1, network::cidrnetmask),
        "cidrsubnet" => (3..=3, network::cidrsubnet),
        "cidrsubnets" => (1..=MANY, network::cidrsubnets),
        _ => return None,
    };
    Some(Function { arguments, needs: Needs::Everything, run })
}

/// The argument at `at`; null if it was left out.
fn arg(args: &[Val], at: usize) -> &Val {
    args.get(at).unwrap_or(&Val::Null)
}

/// A known text argument, converted where the language does.
fn text_arg(args: &[Val], at: usize) -> Result<Arc<str>, Fail> {
    match to_text(arg(args, at).clone())? {
        Val::Text(text) => Ok(text),
        _ => Err(Fail("a string is required")),
    }
}

fn number_arg(args: &[Val], at: usize) -> Result<Number, Fail> {
    match to_number(arg(args, at).clone())? {
        Val::Number(number) => Ok(number),
        _ => Err(Fail("a number is required")),
    }
}

/// An integer argument that fits.
fn integer_arg(args: &[Val], at: usize) -> Result<i128, Fail> {
    super::decimal::integer(&number_arg(args, at)?).ok_or(Fail("a whole number is required"))
}

/// The elements of a list argument, which get one type.
fn list_arg(args: &[Val], at: usize) -> Result<Vec<Val>, Fail> {
    match arg(args, at) {
        Val::Seq(_, items) => unify(items.to_vec()),
        _ => Err(Fail("a list is required")),
    }
}

/// A list argument whose elements become texts.
fn texts_arg(args: &[Val], at: usize) -> Result<Vec<Arc<str>>, Fail> {
    let text = |item: Val| match to_text(item)? {
        Val::Text(text) => Ok(text),
        _ => Err(Fail("a list of strings is required")),
    };
    list_arg(args, at)?.into_iter().map(text).collect()
}

/// The result is known to the language and not to us.
fn not_known() -> Val {
    Val::Unknown(Why::seen(NotKnown::Other))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::{Configuration, Evaluated, MemoryTree, Setting};

    /// The value of an expression as JSON, or what is said instead.
    pub(super) fn value(expression: &str) -> String {
        let source = format!("resource \"t\" \"x\" {{\n  a = {expression}\n}}\n");
        let config = Configuration::load(&MemoryTree::from([("main.tf", source)]), &BTreeMap::new());
        assert!(config.diagnostics().is_empty(), "{expression}: {:?}", config.diagnostics());
        match config.setting(&"t.x".parse().unwrap(), &"a".parse().unwrap()) {
            Setting::Set { value: Evaluated::Known(value), .. } => serde_json::to_string(&value).unwrap(),
            Setting::Set { value: Evaluated::NotKnown(why), .. } => why.to_string(),
            Setting::NotSet => "not set".to_owned(),
            Setting::CannotTell(why) => format!("{why:?}"),
        }
    }

    /// Each expression has the value beside it.
    pub(super) fn all(cases: &[(&str, &str)]) {
        for (expression, expected) in cases {
            assert_eq!(value(expression), *expected, "{expression}");
        }
    }

    #[test]
    fn functions_of_files_time_and_randomness_are_not_known() {
        for name in ["file", "templatefile", "timestamp", "uuid", "bcrypt", "provider::a::b"] {
            assert_eq!(value(&format!("{name}(\"x\")")), format!("calls {name}()"));
        }
    }

    #[test]
    fn a_call_with_missing_arguments_fails_and_try_sees_it() {
        all(&[("try(upper(), \"x\")", "\"x\""), ("can(upper())", "false"), ("core::upper(\"a\")", "\"A\"")]);
    }
}
