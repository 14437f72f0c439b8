//! Damaged inputs: whatever happened to a file, every reader answers, and none panics.

use std::{fs, path::Path};

use tidelock_parse::{Input, Kind, Plan, RawText, Source, State, input::Document, schema::SchemaFile};

/// Reads all there is to read in the document, and drops it.
fn read_to_the_end(source: &Source, document: Document) {
    match document.kind {
        Kind::PlanJson => {
            if let Ok(plan) = Plan::read(source, document.text) {
                for change in plan.changes().iter().chain(plan.drift()) {
                    let _ = change.values(source);
                }
                let _ = (plan.variables(), plan.outputs(), plan.checks(), plan.configuration());
                let _ = State::prior_of(&plan).map(|state| state.iter().for_each(read_state));
            }
        }
        Kind::Schemas => {
            let _ = SchemaFile::from_source(source.clone(), document.text);
        }
        _ => {
            for state in [State::from_raw(source, document.text), State::from_json(source, document.text)] {
                state.iter().for_each(read_state);
            }
        }
    }
}

fn read_state(state: &State) {
    for instance in state.instances() {
        let source = state.source();
        let _ = (instance.values(source), instance.dependencies(source), instance.identity(source));
    }
    for output in state.outputs().values() {
        let _ = output.value(state.source());
    }
}

fn read(bytes: Vec<u8>) {
    let source = Source::new("damaged", bytes);
    if let Ok(input) = Input::read(&source) {
        for document in &input.documents {
            read_to_the_end(&input.source, *document);
        }
    }
    // And as if detection had been wrong: every reader over everything.
    for kind in [Kind::PlanJson, Kind::State, Kind::Schemas] {
        read_to_the_end(&source, Document { kind, text: RawText::whole(&source) });
    }
}

/// Small JSON files of the fixtures, one of each name, so that every kind of artifact is among them.
fn samples() -> Vec<Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("fixtures") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path)
                && bytes.len() < 20_000
            {
                let name = path.file_name().expect("a file").to_owned();
                found.entry(name).or_insert_with(Vec::new).push((path, bytes));
            }
        }
    }
    // The order of directories differs between systems; the choice must not.
    let smallest = found.into_values().filter_map(|mut files: Vec<_>| {
        files.sort();
        files.into_iter().map(|(_, bytes)| bytes).next()
    });
    smallest.collect()
}

/// A small generator: every run does the same damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }
}

#[test]
fn truncated_files_are_answered() {
    let mut dice = Dice(1);
    let samples = samples();
    assert!(samples.len() > 8, "only {} samples", samples.len());
    for sample in samples {
        for _ in 0..12 {
            let end = dice.below(sample.len());
            read(sample.get(..end).unwrap_or_default().to_vec());
        }
    }
}

#[test]
fn files_with_changed_bytes_are_answered() {
    let swaps = b"{}[]\",:0\\x-e.n\x00\xff\xc3 \n";
    let mut dice = Dice(2);
    for sample in samples() {
        for _ in 0..25 {
            let mut bytes = sample.clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = swaps[dice.below(swaps.len())];
                }
            }
            read(bytes);
        }
    }
}

#[test]
fn values_in_the_wrong_place_are_answered() {
    let others = ["null", "[]", "{}", "\"x\"", "-1", "1e999", "18446744073709551616", "[[[[]]]]", "true"];
    let mut dice = Dice(3);
    for sample in samples() {
        let Ok(text) = String::from_utf8(sample) else { continue };
        let colons: Vec<usize> = text.match_indices("\":").map(|(at, _)| at + 2).collect();
        for _ in 0..25 {
            let Some(at) = colons.get(dice.below(colons.len())) else { break };
            let rest = &text[*at..];
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
            if !matches!(stream.next(), Some(Ok(_))) {
                continue;
            }
            let behind = &rest[stream.byte_offset()..];
            read(format!("{}{}{behind}", &text[..*at], others[dice.below(others.len())]).into_bytes());
        }
    }
}
