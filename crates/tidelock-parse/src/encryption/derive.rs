//! `pbkdf2` and `aes_gcm`.

use std::sync::{Arc, Mutex, PoisonError};

use aes_gcm::{
    AeadInPlace, AesGcm, KeyInit,
    aead::consts::U12,
    aes::{Aes128, Aes192, Aes256},
};
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::{
    Secret,
    metadata::{Hash, Parameters},
};

const NONCE: usize = 12;
const TAG: usize = 16;

/// Most keys that are remembered; the oldest goes first. One envelope takes two or three.
const REMEMBERED: usize = 64;

/// Keys that were derived: 600,000 rounds are made once, however often an artifact is opened.
///
/// Clones share what they remember. Passwords and keys are overwritten with zeros when the last one goes.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Remembered>>);

#[derive(Default)]
struct Remembered {
    keys: Vec<(Secret, Parameters, Secret)>,
    derivations: usize,
}

impl Memory {
    /// The key that a password gives. Others who ask at the same time wait, since they mostly ask for the same one.
    pub(super) fn pbkdf2(&self, password: &Secret, with: &Parameters) -> Secret {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = memory.keys.iter().find(|(known, by, _)| known == password && by == with);
        if let Some((_, _, key)) = known {
            return key.clone();
        }
        let key = pbkdf2(password, with);
        memory.derivations += 1;
        if memory.keys.len() == REMEMBERED {
            memory.keys.remove(0);
        }
        memory.keys.push((password.clone(), with.clone(), key.clone()));
        key
    }

    /// How many keys were derived and not remembered.
    pub(super) fn derivations(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).derivations
    }
}

fn pbkdf2(password: &Secret, with: &Parameters) -> Secret {
    let mut key = vec![0; with.key_length];
    match with.hash {
        Hash::Sha256 => pbkdf2_hmac::<Sha256>(password.bytes(), &with.salt, with.iterations, &mut key),
        Hash::Sha512 => pbkdf2_hmac::<Sha512>(password.bytes(), &with.salt, with.iterations, &mut key),
    }
    Secret::new(key)
}

/// Whether `aes_gcm` has keys of this length, in bytes.
pub(super) const fn is_key_length(length: usize) -> bool {
    matches!(length, 16 | 24 | 32)
}

/// Decrypts nonce, ciphertext and tag in place if the tag fits; returns the bytes where the plaintext stands then.
///
/// The tag is checked first: if it does not fit, `data` is as it was.
pub(super) fn aes_gcm(
    key: &Secret,
    aad: &[u8],
    data: &mut Zeroizing<Vec<u8>>,
) -> Option<std::ops::Range<usize>> {
    let end = data.len().checked_sub(TAG).filter(|end| *end >= NONCE)?;
    let (sealed, tag) = data.split_at_mut(end);
    let (nonce, text) = sealed.split_at_mut(NONCE);
    let opened = match key.bytes().len() {
        16 => open::<Aes128>(key, nonce, aad, text, tag),
        24 => open::<Aes192>(key, nonce, aad, text, tag),
        32 => open::<Aes256>(key, nonce, aad, text, tag),
        _ => None,
    };
    opened.map(|()| NONCE..end)
}

fn open<C>(key: &Secret, nonce: &[u8], aad: &[u8], text: &mut [u8], tag: &[u8]) -> Option<()>
where
    AesGcm<C, U12>: KeyInit + AeadInPlace<NonceSize = U12, TagSize = aes_gcm::aead::consts::U16>,
{
    let cipher = AesGcm::<C, U12>::new_from_slice(key.bytes()).ok()?;
    cipher.decrypt_in_place_detached(nonce.into(), aad, text, tag.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(salt: usize) -> Parameters {
        Parameters { salt: salt.to_le_bytes().to_vec(), iterations: 2, hash: Hash::Sha256, key_length: 32 }
    }

    #[test]
    fn a_key_is_derived_once_for_each_password_and_parameters() {
        let others = [
            Parameters { iterations: 3, ..of(1) },
            Parameters { hash: Hash::Sha512, ..of(1) },
            Parameters { key_length: 16, ..of(1) },
            of(2),
        ];
        let (memory, password) = (Memory::default(), Secret::new(vec![1; 16]));
        for _ in 0..3 {
            assert_eq!(memory.clone().pbkdf2(&password, &of(1)), pbkdf2(&password, &of(1)));
            for other in &others {
                assert_eq!(memory.pbkdf2(&password, other), pbkdf2(&password, other));
            }
        }
        assert_eq!(memory.derivations(), 1 + others.len());
        assert_ne!(memory.pbkdf2(&Secret::new(vec![2; 16]), &of(1)), pbkdf2(&password, &of(1)));
    }

    #[test]
    fn keys_are_not_remembered_without_end() {
        let (memory, password) = (Memory::default(), Secret::new(vec![1; 16]));
        for salt in 0..=REMEMBERED {
            memory.pbkdf2(&password, &of(salt));
        }
        assert_eq!(memory.0.lock().unwrap().keys.len(), REMEMBERED);
        memory.pbkdf2(&password, &of(REMEMBERED));
        assert_eq!(memory.derivations(), REMEMBERED + 1);
        memory.pbkdf2(&password, &of(0));
        assert_eq!(memory.derivations(), REMEMBERED + 2);
    }

    #[test]
    fn what_is_too_short_for_nonce_and_tag_is_refused() {
        let key = Secret::new(vec![7; 32]);
        for length in 0..NONCE + TAG {
            assert_eq!(aes_gcm(&key, &[], &mut Zeroizing::new(vec![0; length])), None);
        }
        assert_eq!(aes_gcm(&Secret::new(vec![7; 31]), &[], &mut Zeroizing::new(vec![0; 64])), None);
    }
}
