//! One test a row of the table, named after it.

use tidelock_parse::ResourceAddr;

use super::*;
use crate::{
    catalogue::{Catalogue, Facts},
    compare::{Desired, Shape, compare},
    evidence::TypeShapes,
};

struct World {
    setting: Setting,
    evidence: Evidence,
    owner: Option<Owner>,
    ignored: bool,
    companion: bool,
    facts: Facts,
}

fn world() -> World {
    World {
        setting: Setting::NotSet,
        evidence: Evidence::Sources,
        owner: None,
        ignored: false,
        companion: false,
        facts: Catalogue::builtin().lookup("proxmox_virtual_environment_vm", []),
    }
}

impl Knowledge for World {
    fn shape(&self, _: &AttrPath) -> Shape {
        Shape::Unknown
    }
    fn owner(&self, _: &AttrPath) -> Option<Owner> {
        self.owner
    }
    fn schema_name(&self) -> Option<String> {
        Some("test schema".to_owned())
    }
    fn setting(&self, _: &AttrPath) -> (Setting, Evidence) {
        (self.setting.clone(), self.evidence)
    }
    fn ignored_by(&self, _: &AttrPath) -> Option<IgnoreEntry> {
        self.ignored.then(|| IgnoreEntry { text: "x".to_owned(), location: None })
    }
    fn companions_explain(&self, _: &AttrPath, _: Option<&Value>, _: Option<&Value>) -> bool {
        self.companion
    }
    fn is_declared(&self, _: &ResourceAddr) -> Option<bool> {
        Some(true)
    }
    fn facts(&self) -> &Facts {
        &self.facts
    }
    fn splits(&self, _: &AttrPath) -> bool {
        false
    }
}

/// Classifies attribute `x` with three JSON values; `"?"` is unknown, `"-"` a plan that does not say.
fn of(world: &World, fate: Fate, [r, a, d]: [&str; 3]) -> Classified {
    at(world, fate, "x", [r, a, d])
}

fn at(world: &World, fate: Fate, name: &str, [r, a, d]: [&str; 3]) -> Classified {
    let object = |json: &str| {
        let value = if json == "?" { Value::Unknown } else { Value::decode(json).unwrap() };
        Value::Object([(name.into(), value)].into())
    };
    let (r, a) = (object(r), object(a));
    let wanted = (d != "-").then(|| object(d));
    let desired = wanted.as_ref().map_or(Desired::Silent, |value| Desired::Is(Some(value)));
    let found = compare(&TypeShapes(world), Some(&r), Some(&a), desired);
    assert_eq!(found.len(), 1, "{r:?} {a:?}");
    classify(&found[0], fate, &[], world)
}

fn class(world: &World, values: [&str; 3]) -> (Class, bool) {
    let found = of(world, Fate::Stays, values);
    (found.class, found.drift)
}

const DRIFT: bool = true;
const QUIET: bool = false;

#[test]
fn recorded_equals_actual_but_not_desired_is_pending() {
    assert_eq!(class(&world(), ["1", "1", "2"]), (Class::Pending, QUIET));
}

#[test]
fn desired_equals_recorded_is_reverting() {
    assert_eq!(class(&world(), ["1", "2", "1"]), (Class::Reverting, DRIFT));
}

#[test]
fn desired_equals_neither_is_conflicting() {
    assert_eq!(class(&world(), ["1", "2", "3"]), (Class::Conflicting, DRIFT));
}

#[test]
fn desired_equals_actual_under_ignore_changes_is_ignored() {
    let world = World { ignored: true, setting: Setting::Unevaluated, ..world() };
    assert_eq!(class(&world, ["1", "2", "2"]), (Class::Ignored, QUIET));
}

#[test]
fn ignore_changes_does_not_reach_the_new_object_of_a_replacement() {
    let world = World { ignored: true, setting: Setting::Value(Value::decode("2").unwrap()), ..world() };
    assert_eq!(of(&world, Fate::Replaced, ["1", "2", "2"]).class, Class::Converged);
}

#[test]
fn an_ignored_path_that_the_plan_sets_back_is_reverting() {
    let world = World { ignored: true, ..world() };
    assert_eq!(class(&world, ["1", "2", "1"]), (Class::Reverting, DRIFT));
}

#[test]
fn desired_equals_actual_as_the_configuration_says_is_converged() {
    let world = World { setting: Setting::Value(Value::decode("2").unwrap()), ..world() };
    assert_eq!(class(&world, ["1", "2", "2"]), (Class::Converged, QUIET));
}

#[test]
fn desired_equals_actual_against_the_configuration_is_suppressed() {
    let other = World { setting: Setting::Value(Value::decode("1").unwrap()), ..world() };
    let found = of(&other, Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.drift), (Class::Suppressed, QUIET));
    assert_eq!(found.reason, Some(Reason::SetElsewhere));
    let unknown = World { setting: Setting::Unevaluated, ..world() };
    let found = of(&unknown, Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.reason), (Class::Suppressed, Some(Reason::Unevaluated)));
}

#[test]
fn a_missing_block_without_sources_is_suppressed_and_never_unmanaged() {
    let world = World { setting: Setting::CannotTell, evidence: Evidence::Configuration, ..world() };
    let found = of(&world, Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.reason), (Class::Suppressed, Some(Reason::Unevaluated)));
}

#[test]
fn desired_equals_actual_where_only_the_provider_sets_is_computed() {
    let world = World { owner: Some(Owner::Provider), ignored: true, ..world() };
    let found = of(&world, Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.reason), (Class::Computed, Some(Reason::ComputedOnly)));
    assert_eq!(found.evidence_source.as_deref(), Some("test schema"));
}

#[test]
fn desired_equals_actual_of_a_volatile_path_is_computed() {
    let world = World { owner: Some(Owner::Either), ..world() };
    let found = at(&world, Fate::Stays, "mac_addresses", ["[]", "[\"aa\"]", "[\"aa\"]"]);
    assert_eq!((found.class, found.reason), (Class::Computed, Some(Reason::Volatile)));
}

#[test]
fn desired_equals_actual_of_a_companion_is_computed() {
    let world = World { companion: true, ..world() };
    let found = of(&world, Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.reason), (Class::Computed, Some(Reason::Companion)));
}

#[test]
fn every_outside_change_of_a_tainted_instance_is_computed() {
    for desired in ["1", "2", "?"] {
        let found = of(&world(), Fate::Tainted, ["1", "2", desired]);
        assert_eq!((found.class, found.reason, found.drift), (Class::Computed, Some(Reason::Tainted), QUIET));
    }
}

#[test]
fn desired_equals_actual_where_nobody_sets_is_unmanaged() {
    let settable = World { owner: Some(Owner::Either), ..world() };
    assert_eq!(class(&settable, ["1", "2", "2"]), (Class::Unmanaged, QUIET));
    let found = of(&world(), Fate::Stays, ["1", "2", "2"]);
    assert_eq!((found.class, found.reason), (Class::Unmanaged, Some(Reason::UnknownOwner)));
}

#[test]
fn an_unmanaged_change_is_drift_where_the_path_guards() {
    let facts = Catalogue::builtin().lookup("aws_security_group", []);
    let world = World { owner: Some(Owner::Either), facts, ..world() };
    let found = at(&world, Fate::Stays, "ingress", ["[]", "[1]", "[1]"]);
    assert_eq!((found.class, found.drift, found.guards), (Class::Unmanaged, DRIFT, true));
}

#[test]
fn words_alone_do_not_guard_without_a_schema() {
    let world = world();
    assert!(!at(&world, Fate::Stays, "access_policy", ["1", "2", "2"]).guards);
    let world = World { owner: Some(Owner::Configuration), ..world };
    assert!(at(&world, Fate::Stays, "access_policy", ["1", "2", "2"]).guards);
}

/// A map entry that the configuration sets next to others: `-` is its absence.
fn entry(world: &World, [r, a, d]: [&str; 3]) -> Classified {
    let side = |json: &str| {
        let entries = if json == "-" { "{}".to_owned() } else { format!("{{\"k\":{json}}}") };
        Value::decode(&format!("{{\"tags\":{entries}}}")).unwrap()
    };
    let (r, a, d) = (side(r), side(a), side(d));
    let found = compare(&TypeShapes(world), Some(&r), Some(&a), Desired::Is(Some(&d)));
    assert_eq!(found[0].path.to_string(), "tags[\"k\"]");
    classify(&found[0], Fate::Stays, &[], world)
}

#[test]
fn what_the_plan_removes_anyway_is_superseded() {
    let found = entry(&world(), ["\"1\"", "\"2\"", "-"]);
    assert_eq!((found.class, found.drift), (Class::Superseded, QUIET));
}

#[test]
fn what_is_gone_and_wanted_is_reverting() {
    assert_eq!(entry(&world(), ["\"1\"", "-", "\"1\""]).class, Class::Reverting);
}

#[test]
fn what_is_gone_and_no_longer_wanted_is_converged() {
    let world = World { setting: Setting::Unevaluated, ..world() };
    let found = Case { fate: Fate::Stays, knowledge: &world, difference: &gone_entry() }.unset();
    assert_eq!(found.class, Class::Converged);
}

fn gone_entry() -> Difference {
    let side = |json: &str| Value::decode(json).unwrap();
    let (r, a) = (side(r#"{"tags":{"k":"1"}}"#), side(r#"{"tags":{}}"#));
    compare(&TypeShapes(&world()), Some(&r), Some(&a), Desired::Is(Some(&a)))[0].clone()
}

#[test]
fn an_unknown_desired_value_without_drift_is_pending_until_apply() {
    let found = of(&world(), Fate::Stays, ["1", "1", "?"]);
    assert_eq!((found.class, found.until_apply), (Class::Pending, true));
}

#[test]
fn an_unknown_desired_value_with_drift_waits_for_apply() {
    let provider = World { owner: Some(Owner::Provider), ..world() };
    let set = World { setting: Setting::Unevaluated, ..world() };
    for (world, expected) in
        [(provider, Class::Computed), (set, Class::Conflicting), (world(), Class::Unmanaged)]
    {
        let found = of(&world, Fate::Stays, ["1", "2", "?"]);
        assert_eq!((found.class, found.drift, found.until_apply), (expected, QUIET, true));
    }
}

#[test]
fn a_silent_plan_is_judged_by_what_the_configuration_says() {
    for (value, expected) in [("1", Class::Reverting), ("2", Class::Converged), ("3", Class::Conflicting)] {
        let world = World { setting: Setting::Value(Value::decode(value).unwrap()), ..world() };
        assert_eq!(class(&world, ["1", "2", "-"]).0, expected);
    }
}

#[test]
fn a_silent_plan_with_an_expression_is_reverting_until_apply() {
    let world = World { setting: Setting::Unevaluated, ..world() };
    let found = of(&world, Fate::Stays, ["1", "2", "-"]);
    assert_eq!((found.class, found.drift, found.until_apply), (Class::Reverting, DRIFT, true));
}

#[test]
fn a_silent_plan_where_nobody_sets_is_judged_by_the_schema() {
    for (owner, expected) in [
        (Some(Owner::Configuration), Class::Reverting),
        (Some(Owner::Provider), Class::Computed),
        (Some(Owner::Either), Class::Unmanaged),
        (None, Class::Unmanaged),
    ] {
        assert_eq!(class(&World { owner, ..world() }, ["1", "2", "-"]).0, expected, "{owner:?}");
    }
}

#[test]
fn a_cosmetic_difference_is_flagged_and_not_drift() {
    let found = of(&world(), Fate::Stays, ["null", "\"\"", "null"]);
    assert_eq!(
        (found.class, found.cosmetic, found.drift),
        (Class::Reverting, Some(Normaliser::Empty), QUIET)
    );
    assert_eq!(found.normalisers, [Normaliser::Empty]);
}

#[test]
fn a_cosmetic_difference_under_a_new_wish_is_pending() {
    let found = of(&world(), Fate::Stays, ["null", "\"\"", "\"new\""]);
    assert_eq!((found.class, found.cosmetic), (Class::Pending, None));
}

#[test]
fn nothing_is_cosmetic_that_replaces_or_interrupts() {
    let object = |json: &str| Value::decode(json).unwrap();
    let (r, a) = (object(r#"{"x":null}"#), object(r#"{"x":""}"#));
    let world = world();
    let found = compare(&TypeShapes(&world), Some(&r), Some(&a), Desired::Is(Some(&r)));
    let classified = classify(&found[0], Fate::Stays, &["x".parse().unwrap()], &world);
    assert_eq!((classified.cosmetic, classified.drift, classified.replaces), (None, DRIFT, true));
    let found = at(&world, Fate::Stays, "memory", ["null", "[]", "null"]);
    assert_eq!((found.cosmetic, found.drift, found.disruptive), (None, DRIFT, true));
}

struct Sets;

impl crate::compare::Shapes for Sets {
    fn shape(&self, _: &AttrPath) -> Shape {
        Shape::Set
    }
}

#[test]
fn zero_values_in_set_elements_do_not_make_a_conflict() {
    // Untouched elements come back with null where the state has "": seen with hcloud firewalls.
    let world = world();
    let path = "rule".parse::<AttrPath>().unwrap();
    let side = |json: &str| Some(Value::decode(json).unwrap());
    let recorded = side(r#"[{"port":"80","description":""}]"#);
    let actual = side(r#"[{"port":"22","description":""},{"port":"80","description":""}]"#);
    let desired = side(r#"[{"port":"80","description":null}]"#);
    let found = compare(&Sets, recorded.as_ref(), actual.as_ref(), Desired::Is(desired.as_ref()));
    let difference = Difference { path, ..found[0].clone() };
    assert_eq!(classify(&difference, Fate::Stays, &[], &world).class, Class::Reverting);
}
