//! The logs of runs, as users hand them to the program: verdicts, what an apply did, and what no format may show.

#![allow(clippy::unwrap_used, reason = "a log that cannot be read fails the test")]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use tidelock_testkit::fixtures::{self, Case, ExpectedStream};

fn tidelock(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::cargo_bin("tidelock").unwrap().current_dir(dir).args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// Every log that a case says something about.
fn logs() -> Vec<(Case, String, ExpectedStream)> {
    let cases = fixtures::all().unwrap().into_iter();
    let logs: Vec<_> = cases
        .flat_map(|case| {
            let streams = case.meta.streams.clone();
            streams.into_iter().map(move |(name, expected)| (case.clone(), name, expected))
        })
        .collect();
    assert!(logs.len() > 15, "only {} logs", logs.len());
    logs
}

fn shown(case: &Case, log: &str) -> Json {
    let (code, text) = tidelock(&case.dir, &["show", log, "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    serde_json::from_str::<Json>(&text).unwrap()["artifacts"][0].clone()
}

fn addresses(apply: &Json, list: &str) -> BTreeSet<String> {
    let list = apply[list].as_array().into_iter().flatten();
    list.map(|item| item["address"].as_str().or(item.as_str()).unwrap().to_owned()).collect()
}

#[test]
fn every_log_is_answered_as_its_case_says() {
    for (case, log, expected) in logs() {
        let name = format!("{}/{log}", case.name);
        let (code, text) = tidelock(&case.dir, &["drift", "--format", "json", &log]);
        let verdict = serde_json::from_str::<Json>(&text)
            .ok()
            .and_then(|report| Some(report["verdict"].as_str()?.to_owned()));
        assert_eq!(verdict, expected.verdict, "{name}: {text}");
        assert_eq!(code, expected.exit_code.map_or(1, i32::from), "{name}: {text}");
        // Only the saved plan is what will be applied.
        assert_eq!(tidelock(&case.dir, &["gate", &log]).0, 1, "{name}");
    }
}

#[test]
fn what_every_apply_did_is_shown_as_its_case_says() {
    for (case, log, expected) in logs() {
        let apply = &shown(&case, &log)["apply"];
        let said = ExpectedStream {
            verdict: expected.verdict.clone(),
            exit_code: expected.exit_code,
            apply: apply["ending"].as_str().map(ToOwned::to_owned),
            created: addresses(apply, "created"),
            changed: addresses(apply, "changed"),
            destroyed: addresses(apply, "destroyed"),
            imported: addresses(apply, "imported"),
            failed: addresses(apply, "failed"),
            in_doubt: addresses(apply, "in_doubt"),
            not_started: addresses(apply, "not_started"),
        };
        assert_eq!(said, expected, "{}/{log}", case.name);
    }
}

/// What people read, beside the case, for review.
#[test]
fn every_log_reads_as_its_snapshot() {
    for (case, log, _) in logs() {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case.dir);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for command in ["drift", "show"] {
                insta::assert_snapshot!(format!("{log}.{command}"), said(&case, command, &log));
            }
        });
    }
}

fn said(case: &Case, command: &str, log: &str) -> String {
    let mut args = vec![command, log];
    if command == "drift" {
        args.extend(["--source-root", "."]);
    }
    tidelock(&case.dir, &args).1
}

#[test]
fn a_log_is_answered_as_it_is_piped() {
    let case = fixtures::case("streams/plan_drift").unwrap();
    let output = Command::cargo_bin("tidelock")
        .unwrap()
        .current_dir(&case.dir)
        .args(["drift", "-"])
        .write_stdin(case.bytes("plan.jsonl").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("TL103") && text.contains("pass PLANFILE"), "{text}");
}

/// Long enough to be secrets by their form, and never real.
fn planted() -> Vec<String> {
    let text = |start: &str, length: usize| {
        let letters = "k2Vx8Qw3Zt6Yb1Nc5Md7Lf9Jh0Gs4Ra2Pe8UoT3iW6yX1zKq";
        format!("{start}{}", letters.chars().cycle().take(length).collect::<String>())
    };
    vec![
        text("ghp_", 36),
        text("glpat-", 20),
        text("hvs.", 90),
        "postgres://app:hunter2secret@db.example.net/app".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----".to_owned(),
    ]
}

/// A log with a secret wherever a text may stand.
fn poisoned(secret: &str) -> String {
    let resource = json!({ "addr": "null_resource.a", "module": "", "implied_provider": "null" });
    let other = json!({ "addr": "null_resource.b" });
    let range = json!({ "filename": secret, "start": { "line": 1, "column": 1, "byte": 0 } });
    let snippet = json!({ "context": secret, "code": secret, "values": [{ "traversal": "var.x", "statement": secret }] });
    let mut lines: Vec<Json> = vec![
        json!({ "terraform": secret, "ui": secret, "type": "version" }),
        json!({ "type": secret, "whatever": secret }),
        json!({ "type": "log", "state": secret }),
        json!({ "hook": { "resource": resource, "id_key": "id", "id_value": secret }, "type": "refresh_start" }),
        json!({ "change": { "resource": resource, "action": "update" }, "type": "resource_drift" }),
        json!({ "change": { "resource": resource, "action": "update", "reason": secret, "generated_config": secret }, "type": "planned_change" }),
        json!({ "change": { "resource": other, "action": "create", "importing": { "id": secret } }, "type": "planned_change" }),
        json!({ "changes": { "add": 1, "change": 1, "import": 0, "remove": 0, "operation": "plan" }, "type": "change_summary" }),
    ];
    lines.extend([
        json!({ "hook": { "resource": resource, "action": "update", "id_key": "id", "id_value": secret }, "type": "apply_start" }),
        json!({ "hook": { "resource": resource, "provisioner": secret, "output": secret }, "type": "provision_progress" }),
        json!({ "hook": { "resource": resource, "action": "update", "id_key": "id", "id_value": secret }, "type": "apply_complete" }),
        json!({ "hook": { "resource": other, "action": secret }, "type": "apply_start" }),
        json!({ "outputs": { "a": { "sensitive": false, "type": "string", "value": secret, "action": secret } }, "type": "outputs" }),
        json!({ "diagnostic": { "severity": "error", "summary": format!("it says {secret}"), "detail": secret, "address": "null_resource.b", "range": range, "snippet": snippet }, "type": "diagnostic" }),
        json!({ "diagnostic": { "severity": secret, "summary": secret, "detail": secret }, "type": "diagnostic" }),
    ]);
    let mut text = format!("a wrapper says {secret}\n");
    for mut line in lines {
        line["@level"] = "info".into();
        line["@message"] = secret.into();
        line["@timestamp"] = secret.into();
        text.push_str(&format!("{line}\n"));
    }
    text.push_str(&format!("{{\"@level\":\"info\",\"@message\":\"{}", secret.lines().next().unwrap()));
    text
}

#[test]
fn no_output_about_a_log_shows_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    for secret in planted() {
        // The part that must not be seen.
        let needle = if secret.contains("hunter2") {
            "hunter2secret"
        } else {
            secret.lines().nth(1).unwrap_or(&secret)
        };
        let log = poisoned(&secret);
        fs::write(dir.path().join("apply.jsonl"), &log).unwrap();
        fs::write(dir.path().join("damaged.jsonl"), log.replace("\"addr\"", "\"adr\"")).unwrap();
        for file in ["apply.jsonl", "damaged.jsonl"] {
            let mut all: Vec<Vec<&str>> = vec![
                vec!["show", file, "-v"],
                vec!["show", file, "--format", "json"],
                vec!["gate", file],
                vec!["graph", file],
                vec!["approve", file],
            ];
            for format in ["human", "json", "markdown", "sarif", "junit", "github", "gitlab", "plain"] {
                all.push(vec!["drift", file, "--format", format]);
            }
            for args in all {
                let (_, text) = tidelock(dir.path(), &args);
                let folded = text.replace("\\n", "\n");
                assert!(!folded.contains(needle), "{args:?}: {text}");
            }
        }
    }
}

#[test]
fn states_and_logs_that_cannot_be_read_say_what_to_do_instead() {
    let dir = tempfile::tempdir().unwrap();
    for (text, word) in [
        (
            r#"{"version":3,"serial":1,"modules":[{"path":["root"],"resources":{"a.b":{"type":"a"}}}]}"#,
            "rewrite it",
        ),
        (r#"{"version":2,"serial":1,"modules":[{"path":["root"],"resources":{}}]}"#, "rewrite it"),
        (r#"{"version":1,"serial":1,"modules":[]}"#, "rewrite it"),
        (
            r#"{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{"secret_key":"hunter2"},"hash":1}}"#,
            "tofu state pull",
        ),
        (
            r#"{"plan_format_version":"1.2","resource_changes":[],"provider_format_version":"1.0"}"#,
            "unredacted",
        ),
        (
            r#"{"root_module":{},"provider_config":{"a":{"expressions":{"token":{"constant_value":"hunter2"}}}}}"#,
            "it holds the sources, too",
        ),
    ] {
        fs::write(dir.path().join("file"), text).unwrap();
        for args in [["drift", "file"], ["gate", "file"]] {
            let (code, said) = tidelock(dir.path(), &args);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(code == 1 && said.contains(word) && !said.contains("hunter2"), "{args:?} {text}: {said}");
        }
        let (code, said) = tidelock(dir.path(), &["show", "file"]);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 0 && said.contains(word) && !said.contains("hunter2"), "{text}: {code} {said}");
    }
}

#[test]
fn the_states_of_a_directory_are_shown_with_their_workspaces() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let state = |serial: u32| format!(r#"{{"version":4,"serial":{serial},"lineage":"l","resources":[]}}"#);
    write("terraform.tfstate", &state(3));
    write("terraform.tfstate.backup", &state(2));
    write("errored.tfstate", &state(4));
    write("terraform.tfstate.d/staging/terraform.tfstate", &state(9));
    write(".terraform/terraform.tfstate", r#"{"version":3,"backend":{"type":"s3"}}"#);
    write("main.tf", "locals {}");
    let (code, text) = tidelock(dir.path(), &["show", ".", "--format", "json"]);
    assert_eq!(code, 0, "{text}");
    let shown: Json = serde_json::from_str(&text).unwrap();
    let told: Vec<_> = shown["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["workspace"].clone(), one["role"].clone(), one["serial"].clone()))
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["default", "current", 3],
            ["default", "errored", 4],
            ["default", "backup", 2],
            ["staging", "current", 9]
        ])
    );
    // Each is a state to ask about, too.
    let case = fixtures::case("streams/plan_drift").unwrap();
    for name in
        ["errored.tfstate", "terraform.tfstate.backup", "terraform.tfstate.d/staging/terraform.tfstate"]
    {
        let state = dir.path().join(name).display().to_string();
        let (code, text) = tidelock(&case.dir, &["gate", "plan.json", "--state", &state]);
        assert!(code == 3 && text.contains("TL505"), "{text}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(tidelock(empty.path(), &["show", "."]).0, 1);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The page's commands print what it says. `UPDATE_DOCS=1` writes it anew.
#[cfg(unix)]
#[test]
fn the_page_about_logs_holds_what_its_commands_print() {
    let path = root().join("docs/streams.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut parts = page.split("```console\n");
    let mut expected = parts.next().unwrap().to_owned();
    for part in parts {
        let (block, rest) = part.split_once("```").unwrap();
        let command = block.lines().next().unwrap();
        write!(
            expected,
            "```console\n{command}\n{}\n```{rest}",
            printed(command.strip_prefix("$ ").unwrap())
        )
        .unwrap();
    }
    assert!(expected.matches("```console\n").count() >= 4);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(page, expected, "UPDATE_DOCS=1 writes it anew");
    }
}

/// What a shell command prints, run in the root of the repository.
#[cfg(unix)]
fn printed(script: &str) -> String {
    let tidelock = assert_cmd::cargo::cargo_bin("tidelock");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [tidelock.parent().unwrap().to_owned()].into_iter().chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", script])
        .env("PATH", std::env::join_paths(path).unwrap())
        .current_dir(root())
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The two products warn in the same words; the plan itself would say that it is partial.
#[test]
fn the_log_of_a_limited_run_is_partial_and_a_plan_beside_it_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = concat!(
        r#"{"@level":"info","@message":"Terraform 1.11.4","terraform":"1.11.4","type":"version","ui":"1.2"}"#,
        "\n",
        r#"{"@level":"warn","@message":"w","diagnostic":{"severity":"warning","summary":"Resource targeting is in effect","detail":""},"type":"diagnostic"}"#,
        "\n",
        r#"{"@level":"info","@message":"p","changes":{"add":0,"change":0,"import":0,"remove":0,"operation":"plan"},"type":"change_summary"}"#,
        "\n",
    );
    let ask = |text: &str| {
        let path = dir.path().join("log.jsonl");
        fs::write(&path, text).unwrap();
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("tidelock"));
        let answer = command.env_clear().arg("drift").arg(&path).output().unwrap();
        (
            String::from_utf8(answer.stdout).unwrap(),
            String::from_utf8(answer.stderr).unwrap(),
            answer.status.code(),
        )
    };
    let (said, _, _) = ask(log);
    assert!(said.contains("TL503") && said.contains("-target"), "{said}");
    let plan = fs::read_to_string(root().join("fixtures/drift/mixed_stack/plan.json")).unwrap();
    for both in [format!("{log}{plan}"), format!("{plan}\n{log}")] {
        let (_, complaint, code) = ask(&both);
        assert_eq!(code, Some(1), "{complaint}");
        assert!(complaint.contains("tidelock::input::several_artifacts"), "{complaint}");
    }
}
