//! TL701 and TL702: secrets in clear text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::needless_pass_by_value, reason = "values are made for the plan they go into")]

#[path = "gate/changes.rs"]
mod changes;

use changes::Changes;
use serde_json::{Value, json};
use tidelock_rules::{
    Question,
    context::Values,
    report::{Command, Finding},
};

/// Never in any output.
const SECRET: &str = "hunter2-horse-battery";

fn url() -> String {
    format!("postgres://app:{SECRET}@db.internal/app")
}

fn paths(findings: &[Finding]) -> Vec<String> {
    let text = serde_json::to_string(findings).unwrap();
    assert!(!text.contains(SECRET), "a finding holds the secret");
    let address = |finding: &Finding| finding.address.as_ref().map(ToString::to_string).unwrap_or_default();
    let path = |finding: &Finding| finding.path.as_ref().map(ToString::to_string).unwrap_or_default();
    findings
        .iter()
        .map(|finding| format!("{} {}", address(finding), path(finding)).trim().to_owned())
        .collect()
}

fn unmarked(plan: &Changes) -> Vec<String> {
    paths(&plan.findings("TL701"))
}

fn function(variables: Value) -> Value {
    json!({"function_name": "worker", "environment": [{"variables": variables}]})
}

#[test]
fn an_unmarked_secret_of_a_created_instance_is_named_by_its_path() {
    let plan = Changes::new().create(
        "aws_lambda_function.a",
        function(json!({"DATABASE_URL": url(), "DB_PASSWORD": SECRET, "MODE": "x"})),
    );
    assert_eq!(
        unmarked(&plan),
        [
            "aws_lambda_function.a environment[0].variables.DATABASE_URL",
            "aws_lambda_function.a environment[0].variables.DB_PASSWORD"
        ]
    );
}

#[test]
fn what_is_marked_is_not_told() {
    let after = function(json!({"DATABASE_URL": url()}));
    let masked = |mask: Value| json!({"actions": ["create"], "before": null, "after": after, "after_unknown": {}, "after_sensitive": mask});
    let marks =
        [json!({"environment": true}), json!({"environment": [{"variables": {"DATABASE_URL": true}}]})];
    for mask in marks {
        assert_eq!(
            unmarked(&Changes::new().change("aws_lambda_function.a", masked(mask))),
            Vec::<String>::new()
        );
    }
}

#[test]
fn what_the_schema_marks_is_not_told() {
    let plan = |argument: &str| {
        let values = json!({ "name": "a", argument: SECRET });
        let provider = json!("registry.terraform.io/bpg/proxmox");
        Changes::new()
            .create("proxmox_virtual_environment_user.a", values)
            .edit_last("provider_name", provider)
    };
    assert_eq!(unmarked(&plan("password")), Vec::<String>::new());
    assert_eq!(unmarked(&plan("other_password")), ["proxmox_virtual_environment_user.a other_password"]);
}

#[test]
fn a_change_is_judged_by_what_it_changes_alone() {
    let values = |memory: u32, secret: &str| json!({"memory": memory, "environment": [{"variables": {"DB_PASSWORD": secret}}]});
    let update = |before: Value, after: Value| {
        let change = json!({"actions": ["update"], "before": before, "after": after});
        Changes::new().change("aws_lambda_function.a", change)
    };
    assert_eq!(unmarked(&update(values(1, SECRET), values(2, SECRET))), Vec::<String>::new());
    assert_eq!(unmarked(&update(values(1, "other-horse"), values(1, SECRET))).len(), 1);
    assert_eq!(
        unmarked(&Changes::new().stays("aws_lambda_function.a", values(1, SECRET))),
        Vec::<String>::new()
    );
    assert_eq!(
        unmarked(&Changes::new().delete("aws_lambda_function.a", values(1, SECRET))),
        Vec::<String>::new()
    );
}

#[test]
fn all_values_are_looked_through_when_asked() {
    let values = function(json!({"DB_PASSWORD": SECRET}));
    let plan = Changes::new().stays("aws_lambda_function.a", values).plan();
    let mut question = Question::new(Command::Gate, &plan);
    question.given.values = Values::All;
    let findings = question.answer().unwrap().findings;
    assert_eq!(paths(&findings), ["aws_lambda_function.a environment[0].variables.DB_PASSWORD"]);
}

#[test]
fn secrets_inside_scripts_json_and_base64_are_found() {
    let script = format!("#!/bin/sh\nexport DB_PASSWORD={SECRET}\n");
    let containers = json!([{"environment": [{"name": "DB_PASSWORD", "value": SECRET}]}]).to_string();
    // base64 of `#!/bin/sh` and an export of the password in a second line.
    let encoded = "IyEvYmluL3NoCmV4cG9ydCBEQl9QQVNTV09SRD1odW50ZXIyLWhvcnNlLWJhdHRlcnkK";
    let values =
        json!({"user_data": script, "user_data_base64": encoded, "container_definitions": containers});
    let found = unmarked(&Changes::new().create("aws_thing.a", values));
    assert_eq!(
        found,
        ["aws_thing.a container_definitions", "aws_thing.a user_data", "aws_thing.a user_data_base64"]
    );
}

#[test]
fn public_things_ids_references_and_stand_ins_are_no_secrets() {
    let values = json!({
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9wZk2Yf8RcVb7N1sXgPdU4hTjO6aEyKi5LrWn8xQ2v ada@example.net",
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUY\n-----END CERTIFICATE-----\n",
        "password_arn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
        "db_password": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
        "api_key": "REPLACE_ME", "admin_password": "changeme", "token": "***", "key_name": "deploy",
        "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "client_secret": "5f0c1b7e-41d2-4d2a-9c3e-2b8d6a0f4e17-example", "access_key_id": "AKIAIOSFODNN7QRSTUVW",
        "private_key": "./keys/deploy.pem", "tls_secret": "wildcard-internal-tls-2024",
    });
    assert_eq!(unmarked(&Changes::new().create("aws_thing.a", values)), Vec::<String>::new());
}

#[test]
fn one_instance_gets_a_few_findings_and_a_count() {
    let many: serde_json::Map<String, Value> =
        (0..12).map(|at| (format!("P{at:02}_PASSWORD"), json!(SECRET))).collect();
    let plan = Changes::new().create("aws_lambda_function.a", function(Value::Object(many)));
    let findings = plan.findings("TL701");
    assert_eq!(findings.len(), 5);
    assert!(findings.iter().any(|finding| finding.message.ends_with("; so do 7 more arguments")));
}

fn with_variable(name: &str, value: &str, declared: Value) -> Changes {
    Changes::new()
        .section("variables", json!({ name: {"value": value} }))
        .section("configuration", json!({"root_module": {"variables": { name: declared }}}))
}

#[test]
fn a_variable_is_told_unless_it_is_marked() {
    assert_eq!(unmarked(&with_variable("database_url", &url(), json!({}))), ["var.database_url"]);
    assert_eq!(unmarked(&with_variable("db_password", SECRET, json!({}))), ["var.db_password"]);
    for marked in [json!({"sensitive": true}), json!({"ephemeral": true})] {
        assert_eq!(unmarked(&with_variable("db_password", SECRET, marked)), Vec::<String>::new());
    }
    assert_eq!(unmarked(&with_variable("db_password_length", "32", json!({}))), Vec::<String>::new());
    assert_eq!(unmarked(&with_variable("db_password", "", json!({}))), Vec::<String>::new());
}

#[test]
fn constants_of_providers_module_calls_and_defaults_are_told_where_nothing_marks_them() {
    let constant = |value: &str| json!({"constant_value": value});
    let configuration = |marked: bool| {
        json!({
            "provider_config": {"acme": {"name": "acme", "expressions": {"api_token": constant("k8FvG2xQ9zL0pW3rT6yU")}}},
            "root_module": {"module_calls": {"db": {
                "source": "./db",
                "expressions": {"password": constant(SECRET)},
                "module": {"variables": {
                    "password": {"sensitive": marked},
                    "admin_password": {"sensitive": marked, "default": SECRET},
                }},
            }}},
        })
    };
    let open = Changes::new().section("configuration", configuration(false));
    assert_eq!(
        unmarked(&open),
        ["module.db.password", "module.db.var.admin_password", "provider.acme.api_token"]
    );
    let marked = Changes::new().section("configuration", configuration(true));
    assert_eq!(unmarked(&marked), ["provider.acme.api_token"]);
}

#[test]
fn a_write_only_constant_is_told_and_one_that_its_instance_shows_is_told_once() {
    let configuration = json!({"root_module": {"resources": [{
        "address": "aws_thing.a", "mode": "managed", "type": "aws_thing", "name": "a",
        "expressions": {"master_password": {"constant_value": SECRET}, "other_password": {"constant_value": SECRET}},
    }]}});
    let plan = Changes::new()
        .section("configuration", configuration.clone())
        .create("aws_thing.a", json!({"master_password": SECRET, "other_password": null}));
    assert_eq!(unmarked(&plan), ["aws_thing.a master_password", "aws_thing.a other_password"]);
    let marked = json!({"actions": ["create"], "before": null, "after": {"master_password": SECRET},
        "after_sensitive": {"master_password": true, "other_password": true}});
    let plan = Changes::new().section("configuration", configuration).change("aws_thing.a", marked);
    assert_eq!(unmarked(&plan), Vec::<String>::new());
}

fn with_output(name: &str, value: &str, sensitive: bool, references: &[&str]) -> Changes {
    let change = json!({"actions": ["create"], "before": null, "after": value, "after_unknown": false,
        "after_sensitive": sensitive});
    Changes::new().section("output_changes", json!({ name: change })).section(
        "configuration",
        json!({"root_module": {"outputs": { name: {"expression": {"references": references}}}}}),
    )
}

fn outputs(plan: &Changes) -> Vec<String> {
    paths(&plan.findings("TL702"))
}

#[test]
fn an_output_is_told_unless_it_is_marked() {
    assert_eq!(outputs(&with_output("database_url", &url(), false, &[])), ["output.database_url"]);
    assert_eq!(outputs(&with_output("db_password", SECRET, false, &["var.p"])), ["output.db_password"]);
    assert_eq!(outputs(&with_output("db_password", SECRET, true, &[])), Vec::<String>::new());
}

#[test]
fn an_output_that_passes_on_an_id_is_not_judged_by_its_name() {
    let references = ["aws_api_gateway_api_key.a.id", "aws_api_gateway_api_key.a"];
    assert_eq!(outputs(&with_output("api_key", "k8FvG2xQ9z", false, &references)), Vec::<String>::new());
    let references = ["aws_api_gateway_api_key.a.value", "aws_api_gateway_api_key.a"];
    assert_eq!(outputs(&with_output("api_key", "k8FvG2xQ9z", false, &references)), ["output.api_key"]);
}

#[test]
fn no_secret_is_in_the_report_as_a_whole() {
    let plan = Changes::new()
        .section("variables", json!({"db_password": {"value": SECRET}}))
        .section("output_changes", json!({"url": {"actions": ["create"], "before": null, "after": url()}}))
        .create("aws_lambda_function.a", function(json!({"DATABASE_URL": url(), "DB_PASSWORD": SECRET})));
    let report = plan.gate();
    assert_eq!(report.findings.iter().filter(|finding| finding.code.starts_with("TL7")).count(), 4);
    assert!(!serde_json::to_string(&report).unwrap().contains(SECRET));
}
