//! Every rule fires on one plan and is silent on another that looks like it.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod gated;

use std::collections::BTreeSet;

use tidelock::{
    Analysis, Policy, Reality, Reconcile, Report, Source, context::Given, inventory, reality::NamedState,
    rules::RULES,
};
use tidelock_testkit::fixtures;

/// Code, a recorded case on which the rule fires, and one on which it is silent; sorted.
const RECORDED: &[(&str, &str, &str)] = &[
    ("TL101", "drift/vm_memory", "drift/vm_ssh_keys_ignored"),
    ("TL102", "drift/conflicting", "drift/vm_memory"),
    ("TL103", "drift/vm_deleted_outside", "drift/deleted_and_removed"),
    ("TL104", "drift/drift_forces_replacement", "opentofu/replacement"),
    ("TL105", "drift/unmanaged_guarding", "drift/volatile"),
    ("TL106", "drift/mostly_gone", "drift/vm_deleted_outside"),
    ("TL306", "drift/deposed", "drift/tainted"),
    ("TL307", "drift/tainted", "opentofu/replacement"),
    ("TL502", "drift/errored", "drift/targeted"),
    ("TL503", "drift/targeted", "drift/errored"),
];

/// Of the gate: code, a recorded case on which the rule fires, and one on which it is silent; sorted.
const GATED: &[(&str, &str, &str)] = &[
    ("TL103", "gate/recreated_empty", "gate/stateful_block_deleted"),
    ("TL201", "gate/stateful_block_deleted", "gate/functions_destroyed"),
    ("TL202", "gate/config_replaces_database", "gate/tag_edit_on_database"),
    ("TL203", "gate/index_shift_rewrites", "gate/last_of_five_removed"),
    ("TL204", "gate/mass_destroy", "gate/functions_destroyed"),
    ("TL205", "gate/destroy_plan", "gate/stateful_block_deleted"),
    ("TL206", "gate/module_call_removed", "gate/module_renamed_with_moved"),
    ("TL207", "gate/cascade_by_trigger", "gate/config_replaces_database"),
    ("TL208", "gate/many_depend", "gate/cascade_by_trigger"),
    ("TL209", "gate/load_balancer_replaced", "gate/server_replaced_create_first"),
    ("TL210", "gate/backups_shortened", "gate/vm_memory_raised"),
    ("TL211", "gate/many_creates", "gate/first_deployment"),
    ("TL301", "gate/two_creates_one_bucket", "gate/same_tag_name"),
    ("TL305", "gate/state_partly_lost", "gate/first_deployment"),
    ("TL306", "gate/deposed_database", "gate/tainted_vm"),
    ("TL307", "gate/tainted_vm", "gate/deposed_database"),
    ("TL309", "gate/forgotten", "gate/stateful_block_deleted"),
    ("TL401", "gate/config_replaces_database", "gate/config_replaces_bucket"),
    ("TL402", "gate/protected_block_deleted", "gate/stateful_block_deleted"),
    ("TL403", "gate/ignores_everything", "gate/stale_ignore"),
    ("TL404", "gate/stale_ignore", "gate/ignore_without_effect"),
    ("TL405", "gate/ignore_without_effect", "gate/stale_ignore"),
    ("TL504", "gate/check_failed", "gate/tag_edit_on_database"),
    ("TL505", "gate/state_moved_on", "gate/state_unchanged"),
    ("TL507", "gate/more_than_approved", "gate/approved_removal"),
    ("TL601", "gate/resource_renamed", "gate/resource_renamed_with_moved"),
    ("TL602", "gate/forget_and_double", "gate/forgotten"),
    ("TL701", "gate/secret_in_user_data", "gate/secret_marked"),
    ("TL702", "gate/secret_in_output", "gate/secret_marked"),
];

/// What makes a rule fire on a case on which it is silent otherwise.
type Occasion = fn(Analysis<'_>) -> Analysis<'_>;

/// Of the gate: code, a recorded case, and what people decided or what time it is when the rule fires on it.
const DECIDED: &[(&str, &str, Occasion)] = &[
    ("TL506", "gate/tag_edit_on_database", |analysis| analysis.given(on("2100-01-01T00:00:00Z"))),
    ("TL509", "gate/tag_edit_on_database", |analysis| {
        analysis.policy(policy("[rules]\nTL201 = \"warn\"").held_to(Policy::default()))
    }),
    ("TL510", "gate/config_replaces_database", |analysis| {
        analysis.policy(waived("TL202", "aws_db_instance.orders")).given(on("2100-01-01T00:00:00Z"))
    }),
    ("TL511", "gate/config_replaces_database", |analysis| {
        analysis.policy(waived("TL202", "aws_db_instance.carts")).given(on("2026-11-01T00:00:00Z"))
    }),
];

/// Of states and inventories: code, states and machines on which the rule fires, and those on which it is silent.
const RECONCILED: &[(&str, Scene, Scene)] = &[
    ("TL302", (&[&[(110, "web")], &[(110, "web")]], &[]), (&[&[(110, "web")], &[(111, "web")]], &[])),
    ("TL303", (&[&[(110, "web")]], &[(110, "web"), (111, "nas")]), (&[&[(110, "web")]], &[(110, "web")])),
    ("TL304", (&[&[(110, "web")]], &[]), (&[&[(110, "web")]], &[(110, "web")])),
    (
        "TL308",
        (&[&[(110, "web")]], &[(110, "web"), (111, "web")]),
        (&[&[(110, "web")]], &[(110, "web"), (111, "nas")]),
    ),
];

/// Machines, by id and name.
type Machines = &'static [(u64, &'static str)];
/// The machines that each state holds, and those that exist.
type Scene = (&'static [Machines], Machines);

fn reconciled((states, exist): Scene) -> Report {
    let states: Vec<NamedState> = states
        .iter()
        .enumerate()
        .map(|(number, machines)| {
            let machines: Vec<String> = machines
                .iter()
                .map(|(id, name)| {
                    format!(
                        r#"{{"mode":"managed","type":"proxmox_virtual_environment_vm","name":"vm{id}","provider":"provider[\"registry.opentofu.org/bpg/proxmox\"]",
                        "instances":[{{"schema_version":0,"attributes":{{"id":"{id}","vm_id":{id},"name":"{name}","node_name":"pve1"}}}}]}}"#
                    )
                })
                .collect();
            let text = format!(
                r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"{number}","outputs":{{}},"resources":[{}]}}"#,
                machines.join(",")
            );
            tidelock::read_state(&Source::new(&format!("{number}.json"), text), None).unwrap()
        })
        .collect();
    let machines: Vec<String> = exist
        .iter()
        .map(|(id, name)| {
            format!(r#"{{"id":"qemu/{id}","type":"qemu","node":"pve1","vmid":{id},"name":"{name}","status":"running"}}"#)
        })
        .collect();
    let list = Source::new("vms.json", format!(r#"{{"data":[{}]}}"#, machines.join(",")));
    let mut options = inventory::Options::default();
    options.claim = "proxmox:qemu".parse().ok();
    let inventories = [inventory::read(&list, &options).unwrap()];
    let reality = Reality::join(&states, &inventories).unwrap();
    Reconcile::new(&reality).answer().unwrap()
}

#[test]
fn every_rule_about_real_objects_fires_where_it_should_and_nowhere_else() {
    for (code, fires_on, silent_on) in RECONCILED {
        assert!(fires(&reconciled(*fires_on), code), "{code} is silent");
        assert!(!fires(&reconciled(*silent_on), code), "{code} fires");
    }
}

fn policy(text: &str) -> Policy {
    Policy::parse("tidelock.toml", text).unwrap()
}

fn waived(rule: &str, address: &str) -> Policy {
    policy(&format!(
        "[[waiver]]\nrule = \"{rule}\"\naddress = \"{address}\"\nreason = \"moved by hand\"\nowner = \"ada\"\nuntil = 2027-01-01\n"
    ))
}

fn on(time: &str) -> Given {
    let mut given = Given::default();
    given.now = Some(time.parse().unwrap());
    given
}

/// Code, a plan of our own making, because no release of the tools writes one, and a silent recorded case.
const MADE_UP: &[(&str, &str, &str)] = &[(
    "TL508",
    r#"{"format_version":"1.9","resource_changes":[{"address":"null_resource.a","type":"null_resource","name":"a",
        "mode":"managed","change":{"actions":["relocate"],"before":{"id":"1"},"after":{"id":"1"}}}]}"#,
    "drift/forgotten",
)];

fn fires(report: &Report, code: &str) -> bool {
    report.findings.iter().any(|finding| finding.code == code)
}

fn recorded(name: &str) -> Report {
    let case = fixtures::case(name).unwrap();
    let tree = cases::sources(&case);
    cases::analysis(&case, &tree).drift(&Source::new("plan.json", case.plan_json().unwrap())).unwrap()
}

fn asked_of_the_gate(name: &str) -> Report {
    let case = fixtures::case(name).unwrap();
    gated::answer(&case, case.meta.gate.as_ref().unwrap())
}

/// The gate's report, with an occasion and without.
fn on_occasion(name: &str, occasion: Occasion) -> (Report, Report) {
    let case = fixtures::case(name).unwrap();
    let tree = cases::sources(&case);
    let analysis = || cases::analysis(&case, &tree);
    let plan = Source::new("plan.json", case.plan_json().unwrap());
    (occasion(analysis()).gate(&plan).unwrap(), analysis().gate(&plan).unwrap())
}

#[test]
fn every_rule_of_the_gate_fires_where_it_should_and_nowhere_else() {
    for (code, fires_on, silent_on) in GATED {
        assert!(fires(&asked_of_the_gate(fires_on), code), "{code} is silent on {fires_on}");
        assert!(!fires(&asked_of_the_gate(silent_on), code), "{code} fires on {silent_on}");
    }
    for (code, case, occasion) in DECIDED {
        let (with, without) = on_occasion(case, *occasion);
        assert!(fires(&with, code), "{code} is silent on its occasion");
        assert!(!fires(&without, code), "{code} fires on {case} without its occasion");
    }
}

#[test]
fn every_rule_fires_where_it_should() {
    for (code, case, _) in RECORDED {
        assert!(fires(&recorded(case), code), "{code} is silent on {case}");
    }
    for (code, plan, _) in MADE_UP {
        let report = Analysis::new().drift(&Source::new("plan.json", plan.as_bytes())).unwrap();
        assert!(fires(&report, code), "{code} is silent");
    }
}

#[test]
fn every_rule_is_silent_where_it_should_be() {
    for (code, _, case) in RECORDED.iter().chain(MADE_UP) {
        assert!(!fires(&recorded(case), code), "{code} fires on {case}");
    }
}

#[test]
fn every_rule_has_its_cases() {
    let recorded = RECORDED.iter().chain(MADE_UP).chain(GATED).map(|(code, ..)| *code);
    let recorded = recorded.chain(RECONCILED.iter().map(|(code, ..)| *code));
    let held: BTreeSet<&str> = recorded.chain(DECIDED.iter().map(|(code, ..)| *code)).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.meta().code).collect();
    assert_eq!(held, rules);
    assert!(RECORDED.is_sorted() && GATED.is_sorted());
}
