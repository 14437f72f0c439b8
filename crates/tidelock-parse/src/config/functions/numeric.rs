//! Numbers.

use super::{integer_arg, list_arg, not_known, number_arg};
use crate::{
    config::{
        decimal::{Operation, Rounding, from_integer, integer, round},
        eval::arithmetic,
        not_known::{Eval, Fail},
        val::Val,
    },
    number::Number,
};

fn numbers(args: &[Val]) -> Result<Vec<Number>, Fail> {
    (0..args.len()).map(|at| number_arg(args, at)).collect()
}

fn known(number: Option<Number>) -> Val {
    number.map_or_else(not_known, Val::Number)
}

pub(super) fn abs(args: &[Val]) -> Eval {
    let number = number_arg(args, 0)?;
    let unsigned = number.as_str().strip_prefix('-').and_then(Number::parse);
    Ok(Val::Number(unsigned.unwrap_or(number)))
}

pub(super) fn ceil(args: &[Val]) -> Eval {
    Ok(known(round(&number_arg(args, 0)?, Rounding::Ceil)))
}

pub(super) fn floor(args: &[Val]) -> Eval {
    Ok(known(round(&number_arg(args, 0)?, Rounding::Floor)))
}

pub(super) fn max(args: &[Val]) -> Eval {
    Ok(known(numbers(args)?.into_iter().max()))
}

pub(super) fn min(args: &[Val]) -> Eval {
    Ok(known(numbers(args)?.into_iter().min()))
}

pub(super) fn signum(args: &[Val]) -> Eval {
    // The sign of a fraction is an error in some versions.
    Ok(known(integer(&number_arg(args, 0)?).map(i128::signum).and_then(from_integer)))
}

pub(super) fn sum(args: &[Val]) -> Eval {
    let mut items = list_arg(args, 0)?.into_iter();
    let mut total =
        arithmetic(Operation::Add, Val::integer(0), items.next().ok_or(Fail("the list is empty"))?)?;
    for item in items {
        total = arithmetic(Operation::Add, total, item)?;
    }
    Ok(total)
}

/// Results beyond what a 64-bit float holds exactly are rounded by the real thing, and so not known here.
const EXACT: i128 = 1 << 53;

pub(super) fn pow(args: &[Val]) -> Eval {
    let (base, exponent) = (number_arg(args, 0)?, number_arg(args, 1)?);
    let exponent = integer(&exponent).and_then(|exponent| u32::try_from(exponent).ok());
    let power = integer(&base).zip(exponent).and_then(|(base, exponent)| base.checked_pow(exponent));
    Ok(known(power.filter(|power| power.abs() <= EXACT).and_then(from_integer)))
}

pub(super) fn parseint(args: &[Val]) -> Eval {
    let text = super::arg(args, 0).as_text().ok_or(Fail("a string is required"))?;
    let base = integer_arg(args, 1)?;
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)).ok_or(Fail("no such base"))?;
    if base > 36 || text.len() > 24 {
        return Ok(not_known());
    }
    let value = i128::from_str_radix(text, base).map_err(|_| Fail("no number in this base"))?;
    Ok(known(from_integer(value)))
}

/// Longest list that `range` makes in the real thing.
const MAX_RANGE: usize = 1024;

pub(super) fn range(args: &[Val]) -> Eval {
    let given = numbers(args)?;
    let Some(given) = given.iter().map(integer).collect::<Option<Vec<i128>>>() else {
        // Ranges of fractions are rare, and their sums inexact.
        return Ok(not_known());
    };
    let (start, end) = match given.as_slice() {
        [end] => (0, *end),
        [start, end, ..] => (*start, *end),
        [] => return Err(Fail("a number is required")),
    };
    let down = start > end;
    let step = match given.get(2) {
        Some(step) if *step == 0 || (*step < 0) != down => return Err(Fail("the step leads nowhere")),
        Some(step) => *step,
        None if down => -1,
        None => 1,
    };
    let mut items = Vec::new();
    let mut at = start;
    while if down { at > end } else { at < end } {
        if items.len() == MAX_RANGE {
            return Err(Fail("the range is too long"));
        }
        items.push(known(from_integer(at)));
        at = at.saturating_add(step);
    }
    Ok(Val::list(items))
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;

    #[test]
    fn numeric_functions_are_exact_or_not_known() {
        all(&[
            ("abs(-2.5)", "2.5"),
            ("ceil(1.2)", "2"),
            ("floor(-1.2)", "-2"),
            ("max(1, \"3\", 2)", "3"),
            ("min(3, 1.5)", "1.5"),
            ("signum(-4)", "-1"),
            ("sum([1, 2.5])", "3.5"),
            ("pow(2, 10)", "1024"),
            ("pow(2, 80)", "cannot be evaluated"),
            ("parseint(\"ff\", 16)", "255"),
            ("try(parseint(\"x\", 10), \"none\")", "\"none\""),
            ("log(8, 2)", "calls log()"),
            ("range(3)", "[0,1,2]"),
            ("range(1, 7, 2)", "[1,3,5]"),
            ("range(2, 0)", "[2,1]"),
            ("try(range(2000), \"none\")", "\"none\""),
        ]);
    }

    #[test]
    fn operators_are_exact_or_not_known() {
        all(&[
            ("1 + 2 * 3", "7"),
            ("(1 + 2) * 3", "9"),
            ("10 / 4", "2.5"),
            ("10 / 3", "has no exact value"),
            ("10 % 3", "1"),
            ("-(2)", "-2"),
            ("0.1 + 0.2", "0.3"),
            ("\"4\" * 2", "8"),
            ("12345678901234567890 + 1", "12345678901234567891"),
            ("2 > 1 && !(1 >= 2)", "true"),
            ("1 == 1.0", "true"),
            ("\"1\" == 1", "false"),
            ("[1] == [1]", "true"),
            ("null == null", "true"),
            ("false && other.x.on", "false"),
            ("true || other.x.on", "true"),
            ("true && other.x.on", "depends on other.x.on"),
            ("try(1 / 0, \"none\")", "has no exact value"),
        ]);
    }
}
