//! Key programs, real ones.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a program that cannot be written fails the test")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tidelock_parse::encryption::{KeyError, KeyRequest, KeySource, Provider, Secret};
use tidelock_run::ExternalKeys;

const HEADER: &str = r#"echo '{"magic":"OpenTofu-External-Key-Provider","version":1}'"#;

/// The command of a key program that is a shell script. To run the script itself right after writing it may fail while
/// another test starts a process.
fn program(dir: &Path, script: &str) -> Vec<Secret> {
    let path = dir.join("key program");
    fs::write(&path, script).unwrap();
    ["/bin/sh", path.to_str().unwrap()].map(|word| Secret::new(word.as_bytes().to_vec())).to_vec()
}

/// What a program is asked, in the form in which the library asks.
fn ask(script: &str, arguments: &[&str], metadata: &str) -> Result<Vec<Secret>, KeyError> {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program(dir.path(), script);
    command.extend(arguments.iter().map(|word| Secret::new(word.as_bytes().to_vec())));
    let request = KeyRequest::new(&Provider::External, "key_provider.external.x", metadata.as_bytes());
    ExternalKeys::new().timeout(Duration::from_secs(5)).keys(&request.with_command(&command))
}

fn failure(script: &str) -> String {
    let error = ask(script, &[], r#"{"external_data":{}}"#).unwrap_err().to_string();
    assert!(!error.contains("hush"), "{error}");
    error
}

#[test]
fn a_program_gets_the_metadata_and_gives_the_decryption_key() {
    let script = format!(
        r#"{HEADER}
input=$(cat)
[ "$input" = '{{"external_data":{{"round": 7}}}}' ] || exit 9
[ "$1" = 'a b; $HOME' ] || exit 8
echo '{{"keys":{{"encryption_key":"AAAA","decryption_key":"BwgJ"}},"meta":{{"external_data":{{}}}}}}'"#
    );
    let keys = ask(&script, &["a b; $HOME"], r#"{"external_data":{"round": 7},"other":1}"#);
    assert_eq!(keys, Ok(vec![Secret::new(vec![7, 8, 9])]));
}

#[test]
fn without_a_decryption_key_the_encryption_key_is_meant() {
    for keys in [r#"{"encryption_key":"BwgJ"}"#, r#"{"encryption_key":"BwgJ","decryption_key":""}"#] {
        let script =
            format!("{HEADER}\n[ \"$(cat)\" = null ] || exit 9\necho '{{\"keys\":{keys},\"meta\":{{}}}}'");
        assert_eq!(ask(&script, &[], "{}"), Ok(vec![Secret::new(vec![7, 8, 9])]));
    }
}

#[test]
fn a_program_that_does_not_read_its_input_may_answer() {
    let script = format!("{HEADER}\necho '{{\"keys\":{{\"encryption_key\":\"BwgJ\"}}}}'");
    let metadata = format!(r#"{{"external_data":{{"a":"{}"}}}}"#, "x".repeat(300_000));
    assert_eq!(ask(&script, &[], &metadata), Ok(vec![Secret::new(vec![7, 8, 9])]));
}

#[test]
fn what_goes_wrong_is_said_without_what_the_program_said() {
    assert_eq!(failure("echo hush >&2; exit 3"), "its program ended with exit code 3");
    assert_eq!(failure("kill -9 $$"), "its program was ended by a signal");
    for script in [
        "echo hush",
        "echo '{\"magic\":\"hush\",\"version\":1}'",
        "echo '{\"magic\":\"OpenTofu-External-Key-Provider\",\"version\":2}'",
        "printf '{\"magic\":\"OpenTofu-External-Key-Provider\",\"version\":1}'",
        "true",
    ] {
        assert!(failure(script).contains("does not speak tofu's protocol"), "{script}");
    }
    for answer in [
        "hush",
        r#"{"keys":{"encryption_key":7}}"#,
        r#"{"keys":{"encryption_key":"BwgJ","hush":1}}"#,
        r#"{"keys":{"encryption_key":"BwgJ"}} hush"#,
    ] {
        assert!(failure(&format!("{HEADER}\necho '{answer}'")).contains("not what tofu expects"), "{answer}");
    }
    assert!(failure(&format!("{HEADER}\necho '{{\"keys\":{{}}}}'")).contains("holds no key"));
    let no_base64 = failure(&format!("{HEADER}\necho '{{\"keys\":{{\"encryption_key\":\"hush!\"}}}}'"));
    assert!(no_base64.contains("not base64"));
    assert!(failure("head -c 100000 /dev/zero").contains("more than 64 KiB"));
}

#[test]
fn a_program_that_does_not_end_is_stopped() {
    for script in ["sleep 60", "exec >&-; sleep 60", "sleep 60 & echo x"] {
        let dir = tempfile::tempdir().unwrap();
        let command = program(dir.path(), script);
        let request = KeyRequest::new(&Provider::External, "x", b"{}").with_command(&command);
        let started = Instant::now();
        let error = ExternalKeys::new().timeout(Duration::from_millis(300)).keys(&request).unwrap_err();
        assert!(error.to_string().contains("took too long"), "{script}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn nothing_runs_without_a_command_or_for_another_provider() {
    let keys = ExternalKeys::new();
    let request = KeyRequest::new(&Provider::External, "x", b"{}");
    assert_eq!(keys.keys(&request), Ok(Vec::new()));
    let command = [Secret::new(b"/nowhere/at/all".to_vec())];
    let other = KeyRequest::new(&Provider::AwsKms, "x", b"{}").with_command(&command);
    assert_eq!(keys.keys(&other), Ok(Vec::new()));
    let missing = keys.keys(&request.with_command(&command)).unwrap_err().to_string();
    assert_eq!(missing, "its program cannot be started");
    assert_eq!(
        keys.keys(&request.with_command(&[])).unwrap_err().to_string(),
        "its `command` names no program"
    );
}
