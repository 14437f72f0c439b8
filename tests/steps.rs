//! The pipeline steps of the README, run as they are printed, with a stand-in for the tool that plans.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a step that cannot be run fails the test")]

use std::fs;

use tidelock_testkit::{
    fixtures,
    steps::{Ran, Workspace, repository},
};

/// The first shell block under a heading of the README.
fn step(heading: &str) -> String {
    let text = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Runs a step in the folder of a case's sources; returns what it said and whether it applied.
fn run(script: &str, case: &str) -> (Ran, bool) {
    let tidelock = assert_cmd::cargo::cargo_bin("tidelock");
    let workspace = Workspace::of(&fixtures::case(case).unwrap(), &tidelock).unwrap();
    let ran = workspace.run(script).unwrap();
    let applied = workspace.tool_calls().iter().any(|call| call.starts_with("apply"));
    (ran, applied)
}

#[test]
fn the_gate_stands_between_plan_and_apply() {
    let script = step("In front of apply");
    let (refused, applied) = run(&script, "gate/config_replaces_database");
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(!applied && refused.stdout.contains("TL202"));
    let (passed, applied) = run(&script, "gate/tag_edit_on_database");
    assert_eq!(passed.code, Some(0), "{passed:?}");
    assert!(applied);
}

#[test]
fn the_drift_step_hands_on_the_exit_code() {
    let script = step("In your pipeline");
    for (case, code) in
        [("drift/no_changes", 0), ("drift/vm_memory", 2), ("drift/drift_forces_replacement", 3)]
    {
        let (ran, applied) = run(&script, case);
        assert_eq!(ran.code, Some(code), "{case}: {ran:?}");
        assert!(!applied, "{case}");
    }
}
