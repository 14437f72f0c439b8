//! What the tests of encryption share.

use tidelock_parse::{
    Source,
    encryption::{EncryptionError, Keys, Secret},
};
use tidelock_testkit::envelope::{Envelope, Pbkdf2};

pub(crate) const PASSPHRASE: &str = "seventeen-green-apples";
pub(crate) const STATE: &str = "{\"version\":4,\"serial\":42,\"lineage\":\"magic\",\"outputs\":{},\"resources\":[],\"secret\":\"plum-pudding\"}\n";

/// The state, encrypted with the passphrase.
pub(crate) fn sealed(with: &Pbkdf2) -> Envelope {
    with.seal(STATE.as_bytes(), PASSPHRASE)
}

pub(crate) fn source(text: &str) -> Source {
    Source::new("terraform.tfstate", text.as_bytes().to_vec())
}

pub(crate) fn passphrase(text: &str) -> Keys {
    Keys::new().passphrase(Secret::passphrase(text).unwrap())
}

/// What comes out, as text.
pub(crate) fn open(keys: &Keys, envelope: &Envelope) -> Result<String, EncryptionError> {
    let opened = keys.open(&source(&envelope.text()))?;
    Ok(String::from_utf8(opened.bytes().to_vec()).unwrap())
}
