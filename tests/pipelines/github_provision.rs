//! The workflow that provisions, as it is printed: a tool whose state is a file, and a cloud on loopback.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tidelock_testkit::forge::{Api, Failure, Forge, Reply, Request};
use tidelock_testkit::promised_at;
use tidelock_testkit::steps::{Workspace, repository};

use crate::github_runner::{Ran, Run, yaml};
use crate::{equipped, forge};

const PROVISION: &str = "docs/pipelines/github/provision.yml";
const WEB: &str = "fixtures/retry/web";
const CLOUD_TOKEN: &str = "hc-5b1c0de7a9f34e21";
const SERVER: u64 = 27548;

/// Plans, applies and pulls what lies in the folder `given`; whoever fails it says so there.
const TOFU: &str = r#"#!/bin/sh
echo "$@" >> "$STEPS/tool.log"
case "$1" in
    plan) for argument; do case $argument in -out=*) cp given/plan.json "${argument#-out=}" ;; esac; done ;;
    show) cat "$3" ;;
    state) if [ -e given/no-state ]; then echo '{"version": 4, "half":'; exit 1; fi; cat given/state ;;
    apply)
        rm -f given/no-state
        cp given/state.then given/state
        cat given/apply.jsonl
        curl -fsS -X POST "$HCLOUD_ENDPOINT/servers" > /dev/null
        [ ! -e given/apply-fails ] || exit 1
        ;;
esac
"#;

/// Servers by their numbers, as far as a workflow asks for them.
#[derive(Debug, Default)]
struct Cloud {
    servers: BTreeMap<u64, &'static str>,
    deleted: Vec<String>,
}

impl Api for Cloud {
    fn answer(&mut self, request: &Request) -> Reply {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let signed = request.header("authorization") == Some(&*format!("Bearer {CLOUD_TOKEN}"));
        match (request.method.as_str(), &segments[..]) {
            ("POST", ["servers"]) => {
                self.servers.insert(SERVER, "web");
                Reply::new(201, Value::Null)
            }
            _ if !signed => Reply::error(401, "unable to authenticate"),
            ("GET", ["servers"]) => Reply::new(200, self.list()),
            ("DELETE", [kind, id]) => {
                self.deleted.push(format!("{kind} {id}"));
                let there = *kind == "servers" && self.servers.remove(&id.parse().unwrap()).is_some();
                let action = json!({ "action": { "id": 1, "status": "success" } });
                if there { Reply::new(200, action) } else { Reply::error(404, "not found") }
            }
            _ => Reply::error(501, "not here"),
        }
    }
}

impl Cloud {
    fn list(&self) -> Value {
        let server = |(id, name): (&u64, &&str)| {
            json!({ "id": id, "name": name, "status": "running", "created": "2027-01-01T00:00:00+00:00",
                "labels": {}, "location": { "name": "fsn1" }, "volumes": [], "private_net": [],
                "protection": { "delete": false }, "public_net": { "firewalls": [], "ipv4": { "ip": "203.0.113.20" } } })
        };
        let servers: Vec<_> = self.servers.iter().map(server).collect();
        let page = json!({ "page": 1, "per_page": 50, "next_page": null, "previous_page": null, "last_page": 1,
            "total_entries": servers.len() });
        json!({ "servers": servers, "meta": { "pagination": page } })
    }
}

/// A plan that finds these, and makes the rest of the three.
fn plan(there: &[&str]) -> String {
    let changes = [
        ("hcloud_ssh_key", "ops", "83016"),
        ("hcloud_server", "web", "27548"),
        ("hcloud_volume", "data", "11681"),
    ];
    let change = |(kind, name, id): (&str, &str, &str)| {
        let (actions, before) = if there.contains(&name) {
            ("no-op", json!({ "id": id, "name": name }))
        } else {
            ("create", Value::Null)
        };
        let after = if before.is_null() { json!({ "name": name }) } else { before.clone() };
        json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hetznercloud/hcloud",
            "change": { "actions": [actions], "before": before, "after": after, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {} } })
    };
    let changes: Vec<_> = changes.into_iter().map(change).collect();
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes,
        "configuration": { "root_module": {} } })
    .to_string()
}

/// A job that is about to run.
struct Job {
    /// What is checked out; it outlives the run.
    folder: tempfile::TempDir,
    cloud: Forge<Cloud>,
    workspace: Workspace,
    workflow: Value,
    take_back: &'static str,
}

impl Job {
    /// A stack of which there is this much: `empty`, `2-cleaned` (the key alone), or `3-applied` (all).
    fn with(stage: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace =
            Workspace::empty(&assert_cmd::cargo::cargo_bin("tidelock")).unwrap().inside(folder.path());
        workspace.program("tofu", TOFU).unwrap();
        fs::create_dir(workspace.path().join("given")).unwrap();
        let job = Self {
            folder,
            cloud: Forge::start(Cloud::default()),
            workspace,
            workflow: yaml(PROVISION),
            take_back: "true",
        };
        let there: &[&str] = match stage {
            "3-applied" => &["ops", "web", "data"],
            "2-cleaned" => &["ops"],
            _ => &[],
        };
        if there.contains(&"web") {
            job.cloud.with(|cloud| cloud.servers.insert(SERVER, "web"));
        }
        let before =
            if there.is_empty() { String::new() } else { recorded(&format!("{stage}.terraform.tfstate")) };
        // It was there before the states that are recorded as later ones.
        job.given("state", &before.replace("\"serial\": 5", "\"serial\": 1"));
        job.given("plan.json", &plan(there));
        job.given("state.then", &recorded("3-applied.terraform.tfstate"));
        job.given("apply.jsonl", "");
        fs::write(job.workspace.path().join("configure.sh"), "printf '%s\\n' \"$SERVER_IP\" > configured\n")
            .unwrap();
        job
    }

    fn given(&self, name: &str, text: &str) {
        fs::write(self.workspace.path().join("given").join(name), text).unwrap();
    }

    /// The apply makes a server, and fails half-way.
    fn failing(self) -> Self {
        self.given("apply-fails", "");
        self.given("state.then", &recorded("1-failed.terraform.tfstate"));
        self.given("apply.jsonl", &recorded("1-failed.apply.jsonl"));
        self
    }

    fn run(self) -> Done {
        let forge = forge();
        let run = Run::new(&forge, "workflow_dispatch", json!({}))
            .context("inputs.workspace", "default")
            .context("inputs.rollback", self.take_back)
            .context("vars.HCLOUD_ENDPOINT", self.cloud.origin())
            .context("secrets.HCLOUD_TOKEN", CLOUD_TOKEN);
        let ran = run.job(&self.workflow, "provision", self.workspace);
        let callback = run.artifact("rollback", "callback.json");
        for text in [&ran.log, &ran.summary, &ran.arguments.join("\n")] {
            assert!(!text.contains(CLOUD_TOKEN), "{text}");
        }
        let (deleted, servers) = self.cloud.with(|cloud| (cloud.deleted.clone(), cloud.servers.len()));
        let configured = fs::read_to_string(self.folder.path().join("configured")).ok();
        Done { ran, deleted, servers, configured, callback }
    }
}

/// What a job did, and what it left in the cloud.
struct Done {
    ran: Ran,
    deleted: Vec<String>,
    servers: usize,
    configured: Option<String>,
    callback: Option<String>,
}

impl Done {
    fn applied(&self) -> bool {
        self.ran.tool_calls.iter().any(|call| call == "apply -json -input=false plan.tfplan")
    }

    /// Its colour is the one that the page promises for this outcome.
    fn ended(&self, outcome: &str) {
        let colour = if self.ran.red { "red" } else { "green" };
        assert_eq!(
            colour,
            promised_at("github/provision.yml", outcome).unwrap(),
            "{outcome}: {}",
            self.ran.log
        );
    }

    fn nothing_is_taken_back(&self) {
        assert!(self.deleted.is_empty() && self.callback.is_none(), "{:?} {}", self.deleted, self.ran.log);
    }

    fn output(&self, name: &str) -> &str {
        self.ran.contexts.get(name).map_or("", String::as_str)
    }
}

fn recorded(file: &str) -> String {
    fs::read_to_string(repository().join(WEB).join(file)).unwrap()
}

/// The step of this name, to be changed.
fn step<'w>(workflow: &'w mut Value, name: &str) -> &'w mut Value {
    let steps = workflow["jobs"]["provision"]["steps"].as_array_mut().unwrap();
    steps.iter_mut().find(|step| step["name"] == name).unwrap()
}

#[test]
fn what_is_there_is_configured_and_not_applied_again() {
    if !equipped() {
        return;
    }
    let done = Job::with("3-applied").run();
    done.ended("skip");
    assert!(!done.applied(), "{}", done.ran.log);
    assert_eq!(done.configured.as_deref(), Some("203.0.113.20\n"));
    assert!(done.output("steps.retry.outputs.addresses").contains("hcloud_server.web\nhcloud_ssh_key.ops"));
    done.nothing_is_taken_back();
}

#[test]
fn what_is_missing_is_made_and_then_configured() {
    if !equipped() {
        return;
    }
    for stage in ["empty", "2-cleaned"] {
        let done = Job::with(stage).run();
        done.ended("apply");
        assert!(done.applied() && done.servers == 1, "{stage}: {}", done.ran.log);
        assert_eq!(done.configured.as_deref(), Some("203.0.113.20\n"), "{stage}");
        done.nothing_is_taken_back();
    }
}

#[test]
fn an_apply_that_fails_half_way_is_taken_back_and_nothing_besides() {
    if !equipped() {
        return;
    }
    for (stage, gone) in
        [("empty", &["servers 27548", "ssh_keys 83016"][..]), ("2-cleaned", &["servers 27548"])]
    {
        let done = Job::with(stage).failing().run();
        done.ended("apply fails");
        assert!(done.applied() && done.configured.is_none(), "{stage}: {}", done.ran.log);
        assert_eq!(done.deleted, gone, "{stage}: {}", done.ran.log);
        assert_eq!(done.output("steps.rollback.outputs.server_id"), "27548");
        let callback: Value = serde_json::from_str(&done.callback.unwrap()).unwrap();
        assert_eq!((&callback["server_id"], &callback["run"]["id"]), (&json!("27548"), &json!("4711")));
    }
}

#[test]
fn who_wants_to_look_first_has_nothing_taken_back() {
    if !equipped() {
        return;
    }
    let mut job = Job::with("2-cleaned").failing();
    job.take_back = "false";
    let done = job.run();
    assert!(done.ran.red && done.applied() && done.servers == 1, "{}", done.ran.log);
    done.nothing_is_taken_back();
}

#[test]
fn what_exists_and_no_state_knows_is_not_made_twice() {
    if !equipped() {
        return;
    }
    let job = Job::with("empty");
    job.cloud.with(|cloud| cloud.servers.insert(SERVER, "web"));
    let done = job.run();
    done.ended("import");
    assert_eq!(done.output("steps.retry.outputs.decision"), "import");
    assert!(!done.applied() && done.configured.is_none(), "{}", done.ran.log);
    assert!(done.ran.summary.contains("import"), "the reasons are shown: {}", done.ran.summary);
    done.nothing_is_taken_back();
}

#[test]
fn what_is_half_made_is_not_applied_over() {
    if !equipped() {
        return;
    }
    let job = Job::with("2-cleaned");
    job.given("state", &recorded("1-failed.terraform.tfstate"));
    job.cloud.with(|cloud| cloud.servers.insert(SERVER, "web"));
    let done = job.run();
    done.ended("cleanup");
    assert!(!done.applied() && done.ran.summary.contains("cleanup"), "{}", done.ran.summary);
    done.nothing_is_taken_back();
}

#[test]
fn without_an_answer_nothing_is_applied() {
    if !equipped() {
        return;
    }
    let mut blind = Job::with("empty");
    let script =
        step(&mut blind.workflow, "the decision")["run"].as_str().unwrap().replace("--plan plan.json", "");
    step(&mut blind.workflow, "the decision")["run"] = script.into();
    let unheard = Job::with("empty");
    unheard.cloud.fail(Failure::new(403, 1).on("GET").at("servers"));
    for (job, summary) in [(blind, "no answer"), (unheard, "")] {
        let done = job.run();
        done.ended("no answer");
        assert!(!done.applied() && done.configured.is_none(), "{}", done.ran.log);
        assert!(done.ran.summary.contains(summary), "{}", done.ran.summary);
        done.nothing_is_taken_back();
    }
}

#[test]
fn without_the_state_before_nothing_is_applied_and_nothing_removed() {
    if !equipped() {
        return;
    }
    let job = Job::with("3-applied").failing();
    job.given("no-state", "");
    let done = job.run();
    done.ended("no answer");
    assert!(!done.applied() && done.servers == 1, "{}", done.ran.log);
    done.nothing_is_taken_back();

    // Even if the apply began, somebody took the file away, and all in the state looks new.
    let mut job = Job::with("2-cleaned").failing();
    let script = step(&mut job.workflow, "apply")["run"].as_str().unwrap().to_owned();
    step(&mut job.workflow, "apply")["run"] = format!("rm before.json\n{script}").into();
    let done = job.run();
    assert!(done.ran.red && done.applied() && done.servers == 1, "{}", done.ran.log);
    assert!(done.ran.log.contains("no state before the run: nothing is taken back"), "{}", done.ran.log);
    done.nothing_is_taken_back();
}

#[test]
fn machines_whose_configuration_fails_stay() {
    if !equipped() {
        return;
    }
    let job = Job::with("empty");
    fs::write(job.folder.path().join("configure.sh"), "exit 1\n").unwrap();
    let done = job.run();
    assert!(done.ran.red && done.applied() && done.servers == 1, "{}", done.ran.log);
    done.nothing_is_taken_back();
}

#[test]
fn an_apply_that_did_not_fail_is_not_taken_back() {
    if !equipped() {
        return;
    }
    // State and log would have the server removed, and the question after the apply is not answered with `skip`.
    let job = Job::with("2-cleaned").failing();
    fs::remove_file(job.folder.path().join("given/apply-fails")).unwrap();
    let done = job.run();
    assert!(done.ran.red && done.applied() && done.servers == 1, "{}", done.ran.log);
    assert!(done.configured.is_none());
    done.nothing_is_taken_back();
}

#[test]
fn only_the_steps_that_need_a_token_get_it() {
    let workflow = yaml(PROVISION);
    for (at, step) in workflow["jobs"]["provision"]["steps"].as_array().unwrap().iter().enumerate() {
        let plans = step["with"]["command"] == "plan";
        let script = step["run"].as_str().unwrap_or_default();
        let cloud =
            plans || ["tofu apply", "$HCLOUD_TOKEN", "rollback run"].iter().any(|word| script.contains(word));
        assert_eq!(step["env"]["HCLOUD_TOKEN"].is_string(), cloud, "step {at}");
        let state = plans || script.contains("tofu ");
        assert_eq!(step["env"]["AWS_SECRET_ACCESS_KEY"].is_string(), state, "step {at}");
    }
    assert!(
        workflow["jobs"]["provision"]["env"].as_object().unwrap().keys().all(|name| !name.contains("TOKEN"))
    );
}
