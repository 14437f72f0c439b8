//! TL203.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidelock_parse::{Configuration, config::MemoryTree};
use tidelock_rules::report::Severity;

use super::stack::Stack;

fn bucket(name: &str) -> Value {
    json!({"id": name, "bucket": name, "arn": format!("arn:{name}"), "tags": {"team": "a"}})
}

fn wanted(name: &str) -> Value {
    json!({"bucket": name, "tags": {"team": "a"}})
}

/// The first of three leaves; each name forces a replacement.
fn first_leaves() -> Stack {
    Stack::new()
        .replaces("aws_s3_bucket.t[0]", "bucket", bucket("x-ash"), wanted("x-elm"))
        .changing("after_unknown", json!({"id": true, "arn": true}))
        .replaces("aws_s3_bucket.t[1]", "bucket", bucket("x-elm"), wanted("x-fir"))
        .changing("after_unknown", json!({"id": true, "arn": true}))
        .deletes("aws_s3_bucket.t[2]", "delete_because_count_index", bucket("x-fir"))
}

#[test]
fn items_that_move_up_are_told_once_and_nothing_else_is_said_of_them() {
    let stack = first_leaves();
    let finding = stack.finding("TL203");
    assert_eq!(finding.severity, Severity::Deny);
    assert_eq!(finding.address.unwrap().to_string(), "aws_s3_bucket.t[0]");
    assert_eq!(
        finding.message,
        "an earlier item of `count` went away: 2 instances of the bucket take the `bucket` of the next one (2 replaced for it), \
         and the last one is destroyed"
    );
    let roles: Vec<_> = finding.related.iter().map(|one| one.role.as_deref().unwrap()).collect();
    assert_eq!(roles, ["replaced, to take the values of [2]", "destroyed"]);
    assert!(stack.is_silent("TL201") && stack.is_silent("TL202"));
}

#[test]
fn the_moved_blocks_parse_and_lead_to_short_keys() {
    let hcl = first_leaves().finding("TL203").hcl.unwrap();
    let parsed = Configuration::load(&MemoryTree::from([("main.tf", hcl.as_str())]), &BTreeMap::new());
    assert!(parsed.diagnostics().is_empty());
    let expected = "moved {\n  from = aws_s3_bucket.t[1]\n  to   = aws_s3_bucket.t[\"elm\"]\n}\n\n\
                    moved {\n  from = aws_s3_bucket.t[2]\n  to   = aws_s3_bucket.t[\"fir\"]\n}\n";
    assert_eq!(hcl, expected);
}

#[test]
fn keys_with_quotes_and_templates_are_escaped() {
    let hostile = "a\"${b}\n%{c}\\";
    let stack = Stack::new()
        .updates("aws_ebs_volume.v[0]", json!({"id": "0", "name": "q"}), json!({"id": "0", "name": hostile}))
        .deletes("aws_ebs_volume.v[1]", "delete_because_count_index", json!({"id": "1", "name": hostile}));
    let hcl = stack.finding("TL203").hcl.unwrap();
    let parsed = Configuration::load(&MemoryTree::from([("main.tf", hcl.as_str())]), &BTreeMap::new());
    assert!(parsed.diagnostics().is_empty(), "{hcl}");
    assert!(hcl.contains(r#"["a\"$${b}\n%%{c}\\"]"#), "{hcl}");
}

#[test]
fn items_rewritten_in_place_are_told_too() {
    let volume = |at: usize, name: &str| json!({"id": at.to_string(), "name": name, "size": 10});
    let stack = Stack::new()
        .stays("aws_ebs_volume.v[0]", volume(0, "a"))
        .updates("aws_ebs_volume.v[1]", volume(1, "b"), volume(1, "c"))
        .deletes("aws_ebs_volume.v[2]", "delete_because_count_index", volume(2, "c"));
    let finding = stack.finding("TL203");
    assert_eq!(finding.severity, Severity::Deny);
    // The one that is destroyed, though another one left.
    assert_eq!(finding.address.unwrap().to_string(), "aws_ebs_volume.v[2]");
    assert_eq!(finding.hcl.unwrap().matches("moved").count(), 2);
}

#[test]
fn an_item_put_in_front_shifts_the_others_down() {
    let stack = Stack::new()
        .replaces("aws_s3_bucket.t[0]", "bucket", bucket("ash"), wanted("new"))
        .replaces("aws_s3_bucket.t[1]", "bucket", bucket("elm"), wanted("ash"))
        .replaces("aws_s3_bucket.t[2]", "bucket", bucket("fir"), wanted("elm"))
        .creates("aws_s3_bucket.t[3]", wanted("fir"));
    let finding = stack.finding("TL203");
    assert!(finding.message.starts_with("an item was put before others of `count`"), "{}", finding.message);
}

#[test]
fn what_holds_nothing_is_a_warning() {
    let role = |name: &str| json!({"id": name, "name": name});
    let stack = Stack::new()
        .replaces("aws_cloudwatch_metric_alarm.r[0]", "name", role("ash"), role("elm"))
        .deletes("aws_cloudwatch_metric_alarm.r[1]", "delete_because_count_index", role("elm"));
    assert_eq!(stack.finding("TL203").severity, Severity::Warn);
    assert!(stack.denies().is_empty());
}

#[test]
fn a_plain_scale_down_shifts_nothing() {
    let stack = Stack::new()
        .stays("aws_s3_bucket.t[0]", bucket("ash"))
        .stays("aws_s3_bucket.t[1]", bucket("elm"))
        .deletes("aws_s3_bucket.t[2]", "delete_because_count_index", bucket("fir"));
    assert!(stack.is_silent("TL203"));
    assert_eq!(stack.finding("TL201").address.unwrap().to_string(), "aws_s3_bucket.t[2]");
}

#[test]
fn a_tag_edit_with_a_scale_down_shifts_nothing() {
    let tagged = |name: &str, team: &str| json!({"id": name, "bucket": name, "tags": {"team": team}});
    let stack = Stack::new()
        .updates("aws_s3_bucket.t[0]", tagged("ash", "a"), tagged("ash", "b"))
        .updates("aws_s3_bucket.t[1]", tagged("elm", "a"), tagged("elm", "b"))
        .deletes("aws_s3_bucket.t[2]", "delete_because_count_index", tagged("fir", "a"));
    assert!(stack.is_silent("TL203"));
}

#[test]
fn numbers_that_are_counted_shift_nothing() {
    let rule = |priority: u64| json!({"id": "x", "priority": priority});
    let stack = Stack::new()
        .updates("aws_ebs_volume.v[0]", rule(3), rule(2))
        .updates("aws_ebs_volume.v[1]", rule(2), rule(1))
        .deletes("aws_ebs_volume.v[2]", "delete_because_count_index", rule(1));
    assert!(stack.is_silent("TL203"));
}

#[test]
fn for_each_never_shifts() {
    let stack = Stack::new().updates("aws_s3_bucket.t[\"0\"]", bucket("ash"), bucket("elm")).deletes(
        "aws_s3_bucket.t[\"1\"]",
        "delete_because_each_key",
        bucket("elm"),
    );
    assert!(stack.is_silent("TL203"));
}

#[test]
fn a_list_that_grows_at_its_end_shifts_nothing() {
    let stack =
        Stack::new().stays("aws_s3_bucket.t[0]", bucket("ash")).creates("aws_s3_bucket.t[1]", wanted("elm"));
    assert!(stack.is_silent("TL203"));
}
