//! What key providers leave in an envelope, so that they find the same key again (format notes, 6.2 and 6.4).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// A type of key provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// A passphrase, and nothing else.
    Pbkdf2,
    /// A program of the user's; `OpenTofu` 1.10.
    External,
    /// Amazon's key management.
    AwsKms,
    /// Google's key management.
    GcpKms,
    /// Azure Key Vault; `OpenTofu` 1.11.
    AzureVault,
    /// The transit engine of `OpenBao` or Vault.
    OpenBao,
    /// Another one, by its type in the configuration or in the key of its entry.
    Other(String),
    /// Its entry stands under an alias, and has no form that is known.
    Unknown,
}

impl Provider {
    /// The provider of this type, as the configuration spells it.
    pub fn of_type(word: &str) -> Self {
        match word {
            "pbkdf2" => Self::Pbkdf2,
            "external" => Self::External,
            "aws_kms" => Self::AwsKms,
            "gcp_kms" => Self::GcpKms,
            "azure_vault" => Self::AzureVault,
            "openbao" => Self::OpenBao,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The type as the configuration spells it; a question mark if it is not known.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pbkdf2 => "pbkdf2",
            Self::External => "external",
            Self::AwsKms => "aws_kms",
            Self::GcpKms => "gcp_kms",
            Self::AzureVault => "azure_vault",
            Self::OpenBao => "openbao",
            Self::Other(word) => word,
            Self::Unknown => "?",
        }
    }
}

impl fmt::Display for Provider {
    /// The type; what a file may have made up is cut short and cannot steer a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.as_str()))
    }
}

/// A name out of a file, short and without control characters.
pub(super) fn printable(name: &str) -> String {
    const SHOWN: usize = 64;
    let shown: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() { format!("{shown}…") } else { shown }
}

/// One entry of `meta`.
#[derive(Clone, Copy)]
pub(super) struct Entry<'e> {
    pub(super) key: &'e str,
    encoded: &'e str,
}

/// Why an entry cannot be used; a constant text.
pub(super) type Fault = &'static str;

impl<'e> Entry<'e> {
    pub(super) const fn new(key: &'e str, encoded: &'e str) -> Self {
        Self { key, encoded }
    }

    /// The JSON document.
    pub(super) fn document(self) -> Result<Vec<u8>, Fault> {
        STANDARD.decode(self.encoded).map_err(|_| "its metadata is not base64")
    }

    /// Which provider wrote it: the key says so, and under an alias the form of the document.
    pub(super) fn provider(self) -> Provider {
        let named = self.key.strip_prefix("key_provider.").and_then(|rest| rest.split_once('.'));
        named.map_or_else(|| self.by_form(), |(word, _)| Provider::of_type(word))
    }

    fn by_form(self) -> Provider {
        #[derive(Deserialize)]
        struct Form {
            salt: Option<serde::de::IgnoredAny>,
            external_data: Option<serde::de::IgnoredAny>,
            ciphertext_blob: Option<serde::de::IgnoredAny>,
            authentication_tag: Option<serde::de::IgnoredAny>,
        }
        let form = self.document().ok().and_then(|json| serde_json::from_slice::<Form>(&json).ok());
        match form {
            Some(Form { salt: Some(_), .. }) => Provider::Pbkdf2,
            Some(Form { external_data: Some(_), .. }) => Provider::External,
            Some(Form { ciphertext_blob: Some(_), .. }) => Provider::AwsKms,
            Some(Form { authentication_tag: Some(_), .. }) => Provider::AzureVault,
            // A `ciphertext` alone is Google's or OpenBao's.
            _ => Provider::Unknown,
        }
    }
}

/// Hash functions of `pbkdf2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    /// Bytes that one run of the iterations gives.
    const fn block(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What `pbkdf2` was run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
    pub(super) hash: Hash,
    pub(super) key_length: usize,
}

/// The key of a `pbkdf2` may be the password of another one, so its length is free; nobody needs more than this.
const MAX_KEY_LENGTH: usize = 1024;

impl Parameters {
    /// Reads the document of an entry. `OpenTofu` refuses the same, before it derives anything.
    pub(super) fn read(document: &[u8]) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Wire {
            salt: String,
            iterations: i64,
            hash_function: String,
            key_length: i64,
        }
        let wire: Wire =
            serde_json::from_slice(document).map_err(|_| "its metadata is not that of a pbkdf2")?;
        let salt = STANDARD.decode(&wire.salt).map_err(|_| "its salt is not base64")?;
        let hash = match wire.hash_function.as_str() {
            "sha256" => Hash::Sha256,
            "sha512" => Hash::Sha512,
            _ => return Err("its hash function is neither sha256 nor sha512"),
        };
        let key_length = usize::try_from(wire.key_length).ok().filter(|length| *length > 0);
        let key_length = key_length.filter(|length| *length <= MAX_KEY_LENGTH);
        match (salt.is_empty(), u32::try_from(wire.iterations.min(i64::from(u32::MAX)))) {
            (true, _) => Err("its salt is empty"),
            (_, Err(_) | Ok(0)) => Err("its number of iterations is not above zero"),
            (_, Ok(iterations)) => Ok(Self {
                salt,
                iterations,
                hash,
                key_length: key_length.ok_or("its key length is not possible")?,
            }),
        }
    }

    /// What deriving costs, in iterations.
    pub(super) fn cost(&self) -> u64 {
        u64::from(self.iterations).saturating_mul(self.key_length.div_ceil(self.hash.block()) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &str) -> Result<Parameters, Fault> {
        Parameters::read(json.as_bytes())
    }

    #[test]
    fn what_no_pbkdf2_writes_is_refused() {
        let good = r#"{"salt":"AA==","iterations":600000,"hash_function":"sha512","key_length":32}"#;
        let read = parameters(good).unwrap();
        assert_eq!((read.salt.as_slice(), read.iterations, read.key_length), (&[0_u8][..], 600_000, 32));
        for (part, other) in [
            ("\"AA==\"", "\"\""),
            ("\"AA==\"", "\"AA\""),
            ("\"AA==\"", "7"),
            ("600000", "0"),
            ("600000", "-1"),
            ("600000", "1.5"),
            ("sha512", "md5"),
            ("sha512", "SHA512"),
            (":32", ":0"),
            (":32", ":-32"),
            (":32", ":1000000000"),
            ("salt", "sallt"),
            ("}", ",\"key_length\":32}"),
        ] {
            assert!(parameters(&good.replace(part, other)).is_err(), "{part} -> {other}");
        }
        assert!(parameters("").is_err() && parameters("[]").is_err());
        // Too many for any reader: the limit says so, not the type.
        assert_eq!(parameters(&good.replace("600000", "99999999999")).unwrap().iterations, u32::MAX);
    }

    #[test]
    fn a_long_key_costs_a_run_for_each_block() {
        let cost = |hash: &str, length: usize| {
            let json = format!(
                r#"{{"salt":"AA==","iterations":10,"hash_function":"{hash}","key_length":{length}}}"#
            );
            parameters(&json).unwrap().cost()
        };
        assert_eq!(
            [cost("sha256", 32), cost("sha256", 33), cost("sha512", 64), cost("sha512", 65)],
            [10, 20, 10, 20]
        );
    }

    #[test]
    fn an_alias_is_told_by_the_form_of_its_document() {
        let provider = |key: &str, json: &str| Entry::new(key, &STANDARD.encode(json)).provider();
        assert_eq!(provider("key_provider.aws_kms.x", "{}"), Provider::AwsKms);
        assert_eq!(provider("key_provider.xor.x", "{}"), Provider::Other("xor".to_owned()));
        assert_eq!(provider("mine", r#"{"salt":""}"#), Provider::Pbkdf2);
        assert_eq!(provider("mine", r#"{"external_data":{}}"#), Provider::External);
        assert_eq!(provider("mine", r#"{"ciphertext_blob":""}"#), Provider::AwsKms);
        assert_eq!(
            provider("mine", r#"{"ciphertext":"","iv":"","authentication_tag":""}"#),
            Provider::AzureVault
        );
        assert_eq!(provider("mine", r#"{"ciphertext":""}"#), Provider::Unknown);
        assert_eq!(provider("mine", "nonsense"), Provider::Unknown);
    }

    #[test]
    fn a_name_out_of_a_file_cannot_steer_a_terminal() {
        assert_eq!(Provider::of_type("\u{1b}[2J").to_string(), "\\u{1b}[2J");
        assert_eq!(printable(&"x".repeat(70)).chars().count(), 65);
    }
}
