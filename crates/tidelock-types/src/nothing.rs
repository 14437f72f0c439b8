//! Resources that are no object of their own.

use tidelock_parse::{Value, inventory::Object};

use crate::kind::{Kind, Request};

/// A tie between two objects, a setting of one, a value that lives in the state alone: there is nothing outside to find,
/// to import twice or to delete.
#[derive(Debug)]
pub(crate) struct Nothing;

/// Providers whose resources live in the state, or on the machine that ran the tool; and those of a Kubernetes cluster, whose
/// ids (`namespace/name`) say nothing about the cluster, so that two of them are not one thing.
static PROVIDERS: &[&str] = &[
    "archive",
    "cloudinit",
    "external",
    "helm",
    "http",
    "kubectl",
    "kubernetes",
    "local",
    "null",
    "random",
    "template",
    "terraform",
    "time",
    "tls",
];

/// Whether a resource type is one of them, by the name of its provider.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    let provider = type_name.split_once('_').map_or(type_name, |(provider, _)| provider);
    PROVIDERS.binary_search(&provider).is_ok().then_some(&Nothing as &dyn Kind)
}

impl Kind for Nothing {
    fn object(&self, _: &str, _: &Value) -> Option<Object> {
        None
    }

    fn import_id(&self, _: &str, _: &Object) -> Option<String> {
        None
    }

    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_sorted() {
        assert!(PROVIDERS.is_sorted());
    }

    #[test]
    fn two_passwords_are_not_one_thing() {
        let values = Value::decode(r#"{"id": "none", "length": 16}"#).unwrap();
        assert_eq!(crate::of("random_password").object("random_password", &values), None);
        assert_eq!(crate::of("terraform_data").object("terraform_data", &values), None);
    }
}
