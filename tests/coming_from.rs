//! What `docs/coming-from.md` says about tidelock: every command on it is run, its counts are counted.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a page that cannot be read fails the test")]

#[path = "integrations/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of the integrations")]
mod stage;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value as Json;
use stage::{Stage, stderr, stdout};
use tidelock_testkit::fixtures;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/coming-from.md")).unwrap()
}

/// Every command with arguments on the page.
fn commands() -> BTreeSet<String> {
    let page = page();
    let spans = page.split('`').skip(1).step_by(2).map(|span| span.replace("\\|", "|"));
    let is_command = |span: &String| {
        let begins = span.split(" | ").any(|part| part.starts_with("tidelock "));
        begins && span.split(' ').count() > 2
    };
    spans.filter(is_command).collect()
}

/// A case, the code that a command ends with there, and a word that it says.
type Answer = (&'static str, i32, &'static str);

/// Commands as printed, and how they answer.
const RUN: [(&str, &[Answer]); 9] = [
    (
        "tidelock drift plan.json",
        &[
            ("drift/no_changes", 0, "clear"),
            ("drift/vm_memory", 2, "was 8192, now 10240"),
            ("drift/vm_deleted_outside", 3, "blocked"),
            // What the plan wants is not drift, and no code knows the rule that was added.
            ("drift/in_place_pending", 0, "1 pending"),
            ("drift/unmanaged_guarding", 2, "decide"),
            ("drift/vm_ssh_keys_ignored", 0, "ignore_changes"),
        ],
    ),
    (
        "tidelock drift plan.json --fail-on pending",
        &[
            ("drift/no_changes", 0, "clear"),
            ("drift/in_place_pending", 2, "pending"),
            ("drift/vm_memory", 2, "decide"),
            ("drift/moved_only", 0, "clear"),
        ],
    ),
    (
        "tidelock drift plan.json --fail-on ignored,computed,unmanaged,suppressed,converged,superseded",
        &[
            ("drift/no_changes", 0, "clear"),
            ("drift/ignore_all", 2, "ignore"),
            ("drift/computed_only", 2, "computed"),
            ("drift/unmanaged_unguarded", 2, ""),
            ("drift/suppressed", 2, ""),
            ("drift/converged", 2, ""),
            ("drift/superseded", 2, ""),
            // Values that differ in form alone.
            ("drift/set_reorder", 0, ""),
        ],
    ),
    (
        "tidelock gate plan.json",
        &[
            ("gate/tag_edit_on_database", 0, "clear"),
            ("gate/config_replaces_database", 3, "TL202"),
            ("gate/resource_renamed_with_moved", 0, "clear"),
        ],
    ),
    (
        "tidelock gate plan.json --write-moves moves.tf",
        &[("gate/resource_renamed", 3, "moved"), ("gate/tag_edit_on_database", 0, "clear")],
    ),
    (
        "tidelock gate plan.json --format markdown",
        &[("gate/config_replaces_database", 3, "### tidelock"), ("gate/tag_edit_on_database", 0, "clear")],
    ),
    ("tidelock show plan.json", &[("drift/mixed_stack", 0, "replace_because_cannot_update")]),
    ("terraform show -json plan.tfplan | tidelock show -", &[("drift/mixed_stack", 0, "update")]),
    ("tidelock graph plan.json", &[("drift/mixed_stack", 0, "digraph")]),
];

#[test]
fn every_command_on_the_page_is_run() {
    let run: BTreeSet<String> = RUN.iter().map(|(command, _)| (*command).to_owned()).collect();
    let mut expected = commands();
    // Named for what it makes, not as a command of its own.
    expected.retain(|command| command != "terraform show -json plan.tfplan | tf-summarize");
    assert_eq!(run, expected);
}

#[test]
fn commands_end_as_the_page_says() {
    for (command, cases) in RUN {
        for (case, code, word) in cases {
            let stage = Stage::new("terraform", include_str!("integrations/terraform.sh"));
            stage.sources(case, ".");
            stage.plan(case, "plan.json");
            stage.case(case);
            fs::write(stage.dir().join("plan.tfplan"), "saved plan").unwrap();
            let output = stage.run(command, &[]);
            assert_eq!(output.status.code(), Some(*code), "{command} on {case}: {}", stderr(&output));
            assert!(stdout(&output).contains(word), "{command} on {case}: {}", stdout(&output));
        }
    }
}

#[test]
fn suggested_moves_are_written() {
    let stage = Stage::empty();
    stage.sources("gate/resource_renamed", ".");
    stage.plan("gate/resource_renamed", "plan.json");
    stage.run("tidelock gate plan.json --write-moves moves.tf", &[]);
    assert!(fs::read_to_string(stage.dir().join("moves.tf")).unwrap().starts_with("moved {"));
}

/// What the recorder was told by `terraform plan -detailed-exitcode`, and what tidelock says about the same plan.
struct Told {
    case: String,
    detailed: i32,
    verdict: String,
    /// Exit code with `--fail-on pending`.
    pending: i64,
}

fn told() -> Vec<Told> {
    let reports = |more: &str| -> BTreeMap<String, Json> {
        let script = format!(
            "tidelock drift {0}/drift/*/plan.json {0}/gate/*/plan.json --format json{more}",
            fixtures::root().display()
        );
        let answer: Json = serde_json::from_slice(&Stage::empty().run(&script, &[]).stdout).unwrap();
        let reports = answer["reports"].as_array().unwrap();
        reports
            .iter()
            .map(|report| (report["input"]["path"].as_str().unwrap().to_owned(), report.clone()))
            .collect()
    };
    let (plain, pending) = (reports(""), reports(" --fail-on pending"));
    let cases = fixtures::all().unwrap().into_iter();
    let told = cases.filter_map(|case| {
        let detailed = case.meta.plan_exit?;
        let path = case.path("plan.json").display().to_string();
        let verdict = plain.get(&path)?["verdict"].as_str().unwrap().to_owned();
        Some(Told {
            case: case.name,
            detailed,
            verdict,
            pending: pending.get(&path)?["exit_code"].as_i64().unwrap(),
        })
    });
    told.collect()
}

#[test]
fn the_answers_of_detailed_exitcode_are_counted_right() {
    let told = told();
    assert!(told.len() > 150, "only {} plans were found", told.len());
    let page = page();
    for detailed in [0, 1, 2] {
        let of: Vec<&Told> = told.iter().filter(|told| told.detailed == detailed).collect();
        let count = |verdict: &str| of.iter().filter(|told| told.verdict == verdict).count();
        let [clear, noise, drift, blocked] = ["clear", "noise", "drift", "blocked"].map(count);
        let row = format!("| {detailed} | {} | {clear} | {noise} | {drift} | {blocked} |", of.len());
        assert!(page.contains(&row), "the page lacks the row\n{row}");
    }
}

#[test]
fn where_fail_on_pending_says_less_is_listed() {
    let page = page();
    let (_, list) = page.split_once("<!-- listed: without-pending -->\n").unwrap();
    let list = list.split("\n\n").next().unwrap();
    let listed: BTreeSet<String> =
        list.split("[`").skip(1).map(|link| link.split('`').next().unwrap().to_owned()).collect();
    let told = told();
    let quieter = told.iter().filter(|told| told.detailed == 2 && told.pending == 0);
    assert_eq!(listed, quieter.map(|told| told.case.clone()).collect());
    let louder: Vec<&str> = told
        .iter()
        .filter(|told| told.detailed == 0 && told.pending != 0)
        .map(|told| told.case.as_str())
        .collect();
    assert_eq!(louder, ["drift/companion_foreign_rule", "drift/unmanaged_guarding"]);
}
