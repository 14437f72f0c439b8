//! Three-way comparison, divergence classes, rules and verdicts.

pub mod catalogue;
pub mod classify;
pub mod compare;
pub mod evidence;
pub mod ignore;
pub mod report;
