//! With a real `terraform` or `tofu` on the `PATH`: the pipelines of `docs/pipelines`, night after night.

#![cfg(unix)]
#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "the helpers of these tests are tests, too")]

use serde_json::json;
use tidelock_testkit::fixtures;
use tidelock_testkit::pond::{Session, Tool};
use tidelock_testkit::steps::{self, Ran, Workspace, repository};

/// The tool, or a line in the test's output that says why the test proves nothing here.
fn tool() -> Option<Tool> {
    let tool = Tool::find().unwrap();
    if tool.is_none() {
        eprintln!("skipped: neither terraform nor tofu is on the PATH");
    }
    tool
}

/// The steps of a Woodpecker pipeline, in one folder with a session of pond; those that need a chat or a store are left out.
fn pipeline(file: &str, names: &[&str], session: &Session) -> (Workspace, Vec<Ran>) {
    let mut workspace = Workspace::empty(steps::tidelock()).unwrap().inside(session.workdir());
    for (name, value) in session.environment() {
        workspace.set(name, value);
    }
    // The pipeline says `tofu`; whichever tool there is takes its place.
    if tidelock_testkit::steps::which("tofu").is_none() {
        workspace.program("tofu", "#!/bin/sh\nexec terraform \"$@\"\n").unwrap();
    }
    let text = std::fs::read_to_string(repository().join("docs/pipelines/woodpecker").join(file)).unwrap();
    let pipeline: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    let mut ran = Vec::new();
    for name in names {
        let step = pipeline["steps"].as_array().unwrap().iter().find(|step| step["name"] == *name).unwrap();
        let commands: Vec<_> =
            step["commands"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
        ran.push(workspace.run(&commands.join("\n")).unwrap());
        if ran.last().is_some_and(|last| last.code != Some(0)) {
            break;
        }
    }
    (workspace, ran)
}

/// One night: whether the job was green, and the exit code that the answer has.
fn night(session: &Session) -> (bool, String) {
    let (workspace, ran) = pipeline("drift-detection.yml", &["plan", "drift"], session);
    let green = ran.len() == 2 && ran.iter().all(|step| step.code == Some(0));
    let code = workspace.file("tidelock/exit-code");
    (green, code.unwrap_or_else(|| panic!("no answer: {ran:?}")).trim().to_owned())
}

const NAS: &str = r#"
    terraform {
      required_providers {
        proxmox = { source = "bpg/proxmox" }
      }
    }
    resource "proxmox_virtual_environment_vm" "nas" {
      name      = "nas"
      node_name = "pve1"
      memory {
        dedicated = 8192
      }
    }
"#;

fn nas(tool: Tool) -> Session {
    let session = Session::start(tool, &["bpg/proxmox"]).unwrap();
    std::fs::write(session.workdir().join("main.tf"), NAS).unwrap();
    session.apply(&[]).unwrap();
    session
}

fn raise_memory(session: &Session) {
    session.edit("proxmox_virtual_environment_vm.nas", "memory[0].dedicated", Some(&json!(10240))).unwrap();
}

#[test]
fn the_night_after_a_change_outside_is_2_and_the_one_after_it_was_accepted_is_0() {
    let Some(tool) = tool() else { return };
    let session = nas(tool);
    assert_eq!(night(&session), (true, "0".to_owned()));
    raise_memory(&session);
    assert_eq!(night(&session), (true, "2".to_owned()), "informational: green, with a report");
    // Accept: the line that the report names.
    let report = std::fs::read_to_string(session.workdir().join("tidelock/report.txt")).unwrap();
    assert!(report.contains("dedicated = 10240"), "{report}");
    std::fs::write(session.workdir().join("main.tf"), NAS.replace("8192", "10240")).unwrap();
    assert_eq!(night(&session), (true, "0".to_owned()));
}

#[test]
fn the_night_after_a_change_outside_was_set_back_is_0() {
    let Some(tool) = tool() else { return };
    let session = nas(tool);
    raise_memory(&session);
    assert_eq!(night(&session), (true, "2".to_owned()));
    session.apply(&[]).unwrap();
    assert_eq!(night(&session), (true, "0".to_owned()));
}

#[test]
fn the_night_after_a_vm_was_deleted_is_red() {
    let Some(tool) = tool() else { return };
    let session = nas(tool);
    session.delete("proxmox_virtual_environment_vm.nas").unwrap();
    assert_eq!(night(&session), (false, "3".to_owned()));
}

#[test]
fn a_configuration_that_is_broken_is_no_drift() {
    let Some(tool) = tool() else { return };
    let session = nas(tool);
    std::fs::write(session.workdir().join("broken.tf"), "resource \"nothing\" {").unwrap();
    let (workspace, ran) = pipeline("drift-detection.yml", &["plan", "drift"], &session);
    assert_eq!(ran.len(), 1, "the pipeline ends with the plan: {ran:?}");
    assert_eq!(workspace.file("plan.json"), None);
    let script = workspace.run("tidelock-plan").unwrap();
    assert_eq!(script.code, Some(1), "{script:?}");
}

#[test]
fn the_gate_keeps_a_database_from_being_destroyed() {
    let Some(tool) = tool() else { return };
    let case = fixtures::case("gate/config_replaces_database").unwrap();
    let session = Session::start(tool, &["hashicorp/aws"]).unwrap();
    session.use_configuration(&case.path("before")).unwrap();
    session.apply(&[]).unwrap();
    session.use_configuration(&case.dir).unwrap();
    let before = session.state().unwrap();
    let (workspace, ran) = pipeline("gate.yml", &["plan", "gate", "apply"], &session);
    assert_eq!(ran.iter().map(|step| step.code).collect::<Vec<_>>(), [Some(0), Some(3)], "{ran:?}");
    assert!(ran[1].stdout.contains("TL202"));
    assert_eq!(session.state().unwrap(), before, "nothing was applied");

    // Back to what is there: nothing to refuse, and the apply is done.
    session.use_configuration(&case.path("before")).unwrap();
    let (_, ran) = pipeline("gate.yml", &["plan", "gate", "apply"], &session);
    assert_eq!(ran.iter().map(|step| step.code).collect::<Vec<_>>(), [Some(0); 3], "{ran:?}");
    assert_eq!(workspace.file("tidelock/exit-code").unwrap(), "0\n");
}
