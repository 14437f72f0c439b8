//! The wire shape of plan JSON, borrowed from the input, and its way into the model.
//!
//! Field by field: `formats` of the producers' `jsonplan` packages, format version 1.2.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, Visitor},
};
use serde_json::value::RawValue;

use super::{
    ChangeValues, Deferred, FormatVersion, Header, JsonSections, OutputChange, Plan, PlanError,
    RawChangeText, RawValues, ResourceChange, Sections, optional_text,
};
use crate::{
    action::{Action, ActionReason},
    address::{InstanceKey, Mode, ModulePath, ResourceAddr},
    object::Entries,
    path::{AttrPath, Step},
    source::{RawText, Source},
    value::ValueError,
};

/// Fields that repeat what others say are listed, so that a strict test can tell them from new ones.
#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
pub(super) struct RawPlan<'a> {
    #[serde(borrow)]
    format_version: Cow<'a, str>,
    #[serde(default, deserialize_with = "optional_text")]
    terraform_version: Option<Box<str>>,
    #[serde(borrow)]
    variables: Option<&'a RawValue>,
    planned_values: Option<IgnoredAny>,
    #[serde(borrow, default)]
    resource_drift: Option<Vec<RawChange<'a>>>,
    #[serde(borrow, default)]
    resource_changes: Option<Vec<RawChange<'a>>>,
    #[serde(borrow, default)]
    deferred_changes: Option<Vec<RawDeferred<'a>>>,
    #[serde(borrow)]
    output_changes: Option<&'a RawValue>,
    #[serde(borrow)]
    prior_state: Option<&'a RawValue>,
    #[serde(borrow)]
    configuration: Option<&'a RawValue>,
    relevant_attributes: Option<IgnoredAny>,
    #[serde(borrow)]
    checks: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "optional_text")]
    timestamp: Option<Box<str>>,
    applyable: Option<bool>,
    complete: Option<bool>,
    errored: Option<bool>,
    action_invocations: Option<IgnoredAny>,
    /// Older 0.1 plans: proposed values of unknown resources, superseded by `after_unknown`.
    proposed_unknown: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct RawDeferred<'a> {
    #[serde(default, deserialize_with = "optional_text")]
    reason: Option<Box<str>>,
    #[serde(borrow)]
    resource_change: RawChange<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that carry nothing of their own")]
pub(super) struct RawChange<'a> {
    /// Terraform 1.0.0 leaves it out in `resource_drift`, and the key of the instance with it.
    #[serde(borrow, default)]
    address: Cow<'a, str>,
    #[serde(default, deserialize_with = "optional_text")]
    previous_address: Option<Box<str>>,
    #[serde(borrow)]
    module_address: Option<&'a RawValue>,
    #[serde(borrow)]
    mode: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    type_name: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    index_unknown: Option<IgnoredAny>,
    #[serde(borrow)]
    provider_name: Option<Word<'a>>,
    #[serde(default, deserialize_with = "optional_text")]
    deposed: Option<Box<str>>,
    #[serde(borrow)]
    change: RawBody<'a>,
    #[serde(default, deserialize_with = "optional_text")]
    action_reason: Option<Box<str>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "known fields that are read from the state instead")]
pub(super) struct RawBody<'a> {
    #[serde(borrow)]
    actions: Vec<Word<'a>>,
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    after_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    before_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    after_sensitive: Option<&'a RawValue>,
    replace_paths: Option<Vec<Vec<RawStep>>>,
    importing: Option<IgnoredAny>,
    generated_config: Option<IgnoredAny>,
    before_identity: Option<IgnoredAny>,
    after_identity: Option<IgnoredAny>,
}

/// A text that is borrowed where it can be; serde copies a bare `Cow` inside a list or an option.
#[derive(Deserialize)]
#[serde(transparent)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

/// A step of a replace path: attribute names and map keys look alike.
struct RawStep(Step);

impl<'de> Deserialize<'de> for RawStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StepVisitor;
        impl Visitor<'_> for StepVisitor {
            type Value = RawStep;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a position")
            }

            fn visit_str<E>(self, name: &str) -> Result<RawStep, E> {
                Ok(RawStep(Step::attr(name)))
            }

            fn visit_u64<E>(self, index: u64) -> Result<RawStep, E> {
                Ok(RawStep(Step::Index(index)))
            }
        }
        deserializer.deserialize_any(StepVisitor)
    }
}

pub(super) fn read(source: &Source, range: RawText) -> Result<Plan, PlanError> {
    let text = source.text(range).map_err(|_| PlanError::not_utf8(source))?;
    let raw: RawPlan<'_> = match serde_json::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Err(refusal(source, text, &error)),
    };
    let format_version =
        FormatVersion::supported(&raw.format_version).map_err(|version| unsupported(source, version))?;
    let range = |section: Option<&RawValue>| section.map(|section| source.range_of(section.get()));
    let changes = raw.resource_changes.map(|list| models(source, list)).transpose()?;
    let drift = raw.resource_drift.unwrap_or_default();
    let nameless: Vec<bool> = drift.iter().map(|change| change.address.is_empty()).collect();
    let mut drift = models(source, drift)?;
    add_keys(&mut drift, &nameless, changes.as_deref().unwrap_or_default());
    one_each(source, "resource_changes", changes.as_deref().unwrap_or_default())?;
    one_each(source, "resource_drift", &drift)?;
    Ok(Plan {
        source: source.clone(),
        header: Header {
            format_version,
            terraform_version: raw.terraform_version.map(Into::into),
            timestamp: raw.timestamp.map(Into::into),
            applyable: raw.applyable,
            complete: raw.complete,
            errored: raw.errored.unwrap_or(false),
        },
        changes,
        drift,
        deferred: deferred(source, raw.deferred_changes.unwrap_or_default())?,
        sections: Sections::Json(JsonSections {
            variables: range(raw.variables),
            output_changes: range(raw.output_changes),
            prior_state: range(raw.prior_state),
            configuration: range(raw.configuration),
            checks: range(raw.checks),
        }),
        stream: None,
        recorded: None,
    })
}

fn refusal(source: &Source, text: &str, error: &serde_json::Error) -> PlanError {
    match FormatVersion::unsupported_in(text) {
        Some(version) => unsupported(source, version),
        None => PlanError::from_json(source, error),
    }
}

fn unsupported(source: &Source, version: String) -> PlanError {
    PlanError::Version { input: source.name().to_owned(), version }
}

fn models(source: &Source, list: Vec<RawChange<'_>>) -> Result<Vec<ResourceChange>, PlanError> {
    list.into_iter().map(|change| change.into_model(source)).collect()
}

/// Gives entries that came without an address the keys of the only instance they can mean.
///
/// Where a block has several, they keep the address of the block, which no change entry has: drift that the plan says
/// nothing about.
fn add_keys(drift: &mut [ResourceChange], nameless: &[bool], changes: &[ResourceChange]) {
    if !nameless.contains(&true) {
        return;
    }
    let mut instances: BTreeMap<(Mode, &str, &str), Vec<&ResourceAddr>> = BTreeMap::new();
    for ResourceChange { address, .. } in changes.iter().filter(|change| change.deposed.is_none()) {
        instances.entry((address.mode, &address.type_name, &address.name)).or_default().push(address);
    }
    for (change, _) in drift.iter_mut().zip(nameless).filter(|(_, nameless)| **nameless) {
        let own = &change.address;
        let candidates = instances.get(&(own.mode, &*own.type_name, &*own.name)).into_iter().flatten();
        let mut candidates =
            candidates.filter(|other| own.module.is_root() || own.module.config() == other.module.config());
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            change.address = (*only).clone();
        }
    }
}

/// Two entries that speak of the same object contradict each other.
pub(super) fn one_each(
    source: &Source,
    section: &'static str,
    changes: &[ResourceChange],
) -> Result<(), PlanError> {
    let mut seen = HashSet::with_capacity(changes.len());
    match changes.iter().find(|change| !seen.insert((&change.address, change.deposed.as_deref()))) {
        Some(second) => Err(PlanError::Contradiction {
            input: source.name().to_owned(),
            section,
            address: Box::new(second.address.clone()),
        }),
        None => Ok(()),
    }
}

fn deferred(source: &Source, list: Vec<RawDeferred<'_>>) -> Result<Vec<Deferred>, PlanError> {
    list.into_iter()
        .map(|deferred| {
            Ok(Deferred {
                reason: deferred.reason.unwrap_or_default().into(),
                change: deferred.resource_change.into_model(source)?,
            })
        })
        .collect()
}

impl RawChange<'_> {
    fn into_model(self, source: &Source) -> Result<ResourceChange, PlanError> {
        let address = |text: &str| {
            // The address is not quoted: a key may be anything.
            text.parse::<ResourceAddr>().map_err(|cause| PlanError::Address {
                input: source.name().to_owned(),
                line: line_of(source, text),
                cause,
            })
        };
        let own = match &*self.address {
            "" => self
                .address_of_parts()
                .ok_or_else(|| PlanError::NoAddress { input: source.name().to_owned() })?,
            text => address(text)?,
        };
        Ok(ResourceChange {
            address: own,
            previous_address: self.previous_address.as_deref().map(address).transpose()?,
            deposed: self.deposed.filter(|key| !key.is_empty()),
            provider: self.provider_name.map_or_else(Box::default, |name| name.0.into()),
            action_reason: self.action_reason.map(|reason| ActionReason::from(String::from(reason))),
            replace_paths: self.change.replace_paths(),
            importing: self.change.importing.is_some(),
            raw: RawValues::Json(self.change.ranges(source)),
            action: self.change.action(),
        })
    }
}

impl RawChange<'_> {
    /// The address as its parts give it.
    fn address_of_parts(&self) -> Option<ResourceAddr> {
        let text = |part: Option<&RawValue>| serde_json::from_str::<Box<str>>(part?.get()).ok();
        let key = match self.index.map(RawValue::get) {
            None | Some("null") => None,
            Some(index) => Some(match serde_json::from_str(index).ok()? {
                RawStep(Step::Index(index)) => InstanceKey::Int(index),
                RawStep(Step::Attr(key) | Step::Key(key)) => InstanceKey::Str(key),
            }),
        };
        let address = ResourceAddr {
            module: match self.module_address {
                Some(_) => text(self.module_address)?.parse().ok()?,
                None => ModulePath::root(),
            },
            mode: if text(self.mode).as_deref() == Some("data") { Mode::Data } else { Mode::Managed },
            type_name: text(self.type_name)?,
            name: text(self.name)?,
            key,
        };
        // What no address can spell is none.
        (address.to_string().parse().as_ref() == Ok(&address)).then_some(address)
    }
}

/// One-based line of a borrowed text; zero where it was copied out of the input.
fn line_of(source: &Source, text: &str) -> usize {
    let start = source.range_of(text).start();
    source.bytes().get(..start).map_or(0, |before| before.split(|b| *b == b'\n').count())
}

impl RawBody<'_> {
    fn action(&self) -> Action {
        self.actions.iter().map(|word| &*word.0).collect()
    }

    fn replace_paths(&self) -> Vec<AttrPath> {
        let paths = self.replace_paths.iter().flatten();
        let mut paths: Vec<AttrPath> =
            paths.map(|steps| steps.iter().map(|step| step.0.clone()).collect()).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn ranges(&self, source: &Source) -> RawChangeText {
        let range = |value: Option<&RawValue>| value.map(|value| source.range_of(value.get()));
        RawChangeText {
            before: range(self.before),
            after: range(self.after),
            after_unknown: range(self.after_unknown),
            before_sensitive: range(self.before_sensitive),
            after_sensitive: range(self.after_sensitive),
        }
    }
}

pub(super) fn outputs(source: &Source, range: RawText) -> Result<Vec<OutputChange>, ValueError> {
    let raw: Entries<Cow<'_, str>, RawBody<'_>> =
        serde_json::from_str(source.text(range)?).map_err(|error| ValueError::from_json(&error))?;
    raw.into_unique()
        .ok_or(ValueError::DuplicateKey)?
        .into_iter()
        .map(|(name, body)| {
            let values: ChangeValues = body.ranges(source).decode(source)?;
            Ok(OutputChange { name: name.into_owned(), action: body.action(), values })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_recorded_plan_is_known() {
        for case in tidelock_testkit::fixtures::all().unwrap() {
            let text = case.text("plan.json").unwrap();
            assert_eq!(unread_fields(&text), Vec::<String>::new(), "{}", case.name);
        }
    }

    /// Fields of a plan that nobody reads.
    fn unread_fields(text: &str) -> Vec<String> {
        let mut unread = Vec::new();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let _: RawPlan<'_> =
            serde_ignored::deserialize(&mut deserializer, |path| unread.push(path.to_string())).unwrap();
        // What is known and skipped on purpose ends like this.
        unread.retain(|path| !path.ends_with(".?"));
        unread
    }

    #[test]
    fn a_new_field_of_a_producer_is_noticed_by_tests_and_not_by_users() {
        let text = r#"{"format_version":"1.9","resource_changes":[{"address":"a.b","change":{"actions":["no-op"],"mood":1}}]}"#;
        assert_eq!(unread_fields(text), ["resource_changes.?.0.change.mood"]);
        let source = Source::new("x", text.as_bytes().to_vec());
        assert_eq!(Plan::from_source(&source).unwrap().changes().len(), 1);
    }

    fn plan(entries: &str) -> Result<Plan, PlanError> {
        let text = format!(r#"{{"format_version":"1.0","resource_drift":[{entries}]}}"#);
        Plan::from_source(&Source::new("x", text.into_bytes()))
    }

    #[test]
    fn an_address_that_is_left_out_is_made_from_its_parts() {
        let address = |parts: &str| {
            let plan = plan(&format!(r#"{{{parts},"change":{{"actions":["update"]}}}}"#));
            plan.map(|plan| plan.drift()[0].address.to_string())
        };
        let parts = r#""mode":"managed","type":"t","name":"n""#;
        assert_eq!(address(parts).unwrap(), "t.n");
        assert_eq!(address(&format!(r#"{parts},"index":3"#)).unwrap(), "t.n[3]");
        let parts = r#""module_address":"module.m[\"k\"]","mode":"data","type":"t","name":"n","index":"a.b""#;
        assert_eq!(address(parts).unwrap(), r#"module.m["k"].data.t.n["a.b"]"#);
        for missing in [r#""type":"t""#, r#""type":"t","name":"n.m""#, r#""type":"t","name":"n","index":{}"#]
        {
            assert!(matches!(address(missing), Err(PlanError::NoAddress { .. })), "{missing}");
        }
    }

    #[test]
    fn drift_without_an_address_belongs_to_the_only_instance_of_its_block() {
        let drifted = |keys: &[&str]| {
            let changes = keys.iter().map(|key| {
                format!(r#"{{"address":"module.m.t.n[{key}]","change":{{"actions":["no-op"]}}}}"#)
            });
            let changes = changes.collect::<Vec<_>>().join(",");
            let drift = r#"{"mode":"managed","type":"t","name":"n","change":{"actions":["delete"]}}"#;
            let text = format!(
                r#"{{"format_version":"0.1","resource_changes":[{changes}],"resource_drift":[{drift}]}}"#
            );
            let plan = Plan::from_source(&Source::new("x", text.into_bytes())).unwrap();
            plan.drift()[0].address.to_string()
        };
        assert_eq!(drifted(&["0"]), "module.m.t.n[0]");
        assert_eq!(drifted(&["0", "1"]), "t.n", "nobody can tell which");
    }

    #[test]
    fn two_entries_for_one_object_contradict_each_other() {
        let entry = |deposed: &str| {
            format!(r#"{{"address":"t.n","deposed":"{deposed}","change":{{"actions":["update"]}}}}"#)
        };
        let two = |a: &str, b: &str| plan(&format!("{},{}", entry(a), entry(b)));
        assert!(matches!(two("", ""), Err(PlanError::Contradiction { section: "resource_drift", .. })));
        assert!(matches!(two("ab", "ab"), Err(PlanError::Contradiction { .. })));
        assert_eq!(two("", "ab").unwrap().drift().len(), 2);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_in_every_object_of_the_plan() {
        let top = Plan::from_source(&Source::new(
            "x",
            br#"{"format_version":"1.0","errored":false,"errored":true}"#,
        ));
        assert!(matches!(top, Err(PlanError::DuplicateKey { .. })));
        let change = plan(r#"{"address":"t.n","change":{"actions":["update"],"after":1,"after":2}}"#);
        assert!(matches!(change, Err(PlanError::DuplicateKey { .. })));
        let value =
            plan(r#"{"address":"t.n","change":{"actions":["update"],"after":{"a":1,"a":2}}}"#).unwrap();
        let cause = ValueError::DuplicateKey;
        assert!(
            matches!(value.drift()[0].values(value.source()), Err(PlanError::Value { cause: c, .. }) if c == cause)
        );
        let text = br#"{"format_version":"1.0","output_changes":{"o":{"actions":["no-op"]},"o":{"actions":["create"]}}}"#;
        let outputs = Plan::from_source(&Source::new("x", text)).unwrap();
        assert!(matches!(outputs.outputs(), Err(PlanError::Section { cause: c, .. }) if c == cause));
    }
}
