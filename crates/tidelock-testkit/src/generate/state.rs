//! A raw state of version 4, indented as the producers write it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Fleet, SERVICE, instance::Instance};

pub(super) fn write(fleet: Fleet, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 42,\n")?;
    out.write_all(b"  \"lineage\": \"0f0e0d0c-0000-4000-8000-000000000001\",\n  \"outputs\": {},\n")?;
    out.write_all(b"  \"resources\": [")?;
    let mut comma = "";
    for start in (0..fleet.instances).step_by(SERVICE) {
        let mut open: Option<Resource> = None;
        for instance in fleet.slice(start..start + SERVICE) {
            let Some(values) = instance.held() else { continue };
            let same = open.as_ref().is_some_and(|resource| resource.name == instance.kind.name);
            if !same && let Some(done) = open.take() {
                element(out, comma, &done)?;
                comma = ",";
            }
            let resource = open.get_or_insert_with(|| Resource::of(&instance));
            resource.instances.push(Object::of(&instance, values));
        }
        if let Some(done) = open {
            element(out, comma, &done)?;
            comma = ",";
        }
    }
    out.write_all(b"\n  ],\n  \"check_results\": null\n}\n")
}

fn element(out: &mut impl Write, comma: &str, resource: &Resource) -> io::Result<()> {
    let text = serde_json::to_string_pretty(resource)?.replace('\n', "\n    ");
    write!(out, "{comma}\n    {text}")
}

#[derive(Serialize)]
struct Resource {
    module: String,
    mode: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    name: &'static str,
    provider: String,
    instances: Vec<Object>,
}

#[derive(Serialize)]
struct Object {
    #[serde(skip_serializing_if = "Option::is_none")]
    index_key: Option<Value>,
    schema_version: u32,
    attributes: Map<String, Value>,
    sensitive_attributes: Vec<Value>,
    private: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
}

impl Resource {
    fn of(instance: &Instance) -> Self {
        Self {
            module: instance.module.clone(),
            mode: "managed",
            type_name: instance.kind.type_name,
            name: instance.kind.name,
            provider: format!("provider[{:?}]", instance.kind.provider),
            instances: Vec::new(),
        }
    }
}

impl Object {
    fn of(instance: &Instance, attributes: Map<String, Value>) -> Self {
        // Dependencies name blocks: module calls without keys.
        let module = instance.module.split('[').next().unwrap_or_default();
        Self {
            index_key: instance.key.clone(),
            schema_version: instance.kind.schema_version,
            sensitive_attributes: instance
                .kind
                .secret
                .iter()
                .map(|name| json!([{"type": "get_attr", "value": name}]))
                .collect(),
            private: "bnVsbA==",
            dependencies: instance.kind.refers_to.iter().map(|block| format!("{module}.{block}")).collect(),
            attributes,
        }
    }
}
