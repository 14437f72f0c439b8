//! The fixtures themselves: complete, and free of what belongs to the machine that recorded them.

#![allow(clippy::unwrap_used, reason = "the helpers of these tests are tests, too")]

use std::fs;
use std::path::Path;

use tidelock_testkit::fixtures::{self, Case, Expect};

/// The cases that say what `tidelock drift` has to tell.
fn drift_cases() -> Vec<(Case, Expect)> {
    let told = |case: Case| case.meta.expect.clone().map(|expect| (case, expect));
    cases().into_iter().filter_map(told).collect()
}

fn cases() -> Vec<Case> {
    let cases = fixtures::all().unwrap();
    assert!(cases.len() > 60, "only {} cases were found", cases.len());
    cases
}

#[test]
fn every_case_has_been_recorded() {
    for case in cases() {
        assert!(!case.meta.producer.is_empty(), "{}", case.name);
        assert!(case.has("main.tf") || case.has("main.tf.json"), "{}", case.name);
        assert!(case.json("plan.json").unwrap()["format_version"].is_string(), "{}", case.name);
        assert!(case.meta.steps.is_empty() != case.meta.origin.is_none(), "{}", case.name);
        let judged = case.meta.expect.is_some() || case.meta.gate.is_some();
        assert!(judged || !case.meta.streams.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_expected_resource_is_in_the_plan() {
    for (case, expect) in drift_cases() {
        let plan = case.json("plan.json").unwrap();
        let listed = |list: &str| plan[list].as_array().cloned().unwrap_or_default();
        let entries = [listed("resource_drift"), listed("resource_changes")].concat();
        for address in expect.resources.keys() {
            let (address, deposed) = match address.strip_suffix(" (deposed)") {
                Some(address) => (address, true),
                None => (address.as_str(), false),
            };
            let found = |entry: &serde_json::Value| {
                entry["address"] == address && entry["deposed"].is_string() == deposed
            };
            assert!(entries.iter().any(found), "{}: {address}", case.name);
        }
    }
}

#[test]
fn every_verdict_has_its_exit_code() {
    for (case, expect) in drift_cases() {
        let exit = match expect.verdict.as_str() {
            "clear" | "noise" => 0,
            "drift" => 2,
            "blocked" => 3,
            other => panic!("{}: {other}", case.name),
        };
        assert_eq!(expect.exit_code, exit, "{}", case.name);
    }
}

#[test]
fn every_class_and_resolution_is_a_known_one() {
    let classes = [
        "deleted_outside",
        "conflicting",
        "reverting",
        "unmanaged",
        "pending",
        "superseded",
        "suppressed",
        "converged",
        "computed",
        "ignored",
    ];
    for (case, expect) in drift_cases() {
        for (address, resource) in expect.resources {
            let at = format!("{}: {address}", case.name);
            assert!(["stop", "decide", "ignore", "none"].contains(&resource.resolution.as_str()), "{at}");
            assert!(resource.cosmetic.keys().all(|path| resource.divergences.contains_key(path)), "{at}");
            let of_paths = resource.divergences.values().map(String::as_str);
            // `classes` goes from the loudest to the quietest.
            let loudest =
                of_paths.map(|class| classes.iter().position(|known| *known == class).unwrap()).min();
            // An instance that only moves has no class.
            let class = classes.iter().position(|known| *known == resource.class);
            assert!(class.is_some() || (resource.class.is_empty() && loudest.is_none()), "{at}");
            // What waits for apply is left out of `divergences`, but is `pending` all the same.
            assert!(loudest.is_none() || loudest == class || resource.class == "pending", "{at}");
        }
    }
}

#[test]
fn nothing_tells_where_it_was_recorded() {
    for case in cases() {
        visit(&case.dir);
    }
}

fn visit(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for trace in ["/tmp/", "/home/", "/root/", "/Users/"] {
            let found = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            // Compressed members of a saved plan cannot be searched so; the JSON beside it can.
            assert!(!found || path.extension().is_some_and(|end| end == "tfplan"), "{}", path.display());
        }
    }
}
