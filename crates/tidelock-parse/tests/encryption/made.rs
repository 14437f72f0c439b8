//! Every combination that `tofu` allows, by round trips.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tidelock_parse::encryption::{
    EncryptionError, KeyError, KeyRequest, KeySource, Keys, Provider, Secret, Settings,
};
use tidelock_testkit::envelope::{Envelope, Pbkdf2};

use crate::envelope::{PASSPHRASE, STATE, open, passphrase, sealed, source};

#[test]
fn every_combination_of_parameters_opens() {
    let mut count = 0;
    for hash in ["sha256", "sha512"] {
        for key_length in [16, 24, 32] {
            for salt in [1, 16, 24, 32, 64] {
                for iterations in [1, 2, 1000] {
                    let with = Pbkdf2 { hash, key_length, iterations, salt: vec![3; salt] };
                    let opened = open(&passphrase(PASSPHRASE), &sealed(&with));
                    assert_eq!(opened.as_deref(), Ok(STATE), "{with:?}");
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 90);
}

#[test]
fn a_plan_opens_to_its_bytes() {
    let with = Pbkdf2::default();
    let zip = b"PK\x03\x04 not a whole zip \x00\xff";
    let envelope = Envelope::new(zip, &with.key(PASSPHRASE.as_bytes()), &[])
        .entry("key_provider.pbkdf2.main", with.metadata());
    assert!(envelope.outer.is_empty());
    assert_eq!(passphrase(PASSPHRASE).open(&source(&envelope.text())).unwrap().bytes(), zip);
}

#[test]
fn a_passphrase_fits_in_either_normal_form() {
    let with = Pbkdf2::default();
    let composed = "d\u{e9}j\u{e0}-vu-\u{c5}ngstr\u{f6}m";
    let decomposed = "de\u{301}ja\u{300}-vu-A\u{30a}ngstro\u{308}m";
    let envelope = Envelope::new(STATE.as_bytes(), &with.key(composed.as_bytes()), &[])
        .entry("key_provider.pbkdf2.main", with.metadata());
    for given in [composed, decomposed] {
        assert_eq!(open(&passphrase(given), &envelope).as_deref(), Ok(STATE));
    }
    let hcl = format!(
        "key_provider \"pbkdf2\" \"main\" {{ passphrase = \"{decomposed}\" }}
         method \"aes_gcm\" \"m\" {{ keys = key_provider.pbkdf2.main }}"
    );
    let keys = Keys::new().settings(Settings::parse("x", &hcl, &|_| None).unwrap());
    assert_eq!(open(&keys, &envelope).as_deref(), Ok(STATE));
}

#[test]
fn the_right_one_of_several_passphrases_is_found() {
    let envelope = sealed(&Pbkdf2::default());
    let wrong = |text: &str| Secret::passphrase(text).unwrap();
    let keys =
        passphrase("sixteen-red-pears").passphrase(wrong(PASSPHRASE)).passphrase(wrong("fifteen-blue-plums"));
    assert_eq!(open(&keys, &envelope).as_deref(), Ok(STATE));
    let keys = passphrase("sixteen-red-pears").passphrase(wrong("fifteen-blue-plums"));
    assert!(matches!(open(&keys, &envelope), Err(EncryptionError::Authentication { .. })));
}

#[test]
fn each_passphrase_is_tried_on_each_entry() {
    let with = Pbkdf2::default();
    let other = Pbkdf2 { salt: vec![1; 16], ..with.clone() };
    // An entry that is left from before, and sorts in front.
    let envelope = sealed(&with).entry("key_provider.pbkdf2.a_first", other.metadata());
    let keys = passphrase("sixteen-red-pears").passphrase(Secret::passphrase(PASSPHRASE).unwrap());
    assert_eq!(open(&keys, &envelope).as_deref(), Ok(STATE));
}

/// A `pbkdf2` whose password is the key of another one.
fn chain(upstream_length: usize) -> Envelope {
    let upstream = Pbkdf2 { salt: vec![1; 8], key_length: upstream_length, ..Pbkdf2::default() };
    let with = Pbkdf2 { hash: "sha256", key_length: 16, ..Pbkdf2::default() };
    let key = with.key(&upstream.key(PASSPHRASE.as_bytes()));
    Envelope::new(STATE.as_bytes(), &key, &[])
        .entry("key_provider.pbkdf2.down", with.metadata())
        .entry("key_provider.pbkdf2.up", upstream.metadata())
}

const CHAIN: &str = r#"
    key_provider "pbkdf2" "up" { passphrase = "seventeen-green-apples" }
    key_provider "pbkdf2" "down" { chain = key_provider.pbkdf2.up }
    method "aes_gcm" "m" { keys = key_provider.pbkdf2.down }
    state { method = method.aes_gcm.m }
"#;

#[test]
fn a_chain_opens_with_its_configuration_and_by_trying() {
    // The password of a pbkdf2 may have any length: raw bytes, longer than any AES key, too.
    for length in [1, 16, 20, 32, 100, 1024] {
        let envelope = chain(length);
        assert_eq!(open(&passphrase(PASSPHRASE), &envelope).as_deref(), Ok(STATE), "{length}");
        let keys = Keys::new().settings(Settings::parse("x", CHAIN, &|_| None).unwrap());
        assert_eq!(open(&keys, &envelope).as_deref(), Ok(STATE), "{length}");
    }
}

#[test]
fn a_circle_of_key_providers_ends() {
    let circle = CHAIN.replace("passphrase = \"seventeen-green-apples\"", "chain = key_provider.pbkdf2.down");
    let keys = Keys::new().settings(Settings::parse("x", &circle, &|_| None).unwrap());
    assert!(matches!(open(&keys, &chain(32)), Err(EncryptionError::NoKey { .. })));
}

#[test]
fn an_alias_is_found_by_the_configuration_and_by_trying() {
    let with = Pbkdf2::default();
    let envelope =
        Envelope::new(STATE.as_bytes(), &with.key(PASSPHRASE.as_bytes()), &[]).entry("mine", with.metadata());
    assert_eq!(open(&passphrase(PASSPHRASE), &envelope).as_deref(), Ok(STATE));
    let hcl = |alias: &str| {
        format!(
            "key_provider \"pbkdf2\" \"main\" {{
               passphrase = \"{PASSPHRASE}\"
               {alias}
             }}
             method \"aes_gcm\" \"m\" {{ keys = key_provider.pbkdf2.main }}"
        )
    };
    let keys = |text: &str| Keys::new().settings(Settings::parse("x", text, &|_| None).unwrap());
    let named = keys(&hcl("encrypted_metadata_alias = \"mine\""));
    assert_eq!(open(&named, &envelope).as_deref(), Ok(STATE));
    assert!(matches!(open(&keys(&hcl("")), &envelope), Err(EncryptionError::NoKey { .. })));
}

/// Gives out what it is told, for providers that take a network elsewhere.
struct Vault(Provider, Vec<u8>);

impl KeySource for Vault {
    fn keys(&self, request: &KeyRequest<'_>) -> Result<Vec<Secret>, KeyError> {
        if *request.provider != self.0 {
            return Ok(Vec::new());
        }
        assert_eq!(request.metadata, br#"{"ciphertext_blob":"AAAA"}"#);
        Ok(vec![Secret::new(self.1.clone())])
    }
}

#[test]
fn an_embedder_may_have_the_key_of_any_provider() {
    let key = vec![8; 32];
    let blob = json!({ "ciphertext_blob": "AAAA" });
    let envelope = Envelope::new(STATE.as_bytes(), &key, &[]).entry("key_provider.aws_kms.k", blob.clone());
    let keys = Keys::new().source(Vault(Provider::AwsKms, key.clone()));
    assert_eq!(open(&keys, &envelope).as_deref(), Ok(STATE));
    // As the password of a pbkdf2, too.
    let with = Pbkdf2::default();
    let chained = Envelope::new(STATE.as_bytes(), &with.key(&key), &[])
        .entry("key_provider.aws_kms.k", blob)
        .entry("key_provider.pbkdf2.main", with.metadata());
    assert_eq!(open(&keys, &chained).as_deref(), Ok(STATE));
}

#[test]
fn what_takes_a_network_is_named_with_the_command_instead() {
    for (provider, document) in [
        ("aws_kms", json!({ "ciphertext_blob": "AAAA" })),
        ("gcp_kms", json!({ "ciphertext": "AAAA" })),
        ("azure_vault", json!({ "ciphertext": "AAAA", "authentication_tag": "" })),
        ("openbao", json!({ "ciphertext": "AAAA" })),
        ("external", json!({ "external_data": {} })),
        ("moon_phase", json!({})),
    ] {
        let envelope = Envelope::new(STATE.as_bytes(), &[7; 32], &[])
            .entry(&format!("key_provider.{provider}.k"), document.clone());
        for keys in [passphrase(PASSPHRASE), Keys::new()] {
            let error = open(&keys, &envelope).unwrap_err();
            assert!(matches!(error, EncryptionError::Provider { .. }), "{error:?}");
            assert!(error.to_string().contains(provider), "{error}");
            let help = miette::Diagnostic::help(&error).unwrap().to_string();
            assert!(help.contains("`tofu state pull > state.json`"), "{help}");
        }
        let plan = Envelope::new(b"PK", &[7; 32], &[]).entry(&format!("key_provider.{provider}.k"), document);
        let help = miette::Diagnostic::help(&open(&Keys::new(), &plan).unwrap_err()).unwrap().to_string();
        assert!(help.contains("`tofu show -json PLANFILE > plan.json`"), "{help}");
    }
}

#[test]
fn without_any_key_the_providers_are_named() {
    let error = open(&Keys::new(), &sealed(&Pbkdf2::default())).unwrap_err();
    assert!(matches!(error, EncryptionError::NoKey { .. }));
    assert!(error.to_string().contains("pbkdf2 (`key_provider.pbkdf2.main`)"), "{error}");
}

#[test]
fn the_aad_of_the_method_must_be_known() {
    let with = Pbkdf2::default();
    let aad = [1, 2, 255];
    let envelope = Envelope::new(STATE.as_bytes(), &with.key(PASSPHRASE.as_bytes()), &aad)
        .entry("key_provider.pbkdf2.main", with.metadata());
    assert!(matches!(open(&passphrase(PASSPHRASE), &envelope), Err(EncryptionError::Authentication { .. })));
    let hcl = |aad: &str| {
        format!(
            "key_provider \"pbkdf2\" \"main\" {{ passphrase = var.secret }}
             method \"aes_gcm\" \"m\" {{
               keys = key_provider.pbkdf2.main
               aad = {aad}
             }}"
        )
    };
    // The configuration knows the aad, the passphrase comes from elsewhere.
    let with =
        |aad: &str| passphrase(PASSPHRASE).settings(Settings::parse("x", &hcl(aad), &|_| None).unwrap());
    assert_eq!(open(&with("[1, 2, 255]"), &envelope).as_deref(), Ok(STATE));
    assert!(open(&with("[1, 2, 254]"), &envelope).is_err());
    assert!(open(&with("[1, 2, 256]"), &envelope).is_err());
}

#[test]
fn no_output_tells_a_secret() {
    let hcl =
        CHAIN.replace("{ passphrase", "{\n command = [\"/bin/key\", \"hush-hush-argument\"]\n passphrase");
    let hcl = hcl.replace("apples\" }", "apples\"\n}");
    let settings = Settings::parse("x", &hcl, &|_| None).unwrap();
    let keys = passphrase(PASSPHRASE).settings(settings);
    let envelope = sealed(&Pbkdf2::default());
    let opened = keys.open(&source(&envelope.text())).unwrap();
    let mut damaged = envelope.clone();
    damaged.data[20] ^= 1;
    let error = open(&keys, &damaged).unwrap_err();
    let key = Pbkdf2::default().key(PASSPHRASE.as_bytes());
    let shown = format!("{keys:?} {:#?} {opened:?} {error} {error:?} {:?}", keys, Secret::new(key.clone()));
    let key_hex = key.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    for secret in
        [PASSPHRASE, "hush-hush", "plum-pudding", &key_hex, &STANDARD.encode(&key), &format!("{key:?}")]
    {
        assert!(!shown.contains(secret), "{shown}");
    }
}
