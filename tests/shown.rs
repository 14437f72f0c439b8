//! Planted secrets through `show` and `diff`: none comes out of any kind of artifact, in any format, through any error.

#![allow(clippy::unwrap_used, reason = "a file that cannot be written fails the test")]

#[allow(dead_code, reason = "sources, and what only looks like a secret, are asked about elsewhere")]
mod plants;

use std::{fs, process::Output};

use assert_cmd::Command;
use plants::{Plant, files};
use tempfile::TempDir;
use tidelock_testkit::{envelope::Pbkdf2, saved::SavedPlan};

const PASSPHRASE: &str = "seventeen-green-apples";
const FORMATS: [&str; 3] = ["human", "json", "markdown"];
const STATES: [&str; 2] = ["terraform.tfstate", "sealed.tfstate"];
const PLANS: [&str; 3] = ["plan.json", "plan.tfplan", "sealed.tfplan"];
const LOG: &str = "apply.jsonl";

/// A directory with an artifact of each kind that holds all plants, and the same ones again under `other`, where each
/// plant stands in the place of the next one.
struct Place {
    dir: TempDir,
    plants: Vec<Plant>,
}

impl Place {
    fn new(plants: Vec<Plant>, marked: bool) -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap(), plants };
        place.write("key", PASSPHRASE);
        let mut turned = place.plants.clone();
        turned.rotate_left(1);
        for (prefix, plants) in [("", &place.plants), ("other-", &turned)] {
            let (plan, state) =
                (files::plan(plants, marked).to_string(), files::state(plants, marked).to_string());
            let modules =
                vec![(String::new(), ".".to_owned(), vec![("main.tf".to_owned(), files::sources(plants))])];
            let saved =
                SavedPlan { state: state.clone().into(), modules, ..SavedPlan::of(plan.clone()) }.file();
            let seal = |bytes: &[u8]| Pbkdf2::default().seal(bytes, PASSPHRASE).text();
            for (name, bytes) in [
                ("sealed.tfstate", seal(state.as_bytes()).into_bytes()),
                ("sealed.tfplan", seal(&saved).into_bytes()),
                ("terraform.tfstate", state.into_bytes()),
                ("plan.json", plan.into_bytes()),
                ("plan.tfplan", saved),
                // In the log of a run nothing is marked.
                (LOG, if marked { Vec::new() } else { files::log(plants).into_bytes() }),
            ] {
                place.write(&format!("{prefix}{name}"), bytes);
            }
        }
        place
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.dir.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.dir.path().join(name)).unwrap()
    }

    /// Runs the program; what it says holds no plant.
    fn run(&self, line: &str) -> Output {
        let mut command = Command::cargo_bin("tidelock").unwrap();
        command.env_clear().current_dir(self.dir.path()).args(line.split(' '));
        let output = command.output().unwrap();
        let said = said(&output);
        for plant in &self.plants {
            assert!(!said.contains(&plant.secret), "{line}: {} of {}", plant.secret, plant.kind);
        }
        output
    }

    /// The program answers, and its answer is about what is planted.
    fn answers(&self, line: &str) {
        let output = self.run(line);
        assert!(output.stderr.is_empty(), "{line}: {output:?}");
        assert!(said(&output).contains("orchard_tree.t1"), "{line}: {output:?}");
    }

    /// The program refuses.
    fn refuses(&self, line: &str) {
        let output = self.run(line);
        assert!(said(&output).contains("tidelock::"), "{line}: {output:?}");
        assert!(!matches!(output.status.code(), Some(0) | None), "{line}: {output:?}");
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Plain words, which nothing but a mark makes a secret.
fn words() -> Plant {
    let text = "correct-horse-words-battery".to_owned();
    Plant { kind: "words", name: "motto", secret: text.clone(), text }
}

#[test]
fn secrets_of_every_kind_are_not_shown() {
    for marked in [false, true] {
        let mut plants = plants::secrets();
        plants.extend(marked.then(words));
        let place = Place::new(plants, marked);
        let logs: &[&str] = if marked { &[] } else { &[LOG] };
        for name in STATES.iter().chain(&PLANS).chain(logs) {
            for format in FORMATS {
                place.answers(&format!("show -v --passphrase-file key --format {format} {name}"));
            }
        }
    }
}

#[test]
fn secrets_of_every_kind_are_in_no_comparison() {
    for marked in [false, true] {
        let mut plants = plants::secrets();
        plants.extend(marked.then(words));
        let place = Place::new(plants, marked);
        let both = |from: &str, to: &str| (from.to_owned(), format!("other-{to}"));
        let pairs = [
            both("terraform.tfstate", "sealed.tfstate"),
            both("plan.json", "plan.json"),
            both("plan.tfplan", "sealed.tfplan"),
            both("terraform.tfstate", "plan.json"),
            both("plan.tfplan", "sealed.tfstate"),
        ];
        for (from, to) in pairs {
            for format in FORMATS {
                place.answers(&format!("diff -v --passphrase-file key --format {format} {from} {to}"));
            }
        }
    }
}

#[test]
fn no_error_tells_what_is_in_a_damaged_artifact() {
    let place = Place::new(plants::secrets(), false);
    for name in STATES.iter().chain(&PLANS) {
        let bytes = place.read(name);
        for cut in [bytes.len() / 3, bytes.len() - 20] {
            place.write("cut", &bytes[..cut]);
            place.refuses("show --passphrase-file key cut");
            place.refuses(&format!("diff --passphrase-file key {name} cut"));
        }
        let mut flipped = bytes.clone();
        // Of JSON this is the end of its first text, of a saved plan the middle of a member.
        let at = if *name == "plan.tfplan" {
            bytes.len() / 3
        } else {
            bytes.iter().skip(2).position(|byte| *byte == b'"').unwrap() + 2
        };
        flipped[at] ^= 1;
        place.write("flipped", &flipped);
        place.refuses("show --passphrase-file key flipped");
    }
    // A log that is cut off is normal; what is left of it is told.
    let log = place.read(LOG);
    place.write("cut.jsonl", &log[..log.len() / 3]);
    place.answers("show -v cut.jsonl");
    place.refuses(&format!("diff {LOG} plan.json"));
}

#[test]
fn no_error_tells_what_is_in_a_file_of_another_kind() {
    let place = Place::new(plants::secrets(), false);
    let told: Vec<String> = place.plants.iter().map(Plant::told).collect();
    place.write("notes.txt", told.join("\n"));
    place.write("list.json", serde_json::to_string(&told).unwrap());
    place.write("main.tf", files::sources(&place.plants));
    let resources = String::from_utf8(place.read("plan.json")).unwrap();
    place.write("old.json", resources.replacen("\"1.2\"", "\"7.0\"", 1));
    for name in ["notes.txt", "list.json", "main.tf", "old.json"] {
        place.refuses(&format!("show {name}"));
        place.refuses(&format!("diff {name} plan.json"));
    }
    place.write("wrong-key", "sixteen-red-pears");
    place.refuses("show --passphrase-file wrong-key sealed.tfplan");
    place.refuses("diff --passphrase-file wrong-key sealed.tfstate sealed.tfplan");
}
