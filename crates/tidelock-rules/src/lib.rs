//! Three-way comparison, divergence classes, rules and verdicts.
//!
//! [`Question`] is the way in: a plan and what the answer may rest on; its answer is a [`report::Report`]. The steps
//! in between are [`instance`] (what the plan speaks of), [`mod@compare`] (where the three values differ), [`classify`]
//! (what that means), [`graph`] (what refers to what), [`rules`] (what to say about it) and [`verdict`].

#![forbid(unsafe_code)]

mod advice;
pub mod anchor;
pub mod approval;
pub mod baseline;
mod capacity;
mod cascade;
pub mod catalogue;
mod causes;
pub mod claims;
pub mod classify;
mod companion;
pub mod compare;
pub mod context;
mod dependents;
pub mod diff;
mod divergence;
mod doomed;
pub mod evidence;
mod exposed;
pub mod graph;
mod identity;
pub mod ignore;
mod influence;
pub mod instance;
mod known;
pub mod lock;
mod lost;
mod marked;
pub mod moves;
pub mod naming;
pub mod overview;
pub mod policy;
pub mod proposal;
mod protection;
mod question;
pub mod reality;
pub mod reconcile;
mod replacement;
pub mod report;
pub mod retry;
pub mod rollback;
pub mod rule;
pub mod rules;
mod shell;
mod sources;
mod story;
mod summary;
mod tailnet;
pub mod verdict;
mod wording;

pub use anchor::Anchor;
pub use baseline::Baseline;
pub use diff::{Comparison, Diff};
pub use lock::Lock;
pub use overview::Overview;
pub use policy::Policy;
pub use question::Question;
pub use reality::Reality;
pub use reconcile::Reconcile;
pub use report::{Report, Reports};
pub use verdict::FailOn;
