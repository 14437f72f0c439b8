//! `key_provider "external"` of `OpenTofu` 1.10: a program of the user's gives out the key.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;
use tidelock_parse::encryption::{KeyError, KeyRequest, KeySource, Provider, Secret};
use zeroize::Zeroizing;

use crate::process::{self, Failure, MAX_OUTPUT_BYTES};

/// The first line of a program's output names the protocol.
const MAGIC: &str = "OpenTofu-External-Key-Provider";

/// As long as `tofu` waits.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs the `command` that the encryption configuration names, without a shell, and reads the key from its output.
///
/// The protocol is `tofu`'s: the program gets the stored metadata as JSON on its standard input; it writes one line,
/// `{"magic": "OpenTofu-External-Key-Provider", "version": 1}`, and then `{"keys": {"encryption_key": …, "decryption_key":
/// …}, "meta": {…}}` with keys in base64. It gets the environment of this process but for `TIDELOCK_*`. After a minute, or
/// more than 64 KiB of output, it is stopped. Its standard error is not shown.
#[derive(Clone)]
pub struct ExternalKeys {
    timeout: Duration,
}

impl Default for ExternalKeys {
    fn default() -> Self {
        Self { timeout: TIMEOUT }
    }
}

impl ExternalKeys {
    /// To be given to `Keys::source`. Whoever does so allows the programs of the configuration to be run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for another time than a minute.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl fmt::Debug for ExternalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExternalKeys({:?})", self.timeout)
    }
}

impl KeySource for ExternalKeys {
    fn keys(&self, request: &KeyRequest<'_>) -> Result<Vec<Secret>, KeyError> {
        let Some(command) = request.command.filter(|_| *request.provider == Provider::External) else {
            return Ok(Vec::new());
        };
        let words: Option<Vec<&str>> =
            command.iter().map(|word| std::str::from_utf8(word.bytes()).ok()).collect();
        let Some([program, arguments @ ..]) = words.as_deref() else {
            return Err(failed("its `command` names no program"));
        };
        let input = input(request.metadata)?;
        let output = process::run(*program, arguments, input, self.timeout).map_err(said)?;
        key(&output).map(|key| vec![key])
    }
}

fn failed(what: &'static str) -> KeyError {
    KeyError::Failed(what.into())
}

fn said(failure: Failure) -> KeyError {
    KeyError::Failed(match failure {
        Failure::Start => "its program cannot be started".into(),
        Failure::Timeout => "its program took too long, and was stopped".into(),
        Failure::TooMuch => {
            format!("its program wrote more than {} KiB, and was stopped", MAX_OUTPUT_BYTES >> 10).into()
        }
        Failure::Exit(Some(code)) => format!("its program ended with exit code {code}").into(),
        Failure::Exit(None) => "its program was ended by a signal".into(),
        Failure::Read => "the output of its program cannot be read".into(),
    })
}

/// What the program gets: the metadata alone, nothing else of the document.
fn input(metadata: &[u8]) -> Result<Vec<u8>, KeyError> {
    #[derive(Deserialize)]
    struct Stored<'a> {
        #[serde(borrow, default)]
        external_data: Option<&'a RawValue>,
    }
    let stored: Stored<'_> =
        serde_json::from_slice(metadata).map_err(|_| failed("its metadata in the file is damaged"))?;
    Ok(match stored.external_data {
        Some(data) => format!("{{\"external_data\":{data}}}").into_bytes(),
        None => b"null".to_vec(),
    })
}

/// The decryption key in a program's output; as with `tofu`, the encryption key where there is none.
fn key(output: &[u8]) -> Result<Secret, KeyError> {
    #[derive(Deserialize)]
    struct Header<'a> {
        magic: &'a str,
        version: u64,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Output<'a> {
        #[serde(borrow)]
        keys: Pair<'a>,
        #[serde(borrow, default, rename = "meta")]
        _meta: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair<'a> {
        #[serde(default)]
        encryption_key: Option<&'a str>,
        #[serde(default)]
        decryption_key: Option<&'a str>,
    }
    let no_protocol = || failed("its program does not speak tofu's protocol for key providers, version 1");
    let at = output.iter().position(|byte| *byte == b'\n').ok_or_else(no_protocol)?;
    let (header, rest) = output.split_at(at);
    let header: Header<'_> = serde_json::from_slice(header).map_err(|_| no_protocol())?;
    if header.magic != MAGIC || header.version != 1 {
        return Err(no_protocol());
    }
    let output: Output<'_> = serde_json::from_slice(rest)
        .map_err(|_| failed("the output of its program is not what tofu expects"))?;
    let key = [output.keys.decryption_key, output.keys.encryption_key]
        .into_iter()
        .flatten()
        .find(|key| !key.is_empty())
        .ok_or_else(|| failed("the output of its program holds no key"))?;
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(key.len())]);
    let length = STANDARD
        .decode_slice(key, &mut bytes)
        .map_err(|_| failed("the key in the output of its program is not base64"))?;
    bytes.truncate(length);
    Ok(Secret::new(std::mem::take(&mut *bytes)))
}
