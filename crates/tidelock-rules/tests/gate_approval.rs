//! An approval holds for the plan it was made of, for what is less than it, and for nothing else.

#![allow(clippy::unwrap_used, reason = "a plan that cannot be read fails the test")]

#[path = "gate_approval/plans.rs"]
mod plans;
#[path = "gate_approval/properties.rs"]
mod properties;
#[path = "gate_approval/recorded.rs"]
mod recorded;

use plans::{Plans, approve, gate, gate_for, instance, is_waived, key, plan, target, unapproved};
use serde_json::json;
use tidelock_parse::Source;
use tidelock_rules::{
    approval::{ApprovalError, Verified},
    report::{Severity, Verdict, WaivedBy},
};

/// A database that is replaced because of its zone, a VM whose size grows, a record that is new.
fn three() -> Vec<serde_json::Value> {
    vec![
        instance(
            "aws_db_instance.main",
            &["delete", "create"],
            json!({"id": "db-1", "zone": "a", "size": 10}),
            json!({"zone": "b", "size": 10}),
            json!({"id": true}),
            &["zone"],
        ),
        instance(
            "aws_instance.web",
            &["update"],
            json!({"id": "i-1", "size": "small", "tags": {"env": "prod"}}),
            json!({"id": "i-1", "size": "large", "tags": {"env": "prod"}}),
            json!({}),
            &[],
        ),
        instance(
            "aws_route53_record.www",
            &["create"],
            json!(null),
            json!({"name": "www"}),
            json!({"id": true}),
            &[],
        ),
    ]
}

/// What TL507 says about a plan in which the change of the VM was edited after the approval.
fn edited(edit: impl FnOnce(&mut serde_json::Value)) -> Vec<String> {
    let approved = approve(&plan(&three()), None);
    let mut changed = three();
    edit(&mut changed[1]);
    unapproved(&gate(&plan(&changed), &approved, None))
}

#[test]
fn an_approved_plan_passes_and_what_was_approved_stays_in_the_report() {
    let text = plan(&three());
    let approved = approve(&text, None);
    let report = gate(&text, &approved, None);
    assert_eq!(unapproved(&report), Vec::<String>::new());
    assert_ne!(report.verdict, Verdict::Blocked);
    let denied: Vec<_> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Deny).collect();
    assert!(!denied.is_empty());
    for finding in denied {
        let waived = finding.waived.as_ref().unwrap();
        assert_eq!((waived.by, &*waived.reason), (WaivedBy::Approval, "approved in approval.json"));
        assert_eq!(waived.owner.as_deref(), Some("ada"));
    }
}

#[test]
fn a_part_of_what_was_approved_passes() {
    let approved = approve(&plan(&three()), None);
    for missing in 0..3 {
        let mut less = three();
        less.remove(missing);
        assert_eq!(unapproved(&gate(&plan(&less), &approved, None)), Vec::<String>::new());
    }
}

#[test]
fn an_approval_of_nothing_approves_nothing() {
    let approved = approve(&plan(&[]), None);
    let report = gate(&plan(&three()), &approved, None);
    assert_eq!(
        unapproved(&report),
        [
            "aws_db_instance.main: nobody approved that it is replaced (destroyed first) because of `zone`",
            "aws_instance.web: nobody approved that it is changed in place at `size`",
            "aws_route53_record.www: nobody approved that it is created",
        ]
    );
    assert_eq!(report.verdict, Verdict::Blocked);
    assert!(report.findings.iter().all(|finding| finding.waived.is_none()));
}

#[test]
fn what_differs_is_named_by_path_and_never_by_value() {
    assert_eq!(
        edited(|vm| vm["change"]["after"]["size"] = json!("huge")),
        ["aws_instance.web: `size` gets another value than approved"]
    );
    assert_eq!(
        edited(|vm| vm["change"]["after"]["tags"]["env"] = json!("test")),
        [r#"aws_instance.web: nobody approved a change of `tags["env"]`"#]
    );
    assert_eq!(
        edited(|vm| {
            vm["change"]["after"].as_object_mut().unwrap().remove("size");
            vm["change"]["after_unknown"] = json!({"size": true});
        }),
        ["aws_instance.web: `size` had a value when this was approved and is known only after apply now"]
    );
}

#[test]
fn another_value_to_start_from_is_another_change() {
    assert_eq!(
        edited(|vm| vm["change"]["before"]["size"] = json!("tiny")),
        ["aws_instance.web: `size` had another value to start from when this was approved"]
    );
}

#[test]
fn an_approved_deletion_of_what_has_no_id_is_of_this_object() {
    let deletes = |before: serde_json::Value| {
        plan(&[instance("vendor_database.main", &["delete"], before, json!(null), json!({}), &[])])
    };
    let approved = approve(&deletes(json!({"name": "old", "size": 1})), None);
    assert_eq!(
        unapproved(&gate(&deletes(json!({"size": 1, "name": "old"})), &approved, None)),
        Vec::<String>::new()
    );
    for other in [json!({"name": "new", "size": 1}), json!({"name": "old", "size": 1, "id": "x"})] {
        let found = unapproved(&gate(&deletes(other), &approved, None));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("vendor_database.main: "), "{found:?}");
    }
}

#[test]
fn a_replacement_was_not_approved_by_approving_an_update() {
    assert_eq!(
        edited(|vm| {
            vm["change"]["actions"] = json!(["create", "delete"]);
            vm["change"]["replace_paths"] = json!([["size"]]);
        }),
        [
            "aws_instance.web: approved was an update in place of `size`, and now it is replaced (created first) because of `size`"
        ]
    );
}

#[test]
fn the_order_of_a_replacement_counts() {
    let approved = approve(&plan(&three()), None);
    let mut other = three();
    other[0]["change"]["actions"] = json!(["create", "delete"]);
    assert_eq!(
        unapproved(&gate(&plan(&other), &approved, None)),
        [
            "aws_db_instance.main: approved was a replacement that destroys first because of `zone`, and now it is replaced (created first) because of `zone`"
        ]
    );
}

#[test]
fn another_object_at_the_same_address_was_not_approved() {
    let delete = |id: &str| {
        plan(&[instance("aws_db_instance.main", &["delete"], json!({"id": id}), json!(null), json!({}), &[])])
    };
    let approved = approve(&delete("db-1"), None);
    assert_eq!(unapproved(&gate(&delete("db-1"), &approved, None)), Vec::<String>::new());
    assert_eq!(
        unapproved(&gate(&delete("db-2"), &approved, None)),
        ["aws_db_instance.main: another database stands here than the one of the approval"]
    );
}

#[test]
fn a_deposed_object_is_known_by_its_id_and_approved_once() {
    let deposed = |objects: &[(&str, &str)]| {
        let all: Vec<_> = objects
            .iter()
            .map(|(key, id)| {
                let mut entry = instance(
                    "aws_db_instance.main",
                    &["delete"],
                    json!({"id": id}),
                    json!(null),
                    json!({}),
                    &[],
                );
                entry["deposed"] = json!(key);
                entry
            })
            .collect();
        plan(&all)
    };
    let approved = approve(&deposed(&[("0123abcd", "db-1"), ("4567cdef", "db-2")]), None);
    let said = |objects: &[(&str, &str)]| unapproved(&gate(&deposed(objects), &approved, None)).len();
    assert_eq!(said(&[("aaaa0000", "db-2"), ("bbbb0000", "db-1")]), 0, "keys are drawn at random");
    assert_eq!(said(&[("aaaa0000", "db-1")]), 0);
    assert_eq!(said(&[("aaaa0000", "db-3")]), 1);
    assert_eq!(said(&[("aaaa0000", "db-1"), ("bbbb0000", "db-1")]), 1);
}

#[test]
fn a_value_that_was_not_known_approves_no_value() {
    let create = |after, unknown| {
        plan(&[instance("aws_instance.web", &["create"], json!(null), after, unknown, &[])])
            .replace(r#""configuration":{}"#, plans::USER_DATA_IS_SET)
    };
    let open = create(json!({}), json!({"user_data": true}));
    let known = create(json!({"user_data": "x"}), json!({}));
    let said = |approved: &str, now: &str| unapproved(&gate(now, &approve(approved, None), None));
    assert_eq!(said(&open, &open), Vec::<String>::new());
    assert_eq!(
        said(&open, &known),
        ["aws_instance.web: `user_data` has a value now and was not known when this was approved"]
    );
    assert_eq!(
        said(&known, &open),
        [
            "aws_instance.web: `user_data` had a value when this was approved and is known only after apply now"
        ]
    );
}

#[test]
fn moves_imports_and_forgetting_have_to_be_approved() {
    let entry = |actions: &[&str]| {
        let (before, after) =
            (json!({"id": "i-1"}), if actions == ["forget"] { json!(null) } else { json!({"id": "i-1"}) });
        instance("aws_instance.web", actions, before, after, json!({}), &[])
    };
    let mut moved = entry(&["no-op"]);
    moved["previous_address"] = json!("aws_instance.old");
    let mut imported = entry(&["no-op"]);
    imported["change"]["importing"] = json!({"id": "i-1"});
    let nothing = approve(&plan(&[]), None);
    for (entry, said) in [
        (moved, "is moved here from `aws_instance.old`"),
        (imported, "is imported"),
        (entry(&["forget"]), "leaves the state"),
    ] {
        let text = plan(&[entry]);
        assert_eq!(
            unapproved(&gate(&text, &nothing, None)),
            [format!("aws_instance.web: nobody approved that it {said}")]
        );
        assert_eq!(unapproved(&gate(&text, &approve(&text, None), None)), Vec::<String>::new());
    }
}

#[test]
fn an_output_that_nobody_approved_is_named() {
    let with = |actions: &str| {
        plan(&[]).replace(
            r#""output_changes":{}"#,
            &format!(r#""output_changes":{{"ip":{{"actions":["{actions}"],"before":null,"after":"x"}}}}"#),
        )
    };
    let approved = approve(&with("create"), None);
    assert_eq!(unapproved(&gate(&with("create"), &approved, None)), Vec::<String>::new());
    assert_eq!(
        unapproved(&gate(&with("update"), &approved, None)),
        ["changes outputs that nobody approved: `ip` (update)"]
    );
}

#[test]
fn a_plan_for_something_else_is_refused_as_a_whole_and_nothing_is_covered() {
    let text = plan(&three());
    let approved = plans::approve_for(&text, target("web", "prod"), None);
    assert_eq!(unapproved(&gate_for(&text, target("web", "prod"), &approved, None)), Vec::<String>::new());
    let report = gate_for(&text, target("web", "staging"), &approved, None);
    assert_eq!(
        unapproved(&report),
        ["what was approved is a plan for the workspace `prod`, and this one is for `staging`"]
    );
    assert!(report.findings.iter().all(|finding| finding.waived.is_none()));
    // Nobody says what this one is for.
    assert_eq!(unapproved(&gate(&text, &approved, None)), Vec::<String>::new());
}

#[test]
fn an_approval_does_not_help_against_a_plan_that_cannot_be_trusted() {
    let errored = plan(&three()).replace(r#""errored":false"#, r#""errored":true"#);
    let approved = approve(&errored, None);
    let report = gate(&errored, &approved, None);
    assert_eq!(report.verdict, Verdict::Blocked);
    let broken = report.findings.iter().find(|finding| finding.code == "TL502").unwrap();
    assert_eq!(broken.waived, None);
}

#[test]
fn what_is_approved_is_let_through_while_what_is_not_is_stopped() {
    let tainted = |size: u32| {
        let mut db = instance(
            "aws_db_instance.main",
            &["delete", "create"],
            json!({"id": "db-1", "size": 10}),
            json!({"size": 10}),
            json!({"id": true}),
            &[],
        );
        db["action_reason"] = json!("replace_because_tainted");
        let vm = instance(
            "aws_instance.web",
            &["update"],
            json!({"id": "i-1", "size": 1}),
            json!({"id": "i-1", "size": size}),
            json!({}),
            &[],
        );
        plan(&[db, vm])
    };
    let report = gate(&tainted(3), &approve(&tainted(2), None), None);
    assert_eq!(unapproved(&report), ["aws_instance.web: `size` gets another value than approved"]);
    assert!(is_waived(&report, "TL201", "aws_db_instance.main"));
}

#[test]
fn a_signed_approval_needs_its_key_and_a_key_needs_a_signature() {
    let text = plan(&three());
    let read = |approved: &str, key: Option<_>| {
        let source = Source::new("approval.json", approved.as_bytes().to_vec());
        Verified::read(&source, key.as_ref()).map(|_| ())
    };
    let input = || "approval.json".to_owned();
    let (signed, unsigned) = (approve(&text, Some(&key("k"))), approve(&text, None));
    assert_eq!(read(&signed, Some(key("k"))), Ok(()));
    assert_eq!(read(&signed, Some(key("other"))), Err(ApprovalError::Signature { input: input() }));
    assert_eq!(read(&signed, None), Err(ApprovalError::NoKey { input: input() }));
    assert_eq!(read(&unsigned, Some(key("k"))), Err(ApprovalError::Unsigned { input: input() }));
    assert_eq!(read(&unsigned, None), Ok(()));
    let compact: serde_json::Value = serde_json::from_str(&signed).unwrap();
    assert_eq!(read(&compact.to_string(), Some(key("k"))), Ok(()), "formatting is not signed");
    assert_eq!(unapproved(&gate(&text, &signed, Some(&key("k")))), Vec::<String>::new());
}

#[test]
fn a_file_of_another_version_or_shape_is_refused_and_not_quoted() {
    let read = |text: &str| Verified::read(&Source::new("a", text.as_bytes().to_vec()), None).unwrap_err();
    let approved = approve(&plan(&three()), None);
    let version = read(&approved.replace(r#""approval_version": "1""#, r#""approval_version": "2hunter""#));
    assert_eq!(version, ApprovalError::Version { input: "a".to_owned(), version: "2".to_owned() });
    for text in ["", "{}", "[]", "hunter2", &approved.replacen("\"salt\"", "\"hunter2\"", 1)] {
        let error = read(text);
        assert!(
            matches!(error, ApprovalError::Format { .. }) && !error.to_string().contains("hunter2"),
            "{error}"
        );
    }
}

#[test]
fn the_file_holds_no_value_and_is_the_same_for_the_same_salt() {
    let text = plan(&three());
    let approved = approve(&text, None);
    for value in ["db-1", "small", "large", "\"prod\"", "\"www\""] {
        assert!(!approved.contains(value), "{value}");
    }
    assert_eq!(approved, approve(&Plans::scrambled(&text, 7), None));
}
