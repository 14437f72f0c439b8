//! Small plans, put together from changes.

#![allow(dead_code, reason = "each test binary uses a part")]

use serde_json::{Value, json};
use tidelock_parse::{Plan, ResourceAddr, Source};
use tidelock_rules::{
    Question, Report,
    report::{Command, Finding},
};

/// A plan in the making.
#[derive(Debug)]
pub(crate) struct Changes(Value);

impl Changes {
    pub(crate) fn new() -> Self {
        Self(json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": []}))
    }

    /// Sets a section of the plan.
    pub(crate) fn section(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }

    pub(crate) fn delete(self, address: &str, before: Value) -> Self {
        self.change(address, json!({"actions": ["delete"], "before": before, "after": null}))
    }

    pub(crate) fn forget(self, address: &str, before: Value) -> Self {
        self.change(address, json!({"actions": ["forget"], "before": before, "after": null}))
    }

    /// A create whose id is not known yet.
    pub(crate) fn create(self, address: &str, after: Value) -> Self {
        let change =
            json!({"actions": ["create"], "before": null, "after": after, "after_unknown": {"id": true}});
        self.change(address, change)
    }

    pub(crate) fn stays(self, address: &str, values: Value) -> Self {
        self.change(address, json!({"actions": ["no-op"], "before": values.clone(), "after": values}))
    }

    /// Any change object.
    pub(crate) fn change(mut self, address: &str, change: Value) -> Self {
        let parsed: ResourceAddr = address.parse().unwrap();
        let entry = json!({
            "address": address, "mode": "managed", "type": parsed.type_name, "name": parsed.name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
        });
        self.0["resource_changes"].as_array_mut().unwrap().push(entry);
        self
    }

    /// Sets a field of the last change, beside its values.
    pub(crate) fn edit_last(mut self, field: &str, value: Value) -> Self {
        self.0["resource_changes"].as_array_mut().unwrap().last_mut().unwrap()[field] = value;
        self
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::from_source(&Source::new("plan.json", self.0.to_string())).unwrap()
    }

    pub(crate) fn gate(&self) -> Report {
        Question::new(Command::Gate, &self.plan()).answer().unwrap()
    }

    /// What one rule says.
    pub(crate) fn findings(&self, code: &str) -> Vec<Finding> {
        self.gate().findings.into_iter().filter(|finding| finding.code == code).collect()
    }
}
