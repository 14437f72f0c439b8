//! `TF_ENCRYPTION` and the block in the sources, in both syntaxes.

use serde_json::json;
use tidelock_parse::{
    config::MemoryTree,
    encryption::{EncryptionError, Keys, Secret, Settings},
};
use tidelock_testkit::envelope::{Envelope, Pbkdf2};

use crate::envelope::{PASSPHRASE, STATE, open, passphrase, sealed};

fn parse(text: &str) -> Settings {
    Settings::parse("TF_ENCRYPTION", text, &variables).unwrap()
}

fn variables(name: &str) -> Option<Secret> {
    match name {
        "pass" => Some(Secret::new(PASSPHRASE.into())),
        "half" => Some(Secret::new("seventeen".into())),
        _ => None,
    }
}

fn opens(settings: Settings, envelope: &Envelope) -> bool {
    match open(&Keys::new().settings(settings), envelope) {
        Ok(text) => text == STATE,
        Err(_) => false,
    }
}

fn whole() -> Envelope {
    sealed(&Pbkdf2::default())
}

const HCL: &str = r#"
    # A comment
    key_provider "pbkdf2" "main" {
      passphrase = "seventeen-green-apples"
      iterations = 600000
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.main
    }
    state {
      enforced = true
      method   = method.aes_gcm.m
    }
"#;

#[test]
fn both_syntaxes_say_the_same() {
    let json = |keys: &str| {
        json!({
            "key_provider": { "pbkdf2": { "main": { "passphrase": PASSPHRASE } } },
            "method": { "aes_gcm": { "m": { "keys": keys } } },
            "state": { "method": "method.aes_gcm.m" },
        })
        .to_string()
    };
    assert!(opens(parse(HCL), &whole()));
    assert!(opens(parse(&json("${key_provider.pbkdf2.main}")), &whole()));
    assert!(opens(parse(&json("key_provider.pbkdf2.main")), &whole()));
    let lists = json!({
        "key_provider": [{ "pbkdf2": [{ "main": [{ "passphrase": PASSPHRASE }] }] }],
        "method": [{ "aes_gcm": [{ "m": [{ "keys": "${key_provider.pbkdf2.main}" }] }] }],
    });
    assert!(opens(parse(&format!("\n {lists}")), &whole()));
}

#[test]
fn nothing_but_blanks_is_no_configuration() {
    assert!(parse("").is_empty() && parse(" \n\t").is_empty());
    assert!(Keys::new().settings(parse("")).is_empty());
    assert!(!parse(HCL).is_empty());
}

#[test]
fn a_passphrase_may_stand_in_a_variable() {
    for (value, fits) in [
        ("var.pass", true),
        ("\"${var.pass}\"", true),
        ("\"${var.half}-green-apples\"", true),
        ("var.other", false),
        ("\"${upper(var.half)}-green-apples\"", false),
        ("file(\"secret\")", false),
    ] {
        let text = HCL.replace("\"seventeen-green-apples\"", value);
        assert_eq!(opens(parse(&text), &whole()), fits, "{value}");
        // What is not known is asked of whoever has a passphrase.
        let keys = passphrase(PASSPHRASE).settings(parse(&text));
        assert_eq!(open(&keys, &whole()).as_deref(), Ok(STATE), "{value}");
    }
}

#[test]
fn fallbacks_and_further_methods_are_tried() {
    let with = |targets: &str| {
        parse(&format!(
            r#"
            key_provider "pbkdf2" "new" {{ passphrase = "eighteen-green-apples" }}
            key_provider "pbkdf2" "main" {{ passphrase = "seventeen-green-apples" }}
            method "aes_gcm" "new" {{ keys = key_provider.pbkdf2.new }}
            method "aes_gcm" "old" {{ keys = key_provider.pbkdf2.main }}
            method "unencrypted" "none" {{}}
            {targets}"#
        ))
    };
    for targets in [
        "state {\n method = method.aes_gcm.new\n fallback {\n method = method.aes_gcm.old\n }\n }",
        "state {\n method = method.unencrypted.none\n fallback {\n method = method.aes_gcm.old\n }\n }",
        "state {\n method = method.aes_gcm.new\n }",
        "plan {\n method = method.aes_gcm.new\n }",
        "remote_state_data_sources {\n default {\n method = method.aes_gcm.old\n }\n }",
        "",
    ] {
        assert!(opens(with(targets), &whole()), "{targets}");
    }
}

#[test]
fn a_method_that_is_a_program_is_refused_by_name() {
    let text = r#"
        method "external" "x" {
          decrypt_command = ["/bin/decrypt"]
        }
        state { method = method.external.x }
    "#;
    let envelope = Envelope { meta: Vec::new(), ..whole() };
    let error = open(&Keys::new().settings(parse(text)), &envelope).unwrap_err();
    assert!(matches!(error, EncryptionError::Provider { what: "method", .. }), "{error:?}");
    assert!(error.to_string().contains("`external`"));
}

#[test]
fn the_variable_lies_over_the_sources() {
    let tree = MemoryTree::from([
        ("main.tf", "terraform {\n required_version = \"1.9\"\n}\nresource \"a\" \"b\" {}\n".to_owned()),
        ("encryption.tofu", format!("terraform {{\n encryption {{\n {HCL}\n }}\n}}\n")),
        ("broken.tf", "resource {{{".to_owned()),
    ]);
    let sources = Settings::of_sources(&tree, &variables);
    assert!(opens(sources.clone(), &whole()));
    let other = parse("key_provider \"pbkdf2\" \"main\" { passphrase = \"eighteen-green-apples\" }");
    assert!(!opens(other.clone(), &whole()), "there is no method");
    let keys = Keys::new().settings(other.clone()).base_settings(sources.clone());
    assert!(open(&keys, &whole()).is_err(), "the variable wins");
    let keys = Keys::new().settings(other).settings(sources);
    assert!(open(&keys, &whole()).is_ok());
}

#[test]
fn the_sources_may_be_json() {
    let tree = MemoryTree::from([(
        "encryption.tf.json",
        json!({ "terraform": { "encryption": {
            "key_provider": { "pbkdf2": { "main": { "passphrase": "${var.pass}" } } },
            "method": { "aes_gcm": { "m": { "keys": "${key_provider.pbkdf2.main}" } } },
            "state": { "method": "${method.aes_gcm.m}" },
        } } })
        .to_string(),
    )]);
    assert!(opens(Settings::of_sources(&tree, &variables), &whole()));
    assert!(Settings::of_sources(&MemoryTree::default(), &variables).is_empty());
}

#[test]
fn what_does_not_parse_is_refused_and_not_quoted() {
    for text in ["key_provider {\n passphrase = \"hush-hush-hush-hush", "{\"key_provider\": \"hush\"", "{{{"]
    {
        let error = Settings::parse("TF_ENCRYPTION", text, &variables).unwrap_err();
        assert!(matches!(error, EncryptionError::Configuration { .. }));
        assert!(!format!("{error} {error:?}").contains("hush"));
    }
    let deep = format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(Settings::parse("TF_ENCRYPTION", &deep, &variables).is_err());
}

#[test]
fn what_is_no_part_of_a_configuration_is_refused_with_its_line() {
    let wrapped = format!("encryption {{\n{HCL}\n}}");
    let misspelt = "\nkey_providers \"pbkdf2\" \"main\" { passphrase = \"hush-hush-hush-hush\" }";
    for (text, told) in [
        (wrapped.as_str(), "without that block around it (line 1)"),
        ("terraform {\n}", "without that block around it (line 1)"),
        (misspelt, "this is no part of it"),
        (misspelt, "(line 2)"),
        ("passphrase = \"hush-hush-hush-hush\"", "this is no part of it"),
        ("{\"methods\": {}}", "this is no part of it"),
    ] {
        let error = Settings::parse("TF_ENCRYPTION", text, &variables).unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("hush"), "{text}: {error}");
    }
    assert!(Settings::parse("TF_ENCRYPTION", "{\"//\": \"ours\"}", &variables).is_ok());
}

#[test]
fn nonsense_in_a_configuration_says_nothing() {
    for text in [
        "key_provider \"pbkdf2\" { passphrase = \"seventeen-green-apples\" }",
        "method \"aes_gcm\" \"m\" { keys = key_provider.pbkdf2.missing }",
        "method \"aes_gcm\" \"m\" { keys = method.aes_gcm.m }",
        "method \"aes_gcm\" \"m\" { keys = 7 }",
        "state { method = method.aes_gcm.missing }",
        "state = 3\nplan = [1]",
        "{\"state\": 3, \"method\": {\"aes_gcm\": [[], 4]}}",
    ] {
        assert!(!opens(parse(text), &whole()), "{text}");
    }
}
