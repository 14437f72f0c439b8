//! What collides, what was lost, what is unprotected, ignored or out of date.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::needless_pass_by_value, reason = "values are made for the plan they go into")]

#[path = "gate/changes.rs"]
mod changes;

use std::{collections::BTreeMap, sync::Arc};

use changes::Changes;
use serde_json::{Value, json};
use tidelock_parse::{Configuration, RawText, Source, State, config::MemoryTree};
use tidelock_rules::{
    Question, Report,
    claims::Claims,
    context::{Given, GivenState},
    report::{Command, Finding, Severity},
};

const MANAGED: &str = "managed";

/// `configuration` of a plan with these blocks, each with the key of its provider and its expressions.
fn configuration(providers: Value, blocks: &[(&str, &str, Value)]) -> Value {
    let block = |(address, provider, expressions): &(&str, &str, Value)| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": MANAGED, "type": kind, "name": name,
            "provider_config_key": provider, "expressions": expressions})
    };
    json!({"provider_config": providers, "root_module": {"resources": blocks.iter().map(block).collect::<Vec<_>>()}})
}

fn sources(hcl: &str) -> Configuration {
    Configuration::load(&MemoryTree::from([("main.tf", hcl)]), &BTreeMap::new())
}

fn gate(changes: &Changes, sources: Option<&Configuration>, given: Given) -> Report {
    let plan = changes.plan();
    let mut question = Question::new(Command::Gate, &plan);
    question.sources = sources;
    question.given = given;
    question.answer().unwrap()
}

fn of(report: &Report, code: &str) -> Vec<Finding> {
    report.findings.iter().filter(|finding| finding.code == code).cloned().collect()
}

/// Severity, address and message of what one rule says.
fn said(findings: &[Finding]) -> Vec<(Severity, String, &str)> {
    let address = |finding: &Finding| finding.address.as_ref().map(ToString::to_string).unwrap_or_default();
    findings.iter().map(|finding| (finding.severity, address(finding), &*finding.message)).collect()
}

fn bucket(name: &str) -> Value {
    json!({"bucket": name, "force_destroy": false})
}

fn raw_state(value: &Value) -> Given {
    let source = Source::new("state.json", value.to_string());
    let state = State::from_raw(&source, RawText::whole(&source)).unwrap();
    let mut given = Given::default();
    given.state = GivenState::Is(Arc::new(state));
    given
}

mod create_collides {
    use super::*;

    fn collisions(changes: &Changes) -> Vec<Finding> {
        changes.findings("TL301")
    }

    #[test]
    fn two_creates_of_one_bucket_collide() {
        let plan = Changes::new()
            .create("aws_s3_bucket.a", bucket("logs"))
            .create("aws_s3_bucket.b", bucket("logs"));
        let found = collisions(&plan);
        let message = r#"aws_s3_bucket.a creates the same bucket (bucket = "logs") too"#;
        assert_eq!(said(&found), [(Severity::Deny, "aws_s3_bucket.b".to_owned(), message)]);
    }

    #[test]
    fn a_create_collides_with_what_another_address_has() {
        let plan =
            Changes::new().create("aws_s3_bucket.a", bucket("logs")).stays("aws_s3_bucket.z", bucket("logs"));
        let found = collisions(&plan);
        let message = r#"aws_s3_bucket.z is the same bucket (bucket = "logs") already"#;
        assert_eq!(said(&found), [(Severity::Deny, "aws_s3_bucket.a".to_owned(), message)]);
    }

    #[test]
    fn other_names_and_names_that_may_repeat_do_not_collide() {
        let server = |name: &str| json!({"ami": "ami-1", "tags": {"Name": name}});
        let plan = Changes::new()
            .create("aws_s3_bucket.a", bucket("logs"))
            .create("aws_s3_bucket.b", bucket("data"))
            .create("aws_instance.a", server("web"))
            .create("aws_instance.b", server("web"));
        assert_eq!(said(&collisions(&plan)), []);
    }

    #[test]
    fn what_the_plan_destroys_makes_room() {
        let plan = Changes::new()
            .create("aws_s3_bucket.a", bucket("logs"))
            .delete("aws_s3_bucket.z", bucket("logs"));
        assert_eq!(said(&collisions(&plan)), []);
    }

    #[test]
    fn unknown_names_do_not_collide() {
        let unknown =
            json!({"actions": ["create"], "before": null, "after": {}, "after_unknown": {"bucket": true}});
        let plan =
            Changes::new().change("aws_s3_bucket.a", unknown.clone()).change("aws_s3_bucket.b", unknown);
        assert_eq!(said(&collisions(&plan)), []);
    }

    fn two_databases(second: &str, providers: Value) -> Changes {
        let database = json!({"identifier": "orders", "allocated_storage": 10});
        Changes::new()
            .create("aws_db_instance.a", database.clone())
            .create("aws_db_instance.b", database)
            .section(
                "configuration",
                configuration(
                    providers,
                    &[("aws_db_instance.a", "aws", json!({})), ("aws_db_instance.b", second, json!({}))],
                ),
            )
    }

    #[test]
    fn regional_names_collide_in_one_region_only() {
        let region = |name: &str| json!({"name": "aws", "expressions": {"region": {"constant_value": name}}});
        let providers = json!({"aws": region("eu-central-1"), "aws.paris": region("eu-west-3")});
        assert_eq!(collisions(&two_databases("aws", providers.clone())).len(), 1);
        assert_eq!(said(&collisions(&two_databases("aws.paris", providers))), []);
    }

    #[test]
    fn accounts_are_told_apart_by_the_variables_behind_their_configuration() {
        let account = |name: &str| {
            json!({"name": "aws", "expressions": {
                "region": {"constant_value": "eu-central-1"}, "profile": {"references": [format!("var.{name}")]}}})
        };
        let providers = json!({"aws": account("one"), "aws.other": account("two")});
        let plan = |two: &str| {
            two_databases("aws.other", providers.clone())
                .section("variables", json!({"one": {"value": "prod"}, "two": {"value": two}}))
        };
        assert_eq!(said(&collisions(&plan("test"))), []);
        assert_eq!(collisions(&plan("prod")).len(), 1);
    }

    #[test]
    fn a_zone_that_is_set_to_something_unknown_is_not_the_default() {
        let disk = json!({"actions": ["create"], "before": null, "after": {"name": "d"}, "after_unknown": {"zone": true}});
        let plan = |zone: Value| {
            let block =
                |name| (name, "google", json!({"name": {"constant_value": "d"}, "zone": zone.clone()}));
            let blocks = [block("google_compute_disk.a"), block("google_compute_disk.b")];
            Changes::new()
                .change("google_compute_disk.a", disk.clone())
                .change("google_compute_disk.b", disk.clone())
                .section("configuration", configuration(json!({}), &blocks))
        };
        assert_eq!(said(&collisions(&plan(json!({"references": ["data.x.y.zone"]})))), []);
        let mut unset = plan(json!(null));
        unset = unset.section(
            "configuration",
            configuration(
                json!({}),
                &[
                    ("google_compute_disk.a", "google", json!({})),
                    ("google_compute_disk.b", "google", json!({})),
                ],
            ),
        );
        assert_eq!(collisions(&unset).len(), 1);
    }

    fn beside(ours: &Changes, theirs: &Changes) -> Vec<Finding> {
        let claims = |changes: &Changes| Claims::of(&changes.plan()).unwrap();
        let mut given = Given::default();
        given.elsewhere =
            Claims::joined(vec![("ours".to_owned(), claims(ours)), ("theirs".to_owned(), claims(theirs))]);
        let plan = ours.plan();
        let mut question = Question::new(Command::Gate, &plan);
        question.input.path = Some("ours".to_owned());
        question.given = given;
        of(&question.answer().unwrap(), "TL301")
    }

    #[test]
    fn two_plans_collide_over_one_bucket() {
        let ours = Changes::new().create("aws_s3_bucket.a", bucket("logs"));
        let theirs = Changes::new().create("aws_s3_bucket.b", bucket("logs"));
        let found = beside(&ours, &theirs);
        let message =
            r#"ours and theirs both create the same bucket (bucket = "logs"); there it is aws_s3_bucket.b"#;
        assert_eq!(said(&found), [(Severity::Deny, "aws_s3_bucket.a".to_owned(), message)]);
        let held = Changes::new().stays("aws_s3_bucket.b", bucket("logs"));
        assert_eq!(beside(&ours, &held).len(), 1);
        let other = Changes::new().create("aws_s3_bucket.b", bucket("data"));
        assert_eq!(said(&beside(&ours, &other)), []);
    }

    #[test]
    fn a_plan_does_not_collide_with_itself() {
        let plan = Changes::new()
            .create("aws_s3_bucket.a", bucket("logs"))
            .section("timestamp", json!("2026-11-20T20:14:39Z"));
        assert_eq!(said(&beside(&plan, &plan)), []);
    }

    #[test]
    fn plans_whose_accounts_are_not_known_are_warned_about() {
        let role = |address| Changes::new().create(address, json!({"name": "app"}));
        let found = beside(&role("aws_iam_role.a"), &role("aws_iam_role.b"));
        assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [Severity::Warn]);
    }

    #[test]
    fn plans_of_different_accounts_do_not_collide() {
        let role = |address, profile| {
            let provider =
                json!({"aws": {"name": "aws", "expressions": {"profile": {"constant_value": profile}}}});
            Changes::new()
                .create(address, json!({"name": "app"}))
                .section("configuration", configuration(provider, &[(address, "aws", json!({}))]))
        };
        let ours = role("aws_iam_role.a", "prod");
        assert_eq!(said(&beside(&ours, &role("aws_iam_role.b", "test"))), []);
        let found = beside(&ours, &role("aws_iam_role.b", "prod"));
        assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [Severity::Deny]);
    }

    #[test]
    fn sensitive_names_are_not_shown() {
        let create = |address: &str, plan: Changes| {
            let change = json!({"actions": ["create"], "before": null, "after": bucket("hush"),
                "after_unknown": {}, "after_sensitive": {"bucket": true}});
            plan.change(address, change)
        };
        let plan = create("aws_s3_bucket.b", create("aws_s3_bucket.a", Changes::new()));
        let found = collisions(&plan);
        assert!(found.len() == 1 && !found[0].message.contains("hush"), "{found:?}");
    }
}

mod state_lost {
    use super::*;

    fn expressions(argument: &str, reference: &str) -> Value {
        json!({argument: {"references": [format!("{reference}.address"), reference]}})
    }

    /// A record that pointed to `old` and now to a database about to be created.
    fn repointed(old: &str, others: &[Value]) -> Changes {
        let before = json!({"id": "r", "name": "db", "records": [old], "zone_id": "Z1"});
        let change = json!({"actions": ["update"], "before": before,
            "after": {"id": "r", "name": "db", "records": [null], "zone_id": "Z1"},
            "after_unknown": {"records": [true]}});
        let record = json!({"address": "aws_route53_record.r", "mode": MANAGED, "type": "aws_route53_record", "name": "r",
            "provider_name": "aws", "values": before, "depends_on": ["aws_db_instance.db"]});
        let mut resources = vec![record];
        resources.extend(others.iter().cloned());
        let blocks = [
            ("aws_db_instance.db", "aws", json!({})),
            ("aws_route53_record.r", "aws", expressions("records", "aws_db_instance.db")),
        ];
        Changes::new()
            .create("aws_db_instance.db", json!({"identifier": "orders"}))
            .change("aws_route53_record.r", change)
            .section("configuration", configuration(json!({}), &blocks))
            .section(
                "prior_state",
                json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}}),
            )
    }

    #[test]
    fn a_value_that_nothing_in_the_state_explains_speaks_of_a_lost_object() {
        let found = repointed("orders.c9ak.rds.example.net", &[]).findings("TL305");
        let message = "the state lost this database: `records` of aws_route53_record.r still has a value of it that \
                       nothing in the state explains";
        assert_eq!(said(&found), [(Severity::Deny, "aws_db_instance.db".to_owned(), message)]);
    }

    #[test]
    fn a_reference_that_moved_from_an_object_in_the_state_is_no_loss() {
        let old = json!({"address": "aws_db_instance.old", "mode": MANAGED, "type": "aws_db_instance", "name": "old",
            "provider_name": "aws", "values": {"id": "old", "address": "old.c9ak.rds.example.net"}});
        assert_eq!(said(&repointed("old.c9ak.rds.example.net", &[old]).findings("TL305")), []);
    }

    #[test]
    fn what_was_deleted_outside_is_not_lost() {
        let drift = json!([{"address": "aws_db_instance.db", "mode": MANAGED, "type": "aws_db_instance", "name": "db",
            "provider_name": "aws", "change": {"actions": ["delete"], "before": {"id": "orders"}, "after": null}}]);
        let plan = repointed("orders.c9ak.rds.example.net", &[]).section("resource_drift", drift);
        assert_eq!(said(&plan.findings("TL305")), []);
    }

    #[test]
    fn a_block_that_has_other_instances_is_not_lost() {
        let plan = repointed("orders.c9ak.rds.example.net", &[])
            .stays("aws_db_instance.db[1]", json!({"id": "x", "identifier": "y"}));
        assert_eq!(said(&plan.findings("TL305")), []);
    }

    #[test]
    fn a_text_made_of_several_things_proves_nothing() {
        assert_eq!(said(&repointed("https://db.example.net/orders", &[]).findings("TL305")), []);
    }

    #[test]
    fn the_state_at_hand_may_speak_against_it() {
        let plan = repointed("orders.c9ak.rds.example.net", &[]);
        let state = |dependencies: Value| {
            raw_state(&json!({"version": 4, "serial": 3, "lineage": "l", "resources": [
                {"mode": MANAGED, "type": "aws_route53_record", "name": "r", "provider": "provider[\"aws\"]",
                 "instances": [{"attributes": {"id": "r"}, "dependencies": dependencies}]}]}))
        };
        assert_eq!(of(&gate(&plan, None, state(json!(["aws_db_instance.db"]))), "TL305").len(), 1);
        assert_eq!(said(&of(&gate(&plan, None, state(json!([]))), "TL305")), []);
    }

    fn output(before: &str) -> Changes {
        let mut config = configuration(json!({}), &[("aws_db_instance.db", "aws", json!({}))]);
        config["root_module"]["outputs"] = json!({"address": {"expression": {
            "references": ["aws_db_instance.db.address", "aws_db_instance.db"]}}});
        Changes::new()
            .create("aws_db_instance.db", json!({"identifier": "orders"}))
            .section("configuration", config)
            .section(
                "output_changes",
                json!({"address": {"actions": ["update"], "before": before, "after_unknown": true}}),
            )
    }

    #[test]
    fn an_output_speaks_of_a_lost_object() {
        let found = output("orders.c9ak.rds.example.net").findings("TL305");
        assert!(found.len() == 1 && found[0].message.contains("the output `address`"), "{found:?}");
        assert_eq!(said(&output("").findings("TL305")), []);
    }

    fn expecting(lineage: Option<&str>, resources: Option<usize>, mut given: Given) -> Vec<Finding> {
        given.lineage = lineage.map(ToOwned::to_owned);
        given.resources = resources;
        let plan = Changes::new().create("aws_s3_bucket.a", bucket("logs"));
        of(&gate(&plan, None, given), "TL305")
    }

    fn empty() -> Given {
        raw_state(&json!({"version": 4, "serial": 3, "lineage": "l", "resources": []}))
    }

    #[test]
    fn another_lineage_than_expected_is_refused() {
        assert_eq!(expecting(Some("other"), None, empty()).len(), 1);
        assert_eq!(said(&expecting(Some("l"), None, empty())), []);
        let mut missing = Given::default();
        missing.state = GivenState::Missing;
        assert_eq!(expecting(Some("l"), None, missing).len(), 1);
    }

    #[test]
    fn another_number_of_instances_than_expected_is_refused() {
        assert_eq!(expecting(None, Some(2), empty()).len(), 1);
        assert_eq!(expecting(None, Some(2), Given::default()).len(), 1);
        assert_eq!(said(&expecting(None, Some(0), empty())), []);
    }

    #[test]
    fn a_first_deployment_is_a_note() {
        let codes = |given: Given| {
            let plan = Changes::new().create("aws_s3_bucket.a", bucket("logs"));
            let report = gate(&plan, None, given);
            assert_eq!(said(&of(&report, "TL305")), []);
            report.notes.iter().any(|note| note.code == "gate::first_deployment")
        };
        assert!(codes(Given::default()));
        let mut expected = Given::default();
        expected.resources = Some(0);
        assert!(!codes(expected));
    }
}

mod leftovers {
    use super::*;

    fn deposed(address: &str, before: Value) -> Vec<Finding> {
        let plan = Changes::new().delete(address, before).edit_last("deposed", json!("0123abcd"));
        plan.findings("TL306")
    }

    #[test]
    fn a_deposed_database_stops_the_apply_and_a_deposed_template_does_not() {
        assert_eq!(deposed("aws_db_instance.a", json!({"id": "a"}))[0].severity, Severity::Deny);
        assert_eq!(deposed("aws_launch_template.a", json!({"id": "a"}))[0].severity, Severity::Warn);
    }

    #[test]
    fn a_deposed_machine_has_its_successor() {
        assert_eq!(deposed("hcloud_server.a", json!({"id": "1"}))[0].severity, Severity::Warn);
    }

    #[test]
    fn a_tainted_database_stops_the_apply_and_a_tainted_parameter_does_not() {
        let tainted = |address: &str| {
            let change = json!({"actions": ["delete", "create"], "before": {"id": "a"}, "after": {}, "after_unknown": {"id": true}});
            let plan = Changes::new()
                .change(address, change)
                .edit_last("action_reason", json!("replace_because_tainted"));
            plan.findings("TL307")[0].severity
        };
        assert_eq!(tainted("aws_db_instance.a"), Severity::Deny);
        assert_eq!(tainted("aws_ssm_parameter.a"), Severity::Warn);
    }

    #[test]
    fn what_is_forgotten_is_a_warning_and_its_double_a_refusal() {
        let forgotten = Changes::new().forget("aws_s3_bucket.a", bucket("logs"));
        assert_eq!(forgotten.findings("TL309")[0].severity, Severity::Warn);
        let other = Changes::new()
            .forget("aws_s3_bucket.a", bucket("logs"))
            .create("aws_s3_bucket.b", bucket("data"));
        assert_eq!(other.findings("TL309")[0].severity, Severity::Warn);
        let double = Changes::new()
            .forget("aws_s3_bucket.a", bucket("logs"))
            .create("aws_s3_bucket.b", bucket("logs"));
        assert_eq!(double.findings("TL309")[0].severity, Severity::Deny);
        assert_eq!(said(&double.findings("TL301")), []);
    }

    #[test]
    fn where_names_may_repeat_the_same_name_makes_a_double() {
        let zone = |name: &str| json!({"name": name});
        let plan = |name: &str| {
            let plan = Changes::new().forget("aws_route53_zone.a", zone("example.net"));
            plan.create("aws_route53_zone.b", zone(name)).findings("TL309")[0].severity
        };
        assert_eq!((plan("example.net"), plan("example.org")), (Severity::Deny, Severity::Warn));
    }
}

mod protection {
    use super::*;

    fn unprotected(hcl: &str) -> Vec<Finding> {
        let plan = Changes::new()
            .stays("aws_db_instance.a", json!({"id": "a"}))
            .stays("aws_ssm_parameter.p", json!({"id": "p"}));
        of(&gate(&plan, Some(&sources(hcl)), Given::default()), "TL401")
    }

    #[test]
    fn a_database_that_nothing_protects_is_named_once_for_the_stack() {
        let found =
            unprotected("resource \"aws_db_instance\" \"a\" {}\nresource \"aws_ssm_parameter\" \"p\" {}");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("aws_db_instance.a can be destroyed"), "{found:?}");
        assert_eq!(found[0].locations[0].to_string(), "main.tf:1");
    }

    #[test]
    fn either_protection_will_do() {
        for body in [
            "lifecycle {\n prevent_destroy = true\n}",
            "deletion_protection = true",
            "deletion_protection = var.protect",
        ] {
            assert_eq!(said(&unprotected(&format!("resource \"aws_db_instance\" \"a\" {{\n{body}\n}}"))), []);
        }
    }

    #[test]
    fn nothing_is_said_without_sources() {
        let plan = Changes::new().stays("aws_db_instance.a", json!({"id": "a"}));
        assert_eq!(said(&plan.findings("TL401")), []);
    }

    #[test]
    fn what_the_plan_touches_comes_first() {
        let update =
            json!({"actions": ["update"], "before": {"id": "z", "port": 1}, "after": {"id": "z", "port": 2}});
        let plan =
            Changes::new().stays("aws_db_instance.a", json!({"id": "a"})).change("aws_db_instance.z", update);
        let sources = sources("resource \"aws_db_instance\" \"a\" {}\nresource \"aws_db_instance\" \"z\" {}");
        let found = of(&gate(&plan, Some(&sources), Given::default()), "TL401");
        let related: Vec<String> = found[0].related.iter().map(|other| other.address.to_string()).collect();
        assert_eq!(related, ["aws_db_instance.z", "aws_db_instance.a"]);
        assert!(found[0].message.starts_with("2 of 2 stateful resources"), "{found:?}");
    }
}

mod ignored {
    use super::*;

    fn server(labels: Value) -> Changes {
        Changes::new()
            .stays("hcloud_server.a", json!({"id": "1", "labels": labels, "name": "a"}))
            .edit_last("provider_name", json!("registry.opentofu.org/hetznercloud/hcloud"))
    }

    fn report(entries: &str) -> Report {
        let hcl = format!(
            "resource \"hcloud_server\" \"a\" {{\n  labels = {{ env = \"x\" }}\n  lifecycle {{\n    ignore_changes = {entries}\n  }}\n}}"
        );
        gate(&server(json!({"env": "x"})), Some(&sources(&hcl)), Given::default())
    }

    fn path(finding: &Finding) -> String {
        finding.path.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn ignoring_everything_is_said_with_its_line() {
        let found = of(&report("all"), "TL403");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].locations[0].to_string(), "main.tf:4");
        assert_eq!(said(&of(&report("[labels]"), "TL403")), []);
    }

    #[test]
    fn a_key_that_nobody_has_is_stale() {
        let found = of(&report("[labels[\"gone\"]]"), "TL404");
        assert_eq!((found.len(), found[0].severity), (1, Severity::Info));
        assert_eq!(said(&of(&report("[labels[\"env\"]]"), "TL404")), []);
    }

    #[test]
    fn an_entry_without_effect_says_how_to_write_it() {
        let found = of(&report("[labels.env]"), "TL405");
        assert_eq!(said(&found)[0].2, "`labels.env` in `ignore_changes` has no effect: `labels` is a map");
        assert_eq!(found[0].help.as_deref(), Some("write `labels[\"env\"]`"));
        assert_eq!(found[0].locations[0].to_string(), "main.tf:4");
    }

    #[test]
    fn an_entry_for_what_only_the_provider_sets_has_no_effect() {
        assert_eq!(of(&report("[status]"), "TL405").len(), 1);
    }

    #[test]
    fn an_index_of_text_covers_a_whole_list_of_blocks() {
        let found = of(&report("[network[\"x\"]]"), "TL405");
        assert_eq!(found.iter().map(path).collect::<Vec<_>>(), [r#"network["x"]"#]);
        assert!(found[0].message.contains("covers all of `network`"), "{found:?}");
    }

    #[test]
    fn entries_that_do_what_they_say_are_left_alone() {
        for entries in ["[labels]", "[labels[\"env\"]]", "[image, name]", "[]"] {
            assert_eq!(said(&of(&report(entries), "TL405")), [], "{entries}");
        }
    }

    #[test]
    fn a_map_that_is_not_known_yet_is_not_ignored_by_key() {
        let change = |unknown: Value, after: Value| json!({"actions": ["update"], "before": {"id": "1", "tags": {"a": "x"}}, "after": after, "after_unknown": unknown});
        let sources = sources(
            "resource \"x_thing\" \"a\" {\n  tags = var.t\n  lifecycle {\n    ignore_changes = [tags[\"a\"]]\n  }\n}",
        );
        let found = |change: Value| {
            of(&gate(&Changes::new().change("x_thing.a", change), Some(&sources), Given::default()), "TL405")
                .len()
        };
        assert_eq!(found(change(json!({"tags": true}), json!({"id": "1"}))), 1);
        assert_eq!(found(change(json!({"tags": {"b": true}}), json!({"id": "1", "tags": {"a": "x"}}))), 0);
    }
}

mod integrity {
    use super::*;

    #[test]
    fn failed_checks_are_named_and_passed_ones_are_not() {
        let check = |name: &str, kind: &str, status: &str| json!({"address": {"to_display": name, "kind": kind, "name": name}, "status": status});
        let plan = Changes::new().stays("aws_s3_bucket.a", bucket("x")).section(
            "checks",
            json!([
                check("check.health", "check", "fail"),
                check("output.ip", "output_value", "error"),
                check("aws_s3_bucket.a", "resource", "fail"),
                check("var.size", "var", "pass"),
                check("check.later", "check", "unknown"),
            ]),
        );
        let found = plan.findings("TL504");
        let messages: Vec<_> =
            said(&found).into_iter().map(|(_, address, message)| (address, message)).collect();
        let none = String::new;
        assert_eq!(
            messages,
            [
                ("aws_s3_bucket.a".to_owned(), "a condition of the block failed"),
                (none(), "`check.health` failed"),
                (none(), "`output.ip` could not be evaluated"),
            ]
        );
        let fingerprints: std::collections::BTreeSet<_> = found.iter().map(|f| &f.fingerprint).collect();
        assert_eq!(fingerprints.len(), 3);
    }

    fn stale(values: Value, more: Option<&str>) -> Vec<Finding> {
        let plan = Changes::new()
            .stays("aws_s3_bucket.a", json!({"id": "a", "bucket": "a", "tags": {"x": "1"}}))
            .create("aws_s3_bucket.b", bucket("b"));
        let resource = |name: &str, attributes: &Value| {
            json!({"mode": MANAGED, "type": "aws_s3_bucket", "name": name, "provider": "provider[\"aws\"]",
                "instances": [{"attributes": attributes}]})
        };
        let mut resources = vec![resource("a", &values)];
        resources.extend(more.map(|name| resource(name, &json!({"id": name}))));
        let given = raw_state(&json!({"version": 4, "serial": 3, "lineage": "l", "resources": resources}));
        of(&gate(&plan, None, given), "TL505")
    }

    #[test]
    fn a_plan_made_from_the_state_at_hand_is_not_stale() {
        assert_eq!(said(&stale(json!({"id": "a", "bucket": "a", "tags": {"x": "1"}}), None)), []);
        // An upgraded provider adds arguments.
        assert_eq!(said(&stale(json!({"id": "a", "tags": {"x": "1"}, "old": 1}), None)), []);
    }

    #[test]
    fn other_values_or_instances_in_the_state_are_a_warning() {
        let same = json!({"id": "a", "bucket": "a", "tags": {"x": "1"}});
        let messages = [
            stale(json!({"id": "a", "bucket": "a", "tags": {"x": "2"}}), None),
            stale(same.clone(), Some("b")),
            stale(same, Some("c")),
        ];
        let messages: Vec<_> =
            messages.iter().flat_map(|found| said(found)).map(|(s, _, m)| (s, m)).collect();
        assert_eq!(
            messages,
            [
                (Severity::Warn, "the plan may be stale: aws_s3_bucket.a has other values in the state now"),
                (Severity::Warn, "the plan may be stale: aws_s3_bucket.b is in the state already"),
                (
                    Severity::Warn,
                    "the plan may be stale: aws_s3_bucket.c is in the state, and the plan does not know it"
                ),
            ]
        );
    }

    #[test]
    fn drift_does_not_make_a_plan_stale() {
        let drift = json!([{"address": "aws_s3_bucket.a", "mode": MANAGED, "type": "aws_s3_bucket", "name": "a",
            "provider_name": "aws", "change": {"actions": ["update"], "before": {"id": "a", "tags": {"x": "1"}},
            "after": {"id": "a", "tags": {"x": "2"}}}}]);
        let plan = Changes::new()
            .stays("aws_s3_bucket.a", json!({"id": "a", "tags": {"x": "2"}}))
            .section("resource_drift", drift);
        let state = raw_state(&json!({"version": 4, "serial": 3, "lineage": "l", "resources": [
            {"mode": MANAGED, "type": "aws_s3_bucket", "name": "a", "provider": "provider[\"aws\"]",
             "instances": [{"attributes": {"id": "a", "tags": {"x": "1"}}}]}]}));
        assert_eq!(said(&of(&gate(&plan, None, state), "TL505")), []);
    }

    #[test]
    fn lineage_and_serial_decide_where_both_sides_have_them() {
        let stale = |lineage: &str, serial: u64| {
            let changes = Changes::new().create("aws_s3_bucket.a", bucket("a"));
            let plan = changes.plan();
            let mut question = Question::new(Command::Gate, &plan);
            question.input.lineage = Some(lineage.to_owned());
            question.input.serial = Some(serial);
            question.given = raw_state(&json!({"version": 4, "serial": 3, "lineage": "l", "resources": []}));
            of(&question.answer().unwrap(), "TL505").iter().map(|f| f.severity).collect::<Vec<_>>()
        };
        assert_eq!(stale("l", 3), []);
        assert_eq!(stale("l", 2), [Severity::Deny]);
        assert_eq!(stale("m", 3), [Severity::Deny]);
    }

    #[test]
    fn a_plan_is_old_after_a_day() {
        let aged = |now: &str| {
            let plan = Changes::new().section("timestamp", json!("2026-11-20T12:00:00Z"));
            let mut given = Given::default();
            given.now = Some(now.parse().unwrap());
            of(&gate(&plan, None, given), "TL506").into_iter().map(|f| f.message).collect::<Vec<_>>()
        };
        assert_eq!(aged("2026-11-21T11:00:00Z"), Vec::<String>::new());
        assert_eq!(aged("2026-11-21T18:00:00Z"), ["the plan is 30 hours old; the limit is 24 hours"]);
        assert_eq!(aged("2026-11-25T18:00:00Z"), ["the plan is 5 days old; the limit is 24 hours"]);
        assert_eq!(aged("2026-11-19T18:00:00Z"), Vec::<String>::new());
    }
}
