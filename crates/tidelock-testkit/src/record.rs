//! Plays the steps of a case through a real tool and keeps what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fixtures::{CASE_FILE, Case, Step};
use crate::pond::{PlanExit, PondError, Session, Tool};

/// Why a case could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A step failed.
    #[error("{case}: step {number} failed")]
    Step {
        /// The case.
        case: String,
        /// The step, counted from 1.
        number: usize,
        /// What went wrong.
        #[source]
        source: PondError,
    },
    /// Starting, or reading what was left behind, failed.
    #[error("{case}")]
    Session {
        /// The case.
        case: String,
        /// What went wrong.
        #[source]
        source: PondError,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: std::io::Error,
    },
    /// The plan ended with another exit code than `case.toml` says.
    #[error("{case}: the plan ended with {found}, case.toml says {expected}")]
    Exit {
        /// The case.
        case: String,
        /// What `plan_exit` says.
        expected: i32,
        /// The exit code.
        found: i32,
    },
    /// The steps make no plan.
    #[error("{case}: the last step is not `plan`")]
    NoPlan {
        /// The case.
        case: String,
    },
}

/// What a recording made.
#[derive(Debug)]
pub struct Recording {
    /// The tool, `terraform 1.11.4`.
    pub producer: String,
    /// How the plan ended.
    pub exit: PlanExit,
    /// The files by name, in the order in which they were made.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// What became of the files of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They say something new and were written.
    Written,
    /// They differ from what is there in nothing but the time, and were left alone.
    Unchanged,
}

/// Plays a case from the beginning to its plan.
///
/// # Errors
/// If a step fails, or the plan ends with another exit code than `case.toml` says.
pub fn play(case: &Case, tool: Tool) -> Result<Recording, RecordError> {
    let in_session = |source| RecordError::Session { case: case.name.clone(), source };
    let producer = tool.label();
    let providers: Vec<&str> = case.meta.providers.iter().map(String::as_str).collect();
    let session = Session::start(tool, &providers).map_err(in_session)?;
    session.seed_state(&lineage(&case.name)).map_err(in_session)?;
    session.use_configuration(&case.dir).map_err(in_session)?;
    let mut made = None;
    for (position, step) in case.meta.steps.iter().enumerate() {
        made = play_step(&session, &case.dir, step).map_err(|source| RecordError::Step {
            case: case.name.clone(),
            number: position + 1,
            source,
        })?;
    }
    let (exit, before) = made.ok_or_else(|| RecordError::NoPlan { case: case.name.clone() })?;
    if let Some(expected) = case.meta.plan_exit.filter(|&expected| expected != exit.code()) {
        return Err(RecordError::Exit { case: case.name.clone(), expected, found: exit.code() });
    }
    let files = artifacts(&session, before).map_err(in_session)?;
    Ok(Recording { producer, exit, files })
}

/// Writes a recording into the folder of its case, unless only the time differs.
///
/// # Errors
/// If a file cannot be written.
pub fn keep(case: &Case, recording: &Recording) -> Result<Outcome, RecordError> {
    let same = |(name, bytes): &(&str, Vec<u8>)| {
        // The saved plan holds what plan.json shows, and is never the same twice.
        *name == "plan.tfplan" || case.bytes(name).is_ok_and(|old| timeless(&old) == timeless(bytes))
    };
    let unchanged = case.meta.producer == recording.producer
        && case.meta.plan_exit == Some(recording.exit.code())
        && case.has("plan.tfplan")
        && recording.files.iter().all(same);
    if unchanged {
        return Ok(Outcome::Unchanged);
    }
    for (name, bytes) in &recording.files {
        write(case.path(name), bytes)?;
    }
    let path = case.path(CASE_FILE);
    let text =
        fs::read_to_string(&path).map_err(|source| RecordError::Write { path: path.clone(), source })?;
    write(path, with_recorded(&text, recording).as_bytes())?;
    Ok(Outcome::Written)
}

/// Plays one step; a plan gives how it ended and the state it started from.
fn play_step(session: &Session, dir: &Path, step: &Step) -> Result<Option<(PlanExit, Vec<u8>)>, PondError> {
    match step {
        Step::Use(folder) => session.use_configuration(&dir.join(folder))?,
        Step::Apply(args) => session.apply(&borrowed(args))?,
        Step::ApplyFails(args) => session.apply_fails(&borrowed(args))?,
        Step::Run(args) => session.run(&borrowed(args)).map(drop)?,
        Step::Outside(edit) => session.edit(&edit.at, &edit.path, edit.value.as_ref())?,
        Step::DeleteOutside(addresses) => {
            addresses.iter().try_for_each(|address| session.delete(address))?;
        }
        Step::AddOutside(object) => session.add(object)?,
        Step::Fail(failure) => session.cloud().fail(failure.clone()),
        Step::Heal => session.cloud().heal(),
        Step::Plan(args) => {
            let before = session.state()?;
            return Ok(Some((session.plan(&borrowed(args))?, before)));
        }
    }
    Ok(None)
}

fn borrowed(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn artifacts(session: &Session, before: Vec<u8>) -> Result<Vec<(&'static str, Vec<u8>)>, PondError> {
    Ok(vec![
        ("plan.json", session.plan_json()?),
        ("plan.tfplan", session.plan_file()?),
        ("state.before.json", before),
        ("state.json", session.run(&["state", "pull"])?),
        ("state.show.json", session.run(&["show", "-json"])?),
    ])
}

/// A lineage that is the same in every recording of the case, in the form of the tool's own.
fn lineage(name: &str) -> String {
    let digits: String = name.bytes().cycle().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A JSON document without the moment it was made at; `None` if it is no JSON.
fn timeless(bytes: &[u8]) -> Option<serde_json::Value> {
    let mut json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    if let Some(document) = json.as_object_mut() {
        document.remove("timestamp");
    }
    Some(json)
}

/// The text of a `case.toml` with the two lines that a recording fills in.
fn with_recorded(text: &str, recording: &Recording) -> String {
    let line = |line: &str| {
        if line.starts_with("producer =") {
            format!("producer = \"{}\"\n", recording.producer)
        } else {
            format!("{line}\n")
        }
    };
    text.lines().map(line).collect()
}

fn write(path: PathBuf, bytes: &[u8]) -> Result<(), RecordError> {
    fs::write(&path, bytes).map_err(|source| RecordError::Write { path, source })
}
