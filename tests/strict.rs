//! What comes after us: unknown minor versions and fields are accepted, unknown majors are refused.
//!
//! That no field of a recorded plan goes unread is a test beside the reader.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;

use miette::Diagnostic;
use serde_json::{Value, json};
use tidelock::{Analysis, Report, Source};
use tidelock_testkit::fixtures;

fn code(plan: &str) -> String {
    let error = Analysis::new().drift(&Source::new("plan.json", plan.as_bytes().to_vec())).unwrap_err();
    error.code().unwrap().to_string()
}

/// Puts a field that nobody knows into every object of the plan's own structure.
fn add_unknown_fields(node: &mut Value, inside: &str) {
    // Keys of these objects are data, not structure.
    const DATA: &[&str] = &[
        "after",
        "after_identity",
        "after_sensitive",
        "after_unknown",
        "before",
        "before_identity",
        "before_sensitive",
        "expressions",
        "expression",
        "count_expression",
        "for_each_expression",
        "module_calls",
        "output_changes",
        "outputs",
        "provider_config",
        "values",
        "sensitive_values",
        "variables",
        "value",
        "type",
    ];
    match node {
        Value::Object(fields) => {
            let is_data = DATA.contains(&inside);
            for (name, field) in fields.iter_mut() {
                // What lies in a list of named things is structure again; a value never is.
                let named = ["module_calls", "output_changes", "outputs", "variables"].contains(&inside);
                if !is_data || named {
                    add_unknown_fields(field, name);
                }
            }
            if !is_data {
                fields.insert("from_the_future".to_owned(), json!({"a": [1, null]}));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add_unknown_fields(item, "")),
        _ => {}
    }
}

#[test]
fn unknown_fields_and_minor_versions_change_nothing() {
    for case in fixtures::all().unwrap() {
        let tree = cases::sources(&case);
        let analysis = cases::analysis(&case, &tree);
        let answer = |plan: &Value| -> Report {
            let source = Source::new("plan.json", plan.to_string().into_bytes());
            analysis.drift(&source).unwrap_or_else(|error| panic!("{}: {error}", case.name))
        };
        let mut plan = case.json("plan.json").unwrap();
        let mut before = answer(&plan);
        add_unknown_fields(&mut plan, "");
        plan["format_version"] = json!("1.99");
        let after = answer(&plan);
        before.input.format_version = Some("1.99".to_owned());
        assert_eq!(before, after, "{}", case.name);
    }
}

#[test]
fn an_unknown_major_version_is_refused_before_its_shape() {
    for rest in [r#""resource_changes":[]"#, r#""resource_changes":{"new":"shape"}"#, r#""errored":"no""#] {
        let plan = format!(r#"{{"format_version":"2.0","planned_values":{{}},{rest}}}"#);
        assert_eq!(code(&plan), "tidelock::plan::version", "{plan}");
    }
    for version in ["", "1", "1.x", "latest", "-1.0"] {
        let plan = format!(r#"{{"format_version":"{version}","planned_values":{{}}}}"#);
        assert_eq!(code(&plan), "tidelock::plan::version", "{version}");
    }
}

#[test]
fn an_unknown_action_is_never_harmless() {
    for actions in [json!(["relocate"]), json!(["delete", "relocate"]), json!([]), json!(["NoOp"])] {
        let mut plan = fixtures::case("drift/no_changes").unwrap().json("plan.json").unwrap();
        plan["resource_changes"][0]["change"]["actions"] = actions.clone();
        let source = Source::new("plan.json", plan.to_string().into_bytes());
        let report = Analysis::new().drift(&source).unwrap();
        assert_eq!(report.exit_code, 3, "{actions}");
        assert!(report.findings.iter().any(|finding| finding.code == "TL508"), "{actions}");
    }
}

#[test]
fn a_plan_of_a_release_that_records_no_drift_says_so() {
    let notes = |version: &str| {
        let plan = json!({
            "format_version": "0.1", "terraform_version": version, "planned_values": {}, "resource_changes": [],
        });
        let report = Analysis::new().drift(&Source::new("plan.json", plan.to_string())).unwrap();
        report.notes.iter().any(|note| note.code == "plan::no_drift_recorded")
    };
    assert!(notes("0.12.31") && notes("0.14.0"));
    assert!(!notes("0.15.5") && !notes("1.11.4"));
}
