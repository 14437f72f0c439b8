//! The report as a code quality report of GitLab: findings beside the lines they are about, in a merge request.
//!
//! An array of objects; format: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>. It knows
//! no accepted findings, so those are left out. Every entry has a place; what has none of its own stands at the first
//! source file of the stack, or at the plan.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde::Serialize;
use tidelock_rules::report::{Finding, Report, Reports, Severity};

use crate::{escape::printable, headline, place::Places, rows};

#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    write(std::slice::from_ref(report), out)
}

/// Writes several reports as one array.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    write(&reports.reports, out)
}

fn write(reports: &[Report], out: &mut impl Write) -> io::Result<()> {
    let mut entries = Vec::new();
    // GitLab drops what has the fingerprint of another entry.
    let mut taken = BTreeSet::new();
    for report in reports {
        let places = Places::of(report);
        let input = (reports.len() > 1).then(|| format!("{}: ", printable(&headline::name(report))));
        for finding in report.findings.iter().filter(|finding| finding.waived.is_none()) {
            let place = places.of_finding(finding);
            // One of this many is free: fewer were taken.
            let fingerprint = (0..=taken.len())
                .map(|nth| fingerprint(finding, report, nth))
                .find(|fingerprint| taken.insert(fingerprint.clone()));
            entries.push(Entry {
                description: description(finding, input.as_deref().unwrap_or_default()),
                check_name: finding.code,
                fingerprint: fingerprint.unwrap_or_default(),
                severity: severity(finding.severity),
                location: Location {
                    path: printable(&place.file),
                    lines: Lines { begin: place.line.unwrap_or(1).max(1) },
                },
            });
        }
    }
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

/// The same address in two stacks is two things, and a rule may say two things about one.
fn fingerprint(finding: &Finding, report: &Report, nth: usize) -> String {
    let mut text = finding.fingerprint.clone();
    if let Some(stack) = &report.input.stack {
        text.push('/');
        text.push_str(&printable(stack));
    }
    if nth > 0 {
        text.push('/');
        text.push_str(&nth.to_string());
    }
    text
}

fn description(finding: &Finding, input: &str) -> String {
    let subject = headline::subject(finding);
    format!("{input}{}: {} ({})", printable(&subject), rows::sentence(finding), finding.rule)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "critical",
        Severity::Warn => "minor",
        _ => "info",
    }
}
