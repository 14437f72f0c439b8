//! Whatever is changed, the file stays closed, and soon.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use tidelock_parse::encryption::{EncryptionError, Keys, MAX_ENTRIES, MAX_ITERATIONS, Secret, Settings};
use tidelock_testkit::envelope::{Envelope, Pbkdf2};

use crate::envelope::{PASSPHRASE, STATE, open, passphrase, sealed, source};

fn whole() -> Envelope {
    sealed(&Pbkdf2::default())
}

#[test]
fn every_flipped_bit_of_nonce_ciphertext_and_tag_is_noticed() {
    let (keys, envelope) = (passphrase(PASSPHRASE), whole());
    assert_eq!(envelope.data.len(), 12 + STATE.len() + 16);
    for at in 0..envelope.data.len() {
        for bit in [0, 7] {
            let mut altered = envelope.clone();
            altered.data[at] ^= 1 << bit;
            let opened = open(&keys, &altered);
            assert!(matches!(opened, Err(EncryptionError::Authentication { .. })), "byte {at}");
        }
    }
}

#[test]
fn every_length_but_the_right_one_is_noticed() {
    let (keys, envelope) = (passphrase(PASSPHRASE), whole());
    for length in 0..envelope.data.len() {
        let mut altered = envelope.clone();
        altered.data.truncate(length);
        assert!(open(&keys, &altered).is_err(), "{length}");
    }
    let mut altered = envelope.clone();
    altered.data.push(0);
    assert!(open(&keys, &altered).is_err());
}

fn with(field: &str, value: Value) -> Result<String, EncryptionError> {
    let mut altered = whole();
    altered.meta[0].1[field] = value;
    open(&passphrase(PASSPHRASE), &altered)
}

#[test]
fn altered_metadata_gives_another_key_or_none() {
    for (field, value) in [
        ("salt", json!("CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQg=")),
        ("iterations", json!(4)),
        ("iterations", json!(2)),
        ("hash_function", json!("sha256")),
        ("key_length", json!(16)),
        ("key_length", json!(24)),
    ] {
        let opened = with(field, value.clone());
        assert!(matches!(opened, Err(EncryptionError::Authentication { .. })), "{field} {value}");
    }
    for (field, value) in [
        ("salt", json!("")),
        ("salt", json!("CQkJ!")),
        ("salt", json!(9)),
        ("iterations", json!(0)),
        ("iterations", json!(-600_000)),
        ("iterations", json!("3")),
        ("hash_function", json!("md5")),
        ("hash_function", json!(null)),
        ("key_length", json!(31)),
        ("key_length", json!(0)),
        ("key_length", json!(1u64 << 40)),
    ] {
        let opened = with(field, value.clone());
        assert!(matches!(opened, Err(EncryptionError::Metadata { .. })), "{field} {value}: {opened:?}");
    }
}

#[test]
fn a_document_that_is_no_json_is_damaged() {
    let text = whole().text();
    let start = text.find("key_provider.pbkdf2.main\":\"").unwrap() + "key_provider.pbkdf2.main\":\"".len();
    let end = start + text[start..].find('"').unwrap();
    for document in ["", "e30=", "bnVsbA==", "W10=", "bm9uc2Vuc2U=", "not base64"] {
        let altered = format!("{}{document}{}", &text[..start], &text[end..]);
        let error = passphrase(PASSPHRASE).open(&source(&altered)).unwrap_err();
        assert!(matches!(error, EncryptionError::Metadata { .. }), "{document}: {error:?}");
    }
}

#[test]
fn an_entry_under_another_name_is_not_the_one_of_the_configuration() {
    let hcl = format!(
        "key_provider \"pbkdf2\" \"main\" {{ passphrase = \"{PASSPHRASE}\" }}
         method \"aes_gcm\" \"m\" {{ keys = key_provider.pbkdf2.main }}
         state {{ method = method.aes_gcm.m }}"
    );
    let keys = Keys::new().settings(Settings::parse("x", &hcl, &|_| None).unwrap());
    assert_eq!(open(&keys, &whole()).as_deref(), Ok(STATE));
    for name in ["key_provider.pbkdf2.other", "key_provider.pbkdf2.", "main", ""] {
        let mut altered = whole();
        altered.meta[0].0 = name.to_owned();
        assert!(matches!(open(&keys, &altered), Err(EncryptionError::NoKey { .. })), "{name}");
    }
    let mut altered = whole();
    altered.meta[0].0 = "key_provider.aws_kms.main".to_owned();
    assert!(matches!(open(&passphrase(PASSPHRASE), &altered), Err(EncryptionError::Provider { .. })));
    altered.meta.clear();
    assert!(matches!(open(&passphrase(PASSPHRASE), &altered), Err(EncryptionError::NoKey { .. })));
}

#[test]
fn serial_and_lineage_outside_must_be_those_inside() {
    let alter = |field: &str, value: Option<Value>| {
        let mut altered = whole();
        match value {
            Some(value) => altered.outer.insert(field.to_owned(), value),
            None => altered.outer.remove(field),
        };
        open(&passphrase(PASSPHRASE), &altered)
    };
    for (field, value) in
        [("serial", json!(41)), ("serial", json!(0)), ("lineage", json!("magi")), ("lineage", json!(""))]
    {
        match alter(field, Some(value)) {
            Err(EncryptionError::Mismatch { what, .. }) => assert_eq!(what, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    // As with tofu, what is not there is not compared.
    assert_eq!(alter("serial", None).as_deref(), Ok(STATE));
    assert_eq!(alter("lineage", None).as_deref(), Ok(STATE));
    assert_eq!(alter("serial", Some(Value::Null)).as_deref(), Ok(STATE));
    // A plan has neither.
    let with = Pbkdf2::default();
    let mut plan = Envelope::new(b"PK\x03\x04", &with.key(PASSPHRASE.as_bytes()), &[])
        .entry("key_provider.pbkdf2.main", with.metadata());
    plan.outer.insert("serial".to_owned(), json!(1));
    assert!(matches!(open(&passphrase(PASSPHRASE), &plan), Err(EncryptionError::Mismatch { .. })));
}

#[test]
fn what_is_neither_state_nor_plan_is_refused() {
    let with = Pbkdf2::default();
    for content in ["", "nonsense", "{}", "[4]", "{\"version\":\"4\"}"] {
        let envelope = Envelope::new(content.as_bytes(), &with.key(PASSPHRASE.as_bytes()), &[]);
        let envelope = Envelope { outer: serde_json::Map::new(), ..envelope }
            .entry("key_provider.pbkdf2.main", with.metadata());
        let opened = open(&passphrase(PASSPHRASE), &envelope);
        assert!(matches!(opened, Err(EncryptionError::Content { .. })), "{content}: {opened:?}");
    }
}

#[test]
fn iterations_are_bounded_before_any_is_made() {
    let refused = |iterations: u64, key_length: usize| {
        let keys = passphrase(PASSPHRASE);
        let mut altered = whole();
        altered.meta[0].1["iterations"] = json!(iterations);
        altered.meta[0].1["key_length"] = json!(key_length);
        let opened = open(&keys, &altered);
        assert!(matches!(opened, Err(EncryptionError::Iterations { .. })), "{opened:?}");
        assert_eq!(keys.derivations(), 0, "{iterations} of {key_length} bytes");
    };
    for iterations in [u64::from(MAX_ITERATIONS) + 1, 2_000_000_000, u64::from(u32::MAX), 1 << 40] {
        refused(iterations, 32);
    }
    // A long key costs a run for each block.
    refused(u64::from(MAX_ITERATIONS) / 15, 1024);
}

#[test]
fn what_no_pbkdf2_can_have_written_is_refused_before_a_key_is_derived() {
    for (field, value) in [
        ("iterations", json!(0)),
        ("iterations", json!(i64::MIN)),
        ("iterations", json!(u64::MAX)),
        ("key_length", json!(0)),
        ("key_length", json!(1025)),
        ("key_length", json!(i64::MAX)),
        ("salt", json!("")),
        ("salt", json!("=")),
    ] {
        let keys = passphrase(PASSPHRASE);
        let mut altered = whole();
        altered.meta[0].1[field] = value.clone();
        let opened = open(&keys, &altered);
        assert!(matches!(opened, Err(EncryptionError::Metadata { .. })), "{field} {value}: {opened:?}");
        assert_eq!(keys.derivations(), 0, "{field} {value}");
    }
}

#[test]
fn a_salt_may_have_any_length() {
    for length in [1, 1 << 20] {
        let with = Pbkdf2 { salt: vec![7; length], ..Pbkdf2::default() };
        assert_eq!(open(&passphrase(PASSPHRASE), &sealed(&with)).as_deref(), Ok(STATE), "{length}");
    }
}

#[test]
fn more_entries_than_a_configuration_has_are_not_looked_at() {
    let entry = |at: usize| {
        let with = Pbkdf2 { salt: vec![u8::try_from(at).unwrap(); 4], ..Pbkdf2::default() };
        (format!("key_provider.pbkdf2.n{at:02}"), with.metadata())
    };
    let with_entries = |count: usize| {
        let mut envelope = whole();
        envelope.meta = (0..count).map(entry).collect();
        open(&passphrase("sixteen-red-pears"), &envelope)
    };
    assert!(matches!(with_entries(MAX_ENTRIES + 1), Err(EncryptionError::TooMany { .. })));
    assert!(matches!(with_entries(MAX_ENTRIES), Err(EncryptionError::Authentication { .. })));
}

/// Texts that are one random edit away from an envelope.
fn edited() -> impl Strategy<Value = Vec<u8>> {
    let text = whole().text().into_bytes();
    let length = text.len();
    let base = Just(text);
    (base, 0..length, 0..length, any::<u8>(), 0..5_u8).prop_map(|(mut text, at, other, byte, way)| {
        let (start, end) = (at.min(other), at.max(other));
        match way {
            0 => text[at] = byte,
            1 => text.truncate(at),
            2 => text.insert(at, byte),
            3 => drop(text.drain(start..end)),
            _ => {
                let piece = text[start..end].to_vec();
                text.splice(at..at, piece);
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn an_edited_envelope_never_opens_to_something_else(text in edited()) {
        let started = Instant::now();
        let keys = passphrase(PASSPHRASE).passphrase(Secret::passphrase("sixteen-red-pears").unwrap());
        let given = tidelock_parse::Source::new("x", text.clone());
        // Edits outside of what is authenticated may leave it as it was; then it opens to the same.
        if let Ok(opened) = keys.open(&given) {
            prop_assert!(opened.bytes() == STATE.as_bytes() || opened.bytes() == text.as_slice());
        }
        prop_assert!(started.elapsed() < Duration::from_secs(2));
    }
}
