//! Encrypted states and plans from the command line: where keys come from, and that nothing tells them.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use assert_cmd::Command;
use tempfile::TempDir;
use tidelock_testkit::{envelope::Pbkdf2, fixtures};

const DEFAULT: &str = "opentofu/encrypted_default";
const ENV: &str = "opentofu/encrypted_env";
const PASSPHRASE: &str = "seventeen ripe pears";
const ENV_PASSPHRASE: &str = "windfall-cider-1893";

/// The binary in an environment without anything of ours, in an empty directory.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A directory with one file of a case.
    fn with(case: &str, file: &str) -> Self {
        let place = Self::new();
        fs::copy(fixtures::case(case).unwrap().path(file), place.0.path().join(file)).unwrap();
        place
    }

    /// A directory with the state of a case as `a`, sealed with few iterations, and with its passphrase as `key`.
    fn with_state() -> Self {
        let state = fixtures::case(DEFAULT).unwrap().bytes("state.pull.json").unwrap();
        let sealed = Pbkdf2::default().seal(&state, PASSPHRASE).text();
        Self::new().file("a", &sealed).file("key", PASSPHRASE)
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::create_dir_all(self.0.path().join(name).parent().unwrap()).unwrap();
        fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &str, env: &[(&str, &str)]) -> Output {
        let mut command = Command::cargo_bin("tidelock").unwrap();
        command.env_clear().current_dir(self.0.path()).envs(env.iter().copied());
        let output = command.args(line.split(' ')).output().unwrap();
        for secret in [PASSPHRASE, ENV_PASSPHRASE, "shears-under-the-bench", "BwcHBwcHBwcHB"] {
            assert!(!said(&output).contains(secret), "{line}: {output:?}");
        }
        output
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What was said, without the breaks and margins of its lines.
fn flat(output: &Output) -> String {
    let said = said(output);
    let lines = said.lines().map(|line| line.trim().trim_start_matches("| "));
    lines.collect::<Vec<_>>().join(" ")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Asserts that a state was opened: what is in it is listed.
fn lists(output: &Output, address: &str) {
    assert_eq!(code(output), Some(0), "{output:?}");
    assert!(said(output).contains(address), "{output:?}");
}

#[test]
fn a_passphrase_comes_from_a_file_or_the_environment() {
    let place = Place::with(DEFAULT, "terraform.tfstate").file("key", &format!("{PASSPHRASE}\n"));
    let tree = "orchard_tree.cherry";
    lists(&place.run("show -v terraform.tfstate --passphrase-file key", &[]), tree);
    let place = Place::with_state().file("other", "nineteen ripe pears");
    lists(&place.run("show -v a", &[("TIDELOCK_PASSPHRASE", PASSPHRASE)]), tree);
    lists(&place.run("show -v a --passphrase-file other --passphrase-file key", &[]), tree);
}

#[test]
fn the_configuration_opens_without_a_passphrase_of_its_own() {
    let place = Place::with(ENV, "terraform.tfstate");
    let hcl = fixtures::case(ENV).unwrap().text("TF_ENCRYPTION.hcl").unwrap();
    lists(&place.run("show -v terraform.tfstate", &[("TF_ENCRYPTION", &hcl)]), "orchard_tree.olive");
    let variable = hcl.replace(&format!("\"{ENV_PASSPHRASE}\""), "var.cellar");
    let env = [("TF_ENCRYPTION", variable.as_str()), ("TF_VAR_cellar", ENV_PASSPHRASE)];
    lists(&place.run("show -v terraform.tfstate", &env), "orchard_tree.olive");
}

#[test]
fn the_sources_beside_a_file_open_it_where_they_are_literal() {
    let state = fixtures::case(DEFAULT).unwrap().path("terraform.tfstate");
    lists(&Place::new().run(&format!("show -v {}", state.display()), &[]), "orchard_tree.cherry");
}

#[test]
fn a_gate_reads_an_encrypted_state_as_it_reads_its_twin() {
    let (case, place) = (fixtures::case(DEFAULT).unwrap(), Place::with_state());
    fs::copy(case.path("plan.json"), place.path("plan.json")).unwrap();
    fs::copy(case.path("state.pull.json"), place.path("b")).unwrap();
    let gate = |state: &str| {
        place.run(&format!("gate plan.json --format json --passphrase-file key --state {state}"), &[])
    };
    let (sealed, plain) = (gate("a"), gate("b"));
    assert!(!plain.stdout.is_empty());
    assert_eq!((code(&sealed), &sealed.stdout), (code(&plain), &plain.stdout), "{sealed:?}");
    let closed = place.run("gate plan.json --state a", &[]);
    assert_eq!(code(&closed), Some(1));
    assert!(said(&closed).contains("tidelock::encryption::no_key"), "{closed:?}");
}

#[test]
fn an_encrypted_plan_is_opened_by_every_command_that_reads_plans() {
    let plan = fixtures::case("opentofu/real_drift").unwrap().bytes("plan.tfplan").unwrap();
    let sealed = Pbkdf2::default().seal(&plan, PASSPHRASE).text();
    let place = Place::new().file("p", &sealed).file("key", PASSPHRASE);
    fs::write(place.path("q"), plan).unwrap();
    for command in
        ["drift PLAN", "gate PLAN", "graph PLAN", "show PLAN", "approve PLAN", "baseline write PLAN -o b"]
    {
        let with = |plan: &str| command.replace("PLAN", plan);
        if !command.starts_with("show") {
            let closed = place.run(&with("p"), &[]);
            assert_eq!(code(&closed), Some(1), "{command}");
            assert!(said(&closed).contains("tidelock::encryption::no_key"), "{command}: {closed:?}");
        }
        let opened = place.run(&format!("{} --passphrase-file key", with("p")), &[]);
        // Then it is what it is without encryption, whatever that is.
        assert_eq!(code(&opened), code(&place.run(&with("q"), &[])), "{command}: {opened:?}");
        assert!(!said(&opened).contains("encrypt"), "{command}: {opened:?}");
    }
}

#[test]
fn an_encrypted_plan_is_found_in_a_directory_unless_its_json_stands_beside_it() {
    let case = fixtures::case("opentofu/real_drift").unwrap();
    let sealed = Pbkdf2::default().seal(&case.bytes("plan.tfplan").unwrap(), PASSPHRASE).text();
    let place = Place::new().file("plans/plan.tfplan", &sealed).file("key", PASSPHRASE);
    let opened = place.run("drift plans --passphrase-file key", &[]);
    assert_eq!(code(&opened), Some(2), "{opened:?}");
    let closed = place.run("drift plans", &[]);
    assert_eq!(code(&closed), Some(1));
    assert!(said(&closed).contains("tidelock::encryption::no_key"), "{closed:?}");
    let place = place.file("plans/plan.json", &case.text("plan.json").unwrap());
    let shown = place.run("drift plans", &[]);
    assert_eq!(code(&shown), Some(2), "{shown:?}");
    assert!(said(&shown).contains("plan.json"), "{shown:?}");
}

#[test]
fn without_a_key_it_is_said_what_it_is() {
    let shown = Place::with_state().run("show a", &[]);
    assert_eq!(code(&shown), Some(0));
    for word in ["an encrypted OpenTofu state", "pbkdf2", "160d1c06", "without a key"] {
        assert!(said(&shown).contains(word), "{word}: {shown:?}");
    }
}

#[test]
fn a_line_of_a_log_before_an_encrypted_file_does_not_hide_it() {
    let place = Place::with_state();
    let sealed = fs::read_to_string(place.path("a")).unwrap();
    let place = place.file("logged", &format!("[command]/usr/bin/tofu state pull\n{sealed}\n"));
    lists(&place.run("show -v logged --passphrase-file key", &[]), "orchard_tree.cherry");
    let closed = place.run("show logged", &[]);
    assert!(said(&closed).contains("an encrypted OpenTofu state"), "{closed:?}");
}

#[test]
fn of_several_files_in_one_an_encrypted_one_is_not_passed_over() {
    let place = Place::with_state();
    let sealed = fs::read_to_string(place.path("a")).unwrap();
    let plan = fixtures::case(DEFAULT).unwrap().text("plan.json").unwrap();
    let sealed_plan = Pbkdf2::default().seal(plan.as_bytes(), PASSPHRASE).text();
    let place =
        place.file("two", &format!("{sealed}\n{sealed}")).file("mixed", &format!("{plan}\n{sealed_plan}"));
    for line in ["show two --passphrase-file key", "drift two", "diff two a --passphrase-file key"] {
        let output = place.run(line, &[]);
        assert_eq!(code(&output), Some(1), "{line}");
        for told in ["tidelock::encryption::several", "2 artifacts in one input", "a file of its own"] {
            assert!(flat(&output).contains(told), "{line}: {output:?}");
        }
    }
    let output = place.run("drift mixed --passphrase-file key", &[]);
    assert_eq!(code(&output), Some(1), "{output:?}");
    assert!(said(&output).contains("tidelock::encryption::several"), "{output:?}");
}

#[test]
fn why_a_configuration_has_no_key_is_told() {
    let place = Place::with_state();
    let network = "key_provider \"aws_kms\" \"main\" {\n kms_key_id = \"a\"\n}\nmethod \"aes_gcm\" \"m\" {\n keys = key_provider.aws_kms.main\n}\nstate {\n method = method.aes_gcm.m\n}";
    let local =
        |passphrase: &str| network.replace("aws_kms", "pbkdf2").replace("kms_key_id = \"a\"", passphrase);
    let fallback = format!("key_provider \"openbao\" \"old\" {{}}\n{}", local("passphrase = var.cellar"));
    for (configuration, told) in [
        (network.to_owned(), &["`aws_kms.main`, which took no part"][..]),
        (local("passphrase = var.cellar"), &["TF_VAR_cellar is not set", "set TF_VAR_cellar, or give"]),
        (local("passphrase = \"${var.cellar}-x\""), &["TF_VAR_cellar is not set"]),
        (local("passphrase = file(\"key\")"), &["`pbkdf2.main` in the configuration is an expression"]),
        (fallback, &["`openbao.old`", "TF_VAR_cellar"]),
    ] {
        let output = place.run("gate a --state a", &[("TF_ENCRYPTION", &configuration)]);
        assert_eq!(code(&output), Some(1));
        for told in told.iter().chain(&["tidelock::encryption::no_key", "`tofu state pull > state.json`"]) {
            assert!(flat(&output).contains(told), "{told}: {output:?}");
        }
    }
    // With its passphrase it opens all the same.
    lists(
        &place.run("show -v a --passphrase-file key", &[("TF_ENCRYPTION", network)]),
        "orchard_tree.cherry",
    );
}

#[test]
fn a_configuration_with_its_block_around_it_is_refused() {
    let configuration = "encryption {\n  key_provider \"pbkdf2\" \"main\" {\n    passphrase = \"hush-hush-hush-hush\"\n  }\n}";
    let output = Place::with_state().run("show a", &[("TF_ENCRYPTION", configuration)]);
    assert_eq!(code(&output), Some(1));
    assert!(said(&output).contains("tidelock::encryption::configuration"), "{output:?}");
    assert!(flat(&output).contains("without that block around it (line 1)"), "{output:?}");
}

#[test]
fn a_passphrase_file_that_is_not_there_is_no_missing_plan() {
    let output = Place::with_state().run("show a --passphrase-file nowhere", &[]);
    assert_eq!(code(&output), Some(1));
    assert!(said(&output).contains("tidelock::input::missing"), "{output:?}");
    assert!(said(&output).contains("nowhere") && !said(&output).contains("PLANFILE"), "{output:?}");
}

#[test]
fn a_wrong_passphrase_and_a_changed_file_are_one_error() {
    let place = Place::with_state().file("other", "nineteen ripe pears");
    let text = fs::read_to_string(place.path("a")).unwrap();
    let (before, data) = text.split_once("\"encrypted_data\":\"").unwrap();
    let first = if data.starts_with('A') { 'B' } else { 'A' };
    let changed = format!("{before}\"encrypted_data\":\"{first}{}", &data[1..]);
    let place = place.file("changed", &changed);
    for line in ["show a --passphrase-file other", "show changed --passphrase-file key"] {
        let refused = place.run(line, &[]);
        assert_eq!(code(&refused), Some(1), "{line}");
        assert!(said(&refused).contains("tidelock::encryption::authentication"), "{line}: {refused:?}");
        assert!(said(&refused).contains("tofu state pull"), "{line}: {refused:?}");
    }
    let place = place.file("serial", &text.replace("\"serial\":1", "\"serial\":2"));
    let refused = place.run("show serial --passphrase-file key", &[]);
    assert!(said(&refused).contains("tidelock::encryption::mismatch"), "{refused:?}");
}

#[test]
fn a_passphrase_that_cannot_be_one_is_bad_usage() {
    let place = Place::with(DEFAULT, "plan.json").file("empty", "\n").file("short", "hush");
    fs::write(place.path("binary"), [0xff; 20]).unwrap();
    for file in ["empty", "short", "binary"] {
        let refused = place.run(&format!("drift plan.json --passphrase-file {file}"), &[]);
        assert_eq!(code(&refused), Some(1), "{file}");
        assert!(said(&refused).contains("tidelock::encryption::passphrase"), "{file}: {refused:?}");
        assert!(!said(&refused).contains("hush"));
    }
    let missing = place.run("drift plan.json --passphrase-file nowhere", &[]);
    assert!(said(&missing).contains("tidelock::input::missing"), "{missing:?}");
    // What a job gets that may not see the secret.
    let unset = place.run("drift plan.json", &[("TIDELOCK_PASSPHRASE", "")]);
    assert_eq!(code(&unset), Some(2), "{unset:?}");
}

#[test]
fn a_configuration_that_is_none_is_said_and_not_quoted() {
    let place = Place::with(ENV, "terraform.tfstate").file("plan.json", "{}");
    let broken = [("TF_ENCRYPTION", "key_provider {{{ passphrase = \"windfall-cider-1893\"")];
    let refused = place.run("show terraform.tfstate", &broken);
    assert_eq!(code(&refused), Some(1));
    assert!(said(&refused).contains("tidelock::encryption::configuration"), "{refused:?}");
    // What is not encrypted does not need it.
    let plain = Place::with(ENV, "plan.json").run("drift plan.json", &broken);
    assert_eq!(code(&plain), Some(2), "{plain:?}");
}

#[test]
fn sources_that_do_not_parse_are_quoted_without_their_passphrase() {
    let sources = fixtures::case(DEFAULT).unwrap().text("encryption.tf").unwrap();
    let broken = sources.replace("pears\"", "pears\" oops");
    assert!(broken.contains("oops"));
    let place = Place::with(DEFAULT, "plan.json").file("encryption.tf", &broken);
    let warned = place.run("drift plan.json", &[]);
    assert!(said(&warned).contains("tidelock::config::syntax"), "{warned:?}");
    assert!(said(&warned).contains("passphrase ="), "it is quoted: {warned:?}");
}

/// Made for this test, with a key of 32 bytes of 7.
const EXTERNAL: &str = r#"{"serial":3,"lineage":"made-for-a-test","meta":{"key_provider.external.vault":"eyJleHRlcm5hbF9kYXRhIjp7InJvdW5kIjo3fX0="},"encrypted_data":"AAECAwQFBgcICQoLY6OfFW96sCYZkN+oznoYn5NO1+h3EBpuYKsRyee4AyfkTXfMpv0fy9bJ4cU5hdxSmBJmSvj3iP8fKtXrxeIh7SAuZ9m3NXfiBVSKyFT8X6CGcKSrMk1Sl9P7Qm0pGTAz0oN7anxLeyL6EQhaSC0C7/5tDMCtiyeRFjIsj7pYgXAvpwHc2+MW9mTgT2GYAKuZR1qD","encryption_version":"v0"}"#;

const PROGRAM: &str = r#"
touch ran
[ "$(cat)" = '{"external_data":{"round":7}}' ] || exit 7
[ -z "$TIDELOCK_PASSPHRASE$TIDELOCK_APPROVAL_KEY" ] || exit 8
[ "$VAULT_ADDR" = here ] || exit 9
echo '{"magic":"OpenTofu-External-Key-Provider","version":1}'
echo '{"keys":{"encryption_key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="},"meta":{"external_data":{}}}'
"#;

fn has(place: &Place, name: &str) -> bool {
    Path::new(&place.path(name)).exists()
}

#[cfg(unix)]
#[test]
fn a_key_program_runs_only_where_that_is_allowed() {
    let place = Place::new().file("state", EXTERNAL).file("program", PROGRAM);
    let hcl = "key_provider \"external\" \"vault\" {\n command = [\"/bin/sh\", \"program\"]\n}\n\
               method \"aes_gcm\" \"m\" {\n keys = key_provider.external.vault\n}\nstate {\n method = method.aes_gcm.m\n}\n";
    let env = [
        ("TF_ENCRYPTION", hcl),
        ("PATH", "/usr/bin:/bin"),
        ("VAULT_ADDR", "here"),
        ("TIDELOCK_PASSPHRASE", "nineteen ripe pears"),
        ("TIDELOCK_APPROVAL_KEY", "not for others"),
    ];
    let refused = place.run("gate state --state state", &env);
    assert_eq!(code(&refused), Some(1));
    assert!(said(&refused).contains("--allow-external-key-command"), "{refused:?}");
    assert!(!has(&place, "ran"));
    let shown = place.run("show -v state --allow-external-key-command", &env);
    lists(&shown, "made-for-a-test");
    assert!(has(&place, "ran") && said(&shown).contains("a raw state"), "{shown:?}");
    // Allowed, and named by nobody.
    fs::remove_file(place.path("ran")).unwrap();
    let unnamed = place.run("show state --allow-external-key-command", &[]);
    assert!(said(&unnamed).contains("without a key") && !has(&place, "ran"), "{unnamed:?}");
    let place = place.file("program", "echo hush-hush >&2; exit 4");
    let failed = place.run("show -v state --allow-external-key-command", &env);
    assert_eq!(code(&failed), Some(1));
    assert!(said(&failed).contains("exit code 4") && !said(&failed).contains("hush"), "{failed:?}");
}

#[test]
fn nothing_is_written_to_disk() {
    let place = Place::with_state();
    lists(&place.run("show -v a --passphrase-file key", &[]), "orchard_tree.cherry");
    let entries = fs::read_dir(place.0.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a", "key"]);
}
