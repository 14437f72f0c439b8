//! Saved plans against the same plans as JSON: the two reports are equal but for what the saved form knows besides.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod gated;

use serde_json::{Map, Value as Json};
use tidelock::{Analysis, Report, Source};
use tidelock_testkit::fixtures::{self, Case};

/// The two forms of the plan of every case that has both; encrypted ones are another matter.
fn both() -> Vec<(Case, Source, Source)> {
    let mut found = Vec::new();
    for case in fixtures::all().unwrap() {
        let Some(name) = ["plan.tfplan", "p.tfplan"].into_iter().find(|name| case.has(name)) else {
            continue;
        };
        let bytes = case.bytes(name).unwrap();
        if bytes.starts_with(b"PK") {
            let json = Source::new("plan", case.plan_json().unwrap());
            found.push((case, json, Source::new("plan", bytes)));
        }
    }
    assert!(found.len() > 180, "only {} cases have both forms", found.len());
    found
}

/// The paths at which two reports differ.
fn differences(a: &Json, b: &Json, path: &str, found: &mut Vec<String>) {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            let empty = Map::new();
            let _ = &empty;
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let none = Json::Null;
                let (a, b) = (a.get(name).unwrap_or(&none), b.get(name).unwrap_or(&none));
                differences(a, b, &format!("{path}.{name}"), found);
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}[{at}]"), found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: {a} / {b}")),
    }
}

fn json(report: &Report) -> Json {
    let mut out = Vec::new();
    tidelock::render::json::report(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

/// What a saved plan knows and plan JSON does not say, or says by another name.
const RICHER: [&str; 7] = [
    ".input.kind",
    ".input.format_version",
    ".input.workspace",
    ".input.mode_evidence",
    ".input.lineage",
    ".input.serial",
    ".input.complete",
];

fn told_apart(a: &Report, b: &Report) -> Vec<String> {
    let mut found = Vec::new();
    differences(&json(a), &json(b), "", &mut found);
    found.retain(|difference| !RICHER.iter().any(|path| difference.starts_with(&format!("{path}:"))));
    found
}

#[test]
fn a_saved_plan_is_told_as_its_json_is() {
    let mut wrong = Vec::new();
    for (case, shown, saved) in both() {
        let tree = cases::sources(&case);
        let analysis = cases::analysis(&case, &tree);
        let answer = |plan: &Source| analysis.drift(plan).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        wrong.extend(
            told_apart(&answer(&shown), &answer(&saved))
                .into_iter()
                .map(|d| format!("drift {}{d}", case.name)),
        );
        if let Some(gate) = &case.meta.gate {
            let answer = |plan: &Source| gated::about(&case, gate, analysis.clone(), plan);
            wrong.extend(
                told_apart(&answer(&shown), &answer(&saved))
                    .into_iter()
                    .map(|d| format!("gate {}{d}", case.name)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_sources_inside_do_as_well_as_those_beside() {
    let mut wrong = Vec::new();
    for (case, shown, saved) in both() {
        let tree = cases::sources(&case);
        let with = cases::analysis(&case, &tree);
        let without = match &case.meta.schema {
            Some(schema) => {
                Analysis::new().schema(&Source::new(schema, case.bytes(schema).unwrap())).unwrap()
            }
            None => Analysis::new(),
        };
        let answer = |analysis: &Analysis<'_>, plan: &Source| {
            analysis.drift(plan).unwrap_or_else(|e| panic!("{}: {e}", case.name))
        };
        wrong.extend(
            told_apart(&answer(&with, &shown), &answer(&without, &saved))
                .into_iter()
                .map(|d| format!("drift {}{d}", case.name)),
        );
        if let Some(gate) = &case.meta.gate {
            let a = gated::about(&case, gate, with.clone(), &shown);
            let b = gated::about(&case, gate, without.clone(), &saved);
            wrong.extend(told_apart(&a, &b).into_iter().map(|d| format!("gate {}{d}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
