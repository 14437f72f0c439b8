//! Plans of our own making, and the way from one to an approval and back.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use tidelock_parse::{Plan, Schemas, Source};
use tidelock_rules::{
    Question, Report,
    approval::{Key, Salt, Terms, Verified},
    catalogue::Catalogue,
    context::Context,
    report::{Command, Finding, InputInfo, Severity},
    rule::{Rule, RuleMeta, Sink},
    rules,
};

/// A configuration that sets the user data of the VM to an expression.
pub(super) const USER_DATA_IS_SET: &str = r#""configuration":{"root_module":{"resources":[{"address":"aws_instance.web",
    "mode":"managed","type":"aws_instance","name":"web","expressions":{"user_data":{"references":["local.x"]}}}]}}"#;

/// An entry of `resource_changes`.
pub(super) fn instance(
    address: &str,
    actions: &[&str],
    before: Json,
    after: Json,
    after_unknown: Json,
    replace: &[&str],
) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    let paths: Vec<_> = replace.iter().map(|path| json!([path])).collect();
    let mut change = json!({"actions": actions, "replace_paths": paths});
    change["before"] = before;
    change["after"] = after;
    change["after_unknown"] = after_unknown;
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
    })
}

/// A plan with these entries.
pub(super) fn plan(changes: &[Json]) -> String {
    let changes = serde_json::to_string(changes).unwrap();
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","errored":false,"complete":true,"timestamp":"2026-11-01T00:00:00Z","output_changes":{{}},"configuration":{{}},"resource_changes":{changes}}}"#
    )
}

pub(super) fn key(secret: &str) -> Key {
    Key::new(secret.as_bytes()).unwrap()
}

pub(super) fn target(stack: &str, workspace: &str) -> InputInfo {
    InputInfo { stack: Some(stack.to_owned()), workspace: Some(workspace.to_owned()), ..InputInfo::default() }
}

fn read(text: &str) -> Plan {
    Plan::from_source(&Source::new("plan.json", text.as_bytes().to_vec())).unwrap()
}

/// The file that approves a plan.
pub(super) fn approve(text: &str, key: Option<&Key>) -> String {
    approve_for(text, InputInfo::default(), key)
}

pub(super) fn approve_for(text: &str, input: InputInfo, key: Option<&Key>) -> String {
    let plan = read(text);
    let terms = Terms { salt: Salt::from([7; 16]), key: key.cloned(), by: Some("ada".to_owned()) };
    let (_, approval) = question(&plan, input).approve(&terms).unwrap();
    serde_json::to_string_pretty(&approval).unwrap()
}

/// The answer of a gate that has an approval.
pub(super) fn gate(text: &str, approved: &str, key: Option<&Key>) -> Report {
    gate_for(text, InputInfo::default(), approved, key)
}

pub(super) fn gate_for(text: &str, input: InputInfo, approved: &str, key: Option<&Key>) -> Report {
    let plan = read(text);
    let source = Source::new("approval.json", approved.as_bytes().to_vec());
    let mut question = question(&plan, input);
    question.given.approval = Some(Verified::read(&source, key).unwrap().into());
    question.answer().unwrap()
}

/// Whether the finding of a rule about an address is there and held back.
pub(super) fn is_waived(report: &Report, code: &str, address: &str) -> bool {
    let about = |finding: &&Finding| finding.address.as_ref().is_some_and(|own| own.to_string() == address);
    let found = report.findings.iter().filter(about).find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("{code} is silent about {address}")).waived.is_some()
}

/// Denies whatever is destroyed, so that there is something to hold back on every plan.
#[derive(Debug)]
struct Destroys;

static DESTROYS: RuleMeta =
    RuleMeta::new("TL201", "destroys", "deny", &[Command::Gate], "Denies what is destroyed.");
static RULES: LazyLock<Vec<&'static dyn Rule>> = LazyLock::new(|| {
    let others = rules::RULES.iter().copied().filter(|rule| rule.meta().code != DESTROYS.code);
    others.chain([&Destroys as &dyn Rule]).collect()
});

impl Rule for Destroys {
    fn meta(&self) -> &'static RuleMeta {
        &DESTROYS
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for resource in context.resources.iter().filter(|resource| resource.actions.destroys()) {
            let draft = sink.about(resource, Severity::Deny, "is destroyed");
            sink.put(draft);
        }
    }
}

/// Schemas and facts decode once for all plans.
static KNOWN: LazyLock<(Schemas, Catalogue)> = LazyLock::new(|| (Schemas::builtin(), Catalogue::builtin()));

fn question(plan: &Plan, input: InputInfo) -> Question<'_> {
    let mut question = Question::new(Command::Gate, plan);
    (question.schemas, question.catalogue) = KNOWN.clone();
    question.rules = &RULES;
    question.input = input;
    question
}

/// What TL507 says, in order.
pub(super) fn unapproved(report: &Report) -> Vec<String> {
    let found = report.findings.iter().filter(|finding| finding.code == "TL507");
    found
        .map(|finding| match &finding.address {
            Some(address) => format!("{address}: {}", finding.message),
            None => finding.message.clone(),
        })
        .collect()
}

/// Other spellings of one plan.
pub(super) struct Plans(u64);

impl Plans {
    /// The same plan: keys and changes in another order, other white space, another time, spelled by `seed`.
    pub(super) fn scrambled(text: &str, seed: u64) -> String {
        let mut plan: Json = serde_json::from_str(text).unwrap();
        let mut dice = Self(seed);
        plan["timestamp"] = json!(format!("2026-11-{:02}T00:00:00Z", dice.below(28) + 1));
        for section in ["resource_changes", "resource_drift"] {
            if let Some(list) = plan[section].as_array_mut() {
                dice.shuffle(list);
            }
        }
        let mut out = String::new();
        dice.write(&plan, &mut out);
        out
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    fn write(&mut self, value: &Json, out: &mut String) {
        out.push_str(["", " ", "\n\t"][self.below(3)]);
        match value {
            Json::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.write(item, out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                self.shuffle(&mut fields);
                out.push('{');
                for (at, (name, field)) in fields.into_iter().enumerate() {
                    out.push_str(if at > 0 { ",  " } else { "" });
                    out.push_str(&Json::from(name.as_str()).to_string());
                    out.push(':');
                    self.write(field, out);
                }
                out.push('}');
            }
            plain => out.push_str(&plain.to_string()),
        }
    }
}
