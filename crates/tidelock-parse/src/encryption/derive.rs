//! `pbkdf2` and `aes_gcm`.

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

/// The key that a password gives.
pub(super) fn pbkdf2(password: &Secret, with: &Parameters) -> Secret {
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

    #[test]
    fn what_is_too_short_for_nonce_and_tag_is_refused() {
        let key = Secret::new(vec![7; 32]);
        for length in 0..NONCE + TAG {
            assert_eq!(aes_gcm(&key, &[], &mut Zeroizing::new(vec![0; length])), None);
        }
        assert_eq!(aes_gcm(&Secret::new(vec![7; 31]), &[], &mut Zeroizing::new(vec![0; 64])), None);
    }
}
