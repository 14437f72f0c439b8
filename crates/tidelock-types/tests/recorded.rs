//! What recorded states say, held against the inventories that were exported at the same moment.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use tidelock_parse::{
    Input, Source, State,
    inventory::{Object, Status},
};
use tidelock_testkit::fixtures::{self, Case};

/// Every object that a recorded state holds, by address.
fn held(case: &Case, file: &str) -> BTreeMap<String, Object> {
    let input = Input::read(&Source::new(file, case.bytes(file).unwrap())).unwrap();
    let state = State::from_raw(&input.source, input.documents[0].text).unwrap();
    let mut found = BTreeMap::new();
    for instance in state.instances() {
        let type_name = &instance.address.type_name;
        let values = instance.values(state.source()).unwrap();
        let values = values.value.with_unknown(&values.sensitive);
        if let Some(object) = tidelock_types::of(type_name).object(type_name, &values) {
            assert!(tidelock_types::holders(&object).contains(&&**type_name), "{type_name}");
            found.insert(instance.address.to_string(), object);
        }
    }
    found
}

#[test]
fn machines_of_proxmox_are_those_that_the_cluster_lists() {
    let mut seen = 0;
    for case in fixtures::all_under("proxmox").unwrap() {
        let inventory = case.json("inventory.cluster.json").unwrap();
        for (address, object) in held(&case, "state.pull.json") {
            let id = &*object.key.id;
            let listed = inventory["data"].as_array().unwrap().iter();
            let listed: Vec<_> = listed.filter(|guest| guest["vmid"].as_u64() == id.parse().ok()).collect();
            if case.short_name() == "deleted_outside" && listed.is_empty() {
                continue;
            }
            let [listed] = listed.as_slice() else { panic!("{address} {id}") };
            let expected = format!("{}/{id}", object.key.noun);
            assert_eq!(listed["id"].as_str(), Some(&*expected), "{address}");
            assert_eq!(listed["name"].as_str(), object.name.as_deref(), "{address}");
            assert_eq!(listed["node"].as_str(), object.location.as_deref(), "{address}");
            let tags = listed["tags"].as_str().unwrap().split(';');
            assert_eq!(tags.collect::<Vec<_>>(), object.labels.keys().collect::<Vec<_>>(), "{address}");
            assert_eq!(object.status, Status::Running);
            seen += 1;
        }
    }
    assert!(seen > 1, "{seen}");
}

#[test]
fn the_machine_of_a_recorded_state_is_known_in_full() {
    let held = held(&fixtures::case("proxmox/memory_drift").unwrap(), "state.before.json");
    let plex = &held["module.media.proxmox_virtual_environment_vm.vm"];
    assert_eq!((&*plex.key.noun, &*plex.key.id), ("qemu", "240"));
    assert_eq!(plex.addresses, ["10.20.0.40"]);
    let kind = tidelock_types::of("proxmox_virtual_environment_vm");
    assert_eq!(kind.import_id("proxmox_virtual_environment_vm", plex).as_deref(), Some("node-a/240"));
    let delete = kind.delete(plex).unwrap();
    assert_eq!(
        delete.url,
        "{PROXMOX_VE_ENDPOINT}/api2/json/nodes/node-a/qemu/240?destroy-unreferenced-disks=1&purge=1"
    );
    assert_eq!((&*delete.method, delete.gone.as_deref()), ("DELETE", Some("does not exist")));
    assert_eq!(delete.first[0].url, "{PROXMOX_VE_ENDPOINT}/api2/json/nodes/node-a/qemu/240/status/stop");
}

#[test]
fn objects_of_hcloud_are_those_that_the_project_lists() {
    let mut seen = BTreeMap::new();
    let lists = [
        ("inventory.json", "servers", "server"),
        ("inventory.volumes.json", "volumes", "volume"),
        ("inventory.firewalls.json", "firewalls", "firewall"),
    ];
    for case in fixtures::all_under("hcloud").unwrap() {
        let held = held(&case, "state.pull.json");
        for (file, list, noun) in lists {
            for listed in case.json(file).unwrap()[list].as_array().unwrap() {
                let id = listed["id"].to_string();
                let same = |object: &&Object| *object.key.noun == *noun && *object.key.id == *id;
                let object = held.values().find(same).unwrap_or_else(|| panic!("{noun} {id}"));
                assert_eq!(listed["name"].as_str(), object.name.as_deref());
                if noun != "firewall" {
                    assert_eq!(listed["location"]["name"].as_str(), object.location.as_deref());
                }
                let labels = listed["labels"].as_object().unwrap();
                assert_eq!(labels.len(), object.labels.len());
                *seen.entry(noun).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn a_server_of_a_recorded_state_is_known_in_full() {
    let held = held(&fixtures::case("hcloud/rebuilt_ignored").unwrap(), "state.before.json");
    let server = &held["hcloud_server.api"];
    assert_eq!(server.addresses, ["203.0.113.10", "2001:db8:a::1"]);
    assert_eq!(server.labels["team"], "payments");
    assert_eq!(server.status, Status::Running);
    let kind = tidelock_types::of_object(server);
    assert_eq!(kind.import_id("hcloud_server", server).as_deref(), Some("5211068"));
    assert_eq!(kind.delete(server).unwrap().url, "{HCLOUD_ENDPOINT}/servers/5211068");
    assert_eq!(kind.delete_command(server).unwrap(), "hcloud server delete 5211068");
    let volume = &held["hcloud_volume.db"];
    let delete = tidelock_types::of_object(volume).delete(volume).unwrap();
    assert_eq!(delete.first[0].url, "{HCLOUD_ENDPOINT}/volumes/5211119/actions/detach");
    assert_eq!(delete.success, [200, 204, 404]);
}

#[test]
fn no_two_objects_of_one_recorded_state_are_the_same() {
    let mut states = 0;
    for case in fixtures::all().unwrap() {
        for file in ["state.pull.json", "state.before.json", "state.json"] {
            if !case.has(file) || !case.text(file).unwrap().contains("\"lineage\"") {
                continue;
            }
            states += 1;
            let mut keys = BTreeMap::new();
            for (address, object) in held_loosely(&case, file) {
                for key in object.keys() {
                    if let Some(other) = keys.insert(key.clone(), address.clone()) {
                        panic!("{}: {address} and {other} are both {key:?}", case.short_name());
                    }
                }
            }
        }
    }
    assert!(states > 20, "{states}");
}

/// The same without the way back: of unknown types nobody knows it.
fn held_loosely(case: &Case, file: &str) -> Vec<(String, Object)> {
    let input = Input::read(&Source::new(file, case.bytes(file).unwrap())).unwrap();
    let Ok(state) = State::from_raw(&input.source, input.documents[0].text) else { return Vec::new() };
    let instances = state.instances().iter().filter(|one| one.address.mode == tidelock_parse::Mode::Managed);
    let instances = instances.filter(|one| one.deposed.is_none());
    let object = |instance: &tidelock_parse::StateInstance| {
        let type_name = &instance.address.type_name;
        let values = instance.values(state.source()).unwrap().value;
        Some((instance.address.to_string(), tidelock_types::of(type_name).object(type_name, &values)?))
    };
    instances.filter_map(object).collect()
}
