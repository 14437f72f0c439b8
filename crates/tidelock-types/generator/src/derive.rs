//! Shapes from the schemas of providers, as `terraform providers schema -json` prints them.

use std::io::{Error, Result};

use serde_json::{Map, Value};

use crate::shape::{Field, Fields, Shape, Shapes};

/// Which types, of which provider, in which release: a schema does not say.
const CHOSEN: &[(&str, &str, &[&str])] = &[
    (
        "bpg/proxmox",
        "0.111.1",
        &[
            "proxmox_cloned_vm",
            "proxmox_virtual_environment_container",
            "proxmox_virtual_environment_vm",
            "proxmox_vm",
        ],
    ),
    ("telmate/proxmox", "3.0.2-rc09", &["proxmox_lxc", "proxmox_vm_qemu"]),
    (
        "hetznercloud/hcloud",
        "1.68.0",
        &["hcloud_firewall", "hcloud_network", "hcloud_server", "hcloud_volume"],
    ),
    ("tailscale/tailscale", "0.29.2", &["tailscale_tailnet_key"]),
];

/// Blocks that spell out one shape for every slot there is (`disks[0].scsi[0].scsi17[0].disk[0]`): thousands of lines that
/// nobody would name in a program.
const TOO_LARGE: &[(&str, &[&str])] = &[("proxmox_vm_qemu", &["disks", "pcis", "usbs"])];

/// The chosen types among these schemas.
///
/// # Errors
/// If a schema has a form that nobody has seen.
pub fn shapes(schemas: &[Value]) -> Result<Shapes> {
    let mut shapes = Shapes::new();
    for (provider, release, types) in CHOSEN {
        let source = format!("registry.terraform.io/{provider}");
        for type_name in *types {
            let block = schemas.iter().find_map(|schema| {
                schema["provider_schemas"][&source]["resource_schemas"][type_name].get("block")
            });
            let Some(block) = block else { continue };
            let cut = TOO_LARGE.iter().find(|(name, _)| name == type_name).map_or(&[][..], |(_, cut)| cut);
            let fields =
                fields(block, cut).ok_or_else(|| Error::other(format!("{type_name}: unknown form")))?;
            shapes
                .insert((*type_name).to_owned(), Shape { provider: format!("{provider} {release}"), fields });
        }
    }
    Ok(shapes)
}

fn fields(block: &Value, cut: &[&str]) -> Option<Fields> {
    let mut fields = Fields::new();
    for (name, attribute) in object(&block["attributes"]) {
        let flags = flags(attribute);
        let field = match attribute.get("nested_type") {
            Some(nested) => {
                let nesting = nested["nesting_mode"].as_str()?.to_owned();
                Field::Block { nesting, fields: self::fields(nested, &[])?, flags }
            }
            None => leaf(name, &attribute["type"], flags)?,
        };
        fields.insert(name.clone(), field);
    }
    for (name, nested) in object(&block["block_types"]) {
        let field = if cut.contains(&name.as_str()) {
            Field::Attribute { r#type: "dynamic".into(), flags: "o".to_owned() }
        } else {
            let nesting = nested["nesting_mode"].as_str()?.to_owned();
            Field::Block { nesting, fields: self::fields(&nested["block"], &[])?, flags: String::new() }
        };
        fields.insert(name.clone(), field);
    }
    Some(fields)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn flags(attribute: &Value) -> String {
    let known = ["required", "optional", "computed", "sensitive"];
    let set = known.iter().filter(|flag| attribute[**flag] == true);
    set.filter_map(|flag| flag.chars().next()).collect()
}

/// An attribute of a plain type; a list of objects is a block by another name.
fn leaf(name: &str, type_: &Value, flags: String) -> Option<Field> {
    if let Some([nesting, Value::Array(inner)]) = type_.as_array().map(Vec::as_slice)
        && let [Value::String(object), Value::Object(parts)] = inner.as_slice()
        && object == "object"
    {
        let parts = parts.iter().map(|(name, part)| Some((name.clone(), leaf(name, part, String::new())?)));
        let nesting = nesting.as_str()?.to_owned();
        return Some(Field::Block { nesting, fields: parts.collect::<Option<_>>()?, flags });
    }
    Some(Field::Attribute { r#type: exact(name, type_), flags })
}

fn exact(name: &str, type_: &Value) -> Value {
    match type_ {
        Value::String(text) if text == "number" && !has_fractions(name) => "integer".into(),
        Value::Array(parts) => parts.iter().map(|part| exact(name, part)).collect(),
        other => other.clone(),
    }
}

/// A schema knows one kind of number. Of the chosen types, only shares of processors and rates have fractions: what the
/// sources of the providers call `TypeFloat` and `Float64`, and a few that may well become so.
fn has_fractions(name: &str) -> bool {
    matches!(name, "bandwidth_limit" | "bwlimit" | "cpulimit" | "limit" | "rate" | "rate_limit")
        || name.starts_with("mbps_")
}
