//! Three-way comparison, divergence classes, rules and verdicts.

pub mod catalogue;
pub mod compare;
pub mod report;
