//! Keys for what `OpenTofu` encrypted: passphrases from files and the environment, and the encryption configuration.

use std::{
    env,
    fs::File,
    io::{self, Read},
    path::Path,
};

use tidelock::{
    Error, Source,
    encryption::{EncryptionError, Envelope, KeyError, Keys, Secret, Settings},
    run::ExternalKeys,
};
use zeroize::Zeroizing;

use crate::{
    args::KeyArgs,
    error::{CliError, Failure},
    inputs::{Place, printable},
    tree::DirectoryTree,
};

/// Holds one passphrase itself. An empty one is what CI systems make of a secret that a job may not see: none.
const PASSPHRASE: &str = "TIDELOCK_PASSPHRASE";
/// The encryption configuration, as `tofu` reads it.
const CONFIGURATION: &str = "TF_ENCRYPTION";
/// Values of root variables, as `tofu` reads them.
const VARIABLE: &str = "TF_VAR_";
/// More than any passphrase.
const MAX_PASSPHRASE_BYTES: usize = 64 << 10;

/// The keys of one run. What is asked for only when something is encrypted is read only then.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    given: Keys,
}

impl KeyRing {
    pub(crate) fn new(args: &KeyArgs) -> Result<Self, CliError> {
        let mut given = Keys::new();
        for path in &args.passphrase_file {
            given = given.passphrase(in_file(path)?);
        }
        if let Some(text) = variable(PASSPHRASE)? {
            let secret = Secret::passphrase(&text);
            let from = || PASSPHRASE.to_owned();
            given = given.passphrase(secret.map_err(|cause| CliError::Passphrase { from: from(), cause })?);
        }
        if args.allow_external_key_command {
            given = given.source(ExternalKeys::new());
        }
        Ok(Self { given })
    }

    /// Reads an input, and opens it if it is encrypted. `config` names the sources; without it, they are those beside
    /// the input.
    pub(crate) fn read(&self, place: &Place, config: Option<&Path>) -> Result<Source, Failure> {
        self.open_of(place, place.read()?, config)
    }

    /// The same as [`Self::read`] for what has to be a state.
    pub(crate) fn read_state(&self, place: &Place, config: Option<&Path>) -> Result<Source, Failure> {
        self.open_of(place, place.read_state()?, config)
    }

    fn open_of(&self, place: &Place, source: Source, config: Option<&Path>) -> Result<Source, Failure> {
        Ok(self.open(source, &config.map_or_else(|| place.directory(), Path::to_owned))?)
    }

    /// Opens an input if it is encrypted; `dir` is where the sources may stand.
    pub(crate) fn open(&self, source: Source, dir: &Path) -> Result<Source, Error> {
        if Envelope::read(&source)?.is_none() {
            return Ok(source);
        }
        let known = |name: &str| {
            let value = env::var_os(format!("{VARIABLE}{name}"))?;
            Some(Secret::new(value.into_encoded_bytes()))
        };
        let settings = match env::var(CONFIGURATION).map(Zeroizing::new) {
            Ok(text) => Settings::parse(CONFIGURATION, &text, &known)?,
            Err(env::VarError::NotPresent) => Settings::default(),
            Err(env::VarError::NotUnicode(_)) => {
                let name = CONFIGURATION.to_owned();
                return Err(EncryptionError::Configuration {
                    name,
                    what: "this is not UTF-8 text",
                    line: None,
                }
                .into());
            }
        };
        let sources = Settings::of_sources(&DirectoryTree::new(dir), &known);
        let keys = self.given.clone().settings(sources).settings(settings);
        Ok(keys.open(&source)?)
    }
}

/// A variable that may hold a secret; none if it is empty.
fn variable(name: &str) -> Result<Option<Zeroizing<String>>, CliError> {
    match env::var(name) {
        Ok(text) => Ok(Some(Zeroizing::new(text)).filter(|text| !text.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(CliError::Passphrase { from: name.to_owned(), cause: KeyError::NotText })
        }
    }
}

/// The passphrase in a file. Editors and `echo` put a line end behind it, which is no part of it; one is taken off.
fn in_file(path: &Path) -> Result<Secret, CliError> {
    let name = printable(path);
    let bytes = bytes(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => CliError::NoPassphraseFile { path: name.clone() },
        _ => CliError::Unreadable { path: name.clone(), source },
    })?;
    let wrong = |cause| CliError::Passphrase { from: name.clone(), cause };
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong(KeyError::NotText))?;
    Secret::passphrase(passphrase_of(text)).map_err(wrong)
}

fn passphrase_of(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text)
}

fn bytes(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // All at once: a buffer that grows leaves copies.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE_BYTES + 1));
    let most = u64::try_from(MAX_PASSPHRASE_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_PASSPHRASE_BYTES {
        return Err(io::Error::other("this is too large for a passphrase"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::passphrase_of;

    #[test]
    fn one_line_end_is_no_part_of_a_passphrase() {
        for (file, passphrase) in [
            ("a b", "a b"),
            ("a b\n", "a b"),
            ("a b\r\n", "a b"),
            ("a b\n\n", "a b\n"),
            (" a b \n", " a b "),
            ("\u{feff}a b\r\n", "a b"),
            ("a\nb", "a\nb"),
            ("\n", ""),
        ] {
            assert_eq!(passphrase_of(file), passphrase);
        }
    }
}
