//! The report as JSON: the published contract, version 1.

use std::io::{self, Write};

use tidelock_rules::report::{Report, Reports};

/// JSON Schema of what [`report`] and [`reports`] write. Additions keep the version; readers must accept fields they
/// do not know.
pub const SCHEMA: &str = include_str!("../schema/report-1.json");

/// Writes one report, indented by two spaces, with a final newline.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

/// Writes several reports as one object.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, reports)?;
    writeln!(out)
}
