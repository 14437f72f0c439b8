//! Encrypted inputs through the facade: with the key they are what they are without encryption.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use tidelock::{
    Analysis, Error, Source,
    encryption::{EncryptionError, Keys, Secret},
    report::Command,
};
use tidelock_testkit::{envelope::Pbkdf2, fixtures};

const PASSPHRASE: &str = "seventeen-green-apples";

fn keys() -> Keys {
    Keys::new().passphrase(Secret::passphrase(PASSPHRASE).unwrap())
}

/// A file of a case, plain and sealed, under one name.
fn pair(file: &str) -> (Source, Source) {
    let plain = fixtures::case("opentofu/real_drift").unwrap().bytes(file).unwrap();
    let sealed = Pbkdf2::default().seal(&plain, PASSPHRASE).text();
    (Source::new(file, plain), Source::new(file, sealed.into_bytes()))
}

#[test]
fn a_sealed_state_is_held_against_a_plan_as_a_plain_one() {
    let ((json, _), (plain, sealed)) = (pair("plan.json"), pair("terraform.tfstate"));
    let gate = |state: &Source| Analysis::new().keys(keys()).state(state).unwrap().gate(&json).unwrap();
    assert_eq!(format!("{:?}", gate(&sealed)), format!("{:?}", gate(&plain)));
    let closed = Analysis::new().state(&sealed).map(|_| ()).unwrap_err();
    assert!(matches!(closed, Error::Encryption(EncryptionError::NoKey { .. })), "{closed:?}");
}

#[test]
fn every_question_opens_a_sealed_plan() {
    let (plain, sealed) = pair("plan.tfplan");
    let analysis = Analysis::new().keys(keys());
    let said = |source: &Source| {
        let answers = [Command::Drift, Command::Gate].map(|command| analysis.answers(command, source));
        format!("{answers:?} {:?}", analysis.graph(source, None))
    };
    assert_eq!(said(&sealed), said(&plain));
    let closed = Analysis::new().drift(&sealed).unwrap_err();
    assert!(matches!(closed, Error::Encryption(EncryptionError::NoKey { .. })), "{closed:?}");
}

#[test]
fn a_key_is_derived_once_however_many_questions_are_asked() {
    let (_, plan) = pair("plan.tfplan");
    let (_, state) = pair("terraform.tfstate");
    let keys = keys();
    let analysis = Analysis::new().keys(keys.clone());
    for command in [Command::Drift, Command::Gate, Command::Drift] {
        assert!(analysis.answers(command, &plan).iter().all(Result::is_ok));
    }
    assert!(analysis.graph(&plan, None).is_ok());
    assert_eq!(keys.derivations(), 1);
    // The same salt and the same passphrase: the same key.
    assert!(analysis.clone().state(&state).is_ok());
    assert_eq!(keys.derivations(), 1);
}

#[test]
fn a_key_that_does_not_open_is_derived_once_too() {
    let (_, plan) = pair("plan.tfplan");
    let keys = Keys::new().passphrase(Secret::passphrase("sixteen-red-pears").unwrap());
    let analysis = Analysis::new().keys(keys.clone());
    for _ in 0..3 {
        assert!(analysis.drift(&plan).is_err() && analysis.graph(&plan, None).is_err());
    }
    assert_eq!(keys.derivations(), 1);
}
