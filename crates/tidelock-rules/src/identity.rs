//! Which arguments say who an object is, before its id is known.

use std::{borrow::Cow, collections::BTreeMap};

use tidelock_parse::Value;

/// Arguments that name an object whatever its type is. Names that belong to something else (`subnet_group_name`)
/// are told by their type, see [`names_itself`].
const NAMES: &[&str] = &[
    "bucket",
    "bucket_prefix",
    "cidr_block",
    "display_name",
    "domain",
    "domain_name",
    "fqdn",
    "function_name",
    "host_name",
    "hostname",
    "identifier",
    "ip_range",
    "key_name",
    "name",
    "name_prefix",
    "title",
    "vm_id",
    "vmid",
];

/// The values of an object that say who it is, by argument; known ones that are not empty alone.
///
/// Beside arguments, these are the `Name` of `tags` and what `metadata` of Kubernetes objects says.
pub(crate) fn of<'v>(type_name: &str, object: &'v Value) -> BTreeMap<&'v str, &'v Value> {
    let mut found = BTreeMap::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        match &**name {
            name if !names_inside(name).is_empty() => {
                let block = value.as_list().and_then(<[Value]>::first).unwrap_or(value);
                found.extend(inside(block, names_inside(name)));
            }
            name if names_itself(type_name, name) && is_telling(value) => {
                found.insert(name, value);
            }
            _ => {}
        }
    }
    found
}

/// What names the object inside an argument that holds other things, too.
fn names_inside(argument: &str) -> &'static [&'static str] {
    match argument {
        "tags" | "labels" => &["Name", "name"],
        "metadata" => &["namespace", "name"],
        _ => &[],
    }
}

/// The value of an argument without what names the object inside it.
pub(crate) fn rest_of<'v>(argument: &str, value: &'v Value) -> Cow<'v, Value> {
    let names = names_inside(argument);
    let strip = |value: &Value| match value {
        Value::Object(fields) => {
            let rest = fields.iter().filter(|(name, _)| !names.contains(&&***name));
            Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        other => other.clone(),
    };
    match value {
        _ if names.is_empty() => Cow::Borrowed(value),
        Value::List(items) => Cow::Owned(Value::List(items.iter().map(strip).collect())),
        value => Cow::Owned(strip(value)),
    }
}

/// Whether an argument names the object itself: `cluster_identifier` of a cluster, `name` of anything.
pub(crate) fn names_itself(type_name: &str, argument: &str) -> bool {
    if NAMES.contains(&argument) {
        // The bucket of a bucket policy is another object.
        return argument != "bucket" || is_tail(type_name, "bucket") || is_tail(type_name, "object");
    }
    let subject = ["_identifier", "_name", "_id"].iter().find_map(|end| argument.strip_suffix(end));
    subject.is_some_and(|subject| is_tail(type_name, subject))
}

/// Whether a type name ends with these words.
fn is_tail(type_name: &str, words: &str) -> bool {
    type_name.strip_suffix(words).is_some_and(|head| head.is_empty() || head.ends_with('_'))
}

fn inside<'v>(value: &'v Value, names: &[&str]) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let fields = value.as_object().into_iter().flatten();
    let fields = fields.filter(|(name, value)| names.contains(&&***name) && is_telling(value));
    fields.map(|(name, value)| (&**name, value)).collect::<Vec<_>>().into_iter()
}

/// Whether a value says anything about who an object is.
fn is_telling(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_)) && !value.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_named_by_its_own_arguments_alone() {
        for (type_name, argument) in [
            ("aws_db_instance", "identifier"),
            ("aws_rds_cluster", "cluster_identifier"),
            ("aws_elasticache_replication_group", "replication_group_id"),
            ("google_bigquery_table", "table_id"),
            ("proxmox_virtual_environment_vm", "vm_id"),
            ("aws_s3_bucket", "bucket"),
            ("hcloud_server", "name"),
        ] {
            assert!(names_itself(type_name, argument), "{type_name}.{argument}");
        }
        for (type_name, argument) in [
            ("aws_db_instance", "db_subnet_group_name"),
            ("aws_db_instance", "db_name"),
            ("aws_s3_bucket_policy", "bucket"),
            ("aws_instance", "subnet_id"),
            ("aws_instance", "instance_type"),
        ] {
            assert!(!names_itself(type_name, argument), "{type_name}.{argument}");
        }
    }

    #[test]
    fn unknown_and_empty_names_say_nothing() {
        let object =
            Value::decode(r#"{"name":"","identifier":null,"tags":{"Name":"web"},"size":3}"#).unwrap();
        let found: Vec<&str> = of("aws_db_instance", &object).into_keys().collect();
        assert_eq!(found, ["Name"]);
    }
}
