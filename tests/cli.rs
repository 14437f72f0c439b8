//! The command line end to end: exit codes, formats, wrong inputs.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod binary;

use std::{
    fs,
    path::{Path, PathBuf},
};

use binary::{code, json, run, stderr, stdout, tidelock};
use serde_json::Value as Json;
use tidelock_testkit::fixtures::{self, Case};

fn plan_of(case: &str) -> String {
    fixtures::case(case).unwrap().path("plan.json").to_str().unwrap().to_owned()
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> =
        fixtures::all().unwrap().into_iter().filter(|case| case.has("plan.json")).collect();
    assert!(cases.len() > 50, "only {} cases were found", cases.len());
    cases
}

/// One case for each verdict.
const DRIFT: &str = "drift/vm_memory";
const BLOCKED: &str = "drift/vm_deleted_outside";
const NOISE: &str = "drift/vm_golden_image_ignored";
const CLEAR: &str = "drift/no_changes";

/// What is applied is the saved plan; the JSON beside it may be that of an earlier run.
#[test]
fn of_a_plan_in_both_forms_the_saved_one_is_judged() {
    let dir = tempfile::tempdir().unwrap();
    let copy = |case: &str, file: &str| {
        fs::copy(fixtures::case(case).unwrap().path(file), dir.path().join(file)).unwrap();
    };
    copy("gate/outputs_only", "plan.json");
    copy("gate/drift_replaces_database", "plan.tfplan");
    let answer = run(&["gate", dir.path().to_str().unwrap()]);
    assert_eq!(code(&answer), 3, "{}", stdout(&answer));
    assert!(stdout(&answer).contains("plan.tfplan") && !stdout(&answer).contains("plan.json"));
}

/// A plan that records its state proves that there was one; its JSON does not tell.
#[test]
fn a_saved_plan_is_stale_where_there_is_no_state_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("state.json");
    fs::write(&empty, "").unwrap();
    for (form, expected) in [("plan.tfplan", 3), ("plan.json", 0)] {
        let plan = fixtures::case("gate/tag_edit_on_database").unwrap().path(form);
        let answer = run(&["gate", plan.to_str().unwrap(), "--state", empty.to_str().unwrap()]);
        assert_eq!(code(&answer), expected, "{form}: {}", stdout(&answer));
        assert!(stdout(&answer).contains("TL505"), "{form}: {}", stdout(&answer));
    }
}

mod moves {
    use super::*;

    #[test]
    fn suggested_blocks_go_into_a_new_file_and_over_none_that_is_there() {
        let (plan, directory) = (plan_of("gate/resource_renamed"), tempfile::tempdir().unwrap());
        let file = directory.path().join("moves.tf");
        let gate =
            |file: &Path| run(&["gate", &plan, "--format", "plain", "--write-moves", file.to_str().unwrap()]);
        let first = gate(&file);
        assert_eq!((code(&first), stdout(&first).trim()), (3, "blocked"));
        let blocks = fs::read_to_string(&file).unwrap();
        assert!(blocks.starts_with("moved {\n  from = proxmox_virtual_environment_vm.nas\n"), "{blocks}");
        fs::write(&file, "# mine\n").unwrap();
        let second = gate(&file);
        assert_eq!((code(&second), stdout(&second).as_str()), (1, ""));
        assert!(stderr(&second).contains("tidelock::moves::exists"), "{}", stderr(&second));
        assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    }

    #[test]
    fn where_they_cannot_go_is_found_out_before_the_report() {
        let plan = plan_of("gate/resource_renamed");
        for (file, told) in [
            ("/nowhere/moves.tf", "tidelock::output::unwritable"),
            ("-", "the blocks go into a file"),
            ("", "--write-moves"),
        ] {
            let output = run(&["gate", &plan, "--write-moves", file]);
            assert_eq!((code(&output), stdout(&output).as_str()), (1, ""), "{file}");
            assert!(stderr(&output).contains(told), "{file}: {}", stderr(&output));
        }
    }

    #[test]
    fn no_suggestion_writes_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("moves.tf");
        let output = run(&["gate", &plan_of(CLEAR), "--write-moves", file.to_str().unwrap()]);
        assert_eq!(code(&output), 0);
        assert!(!file.exists() && stderr(&output).contains("suggests no block"));
    }

    #[test]
    fn the_blocks_of_several_plans_do_not_go_into_one_file() {
        let plan = plan_of("gate/resource_renamed");
        let output = run(&["gate", &plan, &plan, "--write-moves", "/nowhere/moves.tf"]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("tidelock::moves::several"), "{}", stderr(&output));
    }
}

mod fixture_cases {
    use super::*;

    /// The library holds every case to it; here, that the command line passes it on.
    #[test]
    fn every_format_agrees_on_the_exit_code() {
        let formats = ["json", "human", "markdown", "plain", "sarif", "junit", "github", "gitlab"];
        for (case, question) in
            [CLEAR, NOISE, DRIFT, BLOCKED].into_iter().flat_map(|case| [(case, "drift"), (case, "gate")])
        {
            let answers = formats.map(|format| {
                let output = run(&[question, &plan_of(case), "--format", format]);
                assert_eq!(stderr(&output), "", "{case} {format}");
                output
            });
            let report = json(&answers[0]);
            for (answer, format) in answers.iter().zip(formats) {
                assert_eq!(report["exit_code"], code(answer), "{question} {case} {format}");
            }
            assert_eq!(report["verdict"], stdout(&answers[3]).trim_end(), "{case}");
            let headline = format!("exit {}", report["exit_code"]);
            assert!(stdout(&answers[1]).trim_end().ends_with(&headline), "{case}");
        }
    }

    #[test]
    fn every_report_follows_the_published_schema() {
        let schema: Json = json(&run(&["schema", "report"]));
        let schema = jsonschema::validator_for(&schema).unwrap();
        for case in cases() {
            let config = case.dir.to_str().unwrap();
            let output = run(&["drift", &plan_of(&case.name), "--config", config, "--format", "json"]);
            let report = json(&output);
            let errors: Vec<String> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", case.name);
            assert_eq!(report["exit_code"], code(&output), "{}", case.name);
        }
    }

    #[test]
    fn a_secret_is_in_no_output() {
        let mut seen = 0;
        for case in cases() {
            let config = case.dir.to_str().unwrap();
            let plan = plan_of(&case.name);
            // Every secret of the recorded cases is made of this word.
            if !case.text("plan.json").unwrap().contains("hunter2") {
                continue;
            }
            seen += 1;
            for format in ["human", "json", "markdown", "sarif", "junit", "github", "gitlab"] {
                for detail in ["-q", "-v"] {
                    let output = run(&["drift", &plan, "--config", config, "--format", format, detail]);
                    assert!(!stdout(&output).contains("hunter2"), "{} {format}", case.name);
                    assert!(!stderr(&output).contains("hunter2"), "{} {format}", case.name);
                }
            }
            assert!(!stdout(&run(&["show", &plan, "-v"])).contains("hunter2"), "{}", case.name);
        }
        assert!(seen >= 2, "only {seen} cases hold a secret");
    }
}

mod exit_codes {
    use super::*;

    #[test]
    fn the_verdict_decides() {
        assert_eq!(code(&run(&["drift", &plan_of(CLEAR)])), 0);
        assert_eq!(code(&run(&["drift", &plan_of(NOISE)])), 0);
        assert_eq!(code(&run(&["drift", &plan_of(DRIFT)])), 2);
        assert_eq!(code(&run(&["drift", &plan_of(BLOCKED)])), 3);
    }

    #[test]
    fn exit_zero_silences_verdicts_and_no_errors() {
        let output = run(&["drift", &plan_of(BLOCKED), "--exit-zero", "--format", "json"]);
        assert_eq!(code(&output), 0);
        assert_eq!(json(&output)["verdict"], "blocked");
        assert_eq!(json(&output)["exit_code"], 0);
        assert_eq!(code(&run(&["drift", "nowhere.json", "--exit-zero"])), 1);
    }

    #[test]
    fn fail_on_counts_more() {
        let plan = plan_of(NOISE);
        assert_eq!(code(&run(&["drift", &plan, "--fail-on", "ignored"])), 2);
        assert_eq!(code(&run(&["drift", &plan, "--fail-on", "pending-destroy,TL104"])), 0);
    }

    #[test]
    fn bad_usage_is_a_failure_and_help_is_not() {
        for args in [
            &["drift"][..],
            &["drift", "x", "--format", "sarfi"],
            &["drift", "x", "--write", "sarfi=x"],
            &["gate", "x", "--write", "sarif"],
            &["gate", "x", "--expect-lineage", "a"],
            &["gate", "x", "--expect-lineage", "", "--state", "y"],
            &["gate", "x", "--expect-lineage= ", "--state", "y"],
            &["drift", "x", "--fail-on", "nonsense"],
            &["drift", "x", "-q", "-v"],
            &["drift", "-", "-"],
            &["explain", "TL999"],
            &["man", "nothing"],
            &["schema", "nothing"],
            &["--nonsense"],
        ] {
            let output = run(args);
            assert_eq!(code(&output), 1, "{args:?}");
            assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{args:?}");
        }
        for args in [&["--help"][..], &["--version"], &["drift", "--help"], &["-h"]] {
            let output = run(args);
            assert_eq!(code(&output), 0, "{args:?}");
            assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "{args:?}");
        }
    }

    #[test]
    fn nothing_to_check_is_never_clear() {
        let output = run(&[]);
        assert_eq!(code(&output), 1);
        assert!(stdout(&output).contains("tidelock demo"));
    }
}

mod forms {
    use super::*;

    #[test]
    fn one_run_writes_many_forms() {
        let dir = tempfile::tempdir().unwrap();
        let files = ["json", "sarif", "junit", "gitlab"].map(|format| (format, dir.path().join(format)));
        let mut command = tidelock();
        command.args(["gate", &plan_of(BLOCKED)]);
        for (format, file) in &files {
            command.arg("--write").arg(format!("{format}={}", file.to_str().unwrap()));
        }
        let output = command.output().unwrap();
        assert_eq!(code(&output), 3);
        assert!(stdout(&output).trim_end().ends_with("exit 3"), "{}", stdout(&output));
        for (format, file) in &files {
            let alone = run(&["gate", &plan_of(BLOCKED), "--format", format]);
            assert_eq!(fs::read_to_string(file).unwrap(), stdout(&alone), "{format}");
            assert_eq!(code(&alone), 3, "{format}");
        }
    }

    #[test]
    fn annotations_come_with_the_summary_of_the_job() {
        let dir = tempfile::tempdir().unwrap();
        let summary = dir.path().join("summary.md");
        fs::write(&summary, "before\n").unwrap();
        let github = |format: &str| {
            let mut command = tidelock();
            command.args(["gate", &plan_of(BLOCKED), "--format", format]);
            command.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap()
        };
        assert_eq!(code(&github("human")), 3);
        assert_eq!(fs::read_to_string(&summary).unwrap(), "before\n", "nobody asked for it");
        let output = github("github");
        assert_eq!(code(&output), 3);
        assert!(stdout(&output).starts_with("::error "), "{}", stdout(&output));
        let summary = fs::read_to_string(&summary).unwrap();
        assert!(summary.starts_with("before\n### tidelock: ⛔ blocked"), "{summary}");
    }
}

mod summaries {
    use super::*;

    fn reports(dir: &Path) {
        for (case, stack) in [(CLEAR, "web"), (BLOCKED, "nas"), (DRIFT, "vm")] {
            let file = dir.join(format!("{stack}.json"));
            let file = file.to_str().unwrap();
            run(&["drift", &plan_of(case), "--stack", stack, "--format", "json", "-o", file]);
        }
    }

    #[test]
    fn a_directory_of_reports_is_one_page_and_the_worst_counts() {
        let dir = tempfile::tempdir().unwrap();
        reports(dir.path());
        fs::write(dir.path().join("notes.txt"), "not a report").unwrap();
        let path = dir.path().to_str().unwrap();
        for format in ["human", "json", "markdown"] {
            let output = run(&["summary", path, "--format", format]);
            assert_eq!(code(&output), 3, "{format}: {}", stderr(&output));
            assert_eq!(stderr(&output), "", "{format}");
            assert!(stdout(&output).contains("nas"), "{format}");
        }
        let page = json(&run(&["summary", path, "--format", "json"]));
        let names: Vec<&str> =
            page["stacks"].as_array().unwrap().iter().map(|stack| stack["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["nas", "vm", "web"]);
    }

    #[test]
    fn one_name_a_file_or_standard_input() {
        let dir = tempfile::tempdir().unwrap();
        reports(dir.path());
        let file = |stack: &str| dir.path().join(format!("{stack}.json"));
        let output = run(&["summary", file("web").to_str().unwrap(), file("vm").to_str().unwrap()]);
        assert_eq!(code(&output), 2);
        let piped =
            tidelock().args(["summary", "-"]).write_stdin(fs::read(file("web")).unwrap()).output().unwrap();
        assert_eq!(code(&piped), 0, "{}", stderr(&piped));
    }

    #[test]
    fn what_is_no_report_fails_and_hides_no_other() {
        let dir = tempfile::tempdir().unwrap();
        reports(dir.path());
        let plan = plan_of(CLEAR);
        let output = run(&["summary", dir.path().to_str().unwrap(), &plan]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("tidelock::summary::no_report"), "{}", stderr(&output));
        assert!(stdout(&output).contains("nas") && stdout(&output).contains("exit 1"), "{}", stdout(&output));
        let whole = fs::read_to_string(dir.path().join("web.json")).unwrap();
        fs::write(dir.path().join("web.json"), &whole[..whole.len() / 2]).unwrap();
        assert_eq!(code(&run(&["summary", dir.path().to_str().unwrap()])), 1, "cut off");
        let empty = tempfile::tempdir().unwrap();
        assert_eq!(code(&run(&["summary", empty.path().to_str().unwrap()])), 1);
        assert_eq!(code(&run(&["summary", "nowhere.json"])), 1);
    }
}

mod inputs {
    use super::*;

    #[test]
    fn a_bare_file_is_asked_about_drift() {
        let plan = plan_of(DRIFT);
        assert_eq!(stdout(&run(&[&plan])), stdout(&run(&["drift", &plan])));
        assert_eq!(code(&run(&["--format", "plain", &plan])), 2);
    }

    #[test]
    fn standard_input_is_read_with_the_sources_of_the_current_directory() {
        let case = fixtures::case(NOISE).unwrap();
        let plan = case.plan_json().unwrap();
        let output = tidelock().current_dir(&case.dir).arg("-").write_stdin(plan).output().unwrap();
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains("by ignore_changes (fixtures/drift/"), "{}", stdout(&output));
    }

    #[test]
    fn several_inputs_are_all_reported_and_the_worst_counts() {
        let output = run(&["drift", &plan_of(CLEAR), &plan_of(BLOCKED), &plan_of(DRIFT), "--format", "json"]);
        assert_eq!(code(&output), 3);
        let verdicts: Vec<Json> =
            json(&output)["reports"].as_array().unwrap().iter().map(|r| r["verdict"].clone()).collect();
        assert_eq!(verdicts, ["clear", "blocked", "drift"]);
    }

    #[test]
    fn an_unreadable_input_wins_and_hides_no_other() {
        let output = run(&["drift", "nowhere.json", &plan_of(BLOCKED), "--format", "json"]);
        assert_eq!(code(&output), 1);
        assert_eq!(json(&output)["exit_code"], 1);
        assert_eq!(json(&output)["verdict"], "blocked");
        assert!(stderr(&output).contains("tidelock::input::missing"));
    }

    #[test]
    fn concatenated_plans_are_several_inputs() {
        let dir = tempfile::tempdir().unwrap();
        let both = dir.path().join("both.json");
        let plans = [CLEAR, DRIFT].map(|case| fixtures::case(case).unwrap().text("plan.json").unwrap());
        fs::write(&both, plans.join("\n")).unwrap();
        let output = run(&["drift", both.to_str().unwrap(), "--format", "json"]);
        assert_eq!(code(&output), 2, "{}", stderr(&output));
        assert_eq!(json(&output)["reports"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_directory_gives_one_shape_of_answer_whatever_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let copy = |name: &str, case: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, fixtures::case(case).unwrap().plan_json().unwrap()).unwrap();
        };
        let paths = || {
            let output = run(&["drift", dir.path().to_str().unwrap(), "--format", "json"]);
            let reports = json(&output)["reports"].as_array().unwrap().clone();
            let path = |report: &Json| {
                let path = PathBuf::from(report["input"]["path"].as_str().unwrap());
                path.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned()
            };
            (code(&output), reports.iter().map(path).collect::<Vec<_>>())
        };
        copy("web/plan.out", CLEAR);
        assert_eq!(paths(), (0, vec!["web/plan.out".to_owned()]));
        copy("db/plan.json", DRIFT);
        assert_eq!(paths(), (2, vec!["db/plan.json".to_owned(), "web/plan.out".to_owned()]));
    }

    #[test]
    fn sources_beside_the_plan_are_found() {
        let report = json(&run(&["drift", &plan_of(NOISE), "--format", "json"]));
        let entry = &report["resources"][0]["divergences"][0]["ignore_entry"];
        assert!(entry["location"]["file"].as_str().unwrap().starts_with("fixtures/drift/"), "{entry}");
    }

    #[test]
    fn files_are_named_from_the_source_root() {
        let case = fixtures::case(NOISE).unwrap();
        let dir = case.dir.to_str().unwrap();
        let report = json(&run(&["drift", &plan_of(NOISE), "--source-root", dir, "--format", "json"]));
        assert_eq!(report["resources"][0]["location"]["file"], "main.tf");
        let output = run(&["drift", &plan_of(NOISE), "--source-root", "crates"]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("tidelock::config::outside_root"));
    }

    #[test]
    fn stack_and_commit_come_from_the_surroundings() {
        let plan = plan_of(CLEAR);
        let output = tidelock()
            .args(["drift", &plan, "--stack", "live/web", "--format", "json"])
            .env("GITHUB_SHA", "c0ffee")
            .env("TF_WORKSPACE", "prod")
            .output()
            .unwrap();
        let input = json(&output)["input"].clone();
        assert_eq!((&input["stack"], &input["commit"]), (&"live/web".into(), &"c0ffee".into()));
        assert_eq!(input["workspace"], "prod");
    }
}

mod wrong_inputs {
    use super::*;

    /// Nothing that stands in a wrong input may be quoted.
    const SECRET: &str = "hunter2";

    fn assert_refused(name: &str, bytes: &[u8], expected: &str) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("input");
        fs::write(&path, bytes).unwrap();
        for command in [&["drift"][..], &["drift", "--format", "json"]] {
            let output = run(&[command, &[path.to_str().unwrap()]].concat());
            let said = stderr(&output);
            assert_eq!(code(&output), 1, "{name}: {said}");
            assert!(said.contains(expected), "{name}: {said}");
            assert!(output.stdout.is_empty(), "{name}");
            assert!(!said.contains(SECRET) && !said.contains("panicked"), "{name}: {said}");
        }
    }

    #[test]
    fn each_gets_its_own_diagnostic() {
        let plan = fixtures::case(DRIFT).unwrap().text("plan.json").unwrap();
        let deep = format!("{{\"format_version\":\"1.2\",\"planned_values\":{}", "[".repeat(100_000));
        let state = fixtures::case(DRIFT).unwrap().bytes("state.json").unwrap();
        for (name, bytes, expected) in [
            ("empty", &b""[..], "tidelock::input::empty"),
            ("white space", b" \n\n", "tidelock::input::empty"),
            ("text", b"password = hunter2", "tidelock::input::not_an_artifact"),
            ("other JSON", b"{\"password\":\"hunter2\"}", "tidelock::input::unknown_json"),
            ("binary", b"\x00\x01\xfe\xff\xff\x80hunter2", "tidelock::"),
            ("invalid UTF-8", b"{\"format_version\":\"1.2\xff\"}", "tidelock::input::encoding"),
            ("zip", b"PK\x03\x04 tfplan hunter2", "tidelock::planfile::zip"),
            ("cut off", &plan.as_bytes()[..plan.len() / 2], "tidelock::"),
            ("100,000 levels deep", deep.as_bytes(), "tidelock::"),
            ("a newer major", b"{\"format_version\":\"2.0\",\"planned_values\":{}}", "tidelock::plan::"),
            ("a state", &state, "tidelock::input::kind"),
        ] {
            assert_refused(name, bytes, expected);
        }
    }

    #[test]
    fn what_a_wrong_artifact_is_told_fits_every_command() {
        let case = fixtures::case(DRIFT).unwrap();
        let [state, plan] =
            ["state.json", "plan.json"].map(|name| case.path(name).to_str().unwrap().to_owned());
        for command in ["drift", "gate", "approve", "graph"] {
            let told = stderr(&run(&[command, &state]));
            assert!(told.contains("a plan is needed: `tofu plan"), "{command}: {told}");
        }
        let told = stderr(&run(&["gate", &plan, "--state", &plan]));
        assert!(told.contains("a plan goes where PLAN stands"), "{told}");
        for command in ["gate", "approve"] {
            let told = stderr(&run(&[command, &plan, "--state", "nowhere.json"]));
            assert!(told.contains("tofu state pull") && !told.contains("PLANFILE"), "{command}: {told}");
        }
    }

    #[test]
    fn an_expected_lineage_is_held_against_the_state() {
        let case = fixtures::case("gate/wrong_state").unwrap();
        let [state, plan] =
            ["state.json", "plan.json"].map(|name| case.path(name).to_str().unwrap().to_owned());
        let output = run(&["gate", &plan, "--state", &state, "--expect-lineage", "another"]);
        assert!(code(&output) == 3 && stdout(&output).contains("TL305"), "{}", stdout(&output));
        let unset = run(&["gate", &plan, "--state", &state, "--expect-lineage", ""]);
        assert!(stderr(&unset).contains("is the variable that it comes from set?"), "{}", stderr(&unset));
    }

    #[test]
    fn a_directory_without_plans_says_what_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("main.tf"), "locals {}").unwrap();
        let output = run(&["drift", dir.path().to_str().unwrap()]);
        assert_eq!(code(&output), 1);
        let said = stderr(&output);
        assert!(said.contains("tidelock::input::no_plans") && said.contains("1 file"), "{said}");
    }

    #[test]
    fn a_wrong_configuration_directory_is_refused() {
        let plan = plan_of(DRIFT);
        let output = run(&["drift", &plan, "--config", "nowhere"]);
        assert!(code(&output) == 1 && stderr(&output).contains("tidelock::config::no_directory"));
        let output = run(&["drift", &plan, "--config", "docs"]);
        assert!(code(&output) == 1 && stderr(&output).contains("tidelock::config::no_sources"));
    }

    #[test]
    fn a_file_that_is_no_schema_is_refused() {
        let plan = plan_of(DRIFT);
        let output = run(&["drift", &plan, "--schema", &plan]);
        assert!(
            code(&output) == 1 && stderr(&output).contains("tidelock::input::kind"),
            "{}",
            stderr(&output)
        );
    }

    #[test]
    fn a_source_that_does_not_parse_costs_that_file_only() {
        let case = fixtures::case(NOISE).unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("main.tf"), case.text("main.tf").unwrap()).unwrap();
        fs::write(dir.path().join("broken.tf"), "resource \"a\" {{{\n").unwrap();
        let output = run(&["drift", &plan_of(NOISE), "--config", dir.path().to_str().unwrap()]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(stderr(&output).contains("broken.tf"), "{}", stderr(&output));
        assert!(stdout(&output).contains("by ignore_changes (main.tf"), "{}", stdout(&output));
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let output = run(&["drift", "a\u{1b}[2Jb"]);
        assert_eq!(code(&output), 1);
        assert!(!stderr(&output).contains('\u{1b}'), "{:?}", stderr(&output));
    }
}

mod output {
    use super::*;

    #[test]
    fn a_report_can_go_to_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report.json");
        let plan = plan_of(DRIFT);
        let output = run(&["drift", &plan, "--format", "json", "-o", file.to_str().unwrap()]);
        assert_eq!((code(&output), stdout(&output)), (2, String::new()));
        assert_eq!(fs::read_to_string(file).unwrap(), stdout(&run(&["drift", &plan, "--format", "json"])));
        let output = run(&["drift", &plan, "-o", dir.path().join("no/such/dir").to_str().unwrap()]);
        assert!(code(&output) == 1 && stderr(&output).contains("tidelock::output::unwritable"));
    }

    #[test]
    fn colours_follow_the_flag_then_the_environment() {
        let plan = plan_of(DRIFT);
        let colored = |args: &[&str], env: &[(&str, &str)]| {
            let args = [&["drift", &plan][..], args].concat();
            let output = tidelock().args(args).envs(env.iter().copied()).output().unwrap();
            stdout(&output).contains('\u{1b}')
        };
        assert!(!colored(&[], &[]), "not a terminal");
        assert!(colored(&["--color", "always"], &[]));
        assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
        assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
        assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
        assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let plan = plan_of("drift/mixed_stories");
        for format in ["human", "json", "markdown"] {
            let args = ["drift", &plan, "--format", format];
            assert_eq!(run(&args).stdout, run(&args).stdout, "{format}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        use std::process::{Command, Stdio};

        let plan = plan_of(DRIFT);
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("tidelock"))
            .args(["drift", &plan, "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), stderr(&output)), (2, String::new()));
    }
}

mod looking {
    use super::*;

    #[test]
    fn the_demo_is_a_report() {
        let output = run(&["demo"]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains("exit 2"), "{}", stdout(&output));
        assert_eq!(json(&run(&["demo", "--format", "json"]))["schema_version"], "1");
    }

    #[test]
    fn every_listed_rule_is_explained() {
        let rules = json(&run(&["rules", "--format", "json"]));
        let rules = rules.as_array().unwrap();
        assert!(rules.len() >= 11);
        let table = stdout(&run(&["rules"]));
        for rule in rules {
            let (rule_code, name) = (rule["code"].as_str().unwrap(), rule["rule"].as_str().unwrap());
            assert!(table.contains(rule_code) && table.contains(name));
            let by_code = run(&["explain", rule_code]);
            assert_eq!(code(&by_code), 0);
            assert_eq!(stdout(&by_code), stdout(&run(&["explain", name])));
            assert!(stdout(&by_code).contains("What it finds"));
        }
        assert!(stderr(&run(&["explain", "outside"])).contains("did you mean"));
    }

    #[test]
    fn artifacts_are_told_by_content() {
        let case = fixtures::case(DRIFT).unwrap();
        for (file, kind) in [
            ("plan.json", "plan_json"),
            ("state.json", "state"),
            ("state.show.json", "state_json"),
            ("plan.tfplan", "saved_plan"),
        ] {
            let path = case.path(file);
            let output = run(&["show", path.to_str().unwrap(), "--format", "json"]);
            assert_eq!(json(&output)["artifacts"][0]["kind"], kind, "{file}");
            assert_eq!(code(&run(&["show", path.to_str().unwrap()])), 0, "{file}");
        }
        let resources = json(&run(&["show", &plan_of(DRIFT), "--format", "json"]));
        assert!(!resources["artifacts"][0]["resources"].as_array().unwrap().is_empty());
    }

    #[test]
    fn completions_and_manual_are_written() {
        assert!(stdout(&run(&["completions", "bash"])).contains("tidelock"));
        assert!(stdout(&run(&["man"])).contains(".TH tidelock"));
        assert!(stdout(&run(&["man", "drift"])).contains("fail\\-on"));
    }

    #[test]
    fn the_published_schema_is_the_one_in_the_docs() {
        let path = Path::new(&fixtures::root()).join("../docs/schema/report-1.json");
        assert_eq!(stdout(&run(&["schema", "report"])), fs::read_to_string(path).unwrap());
    }
}

#[test]
fn a_graph_is_drawn_in_each_form_and_a_focus_on_nothing_is_refused() {
    let plan = plan_of("gate/cascade_by_trigger");
    let drawn = |more: &[&str]| stdout(&run(&[&["graph", plan.as_str()], more].concat()));
    assert!(drawn(&[]).starts_with("digraph plan {"));
    assert!(drawn(&["--format", "mermaid"]).starts_with("flowchart LR\n"));
    let focused = run(&["graph", &plan, "--format", "json", "--focus", "hcloud_volume.blob"]);
    let nodes = json(&focused)["nodes"].as_array().unwrap().len();
    assert_eq!((code(&focused), nodes), (0, 2), "the volume and what triggers it, and not the other volume");
    let nothing = run(&["graph", &plan, "--focus", "hcloud_volume.nobody"]);
    assert_eq!(code(&nothing), 1);
    assert!(stderr(&nothing).contains("tidelock::graph::focus"));
}

/// One file, no sources, no schemas: as a pipeline would have it that keeps its plans.
#[test]
fn a_saved_plan_is_read_wherever_a_plan_is() {
    let case = fixtures::case(DRIFT).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("stack.plan");
    fs::copy(case.path("plan.tfplan"), &plan).unwrap();
    let plan = plan.to_str().unwrap();
    for command in ["drift", "gate"] {
        let saved = run(&[command, plan, "--format", "json"]);
        let shown = run(&[command, &plan_of(DRIFT), "--format", "json"]);
        assert_eq!(code(&saved), code(&shown), "{command}");
        let saved = json(&saved);
        assert_eq!(saved["input"]["kind"], "saved_plan");
        assert_eq!(saved["summary"], json(&shown)["summary"], "{command}");
        assert_eq!(saved["resources"][0]["location"]["file"], "main.tf", "{command}");
    }
    let piped = tidelock().args(["drift", "-"]).write_stdin(fs::read(plan).unwrap()).output().unwrap();
    assert_eq!(code(&piped), code(&run(&["drift", plan])));
    assert_eq!(code(&run(&["drift", dir.path().to_str().unwrap()])), code(&run(&["drift", plan])));

    let approval = dir.path().join("approval.json");
    assert_eq!(code(&run(&["approve", plan, "-o", approval.to_str().unwrap()])), 0);
    let covered = run(&["gate", &plan_of(DRIFT), "--approval", approval.to_str().unwrap()]);
    assert!(!stdout(&covered).contains("TL507"), "{}", stdout(&covered));
    let baseline = dir.path().join("baseline.json");
    assert_eq!(code(&run(&["baseline", "write", plan, "-o", baseline.to_str().unwrap()])), 0);
    assert_eq!(code(&run(&["drift", plan, "--baseline", baseline.to_str().unwrap()])), 0);
    assert!(stdout(&run(&["graph", plan])).contains("proxmox_virtual_environment_vm.nas"));
    assert!(stdout(&run(&["show", plan])).contains("lineage"));
}

#[test]
fn sources_that_were_named_win_over_those_in_a_saved_plan_and_others_do_not() {
    let case = fixtures::case(DRIFT).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.tfplan");
    fs::copy(case.path("plan.tfplan"), &plan).unwrap();
    let text = fs::read_to_string(case.path("main.tf")).unwrap();
    fs::write(dir.path().join("other.tf"), format!("# moved down\n\n{text}")).unwrap();
    let (plan, dir) = (plan.to_str().unwrap(), dir.path().to_str().unwrap());
    let file = |args: &[&str]| {
        json(&run(&[&["drift", plan, "--format", "json"], args].concat()))["resources"][0]["location"]["file"]
            .clone()
    };
    assert_eq!(file(&[]), "main.tf");
    assert_eq!(file(&["--config", dir]), "other.tf");
}
