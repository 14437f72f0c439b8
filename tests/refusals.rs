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
            assert!(
                unknown(&json(&run(&["show", artifact, "--format", "json"]))["artifacts"][0]),
                "{artifact}"
            );
            let shown = stdout(&run(&["show", artifact]));
            assert!(!shown.contains("lineage") && !shown.contains("serial"), "{shown}");
        }
        let compared = json(&run(&["diff", &plan, &state, "--format", "json"]));
        assert!(unknown(&compared["from"]) && unknown(&compared["to"]), "{compared}");
        // The plan still knows that it was made from nothing.
        let written =
            place.file("written.json", unwritten.to_string().replace("\"\"", "\"l\"").replace(":0", ":3"));
        let gate = run(&["gate", &plan, "--state", &written]);
        assert!(stdout(&gate).contains("another lineage"), "{}", stdout(&gate));
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
                    assert!(
                        said.contains("tidelock::planfile::damaged"),
                        "{member} {name} {command}: {said}"
                    );
                    assert!(said.contains(member) && said.contains("plan again"), "{said}");
                    assert!(!said.contains("state pull"), "{said}");
                }
            }
        }
    }
}

mod directories {
    use super::*;

    fn state(serial: u64) -> String {
        format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[]}}"#
        )
    }

    #[test]
    fn a_damaged_state_does_not_hide_the_others() {
        let place = Place::new();
        place.file("s/terraform.tfstate", state(7));
        let whole = state(8);
        place.file("s/terraform.tfstate.d/prod/terraform.tfstate", &whole[..whole.len() / 2]);
        place.file("s/terraform.tfstate.d/junk/terraform.tfstate", "junk");
        place.file(
            "s/terraform.tfstate.d/old/terraform.tfstate",
            "{\"version\": 3, \"serial\": 1, \"modules\": []}",
        );
        place.file("s/terraform.tfstate.d/test/terraform.tfstate", state(9));
        place.file("s/terraform.tfstate.d/none/terraform.tfstate", "");
        let dir = place.path("s");
        let shown = run(&["show", dir.to_str().unwrap()]);
        let (out, said) = (stdout(&shown), stderr(&shown));
        assert_eq!(code(&shown), 1, "{out}{said}");
        for told in ["workspace default", "workspace test", "serial            9", "state of version 1 to 3"]
        {
            assert!(out.contains(told), "{told}: {out}");
        }
        assert_eq!(out.matches("left out, it cannot be read").count(), 2, "{out}");
        assert!(said.contains("prod") && said.contains("tidelock::input::damaged_state"), "{said}");
        assert!(
            said.matches("restore it from a backup").count() == 2 && !said.contains("PLANFILE > plan.json"),
            "{said}"
        );
        let answer = json(&run(&["show", dir.to_str().unwrap(), "--format", "json"]));
        assert_eq!(answer["artifacts"].as_array().unwrap().len(), 3);
        assert_eq!(answer["notes"].as_array().unwrap().len(), 2);
        let comment = stdout(&run(&["show", dir.to_str().unwrap(), "--format", "markdown"]));
        assert!(comment.contains("left out"), "{comment}");
        // Of one workspace alone, too.
        let workspace = place.path("s/terraform.tfstate.d/prod");
        assert_eq!(code(&run(&["show", workspace.to_str().unwrap()])), 1);
    }

    #[test]
    fn a_damaged_state_beside_a_plan_is_called_one() {
        let place = Place::new();
        let whole = state(8);
        let cut = place.file("cut.tfstate", &whole[..whole.len() / 2]);
        let plan = fixtures::case(DRIFT).unwrap().path("plan.tfplan");
        let output = run(&["gate", plan.to_str().unwrap(), "--state", &cut]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("tidelock::state::json"), "{}", stderr(&output));
        assert!(stderr(&output).contains("tofu state pull"), "{}", stderr(&output));
    }
}

mod sources {
    use super::*;

    #[test]
    fn a_saved_plan_without_sources_says_what_is_not_known() {
        let place = Place::new();
        let mut bare = recorded(DRIFT);
        bare.retain(|member| !member.name.starts_with("tfconfig/"));
        let plan = place.file("plan.tfplan", file(&bare));
        let whole = fixtures::case(DRIFT).unwrap().path("plan.tfplan");
        for command in ["drift", "gate"] {
            let notes = |plan: &str, more: &[&str]| {
                let args = [&[command, plan, "--format", "json"], more].concat();
                json(&run(&args))["notes"].to_string()
            };
            let told = notes(&plan, &[]);
            assert!(told.contains("planfile::no_sources") && told.contains("ignore_changes"), "{told}");
            assert!(!told.contains("evidence::no_sources") && !told.contains("other_sources"), "{told}");
            assert!(!notes(whole.to_str().unwrap(), &[]).contains("no_sources"), "{command}");
            let config = fixtures::case(DRIFT).unwrap().path("main.tf");
            let config = config.parent().unwrap().to_str().unwrap();
            assert!(!notes(&plan, &["--config", config]).contains("no_sources"), "{command}");
        }
        let shown = stdout(&run(&["show", &plan]));
        assert!(shown.contains("not known: there are no sources in this saved plan"), "{shown}");
        // Those that stand beside it are used.
        place.file("main.tf", fixtures::case(DRIFT).unwrap().bytes("main.tf").unwrap());
        let answer = json(&run(&["drift", &plan, "--format", "json"]));
        assert!(answer["resources"][0]["location"]["file"].as_str().unwrap().ends_with("main.tf"));
    }

    #[test]
    fn a_number_beyond_a_float_does_not_drop_its_file() {
        let case = fixtures::case("drift/vm_golden_image_ignored").unwrap();
        let place = Place::new();
        let plan = place.file("plan.json", case.bytes("plan.json").unwrap());
        let text = case.text("main.tf").unwrap();
        let huge = "locals {\n  big   = 1e400\n  small = [-2.5E+999, 3]\n  text  = \"${1e400} 1e400\"\n}\n";
        place.file("main.tf", format!("{huge}{text}"));
        let answer = run(&["drift", &plan, "--format", "json"]);
        assert!(!stderr(&answer).contains("main.tf"), "{}", stderr(&answer));
        let notes = json(&answer)["notes"].to_string();
        assert!(!notes.contains("config::left_out"), "{notes}");
        assert_eq!(code(&answer), 0, "its ignore_changes counts: {}", stdout(&answer));
        // What is no number is still refused.
        place.file("main.tf", format!("{huge}locals {{\n  x = 1e400e\n}}\n{text}"));
        assert!(
            json(&run(&["drift", &plan, "--format", "json"]))["notes"]
                .to_string()
                .contains("config::left_out")
        );
    }
}
