//! States and plans that `OpenTofu` (since 1.7) encrypted: the envelope is opened, and what is in it is a [`Source`] again.
//!
//! ```
//! use tidelock_parse::{Source, encryption::{Keys, Secret}};
//!
//! # let bytes = b"{\"version\":4}".to_vec();
//! let keys = Keys::new().passphrase(Secret::passphrase("correct-horse-battery-staple")?);
//! // What is not encrypted comes back as it is.
//! let state = keys.open(&Source::new("terraform.tfstate", bytes))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Keys`]: what may open an envelope: passphrases, the `encryption` configuration ([`Settings`]), and any other
//!   [`KeySource`].
//! - [`Envelope`]: what stands outside in the clear.
//!
//! Nothing is used before its authentication tag fits, and nothing of the plaintext is kept but the returned source, which
//! overwrites it with zeros when the last clone goes. The same holds for keys and passphrases in a [`Secret`].
//!
//! The facts about the format are those of the sources of `OpenTofu` 1.12 and of recordings with 1.12.6.

mod derive;
mod envelope;
mod error;
mod keys;
mod metadata;
mod opening;
mod secret;
mod settings;

pub use self::{
    envelope::{Envelope, Sealed},
    error::{EncryptionError, KeyError, Lack},
    keys::{KeyRequest, KeySource, Keys, Passphrases},
    metadata::Provider,
    opening::{MAX_ENTRIES, MAX_ITERATIONS},
    secret::{MIN_PASSPHRASE_BYTES, Secret},
    settings::{Settings, Variables},
};
#[cfg(doc)]
use crate::source::Source;
