//! The last line of a report: verdict and counts.

use tidelock_rules::report::{Finding, PlanMode, Report, Reports, Verdict};

use crate::groups::Groups;

/// Verdict and counts of one report, such as `blocked: 1 to stop for, 3 noise; 2 pending, none destroys`.
pub(crate) fn of(report: &Report, groups: &Groups<'_>) -> String {
    format!("{}: {}", lead(report), counts(report, groups))
}

/// The verdict as the headline says it. "Clear" would be read as "go on", and nobody has looked at what the plan
/// destroys on its own account.
pub(crate) fn lead(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Clear | Verdict::Noise if report.summary.pending_destroy > 0 => "no drift",
        verdict => verdict.as_str(),
    }
}

/// The counts alone.
pub(crate) fn counts(report: &Report, groups: &Groups<'_>) -> String {
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
    if let Some(pending) = pending(report.summary.pending, report.summary.pending_destroy) {
        text.push_str("; ");
        text.push_str(&pending);
    }
    text
}

fn pending(pending: usize, destroy: usize) -> Option<String> {
    match (pending, destroy) {
        (0, 0) => None,
        (n, 0) => Some(format!("{n} pending, none destroys")),
        (n, d) => Some(format!("{n} pending, {d} would destroy")),
    }
}

/// Verdict and counts of several reports, such as `blocked: 3 inputs: 1 blocked, 2 clear`.
pub(crate) fn of_all(reports: &Reports) -> String {
    let inputs = reports.reports.len();
    let plural = if inputs == 1 { "" } else { "s" };
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .rev()
        .map(|verdict| (verdict, reports.reports.iter().filter(|report| report.verdict == *verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let destroy: usize = reports.reports.iter().map(|report| report.summary.pending_destroy).sum();
    let pending: usize = reports.reports.iter().map(|report| report.summary.pending).sum();
    let pending = self::pending(pending, destroy).map_or_else(String::new, |text| format!("; {text}"));
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
    finding.address.as_ref().map_or_else(|| "the whole plan".to_owned(), ToString::to_string)
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
