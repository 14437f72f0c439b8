//! The sections of a plan, in the order in which `show -json` writes them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Fleet, REGION, SERVICE,
    instance::{Instance, Story, region_name, region_path, service_path},
    kind::{KINDS, Keys, Kind},
    list,
};

const PRODUCER: &str = "1.11.4";

pub(super) fn write(fleet: Fleet, mut out: &mut impl Write) -> io::Result<()> {
    write!(out, r#"{{"format_version":"1.2","terraform_version":"{PRODUCER}","variables":"#)?;
    serde_json::to_writer(&mut out, &json!({"environment": {"value": "production"}, "size": {"value": 12}}))?;
    out.write_all(br#","planned_values":{"root_module":"#)?;
    tree(fleet, out, Instance::desired)?;
    out.write_all(br#"},"resource_drift":"#)?;
    list(out, fleet.slice(0..fleet.instances).filter(|i| i.story.drifted()), |out, instance| {
        entry(out, &instance, drift(&instance))
    })?;
    out.write_all(br#","resource_changes":"#)?;
    list(out, fleet.slice(0..fleet.instances), |out, instance| entry(out, &instance, change(&instance)))?;
    write!(
        out,
        r#","prior_state":{{"format_version":"1.0","terraform_version":"{PRODUCER}","values":{{"root_module":"#
    )?;
    tree(fleet, out, Instance::actual)?;
    out.write_all(br#"}},"configuration":"#)?;
    configuration(fleet, out)?;
    out.write_all(br#","relevant_attributes":"#)?;
    list(out, fleet.slice(0..fleet.instances).filter(|i| i.story.drifted()), |out, instance| {
        Ok(serde_json::to_writer(out, &json!({"resource": instance.address(), "attribute": ["id"]}))?)
    })?;
    let tail = r#","timestamp":"2025-03-01T12:00:00Z","applyable":true,"complete":true,"errored":false}"#;
    out.write_all(tail.as_bytes())
}

/// `root_module` of a state representation.
fn tree(
    fleet: Fleet,
    out: &mut impl Write,
    values: impl Fn(&Instance) -> Option<Map<String, Value>>,
) -> io::Result<()> {
    out.write_all(br#"{"child_modules":"#)?;
    list(out, fleet.regions(), |mut out, region| {
        out.write_all(br#"{"child_modules":"#)?;
        list(&mut out, fleet.services(region), |mut out, start| {
            out.write_all(br#"{"resources":"#)?;
            let existing = fleet.slice(start..start + SERVICE).filter_map(|i| Some((values(&i)?, i)));
            list(&mut out, existing, |out, (values, instance)| {
                Ok(serde_json::to_writer(out, &Object::new(&instance, values))?)
            })?;
            write!(out, r#","address":{}}}"#, json!(service_path(start)))
        })?;
        write!(out, r#","address":{}}}"#, json!(region_path(region)))
    })?;
    out.write_all(b"}")
}

/// A resource of a state representation.
#[derive(Serialize)]
struct Object<'a> {
    address: String,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'a Value>,
    provider_name: &'a str,
    schema_version: u32,
    sensitive_values: Value,
    values: Map<String, Value>,
}

impl<'a> Object<'a> {
    fn new(instance: &'a Instance, values: Map<String, Value>) -> Self {
        Self {
            address: instance.address(),
            mode: "managed",
            type_name: instance.kind.type_name,
            name: instance.kind.name,
            index: instance.key.as_ref(),
            provider_name: instance.kind.provider,
            schema_version: instance.kind.schema_version,
            sensitive_values: instance.sensitive(&values),
            values,
        }
    }
}

/// An element of `resource_changes` or `resource_drift`.
#[derive(Serialize)]
struct Entry<'a> {
    address: String,
    module_address: &'a str,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'a Value>,
    provider_name: &'a str,
    change: Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Change {
    actions: &'static [&'static str],
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
    after_unknown: Value,
    before_sensitive: Value,
    after_sensitive: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replace_paths: Vec<[&'static str; 1]>,
}

fn entry(out: &mut dyn Write, instance: &Instance, change: Change) -> io::Result<()> {
    let replaced = !change.replace_paths.is_empty();
    let entry = Entry {
        address: instance.address(),
        module_address: &instance.module,
        mode: "managed",
        type_name: instance.kind.type_name,
        name: instance.kind.name,
        index: instance.key.as_ref(),
        provider_name: instance.kind.provider,
        change,
        action_reason: replaced.then_some("replace_because_cannot_update"),
    };
    Ok(serde_json::to_writer(out, &entry)?)
}

fn drift(instance: &Instance) -> Change {
    let (before, after) = (Some(instance.recorded()), instance.actual());
    Change {
        actions: &["update"],
        before_sensitive: sensitive(instance, before.as_ref()),
        after_sensitive: sensitive(instance, after.as_ref()),
        before,
        after,
        after_unknown: json!({}),
        replace_paths: Vec::new(),
    }
}

fn change(instance: &Instance) -> Change {
    let before = instance.actual();
    let mut after = instance.desired();
    let unknown = instance.unknown();
    for name in unknown.as_object().into_iter().flat_map(Map::keys) {
        after.as_mut().map(|after| after.remove(name));
    }
    Change {
        actions: instance.story.actions(),
        before_sensitive: sensitive(instance, before.as_ref()),
        after_sensitive: sensitive(instance, after.as_ref()),
        before,
        after,
        after_unknown: unknown,
        replace_paths: if instance.story == Story::Replaced { vec![[instance.kind.set]] } else { Vec::new() },
    }
}

fn sensitive(instance: &Instance, values: Option<&Map<String, Value>>) -> Value {
    values.map_or(json!(false), |values| instance.sensitive(values))
}

/// Every region is a call of its own, as they stand in real configurations.
fn configuration(fleet: Fleet, out: &mut impl Write) -> io::Result<()> {
    let providers: Map<String, Value> = KINDS
        .iter()
        .map(|kind| {
            (local_name(kind).to_owned(), json!({"name": local_name(kind), "full_name": kind.provider}))
        })
        .collect();
    write!(out, r#"{{"provider_config":{},"root_module":{{"module_calls":{{"#, Value::Object(providers))?;
    let service = json!({
        "source": "./service",
        "expressions": {"environment": {"references": ["var.environment"]}, "name": {"references": ["each.key"]}},
        "for_each_expression": {"references": ["var.services"]},
        "module": {"resources": KINDS.iter().map(block).collect::<Vec<_>>(),
            "variables": {"environment": {"type": "string"}, "name": {"type": "string"}}},
    });
    for region in fleet.regions() {
        let call = json!({
            "source": "./region",
            "expressions": {"environment": {"references": ["var.environment"]},
                "services": {"constant_value": fleet.services(region).map(|at| format!("svc-{:02}", at % REGION / SERVICE)).collect::<Vec<_>>()}},
            "module": {"module_calls": {"service": &service}, "variables": {"services": {"type": ["set", "string"]}}},
        });
        let comma = if region == 0 { "" } else { "," };
        write!(out, "{comma}{}:{call}", json!(region_name(region)))?;
    }
    out.write_all(br#"},"variables":{"environment":{"default":"test"},"size":{"default":3}}}}"#)
}

/// The name of a provider inside the configuration.
fn local_name(kind: &Kind) -> &str {
    kind.provider.rsplit('/').next().unwrap_or(kind.provider)
}

/// A resource block in the configuration.
fn block(kind: &Kind) -> Value {
    let references = kind.refers_to.iter().flat_map(|block| [format!("{block}.id"), (*block).to_owned()]);
    let mut expressions = json!({
        kind.set: {"constant_value": "as configured now"},
        "name": {"references": ["var.name"]},
        "tags": {"references": ["var.name", "var.environment"]},
    });
    if !kind.refers_to.is_empty() {
        expressions["depends"] = json!({"references": references.collect::<Vec<_>>()});
    }
    let mut block = json!({
        "address": format!("{}.{}", kind.type_name, kind.name), "mode": "managed", "type": kind.type_name,
        "name": kind.name, "provider_config_key": local_name(kind), "expressions": expressions,
        "schema_version": kind.schema_version,
    });
    match kind.keys {
        Keys::Single => {}
        Keys::Count => block["count_expression"] = json!({"constant_value": kind.width()}),
        Keys::Each(keys) => block["for_each_expression"] = json!({"constant_value": keys}),
    }
    block
}
