//! The formats that other systems read: SARIF, `JUnit`, annotations, code quality.

use std::{collections::BTreeSet, fs};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use serde_json::Value as Json;
use tidelock_report::{Detail, github, gitlab, junit, sarif};
use tidelock_rules::report::{Report, Reports, Severity, Verdict, Waived, WaivedBy};

use super::{all, samples::*, several, text};

fn sarif_of(report: &Report) -> Json {
    serde_json::from_str(&text(|out| sarif::report(report, out))).unwrap()
}

fn gitlab_of(report: &Report) -> Json {
    serde_json::from_str(&text(|out| gitlab::report(report, out))).unwrap()
}

fn github_of(report: &Report) -> String {
    text(|out| github::report(report, Detail::Normal, out))
}

fn junit_of(report: &Report) -> String {
    text(|out| junit::report(report, out))
}

macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots" }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn every_format_for_ci_reads_as_designed() {
    for (name, report) in
        [("gate_blocked", gate_blocked()), ("gate_hostile", gate_hostile()), ("blocked", blocked())]
    {
        // The pages of the rules are their own matter.
        let results = &sarif_of(&report)["runs"][0]["results"];
        snapshot!(format!("{name}.sarif"), serde_json::to_string_pretty(results).unwrap());
        snapshot!(format!("{name}.gitlab"), text(|out| gitlab::report(&report, out)));
        snapshot!(format!("{name}.github"), github_of(&report));
        snapshot!(format!("{name}.junit"), junit_of(&report));
    }
    snapshot!("several.github", text(|out| github::reports(&several(), Detail::Normal, out)));
    snapshot!("several.junit", text(|out| junit::reports(&several(), out)));
}

mod code_scanning {
    use super::*;

    fn assert_sound(name: &str, log: &Json) {
        assert_eq!(log["version"], "2.1.0", "{name}");
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1, "{name}");
        let rules = runs[0]["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert!(ids.is_sorted() && ids.iter().collect::<BTreeSet<_>>().len() == ids.len(), "{name}: {ids:?}");
        for rule in rules {
            assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty(), "{name}");
            assert!(
                ["error", "warning", "note"]
                    .contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
            );
        }
        for result in runs[0]["results"].as_array().unwrap() {
            let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], ids[at], "{name}");
            assert!(
                ["error", "warning", "note", "none"].contains(&result["level"].as_str().unwrap()),
                "{name}"
            );
            assert!(!result["message"]["text"].as_str().unwrap().is_empty(), "{name}");
            let places = result["locations"].as_array().unwrap();
            assert_eq!(places.len(), 1, "{name}: code scanning shows nothing without a place");
            let place = &places[0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let reference = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
            assert!(uri.chars().all(reference) && !uri.starts_with('/') && !uri.is_empty(), "{name}: {uri}");
            assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%", "{name}");
            assert!(place["region"]["startLine"].as_u64().unwrap() > 0, "{name}");
            assert!(result["partialFingerprints"]["tidelock/v1"].is_string(), "{name}");
        }
        assert!(runs[0]["originalUriBaseIds"].get("%SRCROOT%").is_some(), "{name}");
    }

    #[test]
    fn every_result_has_a_rule_a_message_a_place_and_a_fingerprint() {
        for (name, report) in all() {
            let log = sarif_of(&report);
            assert_sound(name, &log);
            assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), report.findings.len(), "{name}");
            assert_eq!(log["runs"][0]["invocations"][0]["exitCode"], report.exit_code, "{name}");
        }
        let log: Json = serde_json::from_str(&text(|out| sarif::reports(&several(), out))).unwrap();
        assert_sound("several", &log);
        let none: Json =
            serde_json::from_str(&text(|out| sarif::reports(&Reports::new(vec![]), out))).unwrap();
        assert_sound("none", &none);
    }

    /// With `TIDELOCK_SARIF_SCHEMA` naming the official schema (`sarif-schema-2.1.0.json` of the standard); it is not
    /// ours to publish.
    #[test]
    fn every_log_follows_the_official_schema() {
        let Ok(path) = std::env::var("TIDELOCK_SARIF_SCHEMA") else {
            eprintln!("skipped: TIDELOCK_SARIF_SCHEMA does not name the schema of SARIF 2.1.0");
            return;
        };
        let schema: Json = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let mut logs: Vec<(&str, Json)> =
            all().into_iter().map(|(name, report)| (name, sarif_of(&report))).collect();
        logs.push(("several", serde_json::from_str(&text(|out| sarif::reports(&several(), out))).unwrap()));
        for (name, log) in logs {
            let errors: Vec<String> =
                schema.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path)).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }

    #[test]
    fn what_a_person_accepted_is_suppressed_with_the_reason() {
        let log = sarif_of(&gate_blocked());
        let results = log["runs"][0]["results"].as_array().unwrap();
        let suppressed: Vec<&Json> =
            results.iter().filter(|result| !result["suppressions"].as_array().unwrap().is_empty()).collect();
        assert_eq!(suppressed.len(), 1);
        let suppression = &suppressed[0]["suppressions"][0];
        assert_eq!(suppression["kind"], "external");
        assert_eq!(suppression["justification"], "scratch space, says ops, until 2027-01-01");
    }

    #[test]
    fn help_of_a_rule_is_its_page() {
        let log = sarif_of(&blocked());
        let help = log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"].as_str().unwrap();
        assert!(help.contains("## What it finds"), "{help}");
    }

    #[test]
    fn the_same_address_in_two_stacks_is_two_alerts_and_one_finding() {
        let log: Json = serde_json::from_str(&text(|out| sarif::reports(&several(), out))).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let values = |name: &str| -> BTreeSet<String> {
            results.iter().map(|result| result["partialFingerprints"][name].to_string()).collect()
        };
        assert!(values("primaryLocationLineHash").len() > values("tidelock/v1").len());
    }

    #[test]
    fn a_finding_without_a_place_stands_at_the_first_file_of_the_stack_or_at_the_plan() {
        let uri = |report: &Report, code: &str| {
            let log = sarif_of(report);
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            let result = results.into_iter().find(|result| result["ruleId"] == code).unwrap();
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().to_owned()
        };
        assert_eq!(uri(&gate_blocked(), "TL401"), "main.tf");
        assert_eq!(uri(&lone_findings(), "TL503"), "plan.json");
        let mut outside = lone_findings();
        for (path, file) in [
            ("/builds/42/plan.json", "plan.json"),
            (r"C:\builds\live.json", "live.json"),
            ("../live.json", "live.json"),
            ("live/web/plan.json", "live/web/plan.json"),
            ("standard input", "plan.json"),
        ] {
            outside.input.path = Some(path.into());
            assert_eq!(uri(&outside, "TL503"), file, "{path}");
        }
    }

    #[test]
    fn hostile_text_makes_no_links() {
        let log = sarif_of(&gate_hostile());
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap().iter().map(|result| &result["message"]);
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        for message in results.chain(notes.iter().map(|note| &note["message"])) {
            let text = message["text"].as_str().unwrap();
            assert!(!text.replace("\\](", "").contains("]("), "{text}");
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        }
    }
}

mod annotations {
    use super::*;

    #[test]
    fn every_line_is_one_command_or_the_headline() {
        for (name, report) in all() {
            let text = github_of(&report);
            let (last, commands) = text
                .trim_end()
                .lines()
                .collect::<Vec<_>>()
                .split_last()
                .map(|(l, c)| (*l, c.to_vec()))
                .unwrap();
            assert!(last.starts_with("tidelock: "), "{name}: {last}");
            for line in commands {
                let (properties, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
                let (command, properties) = properties.split_once(' ').unwrap();
                assert!(["error", "warning"].contains(&command), "{name}: {line}");
                let names: Vec<&str> =
                    properties.split(',').map(|property| property.split_once('=').unwrap().0).collect();
                assert!(
                    [&["title"][..], &["file", "title"], &["file", "line", "title"]].contains(&&*names),
                    "{name}: {line}"
                );
            }
        }
    }

    #[test]
    fn as_many_as_the_findings_that_count() {
        let text = github_of(&gate_blocked());
        assert_eq!(text.matches("::error ").count(), 2);
        assert_eq!(text.matches("::warning ").count(), 2);
        let verbose = super::text(|out| github::report(&gate_blocked(), Detail::Verbose, out));
        assert_eq!(verbose.matches("::notice ").count(), 1);
        assert!(!verbose.contains("a_disk.scratch"), "accepted");
    }

    #[test]
    fn what_is_to_be_done_stands_on_lines_of_its_own() {
        let text = github_of(&gate_blocked());
        assert!(text.contains("%0Aset `allow_major_version_upgrade`, or keep the version%0Ato accept it: tidelock waive TL202"), "{text}");
    }
}

mod code_quality {
    use super::*;

    #[test]
    fn every_entry_has_what_gitlab_asks_for() {
        for (name, report) in all() {
            let entries = gitlab_of(&report);
            let entries = entries.as_array().unwrap();
            let live = report.findings.iter().filter(|finding| finding.waived.is_none()).count();
            assert_eq!(entries.len(), live, "{name}");
            let mut seen = BTreeSet::new();
            for entry in entries {
                assert!(!entry["description"].as_str().unwrap().is_empty(), "{name}");
                assert!(entry["check_name"].as_str().unwrap().starts_with("TL"), "{name}");
                assert!(seen.insert(entry["fingerprint"].to_string()), "{name}: GitLab drops a double");
                assert!(
                    ["info", "minor", "major", "critical", "blocker"]
                        .contains(&entry["severity"].as_str().unwrap())
                );
                let path = entry["location"]["path"].as_str().unwrap();
                assert!(
                    !path.starts_with('/') && !path.starts_with("./") && !path.is_empty(),
                    "{name}: {path}"
                );
                assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() > 0, "{name}");
            }
        }
    }
}

mod tests_of_ci {
    use super::*;

    /// Names of the elements, and every attribute and text; fails on text that is no XML.
    fn read(xml: &str) -> (Vec<String>, Vec<String>) {
        let (mut names, mut texts) = (Vec::new(), Vec::new());
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut open = |start: &BytesStart<'_>, texts: &mut Vec<String>| {
            names.push(start.name().as_ref().to_owned());
            for attribute in start.attributes() {
                texts
                    .push(attribute.unwrap().normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned());
            }
        };
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) | Event::Empty(start) => open(&start, &mut texts),
                Event::Text(text) => texts.push(text.to_string()),
                Event::Eof => return (names, texts),
                _ => {}
            }
        }
    }

    fn count(names: &[String], name: &str) -> usize {
        names.iter().filter(|known| *known == name).count()
    }

    #[test]
    fn a_suite_fails_exactly_where_the_exit_code_does() {
        for (name, report) in all() {
            let (names, _) = read(&junit_of(&report));
            assert_eq!(count(&names, "failure") > 0, report.exit_code > 0, "{name}");
        }
        let mut hit = gate_clear();
        hit.verdict = Verdict::Blocked;
        hit.exit_code = 3;
        assert_eq!(count(&read(&junit_of(&hit)).0, "failure"), 1, "`--fail-on` fails no resource");
    }

    #[test]
    fn a_refusal_fails_and_a_warning_is_output() {
        let xml = junit_of(&gate_blocked());
        let (names, _) = read(&xml);
        assert_eq!(count(&names, "failure"), 3, "two refusals and the verdict");
        assert!(xml.contains("<system-out>warn: TL209 it goes away"), "{xml}");
        assert_eq!(count(&names, "skipped"), 1);
        assert!(xml.contains("accepted: scratch space"), "{xml}");
    }

    #[test]
    fn the_counts_are_those_of_the_cases() {
        let xml = text(|out| junit::reports(&several(), out));
        let (names, _) = read(&xml);
        let all = count(&names, "testcase");
        assert!(xml.contains(&format!("<testsuites name=\"tidelock\" tests=\"{all}\"")), "{xml}");
        assert_eq!(count(&names, "testsuite"), 3);
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut report = gate_hostile();
        report.findings[0].message = format!("{HOSTILE} ]]> <!-- &x; \u{0}\u{fffe}\u{ffff} -->");
        let xml = junit_of(&report);
        let (names, texts) = read(&xml);
        let known = [
            "testsuites",
            "testsuite",
            "properties",
            "property",
            "testcase",
            "failure",
            "system-out",
            "skipped",
        ];
        assert!(names.iter().all(|name| known.contains(&&**name)), "{names:?}");
        assert!(
            texts
                .iter()
                .flat_map(|text| text.chars())
                .all(|c| c == '\n' || (!c.is_control() && c < '\u{fffe}'))
        );
        assert!(!xml.contains("]]>"), "forbidden in text");
    }
}

#[test]
fn no_line_in_a_log_is_a_command() {
    let mut report = gate_hostile();
    report.findings[0].message = "a ##[add-mask]b ##vso[task.complete]c\n::stop-commands::x".into();
    report.findings[0].hcl = Some("moved {}\n::stop-commands::x\n".into());
    report.findings[1].message = format!("{} ::stop-commands::x", "long ".repeat(14));
    for width in 40..140 {
        let options = tidelock_report::human::Options { width, ..Default::default() };
        let human = text(|out| tidelock_report::human::report(&report, &options, out));
        assert!(!human.lines().any(|line| line.trim_start().starts_with("::")), "{human}");
        assert!(!human.contains("##[") && !human.contains("##vso["), "{human}");
    }
    let markdown = super::markdown_text(&report);
    assert!(!markdown.lines().any(|line| line.trim_start().starts_with("::")), "{markdown}");
    for line in github_of(&report).lines().filter(|line| line.starts_with("::")) {
        assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{line}");
    }
}

#[test]
fn a_finding_that_is_only_accepted_is_no_failure_anywhere() {
    let mut report = gate_blocked();
    for finding in &mut report.findings {
        finding.waived =
            Some(Waived { by: WaivedBy::Baseline, reason: "old".into(), owner: None, until: None });
    }
    report.verdict = Verdict::Clear;
    report.exit_code = 0;
    assert_eq!(gitlab_of(&report), Json::Array(vec![]));
    assert_eq!(github_of(&report).lines().count(), 1);
    assert!(!junit_of(&report).contains("<failure"));
    let results = sarif_of(&report);
    let results = results["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().all(|result| result["suppressions"].as_array().unwrap().len() == 1));
    assert_eq!(report.findings.iter().filter(|finding| finding.severity == Severity::Deny).count(), 3);
}
