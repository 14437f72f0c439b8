//! Saved plans made from plan JSON: any size for measuring, any damage for testing.
//!
//! The protobuf, the msgpack and the zip are written here by other code than the one that reads them. What the producers
//! write is told by the recorded fixtures; this only fills the gaps between them.

#![allow(
    clippy::cast_possible_truncation,
    reason = "lengths of what tests make, and bytes cut off on purpose"
)]

mod msgpack;
mod wire;
mod zip;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

pub use zip::{Member, Packing, file, members};

use self::wire::Message;
use crate::generate::Fleet;

/// A saved plan, before it is packed.
#[derive(Debug, Clone, Default)]
pub struct SavedPlan {
    /// Plan JSON.
    pub plan: Vec<u8>,
    /// The raw state after refresh; an empty one if there is nothing here.
    pub state: Vec<u8>,
    /// The raw state before refresh; `state` if there is nothing here.
    pub state_before: Vec<u8>,
    /// Sources by module: its key, its directory, its files.
    pub modules: Vec<Module>,
    /// The first line of the lock file names it: `tofu` or `terraform`.
    pub product: &'static str,
    /// `ui_mode`: 0 normal, 1 destroy, 2 refresh-only.
    pub mode: u64,
    /// `-target`.
    pub targets: Vec<String>,
    /// `-exclude`.
    pub excludes: Vec<String>,
    /// Further fields of the message `Plan`.
    pub further: Vec<u8>,
}

/// A module's key, its directory, and its files: names and texts.
pub type Module = (String, String, Vec<(String, String)>);

/// The parts of plan JSON that a saved plan has as well.
#[derive(Deserialize)]
struct Plan<'a> {
    terraform_version: Option<String>,
    timestamp: Option<String>,
    errored: Option<bool>,
    applyable: Option<bool>,
    complete: Option<bool>,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(borrow, default)]
    resource_changes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    resource_drift: Vec<&'a RawValue>,
    #[serde(default)]
    output_changes: BTreeMap<String, Change>,
}

#[derive(Deserialize)]
struct Variable {
    value: Value,
}

#[derive(Deserialize)]
struct ResourceChange {
    address: String,
    previous_address: Option<String>,
    deposed: Option<String>,
    provider_name: String,
    action_reason: Option<String>,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
    #[serde(default)]
    before_sensitive: Value,
    #[serde(default)]
    after_sensitive: Value,
    #[serde(default)]
    replace_paths: Vec<Vec<Value>>,
    importing: Option<Value>,
}

/// Why, in the order of the enum's numbers.
const REASONS: [&str; 17] = [
    "",
    "replace_because_tainted",
    "replace_by_request",
    "replace_because_cannot_update",
    "delete_because_no_resource_config",
    "delete_because_wrong_repetition",
    "delete_because_count_index",
    "delete_because_each_key",
    "delete_because_no_module",
    "replace_by_triggers",
    "read_because_config_unknown",
    "read_because_dependency_pending",
    "delete_because_no_move_target",
    "read_because_check_nested",
    "delete_because_enabled_false",
    "forgot_because_lifecycle_destroy_in_state",
    "forgot_because_lifecycle_destroy_in_config",
];

const EMPTY_STATE: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"0f0e0d0c-0000-4000-8000-000000000001","outputs":{},"resources":[],"check_results":null}"#;

impl SavedPlan {
    /// The saved form of this plan JSON, with an empty state and no sources.
    pub fn of(plan: impl Into<Vec<u8>>) -> Self {
        Self { plan: plan.into(), product: "terraform", ..Self::default() }
    }

    /// The members of the file.
    ///
    /// # Panics
    /// If the plan is not plan JSON.
    pub fn members(&self) -> Vec<Member> {
        let or = |bytes: &[u8], other: &[u8]| if bytes.is_empty() { other.to_vec() } else { bytes.to_vec() };
        let state = or(&self.state, EMPTY_STATE.as_bytes());
        let mut members = vec![
            Member::new("tfplan", self.message()),
            Member::new("tfstate-prev", or(&self.state_before, &state)),
            Member::new("tfstate", state),
        ];
        let mut manifest = Vec::new();
        for (key, dir, files) in &self.modules {
            manifest.push(serde_json::json!({ "Key": key, "Dir": dir }));
            for (name, text) in files {
                members.push(Member::new(&format!("tfconfig/m-{key}/{name}"), text.as_bytes()));
            }
        }
        members.push(Member::new("tfconfig/modules.json", Value::from(manifest).to_string()));
        let lock = format!("# This file is maintained automatically by \"{} init\".\n", self.product);
        members.push(Member::new(".terraform.lock.hcl", lock));
        members
    }

    /// The file.
    ///
    /// # Panics
    /// If the plan is not plan JSON.
    pub fn file(&self) -> Vec<u8> {
        file(&self.members())
    }

    /// The message `Plan`.
    fn message(&self) -> Vec<u8> {
        let plan: Plan<'_> = serde_json::from_slice(&self.plan).expect("plan JSON");
        let mut out = Message::default();
        out.number(1, 3);
        for (name, variable) in &plan.variables {
            let mut entry = Message::default();
            entry.text(1, name);
            entry.message(2, &dynamic(&msgpack::wrapped(&variable.value)));
            out.message(2, &entry);
        }
        for (field, list) in [(3, &plan.resource_changes), (18, &plan.resource_drift)] {
            for raw in list {
                let change: ResourceChange = serde_json::from_str(raw.get()).expect("a change");
                out.message(field, &change.message());
            }
        }
        for (name, change) in &plan.output_changes {
            let mut output = Message::default();
            output.text(1, name);
            output.message(2, &change.message(msgpack::wrapped_or_unknown));
            output.flag(3, change.after_sensitive == true || change.before_sensitive == true);
            out.message(4, &output);
        }
        for target in &self.targets {
            out.text(5, target);
        }
        for target in &self.excludes {
            out.text(6, target);
        }
        let mut backend = Message::default();
        backend.text(1, "local");
        backend.text(3, "default");
        out.message(13, &backend);
        out.text(14, plan.terraform_version.as_deref().unwrap_or("1.11.4"));
        out.number(17, self.mode);
        out.flag(20, plan.errored.unwrap_or(false));
        out.text(21, plan.timestamp.as_deref().unwrap_or_default());
        out.flag(25, plan.applyable.unwrap_or(false));
        out.flag(26, plan.complete.unwrap_or(false));
        let mut bytes = out.bytes();
        bytes.extend_from_slice(&self.further);
        bytes
    }
}

fn dynamic(msgpack: &[u8]) -> Message {
    let mut message = Message::default();
    message.bytes_field(1, msgpack);
    message
}

impl ResourceChange {
    fn message(&self) -> Message {
        let mut out = Message::default();
        out.text(7, self.deposed.as_deref().unwrap_or_default());
        out.text(8, &format!("provider[{:?}]", self.provider_name));
        out.message(9, &self.change.message(msgpack::value));
        for steps in &self.change.replace_paths {
            out.message(11, &path(steps));
        }
        let reason = self.action_reason.as_deref().unwrap_or_default();
        out.number(12, REASONS.iter().position(|known| *known == reason).unwrap_or(99) as u64);
        out.text(13, &self.address);
        out.text(14, self.previous_address.as_deref().unwrap_or_default());
        out
    }
}

impl Change {
    fn message(&self, write: impl Fn(&Value, &Value) -> Vec<u8>) -> Message {
        let words: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        let (number, before, after) = match words.as_slice() {
            ["no-op"] => (0, true, false),
            ["create"] => (1, false, true),
            ["read"] => (2, true, true),
            ["update"] => (3, true, true),
            ["delete"] => (5, true, false),
            ["delete", "create"] => (6, true, true),
            ["create", "delete"] => (7, true, true),
            ["forget"] => (8, true, false),
            ["forget", "create"] => (10, true, true),
            other => panic!("no number for {other:?}"),
        };
        let mut out = Message::default();
        out.number(1, number);
        for (wanted, value, unknown) in
            [(before, &self.before, &Value::Null), (after, &self.after, &self.after_unknown)]
        {
            if wanted {
                out.message(2, &dynamic(&write(value, unknown)));
            }
        }
        // The producers list nothing for the new object of a replacement.
        let replaces = words.len() == 2;
        for (field, mask) in [(3, &self.before_sensitive), (4, &self.after_sensitive)] {
            if field == 3 || !replaces {
                let mut paths = Vec::new();
                marked(mask, &mut Vec::new(), &mut paths);
                for steps in &paths {
                    out.message(field, &path(steps));
                }
            }
        }
        if self.importing.is_some() {
            out.message(5, &Message::default());
        }
        out
    }
}

/// The paths at which a mask is true.
fn marked(mask: &Value, at: &mut Vec<Value>, found: &mut Vec<Vec<Value>>) {
    let mut inside = |step: Value, mask: &Value| {
        at.push(step);
        marked(mask, at, found);
        at.pop();
    };
    match mask {
        Value::Object(fields) => {
            for (name, mask) in fields {
                inside(name.as_str().into(), mask);
            }
        }
        Value::Array(items) => {
            for (index, mask) in items.iter().enumerate() {
                inside(index.into(), mask);
            }
        }
        Value::Bool(true) => found.push(at.clone()),
        _ => {}
    }
}

/// A message `Path`.
fn path(steps: &[Value]) -> Message {
    let mut out = Message::default();
    for step in steps {
        let mut message = Message::default();
        match step {
            Value::String(name) => message.text(1, name),
            other => message.message(2, &dynamic(&msgpack::value(other, &Value::Null))),
        }
        out.message(1, &message);
    }
    out
}

impl Fleet {
    /// The saved plan of a fleet, with its state and its sources.
    pub fn saved_plan(self) -> SavedPlan {
        let mut modules: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (path, text) in self.sources() {
            let (dir, file) = path.rsplit_once('/').unwrap_or(("", &path));
            modules.entry(dir.to_owned()).or_default().push((file.to_owned(), text));
        }
        // A call is named like the last part of the directory that it calls.
        let modules = modules.into_iter().map(|(dir, files)| (dir.replace('/', "."), dir, files));
        SavedPlan { state: self.state(), modules: modules.collect(), ..SavedPlan::of(self.plan()) }
    }
}
