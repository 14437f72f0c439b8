//! What a resource is in the world outside: which real object it holds, how it is imported, which call deletes it.
//!
//! [`of`] gives the [`Kind`] of a resource type; a type that is not known has one, too, which rests on its `id` alone.
//! [`holders`] is the way back: the resource types that manage an object of an inventory.

#![forbid(unsafe_code)]

mod kind;
mod unknown;

pub use kind::{Kind, Request, Trap};
use tidelock_parse::inventory::Object;

/// What is known about a resource type.
pub fn of(type_name: &str) -> &'static dyn Kind {
    let _ = type_name;
    &unknown::Unknown
}

/// The resource types that manage such an object, the likeliest first.
pub fn holders(object: &Object) -> &'static [&'static str] {
    let _ = object;
    &[]
}
