//! Every case of the gate, recorded from a real run: what is dangerous is refused for the right reason, what only
//! looks like it passes. Writes the table of `docs/gate.md`.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod gated;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::Path,
};

use tidelock::{
    Report, Severity,
    render::{Detail, human},
};
use tidelock_testkit::fixtures::{self, Case, Gate, GateKind};

/// The cases that say what the gate has to say.
fn all() -> Vec<(Case, Gate)> {
    let cases = fixtures::all().unwrap().into_iter();
    cases.filter_map(|case| case.meta.gate.clone().map(|gate| (case, gate))).collect()
}

/// Codes of the findings of one severity that count.
fn codes(report: &Report, severity: Severity) -> BTreeSet<String> {
    let counting = report.findings.iter().filter(|finding| finding.waived.is_none());
    counting.filter(|finding| finding.severity == severity).map(|finding| finding.code.to_owned()).collect()
}

/// Whether `address` is what the expectation names: the same, an instance of it, or inside that module.
fn is_named(address: &str, expected: &str) -> bool {
    let rest = address.strip_prefix(expected);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

#[test]
fn the_dangerous_is_refused_for_its_reason_and_the_look_alike_passes() {
    let mut wrong = Vec::new();
    let mut kinds: BTreeMap<bool, usize> = BTreeMap::new();
    for (case, gate) in all() {
        let report = gated::answer(&case, &gate);
        *kinds.entry(gate.kind == GateKind::Danger).or_default() += 1;
        let (denies, warns) = (codes(&report, Severity::Deny), codes(&report, Severity::Warn));
        let told = format!("denies {denies:?}, warns {warns:?}");
        let refused = gate.kind == GateKind::Danger;
        let (verdict, code) = (report.verdict.to_string(), report.exit_code);
        if (verdict.as_str(), code) != (gate.verdict.as_str(), gate.exit_code) {
            wrong.push(format!("{}: {verdict} ({code}), expected {}; {told}", case.name, gate.verdict));
            continue;
        }
        // What is harmless is not warned about, either, beyond what is expected. TL401 speaks of the stack.
        let needless = warns.iter().filter(|code| *code != "TL401" && !gate.warns.contains(*code)).count();
        let fits = gate.codes.is_subset(&denies) && gate.warns.is_subset(&warns);
        if !fits || (!refused && needless > 0) {
            wrong.push(format!("{}: expected {:?} and {:?}; {told}", case.name, gate.codes, gate.warns));
        }
        let first = report.findings.iter().find(|finding| finding.waived.is_none());
        let address = first.and_then(|first| first.address.as_ref()).map(ToString::to_string);
        if let Some(expected) = &gate.first
            && !address.as_deref().is_some_and(|address| is_named(address, expected))
        {
            wrong.push(format!("{}: {address:?} comes first, expected {expected}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {kinds:?}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(kinds.values().all(|count| *count >= 25), "too few cases: {kinds:?}");
}

/// What a person reads, beside the case, for review.
#[test]
fn every_case_reads_as_its_snapshot() {
    let options = human::Options { detail: Detail::Normal, ..human::Options::default() };
    for (case, gate) in all() {
        let mut text = Vec::new();
        human::report(&gated::answer(&case, &gate), &options, &mut text).unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case.dir);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("gate", String::from_utf8(text).unwrap()));
    }
}

const START: &str = "<!-- cases: generated, UPDATE_DOCS=1 cargo test -p tidelock --test gate -->\n";

#[test]
fn the_table_of_the_documentation_is_what_the_gate_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gate.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once(START).unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    let mut table = String::new();
    for (kind, title) in [(GateKind::Danger, "refused"), (GateKind::LookAlike, "let through")] {
        writeln!(
            table,
            "| {title} | verdict | because | also said | case |\n| --- | --- | --- | --- | --- |"
        )
        .unwrap();
        for (case, gate) in all().iter().filter(|(_, gate)| gate.kind == kind) {
            let report = gated::answer(case, gate);
            let list = |severity| codes(&report, severity).into_iter().collect::<Vec<_>>().join(", ");
            let name = case.name.rsplit('/').next().unwrap();
            let (denies, warns) = (list(Severity::Deny), list(Severity::Warn));
            let cells = [&gate.about, report.verdict.as_str(), &denies, &warns].map(str::trim);
            writeln!(table, "| {} | [`{name}`](../fixtures/{}) |", cells.join(" | "), case.name).unwrap();
        }
        table.push('\n');
    }
    let fresh = format!("{head}{START}{table}<!-- end -->{tail}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&page, &fresh).unwrap();
    }
    assert!(
        fs::read_to_string(&page).unwrap() == fresh,
        "docs/gate.md is out of date: UPDATE_DOCS=1 writes it"
    );
}
