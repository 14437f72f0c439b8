//! TL601 and TL602: what goes and comes again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::needless_pass_by_value, reason = "values are made for the plan they go into")]

#[path = "gate/changes.rs"]
mod changes;

use std::fmt::Write as _;

use changes::Changes;
use hcl_edit::{parser::parse_body, structure::Body};
use serde_json::{Value, json};
use tidelock_rules::{moves::suggested_blocks, report::Finding};

fn database(identifier: &str) -> Value {
    json!({"id": "db-1", "identifier": identifier, "engine": "postgres", "allocated_storage": 100, "multi_az": false})
}

fn server(name: Option<&str>, size: &str) -> Value {
    json!({"id": "i-1", "ami": "ami-1", "instance_type": size, "subnet_id": "subnet-1",
        "tags": name.map(|name| json!({"Name": name}))})
}

/// What a create knows of an object: all but its id.
fn planned(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("id");
    object
}

fn moves(plan: &Changes) -> Vec<Finding> {
    plan.findings("TL601")
}

/// `from → to` of each block, in order; whatever does not parse fails.
fn blocks(hcl: &str) -> Vec<String> {
    let body: Body = parse_body(hcl).unwrap();
    let text = |block: &hcl_edit::structure::Block, name: &str| {
        block.body.get_attribute(name).unwrap().value.to_string().trim().to_owned()
    };
    body.get_blocks("moved").map(|block| format!("{} → {}", text(block, "from"), text(block, "to"))).collect()
}

fn only(findings: Vec<Finding>) -> Finding {
    let [only] = <[Finding; 1]>::try_from(findings).unwrap();
    only
}

#[test]
fn a_renamed_block_with_the_same_identity_is_a_move() {
    let plan = Changes::new()
        .delete("aws_db_instance.a", database("orders"))
        .create("aws_db_instance.b", planned(database("orders")));
    let finding = only(moves(&plan));
    assert_eq!(finding.address.unwrap().to_string(), "aws_db_instance.a");
    assert_eq!(blocks(&finding.hcl.unwrap()), ["aws_db_instance.a → aws_db_instance.b"]);
    assert_eq!(
        finding.message,
        "the database looks moved to aws_db_instance.b: all 3 known arguments are equal"
    );
    assert_eq!(
        finding.help.unwrap(),
        "add the `moved` block: apply then keeps the database instead of destroying it"
    );
    assert_eq!(finding.related.len(), 1);
}

#[test]
fn another_identity_another_type_or_another_provider_is_no_move() {
    let other = |address: &str, values: Value| {
        Changes::new().delete("aws_db_instance.a", database("orders")).create(address, planned(values))
    };
    assert_eq!(moves(&other("aws_db_instance.b", database("customers"))), []);
    assert_eq!(moves(&other("aws_rds_cluster.b", database("orders"))), []);
    let elsewhere = other("aws_db_instance.b", database("orders"))
        .edit_last("provider_name", json!("registry.terraform.io/acme/aws"));
    assert_eq!(moves(&elsewhere), []);
}

#[test]
fn equal_arguments_make_a_move_where_nothing_names_the_object() {
    let rule = |port: u32| json!({"id": "sgr-1", "from_port": port, "to_port": port, "protocol": "tcp", "type": "ingress"});
    let plan = Changes::new()
        .delete("aws_security_group_rule.a", rule(443))
        .delete("aws_security_group_rule.b", rule(80))
        .create("aws_security_group_rule.x", planned(rule(80)))
        .create("aws_security_group_rule.y", planned(rule(443)));
    let mut found: Vec<String> =
        moves(&plan).iter().flat_map(|f| blocks(f.hcl.as_deref().unwrap())).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "aws_security_group_rule.a → aws_security_group_rule.y",
            "aws_security_group_rule.b → aws_security_group_rule.x"
        ]
    );
}

#[test]
fn no_evidence_is_not_agreement() {
    let empty = || json!({"id": "1", "triggers": null});
    let plan = Changes::new().delete("null_resource.a", empty()).create("null_resource.b", planned(empty()));
    assert_eq!(moves(&plan), []);
}

#[test]
fn several_that_match_equally_well_are_listed_and_get_no_block() {
    let plan = Changes::new()
        .delete("aws_instance.a", server(None, "small"))
        .create("aws_instance.x", planned(server(None, "small")))
        .create("aws_instance.y", planned(server(None, "small")));
    let finding = only(moves(&plan));
    assert_eq!(finding.hcl, None);
    let listed: Vec<String> = finding.related.iter().map(|related| related.address.to_string()).collect();
    assert_eq!(listed, ["aws_instance.x", "aws_instance.y"]);
    assert!(finding.message.contains("nobody can tell"), "{}", finding.message);
}

#[test]
fn the_better_match_stands_first_and_wins_where_it_is_better() {
    let named = |name: &str, size: &str| server(Some(name), size);
    let plan = Changes::new()
        .delete("aws_instance.a", named("web", "small"))
        .create("aws_instance.x", planned(named("web", "small")))
        .create("aws_instance.y", planned(named("app", "small")));
    assert_eq!(blocks(&only(moves(&plan)).hcl.unwrap()), ["aws_instance.a → aws_instance.x"]);
}

#[test]
fn a_renamed_module_is_one_block() {
    let plan = Changes::new()
        .delete("module.a.aws_db_instance.this", database("orders"))
        .delete("module.a.module.net.aws_instance.jump[0]", server(Some("jump"), "small"))
        .delete("module.a.null_resource.tick", json!({"id": "1"}))
        .create("module.b.aws_db_instance.this", planned(database("orders")))
        .create("module.b.module.net.aws_instance.jump[0]", planned(server(Some("jump"), "small")))
        .create("module.b.null_resource.tick", json!({}));
    let finding = only(moves(&plan));
    assert_eq!(blocks(finding.hcl.as_deref().unwrap()), ["module.a → module.b"]);
    assert_eq!(
        finding.message,
        "module.a looks renamed to module.b: 3 resources that are destroyed are created there"
    );
}

#[test]
fn all_instances_of_a_module_call_move_in_one_block() {
    let mut plan = Changes::new();
    for key in ["eu", "us"] {
        plan = plan
            .delete(&format!("module.a[\"{key}\"].aws_db_instance.this"), database(key))
            .create(&format!("module.b[\"{key}\"].aws_db_instance.this"), planned(database(key)));
    }
    assert_eq!(blocks(&only(moves(&plan)).hcl.unwrap()), ["module.a → module.b"]);
}

#[test]
fn one_new_key_of_a_module_moves_that_instance_alone() {
    let plan = Changes::new()
        .delete("module.a[\"eu\"].aws_db_instance.this", database("eu"))
        .create("module.a[\"europe\"].aws_db_instance.this", planned(database("eu")))
        .stays("module.a[\"us\"].aws_db_instance.this", database("us"));
    assert_eq!(blocks(&only(moves(&plan)).hcl.unwrap()), ["module.a[\"eu\"] → module.a[\"europe\"]"]);
}

#[test]
fn a_module_that_keeps_something_does_not_move_as_a_whole() {
    let plan = Changes::new()
        .delete("module.a.aws_db_instance.this", database("orders"))
        .stays("module.a.aws_instance.web", server(Some("web"), "small"))
        .create("module.b.aws_db_instance.this", planned(database("orders")));
    assert_eq!(
        blocks(&only(moves(&plan)).hcl.unwrap()),
        ["module.a.aws_db_instance.this → module.b.aws_db_instance.this"]
    );
}

#[test]
fn a_renamed_block_with_count_is_one_block() {
    let mut plan = Changes::new();
    for at in 0..3 {
        plan = plan
            .delete(&format!("aws_instance.web[{at}]"), server(None, "small"))
            .create(&format!("aws_instance.app[{at}]"), planned(server(None, "small")));
    }
    let finding = only(moves(&plan));
    assert_eq!(blocks(finding.hcl.as_deref().unwrap()), ["aws_instance.web → aws_instance.app"]);
    assert_eq!(
        finding.message,
        "aws_instance.web looks renamed to aws_instance.app: 3 instances that are destroyed are created there"
    );
}

#[test]
fn count_that_became_for_each_is_one_block_an_instance() {
    let mut plan = Changes::new();
    for (at, key) in ["a.b", "${x}", "c\"d"].into_iter().enumerate() {
        let quoted = key.replace('"', "\\\"").replace("${", "$${");
        plan = plan
            .delete(&format!("aws_instance.web[{at}]"), server(Some(key), "small"))
            .create(&format!("aws_instance.web[\"{quoted}\"]"), planned(server(Some(key), "small")));
    }
    let finding = only(moves(&plan));
    assert_eq!(
        blocks(finding.hcl.as_deref().unwrap()),
        [
            "aws_instance.web[0] → aws_instance.web[\"a.b\"]",
            "aws_instance.web[1] → aws_instance.web[\"$${x}\"]",
            "aws_instance.web[2] → aws_instance.web[\"c\\\"d\"]",
        ]
    );
    assert_eq!(finding.message, "3 instances of aws_instance.web look moved to other keys");
}

#[test]
fn a_renamed_key_is_a_move_though_the_name_follows_it() {
    let one = |key: &str| format!("aws_instance.web[\"{key}\"]");
    let plan = Changes::new()
        .delete(&one("a"), server(Some("web-a"), "small"))
        .create(&one("alpha"), planned(server(Some("web-alpha"), "small")));
    assert_eq!(
        blocks(&only(moves(&plan)).hcl.unwrap()),
        ["aws_instance.web[\"a\"] → aws_instance.web[\"alpha\"]"]
    );
    // Other arguments differ, too: another server.
    let plan = Changes::new()
        .delete(&one("a"), server(Some("web-a"), "small"))
        .create(&one("alpha"), planned(server(Some("web-alpha"), "large")));
    assert_eq!(moves(&plan), []);
}

#[test]
fn what_is_gone_already_is_no_move() {
    let gone = json!([{
        "address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["delete"], "before": database("orders"), "after": null},
    }]);
    let plan = Changes::new()
        .section("resource_drift", gone)
        .create("aws_db_instance.b", planned(database("orders")));
    assert_eq!(moves(&plan), []);
}

#[test]
fn deposed_objects_do_not_move() {
    let mut plan = Changes::new()
        .stays("aws_instance.web", server(Some("web"), "small"))
        .create("aws_instance.app", planned(server(Some("web"), "small")))
        .delete("aws_instance.web", server(Some("web"), "small"));
    plan = plan.edit_last("deposed", json!("0123abcd"));
    assert_eq!(moves(&plan), []);
}

#[test]
fn values_never_stand_in_a_finding() {
    let secret = "hunter2-or-worse";
    let values = || json!({"id": "1", "identifier": "orders", "password": secret, "engine": secret});
    let plan =
        Changes::new().delete("aws_db_instance.a", values()).create("aws_db_instance.b", planned(values()));
    let finding = only(moves(&plan));
    assert!(!serde_json::to_string(&finding).unwrap().contains(secret));
}

#[test]
fn thousands_of_alike_instances_are_paired_by_their_clues_in_time() {
    let mut plan = Changes::new();
    for at in 0..3_000 {
        let name = format!("web-{at}");
        plan = plan
            .delete(&format!("aws_instance.web[{at}]"), server(Some(&name), "small"))
            .create(&format!("aws_instance.web[\"{name}\"]"), planned(server(Some(&name), "small")));
    }
    let plan = plan.plan();
    let start = std::time::Instant::now();
    let report =
        tidelock_rules::Question::new(tidelock_rules::report::Command::Gate, &plan).answer().unwrap();
    let finding = only(report.findings.into_iter().filter(|finding| finding.code == "TL601").collect());
    assert_eq!(blocks(&finding.hcl.unwrap()).len(), 3_000);
    // Comparing each with each takes minutes in a debug build.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn what_is_forgotten_and_created_again_is_imported_instead() {
    let plan = Changes::new()
        .forget("aws_db_instance.a", database("orders"))
        .create("aws_db_instance.b", planned(database("orders")));
    let finding = only(plan.findings("TL602"));
    assert_eq!(finding.address.unwrap().to_string(), "aws_db_instance.b");
    assert_eq!(finding.hcl.unwrap(), "import {\n  to = aws_db_instance.b\n  id = \"orders\"\n}\n");
    assert_eq!(moves(&plan), []);
}

#[test]
fn what_is_forgotten_alone_is_not_imported() {
    let plan = Changes::new()
        .forget("aws_db_instance.a", database("orders"))
        .create("aws_db_instance.b", planned(database("customers")));
    assert_eq!(plan.findings("TL602"), []);
}

#[test]
fn an_id_to_import_is_offered_only_where_it_is_known_and_shows_nothing() {
    let route = || json!({"id": "r-1", "route_table_id": "rtb-1", "destination_cidr_block": "10.0.0.0/8"});
    let plan = Changes::new().forget("aws_route.a", route()).create("aws_route.b", planned(route()));
    let finding = only(plan.findings("TL602"));
    assert_eq!(finding.hcl, None);
    assert!(finding.help.unwrap().contains("documentation"));

    let mut change = json!({"actions": ["forget"], "before": database("orders"), "after": null});
    change["before_sensitive"] = json!({"identifier": true});
    let plan = Changes::new()
        .change("aws_db_instance.a", change)
        .create("aws_db_instance.b", planned(database("orders")));
    let finding = only(plan.findings("TL602"));
    assert_eq!(finding.hcl, None);
    assert!(!serde_json::to_string(&finding).unwrap().contains("orders"));
}

#[test]
fn all_suggested_blocks_make_one_file() {
    let plan = Changes::new()
        .delete("aws_db_instance.a", database("orders"))
        .create("aws_db_instance.b", planned(database("orders")))
        .forget("aws_s3_bucket.a", json!({"id": "logs", "bucket": "logs", "region": "eu"}))
        .create("aws_s3_bucket.b", json!({"bucket": "logs", "region": "eu"}));
    let text = suggested_blocks(&plan.gate()).unwrap();
    let mut expected = String::new();
    let _ = write!(expected, "import {{\n  to = aws_s3_bucket.b\n  id = \"logs\"\n}}\n\n");
    let _ = write!(expected, "moved {{\n  from = aws_db_instance.a\n  to   = aws_db_instance.b\n}}\n");
    assert_eq!(text, expected);
    assert!(parse_body(&text).is_ok());
    assert_eq!(suggested_blocks(&Changes::new().gate()), None);
}

/// A stack whose state has forgotten the subnet: the server that stays still stands in it.
fn forgotten_subnet(depends_on: &[&str], others: &Value) -> Changes {
    let server = |subnet: Value| json!({"id": "i-1", "subnet_id": subnet});
    let resource = json!({"address": "aws_instance.web", "mode": "managed", "type": "aws_instance", "name": "web",
        "provider_name": "registry.terraform.io/hashicorp/aws", "values": server(json!("subnet-1")),
        "depends_on": depends_on});
    let mut resources = vec![resource];
    resources.extend(others.as_array().unwrap().iter().cloned());
    let expressions = json!({"subnet_id": {"references": ["aws_subnet.a.id", "aws_subnet.a"]}});
    let block = |type_name: &str, name: &str, expressions: Value| {
        json!({"address": format!("{type_name}.{name}"), "mode": "managed", "type": type_name, "name": name,
            "expressions": expressions})
    };
    let configured = [block("aws_instance", "web", expressions), block("aws_subnet", "a", json!({}))];
    let change = json!({"actions": ["delete", "create"], "before": server(json!("subnet-1")),
        "after": {}, "after_unknown": {"id": true, "subnet_id": true}, "replace_paths": [["subnet_id"]]});
    Changes::new()
        .section(
            "prior_state",
            json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}}),
        )
        .section("configuration", json!({"root_module": {"resources": configured}}))
        .change("aws_instance.web", change)
        .create("aws_subnet.a", json!({"cidr_block": "10.0.0.0/24"}))
}

#[test]
fn what_an_instance_that_stays_still_refers_to_is_imported_instead() {
    let finding = only(forgotten_subnet(&["aws_subnet.a"], &json!([])).findings("TL602"));
    assert_eq!(finding.hcl.unwrap(), "import {\n  to = aws_subnet.a\n  id = \"subnet-1\"\n}\n");
    assert_eq!(
        finding.message,
        "the subnet exists already, though the state has forgotten it: subnet_id of aws_instance.web still refers to it"
    );
}

#[test]
fn a_new_object_that_an_instance_is_to_refer_to_from_now_on_is_new() {
    // The state does not know of any dependency: the reference is new.
    assert_eq!(forgotten_subnet(&[], &json!([])).findings("TL602"), []);
    // Another object of the state has that id.
    let other = json!([{"address": "aws_subnet.old", "mode": "managed", "type": "aws_subnet", "name": "old",
        "provider_name": "registry.terraform.io/hashicorp/aws", "values": {"id": "subnet-1"}}]);
    assert_eq!(forgotten_subnet(&["aws_subnet.a"], &other).findings("TL602"), []);
}
