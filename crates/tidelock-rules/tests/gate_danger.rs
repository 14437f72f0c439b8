//! The rules about destruction and replacement, each on a plan that fires and on one that looks like it.

#![allow(clippy::unwrap_used, reason = "a plan that is not one fails the test")]
#![allow(clippy::needless_pass_by_value, reason = "values are made for the plan they go into")]

#[path = "gate/consequences.rs"]
mod consequences;
#[path = "gate/destruction.rs"]
mod destruction;
#[path = "gate/index_shift.rs"]
mod index_shift;
#[path = "gate/replacement.rs"]
mod replacement;
#[path = "gate/stack.rs"]
mod stack;
#[path = "gate/whole.rs"]
mod whole;
