//! What `tidelock::diff` says, held against facts about the recorded artifacts and about small ones made here.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use std::{collections::BTreeSet, fs};

use serde_json::{Value as Json, json};
use tidelock::{
    Artifact, Comparison, Diff, Named, Plan, PlanSide, Shown, Source,
    comparison::{Change, Compared, DiffVerdict, Fact, MoveEvidence, PathDiff, Presence},
    plan::ResourceChange,
};
use tidelock_testkit::fixtures::{self, Case};

const ARTIFACTS: [&str; 5] =
    ["plan.json", "state.json", "state.show.json", "state.before.json", "terraform.tfstate"];

fn source(case: &Case, file: &str) -> Source {
    Source::new(file, case.bytes(file).unwrap())
}

fn made(name: &str, json: &Json) -> Source {
    Source::new(name, json.to_string().into_bytes())
}

fn diff(from: &Source, to: &Source, side: PlanSide) -> Diff {
    let [left, right] = [from, to].map(|source| tidelock::read_artifact(source).unwrap());
    let mut comparison = Comparison::new();
    comparison.plan_side = side;
    comparison
        .diff(Named { name: from.name(), artifact: &left }, Named { name: to.name(), artifact: &right })
        .unwrap()
}

/// Every recorded artifact that can be compared, case by case.
fn recorded() -> impl Iterator<Item = (Case, Vec<Source>)> {
    fixtures::all().unwrap().into_iter().map(|case| {
        let found = ARTIFACTS.iter().filter(|file| case.has(file)).map(|file| source(&case, file));
        let found = found.filter(|source| tidelock::read_artifact(source).is_ok()).collect();
        (case, found)
    })
}

#[test]
fn an_artifact_does_not_differ_from_itself() {
    let mut seen = 0;
    for (case, sources) in recorded() {
        for source in &sources {
            for side in [PlanSide::After, PlanSide::Before] {
                let found = diff(source, source, side);
                assert_eq!(found.verdict, DiffVerdict::Same, "{} {}", case.name, source.name());
                assert!(found.resources.is_empty() && found.outputs.is_empty() && found.checks.is_empty());
                seen += 1;
            }
        }
    }
    assert!(seen > 800, "only {seen}");
}

#[test]
fn a_raw_state_and_its_json_form_do_not_differ() {
    let mut seen = 0;
    for (case, _) in recorded().filter(|(case, _)| case.has("state.json") && case.has("state.show.json")) {
        let [raw, json] = ["state.json", "state.show.json"].map(|file| source(&case, file));
        let found = diff(&raw, &json, PlanSide::After);
        assert_eq!(found.verdict, DiffVerdict::Same, "{}: {:?}", case.name, found.resources);
        seen += 1;
    }
    assert!(seen > 100, "only {seen}");
}

/// A plan in both forms; needs what reads saved plans.
#[cfg(feature = "planfile")]
#[test]
fn a_saved_plan_and_its_json_form_do_not_differ() {
    let mut seen = 0;
    for case in
        fixtures::all().unwrap().iter().filter(|case| case.has("plan.json") && case.has("plan.tfplan"))
    {
        let [json, saved] = ["plan.json", "plan.tfplan"].map(|file| source(case, file));
        let Ok(Artifact::Plan(plan)) = tidelock::read_artifact(&saved) else { continue };
        // Of a plan that destroys everything, only the saved form tells what drifted.
        if plan.recorded().is_some_and(|saved| saved.mode == tidelock::plan::PlanningMode::Destroy) {
            continue;
        }
        for side in [PlanSide::After, PlanSide::Before] {
            let found = diff(&json, &saved, side);
            assert_eq!(found.verdict, DiffVerdict::Same, "{} {side}: {:?}", case.name, found.resources);
        }
        seen += 1;
    }
    assert!(seen > 150, "only {seen}");
}

/// What a comparison says, without what depends on the direction, mirrored on demand.
fn told(found: &Diff, mirrored: bool) -> BTreeSet<String> {
    let turned = |change: Change| match change {
        Change::Added if mirrored => Change::Removed,
        Change::Removed if mirrored => Change::Added,
        other => other,
    };
    let pair =
        |from: &str, to: &str| if mirrored { format!("{to} > {from}") } else { format!("{from} > {to}") };
    let shown = |shown: &Shown| serde_json::to_string(shown).unwrap();
    let values = |path: &PathDiff| match (&path.from, &path.to) {
        (Shown::Redacted { same: a }, Shown::Redacted { same: b }) => format!("redacted {}", a == b),
        (from, to) => pair(&shown(from), &shown(to)),
    };
    let presence = |presence: Option<Presence>| match presence {
        Some(Presence::FromOnly) if mirrored => Some(Presence::ToOnly),
        Some(Presence::ToOnly) if mirrored => Some(Presence::FromOnly),
        other => other,
    };
    let mut all = BTreeSet::from([found.verdict.to_string()]);
    for resource in &found.resources {
        let to = resource.address.to_string();
        let from = resource.from_address.as_ref().map_or_else(|| to.clone(), ToString::to_string);
        let place = format!("{} {:?}", pair(&from, &to), resource.deposed);
        all.insert(format!(
            "{place} {} {:?} {}",
            turned(resource.change),
            resource.moved_by,
            resource.other_id
        ));
        for fact in &resource.facts {
            let side = |side: &Option<String>| side.clone().unwrap_or_default();
            all.insert(format!("{place} {} {}", fact.fact, pair(&side(&fact.from), &side(&fact.to))));
        }
        for path in &resource.paths {
            let counts = path.elements.as_ref().map(|elements| {
                let (added, removed) = (elements.added.len(), elements.removed.len());
                (if mirrored { (removed, added) } else { (added, removed) }, elements.moved.len())
            });
            all.insert(format!(
                "{place} {} {:?} {} {counts:?} {:?} {:?}",
                path.path,
                path.aspects,
                values(path),
                path.normalisers,
                presence(path.presence)
            ));
        }
    }
    for output in &found.outputs {
        all.insert(format!("output {} {}", output.name, output.cosmetic));
    }
    all
}

#[test]
fn what_differs_one_way_differs_the_other_way() {
    let (mut pairs, mut different, mut before) = (0, 0, None::<Source>);
    for (case, sources) in recorded() {
        let last = sources.first().cloned();
        // Those of the case, and a plan against that of the case before, which has little to do with it.
        let mut all: Vec<(Source, Source)> = Vec::new();
        for (at, a) in sources.iter().enumerate() {
            all.extend(sources.iter().skip(at + 1).map(|b| (a.clone(), b.clone())));
        }
        all.extend(before.take().zip(last.clone()));
        before = last;
        for (a, b) in all {
            for side in [PlanSide::After, PlanSide::Before] {
                let (one, other) = (diff(&a, &b, side), diff(&b, &a, side));
                assert_eq!(told(&one, false), told(&other, true), "{} {} {}", case.name, a.name(), b.name());
                pairs += 1;
                different += usize::from(one.verdict == DiffVerdict::Different);
            }
        }
    }
    assert!(pairs > 1_000 && different > 300, "{different} of {pairs}");
}

#[test]
fn a_plan_starts_from_what_drifted_since_the_state_before_it() {
    let (mut seen, mut drifted, mut wrong) = (0, 0, Vec::new());
    for (case, _) in recorded().filter(|(case, _)| case.has("plan.json") && case.has("state.before.json")) {
        let [state, plan] = ["state.before.json", "plan.json"].map(|file| source(&case, file));
        let Ok(Artifact::Plan(read)) = tidelock::read_artifact(&plan) else { panic!("{}", case.name) };
        let found = diff(&state, &plan, PlanSide::Before);
        let expected = drift(&read);
        let moved = |change: &ResourceChange| change.previous_address.is_some() || change.importing;
        let moved = read.changes().iter().any(moved);
        // A plan that destroys everything does not tell what drifted; moves and imports show, too.
        if found.to.mode == Some(tidelock::report::PlanMode::Destroy) || moved {
            continue;
        }
        let told: BTreeSet<String> = found.resources.iter().map(|one| one.address.to_string()).collect();
        if told != expected {
            wrong.push(format!("{}: {told:?}, drifted {expected:?}", case.name));
        }
        seen += 1;
        drifted += usize::from(!expected.is_empty());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 100 && drifted > 40, "{drifted} of {seen}");
}

/// The instances that refresh found to differ in more than marks.
fn drift(plan: &Plan) -> BTreeSet<String> {
    let differs = |change: &&ResourceChange| {
        let values = change.values(plan.source()).unwrap();
        values.before != values.after && change.address.mode == tidelock::Mode::Managed
    };
    plan.drift().iter().filter(differs).map(|change| change.address.to_string()).collect()
}

fn state(serial: u64, lineage: &str, resources: &Json) -> Json {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": lineage, "outputs": {}, "resources": resources})
}

fn object(name: &str, attributes: &Json) -> Json {
    json!({"mode": "managed", "type": "aws_instance", "name": name,
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{"schema_version": 1, "attributes": attributes}]})
}

fn states(a: &Json, b: &Json) -> Diff {
    diff(&made("a", a), &made("b", b), PlanSide::After)
}

#[test]
fn another_lineage_is_a_difference_and_another_serial_is_none() {
    let one = json!([object("a", &json!({"id": "i-1"}))]);
    let found = states(&state(1, "x", &one), &state(2, "x", &one));
    assert_eq!((found.verdict, found.header.other_serial), (DiffVerdict::Same, true));
    let found = states(&state(1, "x", &one), &state(1, "y", &one));
    assert_eq!(
        (found.verdict, found.exit_code, found.header.other_lineage),
        (DiffVerdict::Different, 2, true)
    );
    assert!(found.notes.iter().any(|note| note.code == "diff::other_lineage"));
    let found = states(&state(1, "", &one), &state(1, "y", &one));
    assert_eq!(found.verdict, DiffVerdict::Same, "an empty lineage says nothing");
}

#[test]
fn an_object_under_another_address_moved_if_its_id_is_its_own() {
    let a = state(1, "x", &json!([object("old", &json!({"id": "i-1"}))]));
    let b = state(2, "x", &json!([object("new", &json!({"id": "i-1"}))]));
    let found = states(&a, &b);
    let moved = &found.resources[0];
    assert_eq!((moved.change, moved.moved_by), (Change::Moved, Some(MoveEvidence::Identity)));
    assert_eq!(moved.from_address.as_ref().unwrap().to_string(), "aws_instance.old");
    // Two objects with one id are told apart by nothing.
    let twice = json!([object("new", &json!({"id": "i-1"})), object("newer", &json!({"id": "i-1"}))]);
    let found = states(&a, &state(2, "x", &twice));
    let changes: Vec<Change> = found.resources.iter().map(|resource| resource.change).collect();
    assert_eq!(changes, [Change::Added, Change::Added, Change::Removed]);
}

#[test]
fn a_taint_counts_and_the_version_of_a_schema_does_not() {
    let plain = state(1, "x", &json!([object("a", &json!({"id": "i-1"}))]));
    let mut tainted = plain.clone();
    tainted["resources"][0]["instances"][0]["status"] = "tainted".into();
    let found = states(&plain, &tainted);
    assert_eq!((found.verdict, found.resources[0].facts[0].fact), (DiffVerdict::Different, Fact::Tainted));
    let mut upgraded = plain.clone();
    upgraded["resources"][0]["instances"][0]["schema_version"] = 2.into();
    let found = states(&plain, &upgraded);
    assert_eq!((found.verdict, found.resources[0].change), (DiffVerdict::Cosmetic, Change::Cosmetic));
}

#[test]
fn what_differs_only_in_form_is_listed_and_does_not_count() {
    let of = |policy: &str| state(1, "x", &json!([object("a", &json!({"id": "i-1", "user_data": policy}))]));
    let found = states(&of(r#"{"a":1,"b":2}"#), &of(r#"{ "b": 2, "a": 1 }"#));
    assert_eq!((found.verdict, found.exit_code, found.summary.cosmetic_paths), (DiffVerdict::Cosmetic, 0, 1));
    assert_eq!(found.resources[0].paths[0].cosmetic.unwrap().as_str(), "json");
}

#[test]
fn another_id_at_the_same_address_may_be_another_object() {
    let of = |id: &str| state(1, "x", &json!([object("a", &json!({"id": id}))]));
    assert!(states(&of("i-1"), &of("i-2")).resources[0].other_id);
}

#[test]
fn no_bytes_are_no_state() {
    let one = made("a", &state(1, "x", &json!([object("a", &json!({"id": "i-1"}))])));
    let nothing = Source::new("empty", Vec::new());
    let found = diff(&nothing, &one, PlanSide::After);
    assert_eq!((found.exit_code, found.summary.added), (2, 1));
    assert!(found.notes.iter().any(|note| note.code == "diff::no_state"));
    assert_eq!(diff(&nothing, &nothing, PlanSide::After).exit_code, 0);
}

fn plan(changes: &Json) -> Json {
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}}, "resource_changes": changes})
}

fn change(name: &str, actions: &[&str], before: &Json, after: &Json, unknown: &Json) -> Json {
    json!({"address": format!("aws_instance.{name}"), "mode": "managed", "type": "aws_instance", "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown,
            "before_sensitive": {}, "after_sensitive": {}}})
}

#[test]
fn a_plan_leads_to_the_state_after_its_apply() {
    let plan = plan(&json!([
        change("new", &["create"], &Json::Null, &json!({"ami": "x"}), &json!({"id": true})),
        change("gone", &["delete"], &json!({"id": "i-2"}), &Json::Null, &json!({})),
    ]));
    let after = state(2, "x", &json!([object("new", &json!({"ami": "x", "id": "i-9"}))]));
    let found = diff(&made("plan", &plan), &made("state", &after), PlanSide::After);
    assert_eq!((found.verdict, found.compared), (DiffVerdict::Same, Compared::StateAndPlan));
    let other = state(2, "x", &json!([object("new", &json!({"ami": "y", "id": "i-9"}))]));
    let found = diff(&made("plan", &plan), &made("state", &other), PlanSide::After);
    let paths: Vec<String> = found.resources[0].paths.iter().map(|path| path.path.to_string()).collect();
    assert_eq!((paths, found.summary.until_apply), (vec!["ami".to_owned()], 1));
}

#[test]
fn planning_again_differs_in_actions_found_and_planned_values() {
    let (old, new) = (json!({"id": "i", "ami": "x"}), json!({"id": "i", "ami": "y"}));
    let quiet = plan(&json!([change("a", &["no-op"], &old, &old, &json!({}))]));
    let busy = plan(&json!([change("a", &["update"], &old, &new, &json!({}))]));
    let found = diff(&made("a", &quiet), &made("b", &busy), PlanSide::After);
    let resource = &found.resources[0];
    assert_eq!((found.compared, resource.facts[0].fact), (Compared::Plans, Fact::Action));
    let aspects: Vec<&str> = resource.paths[0].aspects.iter().map(|aspect| aspect.as_str()).collect();
    assert_eq!(aspects, ["planned"]);
    assert_eq!(diff(&made("a", &quiet), &made("b", &busy), PlanSide::Before).exit_code, 0);
}

#[test]
fn secrets_compare_by_value_and_show_a_letter() {
    let of = |secret: &str| {
        let mut state =
            state(1, "x", &json!([object("a", &json!({"id": "i", "user_data": secret, "note": secret}))]));
        state["resources"][0]["instances"][0]["sensitive_attributes"] =
            json!([[{"type": "get_attr", "value": "user_data"}]]);
        state
    };
    let found = states(&of("hunter2-one"), &of("hunter2-two"));
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(found.summary.paths, 2);
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(states(&of("hunter2-one"), &of("hunter2-one")).verdict, DiffVerdict::Same);
}

#[test]
fn a_recorded_secret_is_in_no_answer() {
    let (mut seen, mut before) = (0, None::<Source>);
    for (case, sources) in recorded() {
        let secret = |source: &&Source| source.bytes().windows(7).any(|bytes| bytes == b"hunter2");
        for one in sources.iter().filter(secret) {
            for other in sources.iter().chain(&before) {
                for side in [PlanSide::After, PlanSide::Before] {
                    let found = diff(one, other, side);
                    let text = serde_json::to_string(&found).unwrap();
                    assert!(!text.contains("hunter2"), "{} {} {}", case.name, one.name(), other.name());
                    seen += 1;
                }
            }
        }
        before = sources.into_iter().next();
    }
    assert!(seen > 40, "only {seen}");
}

#[test]
fn the_answer_is_the_same_every_time() {
    let case = fixtures::case("drift/mixed_stack").unwrap();
    let [a, b] = ["state.before.json", "plan.json"].map(|file| source(&case, file));
    let once = || serde_json::to_string(&diff(&a, &b, PlanSide::After)).unwrap();
    assert_eq!(once(), once());
    // The order of a state says nothing.
    let mut turned: Json =
        serde_json::from_slice(&fs::read(case.path("state.before.json")).unwrap()).unwrap();
    turned["resources"].as_array_mut().unwrap().reverse();
    assert_eq!(diff(&a, &made("turned", &turned), PlanSide::After).verdict, DiffVerdict::Same);
}
