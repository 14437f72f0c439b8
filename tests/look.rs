//! `tidelock show` and `tidelock diff` as users run them: forms, exit codes, wrong inputs, and the page about them.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod binary;

use std::{env, fs, process::Output};

use binary::{code, json, root, run, stderr, stdout, tidelock};
use serde_json::Value as Json;
use tidelock_testkit::fixtures::{self, Case};

fn schema(name: &str) -> jsonschema::Validator {
    let published = stdout(&run(&["schema", name]));
    let page = fs::read_to_string(root().join(format!("docs/schema/{name}-1.json"))).unwrap();
    assert_eq!(published, page);
    jsonschema::validator_for(&serde_json::from_str(&published).unwrap()).unwrap()
}

fn assert_valid(schema: &jsonschema::Validator, output: &Output, about: &str) {
    let value = json(output);
    let errors: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{about}: {errors:?}");
}

fn file(case: &Case, name: &str) -> String {
    case.path(name).strip_prefix(fixtures::root()).map_or_else(
        |_| case.path(name).to_str().unwrap().to_owned(),
        |path| format!("fixtures/{}", path.display()),
    )
}

#[test]
fn what_is_shown_follows_the_schema_and_holds_no_secret() {
    let schema = schema("show");
    let mut seen = 0;
    for case in fixtures::all().unwrap() {
        for name in ["plan.json", "state.json", "state.show.json", "plan.tfplan", "terraform.tfstate"] {
            if !case.has(name) {
                continue;
            }
            let path = file(&case, name);
            let output = run(&["show", &path, "--format", "json"]);
            assert_eq!(code(&output), 0, "{path}: {}", stderr(&output));
            assert_valid(&schema, &output, &path);
            if !String::from_utf8_lossy(&case.bytes(name).unwrap()).contains("hunter2") {
                continue;
            }
            let others = [vec!["show", &path, "-v"], vec!["show", &path, "-v", "--format", "markdown"]];
            for output in others.iter().map(|args| run(args)).chain([output]) {
                assert!(!stdout(&output).contains("hunter2"), "{path}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "only {seen} outputs could hold a secret");
}

#[test]
fn what_differs_follows_the_schema_in_every_comparison() {
    let schema = schema("diff");
    let mut codes = [0_usize; 3];
    for case in fixtures::all().unwrap().into_iter().step_by(3) {
        let there = |name: &&str| case.has(name);
        let names: Vec<&str> =
            ["plan.json", "state.before.json", "state.json"].into_iter().filter(there).collect();
        for pair in names.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|name| file(&case, name));
            for side in ["after", "before"] {
                let output = run(&["diff", &from, &to, "--plan-side", side, "--format", "json"]);
                assert_valid(&schema, &output, &format!("{from} {to}"));
                assert_eq!(json(&output)["exit_code"], code(&output));
                codes[usize::try_from(code(&output)).unwrap()] += 1;
            }
        }
    }
    assert!(codes[0] > 20 && codes[1] == 0 && codes[2] > 20, "{codes:?}");
}

#[test]
fn a_secret_is_in_no_form_of_a_difference() {
    let mut seen = 0;
    for case in fixtures::all().unwrap() {
        let secret = |name: &&str| {
            case.has(name) && String::from_utf8_lossy(&case.bytes(name).unwrap()).contains("hunter2")
        };
        for name in ["plan.json", "state.json"].into_iter().filter(secret) {
            let path = file(&case, name);
            for format in ["human", "json", "markdown"] {
                let output =
                    run(&["diff", "fixtures/drift/vm_memory/plan.json", &path, "-v", "--format", format]);
                assert!(!stdout(&output).contains("hunter2"), "{path} {format}");
                assert!(!stderr(&output).contains("hunter2"), "{path} {format}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 12, "only {seen}");
}

#[test]
fn what_cannot_be_compared_says_what_to_do() {
    let plan = "fixtures/drift/vm_memory/plan.json";
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let two = fs::read_to_string(root().join(plan)).unwrap().repeat(2);
    let wrong = [
        (write("schemas", r#"{"format_version":"1.0","provider_schemas":{}}"#), "tidelock::input::kind"),
        (write("old", r#"{"version":3,"modules":[{"path":["root"],"resources":{"a.b":{}}}]}"#), "tidelock::"),
        (
            write("cloud", r#"{"remote_plan_format":1,"run_id":"run-x","hostname":"h"}"#),
            "tidelock::input::kind",
        ),
        (write("several", &two), "tidelock::input::several_artifacts"),
        (write("text", "hello"), "tidelock::input::"),
        (write("cut", r#"{"version":4,"serial":1,"resources":[{"#), "tidelock::"),
        ("fixtures/drift".to_owned(), "tidelock::input::directory"),
        ("nowhere".to_owned(), "tidelock::input::missing"),
    ];
    for (path, error) in &wrong {
        for args in [[path.as_str(), plan], [plan, path.as_str()]] {
            let output = run(&["diff", args[0], args[1]]);
            assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{path}");
            assert!(stderr(&output).contains(error), "{path}: {}", stderr(&output));
            assert!(stderr(&output).contains("help:"), "{path}: {}", stderr(&output));
        }
    }
    let output = run(&["diff", "-", "-"]);
    assert!(code(&output) == 1 && stderr(&output).contains("stdin_twice"));
}

#[test]
fn one_side_comes_from_standard_input_and_the_answer_goes_where_it_is_told() {
    let plan = "fixtures/drift/vm_memory/plan.json";
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("answer.json");
    let bytes = fs::read(root().join(plan)).unwrap();
    let output = tidelock()
        .args(["diff", "-", plan, "--format", "json", "-o", out.to_str().unwrap()])
        .write_stdin(bytes)
        .output()
        .unwrap();
    assert_eq!((code(&output), stdout(&output).as_str()), (0, ""));
    let answer: Json = serde_json::from_slice(&fs::read(out).unwrap()).unwrap();
    assert_eq!((&answer["verdict"], &answer["from"]["path"]), (&"same".into(), &"-".into()));
    let empty = tidelock()
        .args(["diff", "-", "fixtures/drift/vm_memory/state.json"])
        .write_stdin("")
        .output()
        .unwrap();
    assert_eq!(code(&empty), 2);
    assert!(stdout(&empty).contains("there is no state"), "{}", stdout(&empty));
    let quiet = run(&["diff", plan, "fixtures/drift/vm_tags/plan.json", "-q"]);
    assert_eq!((code(&quiet), stdout(&quiet).lines().count()), (2, 1));
    let colored = run(&["diff", plan, "fixtures/drift/vm_tags/plan.json", "--color", "always"]);
    assert!(stdout(&colored).contains('\u{1b}'));
}

#[test]
fn a_list_is_bounded_unless_everything_is_asked_for() {
    let objects = |count: usize| -> Vec<Json> {
        let object = |at| {
            serde_json::json!({"mode": "managed", "type": "aws_instance", "name": format!("a{at}"),
                "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
                "instances": [{"schema_version": 1, "attributes": {"id": format!("i-{at}")}}]})
        };
        (0..count).map(object).collect()
    };
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let text = serde_json::json!({"version": 4, "serial": 1, "lineage": "x", "resources": objects(500)});
    fs::write(&state, text.to_string()).unwrap();
    let state = state.to_str().unwrap();
    let lines = |args: &[&str]| stdout(&run(args)).lines().count();
    assert!(lines(&["show", state]) < 60);
    assert!(lines(&["show", state, "-v"]) > 500);
    assert!(lines(&["diff", "/dev/null", state]) < 120);
    assert!(lines(&["diff", "/dev/null", state, "-v"]) > 500);
    assert!(stdout(&run(&["diff", "/dev/null", state, "--format", "markdown"])).len() <= 65_536);
}

#[test]
fn an_overview_tells_what_is_protected_and_where_things_are() {
    let shown = json(&run(&["show", "fixtures/gate/protected_and_untouched/plan.json", "--format", "json"]));
    assert!(!shown["artifacts"][0]["protected"].as_array().unwrap().is_empty(), "{shown:#}");
    let shown = json(&run(&["show", "fixtures/drift/mixed_stack/plan.json", "--format", "json"]));
    let artifact = &shown["artifacts"][0];
    assert_eq!(artifact["counts"]["managed"], 5);
    assert_eq!(artifact["holds"]["data"], 5);
    assert_eq!(artifact["modules"].as_array().unwrap().len(), 6);
    assert_eq!(artifact["modules"][0]["total"], 5);
    assert_eq!(artifact["actions"]["delete,create"], 1);
}

/// The page's commands print what it says. `UPDATE_DOCS=1` writes it anew.
#[test]
fn the_page_shows_what_the_commands_print() {
    let page = root().join("docs/show-and-diff.md");
    let text = fs::read_to_string(&page).unwrap();
    let mut made = String::new();
    let mut rest = text.as_str();
    let mut seen = 0;
    while let Some((before, block)) = rest.split_once("```console\n$ ") {
        let (command, behind) = block.split_once('\n').unwrap();
        let (_, behind) = behind.split_once("```\n").unwrap();
        let args: Vec<&str> = command.split(' ').skip(1).collect();
        let said = stdout(&tidelock().current_dir(fixtures::root()).args(&args).output().unwrap());
        made.push_str(&format!("{before}```console\n$ {command}\n{said}```\n"));
        rest = behind;
        seen += 1;
    }
    made.push_str(rest);
    assert!(seen >= 4, "only {seen} commands");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, made).unwrap();
    } else {
        assert_eq!(text, made, "UPDATE_DOCS=1 writes the page anew");
    }
}
