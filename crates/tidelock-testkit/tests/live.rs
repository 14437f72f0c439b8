//! With a real `terraform` or `tofu` on the `PATH`: what was recorded is what happens.

#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "the helpers of these tests are tests, too")]

use serde_json::{Value, json};
use tidelock_testkit::fixtures;
use tidelock_testkit::pond::{PlanExit, Session, Tool};
use tidelock_testkit::record;

/// The tool, or a line in the test's output that says why the test proves nothing here.
fn tool() -> Option<Tool> {
    let tool = Tool::find().unwrap();
    if tool.is_none() {
        eprintln!("skipped: neither terraform nor tofu is on the PATH");
    }
    tool
}

/// What a plan says of every instance, without what differs between the two products.
fn instances(plan: &[u8]) -> Vec<Value> {
    let plan: Value = serde_json::from_slice(plan).unwrap();
    let entries = ["resource_drift", "resource_changes"]
        .into_iter()
        .flat_map(|list| plan[list].as_array().cloned().unwrap_or_default());
    entries.map(|entry| json!([entry["address"], entry["change"], entry["action_reason"]])).collect()
}

#[test]
fn a_case_recorded_now_says_what_the_fixture_says() {
    let Some(tool) = tool() else { return };
    let case = fixtures::case("drift/mixed_stories").unwrap();
    let recording = record::play(&case, tool).unwrap();
    let (_, plan) = recording.files.iter().find(|(name, _)| name == "plan.json").unwrap();
    assert_eq!(instances(plan), instances(&case.plan_json().unwrap()));
}

#[test]
fn writing_the_outside_value_into_the_configuration_ends_the_drift() {
    let Some(tool) = tool() else { return };
    let case = fixtures::case("drift/vm_memory").unwrap();
    let (session, exit) = record::replay(&case, tool).unwrap();
    assert_eq!(exit, PlanExit::Changes);

    let main = session.workdir().join("main.tf");
    let text = std::fs::read_to_string(&main).unwrap();
    std::fs::write(&main, text.replace("dedicated = 8192", "dedicated = 10240")).unwrap();
    assert_eq!(session.plan(&[]).unwrap(), PlanExit::NoChanges);
}

#[test]
fn an_object_deleted_outside_is_planned_to_be_created() {
    let Some(tool) = tool() else { return };
    let session = Session::start(tool, &["hetznercloud/hcloud", "hashicorp/random"]).unwrap();
    let configuration = r#"
        terraform {
          required_providers {
            hcloud = { source = "hetznercloud/hcloud" }
            random = { source = "hashicorp/random" }
          }
        }
        resource "random_pet" "name" {}
        resource "hcloud_volume" "data" {
          for_each = toset(["a", "b"])
          name     = "${random_pet.name.id}-${each.key}"
          size     = 10
        }
    "#;
    std::fs::write(session.workdir().join("main.tf"), configuration).unwrap();
    session.apply(&[]).unwrap();
    assert_eq!(session.plan(&[]).unwrap(), PlanExit::NoChanges);

    session.delete("hcloud_volume.data[\"b\"]").unwrap();
    assert_eq!(session.plan(&[]).unwrap(), PlanExit::Changes);
    let plan: Value = serde_json::from_slice(&session.plan_json().unwrap()).unwrap();
    assert_eq!(plan["resource_drift"][0]["address"], "hcloud_volume.data[\"b\"]");
    assert_eq!(plan["resource_drift"][0]["change"]["actions"], json!(["delete"]));
}

/// What a log says, without times, and without the order that is another in every run.
fn told(log: &[u8]) -> Vec<String> {
    let lines = String::from_utf8(log.to_vec()).unwrap();
    let mut told: Vec<String> = lines
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let about =
                [&line["change"], &line["hook"]].map(|about| (&about["resource"]["addr"], &about["action"]));
            format!("{} {about:?} {} {}", line["type"], line["changes"], line["diagnostic"]["address"])
        })
        .collect();
    told.sort();
    told
}

#[test]
fn a_log_recorded_now_says_what_the_fixture_says() {
    let Some(tool) = tool() else { return };
    if !tool.label().starts_with("terraform") {
        eprintln!("skipped: the fixture is a log of terraform's");
        return;
    }
    for name in ["streams/apply_fails", "streams/plan_drift"] {
        let case = fixtures::case(name).unwrap();
        let recording = record::play(&case, tool.clone()).unwrap();
        for file in case.meta.streams.keys() {
            let (_, log) = recording.files.iter().find(|(name, _)| name == file).unwrap();
            assert_eq!(told(log), told(&case.bytes(file).unwrap()), "{name}/{file}");
        }
    }
}
