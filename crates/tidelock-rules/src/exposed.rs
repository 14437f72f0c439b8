//! Values that are secret by the detector of redaction, and that nothing marks: the search the secret rules share.

use tidelock_parse::{AttrPath, Mask, Plan, Step, Value, redact, schema::SchemaNode, secret};

use crate::policy::Policy;

/// Why a value counts as secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// Its form: a private key, a token, credentials in a URL, also inside a longer text.
    OfItsForm,
    /// The name that it stands under.
    OfItsName,
}

impl Because {
    /// How a sentence about a place goes on: `user_data holds …`.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::OfItsForm => "holds what is secret by its form",
            Self::OfItsName => "holds what is secret by its name",
        }
    }
}

/// What tells a secret: the detector of redaction, and what the policy adds to it and takes from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detector<'p> {
    names: Names,
    policy: &'p Policy,
}

/// Whether names count as well as forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// A known text under a password-like name is secret.
    Count,
    /// Only the form decides.
    Ignored,
}

impl<'p> Detector<'p> {
    /// Producers before Terraform 0.15 mark nothing, so that a password-like name does not say that a mark is missing.
    pub(crate) fn new(plan: &Plan, policy: &'p Policy) -> Self {
        let version = plan.header().terraform_version.as_deref().unwrap_or_default();
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        let marks = version.is_empty() || (parts.next(), parts.next()) >= (Some(0), Some(15));
        Self { names: if marks { Names::Count } else { Names::Ignored }, policy }
    }

    /// The same, with the form alone.
    pub(crate) const fn without_names(self) -> Self {
        Self { names: Names::Ignored, ..self }
    }

    /// Whether something in a text is secret by its form.
    fn by_form(&self, text: &str) -> bool {
        let built_in = if secret::holds_secret(text) { secret::find(text) } else { Vec::new() };
        let own = self.policy.secret_patterns.iter().flat_map(|pattern| pattern.find(text));
        built_in.into_iter().chain(own).any(|range| !self.policy.allows_secret(text, &range))
    }

    /// Whether a text is secret by the name that it stands under, given the object around both.
    ///
    /// A password may consist of words; a key, a token or a "secret" that does is the name of one.
    fn by_name(&self, name: &str, object: Option<&Value>, value: &Value) -> bool {
        let Value::String(text) = value else { return false };
        let lower = name.to_ascii_lowercase();
        let is_password = ["pass", "pwd", "pw", "psk"].iter().any(|word| lower.contains(word));
        self.names == Names::Count
            && redact::is_named(name, object, value)
            && !secret::is_stand_in(text)
            && !is_path(text)
            && (is_password || !secret::is_name(text))
            && !self.policy.allows_secret(text, &(0..text.len()))
    }
}

/// Arguments that repeat what another one says.
const REPEATED: &[&str] = &["effective_labels", "tags_all", "terraform_labels"];

/// What is looked through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'v> {
    /// What tells a secret.
    pub(crate) detector: Detector<'v>,
    /// The value.
    pub(crate) value: &'v Value,
    /// What was there before and is not looked at again.
    pub(crate) before: Option<&'v Value>,
    /// What is marked.
    pub(crate) marked: &'v Mask,
    /// What the schema knows, which may mark, too.
    pub(crate) schema: Option<&'v SchemaNode>,
}

impl Search<'_> {
    /// All that is secret and not marked, sorted by path; `name` is what the value as a whole stands under.
    pub(crate) fn run(&self, name: Option<&str>) -> Vec<(AttrPath, Because)> {
        let mut found = Vec::new();
        self.walk(&mut AttrPath::root(), &mut found);
        let named = || name.is_some_and(|name| self.detector.by_name(name, None, self.value));
        if found.is_empty() && !self.is_marked() && named() {
            found.push((AttrPath::root(), Because::OfItsName));
        }
        found
    }

    fn walk(&self, path: &mut AttrPath, found: &mut Vec<(AttrPath, Because)>) {
        if self.is_marked() || self.before == Some(self.value) {
            return;
        }
        match self.value {
            Value::String(text) if self.detector.by_form(text) => {
                found.push((path.clone(), Because::OfItsForm));
            }
            Value::List(items) => {
                for (item, at) in items.iter().zip(0_u64..) {
                    // Elements shift; what stood anywhere in the list is not new.
                    let old = self.before.and_then(Value::as_list).unwrap_or_default();
                    if !old.contains(item) {
                        self.below(item, Step::Index(at), path, found);
                    }
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields.iter().filter(|(name, _)| !REPEATED.contains(&&***name)) {
                    self.below(field, Step::attr(name), path, found);
                }
            }
            _ => {}
        }
    }

    fn below(&self, value: &Value, step: Step, path: &mut AttrPath, found: &mut Vec<(AttrPath, Because)>) {
        let inside = Search {
            detector: self.detector,
            value,
            before: self.before.and_then(|before| before.step(&step)),
            marked: self.marked.step(&step),
            schema: self.schema.and_then(|schema| schema.child(&step)),
        };
        let name = step.name().map(ToOwned::to_owned);
        let before = found.len();
        path.push(step);
        inside.walk(path, found);
        let named = || name.is_some_and(|name| self.detector.by_name(&name, Some(self.value), value));
        let new = || inside.before != Some(value);
        if found.len() == before && !inside.is_marked() && new() && named() {
            found.push((path.clone(), Because::OfItsName));
        }
        path.pop();
    }

    fn is_marked(&self) -> bool {
        matches!(self.marked, Mask::All) || self.schema.is_some_and(SchemaNode::is_sensitive)
    }
}

/// Whether a text names a file that holds the secret.
fn is_path(text: &str) -> bool {
    let starts = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    let ends =
        [".pem", ".key", ".p12", ".pfx", ".json", ".txt", ".crt"].iter().any(|end| text.ends_with(end));
    (starts || ends) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(value: &str, before: &str, marked: &str) -> Vec<String> {
        let (value, before) = (Value::decode(value).unwrap(), Value::decode(before).unwrap());
        let marked = Mask::decode(marked).unwrap();
        let policy = Policy::default();
        let detector = Detector { names: Names::Count, policy: &policy };
        let search = Search { detector, value: &value, before: Some(&before), marked: &marked, schema: None };
        search.run(None).iter().map(|(path, because)| format!("{path} {because:?}")).collect()
    }

    #[test]
    fn forms_and_names_are_found_at_any_depth_where_nothing_marks_them() {
        let value = r#"{"env":[{"vars":{"DB_PASSWORD":"hunter2","MODE":"x"}}],"url":"https://a:hunter2@b/","name":"a"}"#;
        assert_eq!(search(value, "{}", "{}"), ["env[0].vars.DB_PASSWORD OfItsName", "url OfItsForm"]);
        assert_eq!(search(value, "{}", r#"{"env":true,"url":true}"#), Vec::<String>::new());
        assert_eq!(search(value, value, "{}"), Vec::<String>::new());
    }

    #[test]
    fn what_was_there_before_is_not_new_though_its_place_shifts() {
        let (value, before) =
            (r#"{"a":[{"password":"horse-7"},{"password":"hunter2"}]}"#, r#"{"a":[{"password":"hunter2"}]}"#);
        assert_eq!(search(value, before, "{}"), ["a[0].password OfItsName"]);
    }

    #[test]
    fn stand_ins_paths_references_and_public_things_are_no_secrets() {
        let value = r#"{"password":"changeme","private_key":"keys/deploy.pem","token":"arn:aws:x:y:1:secret","api_key":"${var.k}",
            "key_name":"deploy","public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9wZk2Yf8RcVb7N1sXgPdU4hTjO6aEyKi5LrWn8xQ2v",
            "kms_key_id":"5f0c1b7e-41d2-4d2a-9c3e-2b8d6a0f4e17","tls_secret":"wildcard-internal-tls-2024",
            "description":"the database password: stored in the vault","user_data":"password=REPLACE_ME","db_password":""}"#;
        assert_eq!(search(value, "{}", "{}"), Vec::<String>::new());
    }

    #[test]
    fn names_do_not_count_before_marks_were_invented() {
        let names = |version: &str| {
            let text = format!(r#"{{"format_version":"1.0","terraform_version":"{version}"}}"#);
            let plan = Plan::from_source(&tidelock_parse::Source::new("plan", text)).unwrap();
            Detector::new(&plan, &Policy::default()).names
        };
        assert_eq!(names("0.12.31"), Names::Ignored);
        assert_eq!(names("0.15.0"), Names::Count);
        assert_eq!(names("1.11.4"), Names::Count);
    }

    #[test]
    fn a_policy_adds_what_is_secret_and_takes_away_what_is_not() {
        let policy = Policy {
            secret_patterns: vec!["acme_[0-9a-f]{8}".parse().unwrap()],
            allowed_secrets: vec!["hunter[0-9]".parse().unwrap()],
            ..Policy::default()
        };
        let detector = Detector { names: Names::Count, policy: &policy };
        let found = |text: &str| detector.by_form(text);
        assert!(found("see acme_0123abcd") && found("https://a:swordfish@b/"));
        assert!(!found("https://a:hunter2@b/") && !found("acme"));
        let named = |text: &str| detector.by_name("db_password", None, &Value::String(text.into()));
        assert!(named("swordfish") && !named("hunter2") && named("hunter2-too"));
    }
}
