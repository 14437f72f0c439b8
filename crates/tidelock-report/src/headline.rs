//! The last line of a report: verdict and counts.

use tidelock_rules::{
    proposal::Decision,
    report::{Command, Finding, PlanMode, Report, Reports, Verdict},
};

use crate::{
    actions,
    gate::{self, Gate},
    groups::Groups,
    phrase,
};

/// A report, sorted for people as its question asks.
#[derive(Debug)]
pub(crate) enum View<'a> {
    Drift(Groups<'a>),
    Gate(Gate<'a>),
}

impl<'a> View<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        match report.command {
            Command::Drift => Self::Drift(Groups::of(report)),
            _ => Self::Gate(Gate::of(report)),
        }
    }
}

/// Verdict and counts of one report, such as `blocked: 1 to stop for, 3 noise; 2 pending, none destroys`, or
/// `blocked: 2 refused, 1 warning; 5 to add, 1 to destroy`.
pub(crate) fn of(report: &Report, view: &View<'_>) -> String {
    format!("{}: {}", lead(report), counts(report, view))
}

/// What the headline says instead of "clear" or "noise" where a report of drift has something that would be destroyed:
/// both would be read as "go on", and nobody has looked at what the plan destroys on its own account.
pub(crate) const UNJUDGED: &str = "no drift";

/// The verdict as the headline says it.
pub(crate) fn lead(report: &Report) -> &'static str {
    match (report.command, report.verdict) {
        (Command::Drift, Verdict::Clear | Verdict::Noise) if report.summary.pending_destroy > 0 => UNJUDGED,
        (Command::Retry, _) if report.decision.is_some() => report.decision.map_or("", Decision::as_str),
        (_, verdict) => verdict.as_str(),
    }
}

/// The verdict over several reports as the headline says it: none that is good covers an unjudged destroy.
pub(crate) fn lead_of_all(reports: &Reports) -> &'static str {
    let unjudged = || reports.reports.iter().any(|report| lead(report) == UNJUDGED);
    if let Some(decision) = reports.reports.iter().filter_map(|report| report.decision).max() {
        return decision.as_str();
    }
    match reports.verdict {
        Verdict::Clear | Verdict::Noise if unjudged() => UNJUDGED,
        verdict => verdict.as_str(),
    }
}

/// The counts alone.
pub(crate) fn counts(report: &Report, view: &View<'_>) -> String {
    match view {
        View::Drift(groups) => drift_counts(report, groups),
        View::Gate(gate) if report.actions.is_some() => actions::counts(report, gate),
        View::Gate(gate) => gate_counts(report, gate),
    }
}

/// `1 warning`, `2 warnings`; nothing where there is none.
fn plural(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

/// `2 refused, 1 warning`; empty where nothing was found.
pub(crate) fn found(gate: &Gate<'_>) -> String {
    let found = [
        plural(gate.refusals, "refused", "refused"),
        plural(gate.warnings, "warning", "warnings"),
        plural(gate.waived.len(), "waived", "waived"),
    ];
    found.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn gate_counts(report: &Report, gate: &Gate<'_>) -> String {
    let answer = match report.verdict {
        Verdict::Clear | Verdict::Noise => Some("may be applied"),
        _ if gate.refusals == 0 => Some("by `--fail-on`"),
        _ => None,
    };
    let changes = phrase::actions(&gate::changes(report));
    let outputs = report.outputs.iter().filter(|output| !output.actions.is_quiet()).count();
    let changes = match (changes.is_empty(), plural(outputs, "output changes", "outputs change")) {
        (true, Some(outputs)) => outputs,
        (true, None) => "nothing to apply".to_owned(),
        (false, _) => changes,
    };
    let parts = [answer.map(ToOwned::to_owned), Some(found(gate)), Some(changes)];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn drift_counts(report: &Report, groups: &Groups<'_>) -> String {
    let group = |entries: usize, findings: usize, words: &str| {
        (entries + findings > 0).then(|| format!("{} {words}", entries + findings))
    };
    let parts: Vec<String> = [
        group(groups.stop.entries.len(), groups.stop.findings.len(), "to stop for"),
        group(groups.decide.entries.len(), groups.decide.findings.len(), "to decide"),
        group(groups.ignore.entries.len(), 0, "noise"),
        group(groups.waived.len(), 0, "waived"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut text = if parts.is_empty() { "nothing diverged".to_owned() } else { parts.join(", ") };
    if let Some(pending) = pending(&[report]) {
        text.push_str("; ");
        text.push_str(&pending);
    }
    text
}

/// What waits to be applied. "None destroys" only where the plan destroys nothing at all: what it destroys because of
/// drift is counted elsewhere.
fn pending(reports: &[&Report]) -> Option<String> {
    let sum = |count: fn(&Report) -> usize| reports.iter().copied().map(count).sum::<usize>();
    let destroys = |report: &Report| report.resources.iter().filter(|r| r.actions.destroys()).count();
    match (sum(|report| report.summary.pending), sum(|report| report.summary.pending_destroy)) {
        (0, 0) => None,
        (n, 0) if sum(destroys) == 0 => Some(format!("{n} pending, none destroys")),
        (n, 0) => Some(format!("{n} pending")),
        (n, d) => Some(format!("{n} pending, {d} would destroy")),
    }
}

/// Verdict and counts of several reports, such as `3 inputs: 1 blocked, 1 no drift, 1 clear`.
pub(crate) fn of_all(reports: &Reports) -> String {
    let inputs = reports.reports.len();
    let plural = if inputs == 1 { "" } else { "s" };
    let said = |word: &str| reports.reports.iter().filter(|report| lead(report) == word).count();
    let decisions = Decision::ALL.iter().rev().map(|decision| decision.as_str());
    let words = decisions.chain(Verdict::ALL.iter().rev().map(|verdict| verdict.as_str()));
    // Behind what asks for something, before what does not.
    let good = [Verdict::Noise.as_str(), Verdict::Clear.as_str()];
    let (good, grave): (Vec<&str>, Vec<&str>) = words.partition(|word| good.contains(word));
    let counts: Vec<String> = grave
        .into_iter()
        .chain([UNJUDGED])
        .chain(good)
        .map(|word| (word, said(word)))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let of_drift: Vec<&Report> =
        reports.reports.iter().filter(|report| report.command == Command::Drift).collect();
    let pending = pending(&of_drift).map_or_else(String::new, |text| format!("; {text}"));
    format!("{inputs} input{plural}: {}{pending}", counts.join(", "))
}

/// Name of an input for people: the path, and the stack where the path does not say it.
pub(crate) fn name(report: &Report) -> String {
    let input = &report.input;
    match (&input.path, &input.stack) {
        (Some(path), Some(stack)) if !path.contains(stack.as_str()) => format!("{path} ({stack})"),
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) => "input".to_owned(),
    }
}

/// What a finding is about.
pub(crate) fn subject(finding: &Finding) -> String {
    match (&finding.address, &finding.object) {
        (Some(address), _) => address.to_string(),
        (None, Some(object)) => actions::object(object),
        (None, None) => "the whole plan".to_owned(),
    }
}

/// What is special about the planning mode, and how it is known.
pub(crate) fn mode(report: &Report) -> Option<String> {
    let mode = match report.input.mode? {
        PlanMode::RefreshOnly => "a refresh-only plan: it says what changed, not what apply would do",
        PlanMode::Destroy => "a destroy plan",
        _ => return None,
    };
    let guessed = report.input.mode_evidence.as_deref() == Some("heuristic");
    Some(format!("{mode}{}", if guessed { " (told by its shape)" } else { "" }))
}
