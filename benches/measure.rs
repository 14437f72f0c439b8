//! Taking turns with a clock and counting the heap; shared by the benchmarks, none of which uses all of it.

#![allow(dead_code, reason = "each benchmark compiles its own copy")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;
use serde::de::IgnoredAny;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

pub(crate) const MB: usize = 1_000_000;

/// Whether the sizes of `docs/performance.md` are asked for.
pub(crate) fn is_full() -> bool {
    std::env::var("TIDELOCK_BENCH").is_ok_and(|size| size == "full")
}

/// How a task compares with the floor.
pub(crate) struct Comparison {
    /// Median time of the task.
    pub(crate) took: Duration,
    /// Median time of the floor.
    pub(crate) floor: Duration,
    /// Median of the ratios of neighbouring turns: what slows the machine for a moment slows both.
    pub(crate) ratio: f64,
}

/// Runs a task and the floor in turns.
pub(crate) fn compare(turns: usize, task: &dyn Fn(), floor: &dyn Fn()) -> Comparison {
    let pairs: Vec<(Duration, Duration)> = (0..turns).map(|_| (time(task), time(floor))).collect();
    let ratios = pairs.iter().map(|(task, floor)| task.as_secs_f64() / floor.as_secs_f64());
    Comparison {
        took: median(pairs.iter().map(|(task, _)| *task), Duration::cmp),
        floor: median(pairs.iter().map(|(_, floor)| *floor), Duration::cmp),
        ratio: median(ratios, f64::total_cmp),
    }
}

/// The floor: looks at every byte as JSON and keeps nothing.
pub(crate) fn floor(bytes: &[u8]) {
    drop(black_box(serde_json::from_slice::<IgnoredAny>(bytes)));
}

pub(crate) fn time(task: &dyn Fn()) -> Duration {
    let start = Instant::now();
    task();
    start.elapsed()
}

fn median<T: Copy>(values: impl Iterator<Item = T>, order: impl FnMut(&T, &T) -> std::cmp::Ordering) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(order);
    values[values.len() / 2]
}

/// Most bytes that a task held on the heap at once, without those that were there before.
pub(crate) fn peak(task: &dyn Fn()) -> usize {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    task();
    HEAP.peak_usage().saturating_sub(before)
}

#[allow(clippy::cast_precision_loss, reason = "for display")]
pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / MB as f64)
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
