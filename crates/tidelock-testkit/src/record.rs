//! Plays the steps of a case through a real tool and keeps what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fixtures::{CASE_FILE, Case, Step, StreamStep};
use crate::pond::{PlanExit, PondError, Session, Tool, fnv1a};

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
    #[error("{case}: no step is `plan`")]
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
    pub files: Vec<(String, Vec<u8>)>,
}

/// What became of the files of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They say something new and were written.
    Written,
    /// They differ from what is there only in what no two recordings share, and were left alone.
    Unchanged,
}

/// Plays a case from the beginning to its plan, and reads what that left behind.
///
/// # Errors
/// If a step fails, or the plan ends with another exit code than `case.toml` says.
pub fn play(case: &Case, tool: Tool) -> Result<Recording, RecordError> {
    let producer = tool.label();
    let (session, exit) = replay(case, tool)?;
    let files = artifacts(case, &session)
        .map_err(|source| RecordError::Session { case: case.name.clone(), source })?;
    Ok(Recording { producer, exit, files })
}

/// Plays a case from the beginning to its plan, and leaves the session open: with the case's
/// configuration in its working directory, its state and its cloud, ready to be planned again.
///
/// # Errors
/// If a step fails, or the plan ends with another exit code than `case.toml` says.
pub fn replay(case: &Case, tool: Tool) -> Result<(Session, PlanExit), RecordError> {
    let session =
        begin(case, tool).map_err(|source| RecordError::Session { case: case.name.clone(), source })?;
    let mut planned = None;
    for (position, step) in case.meta.steps.iter().enumerate() {
        let exit = play_step(&session, &case.dir, step).map_err(|source| RecordError::Step {
            case: case.name.clone(),
            number: position + 1,
            source,
        })?;
        planned = exit.or(planned);
    }
    let exit = planned.ok_or_else(|| RecordError::NoPlan { case: case.name.clone() })?;
    match case.meta.plan_exit {
        Some(expected) if expected != exit.code() => {
            Err(RecordError::Exit { case: case.name.clone(), expected, found: exit.code() })
        }
        _ => Ok((session, exit)),
    }
}

fn begin(case: &Case, tool: Tool) -> Result<Session, PondError> {
    let providers: Vec<&str> = case.meta.providers.iter().map(String::as_str).collect();
    let session = Session::start(tool, &providers)?;
    session.seed_state(&lineage(&case.name))?;
    session.use_configuration(&case.dir)?;
    Ok(session)
}

/// Writes a recording into the folder of its case, unless it says nothing new.
///
/// # Errors
/// If a file cannot be written.
pub fn keep(case: &Case, recording: &Recording) -> Result<Outcome, RecordError> {
    let same = |(name, bytes): &(String, Vec<u8>)| {
        // The saved plan holds what plan.json shows, and is never the same twice.
        name == "plan.tfplan" || case.bytes(name).is_ok_and(|old| lasting(&old) == lasting(bytes))
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

/// Plays one step; a plan gives how it ended.
fn play_step(session: &Session, dir: &Path, step: &Step) -> Result<Option<PlanExit>, PondError> {
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
        Step::Release(default) => session.cloud().release(default.clone()),
        Step::Keep(name) => session.keep_plan_json(name)?,
        Step::Stream(step) => session.stream(step)?,
        Step::Plan(args) => return session.plan(&borrowed(args)).map(Some),
    }
    Ok(None)
}

fn borrowed(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

fn artifacts(case: &Case, session: &Session) -> Result<Vec<(String, Vec<u8>)>, PondError> {
    let mut made = vec![
        ("plan.json", session.plan_json()?),
        ("plan.tfplan", session.plan_file()?),
        ("state.before.json", session.state_before_plan()?),
        ("state.json", session.run(&["state", "pull"])?),
        ("state.show.json", session.run(&["show", "-json"])?),
    ];
    for step in &case.meta.steps {
        if let Step::Keep(name) | Step::Stream(StreamStep { keep: name, .. }) = step {
            made.push((name, session.kept(name)?));
        }
    }
    if let Some(name) = &case.meta.schema {
        made.push((name, session.run(&["providers", "schema", "-json"])?));
    }
    Ok(made.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect())
}

/// A lineage that is the same in every recording of the case, in the form of the tool's own.
fn lineage(name: &str) -> String {
    let digits = format!("{:016x}{:016x}", fnv1a(name), fnv1a(&name.to_uppercase()));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    parts.map(|part| digits.get(part).unwrap_or_default().to_owned()).join("-")
}

/// A JSON document without what differs in every recording: the time, the keys that the tool
/// draws for deposed objects, the order of lists that it takes from maps; of a log, its lines in
/// some order. `None` if it is no JSON.
fn lasting(bytes: &[u8]) -> Option<serde_json::Value> {
    let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(bytes) else {
        let lines = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
        let mut lines: Vec<_> = lines.collect::<Result<_, _>>().ok()?;
        lines.iter_mut().for_each(settle);
        lines.sort_by_key(ToString::to_string);
        return Some(lines.into());
    };
    if let Some(document) = json.as_object_mut() {
        document.remove("timestamp");
    }
    settle(&mut json);
    Some(json)
}

fn settle(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::Object(entries) => {
            for key in ["deposed", "deposed_key"] {
                if let Some(drawn) = entries.get_mut(key).filter(|drawn| drawn.is_string()) {
                    *drawn = true.into();
                }
            }
            for key in ["sensitive_attributes", "relevant_attributes"] {
                if let Some(serde_json::Value::Array(items)) = entries.get_mut(key) {
                    items.sort_by_key(ToString::to_string);
                }
            }
            for key in ["@timestamp", "elapsed_seconds"] {
                entries.remove(key);
            }
            entries.values_mut().for_each(settle);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
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
