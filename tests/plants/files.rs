//! Files that hold plants wherever a file of that kind can hold a value.

#![allow(
    clippy::format_collect,
    clippy::from_iter_instead_of_collect,
    reason = "texts are made once here, and read better so"
)]

use serde_json::{Map, Value as Json, json};

use super::Plant;

/// The provider of all objects.
pub(crate) const PROVIDER: &str = "registry.terraform.io/example/orchard";

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

/// Plan JSON: each plant in drift, change, output, variable and prior state.
pub(crate) fn plan(plants: &[Plant], marked: bool) -> Json {
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
        "variables": variables.collect::<Map<_, _>>(), "resource_drift": drift, "resource_changes": changes,
        "output_changes": outputs.collect::<Map<_, _>>(),
        "prior_state": { "format_version": "1.0", "values": { "root_module": { "resources": prior } } },
        "configuration": { "root_module": { "variables": declared.collect::<Map<_, _>>() } },
    })
}

/// A state: each plant in an object and an output.
pub(crate) fn state(plants: &[Plant], marked: bool) -> Json {
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
        let kind = json!(["object", { plant.name: "string" }]);
        let output = json!({ "value": { plant.name: plant.text }, "type": kind, "sensitive": marked });
        (format!("o{at}"), output)
    });
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "0f0e0d0c-0000-4000-8000-000000000001",
        "outputs": outputs.collect::<Map<_, _>>(), "resources": resources.collect::<Vec<_>>(), "check_results": null,
    })
}

/// Sources that set the attributes, and that the reports name lines of.
pub(crate) fn sources(plants: &[Plant]) -> String {
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
pub(crate) fn hcl(text: &str) -> String {
    let mut out = json!(text).to_string();
    out = out.replace("${", "$${").replace("%{", "%%{");
    out
}

/// The log of a run that tells each plant in all that it can say.
pub(crate) fn log(plants: &[Plant]) -> String {
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
    lines.into_iter().fold(String::new(), |text, line| text + &line.to_string() + "\n")
}
