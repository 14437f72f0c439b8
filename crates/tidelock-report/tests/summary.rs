//! Reports read back and joined.

use serde_json::Value as Json;
use tidelock_report::{
    human, json, markdown,
    summary::{self, Overview, ReadError},
};
use tidelock_rules::report::{Report, Reports};

use super::{all, samples::*, several, text};

fn written(report: &Report) -> Vec<u8> {
    text(|out| json::report(report, out)).into_bytes()
}

/// `count` stacks, of which a few ask for something.
fn many(count: usize) -> Overview {
    let files = (0..count).map(|n| {
        let mut report = match n % 10 {
            0 => gate_blocked(),
            1 => gate_hostile(),
            2 => blocked(),
            _ => gate_clear(),
        };
        report.input.stack = Some(format!("live/region-{}/stack-{n}", n % 7));
        summary::read("x", &written(&report)).unwrap()
    });
    Overview::new(files)
}

fn human_of(overview: &Overview) -> String {
    text(|out| summary::human(overview, &human::Options::default(), out))
}

fn markdown_of(overview: &Overview) -> String {
    text(|out| summary::markdown(overview, &markdown::Options::default(), out))
}

macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots" }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn the_page_reads_as_designed() {
    let mut reports = [gate_blocked(), gate_clear(), gate_clear(), blocked(), gate_hostile()];
    for (report, stack) in
        reports.iter_mut().zip(["live/shop", "live/web", "live/dns", "live/media", HOSTILE])
    {
        report.input.stack = Some(stack.into());
    }
    let overview = Overview::new(reports.iter().map(|report| summary::read("x", &written(report)).unwrap()));
    snapshot!("summary.human", human_of(&overview));
    snapshot!("summary.markdown", markdown_of(&overview));
    snapshot!("summary.json", text(|out| summary::json(&overview, out)));
}

#[test]
fn a_report_that_is_read_back_says_the_same() {
    for (name, report) in all() {
        let answers = summary::read(name, &written(&report)).unwrap();
        let stack = &answers.stacks[0];
        assert_eq!(answers.exit_code, report.exit_code, "{name}");
        assert_eq!(stack.verdict, report.verdict.as_str(), "{name}");
        assert_eq!(stack.pending_destroy, report.summary.pending_destroy, "{name}");
        let live = report.findings.iter().filter(|finding| finding.waived.is_none());
        let grave = live.filter(|finding| finding.severity >= tidelock_rules::report::Severity::Warn);
        assert_eq!(stack.findings.len(), grave.count(), "{name}");
    }
}

#[test]
fn several_in_one_object_or_one_after_the_other_are_several_stacks() {
    let object = text(|out| json::reports(&several(), out));
    assert_eq!(summary::read("x", object.as_bytes()).unwrap().stacks.len(), 3);
    let mut stream = written(&gate_clear());
    stream.extend(object.as_bytes());
    let answers = summary::read("x", &stream).unwrap();
    assert_eq!((answers.stacks.len(), answers.exit_code), (4, 3));
}

#[test]
fn the_worst_stack_comes_first_and_gives_the_exit_code() {
    let overview = many(30);
    assert_eq!((overview.exit_code, overview.verdict.as_str()), (3, "blocked"));
    let verdicts: Vec<&str> = overview.stacks.iter().map(|stack| stack.verdict.as_str()).collect();
    let first_clear = verdicts.iter().position(|verdict| *verdict == "clear").unwrap();
    assert!(verdicts[first_clear..].iter().all(|verdict| *verdict == "clear"), "{verdicts:?}");
    assert!(overview.stacks.windows(2).take(3).all(|pair| pair[0].refused >= pair[1].refused));
}

#[test]
fn no_page_says_clear_over_a_pending_destroy() {
    let mut quiet = pending_destroys();
    quiet.input.stack = Some("live/quiet".into());
    let reports = Reports::new(vec![quiet, report(vec![], vec![])]);
    assert_eq!(reports.verdict.as_str(), "clear");
    let overview =
        Overview::new([summary::read("x", text(|out| json::reports(&reports, out)).as_bytes()).unwrap()]);
    assert_eq!(overview.verdict, "clear", "the contract keeps its words");
    let last = |text: &str| text.lines().last().unwrap().to_owned();
    for text in [
        text(|out| human::reports(&reports, &human::Options::default(), out)),
        text(|out| markdown::reports(&reports, &markdown::Options::default(), out)),
        human_of(&overview),
        markdown_of(&overview),
    ] {
        let headline = if let Some(rest) = text.strip_prefix("### tidelock: ") {
            assert!(rest.starts_with("✅ no drift\n"), "{text}");
            rest.lines().nth(2).unwrap().to_owned()
        } else {
            let last = last(&text);
            assert!(last.starts_with("no drift: 2 "), "{text}");
            last
        };
        assert!(headline.contains(": 1 no drift, 1 clear; 12 pending, 1 would destroy"), "{text}");
    }
}

#[test]
fn a_run_that_failed_in_part_is_worse_than_any_answer() {
    let mut reports = several();
    reports.exit_code = 1;
    let failed = summary::read("x", text(|out| json::reports(&reports, out)).as_bytes()).unwrap();
    assert_eq!(Overview::new([failed, summary::read("y", &written(&blocked())).unwrap()]).exit_code, 1);
    assert_eq!(Overview::new([]).exit_code, 0);
}

#[test]
fn what_a_newer_version_adds_is_passed_over() {
    let mut report: Json = serde_json::from_slice(&written(&gate_blocked())).unwrap();
    report["added_later"] = serde_json::json!({ "x": [1] });
    report["findings"][0]["added_later"] = true.into();
    report["verdict"] = "paused".into();
    report["exit_code"] = 4.into();
    let answers = summary::read("x", report.to_string().as_bytes()).unwrap();
    let overview = Overview::new([answers]);
    assert_eq!((overview.exit_code, overview.verdict.as_str()), (4, "paused"));
    assert!(markdown_of(&overview).starts_with("### tidelock: ⛔ paused"));
}

#[test]
fn what_is_no_report_is_refused_and_never_quoted() {
    let says = |text: &str| summary::read("x.json", text.as_bytes()).unwrap_err();
    assert!(matches!(says(""), ReadError::Empty { .. }));
    assert!(matches!(says("not json"), ReadError::Json { .. }));
    for other in [
        r#"{"format_version": "1.2"}"#,
        "[]",
        "3",
        r#"{"schema_version": "1"}"#,
        r#"{"schema_version": "1", "exit_code": 0}"#,
    ] {
        assert!(matches!(says(other), ReadError::NoReport { .. }), "{other}");
    }
    assert!(matches!(says(r#"{"schema_version": "2", "verdict": "clear"}"#), ReadError::Version { .. }));
    let whole = String::from_utf8(written(&gate_blocked())).unwrap();
    for cut in (0..whole.len()).step_by(97).filter(|cut| whole.is_char_boundary(*cut)) {
        let error = says(&whole[..cut]).to_string();
        assert!(!error.contains("aws"), "{error}");
    }
    for secret in [
        r#"{"schema_version": "hunter2-correct-horse", "exit_code": 0}"#,
        r#"{"exit_code": "hunter2-correct-horse"}"#,
    ] {
        assert!(!format!("{:?} {}", says(secret), says(secret)).contains("correct-horse"), "{secret}");
    }
}

#[test]
fn three_hundred_stacks_fit_into_one_comment() {
    for count in [300, 3_000] {
        let overview = many(count);
        let text = markdown_of(&overview);
        assert!(text.len() <= markdown::COMMENT_BYTES, "{count}: {}", text.len());
        assert!(text.contains("live/region-0/stack-0"), "the worst are there");
        assert_eq!(text.contains("more stacks, none worse than these, are left out"), count > 300);
        assert_eq!(text.contains("more stacks are left out; their own reports show them"), count > 300);
    }
}

#[test]
fn hostile_names_and_messages_stay_text() {
    let mut report = gate_hostile();
    report.input.stack = Some(format!("{HOSTILE}{}", "x".repeat(5_000)));
    report.findings[0].message = "##[error]x\n::stop-commands::y".into();
    let overview = Overview::new([summary::read("x", &written(&report)).unwrap()]);
    for text in [human_of(&overview), markdown_of(&overview)] {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(
            !text.contains("##[") && !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
    }
    let text = markdown_of(&overview);
    assert!(!text.contains("<script>") && !text.contains("@team") && !text.contains("](https"), "{text}");
    let row = text.lines().find(|line| line.contains("`gate`")).unwrap();
    assert_eq!(row.matches('|').count(), 5, "{row}");
}

#[test]
fn reports_of_several_inputs_keep_their_order_of_urgency() {
    let joined = Reports::new(vec![gate_clear(), gate_blocked()]);
    let answers = summary::read("x", text(|out| json::reports(&joined, out)).as_bytes()).unwrap();
    assert_eq!(Overview::new([answers]).stacks[0].verdict, "blocked");
}
