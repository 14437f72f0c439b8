//! Every recorded case, through the facade: its verdict, its classes, its resolutions.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;

use std::collections::BTreeMap;

use tidelock::{
    Class, Report, Source,
    render::{Detail, human},
    report::Divergence,
};
use tidelock_testkit::fixtures::{self, Case, ExpectedResource};

fn answer(case: &Case) -> Report {
    let tree = cases::sources(case);
    let source = Source::new(&format!("{}/plan.json", case.name), case.plan_json().unwrap());
    let answer = cases::analysis(case, &tree).drift(&source);
    answer.unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// What a report says, in the words of `case.toml`.
fn said(report: &Report) -> BTreeMap<String, ExpectedResource> {
    let mut said = BTreeMap::new();
    for resource in &report.resources {
        let address = match &resource.deposed {
            // The key is random.
            Some(_) => format!("{} (deposed)", resource.address),
            None => resource.address.to_string(),
        };
        // A replacement makes one of every computed attribute; the expectations leave these out.
        let waits = |d: &&Divergence| d.class == Class::Pending && d.until_apply;
        let divergences: Vec<_> = resource.divergences.iter().filter(|d| !waits(d)).collect();
        let cosmetic = divergences.iter().filter_map(|d| Some((d.path.to_string(), d.cosmetic?.to_string())));
        let expected = ExpectedResource {
            resolution: resource.resolution.to_string(),
            class: resource.class.map(|class| class.to_string()).unwrap_or_default(),
            divergences: divergences.iter().map(|d| (d.path.to_string(), d.class.to_string())).collect(),
            cosmetic: cosmetic.collect(),
        };
        said.insert(address, expected);
    }
    said
}

#[test]
fn every_case_is_told_as_its_expectation_says() {
    let mut wrong = Vec::new();
    let cases = fixtures::all().unwrap();
    for case in &cases {
        let Some(expect) = &case.meta.expect else { continue };
        let report = answer(case);
        let (verdict, code) = (report.verdict.to_string(), report.exit_code);
        if (verdict.as_str(), code) != (expect.verdict.as_str(), expect.exit_code) {
            wrong.push(format!("{}: verdict {verdict} ({code}), expected {}", case.name, expect.verdict));
        }
        let said = said(&report);
        for (address, expected) in &expect.resources {
            match said.get(address) {
                Some(found) if found == expected => {}
                found => wrong
                    .push(format!("{}: {address}\n  expected {expected:?}\n  found    {found:?}", case.name)),
            }
        }
        for address in said.keys().filter(|address| !expect.resources.contains_key(*address)) {
            wrong.push(format!("{}: {address} is not expected: {:?}", case.name, said[address]));
        }
    }
    assert!(cases.len() > 50, "only {} cases were found", cases.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What a person reads, with everything that the verbose form adds; beside the case, for review.
#[test]
fn every_case_reads_as_its_snapshot() {
    let options = human::Options { detail: Detail::Verbose, ..human::Options::default() };
    let told = |case: &Case| case.meta.expect.is_some();
    for case in fixtures::all().unwrap().into_iter().filter(told) {
        let mut text = Vec::new();
        human::report(&answer(&case), &options, &mut text).unwrap();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&case.dir);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("report", String::from_utf8(text).unwrap()));
    }
}
