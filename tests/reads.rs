//! The table "What it reads" of the README, made by trying the program on a sample of every kind of artifact.

#![allow(clippy::unwrap_used, reason = "a sample that is not there fails the test")]

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use tidelock::Kind;
use tidelock_testkit::steps::repository;

/// What a sample is tried with: the heading, and the arguments, where `{}` is the sample.
const USES: &[(&str, &[&str])] = &[
    ("`drift`", &["drift", "{}"]),
    ("`gate`", &["gate", "{}"]),
    ("`approve`, `baseline`, `graph`", &["graph", "{}"]),
    ("`diff`", &["diff", "{}", "{}"]),
    ("`gate --state`", &["gate", "fixtures/drift/vm_memory/plan.json", "--state", "{}"]),
    ("`--schema`", &["drift", "fixtures/drift/vm_memory/plan.json", "--schema", "{}"]),
];

/// A recorded sample, or the text of one that nobody would record.
enum Sample {
    Recorded(&'static str),
    Text(&'static [u8]),
}

/// `None` for kinds that later versions of the detector add: the table would not know them.
fn sample(kind: Kind) -> Option<Sample> {
    use Sample::{Recorded, Text};
    Some(match kind {
        Kind::PlanJson => Recorded("fixtures/opentofu/real_drift/plan.json"),
        Kind::SavedPlan => Recorded("fixtures/opentofu/real_drift/plan.tfplan"),
        Kind::UiStream => Recorded("fixtures/opentofu/real_drift/plan.ui.jsonl"),
        Kind::State => Recorded("fixtures/opentofu/real_drift/state.pull.json"),
        Kind::StateJson => Recorded("fixtures/opentofu/real_drift/state.show.json"),
        Kind::EncryptedState => Recorded("fixtures/opentofu/encrypted_env/terraform.tfstate"),
        Kind::EncryptedPlan => Recorded("fixtures/opentofu/encrypted_env/plan.tfplan"),
        Kind::Schemas => Recorded("fixtures/opentofu/providers-schema.json"),
        Kind::OtherZip => Text(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        Kind::AncientPlan => Text(b"tfplan\x02rest"),
        Kind::CloudBookmark => {
            Text(br#"{"remote_plan_format":1,"run_id":"run-1","hostname":"app.terraform.io"}"#)
        }
        Kind::RedactedPlan => Text(br#"{"plan_format_version":"1.2","resource_changes":[]}"#),
        Kind::LegacyState => Text(br#"{"version":3,"serial":1,"modules":[{"resources":{"a.b":{}}}]}"#),
        Kind::FutureState => Text(br#"{"version":5,"serial":1,"resources":[]}"#),
        Kind::BackendSettings => Text(br#"{"version":3,"backend":{"type":"s3"},"modules":[]}"#),
        Kind::FunctionSignatures => Text(br#"{"format_version":"1.0","function_signatures":{}}"#),
        Kind::Validation => Text(br#"{"format_version":"1.0","valid":true,"diagnostics":[]}"#),
        Kind::ConfigurationJson => Text(br#"{"root_module":{}}"#),
        Kind::ModuleManifest => Text(br#"{"Modules":[]}"#),
        Kind::Inventory => Recorded("fixtures/proxmox/memory_drift/inventory.cluster.json"),
        Kind::UnknownJson => Text(br#"{"hello":"world"}"#),
        _ => return None,
    })
}

/// What is read as the other one once it is opened; finding the key for each use would take minutes.
fn opened(kind: Kind) -> Kind {
    match kind {
        Kind::EncryptedState => Kind::State,
        Kind::EncryptedPlan => Kind::SavedPlan,
        plain => plain,
    }
}

/// Whether the program has an answer, of whatever kind.
fn answers(args: &[&str], sample: &Path) -> bool {
    let key =
        fs::read_to_string(repository().join("fixtures/opentofu/encrypted_env/TF_ENCRYPTION.hcl")).unwrap();
    let output = Command::new(assert_cmd::cargo::cargo_bin("tidelock"))
        .args(args.iter().map(|arg| if *arg == "{}" { sample.as_os_str() } else { arg.as_ref() }))
        .current_dir(repository())
        .env("TF_ENCRYPTION", key)
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    if code == 1 {
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains("help:"), "{args:?} with {} says what to do: {words}", sample.display());
    }
    code != 1
}

fn table() -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut rows: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    let (mut refused, mut tried) = (Vec::new(), BTreeMap::<Kind, Vec<bool>>::new());
    for kind in Kind::ALL {
        let path: PathBuf = match sample(*kind).expect("every kind has a sample") {
            Sample::Recorded(file) => repository().join(file),
            Sample::Text(text) => {
                let path = dir.path().join(kind.as_str());
                fs::write(&path, text).unwrap();
                path
            }
        };
        let shown = Command::new(assert_cmd::cargo::cargo_bin("tidelock"))
            .args(["show", "--format", "json"])
            .arg(&path)
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(
            matches!(kind, Kind::UnknownJson) || shown.contains(&format!("\"{}\"", kind.as_str())),
            "{kind}: {shown}"
        );
        let ticks: Vec<bool> = match tried.get(&opened(*kind)) {
            Some(ticks) => {
                assert!(answers(&["graph", "{}"], &path) == ticks[2], "{kind} is read as what is in it");
                Vec::clone(ticks)
            }
            None => USES.iter().map(|(_, args)| answers(args, &path)).collect(),
        };
        tried.insert(*kind, ticks.clone());
        if ticks.contains(&true) {
            rows.entry(ticks.iter().map(|tick| !tick).collect()).or_default().push(kind.to_string());
        } else {
            refused.push(kind.to_string());
        }
    }
    let heads: Vec<&str> = USES.iter().map(|(head, _)| *head).collect();
    let mut text = format!("| | {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len() + 1));
    for (ticks, kinds) in rows {
        let ticks: Vec<&str> = ticks.iter().map(|missing| if *missing { "" } else { "✓" }).collect();
        text += &format!("| {} | {} |\n", kinds.join(", "), ticks.join(" | "));
    }
    text + &format!("\nRecognised, and refused with what to do instead: {}.\n", refused.join(", "))
}

#[test]
fn the_readme_says_what_is_read() {
    const BEGIN: &str = "<!-- what it reads -->\n";
    const END: &str = "<!-- end -->\n";
    let path = repository().join("README.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}\n{}\n{END}{after}", table());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, expected).unwrap();
    } else {
        assert!(page == expected, "the table is out of date: UPDATE_DOCS=1 writes it anew\n{}", table());
    }
}
