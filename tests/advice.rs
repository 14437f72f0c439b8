//! A way out never leads into what the report warns of.

#![allow(clippy::unwrap_used, reason = "a plan that cannot be read fails the test")]

use serde_json::{Value, json};
use tidelock::{Analysis, Report, Resolution, Source};

const VM: &str = "proxmox_virtual_environment_vm.nas";
const RECORD: &str = "aws_route53_record.nas";

fn change(address: &str, actions: &[&str], replace: &[&str], [before, after]: [&Value; 2]) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    let provider = if kind.starts_with("aws") { "hashicorp/aws" } else { "bpg/proxmox" };
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": format!("registry.terraform.io/{provider}"),
        "change": { "actions": actions, "before": before, "after": after, "replace_paths": [replace] },
    })
}

/// Address, actions, the path that forces a replacement, the three values, and the arguments as plan JSON has them.
type Planned<'p> = (&'p str, &'p [&'p str], &'p [&'p str], [Value; 3], Value);

/// A plan for what each resource was, is and shall be, with what plan JSON says of its arguments.
fn report(resources: &[Planned<'_>]) -> Report {
    let drift =
        resources.iter().map(|(address, _, _, [was, is, _], _)| change(address, &["update"], &[], [was, is]));
    let changes = resources.iter().map(|(address, actions, replace, [_, is, wanted], _)| {
        change(address, actions, replace, [is, wanted])
    });
    let blocks = resources.iter().map(|(address, .., arguments)| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({ "address": address, "mode": "managed", "type": kind, "name": name, "expressions": arguments })
    });
    let plan = json!({
        "format_version": "1.2",
        "resource_drift": drift.collect::<Value>(),
        "resource_changes": changes.collect::<Value>(),
        "configuration": { "root_module": { "resources": blocks.collect::<Value>() } },
    });
    Analysis::new().drift(&Source::new("plan.json", plan.to_string())).unwrap()
}

/// The command offered for a resource that somebody must decide about, and what stands against it.
fn apply(report: &Report, address: &str) -> (Option<String>, Vec<String>) {
    let resource = report.resources.iter().find(|resource| resource.address.to_string() == address).unwrap();
    assert_eq!(resource.resolution, Resolution::Decide);
    let apply = resource.advice.apply.clone().unwrap();
    (apply.command, apply.destroys.iter().map(ToString::to_string).collect())
}

fn ttl(seconds: u64) -> Value {
    json!({ "name": "nas", "ttl": seconds })
}

fn vm(node: &str) -> Value {
    json!({ "name": "nas", "node_name": node })
}

#[test]
fn no_command_is_offered_that_destroys_what_the_resource_depends_on() {
    let moved =
        || (VM, &["delete", "create"][..], &["node_name"][..], [vm("a"), vm("b"), vm("a")], json!({}));
    let refers = json!({ "records": { "references": [VM] } });
    let alone = json!({ "records": { "constant_value": [] } });
    let record = |arguments| (RECORD, &["update"][..], &[][..], [ttl(300), ttl(60), ttl(300)], arguments);

    let (command, destroys) = apply(&report(&[moved(), record(refers)]), RECORD);
    assert_eq!((command, destroys), (None, vec![VM.to_owned()]));
    let (command, destroys) = apply(&report(&[moved(), record(alone)]), RECORD);
    assert!(command.is_some() && destroys.is_empty());
}

#[test]
fn no_command_is_offered_that_destroys_the_resource_itself_for_another_reason() {
    let side = |node: &str, memory: u64| json!({ "node_name": node, "name": "nas", "description": memory.to_string() });
    let values = [side("a", 1), side("a", 2), side("b", 1)];
    let report = report(&[(VM, &["delete", "create"], &["node_name"], values, json!({}))]);
    assert_eq!(apply(&report, VM), (None, vec![VM.to_owned()]));
}

#[test]
fn no_command_is_offered_for_an_action_that_nobody_knows() {
    let report = report(&[(RECORD, &["relocate"], &[], [ttl(300), ttl(60), ttl(300)], json!({}))]);
    let resource = &report.resources[0];
    assert_eq!((resource.resolution, &resource.advice.apply), (Resolution::Stop, &None));
}
