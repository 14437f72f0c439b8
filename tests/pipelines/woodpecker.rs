//! The Woodpecker pipelines, step by step, as they are printed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a step that cannot be run fails the test")]

mod job;
mod origin;

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use tidelock_testkit::{
    forge::{Forge, store::Store, webhook::Webhook},
    promised,
    steps::{Ran, Shell, Workspace, repository, which},
};

use origin::checked_out;

use job::{DRIFT, GATE, Outcome, can_talk, longest, nothing_leaks, pipeline, words};

const HOOK: &str = "/hooks/g7x2pq";
const ACCESS_KEY: &str = "AKIDSTATE";
const SECRET_KEY: &str = "s3cr3t-k3y-0f-th3-state";

/// What a runner made of a pipeline.
struct Run {
    workspace: Workspace,
    /// What the steps did, by name, as far as they ran.
    steps: BTreeMap<String, Ran>,
    green: bool,
}

impl Run {
    fn log(&self) -> String {
        self.steps.values().map(Ran::log).collect()
    }
}

/// Runs the steps one after the other in one workspace: a step that fails ends it, but for the steps that are there for
/// failures. Only what is declared comes into the environment of a step.
fn run(yaml: &str, event: &str, mut workspace: Workspace, secrets: &BTreeMap<&str, String>) -> Run {
    let pipeline: Value = serde_saphyr::from_str(yaml).unwrap();
    let (mut steps, mut green) = (BTreeMap::new(), true);
    for step in pipeline["steps"].as_array().unwrap() {
        let when = step["when"].as_array();
        let applies = |condition: &Value| {
            let status = words(&condition["status"]);
            let state = if green { "success" } else { "failure" };
            let in_state = if status.is_empty() { green } else { status.iter().any(|word| word == state) };
            words(&condition["event"]).iter().any(|word| word == event) && in_state
        };
        if !when.map_or(green, |conditions| conditions.iter().any(applies)) {
            continue;
        }
        let declared: BTreeMap<String, String> = step["environment"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| match value["from_secret"].as_str() {
                Some(secret) => (name.clone(), secrets[secret].clone()),
                None => (name.clone(), words(value).concat()),
            })
            .collect();
        for (name, value) in &declared {
            workspace.set(name, value);
        }
        let ran = workspace.run(&words(&step["commands"]).join("\n")).unwrap();
        for name in declared.keys() {
            workspace.unset(name);
        }
        green &= ran.code == Some(0);
        steps.insert(step["name"].as_str().unwrap().to_owned(), ran);
    }
    Run { workspace, steps, green }
}

/// A night, with a chat and a store.
struct Night {
    run: Run,
    texts: Vec<String>,
    kept: BTreeMap<String, String>,
}

fn night(outcome: Outcome, shell: Shell) -> Night {
    let (chat, store) = (Forge::start(Webhook::new(HOOK)), Forge::start(Store::new(ACCESS_KEY)));
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
        ("tidelock_webhook", format!("{}{HOOK}", chat.origin())),
    ]);
    let yaml = pipeline("woodpecker/drift-detection.yml").0;
    assert!(yaml.contains("https://minio.example.org"));
    let yaml = yaml.replace("https://minio.example.org", store.origin());
    let workspace =
        outcome.workspace().shell(shell).env("CI_REPO", "ops/infra").env("CI_PIPELINE_NUMBER", "17");
    let run = run(&yaml, "cron", workspace, &secrets);
    let bodies: Vec<_> =
        chat.log().into_iter().chain(store.log()).map(|request| request.body + &request.path).collect();
    let log = run.log();
    let shown: Vec<_> = bodies.iter().map(String::as_str).filter(|body| !body.contains(HOOK)).collect();
    nothing_leaks(&run.workspace, &[&shown[..], &[&log]].concat(), &[SECRET_KEY, HOOK]);
    Night {
        run,
        texts: chat.with(|chat| chat.texts.clone()),
        kept: store.with(|store| store.objects.clone()),
    }
}

#[test]
fn a_night_is_green_on_0_and_2_and_red_on_1_and_3() {
    if !can_talk() {
        return;
    }
    for outcome in DRIFT {
        for shell in Shell::here() {
            let night = night(outcome, shell);
            let promise = promised("woodpecker/drift-detection.yml", outcome.code).unwrap();
            assert_eq!(night.run.green, promise == "green", "{outcome:?} {shell:?}: {}", night.run.log());
            // Somebody is told of everything but a quiet night.
            assert_eq!(night.texts.len(), usize::from(outcome.code != 0), "{outcome:?}: {:?}", night.texts);
            let applied = night.run.workspace.tool_calls().iter().any(|call| call.starts_with("apply"));
            assert!(!applied);
        }
    }
}

#[test]
fn the_notification_says_what_it_is_about() {
    if !can_talk() {
        return;
    }
    for (outcome, text) in [
        (DRIFT[1], "tidelock: ops/infra: drift: 1 to decide"),
        (DRIFT[2], "tidelock: ops/infra: blocked: 1 to stop for"),
        (DRIFT[6], "tidelock: ops/infra: no answer: the job ended before there was a report"),
        (DRIFT[10], "tidelock: ops/infra: no answer: tidelock could not do its job"),
    ] {
        assert_eq!(night(outcome, Shell::Sh).texts, [text]);
    }
}

#[test]
fn the_report_is_kept_where_there_is_one() {
    if !can_talk() {
        return;
    }
    let path = |file: &str| format!("/tidelock/ops/infra/17/{file}");
    let drift = night(DRIFT[1], Shell::Sh);
    let kept: Vec<_> = drift.kept.keys().cloned().collect();
    assert_eq!(kept, [path("report.json"), path("report.md"), path("report.txt")]);
    assert_eq!(drift.kept[&path("report.md")], drift.run.workspace.file("tidelock/report.md").unwrap());
    assert!(drift.run.steps["drift"].stdout.contains("proxmox_virtual_environment_vm.backup"));
    let panic = night(DRIFT[6], Shell::Sh);
    assert!(panic.kept.is_empty());
    assert!(!panic.run.steps.contains_key("drift"), "there was no plan to judge");
}

#[test]
fn a_plan_of_another_night_is_not_judged() {
    for fails in ["panic", "nothing", "plan"] {
        let outcome = Outcome { fails, ..DRIFT[1] };
        let workspace = outcome.workspace();
        for old in ["plan.tfplan", "plan.json"] {
            fs::copy(job::case("drift/no_changes").path("plan.json"), workspace.path().join(old)).unwrap();
        }
        let yaml = pipeline("woodpecker/drift-detection.yml").1;
        let ran = workspace.run(&words(&yaml["steps"][0]["commands"]).join("\n")).unwrap();
        assert_ne!(ran.code, Some(0), "{fails}");
        assert_eq!(workspace.file("plan.json"), None, "{fails}");
    }
}

#[test]
fn the_gate_applies_on_a_push_what_it_lets_through() {
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
    ]);
    let yaml = pipeline("woodpecker/gate.yml").0;
    for outcome in GATE {
        for event in ["pull_request", "push"] {
            let Some(mut workspace) = checked_out(outcome.workspace()) else { return };
            if event == "pull_request" {
                workspace.set("CI_COMMIT_TARGET_BRANCH", "main");
            }
            let run = run(&yaml, event, workspace, &secrets);
            let promise = promised("woodpecker/gate.yml", outcome.code).unwrap();
            assert_eq!(run.green, promise == "green", "{outcome:?}: {}", run.log());
            let calls = run.workspace.tool_calls();
            let applied: Vec<_> = calls.iter().filter(|call| call.starts_with("apply")).collect();
            match (event, outcome.code) {
                ("push", 0) => assert_eq!(applied, ["apply -input=false plan.tfplan"]),
                _ => assert!(applied.is_empty(), "{outcome:?}: {calls:?}"),
            }
            let log = run.log();
            nothing_leaks(&run.workspace, &[&log], &[SECRET_KEY]);
            if outcome.code == 3 {
                assert_eq!(run.steps["gate"].code, Some(3));
            }
        }
    }
}

#[test]
fn a_pull_request_cannot_waive_itself() {
    let yaml = pipeline("woodpecker/gate.yml").0;
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
    ]);
    for (branch, code, said) in [("main", 3, "TL509"), ("gone", 1, "the branch gone cannot be fetched")] {
        let Some(workspace) = checked_out(GATE[1].workspace()) else { return };
        let workspace = workspace.env("CI_COMMIT_TARGET_BRANCH", branch);
        fs::write(workspace.path().join("tidelock.toml"), "[rules]\nTL202 = \"allow\"\n").unwrap();
        let run = run(&yaml, "pull_request", workspace, &secrets);
        let gate = &run.steps["gate"];
        assert_eq!(gate.code, Some(code), "{}", gate.log());
        assert!(gate.log().contains(said), "{}", gate.log());
    }
}

#[test]
fn a_lost_state_is_refused_where_the_lineage_is_known() {
    let lost = Outcome { case: "gate/state_gone", fails: "", code: 3 };
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
    ]);
    let yaml = pipeline("woodpecker/gate.yml").0;
    let known =
        yaml.replace("TIDELOCK_LINEAGE: \"\"", "TIDELOCK_LINEAGE: 9d5e8a6e-7a5c-7b0e-8a3f-0e6a0d6a7f11");
    assert_ne!(yaml, known);
    for (yaml, green) in [(yaml, true), (known, false)] {
        let run = run(&yaml, "push", lost.workspace(), &secrets);
        assert_eq!(run.green, green, "{}", run.log());
    }
}

#[test]
fn no_2_of_a_shell_is_taken_for_drift() {
    let yaml = pipeline("woodpecker/drift-detection.yml").1;
    let step = words(&yaml["steps"][1]["commands"]).join("\n");
    for left in ["", "1", "0"] {
        let workspace = DRIFT[1].workspace();
        workspace
            .program(
                "tidelock-check",
                &format!("#!/bin/sh\nmkdir tidelock; echo {left} > tidelock/exit-code; exit 2\n"),
            )
            .unwrap();
        assert_eq!(workspace.run(&step).unwrap().code, Some(1), "{left}");
    }
}

#[test]
fn what_the_repository_has_is_no_answer_and_no_plan() {
    for file in ["drift-detection.yml", "gate.yml", "sops.yml"] {
        let yaml = pipeline(&format!("woodpecker/{file}")).1;
        let plan = yaml["steps"].as_array().unwrap().iter().find(|step| step["name"] == "plan").unwrap();
        let workspace = GATE[0].workspace();
        for folder in ["plan.tfplan", "plan.json", "tidelock/report.d"] {
            fs::create_dir_all(workspace.path().join(folder)).unwrap();
        }
        fs::write(workspace.path().join("tidelock/exit-code"), "0\n").unwrap();
        let ran = workspace.run(&words(&plan["commands"]).join("\n")).unwrap();
        assert_eq!(ran.code, Some(0), "{file}: {}", ran.log());
        assert!(
            workspace.file("plan.json").is_some() && !workspace.path().join("tidelock").exists(),
            "{file}"
        );
    }
}

#[test]
fn decrypted_variables_do_not_outlive_a_plan_that_fails() {
    let yaml = pipeline("woodpecker/sops.yml").1;
    for shell in Shell::here() {
        let workspace = Outcome { fails: "plan", ..DRIFT[1] }.workspace().shell(shell);
        fs::create_dir(workspace.path().join(".decrypted")).unwrap();
        let ran = workspace.run(&words(&yaml["steps"][1]["commands"]).join("\n")).unwrap();
        assert_ne!(ran.code, Some(0));
        assert!(!workspace.path().join(".decrypted").exists(), "{shell:?}");
    }
}

#[test]
fn the_steps_with_sops_take_the_place_of_the_step_that_plans() {
    if !can_talk() {
        return;
    }
    let nightly = pipeline("woodpecker/drift-detection.yml").0;
    let sops = pipeline("woodpecker/sops.yml").0;
    let (head, rest) = nightly.split_once("  - name: plan\n").unwrap();
    let (_, tail) = rest.split_once("  # 0 and 2 are green").unwrap();
    let (_, steps) = sops.split_once("steps:\n").unwrap();
    let merged = format!("{head}{steps}\n  # 0 and 2 are green{tail}");
    let (chat, store) = (Forge::start(Webhook::new(HOOK)), Forge::start(Store::new(ACCESS_KEY)));
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
        ("sops_age_key", "AGE-SECRET-KEY-1QQ".to_owned()),
        ("tidelock_webhook", format!("{}{HOOK}", chat.origin())),
    ]);
    let workspace = DRIFT[1].workspace().env("CI_REPO", "ops/infra").env("CI_PIPELINE_NUMBER", "17");
    workspace.program("sops", "#!/bin/sh\necho '{}' > \"$3\"\n").unwrap();
    workspace
        .program("tofu", "#!/bin/sh\n[ -n \"$AWS_ACCESS_KEY_ID\" ] || exit 1\nexec terraform \"$@\"\n")
        .unwrap();
    let run = run(&merged.replace("https://minio.example.org", store.origin()), "cron", workspace, &secrets);
    assert!(run.green, "{}", run.log());
    assert_eq!(store.with(|store| store.objects.len()), 3);
}

#[test]
fn encrypted_variables_come_to_the_plan_and_nowhere_else() {
    let yaml = pipeline("woodpecker/sops.yml").0;
    let workspace = DRIFT[1].workspace();
    let sops = "#!/bin/sh\n[ \"$1 $2 $4\" = '--decrypt --output variables.sops.json' ] || exit 1\n\
                echo '{\"password\": \"hunter2-sops\"}' > \"$3\"\nls -l \"$3\" > ../mode\n";
    workspace.program("sops", sops).unwrap();
    let secrets = BTreeMap::from([
        ("state_access_key", ACCESS_KEY.to_owned()),
        ("state_secret_key", SECRET_KEY.to_owned()),
        ("sops_age_key", "AGE-SECRET-KEY-1QQ".to_owned()),
    ]);
    let run = run(&yaml, "cron", workspace, &secrets);
    assert!(run.green, "{}", run.log());
    assert!(run.workspace.file("../mode").unwrap().starts_with("-rw-------"));
    assert!(
        run.workspace
            .tool_calls()
            .iter()
            .any(|call| call.contains("-var-file=.decrypted/variables.tfvars.json"))
    );
    assert_eq!(
        run.workspace.file(".decrypted/variables.tfvars.json"),
        None,
        "it is removed once it was used"
    );
    let log = run.log();
    nothing_leaks(&run.workspace, &[&log], &["AGE-SECRET-KEY-1QQ"]);
}

#[test]
fn every_step_of_a_nightly_pipeline_asks_for_the_cron() {
    for file in ["woodpecker/drift-detection.yml", "woodpecker/sops.yml"] {
        let yaml = pipeline(file).1;
        assert_eq!(yaml["when"][0]["cron"], "drift-detection");
        for condition in
            yaml["steps"].as_array().unwrap().iter().map(|step| &step["when"][0]).chain([&yaml["when"][0]])
        {
            assert_eq!(condition["event"], "cron", "{file}");
        }
    }
}

#[test]
fn a_step_is_short_enough_to_paste() {
    for file in ["drift-detection.yml", "gate.yml", "sops.yml"] {
        let (text, _) = pipeline(&format!("woodpecker/{file}"));
        let longest = longest(&text, &|line| line.starts_with("  - name: "));
        assert!(longest <= 15, "{file}: {longest} lines");
        let image = format!("ghcr.io/tidelock/tidelock:{}-shell", env!("CARGO_PKG_VERSION"));
        assert!(file == "sops.yml" || text.contains(&image), "{file}");
    }
}

#[test]
fn the_backend_block_is_one_that_terraform_takes() {
    if which("terraform").is_none() {
        eprintln!("skipped: terraform is not on the PATH");
        return;
    }
    let workspace = Workspace::empty(&job::tidelock()).unwrap();
    let text = fs::read_to_string(repository().join("docs/pipelines/woodpecker/backend.tf")).unwrap();
    let file = workspace.path().join("backend.tf");
    fs::write(&file, &text).unwrap();
    let workspace = workspace
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_CONFIG_FILE", "/dev/null");
    let format = workspace.run("terraform fmt -check").unwrap();
    assert_eq!(format.code, Some(0), "{}", format.log());
    // Nobody listens there. What is asked is whether the arguments are known, and where the tool would look.
    let text = text.replace("https://minio.example.org", "http://127.0.0.1:9");
    fs::write(&file, text.replace("use_path_style", "max_retries = 0\n    use_path_style")).unwrap();
    let init = workspace.run("terraform init -input=false -no-color").unwrap();
    assert_eq!(init.code, Some(1), "{}", init.log());
    assert!(init.stderr.contains("http://127.0.0.1:9/tofu-state?list-type=2"), "{}", init.log());
    nothing_leaks(&workspace, &[&init.log()], &[SECRET_KEY]);
}
