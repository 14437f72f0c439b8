//! The verdict in one word, for shell scripts.

use std::io::{self, Write};

use tidelock_rules::report::{Report, Reports};

/// Writes the verdict of one report, or its decision where it was asked for one, and a newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    match report.decision {
        Some(decision) => writeln!(out, "{decision}"),
        None => writeln!(out, "{}", report.verdict),
    }
}

/// Writes the worst verdict of several reports, or the gravest decision where they were asked for one, and a newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    match reports.reports.iter().filter_map(|report| report.decision).max() {
        Some(decision) => writeln!(out, "{decision}"),
        None => writeln!(out, "{}", reports.verdict),
    }
}
