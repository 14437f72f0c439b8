//! How long a report with 10,000 findings takes in each format; none may take more than a second.
//!
//! `cargo bench -p tidelock --bench formats`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{hint::black_box, time::Duration};

use measure::{compare, megabytes, millis, peak};
use tidelock::{
    Analysis, Report, Reports, Source,
    render::{Detail, github, gitlab, human, json, junit, markdown, plain, sarif, summary},
};
use tidelock_testkit::fixtures;

const FINDINGS: usize = 10_000;

fn main() {
    let report = wide(FINDINGS);
    println!("a gate's report with {} findings", report.findings.len());
    println!("{:<20} {:>12} {:>10} {:>10}", "", "time", "written", "heap");
    let verbose = human::Options { detail: Detail::Verbose, ..human::Options::default() };
    row("human", &|out| drop(human::report(&report, &human::Options::default(), out)));
    row("human, verbose", &|out| drop(human::report(&report, &verbose, out)));
    row("json", &|out| drop(json::report(&report, out)));
    row("markdown", &|out| drop(markdown::report(&report, &markdown::Options::default(), out)));
    row("plain", &|out| drop(plain::report(&report, out)));
    row("sarif", &|out| drop(sarif::report(&report, out)));
    row("junit", &|out| drop(junit::report(&report, out)));
    row("github", &|out| drop(github::report(&report, Detail::Verbose, out)));
    row("gitlab", &|out| drop(gitlab::report(&report, out)));

    let mut stacks = Vec::new();
    json::reports(&Reports::new(vec![wide(FINDINGS / 300); 300]), &mut stacks).expect("memory");
    row("summary, 300 stacks", &|out| {
        let overview = summary::Overview::new([summary::read("bench", &stacks).expect("our own")]);
        drop(summary::markdown(&overview, &markdown::Options::default(), out));
    });
}

fn row(name: &str, render: &dyn Fn(&mut Vec<u8>)) {
    let task = || {
        let mut out = Vec::new();
        render(&mut out);
        black_box(out);
    };
    let took = compare(7, &task, &|| {}).took;
    let mut written = Vec::new();
    render(&mut written);
    println!(
        "{name:<20} {:>12} {:>10} {:>10}",
        millis(took),
        megabytes(written.len()),
        megabytes(peak(&task))
    );
    assert!(took <= Duration::from_secs(1), "{name} takes too long");
}

/// A real refusal, `count` times, each about an address of its own.
fn wide(count: usize) -> Report {
    let case = fixtures::case("gate/index_shift_replaces").expect("a recorded case");
    let source = Source::new("plan.json", case.plan_json().expect("its plan"));
    let mut report = Analysis::new().gate(&source).expect("a plan of ours");
    let finding = report.findings.iter().find(|finding| finding.address.is_some()).expect("refused").clone();
    let resource = report.resources.iter().find(|r| Some(&r.address) == finding.address.as_ref());
    let resource = resource.expect("listed").clone();
    let address = |n: usize| format!("module.shop[{n}].aws_s3_bucket.tenant").parse().expect("an address");
    report.resources = vec![resource; count];
    report.findings = vec![finding; count];
    for (n, (resource, finding)) in report.resources.iter_mut().zip(&mut report.findings).enumerate() {
        resource.address = address(n);
        finding.address = Some(address(n));
        finding.fingerprint = format!("{n:016x}");
    }
    report
}
