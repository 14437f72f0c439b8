//! The pipeline steps of the README, run as they are printed, with a stand-in for the tool that plans.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a step that cannot be run fails the test")]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first shell block under a heading of the README.
fn step(heading: &str) -> String {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Stands in for `tofu`: "plans" what was recorded, and writes down that it was asked to apply.
const STAND_IN: &str = r#"#!/bin/sh
case "$1" in
    plan) echo plan > plan.tfplan ;;
    show) cat "$CASE/plan.json" ;;
    state) cat "$CASE/state.json" ;;
    apply) echo "$@" > applied ;;
esac
"#;

/// Runs a step in the folder of a case's sources; returns what it said and whether it applied.
fn run(script: &str, case: &str) -> (Output, bool) {
    let case = root().join("fixtures").join(case).canonicalize().unwrap();
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&case).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "tf") {
            fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
    }
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("tofu"), STAND_IN).unwrap();
    fs::set_permissions(bin.join("tofu"), fs::Permissions::from_mode(0o755)).unwrap();
    let tidelock = assert_cmd::cargo::cargo_bin("tidelock");
    let rest = env::var_os("PATH").unwrap_or_default();
    let path = [bin, tidelock.parent().unwrap().to_owned()].into_iter().chain(env::split_paths(&rest));
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(dir.path())
        .env("PATH", env::join_paths(path).unwrap())
        .env("CASE", &case)
        .output()
        .unwrap();
    (output, dir.path().join("applied").exists())
}

#[test]
fn the_gate_stands_between_plan_and_apply() {
    let script = step("In front of apply");
    let (refused, applied) = run(&script, "gate/config_replaces_database");
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(!applied && String::from_utf8_lossy(&refused.stdout).contains("TL202"));
    let (passed, applied) = run(&script, "gate/tag_edit_on_database");
    assert_eq!(passed.status.code(), Some(0), "{passed:?}");
    assert!(applied);
}

#[test]
fn the_drift_step_hands_on_the_exit_code() {
    let script = step("In your pipeline");
    for (case, code, word) in [
        ("drift/no_changes", 0, "nothing that counts"),
        ("drift/vm_memory", 2, "somebody has to decide"),
        ("drift/drift_forces_replacement", 3, "nothing may be applied unseen"),
    ] {
        let (output, applied) = run(&script, case);
        assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
        assert!(!applied && String::from_utf8_lossy(&output.stdout).contains(word), "{case}");
    }
}
