//! Encrypts as `OpenTofu` does when it writes, for envelopes that nobody recorded.
//!
//! Key, nonce and salt are what the caller says, so that a test is the same each time: nothing of this is for secrets.

use aes_gcm::{
    AeadInPlace, AesGcm, KeyInit,
    aead::consts::{U12, U16},
    aes::{Aes128, Aes192, Aes256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha512};

/// Parameters of one `pbkdf2`.
#[derive(Clone, Debug)]
pub struct Pbkdf2 {
    /// `sha256` or `sha512`.
    pub hash: &'static str,
    /// Few, because tests are not optimised.
    pub iterations: u32,
    /// Any bytes.
    pub salt: Vec<u8>,
    /// In bytes.
    pub key_length: usize,
}

impl Default for Pbkdf2 {
    fn default() -> Self {
        Self { hash: "sha512", iterations: 3, salt: vec![9; 32], key_length: 32 }
    }
}

impl Pbkdf2 {
    /// The key that a password gives.
    pub fn key(&self, password: &[u8]) -> Vec<u8> {
        let mut key = vec![0; self.key_length];
        match self.hash {
            "sha256" => pbkdf2::pbkdf2_hmac::<Sha256>(password, &self.salt, self.iterations, &mut key),
            _ => pbkdf2::pbkdf2_hmac::<Sha512>(password, &self.salt, self.iterations, &mut key),
        }
        key
    }

    /// What it leaves in the envelope.
    pub fn metadata(&self) -> Value {
        json!({
            "salt": STANDARD.encode(&self.salt),
            "iterations": self.iterations,
            "hash_function": self.hash,
            "key_length": self.key_length,
        })
    }

    /// A state or plan, encrypted with a passphrase alone.
    ///
    /// # Panics
    /// If the key length is not one of AES.
    pub fn seal(&self, plaintext: &[u8], passphrase: &str) -> Envelope {
        Envelope::new(plaintext, &self.key(passphrase.as_bytes()), &[])
            .entry("key_provider.pbkdf2.main", self.metadata())
    }
}

/// An envelope before it is written, so that a test can alter any part of it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// `serial` and `lineage`, for a state.
    pub outer: Map<String, Value>,
    /// JSON documents by key.
    pub meta: Vec<(String, Value)>,
    /// Nonce, ciphertext and tag.
    pub data: Vec<u8>,
}

impl Envelope {
    /// An envelope without any entry in its `meta`.
    ///
    /// # Panics
    /// If the key is none of AES.
    pub fn new(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Self {
        let mut outer = Map::new();
        if let Ok(state) = serde_json::from_slice::<Value>(plaintext) {
            for name in ["serial", "lineage"] {
                outer.insert(name.to_owned(), state.get(name).cloned().unwrap_or_default());
            }
        }
        Self { outer, meta: Vec::new(), data: sealed(plaintext, key, aad) }
    }

    /// Adds an entry to `meta`.
    #[must_use]
    pub fn entry(mut self, key: &str, document: Value) -> Self {
        self.meta.push((key.to_owned(), document));
        self
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut all = self.outer.clone();
        let encoded = |(key, json): &(String, Value)| (key.clone(), STANDARD.encode(json.to_string()).into());
        let meta: Map<String, Value> = self.meta.iter().map(encoded).collect();
        all.insert("meta".to_owned(), meta.into());
        all.insert("encrypted_data".to_owned(), STANDARD.encode(&self.data).into());
        all.insert("encryption_version".to_owned(), "v0".into());
        Value::from(all).to_string()
    }
}

fn sealed(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Vec<u8> {
    match key.len() {
        16 => seal::<Aes128>(plaintext, key, aad),
        24 => seal::<Aes192>(plaintext, key, aad),
        _ => seal::<Aes256>(plaintext, key, aad),
    }
}

fn seal<C>(plaintext: &[u8], key: &[u8], aad: &[u8]) -> Vec<u8>
where
    AesGcm<C, U12>: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>,
{
    let nonce = [5; 12];
    let mut text = plaintext.to_vec();
    let cipher = AesGcm::<C, U12>::new_from_slice(key).unwrap_or_else(|_| panic!("no key of AES"));
    let tag = cipher
        .encrypt_in_place_detached(&nonce.into(), aad, &mut text)
        .unwrap_or_else(|_| panic!("too long for AES-GCM"));
    [&nonce[..], &text, &tag].concat()
}
