//! A policy at work: the same plan, judged by what people decided.

#![allow(clippy::unwrap_used, reason = "a plan that cannot be read fails the test")]

use tidelock_parse::{Plan, RawText, Source};
use tidelock_rules::{
    Policy, Question, Report,
    report::{Command, Finding, Resolution, Severity, Verdict, WaivedBy},
};

/// A database that the plan destroys, and a file whose content somebody changed.
const PLAN: &str = r#"{
  "format_version": "1.2", "terraform_version": "1.9.0", "applyable": true, "complete": true, "errored": false,
  "resource_drift": [
    {"address": "module.web.pond_file.motd", "module_address": "module.web", "mode": "managed", "type": "pond_file", "name": "motd",
     "provider_name": "registry.terraform.io/pond/pond",
     "change": {"actions": ["update"], "before": {"id": "f", "content": "hello", "tags": ["b", "a"]},
                "after": {"id": "f", "content": "bye", "tags": ["b", "a"]}}}
  ],
  "resource_changes": [
    {"address": "aws_db_instance.main", "mode": "managed", "type": "aws_db_instance", "name": "main",
     "provider_name": "registry.terraform.io/hashicorp/aws",
     "change": {"actions": ["delete"], "before": {"id": "db", "identifier": "main"}, "after": null}},
    {"address": "module.web.pond_file.motd", "module_address": "module.web", "mode": "managed", "type": "pond_file", "name": "motd",
     "provider_name": "registry.terraform.io/pond/pond",
     "change": {"actions": ["update"], "before": {"id": "f", "content": "bye", "tags": ["b", "a"]},
                "after": {"id": "f", "content": "hello", "tags": ["b", "a"]}, "after_unknown": {}}}
  ]
}"#;

fn ask(command: Command, policy: Policy, set: impl FnOnce(&mut Question<'_>)) -> Report {
    let source = Source::new("plan.json", PLAN.as_bytes());
    let plan = Plan::read(&source, RawText::whole(&source)).unwrap();
    let mut question = Question::new(command, &plan);
    question.policy = policy;
    question.given.now = Some("2026-06-15T23:30:00Z".parse().unwrap());
    question.input.stack = Some("live/web".to_owned());
    set(&mut question);
    question.answer().unwrap()
}

fn judged(command: Command, policy: &str) -> Report {
    ask(command, Policy::parse("tidelock.toml", policy).unwrap(), |_| {})
}

fn gate(policy: &str) -> Report {
    judged(Command::Gate, policy)
}

fn finding<'r>(report: &'r Report, code: &str) -> Option<&'r Finding> {
    report.findings.iter().find(|finding| finding.code == code)
}

fn waiver(rule: &str, address: &str, rest: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"{rule}\"\naddress = '{address}'\nreason = \"r\"\nowner = \"ada\"\nuntil = \"2026-06-15\"\n{rest}\n"
    )
}

#[test]
fn without_a_policy_the_plan_is_refused_and_the_drift_counts() {
    let report = gate("");
    assert_eq!(
        (report.verdict, finding(&report, "TL201").unwrap().severity),
        (Verdict::Blocked, Severity::Deny)
    );
    assert_eq!(judged(Command::Drift, "").verdict, Verdict::Drift);
}

#[test]
fn a_rule_weighs_what_the_policy_says_and_less_than_info_is_nothing() {
    let report = gate("[rules]\ndestroys-stateful-resource = \"warn\"\n");
    assert_eq!(
        (report.verdict, finding(&report, "TL201").unwrap().severity),
        (Verdict::Clear, Severity::Warn)
    );
    assert_eq!(report.exit_code, 0);
    assert!(finding(&gate("[rules]\nTL201 = \"allow\"\n"), "TL201").is_none());
    let drift = judged(Command::Drift, "[rules]\nTL101 = \"deny\"\n");
    assert_eq!((drift.verdict, drift.exit_code), (Verdict::Blocked, 3));
}

#[test]
fn an_address_wins_over_its_rule_and_a_later_entry_over_an_earlier_one() {
    let entry = |address: &str, severity: &str| {
        format!("[[severity]]\nrule = \"TL201\"\naddress = \"{address}\"\nseverity = \"{severity}\"\n")
    };
    let severity = |text: &str| finding(&gate(text), "TL201").map(|finding| finding.severity);
    assert_eq!(severity(&entry("aws_db_*", "info")), Some(Severity::Info));
    assert_eq!(severity(&entry("module.*", "info")), Some(Severity::Deny));
    assert_eq!(
        severity(&(entry("*", "allow") + &entry("aws_db_instance.main", "warn"))),
        Some(Severity::Warn)
    );
    assert_eq!(severity(&format!("[rules]\nTL201 = \"info\"\n{}", entry("*", "deny"))), Some(Severity::Deny));
}

#[test]
fn a_waiver_in_force_keeps_the_finding_and_takes_its_weight() {
    let report = gate(&waiver("TL201", "aws_db_instance.main", ""));
    let waived = finding(&report, "TL201").unwrap().waived.as_ref().unwrap();
    assert_eq!((waived.by, waived.owner.as_deref()), (WaivedBy::Waiver, Some("ada")));
    assert_eq!((waived.reason.as_str(), waived.until.as_deref()), ("r", Some("2026-06-15")));
    assert_eq!((report.verdict, report.summary.findings.get(&Severity::Deny)), (Verdict::Clear, None));
    assert_eq!(report.resources[0].resolution, Resolution::None);
    assert!(finding(&report, "TL510").is_none() && finding(&report, "TL511").is_none());
}

#[test]
fn a_waiver_ends_with_its_last_day_in_utc_and_says_so() {
    let policy = || Policy::parse("t.toml", &waiver("TL201", "aws_db_instance.main", "")).unwrap();
    let report = ask(Command::Gate, policy(), |question| {
        question.given.now = Some("2026-06-16T00:00:00Z".parse().unwrap());
    });
    assert_eq!(report.verdict, Verdict::Blocked);
    let expired = finding(&report, "TL510").unwrap();
    assert_eq!(expired.severity, Severity::Warn);
    assert!(expired.message.ends_with("so the finding counts again"), "{}", expired.message);
    assert_eq!(expired.locations[0].to_string(), "t.toml:1");
    let timeless = ask(Command::Gate, policy(), |question| question.given.now = None);
    assert_eq!(timeless.verdict, Verdict::Clear);
    assert!(timeless.notes.iter().any(|note| note.code == "policy::no_clock"));
}

#[test]
fn a_waiver_fits_to_the_letter_and_one_that_fits_nothing_is_reported() {
    for (address, rest) in [
        ("aws_db_instance.mai", ""),
        ("aws_db_instance", ""),
        ("aws_db_instance.main", "path = \"engine\""),
        ("aws_db_instance.main", "stack = \"live/other\""),
    ] {
        let report = gate(&waiver("TL201", address, rest));
        assert_eq!(report.verdict, Verdict::Blocked, "{address} {rest}");
        let elsewhere = rest.contains("stack");
        assert_eq!(finding(&report, "TL511").is_some(), !elsewhere, "{address} {rest}");
    }
    let report = gate(&waiver("TL201", "aws_*", "stack = \"live/*\""));
    assert_eq!(report.verdict, Verdict::Clear);
}

#[test]
fn a_waiver_of_a_rule_that_does_not_run_is_not_called_unused() {
    assert!(finding(&judged(Command::Drift, &waiver("TL201", "x.y", "")), "TL511").is_none());
    assert!(finding(&judged(Command::Drift, &waiver("TL101", "x.y", "")), "TL511").is_some());
}

#[test]
fn several_stale_waivers_of_one_address_are_told_apart() {
    let text = waiver("TL101", "x.y", "") + &waiver("TL102", "x.y", "") + &waiver("TL101", "x.*", "");
    let report = judged(Command::Drift, &text);
    let mut prints: Vec<&str> =
        report.findings.iter().filter(|f| f.code == "TL511").map(|f| f.fingerprint.as_str()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 3);
}

#[test]
fn waived_drift_is_nothing_to_decide_about() {
    let report = judged(Command::Drift, &waiver("TL101", "module.web.pond_file.motd", ""));
    assert_eq!(report.verdict, Verdict::Noise);
    let resource = report.resources.iter().find(|r| r.type_name == "pond_file").unwrap();
    assert_eq!(resource.resolution, Resolution::Ignore);
    assert!(finding(&report, "TL101").unwrap().waived.is_some());
}

#[test]
fn an_ephemeral_stack_may_lose_what_it_likes() {
    for text in [
        "profile = \"ephemeral\"\n",
        "[[stack]]\nname = \"live/*\"\nprofile = \"ephemeral\"\n",
        "[rules]\nTL201 = \"deny\"\n[[stack]]\nname = [\"x\", \"live/web\"]\nprofile = \"ephemeral\"\n",
    ] {
        let report = gate(text);
        assert_eq!(
            (report.verdict, finding(&report, "TL201").unwrap().severity),
            (Verdict::Clear, Severity::Info)
        );
    }
    let other = gate("[[stack]]\nname = \"preview/*\"\nprofile = \"ephemeral\"\n");
    assert_eq!(other.verdict, Verdict::Blocked);
    let again = gate(
        "[[stack]]\nname = \"*\"\nprofile = \"ephemeral\"\n[[stack]]\nname = \"live/*\"\nprofile = \"standard\"\n",
    );
    assert_eq!(again.verdict, Verdict::Blocked);
}

#[test]
fn the_directory_names_a_stack_as_its_name_does() {
    let mut policy =
        Policy::parse("t", "[[stack]]\nname = \"preview/*\"\nprofile = \"ephemeral\"\n").unwrap();
    policy.directory = Some("preview/pr-7".to_owned());
    assert_eq!(ask(Command::Gate, policy, |_| {}).verdict, Verdict::Clear);
}

#[test]
fn what_a_type_holds_is_for_the_policy_to_say() {
    assert!(finding(&gate("[types]\naws_db_instance = { holds = \"nothing\" }\n"), "TL201").is_none());
}

#[test]
fn fail_on_of_the_policy_and_of_the_question_both_count() {
    let quiet = "[rules]\nTL201 = \"allow\"\n";
    assert_eq!(gate(quiet).verdict, Verdict::Clear);
    assert_eq!(gate(&format!("fail_on = \"reverting\"\n{quiet}")).verdict, Verdict::Blocked);
    let policy = Policy::parse("t", &format!("fail_on = [\"unmanaged\"]\n{quiet}")).unwrap();
    let report = ask(Command::Gate, policy, |question| question.fail_on = "reverting".parse().unwrap());
    assert_eq!(report.verdict, Verdict::Blocked);
}

#[test]
fn advice_names_the_command_in_use_and_target_only_if_allowed() {
    let command = |text: &str| {
        let report = judged(Command::Drift, text);
        let resource = report.resources.into_iter().find(|r| r.type_name == "pond_file").unwrap();
        resource.advice.apply.unwrap().command.unwrap()
    };
    assert_eq!(command(""), "terraform apply -target='module.web.pond_file.motd'");
    assert_eq!(command("tool = \"terragrunt\"\n"), "terragrunt apply -target='module.web.pond_file.motd'");
    assert_eq!(command("tool = \"tofu\"\ntarget_advice = false\n"), "tofu apply");
}

mod baseline {
    use super::*;
    use tidelock_rules::Baseline;

    fn with(baseline: &Baseline, command: Command, plan: &str) -> Report {
        let source = Source::new("plan.json", plan.as_bytes().to_vec());
        let plan = Plan::read(&source, RawText::whole(&source)).unwrap();
        let mut question = Question::new(command, &plan);
        question.baseline = Some(baseline.clone());
        question.input.stack = Some("live/web".to_owned());
        question.answer().unwrap()
    }

    fn of(plan: &str) -> Baseline {
        let mut baseline = Baseline::new("salt");
        for command in [Command::Drift, Command::Gate] {
            let report = with(&baseline, command, plan);
            baseline.accept(&report);
        }
        baseline
    }

    #[test]
    fn what_was_there_is_marked_and_does_not_count() {
        let baseline = of(PLAN);
        for command in [Command::Drift, Command::Gate] {
            let report = with(&baseline, command, PLAN);
            let quiet = if command == Command::Gate { Verdict::Clear } else { Verdict::Noise };
            assert_eq!(report.verdict, quiet, "{command}");
            assert!(report.findings.iter().all(|finding| finding.waived.is_some()), "{command}");
        }
    }

    #[test]
    fn other_drift_on_an_accepted_path_is_new() {
        let report = with(&of(PLAN), Command::Drift, &PLAN.replace("bye", "good bye"));
        assert_eq!(
            (report.verdict, finding(&report, "TL101").unwrap().waived.is_some()),
            (Verdict::Drift, false)
        );
    }

    #[test]
    fn another_danger_to_an_accepted_instance_is_new() {
        let report = with(&of(PLAN), Command::Gate, &PLAN.replace("\"id\": \"db\"", "\"id\": \"db2\""));
        assert_eq!(report.verdict, Verdict::Blocked);
    }

    #[test]
    fn the_file_is_sorted_reads_back_and_holds_no_value() {
        let baseline = of(PLAN);
        let text = baseline.to_json().unwrap();
        assert_eq!(Baseline::read(&Source::new("b", text.clone().into_bytes())).unwrap(), baseline);
        assert!(text.contains("aws_db_instance.main") && !text.contains("bye") && !text.contains("hello"));
        assert!(text.starts_with("{\n  \"schema_version\": \"1\",\n  \"salt\": \"salt\""), "{text}");
        assert!(baseline.accepted().len() >= 2);
    }

    #[test]
    fn equal_values_have_other_hashes_under_another_salt() {
        let mut other = Baseline::new("pepper");
        let report = with(&other, Command::Drift, PLAN);
        other.accept(&report);
        let (a, b) = (of(PLAN), other);
        let evidence = |baseline: &Baseline| {
            baseline.accepted().find(|entry| entry.code == "TL101").and_then(|entry| entry.evidence.clone())
        };
        assert!(evidence(&a).is_some() && evidence(&a) != evidence(&b));
    }

    #[test]
    fn a_baseline_of_another_stack_accepts_nothing_here_and_says_so() {
        let text = of(PLAN).to_json().unwrap().replace("live/web", "live/db");
        let other = Baseline::read(&Source::new("b", text.into_bytes())).unwrap();
        let report = with(&other, Command::Gate, PLAN);
        assert_eq!(report.verdict, Verdict::Blocked);
        assert!(report.notes.iter().any(|note| note.code == "baseline::other_stack"), "{:?}", report.notes);
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for text in ["", "[]", "{}", r#"{"schema_version":"1","salt":"x","accepted":[{"code":1}]}"#] {
            assert!(Baseline::read(&Source::new("b", text.as_bytes())).is_err(), "{text}");
        }
        let text = r#"{"schema_version":"2","salt":"x","accepted":[]}"#;
        let error = Baseline::read(&Source::new("b", text.as_bytes())).unwrap_err();
        assert_eq!(error.to_string(), "b: baseline of version \"2\", where \"1\" is known");
    }
}

mod secrets {
    use super::*;

    /// What stands in a file is secret in one house only.
    fn plan() -> String {
        PLAN.replace("hello", "acme_0123456789abcdef").replace("bye", "acme_fedcba9876543210")
    }

    fn report(command: Command, policy: &str) -> (Report, String) {
        let source = Source::new("plan.json", plan().into_bytes());
        let plan = Plan::read(&source, RawText::whole(&source)).unwrap();
        let mut question = Question::new(command, &plan);
        question.policy = Policy::parse("t", policy).unwrap();
        let report = question.answer().unwrap();
        let text = serde_json::to_string(&report).unwrap();
        (report, text)
    }

    const PATTERN: &str = "[secrets]\npatterns = ['acme_[0-9a-f]{16}']\n";

    #[test]
    fn a_pattern_of_the_policy_hides_what_it_finds_and_reports_it() {
        assert!(report(Command::Drift, "").1.contains("acme_0123456789abcdef"));
        let (gate, text) = report(Command::Gate, PATTERN);
        assert!(!text.contains("acme_"), "{text}");
        assert!(!report(Command::Drift, PATTERN).1.contains("acme_"));
        assert_eq!(finding(&gate, "TL701").unwrap().path.as_ref().unwrap().to_string(), "content");
        assert!(finding(&report(Command::Gate, "").0, "TL701").is_none());
    }

    #[test]
    fn what_the_policy_allows_is_no_secret() {
        let (gate, text) = report(Command::Gate, &format!("{PATTERN}allow = ['acme_.*']\n"));
        assert!(finding(&gate, "TL701").is_none() && text.contains("acme_"));
    }
}
