//! Runs the shell of a pipeline as a runner does: step by step, in one folder, with an environment of its own.
//!
//! A [`Workspace`] is what a job finds: the sources of a recorded case, a tool on the `PATH` that
//! "plans" what was recorded, the built `tidelock`, and the scripts of `docs/pipelines/scripts` under
//! the names that an installation gives them. What the programs were called with is written down, so
//! that a test can say what was in no argument.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;
use std::{env, fs, io};

use crate::fixtures::Case;

/// Where the scripts are in the repository.
const SCRIPTS: &str = "docs/pipelines/scripts";

/// Stands in for `tofu` and `terraform`: "plans" the case in `$CASE`, writes down in `tool.log` what it
/// was asked, and fails as `$TOOL_FAILS` says. A `plan` says on its standard output what the real one
/// would list there.
const TOOL: &str = r#"#!/bin/sh
echo "$@" >> "$STEPS/tool.log"
case "$1:${TOOL_FAILS:-}" in
    init:init | plan:plan | apply:apply) echo "Error: $1 as ordered" >&2; exit 1 ;;
    plan:errored) echo half > plan.tfplan; echo "Error: errored as ordered" >&2; exit 1 ;;
    plan:panic) echo "panic: runtime error as ordered" >&2; exit 2 ;;
    plan:nothing) exit 0 ;;
    show:show) head -c 100 "$CASE/plan.json"; echo "Error: show as ordered" >&2; exit 1 ;;
    show:show-panic | state:state) echo "panic: runtime error as ordered" >&2; exit 2 ;;
    show:rubbish) echo '{"rubbish": true}'; exit 0 ;;
    show:killed) head -c 100 "$CASE/plan.json"; kill -9 $$ ;;
    plan:*)
        cat "$CASE/plan.json"
        for argument; do case $argument in -out=*) cp "$CASE/plan.json" "${argument#-out=}" ;; esac; done
        [ "${TOOL_FAILS:-}" != changes ] || exit 2
        ;;
    show:*) cat "$3" ;;
    state:*) cat "$CASE/state.json" ;;
esac
"#;

/// Calls the real program, and writes down with what.
const NOTED: &str = r#"#!/bin/sh
for argument; do printf '%s\n' "$argument"; done >> "$STEPS/arguments.log"
exec "$PROGRAM" "$@"
"#;

/// The programs whose arguments are written down, if they are there.
const NOTED_PROGRAMS: [&str; 4] = ["curl", "jq", "wget", "git"];

/// A shell as a runner starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Shell {
    /// `sh -e`: Woodpecker, and the scripts' own.
    Sh,
    /// `dash -e`.
    Dash,
    /// `bash -e`: GitHub without `shell:`.
    Bash,
    /// `bash -eo pipefail`: GitHub with `shell: bash`, and GitLab.
    BashPipefail,
    /// `busybox sh -e`: Alpine.
    Busybox,
}

impl Shell {
    /// All of them that are on this machine.
    pub fn here() -> Vec<Self> {
        let all = [Self::Sh, Self::Dash, Self::Bash, Self::BashPipefail, Self::Busybox];
        all.into_iter().filter(|shell| which(shell.words()[0]).is_some()).collect()
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Sh => &["sh", "-e"],
            Self::Dash => &["dash", "-e"],
            Self::Bash => &["bash", "--noprofile", "--norc", "-e"],
            Self::BashPipefail => &["bash", "--noprofile", "--norc", "-eo", "pipefail"],
            Self::Busybox => &["busybox", "sh", "-e"],
        }
    }
}

/// What a step did.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code; `None` if it was killed.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ran {
    /// All that a log of the job would show.
    pub fn log(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// The folder of a job, and what its steps share; removed when dropped.
#[derive(Debug)]
pub struct Workspace {
    dir: tempfile::TempDir,
    work: PathBuf,
    environment: BTreeMap<String, String>,
    shell: Shell,
}

impl Workspace {
    /// A workspace with the sources of a case, and a tool that plans what was recorded for it.
    /// `tidelock` is the built program.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn of(case: &Case, tidelock: &Path) -> io::Result<Self> {
        let workspace = Self::empty(tidelock)?;
        workspace.check_out(case, ".")?;
        for name in ["tofu", "terraform"] {
            workspace.program(name, TOOL)?;
        }
        workspace.plans(case)
    }

    /// Puts the sources of a case into a folder of the workspace.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn check_out(&self, case: &Case, folder: &str) -> io::Result<()> {
        let folder = self.path().join(folder);
        fs::create_dir_all(&folder)?;
        copy_sources(&case.dir, &folder)
    }

    /// A workspace without sources and without a tool that plans.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn empty(tidelock: &Path) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("steps-").tempdir()?;
        let work = dir.path().join("work");
        let workspace = Self { dir, work, environment: BTreeMap::new(), shell: Shell::Sh };
        for folder in ["work", "bin", "steps", "home"] {
            fs::create_dir(workspace.dir.path().join(folder))?;
        }
        for script in fs::read_dir(repository().join(SCRIPTS))? {
            let script = script?.path();
            if let (Some(name), Some("sh")) =
                (script.file_stem().and_then(OsStr::to_str), script.extension().and_then(OsStr::to_str))
            {
                fs::copy(&script, workspace.bin().join(format!("tidelock-{name}")))?;
                executable(&workspace.bin().join(format!("tidelock-{name}")))?;
            }
        }
        for name in NOTED_PROGRAMS {
            if let Some(program) = which(name) {
                workspace.program(name, &NOTED.replace("$PROGRAM", &program.to_string_lossy()))?;
            }
        }
        let rest = env::var_os("PATH").unwrap_or_default();
        let own = [workspace.bin(), tidelock.parent().unwrap_or(Path::new(".")).to_owned()];
        let path =
            env::join_paths(own.into_iter().chain(env::split_paths(&rest))).map_err(io::Error::other)?;
        let root = workspace.dir.path().to_string_lossy().into_owned();
        Ok(workspace
            .env("PATH", &path.to_string_lossy())
            .env("HOME", &format!("{root}/home"))
            .env("STEPS", &format!("{root}/steps")))
    }

    /// From now on the tool plans what was recorded for this case; the sources stay.
    ///
    /// # Errors
    /// If the folder of the case is not there.
    pub fn plans(mut self, case: &Case) -> io::Result<Self> {
        self.plan(case)?;
        Ok(self)
    }

    /// The same, between two steps.
    ///
    /// # Errors
    /// If the folder of the case is not there.
    pub fn plan(&mut self, case: &Case) -> io::Result<()> {
        let dir = case.dir.canonicalize()?;
        self.set("CASE", &dir.to_string_lossy());
        Ok(())
    }

    /// Runs the steps in this folder, of which the workspace takes no care.
    #[must_use]
    pub fn inside(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.work);
        self
    }

    /// Runs the steps with this shell instead of `sh -e`.
    #[must_use]
    pub fn shell(mut self, shell: Shell) -> Self {
        self.shell = shell;
        self
    }

    /// Sets a variable for all steps. They see nothing of the test's own environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// The same, between two steps.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// A variable that was set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Puts a program on the `PATH`, before all others.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn program(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.bin().join(name), text)?;
        executable(&self.bin().join(name))
    }

    /// The folder that the steps run in.
    pub fn path(&self) -> PathBuf {
        self.work.clone()
    }

    /// A file that the steps left behind; `None` if there is none.
    pub fn file(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.path().join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What the tool that plans was called with, a line for each call.
    pub fn tool_calls(&self) -> Vec<String> {
        self.note("tool.log")
    }

    /// The arguments that `curl`, `jq` and their like were called with, a line for each line of one.
    pub fn arguments(&self) -> Vec<String> {
        self.note("arguments.log")
    }

    fn note(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("steps").join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    /// Runs the script of one step.
    ///
    /// # Errors
    /// If the shell cannot be started.
    pub fn run(&self, script: &str) -> io::Result<Ran> {
        let file = self.dir.path().join("steps/step.sh");
        fs::write(&file, script)?;
        let (program, options) = self.shell.words().split_first().unwrap_or((&"sh", &[]));
        let output = Command::new(program)
            .args(options)
            .arg(file)
            .current_dir(self.path())
            .env_clear()
            .envs(&self.environment)
            .output()?;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// The program, built from these sources. It belongs to another package: a run of the whole workspace has built it, a run
/// of one package alone may not have.
///
/// # Panics
/// If it cannot be built.
#[allow(clippy::unwrap_used, reason = "a test that has no program fails")]
pub fn tidelock() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = env::current_exe().unwrap();
        let profile = test.parent().unwrap().parent().unwrap();
        let program = profile.join("tidelock");
        let built = program.metadata().and_then(|file| file.modified()).ok();
        if built.is_none_or(|built| newest(&repository().join("crates")) > built) {
            let status = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", "tidelock-cli", "--bin", "tidelock"])
                .args(["--target-dir".as_ref(), profile.parent().unwrap().as_os_str()])
                .current_dir(repository())
                .status()
                .unwrap();
            assert!(status.success());
        }
        program
    })
}

/// When a source under this folder was last written; those of tests are not part of the program.
#[allow(clippy::unwrap_used, reason = "a test that finds no sources fails")]
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let sources = entries.filter(|entry| {
        let (name, path) = (entry.file_name(), entry.path());
        path.is_dir() && name != "tests" && name != "tidelock-testkit"
            || path.extension().is_some_and(|end| end == "rs")
    });
    let times = sources.map(|entry| match entry.path() {
        path if path.is_dir() => newest(&path),
        path => path.metadata().and_then(|file| file.modified()).unwrap(),
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A program on the test's own `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

#[cfg(unix)]
fn executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Copies what a checkout of a stack holds, local modules included.
fn copy_sources(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if entry.is_dir() {
            fs::create_dir_all(to.join(&name))?;
            copy_sources(&entry, &to.join(&name))?;
        } else if is_source(&entry) {
            fs::copy(&entry, to.join(&name))?;
        }
    }
    Ok(())
}

fn is_source(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    [".tf", ".tofu", ".tf.json", ".tfvars", ".tfvars.json", "tidelock.toml", "tidelock.lock"]
        .iter()
        .any(|end| name.ends_with(end))
}
