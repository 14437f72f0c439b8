//! Sources against what real tools recorded of them.

use std::collections::BTreeSet;

use tidelock_testkit::fixtures::Case;

use super::*;
use crate::{
    Plan, SchemaFile,
    config::{Dialect, MemoryTree},
};

/// Everything that a configuration says, a line for each thing.
fn told(configuration: &PlanConfiguration) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    let json = |expressions: &PlanExpressions| serde_json::to_string(&expressions.tree()).unwrap();
    for (key, provider) in configuration.providers() {
        told.insert(format!("provider {key} {} {}", provider.in_root, json(&provider.expressions)));
    }
    for (path, module) in configuration.modules() {
        for (addr, resource) in &module.resources {
            told.insert(format!("{addr} provider {:?}", resource.provider));
            for (name, argument) in resource.expressions.tree().as_object().unwrap() {
                told.insert(format!("{addr}.{name} {}", serde_json::to_string(argument).unwrap()));
            }
            told.insert(format!("{addr} repeated {}", json(&resource.repetition)));
            told.insert(format!("{addr} depends on {:?}", resource.depends_on));
        }
        for (name, call) in &module.calls {
            let call_of = format!("{path} calls {name}");
            told.insert(format!("{call_of} {:?} {}", call.source, json(&call.expressions)));
            told.insert(format!("{call_of} repeated {}", json(&call.repetition)));
            told.insert(format!("{call_of} depends on {:?}", call.depends_on));
        }
        for (name, output) in &module.outputs {
            told.insert(format!("{path} output {name} {}", json(output)));
        }
        for (name, variable) in &module.variables {
            let default = variable.default().map(|value| serde_json::to_string(&value).unwrap());
            told.insert(format!(
                "{path} variable {name} {} {} {default:?}",
                variable.sensitive, variable.ephemeral
            ));
        }
    }
    told
}

/// Where sources say something else than the plan that was recorded of them, and why.
const DIFFERENCES: [(&str, &str); 9] = [
    // The plan takes the text of a template in the JSON syntax for a constant.
    ("drift/accept_json", "hcloud_server.web.labels"),
    ("drift/accept_json", "proxmox_virtual_environment_vm.dns.disk"),
    ("drift/accept_json", "proxmox_virtual_environment_vm.dns.memory"),
    // The plan leaves `dynamic` blocks out.
    ("drift/accept_locals", "proxmox_virtual_environment_vm.disks.disk"),
    ("drift/dynamic_block", "hcloud_firewall.web.rule"),
    // An argument that is a list of objects may be written as blocks. The plan tells one argument, in which all parts
    // that are not set are null.
    ("drift/vm_memory", "proxmox_virtual_environment_vm.nas.network_device"),
    ("proxmox/deleted_outside", "module.media.proxmox_virtual_environment_vm.vm.network_device"),
    ("proxmox/memory_drift", "module.media.proxmox_virtual_environment_vm.vm.network_device"),
    ("proxmox/ssh_keys_ignored", "module.media.proxmox_virtual_environment_vm.vm.network_device"),
];

#[test]
fn sources_tell_what_every_recorded_plan_tells_of_them() {
    let mut differences = Vec::new();
    let mut explained = BTreeSet::new();
    let mut lines = 0;
    for case in tidelock_testkit::fixtures::all().unwrap() {
        let plan = Plan::from_source(&Source::new(&case.name, case.plan_json().unwrap())).unwrap();
        let recorded = told(&plan.configuration().unwrap());
        let made = told(&PlanConfiguration::from_sources(&sources(&case), &schemas(&case)));
        lines += recorded.len();
        for line in recorded.symmetric_difference(&made) {
            let known = DIFFERENCES
                .iter()
                .position(|(name, what)| case.name == *name && line.split(' ').next() == Some(what));
            match known {
                Some(known) => explained.extend([known]),
                None => differences.push(format!("{}: {line}", case.name)),
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(explained.len(), DIFFERENCES.len(), "one of the explained differences is gone");
    assert!(lines > 1_500, "only {lines} facts were compared");
}

fn sources(case: &Case) -> Configuration {
    let terraform = case.meta.producer.starts_with("terraform");
    let dialect = if terraform { Dialect::Terraform } else { Dialect::OpenTofu };
    let tree: MemoryTree = case.sources().unwrap().into_iter().collect();
    Configuration::load_as(&tree, &BTreeMap::new(), dialect)
}

fn schemas(case: &Case) -> Schemas {
    let Some(name) = &case.meta.schema else { return Schemas::builtin() };
    Schemas::builtin().with_file(SchemaFile::from_slice(name, &case.bytes(name).unwrap()).unwrap())
}
