//! Every recorded case in every format: all say the same, in words, numbers and exit codes.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;

use serde_json::Value as Json;
use tidelock::{Analysis, Report, Reports, Severity, Source, Verdict, render};
use tidelock_testkit::fixtures;

/// Answers of both questions for every case that holds a plan.
fn for_each_report(mut look: impl FnMut(&str, &Report)) {
    let mut seen = 0;
    for case in fixtures::all().unwrap().iter().filter(|case| case.has("plan.json")) {
        let tree = cases::sources(case);
        let source = Source::new(&format!("{}/plan.json", case.name), case.plan_json().unwrap());
        let analysis: Analysis<'_> = cases::analysis(case, &tree);
        for answer in [analysis.drift(&source), analysis.gate(&source)] {
            let report = answer.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            look(&format!("{} {}", report.command, case.name), &report);
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} reports");
}

fn text(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Json {
    serde_json::from_str(&text(render)).unwrap()
}

fn live(report: &Report, severity: Severity) -> usize {
    report.findings.iter().filter(|f| f.waived.is_none() && f.severity == severity).count()
}

#[test]
fn every_format_gives_the_exit_code_of_the_report() {
    for_each_report(|name, report| {
        let code = report.exit_code;
        assert_eq!(code, report.verdict.exit_code(), "{name}");
        let human = text(|out| render::human::report(report, &render::human::Options::default(), out));
        assert!(human.trim_end().ends_with(&format!("exit {code}")), "{name}: {human}");
        let markdown =
            text(|out| render::markdown::report(report, &render::markdown::Options::default(), out));
        assert!(markdown.contains(&format!(" · exit {code}\n")), "{name}: {markdown}");
        assert_eq!(json(|out| render::json::report(report, out))["exit_code"], code, "{name}");
        let sarif = json(|out| render::sarif::report(report, out));
        assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], code, "{name}");
        let junit = text(|out| render::junit::report(report, out));
        assert!(junit.contains(&format!("name=\"exit_code\" value=\"{code}\"")), "{name}");
        assert_eq!(junit.contains("<failure"), code > 0, "{name}: {junit}");
        let plain: Verdict = text(|out| render::plain::report(report, out)).trim_end().parse().unwrap();
        assert_eq!(plain.exit_code(), code, "{name}");
        let github = text(|out| render::github::report(report, render::Detail::Normal, out));
        assert_eq!(github.matches("::error ").count(), live(report, Severity::Deny), "{name}");
        let gitlab = json(|out| render::gitlab::report(report, out));
        let critical = gitlab.as_array().unwrap().iter().filter(|entry| entry["severity"] == "critical");
        assert_eq!(critical.count(), live(report, Severity::Deny), "{name}");
    });
}

#[test]
fn every_finding_of_a_gate_is_told_by_every_format_for_ci() {
    for_each_report(|name, report| {
        let joined = Reports::new(vec![report.clone()]);
        for finding in report.findings.iter().filter(|finding| finding.severity == Severity::Deny) {
            for text in [
                text(|out| render::sarif::reports(&joined, out)),
                text(|out| render::junit::reports(&joined, out)),
                text(|out| render::github::reports(&joined, render::Detail::Normal, out)),
                text(|out| render::gitlab::reports(&joined, out)),
            ] {
                assert!(text.contains(finding.code), "{name}: {}", finding.code);
            }
        }
    });
}
