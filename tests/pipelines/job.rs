//! What the tests of pipelines share: outcomes, and that no secret gets out.

#![allow(dead_code, reason = "each of the tests uses a part")]

use std::path::PathBuf;

use serde_json::Value;
use tidelock_testkit::{
    fixtures::{self, Case},
    steps::{Workspace, repository, which},
};

/// Stands in every secret of the fixtures.
pub(crate) const SECRET: &str = "hunter2";

/// A recorded case, what goes wrong in the tool that plans, and the exit code that has to come out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) case: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) code: i32,
}

const fn outcome(case: &'static str, fails: &'static str, code: i32) -> Outcome {
    Outcome { case, fails, code }
}

/// All that can become of a nightly job.
pub(crate) const DRIFT: [Outcome; 11] = [
    outcome("drift/no_changes", "", 0),
    outcome("drift/secret_by_form", "", 2),
    outcome("drift/vm_deleted_outside", "", 3),
    outcome("drift/secret_by_form", "init", 1),
    outcome("drift/secret_by_form", "plan", 1),
    outcome("drift/secret_by_form", "errored", 1),
    outcome("drift/secret_by_form", "panic", 1),
    outcome("drift/secret_by_form", "nothing", 1),
    outcome("drift/secret_by_form", "show", 1),
    outcome("drift/secret_by_form", "killed", 1),
    outcome("drift/secret_by_form", "rubbish", 1),
];

/// All that can become of a gate.
pub(crate) const GATE: [Outcome; 6] = [
    outcome("gate/tag_edit_on_database", "", 0),
    outcome("gate/config_replaces_database", "", 3),
    outcome("gate/secret_in_user_data", "", 3),
    outcome("gate/config_replaces_database", "plan", 1),
    outcome("gate/config_replaces_database", "panic", 1),
    outcome("gate/config_replaces_database", "rubbish", 1),
];

impl Outcome {
    /// A workspace in which it comes to this.
    pub(crate) fn workspace(self) -> Workspace {
        workspace(self.case).env("TOOL_FAILS", self.fails)
    }
}

pub(crate) fn case(name: &str) -> Case {
    fixtures::case(name).unwrap()
}

pub(crate) fn workspace(name: &str) -> Workspace {
    Workspace::of(&case(name), &tidelock()).unwrap()
}

pub(crate) fn tidelock() -> PathBuf {
    assert_cmd::cargo::cargo_bin("tidelock")
}

/// A file under `docs/pipelines`, and what is in it.
pub(crate) fn pipeline(name: &str) -> (String, Value) {
    let text = std::fs::read_to_string(repository().join("docs/pipelines").join(name)).unwrap();
    let parsed = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    (text, parsed)
}

/// The strings of a list, or a string alone.
pub(crate) fn words(value: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(one).collect(),
        value => vec![one(value)],
    }
}

/// Whether the scripts that talk to a forge can run here; says so if not.
pub(crate) fn can_talk() -> bool {
    let missing: Vec<_> = ["curl", "jq"].into_iter().filter(|name| which(name).is_none()).collect();
    if !missing.is_empty() {
        eprintln!("skipped: {} is not on the PATH", missing.join(" and "));
    }
    missing.is_empty()
}

/// Puts a tool that plans on the `PATH` that fails if it can see this variable.
pub(crate) fn tool_that_must_not_see(workspace: &Workspace, name: &str) {
    let guard = format!(
        "#!/bin/sh\nif [ -n \"${{{name}:-}}\" ]; then echo '{name} is in reach' >&2; exit 1; fi\nexec terraform \"$@\"\n"
    );
    workspace.program("tofu", &guard).unwrap();
}

/// None of these texts is in what a job shows, sends or starts programs with.
pub(crate) fn nothing_leaks(workspace: &Workspace, shown: &[&str], secrets: &[&str]) {
    let arguments = workspace.arguments().join("\n");
    for secret in secrets.iter().chain([&SECRET]) {
        for text in shown.iter().chain([&arguments.as_str()]) {
            assert!(!text.contains(secret), "{secret} got out: {text}");
        }
    }
}

/// The longest item of a list in a file, in lines without comments: what somebody pastes.
pub(crate) fn longest(text: &str, starts: &dyn Fn(&str) -> bool) -> usize {
    let mut lengths = vec![0];
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        if starts(line) {
            lengths.push(0);
        }
        *lengths.last_mut().unwrap() += 1;
    }
    // What stands before the first item is no item.
    lengths.into_iter().skip(1).max().unwrap()
}
