//! What is said about inputs that are damaged, incomplete, or not what was meant: exit codes, and help that fits.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod binary;

use std::{fs, path::PathBuf};

use binary::{code, json, run, stderr, stdout};
use serde_json::json;
use tempfile::TempDir;
use tidelock_testkit::{
    fixtures,
    saved::{Member, Packing, SavedPlan, file, members},
};

/// A directory for what a test makes.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and returns its path.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The members of a recorded saved plan.
fn recorded(case: &str) -> Vec<Member> {
    members(&fixtures::case(case).unwrap().bytes("plan.tfplan").unwrap()).unwrap()
}

const DRIFT: &str = "drift/vm_memory";

mod states {
    use super::*;

    #[test]
    fn a_state_that_was_never_written_has_neither_lineage_nor_serial_in_any_report() {
        let place = Place::new();
        let unwritten = json!({"version": 4, "terraform_version": "1.11.4", "serial": 0, "lineage": "", "outputs": {}, "resources": []});
        let case = fixtures::case("gate/outputs_only").unwrap();
        let plan = SavedPlan {
            state: unwritten.to_string().into_bytes(),
            ..SavedPlan::of(case.plan_json().unwrap())
        };
        let plan = place.file("first.tfplan", plan.file());
        let state = place.file("state.json", unwritten.to_string());
        let unknown = |side: &serde_json::Value| side["lineage"].is_null() && side["serial"].is_null();
        for command in ["drift", "gate"] {
            assert!(unknown(&json(&run(&[command, &plan, "--format", "json"]))["input"]), "{command}");
        }
        for artifact in [&plan, &state] {
            assert!(unknown(&json(&run(&["show", artifact, "--format", "json"]))["artifacts"][0]), "{artifact}");
            let shown = stdout(&run(&["show", artifact]));
            assert!(!shown.contains("lineage") && !shown.contains("serial"), "{shown}");
        }
        let compared = json(&run(&["diff", &plan, &state, "--format", "json"]));
        assert!(unknown(&compared["from"]) && unknown(&compared["to"]), "{compared}");
        // The plan still knows that it was made from nothing.
        let written = place.file("written.json", unwritten.to_string().replace("\"\"", "\"l\"").replace(":0", ":3"));
        let stale = run(&["gate", &plan, "--state", &written]);
        assert!(stdout(&stale).contains("another lineage"), "{}", stdout(&stale));
    }

    #[test]
    fn a_damaged_state_inside_a_plan_is_a_damaged_plan_whatever_is_asked() {
        let place = Place::new();
        for member in ["tfstate", "tfstate-prev"] {
            let edited = |bytes: &[u8]| {
                let mut members = recorded(DRIFT);
                members.iter_mut().find(|it| it.name == member).unwrap().bytes = bytes.to_vec();
                file(&members)
            };
            let mut flipped = recorded(DRIFT);
            let state = flipped.iter_mut().find(|it| it.name == member).unwrap();
            state.packing = Packing::Stored;
            let text = state.bytes.clone();
            let mut flipped = file(&flipped);
            let at = flipped.windows(text.len()).position(|window| window == text).unwrap();
            flipped[at + text.len() / 2] ^= 1;
            for (name, bytes) in
                [("junk", edited(b"junk")), ("cut", edited(&text[..text.len() / 2])), ("flipped", flipped)]
            {
                let plan = place.file(&format!("{name}.tfplan"), bytes);
                for command in ["drift", "gate", "show", "graph"] {
                    let output = run(&[command, &plan]);
                    let said = stderr(&output);
                    if code(&output) != 1 {
                        // A state that is cut off behind its head is noticed by those who need the rest of it.
                        assert_eq!(name, "cut", "{member} {command}");
                        continue;
                    }
                    assert!(said.contains("tidelock::planfile::damaged"), "{member} {name} {command}: {said}");
                    assert!(said.contains(member) && said.contains("plan again"), "{said}");
                    assert!(!said.contains("state pull"), "{said}");
                }
            }
        }
    }
}
