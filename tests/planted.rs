//! Planted secrets, marked and unmarked, in every kind of input: none comes out, whatever is asked. And what only looks
//! like a secret is shown.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]
#![allow(
    clippy::format_collect,
    clippy::from_iter_instead_of_collect,
    reason = "texts are made once here, and read better so"
)]

#[allow(dead_code, reason = "sources are loaded and asked about here in another way")]
mod outputs;
mod plants;

use std::collections::BTreeMap;

use plants::Plant;
use serde_json::{Map, Value as Json, json};
use tidelock::{
    Analysis, Baseline, Command, Configuration, Lock, Policy, Source, Stream, approval::Verified,
    config::MemoryTree,
};
use tidelock_testkit::saved::SavedPlan;

const PROVIDER: &str = "registry.terraform.io/example/orchard";

/// The plants of each kind, so that one input holds all of a kind.
fn by_kind() -> BTreeMap<&'static str, Vec<Plant>> {
    let mut kinds: BTreeMap<&str, Vec<Plant>> = BTreeMap::new();
    for plant in plants::secrets() {
        kinds.entry(plant.kind).or_default().push(plant);
    }
    let all: usize = kinds.values().map(Vec::len).sum();
    assert!(kinds.len() >= 30 && all >= 200, "{} kinds, {all} secrets", kinds.len());
    kinds
}

/// Plain words, which nothing but a mark makes a secret.
fn words() -> Vec<Plant> {
    let word = |at: usize| format!("correct-horse-{at}-battery");
    let plant = |at| Plant { kind: "words", name: "motto", text: word(at), secret: word(at) };
    (0..7).map(plant).collect()
}

/// What is asked about all of one kind comes back without any of them.
fn holds_none(said: &str, plants: &[Plant], at: &str) {
    for plant in plants {
        // JSON, debug and DOT escape line breaks and quotes; the secrets have none.
        if let Some(found) = said.find(&plant.secret) {
            let before: String = said[..found].chars().rev().take(200).collect();
            let before: String = before.chars().rev().collect();
            panic!("{at}: {} of {} comes out behind: {before}", plant.secret, plant.kind);
        }
    }
}

/// Shared by all questions, with what it has decoded of schemas and facts.
fn analysis() -> Analysis<'static> {
    thread_local! {
        static ONE: Analysis<'static> = Analysis::new();
    }
    ONE.with(Clone::clone)
}

fn ask(analysis: &Analysis<'_>, source: &Source, plants: &[Plant], at: &str) -> outputs::Said {
    let said = outputs::about(analysis, source);
    holds_none(&said.text, plants, at);
    holds_none(&said.complaints(), plants, at);
    said
}

/// An object with a plant wherever one may stand; `turn` makes the texts of two objects differ.
fn object(plant: &Plant, turn: &str) -> Json {
    let text = if plant.name == "description" || plant.text.contains('\n') || plant.text.contains(' ') {
        format!("{}\n{turn}", plant.text)
    } else {
        plant.text.clone()
    };
    json!({
        plant.name: text, "id": format!("i-{turn}"), "label": turn,
        "list": [{ plant.name: text }], "map": { plant.name: text }, "size": turn.len(),
    })
}

/// The same object, all marked but `label`.
fn marks(plant: &Plant) -> Json {
    json!({ plant.name: true, "list": true, "map": { plant.name: true } })
}

fn plan(plants: &[Plant], marked: bool) -> Json {
    let entry = |at: usize, plant: &Plant, actions: &[&str], before: &str, after: &str| {
        let marks = if marked { marks(plant) } else { json!({}) };
        json!({
            "address": format!("orchard_tree.t{at}"), "mode": "managed", "type": "orchard_tree", "name": format!("t{at}"),
            "provider_name": PROVIDER,
            "change": {
                "actions": actions, "before": object(plant, before), "after": object(plant, after), "after_unknown": {},
                "before_sensitive": marks, "after_sensitive": marks, "replace_paths": [["label"]],
            }
        })
    };
    let actions = |at: usize| if at.is_multiple_of(2) { &["delete", "create"][..] } else { &["update"] };
    let each = || plants.iter().enumerate();
    let drift: Vec<Json> = each().map(|(at, plant)| entry(at, plant, &["update"], "one", "other")).collect();
    let changes: Vec<Json> =
        each().map(|(at, plant)| entry(at, plant, actions(at), "other", "third")).collect();
    let outputs = each().map(|(at, plant)| {
        let change = json!({
            "actions": ["create"], "before": null, "after": { plant.name: plant.text }, "after_unknown": false,
            "before_sensitive": marked, "after_sensitive": marked,
        });
        (format!("o{at}"), change)
    });
    let variables =
        each().map(|(at, plant)| (format!("v{at}"), json!({ "value": { plant.name: plant.text } })));
    let declared = each().map(|(at, _)| (format!("v{at}"), json!({ "sensitive": marked })));
    let prior: Vec<Json> = each()
        .map(|(at, plant)| {
            json!({
                "address": format!("orchard_tree.t{at}"), "mode": "managed", "type": "orchard_tree",
                "name": format!("t{at}"), "provider_name": PROVIDER, "values": object(plant, "other"),
                "sensitive_values": if marked { marks(plant) } else { json!({}) },
            })
        })
        .collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-01-01T00:00:00Z",
        "applyable": true, "complete": true, "errored": false, "planned_values": { "root_module": {} },
        "variables": Map::from_iter(variables), "resource_drift": drift, "resource_changes": changes,
        "output_changes": Map::from_iter(outputs),
        "prior_state": { "format_version": "1.0", "values": { "root_module": { "resources": prior } } },
        "configuration": { "root_module": { "variables": Map::from_iter(declared) } },
    })
}

fn state(plants: &[Plant], marked: bool) -> Json {
    let resources = plants.iter().enumerate().map(|(at, plant)| {
        let paths: Vec<Json> = [plant.name, "list", "map"]
            .iter()
            .map(|name| json!([{ "type": "get_attr", "value": name }]))
            .collect();
        json!({
            "mode": "managed", "type": "orchard_tree", "name": format!("t{at}"),
            "provider": format!("provider[{PROVIDER:?}]"),
            "instances": [{
                "schema_version": 0, "attributes": object(plant, "one"), "private": "e30=",
                "sensitive_attributes": if marked { json!(paths) } else { json!([]) },
            }],
        })
    });
    let outputs = plants.iter().enumerate().map(|(at, plant)| {
        let output = json!({ "value": plant.text, "type": "string", "sensitive": marked });
        (format!("o{at}"), output)
    });
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "0f0e0d0c-0000-4000-8000-000000000001",
        "outputs": Map::from_iter(outputs), "resources": resources.collect::<Vec<_>>(), "check_results": null,
    })
}

/// Sources that set the attributes, and that the reports name lines of.
fn sources(plants: &[Plant]) -> String {
    let block = |(at, plant): (usize, &Plant)| {
        let text = hcl(&plant.text);
        let name = plant.name;
        format!(
            "variable \"v{at}\" {{\n  default = {{ {name} = {text} }}\n}}\nlocals {{\n  l{at} = {{ {name} = {text} }}\n}}\n\
             resource \"orchard_tree\" \"t{at}\" {{\n  {name} = {text}\n  label = \"third\"\n  map = local.l{at}\n}}\n"
        )
    };
    plants.iter().enumerate().map(block).collect()
}

/// A text between the quotes of HCL.
fn hcl(text: &str) -> String {
    let mut out = json!(text).to_string();
    out = out.replace("${", "$${").replace("%{", "%%{");
    out
}

fn log(plants: &[Plant]) -> String {
    let mut lines = vec![json!({ "terraform": "1.11.4", "ui": "1.2", "type": "version", "@level": "info" })];
    for (at, plant) in plants.iter().enumerate() {
        let told = plant.told();
        let resource = json!({
            "addr": format!("orchard_tree.t{at}"), "module": "", "resource": format!("orchard_tree.t{at}"),
            "implied_provider": "orchard", "resource_type": "orchard_tree", "resource_name": format!("t{at}"),
        });
        let change = json!({ "resource": resource, "action": "update" });
        lines.push(json!({ "type": "resource_drift", "change": change, "@message": told, "@level": "info" }));
        lines.push(json!({ "type": "planned_change", "change": change, "@message": told, "@level": "info" }));
        let hook = json!({
            "resource": resource, "action": "update", "id_key": plant.name, "id_value": plant.text, "elapsed_seconds": 1,
        });
        lines.push(json!({ "type": "apply_start", "hook": hook, "@message": told }));
        let end = if at.is_multiple_of(2) { "apply_complete" } else { "apply_errored" };
        lines.push(json!({ "type": end, "hook": hook, "@message": told }));
        lines.push(json!({
            "type": "diagnostic", "@level": "error", "@message": told,
            "diagnostic": {
                "severity": "error", "summary": format!("it failed: {told}"),
                "detail": format!("the answer was\n{told}"), "address": format!("orchard_tree.t{at}"),
                "snippet": {
                    "context": "resource \"orchard_tree\"", "code": format!("{} = {}", plant.name, hcl(&plant.text)),
                    "start_line": 1, "highlight_start_offset": 0, "highlight_end_offset": 1,
                    "values": [{ "traversal": format!("var.{}", plant.name), "statement": format!("is {told}") }],
                },
            },
        }));
        lines.push(json!({
            "type": "outputs", "@message": told,
            "outputs": { format!("o{at}"): { "sensitive": false, "type": "string", "value": told, "action": "create" } },
        }));
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

fn everything_about_inputs(plants: &[Plant], marked: bool) {
    let kind = plants[0].kind;
    let (plan, state) = (plan(plants, marked), state(plants, marked));
    let shown = Source::new("plan.json", plan.to_string());
    let held = Source::new("state.json", state.to_string());
    ask(&analysis(), &held, plants, "state");
    let saved = SavedPlan {
        state: state.to_string().into(),
        modules: vec![(String::new(), ".".to_owned(), vec![("main.tf".to_owned(), sources(plants))])],
        ..SavedPlan::of(plan.to_string())
    };
    let said = ask(&analysis(), &Source::new("plan.tfplan", saved.file()), plants, "saved plan");
    assert_eq!(said.reports, 2, "{kind}: {:?}", said.refusals);

    let tree = MemoryTree::from([("main.tf", sources(plants))]);
    let beside = analysis().state(&held).unwrap().config(&tree);
    let said = ask(&beside, &shown, plants, "plan JSON with sources beside a state");
    assert_eq!(said.reports, 2, "{kind}: {:?}", said.refusals);
    assert!(said.text.contains("orchard_tree.t1"), "the report speaks of it");
}

#[test]
fn unmarked_secrets_that_a_form_or_name_gives_away_are_in_no_output() {
    for plants in by_kind().values() {
        everything_about_inputs(plants, false);
    }
}

#[test]
fn marked_values_are_in_no_output_whatever_they_look_like() {
    for plants in by_kind().into_values().chain([words()]) {
        everything_about_inputs(&plants, true);
    }
}

#[test]
fn secrets_in_the_log_of_a_run_are_in_no_output() {
    for plants in by_kind().values() {
        let source = Source::new("apply.jsonl", log(plants));
        let said = ask(&analysis(), &source, plants, "log of a run");
        assert!(said.text.contains("orchard_tree.t1"), "the log speaks of it");
        let stream = Stream::read(&source, tidelock::Input::read(&source).unwrap().documents[0].text);
        holds_none(&format!("{stream:?} {:?}", stream.apply()), plants, "log of a run, printed");
    }
}

#[test]
fn what_is_wrong_with_an_input_is_told_without_its_secrets() {
    for plants in by_kind().values() {
        for text in [plan(plants, false).to_string(), state(plants, false).to_string(), log(plants)] {
            for cut in [text.len() / 3, text.len() / 2, text.len() - 2] {
                let cut = text.floor_char_boundary(cut);
                ask(&analysis(), &Source::new("cut", text[..cut].to_owned()), plants, "a cut file");
            }
        }
        // As what it is not.
        let text = plan(plants, false).to_string();
        let source = Source::new("other", text.clone());
        holds_none(&outputs::complaint(&Baseline::read(&source).unwrap_err()), plants, "baseline");
        holds_none(&outputs::complaint(&Verified::read(&source, None).unwrap_err()), plants, "approval");
        holds_none(&outputs::complaint(&analysis().schema(&source).map(drop).unwrap_err()), plants, "schema");
    }
}

#[test]
fn what_is_wrong_with_sources_and_settings_is_told_without_their_secrets() {
    for plants in by_kind().values() {
        for plant in plants {
            let text = hcl(&plant.text);
            let broken = format!("resource \"a\" \"b\" {{\n  {} = {text} oops\n", plant.name);
            let twice = format!(
                "resource \"a\" \"b\" {{ {} = {text} }}\nresource \"a\" \"b\" {{ {} = {text} }}\n",
                plant.name, plant.name
            );
            for source in [broken, twice] {
                let configuration =
                    Configuration::load(&MemoryTree::from([("main.tf", source)]), &BTreeMap::new());
                for problem in configuration.diagnostics() {
                    holds_none(&outputs::complaint(problem), plants, "sources");
                }
            }
            for toml in [
                format!("{} = {}\n", plant.name, json!(plant.text)),
                format!("[severity]\nTL202 = {}\n", json!(plant.told())),
                format!("fail_on = [{}", json!(plant.told())),
            ] {
                if let Err(error) = Policy::parse("tidelock.toml", &toml) {
                    holds_none(&outputs::complaint(&error), plants, "policy");
                }
                if let Err(error) = Lock::read(&Source::new("tidelock.lock", toml)) {
                    holds_none(&outputs::complaint(&error), plants, "lock");
                }
            }
        }
    }
}

#[test]
fn at_most_one_percent_of_what_only_looks_like_a_secret_is_hidden() {
    let values = plants::harmless();
    assert!(values.len() >= 500);
    let entries: Vec<Json> = values
        .iter()
        .enumerate()
        .map(|(at, (name, text))| {
            json!({
                "address": format!("orchard_tree.t{at}"), "mode": "managed", "type": "orchard_tree",
                "name": format!("t{at}"), "provider_name": PROVIDER,
                "change": {
                    "actions": ["update"], "before": { *name: "before" }, "after": { *name: text }, "after_unknown": {},
                    "before_sensitive": {}, "after_sensitive": {},
                },
            })
        })
        .collect();
    let plan = json!({ "format_version": "1.2", "planned_values": {}, "resource_drift": entries, "resource_changes": [] });
    let report = analysis().drift(&Source::new("plan.json", plan.to_string())).unwrap();
    assert_eq!(report.command, Command::Drift);
    let mut out = Vec::new();
    tidelock::render::json::report(&report, &mut out).unwrap();
    let said: Json = serde_json::from_slice(&out).unwrap();
    let said = said.to_string();
    let hidden: Vec<_> = values.iter().filter(|(_, text)| !said.contains(&json!(text).to_string())).collect();
    assert!(hidden.len() * 100 <= values.len(), "{} of {}: {hidden:?}", hidden.len(), values.len());
}
