//! Lays a seed corpus for every target below `corpus/`, from the fixtures and from the prose of the formats that they
//! do not show.

use std::{fs, path::Path};

use tidelock_fuzz::{NEXT_FILE, PASSPHRASE, wire};
use tidelock_testkit::{envelope::Pbkdf2, fixtures};

/// More takes a fuzzer longer to go through than it gains.
const LARGEST: usize = 128 << 10;

fn lay(target: &str, name: &str, bytes: &[u8]) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    if bytes.len() <= LARGEST {
        fs::create_dir_all(&dir).expect("a folder for the corpus");
        fs::write(dir.join(name.replace('/', "-")), bytes).expect("a seed");
    }
}

fn main() {
    for case in fixtures::all().expect("fixtures") {
        let mut tree = Vec::new();
        for (file, text) in case.sources().expect("sources") {
            tree.extend([file.as_bytes(), b"\n", &text, &[NEXT_FILE]].concat());
        }
        lay("sources", &case.name, &tree);
        for entry in fs::read_dir(&case.dir).expect("a case").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let name = format!("{}-{file}", case.name);
            let Ok(bytes) = fs::read(entry.path()) else { continue };
            match file.rsplit('.').next() {
                Some("jsonl") => lay("stream", &name, &bytes),
                _ if file.contains("state") => {
                    lay("state", &name, &bytes);
                    lay("envelope", &name, Pbkdf2::default().seal(&bytes, PASSPHRASE).text().as_bytes());
                }
                Some("json") => lay("plan_json", &name, &bytes),
                Some("hcl") => lay("envelope", &name, &bytes),
                Some("tfplan") => saved(&name, &bytes),
                _ => {}
            }
        }
    }
}

/// The file, the message in it, and the values in that.
fn saved(name: &str, bytes: &[u8]) {
    if !bytes.starts_with(b"PK") {
        // Recorded envelopes take 600,000 rounds a key; those sealed here take three.
        return;
    }
    lay("plan_file", name, bytes);
    let members = tidelock_testkit::saved::members(bytes).unwrap_or_default();
    let Some(plan) = members.into_iter().find(|member| member.name == "tfplan") else { return };
    let message = plan.bytes;
    lay("plan_message", name, &message);
    for path in [&[3, 9, 2, 1][..], &[18, 9, 2, 1], &[2, 2, 1], &[4, 2, 2, 1]] {
        for (at, value) in wire::parts(&message, path).into_iter().enumerate() {
            lay("msgpack", &format!("{name}-{}-{at}", path[0]), value);
        }
    }
}
