//! The only code of tidelock that acts: it starts programs and calls platforms, and only when it was told to.
//!
//! [`ExternalKeys`] runs the `command` of an `external` key provider, as `tofu` would, so that an encrypted state or plan can be
//! read. [`rollback`] makes the calls of an action list, which delete what a failed run made. No analysing crate depends on this
//! one; who wants it asks for it.

#![forbid(unsafe_code)]

mod external;
mod process;
pub mod rollback;

pub use external::ExternalKeys;
