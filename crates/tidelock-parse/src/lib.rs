//! Reads what `OpenTofu` and Terraform leave behind: bytes in, typed model out, no I/O.
//!
//! - [`address`], [`path`]: what plans and states name, as value types.
//! - [`value`], [`number`]: exact values, decoded on demand.
//! - [`config`]: the sources behind a plan, and what they set.
//! - [`redact`], [`secret`]: the only way from a real value to something that may be printed.

pub mod address;
pub mod config;
pub mod number;
pub mod path;
mod quoted;
pub mod redact;
pub mod secret;
pub mod value;

pub use address::{ConfigAddr, ConfigModulePath, InstanceKey, Mode, ModulePath, ModuleStep, ResourceAddr};
pub use number::Number;
pub use path::{AttrPath, Step};
pub use redact::{Redactor, Shown};
pub use value::{Mask, Value};
