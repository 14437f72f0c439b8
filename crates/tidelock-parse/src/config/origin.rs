//! *Accept*: which one literal of the sources sets a path of an instance, and nothing else.
//!
//! A wrong line changes other machines, so there are three steps, and any doubt in one of them gives no line:
//! follow the expression to one literal (`trace`), see that the literal has the value that the path has, and see
//! that nothing else depends on it (`users`).

mod trace;
mod users;

use serde::Serialize;

use super::{
    Configuration,
    decimal::plain,
    eval::Evaluator,
    location::{Location, Span, Syntax},
    setting::{Evaluated, Setting},
    syntax::ExprKind,
    types::to_text,
    val::Val,
};
use crate::{
    address::{ConfigAddr, ResourceAddr},
    path::AttrPath,
    quoted::{is_identifier, quoted},
    value::Value,
};

/// The literal that sets a path of an instance, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// Where it stands.
    pub location: Location,
    /// The bytes to replace in [`Location::file`].
    pub span: Span,
    /// Name of the argument, attribute, key or variable it is written for; `None` for an element of a list.
    pub name: Option<String>,
    /// The literal as written. It may be a secret: it is the recorded value.
    #[serde(skip)]
    pub old_text: String,
    #[serde(skip)]
    writing: Writing,
}

/// How a value is written where the literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writing {
    syntax: Syntax,
    /// Whether `${` starts a template.
    templates: bool,
    /// Whether the literal is a text, so that numbers and truth values stay in quotes.
    text: bool,
}

/// Why no line of the sources can be named for accepting a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoOrigin {
    /// The configuration does not set the path.
    NotSet,
    /// The literal sets other instances, too.
    SharedBy {
        /// How many others there are.
        instances: usize,
    },
    /// The literal sets another path of the same instance, too.
    AlsoSets {
        /// That path.
        path: AttrPath,
    },
    /// Something else would change with the path, because it refers to it.
    ReferredTo {
        /// The block that refers to it.
        by: ConfigAddr,
    },
    /// The literal decides something else, too: which instances there are, or how a provider is configured.
    Structural,
    /// The value is computed from what is written, not passed on.
    Computed,
    /// The value is written as nested blocks, not as one literal.
    Blocks,
    /// A variable got its value from the command line, the environment, or a file that does not apply on its
    /// own; or the files that could give it cannot be seen.
    GivenOutside {
        /// The variable.
        variable: Box<str>,
    },
    /// It is written in a module that is downloaded.
    Downloaded,
    /// It is written in a module outside of the root module's directory, where others may use it as well.
    OutsideRoot,
    /// It cannot be told where the value comes from, or who else uses it.
    Unknown,
}

impl Configuration {
    /// The one literal that sets `path` of this instance and nothing else.
    ///
    /// # Errors
    /// [`NoOrigin`] if there is none, or if it is not certain.
    pub fn origin(&self, addr: &ResourceAddr, path: &AttrPath) -> Result<Origin, NoOrigin> {
        let evaluator = Evaluator::new(self);
        let literal = evaluator.literal(addr, path.steps()).map_err(|reason| match reason {
            // Such as the default of an optional attribute.
            NoOrigin::NotSet if !matches!(self.setting(addr, path), Setting::NotSet) => NoOrigin::Computed,
            reason => reason,
        })?;
        if !evaluator.certainly_exists(addr) {
            return Err(NoOrigin::Unknown);
        }
        let written = evaluator.value(literal.expr, &Evaluator::module_env(&self.root()));
        match self.setting(addr, path) {
            Setting::Set { value: Evaluated::Known(value), .. } if agree(&value, &written.to_value()) => {}
            Setting::NotSet => return Err(NoOrigin::NotSet),
            _ => return Err(NoOrigin::Unknown),
        }
        let place = literal.expr.place;
        users::Search::new(self, place, addr, path).run()?;
        users::referrer(self, &addr.config(), path)?;
        let file = self.sources.get(place.file).ok_or(NoOrigin::Unknown)?;
        Ok(Origin {
            location: self.location(place),
            span: place.span(),
            name: literal.name.map(String::from),
            old_text: self.sources.text(place).to_owned(),
            writing: Writing {
                syntax: file.syntax,
                templates: !file.path.ends_with(".tfvars.json"),
                text: matches!(literal.expr.kind, ExprKind::Literal(Val::Text(_))),
            },
        })
    }
}

impl Configuration {
    /// Whether anything refers to a path of the instances of a block, or to something above or below it.
    pub fn is_referred_to(&self, block: &ConfigAddr, path: &AttrPath) -> bool {
        users::referrer(self, block, path).is_err()
    }
}

/// Whether a value is what a literal says, conversions between texts, numbers and truth values aside.
fn agree(value: &Value, written: &Value) -> bool {
    match (value, written) {
        (Value::List(xs), Value::List(ys)) => {
            xs.len() == ys.len() && xs.iter().all(|x| ys.iter().any(|y| agree(x, y)))
        }
        (Value::Object(xs), Value::Object(ys)) => {
            xs.len() == ys.len() && xs.iter().all(|(name, x)| ys.get(name).is_some_and(|y| agree(x, y)))
        }
        _ => value == written || as_text(value).is_some_and(|text| as_text(written) == Some(text)),
    }
}

fn as_text(value: &Value) -> Option<Val> {
    to_text(Val::from_value(value)).ok().filter(|text| matches!(text, Val::Text(_)))
}

impl Origin {
    /// `value` as it would stand in place of the literal; `None` if it cannot be written as one.
    ///
    /// A number or truth value in place of a text stays in quotes, as the author chose.
    pub fn accept_hcl(&self, value: &Value) -> Option<String> {
        let mut out = String::new();
        match (value, self.writing.text) {
            // Null means not set; a whole argument is not unset by writing it.
            (Value::Null, _) => return None,
            (Value::Number(number), true) => self.writing.text(&mut out, &plain(number)?),
            (Value::Bool(flag), true) => self.writing.text(&mut out, if *flag { "true" } else { "false" }),
            _ => self.writing.value(&mut out, value)?,
        }
        Some(out)
    }

    /// The line as it would read, such as `dedicated = 10240`; the bare value for an element of a list.
    pub fn accept_line(&self, value: &Value) -> Option<String> {
        let value = self.accept_hcl(value)?;
        let Some(name) = &self.name else { return Some(value) };
        let mut line = String::new();
        self.writing.key(&mut line, name);
        line.push_str(if self.writing.syntax == Syntax::Json { ": " } else { " = " });
        line.push_str(&value);
        Some(line)
    }
}

impl Writing {
    fn value(self, out: &mut String, value: &Value) -> Option<()> {
        match value {
            Value::Unknown => return None,
            Value::Null => out.push_str("null"),
            Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => out.push_str(&plain(number)?),
            Value::String(text) => self.text(out, text),
            Value::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.value(out, item)?;
                }
                out.push(']');
            }
            Value::Object(fields) if fields.is_empty() => out.push_str("{}"),
            Value::Object(fields) => {
                out.push_str("{ ");
                for (at, (name, field)) in fields.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.key(out, name);
                    out.push_str(if self.syntax == Syntax::Json { ": " } else { " = " });
                    self.value(out, field)?;
                }
                out.push_str(" }");
            }
        }
        Some(())
    }

    fn key(self, out: &mut String, name: &str) {
        // Words that start something else where a key may stand.
        let word = matches!(name, "for" | "null" | "true" | "false");
        if self.syntax == Syntax::Hcl && is_identifier(name) && !word {
            out.push_str(name);
        } else {
            self.text(out, name);
        }
    }

    fn text(self, out: &mut String, text: &str) {
        match self.syntax {
            Syntax::Hcl => out.push_str(&quoted(text)),
            Syntax::Json => {
                let escaped = text.replace("${", "$${").replace("%{", "%%{");
                let text = if self.templates { &escaped } else { text };
                // A text always has a JSON form.
                out.push_str(&serde_json::to_string(text).unwrap_or_default());
            }
        }
    }
}
