//! `tidelock reconcile` from the command line: states against what really exists.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture that cannot be read fails the test"
)]

use std::{fs, path::Path, process::Output};

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use tidelock_testkit::{fixtures, transcript};

const STORY: &str = "fixtures/reconcile/monitoring";

fn reconcile(args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("tidelock").unwrap();
    command.env_clear().current_dir(fixtures::root().join("..")).arg("reconcile").args(args);
    command.output().unwrap()
}

/// The report as JSON, and the exit code.
fn report(args: &[&str]) -> (Json, i32) {
    let output = reconcile(&[args, &["--format", "json", "--no-policy"]].concat());
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (report, output.status.code().unwrap())
}

/// Ids of the objects that an action is proposed for, sorted as numbers.
fn ids(report: &Json, action: &str) -> Vec<u64> {
    let actions = report["actions"].as_array().unwrap().iter().filter(|one| one["action"] == action);
    let mut ids: Vec<u64> =
        actions.map(|one| one["object"]["id"].as_str().unwrap().parse().unwrap()).collect();
    ids.sort_unstable();
    ids
}

fn codes(report: &Json) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn story(file: &str) -> String {
    format!("{STORY}/{file}")
}

/// A file beside the test.
fn written(dir: &Path, name: &str, json: &Json) -> String {
    let path = dir.join(name);
    fs::write(&path, json.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A state with VMs: name of the block, its key if it is one of several, id, name.
fn state(lineage: &str, vms: &[(&str, u64, &str)]) -> Json {
    let resources: Vec<Json> = vms
        .iter()
        .map(|(block, id, name)| {
            json!({"mode": "managed", "type": "proxmox_virtual_environment_vm", "name": block,
                "provider": "provider[\"registry.opentofu.org/bpg/proxmox\"]",
                "instances": [{"schema_version": 0, "attributes":
                    {"id": id.to_string(), "vm_id": id, "name": name, "node_name": "pve1"}}]})
        })
        .collect();
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": lineage, "outputs": {}, "resources": resources})
}

/// What `/cluster/resources` answers: id, name, status.
fn cluster(vms: &[(u64, &str, &str)]) -> Json {
    let vms = vms.iter().map(|(id, name, status)| {
        json!({"id": format!("qemu/{id}"), "type": "qemu", "node": "pve1", "vmid": id, "name": name, "status": status,
            "maxcpu": 2, "maxmem": 1, "maxdisk": 1, "uptime": 1, "template": 0})
    });
    json!({"data": vms.collect::<Vec<_>>()})
}

#[test]
fn of_eleven_monitoring_vms_the_two_in_the_state_stay() {
    let (report, code) = report(&["--state", &story("state.json"), "--inventory", &story("inventory.json")]);
    assert_eq!(code, 3);
    assert_eq!(codes(&report), ["TL308", "TL308"]);
    assert_eq!(ids(&report, "keep"), [123, 126]);
    assert_eq!(ids(&report, "remove"), [108, 110, 111, 112, 115, 116, 117, 121, 122]);
    let removed = report["actions"].as_array().unwrap().iter().find(|one| one["action"] == "remove").unwrap();
    assert_eq!(removed["command"], "qm stop 110; qm destroy 110 --destroy-unreferenced-disks 1 --purge 1");
    // The call needs the node, which this list does not tell.
    assert_eq!(removed["request"], Json::Null);
}

#[test]
fn of_eleven_monitoring_vms_in_no_state_nothing_is_guessed() {
    let (report, code) =
        report(&["--state", &story("state.reset.json"), "--inventory", &story("inventory.json")]);
    assert_eq!(code, 3);
    assert_eq!(codes(&report), ["TL308", "TL308"]);
    assert_eq!(ids(&report, "decide").len(), 11);
    assert!(ids(&report, "remove").is_empty() && ids(&report, "keep").is_empty());
}

#[test]
fn the_story_reads_well() {
    for (name, file) in [("kept", "state.json"), ("reset", "state.reset.json")] {
        let config = story("");
        let output = reconcile(&[
            "--state",
            &story(file),
            "--inventory",
            &story("inventory.json"),
            "--config",
            &config,
            "--no-policy",
        ]);
        let text = String::from_utf8(output.stdout).unwrap();
        insta::with_settings!({ snapshot_path => fixtures::root().join("reconcile/monitoring"), prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn the_only_one_that_runs_is_kept_where_no_state_knows_any() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[("gateway", 100, "gateway")]));
    let inventory = written(
        dir.path(),
        "inventory.json",
        &cluster(&[(100, "gateway", "running"), (108, "web", "stopped"), (112, "web", "running")]),
    );
    let (report, code) = report(&["--state", &state, "--inventory", &inventory]);
    assert_eq!((code, ids(&report, "keep"), ids(&report, "remove")), (3, vec![112], vec![108]));
}

#[test]
fn one_object_in_two_states_is_a_contradiction() {
    let dir = tempfile::tempdir().unwrap();
    let one = written(dir.path(), "one.json", &state("a", &[("web", 110, "web")]));
    let two = written(dir.path(), "two.json", &state("b", &[("frontend", 110, "web")]));
    let (report, code) = report(&["--state", &one, &two]);
    assert_eq!((code, codes(&report)), (3, vec!["TL302"]));
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("web") && message.contains("frontend") && message.contains("two.json"),
        "{message}"
    );
    assert_eq!(ids(&report, "decide"), [110, 110]);
}

#[test]
fn what_was_made_anew_outside_is_one_import() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[("web", 110, "web")]));
    let inventory = written(dir.path(), "inventory.json", &cluster(&[(131, "web", "running")]));
    let (report, code) = report(&["--state", &state, "--inventory", &inventory]);
    assert_eq!((code, codes(&report)), (2, vec!["TL304"]));
    let action = &report["actions"][0];
    assert_eq!(action["import_id"], "pve1/131");
    assert_eq!(
        action["command"],
        "tofu state rm 'proxmox_virtual_environment_vm.web' && tofu import 'proxmox_virtual_environment_vm.web' pve1/131"
    );
}

#[test]
fn a_vm_that_no_state_knows_is_an_orphan_and_a_template_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[("web", 110, "web")]));
    let mut list =
        cluster(&[(110, "web", "running"), (9000, "debian", "stopped"), (140, "left-over", "running")]);
    list["data"][1]["template"] = json!(1);
    let inventory = written(dir.path(), "inventory.json", &list);
    let (found, code) = report(&["--state", &state, "--inventory", &inventory]);
    assert_eq!((code, codes(&found), ids(&found, "decide")), (2, vec!["TL303"], vec![140]));
    assert_eq!(found["findings"][0]["object"]["name"], "left-over");
    // What is asked about alone is answered alone.
    let (report, code) = report(&["--state", &state, "--inventory", &inventory, "--match", "we*"]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("clear")));
}

#[test]
fn an_orphan_is_accepted_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[]));
    let inventory = written(dir.path(), "inventory.json", &cluster(&[(140, "by-hand", "running")]));
    let policy = dir.path().join("tidelock.toml");
    let waiver = "[[waiver]]\nrule = \"TL303\"\naddress = \"proxmox/qemu/14*\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2999-01-01\n";
    fs::write(&policy, waiver).unwrap();
    let output = reconcile(&[
        "--state",
        &state,
        "--inventory",
        &inventory,
        "--policy",
        policy.to_str().unwrap(),
        "--format",
        "plain",
    ]);
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"noise\n"[..]));
}

#[test]
fn what_is_absent_from_half_a_list_proves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = json!({"mode": "managed", "type": "hcloud_server", "name": "web",
        "provider": "provider[\"registry.terraform.io/hetznercloud/hcloud\"]",
        "instances": [{"schema_version": 0, "attributes": {"id": "4711", "name": "web"}}]});
    let mut held = state("a", &[]);
    held["resources"] = json!([server]);
    let state = written(dir.path(), "state.json", &held);
    let page = |next: Json| {
        json!({"servers": [], "meta": {"pagination":
            {"page": 1, "per_page": 50, "previous_page": null, "next_page": next, "last_page": 2, "total_entries": 60}}})
    };
    let half = written(dir.path(), "half.json", &page(json!(2)));
    let output = reconcile(&["--state", &state, "--inventory", &half]);
    assert_eq!(output.status.code(), Some(1));
    let (found, code) = report(&["--state", &state, "--inventory", &half, "--partial-inventory"]);
    assert_eq!((code, codes(&found)), (0, vec![]));
    let whole = written(dir.path(), "whole.json", &page(Json::Null));
    let (report, code) = report(&["--state", &state, "--inventory", &whole]);
    assert_eq!((code, codes(&report)), (2, vec!["TL304"]));
}

#[test]
fn what_a_state_rm_would_leave_behind_is_told_before() {
    let asked = ["--if-removed", "proxmox_virtual_environment_vm.monitoring_grafana"];
    let state = story("state.json");
    let inventory = story("inventory.json");
    let (report, code) = report(&[&["--state", &state, "--inventory", &inventory][..], &asked].concat());
    assert_eq!((code, codes(&report)), (3, vec!["TL309"]));
    assert_eq!(report["findings"][0]["address"], "proxmox_virtual_environment_vm.monitoring_grafana[0]");
    assert_eq!(ids(&report, "keep"), [126]);
}

#[test]
fn a_plan_that_creates_what_exists_is_told_to_import_it() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[]));
    let inventory =
        written(dir.path(), "inventory.json", &cluster(&[(123, "monitoring-prometheus", "running")]));
    let after = json!({"name": "monitoring-prometheus", "node_name": "pve1", "clone": [{"vm_id": 9000}]});
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
        {"address": "proxmox_virtual_environment_vm.monitoring_prometheus[0]", "mode": "managed", "index": 0,
         "type": "proxmox_virtual_environment_vm", "name": "monitoring_prometheus", "provider_name": "registry.terraform.io/bpg/proxmox",
         "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": {"id": true, "vm_id": true}}}]});
    let plan = written(dir.path(), "plan.json", &plan);
    let imports = dir.path().join("imports.tf");
    let (report, code) = report(&[
        "--state",
        &state,
        "--inventory",
        &inventory,
        "--plan",
        &plan,
        "--write-imports",
        imports.to_str().unwrap(),
    ]);
    assert_eq!((code, codes(&report)), (3, vec!["TL301"]));
    let action = &report["actions"][0];
    assert_eq!(
        action["command"],
        "terraform import 'proxmox_virtual_environment_vm.monitoring_prometheus[0]' pve1/123"
    );
    // An imported VM has no `clone` in its state: the next apply would replace it.
    assert!(action["reason"].as_str().unwrap().contains("ignore_changes = [clone]"), "{action}");
    let written = fs::read_to_string(imports).unwrap();
    assert_eq!(
        written,
        "import {\n  to = proxmox_virtual_environment_vm.monitoring_prometheus[0]\n  id = \"pve1/123\"\n}\n"
    );
}

/// The page's commands print what it says. `UPDATE_DOCS=1` writes it anew.
#[cfg(unix)]
#[test]
fn the_page_shows_what_the_commands_print() {
    let tool = assert_cmd::cargo::cargo_bin("tidelock");
    let path = format!("{}:/usr/bin:/bin", tool.parent().unwrap().display());
    let run = |command: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.env_clear().env("PATH", &path).current_dir(fixtures::root().join("..")).args(["-c", command]);
        String::from_utf8(shell.output().unwrap().stdout).unwrap()
    };
    transcript::hold(&fixtures::root().join("../docs/recovery-from-duplicates.md"), run).unwrap();
}

#[test]
fn wrong_inputs_are_named_and_exit_1() {
    let state = story("state.json");
    for (args, code) in [
        (vec![], "tidelock::reality::nothing"),
        (vec!["--state", "fixtures/drift/vm_memory/plan.json"], "tidelock::input"),
        (vec!["--state", "nowhere.json"], "tidelock::input::missing"),
        (vec!["--state", &state, "--inventory", &state], "tidelock::inventory"),
        (vec!["--state", &state, "--inventory", "nowhere.json"], "tidelock::input::missing"),
        (vec!["--state", &state, "--plan", &state], "tidelock::reality::no_plan"),
        (vec!["--state", &state, "--config", "nowhere"], "tidelock::config::no_directory"),
    ] {
        let output = reconcile(&args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains(code), "{args:?}: {said}");
    }
}

/// A name may look like anything; what it looks like must not run, nor be shown if it is secret.
#[test]
fn names_from_outside_stay_names() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &state("a", &[("web", 110, "x")]));
    let evil = "x'; rm -rf / #\u{1b}[2J<b>&`|";
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0".repeat(2).get(..36).unwrap());
    let inventory = written(
        dir.path(),
        "inventory.json",
        &cluster(&[(110, "x", "running"), (111, evil, "running"), (112, &token, "running")]),
    );
    for format in ["human", "markdown", "json", "github", "gitlab", "junit", "sarif", "plain"] {
        let output = reconcile(&["--state", &state, "--inventory", &inventory, "--format", format, "-v"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(&token), "{format}");
        assert!(!text.contains('\u{1b}'), "{format}");
        assert!(format != "markdown" || !text.contains("<b>"), "{text}");
    }
}
