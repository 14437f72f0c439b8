//! How to keep the values of a plan until somebody asks: ways of doing it, side by side.
//!
//! Every way reads the lists of changes of the same plan and decodes what changed; they differ in what they hold
//! of everything else. `docs/decisions/0003-values-stay-in-the-input.md` draws the conclusion.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "measure.rs"]
mod measure;

use std::hint::black_box;

use measure::{MB, compare, floor, is_full, megabytes, millis, peak};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tidelock::{Plan, Source, Value};
use tidelock_testkit::generate::Fleet;

fn main() {
    let size = if is_full() { 300 } else { 10 };
    let source = Source::new("plan.json", Fleet::of_plan_bytes(size * MB).plan());
    println!("plan of {size} MB; ratio to looking at every byte as JSON");
    println!("{:<48} {:>5} {:>12} {:>12} {:>10}", "", "ratio", "time", "floor", "heap");
    let ways: [(&str, &dyn Fn()); 5] = [
        ("ranges of the shared input (what tidelock does)", &|| ranges(&source)),
        ("borrowed texts, a lifetime on everything", &|| borrowed(source.bytes())),
        ("owned raw texts", &|| owned::<Box<RawValue>>(source.bytes(), |raw| raw.get())),
        ("ranges, every value decoded at once", &|| eager(&source)),
        ("serde_json::Value, numbers inexact", &|| inexact(source.bytes())),
    ];
    for (name, way) in ways {
        let found = compare(7, way, &|| floor(source.bytes()));
        println!(
            "{name:<48} {:>5.2} {:>12} {:>12} {:>10}",
            found.ratio,
            millis(found.took),
            millis(found.floor),
            megabytes(peak(way))
        );
    }
}

/// The lists of changes, with values kept as `V`.
#[derive(Deserialize)]
struct Lists<V> {
    resource_drift: Vec<Entry<V>>,
    resource_changes: Vec<Entry<V>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what any reader has to keep")]
struct Entry<V> {
    address: String,
    provider_name: String,
    change: Body<V>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what any reader has to keep")]
struct Body<V> {
    actions: Vec<String>,
    before: V,
    after: V,
    after_unknown: V,
    before_sensitive: V,
    after_sensitive: V,
}

impl<V> Lists<V> {
    fn each(&self) -> impl Iterator<Item = &Body<V>> {
        self.resource_drift.iter().chain(&self.resource_changes).map(|entry| &entry.change)
    }

    /// Values of what changed.
    fn changed(&self) -> impl Iterator<Item = &V> {
        self.each()
            .filter(|body| body.actions.iter().any(|word| word != "no-op"))
            .flat_map(|body| [&body.before, &body.after])
    }
}

fn ranges(source: &Source) {
    let plan = Plan::from_source(source).expect("a plan of ours");
    for change in plan.drift().iter().chain(plan.changes()).filter(|change| !change.action.is_quiet()) {
        drop(black_box(change.values(source)));
    }
}

fn eager(source: &Source) {
    let plan = Plan::from_source(source).expect("a plan of ours");
    let all = plan.drift().iter().chain(plan.changes()).map(|change| change.values(source));
    drop(black_box(all.collect::<Vec<_>>()));
}

fn borrowed(bytes: &[u8]) {
    let lists: Lists<&RawValue> = serde_json::from_slice(bytes).expect("a plan of ours");
    lists.changed().for_each(|raw| drop(black_box(Value::decode(raw.get()))));
}

fn owned<V: DeserializeOwned>(bytes: &[u8], text: impl Fn(&V) -> &str) {
    let lists: Lists<V> = serde_json::from_slice(bytes).expect("a plan of ours");
    lists.changed().for_each(|raw| drop(black_box(Value::decode(text(raw)))));
}

fn inexact(bytes: &[u8]) {
    let lists: Lists<serde_json::Value> = serde_json::from_slice(bytes).expect("a plan of ours");
    black_box(lists.changed().count());
}
