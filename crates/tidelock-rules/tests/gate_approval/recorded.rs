//! The recorded plans: approved, planned again, and changed at one place after the other.

use serde_json::{Value as Json, json};
use tidelock_testkit::fixtures;

use super::plans::{Plans, approve, gate, unapproved};

fn plans() -> Vec<(String, String)> {
    let cases = fixtures::all().unwrap().into_iter().filter(|case| case.has("plan.json"));
    let plans: Vec<_> = cases
        .map(|case| (case.name.clone(), String::from_utf8(case.plan_json().unwrap()).unwrap()))
        .collect();
    assert!(plans.len() > 50, "only {} plans were found", plans.len());
    plans
}

#[test]
fn every_recorded_plan_passes_with_its_own_approval_however_it_is_written() {
    for (name, text) in plans() {
        let approved = approve(&text, None);
        for seed in [1, 2] {
            let report = gate(&Plans::scrambled(&text, seed), &approved, None);
            assert_eq!(unapproved(&report), Vec::<String>::new(), "{name}");
        }
    }
}

/// Pointers to every plain value below `value`.
fn leaves(value: &Json, pointer: &str, found: &mut Vec<String>) {
    match value {
        Json::Null => {}
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| leaves(item, &format!("{pointer}/{at}"), found));
        }
        Json::Object(fields) => fields.iter().for_each(|(name, field)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            leaves(field, &format!("{pointer}/{name}"), found);
        }),
        _ => found.push(pointer.to_owned()),
    }
}

#[test]
fn a_value_that_a_recorded_plan_sets_counts_wherever_it_stands() {
    let mut tried = 0;
    for (first, (name, text)) in plans().into_iter().enumerate() {
        let plan: Json = serde_json::from_str(&text).unwrap();
        let approved = approve(&text, None);
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        for (at, entry) in changes.iter().enumerate() {
            let quiet = [json!(["no-op"]), json!(["read"])].contains(&entry["change"]["actions"]);
            if quiet || entry["mode"] != json!("managed") {
                continue;
            }
            let mut pointers = Vec::new();
            leaves(&entry["change"]["after"], &format!("/resource_changes/{at}/change/after"), &mut pointers);
            // One in eight, others in each plan: all of them take a minute.
            for pointer in pointers.into_iter().skip(first % 8).step_by(8) {
                let mut other = plan.clone();
                *other.pointer_mut(&pointer).unwrap() = json!("something else");
                let said = unapproved(&gate(&other.to_string(), &approved, None));
                let address = entry["address"].as_str().unwrap();
                assert!(said.len() == 1 && said[0].starts_with(address), "{name} {pointer}: {said:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "only {tried} values were tried");
}

#[test]
fn every_instance_that_a_recorded_plan_leaves_alone_must_stay_so() {
    let mut tried = 0;
    for (name, text) in plans() {
        let plan: Json = serde_json::from_str(&text).unwrap();
        let approved = approve(&text, None);
        for (at, entry) in plan["resource_changes"].as_array().into_iter().flatten().enumerate() {
            if entry["change"]["actions"] != json!(["no-op"]) || entry["mode"] != json!("managed") {
                continue;
            }
            let actions = [json!(["delete"]), json!(["update"]), json!(["delete", "create"])];
            let mut other = plan.clone();
            other["resource_changes"][at]["change"]["actions"] = actions[at % actions.len()].clone();
            let said = unapproved(&gate(&other.to_string(), &approved, None));
            assert_eq!(said.len(), 1, "{name}: {said:?}");
            tried += 1;
        }
    }
    assert!(tried > 50, "only {tried} instances were tried");
}
