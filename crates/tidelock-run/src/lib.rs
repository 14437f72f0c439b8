//! The only code of tidelock that starts a program, and only when it was told to.
//!
//! So far that is one thing: [`ExternalKeys`] runs the `command` of an `external` key provider, as `tofu` would, so that an
//! encrypted state or plan can be read. No analysing crate depends on this one; who wants it asks for it.

#![forbid(unsafe_code)]

mod external;
mod process;

pub use external::ExternalKeys;
