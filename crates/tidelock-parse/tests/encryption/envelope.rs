//! An encryptor: what `tofu` does when it writes, for envelopes that nobody recorded.

use aes_gcm::{
    AeadInPlace, AesGcm, KeyInit,
    aead::consts::{U12, U16},
    aes::{Aes128, Aes192, Aes256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha512};
use tidelock_parse::{
    Source,
    encryption::{EncryptionError, Keys, Secret},
};

pub(crate) const PASSPHRASE: &str = "seventeen-green-apples";
pub(crate) const STATE: &str =
    "{\"version\":4,\"serial\":42,\"lineage\":\"magic\",\"outputs\":{},\"resources\":[],\"secret\":\"plum-pudding\"}\n";

/// Parameters of one `pbkdf2`.
#[derive(Clone, Debug)]
pub(crate) struct Pbkdf2 {
    pub(crate) hash: &'static str,
    pub(crate) iterations: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) key_length: usize,
}

impl Default for Pbkdf2 {
    fn default() -> Self {
        Self { hash: "sha512", iterations: 3, salt: vec![9; 32], key_length: 32 }
    }
}

impl Pbkdf2 {
    pub(crate) fn key(&self, password: &[u8]) -> Vec<u8> {
        let mut key = vec![0; self.key_length];
        match self.hash {
            "sha256" => pbkdf2::pbkdf2_hmac::<Sha256>(password, &self.salt, self.iterations, &mut key),
            _ => pbkdf2::pbkdf2_hmac::<Sha512>(password, &self.salt, self.iterations, &mut key),
        }
        key
    }

    pub(crate) fn metadata(&self) -> Value {
        json!({
            "salt": STANDARD.encode(&self.salt),
            "iterations": self.iterations,
            "hash_function": self.hash,
            "key_length": self.key_length,
        })
    }
}

/// An envelope before it is written, so that a test can alter any part of it.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) outer: Map<String, Value>,
    /// JSON documents by key.
    pub(crate) meta: Vec<(String, Value)>,
    pub(crate) data: Vec<u8>,
}

impl Envelope {
    pub(crate) fn of(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Self {
        let mut outer = Map::new();
        if let Ok(state) = serde_json::from_slice::<Value>(plaintext) {
            outer.insert("serial".into(), state["serial"].clone());
            outer.insert("lineage".into(), state["lineage"].clone());
        }
        Self { outer, meta: Vec::new(), data: seal(plaintext, key, aad) }
    }

    /// A state, encrypted with the passphrase alone.
    pub(crate) fn state(with: &Pbkdf2) -> Self {
        let key = with.key(PASSPHRASE.as_bytes());
        Self::of(STATE.as_bytes(), &key, &[]).meta("key_provider.pbkdf2.main", with.metadata())
    }

    pub(crate) fn meta(mut self, key: &str, document: Value) -> Self {
        self.meta.push((key.to_owned(), document));
        self
    }

    pub(crate) fn text(&self) -> String {
        let mut all = self.outer.clone();
        let meta: Map<String, Value> =
            self.meta.iter().map(|(key, json)| (key.clone(), STANDARD.encode(json.to_string()).into())).collect();
        all.insert("meta".into(), meta.into());
        all.insert("encrypted_data".into(), STANDARD.encode(&self.data).into());
        all.insert("encryption_version".into(), "v0".into());
        Value::from(all).to_string()
    }

    pub(crate) fn source(&self) -> Source {
        source(&self.text())
    }
}

fn seal(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Vec<u8> {
    fn with<C>(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Vec<u8>
    where
        AesGcm<C, U12>: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>,
    {
        let nonce = [5; 12];
        let mut text = plaintext.to_vec();
        let cipher = AesGcm::<C, U12>::new_from_slice(key).unwrap();
        let tag = cipher.encrypt_in_place_detached(&nonce.into(), aad, &mut text).unwrap();
        [&nonce[..], &text, &tag].concat()
    }
    match key.len() {
        16 => with::<Aes128>(plaintext, key, aad),
        24 => with::<Aes192>(plaintext, key, aad),
        _ => with::<Aes256>(plaintext, key, aad),
    }
}

pub(crate) fn source(text: &str) -> Source {
    Source::new("terraform.tfstate", text.as_bytes().to_vec())
}

pub(crate) fn passphrase(text: &str) -> Keys {
    Keys::new().passphrase(Secret::passphrase(text).unwrap())
}

/// What comes out, as text.
pub(crate) fn open(keys: &Keys, envelope: &Envelope) -> Result<String, EncryptionError> {
    let opened = keys.open(&envelope.source())?;
    Ok(String::from_utf8(opened.bytes().to_vec()).unwrap())
}
