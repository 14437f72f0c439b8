//! Expressions as plan JSON has them: `{"constant_value": …}`, `{"references": […]}` or `{}`, and trees of these for
//! blocks.
//!
//! A saved plan holds the sources and not this form, in which the section `configuration` of plan JSON tells them. It
//! is made as `show -json` makes it, with three differences, all to tell more: blocks of which no schema is known are
//! lists, `dynamic` blocks are there, and what refers to something is no constant as well.

mod reference;

use std::collections::BTreeMap;

use self::reference::Reference;
use super::{
    Configuration, decimal,
    eval::Evaluator,
    lifecycle::Dependency,
    merge::argument,
    scope::Env,
    syntax::{Attr, Block, Body, Expr, ExprKind, Op, Part},
    val::Val,
};
use crate::{
    path::Step,
    schema::{SchemaNode, Shape},
    source::RawText,
};

/// Bytes of text beyond which expressions are left empty.
const MAX_BYTES: usize = 128 << 20;

/// Writes expressions, one behind the other, into a text.
pub(crate) struct Writer<'c> {
    config: &'c Configuration,
    /// Where constants are evaluated; nothing in them depends on it.
    env: Env<'c>,
    bytes: Vec<u8>,
}

/// Names bound by `for` and `dynamic` around an expression, innermost first; they are no references.
#[derive(Clone, Copy)]
struct Bound<'b> {
    name: &'b str,
    outer: Option<&'b Bound<'b>>,
}

type Scope<'b> = Option<&'b Bound<'b>>;

/// Everything that sets one argument.
enum Argument<'c> {
    Value(&'c Expr),
    Blocks(Vec<&'c Block>),
}

/// What stands in a list of blocks.
enum Content<'c> {
    Body(&'c Body),
    /// The content of a `dynamic` block, with the name of its iterator.
    Repeated(&'c Body, &'c str),
    /// What a `dynamic` block is repeated over.
    Over(&'c Expr),
}

/// What was seen in an expression.
#[derive(Default)]
struct Seen {
    references: bool,
    /// Calls of functions and loops, which are not evaluated.
    calls: bool,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(config: &'c Configuration) -> Self {
        Self { config, env: Env::new(config.root(), None), bytes: Vec::new() }
    }

    /// Everything that was written: what the ranges are ranges of.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// The arguments of a block, as an object.
    pub(crate) fn block(&mut self, body: &'c Body, schema: Option<&SchemaNode>) -> RawText {
        self.range(|writer| writer.body(body, schema, None))
    }

    /// The arguments of a provider, as an object.
    pub(crate) fn provider(&mut self, body: &'c Body) -> RawText {
        self.range(|writer| writer.body_without(body, &["alias", "version"], None, None))
    }

    /// The arguments of a module call, as an object.
    pub(crate) fn arguments(&mut self, attrs: &'c [Attr]) -> RawText {
        // The first of two wins, as everywhere.
        let by_name: BTreeMap<&str, &Expr> =
            attrs.iter().rev().map(|attr| (&*attr.name, &attr.value)).collect();
        self.range(|writer| writer.object(by_name, |writer, _, value| writer.leaf(value, None)))
    }

    /// One expression.
    pub(crate) fn expression(&mut self, expr: &'c Expr) -> RawText {
        self.range(|writer| writer.leaf(expr, None))
    }

    /// One expression; `None` if it is no constant and refers to nothing.
    pub(crate) fn telling(&mut self, expr: &'c Expr) -> Option<RawText> {
        Some(self.expression(expr)).filter(|range| range.len() > "{}".len())
    }

    /// A value as plain JSON; `None` if it is not known in full.
    pub(crate) fn value(&mut self, value: &Val) -> Option<RawText> {
        let start = self.bytes.len();
        if !self.json(value) {
            self.bytes.truncate(start);
            return None;
        }
        Some(RawText::between(start, self.bytes.len()))
    }

    fn range(&mut self, write: impl FnOnce(&mut Self)) -> RawText {
        let start = self.bytes.len();
        write(self);
        RawText::between(start, self.bytes.len())
    }

    fn body(&mut self, body: &'c Body, schema: Option<&SchemaNode>, scope: Scope<'_>) {
        self.body_without(body, &[], schema, scope);
    }

    fn body_without(
        &mut self,
        body: &'c Body,
        left_out: &[&str],
        schema: Option<&SchemaNode>,
        scope: Scope<'_>,
    ) {
        let mut arguments: BTreeMap<&str, Argument<'c>> = BTreeMap::new();
        for attr in body.attrs.iter().filter(|attr| !left_out.contains(&&*attr.name)) {
            arguments.entry(&attr.name).or_insert(Argument::Value(&attr.value));
        }
        for block in &body.blocks {
            let own = arguments.entry(argument(block)).or_insert_with(|| Argument::Blocks(Vec::new()));
            if let Argument::Blocks(blocks) = own {
                blocks.push(block);
            }
        }
        self.object(arguments, |writer, name, own| {
            let schema = schema.and_then(|schema| schema.child(&Step::attr(name)));
            match own {
                Argument::Value(value) => writer.argument(value, schema, scope),
                Argument::Blocks(blocks) => writer.blocks(&blocks, schema, scope),
            }
        });
    }

    /// An argument; in the JSON syntax only the schema tells it from a block.
    fn argument(&mut self, value: &'c Expr, schema: Option<&SchemaNode>, scope: Scope<'_>) {
        match schema.filter(|schema| schema.is_block() && self.config.is_json(value.place)) {
            Some(block) => self.json_block(value, block, scope),
            None => self.leaf(value, scope),
        }
    }

    fn json_block(&mut self, value: &'c Expr, schema: &SchemaNode, scope: Scope<'_>) {
        let inside = schema.element().unwrap_or(schema);
        let fields = match &value.kind {
            ExprKind::Object(fields) => {
                fields.iter().filter_map(|(key, value)| Some((key.literal_text()?, value)))
            }
            ExprKind::Tuple(items) if matches!(schema.shape(), Shape::List | Shape::Set) => {
                return self.list(items, |writer, item| writer.json_block(item, inside, scope));
            }
            _ => return self.leaf(value, scope),
        };
        let fields: BTreeMap<&str, &Expr> = fields.collect();
        match schema.shape() {
            Shape::Object => self.object(fields, |writer, name, value| {
                writer.argument(value, schema.child(&Step::attr(name)), scope);
            }),
            Shape::Map => self.object(fields, |writer, _, value| writer.json_block(value, inside, scope)),
            _ => self.list([value], |writer, item| writer.json_block(item, inside, scope)),
        }
    }

    /// All nested blocks of one type: an object for a type that comes once, objects by label, or a list of objects.
    ///
    /// `dynamic` blocks make it a list that ends in a leaf with what they are repeated over, so that a reader knows
    /// that positions in it mean nothing.
    fn blocks(&mut self, blocks: &[&'c Block], schema: Option<&SchemaNode>, scope: Scope<'_>) {
        let inside = schema.map(|schema| schema.element().unwrap_or(schema));
        let is_fixed = blocks.iter().all(|block| &*block.kind != "dynamic");
        match (schema.filter(|schema| is_fixed && schema.is_block()).map(SchemaNode::shape), blocks) {
            (Some(Shape::Object), [.., last]) => self.body(&last.body, inside, scope),
            (Some(Shape::Map), _) => {
                let by_label: BTreeMap<&str, &Block> =
                    blocks.iter().map(|block| (block.label(0), *block)).collect();
                self.object(by_label, |writer, _, block| writer.body(&block.body, inside, scope));
            }
            _ => self.list(contents(blocks), |writer, content| match content {
                Content::Body(body) => writer.body(body, inside, scope),
                Content::Repeated(body, iterator) => {
                    writer.body(body, inside, Some(&Bound { name: iterator, outer: scope }));
                }
                Content::Over(expr) => {
                    writer.push(OPEN);
                    writer.references(expr, scope, &mut Seen::default());
                    writer.push(CLOSE);
                }
            }),
        }
    }

    /// One expression.
    fn leaf(&mut self, expr: &'c Expr, scope: Scope<'_>) {
        let start = self.bytes.len();
        let mut seen = Seen::default();
        if !matches!(expr.kind, ExprKind::Literal(_)) {
            self.push(OPEN);
            self.references(expr, scope, &mut seen);
            if seen.references {
                return self.push(CLOSE);
            }
            self.bytes.truncate(start);
        }
        self.push("{\"constant_value\":");
        let constant = match &expr.kind {
            ExprKind::Literal(value) => self.json(value),
            _ if seen.calls => false,
            _ => self.json(&Evaluator::new(self.config).value(expr, &self.env)),
        };
        if !constant {
            self.bytes.truncate(start);
            self.push("{");
        }
        self.push("}");
    }

    /// Writes what an expression refers to, in the order of the source.
    fn references(&mut self, expr: &'c Expr, scope: Scope<'_>, seen: &mut Seen) {
        match &expr.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Root(name) => self.reference(name, &[], scope, seen),
            ExprKind::Traversal(root, ops) => {
                match &root.kind {
                    ExprKind::Root(name) => self.reference(name, ops, scope, seen),
                    _ => self.references(root, scope, seen),
                }
                for op in ops {
                    if let Op::Index(key) = op {
                        self.references(key, scope, seen);
                    }
                }
            }
            ExprKind::Template(parts) => self.template(parts, scope, seen),
            ExprKind::For(each) => {
                seen.calls = true;
                self.references(&each.collection, scope, seen);
                let value = Bound { name: &each.value_var, outer: scope };
                let key = Bound { name: each.key_var.as_deref().unwrap_or(value.name), outer: Some(&value) };
                for part in each.key.iter().chain([&each.value]).chain(&each.condition) {
                    self.references(part, Some(&key), seen);
                }
            }
            kind => {
                seen.calls |= matches!(kind, ExprKind::Call(_));
                expr.each_child(&mut |child| self.references(child, scope, seen));
            }
        }
    }

    fn template(&mut self, parts: &'c [Part], scope: Scope<'_>, seen: &mut Seen) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Interpolation(expr) => self.references(expr, scope, seen),
                Part::If { condition, then, otherwise } => {
                    self.references(condition, scope, seen);
                    self.template(then, scope, seen);
                    self.template(otherwise, scope, seen);
                }
                Part::For { key, value, collection, body } => {
                    seen.calls = true;
                    self.references(collection, scope, seen);
                    let value = Bound { name: value, outer: scope };
                    let key = Bound { name: key.as_deref().unwrap_or(value.name), outer: Some(&value) };
                    self.template(body, Some(&key), seen);
                }
            }
        }
    }

    fn reference(&mut self, root: &str, ops: &[Op], scope: Scope<'_>, seen: &mut Seen) {
        if is_bound(root, scope) || self.bytes.len() > MAX_BYTES {
            return;
        }
        let Some(reference) = Reference::read(root, ops) else { return };
        for text in reference.listed() {
            if self.bytes.last() != Some(&b'[') {
                self.push(",");
            }
            self.text(text);
        }
        seen.references = true;
    }

    /// Writes a value; false if it is not known in full, with a part of it written.
    fn json(&mut self, value: &Val) -> bool {
        if self.bytes.len() > MAX_BYTES {
            return false;
        }
        match value {
            Val::Null => self.push("null"),
            Val::Bool(true) => self.push("true"),
            Val::Bool(false) => self.push("false"),
            Val::Text(text) => self.text(text),
            Val::Number(number) => match decimal::plain(number) {
                Some(plain) => self.push(&plain),
                None => self.push(number.as_str()),
            },
            Val::Unknown(_) => return false,
            Val::Seq(_, items) => {
                let mut known = true;
                self.list(items.iter(), |writer, item| known = known && writer.json(item));
                return known;
            }
            Val::Map(_, fields) => {
                let mut known = true;
                let fields = fields.iter().map(|(name, field)| (&**name, field));
                self.object(fields, |writer, _, field| known = known && writer.json(field));
                return known;
            }
        }
        true
    }

    fn object<'n, T>(
        &mut self,
        fields: impl IntoIterator<Item = (&'n str, T)>,
        mut write: impl FnMut(&mut Self, &'n str, T),
    ) {
        self.push("{");
        for (at, (name, field)) in fields.into_iter().enumerate() {
            if at > 0 {
                self.push(",");
            }
            self.text(name);
            self.push(":");
            write(self, name, field);
        }
        self.push("}");
    }

    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.push("[");
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(",");
            }
            write(self, item);
        }
        self.push("]");
    }

    fn text(&mut self, text: &str) {
        // Writing into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }

    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

const OPEN: &str = "{\"references\":[";
const CLOSE: &str = "]}";

fn is_bound(name: &str, mut scope: Scope<'_>) -> bool {
    while let Some(bound) = scope {
        if bound.name == name {
            return true;
        }
        scope = bound.outer;
    }
    false
}

/// The bodies of all blocks, then what `dynamic` ones are repeated over.
fn contents<'c>(blocks: &[&'c Block]) -> Vec<Content<'c>> {
    let mut contents = Vec::new();
    let mut over = Vec::new();
    for block in blocks {
        if &*block.kind != "dynamic" {
            contents.push(Content::Body(&block.body));
            continue;
        }
        let iterator = match block.body.attr("iterator").map(|attr| &attr.value.kind) {
            Some(ExprKind::Root(name)) => name,
            _ => block.label(0),
        };
        let own = block.body.blocks_of("content");
        contents.extend(own.map(|content| Content::Repeated(&content.body, iterator)));
        over.extend(block.body.attr("for_each").map(|attr| Content::Over(&attr.value)));
    }
    contents.append(&mut over);
    contents
}

/// An entry of `depends_on`: the object that it stands for.
pub(crate) fn depended_on(entry: &Dependency) -> Option<String> {
    let (root, ops) = match &entry.expr.kind {
        ExprKind::Root(name) => (name, [].as_slice()),
        ExprKind::Traversal(root, ops) => match &root.kind {
            ExprKind::Root(name) => (name, ops.as_slice()),
            _ => return None,
        },
        _ => return None,
    };
    Some(Reference::read(root, ops)?.subject().to_owned())
}
