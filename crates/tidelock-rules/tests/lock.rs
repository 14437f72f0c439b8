//! The protection lock: kept from sources, and held against sources and plans.

#![allow(clippy::unwrap_used, reason = "a plan that cannot be read fails the test")]
#![allow(clippy::needless_pass_by_value, reason = "values are made for the plan they go into")]

use std::collections::BTreeMap;

use tidelock_parse::{Configuration, Plan, RawText, Source, config::MemoryTree};
use tidelock_rules::{
    Lock, Policy, Question, Report,
    lock::Stale,
    report::{Command, Finding, Verdict},
};

const PROTECTED: &str = r#"
resource "pond_disk" "data" {
  size = 1
  lifecycle { prevent_destroy = true }
}
resource "pond_disk" "scratch" { size = 1 }
module "net" { source = "./net" }
"#;
const NET: &str = r#"
variable "keep" { default = true }
resource "pond_zone" "main" {
  for_each = toset(["a"])
  lifecycle { prevent_destroy = var.keep }
}
resource "pond_zone" "off" {
  lifecycle { prevent_destroy = false }
}
"#;

fn sources(main: &str, net: Option<&str>) -> Configuration {
    let mut tree = MemoryTree::from([("main.tf", main)]);
    if let Some(net) = net {
        tree.insert("net/main.tf", net);
    }
    Configuration::load(&tree, &BTreeMap::new())
}

fn lock(text: &str) -> Lock {
    Lock::read(&Source::new("tidelock.lock", text.as_bytes().to_vec())).unwrap()
}

/// A plan that does one thing to one instance.
fn plan(address: &str, previous: &str, actions: &str) -> String {
    let resource = address.rsplit("pond_").next().unwrap();
    let (kind, name) = resource.split_once('.').unwrap();
    let name = name.split('[').next().unwrap();
    let module = address.split(".pond_").next().filter(|module| module.starts_with("module"));
    let module = module.map(|module| format!(r#""module_address":{module:?},"#)).unwrap_or_default();
    let previous =
        if previous.is_empty() { String::new() } else { format!(r#""previous_address":{previous:?},"#) };
    let after =
        if actions.contains("create") || actions.contains("no-op") { r#"{"id":"1"}"# } else { "null" };
    format!(
        r#"{{"format_version":"1.2","resource_changes":[{{"address":{address:?},{module}{previous}"mode":"managed",
        "type":"pond_{kind}","name":"{name}","provider_name":"registry.terraform.io/pond/pond",
        "change":{{"actions":{actions},"before":{{"id":"1"}},"after":{after}}}}}]}}"#
    )
}

const NOTHING: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[]}"#;

fn gate(plan: &str, sources: Option<&Configuration>, policy: Policy) -> Report {
    let source = Source::new("plan.json", plan.as_bytes().to_vec());
    let plan = Plan::read(&source, RawText::whole(&source)).unwrap();
    let mut question = Question::new(Command::Gate, &plan);
    question.sources = sources;
    question.policy = policy;
    question.answer().unwrap()
}

fn locked(entries: &[&str]) -> Policy {
    let mut text = "version = 1\n".to_owned();
    for entry in entries {
        text += &format!("[[protected]]\naddress = '{entry}'\n");
    }
    let mut policy = Policy::default();
    policy.lock = lock(&text);
    policy
}

fn removed(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.code == "TL402").collect()
}

#[test]
fn the_lock_names_the_blocks_that_are_certainly_protected() {
    let text = Lock::of(&sources(PROTECTED, Some(NET))).to_toml();
    let entries = text.split_once("version = 1\n").unwrap().1;
    assert_eq!(
        entries,
        "\n[[protected]]\naddress = \"module.net.pond_zone.main\"\nat = \"net/main.tf:5\"\n\
         \n[[protected]]\naddress = \"pond_disk.data\"\nat = \"main.tf:4\"\n"
    );
    assert_eq!(lock(&text).to_toml(), text);
}

#[test]
fn an_update_adds_and_only_takes_away_when_told_to() {
    let now = || Lock::of(&sources(PROTECTED, Some(NET)));
    let old =
        "version = 1\n[[protected]]\naddress = 'pond_disk.old'\n[[protected]]\naddress = 'pond_disk.d*'\n";
    let mut kept = lock(old);
    kept.update(now(), Stale::Keep);
    assert_eq!(kept.entries().len(), 4);
    let mut pruned = lock(old);
    pruned.update(now(), Stale::Remove);
    let left: Vec<&str> = pruned.entries().map(|(pattern, _)| pattern.as_str()).collect();
    assert_eq!(left, ["module.net.pond_zone.main", "pond_disk.d*", "pond_disk.data"]);
    assert!(now().missing(&lock(old)).len() == 2 && pruned.missing(&now()).is_empty());
}

#[test]
fn what_the_lock_or_the_policy_names_must_not_be_lost() {
    for actions in [r#"["delete"]"#, r#"["delete","create"]"#, r#"["create","delete"]"#, r#"["forget"]"#] {
        let plan = plan(r#"module.net["eu"].pond_zone.main["a"]"#, "", actions);
        for name in
            ["module.net.pond_zone.main", "module.net", "*zone*", r#"module.net["eu"].pond_zone.main["a"]"#]
        {
            let report = gate(&plan, None, locked(&[name]));
            assert_eq!((removed(&report).len(), report.verdict), (1, Verdict::Blocked), "{actions} {name}");
            let policy = Policy::parse("t", &format!("protected = ['{name}']\n")).unwrap();
            assert_eq!(removed(&gate(&plan, None, policy)).len(), 1, "{actions} {name}");
        }
        for name in ["module.net.pond_zone.other", "module.ne", "pond_zone.main"] {
            assert!(removed(&gate(&plan, None, locked(&[name]))).is_empty(), "{actions} {name}");
        }
    }
    let kept = plan("pond_disk.data", "", r#"["no-op"]"#);
    assert!(removed(&gate(&kept, None, locked(&["pond_disk.data"]))).is_empty());
}

#[test]
fn a_block_in_the_lock_must_stay_and_keep_its_protection() {
    let policy = || locked(&["pond_disk.data", "module.net.pond_zone.main"]);
    let told = |main: &str, net: Option<&str>| {
        let report = gate(NOTHING, Some(&sources(main, net)), policy());
        let findings = removed(&report).into_iter();
        findings.map(|f| format!("{}: {}", f.address.as_ref().unwrap(), f.message)).collect::<Vec<_>>()
    };
    assert_eq!(told(PROTECTED, Some(NET)), Vec::<String>::new());
    let gone = |address: &str| format!("{address}: `tidelock.lock` protects it, and its block was deleted");
    let off = |address: &str| {
        format!("{address}: `tidelock.lock` protects it, and it has no `prevent_destroy` any more")
    };
    let lifted = PROTECTED.replace("prevent_destroy = true", "");
    assert_eq!(told(&lifted, Some(NET)), [off("pond_disk.data")]);
    assert_eq!(told(&PROTECTED.replace("= true", "= false"), Some(NET)), [off("pond_disk.data")]);
    assert_eq!(told(&PROTECTED.replace("\"data\"", "\"other\""), Some(NET)), [gone("pond_disk.data")]);
    assert_eq!(
        told(&PROTECTED.replace("module \"net\"", "module \"web\""), Some(NET)),
        [gone("module.net.pond_zone.main")]
    );
    assert_eq!(told(PROTECTED, Some("")), [gone("module.net.pond_zone.main")]);
    assert_eq!(told(PROTECTED, Some(&NET.replace("= true", "= false"))), [off("module.net.pond_zone.main")]);
}

#[test]
fn sources_that_are_not_there_or_cannot_be_evaluated_say_nothing() {
    let policy = || locked(&["module.net.pond_zone.main"]);
    for (main, net) in [
        (PROTECTED.to_owned(), None),
        (PROTECTED.to_owned(), Some("resource \"x\" {".to_owned())),
        (PROTECTED.to_owned(), Some(NET.replace("= var.keep", "= timestamp() == \"\""))),
    ] {
        let report = gate(NOTHING, Some(&sources(&main, net.as_deref())), policy());
        assert!(removed(&report).is_empty(), "{net:?}");
    }
}

#[test]
fn a_renamed_block_is_judged_under_its_new_name() {
    let moved = plan("pond_disk.new", "pond_disk.data", r#"["no-op"]"#);
    let renamed = PROTECTED.replace("\"data\"", "\"new\"");
    let policy = || locked(&["pond_disk.data"]);
    assert!(removed(&gate(&moved, Some(&sources(&renamed, Some(NET))), policy())).is_empty());
    let lifted = renamed.replace("prevent_destroy = true", "");
    assert_eq!(removed(&gate(&moved, Some(&sources(&lifted, Some(NET))), policy())).len(), 1);
    let replaced = plan("pond_disk.new", "pond_disk.data", r#"["delete","create"]"#);
    assert_eq!(removed(&gate(&replaced, Some(&sources(&renamed, Some(NET))), policy())).len(), 1);
}

#[test]
fn one_danger_is_told_once() {
    let main = PROTECTED.replace("\"data\"", "\"other\"");
    let report = gate(
        &plan("pond_disk.data", "", r#"["delete"]"#),
        Some(&sources(&main, Some(NET))),
        locked(&["pond_disk.data"]),
    );
    assert_eq!(removed(&report).len(), 1);
}

#[test]
fn what_is_no_lock_is_refused() {
    for (text, message) in [
        ("", "`version` is missing"),
        ("version = 2\n", "version 2 of the lock is not known here"),
        ("version = 1\n[[protect]]\naddress = 'a'\n", "unknown key `protect`"),
        ("version = 1\n[[protected]]\nat = 'a'\n", "`address` is missing"),
    ] {
        let error = Lock::read(&Source::new("l", text.as_bytes())).unwrap_err();
        assert_eq!(error.to_string(), format!("l: {message}"));
    }
}
