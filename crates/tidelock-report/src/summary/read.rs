//! Reads our own JSON back: fields of newer versions are passed over, what is no report is refused.

use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;
use tidelock_rules::report::SCHEMA_VERSION;

use super::{Answers, Stack, StackFinding, worst};

/// What was given is not what `--format json` writes.
#[derive(Debug, Error, Diagnostic)]
#[non_exhaustive]
pub enum ReadError {
    /// Not JSON, or cut off.
    #[error("{name}: not JSON, or cut off (line {line}, column {column})")]
    #[diagnostic(
        code(tidelock::summary::json),
        help("pass what `tidelock drift --format json` or `tidelock gate --format json` wrote")
    )]
    Json {
        /// Name of the file.
        name: String,
        /// One-based.
        line: usize,
        /// One-based.
        column: usize,
    },
    /// JSON, and no report.
    #[error("{name}: not a report of tidelock")]
    #[diagnostic(
        code(tidelock::summary::no_report),
        help("pass what `tidelock drift --format json` or `tidelock gate --format json` wrote")
    )]
    NoReport {
        /// Name of the file.
        name: String,
    },
    /// A report of another major version.
    #[error("{name}: a report of version {version}, where this tidelock reads version {SCHEMA_VERSION}")]
    #[diagnostic(code(tidelock::summary::version), help("use one version of tidelock for all stacks"))]
    Version {
        /// Name of the file.
        name: String,
        /// What it says.
        version: String,
    },
    /// Nothing at all.
    #[error("{name}: empty")]
    #[diagnostic(
        code(tidelock::summary::empty),
        help("the run that should have written it failed; look at its log")
    )]
    Empty {
        /// Name of the file.
        name: String,
    },
}

/// Either shape: one report, or several in one object.
#[derive(Deserialize)]
struct Document {
    schema_version: Option<String>,
    command: Option<String>,
    verdict: Option<String>,
    exit_code: Option<u8>,
    input: Option<Input>,
    summary: Option<Summary>,
    findings: Option<Vec<Finding>>,
    reports: Option<Vec<Document>>,
}

#[derive(Deserialize)]
struct Input {
    stack: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    drifted: usize,
    #[serde(default)]
    pending: usize,
    #[serde(default)]
    pending_destroy: usize,
}

#[derive(Deserialize)]
struct Finding {
    code: String,
    severity: String,
    address: Option<String>,
    message: String,
    fingerprint: Option<String>,
    waived: Option<serde::de::IgnoredAny>,
}

/// Reads a file that holds a report, several in one object, or several one after the other.
///
/// # Errors
/// [`ReadError`] if any of it is no report.
pub fn read(name: &str, bytes: &[u8]) -> Result<Answers, ReadError> {
    let mut answers = Answers::default();
    let mut codes = Vec::new();
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Document>() {
        let document = document.map_err(|error| refused(name, &error))?;
        check_version(name, &document)?;
        codes.push(document.exit_code.ok_or_else(|| no_report(name))?);
        match document.reports {
            Some(reports) => {
                for report in reports {
                    answers.stacks.push(stack(name, report)?);
                }
            }
            None => answers.stacks.push(stack(name, document)?),
        }
    }
    if codes.is_empty() {
        return Err(ReadError::Empty { name: name.to_owned() });
    }
    answers.exit_code = worst(codes.into_iter());
    Ok(answers)
}

fn refused(name: &str, error: &serde_json::Error) -> ReadError {
    // Its text may quote what was read.
    match error.classify() {
        serde_json::error::Category::Data => no_report(name),
        _ => ReadError::Json { name: name.to_owned(), line: error.line(), column: error.column() },
    }
}

fn no_report(name: &str) -> ReadError {
    ReadError::NoReport { name: name.to_owned() }
}

fn check_version(name: &str, document: &Document) -> Result<(), ReadError> {
    match document.schema_version.as_deref() {
        None => Err(no_report(name)),
        Some(SCHEMA_VERSION) => Ok(()),
        Some(version) => {
            let version = version.chars().filter(char::is_ascii_graphic).take(16).collect();
            Err(ReadError::Version { name: name.to_owned(), version })
        }
    }
}

fn stack(name: &str, report: Document) -> Result<Stack, ReadError> {
    check_version(name, &report)?;
    let missing = || no_report(name);
    let summary = report.summary.ok_or_else(missing)?;
    let input = report.input.ok_or_else(missing)?;
    let live = report.findings.ok_or_else(missing)?.into_iter().filter(|finding| finding.waived.is_none());
    // They come sorted, the gravest first.
    let findings: Vec<StackFinding> = live
        .filter(|finding| matches!(&*finding.severity, "deny" | "warn"))
        .map(|finding| StackFinding {
            code: finding.code,
            severity: finding.severity,
            address: finding.address,
            message: finding.message,
            fingerprint: finding.fingerprint.unwrap_or_default(),
        })
        .collect();
    let count = |severity: &str| findings.iter().filter(|finding| finding.severity == severity).count();
    Ok(Stack {
        name: input.stack.or(input.path).unwrap_or_else(|| name.to_owned()),
        command: report.command.ok_or_else(missing)?,
        verdict: report.verdict.ok_or_else(missing)?,
        exit_code: report.exit_code.ok_or_else(missing)?,
        refused: count("deny"),
        warnings: count("warn"),
        drifted: summary.drifted,
        pending: summary.pending,
        pending_destroy: summary.pending_destroy,
        findings,
    })
}
