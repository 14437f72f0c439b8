//! Hostile and damaged plans: an error or a report, never a crash; and the same bytes for the same input.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod mutation;

use miette::Diagnostic;
use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value, json};
use tidelock::{Analysis, Command, Error, Report, Source, Verdict, render};
use tidelock_testkit::fixtures::{self, Case};

fn drift(bytes: impl Into<Vec<u8>>) -> Result<Report, Error> {
    Analysis::new().drift(&Source::new("plan.json", bytes.into()))
}

/// The code of the refusal.
fn code(bytes: impl Into<Vec<u8>>) -> String {
    let error = drift(bytes).expect_err("this must be refused");
    assert!(error.help().is_some(), "{error} says what to do");
    error.code().expect("every refusal has a code").to_string()
}

fn render(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    render::json::report(report, &mut out).unwrap();
    render::human::report(report, &render::human::Options::default(), &mut out).unwrap();
    render::markdown::report(report, &render::markdown::Options::default(), &mut out).unwrap();
    render::plain::report(report, &mut out).unwrap();
    out
}

fn memory_drift() -> Case {
    fixtures::case("proxmox/memory_drift").unwrap()
}

/// A plan with one changed instance, whose three values are given as JSON text.
fn plan(recorded: &str, actual: &str, desired: &str) -> String {
    let entry = |before: &str, after: &str| {
        format!(
            r#"{{"address":"x_y.z","mode":"managed","type":"x_y","name":"z","provider_name":"p","change":{{"actions":["update"],"before":{before},"after":{after},"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":{{}}}}}}"#
        )
    };
    format!(
        r#"{{"format_version":"1.2","planned_values":{{"root_module":{{}}}},"resource_drift":[{}],"resource_changes":[{}]}}"#,
        entry(recorded, actual),
        entry(actual, desired)
    )
}

/// Takes the node at `place` (a JSON pointer) out of the tree.
fn drop_at(tree: &mut Value, place: &str) {
    let Some((parent, last)) = place.rsplit_once('/') else { return };
    let last = last.replace("~1", "/").replace("~0", "~");
    match tree.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&last);
        }
        Some(Value::Array(items)) => {
            if let Some(at) = last.parse().ok().filter(|at: &usize| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

#[test]
fn what_holds_no_plan_is_refused() {
    let saved = if cfg!(feature = "planfile") { "tidelock::planfile::zip" } else { "tidelock::input::kind" };
    for (bytes, expected) in [
        (&b""[..], "tidelock::input::empty"),
        (b" \n", "tidelock::input::empty"),
        (b"Terraform will perform the following actions:", "tidelock::input::not_an_artifact"),
        (b"{\"version\":4,\"serial\":1}", "tidelock::input::kind"),
        (b"{}", "tidelock::input::unknown_json"),
        (b"{\"format_version\":\"1.2\",\"planned_values\":\xff}", "tidelock::input::encoding"),
        (b"\x00\x01\x02\x03", "tidelock::input::not_an_artifact"),
        (b"PK\x03\x04 tfplan", saved),
    ] {
        assert_eq!(code(bytes), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_plan_that_is_cut_off_anywhere_is_refused() {
    let bytes = memory_drift().plan_json().unwrap();
    let whole = bytes.trim_ascii_end().len();
    for length in (1..whole).step_by(97) {
        let code = code(&bytes[..length]);
        assert!(
            ["tidelock::input::json", "tidelock::input::unknown_json"].contains(&&*code),
            "{length}: {code}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_where_it_is_looked_at_and_survived_elsewhere() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    for deep in [&deep, &deep_objects] {
        assert_eq!(code(plan(&format!("{{\"a\":{deep}}}"), "{}", "{}")), "tidelock::plan::value");
        let elsewhere =
            format!(r#"{{"format_version":"1.2","planned_values":{deep},"resource_changes":[]}}"#);
        assert_eq!(drift(elsewhere).unwrap().verdict, Verdict::Clear);
        let unchanged = format!(
            r#"{{"format_version":"1.2","planned_values":{{}},"resource_changes":[{{"address":"a.b","change":{{"actions":["no-op"],"before":{deep},"after":{deep}}}}}]}}"#
        );
        assert_eq!(drift(unchanged).unwrap().verdict, Verdict::Clear);
    }
    assert_eq!(code(deep_objects), "tidelock::input::unknown_json");
}

#[test]
fn a_key_that_stands_twice_is_refused_where_the_two_may_differ() {
    let top = r#"{"format_version":"1.2","planned_values":{},"errored":false,"errored":true}"#;
    assert_eq!(code(top), "tidelock::plan::duplicate_key");
    let change = plan("{}", "{}", "{}").replacen(r#""before":"#, r#""before":{},"before":"#, 1);
    assert_eq!(code(change), "tidelock::plan::duplicate_key");
    assert_eq!(code(plan(r#"{"a":1,"a":2}"#, "{}", "{}")), "tidelock::plan::value");
    assert_eq!(code(plan(r#"{"a":[{"b":1,"b":2}]}"#, "{}", "{}")), "tidelock::plan::value");
    // Both say the same.
    assert_eq!(drift(plan(r#"{"a":1,"a":1}"#, r#"{"a":1}"#, r#"{"a":1}"#)).unwrap().summary.drifted, 0);
}

#[test]
fn two_entries_for_one_object_are_refused() {
    let mut tree = memory_drift().json("plan.json").unwrap();
    let first = tree["resource_changes"][0].clone();
    tree["resource_changes"].as_array_mut().unwrap().push(first);
    assert_eq!(code(tree.to_string()), "tidelock::plan::contradiction");
}

#[test]
fn numbers_of_any_size_are_told_apart() {
    let long = "7".repeat(5_000);
    let other = format!("{}8", &long[1..]);
    for (a, b) in [("1e999", "1e998"), ("-1e99999999999999999999", "1"), (&*long, &*other)] {
        let value = |number: &str| format!("{{\"size\":{number}}}");
        let report = drift(plan(&value(a), &value(b), &value(a))).unwrap();
        assert_eq!(report.summary.drifted, 1, "{a:.20}");
        render(&report);
    }
    let report = drift(plan(r#"{"size":1e2}"#, r#"{"size":100.0}"#, r#"{"size":100}"#)).unwrap();
    assert_eq!((report.verdict, report.summary.drifted), (Verdict::Clear, 0), "spellings of one number");
}

#[test]
fn tens_of_thousands_of_reordered_elements_are_compared() {
    let list = |numbers: &mut dyn Iterator<Item = u32>| {
        let items: Vec<String> = numbers.map(|i| format!("{{\"port\":{i}}}")).collect();
        format!("{{\"rule\":[{}]}}", items.join(","))
    };
    let (recorded, actual) = (list(&mut (0..30_000)), list(&mut (0..30_000).rev()));
    let report = drift(plan(&recorded, &actual, &recorded)).unwrap();
    let elements = report.resources[0].divergences[0].elements.as_ref().unwrap();
    assert_eq!((elements.outside.added.len(), elements.outside.moved.len()), (0, 29_999), "one may stay");
}

#[test]
fn addresses_that_no_tool_writes_are_refused() {
    for address in ["", "a", "a.b.c", "a.b[", "a.b[-1]", "a.b[\\\"x]", "module.m", "a b.c", "a.b\\u0000"] {
        let text = plan("{}", "{}", "{}").replace("\"x_y.z\"", &format!("\"{address}\""));
        if address.is_empty() {
            // Left out; the parts of the entry say the same.
            assert!(drift(text).is_ok());
        } else {
            assert_eq!(code(text), "tidelock::plan::address", "{address}");
        }
    }
}

#[test]
fn an_old_plan_without_its_later_fields_is_read() {
    let text = r#"{"format_version":"0.1","terraform_version":"0.12.31","planned_values":{"root_module":{}},
        "resource_changes":[{"address":"null_resource.a","mode":"managed","type":"null_resource","name":"a",
        "provider_name":"null","change":{"actions":["create"],"before":null,"after":{"triggers":null},
        "after_unknown":{"id":true}}}],"configuration":{"root_module":{}}}"#;
    let report = drift(text).unwrap();
    assert_eq!((report.verdict, report.summary.pending), (Verdict::Clear, 1));
}

#[test]
fn null_lists_are_read_as_missing_ones() {
    let text = r#"{"format_version":"1.2","planned_values":{},"resource_changes":null,"resource_drift":null,
        "output_changes":null,"variables":null,"prior_state":null,"configuration":null,"checks":null,"errored":null}"#;
    assert_eq!(drift(text).unwrap().verdict, Verdict::Clear);
}

#[test]
fn every_field_of_a_plan_may_be_missing_null_or_of_another_type() {
    let analysis = Analysis::new();
    let survives = |plan: &Value| {
        let source = Source::new("plan.json", plan.to_string().into_bytes());
        match analysis.drift(&source) {
            Ok(report) => assert!(serde_json::to_string(&report).is_ok()),
            Err(error) => assert!(error.code().is_some(), "{error}"),
        }
    };
    let others = [json!(7), json!("text"), json!([]), json!({}), json!(true)];
    for name in ["drift/sensitive_drift", "drift/set_element_added"] {
        let tree = fixtures::case(name).unwrap().json("plan.json").unwrap();
        for (at, place) in mutation::places(&tree).iter().enumerate() {
            let mut dropped = tree.clone();
            drop_at(&mut dropped, place);
            survives(&dropped);
            for other in [Value::Null, others[at % others.len()].clone()] {
                let mut swapped = tree.clone();
                *swapped.pointer_mut(place).unwrap() = other;
                survives(&swapped);
            }
        }
    }
}

#[test]
fn the_order_of_entries_does_not_matter() {
    for case in fixtures::all().unwrap() {
        let tree = cases::sources(&case);
        let analysis = cases::analysis(&case, &tree);
        let answer = |plan: &Value| {
            let source = Source::new("plan.json", plan.to_string().into_bytes());
            render(&analysis.drift(&source).unwrap_or_else(|error| panic!("{}: {error}", case.name)))
        };
        let mut plan = case.json("plan.json").unwrap();
        let first = answer(&plan);
        assert_eq!(first, answer(&plan), "{}: the same input twice", case.name);
        for list in ["resource_changes", "resource_drift"] {
            if let Some(list) = plan.get_mut(list).and_then(Value::as_array_mut) {
                list.reverse();
            }
        }
        assert_eq!(first, answer(&plan), "{}: entries in another order", case.name);
    }
}

/// What a mutation does to a place.
#[derive(Clone, Debug)]
enum Harm {
    Drop,
    Put(Value),
    /// A copy of another part of the same plan.
    Graft(prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    let odd = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
        json!([[]]),
        json!({"": {}}),
    ];
    prop_oneof![
        Just(Harm::Drop),
        prop::sample::select(odd.to_vec()).prop_map(Harm::Put),
        any::<prop::sample::Index>().prop_map(Harm::Graft),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 128, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_mutation_of_a_recorded_plan_is_survived(
        case in any::<prop::sample::Index>(),
        harms in prop::collection::vec((any::<prop::sample::Index>(), harm()), 1..12),
    ) {
        let cases = fixtures::all_under("drift").unwrap();
        let case = &cases[case.index(cases.len())];
        let mut tree = case.json("plan.json").unwrap();
        for (at, harm) in harms {
            let places = mutation::places(&tree);
            let place = &places[at.index(places.len())];
            match harm {
                Harm::Drop => drop_at(&mut tree, place),
                Harm::Put(value) => *tree.pointer_mut(place).unwrap() = value,
                Harm::Graft(from) => {
                    let part = tree.pointer(&places[from.index(places.len())]).unwrap().clone();
                    *tree.pointer_mut(place).unwrap() = part;
                }
            }
        }
        let sources = cases::sources(case);
        let source = Source::new("plan.json", tree.to_string().into_bytes());
        for answer in cases::analysis(case, &sources).answers(Command::Drift, &source).into_iter().flatten() {
            render(&answer.report);
        }
    }
}
