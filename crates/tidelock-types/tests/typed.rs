//! Typed values against recorded ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};
use tidelock_parse::{Input, Source, State, Value};
use tidelock_testkit::fixtures;
use tidelock_types::{
    HcloudFirewall, HcloudNetwork, HcloudServer, HcloudVolume, ProxmoxClonedVm, ProxmoxLxc,
    ProxmoxVirtualEnvironmentContainer, ProxmoxVirtualEnvironmentVm, ProxmoxVm, ProxmoxVmQemu, Resource,
    TailscaleTailnetKey,
};

fn typed<R: Resource>(json: &Json) -> R {
    R::from_values(&Value::decode(&json.to_string()).unwrap()).unwrap()
}

/// Reads as the type and writes again.
fn round<R: Resource + Serialize>(values: &Value) -> Json {
    serde_json::to_value(R::from_values(values).unwrap()).unwrap()
}

fn round_trip(type_name: &str, values: &Value) -> Option<Json> {
    Some(match type_name {
        HcloudFirewall::TYPE_NAME => round::<HcloudFirewall>(values),
        HcloudNetwork::TYPE_NAME => round::<HcloudNetwork>(values),
        HcloudServer::TYPE_NAME => round::<HcloudServer>(values),
        HcloudVolume::TYPE_NAME => round::<HcloudVolume>(values),
        ProxmoxVirtualEnvironmentVm::TYPE_NAME => round::<ProxmoxVirtualEnvironmentVm>(values),
        _ => return None,
    })
}

/// Without what is null, and numbers as what they are worth: `32` and `32.0` are one number.
fn plain(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let fields = fields.iter().filter(|(_, field)| !field.is_null());
            fields.map(|(name, field)| (name.clone(), plain(field))).collect()
        }
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Number(number) => json!(number.as_f64()),
        other => other.clone(),
    }
}

#[test]
fn recorded_values_come_back_as_they_were() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let cases = ["proxmox", "hcloud"].iter().flat_map(|folder| fixtures::all_under(folder).unwrap());
    for case in cases {
        for file in ["state.before.json", "state.pull.json"] {
            let input = Input::read(&Source::new(file, case.bytes(file).unwrap())).unwrap();
            let state = State::from_raw(&input.source, input.documents[0].text).unwrap();
            for instance in state.instances() {
                let type_name = &instance.address.type_name;
                let values = instance.values(state.source()).unwrap().value;
                let Some(back) = round_trip(type_name, &values) else { continue };
                let recorded: Json = serde_json::from_str(&serde_json::to_string(&values).unwrap()).unwrap();
                assert_eq!(plain(&back), plain(&recorded), "{} {}", case.short_name(), instance.address);
                *seen.entry(type_name.to_string()).or_default() += 1;
            }
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

#[test]
fn a_recorded_machine_has_names_for_its_attributes() {
    let case = fixtures::case("proxmox/memory_drift").unwrap();
    let state = case.json("state.before.json").unwrap();
    let machine: ProxmoxVirtualEnvironmentVm = typed(&state["resources"][0]["instances"][0]["attributes"]);
    assert_eq!((machine.vm_id, machine.node_name.as_deref()), (Some(240), Some("node-a")));
    assert_eq!(machine.name.as_deref(), Some("plex"));
    assert_eq!(machine.disk.as_deref().unwrap()[0].size, Some(32));
    assert_eq!(machine.clone.as_deref().unwrap()[0].vm_id, Some(9000));
    assert_eq!(machine.ipv4_addresses.unwrap()[1], ["10.20.0.40"]);
    let account = machine.initialization.unwrap().remove(0).user_account.unwrap().remove(0);
    assert_eq!(account.username.as_deref(), Some("alice"));
    assert_eq!(account.password.unwrap().reveal(), "");
}

#[test]
fn every_type_reads_what_its_provider_writes() {
    let machine: ProxmoxVmQemu = typed(&json!({
        "id": "pve1/qemu/104", "vmid": 104, "target_node": "pve1", "memory": 2048, "cipassword": "hunter2",
        "network": [{ "id": 0, "model": "virtio", "rate": 0 }], "disks": [{ "scsi": [{ "scsi0": [] }] }],
    }));
    assert_eq!((machine.vmid, machine.memory), (Some(104), Some(2048)));
    assert!(machine.disks.unwrap()[0]["scsi"].is_array());
    let container: ProxmoxLxc =
        typed(&json!({ "vmid": 200, "hostname": "dns", "rootfs": [{ "size": "8G" }] }));
    assert_eq!(container.rootfs.unwrap()[0].size.as_deref(), Some("8G"));
    let container: ProxmoxVirtualEnvironmentContainer = typed(
        &json!({ "vm_id": 200, "cpu": [{ "cores": 2, "limit": 0.5 }], "ipv4": { "eth0": "10.0.0.2" } }),
    );
    assert_eq!(container.cpu.unwrap()[0].limit, Some(0.5));
    let machine: ProxmoxVm = typed(&json!({ "id": 110, "cpu": { "cores": 4 }, "tags": ["a"] }));
    assert_eq!(machine.cpu.unwrap().cores, Some(4));
    let clone: ProxmoxClonedVm =
        typed(&json!({ "disk": { "scsi0": { "size_gb": 32 } }, "clone": { "source_vm_id": 9000 } }));
    assert_eq!(clone.disk.unwrap()["scsi0"].size_gb, Some(32));
    let key: TailscaleTailnetKey = typed(&json!({ "id": "kAbC", "expiry": 3600, "invalid": false }));
    assert_eq!((key.expiry, key.invalid), (Some(3600), Some(false)));
    let network: HcloudNetwork =
        typed(&json!({ "id": "7", "ip_range": "10.0.0.0/8", "labels": { "a": "b" } }));
    assert_eq!(network.labels.unwrap()["a"], "b");
}

#[test]
fn what_a_newer_release_added_is_passed_over() {
    let server: HcloudServer =
        typed(&json!({ "id": "7", "quantum": [{ "bits": 3 }], "firewall_ids": [9007199254740993_u64] }));
    assert_eq!(server.firewall_ids.unwrap(), [9_007_199_254_740_993]);
}

#[test]
fn what_is_unknown_reads_as_absent() {
    let mut values = Value::decode(r#"{ "name": "web" }"#).unwrap();
    if let Value::Object(fields) = &mut values {
        fields.insert("vm_id".into(), Value::Unknown);
    }
    let machine = ProxmoxVirtualEnvironmentVm::from_values(&values).unwrap();
    assert_eq!((machine.vm_id, machine.name.as_deref()), (None, Some("web")));
}

#[test]
fn no_secret_is_shown_by_debug_output_or_errors() {
    let json = json!({ "id": "kAbC", "key": "tskey-auth-secret" });
    let key: TailscaleTailnetKey = typed(&json);
    assert!(!format!("{key:?}").contains("secret"), "{key:?}");
    assert_eq!(key.key.as_ref().unwrap().reveal(), "tskey-auth-secret");
    let broken = Value::decode(r#"{ "expiry": "hunter2" }"#).unwrap();
    let error = TailscaleTailnetKey::from_values(&broken).unwrap_err();
    assert_eq!(error.type_name, "tailscale_tailnet_key");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn a_typed_machine_and_its_object_agree() {
    let json = json!({ "id": "110", "vm_id": 110, "node_name": "pve1", "name": "web" });
    let machine: ProxmoxVirtualEnvironmentVm = typed(&json);
    let type_name = ProxmoxVirtualEnvironmentVm::TYPE_NAME;
    let object =
        tidelock_types::of(type_name).object(type_name, &Value::decode(&json.to_string()).unwrap()).unwrap();
    assert_eq!(machine.vm_id.unwrap().to_string(), *object.key.id);
    assert_eq!((machine.node_name, machine.name), (object.location, object.name));
}
