//! Saved plans against the same plans as JSON: the two reports are equal but for what the saved form knows besides.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

mod cases;
mod gated;

use serde_json::Value as Json;
use tidelock::{Analysis, Report, Source, config::MemoryTree, render};
use tidelock_testkit::{
    fixtures::{self, Case},
    saved::SavedPlan,
};

/// A case with the two forms of its plan.
struct Both {
    case: Case,
    shown: Source,
    saved: Source,
    /// Its sources, with the files that hold values of variables.
    tree: MemoryTree,
}

/// Every case that has both forms; encrypted plans are another matter.
fn both() -> Vec<Both> {
    let mut found = Vec::new();
    for case in fixtures::all().unwrap() {
        let Some(name) = ["plan.tfplan", "p.tfplan"].into_iter().find(|name| case.has(name)) else {
            continue;
        };
        let bytes = case.bytes(name).unwrap();
        if bytes.starts_with(b"PK") {
            let shown = Source::new("plan", case.plan_json().unwrap());
            let tree = cases::sources(&case);
            found.push(Both { case, shown, saved: Source::new("plan", bytes), tree });
        }
    }
    assert!(found.len() > 180, "only {} cases have both forms", found.len());
    found
}

impl Both {
    /// Where the reports that two analyses give about the two forms differ.
    fn differences(&self, of_shown: &Analysis<'_>, of_saved: &Analysis<'_>) -> Vec<Difference> {
        let Self { case, shown, saved, .. } = self;
        let drift = |analysis: &Analysis<'_>, plan: &Source| {
            analysis.drift(plan).unwrap_or_else(|error| panic!("{}: {error}", case.name))
        };
        let mut found = self.between("drift", &drift(of_shown, shown), &drift(of_saved, saved));
        if let Some(gate) = &case.meta.gate {
            let ask =
                |analysis: &Analysis<'_>, plan: &Source| gated::about(case, gate, analysis.clone(), plan);
            found.extend(self.between("gate", &ask(of_shown, shown), &ask(of_saved, saved)));
        }
        found
    }

    fn between(&self, command: &'static str, shown: &Report, saved: &Report) -> Vec<Difference> {
        let mut paths = Vec::new();
        differences(&json(shown), &json(saved), "", &mut paths);
        let all = paths.into_iter().map(|(path, shown, saved)| Difference {
            case: self.case.name.clone(),
            command,
            path,
            shown,
            saved,
        });
        all.filter(|difference| !difference.is_known_besides()).collect()
    }
}

struct Difference {
    case: String,
    command: &'static str,
    path: String,
    shown: Json,
    saved: Json,
}

impl Difference {
    /// What a saved plan knows and plan JSON does not say, or what each says of its own form.
    fn is_known_besides(&self) -> bool {
        let (shown, saved) = (&self.shown, &self.saved);
        match self.path.as_str() {
            ".input.kind" => shown == "plan_json" && saved == "saved_plan",
            ".input.format_version" => shown != "3.0" && saved == "3.0",
            ".input.mode_evidence" => (shown.is_null() || shown == "heuristic") && saved == "saved_plan",
            ".input.lineage" | ".input.serial" | ".input.workspace" | ".input.complete" => {
                shown.is_null() && !saved.is_null()
            }
            _ => false,
        }
    }

    /// Where knowing more gives another answer, each case with its reason.
    fn is_better_told(&self) -> bool {
        match self.case.as_str() {
            // A destroy plan lists no drift; the two states in it tell what changed outside.
            "drift/destroy" => self.command == "drift",
            // It says what was targeted.
            "drift/targeted" => self.path.ends_with(".message"),
            // Lineage and serial prove what values could only suggest.
            "gate/state_moved_on" => self.command == "gate",
            _ => false,
        }
    }

    /// Where the files with the values of variables are missed: they are not in a saved plan.
    fn misses_variable_files(&self) -> bool {
        let accept = self.path.contains(".advice.accept[");
        let reason = self.path.ends_with(".reason")
            && self.saved.as_str().is_some_and(|reason| reason.contains("is given outside the files"));
        accept && (reason || (self.saved.is_null() && !self.path.ends_with(".reason")))
    }

    fn told(&self) -> String {
        format!("{} {}{}: {} / {}", self.command, self.case, self.path, self.shown, self.saved)
    }
}

fn json(report: &Report) -> Json {
    let mut out = Vec::new();
    render::json::report(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn differences(a: &Json, b: &Json, path: &str, found: &mut Vec<(String, Json, Json)>) {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let value =
                    |side: &serde_json::Map<String, Json>| side.get(name).cloned().unwrap_or_default();
                differences(&value(a), &value(b), &format!("{path}.{name}"), found);
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(a, b, &format!("{path}[{at}]"), found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push((path.to_owned(), a.clone(), b.clone())),
    }
}

fn schema_of(case: &Case) -> Analysis<'static> {
    match &case.meta.schema {
        Some(schema) => Analysis::new().schema(&Source::new(schema, case.bytes(schema).unwrap())).unwrap(),
        None => Analysis::new(),
    }
}

fn none_left(wrong: &[Difference]) {
    let told: Vec<String> = wrong.iter().map(Difference::told).collect();
    assert!(told.is_empty(), "{} differences:\n{}", told.len(), told.join("\n"));
}

#[test]
fn with_the_same_sources_both_forms_give_the_same_report() {
    let mut wrong = Vec::new();
    for both in both() {
        let analysis = cases::analysis(&both.case, &both.tree);
        wrong.extend(both.differences(&analysis, &analysis));
    }
    wrong.retain(|difference| !difference.is_better_told());
    none_left(&wrong);
}

#[test]
fn the_sources_inside_tell_all_but_where_variables_got_their_values() {
    let mut wrong = Vec::new();
    for both in both() {
        let alone = schema_of(&both.case);
        wrong.extend(both.differences(&cases::analysis(&both.case, &both.tree), &alone));
    }
    wrong.retain(|difference| !difference.is_better_told() && !difference.misses_variable_files());
    none_left(&wrong);
}

#[test]
fn the_same_sources_nearby_tell_that_too_and_others_are_not_asked() {
    let mut wrong = Vec::new();
    for both in both() {
        let nearby = schema_of(&both.case).config_nearby(&both.tree);
        wrong.extend(both.differences(&cases::analysis(&both.case, &both.tree), &nearby));

        let mut other = both.tree.clone();
        other.insert("elsewhere.tf", "locals {}");
        let (alone, nearby) = (schema_of(&both.case), schema_of(&both.case).config_nearby(&other));
        let drift = |analysis: &Analysis<'_>| json(&analysis.drift(&both.saved).unwrap());
        assert_eq!(drift(&alone), drift(&nearby), "{}", both.case.name);
    }
    wrong.retain(|difference| !difference.is_better_told());
    none_left(&wrong);
}

#[test]
fn a_destroy_plan_tells_what_changed_outside() {
    let case = fixtures::case("drift/destroy").unwrap();
    let report = Analysis::new().drift(&Source::new("plan", case.bytes("plan.tfplan").unwrap())).unwrap();
    assert_eq!(report.resources[0].class.unwrap().as_str(), "superseded");
    assert_eq!(report.input.mode_evidence.as_deref(), Some("saved_plan"));
}

#[test]
fn a_stale_saved_plan_is_refused_for_its_serial() {
    let case = fixtures::case("gate/state_moved_on").unwrap();
    let gate = case.meta.gate.clone().unwrap();
    let report =
        gated::about(&case, &gate, Analysis::new(), &Source::new("plan", case.bytes("plan.tfplan").unwrap()));
    let stale = report.findings.iter().find(|finding| finding.code == "TL505").unwrap();
    assert_eq!(stale.severity.as_str(), "deny");
    assert!(stale.message.contains("serial"), "{}", stale.message);
}

#[test]
fn an_opentofu_plan_says_whether_it_is_complete_once_it_is_saved() {
    let case = fixtures::case("opentofu/real_drift").unwrap();
    let complete = |file: &str| {
        Analysis::new().drift(&Source::new("plan", case.bytes(file).unwrap())).unwrap().input.complete
    };
    assert_eq!((complete("plan.json"), complete("plan.tfplan")), (None, Some(true)));
}

#[test]
fn an_approval_of_one_form_covers_the_other() {
    let mut approved = 0;
    for both in both().into_iter().filter(|both| both.case.meta.gate.is_some()) {
        let analysis = cases::analysis(&both.case, &both.tree);
        let terms = tidelock::approval::Terms { salt: [7; 16].into(), key: None, by: None };
        for (given, asked) in [(&both.shown, &both.saved), (&both.saved, &both.shown)] {
            let approval = analysis.approve(given, &terms).unwrap().approval;
            let file = serde_json::to_vec(&approval).unwrap();
            let verified = tidelock::approval::Verified::read(&Source::new("a", file), None).unwrap();
            let report = analysis.clone().approval(verified).gate(asked).unwrap();
            let refused: Vec<_> = report.findings.iter().filter(|f| f.code == "TL507").collect();
            assert!(refused.is_empty(), "{}: {refused:?}", both.case.name);
            approved += 1;
        }
    }
    assert!(approved > 100);
}

/// What stands in a member must not come out, wherever it is marked or looks like what it is.
#[test]
fn a_secret_of_any_member_appears_in_no_report() {
    const SECRET: &str = "hunter2-correct-horse";
    let key = "-----BEGIN RSA PRIVATE KEY-----\nhunter2aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ\n-----END RSA PRIVATE KEY-----";
    let provider = "registry.terraform.io/example/orchard";
    let object = |secret: &str, size: u64| serde_json::json!({ "secret": secret, "key": key, "size": size });
    let entry = |actions: &[&str], before: Json, after: Json| {
        serde_json::json!({
            "address": "orchard_tree.a", "provider_name": provider,
            "change": {
                "actions": actions, "before": before, "after": after, "replace_paths": [["size"]],
                "before_sensitive": { "secret": true }, "after_sensitive": { "secret": true },
            }
        })
    };
    let plan = serde_json::json!({
        "terraform_version": "1.11.4", "timestamp": "2026-01-01T00:00:00Z", "applyable": true, "complete": true,
        "variables": { "v": { "value": SECRET } },
        "resource_drift": [entry(&["update"], object(SECRET, 1), object("hunter2-other", 2))],
        "resource_changes": [entry(&["delete", "create"], object("hunter2-other", 2), object("hunter2-new", 1))],
        "output_changes": { "o": { "actions": ["create"], "after": SECRET, "after_sensitive": true } },
    });
    let text = format!(
        "variable \"v\" {{\n  sensitive = true\n}}\nlocals {{\n  a = \"{SECRET}\"\n}}\nresource \"orchard_tree\" \"a\" {{\n  secret = \"hunter2-new\"\n  size = 1\n}}\n"
    );
    let state = serde_json::json!({
        "version": 4, "serial": 1, "lineage": "l", "outputs": { "o": { "value": SECRET, "type": "string", "sensitive": true } },
        "resources": [{ "mode": "managed", "type": "orchard_tree", "name": "a", "provider": format!("provider[{provider:?}]"),
            "instances": [{ "attributes": object("hunter2-other", 2), "private": "aHVudGVyMg==" }] }],
    });
    let saved = SavedPlan {
        state: state.to_string().into(),
        modules: vec![(String::new(), ".".to_owned(), vec![("main.tf".to_owned(), text)])],
        ..SavedPlan::of(plan.to_string())
    };
    let source = Source::new("plan.tfplan", saved.file());
    for mode in [0, 1] {
        let source = if mode == 0 {
            source.clone()
        } else {
            Source::new("p", SavedPlan { mode, ..saved.clone() }.file())
        };
        for report in [Analysis::new().drift(&source).unwrap(), Analysis::new().gate(&source).unwrap()] {
            let mut out = Vec::new();
            render::json::report(&report, &mut out).unwrap();
            let options = render::human::Options {
                detail: render::Detail::Verbose,
                ..render::human::Options::default()
            };
            render::human::report(&report, &options, &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains("orchard_tree.a"), "the report speaks of it");
            assert!(!out.contains("hunter2"), "{out}");
        }
    }
}
