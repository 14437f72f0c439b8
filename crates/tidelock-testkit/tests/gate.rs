//! The cases of `tidelock gate`: well formed, in pairs, and about what they say.

#![allow(clippy::unwrap_used, reason = "the helpers of these tests are tests, too")]

use std::collections::{BTreeMap, BTreeSet};

use tidelock_testkit::fixtures::{self, Case, Gate, GateKind};

fn cases() -> Vec<(Case, Gate)> {
    let judged = |case: Case| case.meta.gate.clone().map(|gate| (case, gate));
    fixtures::all().unwrap().into_iter().filter_map(judged).collect()
}

fn of_kind(kind: GateKind) -> Vec<(Case, Gate)> {
    cases().into_iter().filter(|(_, gate)| gate.kind == kind).collect()
}

/// The address of an entry of `resource_changes`, as the cases write it.
fn address(entry: &serde_json::Value) -> String {
    let address = entry["address"].as_str().unwrap();
    if entry["deposed"].is_string() { format!("{address} (deposed)") } else { address.to_owned() }
}

fn changes(case: &Case) -> Vec<serde_json::Value> {
    case.json("plan.json").unwrap()["resource_changes"].as_array().cloned().unwrap_or_default()
}

#[test]
fn every_case_of_the_folder_says_what_the_gate_does() {
    for case in fixtures::all_under("gate").unwrap() {
        assert!(case.meta.gate.is_some() && case.meta.expect.is_none(), "{}", case.name);
    }
}

#[test]
fn every_danger_is_blocked_and_names_its_rules() {
    let dangers = of_kind(GateKind::Danger);
    assert!(dangers.len() >= 25, "only {} dangers were found", dangers.len());
    for (case, gate) in dangers {
        assert_eq!((gate.verdict.as_str(), gate.exit_code), ("blocked", 3), "{}", case.name);
        assert!(!gate.codes.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_look_alike_passes_and_names_no_refusal() {
    let look_alikes = of_kind(GateKind::LookAlike);
    assert!(look_alikes.len() >= 25, "only {} look-alikes were found", look_alikes.len());
    for (case, gate) in look_alikes {
        assert_eq!((gate.verdict.as_str(), gate.exit_code), ("clear", 0), "{}", case.name);
        assert!(gate.codes.is_empty() && gate.first.is_none(), "{}", case.name);
    }
}

#[test]
fn every_pair_is_one_danger_and_one_look_alike() {
    let cases = cases();
    let kinds: BTreeMap<_, _> = cases.iter().map(|(case, gate)| (case.short_name(), gate.kind)).collect();
    for (case, gate) in &cases {
        if let Some(pair) = &gate.pair {
            let other = kinds.get(pair.as_str());
            assert!(other.is_some_and(|kind| *kind != gate.kind), "{}: {pair}", case.name);
        }
    }
}

#[test]
fn no_two_cases_are_about_the_same() {
    let mut seen = BTreeSet::new();
    for (case, gate) in cases() {
        assert!(seen.insert(gate.about.clone()), "{}: {}", case.name, gate.about);
    }
}

#[test]
fn every_address_at_fault_is_in_the_plan() {
    for (case, gate) in cases() {
        let Some(first) = &gate.first else { continue };
        let below = |address: &str| {
            let rest = address.strip_prefix(first.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found = changes(&case).iter().any(|entry| below(entry["address"].as_str().unwrap()));
        assert!(found, "{}: {first}", case.name);
    }
}

#[test]
fn every_plan_does_what_its_case_says() {
    for (case, gate) in cases() {
        let mut does = BTreeMap::new();
        for entry in changes(&case) {
            let actions = entry["change"]["actions"].as_array().unwrap();
            let actions: Vec<_> = actions.iter().map(|action| action.as_str().unwrap()).collect();
            if !["no-op", "read"].contains(&actions[0]) {
                does.insert(address(&entry), actions.join(", "));
            }
        }
        assert_eq!(does, gate.actions, "{}", case.name);
    }
}

#[test]
fn every_code_has_the_form_of_one() {
    for (case, gate) in cases() {
        for code in gate.codes.union(&gate.warns) {
            let digits = code.strip_prefix("TL").unwrap_or_default();
            assert!(digits.len() == 3 && digits.parse::<u16>().is_ok(), "{}: {code}", case.name);
        }
    }
}

#[test]
fn every_file_that_the_gate_is_given_is_there() {
    for (case, gate) in cases() {
        let args = &gate.args;
        for file in args.plans.iter().chain(&args.state).chain(&args.approval) {
            assert!(case.json(file).is_ok(), "{}: {file}", case.name);
        }
        assert!(args.lock.iter().all(|lock| case.has(lock)), "{}", case.name);
    }
}
