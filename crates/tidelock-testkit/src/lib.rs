//! What tidelock's tests share: the recorded fixtures, and the provider they were recorded with.
//!
//! - [`fixtures`] finds and reads the cases under `fixtures/` of the workspace. It needs no
//!   feature, no tool and no network.
//! - [`generate`] writes plans and states of any size, for measuring.
//! - [`saved`] writes saved plans, sound and damaged ones.
//! - `pond` (feature `pond`) is a real provider, speaking plugin protocol 6 from inside the test
//!   process, whose cloud is a map that the test edits.
//! - `record` (feature `pond`) plays the steps of a case through a real `terraform` and keeps
//!   what it leaves behind.

pub mod fixtures;
pub mod generate;
#[cfg(feature = "pond")]
pub mod pond;
#[cfg(feature = "pond")]
pub mod record;
pub mod saved;
