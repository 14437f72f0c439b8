use super::*;
use crate::value::Value;

fn source(text: &str) -> Source {
    Source::new("test", text.as_bytes().to_vec())
}

fn raw(text: &str) -> Result<State, StateError> {
    let source = source(text);
    State::from_raw(&source, RawText::whole(&source))
}

fn json(text: &str) -> Result<State, StateError> {
    let source = source(text);
    State::from_json(&source, RawText::whole(&source))
}

const RAW: &str = r#"{"version":4,"terraform_version":"1.11.4","serial":12,"lineage":"c8f5553a",
 "outputs":{"o_sens":{"value":"tok-secret","type":"string","sensitive":true}},
 "resources":[
  {"module":"module.m[\"k.2\"]","mode":"managed","type":"test_thing","name":"in_mod",
   "provider":"module.m.provider[\"example.com/acme/test\"].west","instances":[
    {"index_key":10,"schema_version":2,"status":"tainted","create_before_destroy":true,
     "attributes":{"id":"id-v2","secret":"s","any":{"value":["a"],"type":["list","string"]}},
     "sensitive_attributes":[[{"type":"get_attr","value":"secret"}]],
     "private":"eyJwcml2Ijoic2VjcmV0In0=","dependencies":["test_thing.b","module.m.data.test_thing.a","test_thing.b"]},
    {"index_key":10,"deposed":"0000000a","schema_version":2,"attributes":{"id":"old"}}]},
  {"mode":"data","type":"test_thing","name":"d","instances":[
    {"index_key":"x","provider":"provider[\"example.com/acme/test\"].by[\"eu\"]","schema_version":0,
     "attributes_flat":{"tags.%":"1","tags.a":"b"},"skip_destroy":true,"identity":{"id":"7"},"identity_schema_version":1}]}],
 "check_results":[{"object_kind":"check","config_addr":"check.up","status":"fail","objects":null}]}"#;

#[test]
fn a_raw_state_gives_addresses_flags_and_values() {
    let state = raw(RAW).unwrap();
    let header = StateHeader {
        terraform_version: Some("1.11.4".to_owned()),
        serial: Some(12),
        lineage: Some("c8f5553a".to_owned()),
    };
    assert_eq!((state.form(), state.header()), (Form::Raw, &header));
    let [current, deposed, data] = state.instances() else { panic!("three objects") };

    assert_eq!(current.address.to_string(), r#"module.m["k.2"].test_thing.in_mod[10]"#);
    assert!(current.tainted && current.create_before_destroy && !current.skip_destroy);
    assert_eq!(current.provider.to_string(), r#"module.m.provider["example.com/acme/test"].west"#);
    let values = current.values(state.source()).unwrap();
    let step = "any[0]".parse().unwrap();
    assert_eq!(values.value.get(&step).and_then(Value::as_str), Some("a"), "a dynamic value is unwrapped");
    assert_eq!(values.sensitive, Mask::decode(r#"{"secret":true}"#).unwrap());
    let dependencies: Vec<String> =
        current.dependencies(state.source()).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(dependencies, ["test_thing.b", "module.m.data.test_thing.a"]);

    assert_eq!((&deposed.address, deposed.deposed.as_deref()), (&current.address, Some("0000000a")));
    assert!(deposed.dependencies(state.source()).unwrap().is_empty());

    assert_eq!(data.address.to_string(), r#"data.test_thing.d["x"]"#);
    assert!(data.is_flat() && data.skip_destroy);
    assert_eq!(data.provider.to_string(), r#"provider["example.com/acme/test"].by["eu"]"#);
    let flat = data.values(state.source()).unwrap().value;
    assert_eq!(flat, Value::decode(r#"{"tags.%":"1","tags.a":"b"}"#).unwrap());
    assert!(data.identity(state.source()).unwrap().is_some());

    let output = state.outputs().get("o_sens").unwrap();
    assert_eq!(
        (output.sensitive, output.value(state.source()).unwrap().as_str()),
        (true, Some("tok-secret"))
    );
    assert_eq!(state.checks()[0].name, "check.up");
}

#[test]
fn state_json_gives_the_objects_of_all_modules() {
    let state = json(
        r#"{"format_version":"1.0","terraform_version":"1.12.6","values":{
        "outputs":{"o":{"sensitive":false,"type":"string","value":"v","deprecated":"old"}},
        "root_module":{"resources":[{"address":"a.b","mode":"managed","type":"a","name":"b",
          "provider_name":"registry.opentofu.org/acme/a","schema_version":1,"values":{"p":"s"},
          "sensitive_values":{"p":true},"depends_on":["module.c.a.x"],"tainted":true}],
        "child_modules":[{"address":"module.c","child_modules":[{"address":"module.c.module.d","resources":[
          {"address":"module.c.module.d[\"k\"].a.b[2]","deposed_key":"0000000a","provider_name":"registry.opentofu.org/acme/a",
           "schema_version":0,"values":{"type":"string","value":"x"},"sensitive_values":{}}]}]}]}}}"#,
    )
    .unwrap();
    let [first, second] = state.instances() else { panic!("two objects") };
    assert!(first.tainted);
    assert_eq!(first.values(state.source()).unwrap().sensitive, Mask::decode(r#"{"p":true}"#).unwrap());
    assert_eq!(first.dependencies(state.source()).unwrap()[0].to_string(), "module.c.a.x");
    assert_eq!(&*first.provider.source, "registry.opentofu.org/acme/a");
    assert_eq!(second.address.to_string(), r#"module.c.module.d["k"].a.b[2]"#);
    assert_eq!(second.deposed.as_deref(), Some("0000000a"));
    let plain = second.values(state.source()).unwrap().value;
    assert_eq!(plain, Value::decode(r#"{"type":"string","value":"x"}"#).unwrap(), "nothing is wrapped here");
    assert_eq!(state.outputs().get("o").unwrap().deprecated.as_deref(), Some("old"));
}

#[test]
fn an_empty_state_is_a_state_without_objects() {
    for state in [raw(r#"{"version":4}"#), json(r#"{"format_version":"1.0"}"#)] {
        assert!(state.unwrap().instances().is_empty());
    }
    let destroyed =
        r#"{"version":4,"serial":9,"lineage":"","outputs":{},"resources":[],"check_results":null}"#;
    assert!(raw(destroyed).unwrap().instances().is_empty());
}

#[test]
fn other_versions_are_refused_whatever_their_shape() {
    for version in 1..=3 {
        let text = format!(r#"{{"version":{version},"modules":[],"resources":"other shape"}}"#);
        assert_eq!(raw(&text).unwrap_err(), StateError::Legacy { input: "test".to_owned(), version });
    }
    assert!(matches!(raw(r#"{"version":5,"resources":{}}"#), Err(StateError::Version { .. })));
    assert!(matches!(json(r#"{"format_version":"2.0","values":[]}"#), Err(StateError::Version { .. })));
}

#[test]
fn an_object_that_stands_twice_is_refused() {
    let twice = RAW.replace("\"deposed\":\"0000000a\",", "");
    assert!(matches!(raw(&twice), Err(StateError::Duplicate { .. })));
}

#[test]
fn damaged_states_are_errors_that_quote_nothing() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        r#"{"version":"4"}"#,
        r#"{"version":4,"resources":[{"mode":"managed"}]}"#,
        r#"{"version":4,"version":4}"#,
        r#"{"version":4,"resources":[{"mode":"managed","type":"hunter2","name":"b","module":"hunter2","instances":[{}]}]}"#,
        r#"{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","provider":"hunter2","instances":[{}]}]}"#,
    ] {
        let error = raw(text).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    let deep = format!(
        r#"{{"version":4,"resources":[{{"mode":"managed","type":"a","name":"b","provider":"provider.x","instances":[{{"attributes":{}1{}}}]}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let state = raw(&deep).unwrap();
    let error = state.instances()[0].values(state.source()).unwrap_err();
    assert!(matches!(error, StateError::Value { cause: ValueError::TooDeep, .. }));
    let modules = format!(
        r#"{{"format_version":"1.0","values":{{"root_module":{}{}}}}}"#,
        r#"{"child_modules":["#.repeat(100_000),
        "]}".repeat(100_000)
    );
    assert!(json(&modules).is_err());
}

#[test]
fn a_new_field_of_a_producer_is_noticed_by_tests_and_not_by_users() {
    let text = r#"{"version":4,"mood":1,"resources":[{"mode":"managed","type":"a","name":"b","provider":"provider.x","instances":[{"mood":2}]}]}"#;
    assert_eq!(unread(text, Form::Raw), ["mood", "resources.?.0.instances.?.0.mood"]);
    assert_eq!(raw(text).unwrap().instances().len(), 1);
}

/// Fields of a state that nobody reads.
fn unread(text: &str, form: Form) -> Vec<String> {
    let mut fields = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let note = |path: serde_ignored::Path<'_>| fields.push(path.to_string());
    if form == Form::Json {
        let _: json::RawState<'_> = serde_ignored::deserialize(&mut deserializer, note).expect("state JSON");
    } else {
        let _: raw::RawState<'_> = serde_ignored::deserialize(&mut deserializer, note).expect("raw state");
    }
    // What is known and skipped on purpose ends with the step into its `Option`.
    fields.retain(|path| !path.ends_with(".?"));
    fields
}

#[test]
fn every_recorded_state_is_read_to_its_last_field() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut folders = vec![root];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let Ok(input) = crate::Input::read(&Source::new("fixture", bytes)) else { continue };
            let document = input.documents[0];
            let state = match document.kind {
                crate::Kind::State => State::from_raw(&input.source, document.text),
                crate::Kind::StateJson => State::from_json(&input.source, document.text),
                _ => continue,
            };
            let state = state.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for instance in state.instances() {
                instance.values(&input.source).unwrap();
                instance.dependencies(&input.source).unwrap();
            }
            let text = input.source.text(document.text).unwrap();
            assert_eq!(unread(text, state.form()), [""; 0], "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 100, "only {read} states found");
}
