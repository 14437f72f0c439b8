//! Every rule fires on one plan and is silent on another that looks like it.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;

use std::collections::BTreeSet;

use tidelock::{Analysis, Report, Source, rules::RULES};
use tidelock_testkit::fixtures;

/// Code, a recorded case on which the rule fires, and one on which it is silent; sorted.
const RECORDED: &[(&str, &str, &str)] = &[
    ("TL101", "drift/vm_memory", "drift/vm_ssh_keys_ignored"),
    ("TL102", "drift/conflicting", "drift/vm_memory"),
    ("TL103", "drift/vm_deleted_outside", "drift/deleted_and_removed"),
    ("TL104", "drift/drift_forces_replacement", "opentofu/replacement"),
    ("TL105", "drift/unmanaged_guarding", "drift/volatile"),
    ("TL106", "drift/mostly_gone", "drift/vm_deleted_outside"),
    ("TL306", "drift/deposed", "drift/tainted"),
    ("TL307", "drift/tainted", "opentofu/replacement"),
    ("TL502", "drift/errored", "drift/targeted"),
    ("TL503", "drift/targeted", "drift/errored"),
];

/// Code, a plan of our own making, because no release of the tools writes one, and a silent recorded case.
const MADE_UP: &[(&str, &str, &str)] = &[(
    "TL508",
    r#"{"format_version":"1.9","resource_changes":[{"address":"null_resource.a","type":"null_resource","name":"a",
        "mode":"managed","change":{"actions":["relocate"],"before":{"id":"1"},"after":{"id":"1"}}}]}"#,
    "drift/forgotten",
)];

fn fires(report: &Report, code: &str) -> bool {
    report.findings.iter().any(|finding| finding.code == code)
}

fn recorded(name: &str) -> Report {
    let case = fixtures::case(name).unwrap();
    let tree = cases::sources(&case);
    cases::analysis(&case, &tree).drift(&Source::new("plan.json", case.plan_json().unwrap())).unwrap()
}

#[test]
fn every_rule_fires_where_it_should() {
    for (code, case, _) in RECORDED {
        assert!(fires(&recorded(case), code), "{code} is silent on {case}");
    }
    for (code, plan, _) in MADE_UP {
        let report = Analysis::new().drift(&Source::new("plan.json", plan.as_bytes())).unwrap();
        assert!(fires(&report, code), "{code} is silent");
    }
}

#[test]
fn every_rule_is_silent_where_it_should_be() {
    for (code, _, case) in RECORDED.iter().chain(MADE_UP) {
        assert!(!fires(&recorded(case), code), "{code} fires on {case}");
    }
}

#[test]
fn every_rule_has_its_cases() {
    let held: BTreeSet<&str> = RECORDED.iter().chain(MADE_UP).map(|(code, ..)| *code).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.meta().code).collect();
    assert_eq!(held, rules);
    assert!(RECORDED.is_sorted());
}
