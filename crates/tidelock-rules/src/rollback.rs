//! What a failed run made and has to go, and what it must not touch.
//!
//! Two states tell it (before and after the run), or the run's log, or best both; inventories say what is still there, and
//! which device of a tailnet belongs to a machine. What a person has to look at is never guessed: it is `decide`.

mod callback;
mod devices;
mod error;
mod log;
mod made;
mod order;
mod past;
mod proposals;
mod stays;

use tidelock_parse::{
    KnownSecrets,
    inventory::Inventory,
    state::State,
    stream::{ApplyRun, Producer},
};

pub use self::{
    callback::{Callback, CallbackServer, RunInfo},
    error::RollbackError,
};
use self::{log::Log, past::Past};
use crate::{
    Lock,
    policy::Tool as Program,
    proposal::Proposed,
    reality::{NamedState, Reality},
    report::{Command, InputInfo, Note, Report, SCHEMA_VERSION, Summary, Tool, Verdict},
    retry::program_of,
};

/// A run that failed, and what is known of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rollback<'r> {
    /// The state before the run; one without a state inside means that there was nothing (a first provision).
    pub before: Option<&'r NamedState>,
    /// The state after it.
    pub after: Option<&'r NamedState>,
    /// What its log tells.
    pub run: Option<&'r ApplyRun>,
    /// When the run began, RFC 3339.
    pub began: Option<&'r str>,
    /// Which product ran, if its log names it.
    pub producer: Option<Producer>,
    /// What really exists. Without any, nobody knows what is still there.
    pub inventories: &'r [Inventory],
    /// What is protected.
    pub lock: &'r Lock,
    /// The program that commands name; else the one that the artifacts point to.
    pub program: Option<Program>,
    /// What the caller knows about the input; what the states themselves say is filled in.
    pub input: InputInfo,
    /// What the caller has to remark.
    pub notes: Vec<Note>,
}

/// The answer: a report whose actions undo the run, and what a second layer has to hear.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Undo {
    /// The report.
    pub report: Report,
    /// Which machines go, for what else remembers them (a database, an address plan).
    pub callback: Callback,
}

impl<'r> Rollback<'r> {
    /// A run of which nothing is known yet. States, log, or both have to be filled in.
    pub fn new(lock: &'r Lock) -> Self {
        Self {
            before: None,
            after: None,
            run: None,
            began: None,
            producer: None,
            inventories: &[],
            lock,
            program: None,
            input: InputInfo::default(),
            notes: Vec::new(),
        }
    }

    /// What has to go, in the order in which it can: what depends on something goes before it.
    ///
    /// # Errors
    /// [`RollbackError`] if the artifacts contradict each other, say too little, or cannot be decoded.
    pub fn answer(self) -> Result<Undo, RollbackError> {
        self.check()?;
        let states: Vec<NamedState> = self.before.into_iter().chain(self.after).cloned().collect();
        let reality = Reality::join(&states, self.inventories)?;
        let now = self.after.map(|_| states.len() - 1);
        let past = Past::of(&reality, self.before.map(|_| 0), now);
        let log = Log::of(self.run, self.began);
        let doubt = self.doubt();
        let scene = Scene { reality: &reality, past: &past, log: &log, lock: self.lock, now, doubt };
        let mut made = made::find(&scene);
        stays::spare(&scene, &mut made)?;
        let order = order::of(&scene, &made)?;
        let devices = devices::find(&scene, &made);
        let secrets = secrets(&states)?;
        let write = proposals::Writer { program: self.program(&states), secrets: &secrets };
        let actions = write.all(&made, &order, &devices);
        let callback = Callback::of(&made, &order, &devices, &secrets);
        let decides = actions.iter().any(|one| one.action == Proposed::Decide);
        let verdict = if decides { Verdict::Decide } else { Verdict::Clear };
        let resources = reality.held().iter().filter(|held| Some(held.state) == now).count();
        let mut summary = Summary { resources, ..Summary::default() };
        for one in &actions {
            *summary.actions.entry(one.action.to_string()).or_default() += 1;
        }
        let mut notes = self.notes(&scene);
        let is_doubted =
            |one: &made::Made<'_>, doubt: &str| matches!(&one.fate, made::Fate::Decide(why) if why == doubt);
        if let Some(doubt) = doubt.filter(|doubt| made.iter().any(|one| is_doubted(one, doubt))) {
            let message = format!("`--before` is not believed: {doubt}");
            notes.push(Note { code: "rollback::doubt", message });
        }
        notes.sort();
        let report = Report {
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "tidelock", version: env!("CARGO_PKG_VERSION") },
            command: Command::Rollback,
            verdict,
            exit_code: verdict.exit_code(),
            input: self.input(&states),
            summary,
            resources: Vec::new(),
            outputs: Vec::new(),
            findings: Vec::new(),
            undoes: Vec::new(),
            decision: None,
            expected: None,
            actions: Some(actions),
            notes,
        };
        Ok(Undo { report, callback })
    }

    /// Refuses what cannot be the two ends of one run.
    fn check(&self) -> Result<(), RollbackError> {
        if self.after.is_none() && self.run.is_none() {
            return Err(RollbackError::Nothing);
        }
        if self.after.is_some() && self.before.is_none() && self.run.is_none() {
            return Err(RollbackError::NoBefore);
        }
        let (Some(before), Some(after)) = (self.before, self.after) else { return Ok(()) };
        let (Some(old), Some(new)) = (&before.state, &after.state) else { return Ok(()) };
        let (before, after) = (before.name.clone(), after.name.clone());
        let lineage = |state: &State| state.header().lineage.clone().filter(|lineage| !lineage.is_empty());
        if let (Some(a), Some(b)) = (lineage(old), lineage(new))
            && a != b
        {
            return Err(RollbackError::Lineage { before, after });
        }
        match (old.header().serial, new.header().serial) {
            (Some(a), Some(b)) if b < a => Err(RollbackError::Order { before, after }),
            _ => Ok(()),
        }
    }

    /// Why the state before can hardly be the one that the run began with. A log that says what was made outweighs a leap of the
    /// serial, and not two contents of one serial.
    fn doubt(&self) -> Option<&'static str> {
        let serial =
            |named: &NamedState| named.state.as_ref().map(|state| state.header().serial.unwrap_or(0));
        let after = serial(self.after?)?;
        let no_log = self.run.is_none();
        match serial(self.before?) {
            None => (no_log && after > FIRST_SERIALS)
                .then_some("the state before is empty, but one run does not count up the serial that far"),
            Some(before) if before == after => {
                Some("the state before has the serial of the state after, and other contents")
            }
            Some(before) => (no_log && after.saturating_sub(before) > RUN_SERIALS).then_some(
                "the state before is far older than the run: one run does not count up the serial that far",
            ),
        }
    }

    /// What was told, else what the log names, else what the addresses of the providers point to.
    fn program(&self, states: &[NamedState]) -> Program {
        let by_log = || {
            let producer = self.producer?;
            Some(if producer == Producer::Terraform { Program::Terraform } else { Program::Tofu })
        };
        self.program.or_else(by_log).unwrap_or_else(|| program_of(states))
    }

    fn input(&self, states: &[NamedState]) -> InputInfo {
        let mut input = self.input.clone();
        let header = states.iter().rev().find_map(|named| named.state.as_ref()).map(State::header);
        if let Some(header) = header {
            input.lineage = input.lineage.or_else(|| header.lineage.clone().filter(|text| !text.is_empty()));
            input.serial = input.serial.or(header.serial);
            input.producer_version = input.producer_version.or_else(|| header.terraform_version.clone());
        }
        input.producer = input.producer.or_else(|| self.producer.map(|product| product.as_str().to_owned()));
        input
    }

    fn notes(&self, scene: &Scene<'_, '_>) -> Vec<Note> {
        let mut notes = self.notes.clone();
        let mut note = |code, message: String| notes.push(Note { code, message });
        if scene.now.is_some() && self.before.is_some_and(|before| before.state.is_none()) {
            note(
                "rollback::first",
                "there was no state before: everything in the state is of this run".to_owned(),
            );
        }
        let lost = scene.past.lost();
        if lost > 0 {
            let objects = if lost == 1 { "1 object".to_owned() } else { format!("{lost} objects") };
            note(
                "rollback::gone",
                format!("{objects} of the state before left it; nothing here brings them back"),
            );
        }
        if self.run.is_some_and(|run| run.lost_lines > 0) {
            note(
                "rollback::damaged_log",
                "lines of the log are damaged: what they said is not known".to_owned(),
            );
        }
        if scene.now.is_none() {
            note(
                "rollback::no_states",
                "without the states, what a failed creation left behind is not known".to_owned(),
            );
        }
        notes
    }
}

/// All that the steps look at.
#[derive(Clone, Copy)]
struct Scene<'s, 'r> {
    reality: &'s Reality<'r>,
    past: &'s Past<'s>,
    log: &'s Log<'s>,
    lock: &'s Lock,
    /// The state after the run, an index into the states.
    now: Option<usize>,
    /// Why the state before cannot be the one that the run began with, so that what is new since may be old.
    doubt: Option<&'static str>,
}

/// More versions of a state than one run writes from nothing.
const FIRST_SERIALS: u64 = 20;
/// More versions of a state than one run writes.
const RUN_SERIALS: u64 = 50;

/// What is marked sensitive anywhere in the states: the same text is a secret wherever it stands.
fn secrets(states: &[NamedState]) -> Result<KnownSecrets, RollbackError> {
    let mut secrets = KnownSecrets::default();
    for state in states.iter().filter_map(|named| named.state.as_ref()) {
        for instance in state.instances() {
            let values = instance.values(state.source())?;
            secrets.add(&values.value, &values.sensitive);
        }
    }
    Ok(secrets)
}
