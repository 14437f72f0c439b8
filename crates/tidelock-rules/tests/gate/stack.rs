//! Small stacks: what the plan does to each instance, and the sources behind it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidelock_parse::{Configuration, Plan, ResourceAddr, Source, config::MemoryTree};
use tidelock_rules::{
    Baseline, Policy, Question, Report,
    catalogue::Machines,
    context::Thresholds,
    report::{Command, Finding, Severity},
};

/// A plan in the making, with its sources.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    plan: Value,
    sources: Option<MemoryTree>,
    policy: Policy,
    baseline: Option<Baseline>,
    pub(crate) machines: Option<Machines>,
    pub(crate) thresholds: Thresholds,
}

impl Stack {
    pub(crate) fn new() -> Self {
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "complete": true,
            "resource_changes": [], "resource_drift": []});
        Self {
            plan,
            sources: None,
            policy: Policy::default(),
            baseline: None,
            machines: None,
            thresholds: Thresholds::default(),
        }
    }

    /// The only file of the sources.
    pub(crate) fn sources(mut self, text: &str) -> Self {
        self.sources = Some(MemoryTree::from([("main.tf", text)]));
        self
    }

    /// What people decided.
    pub(crate) fn policy(mut self, text: &str) -> Self {
        self.policy = Policy::parse("tidelock.toml", text).unwrap();
        self
    }

    /// Judged by what was accepted of another plan.
    pub(crate) fn accepted(mut self, before: &Self) -> Self {
        let empty = Self { baseline: Some(Baseline::new("salt")), ..before.clone() };
        let mut baseline = Baseline::new("salt");
        baseline.accept(&empty.gate());
        self.baseline = Some(baseline);
        self
    }

    /// Section `configuration` of the plan, from the root module on.
    pub(crate) fn configuration(mut self, root: Value) -> Self {
        self.plan["configuration"] = json!({ "root_module": root });
        self
    }

    pub(crate) fn section(mut self, name: &str, value: Value) -> Self {
        self.plan[name] = value;
        self
    }

    pub(crate) fn stays(self, address: &str, values: Value) -> Self {
        self.change(address, json!({"actions": ["no-op"], "before": values.clone(), "after": values}))
    }

    pub(crate) fn deletes(self, address: &str, reason: &str, before: Value) -> Self {
        let stack = self.change(address, json!({"actions": ["delete"], "before": before, "after": null}));
        if reason.is_empty() { stack } else { stack.with("action_reason", reason.into()) }
    }

    pub(crate) fn creates(self, address: &str, after: Value) -> Self {
        let unknown = json!({"id": true});
        self.change(
            address,
            json!({"actions": ["create"], "before": null, "after": after, "after_unknown": unknown}),
        )
    }

    pub(crate) fn updates(self, address: &str, before: Value, after: Value) -> Self {
        self.change(address, json!({"actions": ["update"], "before": before, "after": after}))
    }

    /// Destroyed first and made anew, because of one argument.
    pub(crate) fn replaces(self, address: &str, path: &str, before: Value, after: Value) -> Self {
        let change = json!({"actions": ["delete", "create"], "before": before, "after": after,
            "after_unknown": {"id": true}, "replace_paths": [[path]]});
        self.change(address, change).with("action_reason", "replace_because_cannot_update".into())
    }

    /// What refresh found to differ.
    pub(crate) fn drifted(mut self, address: &str, before: Value, after: Value) -> Self {
        let entry = entry(address, json!({"actions": ["update"], "before": before, "after": after}));
        list(&mut self.plan, "resource_drift").push(entry);
        self
    }

    /// Any change object.
    pub(crate) fn change(mut self, address: &str, change: Value) -> Self {
        list(&mut self.plan, "resource_changes").push(entry(address, change));
        self
    }

    /// Sets a field of the last change, beside its values.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        list(&mut self.plan, "resource_changes").last_mut().unwrap()[field] = value;
        self
    }

    /// Sets a field of the last change object.
    pub(crate) fn changing(mut self, field: &str, value: Value) -> Self {
        list(&mut self.plan, "resource_changes").last_mut().unwrap()["change"][field] = value;
        self
    }

    pub(crate) fn gate(&self) -> Report {
        let plan = Plan::from_source(&Source::new("plan.json", self.plan.to_string())).unwrap();
        let sources = self.sources.as_ref().map(|tree| Configuration::load(tree, &BTreeMap::new()));
        let mut question = Question::new(Command::Gate, &plan);
        question.sources = sources.as_ref();
        question.policy = self.policy.clone();
        question.baseline.clone_from(&self.baseline);
        question.policy.machines = self.machines;
        question.policy.thresholds = self.thresholds.clone();
        question.answer().unwrap()
    }

    /// What one rule says.
    pub(crate) fn findings(&self, code: &str) -> Vec<Finding> {
        self.gate().findings.into_iter().filter(|finding| finding.code == code).collect()
    }

    /// The only thing that one rule says.
    pub(crate) fn finding(&self, code: &str) -> Finding {
        let mut findings = self.findings(code);
        assert_eq!(findings.len(), 1, "{code}: {findings:#?}");
        findings.remove(0)
    }

    pub(crate) fn is_silent(&self, code: &str) -> bool {
        self.findings(code).is_empty()
    }

    /// Codes of what refuses the plan, in the order of the report.
    pub(crate) fn denies(&self) -> Vec<&'static str> {
        let refuses = |finding: &Finding| finding.severity == Severity::Deny && finding.waived.is_none();
        let denies = self.gate().findings.into_iter().filter(refuses);
        denies.map(|finding| finding.code).collect()
    }
}

fn list<'v>(plan: &'v mut Value, name: &str) -> &'v mut Vec<Value> {
    plan[name].as_array_mut().unwrap()
}

fn entry(address: &str, change: Value) -> Value {
    let parsed: ResourceAddr = address.parse().unwrap();
    let mode = match parsed.mode {
        tidelock_parse::Mode::Data => "data",
        _ => "managed",
    };
    json!({"address": address, "mode": mode, "type": parsed.type_name, "name": parsed.name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "change": change})
}
