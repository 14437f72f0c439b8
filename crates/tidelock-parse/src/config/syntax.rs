//! The syntax tree that both the native and the JSON syntax are lowered to.

use super::{location::Place, val::Val};

/// An expression and the bytes it takes.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// Null, truth value, number or text without any template in it.
    Literal(Val),
    Template(Vec<Part>),
    Tuple(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    Paren(Box<Expr>),
    /// First name of a reference, or a bare word.
    Root(Box<str>),
    Traversal(Box<Expr>, Vec<Op>),
    Call(Box<Call>),
    /// Condition, then, else.
    Conditional(Box<[Expr; 3]>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<[Expr; 2]>),
    For(Box<For>),
}

/// A part of a template.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    Interpolation(Expr),
    If { condition: Expr, then: Vec<Part>, otherwise: Vec<Part> },
    For { key: Option<Box<str>>, value: Box<str>, collection: Expr, body: Vec<Part> },
}

/// One step of a reference.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Attr(Box<str>),
    Index(Expr),
    /// `.*`
    AttrSplat,
    /// `[*]`
    FullSplat,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Namespaces joined with `::`.
    pub(crate) name: Box<str>,
    pub(crate) args: Vec<Expr>,
    /// Whether the last argument is followed by `...`.
    pub(crate) expand: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct For {
    pub(crate) key_var: Option<Box<str>>,
    pub(crate) value_var: Box<str>,
    pub(crate) collection: Expr,
    /// Present for an object, absent for a tuple.
    pub(crate) key: Option<Expr>,
    pub(crate) value: Expr,
    pub(crate) grouping: bool,
    pub(crate) condition: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Neg,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Eq,
    NotEq,
    LessEq,
    GreaterEq,
    Less,
    Greater,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    And,
    Or,
}

/// Attributes and blocks, in source order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) attrs: Vec<Attr>,
    pub(crate) blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attr {
    pub(crate) name: Box<str>,
    /// Of the name (native syntax) or of the value (JSON syntax).
    pub(crate) place: Place,
    pub(crate) value: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Box<str>,
    pub(crate) labels: Vec<Box<str>>,
    /// Of the block's first word (native syntax) or of its body (JSON syntax).
    pub(crate) place: Place,
    pub(crate) body: Body,
}

impl Body {
    pub(crate) fn attr(&self, name: &str) -> Option<&Attr> {
        self.attrs.iter().find(|attr| &*attr.name == name)
    }

    pub(crate) fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

impl Block {
    /// The label at `index`, `""` if it is missing.
    pub(crate) fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", |label| label)
    }
}

impl Expr {
    /// The expression without parentheses and without a template that only wraps one expression.
    pub(crate) fn unwrapped(&self) -> &Self {
        let mut expr = self;
        loop {
            expr = match &expr.kind {
                ExprKind::Paren(inner) => inner,
                ExprKind::Template(parts) => match parts.as_slice() {
                    [Part::Interpolation(inner)] => inner,
                    _ => return expr,
                },
                _ => return expr,
            }
        }
    }

    /// The text, if this is a literal one.
    pub(crate) fn literal_text(&self) -> Option<&str> {
        match &self.unwrapped().kind {
            ExprKind::Literal(Val::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is a literal one (quoted ones count, as in a state or JSON syntax).
    pub(crate) fn literal_bool(&self) -> Option<bool> {
        match &self.unwrapped().kind {
            ExprKind::Literal(Val::Bool(value)) => Some(*value),
            ExprKind::Literal(Val::Text(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// Calls `visit` for every direct part.
    pub(crate) fn each_child<'e>(&'e self, visit: &mut dyn FnMut(&'e Self)) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Root(_) => {}
            ExprKind::Template(parts) => Part::each_expr(parts, visit),
            ExprKind::Tuple(items) => items.iter().for_each(visit),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    visit(key);
                    visit(value);
                }
            }
            ExprKind::Paren(inner) | ExprKind::Unary(_, inner) => visit(inner),
            ExprKind::Traversal(root, ops) => {
                visit(root);
                for op in ops {
                    if let Op::Index(index) = op {
                        visit(index);
                    }
                }
            }
            ExprKind::Call(call) => call.args.iter().for_each(visit),
            ExprKind::Conditional(parts) => parts.iter().for_each(visit),
            ExprKind::Binary(_, sides) => sides.iter().for_each(visit),
            ExprKind::For(each) => {
                visit(&each.collection);
                each.key.iter().for_each(&mut *visit);
                visit(&each.value);
                each.condition.iter().for_each(visit);
            }
        }
    }
}

impl Part {
    fn each_expr<'e>(parts: &'e [Self], visit: &mut dyn FnMut(&'e Expr)) {
        for part in parts {
            match part {
                Self::Text(_) => {}
                Self::Interpolation(expr) => visit(expr),
                Self::If { condition, then, otherwise } => {
                    visit(condition);
                    Self::each_expr(then, visit);
                    Self::each_expr(otherwise, visit);
                }
                Self::For { collection, body, .. } => {
                    visit(collection);
                    Self::each_expr(body, visit);
                }
            }
        }
    }
}
