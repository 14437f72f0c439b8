//! Speed and memory of `drift` against the floor: what it takes merely to look at every byte as JSON.
//!
//! `cargo bench -p tidelock --bench drift` measures small sizes in some seconds; with `TIDELOCK_BENCH=full` the
//! sizes that `docs/performance.md` quotes. Absolute times belong to a machine; the ratios, taken in turns in one
//! run, travel.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;
use serde::de::IgnoredAny;
use tidelock::{Analysis, Source};
use tidelock_testkit::generate::Fleet;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const MB: usize = 1_000_000;

fn main() {
    let full = std::env::var("TIDELOCK_BENCH").is_ok_and(|size| size == "full");
    let decades: &[usize] = if full { &[3, 30, 300] } else { &[1, 10] };
    println!("{:<44} {:>9} {:>9} {:>9} {:>9} {:>10}", "", "drift", "floor", "ratio", "Value", "heap");
    let mut before: Option<Duration> = None;
    for megabytes in decades {
        let took = plan(&format!("plan of {megabytes} MB"), Fleet::of_plan_bytes(megabytes * MB));
        if let Some(before) = before {
            println!(
                "{:<44} {:>9.1} times",
                "  growth over a decade",
                took.as_secs_f64() / before.as_secs_f64()
            );
        }
        before = Some(took);
    }
    let (instances, megabytes) = if full { (10_000, 300) } else { (300, 10) };
    plan(
        &format!("plan of {megabytes} MB, {instances} instances"),
        Fleet::of_instances(instances).padded_to(megabytes * MB),
    );
    plan("plan of 6 instances", Fleet::of_instances(6));
    many(if full { 300 } else { 15 });
}

/// Measures a plan and says how long `drift` took.
fn plan(name: &str, fleet: Fleet) -> Duration {
    let bytes = fleet.plan();
    let source = Source::new("plan.json", bytes);
    let analysis = Analysis::new();
    let floor = || drop(black_box(serde_json::from_slice::<IgnoredAny>(source.bytes())));
    let drift = || drop(black_box(analysis.drift(&source).expect("a plan of ours")));
    let value = || drop(black_box(serde_json::from_slice::<serde_json::Value>(source.bytes())));
    let runs = runs(source.bytes().len());
    let [floor, drift_time] = in_turns(runs, [&floor, &drift]);
    let [value] = in_turns(runs.div_ceil(10), [&value]);
    let heap = peak(&drift);
    println!(
        "{:<44} {:>9} {:>9} {:>9.2} {:>9} {:>7.1} MB",
        format!("{name} ({:.1} MB)", megabytes(source.bytes().len())),
        millis(drift_time),
        millis(floor),
        drift_time.as_secs_f64() / floor.as_secs_f64(),
        millis(value),
        megabytes(heap),
    );
    drift_time
}

/// Measures many plans of 2 MB through one analysis.
fn many(plans: u64) {
    let sources: Vec<Source> = (0..plans)
        .map(|number| Source::new("plan.json", Fleet::of_plan_bytes(2 * MB).numbered(number).plan()))
        .collect();
    let analysis = Analysis::new();
    let drift = || {
        for source in &sources {
            drop(black_box(analysis.drift(source).expect("a plan of ours")));
        }
    };
    let floor = || {
        for source in &sources {
            drop(black_box(serde_json::from_slice::<IgnoredAny>(source.bytes())));
        }
    };
    let [floor, drift_time] = in_turns(3, [&floor, &drift]);
    println!(
        "{:<44} {:>9} {:>9} {:>9.2} {:>9} {:>7.1} MB",
        format!("{plans} plans of 2 MB"),
        millis(drift_time),
        millis(floor),
        drift_time.as_secs_f64() / floor.as_secs_f64(),
        "",
        megabytes(peak(&drift)),
    );
}

/// How often to measure: about as long for every size.
fn runs(bytes: usize) -> usize {
    (150 * MB / bytes.max(1)).clamp(5, 200)
}

/// The median of each of some tasks, run in turns so that a busy moment of the machine hits all of them.
fn in_turns<const N: usize>(runs: usize, tasks: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(runs));
    for _ in 0..runs {
        for (task, times) in tasks.iter().zip(&mut times) {
            let start = Instant::now();
            task();
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    })
}

/// Most bytes that a task held on the heap at once, without those that were there before.
fn peak(task: &dyn Fn()) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    task();
    HEAP.peak_usage().saturating_sub(before)
}

#[allow(clippy::cast_precision_loss, reason = "for display")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / MB as f64
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
