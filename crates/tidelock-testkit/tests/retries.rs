//! With a real `terraform` or `tofu` on the `PATH`: runs that fail, and what `tidelock retry` says until they are done.
//!
//! Each story is walked to its end: whatever is proposed is done as it is printed, and the next answer is the next step.

#![cfg(unix)]
#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "the helpers of these tests are tests, too")]

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tidelock_testkit::fixtures::{Failure, NewObject, StreamStep};
use tidelock_testkit::pond::{Session, Tool};
use tidelock_testkit::steps;

/// The tool, or a line in the test's output that says why the test proves nothing here.
fn tool() -> Option<Tool> {
    let tool = Tool::find().unwrap();
    if tool.is_none() {
        eprintln!("skipped: neither terraform nor tofu is on the PATH");
    }
    tool
}

/// A stack with a key, a server that needs nothing, and a volume that needs the server.
const STACK: &str = r#"
    terraform {
      required_providers {
        hcloud = { source = "hetznercloud/hcloud" }
      }
    }
    resource "hcloud_ssh_key" "ops" {
      name       = "ops"
      public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOJ0Y2x1ZGVkIGluIG5vIGtleSBhdCBhbGwgZXZlciE= ops"
    }
    resource "hcloud_server" "web" {
      name        = "web"
      server_type = "cx22"
      image       = "debian-12"
      location    = "fsn1"
      depends_on  = [hcloud_ssh_key.ops]
    }
    resource "hcloud_volume" "data" {
      name      = "data"
      size      = 10
      server_id = hcloud_server.web.id
    }
"#;

/// A run that may fail, in a folder of its own.
struct Run {
    session: Session,
}

impl Run {
    fn of(tool: Tool, providers: &[&str], main: &str) -> Self {
        let session = Session::start(tool, providers).unwrap();
        fs::write(session.workdir().join("main.tf"), main).unwrap();
        Self { session }
    }

    /// Applies and keeps the log as `apply.jsonl`.
    fn apply(&self, exit: i32, kill_at: Option<&str>) {
        let run = ["apply", "-auto-approve", "-input=false", "-parallelism=1"].map(str::to_owned).to_vec();
        let kill_at = kill_at.map(str::to_owned);
        self.session.stream(&StreamStep { keep: "apply.jsonl".to_owned(), run, exit, kill_at }).unwrap();
    }

    fn tidelock(&self, args: &[&str], output: &str) -> Output {
        Command::new(steps::tidelock())
            .current_dir(self.session.workdir())
            .env_clear()
            .env("GITHUB_OUTPUT", output)
            .args(["retry", "--no-policy", "--state", "terraform.tfstate"])
            .args(args)
            .output()
            .unwrap()
    }

    /// The answer, asked for twice: the word, the exit code, the report.
    fn ask(&self, args: &[&str]) -> (String, i32, Value) {
        let [once, twice] = [(), ()].map(|()| self.tidelock(&[args, &["--format", "json"]].concat(), ""));
        assert_eq!(once.stdout, twice.stdout, "the same question has the same answer");
        let report: Value = serde_json::from_slice(&once.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&once.stderr)));
        let plain = self.tidelock(&[args, &["--format", "plain"]].concat(), "");
        let word = report["decision"].as_str().unwrap().to_owned();
        assert_eq!(String::from_utf8(plain.stdout).unwrap(), format!("{word}\n"));
        (word, once.status.code().unwrap(), report)
    }

    fn word(&self, args: &[&str]) -> (String, i32) {
        let (word, code, _) = self.ask(args);
        (word, code)
    }

    /// Does what is proposed, as it is printed; nobody is there to say yes.
    fn follow(&self, report: &Value) {
        for action in report["actions"].as_array().unwrap() {
            let command = action["command"].as_str().unwrap_or_else(|| panic!("no command: {action}"));
            let command = if command.contains(" destroy ") || command.contains(" apply ") {
                format!("{command} -auto-approve")
            } else {
                command.to_owned()
            };
            let done = Command::new("sh")
                .args(["-c", &command])
                .current_dir(self.session.workdir())
                .envs(self.session.environment())
                .output()
                .unwrap();
            assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
        }
    }

    /// What `hcloud server list -o json` would print.
    fn servers(&self) -> &'static str {
        let cloud = self.session.cloud();
        let servers: Vec<Value> = cloud
            .ids("hcloud_server")
            .iter()
            .map(|id| {
                let server = cloud.get("hcloud_server", id).unwrap();
                json!({"id": id.parse::<u64>().unwrap(), "name": server.get("name").as_str(), "status": "running",
                    "created": "2026-05-04T08:00:00+00:00", "labels": {}, "server_type": {"name": "cx22"},
                    "public_net": {"ipv4": {"ip": "203.0.113.20"}, "firewalls": []}, "private_net": [], "volumes": [],
                    "location": {"name": "fsn1"}, "protection": {"delete": false}})
            })
            .collect();
        let answer = json!({"servers": servers, "meta": {"pagination": {"page": 1, "per_page": 25,
            "previous_page": null, "next_page": null, "last_page": 1, "total_entries": servers.len()}}});
        fs::write(self.session.workdir().join("servers.json"), answer.to_string()).unwrap();
        "servers.json"
    }

    fn remember(&self, what: &str) {
        // Asked for when the artifacts of the documentation are recorded.
        let Some(to) = std::env::var_os("TIDELOCK_RECORD_RETRY") else { return };
        let to = std::path::PathBuf::from(to);
        fs::create_dir_all(&to).unwrap();
        for file in ["main.tf", "terraform.tfstate", "apply.jsonl", "servers.json"] {
            let from = self.session.workdir().join(file);
            if from.is_file() {
                fs::copy(from, to.join(format!("{what}.{file}"))).unwrap();
            }
        }
    }
}

#[test]
fn half_of_it_is_there_and_a_name_is_taken_then_stop_then_apply_then_skip() {
    let Some(tool) = tool() else { return };
    let main = r#"
        terraform {
          required_providers {
            pond = { source = "local/pond" }
          }
        }
        resource "pond_basin" "this" {
          for_each = toset(["a", "b", "c"])
          name     = each.key
        }
    "#;
    let run = Run::of(tool, &["local/pond"], main);
    // Somebody else has the name, so one of three fails and leaves nothing behind.
    let attributes = BTreeMap::from([("name".to_owned(), json!("b"))]);
    let taken = NewObject { r#type: "pond_basin".to_owned(), id: "basin-b".to_owned(), attributes };
    run.session.add(&taken).unwrap();
    run.apply(1, None);
    // The log says that it exists, and no inventory shows it.
    let (word, code, report) = run.ask(&["--apply-log", "apply.jsonl"]);
    assert_eq!((word.as_str(), code), ("stop", 3), "{report:#}");
    assert!(report["actions"][0]["reason"].as_str().unwrap().contains("already exists"), "{report:#}");
    // Without the log of what is mended by then, it is what is left to be made.
    let (word, code, report) = run.ask(&["--config", "."]);
    assert_eq!((word.as_str(), code), ("apply", 0), "{report:#}");
    let missing: Vec<_> = report["expected"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["standing"] == "missing")
        .map(|one| one["address"].as_str().unwrap())
        .collect();
    assert_eq!(missing, ["pond_basin.this[\"b\"]"]);
    run.session.cloud().remove("pond_basin", "basin-b").unwrap();
    run.apply(0, None);
    for expectation in [&["--apply-log", "apply.jsonl"][..], &["--config", "."]] {
        assert_eq!(run.word(expectation), ("skip".to_owned(), 0));
    }
}

#[test]
fn tainted_then_cleanup_then_apply_then_skip() {
    let Some(tool) = tool() else { return };
    let run = Run::of(tool, &["hetznercloud/hcloud"], STACK);
    run.session.cloud().fail(Failure::Create("hcloud_server".to_owned()));
    run.apply(1, None);
    run.session.cloud().heal();
    let failed = ["--apply-log", "apply.jsonl", "--inventory", run.servers()];
    run.remember("1-failed");
    let (word, code, report) = run.ask(&failed);
    assert_eq!((word.as_str(), code), ("cleanup", 3), "{report:#}");
    run.follow(&report);
    assert_eq!(run.session.cloud().ids("hcloud_server"), Vec::<String>::new(), "the leftover is gone");
    let sources = ["--config", ".", "--inventory", run.servers()];
    run.remember("2-cleaned");
    assert_eq!(run.word(&sources), ("apply".to_owned(), 0));
    run.apply(0, None);
    let sources = ["--config", ".", "--inventory", run.servers()];
    run.remember("3-applied");
    assert_eq!(run.word(&sources), ("skip".to_owned(), 0));
    assert_eq!(run.session.cloud().ids("hcloud_server").len(), 1);
}

#[test]
fn killed_while_a_server_was_made_then_import_then_apply_then_skip() {
    let Some(tool) = tool() else { return };
    let run = Run::of(tool, &["hetznercloud/hcloud"], STACK);
    run.session.cloud().fail(Failure::Stall("hcloud_server".to_owned()));
    run.apply(0, Some("apply_progress"));
    run.session.cloud().heal();
    // Whether it was made, the log does not tell, and an apply would make a second one.
    let (word, code, report) = run.ask(&["--apply-log", "apply.jsonl", "--config", "."]);
    assert_eq!((word.as_str(), code), ("stop", 3), "{report:#}");
    let all = ["--apply-log", "apply.jsonl", "--config", ".", "--inventory", run.servers()];
    let (word, code, report) = run.ask(&all);
    assert_eq!((word.as_str(), code), ("import", 3), "{report:#}");
    run.follow(&report);
    let (word, code, report) = run.ask(&all);
    assert_eq!((word.as_str(), code), ("apply", 0), "the volume is left: {report:#}");
    run.apply(0, None);
    assert_eq!(run.word(&all), ("skip".to_owned(), 0));
    assert_eq!(run.session.cloud().ids("hcloud_server").len(), 1, "there is no second one");
}

#[test]
fn a_lost_state_is_no_reason_to_make_everything_twice() {
    let Some(tool) = tool() else { return };
    let run = Run::of(tool, &["hetznercloud/hcloud"], STACK);
    run.apply(0, None);
    // What `state pull` prints where there is none.
    fs::write(run.session.workdir().join("terraform.tfstate"), "").unwrap();
    let all = ["--config", ".", "--inventory", run.servers()];
    let (word, _, report) = run.ask(&all);
    assert_eq!(word, "import", "{report:#}");
    fs::remove_file(run.session.workdir().join("terraform.tfstate")).unwrap();
    run.follow(&report);
    assert_eq!(run.word(&all).0, "apply");
}

#[test]
fn the_next_step_learns_what_exists() {
    let Some(tool) = tool() else { return };
    let run = Run::of(tool, &["hetznercloud/hcloud"], STACK);
    run.apply(0, None);
    let output = run.session.workdir().join("outputs");
    let args = ["--config", ".", "--inventory", run.servers(), "--format", "github"];
    let done = run.tidelock(&args, output.to_str().unwrap());
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let id = run.session.cloud().ids("hcloud_server").remove(0);
    let outputs = fs::read_to_string(output).unwrap();
    for line in ["decision=skip", &format!("server_id={id}"), "server_ip=203.0.113.20", "server_name=web"] {
        assert!(outputs.lines().any(|found| found == line), "{line}: {outputs}");
    }
}

/// `reconcile`: what it says is followed until a plan shows no change.
#[test]
fn a_stack_whose_state_was_deleted_is_taken_over_again() {
    let Some(tool) = tool() else { return };
    let server = r#"
        terraform {
          required_providers {
            hcloud = { source = "hetznercloud/hcloud" }
          }
        }
        resource "hcloud_server" "web" {
          name        = "web"
          server_type = "cx22"
          image       = "debian-12"
          location    = "fsn1"
        }
    "#;
    let run = Run::of(tool, &["hetznercloud/hcloud"], server);
    run.apply(0, None);
    let state = run.session.workdir().join("terraform.tfstate");
    let ask = || {
        let answer = Command::new(steps::tidelock())
            .current_dir(run.session.workdir())
            .env_clear()
            .args(["reconcile", "--no-policy", "--state", "terraform.tfstate", "--inventory", run.servers()])
            .args(["--config", ".", "--format", "json"])
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&answer.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&answer.stderr)));
        (report, answer.status.code())
    };
    assert_eq!(ask().1, Some(0));
    fs::write(&state, "").unwrap();
    let (report, code) = ask();
    assert_eq!((code, report["findings"][0]["code"].as_str()), (Some(3), Some("TL301")), "{report:#}");
    fs::remove_file(&state).unwrap();
    run.follow(&report);
    let (report, code) = ask();
    assert_eq!((code, report["verdict"].as_str()), (Some(0), Some("clear")), "{report:#}");
    assert_eq!(run.session.plan(&[]).unwrap().code(), 0, "the plan shows no change");
    assert_eq!(run.session.cloud().ids("hcloud_server").len(), 1);
}
