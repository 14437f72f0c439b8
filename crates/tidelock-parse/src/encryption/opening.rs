//! Finds the key that opens an envelope, by the configuration and by trying.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    EncryptionError, Envelope, KeyRequest, Keys, Provider, Secret, derive,
    metadata::{Entry, Parameters, printable},
    settings::{Method, Name},
};

/// Iterations of `pbkdf2` that are made for one passphrase and file, in all that is tried together.
///
/// The stored number is not authenticated before it is used, and can be two billion. The default of `OpenTofu` is 600,000,
/// which takes about 0.4 s; this limit leaves room for four times that, or a chain of several, and keeps an altered file
/// from holding a pipeline for more than about 2 s.
pub const MAX_ITERATIONS: u32 = 2_500_000;

/// Bytes that are authenticated for one passphrase and file before nothing more is tried: about 2 s. A single attempt may
/// take more.
const MAX_TRIED_BYTES: usize = 512 << 20;

/// More entries than this are not looked at: each key provider of a configuration leaves one.
pub const MAX_ENTRIES: usize = 32;

/// Longer chains of key providers are not followed; a circle ends here, too.
const MAX_CHAIN: usize = 8;

/// The plaintext of an envelope. It is overwritten with zeros when it goes.
pub(super) struct Plaintext {
    /// Nonce, plaintext and tag, as they stood in the envelope.
    bytes: Zeroizing<Vec<u8>>,
    at: Range<usize>,
}

impl AsRef<[u8]> for Plaintext {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(self.at.clone()).unwrap_or_default()
    }
}

/// Opens an envelope, and checks that what is in it belongs there.
pub(super) fn open(envelope: &Envelope, keys: &Keys) -> Result<Plaintext, EncryptionError> {
    if envelope.entries() > MAX_ENTRIES {
        let input = envelope.input().to_owned();
        return Err(EncryptionError::TooMany { input, sealed: envelope.sealed() });
    }
    let plaintext = Attempt::new(envelope, keys).run()?;
    check(envelope, plaintext.as_ref())?;
    Ok(plaintext)
}

/// Holds what stands outside against the content.
fn check(envelope: &Envelope, plaintext: &[u8]) -> Result<(), EncryptionError> {
    /// The scalars of a state; the rest is for its reader.
    #[derive(Deserialize)]
    struct Inner {
        version: u64,
        serial: Option<u64>,
        lineage: Option<String>,
    }
    let input = || envelope.input().to_owned();
    let (serial, lineage) = if plaintext.starts_with(b"PK") {
        (None, None)
    } else {
        let inner: Inner =
            serde_json::from_slice(plaintext).map_err(|_| EncryptionError::Content { input: input() })?;
        if inner.version == 0 {
            return Err(EncryptionError::Content { input: input() });
        }
        (inner.serial, inner.lineage)
    };
    // What is missing outside is not checked: tofu accepts it, too.
    if envelope.serial.is_some() && envelope.serial != serial {
        return Err(EncryptionError::Mismatch { input: input(), what: "serial" });
    }
    if envelope.lineage.is_some() && envelope.lineage != lineage {
        return Err(EncryptionError::Mismatch { input: input(), what: "lineage" });
    }
    Ok(())
}

/// Which of several things that went wrong says most, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    NoKey,
    /// A key whose length fits no method; it may be the password of another one.
    KeyLength,
    Authentication,
    Metadata,
    Iterations,
    Provider,
    Source,
}

/// Something that was given, and how much may still be tried with it.
struct Root {
    secret: Secret,
    iterations: u64,
    bytes: usize,
}

impl Root {
    fn new(secret: Secret) -> Self {
        Self { secret, iterations: u64::from(MAX_ITERATIONS), bytes: MAX_TRIED_BYTES }
    }
}

/// A key or password, and the one that was given and led to it.
#[derive(Clone)]
struct Candidate {
    secret: Secret,
    root: usize,
}

/// A key that was derived for this envelope; what it cost counts once.
struct Derived {
    password: Secret,
    entry: String,
    key: Candidate,
}

struct Attempt<'a> {
    envelope: &'a Envelope,
    keys: &'a Keys,
    data: Zeroizing<Vec<u8>>,
    roots: Vec<Root>,
    derived: Vec<Derived>,
    /// Entries that somebody had a key for.
    answered: BTreeSet<String>,
    failures: BTreeMap<Weight, EncryptionError>,
}

impl<'a> Attempt<'a> {
    fn new(envelope: &'a Envelope, keys: &'a Keys) -> Self {
        Self {
            envelope,
            keys,
            data: envelope.data(),
            roots: Vec::new(),
            derived: Vec::new(),
            answered: BTreeSet::new(),
            failures: BTreeMap::new(),
        }
    }

    fn run(mut self) -> Result<Plaintext, EncryptionError> {
        let keys = self.keys;
        let opened = keys
            .configured()
            .methods(self.envelope.sealed())
            .into_iter()
            .find_map(|method| self.by_method(&method))
            .or_else(|| self.by_trying());
        match opened {
            Some(at) => Ok(Plaintext { bytes: self.data, at }),
            None => Err(self.failure()),
        }
    }

    /// As the configuration says.
    fn by_method(&mut self, method: &Method<'_>) -> Option<Range<usize>> {
        match method {
            Method::AesGcm { keys, aad } => {
                let candidates = self.configured(keys, MAX_CHAIN);
                self.first_that_fits(&candidates, aad)
            }
            Method::Other(name) => {
                self.unsupported("method", Provider::of_type(name));
                None
            }
        }
    }

    /// The keys of a key provider of the configuration.
    fn configured(&mut self, name: &Name, depth: usize) -> Vec<Candidate> {
        let keys = self.keys;
        let Some(settings) = keys.configured().provider(name) else { return Vec::new() };
        let Some(entry) = self.envelope.entry(&settings.entry) else { return Vec::new() };
        let provider = Provider::of_type(&name.kind);
        let passwords = match (&settings.chain, depth.checked_sub(1)) {
            (Some(chain), Some(depth)) => self.configured(chain, depth),
            (Some(_), None) => Vec::new(),
            (None, _) => {
                let literal = settings.passphrase.iter().cloned();
                let literal: Vec<Candidate> = literal.map(|secret| self.rooted(secret)).collect();
                let mut all = literal;
                all.extend(self.asked(entry, &provider, settings.command.as_deref()));
                all
            }
        };
        if provider == Provider::Pbkdf2 { self.all_derived(entry, &passwords) } else { passwords }
    }

    /// Without a configuration: every passphrase on every entry, and then the keys as passwords of other entries.
    fn by_trying(&mut self) -> Option<Range<usize>> {
        let entries: Vec<Entry<'a>> = self.envelope.all().collect();
        let mut found = Vec::new();
        for entry in &entries {
            let provider = entry.provider();
            let mut candidates = self.asked(*entry, &provider, None);
            if provider == Provider::Pbkdf2 {
                candidates = self.all_derived(*entry, &candidates);
            }
            if let Some(at) = self.first_that_fits(&candidates, &[]) {
                return Some(at);
            }
            found.push((*entry, candidates));
        }
        for (entry, _) in found.iter().filter(|(entry, _)| entry.provider() == Provider::Pbkdf2) {
            for (_, passwords) in found.iter().filter(|(other, _)| other.key != entry.key) {
                let candidates = self.all_derived(*entry, passwords);
                if let Some(at) = self.first_that_fits(&candidates, &[]) {
                    return Some(at);
                }
            }
        }
        None
    }

    /// What the key sources have for an entry.
    fn asked(&mut self, entry: Entry<'_>, provider: &Provider, command: Option<&[Secret]>) -> Vec<Candidate> {
        let document = match entry.document() {
            Ok(document) => document,
            Err(what) => {
                self.damaged(Weight::Metadata, entry, what);
                return Vec::new();
            }
        };
        let request = KeyRequest { provider, entry: entry.key, metadata: &document, command };
        match self.keys.ask(&request) {
            Ok(keys) => {
                if !keys.is_empty() {
                    self.answered.insert(entry.key.to_owned());
                } else if *provider != Provider::Pbkdf2 && !self.answered.contains(entry.key) {
                    self.unsupported("key provider", provider.clone());
                }
                keys.into_iter().map(|key| self.rooted(key)).collect()
            }
            Err(cause) => {
                let input = self.envelope.input().to_owned();
                let error = EncryptionError::Key { input, entry: printable(entry.key), cause };
                self.failed(Weight::Source, error);
                Vec::new()
            }
        }
    }

    fn rooted(&mut self, secret: Secret) -> Candidate {
        let known = self.roots.iter().position(|root| root.secret == secret);
        let root = known.unwrap_or_else(|| {
            self.roots.push(Root::new(secret.clone()));
            self.roots.len() - 1
        });
        Candidate { secret, root }
    }

    fn all_derived(&mut self, entry: Entry<'_>, passwords: &[Candidate]) -> Vec<Candidate> {
        let parameters = entry.document().and_then(|document| Parameters::read(&document));
        match parameters {
            Ok(with) => {
                passwords.iter().filter_map(|password| self.derived(entry, password, &with)).collect()
            }
            Err(what) => {
                self.damaged(Weight::Metadata, entry, what);
                Vec::new()
            }
        }
    }

    fn derived(&mut self, entry: Entry<'_>, password: &Candidate, with: &Parameters) -> Option<Candidate> {
        let same = |derived: &&Derived| derived.entry == entry.key && derived.password == password.secret;
        if let Some(derived) = self.derived.iter().find(same) {
            return Some(derived.key.clone());
        }
        let (input, sealed) = (self.envelope.input().to_owned(), self.envelope.sealed());
        let cost = with.cost();
        if cost > u64::from(MAX_ITERATIONS) {
            let entry = printable(entry.key);
            self.failed(
                Weight::Iterations,
                EncryptionError::Iterations { input, entry, iterations: cost, sealed },
            );
            return None;
        }
        let root = self.roots.get_mut(password.root)?;
        let Some(rest) = root.iterations.checked_sub(cost) else {
            self.failed(Weight::Iterations, EncryptionError::TooMany { input, sealed });
            return None;
        };
        root.iterations = rest;
        let key =
            Candidate { secret: self.keys.memory().pbkdf2(&password.secret, with), root: password.root };
        let password = password.secret.clone();
        self.derived.push(Derived { password, entry: entry.key.to_owned(), key: key.clone() });
        if !derive::is_key_length(with.key_length) {
            self.damaged(Weight::KeyLength, entry, "its key length is not one of AES: 16, 24, 32");
        }
        Some(key)
    }

    fn first_that_fits(&mut self, candidates: &[Candidate], aad: &[u8]) -> Option<Range<usize>> {
        for key in candidates.iter().filter(|key| derive::is_key_length(key.secret.bytes().len())) {
            let (input, sealed) = (self.envelope.input().to_owned(), self.envelope.sealed());
            let root = self.roots.get_mut(key.root)?;
            if root.bytes == 0 {
                self.failed(Weight::Iterations, EncryptionError::TooMany { input, sealed });
                continue;
            }
            root.bytes = root.bytes.saturating_sub(self.data.len());
            if let Some(at) = derive::aes_gcm(&key.secret, aad, &mut self.data) {
                return Some(at);
            }
            self.failed(Weight::Authentication, EncryptionError::Authentication { input, sealed });
        }
        None
    }

    fn unsupported(&mut self, what: &'static str, provider: Provider) {
        let (input, sealed) = (self.envelope.input().to_owned(), self.envelope.sealed());
        self.failed(Weight::Provider, EncryptionError::Provider { input, what, provider, sealed });
    }

    fn damaged(&mut self, weight: Weight, entry: Entry<'_>, what: &'static str) {
        let (input, entry) = (self.envelope.input().to_owned(), printable(entry.key));
        self.failed(weight, EncryptionError::Metadata { input, entry, what });
    }

    /// Keeps the first failure of each weight.
    fn failed(&mut self, weight: Weight, error: EncryptionError) {
        self.failures.entry(weight).or_insert(error);
    }

    fn failure(mut self) -> EncryptionError {
        let (input, sealed) = (self.envelope.input().to_owned(), self.envelope.sealed());
        let providers = providers(self.envelope);
        let lacks = self.keys.configured().lacks();
        let no_key = EncryptionError::NoKey { input: input.clone(), providers, lacks, sealed };
        self.failed(Weight::NoKey, no_key);
        self.failures
            .pop_last()
            .map_or(EncryptionError::Authentication { input, sealed }, |(_, failure)| failure)
    }
}

/// `pbkdf2` (`key_provider.pbkdf2.main`), one after the other.
fn providers(envelope: &Envelope) -> String {
    let list: Vec<String> =
        envelope.providers().map(|(key, provider)| format!("{provider} (`{}`)", printable(key))).collect();
    if list.is_empty() { "a method that names no key provider".to_owned() } else { list.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    /// What happens with a wrong passphrase, two entries, and this much left.
    fn failure(iterations: u64, bytes: usize) -> EncryptionError {
        let document = r#"{"salt":"AA==","iterations":20,"hash_function":"sha512","key_length":32}"#;
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, document);
        let data = "A".repeat(40);
        let text = format!(
            r#"{{"meta":{{"a":"{encoded}","b":"{encoded}"}},"encrypted_data":"{data}","encryption_version":"v0"}}"#
        );
        let envelope = Envelope::read(&Source::new("x", text.into_bytes())).unwrap().unwrap();
        let secret = Secret::passphrase("correct-horse-battery").unwrap();
        let keys = Keys::new().passphrase(secret.clone());
        let mut attempt = Attempt::new(&envelope, &keys);
        attempt.roots.push(Root { secret, iterations, bytes });
        attempt.run().map(|_| ()).unwrap_err()
    }

    #[test]
    fn all_that_is_tried_for_one_passphrase_shares_one_limit() {
        // Each entry alone, and each with the key of the other one: four keys, and 30 bytes to authenticate.
        let wrong =
            |iterations, bytes| matches!(failure(iterations, bytes), EncryptionError::Authentication { .. });
        let stopped =
            |iterations, bytes| matches!(failure(iterations, bytes), EncryptionError::TooMany { .. });
        assert!(stopped(79, 1000) && wrong(80, 1000));
        assert!(stopped(1000, 90) && wrong(1000, 91));
        assert!(stopped(0, 1000) && stopped(1000, 0));
    }
}
