//! What is published: archives, packages for crates.io, and that whoever fetches them agrees with whoever makes them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a package that cannot be made fails the test")]

mod releases;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use releases::{can_pack, pack, packing, program, root, said, stand_in, write_executable};
use serde_json::Value as Json;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What is published on crates.io: every crate of the workspace that does not refuse it.
fn published() -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root());
    let workspace: Json = serde_json::from_slice(&cargo.output().unwrap().stdout).unwrap();
    let packages = workspace["packages"].as_array().unwrap().iter();
    let published = packages.filter(|package| package["publish"].is_null());
    published.map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

/// The targets that a release is built for, from its workflow.
fn targets() -> Vec<String> {
    let targets: BTreeSet<String> = read(".github/workflows/release.yml")
        .lines()
        .filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("target: "))
        .filter(|target| !target.contains("${{"))
        .map(str::to_owned)
        .collect();
    targets.into_iter().collect()
}

/// The names inside an archive, sorted.
fn contents(archive: &Path) -> Vec<String> {
    let output = if archive.extension().is_some_and(|extension| extension == "zip") {
        Command::new("unzip").arg("-Z1").arg(archive).output()
    } else {
        Command::new("tar").arg("-tzf").arg(archive).output()
    };
    let mut names: Vec<String> = said(&output.unwrap()).lines().map(str::to_owned).collect();
    names.retain(|name| !name.ends_with('/'));
    names.sort();
    names
}

#[allow(clippy::print_stderr, reason = "who reads the log of a test run must see what did not run")]
fn has(tool: &str) -> bool {
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", tool]).output().unwrap().status.success();
    if !found {
        eprintln!("skipped: {tool} is not here");
    }
    found
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

#[test]
fn an_archive_holds_program_licences_pages_and_scripts() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // The pages are the real ones, the program is small.
    let small = stand_in(dir.path(), VERSION);
    let mut script = packing(&small, "x86_64-unknown-linux-musl", dir.path());
    let output = script.arg("--pages-from").arg(program()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let archive = PathBuf::from(said(&output).trim_end());
    let top = format!("tidelock-{VERSION}-x86_64-unknown-linux-musl");
    assert_eq!(archive.file_name().unwrap().to_str().unwrap(), format!("{top}.tar.gz"));
    assert!(
        Command::new("tar").arg("-xzf").arg(&archive).current_dir(dir.path()).status().unwrap().success()
    );
    let top = dir.path().join(top);
    for name in
        ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "completions/tidelock.fish", "man/tidelock-gate.1"]
    {
        assert!(fs::metadata(top.join(name)).unwrap().len() > 100, "{name}");
    }
    let mut scripts = names_in(&root().join("docs/pipelines/scripts"));
    scripts.retain(|name| name.strip_suffix(".sh").is_some());
    for name in &scripts {
        let mode = fs::metadata(top.join("scripts").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{name}");
    }
    assert_eq!(names_in(&top.join("scripts")).len(), scripts.len());
    assert_eq!(fs::metadata(top.join("tidelock")).unwrap().mode() & 0o777, 0o755);
    assert_eq!(fs::metadata(top.join("README.md")).unwrap().mode() & 0o777, 0o644);
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = stand_in(dir.path(), VERSION);
    let kinds = if has("zip") {
        &["x86_64-apple-darwin", "x86_64-pc-windows-msvc"][..]
    } else {
        &["x86_64-apple-darwin"]
    };
    for target in kinds {
        let first = pack(&program, target, &dir.path().join("first"));
        std::thread::sleep(std::time::Duration::from_secs(2));
        let script = format!(
            "umask 077 && TZ=Pacific/Auckland sh '{}' --binary '{}' --out '{}' {target}",
            root().join(".ci/package").display(),
            program.display(),
            dir.path().join("second").display()
        );
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &script]).env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let second = dir.path().join("second").join(first.file_name().unwrap());
        assert!(fs::read(first).unwrap() == fs::read(second).unwrap(), "{target}");
    }
}

#[test]
fn a_tar_that_dies_leaves_no_archive() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = stand_in(dir.path(), VERSION);
    // It says what the script looks for, writes the head of an archive, and dies.
    let tar =
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'tar (GNU tar)'; exit 0; fi\nprintf half\nexit 2\n";
    let bin = dir.path().join("bin");
    fs::create_dir(&bin).unwrap();
    write_executable(&bin.join("tar"), tar);
    let out = dir.path().join("out");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = packing(&program, "x86_64-apple-darwin", &out).env("PATH", path).output().unwrap();
    assert!(!output.status.success(), "{}", said(&output));
    assert_eq!(names_in(&out), Vec::<String>::new());
}

#[test]
fn the_installer_is_among_the_checksums_where_it_is_published() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::copy(root().join("install.sh"), out.join("install.sh")).unwrap();
    pack(&stand_in(dir.path(), VERSION), "x86_64-apple-darwin", &out);
    let sums = fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    let names: Vec<&str> = sums.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!(names[0], "install.sh", "{sums}");
    assert_eq!(names.len(), 2, "{sums}");
}

/// The jobs of the release workflow.
fn jobs() -> serde_json::Map<String, Json> {
    let workflow: Json = serde_saphyr::from_str(&read(".github/workflows/release.yml")).unwrap();
    workflow["jobs"].as_object().unwrap().clone()
}

#[test]
fn a_job_that_compiles_holds_no_right_and_no_secret() {
    for (name, job) in jobs() {
        let steps = job["steps"].as_array().unwrap();
        let runs = steps.iter().filter_map(|step| step["run"].as_str());
        let compiles = runs
            .filter(|run| !run.contains("cargo publish") || !run.contains("--no-verify"))
            .any(|run| run.contains("cargo ") || run.contains(".ci/run"));
        let rights = job["permissions"].as_object().unwrap();
        let writes = rights.values().any(|right| right == "write");
        assert!(!compiles || !writes, "{name} compiles and may write");
        assert!(!compiles || !job.to_string().contains("secrets."), "{name} compiles and has a secret");
    }
}

#[test]
fn a_secret_is_given_to_one_step_and_what_publishes_waits_in_an_environment() {
    for (name, job) in jobs() {
        assert!(!job["env"].to_string().contains("secrets."), "{name}");
        let publishes = ["contents", "packages"].iter().any(|right| job["permissions"][*right] == "write");
        assert!(!publishes || job["environment"].is_string(), "{name}");
    }
    assert_eq!(jobs()["crates"]["environment"], "crates-io");
    assert_eq!(read(".github/workflows/release.yml").matches("secrets.").count(), 1);
}

#[test]
fn every_action_of_the_workflows_is_pinned_by_a_commit() {
    for workflow in ["release", "ci"] {
        let text = read(&format!(".github/workflows/{workflow}.yml"));
        let uses =
            text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
        for action in uses.filter(|action| !action.starts_with("./")) {
            let commit = action.split_once('@').unwrap().1.split(" # v").next().unwrap();
            assert!(
                commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()),
                "{workflow}: {action}"
            );
        }
    }
}

#[test]
fn every_archive_of_a_folder_is_in_its_checksums() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = stand_in(dir.path(), VERSION);
    for target in ["x86_64-unknown-linux-musl", "aarch64-apple-darwin", "x86_64-unknown-linux-musl"] {
        pack(&program, target, dir.path().join("out").as_path());
    }
    let sums = fs::read_to_string(dir.path().join("out/SHA256SUMS")).unwrap();
    let names: Vec<&str> = sums.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(
        names,
        ["aarch64-apple-darwin", "x86_64-unknown-linux-musl"]
            .map(|target| format!("tidelock-{VERSION}-{target}.tar.gz"))
    );
}

#[test]
fn a_program_that_does_not_run_here_is_packed_with_the_pages_of_one_that_does() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let foreign = dir.path().join("foreign");
    write_executable(&foreign, "#!/bin/sh\nexit 126\n");
    let refused = packing(&foreign, "aarch64-apple-darwin", dir.path()).output().unwrap();
    assert!(!refused.status.success() && said(&refused).contains("--pages-from"), "{}", said(&refused));
    let native = stand_in(dir.path(), VERSION);
    let packed = packing(&foreign, "aarch64-apple-darwin", dir.path())
        .arg("--pages-from")
        .arg(native)
        .output()
        .unwrap();
    assert!(packed.status.success(), "{}", said(&packed));
}

#[test]
fn cargo_binstall_finds_the_archives_and_the_program_in_them() {
    if !can_pack() {
        return;
    }
    let manifest: toml::Table = toml::from_str(&read("crates/tidelock-cli/Cargo.toml")).unwrap();
    let repository = env!("CARGO_PKG_REPOSITORY");
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let dir = tempfile::tempdir().unwrap();
    let program = stand_in(dir.path(), VERSION);
    let targets = targets();
    assert_eq!(targets.len(), 5, "{targets:?}");
    for target in &targets {
        let windows = target.contains("windows");
        if windows && !(has("zip") && has("unzip")) {
            continue;
        }
        let format =
            binstall.get("overrides").and_then(|all| all.get(target)).unwrap_or(binstall)["pkg-fmt"].as_str();
        let suffix = match format.unwrap() {
            "tgz" => ".tar.gz",
            "zip" => ".zip",
            other => panic!("{other}"),
        };
        let filled = |key: &str| {
            let mut text = binstall[key].as_str().unwrap().to_owned();
            for (variable, value) in [
                ("repo", repository),
                ("version", VERSION),
                ("target", target),
                ("archive-suffix", suffix),
                ("bin", "tidelock"),
                ("binary-ext", if windows { ".exe" } else { "" }),
            ] {
                text = text.replace(&format!("{{ {variable} }}"), value);
            }
            assert!(!text.contains('{'), "{text}");
            text
        };
        let archive = pack(&program, target, &dir.path().join("out"));
        let name = archive.file_name().unwrap().to_str().unwrap();
        assert_eq!(filled("pkg-url"), format!("{repository}/releases/download/v{VERSION}/{name}"));
        assert!(contents(&archive).contains(&filled("bin-dir")), "{:?}", contents(&archive));
    }
}

#[test]
fn the_installer_knows_the_targets_of_a_release_and_no_other() {
    let script = read("install.sh");
    for target in targets().iter().filter(|target| !target.contains("windows")) {
        let (machine, system) = target.split_once('-').unwrap();
        assert!(script.contains(&format!("machine={machine} ;;")), "{target}");
        assert!(script.contains(&format!("system={system} ;;")), "{target}");
    }
}

#[test]
fn a_container_copies_only_what_the_archive_holds() {
    if !can_pack() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let archive = pack(&stand_in(dir.path(), VERSION), "x86_64-unknown-linux-musl", dir.path());
    let top = format!("tidelock-{VERSION}-x86_64-unknown-linux-musl/");
    let held: Vec<String> =
        contents(&archive).iter().map(|name| name.strip_prefix(&top).unwrap().to_owned()).collect();
    let mut folders: BTreeSet<&str> =
        held.iter().filter_map(|name| name.split_once('/')).map(|(top, _)| top).collect();
    folders.insert("scripts");
    let text = read("Containerfile");
    let mut copied = 0;
    for line in text.lines().filter(|line| line.starts_with("COPY ")) {
        let words: Vec<&str> =
            line.split_whitespace().skip(1).filter(|word| !word.starts_with("--chmod")).collect();
        let (_, sources) = words.split_last().unwrap();
        if let Some(sources) = sources.strip_prefix(&["--from=archive"]) {
            for source in sources {
                let name = source.strip_prefix("/unpacked/").unwrap();
                assert!(held.iter().any(|held| held == name) || folders.contains(name), "{line}");
                copied += 1;
            }
        } else {
            assert_eq!(sources, ["SHA256SUMS", "tidelock-${VERSION}-*-unknown-linux-musl.tar.gz"], "{line}");
        }
    }
    assert!(copied >= 4, "only {copied} sources were found");
}

/// The first thing that the container's first stage runs, as one line of shell.
fn unpacking() -> String {
    let text = read("Containerfile");
    let (_, rest) = text.split_once("\nRUN ").unwrap();
    let lines = rest.lines().scan(true, |more, line| {
        let here = more.then(|| line.trim_end_matches('\\'));
        *more = line.ends_with('\\');
        here
    });
    lines.collect()
}

#[test]
fn a_container_unpacks_the_archive_of_its_architecture_after_its_checksum() {
    if !can_pack() || !has("sha256sum") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = stand_in(dir.path(), VERSION);
    let release = dir.path().join("release");
    pack(&program, "x86_64-unknown-linux-musl", &release);
    let arm = pack(&program, "aarch64-unknown-linux-musl", &release);
    fs::write(arm, "something else").unwrap();
    for (architecture, good) in [("amd64", true), ("arm64", false), ("s390x", false)] {
        let image = dir.path().join(architecture);
        let script = unpacking().replace("/unpacked", image.to_str().unwrap());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(&release)
            .env("VERSION", VERSION)
            .env("TARGETARCH", architecture);
        let output = shell.output().unwrap();
        assert_eq!(output.status.success(), good, "{architecture}: {}", said(&output));
        assert_eq!(image.join("tidelock").is_file(), good, "{architecture}");
        let command = image.join("scripts/tidelock-check");
        assert_eq!(
            fs::metadata(command).is_ok(),
            good && root().join("docs/pipelines/scripts/check.sh").is_file()
        );
    }
}

/// Files that a source includes by a literal path, resolved.
fn included(source: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(source).unwrap();
    let program = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for word in ["include_str!(\"", "include_bytes!(\""] {
        for (at, _) in program.match_indices(word) {
            let line = program[..at].rsplit('\n').next().unwrap_or_default();
            let path = program[at + word.len()..].split('"').next().unwrap();
            // Attributes of doc tests are not built by anybody who depends on the crate.
            if !line.contains("#[doc") {
                found.push(source.parent().unwrap().join(path).canonicalize().unwrap());
            }
        }
    }
    found
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn what_a_crate_includes_is_in_its_package() {
    let mut all = 0;
    let packages = published();
    assert!(packages.iter().any(|name| name == "tidelock-cli"), "{packages:?}");
    for package in &packages {
        let folder = root().join("crates").join(package);
        let output = Command::new(env!("CARGO"))
            .args(["package", "--list", "--allow-dirty", "--offline", "--package", package.as_str()])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let packed: BTreeSet<PathBuf> =
            String::from_utf8(output.stdout).unwrap().lines().map(|name| folder.join(name)).collect();
        for name in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml"] {
            assert!(packed.contains(&folder.join(name)), "{package} has no {name}");
        }
        assert!(
            !packed.iter().any(|file| file.starts_with(folder.join("tests"))),
            "{package} carries its tests"
        );
        let mut files = Vec::new();
        sources(&folder.join("src"), &mut files);
        for file in files.iter().flat_map(|file| included(file)) {
            all += 1;
            assert!(packed.contains(&file), "{package} includes {}", file.display());
        }
    }
    assert!(all >= 6, "only {all} included files were found");
}

#[test]
fn what_a_crate_includes_is_what_it_was_copied_from() {
    for (original, copy) in [
        ("fixtures/proxmox/memory_drift/plan.json", "crates/tidelock-cli/demo/plan.json"),
        ("fixtures/proxmox/memory_drift/main.tf", "crates/tidelock-cli/demo/main.tf"),
        ("fixtures/proxmox/memory_drift/modules/vm/main.tf", "crates/tidelock-cli/demo/modules/vm/main.tf"),
        ("docs/schema/diff-1.json", "crates/tidelock-report/schema/diff-1.json"),
        ("docs/schema/show-1.json", "crates/tidelock-report/schema/show-1.json"),
        ("docs/schema/policy-1.json", "crates/tidelock-rules/schema/policy-1.json"),
        ("docs/schema/report-1.json", "crates/tidelock-report/schema/report-1.json"),
    ] {
        assert!(read(original) == read(copy), "they differ: cp {original} {copy}");
    }
}
