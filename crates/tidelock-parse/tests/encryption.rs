//! Envelopes of `OpenTofu`: real ones, made ones, and altered ones.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

#[path = "encryption/altered.rs"]
mod altered;
#[path = "encryption/configured.rs"]
mod configured;
#[path = "encryption/envelope.rs"]
mod envelope;
#[path = "encryption/made.rs"]
mod made;
#[path = "encryption/recorded.rs"]
mod recorded;
