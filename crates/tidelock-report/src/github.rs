//! The report as annotations of a GitHub workflow run: one command of the runner a finding, then the headline.
//!
//! GitHub shows ten errors and ten warnings of a step; the gravest come first. Remarks are written in detail only, and
//! what a person accepted not at all. Format:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use tidelock_rules::report::{Command, Finding, Location, Report, Reports, Severity};

use crate::{
    Detail,
    escape::{inert, printable},
    headline::{self, View},
    place::Places,
    rows,
};

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    annotations(report, None, detail, out)?;
    let headline = headline::of(report, &View::of(report));
    writeln!(out, "{}", inert(&printable(&format!("tidelock: {headline}"))))
}

/// Writes several reports, the worst first, and a line that sums them up.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    let mut sorted: Vec<&Report> = reports.reports.iter().collect();
    sorted.sort_by_key(|report| std::cmp::Reverse(report.verdict));
    for report in sorted {
        annotations(report, Some(&headline::name(report)), detail, out)?;
    }
    let headline = format!("tidelock: {}: {}", reports.verdict, headline::of_all(reports));
    writeln!(out, "{}", inert(&printable(&headline)))
}

fn annotations(report: &Report, input: Option<&str>, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    let places = Places::of(report);
    for finding in report.findings.iter().filter(|finding| finding.waived.is_none()) {
        let command = match finding.severity {
            Severity::Deny => "error",
            Severity::Warn => "warning",
            Severity::Info if detail == Detail::Verbose => "notice",
            _ => continue,
        };
        let place = places.known(finding).map_or_else(String::new, properties);
        let title = property(&format!("{} {}", finding.code, finding.rule));
        let message = message(finding, report.command, input);
        writeln!(out, "::{command} {place}title={title}::{message}")?;
    }
    Ok(())
}

/// Writes what later steps want to know, for the file that `GITHUB_OUTPUT` names: one line a value, and names with
/// several values as blocks.
///
/// # Errors
/// Whatever `out` returns.
pub fn outputs(outputs: &BTreeMap<&str, Vec<String>>, out: &mut impl Write) -> io::Result<()> {
    for (name, values) in outputs {
        let lines: Vec<String> = values.iter().map(|value| printable(value)).collect();
        match lines.as_slice() {
            [] => writeln!(out, "{name}=")?,
            [only] => writeln!(out, "{name}={only}")?,
            lines => {
                let end = delimiter(lines);
                writeln!(out, "{name}<<{end}\n{}\n{end}", lines.join("\n"))?;
            }
        }
    }
    Ok(())
}

/// A line that is none of these.
fn delimiter(lines: &[String]) -> String {
    let mut end = "TIDELOCK_END".to_owned();
    while lines.contains(&end) {
        end.push('_');
    }
    end
}

/// `file=…,line=…,`
fn properties(place: &Location) -> String {
    let line = place.line.map_or_else(String::new, |line| format!("line={line},"));
    format!("file={},{line}", property(&printable(&place.file)))
}

/// What it is about and what is said, what to do on a line of its own.
fn message(finding: &Finding, question: Command, input: Option<&str>) -> String {
    let input = input.map_or_else(String::new, |input| format!("{}: ", printable(input)));
    let subject = printable(&headline::subject(finding));
    let mut text = data(&format!("{input}{subject}: {}", rows::sentence(finding)));
    let waive = rows::gate::waive_command(finding, question);
    let waive = waive.map(|command| format!("to accept it: {command}"));
    for line in finding.help.as_deref().map(printable).into_iter().chain(waive) {
        text.push_str("%0A");
        text.push_str(&data(&line));
    }
    text
}

/// A message, with what would end it written as its code.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before the message, where colons and commas mean something as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_cannot_set_another_one() {
        let hostile = vec!["a\nb=c".to_owned(), "TIDELOCK_END".to_owned(), "decision=skip\r".to_owned()];
        let outputs = BTreeMap::from([
            ("addresses", hostile),
            ("decision", vec!["stop\nserver_id=1".to_owned()]),
            ("server_id", Vec::new()),
        ]);
        let mut out = Vec::new();
        super::outputs(&outputs, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "addresses<<TIDELOCK_END_\na\\nb=c\nTIDELOCK_END\ndecision=skip\\r\nTIDELOCK_END_\n\
             decision=stop\\nserver_id=1\nserver_id=\n"
        );
    }

    #[test]
    fn a_property_cannot_be_left() {
        assert_eq!(property("a,line=1::b\n%0A"), "a%2Cline=1%3A%3Ab%0A%250A");
        assert_eq!(data("100%\r\n::error::x"), "100%25%0D%0A::error::x");
    }
}
