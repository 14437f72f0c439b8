//! The verdict in one word, for shell scripts.

use std::io::{self, Write};

use tidelock_rules::report::{Report, Reports};

/// Writes the verdict of one report and a newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", report.verdict)
}

/// Writes the worst verdict of several reports and a newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", reports.verdict)
}
