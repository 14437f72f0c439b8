//! Both directions: nothing that does not matter breaks an approval, and everything that matters does.

use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value as Json, json};

use super::plans::{Plans, approve, gate, instance, plan, unapproved};

/// What an instance looks like: a plain value, a map, a set (by schema), a list of blocks, JSON text.
fn object() -> impl Strategy<Value = Json> {
    let word = || "[a-c]{0,3}";
    (
        word(),
        prop::collection::btree_map("[a-c]", word(), 0..3),
        prop::collection::btree_set("sg-[a-f]", 0..4),
        prop::collection::vec((0..99_u32, any::<bool>()), 0..3),
        prop::collection::btree_map("[a-c]", 0..9_u32, 0..3),
    )
        .prop_map(|(plain, tags, groups, blocks, policy)| {
            let blocks: Vec<_> =
                blocks.iter().map(|(size, hot)| json!({"volume_size": size, "encrypted": hot})).collect();
            json!({
                "instance_type": plain, "tags": tags, "vpc_security_group_ids": groups, "ebs_block_device": blocks,
                "user_data": json!(policy).to_string(),
            })
        })
}

fn change(number: usize, kind: u8, before: &Json, after: &Json) -> Json {
    let address = format!("aws_instance.i{number}");
    let existing = |mut object: Json| {
        object["id"] = json!(format!("i-{number}"));
        object
    };
    let new = json!({"id": true, "arn": true});
    let (before, kept) = (existing(before.clone()), existing(after.clone()));
    match kind {
        0 => instance(&address, &["create"], json!(null), after.clone(), new, &[]),
        1 => instance(&address, &["delete"], before, json!(null), json!({}), &[]),
        2 => instance(&address, &["delete", "create"], before, after.clone(), new, &["instance_type"]),
        3 => instance(&address, &["create", "delete"], before, after.clone(), new, &["user_data"]),
        _ => instance(&address, &["update"], before, kept, json!({}), &[]),
    }
}

fn changes() -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec((0..6_u8, object(), object()), 1..5).prop_map(|list| {
        list.iter()
            .enumerate()
            .map(|(number, (kind, before, after))| change(number, *kind, before, after))
            .collect()
    })
}

/// The same values, written another way: sets turned around, JSON text with white space, numbers as decimals.
fn reworded(changes: &[Json]) -> Vec<Json> {
    let mut changes = changes.to_vec();
    for change in &mut changes {
        for side in ["before", "after"] {
            let object = &mut change["change"][side];
            if object.is_null() {
                continue;
            }
            object["vpc_security_group_ids"].as_array_mut().unwrap().reverse();
            let policy = object["user_data"].as_str().unwrap().replace(':', " :\n ");
            object["user_data"] = json!(policy);
            for block in object["ebs_block_device"].as_array_mut().unwrap() {
                block["volume_size"] = json!(block["volume_size"].as_f64().unwrap());
            }
        }
    }
    changes
}

/// Values that stand for an argument each, and what else to put there.
const PATHS: [(&str, &str); 4] = [
    ("/after/instance_type", "\"other\""),
    ("/after/tags", r#"{"other":"x"}"#),
    ("/after/vpc_security_group_ids", r#"["sg-z"]"#),
    ("/after/user_data", r#""{\"other\":1}""#),
];

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn planning_again_keeps_the_approval(list in changes(), seed in any::<u64>()) {
        let approved = approve(&plan(&list), None);
        let again = Plans::scrambled(&plan(&reworded(&list)), seed);
        prop_assert_eq!(unapproved(&gate(&again, &approved, None)), Vec::<String>::new());
    }

    #[test]
    fn any_other_value_breaks_it(list in changes(), at in any::<prop::sample::Index>(), path in 0..PATHS.len()) {
        let mut other = list.clone();
        let entry = &mut other[at.index(list.len())];
        let (pointer, value) = PATHS[path];
        prop_assume!(!entry["change"]["after"].is_null());
        let address = entry["address"].as_str().unwrap().to_owned();
        *entry["change"].pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
        let report = gate(&plan(&other), &approve(&plan(&list), None), None);
        let said = unapproved(&report);
        prop_assert_eq!(said.len(), 1, "{:?}", said);
        prop_assert!(said[0].starts_with(&address), "{:?}", said);
        prop_assert_eq!(report.exit_code, 3);
    }

    #[test]
    fn any_further_change_breaks_it(list in changes(), kind in 0..5_u8, before in object(), after in object()) {
        let mut more = list.clone();
        more.push(change(99, kind, &before, &after));
        let said = unapproved(&gate(&plan(&more), &approve(&plan(&list), None), None));
        prop_assert_eq!(said.len(), 1, "{:?}", said);
        prop_assert!(said[0].starts_with("aws_instance.i99: nobody approved"), "{:?}", said);
    }

    #[test]
    fn any_other_action_breaks_it(list in changes(), at in any::<prop::sample::Index>(), other in 0..5_u8) {
        let words: [&[&str]; 5] = [&["create"], &["delete"], &["delete", "create"], &["create", "delete"], &["update"]];
        let mut changed = list.clone();
        let entry = &mut changed[at.index(list.len())];
        let words = words[usize::from(other)];
        prop_assume!(entry["change"]["actions"] != json!(words));
        entry["change"]["actions"] = json!(words);
        let said = unapproved(&gate(&plan(&changed), &approve(&plan(&list), None), None));
        prop_assert_eq!(said.len(), 1, "{:?}", said);
        prop_assert!(said[0].contains("approved was "), "{:?}", said);
    }
}
