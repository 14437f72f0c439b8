//! pond: a real provider inside this process, whose cloud is a map that a test edits.
//!
//! The tool attaches to it through `TF_REATTACH_PROVIDERS`, so there is no registry, no `init`, no
//! second binary and no account; plans and states are nevertheless written by the real thing. It
//! poses as the provider of any address that has a shape in `shapes/`.
//!
//! ```no_run
//! use tidelock_testkit::pond::{Session, Tool};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let Some(tool) = Tool::find()? else { return Ok(()) };
//! let session = Session::start(tool, &["hetznercloud/hcloud"])?;
//! std::fs::write(session.workdir().join("main.tf"), r#"
//!     terraform {
//!       required_providers { hcloud = { source = "hetznercloud/hcloud" } }
//!     }
//!     resource "hcloud_volume" "data" {
//!       name = "data"
//!       size = 10
//!     }
//! "#)?;
//! session.apply(&[])?;
//! session.edit("hcloud_volume.data", "size", Some(&serde_json::json!(20)))?;
//! session.plan(&[])?;
//! let plan: serde_json::Value = serde_json::from_slice(&session.plan_json()?)?;
//! # Ok(()) }
//! ```

mod cloud;
mod fill;
mod path;
mod plan;
mod provider;
mod session;
mod shape;
mod value;

use std::io;
use std::path::PathBuf;

pub use cloud::Cloud;
pub(crate) use fill::fnv1a;
pub use path::{Path, Step};
pub use session::{PlanExit, Session, Tool};
pub use value::Value;

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    reason = "generated from proto/tfplugin6.proto"
)]
mod protocol {
    tonic::include_proto!("tfplugin6");
}

/// Why pond could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PondError {
    /// No shape file has this source address.
    #[error("there is no shape for the provider `{0}`")]
    UnknownProvider(String),
    /// A shape file is wrong.
    #[error("shapes/{file}.toml is wrong")]
    Shape {
        /// The file, without its extension.
        file: String,
        /// What is wrong with it.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The cloud or the state has no such object.
    #[error("there is no object `{0}`")]
    NoSuchObject(String),
    /// The path leads nowhere in the object.
    #[error("there is nothing at the path `{0}`")]
    NoSuchPath(String),
    /// An object of this name exists already.
    #[error("`{0}` already exists")]
    Exists(String),
    /// The cloud was told to refuse.
    #[error("`{0}` is in use")]
    Refused(String),
    /// The shape of this type gives its objects no id.
    #[error("the shape of `{0}` makes no id")]
    NoId(String),
    /// The tool sent something that pond does not understand.
    #[error("plugin protocol: {0}")]
    Protocol(String),
    /// A command of the tool ended with another exit code than it should.
    #[error("`{command}` ended with {code:?}\n{output}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit code, `None` if a signal ended it.
        code: Option<i32>,
        /// What it wrote to both streams.
        output: String,
    },
    /// A file could not be read or written, or the tool not started.
    #[error("{}", path.display())]
    Io {
        /// The file or program.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// What the tool printed is not JSON.
    #[error("`{command}` printed no JSON")]
    Json {
        /// The command line.
        command: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}
