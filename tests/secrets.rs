//! No secret leaves: not in a report of any format, not in an error.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod mutation;
#[allow(dead_code, reason = "only reports are asked about here")]
mod outputs;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tidelock::{Analysis, Command, Report, Source};
use tidelock_testkit::fixtures;

/// A report in every format, with everything it can show.
fn render(report: &Report) -> String {
    let mut out = Vec::new();
    outputs::report(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Texts that a mask marks, long enough to be told from ordinary words.
fn marked(value: &Value, mask: &Value, found: &mut BTreeSet<String>) {
    match (value, mask) {
        (value, Value::Bool(true)) => texts(value, found),
        (Value::Object(fields), Value::Object(masks)) => {
            for (name, mask) in masks {
                if let Some(field) = fields.get(name) {
                    marked(field, mask, found);
                }
            }
        }
        (Value::Array(items), Value::Array(masks)) => {
            items.iter().zip(masks).for_each(|(item, mask)| marked(item, mask, found));
        }
        _ => {}
    }
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= 6 => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// Everything in a plan that is marked sensitive.
fn secrets(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let entries = ["resource_changes", "resource_drift"].into_iter().filter_map(|list| plan[list].as_array());
    let bodies = entries.flatten().map(|entry| &entry["change"]);
    let outputs = plan["output_changes"].as_object().into_iter().flat_map(|outputs| outputs.values());
    for body in bodies.chain(outputs) {
        marked(&body["before"], &body["before_sensitive"], &mut found);
        marked(&body["after"], &body["after_sensitive"], &mut found);
    }
    found
}

/// The answer to either question.
fn ask(analysis: &Analysis<'_>, command: Command, source: &Source, name: &str) -> Report {
    let answer = match command {
        Command::Gate => analysis.gate(source),
        _ => analysis.drift(source),
    };
    answer.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn what_a_plan_marks_sensitive_is_in_no_report() {
    let mut held = 0;
    for case in fixtures::all().unwrap() {
        let secrets = secrets(&case.json("plan.json").unwrap());
        held += secrets.len();
        let tree = cases::sources(&case);
        let source = Source::new("plan.json", case.plan_json().unwrap());
        for analysis in [cases::analysis(&case, &tree), Analysis::new()] {
            for command in [Command::Drift, Command::Gate] {
                let text = render(&ask(&analysis, command, &source, &case.name));
                for secret in &secrets {
                    assert!(!text.contains(secret), "{}: a report holds {secret}", case.name);
                }
            }
        }
    }
    assert!(held > 5, "the fixtures hold only {held} secrets");
}

#[test]
fn a_secret_by_form_is_in_no_report() {
    let case = fixtures::case("drift/secret_by_form").unwrap();
    let tree = cases::sources(&case);
    let source = Source::new("plan.json", case.plan_json().unwrap());
    let report = cases::analysis(&case, &tree).drift(&source).unwrap();
    assert!(!render(&report).contains("hunter2-disk"));
    assert!(render(&report).contains("nas.example.net"), "the rest of the text is shown");
}

/// Secrets that nothing marks, each with the part that must not be seen. Written in pieces: scanners read sources, too.
fn by_form() -> Vec<(String, String)> {
    let body = "MIIEpAIBAAKCAQEAtJxqLm3vQ9wZk2Yf8RcVb7N1sXgPdU4hTjO6aEyKi5LrWnCz";
    let private =
        format!("-----BEGIN {} KEY-----\n{body}\n-----END {} KEY-----\n", "RSA PRIVATE", "RSA PRIVATE");
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let cloud = "wJalrXUtnFEMIK7MDENGbPxRfiCYzQ8sT2vW4yZ6";
    vec![
        (private.clone(), body.to_owned()),
        (format!("Copies to https://ada:{}@nas.example.net", "hunter2-disk"), "hunter2-disk".to_owned()),
        (format!("token {token}"), token),
        (format!("aws_secret_access_key = {cloud}"), cloud.to_owned()),
        (json!({"user": "ada", "password": "hunter2-json"}).to_string(), "hunter2-json".to_owned()),
        (format!("postgres://app:{}@db.internal/app?sslmode=require", "hunter2-db"), "hunter2-db".to_owned()),
    ]
}

/// A plan whose databases take their password and their name from one sensitive variable.
fn handed_on(name: &str) -> Vec<u8> {
    let entry = |address: &str, before: Value, after: Value, marks: Value| {
        json!({"address": address, "mode": "managed", "type": "aws_db_instance", "name": &address[16..],
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["delete", "create"], "before": before, "after": after, "after_unknown": {},
                "before_sensitive": marks, "after_sensitive": marks, "replace_paths": [["db_name"]]}})
    };
    let (old, new) = (format!("{name}-of-old-times"), format!("{name}-of-new-times"));
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4",
    "variables": {"pw": {"value": new}},
    "configuration": {"root_module": {"variables": {"pw": {"sensitive": true}}}},
    "output_changes": {"url": {"actions": ["update"], "before": format!("at {old}"), "after": format!("at {new}"),
        "after_unknown": false, "before_sensitive": false, "after_sensitive": false}},
    "resource_changes": [
        entry("aws_db_instance.a", json!({"password": old}), json!({"password": new}), json!({"password": true})),
        entry("aws_db_instance.b", json!({"db_name": old, "id": old}), json!({"db_name": format!("x {new}")}), json!({})),
    ]});
    serde_json::to_vec(&plan).unwrap()
}

#[test]
fn what_is_marked_in_one_place_is_hidden_where_it_stands_unmarked() {
    let plan = Source::new("plan.json", handed_on("correct-horse"));
    for command in [Command::Drift, Command::Gate] {
        let report = ask(&Analysis::new(), command, &plan, "handed on");
        assert_eq!(report.resources.len(), 2);
        assert!(!render(&report).contains("correct-horse"), "{command}");
    }
}

#[test]
fn planted_secrets_are_in_no_report_wherever_they_stand() {
    let template = fixtures::case("drift/vm_tags").unwrap().json("plan.json").unwrap();
    for (text, secret) in by_form() {
        let mut plan = template.clone();
        let entries = plan["resource_drift"].as_array_mut().unwrap();
        // As a plain value, in a list, in a map, as id and name, and in an object that is new.
        for (side, tail) in [("before", "old"), ("after", "new")] {
            let object = &mut entries[0]["change"][side];
            let text =
                format!("{text}{}", if text.ends_with('\n') { String::new() } else { format!(" {tail}") });
            object["description"] = json!(text);
            object["tags"] = json!([text, "web"]);
            object["notes"] = json!({"note": text});
            object["more"] = json!([{ "text": text, "at": tail }]);
            object["id"] = json!(text);
            object["name"] = json!(text);
        }
        plan["output_changes"] = json!({"o": {"actions": ["update"], "before": null, "after": [text],
            "after_unknown": false, "before_sensitive": false, "after_sensitive": false}});
        plan["variables"] = json!({"v": {"value": text}});
        let source = Source::new("plan.json", plan.to_string().into_bytes());
        for command in [Command::Drift, Command::Gate] {
            let rendered = render(&ask(&Analysis::new(), command, &source, "planted"));
            assert!(rendered.contains("description"), "the drift is reported");
            let at = rendered.find(&*secret).map(|at| &rendered[at.saturating_sub(300)..at]);
            assert_eq!(at, None, "a report holds {secret}, behind this");
        }
    }
}

const PLANTED: &str = "hunter2-correct-horse";

/// Whatever is wrong with the input, nothing of it is quoted.
fn quotes_nothing(bytes: &[u8]) -> usize {
    let answers = Analysis::new().answers(Command::Drift, &Source::new("plan.json", bytes.to_vec()));
    let mut refused = 0;
    for answer in answers {
        match answer {
            Ok(answer) => {
                let notes = answer.report.notes.iter().map(|note| &note.message);
                let findings = answer.report.findings.iter().map(|finding| &finding.message);
                let quoting = notes.chain(findings).find(|message| message.contains(PLANTED));
                assert_eq!(quoting, None, "a note or finding quotes its input");
            }
            Err(error) => {
                assert!(!outputs::complaint(&error).contains(PLANTED), "{error} quotes its input");
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn an_error_never_quotes_a_plan() {
    let case = fixtures::case("drift/sensitive_drift").unwrap();
    let bytes = case.plan_json().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(PLANTED), "the plan holds the secret");
    let mut refused = 0;
    for at in (1..bytes.trim_ascii_end().len()).step_by(97) {
        refused += quotes_nothing(&bytes[..at]);
        refused += quotes_nothing(&bytes[at..]);
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x15;
        refused += quotes_nothing(&flipped);
    }
    let tree: Value = serde_json::from_slice(&bytes).unwrap();
    // The name of an action is no value; one that is not known is named.
    for place in mutation::places(&tree).into_iter().filter(|place| !place.contains("/actions")) {
        for other in [json!(PLANTED), json!([PLANTED]), json!({ PLANTED: PLANTED })] {
            let mut swapped = tree.clone();
            *swapped.pointer_mut(&place).unwrap() = other;
            refused += quotes_nothing(swapped.to_string().as_bytes());
        }
    }
    assert!(refused > 200, "only {refused} variants were refused");
}
