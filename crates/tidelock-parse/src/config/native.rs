//! Lowers the native syntax, as `hcl-edit` parses it, to the common syntax tree.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use hcl_edit::{
    Span as _,
    expr::{self as hcl, BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator},
    structure,
    template::{Directive, Element, HeredocTemplate, Template},
};

use super::{
    heredoc::{Form, literals},
    location::{FileId, Place},
    syntax::{Attr, Binary, Block, Body, Call, Expr, ExprKind, For, Op, Part, Unary},
    val::Val,
};
use crate::number::Number;

/// Which file is being lowered, and how the parser's offsets become bytes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'s> {
    /// The parser saw this text: the file, but for this many bytes at its start.
    File(FileId, usize, &'s str),
    /// The parser saw a text inside the file; its offsets say nothing.
    Inside(Place),
}

impl Origin<'_> {
    fn place(self, span: Option<Range<usize>>) -> Place {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        match (self, span) {
            (Self::File(file, skipped, _), Some(span)) => {
                Place { file, start: at(span.start + skipped), end: at(span.end + skipped) }
            }
            (Self::File(file, ..), None) => Place { file, start: 0, end: 0 },
            (Self::Inside(place), _) => Place { end: place.start, ..place },
        }
    }

    pub(crate) fn body(self, body: &structure::Body) -> Body {
        let mut lowered = Body::default();
        for part in body {
            match part {
                structure::Structure::Attribute(attr) => lowered.attrs.push(Attr {
                    name: attr.key.as_str().into(),
                    place: self.place(attr.key.span()),
                    value: self.expr(&attr.value),
                }),
                structure::Structure::Block(block) => lowered.blocks.push(Block {
                    kind: block.ident.as_str().into(),
                    labels: block.labels.iter().map(|label| label.as_str().into()).collect(),
                    place: self.place(block.ident.span()),
                    body: self.body(&block.body),
                }),
            }
        }
        lowered
    }

    pub(crate) fn expr(self, expr: &Expression) -> Expr {
        Expr { kind: self.kind(expr), place: self.place(expr.span()) }
    }

    fn boxed(self, expr: &Expression) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn kind(self, expr: &Expression) -> ExprKind {
        match expr {
            Expression::Null(_) => ExprKind::Literal(Val::Null),
            Expression::Bool(value) => ExprKind::Literal(Val::Bool(*value.value())),
            Expression::Number(number) => self.number(number, expr.span()),
            Expression::String(text) => ExprKind::Literal(Val::text(text.value().as_str())),
            Expression::Array(items) => ExprKind::Tuple(items.iter().map(|item| self.expr(item)).collect()),
            Expression::Object(object) => ExprKind::Object(
                object.iter().map(|(key, value)| (self.key(key), self.expr(value.expr()))).collect(),
            ),
            Expression::StringTemplate(template) => self.template(template),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, expr.span()),
            Expression::Parenthesis(inner) => ExprKind::Paren(self.boxed(inner.inner())),
            Expression::Variable(name) => ExprKind::Root(name.as_str().into()),
            Expression::Conditional(parts) => ExprKind::Conditional(Box::new([
                self.expr(&parts.cond_expr),
                self.expr(&parts.true_expr),
                self.expr(&parts.false_expr),
            ])),
            Expression::FuncCall(call) => ExprKind::Call(Box::new(self.call(call))),
            Expression::Traversal(traversal) => ExprKind::Traversal(
                self.boxed(&traversal.expr),
                traversal.operators.iter().map(|op| self.op(op.value())).collect(),
            ),
            Expression::UnaryOp(op) => {
                let operator = match op.operator.value() {
                    UnaryOperator::Neg => Unary::Neg,
                    UnaryOperator::Not => Unary::Not,
                };
                ExprKind::Unary(operator, self.boxed(&op.expr))
            }
            Expression::BinaryOp(op) => ExprKind::Binary(
                binary(*op.operator.value()),
                Box::new([self.expr(&op.lhs_expr), self.expr(&op.rhs_expr)]),
            ),
            Expression::ForExpr(each) => ExprKind::For(Box::new(self.for_expr(each))),
        }
    }

    /// The literal as written, because the parser's own number is a float beyond 64 bits.
    fn number(self, number: &hcl_edit::Formatted<hcl_edit::Number>, span: Option<Range<usize>>) -> ExprKind {
        let in_file = match self {
            Self::File(_, _, source) => span.and_then(|span| source.get(span)).and_then(parse_number),
            Self::Inside(_) => None,
        };
        let written = number.as_repr().map(|repr| repr.to_string()).unwrap_or_default();
        let digits: String = written.chars().filter(|c| !c.is_whitespace()).collect();
        in_file.or_else(|| parse_number(&digits)).map_or_else(
            // The parser accepted it, so this never happens; a word that means nothing is not known later.
            || ExprKind::Root(Arc::<str>::from(digits.as_str()).to_string().into()),
            |number| ExprKind::Literal(Val::Number(number)),
        )
    }

    fn key(self, key: &ObjectKey) -> Expr {
        match key {
            // A bare word that the parser took for a reference is still a key.
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
                Expr { kind: ExprKind::Literal(Val::text(name.as_str())), place: self.place(name.span()) }
            }
            ObjectKey::Expression(expr @ Expression::Null(_)) => {
                Expr { kind: ExprKind::Literal(Val::text("null")), place: self.place(expr.span()) }
            }
            ObjectKey::Expression(expr) => self.expr(expr),
        }
    }

    fn call(self, call: &hcl::FuncCall) -> Call {
        let mut name = String::new();
        for space in &call.name.namespace {
            name.push_str(space.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        Call {
            name: name.into(),
            args: call.args.iter().map(|arg| self.expr(arg)).collect(),
            expand: call.args.expand_final(),
        }
    }

    fn op(self, op: &TraversalOperator) -> Op {
        match op {
            TraversalOperator::AttrSplat(_) => Op::AttrSplat,
            TraversalOperator::FullSplat(_) => Op::FullSplat,
            TraversalOperator::GetAttr(name) => Op::Attr(name.as_str().into()),
            TraversalOperator::Index(index) => Op::Index(self.expr(index)),
            TraversalOperator::LegacyIndex(index) => Op::Index(Expr {
                kind: ExprKind::Literal(Val::Number(Number::from(*index.value()))),
                place: self.place(index.span()),
            }),
        }
    }

    fn for_expr(self, each: &hcl::ForExpr) -> For {
        For {
            key_var: each.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value_var: each.intro.value_var.as_str().into(),
            collection: self.expr(&each.intro.collection_expr),
            key: each.key_expr.as_ref().map(|key| self.expr(key)),
            value: self.expr(&each.value_expr),
            grouping: each.grouping,
            condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
        }
    }

    pub(crate) fn template(self, template: &Template) -> ExprKind {
        self.template_as(template, Form::Quoted)
    }

    fn heredoc(self, heredoc: &HeredocTemplate, span: Option<Range<usize>>) -> ExprKind {
        let Self::File(_, _, source) = self else {
            return self.template(&heredoc.template);
        };
        let indented = span.and_then(|span| source.get(span)).is_some_and(|text| text.starts_with("<<-"));
        self.template_as(&heredoc.template, Form::Heredoc { source, indented })
    }

    fn template_as(self, template: &Template, form: Form<'_>) -> ExprKind {
        let mut parts = self.parts(template, &mut literals(template, form));
        match parts.as_mut_slice() {
            [] => ExprKind::Literal(Val::text("")),
            [Part::Text(text)] => ExprKind::Literal(Val::text(std::mem::take(text))),
            _ => ExprKind::Template(parts),
        }
    }

    fn parts(self, template: &Template, literals: &mut VecDeque<String>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for element in template {
            match element {
                Element::Literal(_) => {
                    let text = literals.pop_front().unwrap_or_default();
                    if !text.is_empty() {
                        parts.push(Part::Text(text));
                    }
                }
                Element::Interpolation(interpolation) => {
                    parts.push(Part::Interpolation(self.expr(&interpolation.expr)));
                }
                Element::Directive(directive) => parts.push(self.directive(directive, literals)),
            }
        }
        parts
    }

    fn directive(self, directive: &Directive, literals: &mut VecDeque<String>) -> Part {
        match directive {
            Directive::If(directive) => Part::If {
                condition: self.expr(&directive.if_expr.cond_expr),
                then: self.parts(&directive.if_expr.template, literals),
                otherwise: directive
                    .else_expr
                    .as_ref()
                    .map(|part| self.parts(&part.template, literals))
                    .unwrap_or_default(),
            },
            Directive::For(directive) => {
                let each = &directive.for_expr;
                Part::For {
                    key: each.key_var.as_ref().map(|name| name.as_str().into()),
                    value: each.value_var.as_str().into(),
                    collection: self.expr(&each.collection_expr),
                    body: self.parts(&each.template, literals),
                }
            }
        }
    }
}

/// Reads a number literal; unlike JSON, the language allows leading zeros.
pub(crate) fn parse_number(text: &str) -> Option<Number> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let stripped = digits.trim_start_matches('0');
    let whole = if stripped.starts_with(|c: char| c.is_ascii_digit()) {
        stripped.to_owned()
    } else if stripped.len() < digits.len() {
        format!("0{stripped}")
    } else {
        return None;
    };
    Number::parse(&format!("{sign}{whole}"))
}

fn binary(operator: BinaryOperator) -> Binary {
    match operator {
        BinaryOperator::Eq => Binary::Eq,
        BinaryOperator::NotEq => Binary::NotEq,
        BinaryOperator::LessEq => Binary::LessEq,
        BinaryOperator::GreaterEq => Binary::GreaterEq,
        BinaryOperator::Less => Binary::Less,
        BinaryOperator::Greater => Binary::Greater,
        BinaryOperator::Plus => Binary::Add,
        BinaryOperator::Minus => Binary::Sub,
        BinaryOperator::Mul => Binary::Mul,
        BinaryOperator::Div => Binary::Div,
        BinaryOperator::Mod => Binary::Mod,
        BinaryOperator::And => Binary::And,
        BinaryOperator::Or => Binary::Or,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_number;

    #[test]
    fn number_literals_may_start_with_zeros() {
        assert_eq!(parse_number("007").unwrap().as_str(), "7");
        assert_eq!(parse_number("0").unwrap().as_str(), "0");
        assert_eq!(parse_number("-00.5").unwrap().as_str(), "-0.5");
        assert!(parse_number("x").is_none());
    }
}
