//! TL202: what forces the replacement, and who is behind it.

use serde_json::{Value, json};
use tidelock_rules::report::{Finding, Severity};

use super::stack::Stack;

const DB: &str = "aws_db_instance.orders";

fn main_tf(argument: &str) -> String {
    format!("resource \"aws_db_instance\" \"orders\" {{\n  {argument}\n}}\n")
}

fn zone_changes() -> Stack {
    Stack::new().replaces(
        DB,
        "availability_zone",
        json!({"id": "1", "availability_zone": "a"}),
        json!({"availability_zone": "b"}),
    )
}

fn cause(finding: &Finding) -> &str {
    finding.cause.as_deref().unwrap()
}

fn lines(finding: &Finding) -> Vec<String> {
    finding.locations.iter().map(ToString::to_string).collect()
}

#[test]
fn a_changed_argument_is_named_with_its_values_and_its_line() {
    let finding = zone_changes().sources(&main_tf("availability_zone = \"b\"")).finding("TL202");
    assert_eq!(finding.severity, Severity::Deny);
    assert_eq!(finding.path.as_ref().unwrap().to_string(), "availability_zone");
    let said = "apply destroys and recreates the database: `availability_zone` changes from \"a\" to \"b\"";
    assert_eq!(finding.message, said);
    assert_eq!(cause(&finding), "configuration (main.tf:2)");
    assert_eq!(lines(&finding), ["main.tf:2", "main.tf:1"]);
}

#[test]
fn the_line_is_that_of_the_literal_behind_a_variable() {
    let text =
        "variable \"zone\" {\n  default = \"b\"\n}\n".to_owned() + &main_tf("availability_zone = var.zone");
    assert_eq!(cause(&zone_changes().sources(&text).finding("TL202")), "configuration (main.tf:2)");
}

#[test]
fn an_argument_that_nobody_sets_is_the_providers_doing() {
    let finding = zone_changes().sources(&main_tf("engine = \"postgres\"")).finding("TL202");
    assert!(cause(&finding).starts_with("provider upgrade or default"), "{finding:?}");
}

#[test]
fn drift_that_is_set_back_is_the_cause() {
    let (was, is) =
        (json!({"id": "1", "availability_zone": "b"}), json!({"id": "1", "availability_zone": "a"}));
    let finding =
        zone_changes().drifted(DB, was, is).sources(&main_tf("availability_zone = \"b\"")).finding("TL202");
    assert_eq!(cause(&finding), "drift");
    assert_eq!(finding.caused_by.len(), 1);
    assert!(finding.help.unwrap().contains("write the actual value at main.tf:2"));
}

#[test]
fn drift_and_configuration_can_both_be_behind_it() {
    let (was, is) =
        (json!({"id": "1", "availability_zone": "c"}), json!({"id": "1", "availability_zone": "a"}));
    let finding =
        zone_changes().drifted(DB, was, is).sources(&main_tf("availability_zone = \"b\"")).finding("TL202");
    assert_eq!(cause(&finding), "drift and configuration (main.tf:2)");
    assert!(finding.message.contains("by drift and configuration"), "{}", finding.message);
}

#[test]
fn drift_of_another_resource_is_named() {
    let app = |zone: &str| json!({"id": "9", "zone_name": zone});
    let finding = zone_changes()
        .drifted("aws_subnet.app", app("a"), app("b"))
        .stays("aws_subnet.app", app("b"))
        .sources(
            &(main_tf("availability_zone = aws_subnet.app.zone_name")
                + "resource \"aws_subnet\" \"app\" {}\n"),
        )
        .finding("TL202");
    assert_eq!(cause(&finding), "drift of `aws_subnet.app`, `zone_name`");
}

#[test]
fn a_data_source_that_reads_something_else_is_the_cause() {
    let text = main_tf("availability_zone = data.aws_zones.all.names[0]") + "data \"aws_zones\" \"all\" {}\n";
    let finding = zone_changes().sources(&text).finding("TL202");
    assert!(cause(&finding).starts_with("data source `data.aws_zones.all.names[0]`"), "{finding:?}");
}

fn unknown(key: Value) -> Stack {
    Stack::new()
        .change(
            DB,
            json!({"actions": ["delete", "create"], "before": {"id": "1", "kms_key_id": "k1"}, "after": {},
                "after_unknown": {"id": true, "kms_key_id": true}, "replace_paths": [["kms_key_id"]]}),
        )
        .with("action_reason", "replace_because_cannot_update".into())
        .change("aws_kms_key.new", key)
}

#[test]
fn an_unknown_value_is_followed_to_where_it_comes_from() {
    let create = json!({"actions": ["create"], "before": null, "after": {}, "after_unknown": {"arn": true}});
    let text = main_tf("kms_key_id = aws_kms_key.new.arn") + "resource \"aws_kms_key\" \"new\" {}\n";
    let finding = unknown(create).sources(&text).finding("TL202");
    assert_eq!(cause(&finding), "unknown value, from `aws_kms_key.new.arn`, which apply creates");
    assert!(finding.message.contains("from \"k1\" to a value known only after apply"), "{}", finding.message);
}

#[test]
fn an_unknown_value_is_followed_without_sources_too() {
    let create = json!({"actions": ["create"], "before": null, "after": {}, "after_unknown": {"arn": true}});
    let finding = unknown(create)
        .configuration(json!({"resources": [
            {"mode": "managed", "type": "aws_db_instance", "name": "orders", "expressions":
                {"kms_key_id": {"references": ["aws_kms_key.new.arn", "aws_kms_key.new"]}}},
            {"mode": "managed", "type": "aws_kms_key", "name": "new"}]}))
        .finding("TL202");
    assert!(cause(&finding).contains("`aws_kms_key.new.arn`, which apply creates"), "{finding:?}");
}

#[test]
fn an_unknown_value_is_followed_through_a_data_source_that_is_read_during_apply() {
    let read = json!({"actions": ["read"], "before": null, "after": {}, "after_unknown": {"arn": true}});
    let text = main_tf("kms_key_id = data.aws_kms_alias.k.arn") + "data \"aws_kms_alias\" \"k\" {}\n";
    let finding = unknown(json!({"actions": ["no-op"], "before": {"id": "1"}, "after": {"id": "1"}}))
        .change("data.aws_kms_alias.k", read)
        .sources(&text)
        .finding("TL202");
    assert_eq!(cause(&finding), "unknown value, from `data.aws_kms_alias.k.arn`, which is read during apply");
}

fn replaced_because(reason: &str) -> Stack {
    Stack::new()
        .change(DB, json!({"actions": ["delete", "create"], "before": {"id": "1"}, "after": {}, "after_unknown": {"id": true}}))
        .with("action_reason", reason.into())
}

#[test]
fn a_request_is_named() {
    assert_eq!(cause(&replaced_because("replace_by_request").finding("TL202")), "requested with -replace");
}

#[test]
fn the_trigger_that_was_pulled_is_named_with_its_line() {
    let text = main_tf("lifecycle {\n    replace_triggered_by = [aws_db_parameter_group.p]\n  }")
        + "resource \"aws_db_parameter_group\" \"p\" {}\n";
    let finding = replaced_because("replace_by_triggers")
        .updates(
            "aws_db_parameter_group.p",
            json!({"id": "p", "family": "a"}),
            json!({"id": "p", "family": "b"}),
        )
        .sources(&text)
        .finding("TL202");
    assert_eq!(cause(&finding), "trigger `aws_db_parameter_group.p`, which apply updates (main.tf:3)");
    assert_eq!(lines(&finding)[0], "main.tf:3");
}

#[test]
fn a_trigger_without_sources_is_called_one() {
    assert_eq!(
        cause(&replaced_because("replace_by_triggers").finding("TL202")),
        "trigger of `replace_triggered_by`, the plan does not say which"
    );
}

#[test]
fn a_tainted_instance_is_told_elsewhere() {
    assert!(replaced_because("replace_because_tainted").is_silent("TL202"));
}

#[test]
fn being_moved_or_imported_does_not_make_it_safe() {
    let finding = zone_changes().with("previous_address", "aws_db_instance.old".into()).finding("TL202");
    assert!(
        finding.message.ends_with("it moves here from `aws_db_instance.old` does not keep it"),
        "{}",
        finding.message
    );
    let finding = zone_changes().changing("importing", json!({"id": "1"})).finding("TL202");
    assert!(finding.message.ends_with("it is imported does not keep it"), "{}", finding.message);
}

#[test]
fn a_secret_that_forces_it_is_not_shown() {
    let finding = zone_changes()
        .changing("before_sensitive", json!({"availability_zone": true}))
        .sources(&main_tf("availability_zone = \"b\""))
        .finding("TL202");
    assert_eq!(finding.message, "apply destroys and recreates the database: `availability_zone` changes");
}

#[test]
fn the_telling_path_comes_before_the_one_that_only_follows() {
    let finding = Stack::new()
        .change(
            DB,
            json!({"actions": ["delete", "create"], "before": {"id": "1", "a_arn": "x", "engine": "mysql"},
                "after": {"engine": "postgres"}, "after_unknown": {"a_arn": true, "id": true},
                "replace_paths": [["a_arn"], ["engine"]]}),
        )
        .finding("TL202");
    assert_eq!(finding.path.unwrap().to_string(), "engine");
}

#[test]
fn a_machine_whose_successor_comes_first_is_a_warning() {
    let server = |first: &str, then: &str| {
        Stack::new().change(
            "aws_instance.web",
            json!({"actions": [first, then], "before": {"id": "1", "ami": "a"}, "after": {"ami": "b"}, "replace_paths": [["ami"]]}),
        )
    };
    assert_eq!(server("create", "delete").finding("TL202").severity, Severity::Warn);
    assert_eq!(server("delete", "create").finding("TL202").severity, Severity::Deny);
}

#[test]
fn an_update_or_a_replacement_of_what_holds_nothing_is_silent() {
    let stack = Stack::new()
        .updates(DB, json!({"id": "1", "tags": {"a": "b"}}), json!({"id": "1", "tags": {"a": "c"}}))
        .replaces(
            "aws_db_parameter_group.p",
            "family",
            json!({"id": "p", "family": "a"}),
            json!({"family": "b"}),
        )
        .change(
            "aws_s3_bucket.kept",
            json!({"actions": ["forget", "create"], "before": {"id": "b"}, "after": {}}),
        );
    // What is forgotten and made anew is kept: TL309 speaks of the double.
    assert!(stack.is_silent("TL202"));
    assert_eq!(stack.denies(), ["TL309"]);
}
