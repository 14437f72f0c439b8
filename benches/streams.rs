//! The log of a run, from its bytes to the answer, against looking at every line as JSON and keeping nothing.
//!
//! `cargo bench -p tidelock --bench streams`, with `TIDELOCK_BENCH=full` for the sizes of `docs/performance.md`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{fmt::Write as _, hint::black_box};

use measure::{MB, compare, floor, is_full, megabytes, millis, peak};
use tidelock::{Analysis, Input, Source, Stream};

/// A log of this size: instances are refreshed, one in a hundred drifted and is changed, which takes its time.
fn log(size: usize) -> Vec<u8> {
    let mut log = String::with_capacity(size + 1000);
    let mut line = |kind: &str, rest: &str| {
        let _ = writeln!(
            log,
            r#"{{"@level":"info","@message":"something is going on","@module":"terraform.ui","@timestamp":"2026-01-02T03:04:05.678901Z",{rest},"type":"{kind}"}}"#
        );
        log.len()
    };
    line("version", r#""terraform":"1.11.4","ui":"1.2""#);
    let (mut number, mut written, mut changes) = (0_usize, 0_usize, 0_usize);
    while written < size {
        let resource = format!(
            r#""resource":{{"addr":"module.m[\"k{number}\"].aws_instance.web[0]","module":"module.m[\"k{number}\"]","resource":"aws_instance.web[0]","implied_provider":"aws","resource_type":"aws_instance","resource_name":"web","resource_key":0}}"#
        );
        let id = format!(r#""id_key":"id","id_value":"i-{number:017}""#);
        line("refresh_start", &format!(r#""hook":{{{resource},{id}}}"#));
        written = line("refresh_complete", &format!(r#""hook":{{{resource},{id}}}"#));
        if number % 100 == 0 {
            changes += 1;
            line("resource_drift", &format!(r#""change":{{{resource},"action":"update"}}"#));
            line("planned_change", &format!(r#""change":{{{resource},"action":"update"}}"#));
        }
        number += 1;
    }
    line(
        "change_summary",
        &format!(r#""changes":{{"add":0,"change":{changes},"import":0,"remove":0,"operation":"plan"}}"#),
    );
    log.into_bytes()
}

fn main() {
    println!("{:<32} {:>8} {:>12} {:>12} {:>12}", "", "ratio", "tidelock", "floor", "heap");
    let size = if is_full() { 100 } else { 5 };
    let bytes = log(size * MB);
    let source = Source::new("log", bytes.clone());
    let lines = || bytes.split(|byte| *byte == b'\n').for_each(floor);
    let read = || {
        if let Ok(input) = Input::read(&source) {
            for document in &input.documents {
                black_box(Stream::read(&input.source, document.text));
            }
        }
    };
    let answer = || drop(black_box(Analysis::new().drift(&source)));
    for (name, task) in [("read", &read as &dyn Fn()), ("drift", &answer)] {
        let found = compare(if is_full() { 5 } else { 9 }, task, &lines);
        println!(
            "{:<32} {:>8.2} {:>12} {:>12} {:>12}",
            format!("log of {size} MB: {name}"),
            found.ratio,
            millis(found.took),
            millis(found.floor),
            megabytes(peak(task)),
        );
    }
}
