//! Bytes that nobody may see.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::KeyError;

/// The least length of a passphrase, in bytes of UTF-8; `pbkdf2` of `OpenTofu` refuses shorter ones.
pub const MIN_PASSPHRASE_BYTES: usize = 16;

/// A passphrase or key. It is overwritten with zeros when it goes, and `Debug` shows its length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes key bytes as they are.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Takes a passphrase, in Unicode's normal form C: `OpenTofu` normalises, too, wherever the passphrase comes from.
    /// Blanks and line ends count.
    ///
    /// # Errors
    /// [`KeyError::TooShort`] if it is shorter than [`MIN_PASSPHRASE_BYTES`]: nothing can have been encrypted with it.
    pub fn passphrase(text: &str) -> Result<Self, KeyError> {
        let secret = Self::normalised(text);
        if secret.bytes().len() < MIN_PASSPHRASE_BYTES { Err(KeyError::TooShort) } else { Ok(secret) }
    }

    pub(super) fn normalised(text: &str) -> Self {
        // Composing makes a text longer in three cases at most, by a factor of three; a buffer that grows leaves copies.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(3)));
        let mut buffer = Zeroizing::new([0; 4]);
        for c in text.nfc() {
            bytes.extend_from_slice(c.encode_utf8(&mut *buffer).as_bytes());
        }
        Self(bytes)
    }

    /// The bytes themselves, for deriving and decrypting.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_composed() {
        let composed = Secret::passphrase("caf\u{e9}-au-lait-at-dawn").unwrap();
        assert_eq!(composed, Secret::passphrase("cafe\u{301}-au-lait-at-dawn").unwrap());
        assert_ne!(composed, Secret::passphrase("cafe-au-lait-at-dawn").unwrap());
    }

    #[test]
    fn blanks_and_line_ends_count() {
        let bare = Secret::passphrase("correct-horse-battery").unwrap();
        for other in [" correct-horse-battery", "correct-horse-battery ", "correct-horse-battery\n"] {
            assert_ne!(bare, Secret::passphrase(other).unwrap());
        }
    }

    #[test]
    fn a_short_passphrase_is_refused_by_its_bytes() {
        assert_eq!(Secret::passphrase("fifteen-bytes-x"), Err(KeyError::TooShort));
        assert_eq!(Secret::passphrase(""), Err(KeyError::TooShort));
        // Eight characters, sixteen bytes.
        assert!(Secret::passphrase("éééééééé").is_ok());
    }

    #[test]
    fn a_secret_shows_its_length_alone() {
        let secret = Secret::passphrase("correct-horse-battery").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(21 bytes)");
    }
}
