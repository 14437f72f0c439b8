//! What `tofu` 1.12.6 wrote opens, and is what `tofu` itself decrypts it to.

use sha2::{Digest, Sha256};
use tidelock_parse::{
    Input, Kind, Source,
    encryption::{EncryptionError, Keys, Secret, Settings},
};
use tidelock_testkit::fixtures;

use crate::envelope::passphrase;

/// Case, file, length and digest of what is in it, as an unrelated implementation found them.
const RECORDED: [(&str, &str, usize, &str); 4] = [
    (
        "encrypted_default",
        "terraform.tfstate",
        784,
        "f77143ed9da24d238103779fb98f3de7f0030b2293b7219e71fca5d86df4feb0",
    ),
    (
        "encrypted_default",
        "plan.tfplan",
        2778,
        "6100dfd41d638c2d01abf09f229efd2d67f047d4f7fa14c593560a8387334e89",
    ),
    (
        "encrypted_env",
        "terraform.tfstate",
        1414,
        "1aab3d02b490de63d2df5b488a0a1f2149cdb82118d406bda31aa0679ce92154",
    ),
    (
        "encrypted_env",
        "plan.tfplan",
        2598,
        "b74d238374abcb9490f9930888276584e2853c2f4005671dadfafc7ca0f18b40",
    ),
];

fn sealed(case: &str, file: &str) -> Source {
    Source::new(file, fixtures::case(&format!("opentofu/{case}")).unwrap().bytes(file).unwrap())
}

fn given(case: &str) -> &'static str {
    if case == "encrypted_default" { "seventeen ripe pears" } else { "windfall-cider-1893" }
}

#[test]
fn recorded_states_and_plans_open_to_what_tofu_decrypts_them_to() {
    for (case, file, length, digest) in RECORDED {
        let opened = passphrase(given(case)).open(&sealed(case, file)).unwrap();
        assert_eq!((opened.name(), opened.bytes().len()), (file, length), "{case}");
        assert_eq!(format!("{:x}", Sha256::digest(opened.bytes())), digest, "{case}/{file}");
        if file == "terraform.tfstate" {
            // What `state pull` prints, but for a newline.
            let pulled =
                fixtures::case(&format!("opentofu/{case}")).unwrap().bytes("state.pull.json").unwrap();
            assert_eq!(Some(opened.bytes()), pulled.strip_suffix(b"\n"));
        }
        let kind = Input::read(&opened).unwrap().documents[0].kind;
        assert_eq!(kind, if file == "plan.tfplan" { Kind::SavedPlan } else { Kind::State });
    }
}

#[test]
fn the_recorded_variable_opens_its_files_alone() {
    let case = fixtures::case("opentofu/encrypted_env").unwrap();
    let text = case.text("TF_ENCRYPTION.hcl").unwrap();
    let settings = Settings::parse("TF_ENCRYPTION", &text, &|_| None).unwrap();
    let keys = Keys::new().settings(settings);
    keys.open(&sealed("encrypted_env", "plan.tfplan")).unwrap();
    let other = keys.open(&sealed("encrypted_default", "plan.tfplan"));
    assert!(matches!(other, Err(EncryptionError::NoKey { .. })));
}

#[test]
fn the_recorded_sources_open_their_files() {
    let case = fixtures::case("opentofu/encrypted_default").unwrap();
    let tree = tidelock_parse::config::MemoryTree::from([
        ("main.tf", case.text("main.tf").unwrap()),
        ("encryption.tf", case.text("encryption.tf").unwrap()),
    ]);
    let keys = Keys::new().settings(Settings::of_sources(&tree, &|_| None));
    assert!(!keys.is_empty());
    keys.open(&sealed("encrypted_default", "terraform.tfstate")).unwrap();
}

/// Made with the standard library of Go after the layout of `OpenTofu`, not by a `tofu`.
const PUBLISHED: &str = r#"{"serial":42,"lineage":"magic","meta":{"key_provider.pbkdf2.foo":"eyJzYWx0IjoiZTZXdkV5ZUZLRit0cGpRMnJZZVdURDZRUk9LNjdaZE9LWHlnOEZrYXU3ST0iLCJpdGVyYXRpb25zIjo2MDAwMDAsImhhc2hfZnVuY3Rpb24iOiJzaGE1MTIiLCJrZXlfbGVuZ3RoIjozMn0="},"encrypted_data":"tsCwlNK7f3pGZJqYwc3ErJusBsyMGAIBdZFWFDkdAWnNk6ImAoTs8/wz9Vyw5lqOQqw7C5B0EkunTBG7INBIPLDvOH8yXtTDFlH5VNwM3+iHapP4VP3eVsFRCEMXuRC6OHSkpZzYQZByvo8niWxKmnq9osg9j8ByU++2B76WK7odbTcsUKHAQIoBqEMcu8t0Blxo6+uE","encryption_version":"v0"}"#;

#[test]
fn the_envelope_of_the_format_notes_opens() {
    let source = Source::new("state", PUBLISHED.as_bytes());
    let keys = Keys::new().passphrase(Secret::passphrase("correct-horse-battery-staple").unwrap());
    let opened = keys.open(&source).unwrap();
    let expected = concat!(
        r#"{"version":4,"terraform_version":"1.11.0","serial":42,"lineage":"magic","outputs":{},"#,
        r#""resources":[],"check_results":null}"#,
        "\n"
    );
    assert_eq!(std::str::from_utf8(opened.bytes()).unwrap(), expected);
}
