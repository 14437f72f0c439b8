//! What a failed run made and has to go: each case as two small states, a log, an inventory.

#![allow(clippy::unwrap_used, reason = "an artifact that cannot be read fails the test")]

use serde_json::{Value as Json, json};
use tidelock_parse::{
    RawText, Source, State,
    inventory::{Cloud, Coverage, Inventory, Key, Object},
    stream::{ApplyRun, Stream},
};
use tidelock_rules::{
    Lock,
    proposal::{Proposal, Proposed},
    reality::NamedState,
    report::Verdict,
    rollback::{Rollback, RollbackError, Undo},
};

/// One object of a state.
fn instance(address: &str, attributes: &Json, more: &Json) -> Json {
    let (kind, rest) = address.split_once('.').unwrap();
    let (name, key) = match rest.split_once('[') {
        Some((name, key)) => {
            (name, key.strip_suffix(']').map(|key| serde_json::from_str::<Json>(key).unwrap()))
        }
        None => (rest, None),
    };
    let provider = kind.split('_').next().unwrap();
    let mut object = json!({ "schema_version": 0, "attributes": attributes });
    if let Some(key) = key {
        object["index_key"] = key;
    }
    for (name, value) in more.as_object().unwrap() {
        object[name] = value.clone();
    }
    json!({
        "mode": "managed", "type": kind, "name": name,
        "provider": format!("provider[\"registry.terraform.io/example/{provider}\"]"),
        "instances": [object],
    })
}

fn server(address: &str, id: &str, name: &str) -> Json {
    instance(
        address,
        &json!({ "id": id, "name": name, "ipv4_address": format!("203.0.113.{}", id.len()) }),
        &json!({}),
    )
}

fn needs(address: &str, attributes: &Json, dependencies: &[&str]) -> Json {
    instance(address, attributes, &json!({ "dependencies": dependencies }))
}

fn state(name: &str, serial: u64, resources: &[Json]) -> NamedState {
    of_lineage(name, "4c1b", serial, resources)
}

fn of_lineage(name: &str, lineage: &str, serial: u64, resources: &[Json]) -> NamedState {
    let text = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": lineage, "outputs": {},
        "resources": resources,
    });
    let source = Source::new(name, text.to_string());
    let state = State::from_raw(&source, RawText::whole(&source)).unwrap();
    NamedState { name: name.to_owned(), file: None, state: Some(state) }
}

fn none(name: &str) -> NamedState {
    NamedState { name: name.to_owned(), file: None, state: None }
}

fn log(lines: &[Json]) -> ApplyRun {
    let text: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    let source = Source::new("apply.jsonl", text);
    Stream::read(&source, RawText::whole(&source)).apply().unwrap()
}

fn hook(event: &str, address: &str, action: &str, id: Option<&str>, at: &str) -> Json {
    let mut hook = json!({ "resource": { "addr": address }, "action": action, "elapsed_seconds": 1 });
    if let Some(id) = id {
        hook["id_key"] = "id".into();
        hook["id_value"] = id.into();
    }
    json!({ "@level": "info", "@message": "", "@timestamp": at, "type": event, "hook": hook })
}

fn made(address: &str, id: &str, at: &str) -> [Json; 2] {
    [
        hook("apply_start", address, "create", None, at),
        hook("apply_complete", address, "create", Some(id), at),
    ]
}

fn broke(address: &str) -> Json {
    json!({ "@level": "error", "@message": "", "type": "diagnostic",
        "diagnostic": { "severity": "error", "summary": "quota exceeded", "address": address } })
}

fn object(cloud: Cloud, noun: &str, id: &str, name: &str) -> Object {
    let mut object = Object::new(Key::new(cloud, noun, id));
    object.name = Some(name.to_owned());
    object
}

fn inventory(noun: &str, objects: Vec<Object>) -> Inventory {
    let mut inventory = Inventory::default();
    let cloud = objects.first().map_or(Cloud::Hcloud, |object| object.key.cloud.clone());
    inventory.coverage = vec![Coverage { cloud, noun: noun.into(), complete: true }];
    inventory.objects = objects;
    inventory
}

fn between(before: &NamedState, after: &NamedState) -> Undo {
    let lock = Lock::default();
    let mut question = Rollback::new(&lock);
    (question.before, question.after) = (Some(before), Some(after));
    question.answer().unwrap()
}

fn actions(undo: &Undo) -> &[Proposal] {
    undo.report.actions.as_deref().unwrap()
}

/// Action and address (or id) of each.
fn said(undo: &Undo) -> Vec<String> {
    let name = |one: &Proposal| {
        let id = || one.object.as_ref().map(|object| object.id.clone());
        let address = one.address.as_ref().map(ToString::to_string);
        format!("{} {}", one.action, address.or_else(id).unwrap())
    };
    actions(undo).iter().map(name).collect()
}

fn reason<'u>(undo: &'u Undo, address: &str) -> &'u str {
    let is = |one: &&Proposal| one.address.as_ref().is_some_and(|own| own.to_string() == address);
    &actions(undo).iter().find(is).unwrap().reason
}

#[test]
fn a_first_provision_goes_wholly_and_dependents_first() {
    let after = state(
        "after",
        3,
        &[
            needs("hcloud_network.net", &json!({ "id": "1", "name": "net" }), &[]),
            needs("hcloud_server.web", &json!({ "id": "2", "name": "web" }), &["hcloud_network.net"]),
            needs(
                "hcloud_volume.data",
                &json!({ "id": "3", "name": "data" }),
                &["hcloud_server.web", "hcloud_network.net"],
            ),
        ],
    );
    let undo = between(&none("before"), &after);
    assert_eq!(
        said(&undo),
        [
            "remove hcloud_volume.data",
            "remove hcloud_server.web",
            "remove hcloud_network.net",
            "state-rm hcloud_volume.data",
            "state-rm hcloud_server.web",
            "state-rm hcloud_network.net",
        ]
    );
    assert_eq!((undo.report.verdict, undo.report.exit_code), (Verdict::Clear, 0));
    let first = &actions(&undo)[0];
    assert_eq!(first.request.as_ref().unwrap().url, "{HCLOUD_ENDPOINT}/volumes/3");
    assert_eq!(actions(&undo)[3].command.as_deref(), Some("terraform state rm 'hcloud_volume.data'"));
    assert_eq!(undo.callback.server_id, "2");
    assert!(undo.report.notes.iter().any(|note| note.code == "rollback::first"));
}

#[test]
fn nothing_that_was_there_before_is_touched() {
    let before = state("before", 1, &[server("hcloud_server.old", "1", "old")]);
    // Moved, tainted, renamed: it is the same object.
    let moved = instance(
        "hcloud_server.moved[0]",
        &json!({ "id": "1", "name": "renamed" }),
        &json!({ "status": "tainted" }),
    );
    let after = state("after", 2, &[moved, server("hcloud_server.new", "22", "new")]);
    let undo = between(&before, &after);
    assert_eq!(said(&undo), ["remove hcloud_server.new", "state-rm hcloud_server.new"]);
}

#[test]
fn what_did_not_change_gives_an_empty_list() {
    let before = state("before", 1, &[server("hcloud_server.a", "1", "a")]);
    assert!(actions(&between(&before, &before)).is_empty());
    assert!(actions(&between(&none("before"), &none("after"))).is_empty());
}

#[test]
fn an_address_that_held_another_object_is_decided_and_never_removed() {
    let before = state("before", 1, &[server("hcloud_server.web", "1", "web")]);
    let after = state("after", 2, &[server("hcloud_server.web", "2", "web")]);
    let undo = between(&before, &after);
    assert_eq!(said(&undo), ["decide hcloud_server.web"]);
    assert!(reason(&undo, "hcloud_server.web").contains("only copy"));
    assert_eq!((undo.report.verdict, undo.report.exit_code), (Verdict::Decide, 2));
    assert_eq!(undo.callback.server_id, "", "a machine that stays is none to clean up after");
}

#[test]
fn a_name_that_another_address_had_is_decided_unless_both_live() {
    let before = state("before", 1, &[server("hcloud_server.old", "1", "db")]);
    let renamed = state("after", 2, &[server("hcloud_server.new", "2", "db")]);
    let undo = between(&before, &renamed);
    assert_eq!(said(&undo), ["decide hcloud_server.new"]);
    assert!(reason(&undo, "hcloud_server.new").contains("`hcloud_server.old`"));
    let both =
        state("after", 2, &[server("hcloud_server.new", "2", "db"), server("hcloud_server.old", "1", "db")]);
    assert_eq!(said(&between(&before, &both)), ["remove hcloud_server.new", "state-rm hcloud_server.new"]);
}

#[test]
fn deposed_objects_and_pairs_are_decided() {
    let before = state("before", 1, &[server("hcloud_server.web", "1", "web")]);
    let old = instance(
        "hcloud_server.web",
        &json!({ "id": "1", "name": "web" }),
        &json!({ "deposed": "0a1b2c3d" }),
    );
    let pair = state("after", 2, &[old, server("hcloud_server.web", "2", "web")]);
    assert_eq!(said(&between(&before, &pair)), ["decide hcloud_server.web"]);
    // Made twice in one run: neither copy is anybody's to throw away.
    let half = instance(
        "hcloud_server.web",
        &json!({ "id": "3", "name": "web" }),
        &json!({ "deposed": "0a1b2c3d" }),
    );
    let twice = state("after", 2, &[half, server("hcloud_server.web", "2", "web")]);
    assert_eq!(
        said(&between(&none("before"), &twice)),
        ["decide hcloud_server.web", "decide hcloud_server.web"]
    );
}

#[test]
fn what_the_lock_names_is_decided() {
    let lock = "version = 1\n[[protected]]\naddress = \"hcloud_server.db\"\n";
    let lock = Lock::read(&Source::new("tidelock.lock", lock)).unwrap();
    let (before, after) = (
        none("before"),
        state("after", 1, &[server("hcloud_server.db", "1", "db"), server("hcloud_server.web", "2", "web")]),
    );
    let mut question = Rollback::new(&lock);
    (question.before, question.after) = (Some(&before), Some(&after));
    let undo = question.answer().unwrap();
    assert_eq!(
        said(&undo),
        ["remove hcloud_server.web", "state-rm hcloud_server.web", "decide hcloud_server.db"]
    );
    assert!(reason(&undo, "hcloud_server.db").contains("tidelock.lock"));
}

#[test]
fn what_something_that_stays_depends_on_stays() {
    let before = state("before", 1, &[needs("hcloud_server.old", &json!({ "id": "1", "name": "old" }), &[])]);
    let changed = needs(
        "hcloud_server.old",
        &json!({ "id": "1", "name": "old", "firewall_ids": [7] }),
        &["hcloud_firewall.new"],
    );
    let after =
        state("after", 2, &[needs("hcloud_firewall.new", &json!({ "id": "7", "name": "fw" }), &[]), changed]);
    let undo = between(&before, &after);
    assert_eq!(said(&undo), ["decide hcloud_firewall.new"]);
    assert!(reason(&undo, "hcloud_firewall.new").contains("`hcloud_server.old`, which stays"));
    // Exactly as it was, it cannot hold on to anything new.
    let same = needs("hcloud_server.old", &json!({ "id": "1", "name": "old" }), &["hcloud_firewall.new"]);
    let after =
        state("after", 2, &[needs("hcloud_firewall.new", &json!({ "id": "7", "name": "fw" }), &[]), same]);
    assert_eq!(
        said(&between(&before, &after)),
        ["remove hcloud_firewall.new", "state-rm hcloud_firewall.new"]
    );
}

#[test]
fn what_a_replaced_machine_needs_stays_with_it() {
    let before = state("before", 1, &[server("hcloud_server.web", "1", "web")]);
    let after = state(
        "after",
        2,
        &[
            needs("hcloud_network.net", &json!({ "id": "9", "name": "net" }), &[]),
            needs("hcloud_server.web", &json!({ "id": "2", "name": "web" }), &["hcloud_network.net"]),
        ],
    );
    assert_eq!(said(&between(&before, &after)), ["decide hcloud_server.web", "decide hcloud_network.net"]);
}

#[test]
fn a_tie_goes_with_what_it_belongs_to_and_else_is_decided() {
    let attachment = |needs_it: &[&str]| needs("hcloud_volume_attachment.a", &json!({ "id": "5" }), needs_it);
    let after =
        state("after", 2, &[server("hcloud_server.web", "2", "web"), attachment(&["hcloud_server.web"])]);
    assert_eq!(
        said(&between(&none("before"), &after)),
        ["remove hcloud_server.web", "state-rm hcloud_volume_attachment.a", "state-rm hcloud_server.web"]
    );
    let before = state("before", 1, &[server("hcloud_server.web", "2", "web")]);
    assert_eq!(said(&between(&before, &after)), ["decide hcloud_volume_attachment.a"]);
}

#[test]
fn states_of_two_stacks_or_in_the_wrong_order_are_refused() {
    let lock = Lock::default();
    let ask = |before: &NamedState, after: &NamedState| {
        let mut question = Rollback::new(&lock);
        (question.before, question.after) = (Some(before), Some(after));
        question.answer().unwrap_err()
    };
    let a = of_lineage("before", "aaaa", 1, &[]);
    assert!(matches!(ask(&a, &of_lineage("after", "bbbb", 2, &[])), RollbackError::Lineage { .. }));
    assert!(matches!(ask(&state("before", 5, &[]), &state("after", 4, &[])), RollbackError::Order { .. }));
    assert!(matches!(Rollback::new(&lock).answer().unwrap_err(), RollbackError::Nothing));
    let mut alone = Rollback::new(&lock);
    alone.after = Some(&a);
    assert!(matches!(alone.answer().unwrap_err(), RollbackError::NoBefore));
}

#[test]
fn with_a_log_only_what_it_says_was_made_goes() {
    let lock = Lock::default();
    let before = none("before");
    let after = state(
        "after",
        2,
        &[server("hcloud_server.web", "2", "web"), server("hcloud_server.taken", "33", "taken")],
    );
    let run = log(&made("hcloud_server.web", "2", "2026-11-21T10:00:01Z"));
    let mut question = Rollback::new(&lock);
    (question.before, question.after, question.run) = (Some(&before), Some(&after), Some(&run));
    let undo = question.answer().unwrap();
    assert_eq!(
        said(&undo),
        ["remove hcloud_server.web", "state-rm hcloud_server.web", "decide hcloud_server.taken"]
    );
    assert!(reason(&undo, "hcloud_server.taken").contains("does not say that the run made it"));
}

#[test]
fn the_log_of_a_killed_run_names_what_no_state_knows() {
    let lock = Lock::default();
    let (before, after) = (
        state("before", 1, &[server("hcloud_server.old", "1", "old")]),
        state("after", 1, &[server("hcloud_server.old", "1", "old")]),
    );
    let mut lines = made("hcloud_network.net", "7", "2026-11-21T10:00:01Z").to_vec();
    lines.extend(made("hcloud_server.web", "8", "2026-11-21T10:00:09Z"));
    lines.push(hook("apply_start", "hcloud_volume.data", "create", None, "2026-11-21T10:00:10Z"));
    let run = log(&lines);
    let mut question = Rollback::new(&lock);
    (question.before, question.after, question.run) = (Some(&before), Some(&after), Some(&run));
    let undo = question.answer().unwrap();
    // The youngest first; the state has nothing to forget.
    assert_eq!(
        said(&undo),
        ["remove hcloud_server.web", "remove hcloud_network.net", "decide hcloud_volume.data"]
    );
    assert!(reason(&undo, "hcloud_server.web").contains("the state does not know it"));
}

#[test]
fn a_log_alone_is_enough_for_what_it_names() {
    let lock = Lock::default();
    let mut lines = made("proxmox_virtual_environment_vm.a", "110", "2026-11-21T10:00:01Z").to_vec();
    lines.push(hook(
        "apply_start",
        "proxmox_virtual_environment_vm.b",
        "create",
        None,
        "2026-11-21T10:00:01Z",
    ));
    lines.push(hook(
        "apply_errored",
        "proxmox_virtual_environment_vm.b",
        "create",
        None,
        "2026-11-21T10:00:05Z",
    ));
    lines.push(broke("proxmox_virtual_environment_vm.b"));
    let run = log(&lines);
    let mut listed = object(Cloud::Proxmox, "qemu", "110", "a");
    listed.location = Some("pve1".to_owned());
    let inventories = [inventory("qemu", vec![listed])];
    let mut question = Rollback::new(&lock);
    (question.run, question.inventories) = (Some(&run), &inventories);
    let undo = question.clone().answer().unwrap();
    assert_eq!(said(&undo), ["remove proxmox_virtual_environment_vm.a"]);
    let url = &actions(&undo)[0].request.as_ref().unwrap().url;
    assert!(url.starts_with("{PROXMOX_VE_ENDPOINT}/api2/json/nodes/pve1/qemu/110"), "{url}");
    assert!(undo.report.notes.iter().any(|note| note.code == "rollback::no_states"));
    // Without the inventory nobody knows the node.
    question.inventories = &[];
    assert!(actions(&question.answer().unwrap())[0].request.is_none());
}

#[test]
fn half_of_a_replacement_in_the_log_is_decided() {
    let lock = Lock::default();
    let mut lines = vec![
        hook("apply_start", "hcloud_server.web", "delete", Some("1"), "2026-11-21T10:00:01Z"),
        hook("apply_complete", "hcloud_server.web", "delete", Some("1"), "2026-11-21T10:00:02Z"),
    ];
    lines.extend(made("hcloud_server.web", "2", "2026-11-21T10:00:03Z"));
    let run = log(&lines);
    let mut question = Rollback::new(&lock);
    question.run = Some(&run);
    assert_eq!(said(&question.answer().unwrap()), ["decide hcloud_server.web"]);
}

#[test]
fn what_an_inventory_does_not_list_any_more_is_only_forgotten() {
    let lock = Lock::default();
    let before = none("before");
    let after =
        state("after", 1, &[server("hcloud_server.a", "1", "a"), server("hcloud_server.b", "2", "b")]);
    let mut guarded = object(Cloud::Hcloud, "server", "2", "b");
    guarded.protected = true;
    let inventories = [inventory("server", vec![guarded])];
    let mut question = Rollback::new(&lock);
    (question.before, question.after, question.inventories) = (Some(&before), Some(&after), &inventories);
    let undo = question.answer().unwrap();
    assert_eq!(said(&undo), ["state-rm hcloud_server.a", "decide hcloud_server.b"]);
    assert!(reason(&undo, "hcloud_server.a").contains("gone already"));
    assert!(reason(&undo, "hcloud_server.b").contains("its platform protects it"));
}

/// A device as an inventory lists it.
fn device(id: &str, name: &str, address: &str) -> Object {
    let mut device = object(Cloud::Tailscale, "device", id, name);
    device.addresses = vec![address.to_owned()];
    device.labels = [("tag:app".to_owned(), String::new())].into();
    device.created = Some("2026-11-21T10:05:00Z".to_owned());
    device
}

fn with_devices(before: &NamedState, after: &NamedState, devices: Vec<Object>) -> Undo {
    let lock = Lock::default();
    let mut machine = object(Cloud::Hcloud, "server", "2", "web");
    machine.created = Some("2026-11-21T10:00:00Z".to_owned());
    let mut machines = inventory("server", vec![machine]);
    machines.coverage.clear();
    let inventories = [inventory("device", devices), machines];
    let mut question = Rollback::new(&lock);
    (question.before, question.after, question.inventories) = (Some(before), Some(after), &inventories);
    question.answer().unwrap()
}

#[test]
fn a_host_name_alone_makes_no_device_the_machines() {
    let after = state("after", 1, &[server("hcloud_server.web", "2", "web")]);
    let one = |edit: &dyn Fn(&mut Object)| {
        let mut device = device("nAAA", "web.tail1.ts.net", "100.64.0.7");
        edit(&mut device);
        let undo = with_devices(&none("before"), &after, vec![device]);
        said(&undo).into_iter().find(|one| one.ends_with(" nAAA")).unwrap()
    };
    assert_eq!(one(&|_| {}), "remove nAAA");
    assert_eq!(one(&|device| device.labels.clear()), "decide nAAA", "somebody's laptop");
    assert_eq!(one(&|device| device.created = None), "decide nAAA");
    assert_eq!(one(&|device| device.created = Some("2026-11-21T09:00:00Z".to_owned())), "decide nAAA");
    assert_eq!(
        one(&|device| {
            device.labels.clear();
            device.addresses.push("203.0.113.1".to_owned());
        }),
        "remove nAAA",
        "an address tells it"
    );
    let after = state("after", 1, &[server("hcloud_server.web", "2", "localhost")]);
    let undo = with_devices(&none("before"), &after, vec![device("nAAA", "localhost", "100.64.0.7")]);
    assert!(said(&undo).contains(&"decide nAAA".to_owned()), "{:?}", said(&undo));
}

#[test]
fn a_state_before_that_cannot_be_it_removes_nothing() {
    let web = server("hcloud_server.web", "2", "web");
    let random = needs("random_id.a", &json!({ "id": "x" }), &[]);
    let decided = ["decide hcloud_server.web", "decide random_id.a"];
    let after = |serial| state("after", serial, &[web.clone(), random.clone()]);
    let sorted = |undo: &Undo| {
        let mut said = said(undo);
        said.sort();
        said
    };
    let undo = between(&none("before"), &after(60));
    assert_eq!(sorted(&undo), decided, "an empty file, and a long story");
    assert_eq!(undo.report.exit_code, 2);
    assert!(undo.report.notes.iter().any(|note| note.code == "rollback::doubt"));
    assert_eq!(sorted(&between(&state("before", 4, &[]), &after(60))), decided, "an old state");
    assert_eq!(sorted(&between(&state("before", 9, &[]), &after(9))), decided, "two contents of one serial");
    assert!(
        said(&between(&state("before", 4, &[]), &after(9))).contains(&"remove hcloud_server.web".to_owned())
    );
    assert!(said(&between(&none("before"), &after(9))).contains(&"remove hcloud_server.web".to_owned()));
}

#[test]
fn what_is_far_older_than_the_rest_is_decided_where_no_log_tells_the_time() {
    let lock = Lock::default();
    let (before, after) = (
        none("before"),
        state("after", 5, &[server("hcloud_server.a", "1", "a"), server("hcloud_server.b", "2", "b")]),
    );
    let at = |id: &str, name: &str, time: &str| {
        let mut one = object(Cloud::Hcloud, "server", id, name);
        one.created = Some(time.to_owned());
        one
    };
    let listed = vec![at("1", "a", "2026-03-01T10:00:00Z"), at("2", "b", "2026-11-21T10:00:00Z")];
    let inventories = [inventory("server", listed)];
    let mut question = Rollback::new(&lock);
    (question.before, question.after, question.inventories) = (Some(&before), Some(&after), &inventories);
    let undo = question.answer().unwrap();
    assert_eq!(said(&undo), ["remove hcloud_server.b", "state-rm hcloud_server.b", "decide hcloud_server.a"]);
    assert!(reason(&undo, "hcloud_server.a").contains("older than the rest"));
}

#[test]
fn a_number_that_another_machine_has_now_is_decided_and_never_called() {
    let lock = Lock::default();
    let mut payroll = object(Cloud::Proxmox, "qemu", "101", "payroll");
    payroll.location = Some("pve3".to_owned());
    let inventories = [inventory("qemu", vec![payroll])];
    let mbp = json!({ "id": "101", "vm_id": 101, "name": "alice-mbp", "node_name": "pve1" });
    let (before, after) = (
        none("before"),
        state("after", 2, &[instance("proxmox_virtual_environment_vm.alice", &mbp, &json!({}))]),
    );
    let run = log(&made("proxmox_virtual_environment_vm.alice", "101", "2026-11-21T10:00:01Z"));
    let mut by_state = Rollback::new(&lock);
    (by_state.before, by_state.after, by_state.inventories) = (Some(&before), Some(&after), &inventories);
    let mut by_log = Rollback::new(&lock);
    (by_log.run, by_log.inventories) = (Some(&run), &inventories);
    for question in [by_state, by_log] {
        let undo = question.answer().unwrap();
        assert_eq!(said(&undo), ["decide proxmox_virtual_environment_vm.alice"]);
        assert!(actions(&undo)[0].request.is_none() && actions(&undo)[0].command.is_none());
    }
}

#[test]
fn what_an_account_comes_with_was_not_made() {
    let vpc = needs(
        "aws_default_vpc.d",
        &json!({ "id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:1:vpc/vpc-1" }),
        &[],
    );
    let undo = between(&none("before"), &state("after", 1, &[vpc]));
    assert_eq!(said(&undo), ["decide aws_default_vpc.d"]);
}

#[test]
fn the_device_of_a_machine_goes_right_after_it_and_no_other() {
    let after = state(
        "after",
        1,
        &[
            server("hcloud_server.web", "2", "web"),
            needs("hcloud_network.n", &json!({ "id": "9", "name": "n" }), &[]),
        ],
    );
    let devices = vec![
        device("nAAA", "web.tail1.ts.net", "100.64.0.7"),
        device("nBBB", "webmail.tail1.ts.net", "100.64.0.8"),
    ];
    let undo = with_devices(&none("before"), &after, devices);
    let list = said(&undo);
    let machine = list.iter().position(|one| one == "remove hcloud_server.web").unwrap();
    assert_eq!(list[machine + 1], "remove nAAA");
    assert!(!list.iter().any(|one| one.contains("nBBB")));
    let request = actions(&undo)[machine + 1].request.as_ref().unwrap();
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("DELETE", "{TAILSCALE_BASE_URL}/api/v2/device/nAAA")
    );
    assert_eq!(
        (undo.callback.tailscale_ip.as_str(), undo.callback.server_ip.as_str()),
        ("100.64.0.7", "203.0.113.1")
    );
}

#[test]
fn a_device_that_may_be_anothers_is_decided() {
    let after = state("after", 1, &[server("hcloud_server.web", "2", "web")]);
    let two = vec![
        device("nAAA", "web.tail1.ts.net", "100.64.0.7"),
        device("nBBB", "web.tail1.ts.net", "100.64.0.8"),
    ];
    let undo = with_devices(&none("before"), &after, two);
    assert_eq!(said(&undo).iter().filter(|one| one.starts_with("decide n")).count(), 2);
    // A machine that stays has the name, too.
    let before = state("before", 1, &[server("hcloud_server.first", "1", "web")]);
    let both = state(
        "after",
        2,
        &[server("hcloud_server.first", "1", "web"), server("hcloud_server.web", "2", "web")],
    );
    let undo = with_devices(&before, &both, vec![device("nAAA", "web", "100.64.0.7")]);
    assert!(said(&undo).contains(&"decide nAAA".to_owned()), "{:?}", said(&undo));
}

#[test]
fn an_address_tells_a_device_better_than_a_name() {
    let web =
        json!({ "id": "node/qemu/110", "vmid": 110, "name": "web", "default_ipv4_address": "100.64.0.9" });
    let after = state("after", 1, &[instance("proxmox_vm_qemu.web", &web, &json!({}))]);
    let devices = vec![device("nAAA", "web", "100.64.0.7"), device("nBBB", "other", "100.64.0.9")];
    let undo = with_devices(&none("before"), &after, devices);
    let devices: Vec<String> = said(&undo).into_iter().filter(|one| one.contains(" n")).collect();
    assert_eq!(devices, ["remove nBBB"]);
}

#[test]
fn what_stands_for_nothing_outside_is_only_forgotten() {
    let after = state(
        "after",
        1,
        &[
            needs("random_id.a", &json!({ "id": "x" }), &[]),
            needs("null_resource.b", &json!({ "id": "7" }), &[]),
        ],
    );
    assert_eq!(said(&between(&none("before"), &after)), ["state-rm null_resource.b", "state-rm random_id.a"]);
}

#[test]
fn without_a_call_the_tool_itself_is_the_way() {
    let after = state("after", 1, &[needs("pond_disk.a[\"x'y\"]", &json!({ "id": "d-1" }), &[])]);
    let undo = between(&none("before"), &after);
    assert_eq!(said(&undo), [r#"remove pond_disk.a["x'y"]"#]);
    let one = &actions(&undo)[0];
    assert_eq!(one.action, Proposed::Remove);
    assert!(one.request.is_none());
    assert_eq!(one.command.as_deref(), Some(r#"terraform destroy -target='pond_disk.a["x'\''y"]'"#));
}

#[test]
fn nothing_sensitive_is_shown_and_no_call_is_made_of_it() {
    let marked = json!({ "sensitive_attributes": [
        [{ "type": "get_attr", "value": "name" }], [{ "type": "get_attr", "value": "root_password" }],
    ] });
    let secret =
        json!({ "id": "2", "name": "hunter2-secret-name", "root_password": "correct-horse-battery" });
    let other = json!({ "id": "3", "name": "copy-of-correct-horse-battery" });
    let after = state(
        "after",
        1,
        &[instance("hcloud_server.web", &secret, &marked), instance("hcloud_volume.v", &other, &json!({}))],
    );
    let undo = between(&none("before"), &after);
    let text = format!(
        "{}{}",
        serde_json::to_string(&undo.report).unwrap(),
        serde_json::to_string(&undo.callback).unwrap()
    );
    assert!(text.contains("hcloud_server.web"));
    assert!(!text.contains("hunter2") && !text.contains("correct-horse"), "{text}");
}

#[test]
fn a_circle_of_dependencies_is_no_reason_to_stop() {
    let after = state(
        "after",
        1,
        &[
            needs(
                "hcloud_server.a",
                &json!({ "id": "1", "name": "a" }),
                &["hcloud_server.b", "hcloud_server.a"],
            ),
            needs("hcloud_server.b", &json!({ "id": "2", "name": "b" }), &["hcloud_server.a"]),
        ],
    );
    assert_eq!(said(&between(&none("before"), &after)).len(), 4);
}

#[test]
fn the_same_object_at_two_addresses_is_removed_once() {
    let after =
        state("after", 1, &[server("hcloud_server.a", "1", "a"), server("hcloud_server.b", "1", "a")]);
    let undo = between(&none("before"), &after);
    assert_eq!(actions(&undo).iter().filter(|one| one.action == Proposed::Remove).count(), 1);
    assert_eq!(actions(&undo).iter().filter(|one| one.action == Proposed::StateRm).count(), 2);
}
