//! The binary, as tests run it.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::{path::PathBuf, process::Output};

use assert_cmd::Command;
use serde_json::Value as Json;
use tidelock_testkit::fixtures;

/// The directory of the repository.
pub(crate) fn root() -> PathBuf {
    fixtures::root().join("..").canonicalize().unwrap()
}

/// The binary in an environment without anything of ours, of CI systems or of colours.
pub(crate) fn tidelock() -> Command {
    let mut command = Command::cargo_bin("tidelock").unwrap();
    command.env_clear().current_dir(root());
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    tidelock().args(args).output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn json(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
