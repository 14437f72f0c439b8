//! The libraries are read-only and offline: a fact of their sources and of what they depend on.

#![allow(clippy::unwrap_used, reason = "a source that cannot be read fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const LIBRARIES: &[&str] =
    &["tidelock-parse", "tidelock-types", "tidelock-rules", "tidelock-report", "tidelock"];

/// Doors to the world outside, as they stand in sources: modules of `std` where they are used.
const DOORS: &[&str] = &[
    "fs::",
    "env::",
    "process::",
    "thread::",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "SystemTime",
    "Instant::now",
    "stdin()",
    "stdout()",
    "stderr()",
    "print!(",
    "println!(",
];

/// The crate that starts programs and opens sockets, and the one way to it: a feature of the facade that is off by default.
const RUNNER: &str = "tidelock-run";

/// Crates that open sockets, start processes or read clocks and randomness.
const FOREIGN: &[&str] = &[
    "curl",
    "getrandom",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "rand",
    "reqwest",
    "rustls",
    "socket2",
    "tokio",
    "ureq",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            found.push(path);
        }
    }
}

/// Lines of a source that the program runs: without comments, and without the tests at its end.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let program = text.split("#[cfg(test)]").next().unwrap_or_default();
    program.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Whether `door` stands in a line, and not as the end of a longer word.
fn stands_in(line: &str, door: &str) -> bool {
    line.match_indices(door).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn a_door_is_found_however_it_was_imported() {
    assert!(stands_in("let text = fs::read(path)?;", "fs::"));
    assert!(stands_in("std::fs::read(path)", "fs::"));
    assert!(!stands_in("let refs = prefs::all();", "fs::"));
}

#[test]
fn no_library_opens_a_door_to_the_world() {
    let mut opened = Vec::new();
    let mut read = 0;
    for library in LIBRARIES {
        let mut files = Vec::new();
        sources(&workspace().join("crates").join(library).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            read += 1;
            for line in code(&text) {
                if DOORS.iter().any(|door| stands_in(line, door)) {
                    opened.push(format!("{}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(read > 100, "only {read} sources were found");
    assert!(opened.is_empty(), "{}", opened.join("\n"));
}

/// The names of all that a package depends on, itself included.
fn dependencies(package: &str, features: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--offline"])
        .args(["--target", "all", "--format", "{p}"])
        .args(features)
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<String> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.iter().any(|name| name == "tidelock-parse"), "the tree was read");
    names
}

/// Of what a package depends on, what opens sockets, starts processes or reads clocks and randomness.
fn foreign(package: &str, features: &[&str]) -> Vec<String> {
    let names = dependencies(package, features);
    names.into_iter().filter(|name| FOREIGN.contains(&name.as_str())).collect()
}

#[test]
fn no_library_depends_on_what_does() {
    for library in ["tidelock-parse", "tidelock-types", "tidelock-rules", "tidelock-report"] {
        assert_eq!(foreign(library, &["--all-features"]), <[String; 0]>::default(), "{library}");
    }
    assert_eq!(foreign("tidelock", &["--features", "encryption,planfile"]), <[String; 0]>::default());
    assert!(
        foreign("tidelock", &["--features", "run"]).contains(&"ureq".to_owned()),
        "the way there is seen"
    );
}

#[test]
fn one_crate_alone_opens_sockets() {
    let uses = |package: &str| {
        let manifest = workspace().join("crates").join(package).join("Cargo.toml");
        fs::read_to_string(manifest).unwrap().lines().any(|line| line.starts_with("ureq"))
    };
    assert!(uses(RUNNER), "what opens sockets is recognised");
    for package in LIBRARIES.iter().chain(&["tidelock-cli"]) {
        assert!(!uses(package), "{package}");
        let mut files = Vec::new();
        sources(&workspace().join("crates").join(package).join("src"), &mut files);
        let opens = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap();
            code(&text).any(|line| {
                ["TcpStream", "TcpListener", "UdpSocket", "ureq"].iter().any(|door| stands_in(line, door))
            })
        };
        assert!(!files.iter().any(opens), "{package}");
    }
}

#[test]
fn no_analysing_library_leads_to_what_starts_programs() {
    let leads =
        |package, features: &[&str]| dependencies(package, features).iter().any(|name| name == RUNNER);
    for library in ["tidelock-parse", "tidelock-types", "tidelock-rules", "tidelock-report"] {
        assert!(!leads(library, &["--all-features"]), "{library}");
    }
    assert!(!leads("tidelock", &[]));
    assert!(!leads("tidelock", &["--features", "encryption"]));
    assert!(leads("tidelock", &["--features", "run"]), "the name is right");
}

#[test]
fn one_crate_alone_starts_programs() {
    let starts = |package: &str| {
        let mut files = Vec::new();
        sources(&workspace().join("crates").join(package).join("src"), &mut files);
        let starts = |file: &PathBuf| {
            let text = fs::read_to_string(file).unwrap();
            code(&text).any(|line| stands_in(line, "process::") && line.contains("Command"))
                || code(&text).any(|line| stands_in(line, "Command::new(") && !line.contains("clap"))
        };
        files.iter().any(starts)
    };
    for package in LIBRARIES.iter().chain(&["tidelock-cli"]) {
        assert!(!starts(package), "{package}");
    }
    assert!(starts(RUNNER), "what starts programs is recognised");
}
