//! Hashes, the salt in them, and the key that signs.

use std::{fmt, str::FromStr};

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tidelock_parse::{AttrPath, ResourceAddr, Value};

use super::{ApprovalError, Side};
use crate::compare::{Shapes, canonical};

/// 32 bytes, 64 lower-case hexadecimal digits in the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

/// A text is not a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash in hexadecimal digits")]
pub struct NoHash;

/// 16 random bytes, 32 lower-case hexadecimal digits in the file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Salt([u8; 16]);

impl From<[u8; 16]> for Salt {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Spells bytes out as hexadecimal digits and reads them back.
macro_rules! hexadecimal {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NoHash;

            fn from_str(text: &str) -> Result<Self, NoHash> {
                read(text).map(Self).ok_or(NoHash)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NoHash;

            fn try_from(text: String) -> Result<Self, NoHash> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(bytes: $name) -> Self {
                bytes.to_string()
            }
        }
    };
}

hexadecimal!(Fingerprint);
hexadecimal!(Salt);

fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// The secret that signs approvals. It never leaves this type.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of any length.
    ///
    /// # Errors
    /// [`ApprovalError::EmptyKey`]: CI systems set a variable to nothing where a run may not see the secret.
    pub fn new(secret: &[u8]) -> Result<Self, ApprovalError> {
        match Hmac::new_from_slice(secret) {
            Ok(mac) if !secret.is_empty() => Ok(Self(mac)),
            _ => Err(ApprovalError::EmptyKey),
        }
    }

    pub(super) fn sign(&self, content: &[u8]) -> Fingerprint {
        Fingerprint(self.over(content).finalize().into_bytes().into())
    }

    /// Compares in constant time.
    pub(super) fn signed(&self, content: &[u8], signature: Fingerprint) -> bool {
        self.over(content).verify_slice(&signature.0).is_ok()
    }

    fn over(&self, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        // Hashes of values are made with the same key; neither may ever pass for the other.
        mac.update(b"tidelock approval\n");
        mac.update(content);
        mac
    }
}

/// Hashes values: salted SHA-256, or HMAC-SHA256 where there is a key. Without the key nobody can find a short value
/// by trying then.
#[derive(Clone)]
pub(crate) struct Hasher(Seeded);

#[derive(Clone)]
enum Seeded {
    Salted(Sha256),
    Keyed(Hmac<Sha256>),
}

impl Hasher {
    pub(super) fn new(salt: Salt, key: Option<&Key>) -> Self {
        let mut hasher = Self(match key {
            Some(Key(mac)) => Seeded::Keyed(mac.clone()),
            None => Seeded::Salted(Sha256::new()),
        });
        hasher.update(b"tidelock value\n");
        hasher.update(&salt.0);
        hasher
    }

    /// Hash of a value of an instance; equal values of other instances or paths have other hashes.
    pub(super) fn side(
        &self,
        shapes: &dyn Shapes,
        address: &ResourceAddr,
        path: &AttrPath,
        value: Option<&Value>,
    ) -> Side {
        let value = match value {
            None | Some(Value::Null) => return Side::Absent,
            Some(Value::Unknown) => return Side::Unknown,
            Some(value) => value,
        };
        let mut spelled = Vec::new();
        for name in [address.to_string(), path.to_string()] {
            spelled.extend_from_slice(name.as_bytes());
            // A byte that occurs in neither keeps them apart.
            spelled.push(0);
        }
        canonical::spell(shapes, path, value, &mut spelled);
        let mut hasher = self.clone();
        hasher.update(&spelled);
        Side::Is(hasher.finish())
    }

    fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Seeded::Salted(hash) => Digest::update(hash, bytes),
            Seeded::Keyed(mac) => Mac::update(mac, bytes),
        }
    }

    fn finish(self) -> Fingerprint {
        Fingerprint(match self.0 {
            Seeded::Salted(hash) => hash.finalize().into(),
            Seeded::Keyed(mac) => mac.finalize().into_bytes().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_are_read_back_and_nothing_else_is() {
        let salt = Salt::from([0x0f; 16]);
        assert_eq!(salt.to_string().parse(), Ok(salt));
        for text in ["", "0f", &"0F".repeat(16), &"0g".repeat(16), &"é".repeat(16)] {
            assert_eq!(text.parse::<Salt>(), Err(NoHash), "{text}");
        }
    }

    #[test]
    fn a_key_neither_shows_itself_nor_is_empty() {
        let key = Key::new(b"hunter2").unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
        assert!(matches!(Key::new(b""), Err(ApprovalError::EmptyKey)));
    }

    #[test]
    fn the_hash_of_a_value_depends_on_salt_key_address_and_path() {
        struct Nothing;
        impl Shapes for Nothing {
            fn shape(&self, _: &AttrPath) -> crate::compare::Shape {
                crate::compare::Shape::Unknown
            }
        }
        let key = Key::new(b"k").unwrap();
        let side = |salt: u8, key: Option<&Key>, address: &str, path: &str| {
            let hasher = Hasher::new(Salt::from([salt; 16]), key);
            let value = Value::String("x".into());
            hasher.side(&Nothing, &address.parse().unwrap(), &path.parse().unwrap(), Some(&value))
        };
        let sides = [
            side(0, None, "a.b", "c"),
            side(1, None, "a.b", "c"),
            side(0, Some(&key), "a.b", "c"),
            side(0, None, "a.c", "c"),
            side(0, None, "a.b", "d"),
        ];
        assert_eq!(sides.iter().collect::<std::collections::BTreeSet<_>>().len(), sides.len());
        assert_eq!(side(0, None, "a.b", "c"), sides[0]);
    }
}
