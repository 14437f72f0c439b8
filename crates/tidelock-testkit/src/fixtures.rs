//! The recorded cases under `fixtures/`: where they are, what they expect.
//!
//! A case is a folder that holds a `case.toml`. What its files are is written in
//! `fixtures/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

/// The file that makes a folder a case.
pub const CASE_FILE: &str = "case.toml";

/// Why the fixtures could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// A file or folder of a case could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// A `case.toml` is not what [`CaseFile`] describes.
    #[error("{} is not a case", path.display())]
    Case {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// No case has this name.
    #[error("there is no case `{name}` under {}", root.display())]
    Unknown {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        root: PathBuf,
    },
    /// A JSON file of a case is not JSON.
    #[error("{} is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// One recorded case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder, relative to `fixtures/`, with forward slashes: `drift/vm_memory`.
    pub name: String,
    /// The folder itself; also the configuration directory of the plan.
    pub dir: PathBuf,
    /// Its `case.toml`.
    pub meta: CaseFile,
}

/// What a `case.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// What the case is about, in one line.
    pub title: String,
    /// The tool and version that wrote the artifacts, `terraform 1.11.4`; empty until recorded.
    pub producer: String,
    /// The source addresses of the providers, `bpg/proxmox`.
    pub providers: Vec<String>,
    /// Where the artifacts come from, for a case that the recorder did not make.
    pub origin: Option<String>,
    /// The provider schemas to be given with the plan (`--schema`), relative to the case's folder;
    /// none where the expectation is what can be told without them.
    pub schema: Option<String>,
    /// The exit code of `plan -detailed-exitcode`, checked by the recorder.
    pub plan_exit: Option<i32>,
    /// What the recorder does; empty for a case that it did not make.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What tidelock has to say about it, written by hand.
    pub expect: Option<Expect>,
    /// What `tidelock gate` has to say about it, written by hand.
    pub gate: Option<Gate>,
    /// What the logs of the case say, by file name, written by hand.
    #[serde(default)]
    pub streams: BTreeMap<String, ExpectedStream>,
}

/// One step of a recording, played in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// Take the configuration from this folder of the case (`.` is the case itself).
    Use(PathBuf),
    /// `apply` with these further arguments; it must succeed.
    Apply(Vec<String>),
    /// `apply` with these further arguments; it must fail.
    ApplyFails(Vec<String>),
    /// Any other command that must succeed, such as `["taint", "random_pet.a"]`.
    Run(Vec<String>),
    /// Change one path of an object behind the tool's back.
    Outside(Edit),
    /// Delete the objects of these addresses behind the tool's back.
    DeleteOutside(Vec<String>),
    /// Put an object into the cloud that no state knows.
    AddOutside(NewObject),
    /// Let the cloud refuse an operation from now on.
    Fail(Failure),
    /// Let the cloud accept everything again.
    Heal,
    /// Use the next release of the provider, which has another default.
    Release(NewDefault),
    /// `plan` with these further arguments; the last plan is the one that the case keeps.
    Plan(Vec<String>),
    /// Keep `show -json` of the plan just made under this name as well.
    Keep(String),
    /// Run a command with `-json` and keep the log that it writes.
    Stream(StreamStep),
}

/// A command whose JSON log is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamStep {
    /// The file that keeps the log, `apply.jsonl`.
    pub keep: String,
    /// The command and its arguments but for `-json`: `["apply", "-auto-approve"]`.
    pub run: Vec<String>,
    /// The exit code it must end with; 0 if left out.
    #[serde(default)]
    pub exit: i32,
    /// Kill the tool as soon as the log holds this text, and do not ask for its exit code.
    pub kill_at: Option<String>,
}

/// One path of one object that changes outside.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The address the object has in the state.
    pub at: String,
    /// The path inside it, as HCL writes it: `memory[0].dedicated`.
    pub path: String,
    /// The new value; none: null, or without the element for a map key or a list index.
    pub value: Option<serde_json::Value>,
}

/// An object that exists only in the cloud.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewObject {
    /// Its resource type.
    pub r#type: String,
    /// Its id.
    pub id: String,
    /// Its attributes; those left out are null.
    #[serde(default)]
    pub attributes: BTreeMap<String, serde_json::Value>,
}

/// What the next release of a provider does where the configuration says nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDefault {
    /// The resource type.
    pub r#type: String,
    /// The argument, `settings[0].disk_type`.
    pub path: String,
    /// Its default from now on.
    pub value: serde_json::Value,
}

/// An operation that the cloud refuses.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// Objects of this type are created, but the creation reports an error half-way.
    Create(String),
    /// Objects of this type cannot be deleted.
    Delete(String),
    /// Objects of this type are created, but the call never comes back.
    Stall(String),
}

/// What tidelock has to say about a case, with the case's folder as `--config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `clear`, `noise`, `drift` or `blocked`.
    pub verdict: String,
    /// The exit code of `tidelock drift`.
    pub exit_code: u8,
    /// Whether the configuration at hand is all that the plan was made from.
    pub complete_sources: bool,
    /// What is said of each listed resource, by address; `ADDR (deposed)` for a deposed object,
    /// whose key differs in every recording.
    #[serde(default)]
    pub resources: BTreeMap<String, ExpectedResource>,
}

/// What tidelock has to say about one resource.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedResource {
    /// `stop`, `decide`, `ignore` or `none`.
    pub resolution: String,
    /// The loudest class among its divergences.
    pub class: String,
    /// The class of every divergence, by path. Left out are those that are `pending` only because
    /// the value is unknown until apply: a replacement makes one of every computed attribute.
    pub divergences: BTreeMap<String, String>,
    /// The normaliser of every divergence that is only cosmetic, by path.
    #[serde(default)]
    pub cosmetic: BTreeMap<String, String>,
}

/// What tidelock has to say about the log of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedStream {
    /// The verdict of `tidelock drift`; none where the log holds no plan.
    pub verdict: Option<String>,
    /// The exit code of `tidelock drift`.
    pub exit_code: Option<u8>,
    /// How the apply ended: `succeeded`, `failed` or `interrupted`; none where nothing was applied.
    pub apply: Option<String>,
    /// The addresses of what was created.
    #[serde(default)]
    pub created: BTreeSet<String>,
    /// The addresses of what was changed in place.
    #[serde(default)]
    pub changed: BTreeSet<String>,
    /// The addresses of what was destroyed.
    #[serde(default)]
    pub destroyed: BTreeSet<String>,
    /// The addresses of what was imported.
    #[serde(default)]
    pub imported: BTreeSet<String>,
    /// The addresses of what failed.
    #[serde(default)]
    pub failed: BTreeSet<String>,
    /// The addresses of what nobody can tell.
    #[serde(default)]
    pub in_doubt: BTreeSet<String>,
    /// The addresses of what was planned and never begun.
    #[serde(default)]
    pub not_started: BTreeSet<String>,
}

/// What `tidelock gate` has to say about a case, with the case's folder as `--config`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Whether the plan has to be stopped.
    pub kind: GateKind,
    /// The kind of danger, or what the harmless plan consists of: one phrase, the row of a table.
    pub about: String,
    /// The case of the other kind that it looks like, by the name of its folder.
    pub pair: Option<String>,
    /// `blocked` for a danger, `clear` for a look-alike.
    pub verdict: String,
    /// The exit code of `tidelock gate`.
    pub exit_code: u8,
    /// For a danger that has an address at fault: the one that the first finding names, or what
    /// it lies in: a resource for its instances, a module for everything inside, a resource type
    /// where several are at fault together.
    pub first: Option<String>,
    /// Rule codes that must be among the findings at `deny`.
    #[serde(default)]
    pub codes: BTreeSet<String>,
    /// Rule codes that must be among the findings at `warn`. For a look-alike these are all of
    /// them, except TL401, which speaks of the stack and not of the plan.
    #[serde(default)]
    pub warns: BTreeSet<String>,
    /// What the gate is given beside plan and configuration.
    #[serde(default)]
    pub args: GateArgs,
    /// What the plan does, so that a new recording which does something else is noticed: the
    /// actions of every managed entry but no-ops, `delete, create`, by address (see
    /// [`Expect::resources`] for deposed objects).
    #[serde(default)]
    pub actions: BTreeMap<String, String>,
}

/// Whether a plan has to be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateKind {
    /// It destroys, doubles or betrays something: it must not be applied unseen.
    Danger,
    /// It looks like a danger in some way, and is none: it must pass.
    LookAlike,
}

/// What the gate is given beside plan and configuration; files are named relative to the case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateArgs {
    /// Further plans that are judged together with this one.
    #[serde(default)]
    pub plans: Vec<String>,
    /// The state as it is now (`--state`).
    pub state: Option<String>,
    /// The protection lock.
    pub lock: Option<String>,
    /// The plan that a person approved: the approval (`--approval`) is made from it.
    pub approval: Option<String>,
    /// How many managed instances the state should hold (`--expect-resources`).
    pub expect_resources: Option<usize>,
    /// The lineage that the state should have (`--expect-lineage`).
    pub expect_lineage: Option<String>,
    /// How many creates are normal (`--max-creates`).
    pub max_creates: Option<usize>,
}

impl Case {
    /// The path of a file of the case.
    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    /// Whether the case has this file.
    pub fn has(&self, file: &str) -> bool {
        self.path(file).is_file()
    }

    /// The bytes of a file of the case.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn bytes(&self, file: &str) -> Result<Vec<u8>, FixtureError> {
        let path = self.path(file);
        fs::read(&path).map_err(|source| FixtureError::Read { path, source })
    }

    /// The text of a file of the case.
    ///
    /// # Errors
    /// If the file cannot be read or is not UTF-8.
    pub fn text(&self, file: &str) -> Result<String, FixtureError> {
        let path = self.path(file);
        fs::read_to_string(&path).map_err(|source| FixtureError::Read { path, source })
    }

    /// A JSON file of the case.
    ///
    /// # Errors
    /// If the file cannot be read or is not JSON.
    pub fn json(&self, file: &str) -> Result<serde_json::Value, FixtureError> {
        serde_json::from_slice(&self.bytes(file)?)
            .map_err(|source| FixtureError::Json { path: self.path(file), source })
    }

    /// The configuration: every file that may belong to a module, by its path in the folder.
    ///
    /// # Errors
    /// If a file or folder cannot be read.
    pub fn sources(&self) -> Result<Vec<(String, Vec<u8>)>, FixtureError> {
        let mut files = Vec::new();
        let mut open = vec![String::new()];
        while let Some(prefix) = open.pop() {
            let dir = self.path(&prefix);
            let failed = |source| FixtureError::Read { path: dir.clone(), source };
            for entry in fs::read_dir(&dir).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    open.push(format!("{name}/"));
                } else if [".tf", ".tfvars", ".tofu", ".tf.json"].iter().any(|end| name.ends_with(end)) {
                    files.push((name.clone(), self.bytes(&name)?));
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// The folder's own name, without those it lies in.
    pub fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Its `plan.json`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn plan_json(&self) -> Result<Vec<u8>, FixtureError> {
        self.bytes("plan.json")
    }
}

/// The `fixtures/` folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// Every case, sorted by name.
///
/// # Errors
/// If a folder or a `case.toml` cannot be read.
pub fn all() -> Result<Vec<Case>, FixtureError> {
    all_under("")
}

/// Every case below a folder of `fixtures/`, such as `drift`, sorted by name.
///
/// # Errors
/// If a folder or a `case.toml` cannot be read.
pub fn all_under(folder: &str) -> Result<Vec<Case>, FixtureError> {
    let mut cases = Vec::new();
    collect(&root().join(folder), folder, &mut cases)?;
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

/// The case of this name, `drift/vm_memory`.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn case(name: &str) -> Result<Case, FixtureError> {
    let dir = root().join(name);
    if !dir.join(CASE_FILE).is_file() {
        return Err(FixtureError::Unknown { name: name.to_owned(), root: root() });
    }
    load(dir, name)
}

fn collect(dir: &Path, name: &str, cases: &mut Vec<Case>) -> Result<(), FixtureError> {
    if dir.join(CASE_FILE).is_file() {
        // What is inside a case belongs to it: modules, the configuration of an earlier step.
        cases.push(load(dir.to_owned(), name)?);
        return Ok(());
    }
    let failed = |source| FixtureError::Read { path: dir.to_owned(), source };
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_dir() {
            let own = entry.file_name().to_string_lossy().into_owned();
            let name = if name.is_empty() { own } else { format!("{name}/{own}") };
            collect(&entry.path(), &name, cases)?;
        }
    }
    Ok(())
}

fn load(dir: PathBuf, name: &str) -> Result<Case, FixtureError> {
    let path = dir.join(CASE_FILE);
    let text =
        fs::read_to_string(&path).map_err(|source| FixtureError::Read { path: path.clone(), source })?;
    let meta =
        toml::from_str(&text).map_err(|source| FixtureError::Case { path, source: Box::new(source) })?;
    Ok(Case { name: name.to_owned(), dir, meta })
}
