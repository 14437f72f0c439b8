//! A plan, and the log that it would have had: the log is never answered with less than the plan.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;

use serde_json::{Value as Json, json};
use tidelock::{Error, Source, Verdict};
use tidelock_testkit::fixtures;

/// What the tool would have written while it made this plan; rewritten from what both recorded logs show.
fn log(plan: &Json) -> String {
    let list = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
    let mut lines = vec![json!({ "terraform": plan["terraform_version"], "ui": "1.2", "type": "version" })];
    let refreshed =
        list("resource_changes").into_iter().filter(|change| change["change"]["before"] != Json::Null);
    lines.extend(refreshed.map(
        |change| json!({ "hook": { "resource": { "addr": change["address"] } }, "type": "refresh_start" }),
    ));
    let message = |kind: &str, change: &Json, action: &str| {
        let mut told = json!({ "resource": { "addr": change["address"] }, "action": action });
        if let Some(from) = change["previous_address"].as_str() {
            told["previous_resource"] = json!({ "addr": from });
        }
        if let Some(reason) = change["action_reason"].as_str() {
            told["reason"] = match reason {
                "replace_because_tainted" => "tainted",
                "replace_by_request" => "requested",
                "replace_because_cannot_update" => "cannot_update",
                "replace_by_triggers" => "replace_triggered_by",
                other => other,
            }
            .into();
        }
        if !change["change"]["importing"].is_null() {
            told["importing"] = json!({});
        }
        json!({ "change": told, "type": kind })
    };
    for change in list("resource_drift") {
        let action = if change["change"]["actions"] == json!(["delete"]) { "delete" } else { "update" };
        lines.push(message("resource_drift", &change, action));
    }
    let mut counts = [0, 0, 0];
    for change in list("resource_changes") {
        let actions: Vec<&str> =
            change["change"]["actions"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
        let (action, add, update, remove) = match actions.as_slice() {
            ["create"] => ("create", 1, 0, 0),
            ["update"] => ("update", 0, 1, 0),
            ["delete"] => ("delete", 0, 0, 1),
            ["read"] => ("read", 0, 0, 0),
            ["forget"] => ("remove", 0, 0, 0),
            ["no-op"] if !change["change"]["importing"].is_null() => ("import", 0, 0, 0),
            ["no-op"] if change["previous_address"].is_string() => ("move", 0, 0, 0),
            ["no-op"] => continue,
            _ => ("replace", 1, 0, 1),
        };
        counts = [counts[0] + add, counts[1] + update, counts[2] + remove];
        lines.push(message("planned_change", &change, action));
    }
    let [add, change, remove] = counts;
    lines.push(json!({ "changes": { "add": add, "change": change, "import": 0, "remove": remove, "operation": "plan" }, "type": "change_summary" }));
    if plan["errored"] == json!(true) {
        lines.push(json!({ "diagnostic": { "severity": "error", "summary": "x", "detail": "" }, "type": "diagnostic" }));
    }
    let line = |mut line: Json| {
        line["@level"] = "info".into();
        line["@message"] = "".into();
        format!("{line}\n")
    };
    lines.into_iter().map(line).collect()
}

#[test]
fn a_log_is_never_answered_with_less_than_its_plan() {
    let mut louder = 0;
    for case in fixtures::all().unwrap() {
        let plan = case.json("plan.json").unwrap();
        let tree = cases::sources(&case);
        let analysis = cases::analysis(&case, &tree);
        let ask = |name: &str, bytes: Vec<u8>| analysis.drift(&Source::new(name, bytes)).unwrap();
        let (full, told) =
            (ask("plan.json", case.plan_json().unwrap()), ask("plan.jsonl", log(&plan).into_bytes()));
        assert!(told.verdict >= full.verdict, "{}: {} became {}", case.name, full.verdict, told.verdict);
        louder += usize::from(told.verdict > full.verdict);
        let drifted = |report: &tidelock::Report| {
            let drifted = report.resources.iter().filter(|r| r.divergences.iter().any(|d| d.drift));
            drifted.map(|r| r.address.clone()).collect::<std::collections::BTreeSet<_>>()
        };
        assert!(drifted(&told).is_superset(&drifted(&full)), "{}", case.name);
        assert_ne!(told.input.complete, Some(true), "{}", case.name);
        // Nothing of a value.
        let text = serde_json::to_string(&told).unwrap();
        assert!(!text.contains("hunter2"), "{}", case.name);
    }
    assert!(louder > 0, "noise cannot be told from drift");
}

#[test]
fn a_log_that_is_cut_before_its_summary_is_blocked() {
    let case = fixtures::case("drift/no_changes").unwrap();
    let whole = log(&case.json("plan.json").unwrap());
    let ask = |text: &str| tidelock::Analysis::new().drift(&Source::new("log", text.as_bytes().to_vec()));
    assert_eq!(ask(&whole).unwrap().verdict, Verdict::Clear);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for kept in 1..lines.len() {
        let report = ask(&lines[..kept].concat()).unwrap();
        assert_eq!(report.verdict, Verdict::Blocked, "{kept} lines");
        assert_eq!((report.input.complete, report.findings[0].code), (Some(false), "TL503"));
    }
}

#[test]
fn only_drift_is_asked_of_a_log() {
    let case = fixtures::case("streams/plan_drift").unwrap();
    let source = Source::new("log", case.bytes("plan.jsonl").unwrap());
    let analysis = tidelock::Analysis::new();
    assert!(matches!(analysis.gate(&source), Err(Error::Input(_))));
    assert!(matches!(analysis.graph(&source, None), Err(Error::Input(_))));
    assert_eq!(analysis.drift(&source).unwrap().input.kind.as_deref(), Some("ui_stream"));
}
