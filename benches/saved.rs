//! Speed and memory of `drift` on a saved plan, against the floor, what it takes merely to unpack the member `tfplan`,
//! and against `terraform show -json` where there is one on the `PATH`.
//!
//! `cargo bench -p tidelock --features planfile --bench saved`; `TIDELOCK_BENCH=full` for the sizes of `docs/performance.md`. With
//! `TIDELOCK_BENCH_PLAN=FILE`, a saved plan in an initialised directory of its own, that one against `terraform show -json`.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{
    hint::black_box,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use measure::{compare, is_full, megabytes, millis, peak, time};
use tidelock::{Analysis, Plan, Source, plan::PlanConfiguration};
use tidelock_parse::{Configuration, Schemas};
use tidelock_testkit::generate::Fleet;

fn main() {
    if let Some(plan) = std::env::var_os("TIDELOCK_BENCH_PLAN") {
        return beside_terraform(Path::new(&plan));
    }
    println!(
        "{:<26} {:>6} {:>6} {:>11} {:>11} {:>11} {:>11} {:>11} {:>9}",
        "saved plan of", "read", "drift", "floor", "read", "drift", "of it HCL", "plan JSON", "heap"
    );
    let sizes: &[usize] = if is_full() { &[6, 1_000, 10_000] } else { &[6, 500] };
    for size in sizes {
        measure(&format!("{size} instances"), Fleet::of_instances(*size));
        measure(&format!("{size} instances, busy"), Fleet::of_instances(*size).busy());
    }
}

fn measure(name: &str, fleet: Fleet) {
    let shown = Source::new("plan.json", fleet.plan());
    let made = fleet.saved_plan();
    let file = made.file();
    let packed = made.members().remove(0).bytes;
    let packed = miniz_oxide::deflate::compress_to_vec(&packed, 6);
    let source = Source::new("plan.tfplan", file);
    let analysis = Analysis::new();
    let drift = || drop(black_box(analysis.drift(&source).expect("a plan of ours")));
    let floor = || drop(black_box(miniz_oxide::inflate::decompress_to_vec(&packed).expect("packed by us")));
    let turns = if fleet.instances() > 1_000 { 7 } else { 51 };
    let read = || drop(black_box(Plan::from_saved(&source).expect("a plan of ours")));
    let reading = compare(turns, &read, &floor);
    let found = compare(turns, &drift, &floor);
    let sources = median((0..turns).map(|_| parse(&source)).collect());
    let json = median((0..turns.min(9)).map(|_| time(&|| drop(black_box(analysis.drift(&shown))))).collect());
    let rest = found.took.saturating_sub(sources);
    println!(
        "{name:<26} {:>6.2} {:>6.2} {:>11} {:>11} {:>11} {:>11} {:>11} {:>9}",
        reading.ratio,
        rest.as_secs_f64() / found.floor.as_secs_f64(),
        millis(found.floor),
        millis(reading.took),
        millis(found.took),
        millis(sources),
        millis(json),
        megabytes(peak(&drift)),
    );
}

/// How long it takes to parse the sources, as the answer does it.
fn parse(source: &Source) -> Duration {
    let plan = Plan::from_saved(source).expect("a plan of ours");
    let tree = plan.sources().expect("a saved plan");
    time(&|| {
        let sources = Configuration::load(tree, &std::collections::BTreeMap::new());
        drop(black_box(PlanConfiguration::from_sources(&sources, &Schemas::builtin())));
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A real plan, read here and shown by the tool that wrote it.
fn beside_terraform(plan: &Path) {
    let source = Source::new("plan.tfplan", std::fs::read(plan).expect("a saved plan"));
    let analysis = Analysis::new();
    let drift = median((0..9).map(|_| time(&|| drop(black_box(analysis.drift(&source))))).collect());
    let heap = peak(&|| drop(black_box(analysis.drift(&source).expect("a saved plan"))));
    let show = || {
        let mut command = Command::new("terraform");
        command.args(["show", "-json"]).arg(plan.file_name().unwrap_or_default());
        command.current_dir(plan.parent().unwrap_or(Path::new("."))).stdout(Stdio::null());
        assert!(command.status().expect("terraform on the PATH").success());
    };
    let shown = time(&show);
    let times = shown.as_secs_f64() / drift.as_secs_f64();
    println!(
        "drift {}, heap {}, show -json {}: {times:.0} times",
        millis(drift),
        megabytes(heap),
        millis(shown)
    );
}
