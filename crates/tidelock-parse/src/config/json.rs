//! Lowers the JSON syntax of the configuration language to the common syntax tree.
//!
//! Every value is kept as a slice of the file, so that its bytes are known. Texts are templates; keys `"//"`
//! are comments. Whether a property of a resource is an argument or a nested block only its schema could tell:
//! it stays an argument, and reading a path inside it accepts both.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    location::{FileId, Place},
    native::Origin,
    syntax::{Attr, Block, Body, Expr, ExprKind},
    val::Val,
};
use crate::number::Number;

/// Nesting beyond this is refused.
const MAX_NESTING: usize = 64;

/// Why a file of the JSON syntax cannot be read; `at` is a byte of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonError {
    pub(crate) at: usize,
    pub(crate) why: &'static str,
}

type Lowered<T> = Result<T, JsonError>;

/// Where texts may hold templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    Templates,
    /// `*.tfvars.json`.
    Plain,
}

/// One file of the JSON syntax.
#[derive(Clone, Copy)]
pub(crate) struct JsonFile<'t> {
    pub(crate) file: FileId,
    pub(crate) text: &'t str,
    /// Bytes before `text` in the file.
    pub(crate) skipped: usize,
    pub(crate) texts: Texts,
}

/// What a property of a block means.
enum Shape {
    Argument,
    /// A nested block with this many labels.
    Block(usize),
}

/// The properties of an object, in source order, repeated ones included.
struct Properties<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Properties<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Properties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    if name != "//" {
                        entries.push((name, value));
                    }
                }
                Ok(Properties(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A key that is borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> JsonFile<'t> {
    /// The whole file as a body of top-level blocks.
    pub(crate) fn module(self) -> Lowered<Body> {
        let root = self.root()?;
        let mut body = Body::default();
        for object in self.objects(root, MAX_NESTING)? {
            self.fill(&mut body, object, top_level, MAX_NESTING)?;
        }
        Ok(body)
    }

    /// The whole file as plain attributes, as `*.tfvars.json` has them.
    pub(crate) fn attributes(self) -> Lowered<Body> {
        let root = self.root()?;
        let mut body = Body::default();
        self.fill(&mut body, root, |_| Shape::Argument, MAX_NESTING)?;
        Ok(body)
    }

    fn root(self) -> Lowered<&'t RawValue> {
        serde_json::from_str(self.text).map_err(|error| self.syntax_error(&error))
    }

    fn syntax_error(self, error: &serde_json::Error) -> JsonError {
        let line_start = match error.line().checked_sub(2) {
            None => 0,
            Some(breaks) => self.text.match_indices('\n').nth(breaks).map_or(0, |(at, _)| at + 1),
        };
        let at = (line_start + error.column().saturating_sub(1)).min(self.text.len());
        JsonError { at: at + self.skipped, why: "this is not valid JSON" }
    }

    fn error(self, raw: &RawValue, why: &'static str) -> JsonError {
        JsonError { at: self.place(raw).start as usize, why }
    }

    /// Where a value stands: it is a slice of the text, so its address says.
    fn place(self, raw: &RawValue) -> Place {
        let value = raw.get();
        let start = (value.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        if start > self.text.len() {
            return Place { file: self.file, start: 0, end: 0 };
        }
        let at = |offset: usize| u32::try_from(offset + self.skipped).unwrap_or(u32::MAX);
        Place { file: self.file, start: at(start), end: at(start + value.len()) }
    }

    fn properties(self, raw: &'t RawValue) -> Lowered<Vec<(Cow<'t, str>, &'t RawValue)>> {
        let read: Result<Properties<'t>, _> = serde_json::from_str(raw.get());
        read.map(|properties| properties.0).map_err(|_| self.error(raw, "an object is expected here"))
    }

    fn items(self, raw: &'t RawValue) -> Lowered<Vec<&'t RawValue>> {
        serde_json::from_str(raw.get()).map_err(|_| self.error(raw, "a list is expected here"))
    }

    /// An object, or the objects of a list of them: both spell blocks.
    fn objects(self, raw: &'t RawValue, depth: usize) -> Lowered<Vec<&'t RawValue>> {
        let depth = self.deeper(raw, depth)?;
        match raw.get().as_bytes().first() {
            Some(b'{') => Ok(vec![raw]),
            Some(b'[') => {
                let mut all = Vec::new();
                for item in self.items(raw)? {
                    all.append(&mut self.objects(item, depth)?);
                }
                Ok(all)
            }
            Some(b'n') => Ok(Vec::new()),
            _ => Err(self.error(raw, "a block is expected here: an object, or a list of them")),
        }
    }

    fn deeper(self, raw: &RawValue, depth: usize) -> Lowered<usize> {
        depth.checked_sub(1).ok_or_else(|| self.error(raw, "this is nested too deeply"))
    }

    fn fill(self, body: &mut Body, raw: &'t RawValue, shape: fn(&str) -> Shape, depth: usize) -> Lowered<()> {
        let depth = self.deeper(raw, depth)?;
        for (name, value) in self.properties(raw)? {
            match shape(&name) {
                Shape::Argument => body.attrs.push(Attr {
                    name: name.as_ref().into(),
                    place: self.place(value),
                    value: self.argument(&name, value, depth)?,
                }),
                Shape::Block(labels) => {
                    self.blocks(body, &name, &mut Vec::new(), labels, value, depth)?;
                }
            }
        }
        Ok(())
    }

    fn blocks(
        self,
        body: &mut Body,
        kind: &str,
        labels: &mut Vec<Box<str>>,
        missing: usize,
        raw: &'t RawValue,
        depth: usize,
    ) -> Lowered<()> {
        let depth = self.deeper(raw, depth)?;
        for object in self.objects(raw, depth)? {
            if let Some(missing) = missing.checked_sub(1) {
                for (label, inner) in self.properties(object)? {
                    labels.push(label.as_ref().into());
                    self.blocks(body, kind, labels, missing, inner, depth)?;
                    labels.pop();
                }
                continue;
            }
            let mut block = Block {
                kind: kind.into(),
                labels: labels.clone(),
                place: self.place(object),
                body: Body::default(),
            };
            self.fill(&mut block.body, object, inside(kind), depth)?;
            body.blocks.push(block);
        }
        Ok(())
    }

    /// The value of an argument. Some take references or keywords that are quoted for JSON's sake.
    fn argument(self, name: &str, raw: &'t RawValue, depth: usize) -> Lowered<Expr> {
        match name {
            "depends_on"
            | "ignore_changes"
            | "replace_triggered_by"
            | "provider"
            | "type"
            | "to"
            | "from"
                if self.texts == Texts::Templates =>
            {
                self.unquoted(raw, depth)
            }
            _ => self.expr(raw, depth),
        }
    }

    fn unquoted(self, raw: &'t RawValue, depth: usize) -> Lowered<Expr> {
        let place = self.place(raw);
        match raw.get().as_bytes().first() {
            Some(b'"') => {
                let text = self.decode(raw)?;
                let kind = hcl_edit::parser::parse_expr(&text)
                    .map(|expr| Origin::Inside(place).expr(&expr).kind)
                    .unwrap_or(ExprKind::Literal(Val::text(text)));
                Ok(Expr { kind, place })
            }
            Some(b'[') => {
                let depth = self.deeper(raw, depth)?;
                let items = self.items(raw)?.into_iter().map(|item| self.unquoted(item, depth));
                Ok(Expr { kind: ExprKind::Tuple(items.collect::<Lowered<_>>()?), place })
            }
            _ => self.expr(raw, depth),
        }
    }

    fn decode(self, raw: &RawValue) -> Lowered<String> {
        serde_json::from_str(raw.get()).map_err(|_| self.error(raw, "this is not valid JSON"))
    }

    fn expr(self, raw: &'t RawValue, depth: usize) -> Lowered<Expr> {
        let depth = self.deeper(raw, depth)?;
        let place = self.place(raw);
        let kind = match raw.get().as_bytes().first() {
            Some(b'n') => ExprKind::Literal(Val::Null),
            Some(b't') => ExprKind::Literal(Val::Bool(true)),
            Some(b'f') => ExprKind::Literal(Val::Bool(false)),
            Some(b'"') => self.text(&self.decode(raw)?, place),
            Some(b'[') => {
                let items = self.items(raw)?.into_iter().map(|item| self.expr(item, depth));
                ExprKind::Tuple(items.collect::<Lowered<_>>()?)
            }
            Some(b'{') => {
                let mut items = Vec::new();
                for (name, value) in self.properties(raw)? {
                    let nowhere = Place { end: place.start, ..place };
                    let key = Expr { kind: self.text(&name, nowhere), place: nowhere };
                    items.push((key, self.expr(value, depth)?));
                }
                ExprKind::Object(items)
            }
            _ => Number::parse(raw.get())
                .map(|number| ExprKind::Literal(Val::Number(number)))
                .ok_or_else(|| self.error(raw, "this is not valid JSON"))?,
        };
        Ok(Expr { kind, place })
    }

    fn text(self, text: &str, place: Place) -> ExprKind {
        if self.texts == Texts::Plain || !(text.contains("${") || text.contains("%{")) {
            return ExprKind::Literal(Val::text(text));
        }
        // A word that means nothing is not known later.
        let unreadable = || ExprKind::Root("(template)".into());
        // How much of several lines a `~` takes is not certain.
        if text.contains('~') && text.contains('\n') {
            return unreadable();
        }
        hcl_edit::parser::parse_template(text)
            .map_or_else(|_| unreadable(), |template| Origin::Inside(place).template(&template))
    }
}

/// Block types of a module and how many labels they have.
fn top_level(name: &str) -> Shape {
    match name {
        "resource" | "data" | "ephemeral" => Shape::Block(2),
        "variable" | "output" | "module" | "provider" | "check" => Shape::Block(1),
        "locals" | "terraform" | "moved" | "import" | "removed" => Shape::Block(0),
        _ => Shape::Argument,
    }
}

/// What the properties of a block of this kind mean.
fn inside(kind: &str) -> fn(&str) -> Shape {
    match kind {
        "resource" | "data" | "ephemeral" | "content" => |name| match name {
            "lifecycle" | "connection" | "_" => Shape::Block(0),
            "provisioner" | "dynamic" => Shape::Block(1),
            _ => Shape::Argument,
        },
        "dynamic" => |name| if name == "content" { Shape::Block(0) } else { Shape::Argument },
        "lifecycle" => |name| match name {
            "precondition" | "postcondition" => Shape::Block(0),
            _ => Shape::Argument,
        },
        "check" => |name| match name {
            "data" => Shape::Block(2),
            _ => Shape::Argument,
        },
        "module" | "removed" => |name| match name {
            "lifecycle" => Shape::Block(0),
            _ => Shape::Argument,
        },
        _ => |_| Shape::Argument,
    }
}
