//! The log of a run, for people and as JSON: what was planned, and what an apply created, changed and left in doubt.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use tidelock::{
    Kind, ResourceAddr, Stream,
    stream::{
        ApplyRun, ChangeSummary, Diagnostic, DiagnosticSeverity, Done, Ending, Failed, InDoubt, NotStarted,
        ObjectId, PlanPart, PlannedChange, Producer, Summarised,
    },
};

use super::printable;

/// The log in the JSON of the command.
pub(super) fn serialize<S: Serializer>(stream: &Stream, serializer: S) -> Result<S::Ok, S::Error> {
    let mut all = serde_json::Map::from_iter([("kind".to_owned(), Kind::UiStream.as_str().into())]);
    all.extend(json(stream));
    all.serialize(serializer)
}

/// The log as JSON, without its kind.
fn json(stream: &Stream) -> serde_json::Map<String, Json> {
    let header = stream.header();
    let tally = stream.tally();
    let outputs = stream.outputs().iter();
    let all = json!({
        "producer": header.producer.map(Producer::as_str),
        "producer_version": header.version,
        "began": header.began,
        "ended": header.ended,
        "plan": {
            "part": part(stream.plan()),
            "errored": stream.plan_errored(),
            "drift": stream.drift().iter().map(change).collect::<Vec<_>>(),
            "changes": stream.planned().iter().map(change).collect::<Vec<_>>(),
        },
        "apply": stream.apply().as_ref().map(applied),
        "outputs": outputs
            .map(|(name, output)| {
                let action = output.action.as_ref().map(ToString::to_string);
                json!({ "name": name, "sensitive": output.sensitive, "action": action })
            })
            .collect::<Vec<_>>(),
        "diagnostics": stream.diagnostics().iter().map(diagnostic).collect::<Vec<_>>(),
        "lines": {
            "messages": tally.messages,
            "other": tally.other_lines,
            "damaged": tally.damaged,
            "cut": tally.cut,
            "unknown": tally.unknown,
        },
    });
    match all {
        Json::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

const fn part(part: PlanPart) -> &'static str {
    match part {
        PlanPart::ToTheEnd => "to_the_end",
        PlanPart::None => "none",
        _ => "incomplete",
    }
}

fn change(change: &PlannedChange) -> Json {
    json!({
        "address": change.address.to_string(),
        "previous_address": change.previous_address.as_ref().map(ToString::to_string),
        "action": change.action.as_str(),
        "reason": change.reason.as_ref().map(ToString::to_string),
        "importing": change.importing,
    })
}

fn applied(run: &ApplyRun) -> Json {
    let done = |list: &[Done]| -> Vec<Json> {
        let one = |done: &Done| {
            json!({
                "address": done.address.to_string(),
                "action": done.action.as_str(),
                "object": done.object,
                "at": done.at,
                "seconds": done.took.map(|took| took.as_secs()),
                "replaces": done.replaces,
            })
        };
        list.iter().map(one).collect()
    };
    let addresses = |list: &[ResourceAddr]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let failed = |failed: &Failed| {
        json!({
            "address": failed.address.to_string(),
            "action": failed.action.as_str(),
            "object": failed.object,
            "began": failed.began,
            "diagnostics": failed.diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
        })
    };
    let in_doubt = |doubt: &InDoubt| {
        json!({
            "address": doubt.address.to_string(),
            "action": doubt.action.as_str(),
            "object": doubt.object,
            "since": doubt.since,
            "heard": doubt.heard,
            "seconds": doubt.running.map(|running| running.as_secs()),
        })
    };
    let not_started =
        |left: &NotStarted| json!({ "address": left.address.to_string(), "action": left.action.as_str() });
    json!({
        "ending": run.ending.as_str(),
        "created": done(&run.created),
        "changed": done(&run.changed),
        "destroyed": done(&run.destroyed),
        "imported": addresses(&run.imported),
        "forgotten": addresses(&run.forgotten),
        "other": done(&run.other),
        "failed": run.failed.iter().map(failed).collect::<Vec<_>>(),
        "in_doubt": run.in_doubt.iter().map(in_doubt).collect::<Vec<_>>(),
        "not_started": run.not_started.iter().map(not_started).collect::<Vec<_>>(),
        "errors": run.errors.iter().map(diagnostic).collect::<Vec<_>>(),
        "lost_lines": run.lost_lines,
    })
}

fn diagnostic(diagnostic: &Diagnostic) -> Json {
    json!({
        "severity": diagnostic.severity.as_str(),
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
        "address": diagnostic.address.as_ref().map(ToString::to_string),
        "file": diagnostic.file,
        "line": diagnostic.line,
    })
}

/// The log for people.
pub(super) fn human(stream: &Stream, verbose: bool, out: &mut impl Write) -> io::Result<()> {
    let header = stream.header();
    let mut fact = |name: &str, text: String| writeln!(out, "{name:18}{}", printable(&text));
    let producer = header.producer.map_or("", |producer| producer.as_str());
    if let Some(version) = &header.version {
        fact("producer", format!("{producer} {version}"))?;
    }
    if let (Some(began), Some(ended)) = (&header.began, &header.ended) {
        fact("written", format!("{began} to {ended}"))?;
    }
    fact("plan", plan(stream))?;
    let run = stream.apply();
    if let Some(run) = &run {
        fact("apply", ending(run))?;
    }
    let mut page = Page { out };
    page.changes("drift", stream.drift())?;
    match &run {
        Some(run) => page.run(run)?,
        None => page.changes("planned", stream.planned())?,
    }
    let told = run.iter().flat_map(|run| &run.failed).flat_map(|failed| &failed.diagnostics);
    let told: Vec<&Diagnostic> = told.collect();
    let untold = stream.diagnostics().iter().filter(|diagnostic| !told.contains(diagnostic));
    page.section("diagnostics", &untold.collect::<Vec<_>>(), |diagnostic| {
        let place = diagnostic.address.as_ref().map_or_else(String::new, |address| format!("{address}: "));
        format!("{}: {place}{}", diagnostic.severity, words(diagnostic, verbose))
    })?;
    page.notes(stream)
}

fn plan(stream: &Stream) -> String {
    let summary = stream.summaries().iter().find(|summary| summary.about == Summarised::Plan);
    let counted = summary.map(counts).unwrap_or_default();
    let errored = if stream.plan_errored() { "failed half-way: " } else { "" };
    match stream.plan() {
        PlanPart::ToTheEnd => format!("{errored}{counted}"),
        PlanPart::None => "not in this log: a saved plan was applied".to_owned(),
        _ if counted.is_empty() => "the log ends before the plan does".to_owned(),
        _ => format!("{errored}{counted}, but lines of the log are missing"),
    }
}

fn counts(summary: &ChangeSummary) -> String {
    let mut text =
        format!("{} to add, {} to change, {} to destroy", summary.add, summary.change, summary.remove);
    for (count, what) in [(summary.import, "import"), (summary.forget.unwrap_or(0), "forget")] {
        if count > 0 {
            text.push_str(&format!(", {count} to {what}"));
        }
    }
    text
}

fn ending(run: &ApplyRun) -> String {
    let done = run.created.len() + run.changed.len() + run.destroyed.len() + run.other.len();
    let ending = match run.ending {
        Ending::Succeeded => "succeeded",
        Ending::Failed => "failed",
        _ => "interrupted: the log ends before the apply does, which may have gone on",
    };
    let mut text = format!("{ending}; {done} done");
    for (count, what) in [
        (run.failed.len(), "failed"),
        (run.in_doubt.len(), "in doubt"),
        (run.not_started.len(), "not started"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

/// One line; with the detail below if everything is asked for.
fn words(diagnostic: &Diagnostic, verbose: bool) -> String {
    let place = match (&diagnostic.file, diagnostic.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        (Some(file), None) => format!(" ({file})"),
        _ => String::new(),
    };
    let detail = if verbose && !diagnostic.detail.is_empty() {
        format!(": {}", diagnostic.detail.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        String::new()
    };
    format!("{}{place}{detail}", diagnostic.summary)
}

fn object(object: Option<&ObjectId>) -> String {
    object.map_or_else(String::new, |object| format!("  {} {object}", object.key()))
}

struct Page<'o, W> {
    out: &'o mut W,
}

impl<W: Write> Page<'_, W> {
    /// A heading and a line for each; nothing for nothing.
    fn section<T>(&mut self, name: &str, list: &[T], line: impl Fn(&T) -> String) -> io::Result<()> {
        if list.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{name} ({})", list.len())?;
        list.iter().try_for_each(|item| writeln!(self.out, "  {}", printable(&line(item))))
    }

    fn changes(&mut self, name: &str, list: &[PlannedChange]) -> io::Result<()> {
        self.section(name, list, |change| {
            let reason = change.reason.as_ref().map_or_else(String::new, |reason| format!("  ({reason})"));
            let from =
                change.previous_address.as_ref().map_or_else(String::new, |from| format!("  from {from}"));
            format!("{:10}{}{from}{reason}", change.action.as_str(), change.address)
        })
    }

    fn run(&mut self, run: &ApplyRun) -> io::Result<()> {
        for (name, list) in [
            ("created", &run.created),
            ("changed", &run.changed),
            ("destroyed", &run.destroyed),
            ("done otherwise", &run.other),
        ] {
            self.section(name, list, |done| {
                let replaces = if done.replaces { "  (replacement)" } else { "" };
                format!("{}{}{replaces}", done.address, object(done.object.as_ref()))
            })?;
        }
        for (name, list) in [("imported", &run.imported), ("forgotten", &run.forgotten)] {
            self.section(name, list, ToString::to_string)?;
        }
        self.section("failed", &run.failed, |failed| {
            let why: Vec<String> = failed.diagnostics.iter().map(|error| words(error, false)).collect();
            let why = if why.is_empty() { "no error names it".to_owned() } else { why.join("; ") };
            format!("{}{}  {}: {why}", failed.address, object(failed.object.as_ref()), failed.action)
        })?;
        self.section("in doubt", &run.in_doubt, |doubt| {
            let since = match (&doubt.since, doubt.running) {
                (Some(since), Some(running)) => {
                    format!("begun {since}, no end told, last heard of after {} s", running.as_secs())
                }
                (Some(since), None) => format!("begun {since}, no end told"),
                (None, _) => "the log does not tell".to_owned(),
            };
            format!("{}{}  {}: {since}", doubt.address, object(doubt.object.as_ref()), doubt.action)
        })?;
        self.section("not started", &run.not_started, |left| {
            format!("{:10}{}", left.action.as_str(), left.address)
        })
    }

    fn notes(&mut self, stream: &Stream) -> io::Result<()> {
        let tally = stream.tally();
        let mut notes = Vec::new();
        if tally.cut {
            notes.push("the last line is cut off".to_owned());
        }
        for (count, what) in [(tally.damaged, "cannot be read"), (tally.other_lines, "are no messages")] {
            if count > 0 {
                notes.push(format!("lines that {what}: {count}"));
            }
        }
        notes.extend(
            tally.unknown.iter().map(|(kind, count)| format!("messages of unknown kind `{kind}`: {count}")),
        );
        let errors = stream.diagnostics().iter().any(|d| d.severity == DiagnosticSeverity::Error);
        if let Some(run) =
            stream.apply().filter(|run| !run.in_doubt.is_empty() || (errors && !run.failed.is_empty()))
        {
            let what = if run.in_doubt.is_empty() { "what failed" } else { "what is in doubt" };
            notes.push(format!(
                "look at {what} before the next apply: an object may exist that no state knows"
            ));
        }
        if notes.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        notes.iter().try_for_each(|note| writeln!(self.out, "note      {}", printable(note)))
    }
}
