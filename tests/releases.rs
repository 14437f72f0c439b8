//! Releases in a folder, made by the packaging script as for a real one.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program under test: what cargo built, or another that `TIDELOCK_BINARY` names.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("TIDELOCK_BINARY")
        .map_or_else(|| assert_cmd::cargo::cargo_bin("tidelock"), PathBuf::from)
}

/// Whether the machine has the tar that the packaging script needs; says so where it has not.
#[allow(clippy::print_stderr, reason = "who reads the log of a test run must see what did not run")]
pub(crate) fn can_pack() -> bool {
    let gnu = ["tar", "gtar"].iter().any(|tar| {
        let output = Command::new(tar).arg("--version").output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU tar"))
    });
    if !gnu {
        eprintln!("skipped: there is no GNU tar here");
    }
    gnu
}

/// A program that answers like tidelock of some version and does nothing else, so that its archive is small.
pub(crate) fn stand_in(dir: &Path, version: &str) -> PathBuf {
    let file = dir.join(format!("stand-in-{version}"));
    let text =
        format!("#!/bin/sh\ncase $1 in\n--version) echo 'tidelock {version}' ;;\n*) echo \"$@\" ;;\nesac\n");
    write_executable(&file, &text);
    file
}

pub(crate) fn write_executable(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Packs a program for a target into a folder; returns the archive.
pub(crate) fn pack(program: &Path, target: &str, out: &Path) -> PathBuf {
    let output = packing(program, target, out).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

/// The packaging script, not run yet.
pub(crate) fn packing(program: &Path, target: &str, out: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg(root().join(".ci/package")).arg("--binary").arg(program).arg("--out").arg(out).arg(target);
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
