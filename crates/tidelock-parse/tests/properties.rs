//! What holds for every address, path, number and secret, and for every damaged input.

use std::cmp::Ordering;

use proptest::prelude::*;
use tidelock_parse::{
    AttrPath, ConfigAddr, InstanceKey, Mode, ModulePath, Number, ResourceAddr, Step, secret,
    state::ProviderRef,
};

/// HCL identifiers: letters of any script, digits, `_` and `-`.
fn identifier() -> impl Strategy<Value = Box<str>> {
    "[a-zA-Zäπ字_][a-zA-Z0-9_äπ字-]{0,8}".prop_map(Into::into)
}

/// Names of modules, types and blocks that are no keyword of an address.
fn name() -> impl Strategy<Value = Box<str>> {
    identifier()
        .prop_filter("keywords", |name| !matches!(&**name, "module" | "data" | "ephemeral" | "provider"))
}

/// Any text, with what needs escaping more often than chance would have it.
fn text() -> impl Strategy<Value = Box<str>> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\"", "\\", "${", "%{", "$${", "\n", "\t", "].", "[0]", ".", "\u{7f}", "\u{200b}", "$"
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat().into())
}

fn key() -> impl Strategy<Value = InstanceKey> {
    prop_oneof![any::<u64>().prop_map(InstanceKey::Int), text().prop_map(InstanceKey::Str)]
}

fn module_path() -> impl Strategy<Value = ModulePath> {
    prop::collection::vec((name(), prop::option::of(key())), 0..4).prop_map(|steps| {
        steps.into_iter().fold(ModulePath::root(), |path, (name, key)| path.child(&name, key))
    })
}

fn address() -> impl Strategy<Value = ResourceAddr> {
    let mode = prop::sample::select(vec![Mode::Managed, Mode::Data, Mode::Ephemeral]);
    (module_path(), mode, name(), identifier(), prop::option::of(key()))
        .prop_map(|(module, mode, type_name, name, key)| ResourceAddr { module, mode, type_name, name, key })
}

fn attr_path() -> impl Strategy<Value = AttrPath> {
    let step = prop_oneof![
        any::<u64>().prop_map(Step::Index),
        identifier().prop_map(Step::Attr),
        text().prop_map(Step::Key),
    ];
    prop::collection::vec(step, 0..6).prop_map(|steps| steps.into_iter().collect())
}

/// JSON number literals.
fn literal() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,4})?"
}

proptest! {
    #[test]
    fn a_module_path_reads_back_what_it_displays(path in module_path()) {
        prop_assert_eq!(path.to_string().parse::<ModulePath>(), Ok(path));
    }

    #[test]
    fn an_address_reads_back_what_it_displays(address in address()) {
        prop_assert_eq!(address.to_string().parse::<ResourceAddr>(), Ok(address));
    }

    #[test]
    fn an_address_survives_json(address in address()) {
        let json = serde_json::to_string(&address).expect("text");
        prop_assert_eq!(serde_json::from_str::<ResourceAddr>(&json).expect("an address"), address);
    }

    #[test]
    fn a_block_is_the_same_for_all_of_its_instances(address in address(), other in prop::option::of(key())) {
        let sibling = ResourceAddr { key: other, ..address.clone() };
        prop_assert_eq!(sibling.config(), address.config());
        prop_assert_eq!(address.config().to_string().parse::<ConfigAddr>(), Ok(address.config()));
    }

    #[test]
    fn instances_order_as_numbers(address in address(), a in any::<u64>(), b in any::<u64>()) {
        let at = |index| ResourceAddr { key: Some(InstanceKey::Int(index)), ..address.clone() };
        prop_assert_eq!(at(a).cmp(&at(b)), a.cmp(&b));
    }

    #[test]
    fn any_text_is_an_address_or_an_error_inside_it(text in ".{0,40}") {
        if let Err(error) = text.parse::<ResourceAddr>() {
            prop_assert!(error.at <= text.len());
        }
        let _ = text.parse::<ModulePath>();
        let _ = text.parse::<AttrPath>();
        let _ = ProviderRef::parse(&text);
    }

    #[test]
    fn an_attribute_path_reads_back_what_it_displays(path in attr_path()) {
        // A path that starts with a key has no other way to be written than in brackets.
        prop_assert_eq!(path.to_string().parse::<AttrPath>(), Ok(path));
    }

    #[test]
    fn positions_order_as_numbers(path in attr_path(), a in any::<u64>(), b in any::<u64>()) {
        let at = |index| path.child(Step::Index(index));
        prop_assert_eq!(at(a).cmp(&at(b)), a.cmp(&b));
    }

    #[test]
    fn a_path_meets_what_is_above_and_below_it(path in attr_path(), step in attr_path()) {
        let below: AttrPath = path.steps().iter().chain(step.steps()).cloned().collect();
        prop_assert!(path.is_prefix_of(&below) && path.meets(&below) && below.meets(&path));
    }

    #[test]
    fn a_provider_reads_back_what_it_displays(
        alias in prop::option::of((identifier(), prop::option::of(key()))),
        source in "[a-z.]{1,8}/[a-z]{1,4}/[a-z]{1,4}",
        modules in prop::collection::vec(name(), 0..3),
    ) {
        let mut parts: Vec<String> = modules.iter().map(|name| format!("module.{name}.")).collect();
        parts.push(format!("provider[\"{source}\"]"));
        if let Some((alias, key)) = alias {
            parts.push(format!(".{alias}{}", key.map_or_else(String::new, |key| key.to_string())));
        }
        let text = parts.concat();
        prop_assert_eq!(ProviderRef::parse(&text).map(|provider| provider.to_string()), Some(text));
    }

    #[test]
    fn a_number_keeps_its_literal(literal in literal()) {
        let number = Number::parse(&literal).expect("a number");
        prop_assert_eq!(number.as_str(), literal);
    }

    #[test]
    fn a_number_is_its_value_in_any_spelling(digits in 0_u64.., zeros in 0_usize..9, shift in 0_usize..9) {
        let number = Number::parse(&digits.to_string()).expect("a number");
        let spellings = [
            format!("{digits}.{}", "0".repeat(zeros + 1)),
            format!("{digits}{}e-{shift}", "0".repeat(shift)),
            format!("{digits}e+0"),
        ];
        for spelling in spellings {
            let other = Number::parse(&spelling).expect("a number");
            prop_assert_eq!(&number, &other, "{}", spelling);
            prop_assert_eq!(number.cmp(&other), Ordering::Equal);
            prop_assert_eq!(other.as_u64(), Some(digits));
        }
    }

    #[test]
    fn numbers_order_like_integers(a in any::<i64>(), b in any::<i64>()) {
        prop_assert_eq!(Number::from(a).cmp(&Number::from(b)), a.cmp(&b));
        prop_assert_eq!(Number::from(a) == Number::from(b), a == b);
    }

    #[test]
    fn the_order_of_numbers_is_total(a in literal(), b in literal(), c in literal()) {
        let [a, b, c] = [a, b, c].map(|literal| Number::parse(&literal).expect("a number"));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn secrets_are_sorted_disjoint_parts_of_the_text(
        parts in prop::collection::vec(prop_oneof![
            ".{0,6}".prop_map(String::from),
            "(password|token|name|value|secret)[=:] ?\"?[a-z0-9]{0,20}\"?".prop_map(String::from),
            "(postgres|https)://[a-z]{0,3}:[^ ]{0,5}@[a-z]{0,3}".prop_map(String::from),
        ], 0..8)
    ) {
        let text = parts.concat();
        let mut last = 0;
        for range in secret::find(&text) {
            prop_assert!(range.start >= last && range.start < range.end);
            prop_assert!(text.get(range.clone()).is_some());
            last = range.end;
        }
    }
}
