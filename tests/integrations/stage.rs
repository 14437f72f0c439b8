//! A folder to run a step in, with a stand-in for a tool on the PATH.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;
use tidelock_testkit::fixtures;

/// The folder, gone with the value.
pub(crate) struct Stage {
    dir: TempDir,
    bin: TempDir,
}

impl Stage {
    /// A folder without any stand-in.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), bin: tempfile::tempdir().unwrap() }
    }

    /// A folder, and a script on the PATH under the name of a tool.
    pub(crate) fn new(tool: &str, stand_in: &str) -> Self {
        let stage = Self::empty();
        let file = stage.bin.path().join(tool);
        fs::write(&file, stand_in).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        stage
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Copies the sources of a case, those of the root module.
    pub(crate) fn sources(&self, case: &str, to: &str) {
        let to = self.dir().join(to);
        fs::create_dir_all(&to).unwrap();
        for entry in fs::read_dir(fixtures::case(case).unwrap().path(".")).unwrap().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "tf") {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    /// Copies the plan of a case to a file.
    pub(crate) fn plan(&self, case: &str, to: &str) {
        fs::write(self.dir().join(to), plan_of(case)).unwrap();
    }

    /// The plan that the stand-in for `terraform` prints.
    pub(crate) fn case(&self, case: &str) {
        self.plan(case, "plan.recorded");
    }

    /// A unit of Terragrunt, and the plan that the stand-in makes of it.
    pub(crate) fn unit(&self, unit: &str, case: &str) {
        fs::create_dir_all(self.dir().join(unit)).unwrap();
        fs::write(self.dir().join(unit).join("terragrunt.hcl"), "").unwrap();
        self.plan(case, &format!("{unit}/plan.recorded"));
    }

    /// Runs a script as CI systems do, with nothing of this machine's environment but the PATH.
    pub(crate) fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let tidelock = assert_cmd::cargo::cargo_bin("tidelock");
        let rest = env::var_os("PATH").unwrap_or_default();
        let path = [self.bin.path().to_owned(), tidelock.parent().unwrap().to_owned()];
        let path = path.into_iter().chain(env::split_paths(&rest));
        Command::new("sh")
            .args(["-c", script])
            .current_dir(self.dir())
            .env_clear()
            .env("PATH", env::join_paths(path).unwrap())
            .env("HOME", self.dir())
            .env("NO_PROXY", "127.0.0.1,localhost")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

/// The recorded plan of a case.
pub(crate) fn plan_of(case: &str) -> Vec<u8> {
    fixtures::case(case).unwrap().plan_json().unwrap()
}

/// Where a tool stands, if it is there.
pub(crate) fn on_path(tool: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(tool)).find(|file| file.is_file())
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
