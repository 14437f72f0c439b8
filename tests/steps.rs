//! The pipeline steps of the pages, run as they are printed, with a stand-in for the tool that plans.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a step that cannot be run fails the test")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde::Deserialize;
use tidelock_testkit::{
    fixtures,
    steps::{Ran, Shell, Workspace, repository},
};

/// The pages whose steps are run here; `docs/integrations.md` and `docs/pipelines` have tests of their own.
const PAGES: [&str; 5] =
    ["README.md", "docs/drift.md", "docs/gate.md", "docs/reports.md", "docs/approval.md"];

/// What a tool that plans may do instead: fail, or crash with Go's exit code 2, at any of its commands.
const FAILURES: [&str; 8] =
    ["plan", "panic", "nothing", "errored", "show", "show-panic", "rubbish", "killed"];

/// A shell block of a page.
struct Step {
    page: &'static str,
    script: String,
}

/// A step or a job of a page, as far as it is run.
#[derive(Deserialize)]
struct Job {
    run: Option<String>,
    script: Option<Vec<String>>,
}

/// A workflow of GitHub, as far as its steps go.
#[derive(Deserialize)]
struct Steps {
    steps: Vec<Job>,
}

/// A pipeline of GitLab with the job of the page.
#[derive(Deserialize)]
struct Gitlab {
    gate: Job,
}

impl Job {
    fn script(self) -> Option<String> {
        self.run.or_else(|| Some(self.script?.join("\n")))
    }
}

/// The blocks of a page in this language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned() + "\n").collect()
}

/// What a YAML block runs: a list of steps, a workflow, or a job of GitLab.
fn scripts(yaml: &str) -> Vec<String> {
    let jobs = serde_saphyr::from_str::<Vec<Job>>(yaml)
        .or_else(|_| serde_saphyr::from_str::<Steps>(yaml).map(|file| file.steps))
        .or_else(|_| serde_saphyr::from_str::<Gitlab>(yaml).map(|file| vec![file.gate]));
    jobs.unwrap_or_default().into_iter().filter_map(Job::script).collect()
}

/// Every step of the pages that plans.
fn planning() -> Vec<Step> {
    let mut steps = Vec::new();
    for page in PAGES {
        let yaml = blocks(page, "yaml").into_iter().flat_map(|block| scripts(&block));
        let all = blocks(page, "sh").into_iter().chain(yaml);
        let plans = all.filter(|script| script.contains("tofu plan") || script.contains("terraform plan"));
        steps.extend(plans.map(|script| Step { page, script }));
    }
    steps
}

/// The first shell block under a heading of a page.
fn step(page: &str, heading: &str) -> String {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// The folder of a job, with the sources of a case.
fn workspace(case: &str) -> Workspace {
    let tidelock = assert_cmd::cargo::cargo_bin("tidelock");
    let workspace = Workspace::of(&fixtures::case(case).unwrap(), &tidelock).unwrap();
    let summary = workspace.path().join("job-summary.md");
    workspace.env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
}

fn applied(workspace: &Workspace) -> bool {
    workspace.tool_calls().iter().any(|call| call.starts_with("apply"))
}

/// Runs a step in the folder of a case's sources; returns what it said and whether it applied.
fn run(script: &str, case: &str) -> (Ran, bool) {
    let workspace = workspace(case);
    let ran = workspace.run(script).unwrap();
    (ran, applied(&workspace))
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_steps_that_plan_are_found() {
    let pages: Vec<&str> = planning().iter().map(|step| step.page).collect();
    let expected = ["README.md", "README.md", "docs/drift.md", "docs/reports.md", "docs/reports.md"];
    assert_eq!(pages, [&expected[..], &["docs/approval.md", "docs/approval.md"]].concat());
}

#[test]
fn a_tool_that_fails_or_crashes_gives_no_answer_in_any_step() {
    for Step { page, script } in planning() {
        for failure in FAILURES {
            for shell in Shell::here() {
                let workspace = workspace("drift/vm_memory").shell(shell).env("TOOL_FAILS", failure);
                // What the run before left behind must not be judged.
                for name in ["plan.tfplan", "plan.json"] {
                    let plan = fixtures::case("drift/no_changes").unwrap().dir.join("plan.json");
                    fs::copy(plan, workspace.path().join(name)).unwrap();
                }
                let ran = workspace.run(&script).unwrap();
                assert_eq!(ran.code, Some(1), "{page}, {failure}, {shell:?}: {ran:?}\n{script}");
                assert!(!applied(&workspace), "{page}, {failure}, {shell:?}");
            }
        }
    }
}

#[test]
fn a_state_that_cannot_be_pulled_is_not_applied_to() {
    let script = step("README.md", "In front of apply");
    let workspace = workspace("gate/tag_edit_on_database").env("TOOL_FAILS", "state");
    let ran = workspace.run(&script).unwrap();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(!applied(&workspace));
}

#[test]
fn what_holds_secrets_is_for_the_owner_alone() {
    for Step { page, script } in planning() {
        let workspace = workspace("drift/vm_memory");
        workspace.run(&script).unwrap();
        for name in ["plan.tfplan", "plan.json", "state.json", "approval.json"] {
            let file = workspace.path().join(name);
            let written = name.starts_with("plan.") || file.exists();
            assert!(!written || mode(&file) == 0o600, "{page}: {name} is {:o}", mode(&file));
        }
    }
}

#[test]
fn the_gate_stands_between_plan_and_apply() {
    let script = step("README.md", "In front of apply");
    let (refused, applied) = run(&script, "gate/config_replaces_database");
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(!applied && refused.stdout.contains("TL202"));
    let (passed, applied) = run(&script, "gate/tag_edit_on_database");
    assert_eq!(passed.code, Some(0), "{passed:?}");
    assert!(applied);
}

#[test]
fn the_drift_steps_hand_on_the_exit_code() {
    let steps = planning();
    let drift: Vec<&Step> = steps.iter().filter(|step| step.script.contains("tidelock drift")).collect();
    assert_eq!(drift.len(), 2);
    for (case, code) in
        [("drift/no_changes", 0), ("drift/vm_memory", 2), ("drift/drift_forces_replacement", 3)]
    {
        for Step { page, script } in &drift {
            let (ran, applied) = run(script, case);
            assert_eq!(ran.code, Some(code), "{page}, {case}: {ran:?}");
            assert!(!applied, "{case}");
        }
    }
}

#[test]
fn the_block_of_the_readme_is_short() {
    assert!(step("README.md", "In your pipeline").lines().count() <= 10);
}

#[test]
fn the_gates_with_reports_write_them_and_hand_on_the_exit_code() {
    let steps = planning();
    for Step { script, .. } in steps.iter().filter(|step| step.page == "docs/reports.md") {
        for (case, code) in [("gate/config_replaces_database", 3), ("gate/tag_edit_on_database", 0)] {
            let workspace = workspace(case);
            let ran = workspace.run(script).unwrap();
            assert_eq!(ran.code, Some(code), "{case}: {ran:?}");
            let written = |name: &str| workspace.file(name).is_some_and(|text| !text.is_empty());
            assert!(written("gate.sarif") || written("gate.xml"), "{case}");
        }
    }
}

/// The two jobs of the page about approvals.
fn approval_jobs() -> [String; 2] {
    let jobs: Vec<String> = planning()
        .into_iter()
        .filter(|step| step.page == "docs/approval.md")
        .map(|step| step.script)
        .collect();
    jobs.try_into().unwrap()
}

#[test]
fn what_was_approved_is_applied_and_nothing_else() {
    let [plan, apply] = approval_jobs();
    for shell in Shell::here() {
        let mut workspace = workspace("gate/config_replaces_database")
            .shell(shell)
            .env("TIDELOCK_APPROVAL_KEY", "0123456789abcdef0123456789abcdef");
        let planned = workspace.run(&plan).unwrap();
        assert_eq!(planned.code, Some(0), "{shell:?}: {planned:?}");
        assert!(planned.stdout.contains("TL202"), "the reviewers read why: {planned:?}");
        assert!(!applied(&workspace));
        let ran = workspace.run(&apply).unwrap();
        assert_eq!(ran.code, Some(0), "{shell:?}: {ran:?}");
        assert!(applied(&workspace));

        workspace.plan(&fixtures::case("gate/stateful_block_deleted").unwrap()).unwrap();
        let before = workspace.tool_calls().len();
        let refused = workspace.run(&apply).unwrap();
        assert_eq!(refused.code, Some(3), "{shell:?}: {refused:?}");
        let since = workspace.tool_calls().split_off(before);
        assert!(!since.iter().any(|call| call.starts_with("apply")), "{shell:?}");
    }
}

#[test]
fn the_refusal_ends_a_plain_shell_as_well() {
    let [_, apply] = approval_jobs();
    // A shell without `-e`, as somebody has who pastes the lines.
    let plain = format!("set +e\nsh -c '{}'\n", apply.replace('\'', r"'\''"));
    let workspace = workspace("gate/config_replaces_database");
    workspace.run("tofu plan -out=plan.tfplan > /dev/null").unwrap();
    let ran = workspace.run(&plain).unwrap();
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(!applied(&workspace));
}

#[test]
fn a_stack_without_an_answer_is_named_and_makes_the_whole_fail() {
    let script = step("docs/reports.md", "Many stacks");
    let add = |workspace: &Workspace, stack: &str, case: &str| {
        let folder = workspace.path().join("live").join(stack);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(fixtures::case(case).unwrap().dir.join("plan.json"), folder.join("plan.json")).unwrap();
    };
    for shell in Shell::here() {
        let workspace = workspace("gate/tag_edit_on_database").shell(shell);
        add(&workspace, "web", "gate/tag_edit_on_database");
        let clear = workspace.run(&script).unwrap();
        assert_eq!(clear.code, Some(0), "{shell:?}: {clear:?}");
        assert!(workspace.file("comment.md").unwrap().contains("`live/web`"));

        add(&workspace, "db", "gate/config_replaces_database");
        let blocked = workspace.run(&script).unwrap();
        assert_eq!(blocked.code, Some(3), "{shell:?}: {blocked:?}");

        // One that gives no answer any more: what it said last time does not count.
        fs::write(workspace.path().join("live/web/plan.json"), "{").unwrap();
        let failed = workspace.run(&script).unwrap();
        assert_eq!(failed.code, Some(1), "{shell:?}: {failed:?}");
        let comment = workspace.file("comment.md").unwrap();
        assert!(comment.contains("No answer for: live/web") && !comment.contains("`live/web`"), "{comment}");
    }
}
