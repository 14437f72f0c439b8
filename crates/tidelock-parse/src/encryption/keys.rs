//! Where keys come from.

use std::{fmt, sync::Arc};

use super::{EncryptionError, Envelope, KeyError, Provider, Secret, Settings, derive::Memory, opening};
use crate::source::Source;

/// What a key is asked for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KeyRequest<'r> {
    /// Type of the key provider.
    pub provider: &'r Provider,
    /// Key of its entry in the envelope: `key_provider.TYPE.NAME`, or an alias.
    pub entry: &'r str,
    /// What it left in the envelope: a JSON document of the provider's own shape. Nothing has authenticated it yet.
    pub metadata: &'r [u8],
    /// The `command` of an `external` provider, program and arguments, where a configuration is known.
    pub command: Option<&'r [Secret]>,
}

impl<'r> KeyRequest<'r> {
    /// A request without a command.
    pub const fn new(provider: &'r Provider, entry: &'r str, metadata: &'r [u8]) -> Self {
        Self { provider, entry, metadata, command: None }
    }

    /// The same, with the command of the configuration.
    #[must_use]
    pub const fn with_command(mut self, command: &'r [Secret]) -> Self {
        self.command = Some(command);
        self
    }
}

/// Gives keys to whoever opens an envelope. Nothing else in this library knows where keys come from.
pub trait KeySource: Send + Sync {
    /// The keys that may be meant, in the order in which they are worth trying; none if this source has nothing to say.
    ///
    /// For `pbkdf2` these are passphrases, from which the key is then derived ([`Secret::passphrase`]); for every other
    /// provider they are the decryption keys themselves.
    ///
    /// # Errors
    /// [`KeyError`] if there should be a key, and it cannot be had. The text must tell no secret.
    fn keys(&self, request: &KeyRequest<'_>) -> Result<Vec<Secret>, KeyError>;
}

/// Passphrases; each is tried on every entry of a `pbkdf2`.
#[derive(Clone, Debug, Default)]
pub struct Passphrases(Vec<Secret>);

impl FromIterator<Secret> for Passphrases {
    fn from_iter<I: IntoIterator<Item = Secret>>(passphrases: I) -> Self {
        Self(passphrases.into_iter().collect())
    }
}

impl KeySource for Passphrases {
    fn keys(&self, request: &KeyRequest<'_>) -> Result<Vec<Secret>, KeyError> {
        Ok(if *request.provider == Provider::Pbkdf2 { self.0.clone() } else { Vec::new() })
    }
}

/// All that may open an envelope. Cloning shares the sources, and the keys that were derived from passphrases so far.
#[derive(Clone, Default)]
pub struct Keys {
    sources: Vec<Arc<dyn KeySource>>,
    settings: Settings,
    memory: Memory,
}

impl Keys {
    /// None at all: envelopes stay closed, everything else is read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a passphrase, see [`Secret::passphrase`].
    #[must_use]
    pub fn passphrase(self, passphrase: Secret) -> Self {
        self.source(Passphrases(vec![passphrase]))
    }

    /// Adds a source; it is asked after those that were added before.
    #[must_use]
    pub fn source(mut self, source: impl KeySource + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Adds a configuration, laid over what was added before as `OpenTofu` lays `TF_ENCRYPTION` over the sources. What it
    /// does not say (a passphrase out of a variable) is asked of the key sources.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = self.settings.overlaid_with(settings);
        self
    }

    /// Adds a configuration below those that were added before.
    #[must_use]
    pub fn base_settings(mut self, settings: Settings) -> Self {
        self.settings = settings.overlaid_with(self.settings);
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.settings.is_empty()
    }

    /// What is in an envelope, under the same name; anything that is not encrypted comes back as it is.
    ///
    /// A plan is the bytes of the saved plan file, a state its text.
    ///
    /// # Errors
    /// [`EncryptionError`] if it is an envelope and cannot be opened.
    pub fn open(&self, source: &Source) -> Result<Source, EncryptionError> {
        match Envelope::read(source)? {
            None => Ok(source.clone()),
            Some(envelope) => Ok(Source::new(source.name(), opening::open(&envelope, self)?)),
        }
    }

    /// How often a key was derived from a passphrase, by these keys and their clones together. It is what takes time:
    /// about half a second each with the defaults of `OpenTofu`; a key that was derived before is remembered.
    pub fn derivations(&self) -> usize {
        self.memory.derivations()
    }

    pub(super) const fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(super) fn configured(&self) -> &Settings {
        &self.settings
    }

    /// What all sources have to say.
    pub(super) fn ask(&self, request: &KeyRequest<'_>) -> Result<Vec<Secret>, KeyError> {
        let mut keys: Vec<Secret> = Vec::new();
        for source in &self.sources {
            for key in source.keys(request)? {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} sources, {:?})", self.sources.len(), self.settings)
    }
}
