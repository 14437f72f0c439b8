//! A working directory, a running provider and the tool attached to it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path as FilePath, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::Server;

use super::PondError;
use super::cloud::Cloud;
use super::protocol::provider_server::ProviderServer;
use super::provider::Pond;
use super::shape::ProviderShape;
use super::value::Value;
use crate::fixtures::{NewObject, StreamStep};

/// The plan file of a session, inside its working directory.
const PLAN_FILE: &str = "plan.tfplan";
const STATE_FILE: &str = "terraform.tfstate";
/// The state that the plan started from: later steps may change the other one.
const STATE_BEFORE: &str = "before.tfstate";

/// The program that plans and applies.
#[derive(Debug, Clone)]
pub struct Tool {
    program: &'static str,
    registry: &'static str,
    version: String,
}

impl Tool {
    /// `terraform`, else `tofu`, if one of them is on the `PATH`.
    ///
    /// # Errors
    /// If one is there but does not say its version.
    pub fn find() -> Result<Option<Self>, PondError> {
        let known = [("terraform", "registry.terraform.io"), ("tofu", "registry.opentofu.org")];
        for (program, registry) in known {
            let asked = Command::new(program).args(["version", "-json"]).output();
            match asked {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(PondError::Io { path: program.into(), source }),
                Ok(output) => {
                    let version: Version = serde_json::from_slice(&output.stdout).map_err(|source| {
                        PondError::Json { command: format!("{program} version"), source }
                    })?;
                    return Ok(Some(Self { program, registry, version: version.terraform_version }));
                }
            }
        }
        Ok(None)
    }

    /// Its name and version, `terraform 1.11.4`.
    pub fn label(&self) -> String {
        format!("{} {}", self.program, self.version)
    }
}

/// Both products call the field so.
#[derive(Deserialize)]
struct Version {
    terraform_version: String,
}

/// How `plan -detailed-exitcode` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanExit {
    /// 0: nothing to do.
    NoChanges,
    /// 1: planning failed; the plan file holds what there was until then.
    Errored,
    /// 2: something to do.
    Changes,
}

impl PlanExit {
    /// The exit code.
    pub fn code(self) -> i32 {
        match self {
            Self::NoChanges => 0,
            Self::Errored => 1,
            Self::Changes => 2,
        }
    }
}

/// A provider, its cloud, and a directory in which the tool runs. Everything ends with it.
pub struct Session {
    tool: Tool,
    workdir: PathBuf,
    cloud: Cloud,
    providers: Vec<String>,
    reattach: String,
    // Dropped in this order: the server, then the directory that holds its sockets.
    _server: Runtime,
    _dir: TempDir,
}

impl Session {
    /// Starts pond as the providers of these source addresses (`bpg/proxmox`), in an empty
    /// working directory.
    ///
    /// # Errors
    /// If a provider has no shape, or no socket can be opened.
    pub fn start(tool: Tool, providers: &[&str]) -> Result<Self, PondError> {
        let failed = |source| PondError::Io { path: "working directory".into(), source };
        let dir = tempfile::Builder::new().prefix("pond-").tempdir().map_err(failed)?;
        let workdir = dir.path().join("work");
        fs::create_dir(&workdir).map_err(failed)?;
        let server = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_io()
            .build()
            .map_err(failed)?;
        let cloud = Cloud::default();
        let mut attached = BTreeMap::new();
        for (number, source) in providers.iter().enumerate() {
            let pond = Pond { shape: ProviderShape::load(source)?, cloud: cloud.clone() };
            let socket = dir.path().join(format!("{number}.sock"));
            serve(&server, pond, &socket).map_err(|source| PondError::Io { path: socket.clone(), source })?;
            attached.insert(format!("{}/{source}", tool.registry), attachment(&socket));
        }
        Ok(Self {
            tool,
            workdir,
            cloud,
            providers: providers.iter().map(|&source| source.to_owned()).collect(),
            reattach: json!(attached).to_string(),
            _server: server,
            _dir: dir,
        })
    }

    /// Where the tool runs; put the configuration there.
    pub fn workdir(&self) -> &FilePath {
        &self.workdir
    }

    /// The variables by which the tool finds pond, and leaves the settings of the machine alone.
    pub fn environment(&self) -> [(&'static str, &str); 6] {
        [
            ("TF_REATTACH_PROVIDERS", &self.reattach),
            ("TF_CLI_CONFIG_FILE", "/dev/null"),
            ("TF_CLI_ARGS", ""),
            ("TF_IN_AUTOMATION", "1"),
            ("NO_COLOR", "1"),
            ("CHECKPOINT_DISABLE", "1"),
        ]
    }

    /// What exists behind the provider.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Starts from an empty state of this lineage, which the tool would otherwise invent.
    ///
    /// # Errors
    /// If the state cannot be written.
    pub fn seed_state(&self, lineage: &str) -> Result<(), PondError> {
        let state = json!({
            "version": 4, "terraform_version": self.tool.version, "serial": 0, "lineage": lineage,
            "outputs": {}, "resources": [], "check_results": null,
        });
        let path = self.workdir.join(STATE_FILE);
        fs::write(&path, state.to_string()).map_err(|source| PondError::Io { path, source })
    }

    /// Takes the configuration of a folder: its `.tf` and `.tfvars` files and those of its
    /// subfolders, over what is already there.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub fn use_configuration(&self, from: &FilePath) -> Result<(), PondError> {
        copy_configuration(from, &self.workdir)?;
        // Installs local modules; the providers are attached, so nothing is downloaded.
        self.run(&["get"]).map(drop)
    }

    /// Changes one path of the object that has this address in the state; see [`Value::set`] for
    /// what none does.
    ///
    /// # Errors
    /// If there is no such object or path.
    pub fn edit(
        &self,
        address: &str,
        path: &str,
        value: Option<&serde_json::Value>,
    ) -> Result<(), PondError> {
        let (kind, id) = self.object_of(address)?;
        self.cloud.set(&kind, &id, &path.parse()?, value.map(Value::from).unwrap_or_default())
    }

    /// Deletes the object that has this address in the state.
    ///
    /// # Errors
    /// If there is no such object.
    pub fn delete(&self, address: &str) -> Result<(), PondError> {
        let (kind, id) = self.object_of(address)?;
        self.cloud.remove(&kind, &id)
    }

    /// Adds an object that no state knows.
    ///
    /// # Errors
    /// If no provider of the session has its type.
    pub fn add(&self, object: &NewObject) -> Result<(), PondError> {
        for source in &self.providers {
            if let Some(shape) = ProviderShape::load(source)?.kind(&object.r#type) {
                let mut value = shape.block.empty_object();
                for (name, given) in &object.attributes {
                    value.set(&name.parse()?, given.into())?;
                }
                value.set(&"id".parse()?, Value::String(object.id.clone()))?;
                self.cloud.insert(&object.r#type, &object.id, value);
                return Ok(());
            }
        }
        Err(PondError::NoSuchObject(object.r#type.clone()))
    }

    /// `apply` with further arguments.
    ///
    /// # Errors
    /// If it fails.
    pub fn apply(&self, args: &[&str]) -> Result<(), PondError> {
        self.run(&[&["apply", "-auto-approve", "-input=false", "-parallelism=1"], args].concat()).map(drop)
    }

    /// `apply` with further arguments, of which failure is expected.
    ///
    /// # Errors
    /// If it succeeds or cannot be started.
    pub fn apply_fails(&self, args: &[&str]) -> Result<(), PondError> {
        let args = [&["apply", "-auto-approve", "-input=false", "-parallelism=1"], args].concat();
        let output = self.output(&args)?;
        if output.status.success() { Err(self.unexpected(&args, &output)) } else { Ok(()) }
    }

    /// `plan` with further arguments; [`Session::plan_json`] and [`Session::plan_file`] have what
    /// it wrote.
    ///
    /// # Errors
    /// If it writes no plan.
    pub fn plan(&self, args: &[&str]) -> Result<PlanExit, PondError> {
        let out = format!("-out={PLAN_FILE}");
        self.copy(STATE_FILE, STATE_BEFORE)?;
        let always = ["plan", "-detailed-exitcode", "-input=false", "-parallelism=1", &out];
        let args = [&always, args].concat();
        let output = self.output(&args)?;
        let written = self.workdir.join(PLAN_FILE).is_file();
        match output.status.code() {
            Some(0) if written => Ok(PlanExit::NoChanges),
            Some(1) if written => Ok(PlanExit::Errored),
            Some(2) if written => Ok(PlanExit::Changes),
            _ => Err(self.unexpected(&args, &output)),
        }
    }

    /// `show -json` of the plan.
    ///
    /// # Errors
    /// If there is no plan.
    pub fn plan_json(&self) -> Result<Vec<u8>, PondError> {
        self.run(&["show", "-json", PLAN_FILE])
    }

    /// The saved plan.
    ///
    /// # Errors
    /// If there is none.
    pub fn plan_file(&self) -> Result<Vec<u8>, PondError> {
        self.read(PLAN_FILE)
    }

    /// The raw state that the plan started from.
    ///
    /// # Errors
    /// If there is no plan.
    pub fn state_before_plan(&self) -> Result<Vec<u8>, PondError> {
        self.read(STATE_BEFORE)
    }

    /// Keeps `show -json` of the plan under this name, for [`Session::kept`].
    ///
    /// # Errors
    /// If there is no plan, or the file cannot be written.
    pub fn keep_plan_json(&self, name: &str) -> Result<(), PondError> {
        let path = self.workdir.join(name);
        fs::write(&path, self.plan_json()?).map_err(|source| PondError::Io { path, source })
    }

    /// What [`Session::keep_plan_json`] kept.
    ///
    /// # Errors
    /// If nothing was kept under this name.
    pub fn kept(&self, name: &str) -> Result<Vec<u8>, PondError> {
        self.read(name)
    }

    /// Runs a command with `-json` and keeps its log, for [`Session::kept`].
    ///
    /// # Errors
    /// If it ends with another exit code than the step says, or the file cannot be written.
    pub fn stream(&self, step: &StreamStep) -> Result<(), PondError> {
        // Behind a file's name it would be taken for another one.
        let mut args: Vec<&str> = step.run.iter().map(String::as_str).collect();
        args.insert(args.len().min(1), "-json");
        let log = if let Some(text) = &step.kill_at {
            self.until(&args, text)?
        } else {
            let output = self.output(&args)?;
            if output.status.code() != Some(step.exit) {
                return Err(self.unexpected(&args, &output));
            }
            output.stdout
        };
        let path = self.workdir.join(&step.keep);
        fs::write(&path, log).map_err(|source| PondError::Io { path, source })
    }

    /// What a command writes until a line holds this text; then it is killed.
    fn until(&self, args: &[&str], text: &str) -> Result<Vec<u8>, PondError> {
        let failed = |source| PondError::Io { path: self.tool.program.into(), source };
        let mut child =
            self.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let mut log = Vec::new();
        let mut lines =
            BufReader::new(child.stdout.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?);
        let mut seen = 0;
        while lines.read_until(b'\n', &mut log).map_err(failed)? > 0 {
            let line = String::from_utf8_lossy(log.get(seen..).unwrap_or_default()).into_owned();
            seen = log.len();
            if line.contains(text) {
                break;
            }
        }
        child.kill().map_err(failed)?;
        child.wait().map_err(failed)?;
        Ok(log)
    }

    /// The raw state.
    ///
    /// # Errors
    /// If there is none yet.
    pub fn state(&self) -> Result<Vec<u8>, PondError> {
        self.read(STATE_FILE)
    }

    /// Any command; gives what it wrote to standard output.
    ///
    /// # Errors
    /// If it fails.
    pub fn run(&self, args: &[&str]) -> Result<Vec<u8>, PondError> {
        let output = self.output(args)?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.unexpected(args, &output)) }
    }

    fn copy(&self, from: &str, to: &str) -> Result<(), PondError> {
        let path = self.workdir.join(from);
        fs::copy(&path, self.workdir.join(to)).map(drop).map_err(|source| PondError::Io { path, source })
    }

    fn read(&self, file: &str) -> Result<Vec<u8>, PondError> {
        let path = self.workdir.join(file);
        fs::read(&path).map_err(|source| PondError::Io { path, source })
    }

    fn output(&self, args: &[&str]) -> Result<Output, PondError> {
        self.command(args).output().map_err(|source| PondError::Io { path: self.tool.program.into(), source })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.tool.program);
        // A setting of the person who runs this must not end up in a recording.
        let theirs = std::env::vars_os().map(|(name, _)| name);
        for name in theirs.filter(|name| name.to_string_lossy().starts_with("TF_")) {
            command.env_remove(name);
        }
        command.args(args).current_dir(&self.workdir).envs(self.environment());
        command
    }

    fn unexpected(&self, args: &[&str], output: &Output) -> PondError {
        let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        PondError::Command {
            command: format!("{} {}", self.tool.program, args.join(" ")),
            code: output.status.code(),
            output: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    /// The type and id behind an address of the state.
    fn object_of(&self, address: &str) -> Result<(String, String), PondError> {
        let state: State = serde_json::from_slice(&self.state()?)
            .map_err(|source| PondError::Json { command: STATE_FILE.to_owned(), source })?;
        let unknown = || PondError::NoSuchObject(address.to_owned());
        let (kind, id) =
            state.resources.iter().find_map(|resource| resource.id_at(address)).ok_or_else(unknown)?;
        Ok((kind, id))
    }
}

fn serve(runtime: &Runtime, pond: Pond, socket: &FilePath) -> io::Result<()> {
    let _context = runtime.enter();
    let listener = tokio::net::UnixListener::bind(socket)?;
    let server = Server::builder().add_service(ProviderServer::new(pond));
    runtime.spawn(server.serve_with_incoming(UnixListenerStream::new(listener)));
    Ok(())
}

fn attachment(socket: &FilePath) -> serde_json::Value {
    json!({
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true,
        "Addr": { "Network": "unix", "String": socket },
    })
}

fn copy_configuration(from: &FilePath, to: &FilePath) -> Result<(), PondError> {
    let failed = |source| PondError::Io { path: from.to_owned(), source };
    for entry in fs::read_dir(from).map_err(failed)? {
        let source = entry.map_err(failed)?.path();
        let Some(name) = source.file_name() else { continue };
        let target = to.join(name);
        if source.is_dir() {
            fs::create_dir_all(&target).map_err(failed)?;
            copy_configuration(&source, &target)?;
        } else if is_configuration(name) {
            fs::copy(&source, &target).map_err(failed)?;
        }
    }
    Ok(())
}

fn is_configuration(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    [".tf", ".tf.json", ".tfvars", ".tfvars.json"].iter().any(|end| name.ends_with(end))
}

/// What is needed of a raw state to find an object.
#[derive(Deserialize)]
struct State {
    resources: Vec<StateResource>,
}

#[derive(Deserialize)]
struct StateResource {
    module: Option<String>,
    r#type: String,
    name: String,
    instances: Vec<StateInstance>,
}

#[derive(Deserialize)]
struct StateInstance {
    index_key: Option<serde_json::Value>,
    deposed: Option<String>,
    attributes: BTreeMap<String, serde_json::Value>,
}

impl StateResource {
    fn id_at(&self, address: &str) -> Option<(String, String)> {
        let module = self.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
        let matching = |instance: &&StateInstance| {
            let key = instance.index_key.as_ref().map(|key| format!("[{key}]")).unwrap_or_default();
            instance.deposed.is_none() && format!("{module}{}.{}{key}", self.r#type, self.name) == address
        };
        let id = self.instances.iter().find(matching)?.attributes.get("id")?.as_str()?;
        Some((self.r#type.clone(), id.to_owned()))
    }
}
