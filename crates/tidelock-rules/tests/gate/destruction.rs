//! TL201.

use std::collections::BTreeMap;

use serde_json::json;
use tidelock_parse::{Configuration, config::MemoryTree};
use tidelock_rules::{catalogue::Machines, report::Severity};

use super::stack::Stack;

const DB: &str = "aws_db_instance.orders";

fn without(reason: &str) -> Stack {
    Stack::new().deletes(DB, reason, json!({"id": "1"})).stays("aws_s3_bucket.b", json!({"id": "b"}))
}

#[test]
fn every_road_to_destruction_is_refused_and_named() {
    for (reason, words) in [
        ("delete_because_no_resource_config", "its block is gone"),
        ("delete_because_each_key", "gone from `for_each`"),
        ("delete_because_count_index", "`count` got smaller"),
        ("delete_because_wrong_repetition", "was added to its block or removed"),
        ("delete_because_no_move_target", "target of its `moved` block"),
        ("delete_because_enabled_false", "`enabled` is false"),
        ("delete_because_of_the_moon", "the plan says `delete_because_of_the_moon`"),
    ] {
        let finding = without(reason).finding("TL201");
        assert_eq!(finding.severity, Severity::Deny);
        assert_eq!(finding.address.unwrap().to_string(), DB);
        assert!(finding.message.contains(words) && finding.help.is_some(), "{reason}: {}", finding.message);
    }
}

#[test]
fn a_deletion_without_a_reason_in_a_plan_that_destroys_not_all_is_refused() {
    let finding = without("").finding("TL201");
    assert!(finding.message.contains("does not say why"), "{}", finding.message);
}

#[test]
fn what_an_unknown_action_deletes_is_destroyed() {
    let stack = Stack::new()
        .change(DB, json!({"actions": ["relocate", "delete"], "before": {"id": "1"}, "after": null}));
    assert_eq!(stack.finding("TL201").severity, Severity::Deny);
}

#[test]
fn a_deleted_block_can_be_kept_alive_by_the_block_that_is_offered() {
    let hcl = without("delete_because_no_resource_config").finding("TL201").hcl.unwrap();
    let parsed = Configuration::load(&MemoryTree::from([("main.tf", hcl.as_str())]), &BTreeMap::new());
    assert!(parsed.diagnostics().is_empty(), "{hcl}");
    assert!(hcl.contains("from = aws_db_instance.orders") && hcl.contains("destroy = false"));
}

#[test]
fn what_holds_nothing_traffic_or_compute_is_not_refused() {
    for address in
        ["aws_db_parameter_group.a", "aws_lambda_function.a", "aws_lb_listener.a", "null_resource.a"]
    {
        let stack = Stack::new().deletes(address, "delete_because_no_resource_config", json!({"id": "1"}));
        assert!(stack.is_silent("TL201") && stack.denies().is_empty(), "{address}: {:?}", stack.denies());
    }
}

#[test]
fn what_is_forgotten_stays_alive() {
    let stack = Stack::new()
        .change(DB, json!({"actions": ["forget"], "before": {"id": "1"}, "after": null}))
        .with("action_reason", "delete_because_no_resource_config".into());
    assert!(stack.is_silent("TL201"));
}

#[test]
fn a_deposed_object_is_no_case_of_this_rule() {
    let stack = Stack::new()
        .stays(DB, json!({"id": "2"}))
        .change(DB, json!({"actions": ["delete"], "before": {"id": "1"}, "after": null}))
        .with("deposed", "0123abcd".into());
    assert!(stack.is_silent("TL201"));
}

#[test]
fn cloud_machines_are_pets_unless_the_policy_says_cattle() {
    let mut stack = Stack::new().deletes("aws_instance.web", "delete_because_each_key", json!({"id": "1"}));
    assert_eq!(stack.finding("TL201").severity, Severity::Deny);
    stack.machines = Some(Machines::Cattle);
    assert!(stack.is_silent("TL201"));
}

#[test]
fn what_is_judged_by_its_name_is_said_to_be_assumed() {
    let stack = Stack::new().deletes("acme_database.a", "delete_because_each_key", json!({"id": "1"}));
    let message = stack.finding("TL201").message;
    assert!(message.contains("database (assumed to hold data)"), "{message}");
}
