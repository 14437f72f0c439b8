//! Unary and binary operators.

use super::Evaluator;
use crate::{
    config::{
        decimal::{Operation, calculate},
        not_known::{Eval, Fail, NotKnown, Why},
        scope::Env,
        syntax::{Binary, Expr, Unary},
        types::{to_bool, to_number},
        val::Val,
    },
    number::Number,
};

impl<'c> Evaluator<'c> {
    pub(super) fn unary(&self, operator: Unary, operand: &'c Expr, env: &Env<'c>) -> Eval {
        let value = self.eval(operand, env)?;
        match operator {
            Unary::Not => match to_bool(value)? {
                Val::Bool(value) => Ok(Val::Bool(!value)),
                Val::Null => Err(Fail("null has no negation")),
                value => Ok(value),
            },
            Unary::Neg => arithmetic(Operation::Sub, Val::integer(0), value),
        }
    }

    pub(super) fn binary(&self, operator: Binary, [a, b]: &'c [Expr; 2], env: &Env<'c>) -> Eval {
        let (a, b) = (self.eval(a, env)?, self.eval(b, env)?);
        match operator {
            Binary::And => logical(a, b, false),
            Binary::Or => logical(a, b, true),
            Binary::Eq => Ok(equality(&a, &b)),
            Binary::NotEq => Ok(match equality(&a, &b) {
                Val::Bool(equal) => Val::Bool(!equal),
                value => value,
            }),
            Binary::Add => arithmetic(Operation::Add, a, b),
            Binary::Sub => arithmetic(Operation::Sub, a, b),
            Binary::Mul => arithmetic(Operation::Mul, a, b),
            Binary::Div => arithmetic(Operation::Div, a, b),
            Binary::Mod => arithmetic(Operation::Rem, a, b),
            Binary::Less => order(a, b, std::cmp::Ordering::is_lt),
            Binary::LessEq => order(a, b, std::cmp::Ordering::is_le),
            Binary::Greater => order(a, b, std::cmp::Ordering::is_gt),
            Binary::GreaterEq => order(a, b, std::cmp::Ordering::is_ge),
        }
    }
}

/// `&&` and `||`: `deciding` on either side decides, even if the other side is not known.
fn logical(a: Val, b: Val, deciding: bool) -> Eval {
    let (a, b) = (to_bool(a)?, to_bool(b)?);
    match (&a, &b) {
        (Val::Null, _) | (_, Val::Null) => Err(Fail("null is no truth value")),
        (Val::Bool(side), _) | (_, Val::Bool(side)) if *side == deciding => Ok(Val::Bool(deciding)),
        (Val::Bool(_), Val::Bool(_)) => Ok(Val::Bool(!deciding)),
        _ => Ok(unknown(&a, &b)),
    }
}

fn unknown(a: &Val, b: &Val) -> Val {
    Val::Unknown(Why::of_all([a, b]).unwrap_or_else(Why::limit))
}

/// Values of different types are never equal; where the types cannot be told, nothing is known.
pub(crate) fn equality(a: &Val, b: &Val) -> Val {
    match (a, b) {
        (Val::Unknown(_), _) | (_, Val::Unknown(_)) => unknown(a, b),
        (Val::Null, Val::Null) => Val::Bool(true),
        (Val::Null, _) | (_, Val::Null) => Val::Bool(false),
        _ => match Why::of_all([a, b]) {
            Some(why) => Val::Unknown(why),
            None => equal(a, b).map_or_else(|| Val::Unknown(Why::seen(NotKnown::Other)), Val::Bool),
        },
    }
}

fn equal(a: &Val, b: &Val) -> Option<bool> {
    match (a, b) {
        (Val::Seq(left, xs), Val::Seq(right, ys)) => {
            let all = || {
                xs.iter().zip(ys.iter()).map(|(x, y)| equal(x, y)).try_fold(true, |all, x| Some(all && x?))
            };
            if left != right {
                None
            } else if xs.len() == ys.len() {
                all()
            } else {
                Some(false)
            }
        }
        (Val::Map(left, xs), Val::Map(right, ys)) => {
            let all = || {
                xs.values()
                    .zip(ys.values())
                    .map(|(x, y)| equal(x, y))
                    .try_fold(true, |all, x| Some(all && x?))
            };
            if left != right {
                None
            } else if xs.keys().eq(ys.keys()) {
                all()
            } else {
                Some(false)
            }
        }
        // A null inside has a type of its own.
        (Val::Null, Val::Null) => Some(true),
        (Val::Null, _) | (_, Val::Null) => Some(false),
        _ => Some(a == b),
    }
}

fn numbers(a: Val, b: Val) -> Result<Result<(Number, Number), Val>, Fail> {
    match (to_number(a)?, to_number(b)?) {
        (Val::Number(a), Val::Number(b)) => Ok(Ok((a, b))),
        (Val::Null, _) | (_, Val::Null) => Err(Fail("null is no number")),
        (a, b) => Ok(Err(unknown(&a, &b))),
    }
}

pub(crate) fn arithmetic(operation: Operation, a: Val, b: Val) -> Eval {
    let (a, b) = match numbers(a, b)? {
        Ok(pair) => pair,
        Err(unknown) => return Ok(unknown),
    };
    if matches!(operation, Operation::Div | Operation::Rem) && b.is_zero() {
        // The result is an infinity, which nothing can be done with; `try` lets it through.
        return Ok(Val::Unknown(Why::seen(NotKnown::Inexact)));
    }
    let result = calculate(operation, &a, &b);
    Ok(result.map_or_else(|| Val::Unknown(Why::seen(NotKnown::Inexact)), Val::Number))
}

fn order(a: Val, b: Val, holds: fn(std::cmp::Ordering) -> bool) -> Eval {
    Ok(match numbers(a, b)? {
        Ok((a, b)) => Val::Bool(holds(a.cmp(&b))),
        Err(unknown) => unknown,
    })
}
