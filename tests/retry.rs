//! `tidelock retry` from the command line: may a failed run be tried again?

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fixture that cannot be read fails the test"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use tidelock_testkit::{
    fixtures,
    steps::{Shell, Workspace},
    transcript,
};

const WEB: &str = "fixtures/retry/web";

fn root() -> PathBuf {
    fixtures::root().join("..")
}

fn program() -> Command {
    let mut command = Command::cargo_bin("tidelock").unwrap();
    command.env_clear().current_dir(root());
    command
}

fn retry(args: &[&str]) -> Output {
    program().args(["retry", "--no-policy"]).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The word and the exit code.
fn word(args: &[&str]) -> (String, i32) {
    let output = retry(&[args, &["--format", "plain"]].concat());
    (text(&output.stdout).trim().to_owned(), output.status.code().unwrap())
}

fn web(file: &str) -> String {
    format!("{WEB}/{file}")
}

fn written(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A state of one tainted server, with a secret that it marks and one that nothing marks.
fn leaky() -> String {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {},
        "resources": [{"mode": "managed", "type": "hcloud_server", "name": "web",
            "provider": "provider[\"registry.terraform.io/hetznercloud/hcloud\"]",
            "instances": [{"status": "tainted", "schema_version": 0,
                "attributes": {"id": "1", "name": "web", "ipv4_address": "203.0.113.7", "user_data": "hunter2-marked-in-state",
                    "labels": {"token": token()}},
                "sensitive_attributes": [[{"type": "get_attr", "value": "user_data"}]]}]}]})
    .to_string()
}

/// Written in pieces: scanners read sources, too.
fn token() -> String {
    format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
}

fn leaky_log() -> String {
    let error = format!("403 Forbidden for {} and hunter2-marked-in-state", token());
    let resource =
        json!({"addr": "hcloud_server.web", "resource_type": "hcloud_server", "resource_name": "web"});
    let hook = json!({"resource": resource, "action": "create"});
    let lines = [
        json!({"@level": "info", "@message": "Terraform 1.11.4", "terraform": "1.11.4", "type": "version", "ui": "1.2"}),
        json!({"@level": "info", "type": "planned_change", "change": hook}),
        json!({"@level": "info", "type": "apply_start", "hook": hook}),
        json!({"@level": "info", "type": "apply_errored", "hook": hook}),
        json!({"@level": "error", "type": "diagnostic",
            "diagnostic": {"severity": "error", "summary": error, "detail": "", "address": "hcloud_server.web"}}),
    ];
    lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n")
}

#[test]
fn a_failed_run_is_cleaned_up_then_applied_then_done() {
    let [state, log, servers] =
        ["terraform.tfstate", "apply.jsonl", "servers.json"].map(|file| web(&format!("1-failed.{file}")));
    let asked = ["--state", &state, "--apply-log", &log, "--inventory", &servers];
    assert_eq!(word(&asked), ("cleanup".to_owned(), 3));
    for (step, expected) in [("2-cleaned", "apply"), ("3-applied", "skip")] {
        let [state, servers] =
            ["terraform.tfstate", "servers.json"].map(|file| web(&format!("{step}.{file}")));
        let asked = ["--state", &state, "--config", WEB, "--inventory", &servers];
        assert_eq!(word(&asked), (expected.to_owned(), 0), "{step}");
    }
}

#[test]
fn without_an_expectation_it_says_so_and_ends_with_1() {
    let output = retry(&["--state", &web("3-applied.terraform.tfstate")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("tidelock::retry::expectation"), "{output:?}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_page_shows_what_the_program_prints() {
    let run = |command: &str| {
        let args = command.split(' ').skip(1);
        text(&program().args(args).output().unwrap().stdout)
    };
    transcript::hold(&root().join("docs/retry.md"), run).unwrap();
}

#[test]
fn the_report_is_what_its_schema_says() {
    let schema: Json = serde_json::from_str(tidelock::render::json::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let state = web("1-failed.terraform.tfstate");
    let output = retry(&["--state", &state, "--config", WEB, "--format", "json"]);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(report["command"], "retry");
    assert_eq!(report["expected"].as_array().unwrap().len(), 3);
}

#[test]
fn a_known_secret_is_in_no_format() {
    let dir = tempfile::tempdir().unwrap();
    let state = written(dir.path(), "state.json", &leaky());
    let log = written(dir.path(), "apply.jsonl", &leaky_log());
    let outputs = dir.path().join("outputs");
    for format in ["human", "json", "markdown", "sarif", "junit", "github", "gitlab", "plain"] {
        for detail in ["-v", "-q"] {
            let args =
                ["retry", "--no-policy", "--state", &state, "--apply-log", &log, "--format", format, detail];
            let output = program().env("GITHUB_OUTPUT", &outputs).args(args).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{format}: {}", text(&output.stderr));
            let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
            for secret in ["hunter2-marked-in-state", &token()] {
                assert!(!shown.contains(secret), "{format}: {shown}");
            }
        }
    }
    let outputs = fs::read_to_string(outputs).unwrap();
    assert!(outputs.contains("decision=stop\n") && outputs.contains("server_id=1\n"), "{outputs}");
    assert!(!outputs.contains("hunter2") && !outputs.contains(&token()), "{outputs}");
}

#[test]
fn each_workspace_of_a_directory_has_its_answer() {
    let dir = tempfile::tempdir().unwrap();
    let applied = fs::read_to_string(root().join(web("3-applied.terraform.tfstate"))).unwrap();
    for (workspace, state) in [("full", applied.as_str()), ("empty", "")] {
        written(dir.path(), &format!("terraform.tfstate.d/{workspace}/terraform.tfstate"), state);
        written(dir.path(), &format!("terraform.tfstate.d/{workspace}/terraform.tfstate.backup"), &applied);
    }
    let args = ["--state-dir", dir.path().to_str().unwrap(), "--config", WEB];
    let output = retry(&[&args[..], &["--format", "json"]].concat());
    let reports: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let answers: Vec<_> = reports["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| (report["input"]["workspace"].as_str().unwrap(), report["decision"].as_str().unwrap()))
        .collect();
    assert_eq!(answers, [("empty", "apply"), ("full", "skip")]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(word(&args), ("apply".to_owned(), 0));
    let human = text(&retry(&args).stdout);
    assert!(human.contains("terraform workspace delete 'empty'"), "{human}");
}

#[test]
fn what_is_no_log_is_refused() {
    let state = web("3-applied.terraform.tfstate");
    let output = retry(&["--state", &state, "--apply-log", &web("main.tf")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("tidelock::reality::no_log"), "{output:?}");
    let output = retry(&["--config", WEB]);
    assert!(text(&output.stderr).contains("tidelock::reality::no_state"), "{output:?}");
}

/// The script of the page that begins with this comment.
fn script(name: &str) -> String {
    let page = fs::read_to_string(root().join("docs/retry.md")).unwrap();
    let begin = format!("```sh\n# {name}:");
    let (_, rest) = page.split_once(&begin).unwrap();
    let (script, _) = rest.split_once("\n```").unwrap();
    format!("# {name}:{script}\n")
}

/// A tool whose state is a file, and whose `apply` does what a script says.
fn provisioning(apply: &str) -> Workspace {
    let workspace = Workspace::empty(&assert_cmd::cargo::cargo_bin("tidelock")).unwrap();
    let tofu = format!(
        "#!/bin/sh\necho \"$@\" >> tool.log\ncase \"$1\" in\nstate) case ${{TF_WORKSPACE:-default}} in default) cat now.tfstate ;; esac ;;\napply) {apply} ;;\nworkspace) printf '* default\\n  pr-1\\n' ;;\nesac\n"
    );
    workspace.program("tofu", &tofu).unwrap();
    workspace.program("hcloud", "#!/bin/sh\ncat now.servers.json\n").unwrap();
    let web = root().join(WEB).canonicalize().unwrap();
    for entry in fs::read_dir(&web).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, workspace.path().join(path.file_name().unwrap())).unwrap();
    }
    workspace
}

fn stand(workspace: &Workspace, step: &str) {
    let path = workspace.path();
    fs::copy(path.join(format!("{step}.terraform.tfstate")), path.join("now.tfstate")).unwrap();
    fs::copy(path.join(format!("{step}.servers.json")), path.join("now.servers.json")).unwrap();
}

const APPLIES: &str =
    "cp 3-applied.terraform.tfstate now.tfstate; cp 3-applied.servers.json now.servers.json";
const APPLIES_BADLY: &str = "cp 1-failed.terraform.tfstate now.tfstate; cp 1-failed.servers.json now.servers.json; cat 1-failed.apply.jsonl; exit 1";

#[test]
fn the_provisioning_script_asks_before_it_applies() {
    for shell in Shell::here() {
        let workspace = provisioning(APPLIES).shell(shell);
        stand(&workspace, "2-cleaned");
        let ran = workspace.run(&script("provision.sh")).unwrap();
        assert_eq!(ran.code, Some(0), "{shell:?}: {}", ran.log());
        let calls = workspace.file("tool.log").unwrap();
        assert_eq!(calls.lines().filter(|line| line.starts_with("apply")).count(), 1, "{calls}");

        let workspace = provisioning(APPLIES_BADLY).shell(shell);
        stand(&workspace, "2-cleaned");
        let ran = workspace.run(&script("provision.sh")).unwrap();
        assert_eq!(ran.code, Some(3), "{shell:?}: {}", ran.log());
        assert!(ran.stderr.contains("terraform destroy -target='hcloud_server.web'"), "{}", ran.stderr);
        let calls = workspace.file("tool.log").unwrap();
        assert_eq!(calls.lines().filter(|line| line.starts_with("apply")).count(), 1, "{calls}");
    }
}

#[test]
fn the_states_of_all_workspaces_are_pulled_and_asked_about() {
    let workspace = provisioning(APPLIES);
    stand(&workspace, "3-applied");
    let ran = workspace.run(&script("states.sh")).unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.log());
    assert_eq!(workspace.file("states/terraform.tfstate.d/pr-1/terraform.tfstate").as_deref(), Some(""));
    assert!(ran.stdout.contains("terraform workspace delete 'pr-1'"), "{}", ran.stdout);
}
