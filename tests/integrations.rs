//! What `docs/integrations.md` prints is run as it is printed, with stand-ins for the products.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a step that cannot be run fails the test")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

#[path = "integrations/page.rs"]
mod page;
#[path = "integrations/redirect.rs"]
mod redirect;
#[path = "integrations/stage.rs"]
mod stage;

use std::{collections::BTreeSet, fs};

use page::{Block, Marker};
use redirect::{Api, Archive};
use stage::{Stage, on_path, stderr, stdout};

/// Everything that can be run; a block that is added to the page is added here, with a test.
const RUN: [&str; 10] = [
    "atlantis apply",
    "atlantis plan",
    "atlantis-policy policy_check",
    "conftest",
    "digger plan",
    "hcp",
    "spacelift-hook",
    "spacelift-input",
    "terragrunt-directory",
    "terragrunt-stream",
];
/// Files that the page tells to write, for a product that reads them.
const FILES: [&str; 2] = ["spacelift/tidelock.rego", "policy/tidelock.rego"];

/// Cases by what a gate ends with.
const LET_THROUGH: &str = "gate/tag_edit_on_database";
const REFUSED: &str = "gate/config_replaces_database";
/// Cases by what a drift job ends with.
const CLEAR: &str = "drift/no_changes";
const DRIFT: &str = "drift/vm_memory";
const BLOCKED: &str = "drift/drift_forces_replacement";
const IGNORED: &str = "drift/vm_ssh_keys_ignored";

fn blocks() -> Vec<Block> {
    page::blocks("docs/integrations.md")
}

/// The script of a block, by the names that its marker gives.
fn script(name: &str) -> String {
    blocks()
        .iter()
        .flat_map(Block::scripts)
        .find(|(found, _)| found == name)
        .map_or_else(|| panic!("the page has no block {name}"), |(_, script)| script)
}

#[test]
fn every_block_is_run_or_is_a_file() {
    let blocks = blocks();
    let run: BTreeSet<String> = blocks.iter().flat_map(Block::scripts).map(|(name, _)| name).collect();
    assert_eq!(run, RUN.map(ToOwned::to_owned).into());
    let file = |block: &Block| match &block.marker {
        Marker::File(name) => Some(name.clone()),
        Marker::Run(_) => None,
    };
    assert_eq!(blocks.iter().filter_map(file).collect::<Vec<_>>(), FILES.map(ToOwned::to_owned));
}

mod terragrunt {
    use super::*;

    /// A repository of two units, one with its sources beside it, one planned in Terragrunt's cache.
    fn repository(vm: &str, keys: &str) -> Stage {
        let stage = Stage::new("terragrunt", include_str!("integrations/terragrunt.sh"));
        fs::create_dir(stage.dir().join(".git")).unwrap();
        stage.unit("live/vm", vm);
        stage.sources(vm, "live/vm");
        stage.unit("live/keys", keys);
        stage.sources(keys, "live/keys/.terragrunt-cache/a1/b2/modules/keys");
        fs::write(stage.dir().join("live/keys/.terragrunt-cache/a1/b2/modules/keys/terragrunt.hcl"), "")
            .unwrap();
        stage
    }

    #[test]
    fn a_directory_gives_one_answer_with_names_and_sources() {
        for (vm, keys, code, headline) in [
            (CLEAR, IGNORED, 0, "2 inputs: 1 noise, 1 clear"),
            (DRIFT, IGNORED, 2, "2 inputs: 1 drift, 1 noise"),
            (BLOCKED, DRIFT, 3, "2 inputs: 1 blocked, 1 drift"),
        ] {
            let output = repository(vm, keys).run(&script("terragrunt-directory"), &[]);
            assert_eq!(output.status.code(), Some(code), "{vm}: {output:?}");
            assert!(stdout(&output).contains(headline), "{vm}: {}", stdout(&output));
            assert!(!stdout(&output).contains("no `.tf` sources"), "{}", stdout(&output));
        }
        let output = repository(DRIFT, IGNORED).run(&script("terragrunt-directory"), &[]);
        assert!(stdout(&output).contains("live/vm/main.tf:"), "{}", stdout(&output));
    }

    #[test]
    fn units_are_called_by_their_place_and_not_by_a_hash_of_the_cache() {
        let step = script("terragrunt-directory").replace("--config .", "--config . --format json");
        let output = repository(DRIFT, IGNORED).run(&step, &[]);
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let reports = answer["reports"].as_array().unwrap();
        let stacks: Vec<&str> =
            reports.iter().map(|report| report["input"]["stack"].as_str().unwrap()).collect();
        assert_eq!(stacks, ["live/keys", "live/vm"]);
    }

    #[test]
    fn a_unit_without_sources_is_no_answer() {
        let stage = repository(CLEAR, IGNORED);
        stage.unit("live/bare", CLEAR);
        let output = stage.run(&script("terragrunt-directory"), &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(stderr(&output).contains("tidelock::config::no_sources"), "{}", stderr(&output));
        assert!(stderr(&output).contains("live/bare"), "{}", stderr(&output));
    }

    /// Needs terragrunt and terraform, and counts as skipped without them.
    #[test]
    fn terragrunt_itself_writes_what_the_page_says() {
        let (Some(_), Some(terraform)) = (on_path("terragrunt"), on_path("terraform")) else {
            eprintln!("skipped: there is no terragrunt, or no terraform, on the PATH");
            return;
        };
        let stage = Stage::empty();
        let write = |file: &str, text: &str| {
            let file = stage.dir().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        fs::create_dir(stage.dir().join(".git")).unwrap();
        write("modules/m/main.tf", "resource \"terraform_data\" \"x\" {\n  input = 1\n}\n");
        write("live/beside/main.tf", "resource \"terraform_data\" \"y\" {\n  input = 1\n}\n");
        write("live/beside/terragrunt.hcl", "");
        write("live/fetched/terragrunt.hcl", "terraform {\n  source = \"../../modules//m\"\n}\n");
        let variables = [("TG_TF_PATH", terraform.to_str().unwrap())];
        for name in ["terragrunt-directory", "terragrunt-stream"] {
            let output = stage.run(&script(name), &variables);
            assert_eq!(output.status.code(), Some(0), "{name}: {output:?}");
            assert!(stdout(&output).contains("2 inputs: 2 clear; 2 pending"), "{name}: {}", stdout(&output));
        }
        let step = "tidelock drift plans --config . --format json";
        let answer: serde_json::Value = serde_json::from_slice(&stage.run(step, &[]).stdout).unwrap();
        let reports = answer["reports"].as_array().unwrap();
        for (report, stack, source) in [
            (&reports[0], "live/beside", "live/beside/main.tf"),
            (&reports[1], "live/fetched", "live/fetched/.terragrunt-cache/"),
        ] {
            assert_eq!(report["input"]["stack"], stack);
            let location = report["resources"][0]["location"]["file"].as_str().unwrap();
            assert!(location.starts_with(source), "{location}");
        }
    }

    #[test]
    fn a_failed_plan_ends_the_step_before_anything_is_said() {
        for name in ["terragrunt-directory", "terragrunt-stream"] {
            let output = repository(CLEAR, IGNORED).run(&script(name), &[("FAIL", "plan")]);
            assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
            assert_eq!(stdout(&output), "", "{name}");
        }
    }

    #[test]
    fn a_crash_that_ends_with_2_is_no_drift() {
        for (name, crash) in [
            ("terragrunt-directory", "panic-plan"),
            ("terragrunt-stream", "panic-plan"),
            ("terragrunt-stream", "panic-show"),
        ] {
            let output = repository(CLEAR, IGNORED).run(&script(name), &[("FAIL", crash)]);
            assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
            assert_eq!(stdout(&output), "", "{name}");
        }
    }

    #[test]
    fn a_stream_holds_all_plans_and_log_lines_between_them() {
        for (vm, keys, code) in [(CLEAR, CLEAR, 0), (CLEAR, DRIFT, 2), (BLOCKED, DRIFT, 3)] {
            let output = repository(vm, keys).run(&script("terragrunt-stream"), &[("LOG", "stdout")]);
            assert_eq!(output.status.code(), Some(code), "{vm} {keys}: {output:?}");
            assert!(stdout(&output).contains("== plans.json#2"), "{}", stdout(&output));
        }
    }

    #[test]
    fn a_stream_that_stops_early_is_no_answer() {
        let output = repository(DRIFT, DRIFT).run(&script("terragrunt-stream"), &[("FAIL", "cut")]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(stderr(&output).contains("tidelock::input::json"), "{}", stderr(&output));
    }
}

/// A project as Atlantis, Digger or Spacelift have it: sources and a saved plan, whose JSON form a stand-in prints.
fn project(case: &str, saved: &str) -> Stage {
    let stage = Stage::new("terraform", include_str!("integrations/terraform.sh"));
    stage.sources(case, ".");
    stage.case(case);
    fs::write(stage.dir().join(saved), "saved plan").unwrap();
    stage
}

mod atlantis {
    use super::*;

    const PLAN: (&str, &str) = ("PLANFILE", "default.tfplan");

    #[test]
    fn the_plan_shows_the_report_and_apply_refuses() {
        for (case, at_apply, word) in [(LET_THROUGH, 0, "clear"), (REFUSED, 3, "TL202")] {
            let output = project(case, "default.tfplan").run(&script("atlantis plan"), &[PLAN]);
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
            assert!(stdout(&output).contains(word), "{case}: {}", stdout(&output));
            let output = project(case, "default.tfplan").run(&script("atlantis apply"), &[PLAN]);
            assert_eq!(output.status.code(), Some(at_apply), "{case}: {output:?}");
        }
    }

    #[test]
    fn a_failing_tool_stops_both() {
        for step in ["atlantis plan", "atlantis apply"] {
            let output = project(LET_THROUGH, "default.tfplan").run(&script(step), &[PLAN, ("FAIL", "1")]);
            assert_eq!(output.status.code(), Some(1), "{step}: {output:?}");
        }
    }

    #[test]
    fn a_policy_check_says_fail_exactly_when_something_is_refused() {
        for (case, fails) in [(LET_THROUGH, false), (REFUSED, true)] {
            let stage = project(case, "default.tfplan");
            stage.plan(case, "default.json");
            let output = stage.run(&script("atlantis-policy policy_check"), &[("SHOWFILE", "default.json")]);
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
            let said = stdout(&output) + &stderr(&output);
            assert_eq!(said.to_lowercase().contains("fail"), fails, "{case}: {said}");
        }
    }

    #[test]
    fn a_policy_check_without_an_answer_fails() {
        let stage = project(LET_THROUGH, "default.tfplan");
        let output = stage.run(&script("atlantis-policy policy_check"), &[("SHOWFILE", "nowhere.json")]);
        assert!(stdout(&output).ends_with("tidelock: fail\n"), "{output:?}");
    }

    #[test]
    fn the_stack_is_called_as_atlantis_calls_it() {
        for (variables, name) in [
            ([PLAN, ("PROJECT_NAME", "prod"), ("REPO_REL_DIR", "live/db")], serde_json::json!("prod")),
            ([PLAN, ("PROJECT_NAME", ""), ("REPO_REL_DIR", "live/db")], serde_json::json!("live/db")),
            ([PLAN, ("PROJECT_NAME", ""), ("REPO_REL_DIR", ".")], serde_json::Value::Null),
        ] {
            let step = script("atlantis apply").replace("--quiet", "--format json");
            let output = project(LET_THROUGH, "default.tfplan").run(&step, &variables);
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["input"]["stack"], name);
        }
    }
}

mod digger {
    use super::*;

    const VARIABLES: [(&str, &str); 3] =
        [("DIGGER_PLANFILE", "prod.tfplan"), ("DIGGER_OUT", "digger-out.log"), ("PROJECT_NAME", "prod")];

    #[test]
    fn the_report_joins_the_comment_and_a_refusal_fails_the_plan() {
        for (case, code, word) in [(LET_THROUGH, 0, "clear"), (REFUSED, 3, "TL202")] {
            let stage = project(case, "prod.tfplan");
            fs::write(stage.dir().join("digger-out.log"), "what stood there\n").unwrap();
            let output = stage.run(&script("digger plan"), &VARIABLES);
            assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
            let comment = fs::read_to_string(stage.dir().join("digger-out.log")).unwrap();
            assert!(comment.starts_with("what stood there\n") && comment.contains(word), "{case}: {comment}");
        }
    }

    #[test]
    fn a_failing_tool_fails_the_plan_without_a_report() {
        let stage = project(LET_THROUGH, "prod.tfplan");
        let variables: Vec<(&str, &str)> = VARIABLES.into_iter().chain([("FAIL", "1")]).collect();
        let output = stage.run(&script("digger plan"), &variables);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!stage.dir().join("digger-out.log").exists());
    }
}

mod spacelift {
    use super::*;

    #[test]
    fn the_hook_fails_the_run_on_a_refusal() {
        for (case, code) in [(LET_THROUGH, 0), (REFUSED, 3)] {
            let output = project(case, "spacelift.plan").run(&script("spacelift-hook"), &[]);
            assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
        }
    }

    #[test]
    fn a_plan_policy_gets_the_report_as_an_object() {
        for (case, code) in [(LET_THROUGH, 0), (REFUSED, 3)] {
            let stage = project(case, "spacelift.plan");
            let output = stage.run(&script("spacelift-input"), &[("TF_VAR_spacelift_stack_id", "prod")]);
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
            let report = fs::read(stage.dir().join("tidelock.custom.spacelift.json")).unwrap();
            let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
            assert_eq!((&report["exit_code"], &report["input"]["stack"]), (&code.into(), &"prod".into()));
        }
    }

    #[test]
    fn a_failing_tool_fails_the_run() {
        for step in ["spacelift-hook", "spacelift-input"] {
            let output = project(LET_THROUGH, "spacelift.plan").run(&script(step), &[("FAIL", "1")]);
            assert_eq!(output.status.code(), Some(1), "{step}: {output:?}");
        }
    }
}

mod hcp {
    use super::*;

    const TOKEN: &str = "hunter2.atlasv1.token";

    /// Runs the step against an API on loopback; nothing if there is no curl to run it with.
    fn download(case: &str, run: &str) -> Option<(std::process::Output, Stage, Api)> {
        let Some(curl) = on_path("curl") else {
            eprintln!("skipped: there is no curl on the PATH");
            return None;
        };
        let stage = Stage::new("curl", include_str!("integrations/curl.sh"));
        stage.sources(case, ".");
        let api = Api::start(Archive::start(stage::plan_of(case)));
        let address = api.address();
        let output = stage.run(
            &script("hcp"),
            &[
                ("CURL", curl.to_str().unwrap()),
                ("TFE_ADDRESS", &address),
                ("TFE_TOKEN", TOKEN),
                ("RUN_ID", run),
            ],
        );
        Some((output, stage, api))
    }

    #[test]
    fn the_plan_of_a_run_is_downloaded_and_judged() {
        for (case, code) in [(LET_THROUGH, 0), (REFUSED, 3)] {
            let Some((output, _, api)) = download(case, "run-1") else { return };
            assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
            let asked = api.asked();
            assert_eq!(asked.path, "/api/v2/runs/run-1/plan/json-output");
            assert_eq!(asked.authorization.as_deref(), Some(format!("Bearer {TOKEN}").as_str()));
        }
    }

    #[test]
    fn the_token_goes_to_the_api_alone() {
        let Some((output, stage, api)) = download(REFUSED, "run-1") else { return };
        assert_eq!(api.archive().asked().authorization, None);
        let arguments = fs::read_to_string(stage.dir().join("curl.arguments")).unwrap();
        assert!(arguments.contains("@-") && !arguments.contains(TOKEN), "{arguments}");
        assert!(!stdout(&output).contains(TOKEN) && !stderr(&output).contains(TOKEN));
    }

    #[test]
    fn a_run_without_a_plan_is_no_answer_and_an_old_plan_is_none_either() {
        for run in ["run-planning", "run-unknown"] {
            let Some((output, _, _)) = download(LET_THROUGH, run) else { return };
            assert_eq!(output.status.code(), Some(1), "{run}: {output:?}");
        }
    }

    #[test]
    fn a_missing_token_or_run_is_no_answer_in_any_shell() {
        for missing in ["TFE_TOKEN", "RUN_ID"] {
            let both = [("TFE_TOKEN", TOKEN), ("RUN_ID", "run-1")];
            let given: Vec<_> = both.into_iter().filter(|(name, _)| *name != missing).collect();
            for shell in ["sh", "dash", "bash"].into_iter().filter(|shell| on_path(shell).is_some()) {
                let stage = Stage::empty();
                fs::write(stage.dir().join("step.sh"), script("hcp")).unwrap();
                let output = stage.run(&format!("{shell} step.sh"), &given);
                assert_eq!(output.status.code(), Some(1), "{shell}: {output:?}");
                assert!(stderr(&output).contains(missing), "{shell}: {output:?}");
            }
        }
    }

    #[test]
    fn a_pointer_and_a_redacted_plan_are_refused() {
        for (name, text) in [
            ("pointer", r#"{"remote_plan_format":1,"run_id":"run-1","hostname":"app.terraform.io"}"#),
            (
                "redacted",
                r#"{"plan_format_version":"1.2","provider_format_version":"1.0","resource_changes":[]}"#,
            ),
        ] {
            let stage = Stage::empty();
            fs::write(stage.dir().join("plan.json"), text).unwrap();
            let output = stage.run("tidelock gate plan.json", &[]);
            assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
            assert!(stderr(&output).contains("tidelock::input::kind"), "{name}: {}", stderr(&output));
        }
    }
}

mod conftest {
    use super::*;

    fn with_policy(case: &str, stand_in: Option<&str>) -> Stage {
        let stage = stand_in.map_or_else(Stage::empty, |text| Stage::new("conftest", text));
        stage.sources(case, ".");
        stage.plan(case, "plan.json");
        for block in blocks() {
            if let Marker::File(name) = &block.marker {
                let file = stage.dir().join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, &block.text).unwrap();
            }
        }
        stage
    }

    #[test]
    fn the_report_is_there_for_the_policy_and_the_policy_decides() {
        const STAND_IN: &str =
            "#!/bin/sh\ntest -s report.json && test -s \"$4/tidelock.rego\" && exit \"$ANSWER\"\nexit 64\n";
        for (case, answer) in [(CLEAR, 0), (BLOCKED, 1)] {
            let answered = answer.to_string();
            let output = with_policy(case, Some(STAND_IN)).run(&script("conftest"), &[("ANSWER", &answered)]);
            assert_eq!(output.status.code(), Some(answer), "{case}: {output:?}");
        }
    }

    #[test]
    fn a_plan_that_cannot_be_read_never_reaches_the_policy() {
        let stage = with_policy(CLEAR, Some("#!/bin/sh\ntouch asked\n"));
        fs::write(stage.dir().join("plan.json"), "Error: no plan\n").unwrap();
        let output = stage.run(&script("conftest"), &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!stage.dir().join("asked").exists());
    }

    /// Needs conftest, and counts as skipped without it.
    #[test]
    fn conftest_understands_policy_and_report() {
        if on_path("conftest").is_none() {
            eprintln!("skipped: there is no conftest on the PATH");
            return;
        }
        for (case, code, word) in [
            (CLEAR, 0, "0 failures"),
            (DRIFT, 0, "1 warning"),
            (BLOCKED, 1, "TL104"),
            ("drift/unmanaged_guarding", 1, "it guards something"),
        ] {
            let output = with_policy(case, None).run(&script("conftest"), &[]);
            assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
            assert!(stdout(&output).contains(word), "{case}: {}", stdout(&output));
        }
    }

    /// The same for the policy of Spacelift, which is written in the older syntax.
    #[test]
    fn conftest_understands_the_policy_of_spacelift() {
        if on_path("conftest").is_none() {
            eprintln!("skipped: there is no conftest on the PATH");
            return;
        }
        for (case, code) in [(LET_THROUGH, 0), (REFUSED, 1)] {
            let stage = with_policy(case, None);
            let report = stage.run("tidelock gate plan.json --format json", &[]);
            let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
            let input = serde_json::json!({ "third_party_metadata": { "custom": { "tidelock": report } } });
            fs::write(stage.dir().join("input.json"), input.to_string()).unwrap();
            let output = stage.run(
                "conftest test input.json --policy spacelift --namespace spacelift --rego-version v0",
                &[],
            );
            assert_eq!(output.status.code(), Some(code), "{case}: {output:?}");
        }
    }
}
