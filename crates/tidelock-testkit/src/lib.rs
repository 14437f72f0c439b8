//! What tidelock's tests share: the recorded fixtures, and the provider they were recorded with.
//!
//! - [`envelope`] encrypts as `OpenTofu` does.
//! - [`fixtures`] finds and reads the cases under `fixtures/` of the workspace. It needs no
//!   feature, no tool and no network.
//! - `forge` (feature `forge`) answers as GitHub or GitLab would, on loopback, for the scripts that
//!   talk to one.
//! - [`generate`] writes plans and states of any size, for measuring.
//! - [`promised()`] reads what the page about pipelines promises.
//! - [`saved`] writes saved plans, sound and damaged ones.
//! - [`steps`] runs the shell of a pipeline as a runner does, with a stand-in for the tool that plans.
//! - [`seeds`] lays what fuzz targets are given first.
//! - `pond` (feature `pond`) is a real provider, speaking plugin protocol 6 from inside the test
//!   process, whose cloud is a map that the test edits.
//! - `record` (feature `pond`) plays the steps of a case through a real `terraform` and keeps
//!   what it leaves behind.

pub mod envelope;
pub mod fixtures;
#[cfg(feature = "forge")]
pub mod forge;
pub mod generate;
#[cfg(feature = "pond")]
pub mod pond;
mod promised;
#[cfg(feature = "pond")]
pub mod record;
pub mod saved;
pub mod seeds;
pub mod steps;
pub mod transcript;

pub use promised::{promised, promised_at};
