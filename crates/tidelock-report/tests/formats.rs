//! Every format over the same reports.

#![allow(missing_docs, unreachable_pub, reason = "a test")]

mod samples;

use std::io;

use samples::*;
use tidelock_report::{Detail, human};
use tidelock_rules::report::{Report, Reports};

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn human_at(report: &Report, options: human::Options) -> String {
    text(|out| human::report(report, &options, out))
}

fn human_text(report: &Report) -> String {
    human_at(report, human::Options::default())
}

#[test]
fn show() {
    for r in [blocked(), deleted(), every_story(), lone_findings(), pending_destroys(), hostile()] {
        println!("{}\n-----", human_text(&r));
        println!(
            "{}\n-----",
            human_at(&r, human::Options { detail: Detail::Verbose, width: 80, ..Default::default() })
        );
    }
    println!(
        "{}",
        human_at(&blocked(), human::Options { color: human::Color::Always, width: 80, ..Default::default() })
    );
    println!(
        "{}",
        text(|o| human::reports(
            &Reports::new(vec![blocked(), deleted(), pending_destroys()]),
            &human::Options::default(),
            o
        ))
    );
}
