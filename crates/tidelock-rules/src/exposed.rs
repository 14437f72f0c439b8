//! Values that are secret by the detector of redaction, and that nothing marks: the search the secret rules share.

use tidelock_parse::{
    AttrPath, Mask, Plan, Step, Value, redact,
    schema::SchemaNode,
    secret::{holds_secret, is_name, is_stand_in},
};

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

/// Whether names count as well as forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// A known text under a password-like name is secret.
    Count,
    /// Only the form decides.
    Ignored,
}

impl Names {
    /// Producers before Terraform 0.15 mark nothing, so that a password-like name does not say that a mark is missing.
    pub(crate) fn of(plan: &Plan) -> Self {
        let version = plan.header().terraform_version.as_deref().unwrap_or_default();
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        if version.is_empty() || (parts.next(), parts.next()) >= (Some(0), Some(15)) {
            Self::Count
        } else {
            Self::Ignored
        }
    }
}

/// Arguments that repeat what another one says.
const REPEATED: &[&str] = &["effective_labels", "tags_all", "terraform_labels"];

/// What is looked through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'v> {
    /// Whether names count.
    pub(crate) names: Names,
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
        if let (Some(name), Value::String(text)) = (name, self.value)
            && self.names == Names::Count
            && !matches!(self.marked, Mask::All)
            && !holds_secret(text)
            && redact::is_named(name, None, self.value)
            && is_no_name(name, text)
        {
            found.push((AttrPath::root(), Because::OfItsName));
        } else {
            self.walk(&mut AttrPath::root(), &mut found);
        }
        found
    }

    fn walk(&self, path: &mut AttrPath, found: &mut Vec<(AttrPath, Because)>) {
        let marked = matches!(self.marked, Mask::All) || self.schema.is_some_and(SchemaNode::is_sensitive);
        if marked || self.before == Some(self.value) {
            return;
        }
        match self.value {
            Value::String(text) if holds_secret(text) => found.push((path.clone(), Because::OfItsForm)),
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
                    let at = found.len();
                    self.below(field, Step::attr(name), path, found);
                    if found.len() == at && self.is_named(name, field) {
                        found.push((path.child(Step::attr(name)), Because::OfItsName));
                    }
                }
            }
            _ => {}
        }
    }

    fn below(&self, value: &Value, step: Step, path: &mut AttrPath, found: &mut Vec<(AttrPath, Because)>) {
        let inside = Search {
            names: self.names,
            value,
            before: self.before.and_then(|before| before.step(&step)),
            marked: self.marked.step(&step),
            schema: self.schema.and_then(|schema| schema.child(&step)),
        };
        path.push(step);
        inside.walk(path, found);
        path.pop();
    }

    /// Whether a field of this object is secret by its name, new, not marked, and no stand-in.
    fn is_named(&self, name: &str, field: &Value) -> bool {
        let step = Step::attr(name);
        let marked = matches!(self.marked.step(&step), Mask::All)
            || self.schema.and_then(|schema| schema.child(&step)).is_some_and(SchemaNode::is_sensitive);
        let new = || self.before.and_then(|before| before.step(&step)) != Some(field);
        let text = || field.as_str().is_some_and(|text| is_no_name(name, text));
        self.names == Names::Count
            && !marked
            && redact::is_named(name, Some(self.value), field)
            && text()
            && new()
    }
}

/// Whether a text under a password-like name can be the secret itself.
///
/// A password may consist of words; a key, a token or a "secret" that does is the name of one.
fn is_no_name(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_password = ["pass", "pwd", "pw", "psk"].iter().any(|word| name.contains(word));
    !is_stand_in(text) && !is_path(text) && (is_password || !is_name(text))
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
        let search = Search {
            names: Names::Count,
            value: &value,
            before: Some(&before),
            marked: &marked,
            schema: None,
        };
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
        let plan = |version: &str| {
            let text = format!(r#"{{"format_version":"1.0","terraform_version":"{version}"}}"#);
            Plan::from_source(&tidelock_parse::Source::new("plan", text)).unwrap()
        };
        assert_eq!(Names::of(&plan("0.12.31")), Names::Ignored);
        assert_eq!(Names::of(&plan("0.15.0")), Names::Count);
        assert_eq!(Names::of(&plan("1.11.4")), Names::Count);
    }
}
