//! Saved plans: traps of the format, and files that somebody damaged or made to do harm.

#![cfg(feature = "planfile")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tidelock_parse::{
    Action, Mask, Plan, PlanError, Source, State, Value,
    plan::{ChangeValues, PlanFileError, PlanningMode, Product},
    schema::Schemas,
};
use tidelock_testkit::{
    fixtures,
    saved::{Member, Packing, SavedPlan, file, members},
};

const PROVIDER: &str = "registry.terraform.io/example/orchard";

/// Plan JSON with these changes.
fn json(changes: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","applyable":true,"complete":true,"resource_changes":[{changes}]}}"#
    )
}

fn change(address: &str, rest: &str) -> String {
    format!(r#"{{"address":"{address}","provider_name":"{PROVIDER}","change":{{{rest}}}}}"#)
}

fn read(bytes: impl Into<Vec<u8>>) -> Result<Plan, PlanError> {
    Plan::from_saved(&Source::new("plan.tfplan", bytes.into()))
}

fn made(changes: &str) -> Plan {
    read(SavedPlan::of(json(changes)).file()).unwrap()
}

fn values(plan: &Plan) -> ChangeValues {
    plan.changes()[0].values(plan.source()).unwrap()
}

fn v(json: &str) -> Value {
    Value::decode(json).unwrap()
}

fn failure(bytes: impl Into<Vec<u8>>) -> PlanFileError {
    match read(bytes) {
        Err(PlanError::File(error)) => *error,
        other => panic!("{other:?}"),
    }
}

/// A saved plan with its members changed.
fn with(edit: impl FnOnce(&mut Vec<Member>)) -> Vec<u8> {
    let mut members = SavedPlan::of(json("")).members();
    edit(&mut members);
    file(&members)
}

#[test]
fn both_values_of_every_action_are_found() {
    for (actions, before, after) in [
        (r#""no-op""#, true, true),
        (r#""create""#, false, true),
        (r#""update""#, true, true),
        (r#""delete""#, true, false),
        (r#""delete","create""#, true, true),
        (r#""create","delete""#, true, true),
        (r#""forget""#, true, false),
        (r#""forget","create""#, true, true),
    ] {
        let plan =
            made(&change("a.b", &format!(r#""actions":[{actions}],"before":{{"x":1}},"after":{{"x":1}}"#)));
        let values = values(&plan);
        let value = |there| Some(v(r#"{"x":1}"#)).filter(|_| there);
        assert_eq!((values.before, values.after), (value(before), value(after)), "{actions}");
        assert_eq!(plan.changes()[0].action.words().join(","), actions.replace('"', ""));
    }
}

#[test]
fn what_is_sensitive_before_a_replacement_is_sensitive_after_it() {
    let change = change(
        "a.b",
        r#""actions":["delete","create"],"before":{"password":"old","x":"1"},"after":{"password":"new","x":"2"},
            "before_sensitive":{"password":true},"after_sensitive":{"password":true},"replace_paths":[["x"]]"#,
    );
    let values = values(&made(&change));
    let password = Mask::decode(r#"{"password":true}"#).unwrap();
    assert_eq!((values.before_sensitive, values.after_sensitive), (password.clone(), password));
}

#[test]
fn what_the_schema_calls_sensitive_is_sensitive_though_the_plan_lists_nothing() {
    let provider = "registry.opentofu.org/hashicorp/aws";
    let secret = Schemas::builtin().resource(provider, "aws_db_instance").unwrap();
    assert!(secret.schema.at(&"password".parse().unwrap()).unwrap().is_sensitive());
    let change = format!(
        r#"{{"address":"aws_db_instance.a","provider_name":"{provider}",
            "change":{{"actions":["create"],"before":null,"after":{{"password":"x","username":"y"}}}}}}"#
    );
    let values = values(&made(&change));
    assert_eq!(values.after_sensitive, Mask::decode(r#"{"password":true}"#).unwrap());
}

#[test]
fn a_number_that_was_written_as_a_text_is_a_number_again() {
    let after = r#"{"rate":0.1,"size":3,"text":"0.1","half":0.5}"#;
    let state = format!(
        r#"{{"version":4,"serial":1,"lineage":"x","resources":[{{"mode":"managed","type":"a","name":"b","provider":"provider[\"{PROVIDER}\"]",
            "instances":[{{"attributes":{{"rate":0.7,"size":1,"text":"0.7","half":0.1}}}}]}}]}}"#
    );
    for address in ["a.b", "a.other"] {
        let change = change(address, &format!(r#""actions":["create"],"after":{after}"#));
        let saved = SavedPlan { state: state.clone().into(), ..SavedPlan::of(json(&change)) };
        let plan = read(saved.file()).unwrap();
        assert_eq!(values(&plan).after, Some(v(after)), "as the state has it");
        let rate = plan.changes()[0].arguments_after(plan.source(), &["rate", "none"]).unwrap();
        assert_eq!(rate, v(r#"{"rate":0.1}"#));
        let without = made(&change);
        assert_eq!(values(&without).after, Some(v(&after.replacen("0.1", "\"0.1\"", 1))), "nothing tells");
    }
}

#[test]
fn unknown_parts_are_unknown_at_any_depth() {
    let plan = made(&change(
        "a.b",
        r#""actions":["create"],"after":{"list":["x",null],"map":{"k":"v"}},
            "after_unknown":{"id":true,"list":[false,true],"map":{"u":true}}"#,
    ));
    let after = values(&plan).after.unwrap();
    let at = |path: &str| after.get(&path.parse().unwrap()).cloned();
    assert_eq!(at("id"), Some(Value::Unknown));
    assert_eq!(at("list[1]"), Some(Value::Unknown));
    assert_eq!(at("map.u"), Some(Value::Unknown));
    assert_eq!(at("map.k"), Some(Value::String("v".into())));
}

#[test]
fn changes_are_sorted_and_deletes_of_data_sources_left_out() {
    let delete = r#""actions":["delete"],"before":{"id":"1"}"#;
    let list = ["b.z", "data.a.gone", "a.y[10]", "a.y[2]"].map(|address| change(address, delete));
    let plan = made(&list.join(","));
    let addresses: Vec<String> = plan.changes().iter().map(|change| change.address.to_string()).collect();
    assert_eq!(addresses, ["a.y[2]", "a.y[10]", "b.z"]);
}

#[test]
fn a_move_is_no_drift_but_in_a_refresh_only_plan() {
    let entry = format!(
        r#"{{"address":"a.b","previous_address":"a.old","provider_name":"{PROVIDER}","change":{{"actions":["no-op"],"before":{{}}}}}}"#
    );
    let text = format!(r#"{{"terraform_version":"1.11.4","resource_drift":[{entry}]}}"#);
    for (mode, entries) in [(0, 0), (2, 1)] {
        let plan = read(SavedPlan { mode, ..SavedPlan::of(text.clone()) }.file()).unwrap();
        assert_eq!(plan.drift().len(), entries);
    }
}

#[test]
fn a_partial_plan_of_opentofu_is_known_to_be_partial() {
    let tofu = SavedPlan { product: "tofu", ..SavedPlan::of(r#"{"terraform_version":"1.12.6"}"#) };
    let complete = |plan: &SavedPlan| {
        let plan = read(plan.file()).unwrap();
        assert_eq!(plan.recorded().unwrap().product, Some(Product::OpenTofu));
        assert_eq!(plan.header().applyable, None);
        plan.header().complete
    };
    assert_eq!(complete(&tofu), Some(true));
    assert_eq!(complete(&SavedPlan { targets: vec!["a.b".into()], ..tofu.clone() }), Some(false));
    assert_eq!(complete(&SavedPlan { excludes: vec!["a.b".into()], ..tofu }), Some(false));
}

#[test]
fn field_22_is_read_both_ways_and_tells_the_product() {
    let mut hash = vec![0xb2, 0x01, 68, 0x0a, 0x20];
    hash.extend([0xff; 32]);
    hash.extend([0x12, 0x20]);
    hash.extend([0xfe; 32]);
    let name = [&[0xb2, 0x01, 5][..], b"token"].concat();
    for (further, product) in [(hash, Product::Terraform), (name, Product::OpenTofu)] {
        let saved = SavedPlan { further, product: "x", ..SavedPlan::of(r#"{"terraform_version":"1.11.4"}"#) };
        assert_eq!(read(saved.file()).unwrap().recorded().unwrap().product, Some(product));
    }
}

/// A change of the message `Plan` (field 3) of `a.b` with this action and this message `Importing`.
fn raw_change(action: u8, importing: &[u8]) -> Vec<u8> {
    let mut change = vec![0x08, action];
    change.extend([0x12, 0x03, 0x0a, 0x01, 0x80]);
    change.extend([0x2a, u8::try_from(importing.len()).unwrap()]);
    change.extend(importing);
    let mut message = vec![0x4a, u8::try_from(change.len()).unwrap()];
    message.extend(change);
    message.extend([0x6a, 3]);
    message.extend(b"a.b");
    let mut field = vec![0x1a, u8::try_from(message.len()).unwrap()];
    field.extend(message);
    field
}

#[test]
fn action_9_means_what_it_means_in_the_product_that_wrote_it() {
    for (product, action) in [("tofu", Action::Open), ("terraform", Action::CreateThenForget)] {
        let further = raw_change(9, b"");
        let plan = read(SavedPlan { further, product, ..SavedPlan::of("{}") }.file()).unwrap();
        assert_eq!(plan.changes()[0].action, action);
    }
    let plan = read(SavedPlan { further: raw_change(77, b""), ..SavedPlan::of("{}") }.file()).unwrap();
    assert!(matches!(&plan.changes()[0].action, Action::Other(_)), "never harmless");
    assert!(!plan.changes()[0].action.is_quiet());
}

#[test]
fn an_import_is_one_whatever_field_2_of_it_is() {
    // Nothing, a bool (Terraform), an identity (OpenTofu 1.12).
    for importing in [&b""[..], &[0x10, 0x01], &[0x12, 0x03, 0x0a, 0x01, 0x80]] {
        let further = raw_change(0, importing);
        let plan = read(SavedPlan { further, ..SavedPlan::of("{}") }.file()).unwrap();
        assert!(plan.changes()[0].importing);
    }
}

#[test]
fn an_address_in_parts_is_read_as_old_versions_wrote_it() {
    // Fields 1 to 6: module, mode, type, name, key.
    let mut message = vec![0x4a, 0x00, 0x0a, 8];
    message.extend(b"module.m");
    message.extend([0x1a, 1, b't', 0x22, 1, b'n', 0x2a, 1, b'k']);
    let mut further = vec![0x1a, u8::try_from(message.len()).unwrap()];
    further.extend(message);
    let plan = read(SavedPlan { further, ..SavedPlan::of("{}") }.file()).unwrap();
    assert_eq!(plan.changes()[0].address.to_string(), r#"module.m.t.n["k"]"#);
}

#[test]
fn lineage_and_serial_are_those_of_the_state_however_far_down_they_stand() {
    let padding = "x".repeat(10_000);
    let late =
        format!(r#"{{"version":4,"outputs":{{"a":{{"value":"{padding}"}}}},"lineage":"late","serial":9}}"#);
    for (state, lineage, serial) in
        [(r#"{"version":4,"serial":3,"lineage":"l"}"#, "l", 3), (&late, "late", 9)]
    {
        let plan = read(SavedPlan { state: state.into(), ..SavedPlan::of("{}") }.file()).unwrap();
        let recorded = plan.recorded().unwrap();
        assert_eq!((recorded.lineage.as_deref(), recorded.serial), (Some(lineage), Some(serial)));
        assert_eq!(
            (recorded.backend.as_deref(), recorded.workspace.as_deref()),
            (Some("local"), Some("default"))
        );
        assert_eq!(recorded.mode, PlanningMode::Normal);
    }
}

#[test]
fn sources_are_read_from_the_copies_and_named_by_their_directories() {
    let one = |key: &str, dir: &str, name: &str| {
        (
            key.to_owned(),
            dir.to_owned(),
            vec![("main.tf".to_owned(), format!("resource \"t\" \"{name}\" {{}}"))],
        )
    };
    let root = "module \"m\" {\n  source = \"./mod\"\n}\nmodule \"n\" {\n  source = \"./mod\"\n}";
    let modules = vec![
        (String::new(), ".".to_owned(), vec![("main.tf".to_owned(), root.to_owned())]),
        one("m", "mod", "x"),
        one("n", "mod", "x"),
    ];
    let plan = read(SavedPlan { modules, ..SavedPlan::of("{}") }.file()).unwrap();
    let tree = plan.sources().unwrap();
    assert_eq!(tree.list("mod"), ["main.tf"]);
    assert_eq!(tree.read("mod/main.tf", 1 << 20).unwrap(), &b"resource \"t\" \"x\" {}"[..]);
    let sources = plan.own_configuration().unwrap().unwrap();
    let block = sources.resource(&"module.n.t.x".parse().unwrap()).unwrap();
    assert_eq!((&*block.location.file, block.location.line), ("mod/main.tf", 1));
}

#[test]
fn an_unset_variable_has_the_default_of_the_sources() {
    let text = "variable \"a\" { default = \"one\" }\nvariable \"b\" { default = \"two\" }".to_owned();
    let modules = vec![(String::new(), String::new(), vec![("main.tf".to_owned(), text)])];
    let given = r#"{"variables":{"b":{"value":"given"}}}"#;
    let plan = read(SavedPlan { modules, ..SavedPlan::of(given) }.file()).unwrap();
    let variables = plan.variables().unwrap();
    assert_eq!((&variables["a"], &variables["b"]), (&v("\"one\""), &v("\"given\"")));
}

#[test]
fn a_zip_that_is_no_saved_plan_says_so() {
    assert!(matches!(failure(file(&[Member::new("readme", "tfplan")])), PlanFileError::NoPlan { .. }));
    assert!(matches!(failure(file(&[Member::new("tfplan-old", "")])), PlanFileError::NoPlan { .. }));
    assert!(matches!(failure(b"PK\x03\x04tfplan".to_vec()), PlanFileError::Zip { .. }));
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let twice = with(|members| members.push(Member::new("tfplan", "other")));
    assert!(matches!(failure(twice), PlanFileError::Duplicate { member, .. } if member == "tfplan"));
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    for name in ["../x", "/etc/passwd", "tfconfig/m-/../../x", "tfconfig\\x", "a\0b"] {
        let slip = with(|members| members.push(Member::new(name, "")));
        assert!(matches!(failure(slip), PlanFileError::Name { .. }), "{name}");
    }
}

#[test]
fn a_name_cannot_steer_a_terminal() {
    let hostile = with(|members| members.push(Member::new("\u{1b}[2J../..", "")));
    assert!(!failure(hostile).to_string().contains('\u{1b}'));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let huge = with(|members| members[0].claims = Some(u32::MAX));
    assert!(
        matches!(failure(huge), PlanFileError::TooLarge { member, limit: 192, .. } if member == "tfplan")
    );
    // Many members that are each small enough.
    let many = with(|members| {
        for at in 0..4 {
            let mut member = Member::new(&format!("tfconfig/m-/{at}.tf"), vec![0; 300_000]);
            member.claims = Some(190 << 20);
            members.push(member);
        }
    });
    assert!(matches!(failure(many), PlanFileError::TooLarge { .. }));
}

#[test]
fn a_member_that_unpacks_to_more_or_less_than_it_says_is_damaged() {
    for claims in [0, 1, 10_000] {
        let lying = with(|members| members[0].claims = Some(claims));
        assert!(
            matches!(failure(lying), PlanFileError::Damaged { member, .. } if member == "tfplan"),
            "{claims}"
        );
    }
    let mut bomb = Member::new("tfplan", vec![0; 4 << 20]);
    bomb.claims = Some(100);
    assert!(matches!(failure(file(&[bomb])), PlanFileError::Damaged { .. }));
}

/// More than 16 bits count: zip64.
#[test]
fn more_members_than_16_bits_count_are_read_up_to_the_limit() {
    let of = |count: usize| {
        with(|members| {
            let more = count - members.len();
            members.extend((0..more).map(|at| Member {
                packing: Packing::Stored,
                ..Member::new(&format!("tfconfig/m-/{at}.txt"), "")
            }));
        })
    };
    assert!(read(of(66_000)).is_ok());
    assert!(matches!(failure(of(100_001)), PlanFileError::TooManyMembers { limit: 100_000, .. }));
    // Without those records a zip says how many it has modulo 65,536.
    let wrapped = of(66_000);
    let records = wrapped.len() - 22 - 20 - 56;
    let mut short = [&wrapped[..records], &wrapped[wrapped.len() - 22..]].concat();
    let end = records + 8;
    let count = u16::try_from(66_000 - 65_536).unwrap().to_le_bytes();
    short[end..end + 4].copy_from_slice(&[count, count].concat());
    assert!(matches!(failure(short), PlanFileError::Zip { .. }));
}

/// Where the end of the directory begins in a zip without a comment.
fn end(file: &[u8]) -> usize {
    file.len() - 22
}

#[test]
fn a_directory_that_is_shorter_or_elsewhere_than_it_says_is_refused() {
    let sound = with(|_| ());
    let count = usize::from(sound[end(&sound) + 10]);
    let size = u32::from_le_bytes(*sound[end(&sound) + 12..].first_chunk().unwrap());
    let edited = |at: usize, bytes: &[u8]| {
        let mut edited = sound.clone();
        let at = end(&sound) + at;
        edited[at..at + bytes.len()].copy_from_slice(bytes);
        edited
    };
    for members in [0, count - 1, count + 1, 255] {
        let members = [u8::try_from(members).unwrap(), 0];
        let refused = failure(edited(8, &[members, members].concat()));
        assert!(matches!(refused, PlanFileError::Zip { .. }), "{members:?}: {refused}");
    }
    for start in [u32::MAX, u32::try_from(sound.len()).unwrap(), 1 << 20] {
        assert!(matches!(failure(edited(16, &start.to_le_bytes())), PlanFileError::Zip { .. }), "{start}");
    }
    // Cut off in the middle of the directory, with a sound end behind it.
    let directory = end(&sound) - usize::try_from(size).unwrap();
    for left in [0, 10, 46, usize::try_from(size).unwrap() - 1] {
        let cut = [&sound[..directory + left], &sound[end(&sound)..]].concat();
        assert!(matches!(failure(cut), PlanFileError::Zip { .. }), "{left}");
    }
}

#[test]
fn members_that_share_their_bytes_are_read_and_count_each() {
    let entry = |file: &[u8], name: &str| {
        let name = file.windows(name.len()).rposition(|bytes| bytes == name.as_bytes()).unwrap();
        name - 46
    };
    // The directory says of `b` that it stands where `a` does.
    let sharing = |text: &str, claims: Option<u32>| {
        let mut file = with(|members| {
            for name in ["tfconfig/m-/a.tf", "tfconfig/m-/b.tf", "tfconfig/m-/c.tf"] {
                members.push(Member { claims, ..Member::new(name, text) });
            }
        });
        let first = entry(&file, "tfconfig/m-/a.tf");
        let offset = file[first + 42..first + 46].to_vec();
        for name in ["tfconfig/m-/b.tf", "tfconfig/m-/c.tf"] {
            let at = entry(&file, name) + 42;
            file[at..at + 4].copy_from_slice(&offset);
        }
        file
    };
    let plan = read(sharing("locals {}\n", None)).unwrap();
    for name in ["a.tf", "b.tf", "c.tf"] {
        assert_eq!(plan.sources().unwrap().read(name, 1000).unwrap().as_ref(), b"locals {}\n", "{name}");
    }
    let refused = failure(sharing("locals {}\n", Some(190 << 20)));
    assert!(matches!(refused, PlanFileError::TooLarge { limit: ..192, .. }), "{refused}");
}

#[test]
fn a_comment_is_left_alone() {
    let commented = |comment: &[u8]| {
        let mut file = with(|_| ());
        let length = file.len();
        file[length - 2..].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
        file.extend_from_slice(comment);
        file
    };
    assert!(read(commented(b"made by a pipeline")).is_ok());
    assert!(read(commented(&vec![b'x'; 65_535])).is_ok());
    // A comment in which an end of a directory begins: tofu and terraform, too, take it for one, and refuse the file.
    for comment in [&b"PK\x05\x06"[..], b"x PK\x05\x06 and then a text that is longer than the record"] {
        assert!(matches!(failure(commented(comment)), PlanFileError::Zip { .. }));
    }
    // Cut off in the middle of its comment.
    let mut cut = commented(b"made by a pipeline");
    cut.pop();
    assert!(matches!(failure(cut), PlanFileError::Zip { .. }));
}

/// With one source less a report would know less and seem to be whole.
#[test]
fn a_plan_whose_sources_are_damaged_is_refused() {
    let bytes =
        fixtures::case("drift/drift_replaces_other_by_trigger").unwrap().bytes("plan.tfplan").unwrap();
    let mut members = members(&bytes).unwrap();
    assert!(read(file(&members)).is_ok());
    let source = members.iter_mut().find(|member| member.name == "tfconfig/m-/main.tf").unwrap();
    source.claims = Some(1);
    let refused = failure(file(&members));
    assert!(matches!(refused, PlanFileError::Damaged { member, .. } if member == "tfconfig/m-/main.tf"));
}

#[test]
fn encrypted_and_otherwise_packed_members_are_named() {
    let encrypted = with(|members| members[0].flags |= 1);
    assert!(matches!(failure(encrypted), PlanFileError::Encrypted { .. }));
    let packed = with(|members| members[0].packing = Packing::Claimed(93));
    assert!(matches!(failure(packed), PlanFileError::Method { method: 93, .. }));
    let stored = with(|members| members[0].packing = Packing::Stored);
    assert!(read(stored).is_ok());
}

#[test]
fn another_version_and_other_messages_are_refused() {
    let of = |bytes: &[u8]| file(&[Member::new("tfplan", bytes), Member::new("tfstate", "{}")]);
    assert!(matches!(failure(of(&[0x08, 0x04])), PlanFileError::Version { version: 4, .. }));
    assert!(matches!(failure(of(&[])), PlanFileError::Version { version: 0, .. }));
    for bytes in [&b"{\"a\":1}"[..], &[0x08, 0x03, 0x1a, 0xff], &[0x1a, 0x02, 0x08]] {
        assert!(matches!(failure(of(bytes)), PlanFileError::Shape { member, .. } if member == "tfplan"));
    }
    let without = file(&[Member::new("tfplan", [0x08, 0x03])]);
    assert!(matches!(failure(without), PlanFileError::Missing { member, .. } if member == "tfstate"));
}

#[test]
fn an_address_that_cannot_be_read_is_not_quoted() {
    let mut further = vec![0x1a, 11, 0x4a, 0x00, 0x6a, 7];
    further.extend(b"hunter2");
    let error = failure(SavedPlan { further, ..SavedPlan::of("{}") }.file());
    assert!(matches!(error, PlanFileError::Address { position: 1, .. }));
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn a_value_that_is_damaged_names_its_instance() {
    // `raw_change` holds an object that stops behind its first byte.
    let further = raw_change(1, b"").into_iter().map(|byte| if byte == 0x80 { 0x81 } else { byte }).collect();
    let plan = read(SavedPlan { further, ..SavedPlan::of("{}") }.file()).unwrap();
    let error = plan.changes()[0].values(plan.source()).unwrap_err();
    assert!(matches!(error, PlanError::Value { address, .. } if address.to_string() == "a.b"));
}

#[test]
fn two_entries_of_one_object_contradict_each_other() {
    let twice = [
        change("a.b", r#""actions":["create"],"after":{}"#),
        change("a.b", r#""actions":["delete"],"before":{}"#),
    ];
    let error = read(SavedPlan::of(json(&twice.join(","))).file()).unwrap_err();
    assert!(matches!(error, PlanError::Contradiction { .. }));
}

#[test]
fn a_real_plan_that_is_cut_off_or_altered_gives_an_error_or_a_plan() {
    let bytes = fixtures::case("drift/mixed_stack").unwrap().bytes("plan.tfplan").unwrap();
    let look = |bytes: Vec<u8>| {
        if let Ok(plan) = read(bytes) {
            for change in plan.changes().iter().chain(plan.drift()) {
                let _ = change.values(plan.source());
            }
            let _ = (plan.outputs(), plan.variables(), plan.checks(), State::prior_of(&plan));
        }
    };
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(41) {
        refused += usize::from(read(bytes[..at].to_vec()).is_err());
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        look(flipped);
        let mut doubled = bytes.clone();
        doubled.splice(at..at, bytes[at..(at + 64).min(bytes.len())].iter().copied());
        look(doubled);
    }
    assert_eq!(refused, bytes.len().div_ceil(41), "a file that is cut off has no directory");
}

#[test]
fn a_flipped_bit_in_the_plan_is_never_read_as_another_plan() {
    let members = SavedPlan::of(json(&change("a.b", r#""actions":["create"],"after":{"x":"y"}"#))).members();
    let sound = file(&members);
    let told = values(&read(sound.clone()).unwrap()).after;
    let start = 30 + "tfplan".len();
    let end = sound.windows(4).position(|bytes| bytes == b"PK\x07\x08").unwrap();
    let mut damaged = 0;
    for at in start..end {
        let mut flipped = sound.clone();
        flipped[at] ^= 1;
        match read(flipped) {
            // The last bits before the end of a byte mean nothing.
            Ok(plan) => assert_eq!(values(&plan).after, told, "byte {at}"),
            Err(PlanError::File(error)) => {
                assert!(matches!(*error, PlanFileError::Damaged { .. }), "byte {at}");
                damaged += 1;
            }
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    assert!(damaged + 2 > end - start);
}

#[test]
fn no_error_and_no_debugging_text_holds_what_is_in_the_plan() {
    let secret = "hunter2";
    let after = format!(r#""actions":["create"],"after":{{"x":"{secret}"}}"#);
    let text = format!(
        r#"{{"variables":{{"v":{{"value":"{secret}"}}}},"resource_changes":[{}],
            "output_changes":{{"o":{{"actions":["create"],"after":"{secret}"}}}}}}"#,
        change("a.b", &after)
    );
    let modules = vec![(
        String::new(),
        String::new(),
        vec![("main.tf".to_owned(), format!("locals {{ x = \"{secret}\" }}"))],
    )];
    let state = format!(
        r#"{{"version":4,"serial":1,"lineage":"x","outputs":{{"o":{{"value":"{secret}","type":"string"}}}}}}"#
    );
    let plan = read(SavedPlan { modules, state: state.into(), ..SavedPlan::of(text) }.file()).unwrap();
    let _ = (plan.own_configuration(), State::prior_of(&plan));
    assert!(!format!("{plan:?}").contains(secret));
}

/// Two bytes on the wire that would take hundreds in memory, millions of times, packed into kilobytes.
#[test]
fn a_list_without_end_is_refused_before_it_is_built() {
    for field in [&[0x1a, 0x00][..], &[0x22, 0x00], &[0x9a, 0x01, 0x00], &[0x12, 0x00]] {
        let further = field.repeat(500_000);
        let error = failure(SavedPlan { further, ..SavedPlan::of("{}") }.file());
        assert!(matches!(error, PlanFileError::Shape { member, .. } if member == "tfplan"));
    }
    let instances = "{},".repeat(2_100_000);
    let state = format!(
        r#"{{"version":4,"serial":1,"lineage":"x","resources":[{{"mode":"managed","instances":[{instances}{{}}]}}]}}"#
    );
    let plan = read(SavedPlan { state: state.into(), ..SavedPlan::of("{}") }.file()).unwrap();
    assert!(matches!(State::prior_of(&plan), Err(PlanError::File(_))));
}
