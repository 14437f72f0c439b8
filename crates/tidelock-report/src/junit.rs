//! The report as `JUnit` XML, for CI systems that show tests.
//!
//! A suite an input, a test case a resource: it fails where the report says stop (or, of drift, decide), and what else
//! is said about it is its output. A finding about the whole plan is a case of its own, and the first case is the
//! verdict, so that a suite fails exactly where the exit code does. What a person accepted is skipped. Format: the
//! dialect of Jenkins and GitLab, <https://github.com/testmoapp/junitxml>.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use tidelock_parse::ResourceAddr;
use tidelock_rules::report::{Command, Finding, Report, Reports, ResourceReport, Severity, Verdict};

use crate::{
    escape::printable,
    headline::{self, View},
    phrase,
    place::Places,
    rows,
};

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    write(std::slice::from_ref(report), out)
}

/// Writes several reports, a suite each.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    write(&reports.reports, out)
}

/// One test case.
struct Case {
    name: String,
    file: Option<(String, Option<u32>)>,
    failures: Vec<Failure>,
    /// Why it is not judged; only where it does not fail.
    skipped: Option<String>,
    output: Vec<String>,
}

struct Failure {
    kind: String,
    message: String,
    text: String,
}

impl Case {
    fn is_skipped(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_some()
    }
}

/// The cases of one report.
struct Suite {
    name: String,
    verdict: Verdict,
    exit_code: u8,
    cases: Vec<Case>,
}

impl Suite {
    fn count(&self, of: fn(&Case) -> bool) -> String {
        self.cases.iter().filter(|case| of(case)).count().to_string()
    }
}

fn failed(case: &Case) -> bool {
    !case.failures.is_empty()
}

fn write(reports: &[Report], out: &mut impl Write) -> io::Result<()> {
    let suites: Vec<Suite> = reports.iter().map(suite).collect();
    let sum = |of: fn(&Case) -> bool| {
        suites.iter().flat_map(|suite| &suite.cases).filter(|case| of(case)).count().to_string()
    };
    let mut xml = Writer::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (all, fails, skips) = (sum(|_| true), sum(failed), sum(Case::is_skipped));
    xml.create_element("testsuites")
        .with_attributes([
            ("name", "tidelock"),
            ("tests", &*all),
            ("failures", &*fails),
            ("skipped", &*skips),
        ])
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| write_suite(suite, xml)))?;
    writeln!(out)
}

fn write_suite<W: Write>(suite: &Suite, xml: &mut Writer<W>) -> io::Result<()> {
    let tests = suite.cases.len().to_string();
    let (fails, skips) = (suite.count(failed), suite.count(Case::is_skipped));
    let attributes = [
        ("name", &*suite.name),
        ("tests", &*tests),
        ("failures", &*fails),
        ("errors", "0"),
        ("skipped", &*skips),
    ];
    xml.create_element("testsuite").with_attributes(attributes).write_inner_content(|xml| {
        let exit_code = suite.exit_code.to_string();
        xml.create_element("properties").write_inner_content(|xml| {
            for (name, value) in [("verdict", suite.verdict.as_str()), ("exit_code", &*exit_code)] {
                xml.create_element("property")
                    .with_attributes([("name", name), ("value", value)])
                    .write_empty()?;
            }
            Ok(())
        })?;
        suite.cases.iter().try_for_each(|case| write_case(case, &suite.name, xml))
    })?;
    Ok(())
}

fn write_case<W: Write>(case: &Case, suite: &str, xml: &mut Writer<W>) -> io::Result<()> {
    let line = case.file.as_ref().and_then(|(_, line)| line.map(|line| line.to_string()));
    let file = case.file.as_ref().map(|(file, _)| ("file", &**file));
    let line = line.as_deref().map(|line| ("line", line));
    let attributes = [Some(("name", &*case.name)), Some(("classname", suite)), file, line];
    let element = xml.create_element("testcase").with_attributes(attributes.into_iter().flatten());
    if case.failures.is_empty() && case.skipped.is_none() && case.output.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|xml| {
        for Failure { kind, message, text } in &case.failures {
            xml.create_element("failure")
                .with_attributes([("type", &**kind), ("message", &**message)])
                .write_text_content(BytesText::new(text))?;
        }
        if let Some(why) = case.skipped.as_ref().filter(|_| case.is_skipped()) {
            xml.create_element("skipped").with_attribute(("message", &**why)).write_empty()?;
        }
        if !case.output.is_empty() {
            xml.create_element("system-out").write_text_content(BytesText::new(&case.output.join("\n")))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn suite(report: &Report) -> Suite {
    let places = Places::of(report);
    let mut about: BTreeMap<(&ResourceAddr, Option<&str>), Vec<&Finding>> = BTreeMap::new();
    let mut lone = Vec::new();
    for finding in &report.findings {
        match &finding.address {
            Some(address) => about.entry((address, finding.deposed.as_deref())).or_default().push(finding),
            None => lone.push(finding),
        }
    }
    let mut cases = vec![verdict(report)];
    cases.extend(lone.into_iter().map(|finding| {
        let name = format!("the whole plan: {}", finding.rule);
        case(name, &[finding], None, report, &places)
    }));
    for resource in &report.resources {
        let key = (&resource.address, resource.deposed.as_deref());
        let findings = about.remove(&key).unwrap_or_default();
        cases.push(case(name(key), &findings, Some(resource), report, &places));
    }
    // What the report lists no resource for.
    cases.extend(about.into_iter().map(|(key, findings)| case(name(key), &findings, None, report, &places)));
    Suite {
        name: printable(&format!("tidelock {}: {}", report.command, headline::name(report))),
        verdict: report.verdict,
        exit_code: report.exit_code,
        cases,
    }
}

fn name((address, deposed): (&ResourceAddr, Option<&str>)) -> String {
    let deposed = deposed.map_or_else(String::new, |key| format!(" (deposed {key})"));
    printable(&format!("{address}{deposed}"))
}

/// Fails where the answer is no.
fn verdict(report: &Report) -> Case {
    let headline = printable(&headline::of(report, &View::of(report)));
    let failure = matches!(report.verdict, Verdict::Drift | Verdict::Blocked).then(|| Failure {
        kind: report.verdict.to_string(),
        message: headline.clone(),
        text: headline.clone(),
    });
    let notes = report.notes.iter().map(|note| printable(&note.message));
    Case {
        name: "verdict".to_owned(),
        file: None,
        output: [headline].into_iter().filter(|_| failure.is_none()).chain(notes).collect(),
        failures: failure.into_iter().collect(),
        skipped: None,
    }
}

fn case<'a>(
    name: String,
    findings: &[&'a Finding],
    resource: Option<&'a ResourceReport>,
    report: &Report,
    places: &Places<'a>,
) -> Case {
    let place = findings.iter().find_map(|finding| places.known(finding));
    let place = place.or_else(|| resource.and_then(|resource| resource.location.as_ref()));
    let mut case = Case {
        name,
        file: place.map(|place| (printable(&place.file), place.line)),
        failures: Vec::new(),
        skipped: None,
        output: Vec::new(),
    };
    for finding in findings {
        let sentence = rows::sentence(finding);
        if let Some(waived) = &finding.waived {
            case.skipped.get_or_insert_with(|| {
                format!("{} {sentence}; accepted: {}", finding.code, rows::waived_by(waived).plain())
            });
        } else if fails(finding, report, resource) {
            case.failures.push(Failure {
                kind: format!("{} {}", finding.code, finding.rule),
                text: explained(finding, &sentence, report.command),
                message: sentence,
            });
        } else {
            case.output.push(format!("{}: {} {sentence}", finding.severity, finding.code));
        }
    }
    if let Some(resource) = resource.filter(|_| report.command == Command::Gate) {
        case.output.push(format!("plan: {}", phrase::planned(resource).plain()));
    }
    case
}

/// A gate refuses; drift that is to be decided fails as the exit code does.
fn fails(finding: &Finding, report: &Report, resource: Option<&ResourceReport>) -> bool {
    let drifted = resource.is_some_and(|resource| resource.divergences.iter().any(|d| d.drift));
    match finding.severity {
        Severity::Deny => true,
        Severity::Warn => report.command == Command::Drift && drifted,
        _ => false,
    }
}

fn explained(finding: &Finding, sentence: &str, question: Command) -> String {
    let mut lines = vec![sentence.to_owned()];
    lines.extend(finding.locations.iter().map(|place| format!("at {}", printable(&place.to_string()))));
    lines.extend(finding.help.as_deref().map(printable));
    lines.extend(rows::gate::waive_command(finding, question));
    lines.join("\n")
}
