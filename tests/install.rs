//! `install.sh` from a folder and from a server on loopback: what is right is installed, anything else leaves no trace.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a release that cannot be made fails the test")]

mod releases;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::Instant,
};

use releases::{can_pack, pack, program, root, said, stand_in, write_executable};
use tempfile::TempDir;

/// What `install.sh` needs from a system, besides something that fetches and something that checks sums.
const TOOLS: &[&str] = &[
    "chmod", "cp", "env", "grep", "gzip", "mkdir", "mktemp", "mv", "rm", "sh", "sort", "tail", "tar", "uname",
];

/// The version that this workspace builds.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The target whose archive fits this machine.
fn target() -> String {
    let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
    format!("{}-{system}", env::consts::ARCH)
}

fn find(tool: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(tool)).find(|file| file.is_file())
}

/// A machine with nothing on it but the tools it was given, releases in a folder, and a home.
struct Machine {
    dir: TempDir,
    environment: BTreeMap<&'static str, String>,
}

impl Machine {
    fn with(tools: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["bin", "home", "releases", "tmp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        for tool in TOOLS.iter().chain(tools) {
            symlink(
                find(tool).unwrap_or_else(|| panic!("{tool} is not here")),
                dir.path().join("bin").join(tool),
            )
            .unwrap();
        }
        let text = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let environment = BTreeMap::from([
            ("HOME", text("home")),
            ("PATH", text("bin")),
            ("TIDELOCK_RELEASES", text("releases")),
            ("TMPDIR", text("tmp")),
        ]);
        Self { dir, environment }
    }

    /// One that checks sums with the first tool there is, and holds a release of a stand-in.
    fn usual() -> Self {
        let hasher =
            ["sha256sum", "shasum", "openssl"].into_iter().find(|tool| find(tool).is_some()).unwrap();
        let machine = Self::with(&[hasher]);
        machine.release(VERSION);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn release(&self, version: &str) -> PathBuf {
        pack(&stand_in(self.dir.path(), version), &target(), &self.path("releases"))
    }

    fn archive(&self) -> PathBuf {
        self.path("releases").join(format!("tidelock-{VERSION}-{}.tar.gz", target()))
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.environment.insert(name, value.to_owned());
        self
    }

    /// Replaces a tool by a script.
    fn fake(&self, tool: &str, script: &str) {
        let file = self.path("bin").join(tool);
        fs::remove_file(&file).unwrap();
        write_executable(&file, script);
    }

    fn install_with(&self, shell: &[PathBuf]) -> Output {
        Command::new(&shell[0])
            .args(&shell[1..])
            .arg(root().join("install.sh"))
            .env_clear()
            .envs(&self.environment)
            .output()
            .unwrap()
    }

    fn install(&self) -> Output {
        self.install_with(&[find("sh").unwrap()])
    }

    fn installed(&self) -> PathBuf {
        self.path("home/.local/bin/tidelock")
    }

    /// Every file of the home and of the folder for temporary files.
    fn traces(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![self.path("home"), self.path("tmp")];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).unwrap().flatten() {
                if entry.path().is_dir() {
                    open.push(entry.path());
                } else {
                    let file = entry.path();
                    found.push(file.strip_prefix(self.dir.path()).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }

    /// Installs, expects a refusal that says so, and that nothing is left behind.
    fn refuses(&self, because: &str) {
        let before = self.traces();
        let output = self.install();
        let words = said(&output);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(words.contains(because), "{words}");
        assert_eq!(self.traces(), before, "{words}");
    }
}

/// The shells of this machine, as commands.
fn shells() -> Vec<Vec<PathBuf>> {
    let mut shells: Vec<Vec<PathBuf>> =
        ["sh", "dash", "bash"].into_iter().filter_map(|name| Some(vec![find(name)?])).collect();
    shells.extend(find("busybox").map(|busybox| vec![busybox, PathBuf::from("sh")]));
    assert!(!shells.is_empty());
    shells
}

fn version_of(program: &Path) -> String {
    said(&Command::new(program).arg("--version").output().unwrap()).trim_end().to_owned()
}

#[test]
fn the_program_is_installed_by_any_shell_and_gives_a_verdict() {
    if !can_pack() {
        return;
    }
    let machine = Machine::with(&["sha256sum"].map(|tool| find(tool).map_or("shasum", |_| tool)));
    pack(&program(), &target(), &machine.path("releases"));
    for shell in shells() {
        let start = Instant::now();
        let output = machine.install_with(&shell);
        assert!(output.status.success(), "{shell:?}: {}", said(&output));
        let demo = Command::new(machine.installed()).args(["demo", "--format", "plain"]).output().unwrap();
        println!("{shell:?}: installed and answered after {:?}", start.elapsed());
        assert_eq!(said(&demo), "drift\n");
        assert!(said(&output).contains(".local/bin/tidelock\n"), "it says where: {}", said(&output));
    }
}

#[test]
fn a_second_run_leaves_the_same_files() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    assert!(machine.install().status.success());
    let first = machine.traces();
    let again = machine.install();
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(machine.traces(), first);
}

#[test]
fn the_scripts_stand_beside_the_program_under_names_of_their_own() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual().set("TIDELOCK_INSTALL_DIR", "");
    assert!(machine.install().status.success());
    let mut expected: Vec<String> = Vec::from(["home/.local/bin/tidelock".to_owned()]);
    for entry in fs::read_dir(root().join("docs/pipelines/scripts")).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".sh") {
            expected.push(format!("home/.local/bin/tidelock-{name}"));
        }
    }
    expected.sort();
    assert_eq!(machine.traces(), expected);
}

#[test]
fn the_folder_of_the_environment_is_taken() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    let into = machine.path("opt/bin");
    let machine = machine.set("TIDELOCK_INSTALL_DIR", into.to_str().unwrap());
    let output = machine.install();
    assert!(output.status.success() && said(&output).contains("is not on the PATH yet"), "{}", said(&output));
    assert_eq!(version_of(&into.join("tidelock")), format!("tidelock {VERSION}"));
    let path = format!("{}:{}", machine.environment["PATH"], into.display());
    assert!(!said(&machine.set("PATH", &path).install()).contains("is not on the PATH yet"));
}

#[test]
fn a_folder_that_reads_like_an_option_is_a_folder_and_a_tilde_is_refused() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual().set("TIDELOCK_INSTALL_DIR", "-bin");
    let mut shell = Command::new(find("sh").unwrap());
    shell.arg(root().join("install.sh")).current_dir(machine.path("home"));
    let output = shell.env_clear().envs(&machine.environment).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(version_of(&machine.path("home/-bin/tidelock")), format!("tidelock {VERSION}"));
    for tilde in ["~/bin", "~", "~ada/bin"] {
        Machine::usual().set("TIDELOCK_INSTALL_DIR", tilde).refuses("write $HOME instead");
    }
}

#[test]
fn a_folder_where_a_file_has_to_go_is_refused() {
    if !can_pack() {
        return;
    }
    for name in ["tidelock", "tidelock-plan"] {
        let machine = Machine::usual();
        fs::create_dir_all(machine.path("home/.local/bin").join(name)).unwrap();
        machine.refuses(&format!("/{name} is a folder: nothing was installed"));
    }
}

#[test]
fn what_to_try_is_found_whether_or_not_it_is_on_the_path() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    let words = said(&machine.install());
    let tried = words.lines().find_map(|line| line.strip_prefix("try it: ")).unwrap();
    assert_eq!(tried, format!("{} demo", machine.installed().display()));
    let path = format!("{}:{}", machine.environment["PATH"], machine.path("home/.local/bin").display());
    assert!(said(&machine.set("PATH", &path).install()).contains("try it: tidelock demo\n"));
}

#[test]
fn scripts_that_are_not_of_this_release_are_named_and_stay() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    assert!(!said(&machine.install()).contains("not of this release"));
    let old = machine.path("home/.local/bin/tidelock-of-old");
    fs::write(&old, "#!/bin/sh\n").unwrap();
    let words = said(&machine.install());
    assert!(words.contains(&format!("if an earlier one left it: {}\n", old.display())), "{words}");
    assert_eq!(words.matches("not of this release").count(), 1, "{words}");
    assert!(old.is_file());
}

#[test]
fn the_first_command_of_the_pages_needs_no_path() {
    for page in ["README.md", "docs/install.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let line = text.lines().find(|line| line.starts_with("curl ")).unwrap();
        assert!(line.ends_with("/install.sh | sh && ~/.local/bin/tidelock demo"), "{page}: {line}");
    }
}

#[test]
fn a_wrong_checksum_is_refused_and_what_was_installed_stays() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    assert!(machine.install().status.success());
    let before = fs::metadata(machine.installed()).unwrap().modified().unwrap();
    let sums = machine.path("releases/SHA256SUMS");
    let text = fs::read_to_string(&sums).unwrap();
    let other = if text.starts_with('0') { "1" } else { "0" };
    fs::write(&sums, format!("{other}{}", &text[1..])).unwrap();
    machine.refuses("the checksum of tidelock-");
    assert_eq!(fs::metadata(machine.installed()).unwrap().modified().unwrap(), before);
}

#[test]
fn an_archive_that_was_cut_off_is_refused() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    let bytes = fs::read(machine.archive()).unwrap();
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        fs::write(machine.archive(), &bytes[..length]).unwrap();
        machine.refuses("nothing was installed");
    }
}

#[test]
fn files_that_are_missing_are_named() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    fs::remove_file(machine.archive()).unwrap();
    machine.refuses(&format!("has no tidelock-{VERSION}-{}.tar.gz", target()));
    let machine = Machine::usual().set("TIDELOCK_VERSION", "9.9.9");
    machine.refuses(&format!("has no tidelock-9.9.9-{}.tar.gz", target()));
    fs::remove_file(machine.path("releases/SHA256SUMS")).unwrap();
    machine.refuses("has no SHA256SUMS");
    machine.set("TIDELOCK_VERSION", "").refuses("neither SHA256SUMS nor download/v*");
    Machine::usual().set("TIDELOCK_RELEASES", "/nowhere").refuses("there is no folder /nowhere");
}

#[test]
fn an_archive_without_the_program_or_with_one_that_does_not_run_is_refused() {
    if !can_pack() {
        return;
    }
    let machine = Machine::with(&[find("sha256sum").map_or("shasum", |_| "sha256sum")]);
    let broken = machine.path("broken");
    write_executable(&broken, "#!/bin/sh\nexit 126\n");
    let good = stand_in(machine.dir.path(), VERSION);
    let out = machine.path("releases");
    let output = releases::packing(&broken, &target(), &out).arg("--pages-from").arg(&good).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    machine.refuses("does not run on this machine");
    write_executable(&broken, "#!/bin/sh\necho something else\n");
    releases::packing(&broken, &target(), &out).arg("--pages-from").arg(&good).output().unwrap();
    machine.refuses("says that it is: something else");
}

#[test]
fn an_unknown_machine_is_refused_by_its_name() {
    if !can_pack() {
        return;
    }
    for (system, machine, because) in [
        ("Linux", "riscv64", "there is no archive for riscv64"),
        ("Linux", "armv7l", "there is no archive for armv7l"),
        ("SunOS", "x86_64", "there is no archive for SunOS"),
        ("MINGW64_NT-10.0-26100", "x86_64", "unpack the .zip"),
    ] {
        let here = Machine::usual();
        here.fake(
            "uname",
            &format!("#!/bin/sh\ncase $1 in\n-s) echo {system} ;;\n-m) echo {machine} ;;\nesac\n"),
        );
        here.refuses(because);
    }
}

#[test]
fn each_machine_gets_the_archive_that_was_made_for_it() {
    if !can_pack() {
        return;
    }
    for (system, machine, target) in [
        ("Linux", "amd64", "x86_64-unknown-linux-musl"),
        ("Linux", "aarch64", "aarch64-unknown-linux-musl"),
        ("Darwin", "arm64", "aarch64-apple-darwin"),
        ("Darwin", "x86_64", "x86_64-apple-darwin"),
    ] {
        let here = Machine::usual();
        here.fake(
            "uname",
            &format!("#!/bin/sh\ncase $1 in\n-s) echo {system} ;;\n-m) echo {machine} ;;\nesac\n"),
        );
        fs::write(here.path("releases/SHA256SUMS"), "").unwrap();
        here.refuses(&format!("has no archive for {target}"));
    }
}

#[test]
fn any_of_three_tools_checks_the_sum_and_without_one_nothing_happens() {
    if !can_pack() {
        return;
    }
    let bare = Machine::with(&[]);
    bare.release(VERSION);
    bare.refuses("sha256sum, shasum or openssl is needed");
    for tool in ["sha256sum", "shasum", "openssl"] {
        let Some(file) = find(tool) else {
            eprintln!("skipped: {tool} is not here");
            continue;
        };
        let machine = Machine::with(&[]);
        // By its own path: what is a script wants more than is on this machine.
        write_executable(
            &machine.path("bin").join(tool),
            &format!("#!/bin/sh\nPATH='{}' exec '{}' \"$@\"\n", env::var("PATH").unwrap(), file.display()),
        );
        machine.release(VERSION);
        let output = machine.install();
        assert!(output.status.success(), "{tool}: {}", said(&output));
        fs::write(machine.archive(), "something else").unwrap();
        machine.refuses("nothing was installed");
    }
}

#[test]
fn without_a_tool_that_fetches_an_address_is_refused() {
    if !can_pack() {
        return;
    }
    Machine::usual().set("TIDELOCK_RELEASES", "https://releases.invalid").refuses("curl or wget is needed");
}

#[test]
fn the_newest_release_is_the_highest_that_is_no_candidate() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    for version in ["0.2.0", "0.10.0", "0.9.1", "1.0.0-rc.1"] {
        machine.release(version);
    }
    assert!(machine.install().status.success());
    assert_eq!(version_of(&machine.installed()), "tidelock 0.10.0");
    let machine = machine.set("TIDELOCK_VERSION", "v0.2.0");
    assert!(machine.install().status.success());
    assert_eq!(version_of(&machine.installed()), "tidelock 0.2.0");
    let machine = machine.set("TIDELOCK_VERSION", "1.0.0-rc.1");
    assert!(machine.install().status.success());
    assert_eq!(version_of(&machine.installed()), "tidelock 1.0.0-rc.1");
    machine.set("TIDELOCK_VERSION", "../../etc").refuses("is no version");
}

#[test]
fn a_mirror_is_laid_out_like_the_addresses_of_the_forge() {
    if !can_pack() {
        return;
    }
    let machine = Machine::with(&[find("sha256sum").map_or("shasum", |_| "sha256sum")]);
    for version in ["0.2.0", "0.10.0"] {
        let out = machine.path("releases/download").join(format!("v{version}"));
        pack(&stand_in(machine.dir.path(), version), &target(), &out);
    }
    let address = format!("file://{}/", machine.path("releases").display());
    let machine = machine.set("TIDELOCK_RELEASES", &address);
    assert!(machine.install().status.success());
    assert_eq!(version_of(&machine.installed()), "tidelock 0.10.0");
    let machine = machine.set("TIDELOCK_VERSION", "0.2.0");
    assert!(machine.install().status.success());
    assert_eq!(version_of(&machine.installed()), "tidelock 0.2.0");
}

#[test]
fn of_a_script_that_was_cut_off_nothing_runs() {
    if !can_pack() {
        return;
    }
    let machine = Machine::usual();
    let script = fs::read_to_string(root().join("install.sh")).unwrap();
    let end = script.rfind("main \"$@\"").unwrap();
    let lines = script.match_indices('\n').map(|(at, _)| at + 1);
    for cut in lines.chain((1..end).step_by(401)).filter(|cut| *cut <= end) {
        let mut shell = Command::new(find("sh").unwrap());
        shell.arg("-c").arg(&script[..cut]).env_clear().envs(&machine.environment);
        let output = shell.output().unwrap();
        assert!(
            output.stdout.is_empty() && machine.traces().is_empty(),
            "after {cut} bytes: {}",
            said(&output)
        );
    }
    let mut whole = Command::new(find("sh").unwrap());
    let output = whole.arg("-c").arg(&script).env_clear().envs(&machine.environment).output().unwrap();
    assert!(output.status.success() && machine.installed().is_file(), "{}", said(&output));
}

/// What a server does with a file.
#[derive(Clone, Copy)]
enum Service {
    Whole,
    /// Breaks off in the middle of archives.
    CutOff,
}

/// Serves a folder of releases as a forge does, until the test ends; returns its address.
fn serve(folder: PathBuf, service: Service) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
            let path = request.split(' ').nth(1).unwrap_or_default();
            let prefixes = ["/latest/download/".to_owned(), format!("/download/v{VERSION}/")];
            let file = prefixes.iter().find_map(|prefix| path.strip_prefix(prefix.as_str()));
            let Some(bytes) = file.and_then(|file| fs::read(folder.join(file)).ok()) else {
                let _ = stream
                    .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                continue;
            };
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                bytes.len()
            );
            let cut = matches!(service, Service::CutOff) && path.ends_with(".tar.gz");
            let _ = stream.write_all(if cut { &bytes[..bytes.len() / 2] } else { &bytes });
        }
    });
    address
}

#[test]
fn a_server_is_asked_by_either_tool_and_a_download_that_breaks_off_is_refused() {
    if !can_pack() {
        return;
    }
    for tool in ["curl", "wget"] {
        if find(tool).is_none() {
            eprintln!("skipped: {tool} is not here");
            continue;
        }
        let machine = Machine::with(&[find("sha256sum").map_or("shasum", |_| "sha256sum"), tool]);
        machine.release(VERSION);
        let machine = {
            let address = serve(machine.path("releases"), Service::CutOff);
            machine.set("TIDELOCK_RELEASES", &address)
        };
        machine.refuses("cannot fetch");
        let machine = {
            let address = serve(machine.path("releases"), Service::Whole);
            machine.set("TIDELOCK_RELEASES", &address)
        };
        let output = machine.install();
        assert!(output.status.success(), "{tool}: {}", said(&output));
        assert_eq!(version_of(&machine.installed()), format!("tidelock {VERSION}"));
        machine.set("TIDELOCK_VERSION", "9.9.9").refuses("cannot fetch");
    }
}

/// The first shell block under a heading of the page about installation.
fn printed(heading: &str) -> String {
    let text = fs::read_to_string(root().join("docs/install.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, block) = section.split("\n## ").next().unwrap().split_once("```sh\n").unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn the_commands_of_the_page_verify_install_and_remove() {
    if !can_pack() || find("sha256sum").is_none() {
        return;
    }
    let machine = Machine::with(&["sha256sum"]);
    machine.release("0.0.9");
    machine.release(VERSION);
    fs::copy(root().join("install.sh"), machine.path("releases/install.sh")).unwrap();
    fs::remove_file(machine.path("releases").join(format!("tidelock-0.0.9-{}.tar.gz", target()))).unwrap();
    let run = |heading: &str| {
        let mut shell = Command::new(find("sh").unwrap());
        shell.arg("-c").arg(printed(heading)).current_dir(machine.path("releases"));
        shell.env_clear().envs(&machine.environment).env_remove("TIDELOCK_RELEASES").output().unwrap()
    };
    assert!(run("Verify").status.success(), "only what was fetched is asked for: {}", said(&run("Verify")));
    let installed = run("Without a network");
    assert!(installed.status.success() && machine.installed().is_file(), "{}", said(&installed));
    assert!(run("Remove").status.success());
    assert_eq!(machine.traces(), Vec::<String>::new());
    fs::write(machine.archive(), "something else").unwrap();
    assert!(!run("Verify").status.success());
}
