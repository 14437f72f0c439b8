//! Speed and memory of `drift` against the floor, what it takes merely to look at every byte as JSON, and of `gate`
//! against `drift` on the same plan.
//!
//! `cargo bench -p tidelock --bench drift` measures small sizes in some seconds; with `TIDELOCK_BENCH=full` the
//! sizes that `docs/performance.md` quotes. Absolute times belong to a machine; the ratios, taken in turns in one
//! run, travel.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::{hint::black_box, time::Duration};

use measure::{Comparison, MB, compare, floor, is_full, megabytes, millis, peak, time};
use tidelock::{
    Analysis, Source,
    context::{Given, Values},
};
use tidelock_parse::{RawText, config::MemoryTree, state::State};
use tidelock_testkit::generate::Fleet;

fn main() {
    println!("{:<44} {:>8} {:>12} {:>12} {:>12} {:>10}", "", "ratio", "tidelock", "floor", "Value", "heap");
    let decades: &[usize] = if is_full() { &[3, 30, 300] } else { &[1, 10] };
    let mut before: Option<Duration> = None;
    for size in decades {
        let took = plan(&format!("plan of {size} MB"), Fleet::of_plan_bytes(size * MB));
        if let Some(before) = before {
            println!("{:<44} {:>8.2}", "  times the size below", took.as_secs_f64() / before.as_secs_f64());
        }
        before = Some(took);
    }
    let (instances, size, states, plans) = if is_full() { (10_000, 300, 150, 300) } else { (300, 10, 5, 15) };
    let padded = Fleet::of_instances(instances).padded_to(size * MB);
    plan(&format!("plan of {size} MB, {instances} instances"), padded);
    plan("plan of 6 instances", Fleet::of_instances(6));
    state(&format!("raw state of {states} MB"), Fleet::of_state_bytes(states * MB));
    many(plans);
    println!("\n{:<60} {:>8} {:>12} {:>12} {:>10} {:>9}", "", "ratio", "gate", "drift", "heap", "findings");
    gates(size);
}

/// Measures `gate` beside `drift`, with all that can be given beside a plan.
fn gates(size: usize) {
    let calm = Fleet::of_plan_bytes(size * MB);
    for (name, fleet) in [("", calm), (", 1 in 11 changes", calm.busy())] {
        let name = format!("plan of {size} MB, {} instances{name}", fleet.instances());
        let plan = Source::new("plan.json", fleet.plan());
        gate(&name, &plan, &Analysis::new());
        let files = fleet.sources();
        let tree: MemoryTree = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        gate(&format!("{name}, with sources"), &plan, &Analysis::new().config(&tree));
        let state = Source::new("terraform.tfstate", fleet.state());
        let analysis = Analysis::new().state(&state).expect("a state of ours");
        gate(&format!("{name}, with a state of {}", megabytes(state.bytes().len())), &plan, &analysis);
        let mut given = Given::default();
        given.values = Values::All;
        gate(&format!("{name}, all values"), &plan, &Analysis::new().given(given));
    }
}

fn gate(name: &str, plan: &Source, analysis: &Analysis<'_>) {
    let gate = || drop(black_box(analysis.gate(plan).expect("a plan of ours")));
    let drift = || drop(black_box(analysis.drift(plan).expect("a plan of ours")));
    let found = compare(5, &gate, &drift);
    println!(
        "{name:<60} {:>8.2} {:>12} {:>12} {:>10} {:>9}",
        found.ratio,
        millis(found.took),
        millis(found.floor),
        megabytes(peak(&gate)),
        analysis.gate(plan).expect("a plan of ours").findings.len(),
    );
}

/// Measures a plan and says how long `drift` took.
fn plan(name: &str, fleet: Fleet) -> Duration {
    let source = Source::new("plan.json", fleet.plan());
    let analysis = Analysis::new();
    let drift = || drop(black_box(analysis.drift(&source).expect("a plan of ours")));
    measure(&format!("{name}: drift"), source.bytes(), &drift)
}

/// Measures reading a raw state.
fn state(name: &str, fleet: Fleet) {
    let source = Source::new("terraform.tfstate", fleet.state());
    let read =
        || drop(black_box(State::from_raw(&source, RawText::whole(&source)).expect("a state of ours")));
    measure(&format!("{name}: read"), source.bytes(), &read);
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
    let all = || sources.iter().for_each(|source| floor(source.bytes()));
    let name = format!("{plans} plans of 2 MB: drift");
    row(&name, &compare(5, &drift, &all), None, peak(&drift));
}

fn measure(name: &str, bytes: &[u8], task: &dyn Fn()) -> Duration {
    let turns = (150 * MB / bytes.len().max(1)).clamp(7, 201);
    let found = compare(turns, task, &|| floor(bytes));
    let value = || drop(black_box(serde_json::from_slice::<serde_json::Value>(bytes)));
    row(name, &found, Some(time(&value)), peak(task));
    found.took
}

fn row(name: &str, found: &Comparison, value: Option<Duration>, heap: usize) {
    println!(
        "{name:<44} {:>8.2} {:>12} {:>12} {:>12} {:>10}",
        found.ratio,
        millis(found.took),
        millis(found.floor),
        value.map(millis).unwrap_or_default(),
        megabytes(heap),
    );
}
