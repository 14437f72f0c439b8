//! Runs the jobs of a GitHub workflow as a runner does, as far as the printed workflows need it: the composite action
//! unfolded, expressions replaced, files for outputs and summary, artifacts in a folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;
use tidelock_testkit::forge::Forge;
use tidelock_testkit::forge::github::GitHub;
use tidelock_testkit::steps::{self, Shell, Workspace};

use crate::github_expression::{Contexts, expand, holds};

/// The token that a workflow gets.
pub(crate) const TOKEN: &str = "ghs_16C7e42F292c6912E7710c838347Ae178B4a";

/// The repository that the workflows are in.
pub(crate) const REPOSITORY: &str = "acme/infra";

/// A file of the repository, as YAML.
pub(crate) fn yaml(file: &str) -> Value {
    let text = fs::read_to_string(steps::repository().join(file)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What a run of a workflow has in common: the forge, what started it, and the artifacts.
pub(crate) struct Run<'a> {
    pub forge: &'a Forge<GitHub>,
    pub contexts: Contexts,
    pub event: Value,
    /// Removed with the run.
    folder: tempfile::TempDir,
}

impl<'a> Run<'a> {
    /// A run that this event started; `event` is what the forge says about it.
    pub(crate) fn new(forge: &'a Forge<GitHub>, name: &str, event: Value) -> Self {
        let mut contexts = Contexts::new();
        contexts.insert("github.event_name".into(), name.into());
        contexts.insert("github.token".into(), TOKEN.into());
        let folder = tempfile::Builder::new().prefix("run-").tempdir().unwrap();
        Self { forge, contexts, event, folder }
    }

    /// A pull request of this number.
    pub(crate) fn pull_request(forge: &'a Forge<GitHub>, number: u64) -> Self {
        let event = serde_json::json!({ "pull_request": { "number": number, "head": { "sha": "4bdf01c" } } });
        Self::new(forge, "pull_request", event)
    }

    /// At night.
    pub(crate) fn nightly(forge: &'a Forge<GitHub>) -> Self {
        Self::new(forge, "schedule", serde_json::json!({ "schedule": "0 4 * * *" }))
    }

    /// Sets a value that expressions see.
    pub(crate) fn context(mut self, name: &str, value: &str) -> Self {
        self.contexts.insert(name.into(), value.into());
        self
    }

    fn artifacts(&self) -> PathBuf {
        self.folder.path().join("artifacts")
    }

    /// A file of an artifact, as it was uploaded.
    pub(crate) fn artifact(&self, name: &str, file: &str) -> Option<String> {
        fs::read_to_string(self.artifacts().join(name).join(file)).ok()
    }

    /// All that was uploaded, with names.
    pub(crate) fn uploaded(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        if self.artifacts().is_dir() {
            read_all(&self.artifacts(), &mut found).unwrap();
        }
        found
    }

    /// Runs a job of a workflow in this workspace.
    pub(crate) fn job(&self, workflow: &Value, name: &str, workspace: Workspace) -> Ran {
        let job = &workflow["jobs"][name];
        assert!(job.is_object(), "there is a job `{name}`");
        let mut running = Running::new(self, workspace);
        for level in [workflow, job] {
            running.environment(&level["env"], &self.contexts);
        }
        let mut scope = Scope { contexts: self.contexts.clone(), failed: false };
        running.steps(job["steps"].as_array().unwrap(), &mut scope);
        Ran { red: scope.failed, contexts: scope.contexts, ..running.ran }
    }
}

/// What a job did.
#[derive(Default)]
pub(crate) struct Ran {
    /// Whether it failed.
    pub red: bool,
    /// What the log shows.
    pub log: String,
    /// What the page of the run shows.
    pub summary: String,
    /// The outputs of its steps among others.
    pub contexts: Contexts,
    /// What the tool that plans was called with.
    pub tool_calls: Vec<String>,
    /// What `curl`, `jq` and their like were called with.
    pub arguments: Vec<String>,
}

impl Ran {
    /// Lines of the log that the runner takes for commands.
    pub(crate) fn commands(&self) -> Vec<&str> {
        self.log.lines().filter(|line| line.trim_start().starts_with("::")).collect()
    }
}

struct Scope {
    contexts: Contexts,
    failed: bool,
}

impl Scope {
    /// What later expressions see of a step.
    fn outcome(&mut self, id: Option<&str>, outcome: &str) {
        if let Some(id) = id {
            self.contexts.insert(format!("steps.{id}.outcome"), outcome.to_owned());
        }
    }
}

struct Running<'a> {
    run: &'a Run<'a>,
    workspace: Workspace,
    ran: Ran,
    action: Value,
}

impl<'a> Running<'a> {
    fn new(run: &'a Run<'a>, workspace: Workspace) -> Self {
        let event = run.folder.path().join("event.json");
        fs::write(&event, run.event.to_string()).unwrap();
        let mut workspace = workspace.shell(Shell::BashPipefail);
        for (name, value) in [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_API_URL", run.forge.origin()),
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_REPOSITORY", REPOSITORY),
            ("GITHUB_RUN_ID", "4711"),
            ("GITHUB_SHA", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
            ("GITHUB_ACTION_PATH", &steps::repository().canonicalize().unwrap().to_string_lossy()),
            ("GITHUB_EVENT_PATH", &event.to_string_lossy()),
            ("RUNNER_TEMP", &run.folder.path().to_string_lossy()),
            ("TIDELOCK_RETRY_SECONDS", "0"),
        ] {
            workspace.set(name, value);
        }
        Self { run, workspace, ran: Ran::default(), action: yaml("action.yml") }
    }

    /// Sets what an `env:` says; returns the names.
    fn environment(&mut self, env: &Value, contexts: &Contexts) -> Vec<String> {
        let mut names = Vec::new();
        for (name, value) in env.as_object().into_iter().flatten() {
            self.workspace.set(name, &expand(&scalar(value), contexts));
            names.push(name.clone());
        }
        names
    }

    fn steps(&mut self, steps: &[Value], scope: &mut Scope) {
        for step in steps {
            let id = step["id"].as_str();
            if !holds(step["if"].as_str(), &scope.contexts, scope.failed) {
                scope.outcome(id, "skipped");
                continue;
            }
            let names = self.environment(&step["env"], &scope.contexts);
            let done = match step["uses"].as_str() {
                Some(uses) => self.used(uses, step, scope),
                None => self.shell(step, scope),
            };
            for name in &names {
                self.workspace.unset(name);
            }
            scope.outcome(id, if done { "success" } else { "failure" });
            let forgiven = step["continue-on-error"].as_bool().unwrap_or(false);
            scope.failed |= !done && !forgiven;
        }
    }

    fn used(&mut self, uses: &str, step: &Value, scope: &mut Scope) -> bool {
        let with = |key: &str| step["with"].get(key).map(|value| expand(&scalar(value), &scope.contexts));
        let (name, _) = uses.split_once('@').expect("an action has a version");
        match name {
            "opentofu/setup-opentofu" => true,
            // The workspace is the branch itself. What it is to be merged into has the same sources, and no policy.
            "actions/checkout" => match with("path") {
                Some(path) => {
                    copy(&self.workspace.path().join("main.tf"), &self.workspace.path().join(path)).unwrap()
                }
                None => true,
            },
            "actions/upload-artifact" => {
                let (from, to) = (with("path").unwrap(), self.run.artifacts().join(with("name").unwrap()));
                let kept = copy(&self.workspace.path().join(from), &to).unwrap();
                kept || with("if-no-files-found").as_deref() != Some("error")
            }
            "actions/download-artifact" => {
                let to = self.workspace.path().join(with("path").unwrap_or_default());
                match with("name") {
                    Some(name) => copy(&self.run.artifacts().join(name), &to).unwrap(),
                    None => copy(&self.run.artifacts(), &to).unwrap(),
                }
            }
            "tidelock/tidelock" => self.composite(step, scope),
            other => panic!("what does {other} do?"),
        }
    }

    /// Runs the steps of our own action, with a scope of its own.
    fn composite(&mut self, step: &Value, scope: &mut Scope) -> bool {
        let action = self.action.clone();
        let mut inner = Scope { contexts: Contexts::new(), failed: false };
        for context in ["github.token", "github.event_name"] {
            inner.contexts.insert(context.into(), self.run.contexts[context].clone());
        }
        let inputs = action["inputs"].as_object().unwrap();
        for name in step["with"].as_object().into_iter().flatten().map(|(name, _)| name) {
            assert!(inputs.contains_key(name), "the action has an input `{name}`");
        }
        for (name, input) in inputs {
            let value = match step["with"].get(name) {
                Some(value) => expand(&scalar(value), &scope.contexts),
                None => expand(&scalar(&input["default"]), &inner.contexts),
            };
            inner.contexts.insert(format!("inputs.{name}"), value);
        }
        self.steps(action["runs"]["steps"].as_array().unwrap(), &mut inner);
        let id = step["id"].as_str().unwrap_or("tidelock");
        for (name, output) in action["outputs"].as_object().unwrap() {
            let value = expand(output["value"].as_str().unwrap(), &inner.contexts);
            scope.contexts.insert(format!("steps.{id}.outputs.{name}"), value);
        }
        !inner.failed
    }

    fn shell(&mut self, step: &Value, scope: &mut Scope) -> bool {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an expression in a script is code injection: {script}");
        let files = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV"];
        for name in files {
            let file = self.run.folder.path().join(name);
            fs::write(&file, "").unwrap();
            self.workspace.set(name, &file.to_string_lossy());
        }
        let ran = self.workspace.run(script).unwrap();
        let [outputs, summary, path, env] =
            files.map(|name| fs::read_to_string(self.run.folder.path().join(name)).unwrap());
        assert_eq!((path.as_str(), env.as_str()), ("", ""), "nothing is left for later steps");
        for (name, value) in said(&outputs) {
            let id = step["id"].as_str().unwrap();
            scope.contexts.insert(format!("steps.{id}.outputs.{name}"), value);
        }
        self.ran.log.push_str(&ran.log());
        self.ran.summary.push_str(&summary);
        self.ran.tool_calls = self.workspace.tool_calls();
        self.ran.arguments = self.workspace.arguments();
        ran.code == Some(0)
    }
}

/// The outputs in a file: `name=value`, or the lines between `name<<END` and `END`.
fn said(outputs: &str) -> Vec<(String, String)> {
    let (mut lines, mut said) = (outputs.lines(), Vec::new());
    while let Some(line) = lines.next() {
        let (name, value) =
            if let Some((name, end)) = line.split_once("<<").filter(|(name, _)| !name.contains('=')) {
                let block: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
                (name, block.join("\n"))
            } else {
                let (name, value) = line.split_once('=').expect("an output is a line");
                (name, value.to_owned())
            };
        said.push((name.to_owned(), value));
    }
    said
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Copies a file into a folder, or what is in a folder; says whether there was anything.
fn copy(from: &Path, to: &Path) -> io::Result<bool> {
    if !from.exists() {
        return Ok(false);
    }
    fs::create_dir_all(to)?;
    if from.is_file() {
        fs::copy(from, to.join(from.file_name().unwrap_or_default()))?;
        return Ok(true);
    }
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(true)
}

fn read_all(folder: &Path, found: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, found)?;
        } else {
            found.push((path.clone(), String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    Ok(())
}
