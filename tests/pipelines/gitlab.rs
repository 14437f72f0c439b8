//! The GitLab pipelines, job by job, as they are printed, against a stand-in for its API.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a job that cannot be run fails the test")]

mod job;
mod origin;

use std::fs;

use serde_json::Value;
use tidelock_testkit::{
    forge::{
        Failure, Forge, Request,
        gitlab::{Author, GitLab},
        webhook::Webhook,
    },
    promised,
    steps::{Ran, Shell, Workspace},
};

use origin::checked_out;

use job::{DRIFT, GATE, Outcome, can_talk, case, longest, nothing_leaks, pipeline, words};

const TOKEN: &str = "glpat-Qq7wX2mN4rT9";
const HOOK: &str = "/hooks/g7x2pq";

/// What a job looks like when it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Green,
    /// Failed, and allowed to: the pipeline goes on.
    Warning,
    Red,
}

impl Colour {
    const fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Warning => "warning",
            Self::Red => "red",
        }
    }
}

/// Runs a job: its script in one shell, and then, whatever came of it, what comes after in another one. The installation
/// before it has tests of its own.
fn run(file: &str, name: &str, workspace: &mut Workspace) -> (Colour, Ran, String) {
    let pipeline = pipeline(&format!("gitlab/{file}")).1;
    let job = &pipeline[name];
    for (name, value) in job["variables"].as_object().into_iter().flatten() {
        let dir = "$TIDELOCK_DIR";
        let value = words(value).concat();
        let expanded = match value.strip_suffix(dir) {
            Some(start) => format!("{start}{}", workspace.variable("TIDELOCK_DIR").unwrap()),
            None => value,
        };
        workspace.set(name, &expanded);
    }
    let ran = workspace.run(&words(&job["script"]).join("\n")).unwrap();
    let after = words(&job["after_script"]).join("\n");
    let after = workspace.run(&after).unwrap();
    let allowed =
        job["allow_failure"]["exit_codes"].as_array().into_iter().flatten().filter_map(Value::as_i64);
    let colour = match ran.code.map(i64::from) {
        Some(0) => Colour::Green,
        Some(code) if allowed.into_iter().any(|allowed| allowed == code) => Colour::Warning,
        _ => Colour::Red,
    };
    let log = format!("{}{}", ran.log(), after.log());
    (colour, ran, log)
}

fn forge() -> Forge<GitLab> {
    Forge::start(GitLab::new(55, TOKEN))
}

/// What GitLab sets in a job.
fn in_gitlab(workspace: Workspace, gitlab: &Forge<GitLab>) -> Workspace {
    workspace
        .shell(Shell::BashPipefail)
        .env("CI_API_V4_URL", &format!("{}/api/v4", gitlab.origin()))
        .env("CI_PROJECT_ID", "55")
        .env("CI_PIPELINE_ID", "4711")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .env("CI_PROJECT_PATH", "ops/infra")
        .env("CI_JOB_URL", "https://gitlab.example.org/ops/infra/-/jobs/9")
        .env("GITLAB_TOKEN", TOKEN)
        .env("GITLAB_USER_LOGIN", "ada")
}

/// The headers are where the token belongs.
fn sent(log: &[Request]) -> Vec<String> {
    log.iter().map(|request| format!("{} {:?} {}", request.path, request.query, request.body)).collect()
}

fn leaks(workspace: &Workspace, gitlab: &Forge<GitLab>, log: &str) {
    let sent = sent(&gitlab.log());
    let shown: Vec<_> = sent.iter().map(String::as_str).chain([log]).collect();
    nothing_leaks(workspace, &shown, &[TOKEN]);
}

fn stack(outcome: Outcome, gitlab: &Forge<GitLab>) -> Workspace {
    let workspace = outcome.workspace();
    workspace.check_out(&case(outcome.case), "live/web").unwrap();
    in_gitlab(workspace, gitlab).env("TIDELOCK_DIR", "live/web")
}

#[test]
fn a_nightly_job_is_green_on_0_a_warning_on_2_and_red_on_1_and_3() {
    if !can_talk() {
        return;
    }
    for outcome in DRIFT {
        let gitlab = forge();
        let mut workspace = stack(outcome, &gitlab);
        let (colour, ran, log) = run("drift.yml", "drift", &mut workspace);
        let expected = promised("gitlab/drift.yml", outcome.code).unwrap();
        assert_eq!((ran.code, colour.word()), (Some(outcome.code), &*expected), "{outcome:?}: {log}");
        assert_eq!(workspace.file("tidelock/live/web/exit-code").unwrap().trim(), outcome.code.to_string());
        assert_eq!(workspace.file("tidelock/live/web/report.md").is_some(), outcome.code != 1, "{outcome:?}");
        let issues = gitlab.with(|gitlab| gitlab.issues.clone());
        assert_eq!(issues.len(), usize::from(matches!(outcome.code, 2 | 3)), "{outcome:?}");
        leaks(&workspace, &gitlab, &log);
    }
}

#[test]
fn an_issue_is_opened_kept_up_to_date_and_closed() {
    if !can_talk() {
        return;
    }
    let gitlab = forge();
    // Somebody else's issue with our marker, and more issues than a page holds.
    let marker = "<!-- tidelock issue live%2Fweb -->\n";
    gitlab.with(|gitlab| {
        gitlab.open(Author::Person, marker);
        (0..120).for_each(|_| gitlab.open(Author::Bot, "<!-- tidelock issue live%2Fother -->\n"));
    });
    let mut workspace = stack(DRIFT[1], &gitlab);
    let ours = |gitlab: &Forge<GitLab>| gitlab.with(|gitlab| gitlab.issues[121..].to_vec());
    run("drift.yml", "drift", &mut workspace);
    let opened = ours(&gitlab);
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0].title, "tidelock: live/web: drift: 1 to decide");
    assert!(
        opened[0].description.starts_with(marker)
            && opened[0].description.contains("proxmox_virtual_environment_vm.backup")
    );
    assert_eq!(opened[0].labels, ["tidelock"]);

    workspace.plan(&case("drift/vm_deleted_outside")).unwrap();
    run("drift.yml", "drift", &mut workspace);
    let updated = ours(&gitlab);
    assert_eq!((updated.len(), updated[0].iid, updated[0].open), (1, opened[0].iid, true));
    assert_eq!(updated[0].title, "tidelock: live/web: blocked: 1 to stop for");

    // Nobody knows what is: the issue stays.
    workspace.set("TOOL_FAILS", "panic");
    run("drift.yml", "drift", &mut workspace);
    assert_eq!(ours(&gitlab)[0].description, updated[0].description);
    assert!(ours(&gitlab)[0].open);

    workspace.set("TOOL_FAILS", "");
    workspace.plan(&case("drift/no_changes")).unwrap();
    run("drift.yml", "drift", &mut workspace);
    let closed = ours(&gitlab);
    assert_eq!((closed.len(), closed[0].open, closed[0].notes.len()), (1, false, 1));
    let untouched = gitlab.with(|gitlab| gitlab.issues[..121].iter().all(|issue| issue.open));
    assert!(untouched);

    // The next drift is another story, and a quiet night says nothing.
    run("drift.yml", "drift", &mut workspace);
    assert_eq!(ours(&gitlab).len(), 1);
    workspace.plan(&case("drift/secret_by_form")).unwrap();
    let (_, _, log) = run("drift.yml", "drift", &mut workspace);
    assert_eq!(ours(&gitlab).iter().map(|issue| issue.open).collect::<Vec<_>>(), [false, true]);
    leaks(&workspace, &gitlab, &log);
}

#[test]
fn one_summary_is_about_all_stacks() {
    if !can_talk() {
        return;
    }
    let chat = Forge::start(Webhook::new(HOOK));
    let gitlab = forge();
    let yaml = pipeline("gitlab/drift.yml").1;
    let stacks = words(&yaml["drift"]["parallel"]["matrix"][0]["TIDELOCK_DIR"]);
    assert_eq!(words(&yaml["variables"]["STACKS"]), [stacks.join(" ")], "the two lists are the same");
    for (first, second, code, colour, text) in [
        (DRIFT[0], DRIFT[0], 0, Colour::Green, None),
        (DRIFT[0], DRIFT[1], 2, Colour::Warning, Some("drift: 2 stacks: 1 drift, 1 clear")),
        (DRIFT[1], DRIFT[2], 3, Colour::Red, Some("blocked: 2 stacks: 1 blocked, 1 drift")),
        (DRIFT[2], DRIFT[6], 1, Colour::Red, Some("no answer: live/web; blocked: 1 stack")),
    ] {
        let workspace = first.workspace();
        for stack in &stacks {
            workspace.check_out(&case(first.case), stack).unwrap();
        }
        let mut workspace = in_gitlab(workspace, &gitlab).env("STACKS", &stacks.join(" "));
        for (stack, outcome) in stacks.iter().zip([first, second]) {
            workspace.plan(&case(outcome.case)).unwrap();
            workspace.set("TOOL_FAILS", outcome.fails);
            workspace.set("TIDELOCK_DIR", stack);
            run("drift.yml", "drift", &mut workspace);
        }
        // Another job: nothing but what it declares.
        for name in ["TIDELOCK_DIR", "TIDELOCK_OUT"] {
            workspace.unset(name);
        }
        workspace.set("TIDELOCK_WEBHOOK", &format!("{}{HOOK}", chat.origin()));
        let (found, ran, log) = run("drift.yml", "summary", &mut workspace);
        assert_eq!((ran.code, found), (Some(code), colour), "{log}");
        let said = chat.with(|chat| std::mem::take(&mut chat.texts));
        match text {
            None => assert!(said.is_empty(), "{said:?}"),
            Some(text) => assert!(said.len() == 1 && said[0].contains(text), "{said:?}"),
        }
        let page = workspace.file("tidelock/report.md").unwrap();
        assert!(stacks.iter().all(|stack| page.contains(stack.as_str())) || code == 0, "{page}");
        leaks(&workspace, &gitlab, &log);
    }
}

#[test]
fn a_stack_whose_job_never_ran_is_no_answer() {
    let gitlab = forge();
    let mut workspace = in_gitlab(DRIFT[0].workspace(), &gitlab).env("STACKS", "live/network live/web");
    workspace.check_out(&case("drift/no_changes"), "live/network").unwrap();
    workspace.set("TIDELOCK_DIR", "live/network");
    run("drift.yml", "drift", &mut workspace);
    workspace.unset("TIDELOCK_OUT");
    let (colour, ran, log) = run("drift.yml", "summary", &mut workspace);
    assert_eq!((ran.code, colour), (Some(1), Colour::Red), "{log}");
    assert!(log.contains("no answer: live/web"), "{log}");
}

/// A merge request into `main`, with this outcome.
fn merge_request(outcome: Outcome, gitlab: &Forge<GitLab>) -> Option<Workspace> {
    let workspace = in_gitlab(outcome.workspace(), gitlab).env("CI_MERGE_REQUEST_IID", "1");
    checked_out(workspace)
}

/// What `judge` says the approval is.
fn digest(log: &str) -> String {
    let line =
        log.lines().find_map(|line| line.strip_prefix("APPROVED is ")).unwrap_or_else(|| panic!("{log}"));
    assert_eq!(line.len(), 64);
    line.to_owned()
}

#[test]
fn the_gate_of_a_merge_request_is_green_on_0_and_red_on_1_and_3() {
    if !can_talk() {
        return;
    }
    for outcome in GATE {
        let gitlab = forge();
        let Some(mut workspace) = merge_request(outcome, &gitlab) else { return };
        let (colour, ran, log) = run("gate.yml", "gate", &mut workspace);
        let expected = promised("gitlab/gate.yml", outcome.code).unwrap();
        assert_eq!((ran.code, colour.word()), (Some(outcome.code), &*expected), "{outcome:?}: {log}");
        let notes = gitlab.with(|gitlab| gitlab.notes().to_vec());
        assert_eq!(notes.len(), usize::from(outcome.code != 0), "{outcome:?}: {log}");
        for note in &notes {
            assert_eq!(note.body.contains("no answer"), outcome.code == 1, "{}", note.body);
        }
        leaks(&workspace, &gitlab, &log);
        let reports = pipeline("gitlab/gate.yml").1["gate"]["artifacts"]["reports"].clone();
        for kind in ["codequality", "junit"] {
            let report = workspace.file(reports[kind].as_str().unwrap());
            assert_eq!(report.is_some(), outcome.code != 1, "{kind}");
        }
        if outcome.code == 3 {
            let quality = workspace.file(reports["codequality"].as_str().unwrap()).unwrap();
            let quality: Value = serde_json::from_str(&quality).unwrap();
            assert!(quality[0]["fingerprint"].is_string() && quality[0]["location"]["path"].is_string());
        }
    }
}

#[test]
fn a_note_is_written_once_and_then_kept_up_to_date() {
    if !can_talk() {
        return;
    }
    let gitlab = forge();
    // Somebody else's note with our marker, and more notes than a page holds.
    gitlab.with(|gitlab| {
        gitlab.write(Author::Person, "<!-- tidelock note . -->\nmine");
        (0..120).for_each(|_| gitlab.write(Author::Person, "a word"));
    });
    let Some(mut workspace) = merge_request(GATE[1], &gitlab) else { return };
    let ours = |gitlab: &Forge<GitLab>| gitlab.with(|gitlab| gitlab.notes()[121..].to_vec());
    run("gate.yml", "gate", &mut workspace);
    let created = ours(&gitlab);
    assert_eq!(created.len(), 1);
    assert!(created[0].body.contains("TL202") && created[0].body.contains("https://gitlab.example.org"));

    workspace.plan(&case("gate/tag_edit_on_database")).unwrap();
    run("gate.yml", "gate", &mut workspace);
    let updated = ours(&gitlab);
    assert_eq!((updated.len(), updated[0].id), (1, created[0].id));
    assert!(!updated[0].body.contains("TL202"));
    let mine = gitlab.with(|gitlab| gitlab.notes()[0].body.clone());
    assert_eq!(mine, "<!-- tidelock note . -->\nmine");
    assert_eq!(gitlab.with(|gitlab| gitlab.obeyed.clone()), [""; 0]);

    // Another stack has a note of its own.
    workspace.set("TIDELOCK_STACK", "live/web");
    workspace.plan(&case("gate/config_replaces_database")).unwrap();
    let (_, _, log) = run("gate.yml", "gate", &mut workspace);
    assert_eq!(ours(&gitlab).len(), 2);
    assert!(ours(&gitlab)[1].body.starts_with("<!-- tidelock note live%2Fweb -->\nstack `live/web`\n\n### "));
    leaks(&workspace, &gitlab, &log);
}

#[test]
fn a_report_gives_gitlab_no_command() {
    if !can_talk() {
        return;
    }
    let gitlab = forge();
    let workspace = in_gitlab(GATE[0].workspace(), &gitlab).env("CI_MERGE_REQUEST_IID", "1");
    fs::create_dir(workspace.path().join("tidelock")).unwrap();
    fs::write(workspace.path().join("tidelock/report.md"), "/approve\n\n  /merge\n/close\ntext a/b\n")
        .unwrap();
    fs::write(workspace.path().join("tidelock/exit-code"), "3\n").unwrap();
    fs::write(workspace.path().join("tidelock/headline"), "/close\n").unwrap();
    for script in ["tidelock-gitlab-note", "tidelock-gitlab-issue"] {
        let ran = workspace.run(script).unwrap();
        assert_eq!(ran.code, Some(0), "{}", ran.log());
    }
    let (obeyed, text) = gitlab.with(|gitlab| (gitlab.obeyed.clone(), gitlab.notes()[0].body.clone()));
    assert!(obeyed.is_empty(), "{obeyed:?}");
    assert!(text.contains("&#47;merge") && text.contains("a/b"));
}

#[test]
fn the_verdict_stands_whatever_becomes_of_the_note() {
    if !can_talk() {
        return;
    }
    for (status, word) in [(401, "scope api"), (404, "answered 404"), (500, "answered 500")] {
        let gitlab = forge();
        gitlab.fail(Failure::new(status, 9));
        let Some(mut workspace) = merge_request(GATE[0], &gitlab) else { return };
        // Waiting before another try is curl's work.
        workspace.program("sleep", "#!/bin/sh\n").unwrap();
        let (colour, _, log) = run("gate.yml", "gate", &mut workspace);
        assert_eq!(colour, Colour::Green);
        assert!(log.contains(word), "{log}");
        leaks(&workspace, &gitlab, &log);
    }
    let gitlab = forge();
    let Some(mut workspace) = merge_request(GATE[1], &gitlab) else { return };
    workspace.unset("GITLAB_TOKEN");
    let (colour, _, log) = run("gate.yml", "gate", &mut workspace);
    assert_eq!(colour, Colour::Red);
    assert!(log.contains("CI_JOB_TOKEN cannot write notes"), "{log}");
}

#[test]
fn a_refused_plan_is_applied_once_a_person_started_it() {
    let gitlab = forge();
    let mut workspace = in_gitlab(GATE[1].workspace(), &gitlab);
    let (colour, ran, log) = run("gate.yml", "judge", &mut workspace);
    assert_eq!((ran.code, colour), (Some(3), Colour::Warning), "{log}");
    workspace.set("APPROVED", &digest(&log));
    let (colour, _, log) = run("gate.yml", "apply", &mut workspace);
    assert_eq!(colour, Colour::Green, "{log}");
    assert!(log.contains("whoever started apply"), "the report says how it was approved: {log}");
    assert_eq!(workspace.tool_calls().last().unwrap(), "apply -input=false plan.tfplan");
}

#[test]
fn what_was_not_approved_is_not_applied() {
    let gitlab = forge();
    let mut workspace = in_gitlab(GATE[0].workspace(), &gitlab);
    let (colour, _, log) = run("gate.yml", "judge", &mut workspace);
    assert_eq!(colour, Colour::Green, "{log}");
    workspace.set("APPROVED", &digest(&log));
    // In the meantime the plan has become another one.
    workspace.plan(&case("gate/config_replaces_database")).unwrap();
    let (colour, ran, log) = run("gate.yml", "apply", &mut workspace);
    assert_eq!((ran.code, colour), (Some(3), Colour::Red), "{log}");
    assert!(!workspace.tool_calls().iter().any(|call| call.starts_with("apply")));
}

#[test]
fn what_was_judged_again_is_not_what_was_read() {
    let gitlab = forge();
    let mut workspace = in_gitlab(GATE[0].workspace(), &gitlab);
    let (_, _, read) = run("gate.yml", "judge", &mut workspace);
    // Nobody has read this one.
    workspace.plan(&case("gate/config_replaces_database")).unwrap();
    run("gate.yml", "judge", &mut workspace);
    for approved in ["", &digest(&read)] {
        workspace.set("APPROVED", approved);
        let (colour, ran, log) = run("gate.yml", "apply", &mut workspace);
        assert_eq!((ran.code, colour), (Some(1), Colour::Red), "{log}");
        assert!(log.contains("APPROVED is not of this judge"), "{log}");
    }
    assert!(!workspace.tool_calls().iter().any(|call| call.starts_with("apply")));
}

#[test]
fn the_key_of_approvals_is_out_of_reach_of_what_plans() {
    let gitlab = forge();
    let mut workspace = in_gitlab(GATE[1].workspace(), &gitlab)
        .env("TIDELOCK_APPROVAL_KEY", "0123456789abcdef0123456789abcdef");
    job::tool_that_must_not_see(&workspace, "TIDELOCK_APPROVAL_KEY");
    let (_, ran, log) = run("gate.yml", "judge", &mut workspace);
    assert_eq!(ran.code, Some(3), "{log}");
    workspace.set("APPROVED", &digest(&log));
    let (colour, _, log) = run("gate.yml", "apply", &mut workspace);
    assert_eq!(colour, Colour::Green, "{log}");
}

#[test]
fn a_merge_request_cannot_waive_itself() {
    if !can_talk() {
        return;
    }
    let gitlab = forge();
    let Some(mut workspace) = merge_request(GATE[1], &gitlab) else { return };
    fs::write(workspace.path().join("tidelock.toml"), "[rules]\nTL202 = \"allow\"\n").unwrap();
    let (colour, ran, log) = run("gate.yml", "gate", &mut workspace);
    assert_eq!((ran.code, colour), (Some(3), Colour::Red), "{log}");
    assert!(log.contains("TL509"), "{log}");
    // Without the other branch there is no answer.
    workspace.set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "gone");
    let (colour, ran, log) = run("gate.yml", "gate", &mut workspace);
    assert_eq!((ran.code, colour), (Some(1), Colour::Red), "{log}");
}

#[test]
fn an_installation_that_fails_is_never_drift() {
    for file in ["drift.yml", "gate.yml"] {
        let before = words(&pipeline(&format!("gitlab/{file}")).1[".tidelock"]["before_script"]);
        for (program, text) in [
            // What it ends with is the number of packages that it could not get.
            ("apk", "#!/bin/sh\nexit 2\n"),
            ("curl", "#!/bin/sh\nexit 22\n"),
            // Half of a download, which a shell ends with 2.
            (
                "curl",
                "#!/bin/sh\nwhile [ \"$1\" != -fsSLo ]; do shift; done; echo 'if true; then' > \"$2\"\n",
            ),
        ] {
            let gitlab = forge();
            for shell in Shell::here() {
                let workspace = in_gitlab(DRIFT[1].workspace(), &gitlab).shell(shell);
                workspace.program("apk", "#!/bin/sh\n").unwrap();
                workspace.program(program, text).unwrap();
                let ran = workspace.run(&before.join("\n")).unwrap();
                assert_eq!(ran.code, Some(1), "{file} {program} {shell:?}: {}", ran.log());
            }
        }
    }
}

#[test]
fn a_script_without_what_it_needs_ends_with_1_and_says_so() {
    let gitlab = forge();
    for script in ["tidelock-gitlab-note", "tidelock-gitlab-issue"] {
        for (name, said) in
            [("GITLAB_TOKEN", "GITLAB_TOKEN: a project"), ("CI_PROJECT_ID", "CI_PROJECT_ID is not set")]
        {
            let mut workspace = in_gitlab(DRIFT[1].workspace(), &gitlab).env("CI_MERGE_REQUEST_IID", "1");
            workspace.run("tidelock-plan; tidelock-check drift || true").unwrap();
            workspace.unset(name);
            let ran = workspace.run(script).unwrap();
            assert_eq!(ran.code, Some(1), "{script} {name}: {}", ran.log());
            assert!(ran.stderr.contains(said), "{}", ran.log());
        }
    }
}

#[test]
fn a_file_of_somebody_else_closes_no_issue() {
    if !can_talk() {
        return;
    }
    let gitlab = forge();
    let mut workspace = stack(DRIFT[1], &gitlab);
    run("drift.yml", "drift", &mut workspace);
    fs::write(workspace.path().join("tidelock/live/web/exit-code"), "0\n").unwrap();
    workspace.set("CI_JOB_STATUS", "failed");
    workspace.run("tidelock-gitlab-issue").unwrap();
    assert!(gitlab.with(|gitlab| gitlab.issues[0].open));
}

#[test]
fn a_lost_state_is_refused_where_the_lineage_is_known() {
    let gitlab = forge();
    let lost = Outcome { case: "gate/state_gone", fails: "", code: 3 };
    for (lineage, code) in [("", 0), ("9d5e8a6e-7a5c-7b0e-8a3f-0e6a0d6a7f11", 3)] {
        let mut workspace = in_gitlab(lost.workspace(), &gitlab).env("TIDELOCK_LINEAGE", lineage);
        let (_, ran, log) = run("gate.yml", "judge", &mut workspace);
        assert_eq!(ran.code, Some(code), "{log}");
        assert_eq!(log.contains("TL305"), code == 3, "{log}");
    }
}

#[test]
fn a_job_is_short_enough_to_paste_and_installs_this_version() {
    for file in ["drift.yml", "gate.yml"] {
        let (text, yaml) = pipeline(&format!("gitlab/{file}"));
        let longest = longest(&text, &|line| !line.starts_with([' ', '-']));
        assert!(longest <= 15, "{file}: {longest} lines");
        assert_eq!(yaml[".tidelock"]["variables"]["TIDELOCK_VERSION"], env!("CARGO_PKG_VERSION"));
        // The jobs call what is installed there.
        assert_eq!(yaml[".tidelock"]["variables"]["TIDELOCK_INSTALL_DIR"], "/usr/local/bin");
    }
}
