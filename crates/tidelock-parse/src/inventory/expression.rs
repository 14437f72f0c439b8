//! How a mapping says where a value stands: `.properties.osName`, `{subscription}/{name}`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::pick::Pick;

/// A field of an object, or a text with fields in it.
///
/// - `.name`, `.properties.osName`, `.tags["cost centre"]`, `.ips[0]`, `.ips[].address` (all of them),
///   `.metadata.items[key=created-by].value` (those that have it): a field.
/// - `projects/{project}/zones/{zone}`: a text with fields in braces, there without the first dot; `{{` is a brace.
///
/// What a field holds may be changed: `.zone | last` takes what stands behind the last `/`, `| after TEXT` what stands behind a
/// text, `| lower` makes small letters.
///
/// ```
/// # use tidelock_parse::inventory::Expression;
/// let name: Expression = "{zone | last}/{name}".parse().unwrap();
/// let object = serde_json::json!({"zone": "https://example.com/zones/europe-west3-a", "name": "web"});
/// assert_eq!(name.text(&object).as_deref(), Some("europe-west3-a/web"));
/// assert!("name".parse::<Expression>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    written: Box<str>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    steps: Vec<Step>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(Box<str>),
    Element(usize),
    Every,
    /// The elements whose member has this value.
    Having(Box<str>, Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Last,
    Lower,
    After(Box<str>),
}

/// A text is no such expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` {why}: write a field as `.name`, or a text with fields as `{{group}}/{{name}}`")]
#[diagnostic(code(tidelock::inventory::expression))]
pub struct ExpressionError {
    /// The text.
    pub text: String,
    /// What is wrong, as the end of a sentence.
    pub why: &'static str,
}

/// Deeper fields, and longer texts, are a mistake.
const MOST_STEPS: usize = 32;

impl Expression {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The text of an object; `None` if a field is missing, empty, or no single value.
    pub fn text(&self, object: &Json) -> Option<String> {
        self.text_with(object, |text| Some(text.to_owned()))
    }

    /// Every text that a field holds; of a field that is a list, its elements.
    pub fn texts(&self, object: &Json) -> Vec<String> {
        match self.field() {
            Some(field) => {
                let mut found = Vec::new();
                field.each(object, &mut |value| match value {
                    Json::Array(items) => found.extend(items.iter().filter_map(plain)),
                    value => found.extend(plain(value)),
                });
                found.into_iter().filter_map(|text| field.change(text)).collect()
            }
            None => self.text(object).into_iter().collect(),
        }
    }

    /// What stands in the field, if it is one.
    pub(super) fn value<'j>(&self, object: &'j Json) -> Option<&'j Json> {
        let mut found = None;
        self.field()?.each(object, &mut |value| {
            found.get_or_insert(value);
        });
        found
    }

    /// The names of a field that leads through objects alone.
    pub(super) fn names(&self) -> Option<Vec<&str>> {
        let field = self.field().filter(|field| field.changes.is_empty())?;
        let names = field.steps.iter().map(|step| match step {
            Step::Member(name) => Some(&**name),
            _ => None,
        });
        names.collect()
    }

    /// Notes which parts of an object are needed.
    pub(super) fn pick(&self, pick: &mut Pick) {
        for part in &self.parts {
            if let Part::Field(field) = part {
                let names = field.steps.iter().map(|step| match step {
                    Step::Member(name) => Some(&**name),
                    Step::Element(_) | Step::Every | Step::Having(..) => None,
                });
                pick.want(names);
                field.pick_conditions(pick);
            }
        }
    }

    fn field(&self) -> Option<&Field> {
        match self.parts.as_slice() {
            [Part::Field(field)] => Some(field),
            _ => None,
        }
    }

    fn text_with(&self, object: &Json, word: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Field(field) => text.push_str(&word(&field.text(object)?)?),
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

impl Field {
    /// Notes the members that elements of lists are chosen by.
    fn pick_conditions(&self, pick: &mut Pick) {
        for (at, step) in self.steps.iter().enumerate() {
            if let Step::Having(name, _) = step {
                let before = self.steps.iter().take(at + 1).map(|step| match step {
                    Step::Member(name) => Some(&**name),
                    _ => None,
                });
                pick.want(before.chain([Some(&**name)]));
            }
        }
    }

    fn text(&self, object: &Json) -> Option<String> {
        let mut found = None;
        self.each(object, &mut |value| {
            if found.is_none() {
                found = plain(value);
            }
        });
        self.change(found?).filter(|text| !text.is_empty())
    }

    fn each<'j>(&self, object: &'j Json, found: &mut impl FnMut(&'j Json)) {
        fn walk<'j>(value: &'j Json, steps: &[Step], found: &mut impl FnMut(&'j Json)) {
            let Some((step, rest)) = steps.split_first() else { return found(value) };
            match step {
                Step::Member(name) => value.get(&**name).into_iter().for_each(|v| walk(v, rest, found)),
                Step::Element(at) => value.get(*at).into_iter().for_each(|v| walk(v, rest, found)),
                Step::Having(name, wanted) => {
                    let having =
                        |item: &&Json| item.get(&**name).and_then(plain).as_deref() == Some(&**wanted);
                    value.as_array().into_iter().flatten().filter(having).for_each(|v| walk(v, rest, found));
                }
                Step::Every => {
                    value.as_array().into_iter().flatten().for_each(|v| walk(v, rest, found));
                }
            }
        }
        walk(object, &self.steps, found);
    }

    /// The text after all changes; `None` if it lacks what one of them needs.
    fn change(&self, text: String) -> Option<String> {
        self.changes.iter().try_fold(text, |text, change| match change {
            Change::Last => text.rsplit('/').next().map(str::to_owned),
            Change::Lower => Some(text.to_lowercase()),
            Change::After(before) => text.split_once(&**before).map(|(_, after)| after.to_owned()),
        })
    }
}

/// The text of a single value. A number with a fraction names nothing.
fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// A command line with fields in it: `az vm delete --yes --ids {id}`.
///
/// Each value becomes one word of a POSIX shell, whatever is in it; so no field may stand inside quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(Expression);

impl CommandLine {
    /// As written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The command for an object; `None` if a field is missing, empty, no single value, or holds control characters.
    pub fn line(&self, object: &Json) -> Option<String> {
        self.0.text_with(object, |text| (!text.contains(char::is_control)).then(|| shell_word(text)))
    }

    /// Notes which parts of an object are needed.
    pub(super) fn pick(&self, pick: &mut Pick) {
        self.0.pick(pick);
    }
}

impl FromStr for CommandLine {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let expression: Expression = text.parse()?;
        let fault = |why| ExpressionError { text: text.to_owned(), why };
        if text.contains(|c: char| c.is_control() || matches!(c, '\\' | '`')) {
            return Err(fault("has a backslash, a backtick, or more than one line"));
        }
        let mut open = None;
        for part in &expression.parts {
            match part {
                Part::Field(_) if open.is_some() => {
                    return Err(fault("has a field inside quotes, where its value would not be quoted"));
                }
                Part::Field(_) => {}
                Part::Text(plain) => open = quote_after(plain, open),
            }
        }
        Ok(Self(expression))
    }
}

/// The quote that stands open behind a part of a command line.
fn quote_after(text: &str, before: Option<char>) -> Option<char> {
    text.chars().fold(before, |open, c| match (open, c) {
        (None, '\'' | '"') => Some(c),
        (Some(quote), c) if quote == c => None,
        (open, _) => open,
    })
}

/// One word of a POSIX shell.
fn shell_word(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !text.is_empty() && !text.starts_with('-') && text.bytes().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let fault = |why| ExpressionError { text: text.to_owned(), why };
        let parts = if text.starts_with(['.', '[']) {
            vec![Part::Field(field(text).map_err(fault)?)]
        } else {
            template(text).map_err(fault)?
        };
        if !parts.iter().any(|part| matches!(part, Part::Field(_))) {
            return Err(fault("names no field"));
        }
        Ok(Self { written: text.into(), parts })
    }
}

fn template(text: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, behind) = rest.split_at(at);
        plain.push_str(before);
        if let Some(after) = behind.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = behind.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else if let Some((inside, after)) = behind.strip_prefix('{').and_then(|b| b.split_once('}')) {
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Field(field(inside.trim())?));
            rest = after;
        } else {
            return Err("has a brace that nothing closes or opens");
        }
    }
    plain.push_str(rest);
    parts.push(Part::Text(plain));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(parts)
}

fn field(text: &str) -> Result<Field, &'static str> {
    let mut parts = text.split('|');
    let path = parts.next().unwrap_or_default().trim();
    let changes = parts.map(|change| match change.trim().split_once(' ') {
        None if change.trim() == "last" => Ok(Change::Last),
        None if change.trim() == "lower" => Ok(Change::Lower),
        Some(("after", before)) if !before.trim().is_empty() => Ok(Change::After(before.trim().into())),
        _ => Err("has a change other than `last`, `lower` and `after TEXT`"),
    });
    Ok(Field { steps: steps(path)?, changes: changes.collect::<Result<_, _>>()? })
}

fn steps(path: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('.').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix("[\"") {
            let (name, behind) = inside.split_once("\"]").ok_or("has a bracket that nothing closes")?;
            steps.push(Step::Member(name.into()));
            rest = behind;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (number, behind) = inside.split_once(']').ok_or("has a bracket that nothing closes")?;
            steps.push(match number {
                "" => Step::Every,
                pair if pair.contains('=') => {
                    let (name, wanted) = pair.split_once('=').unwrap_or_default();
                    Step::Having(name.into(), wanted.into())
                }
                number => Step::Element(number.parse().map_err(|_| "has a bracket without a number")?),
            });
            rest = behind;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err("has a field without a name, or with a space in it (write `[\"cost centre\"]`)");
            }
            steps.push(Step::Member(name.into()));
            rest = behind;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if steps.len() > MOST_STEPS {
            return Err("is too deep");
        }
    }
    if steps.is_empty() { Err("names no field") } else { Ok(steps) }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for CommandLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(expression: &str, object: &Json) -> Option<String> {
        expression.parse::<Expression>().unwrap().text(object)
    }

    #[test]
    fn fields_are_found_at_any_depth() {
        let object =
            json!({"id": 7, "a": {"b c": [{"x": "1"}, {"x": "2"}]}, "tags": ["p", "q"], "gone": null});
        assert_eq!(text(".id", &object).unwrap(), "7");
        assert_eq!(text(".a[\"b c\"][1].x", &object).unwrap(), "2");
        assert_eq!(text(".a[\"b c\"][].x", &object).unwrap(), "1", "the first one of many");
        assert_eq!(text(".a[\"b c\"][x=2].x", &object).unwrap(), "2");
        for missing in [".gone", ".a[\"b c\"][x=3].x", ".a", ".a.b", ".id.x", ".tags[7]"] {
            assert_eq!(text(missing, &object), None, "{missing}");
        }
        let all = |expression: &str| expression.parse::<Expression>().unwrap().texts(&object);
        assert_eq!(all(".a[\"b c\"][].x"), ["1", "2"]);
        assert_eq!(all(".tags"), ["p", "q"]);
    }

    #[test]
    fn a_text_with_a_field_that_is_missing_is_none() {
        let object = json!({"g": "rg", "n": "web", "zone": "x/zones/b", "link": "https://h/v1/p/1"});
        assert_eq!(text("/groups/{g}/vm/{n}", &object).unwrap(), "/groups/rg/vm/web");
        assert_eq!(text("{zone | last}:{n|lower}", &object).unwrap(), "b:web");
        assert_eq!(text(".link | after /v1/", &object).unwrap(), "p/1");
        assert_eq!(text(".n | after /v1/", &object), None);
        assert_eq!(text("{g}/{nobody}", &object), None);
        assert_eq!(text("{{{g}}}", &object).unwrap(), "{rg}");
    }

    #[test]
    fn nothing_of_an_object_breaks_out_of_its_word() {
        let delete: CommandLine = "az vm delete --ids {id} --yes".parse().unwrap();
        let command = |id: &str| delete.line(&json!({ "id": id }));
        assert_eq!(command("/a/b-1").unwrap(), "az vm delete --ids /a/b-1 --yes");
        assert_eq!(command("x; rm -rf ~").unwrap(), "az vm delete --ids 'x; rm -rf ~' --yes");
        assert_eq!(command("a'$(b)'").unwrap(), r"az vm delete --ids 'a'\''$(b)'\''' --yes");
        assert_eq!(command("-rf").unwrap(), "az vm delete --ids '-rf' --yes");
        assert_eq!(command("a\nb"), None);
        for open in ["rm '{id}'", "rm \"{id}\"", "rm \\{id}", "rm `x {id}`", "rm 'it''s {id}", "rm\n{id}"] {
            assert!(open.parse::<CommandLine>().is_err(), "{open}");
        }
        assert!("rm 'a \"' {id} \"b\"".parse::<CommandLine>().is_ok());
    }

    #[test]
    fn what_names_no_field_is_refused() {
        for wrong in
            ["", "id", ".", "{}", "{a", "a}", ".a[x]", ".a[\"b", ".a b", ".a | sort", "{{a}}", ".a..b["]
        {
            assert!(wrong.parse::<Expression>().is_err(), "{wrong}");
        }
        assert!(".a".repeat(99).parse::<Expression>().is_err());
    }
}
