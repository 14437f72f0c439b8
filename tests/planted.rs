//! Planted secrets, marked and unmarked, in every kind of input: none comes out, whatever is asked. And what only looks
//! like a secret is shown.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

#[allow(dead_code, reason = "sources are loaded and asked about here in another way")]
mod outputs;
mod plants;

use std::collections::BTreeMap;

use plants::{
    Plant,
    files::{hcl, log, plan, sources, state},
};
use serde_json::{Value as Json, json};
use tidelock::{
    Analysis, Baseline, Command, Configuration, Lock, Policy, Source, Stream, approval::Verified,
    config::MemoryTree,
};
use tidelock_testkit::saved::SavedPlan;

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
                "name": format!("t{at}"), "provider_name": plants::files::PROVIDER,
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
