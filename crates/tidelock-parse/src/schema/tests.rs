use super::*;
use digest::{Digest, DigestInput, encode};

const POND: &str = "registry.terraform.io/acme/pond";

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn every_field() -> SchemaFile {
    SchemaFile::from_slice("every_field.json", fixture("every_field").as_bytes()).unwrap()
}

fn pond_vm() -> ResourceSchema {
    every_field().resource(POND, "pond_vm").unwrap().unwrap()
}

#[track_caller]
fn at<'a>(schema: &'a ResourceSchema, path: &str) -> &'a SchemaNode {
    schema.at(&path.parse().unwrap()).unwrap_or_else(|| panic!("no {path}"))
}

#[test]
fn every_field_of_the_fixtures_is_read() {
    for name in ["every_field", "orchard"] {
        let text = fixture(name);
        let mut unread = Vec::new();
        let mut json = serde_json::Deserializer::from_str(&text);
        let document: model::Document =
            serde_ignored::deserialize(&mut json, |path| unread.push(path.to_string())).unwrap();
        assert!(unread.is_empty(), "{name}: {unread:?}");
        assert_eq!(document.provider_schemas.len(), 1);
    }
}

#[test]
fn flags_of_attributes_are_told_apart() {
    let vm = pond_vm();
    assert_eq!(vm.version, 3);
    for (path, setting) in [
        ("name", Setting::Required),
        ("labels", Setting::Optional),
        ("id", Setting::OptionalComputed),
        ("guests", Setting::Computed),
        ("guests[0][1]", Setting::Computed),
        ("nics[0].mac", Setting::Computed),
        ("nics.bridge", Setting::Required),
        ("owner.mail", Setting::Computed),
        ("disk[0].speed[0].read", Setting::Optional),
        ("disk.speed.read", Setting::Optional),
    ] {
        assert_eq!(at(&vm, path).setting(), Some(setting), "{path}");
    }
    assert!(at(&vm, "guests").is_computed_only() && !at(&vm, "guests").is_settable());
    assert!(!at(&vm, "id").is_computed_only() && at(&vm, "id").is_settable());
}

#[test]
fn shapes_are_those_of_types_and_nesting() {
    let vm = pond_vm();
    for (path, shape) in [
        ("anything", Shape::Dynamic),
        ("anything.goes[3]", Shape::Dynamic),
        ("bundle.on", Shape::Bool),
        ("bundle.parts", Shape::Set),
        ("guests", Shape::List),
        ("labels", Shape::Map),
        (r#"labels["env"]"#, Shape::String),
        ("labels.env", Shape::String),
        ("nics", Shape::Set),
        ("nics[0]", Shape::Object),
        ("owner", Shape::Object),
        ("pair", Shape::Tuple),
        ("pair[1]", Shape::Bool),
        ("sizes", Shape::Map),
        (r#"sizes["a"].gb"#, Shape::Number),
        ("apply_to", Shape::Set),
        ("disk", Shape::List),
        ("group", Shape::Object),
        ("state", Shape::Map),
        (r#"state["a"].inner.on"#, Shape::Bool),
        ("timeouts", Shape::Object),
    ] {
        assert_eq!(at(&vm, path).shape(), shape, "{path}");
    }
}

#[test]
fn paths_that_a_schema_lacks_are_not_found() {
    let vm = pond_vm();
    for path in ["nope", "name.more", "disk[0].nope", "labels[0]", "timeouts[0]", "pair[2]"] {
        assert!(vm.at(&path.parse().unwrap()).is_none(), "{path}");
    }
    assert!(every_field().resource(POND, "pond_bare").unwrap().unwrap().root.fields().next().is_none());
}

#[test]
fn sensitive_and_write_only_hold_for_what_lies_inside() {
    let vm = pond_vm();
    assert!(at(&vm, "secret").is_sensitive() && at(&vm, "secret").is_write_only());
    assert!(at(&vm, "bundle.parts[0]").is_sensitive());
    assert!(at(&vm, "nics.key").is_sensitive() && !at(&vm, "nics").is_sensitive());
}

#[test]
fn a_block_is_computed_only_as_far_as_its_attributes_hint() {
    let vm = pond_vm();
    let apply_to = at(&vm, "apply_to");
    assert!(apply_to.is_block() && apply_to.setting().is_none() && !apply_to.is_computed_only());
    assert!(apply_to.all_inside_computed() && apply_to.is_settable());
    assert!(at(&vm, "state").all_inside_computed() && !at(&vm, "state").is_settable());
    assert!(!at(&vm, "disk").all_inside_computed());
    assert!(!at(&vm, "empty").all_inside_computed(), "nothing inside proves nothing");
}

#[test]
fn a_given_file_wins_over_the_digest_and_the_digest_fills_the_rest() {
    let text = r#"{"format_version":"1.0","provider_schemas":{"registry.opentofu.org/hetznercloud/hcloud":
        {"resource_schemas":{"hcloud_server":{"version":9,"block":{}}}}}}"#;
    let file = SchemaFile::from_slice("mine.json", text.as_bytes()).unwrap();
    let schemas = Schemas::builtin().with_file(file);
    let hcloud = "registry.terraform.io/hetznercloud/hcloud";
    let server = schemas.resource(hcloud, "hcloud_server").unwrap();
    assert_eq!((server.schema.version, server.origin.to_string()), (9, "mine.json".to_owned()));
    let volume = schemas.resource(hcloud, "hcloud_volume").unwrap();
    assert_eq!(volume.origin.to_string(), "built-in digest, hetznercloud/hcloud 1.68.0");
    assert!(schemas.resource(hcloud, "hcloud_nope").is_none());
    assert!(Schemas::none().resource(hcloud, "hcloud_volume").is_none());
}

#[test]
fn providers_are_the_same_on_both_public_registries() {
    for (address, key) in [
        ("registry.terraform.io/hashicorp/aws", "hashicorp/aws"),
        ("registry.opentofu.org/hashicorp/aws", "hashicorp/aws"),
        ("registry.terraform.io/-/aws", "hashicorp/aws"),
        ("aws", "hashicorp/aws"),
        ("terraform", "terraform.io/builtin/terraform"),
        ("terraform.io/builtin/terraform", "terraform.io/builtin/terraform"),
        ("example.com/acme/aws", "example.com/acme/aws"),
    ] {
        assert_eq!(provider_key(address), key);
    }
}

#[test]
fn a_damaged_type_costs_that_type_only() {
    let text = r#"{"format_version":"1.0","provider_schemas":{"registry.terraform.io/acme/pond":{"resource_schemas":
        {"pond_bad":{"version":"three"},"pond_ok":{"version":0}}}}}"#;
    let schemas = Schemas::none().with_file(SchemaFile::from_slice("x.json", text.as_bytes()).unwrap());
    assert!(schemas.resource(POND, "pond_ok").is_some());
    assert!(schemas.resource(POND, "pond_bad").is_none());
    let bad = SchemaError::Resource { input: "x.json".to_owned(), type_name: "pond_bad".to_owned() };
    assert_eq!(schemas.problems(), [bad]);
}

#[test]
fn what_is_no_schema_is_refused() {
    let read = |text: &str| SchemaFile::from_slice("x", text.as_bytes()).unwrap_err();
    assert!(matches!(read(""), SchemaError::Shape { .. }));
    assert!(matches!(read("[]"), SchemaError::Shape { .. }));
    assert!(matches!(read("{}"), SchemaError::Shape { .. }));
    assert!(matches!(read(&"[".repeat(100_000)), SchemaError::Shape { .. }));
    assert!(matches!(read(r#"{"format_version":"2.0","provider_schemas":[]}"#), SchemaError::Version { .. }));
    assert!(SchemaFile::from_slice("x", b"{\"format_version\":\"1.9\"}").is_ok(), "there may be no provider");
    assert!(SchemaFile::from_slice("x", &[0xff, 0xfe]).is_err());
}

#[test]
fn a_type_nested_without_end_is_an_error_and_no_crash() {
    let deep = format!("{}\"string\"{}", "[\"list\",".repeat(10_000), "]".repeat(10_000));
    let text = format!(
        r#"{{"format_version":"1.0","provider_schemas":{{"a/b/c":{{"resource_schemas":{{"x":{{"version":0,
        "block":{{"attributes":{{"d":{{"type":{deep},"optional":true}}}}}}}}}}}}}}}}"#
    );
    let file = SchemaFile::from_slice("x", text.as_bytes()).unwrap();
    assert!(matches!(file.resource("a/b/c", "x"), Err(SchemaError::Resource { .. })));
}

#[test]
fn unknown_words_and_fields_are_let_through() {
    let text = r#"{"format_version":"1.7","new":1,"provider_schemas":{"a/b/c":{"resource_schemas":{"x":{"version":0,
        "block":{"attributes":{"d":{"type":["future",{"a":1}],"optional":true,"shiny":true}},
        "block_types":{"e":{"nesting_mode":"spiral","block":{}}}}}}}}}"#;
    let x = SchemaFile::from_slice("x", text.as_bytes()).unwrap().resource("a/b/c", "x").unwrap().unwrap();
    assert_eq!(at(&x, "d").shape(), Shape::Dynamic);
    assert!(at(&x, "e").is_block());
}

#[test]
fn a_digest_says_what_its_files_said() {
    let (pond, orchard) =
        (every_field(), SchemaFile::from_slice("o", fixture("orchard").as_bytes()).unwrap());
    let inputs =
        [DigestInput::new(&orchard, "example/orchard", "1"), DigestInput::new(&pond, "acme/pond", "2")];
    let bytes = encode(&inputs).unwrap();
    let digest = Digest::from_bytes(bytes).unwrap();
    assert_eq!(
        digest.providers().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["acme/pond 2", "example/orchard 1"]
    );
    for input in inputs {
        for name in input.file.types(input.provider) {
            let given = input.file.resource(input.provider, name).unwrap();
            assert_eq!(digest.resource(input.provider, name).map(|(schema, _)| schema), given, "{name}");
        }
    }
    assert!(digest.resource("acme/pond", "pond_zzz").is_none());
    assert!(digest.resource("acme/pond", "aaa").is_none());
}

#[test]
fn a_damaged_digest_is_no_digest() {
    let bytes = encode(&[DigestInput::new(&every_field(), "acme/pond", "2")]).unwrap();
    for end in 0..bytes.len() {
        // Whatever is cut off: no panic, and never a wrong answer.
        let found = Digest::from_bytes(bytes[..end].to_vec())
            .and_then(|d| d.resource("acme/pond", "pond_vm").map(|(s, _)| s));
        assert_eq!(found, None, "cut at {end}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5a;
        let _ = Digest::from_bytes(damaged).and_then(|d| d.resource("acme/pond", "pond_vm").map(|(s, _)| s));
    }
}
