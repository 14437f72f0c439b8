//! The decision, from states, inventories, logs and plans of a platform that nothing is known of.

#![allow(
    clippy::needless_pass_by_value,
    reason = "`json!` at the place of use reads better without a borrow"
)]

use serde_json::{Value as Json, json};
use tidelock_parse::{
    Plan, ResourceAddr, Source, State,
    config::{Configuration, MemoryTree},
    inventory::{Cloud, Coverage, Inventory, Key, Object, Status},
    source::RawText,
    state::StateFile,
    stream::Stream,
};

use super::*;

fn addr(text: &str) -> ResourceAddr {
    text.parse().unwrap()
}

/// One object of a state: address, attributes, and what else its entry says.
struct Entry(&'static str, Json, Json);

fn vm(address: &'static str, id: &str, name: &str) -> Entry {
    Entry(address, json!({"id": id, "name": name}), json!({}))
}

fn tainted(mut entry: Entry) -> Entry {
    entry.2["status"] = json!("tainted");
    entry
}

fn needs(mut entry: Entry, other: &str) -> Entry {
    entry.2["dependencies"] = json!([other]);
    entry
}

fn deposed(mut entry: Entry) -> Entry {
    entry.2["deposed"] = json!("0a1b2c3d");
    entry
}

fn raw_state(lineage: &str, entries: &[Entry]) -> String {
    let resources: Vec<Json> = entries
        .iter()
        .map(|Entry(address, attributes, more)| {
            let address = addr(address);
            let mut instance = json!({"schema_version": 0, "attributes": attributes});
            if let Some(key) = &address.key {
                instance["index_key"] = match key {
                    tidelock_parse::InstanceKey::Int(index) => json!(index),
                    tidelock_parse::InstanceKey::Str(key) => json!(key),
                };
            }
            instance.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"mode": "managed", "type": address.type_name, "name": address.name,
                "provider": "provider[\"registry.terraform.io/acme/acme\"]", "instances": [instance]})
        })
        .collect();
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": lineage, "outputs": {},
        "resources": resources})
    .to_string()
}

fn named(name: &str, entries: &[Entry]) -> NamedState {
    let source = Source::new(name, raw_state("l-1", entries));
    let state = State::from_raw(&source, RawText::whole(&source)).unwrap();
    NamedState { name: name.to_owned(), file: None, state: Some(state) }
}

fn no_state() -> NamedState {
    NamedState { name: "terraform.tfstate".to_owned(), file: None, state: None }
}

fn object(kind: &str, id: &str, name: &str) -> Object {
    let mut object = Object::new(Key::new(Cloud::from("acme"), kind, id));
    object.name = Some(name.to_owned());
    object.status = Status::Running;
    object.told.type_name = Some(kind.into());
    object.told.import_id = Some(format!("zone/{id}"));
    object
}

fn inventory(objects: Vec<Object>) -> Inventory {
    let coverage = ["acme_server", "acme_volume"];
    let mut inventory = Inventory::default();
    inventory.coverage = coverage
        .iter()
        .map(|noun| Coverage { cloud: Cloud::from("acme"), noun: (*noun).into(), complete: true })
        .collect();
    inventory.objects = objects;
    inventory
}

fn expecting(addresses: &[&str]) -> Expectation<'static> {
    let mut expectation = Expectation::new();
    expectation.addresses(addresses.iter().map(|text| addr(text)));
    expectation
}

fn sources(main: &str) -> Configuration {
    Configuration::load(&MemoryTree::from([("main.tf", main)]), &std::collections::BTreeMap::new())
}

fn plan(changes: Json) -> Plan {
    let changes: Vec<Json> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let address = addr(change["address"].as_str().unwrap());
            json!({"address": address, "mode": "managed", "type": address.type_name, "name": address.name,
                "provider_name": "registry.terraform.io/acme/acme", "change": change["change"]})
        })
        .collect();
    let text = json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes});
    Plan::from_source(&Source::new("plan.json", text.to_string())).unwrap()
}

fn create(address: &str, name: &str) -> Json {
    json!({"address": address, "change": {"actions": ["create"], "before": null, "after": {"name": name},
        "after_unknown": {"id": true}}})
}

fn log(lines: &[Json]) -> Stream {
    let text: String = lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
    let source = Source::new("apply.jsonl", text);
    Stream::read(&source, RawText::whole(&source))
}

fn line(kind: &str, body: Json) -> Json {
    let mut line =
        json!({"@level": "info", "@message": "", "@timestamp": "2026-01-01T00:00:00Z", "type": kind});
    line.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    line
}

fn resource(address: &str) -> Json {
    json!({"addr": address, "resource_type": addr(address).type_name, "resource_name": addr(address).name})
}

fn planned(address: &str) -> Json {
    line("planned_change", json!({"change": {"resource": resource(address), "action": "create"}}))
}

fn started(address: &str) -> Json {
    line("apply_start", json!({"hook": {"resource": resource(address), "action": "create"}}))
}

fn completed(address: &str, id: &str) -> Json {
    line(
        "apply_complete",
        json!({"hook": {"resource": resource(address), "action": "create", "id_key": "id", "id_value": id,
            "elapsed_seconds": 1}}),
    )
}

fn errored(address: &str) -> Json {
    line(
        "apply_errored",
        json!({"hook": {"resource": resource(address), "action": "create", "elapsed_seconds": 1}}),
    )
}

fn diagnostic(address: Option<&str>, summary: &str) -> Json {
    let mut diagnostic = json!({"severity": "error", "summary": summary, "detail": ""});
    if let Some(address) = address {
        diagnostic["address"] = json!(address);
    }
    let mut line = line("diagnostic", json!({"diagnostic": diagnostic}));
    line["@level"] = json!("error");
    line
}

/// The one report about these states.
fn ask(states: &[NamedState], inventories: &[Inventory], expectation: &Expectation<'_>) -> Report {
    let reality = Reality::join(states, inventories).unwrap();
    let mut reports = Retry::new(&reality, expectation).answer().unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// The same, after an apply.
fn ask_after(stream: &Stream, states: &[NamedState], inventories: &[Inventory]) -> Report {
    let mut expectation = Expectation::new();
    expectation.log(stream);
    let run = stream.apply();
    let reality = Reality::join(states, inventories).unwrap();
    let retry = Retry { run: run.as_ref(), ..Retry::new(&reality, &expectation) };
    retry.answer().unwrap().remove(0)
}

fn word(report: &Report) -> &'static str {
    report.decision.unwrap().as_str()
}

fn standing(report: &Report, address: &str) -> &'static str {
    let expected = report.expected.as_ref().unwrap();
    expected.iter().find(|one| one.address == addr(address)).unwrap().standing.as_str()
}

fn told(report: &Report) -> Vec<(&'static str, Option<String>)> {
    let actions = report.actions.iter().flatten();
    actions.map(|one| (one.action.as_str(), one.address.as_ref().map(ToString::to_string))).collect()
}

#[test]
fn without_an_expectation_there_is_no_answer() {
    let states = [named("s", &[vm("acme_server.a", "1", "a")])];
    let reality = Reality::join(&states, &[]).unwrap();
    let error = Retry::new(&reality, &Expectation::new()).answer().unwrap_err();
    assert!(matches!(error, RetryError::NothingExpected), "{error}");
    let mut empty = Expectation::new();
    empty.configuration(Box::leak(Box::new(sources("locals {}"))));
    let error = Retry::new(&reality, &empty).answer().unwrap_err();
    assert!(matches!(error, RetryError::EmptyExpectation), "{error}");
}

#[test]
fn everything_expected_and_healthy_is_skipped() {
    let states = [named("s", &[vm("acme_server.a", "1", "a"), vm("acme_server.b", "2", "b")])];
    let report = ask(&states, &[], &expecting(&["acme_server.a", "acme_server.b"]));
    assert_eq!((word(&report), report.exit_code), ("skip", 0));
    assert_eq!(told(&report), []);
    let there = [inventory(vec![object("acme_server", "1", "a"), object("acme_server", "2", "b")])];
    let report = ask(&states, &there, &expecting(&["acme_server.a", "acme_server.b"]));
    assert_eq!(word(&report), "skip");
}

#[test]
fn two_of_five_are_not_finished() {
    let config = sources("resource \"acme_server\" \"a\" {\n  count = 5\n  name = \"a-${count.index}\"\n}\n");
    let mut expectation = Expectation::new();
    expectation.configuration(&config);
    let states = [named("s", &[vm("acme_server.a[0]", "1", "a-0"), vm("acme_server.a[1]", "2", "a-1")])];
    let report = ask(&states, &[], &expectation);
    assert_eq!((word(&report), report.exit_code), ("apply", 0));
    let outputs = outputs(&[report]);
    assert_eq!(outputs["addresses"], ["acme_server.a[2]", "acme_server.a[3]", "acme_server.a[4]"]);
    assert_eq!(outputs["server_id"], ["1", "2"]);
}

#[test]
fn a_state_of_no_bytes_is_no_state() {
    let report = ask(&[no_state()], &[], &expecting(&["acme_server.a"]));
    assert_eq!(word(&report), "apply");
    assert!(report.notes.iter().any(|note| note.code == "retry::no_state"));
}

#[test]
fn a_block_that_cannot_be_counted_forbids_to_skip_and_nothing_else() {
    let config = sources(
        "variable \"n\" { type = number }\nresource \"acme_server\" \"a\" {}\nresource \"acme_server\" \"b\" { count = var.n }\n",
    );
    let mut expectation = Expectation::new();
    expectation.configuration(&config);
    let states = [named("s", &[vm("acme_server.a", "1", "a")])];
    let reality = Reality::join(&states, &[]).unwrap();
    let error = Retry::new(&reality, &expectation).answer().unwrap_err();
    assert!(error.to_string().contains("acme_server.b no value is known for var.n"), "{error}");
    assert_eq!(word(&ask(&[no_state()], &[], &expectation)), "apply");
}

#[test]
fn an_instance_is_expected_by_its_key() {
    let states = [named("s", &[vm("acme_server.a[0]", "1", "a")])];
    let reality = Reality::join(&states, &[]).unwrap();
    let error = Retry::new(&reality, &expecting(&["acme_server.a"])).answer().unwrap_err();
    assert!(matches!(error, RetryError::MissingKey { .. }), "{error}");
}

#[test]
fn a_tainted_instance_is_cleaned_up_and_its_dependents_go_first() {
    let states = [named(
        "s",
        &[
            tainted(vm("acme_server.a", "1", "a")),
            needs(tainted(vm("null_resource.b", "9", "b")), "acme_server.a"),
        ],
    )];
    let report = ask(&states, &[], &expecting(&["acme_server.a", "null_resource.b"]));
    assert_eq!((word(&report), report.exit_code), ("cleanup", 3));
    assert_eq!(
        told(&report),
        [("remove", Some("null_resource.b".to_owned())), ("remove", Some("acme_server.a".to_owned()))]
    );
    let server = &report.actions.as_ref().unwrap()[1];
    assert_eq!(server.command.as_deref(), Some("terraform destroy -target='acme_server.a'"));
    assert!(server.reason.contains("`terraform untaint 'acme_server.a'` keeps it"), "{}", server.reason);
    assert!(server.reason.contains("depends on it goes along: null_resource.b"), "{}", server.reason);
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["TL307", "TL307"]);
}

#[test]
fn nothing_sound_goes_along_with_a_tainted_instance() {
    let server = || tainted(vm("acme_server.a", "1", "a"));
    let asked = |entries: &[Entry], there: &[Inventory]| {
        let report = ask(&[named("s", entries)], there, &expecting(&["acme_server.a"]));
        assert_eq!(word(&report), "cleanup");
        report.actions.unwrap().remove(0)
    };
    let sound = || {
        let address = needs(vm("acme_floating_ip.f", "8", "f"), "acme_server.a");
        // It depends on the server only by way of the address.
        let volume = needs(vm("acme_volume.v", "9", "v"), "acme_floating_ip.f");
        [server(), address, volume]
    };
    let action = asked(&sound(), &[]);
    assert_eq!((action.action, &action.command, &action.request), (Proposed::Decide, &None, &None));
    for named in
        ["acme_floating_ip.f, acme_volume.v", "`terraform untaint 'acme_server.a'`", "`terraform apply`"]
    {
        assert!(action.reason.contains(named), "{named}: {}", action.reason);
    }
    // Half-made, it may hold something all the same.
    let volume = needs(tainted(vm("acme_volume.v", "9", "v")), "acme_server.a");
    assert_eq!(asked(&[server(), volume], &[]).action, Proposed::Decide);
    // Gone outside: nothing is lost with it.
    let volume = needs(vm("acme_volume.v", "9", "v"), "acme_server.a");
    let there = [inventory(vec![object("acme_server", "1", "a")])];
    assert_eq!(asked(&[server(), volume], &there).action, Proposed::Remove);
}

#[test]
fn a_duplicate_is_graver_than_a_taint() {
    let states = [named("s", &[tainted(vm("acme_server.a", "1", "web"))])];
    let there = [inventory(vec![object("acme_server", "1", "web"), object("acme_server", "2", "web")])];
    let report = ask(&states, &there, &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "duplicate"));
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["TL308", "TL307"]);
    let actions = report.actions.unwrap();
    let ids: Vec<_> =
        actions.iter().map(|one| one.object.as_ref().map(|object| object.id.as_str())).collect();
    assert_eq!(ids, [Some("1"), Some("2")]);
    let harms =
        |one: &Proposal| one.action != Proposed::Decide || one.command.is_some() || one.request.is_some();
    assert!(!actions.iter().any(harms), "{actions:#?}");
    assert!(
        actions[0].reason.contains("the one in the state is tainted, and there is acme_server 2"),
        "{}",
        actions[0].reason
    );
}

#[test]
fn a_deposed_object_is_cleaned_up_and_an_only_copy_is_decided_about() {
    let states = [named("s", &[vm("acme_server.a", "2", "a"), deposed(vm("acme_server.a", "1", "a"))])];
    let report = ask(&states, &[], &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("cleanup", "deposed"));
    assert_eq!(told(&report), [("remove", Some("acme_server.a".to_owned()))]);
    assert_eq!((report.findings[0].code, report.findings[0].deposed.as_deref()), ("TL306", Some("0a1b2c3d")));

    let states = [named("s", &[deposed(vm("acme_server.a", "1", "a"))])];
    let report = ask(&states, &[], &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), told(&report)[0].0), ("cleanup", "decide"));
}

#[test]
fn what_is_protected_is_never_removed() {
    let states = [named("s", &[tainted(vm("acme_server.a", "1", "a"))])];
    let reality = Reality::join(&states, &[]).unwrap();
    let expectation = expecting(&["acme_server.a"]);
    let policy = Policy { protected: vec!["acme_server.a".parse().unwrap()], ..Policy::default() };
    let report = Retry { policy, ..Retry::new(&reality, &expectation) }.answer().unwrap().remove(0);
    let action = &report.actions.as_ref().unwrap()[0];
    assert_eq!((action.action, &action.command, &action.request), (Proposed::Decide, &None, &None));
}

#[test]
fn what_exists_under_the_planned_name_is_imported() {
    let plan = plan(json!([create("acme_server.a", "web"), create("acme_server.b", "db")]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    let states = [named("s", &[vm("acme_server.b", "2", "db")])];
    let there = [inventory(vec![object("acme_server", "7", "web"), object("acme_server", "2", "db")])];
    let report = ask(&states, &there, &expectation);
    assert_eq!((word(&report), report.exit_code), ("import", 3));
    let action = &report.actions.as_ref().unwrap()[0];
    assert_eq!(action.command.as_deref(), Some("terraform import 'acme_server.a' zone/7"));
    assert_eq!(action.block.as_deref(), Some("import {\n  to = acme_server.a\n  id = \"zone/7\"\n}\n"));
    // Its number of vCPUs may be another one, but a volume of that name is no server.
    let there = [inventory(vec![object("acme_volume", "7", "web"), object("acme_server", "2", "db")])];
    assert_eq!(word(&ask(&states, &there, &expectation)), "apply");
}

#[test]
fn of_several_that_may_be_it_none_is_guessed() {
    let config = sources("resource \"acme_server\" \"a\" { name = \"web\" }\n");
    let mut expectation = Expectation::new();
    expectation.configuration(&config);
    let there = [inventory(vec![object("acme_server", "7", "web"), object("acme_server", "8", "web")])];
    let report = ask(&[no_state()], &there, &expectation);
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "duplicate"));
    assert!(told(&report).iter().all(|(action, _)| *action == "decide"));
    assert_eq!(told(&report).len(), 2);
}

#[test]
fn a_second_one_of_the_name_stops() {
    let states = [named("s", &[vm("acme_server.a", "1", "web")])];
    let there = [inventory(vec![object("acme_server", "1", "web"), object("acme_server", "2", "web")])];
    let report = ask(&states, &there, &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), report.exit_code), ("stop", 3));
    assert_eq!(told(&report), [("keep", Some("acme_server.a".to_owned())), ("remove", None)]);
    assert_eq!(report.actions.unwrap()[1].object.as_ref().unwrap().id, "2");
}

#[test]
fn one_object_that_two_addresses_hold_stops() {
    let states = [named("s", &[vm("acme_server.a", "1", "web"), vm("acme_server.b", "1", "web")])];
    let report = ask(&states, &[], &expecting(&["acme_server.a", "acme_server.b"]));
    assert_eq!(word(&report), "stop");
    let two =
        [named("one", &[vm("acme_server.a", "1", "web")]), named("two", &[vm("acme_server.a", "1", "web")])];
    let reality = Reality::join(&two, &[]).unwrap();
    let reports = Retry::new(&reality, &expecting(&["acme_server.a"])).answer().unwrap();
    assert_eq!(reports.iter().map(word).collect::<Vec<_>>(), ["stop", "stop"]);
    assert!(reports[0].actions.as_ref().unwrap()[0].reason.contains("acme_server.a in two"));
}

#[test]
fn what_is_gone_is_made_anew_unless_somebody_did() {
    let states = [named("s", &[vm("acme_server.a", "1", "web")])];
    let report = ask(&states, &[inventory(vec![])], &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("apply", "gone"));
    let anew = [inventory(vec![object("acme_server", "2", "web")])];
    let report = ask(&states, &anew, &expecting(&["acme_server.a"]));
    assert_eq!(word(&report), "import");
    assert_eq!(
        report.actions.unwrap()[0].command.as_deref(),
        Some("terraform state rm 'acme_server.a' && terraform import 'acme_server.a' zone/2")
    );
}

#[test]
fn a_machine_that_stands_still_is_not_skipped_and_a_volume_is() {
    let still = |kind: &str, id: &str, name: &str| {
        let mut object = object(kind, id, name);
        object.status = Status::Stopped;
        object
    };
    let states = [named("s", &[vm("acme_server.a", "1", "a"), vm("acme_volume.v", "2", "v")])];
    let expectation = expecting(&["acme_server.a", "acme_volume.v"]);
    let there = [inventory(vec![object("acme_server", "1", "a"), still("acme_volume", "2", "v")])];
    assert_eq!(word(&ask(&states, &there, &expectation)), "skip");
    let there = [inventory(vec![still("acme_server", "1", "a"), object("acme_volume", "2", "v")])];
    let report = ask(&states, &there, &expectation);
    assert_eq!(
        (word(&report), told(&report)),
        ("cleanup", vec![("decide", Some("acme_server.a".to_owned()))])
    );
    for (address, cloud, noun, id) in [
        ("hcloud_volume.v", Cloud::Hcloud, "volume", "2"),
        ("aws_ebs_volume.v", Cloud::Aws, "ec2:volume", "vol-0123456789abcdef0"),
    ] {
        let mut detached = Object::new(Key::new(cloud, noun, id));
        detached.status = Status::Stopped;
        let states = [named("s", &[vm(address, id, "v")])];
        let reality_of = [inventory(vec![detached])];
        assert_eq!(word(&ask(&states, &reality_of, &expecting(&[address]))), "skip", "{address}");
    }
    let off = [named("s", &[Entry("acme_server.a", json!({"id": "1", "started": false}), json!({}))])];
    assert_eq!(word(&ask(&off, &there, &expecting(&["acme_server.a"]))), "skip");
}

#[test]
fn what_is_on_its_way_is_waited_for() {
    let mut server = object("acme_server", "1", "a");
    server.status = Status::Other("initializing".into());
    let states = [named("s", &[vm("acme_server.a", "1", "a")])];
    let report = ask(&states, &[inventory(vec![server])], &expecting(&["acme_server.a"]));
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "unsettled"));
}

fn device(name: &str, status: Status) -> Object {
    let mut device = Object::new(Key::new(Cloud::Tailscale, "device", format!("n-{name}-{status:?}")));
    device.name = Some(format!("{name}.example.ts.net"));
    device.status = status;
    device.addresses = vec!["100.64.0.7".to_owned()];
    device
}

#[test]
fn an_offline_device_of_the_machine_forbids_to_skip() {
    let states = [named("s", &[vm("acme_server.a", "1", "web")])];
    let ask = |devices: Vec<Object>| {
        let there = [inventory([vec![object("acme_server", "1", "web")], devices].concat())];
        super::tests::ask(&states, &there, &expecting(&["acme_server.a"]))
    };
    let report = ask(vec![device("web", Status::Running), device("other", Status::Stopped)]);
    assert_eq!(word(&report), "skip");
    assert_eq!(outputs(&[report])["tailscale_ip"], ["100.64.0.7"]);
    let report = ask(vec![device("WEB", Status::Stopped)]);
    assert_eq!((word(&report), told(&report)[0].0), ("cleanup", "decide"));
    // The machine is connected under another device: this one is of an earlier machine.
    let report = ask(vec![device("web", Status::Running), device("web", Status::Stopped)]);
    assert_eq!((word(&report), told(&report)[0].0), ("cleanup", "remove"));
    let mut tagged = device("elsewhere", Status::Stopped);
    tagged.labels.insert("tag:web".to_owned(), String::new());
    assert_eq!(word(&ask(vec![tagged])), "cleanup");
}

#[test]
fn an_offline_device_goes_before_its_machine_is_made_anew() {
    let config = sources("resource \"acme_server\" \"a\" { name = \"web\" }\n");
    let mut expectation = Expectation::new();
    expectation.configuration(&config);
    let report = ask(&[no_state()], &[inventory(vec![device("web", Status::Stopped)])], &expectation);
    assert_eq!((word(&report), told(&report)), ("cleanup", vec![("remove", None)]));
}

#[test]
fn a_transient_error_is_tried_again_and_a_lasting_one_stops_with_its_cause() {
    let log_of = |summary: &str| {
        log(&[
            planned("acme_server.a"),
            planned("acme_server.b"),
            started("acme_server.a"),
            completed("acme_server.a", "1"),
            started("acme_server.b"),
            errored("acme_server.b"),
            diagnostic(Some("acme_server.b"), summary),
        ])
    };
    let states = [named("s", &[vm("acme_server.a", "1", "a")])];
    for summary in ["server is locked (locked, 423)", "connection refused", "nobody knows this one"] {
        assert_eq!(word(&ask_after(&log_of(summary), &states, &[])), "apply", "{summary}");
    }
    for (summary, cause) in [
        ("received an HTTP 403 response - Reason: Permission check failed", "permissions"),
        ("API token invalid (401)", "authentication"),
        ("requested tags [tag:webb] are invalid or not permitted (400)", "invalid argument"),
        ("server limit exceeded (resource_limit_exceeded, 1)", "quota"),
    ] {
        let report = ask_after(&log_of(summary), &states, &[]);
        assert_eq!((word(&report), report.exit_code), ("stop", 3), "{summary}");
        let reason = &report.actions.as_ref().unwrap()[0].reason;
        assert!(reason.starts_with(cause) && reason.contains(summary), "{reason}");
        // What failed is there now: the error is over.
        let both = [named("s", &[vm("acme_server.a", "1", "a"), vm("acme_server.b", "2", "b")])];
        assert_eq!(word(&ask_after(&log_of(summary), &both, &[])), "skip");
    }
}

#[test]
fn an_error_that_names_no_instance_stops_only_as_long_as_something_is_missing() {
    let stream = log(&[
        planned("acme_server.a"),
        started("acme_server.a"),
        errored("acme_server.a"),
        diagnostic(None, "No valid credential sources found"),
    ]);
    assert_eq!(word(&ask_after(&stream, &[no_state()], &[])), "stop");
    let states = [named("s", &[vm("acme_server.a", "1", "a")])];
    assert_eq!(word(&ask_after(&stream, &states, &[])), "skip");
}

#[test]
fn what_the_log_says_was_made_and_no_state_knows_is_imported() {
    let stream = log(&[planned("acme_server.a"), started("acme_server.a"), completed("acme_server.a", "7")]);
    let there = [inventory(vec![object("acme_server", "7", "web")])];
    let report = ask_after(&stream, &[no_state()], &there);
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("import", "unmanaged"));
    assert_eq!(
        report.actions.unwrap()[0].command.as_deref(),
        Some("terraform import 'acme_server.a' zone/7")
    );
    // Gone since: nothing is in the way.
    assert_eq!(word(&ask_after(&stream, &[no_state()], &[inventory(vec![])])), "apply");
}

#[test]
fn a_creation_that_was_cut_off_is_in_doubt_until_an_inventory_tells() {
    let stream = log(&[planned("acme_server.a"), started("acme_server.a")]);
    let report = ask_after(&stream, &[no_state()], &[]);
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "doubtful"));
    assert!(report.actions.unwrap()[0].reason.contains("--inventory"));
    assert_eq!(word(&ask_after(&stream, &[no_state()], &[inventory(vec![])])), "apply");
    // There is one, and without its name nobody knows whether it is this one.
    let there = [inventory(vec![object("acme_server", "7", "web")])];
    assert_eq!(word(&ask_after(&stream, &[no_state()], &there)), "stop");
}

#[test]
fn a_creation_without_an_answer_is_in_doubt_until_an_inventory_tells() {
    let log_of = |address: &str, summary: &str| {
        log(&[planned(address), started(address), errored(address), diagnostic(Some(address), summary)])
    };
    for summary in ["timeout while waiting", "connection reset by peer", "StatusCode=503"] {
        let stream = log_of("acme_server.a", summary);
        let report = ask_after(&stream, &[no_state()], &[]);
        assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "doubtful"), "{summary}");
        let reason = &report.actions.as_ref().unwrap()[0].reason;
        assert!(reason.contains(summary) && reason.contains("--inventory"), "{reason}");
        assert_eq!(word(&ask_after(&stream, &[no_state()], &[inventory(vec![])])), "apply");
        // A name that the platform gives once is never made twice.
        let report = ask_after(&log_of("hcloud_server.a", summary), &[no_state()], &[]);
        assert_eq!(word(&report), "apply", "{summary}");
        let reason = &report.expected.as_ref().unwrap()[0].reason;
        assert!(reason.contains("fails without harm") && reason.contains(summary), "{reason}");
    }
}

#[test]
fn an_unknown_object_whose_name_is_like_the_address_is_not_made_twice() {
    let there = [inventory(vec![object("acme_server", "7", "monitoring-prometheus")])];
    let report = ask(&[no_state()], &there, &expecting(&["acme_server.monitoring_prometheus"]));
    assert_eq!((word(&report), standing(&report, "acme_server.monitoring_prometheus")), ("stop", "doubtful"));
    assert_eq!(word(&ask(&[no_state()], &there, &expecting(&["acme_server.grafana"]))), "apply");
}

#[test]
fn what_exists_already_stops_until_it_is_found() {
    let stream = log(&[
        planned("acme_server.a"),
        started("acme_server.a"),
        errored("acme_server.a"),
        diagnostic(Some("acme_server.a"), "server name is already used (uniqueness_error, 1)"),
    ]);
    assert_eq!(word(&ask_after(&stream, &[no_state()], &[])), "stop");
    let config = sources("resource \"acme_server\" \"a\" { name = \"web\" }\n");
    let mut expectation = Expectation::new();
    expectation.log(&stream);
    expectation.configuration(&config);
    let (states, there) = ([no_state()], [inventory(vec![object("acme_server", "7", "web")])]);
    let reality = Reality::join(&states, &there).unwrap();
    let run = stream.apply();
    let retry = Retry { run: run.as_ref(), ..Retry::new(&reality, &expectation) };
    assert_eq!(word(&retry.answer().unwrap()[0]), "import");
}

#[test]
fn a_state_that_lost_what_was_there_stops() {
    let plan = plan(json!([
        {"address": "acme_server.a", "change": {"actions": ["no-op"], "before": {"id": "1"}, "after": {"id": "1"}}},
        create("acme_server.b", "b"),
    ]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    let report = ask(&[no_state()], &[], &expectation);
    assert_eq!((word(&report), standing(&report, "acme_server.a")), ("stop", "lost"));
    assert!(report.actions.unwrap()[0].reason.contains("acme_server.a"));
}

#[test]
fn what_was_there_and_is_found_under_its_name_is_imported() {
    let plan = plan(json!([
        {"address": "acme_server.a",
            "change": {"actions": ["no-op"], "before": {"id": "1", "name": "a"}, "after": {"id": "1", "name": "a"}}},
    ]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    let there = [inventory(vec![object("acme_server", "1", "a")])];
    assert_eq!(word(&ask(&[no_state()], &there, &expectation)), "import");
    assert_eq!(word(&ask(&[no_state()], &[inventory(vec![])], &expectation)), "apply");
}

#[test]
fn what_no_inventory_lists_is_said() {
    let plan = plan(json!([create("acme_key.a", "a")]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    let report = ask(&[no_state()], &[inventory(vec![])], &expectation);
    assert_eq!(word(&report), "apply");
    assert!(report.notes.iter().any(|note| note.message.contains("acme_key")), "{:?}", report.notes);
}

#[test]
fn a_change_that_is_not_done_is_applied() {
    let change = json!({"address": "acme_server.a", "change": {"actions": ["update"],
        "before": {"id": "1", "name": "a", "memory": 1, "ip": "x"}, "after": {"id": "1", "name": "a", "memory": 2},
        "after_unknown": {"ip": true}}});
    let plan = plan(json!([change]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    let state = |memory: u64| {
        let values = json!({"id": "1", "name": "a", "memory": memory, "ip": "x"});
        [named("s", &[Entry("acme_server.a", values, json!({}))])]
    };
    assert_eq!(word(&ask(&state(1), &[], &expectation)), "apply");
    assert_eq!(word(&ask(&state(2), &[], &expectation)), "skip");
}

#[test]
fn what_a_plan_removes_is_expected_to_be_gone() {
    let plan = plan(json!([
        {"address": "acme_server.a", "change": {"actions": ["delete"], "before": {"id": "1"}, "after": null}},
    ]));
    let mut expectation = Expectation::new();
    expectation.plan(&plan).unwrap();
    assert_eq!(word(&ask(&[named("s", &[vm("acme_server.a", "1", "a")])], &[], &expectation)), "apply");
    assert_eq!(word(&ask(&[named("s", &[])], &[], &expectation)), "skip");
}

#[test]
fn each_workspace_has_an_answer_and_those_that_failed_and_are_empty_are_listed() {
    let workspace = |name: &str, entries: &[Entry]| {
        let path = format!("terraform.tfstate.d/{name}/terraform.tfstate");
        NamedState { file: Some(StateFile::of(&path)), ..named(&path, entries) }
    };
    let states = [
        workspace("full", &[vm("acme_server.a", "1", "a")]),
        workspace("half", &[tainted(vm("acme_server.a", "2", "a"))]),
        workspace("it's empty", &[]),
    ];
    let reality = Reality::join(&states, &[]).unwrap();
    let reports = Retry::new(&reality, &expecting(&["acme_server.a"])).answer().unwrap();
    assert_eq!(reports.iter().map(word).collect::<Vec<_>>(), ["skip", "cleanup", "apply"]);
    let cleanup = &reports[1].actions.as_ref().unwrap()[0];
    assert_eq!(
        cleanup.command.as_deref(),
        Some("TF_WORKSPACE='half' terraform destroy -target='acme_server.a'")
    );
    let note = reports[2].notes.iter().find(|note| note.code == EMPTY_WORKSPACE).unwrap();
    assert!(note.message.contains(r"terraform workspace delete 'it'\''s empty'"), "{}", note.message);
    let outputs = outputs(&reports);
    assert_eq!(
        (outputs["decision"].as_slice(), outputs["empty_workspaces"].as_slice()),
        (["cleanup".to_owned()].as_slice(), ["it's empty".to_owned()].as_slice())
    );
}

#[test]
fn what_could_not_be_written_is_pushed_before_anything_else() {
    let mut errored = named("errored.tfstate", &[vm("acme_server.a", "1", "a")]);
    errored.file = Some(StateFile::of("errored.tfstate"));
    let mut current = named("terraform.tfstate", &[]);
    current.file = Some(StateFile::of("terraform.tfstate"));
    let report = ask(&[current, errored], &[], &expecting(&["acme_server.a"]));
    assert_eq!(word(&report), "stop");
    assert_eq!(report.actions.unwrap()[0].command.as_deref(), Some("terraform state push errored.tfstate"));
}

#[test]
fn what_is_marked_sensitive_is_shown_nowhere() {
    let secret = "correct-horse-battery";
    let marked = Entry(
        "acme_server.a",
        json!({"id": "1", "name": secret, "password": "hunter2-vm"}),
        json!({"status": "tainted", "sensitive_attributes": [[{"type": "get_attr", "value": "name"}], [{"type": "get_attr", "value": "password"}]]}),
    );
    let stream = log(&[
        planned("acme_server.a"),
        started("acme_server.a"),
        errored("acme_server.a"),
        diagnostic(
            Some("acme_server.a"),
            "403 Forbidden: hunter2-vm is not allowed to make correct-horse-battery",
        ),
    ]);
    let there = [inventory(vec![object("acme_server", "1", secret), object("acme_server", "2", secret)])];
    let report = ask_after(&stream, &[named("s", &[marked])], &there);
    let text = format!(
        "{report:?} {} {:?}",
        serde_json::to_string(&report).unwrap(),
        outputs(std::slice::from_ref(&report))
    );
    for secret in [secret, "hunter2-vm"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let stream = log(&[planned("acme_server.a"), started("acme_server.a")]);
    let states = [named("s", &[tainted(vm("acme_server.b", "1", "a"))])];
    let once = ask_after(&stream, &states, &[]);
    assert_eq!(once, ask_after(&stream, &states, &[]));
}
