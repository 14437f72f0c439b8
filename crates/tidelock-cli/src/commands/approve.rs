//! `tidelock approve`: what a plan does, recorded by a person, and read back by `tidelock gate --approval`.

use std::{fmt::Write as _, io::Write as _};

use tidelock::{
    Finding, Report, Severity,
    approval::{Approval, Key, Terms, Verified, covers},
};

use super::check;
use crate::{
    args::{ApproveArgs, InputName},
    error::{CliError, Failure},
    inputs::{Place, printable},
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    policies,
    surroundings::{self, Sources},
    terminal::Streams,
};

pub(super) fn run(args: &ApproveArgs, streams: Streams) -> Result<Outcome, Failure> {
    only_one_stdin([Some(&args.plan), args.state.as_ref()])?;
    let keys = KeyRing::new(&args.stack.keys)?;
    let config = args.stack.config.as_deref();
    let place = Place::from(&args.plan);
    let sources = Sources::of(&place, None, &args.stack)?;
    let mut analysis = check::shared(&args.stack)?.given(surroundings::given());
    if let Some(state) = &args.state {
        analysis = analysis.state(&keys.read_state(&Place::from(state), config)?)?;
    }
    let decided = policies::decided(&sources.way, &args.policy)?;
    let analysis = check::of_stack(analysis, &sources, &args.stack, decided);
    let terms = Terms { salt: surroundings::random()?.into(), key: key()?, by: args.by.clone() };
    let approved = analysis.approve(&keys.read(&place, config)?, &terms)?;
    for warning in &approved.warnings {
        streams.report(warning);
    }
    let output = Output::new(args.output.as_deref());
    output.write(|out| {
        serde_json::to_writer_pretty(&mut *out, &approved.approval)?;
        writeln!(out)
    })?;
    Streams::complain(&summary(&approved.approval, &approved.report));
    Ok(Outcome::Done)
}

/// The approval in a file, as far as it may be trusted.
pub(super) fn read(name: &InputName) -> Result<Verified, Failure> {
    let key = key()?;
    Ok(Verified::read(&Place::from(name).read()?, key.as_ref()).map_err(tidelock::Error::from)?)
}

/// Refuses to read standard input for two things.
pub(super) fn only_one_stdin<'n>(
    names: impl IntoIterator<Item = Option<&'n InputName>>,
) -> Result<(), CliError> {
    match names.into_iter().flatten().filter(|name| **name == InputName::Stdin).count() {
        0 | 1 => Ok(()),
        _ => Err(CliError::StdinTwice),
    }
}

fn key() -> Result<Option<Key>, Failure> {
    let secret = surroundings::approval_key();
    Ok(secret.map(|secret| Key::new(secret.as_encoded_bytes())).transpose().map_err(tidelock::Error::from)?)
}

/// What was approved, for the person who did it.
fn summary(approval: &Approval, report: &Report) -> String {
    let signed = if approval.signature.is_some() { "signed" } else { "not signed" };
    let mut text = match approval.changes.len() {
        0 => "approved: no changes".to_owned(),
        1 => "approved: 1 change".to_owned(),
        count => format!("approved: {count} changes"),
    };
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for change in &approval.changes {
        *counts.entry(change.actions.to_string()).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(action, count)| format!("{count} {action}")).collect();
    // Writing to a string cannot fail.
    if !counts.is_empty() {
        let _ = write!(text, " ({})", counts.join("; "));
    }
    let _ = writeln!(text, ", {signed}");
    let stops = |finding: &&Finding| finding.severity == Severity::Deny && finding.waived.is_none();
    let (held, left): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().filter(stops).partition(|finding| covers(finding.code));
    list("a gate lets through, and would refuse without this approval:", &held, &mut text);
    list("a gate refuses all the same:", &left, &mut text);
    text
}

fn list(heading: &str, findings: &[&Finding], text: &mut String) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "{heading}");
    for finding in findings {
        let subject = finding.address.as_ref().map_or_else(|| "the plan".to_owned(), ToString::to_string);
        let line = format!("  {} {subject}: {}", finding.code, finding.message);
        let _ = writeln!(text, "{}", printable(line.as_ref()));
    }
}
