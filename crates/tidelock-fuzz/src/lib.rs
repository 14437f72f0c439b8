//! What the fuzz targets do with the bytes they are given, one function a target.
//!
//! Each asks the library everything that can be asked about an input. A panic, an error without a code or without help
//! and an output that is not UTF-8 are findings; the fuzzer itself watches time and memory.

#[path = "../../../tests/outputs.rs"]
mod outputs;
mod wire;

use tidelock::{
    Analysis, Configuration, Source,
    config::MemoryTree,
    encryption::{Keys, Secret, Settings},
};
use tidelock_testkit::{
    saved::{Member, Packing},
    seeds::{NEXT_FILE, PASSPHRASE},
};

/// Shared by all inputs, with what it has decoded of the built-in facts.
fn analysis() -> Analysis<'static> {
    thread_local! {
        static ONE: Analysis<'static> = Analysis::new();
    }
    ONE.with(Clone::clone)
}

fn ask(name: &str, bytes: &[u8]) {
    outputs::about(&analysis(), &Source::new(name, bytes.to_vec())).complaints();
}

/// A saved plan as it lies on disk: zip first.
pub fn plan_file(bytes: &[u8]) {
    ask("plan.tfplan", bytes);
}

/// The message `Plan`, in a sound zip with a small state and one source file.
pub fn plan_message(bytes: &[u8]) {
    const STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"a","outputs":{},"resources":[],"check_results":null}"#;
    const MANIFEST: &str = r#"[{"Key":"","Dir":""}]"#;
    let members = [
        ("tfplan", bytes),
        ("tfstate", STATE.as_bytes()),
        ("tfstate-prev", STATE.as_bytes()),
        ("tfconfig/m-/main.tf", b"variable \"a\" {}\nresource \"x_y\" \"z\" {\n  a = var.a\n}\n"),
        ("tfconfig/modules.json", MANIFEST.as_bytes()),
        (".terraform.lock.hcl", b"# This file is maintained automatically by \"tofu init\".\n"),
    ];
    let member =
        |(name, bytes): (&str, &[u8])| Member { packing: Packing::Stored, ..Member::new(name, bytes) };
    plan_file(&tidelock_testkit::saved::file(&members.map(member)));
}

/// One msgpack value, as new object, drifted object, output, variable and step of a path of a saved plan.
pub fn msgpack(bytes: &[u8]) {
    plan_message(&wire::plan_around(bytes));
}

/// Plan JSON.
pub fn plan_json(bytes: &[u8]) {
    ask("plan.json", bytes);
}

/// A state, raw or `show -json`.
pub fn state(bytes: &[u8]) {
    ask("state.json", bytes);
}

/// The JSON log of a run.
pub fn stream(bytes: &[u8]) {
    ask("apply.jsonl", bytes);
}

/// An encrypted state or plan with the right passphrase at hand, or an `encryption` configuration.
pub fn envelope(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let settings = match Settings::parse("TF_ENCRYPTION", &text, &|_| None) {
        Ok(settings) => settings,
        Err(error) => {
            outputs::complaint(&error);
            Settings::default()
        }
    };
    let Ok(passphrase) = Secret::passphrase(PASSPHRASE) else { return };
    let keys = Keys::new().settings(settings).passphrase(passphrase);
    let source = Source::new("state.json", bytes.to_vec());
    outputs::about(&analysis().keys(keys), &source).complaints();
}

/// A tree of sources: loaded, evaluated, traced; and a plan answered that rests on it.
pub fn sources(bytes: &[u8]) {
    const PLAN: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{}},"resource_drift":[{"address":"x_y.z","mode":"managed","type":"x_y","name":"z","provider_name":"p","change":{"actions":["update"],"before":{"a":1,"b":["c"],"tags":{"d":"e"}},"after":{"a":2,"b":["f"],"tags":{}},"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}}],"resource_changes":[{"address":"x_y.z","mode":"managed","type":"x_y","name":"z","provider_name":"p","change":{"actions":["update"],"before":{"a":2,"b":["f"],"tags":{}},"after":{"a":1,"b":["c"],"tags":{"d":"e"}},"after_unknown":{},"before_sensitive":{},"after_sensitive":{}}}]}"#;
    let mut tree = MemoryTree::default();
    for (at, file) in bytes.split(|byte| *byte == NEXT_FILE).enumerate() {
        let end = file.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        match (std::str::from_utf8(&file[..end]), file.get(end + 1..)) {
            (Ok(name), Some(text)) if name.contains('.') && name.len() < 100 => tree.insert(name, text),
            _ => tree.insert(format!("main{at}.tf"), file),
        }
    }
    outputs::sources(&Configuration::load(&tree, &std::collections::BTreeMap::new()));
    let source = Source::new("plan.json", PLAN.as_bytes());
    outputs::about(&analysis().config(&tree), &source).complaints();
}
