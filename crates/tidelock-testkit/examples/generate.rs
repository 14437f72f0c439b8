//! Writes a plan or a state of any size to standard output.
//!
//! `generate plan 300MB`, `generate state 150MB`, `generate plan 6` (instances), `generate plan 300MB 10000`
//! (that many instances, padded), `generate busy 300MB` (a plan in which much is created and destroyed).

use std::io;

use tidelock_testkit::generate::Fleet;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let out = io::stdout().lock();
    match arguments.as_slice() {
        ["plan", size] => match bytes(size) {
            Some(bytes) => Fleet::of_plan_bytes(bytes).write_plan(out),
            None => Fleet::of_instances(count(size)?).write_plan(out),
        },
        ["busy", size] => match bytes(size) {
            Some(bytes) => Fleet::of_plan_bytes(bytes).busy().write_plan(out),
            None => Fleet::of_instances(count(size)?).busy().write_plan(out),
        },
        ["plan", size, instances] => {
            let bytes = bytes(size).ok_or_else(usage)?;
            Fleet::of_instances(count(instances)?).padded_to(bytes).write_plan(out)
        }
        ["state", size] => match bytes(size) {
            Some(bytes) => Fleet::of_state_bytes(bytes).write_state(out),
            None => Fleet::of_instances(count(size)?).write_state(out),
        },
        _ => Err(usage()),
    }
}

/// `300MB` in bytes; nothing for a bare number.
fn bytes(text: &str) -> Option<usize> {
    let megabytes: usize = text.strip_suffix("MB")?.parse().ok()?;
    megabytes.checked_mul(1_000_000)
}

fn count(text: &str) -> io::Result<usize> {
    text.parse().map_err(|_| usage())
}

fn usage() -> io::Error {
    io::Error::other(
        "usage: generate plan|busy|state SIZE [INSTANCES], where SIZE is instances or, as in 300MB, bytes",
    )
}
