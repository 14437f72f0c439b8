//! Reads what `OpenTofu` and Terraform leave behind: bytes in, typed model out, no I/O.
//!
//! - [`address`], [`path`]: what plans and states name, as value types.
//! - [`value`], [`number`]: exact values, decoded on demand.
//! - [`plan`], [`state`]: the artifacts themselves, their values read lazily.
//! - [`stream`]: the JSON log of a run, and what an apply did.
//! - [`schema`]: what provider schemas say about paths, given or built in.
//! - [`config`]: the sources behind a plan, and what they set.
//! - `encryption` (a feature): opens states and plans that `OpenTofu` encrypted.
//! - [`refactor`]: `moved` and `import` blocks to paste.
//! - [`redact`], [`secret`]: the only way from a real value to something that may be printed.

#![forbid(unsafe_code)]

pub mod action;
pub mod address;
pub mod config;
#[cfg(feature = "encryption")]
pub mod encryption;
pub mod input;
pub mod number;
mod object;
pub mod path;
pub mod plan;
mod quoted;
pub mod redact;
pub mod refactor;
pub mod schema;
pub mod secret;
pub mod source;
pub mod state;
pub mod stream;
pub mod value;

pub use action::{Action, ActionReason};
pub use address::{ConfigAddr, ConfigModulePath, InstanceKey, Mode, ModulePath, ModuleStep, ResourceAddr};
pub use config::Configuration;
pub use input::{Input, InputError, Kind};
pub use number::Number;
pub use path::{AttrPath, Step};
pub use plan::{Plan, PlanError, ResourceChange};
pub use redact::{KnownSecrets, Redactor, Shown};
pub use schema::{SchemaFile, Schemas};
pub use source::{RawText, Source};
pub use state::{State, StateError, StateInstance};
pub use stream::Stream;
pub use value::{Mask, Value};
