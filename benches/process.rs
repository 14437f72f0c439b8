//! The program as a pipeline runs it: from starting the process to its end, on files.
//!
//! `cargo bench -p tidelock-cli`, with `TIDELOCK_BENCH=full` for the sizes of `docs/performance.md`. The floor is
//! taken in this process over bytes that are already in memory, so a ratio includes starting and mapping.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use measure::{MB, compare, floor, is_full, megabytes, millis};
use tidelock_testkit::generate::Fleet;

fn main() -> io::Result<()> {
    let dir = tempfile::tempdir()?;
    println!("{:<44} {:>8} {:>12} {:>12} {:>12}", "", "ratio", "tidelock", "floor", "memory");
    let (size, plans) = if is_full() { (300, 300) } else { (10, 15) };
    let fleet = Fleet::of_plan_bytes(size * MB);
    let big = write(dir.path(), "big", &[fleet])?;
    let busy = write(dir.path(), "busy", &[fleet.busy()])?;
    let small = write(dir.path(), "small", &[Fleet::of_instances(6)])?;
    let many: Vec<Fleet> = (0..plans).map(|number| Fleet::of_plan_bytes(2 * MB).numbered(number)).collect();
    let many = write(dir.path(), "many", &many)?;
    let plans: [(String, &[PathBuf]); 4] = [
        (format!("plan of {size} MB"), &big),
        (format!("plan of {size} MB, 1 in 11 changes"), &busy),
        ("plan of 6 instances".to_owned(), &small),
        (format!("{plans} plans of 2 MB in one call"), &many),
    ];
    for (name, files) in plans {
        run(&format!("{name}: drift"), &["drift"], files)?;
        run(&format!("{name}: gate"), &["gate"], files)?;
    }
    let state = dir.path().join("terraform.tfstate");
    fleet.write_state(fs::File::create(&state)?)?;
    let state = state.display().to_string();
    run(&format!("plan of {size} MB, its state: gate"), &["gate", "--state", &state], &big)
}

fn write(dir: &Path, name: &str, fleets: &[Fleet]) -> io::Result<Vec<PathBuf>> {
    let files = fleets.iter().enumerate().map(|(at, fleet)| {
        let path = dir.join(format!("{name}-{at}.json"));
        fleet.write_plan(fs::File::create(&path)?)?;
        Ok(path)
    });
    files.collect()
}

fn run(name: &str, command: &[&str], files: &[PathBuf]) -> io::Result<()> {
    let bytes: Vec<Vec<u8>> = files.iter().map(fs::read).collect::<Result<_, _>>()?;
    let total: usize = bytes.iter().map(Vec::len).sum();
    let whole = || drop(start(command, files).and_then(|mut child| child.wait()));
    let found = compare((150 * MB / total).clamp(7, 201), &whole, &|| bytes.iter().for_each(|b| floor(b)));
    println!(
        "{name:<44} {:>8.2} {:>12} {:>12} {:>12}",
        found.ratio,
        millis(found.took),
        millis(found.floor),
        memory(start(command, files)?).map_or_else(|| "unknown".to_owned(), megabytes),
    );
    Ok(())
}

fn start(command: &[&str], files: &[PathBuf]) -> io::Result<Child> {
    Command::new(env!("CARGO_BIN_EXE_tidelock"))
        .args(command)
        .args(["--format", "json"])
        .args(files)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Most memory of its own that a process was seen to have, in bytes; without the mapped file. Linux only.
fn memory(mut child: Child) -> Option<usize> {
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while matches!(child.try_wait(), Ok(None)) {
        most = most.max(fs::read_to_string(&status).ok().and_then(|text| anonymous(&text)));
        thread::sleep(Duration::from_micros(200));
    }
    most
}

fn anonymous(status: &str) -> Option<usize> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok()?.checked_mul(1024)
}
