//! `tidelock approve` and `tidelock gate --approval`, end to end.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod binary;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use assert_cmd::Command;
use binary::{code, stderr};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tidelock::approval::covers;
use tidelock_testkit::fixtures::{self, Case};

const DANGEROUS: &str = "gate/stateful_block_deleted";
const KEY: &str = "correct horse battery staple";

fn run(key: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("tidelock").unwrap();
    command.env_clear().current_dir(fixtures::root().join("..")).args(args);
    if let Some(key) = key {
        command.env("TIDELOCK_APPROVAL_KEY", key);
    }
    command.output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn plan_of(case: &str) -> PathBuf {
    fixtures::case(case).unwrap().path("plan.json")
}

/// An approval in a directory of its own.
struct Approved {
    dir: TempDir,
    file: PathBuf,
    said: String,
}

fn approve(key: Option<&str>, plan: &Path) -> Approved {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("approval.json");
    let output = run(key, &["approve", text(plan), "-o", text(&file), "--by", "ada"]);
    assert_eq!((code(&output), &*output.stdout), (0, &b""[..]), "{}", stderr(&output));
    Approved { dir, file, said: stderr(&output) }
}

fn gate(key: Option<&str>, plan: &Path, approval: &Path) -> (i32, Json) {
    let output = run(key, &["gate", text(plan), "--approval", text(approval), "--format", "json"]);
    (code(&output), serde_json::from_slice(&output.stdout).unwrap_or_else(|_| json!(stderr(&output))))
}

fn codes(report: &Json, waived: bool) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["severity"] == "deny" && finding["waived"].is_null() != waived)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

/// The recorded plan of a case, edited, in a stack of the same name.
fn edited(case: &str, dir: &Path, edit: impl FnOnce(&mut Json)) -> PathBuf {
    let mut plan: Json = serde_json::from_slice(&fs::read(plan_of(case)).unwrap()).unwrap();
    edit(&mut plan);
    let path = dir.join("plan.json");
    fs::write(&path, plan.to_string()).unwrap();
    path
}

#[test]
fn what_was_approved_passes_and_is_told() {
    let plan = plan_of(DANGEROUS);
    assert_eq!(code(&run(None, &["gate", text(&plan)])), 3);
    let approved = approve(None, &plan);
    assert!(approved.said.starts_with("approved: 1 change (1 delete), not signed\n"), "{}", approved.said);
    assert!(approved.said.contains("would refuse without this approval:\n  TL201 hcloud_volume.data:"));
    let (exit, report) = gate(None, &plan, &approved.file);
    assert_eq!((exit, codes(&report, true)), (0, vec!["TL201"]));
    let finding = &report["findings"][0];
    assert_eq!(finding["waived"]["by"], "approval");
    assert_eq!(finding["waived"]["owner"], "ada");
    assert!(report["notes"].to_string().contains("approval::unsigned"));
}

#[test]
fn every_recorded_plan_passes_with_its_approval_unless_it_cannot_be_trusted() {
    for Case { name, .. } in fixtures::all_under("gate").unwrap() {
        let plan = plan_of(&name);
        if !plan.exists() {
            continue;
        }
        let (exit, report) = gate(None, &plan, &approve(None, &plan).file);
        let left = codes(&report, false);
        assert!(left.iter().all(|code| !covers(code)) && !left.contains(&"TL507"), "{name}: {left:?}");
        assert_eq!(exit, if left.is_empty() { 0 } else { 3 }, "{name}");
    }
}

#[test]
fn a_plan_that_does_something_else_is_refused_at_the_address() {
    let approved = approve(None, &plan_of("gate/vm_memory_raised"));
    let plan = edited("gate/vm_memory_raised", approved.dir.path(), |plan| {
        for change in plan["resource_changes"].as_array_mut().unwrap() {
            if change["change"]["actions"] == json!(["update"]) {
                change["change"]["after"]["memory"][0]["dedicated"] = json!(1);
            }
        }
    });
    let (exit, report) = gate(None, &plan, &approved.file);
    assert_eq!((exit, codes(&report, false)), (3, vec!["TL507"]));
    let finding =
        report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "TL507").unwrap();
    assert_eq!(finding["address"], "proxmox_virtual_environment_vm.nas");
    assert_eq!(finding["path"], "memory[0].dedicated");
    assert_eq!(finding["message"], "`memory[0].dedicated` gets another value than approved");
}

#[test]
fn an_approval_of_another_stack_is_refused_and_covers_nothing() {
    let approved = approve(None, &plan_of(DANGEROUS));
    let output = run(
        None,
        &[
            "gate",
            text(&plan_of(DANGEROUS)),
            "--approval",
            text(&approved.file),
            "--stack",
            "other",
            "--format",
            "json",
        ],
    );
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), codes(&report, true)), (3, vec![]));
    assert!(report["findings"].to_string().contains("and this one is for `other`"));
}

#[test]
fn an_approval_for_one_state_is_none_for_another() {
    let case = fixtures::case(DANGEROUS).unwrap();
    let (plan, state) = (case.path("plan.json"), case.path("state.json"));
    let dir = tempfile::tempdir().unwrap();
    let (file, other) = (dir.path().join("approval.json"), dir.path().join("other.json"));
    let mut foreign: Json = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    foreign["lineage"] = json!("another-lineage");
    fs::write(&other, foreign.to_string()).unwrap();
    assert_eq!(code(&run(None, &["approve", text(&plan), "-o", text(&file), "--state", text(&state)])), 0);
    let said = |state: &[&str]| {
        let args = [&["gate", text(&plan), "--approval", text(&file), "--format", "json"], state].concat();
        String::from_utf8(run(None, &args).stdout).unwrap()
    };
    assert!(!said(&["--state", text(&state)]).contains("TL507"));
    assert!(said(&["--state", text(&other)]).contains("and this one is for `another-lineage`"));
    assert!(said(&[]).contains("approval::state_unchecked"));
}

#[test]
fn a_signed_approval_passes_with_its_key_and_fails_when_tampered_with() {
    let plan = plan_of(DANGEROUS);
    let approved = approve(Some(KEY), &plan);
    assert_eq!(gate(Some(KEY), &plan, &approved.file).0, 0);
    let failed = |key, file: &Path, diagnostic: &str| {
        let output = run(key, &["gate", text(&plan), "--approval", text(file)]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains(diagnostic), "{}", stderr(&output));
    };
    failed(None, &approved.file, "tidelock::approval::no_key");
    failed(Some(""), &approved.file, "tidelock::approval::empty_key");
    failed(Some("another key"), &approved.file, "tidelock::approval::signature");
    let mut file: Json = serde_json::from_slice(&fs::read(&approved.file).unwrap()).unwrap();
    file["changes"][0]["address"] = json!("hcloud_volume.other");
    let tampered = approved.dir.path().join("tampered.json");
    fs::write(&tampered, file.to_string()).unwrap();
    failed(Some(KEY), &tampered, "tidelock::approval::signature");
    failed(Some(KEY), &approve(None, &plan).file, "tidelock::approval::unsigned");
    failed(None, &plan, "tidelock::approval::format");
}

#[test]
fn no_secret_gets_into_an_approval() {
    let mut plans = 0;
    for case in fixtures::all().unwrap().iter().filter(|case| case.has("plan.json")) {
        if case.text("plan.json").is_ok_and(|plan| plan.contains("hunter2")) {
            let approved = approve(None, &case.path("plan.json"));
            assert!(!fs::read_to_string(&approved.file).unwrap().contains("hunter2"), "{}", case.name);
            assert!(!approved.said.contains("hunter2"), "{}", case.name);
            plans += 1;
        }
    }
    assert!(plans > 3, "only {plans} plans hold the secret");
}

#[test]
fn an_approval_is_about_one_plan() {
    let (one, other) = (plan_of(DANGEROUS), plan_of("gate/vm_memory_raised"));
    let approved = approve(None, &one);
    let output = run(None, &["gate", text(&one), text(&other), "--approval", text(&approved.file)]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("tidelock::approval::several"), "{}", stderr(&output));
    let joined = approved.dir.path().join("plans.json");
    fs::write(&joined, [fs::read(&one).unwrap(), fs::read(&other).unwrap()].join(&b'\n')).unwrap();
    for args in
        [&["approve", text(&joined)][..], &["gate", text(&joined), "--approval", text(&approved.file)]]
    {
        let output = run(None, args);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("tidelock::approval::several"), "{}", stderr(&output));
    }
}

#[test]
fn an_approval_by_nobody_is_refused() {
    let plan = plan_of(DANGEROUS);
    for nobody in ["", " "] {
        let output = run(None, &["approve", text(&plan), "--by", nobody]);
        assert_eq!((code(&output), &*output.stdout), (1, &b""[..]), "{}", stderr(&output));
        assert!(stderr(&output).contains("nobody is named"), "{}", stderr(&output));
    }
}

#[test]
fn an_approval_goes_to_standard_output_unless_a_file_is_named() {
    let output = run(None, &["approve", text(&plan_of(DANGEROUS))]);
    let approval: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(approval["changes"][0]["address"], "hcloud_volume.data");
    let output = run(None, &["gate", "-", "--approval", "-"]);
    assert!(stderr(&output).contains("tidelock::usage::stdin_twice"));
}
