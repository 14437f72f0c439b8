//! The action and the workflows for GitHub, run as they are printed, against a stand-in for the forge.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a step that cannot be run fails the test")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is skipped says why")]

mod github_expression;
mod github_provision;
mod github_runner;
mod github_structure;
mod job;

use std::fs;

use github_runner::{REPOSITORY, Ran, Run, TOKEN, yaml};
use tidelock_testkit::fixtures::{self, Case};
use tidelock_testkit::forge::github::{Access, Account, Comment, GitHub, Issue, Kind};
use tidelock_testkit::forge::{Failure, Forge};
use tidelock_testkit::promised;
use tidelock_testkit::steps::{Shell, Workspace, repository, which};

const DRIFT: &str = "docs/pipelines/github/drift.yml";
const MATRIX: &str = "docs/pipelines/github/drift-matrix.yml";
const GATE: &str = "docs/pipelines/github/gate.yml";

/// What the scripts need besides a shell. Without it, the test counts as skipped.
fn equipped() -> bool {
    let missing: Vec<_> = ["bash", "curl", "jq"].into_iter().filter(|tool| which(tool).is_none()).collect();
    if !missing.is_empty() {
        println!("skipped: {} not there", missing.join(", "));
    }
    missing.is_empty()
}

fn workspace(case: &Case) -> Workspace {
    Workspace::of(case, &assert_cmd::cargo::cargo_bin("tidelock")).unwrap()
}

fn recorded(name: &str) -> Workspace {
    workspace(&fixtures::case(name).unwrap())
}

fn forge() -> Forge<GitHub> {
    Forge::start(GitHub::new(REPOSITORY, TOKEN))
}

/// A forge with one pull request of somebody; returns its number.
fn forge_with_pull_request() -> (Forge<GitHub>, u64) {
    let forge = forge();
    let number = forge.with(|github| github.open(Kind::PullRequest, ada(), "Resize", "Please"));
    (forge, number)
}

fn ada() -> Account {
    Account::User("ada".into())
}

/// One night of the drift workflow.
fn night(forge: &Forge<GitHub>, workspace: Workspace) -> Ran {
    Run::nightly(forge).job(&yaml(DRIFT), "drift", workspace)
}

/// One push to a pull request, through the gate.
fn gate(forge: &Forge<GitHub>, number: u64, workspace: Workspace) -> Ran {
    Run::pull_request(forge, number).job(&yaml(GATE), "gate", workspace)
}

fn issues(forge: &Forge<GitHub>) -> Vec<Issue> {
    forge.with(|github| github.issues.clone())
}

fn comments(forge: &Forge<GitHub>, number: u64) -> Vec<Comment> {
    forge.with(|github| github.issue(number).unwrap().comments.clone())
}

fn writes(forge: &Forge<GitHub>) -> usize {
    forge.log().iter().filter(|request| request.method != "GET").count()
}

/// A case like the one of this name, but with this text replaced in its plan.
fn altered(name: &str, from: &str, to: &str) -> (tempfile::TempDir, Case) {
    let mut case = fixtures::case(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plan = case.text("plan.json").unwrap();
    assert!(plan.contains(from), "the plan holds what is to be replaced");
    fs::write(folder.path().join("plan.json"), plan.replace(from, to)).unwrap();
    fs::copy(case.path("main.tf"), folder.path().join("main.tf")).unwrap();
    folder.path().clone_into(&mut case.dir);
    (folder, case)
}

#[test]
fn a_night_without_drift_is_green_and_says_nothing() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let ran = night(&forge, recorded("drift/no_changes"));
    assert!(!ran.red && issues(&forge).is_empty() && writes(&forge) == 0, "{}", ran.log);
    assert!(ran.summary.contains("✅"), "{}", ran.summary);
}

#[test]
fn a_night_with_drift_is_green_with_a_warning_and_opens_an_issue() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let run = Run::nightly(&forge);
    let ran = run.job(&yaml(DRIFT), "drift", recorded("drift/vm_memory"));
    assert!(!ran.red, "{}", ran.log);
    assert!(ran.log.contains("::warning title=tidelock::drift: 1 to decide"), "{}", ran.log);
    assert_eq!(ran.summary.matches("memory[0].dedicated`: was").count(), 1, "{}", ran.summary);
    let [issue] = &issues(&forge)[..] else { panic!("one issue") };
    assert!(issue.open && issue.title == "tidelock: drift" && issue.labels.contains("tidelock"));
    assert!(issue.body.starts_with("<!-- tidelock:issue: -->\n"), "{}", issue.body);
    assert!(issue.body.contains("memory[0].dedicated"), "{}", issue.body);
    assert!(issue.body.contains("https://github.example/acme/infra/actions/runs/4711"), "{}", issue.body);
    assert!(run.artifact("tidelock", "report.json").unwrap().contains("\"verdict\": \"drift\""));
    assert!(run.artifact("tidelock", "report.sarif").is_some());
    assert!(run.uploaded().iter().all(|(path, _)| !path.ends_with("plan.json")), "a plan is sensitive");
}

#[test]
fn an_issue_lives_as_long_as_the_drift() {
    if !equipped() {
        return;
    }
    let forge = forge();
    night(&forge, recorded("drift/vm_memory"));
    let first = issues(&forge)[0].number;

    night(&forge, recorded("drift/vm_memory"));
    assert_eq!(comments(&forge, first).len(), 0, "nobody is told the same again");

    let ran = night(&forge, recorded("drift/vm_tags"));
    let told = comments(&forge, first);
    assert!(
        told.len() == 1 && told[0].body.contains("The findings changed: 1 before"),
        "{told:?} {}",
        ran.log
    );
    assert!(!issues(&forge)[0].body.contains("memory[0].dedicated`: was `8192`"), "the old report is gone");

    night(&forge, recorded("drift/no_changes"));
    let [closed] = &issues(&forge)[..] else { panic!("one issue") };
    assert!(!closed.open && comments(&forge, first).len() == 2);

    night(&forge, recorded("drift/vm_memory"));
    let [closed, opened] = &issues(&forge)[..] else { panic!("another issue") };
    assert!(!closed.open && opened.open, "new drift is another story");
}

#[test]
fn a_blocked_night_is_red_and_opens_an_issue_too() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let ran = night(&forge, recorded("drift/drift_forces_replacement"));
    assert!(ran.red, "{}", ran.log);
    assert!(ran.commands().iter().any(|line| line.starts_with("::error ")), "{}", ran.log);
    assert_eq!(issues(&forge).len(), 1);
}

#[test]
fn a_plan_that_failed_is_red_and_not_drift() {
    if !equipped() {
        return;
    }
    let forge = forge();
    night(&forge, recorded("drift/vm_memory"));
    let before = (writes(&forge), issues(&forge)[0].body.clone());
    for failure in ["init", "plan", "errored", "panic", "nothing", "show", "rubbish", "killed"] {
        let ran = night(&forge, recorded("drift/vm_memory").env("TOOL_FAILS", failure));
        assert!(ran.red, "{failure}: {}", ran.log);
        assert!(
            ran.summary.contains("❌ no answer") && ran.log.contains("::error "),
            "{failure}: {}",
            ran.log
        );
        let after = (writes(&forge), issues(&forge)[0].body.clone());
        assert_eq!(after, before, "{failure}: the issue is left as it is");
    }
}

/// A workspace in which somebody left an answer that says that all is well.
fn with_an_answer(name: &str) -> Workspace {
    let workspace = recorded(name);
    let out = workspace.path().join("tidelock");
    fs::create_dir(&out).unwrap();
    for (file, text) in [
        ("exit-code", "0\n"),
        ("headline", "clear: nothing\n"),
        ("report.md", "all is well"),
        ("report.json", "{}"),
    ] {
        fs::write(out.join(file), text).unwrap();
    }
    workspace
}

#[test]
fn an_answer_that_was_there_before_is_none() {
    if !equipped() {
        return;
    }
    for obstacle in ["plan.tfplan", "plan.json", "rm", "killed"] {
        let (forge, number) = forge_with_pull_request();
        night(&forge, recorded("drift/vm_memory"));
        let workspace = || {
            let workspace = with_an_answer("drift/vm_memory");
            match obstacle {
                "rm" => workspace.program("rm", "#!/bin/sh\nexit 1\n").unwrap(),
                "killed" => workspace.program("tofu", "#!/bin/sh\nkill -9 $PPID\n").unwrap(),
                folder => fs::create_dir(workspace.path().join(folder)).unwrap(),
            }
            workspace
        };
        let ran = night(&forge, workspace());
        assert!(ran.red && ran.summary.contains("❌ no answer"), "{obstacle}: {}", ran.log);
        assert_eq!(ran.contexts["steps.tidelock.outputs.exit-code"], "1", "{obstacle}");
        let open = issues(&forge).into_iter().filter(|issue| issue.kind == Kind::Issue && issue.open).count();
        assert_eq!(open, 1, "{obstacle}: nobody knows, so the issue stays: {}", ran.log);
        let run = Run::pull_request(&forge, number);
        let ran = run.job(&commenting_always(), "gate", workspace());
        let [comment] = &comments(&forge, number)[..] else { panic!("one comment: {}", ran.log) };
        assert!(ran.red && comment.body.contains("no answer"), "{obstacle}: {}", comment.body);
        assert!(!comment.body.contains("all is well"), "{obstacle}: {}", comment.body);
    }
}

#[test]
fn the_last_steps_go_by_the_answer_and_not_by_files() {
    if !equipped() {
        return;
    }
    let scripts = repository().join("docs/pipelines/scripts").canonicalize().unwrap();
    for (given, code) in [("", 1), ("x", 1), ("12", 1), ("1", 1), ("3", 3), ("0", 0), ("2", 0)] {
        let workspace = with_an_answer("drift/vm_memory").env("TIDELOCK_EXIT_CODE", given);
        let ran = workspace.run(&format!("sh {}/github-verdict.sh", scripts.display())).unwrap();
        assert_eq!(ran.code, Some(code), "{given}: {}", ran.log());
        let (forge, number) = forge_with_pull_request();
        let workspace = workspace
            .env("GITHUB_API_URL", forge.origin())
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("TIDELOCK_COMMENT", "always")
            .env("TIDELOCK_PULL_REQUEST", &number.to_string());
        workspace.run("tidelock-github-comment gate").unwrap();
        let body = &comments(&forge, number)[0].body;
        assert_eq!(body.contains("all is well"), given == "0", "{given}: {body}");
    }
}

#[test]
fn what_makes_the_colour_is_no_argument() {
    if !equipped() {
        return;
    }
    for args in ["--fail-on pending", "--verbose --fail-on=TL101"] {
        let mut workflow = yaml(DRIFT);
        workflow["jobs"]["drift"]["steps"][2]["with"]["args"] = args.into();
        let ran = Run::nightly(&forge()).job(&workflow, "drift", recorded("drift/vm_memory"));
        assert!(ran.red && ran.log.contains("it has an input of its own, fail-on"), "{args}: {}", ran.log);
    }
}

#[test]
fn a_full_disk_hides_no_refusal() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let workspace = recorded("gate/config_replaces_database");
    let real = assert_cmd::cargo::cargo_bin("tidelock");
    let full =
        format!("#!/bin/sh\ncase \"$*\" in *--write*) exit 1 ;; esac\nexec '{}' \"$@\"\n", real.display());
    workspace.program("tidelock", &full).unwrap();
    let ran = gate(&forge, number, workspace);
    assert!(ran.red && ran.log.contains("not all reports could be written"), "{}", ran.log);
    assert_eq!(ran.contexts["steps.tidelock.outputs.exit-code"], "3", "{}", ran.log);
    assert_eq!(ran.contexts["steps.tidelock.outputs.verdict"], "blocked", "{}", ran.log);
}

#[test]
fn a_lost_state_is_refused_where_the_lineage_is_known() {
    if !equipped() {
        return;
    }
    for (lineage, red) in [("", false), ("9d5e8a6e-7a5c-7b0e-8a3f-0e6a0d6a7f11", true)] {
        let (forge, number) = forge_with_pull_request();
        let run = Run::pull_request(&forge, number).context("vars.TIDELOCK_LINEAGE", lineage);
        let ran = run.job(&yaml(GATE), "gate", recorded("gate/state_gone"));
        assert_eq!(ran.red, red, "{}", ran.log);
        assert_eq!(ran.log.contains("TL305"), red, "{}", ran.log);
    }
}

#[test]
fn what_plans_finds_neither_the_policy_of_the_target_nor_the_key() {
    if !equipped() {
        return;
    }
    let guarded = |case: &str| {
        let workspace = recorded(case);
        job::tool_that_must_not_see(&workspace, "TIDELOCK_APPROVAL_KEY");
        workspace
    };
    let case = "gate/config_replaces_database";
    let (plan, apply) = main_branch(KEY, guarded(case), guarded(case));
    let (apply, applied) = apply.unwrap_or_else(|| panic!("{}", plan.log));
    assert!(!apply.red && applied, "{}", apply.log);

    let (forge, number) = forge_with_pull_request();
    let workspace = recorded(case);
    let tool = "#!/bin/sh\nif [ -e target-branch ]; then exit 1; fi\nexec terraform \"$@\"\n";
    workspace.program("tofu", tool).unwrap();
    let ran = gate(&forge, number, workspace);
    assert!(ran.red && ran.log.contains("TL202"), "{}", ran.log);
}

#[test]
fn a_list_that_leads_to_itself_ends() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let next = format!("<{}/repositories/1/issues/1/comments?page=2>; rel=\"next\"", forge.origin());
    forge.fail(Failure::new(200, usize::MAX).on("GET").at("comments").header("Link", &next));
    let ran = gate(&forge, number, recorded("gate/config_replaces_database"));
    assert!(ran.red && ran.log.contains("more than 100 pages"), "{}", ran.log);
}

#[test]
fn the_text_of_another_app_is_not_written_over() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let copied = "<!-- tidelock:gate: -->\nmine";
    forge.with(|github| github.comment(number, Account::App("other".into()), copied));
    gate(&forge, number, recorded("gate/config_replaces_database"));
    let all = comments(&forge, number);
    assert!(all.len() == 2 && all[0].body == copied, "{all:?}");

    // An app of one's own says its name.
    forge.with(|github| github.identity = Account::App("other".into()));
    gate(&forge, number, recorded("gate/config_replaces_database").env("TIDELOCK_AUTHOR", "other[bot]"));
    let all = comments(&forge, number);
    assert!(all.len() == 2 && all[0].body != copied, "{all:?}");
}

#[test]
fn a_stack_whose_job_was_lost_is_missed() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let workflow = yaml(MATRIX);
    let run = Run::nightly(&forge).context("matrix.stack", "web");
    let ran = run.job(&workflow, "drift", in_stacks(recorded("drift/no_changes"), "web"));
    assert!(!ran.red, "{}", ran.log);
    // What another night left on the disk is not of this one.
    let workspace = Workspace::empty(&assert_cmd::cargo::cargo_bin("tidelock")).unwrap();
    let old = workspace.path().join("reports/tidelock-network");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("exit-code"), "0\n").unwrap();
    let ran = run.job(&workflow, "summary", workspace);
    assert!(ran.red && ran.summary.contains("| `web` |"), "{}", ran.summary);
    for lost in ["network", "database"] {
        assert!(ran.summary.contains(&format!("- `tidelock-{lost}`: `no report`")), "{}", ran.summary);
    }
}

#[test]
fn what_stands_in_the_outputs_is_the_answer() {
    if !equipped() {
        return;
    }
    for (case, fails, code, verdict) in [
        ("drift/no_changes", "", "0", "clear"),
        ("drift/vm_ssh_keys_ignored", "", "0", "noise"),
        ("drift/vm_memory", "plan", "1", "error"),
        ("drift/vm_memory", "", "2", "drift"),
        ("drift/drift_forces_replacement", "", "3", "blocked"),
    ] {
        let forge = forge();
        let ran = night(&forge, recorded(case).env("TOOL_FAILS", fails));
        let output = |name: &str| ran.contexts[&format!("steps.tidelock.outputs.{name}")].clone();
        assert_eq!(
            (output("exit-code").as_str(), output("verdict").as_str()),
            (code, verdict),
            "{}",
            ran.log
        );
        assert_eq!(output("report"), "tidelock/report.json");
    }
}

#[test]
fn an_alarm_that_nobody_hears_is_red() {
    if !equipped() {
        return;
    }
    let forge = forge();
    forge.with(|github| github.access = Access::Read);
    let ran = night(&forge, recorded("drift/vm_memory"));
    assert!(ran.red && ran.log.contains("issues: write"), "{}", ran.log);
    assert!(!night(&forge, recorded("drift/no_changes")).red, "there is nothing to be told");
}

#[test]
fn an_issue_is_found_without_its_label_and_among_pull_requests() {
    if !equipped() {
        return;
    }
    let forge = forge();
    night(&forge, recorded("drift/vm_memory"));
    forge.with(|github| {
        github.issues[0].labels.clear();
        for number in 0..150 {
            let kind = if number % 2 == 0 { Kind::Issue } else { Kind::PullRequest };
            github.open(kind, ada(), "Other", "<!-- tidelock:issue: -->\nnot by tidelock");
        }
    });
    let ran = night(&forge, recorded("drift/vm_memory"));
    assert_eq!(issues(&forge).len(), 151, "{}", ran.log);
    night(&forge, recorded("drift/no_changes"));
    assert!(!issues(&forge)[0].open && issues(&forge)[1..].iter().all(|issue| issue.open));
}

#[test]
fn a_refused_pull_request_is_red_with_one_comment_that_is_kept_up_to_date() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let ran = gate(&forge, number, recorded("gate/config_replaces_database"));
    assert!(ran.red, "{}", ran.log);
    let [first] = &comments(&forge, number)[..] else { panic!("one comment: {}", ran.log) };
    assert!(
        first.body.contains("aws_db_instance.orders") && first.body.contains("4bdf01c"),
        "{}",
        first.body
    );

    let ran = gate(&forge, number, recorded("gate/tag_edit_on_database"));
    assert!(!ran.red, "{}", ran.log);
    let [second] = &comments(&forge, number)[..] else { panic!("one comment") };
    assert!(second.id == first.id && !second.body.contains("TL202"), "{}", second.body);

    gate(&forge, number, recorded("gate/tag_edit_on_database").env("TOOL_FAILS", "plan"));
    let [third] = &comments(&forge, number)[..] else { panic!("one comment") };
    assert!(third.body.contains("❌ no answer"), "an old verdict does not stand: {}", third.body);
}

/// The workflow of the gate, with a comment in any case.
fn commenting_always() -> serde_json::Value {
    let mut workflow = yaml(GATE);
    workflow["jobs"]["gate"]["steps"][4]["with"]["comment"] = "always".into();
    workflow
}

#[test]
fn a_pull_request_without_danger_gets_no_comment() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let ran = gate(&forge, number, recorded("gate/tag_edit_on_database"));
    assert!(!ran.red && comments(&forge, number).is_empty(), "{}", ran.log);
    let run = Run::pull_request(&forge, number);
    run.job(&commenting_always(), "gate", recorded("gate/tag_edit_on_database"));
    assert!(comments(&forge, number)[0].body.contains("✅"), "unless one is asked for");
}

#[test]
fn a_pull_request_cannot_switch_off_its_gate() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let workspace = recorded("gate/config_replaces_database");
    fs::write(workspace.path().join("tidelock.toml"), "[rules]\nTL202 = \"allow\"\n").unwrap();
    let ran = gate(&forge, number, workspace);
    assert!(ran.red && ran.log.contains("TL509"), "{}", ran.log);
}

#[test]
fn a_comment_is_found_on_a_later_page_and_those_of_others_are_not_touched() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let copied = "<!-- tidelock:gate: -->\nall is well";
    forge.with(|github| {
        for _ in 0..120 {
            github.comment(number, ada(), copied);
        }
    });
    gate(&forge, number, recorded("gate/config_replaces_database"));
    gate(&forge, number, recorded("gate/config_replaces_database"));
    let all = comments(&forge, number);
    assert_eq!(all.len(), 121);
    assert!(all[..120].iter().all(|comment| comment.body == copied));
}

#[test]
fn with_a_personal_token_its_own_comments_count() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    forge.with(|github| github.identity = Account::User("infra-machine".into()));
    forge.with(|github| github.comment(number, Account::App("other".into()), "<!-- tidelock:gate: -->\n"));
    gate(&forge, number, recorded("gate/config_replaces_database"));
    gate(&forge, number, recorded("gate/config_replaces_database"));
    let all = comments(&forge, number);
    assert!(all.len() == 2 && all[1].author.login() == "infra-machine", "{all:?}");
}

#[test]
fn the_read_only_token_of_a_fork_changes_no_verdict() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    forge.with(|github| github.access = Access::Read);
    for (case, red) in [("gate/tag_edit_on_database", false), ("gate/config_replaces_database", true)] {
        let run = Run::pull_request(&forge, number);
        let ran = run.job(&commenting_always(), "gate", recorded(case));
        assert_eq!(ran.red, red, "{}", ran.log);
        assert!(ran.log.contains("::warning title=tidelock-github-comment::"), "{}", ran.log);
        assert!(ran.summary.contains("### tidelock"), "the job summary has the report");
    }
    let ran = gate(&forge, number, recorded("gate/config_replaces_database"));
    assert!(ran.log.contains("from a fork") && comments(&forge, number).is_empty(), "{}", ran.log);
}

#[test]
fn no_failure_of_the_forge_changes_the_verdict_of_a_gate() {
    if !equipped() {
        return;
    }
    for status in [401, 403, 404, 422, 429, 500, 502] {
        let (forge, number) = forge_with_pull_request();
        forge.fail(Failure::new(status, usize::MAX));
        let run = Run::pull_request(&forge, number);
        let ran = run.job(&commenting_always(), "gate", recorded("gate/tag_edit_on_database"));
        let warned = ran.log.contains("::warning title=tidelock-github-comment::");
        assert!(!ran.red && warned, "{status}: {}", ran.log);
        assert!(forge.log().len() < 10, "{status}: it gives up");
    }
}

#[test]
fn a_forge_that_fails_for_a_moment_is_asked_again() {
    if !equipped() {
        return;
    }
    for failure in [
        Failure::new(502, 2),
        Failure::new(500, 1).on("POST"),
        Failure::new(504, 1).on("POST").though_done(),
        Failure::new(429, 1).on("POST").header("Retry-After", "0"),
        Failure::new(403, 1).on("POST").header("Retry-After", "0"),
    ] {
        let (forge, number) = forge_with_pull_request();
        forge.fail(failure.clone());
        let ran = gate(&forge, number, recorded("gate/config_replaces_database"));
        assert_eq!(comments(&forge, number).len(), 1, "{failure:?}: {}", ran.log);
        forge.fail(failure.clone());
        night(&forge, recorded("drift/vm_memory"));
        let opened = issues(&forge).into_iter().filter(|issue| issue.kind == Kind::Issue).count();
        assert_eq!(opened, 1, "{failure:?}: {}", ran.log);
    }
}

#[test]
fn a_file_of_the_workflow_with_fail_on_makes_drift_red() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let mut workflow = yaml(DRIFT);
    let step = &mut workflow["jobs"]["drift"]["steps"][2];
    step["with"]["fail-on"] = "pending".into();
    let ran = Run::nightly(&forge).job(&workflow, "drift", recorded("drift/in_place_pending"));
    assert!(ran.red && ran.contexts["steps.tidelock.outputs.exit-code"] == "2", "{}", ran.log);
    let ran = night(&forge, recorded("drift/in_place_pending"));
    assert!(!ran.red && ran.contexts["steps.tidelock.outputs.exit-code"] == "0", "{}", ran.log);
}

#[test]
fn a_plan_that_is_given_is_not_made_again() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let case = fixtures::case("drift/vm_memory").unwrap();
    let workspace = Workspace::empty(&assert_cmd::cargo::cargo_bin("tidelock")).unwrap();
    workspace.check_out(&case, "live/sources").unwrap();
    fs::copy(case.path("plan.json"), workspace.path().join("live/show.json")).unwrap();
    let mut workflow = yaml(DRIFT);
    let with = &mut workflow["jobs"]["drift"]["steps"][2]["with"];
    with["working-directory"] = "live".into();
    with["plan"] = "show.json".into();
    with["config"] = "sources".into();
    let ran = Run::nightly(&forge).job(&workflow, "drift", workspace);
    assert!(!ran.red && ran.tool_calls.is_empty(), "{}", ran.log);
    assert!(ran.log.contains("main.tf:24"), "{}", ran.log);
    assert_eq!(issues(&forge)[0].title, "tidelock: drift in live");
}

#[test]
fn an_issue_without_a_label_is_found_by_its_marker() {
    if !equipped() {
        return;
    }
    let forge = forge();
    for _ in 0..2 {
        night(&forge, recorded("drift/vm_memory").env("TIDELOCK_LABEL", ""));
    }
    let all = issues(&forge);
    assert!(all.len() == 1 && all[0].labels.is_empty(), "{all:?}");
}

#[test]
fn text_of_a_plan_is_only_ever_text() {
    if !equipped() {
        return;
    }
    let evil = "`$(touch pwned)`\\n::error::pwned\\n::stop-commands::x\\n<!-- tidelock:issue: -->\\n@acme/ops <img src=x onerror=y> | [a](http://e) '; touch pwned; '";
    let (_folder, case) = altered("drift/vm_tags", "\"urgent\"", &format!("\"{evil}\""));
    let forge = forge();
    let run = Run::nightly(&forge);
    let ran = run.job(&yaml(DRIFT), "drift", workspace(&case));
    let [issue] = &issues(&forge)[..] else { panic!("one issue: {}", ran.log) };
    assert!(ran.log.contains("pwned") && issue.body.contains("pwned"), "the value is shown: {}", issue.body);
    let harmless = |line: &&str| ["::warning ", "::notice "].iter().any(|own| line.starts_with(own));
    assert!(ran.commands().iter().all(harmless), "{:?}", ran.commands());
    assert_eq!(issue.body.matches("<!-- tidelock:issue:").count(), 1, "{}", issue.body);
    for text in [&issue.body, &ran.summary] {
        assert!(!text.contains("<img") && !text.lines().any(|line| line.starts_with("::")), "{text}");
    }
    assert!(!ran.arguments.iter().any(|argument| argument.contains("pwned")), "{:?}", ran.arguments);
}

#[test]
fn no_secret_leaves_and_no_token_is_seen() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let runs = [
        (Run::nightly(&forge), yaml(DRIFT), "drift"),
        (Run::pull_request(&forge, number), commenting_always(), "gate"),
    ];
    for (run, workflow, job) in runs {
        let ran = run.job(&workflow, job, recorded("drift/secret_by_form"));
        assert!(ran.summary.contains("tidelock"), "{}", ran.log);
        let shown = [ran.log, ran.summary, ran.arguments.join("\n")];
        let uploaded = run.uploaded().into_iter().map(|(_, text)| text);
        let sent = forge
            .log()
            .into_iter()
            .map(|request| format!("{} {:?} {}", request.path, request.query, request.body));
        for text in shown.into_iter().chain(uploaded).chain(sent) {
            assert!(!text.contains("hunter2"), "{text}");
            assert!(!text.contains(TOKEN), "{text}");
        }
    }
    let sent = &issues(&forge)[1].body;
    assert!(sent.contains("nas.example.net") && comments(&forge, number).len() == 1, "{sent}");
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Plans on main, and applies after the reviewers; returns both, and whether anything was applied.
fn main_branch(key: &str, planned: Workspace, fresh: Workspace) -> (Ran, Option<(Ran, bool)>) {
    let forge = forge();
    let run = Run::new(&forge, "push", serde_json::json!({})).context("secrets.TIDELOCK_APPROVAL_KEY", key);
    let workflow = yaml(GATE);
    let plan = run.job(&workflow, "plan", planned);
    if plan.red {
        return (plan, None);
    }
    assert!(run.uploaded().iter().all(|(path, _)| path.ends_with("approval.json")), "{:?}", run.uploaded());
    let apply = run.job(&workflow, "apply", fresh);
    let applied = apply.tool_calls.iter().any(|call| call == "apply -input=false plan.tfplan");
    (plan, Some((apply, applied)))
}

#[test]
fn what_the_reviewers_saw_is_what_is_applied() {
    if !equipped() {
        return;
    }
    for case in ["gate/config_replaces_database", "gate/tag_edit_on_database"] {
        let (plan, apply) = main_branch(KEY, recorded(case), recorded(case));
        let (apply, applied) = apply.unwrap_or_else(|| panic!("{case}: {}", plan.log));
        assert!(!apply.red && applied, "{case}: {}", apply.log);
    }
    let (_, apply) =
        main_branch(KEY, recorded("gate/tag_edit_on_database"), recorded("gate/config_replaces_database"));
    let (apply, applied) = apply.unwrap();
    assert!(apply.red && !applied && apply.log.contains("TL507"), "{}", apply.log);
}

#[test]
fn without_a_plan_nobody_is_asked_to_approve() {
    if !equipped() {
        return;
    }
    let case = "gate/tag_edit_on_database";
    for failure in ["plan", "panic", "rubbish"] {
        let (plan, apply) = main_branch(KEY, recorded(case).env("TOOL_FAILS", failure), recorded(case));
        assert!(plan.red && apply.is_none(), "{failure}: {}", plan.log);
    }
}

#[test]
fn without_a_key_nothing_is_applied() {
    if !equipped() {
        return;
    }
    let case = "gate/tag_edit_on_database";
    let (plan, apply) = main_branch("", recorded(case), recorded(case));
    assert!(
        plan.red && apply.is_none() && plan.log.contains("tidelock::approval::empty_key"),
        "{}",
        plan.log
    );
}

/// Moves the sources to where the workflow for many stacks looks for those of one.
fn in_stacks(workspace: Workspace, stack: &str) -> Workspace {
    let folder = workspace.path().join("stacks").join(stack);
    fs::create_dir_all(&folder).unwrap();
    fs::rename(workspace.path().join("main.tf"), folder.join("main.tf")).unwrap();
    workspace
}

#[test]
fn every_job_has_the_colour_that_the_page_promises() {
    if !equipped() {
        return;
    }
    let colour = |ran: &Ran| if ran.red { "red" } else { "green" };
    let nights = [
        ("drift/no_changes", "", 0),
        ("drift/vm_memory", "", 2),
        ("drift/drift_forces_replacement", "", 3),
        ("drift/vm_memory", "panic", 1),
    ];
    for (case, fails, code) in nights {
        let ran = night(&forge(), recorded(case).env("TOOL_FAILS", fails));
        assert_eq!(colour(&ran), promised("github/drift.yml", code).unwrap(), "{code}: {}", ran.log);
        let workspace = in_stacks(recorded(case), "web").env("TOOL_FAILS", fails);
        let forge = forge();
        let run = Run::nightly(&forge).context("matrix.stack", "web");
        let ran = run.job(&yaml(MATRIX), "drift", workspace);
        assert_eq!(colour(&ran), promised("github/drift-matrix.yml", code).unwrap(), "{code}: {}", ran.log);
    }
    let gates = [
        ("gate/tag_edit_on_database", "", 0),
        ("gate/config_replaces_database", "", 3),
        ("gate/tag_edit_on_database", "plan", 1),
    ];
    for (case, fails, code) in gates {
        let (forge, number) = forge_with_pull_request();
        let ran = gate(&forge, number, recorded(case).env("TOOL_FAILS", fails));
        assert_eq!(colour(&ran), promised("github/gate.yml", code).unwrap(), "{code}: {}", ran.log);
    }
}

#[test]
fn many_stacks_have_an_issue_each_and_one_page() {
    if !equipped() {
        return;
    }
    let forge = forge();
    let workflow = yaml(MATRIX);
    let stacks = workflow["jobs"]["drift"]["strategy"]["matrix"]["stack"].as_array().unwrap().clone();
    let cases =
        [("drift/vm_memory", "", false), ("drift/no_changes", "", false), ("drift/vm_memory", "plan", true)];
    let mut run = Run::nightly(&forge);
    for (stack, (case, fails, red)) in stacks.iter().zip(cases) {
        let stack = stack.as_str().unwrap();
        run = run.context("matrix.stack", stack);
        let workspace = in_stacks(recorded(case), stack).env("TOOL_FAILS", fails);
        let ran = run.job(&workflow, "drift", workspace);
        assert_eq!(ran.red, red, "{stack}: {}", ran.log);
    }
    let titles: Vec<_> = issues(&forge).into_iter().map(|issue| issue.title).collect();
    assert_eq!(titles, ["tidelock: drift in network"]);
    let empty = Workspace::empty(&assert_cmd::cargo::cargo_bin("tidelock")).unwrap();
    let ran = run.job(&workflow, "summary", empty);
    for part in ["| `network` | `drift` | ⚠️ drift |", "| `database` | `drift` | ✅ clear |"] {
        assert!(ran.summary.contains(part), "{part}: {}", ran.summary);
    }
    assert!(ran.summary.contains("- `tidelock-web`: `no answer: tofu plan failed"), "{}", ran.summary);
    assert!(ran.red, "a stack without an answer is not passed over");
}

#[test]
fn two_stacks_have_two_comments() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    for stack in ["eu --> prod", "us"] {
        let mut workflow = yaml(GATE);
        workflow["jobs"]["gate"]["steps"][4]["with"]["stack"] = stack.into();
        for _ in 0..2 {
            let workspace = recorded("gate/config_replaces_database");
            Run::pull_request(&forge, number).job(&workflow, "gate", workspace);
        }
    }
    let bodies: Vec<_> = comments(&forge, number).into_iter().map(|comment| comment.body).collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].starts_with("<!-- tidelock:gate:eu%20%2D%2D%3E%20prod -->\n"), "{}", bodies[0]);
}

#[test]
fn the_scripts_work_in_any_shell_and_as_they_are_installed() {
    if !equipped() {
        return;
    }
    let page = fs::read_to_string(repository().join("docs/pipelines/github.md")).unwrap();
    let (_, script) = page.split_once("```sh\n").unwrap();
    let script = script.split("```").next().unwrap().to_owned();
    for shell in Shell::here() {
        let (forge, number) = forge_with_pull_request();
        let workspace = recorded("drift/vm_memory")
            .shell(shell)
            .env("GITHUB_API_URL", forge.origin())
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("TIDELOCK_PULL_REQUEST", &number.to_string());
        let ran = workspace.run(&script).unwrap();
        assert_eq!(ran.code, Some(2), "{shell:?}: {}", ran.log());
        assert_eq!((comments(&forge, number).len(), issues(&forge).len()), (1, 2), "{}", ran.log());
        assert!(!ran.log().contains("::"), "commands are for GitHub's own log");
    }
}

#[test]
fn a_long_report_fits_into_a_comment() {
    if !equipped() {
        return;
    }
    let (forge, number) = forge_with_pull_request();
    let workspace = recorded("drift/vm_memory")
        .env("GITHUB_API_URL", forge.origin())
        .env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_REPOSITORY", REPOSITORY)
        .env("TIDELOCK_PULL_REQUEST", &number.to_string());
    let out = workspace.path().join("tidelock");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("exit-code"), "2\n").unwrap();
    fs::write(out.join("report.md"), "ä".repeat(70_000)).unwrap();
    let ran = workspace.run("tidelock-github-comment gate").unwrap();
    let [comment] = &comments(&forge, number)[..] else { panic!("{}", ran.log()) };
    assert!(comment.body.contains("(cut off)"));
}

#[test]
fn the_version_that_is_there_is_not_installed_again() {
    if !equipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let installer = "echo \"$TIDELOCK_VERSION into $TIDELOCK_INSTALL_DIR\"";
    fs::write(folder.path().join("install.sh"), installer).unwrap();
    let script = yaml("action.yml")["runs"]["steps"][0]["run"].as_str().unwrap().to_owned();
    let scripts = repository().join("docs/pipelines/scripts");
    let own = folder.path().join("docs/pipelines/scripts");
    fs::create_dir_all(&own).unwrap();
    fs::copy(scripts.join("github-install.sh"), own.join("github-install.sh")).unwrap();
    let place = folder.path().to_string_lossy().into_owned();
    let here = env!("CARGO_PKG_VERSION");
    for (version, said) in [
        (here, format!("found tidelock {here}")),
        ("", format!("found tidelock {here}")),
        ("9.9.9", format!("9.9.9 into {place}/tidelock-bin")),
    ] {
        let path = folder.path().join("path");
        let workspace = recorded("drift/no_changes")
            .shell(Shell::BashPipefail)
            .env("TIDELOCK_VERSION", version)
            .env("GITHUB_ACTION_PATH", &place)
            .env("RUNNER_TEMP", &place)
            .env("GITHUB_PATH", &path.to_string_lossy());
        let ran = workspace.run(&script).unwrap();
        assert_eq!((ran.code, ran.stdout.trim()), (Some(0), said.as_str()), "{}", ran.stderr);
        assert_eq!(path.exists(), version == "9.9.9");
    }
}
