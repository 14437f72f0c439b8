//! Exact decimal arithmetic. What has no exact result has none here, instead of a rounded one.

use crate::number::Number;

/// Digits beyond which a number is not written out.
const MAX_DIGITS: usize = 400;

/// `mantissa · 10^exponent`, with the smallest possible mantissa.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    /// `None` beyond 38 digits or absurd exponents.
    fn of(number: &Number) -> Option<Self> {
        let text = number.as_str();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{}", fraction.trim_end_matches('0'));
        let shift = i32::try_from(fraction.trim_end_matches('0').len()).ok()?;
        Self { mantissa: digits.parse().ok()?, exponent: exponent.checked_sub(shift)? }.reduced()
    }

    fn reduced(mut self) -> Option<Self> {
        if self.mantissa == 0 {
            return Some(Self { mantissa: 0, exponent: 0 });
        }
        while self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.exponent = self.exponent.checked_add(1)?;
        }
        (self.exponent.unsigned_abs() < 1000).then_some(self)
    }

    fn number(self) -> Option<Number> {
        let reduced = self.reduced()?;
        let literal = format!("{}e{}", reduced.mantissa, reduced.exponent);
        Number::parse(&plain(&Number::parse(&literal)?)?)
    }

    /// Both mantissas at the smaller exponent.
    fn aligned(self, other: Self) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let scale = |decimal: Self| {
            let shift = u32::try_from(decimal.exponent.checked_sub(exponent)?).ok()?;
            decimal.mantissa.checked_mul(10_i128.checked_pow(shift)?)
        };
        Some((scale(self)?, scale(other)?, exponent))
    }
}

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    /// Remainder with the sign of the dividend.
    Rem,
}

/// The exact result, if there is one that fits. The divisor is not zero.
pub(crate) fn calculate(operation: Operation, a: &Number, b: &Number) -> Option<Number> {
    let (a, b) = (Decimal::of(a)?, Decimal::of(b)?);
    let (mantissa, exponent) = match operation {
        Operation::Mul => (a.mantissa.checked_mul(b.mantissa)?, a.exponent.checked_add(b.exponent)?),
        Operation::Div => divide(a, b)?,
        Operation::Add | Operation::Sub | Operation::Rem => {
            let (left, right, exponent) = a.aligned(b)?;
            let result = match operation {
                Operation::Add => left.checked_add(right)?,
                Operation::Sub => left.checked_sub(right)?,
                _ => left.checked_rem(right)?,
            };
            (result, exponent)
        }
    };
    Decimal { mantissa, exponent }.number()
}

/// A quotient that ends within the digits there are.
fn divide(a: Decimal, b: Decimal) -> Option<(i128, i32)> {
    let mut dividend = a.mantissa;
    let mut exponent = a.exponent.checked_sub(b.exponent)?;
    while dividend.checked_rem(b.mantissa)? != 0 {
        dividend = dividend.checked_mul(10)?;
        exponent = exponent.checked_sub(1)?;
    }
    Some((dividend.checked_div(b.mantissa)?, exponent))
}

/// Which way `round` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    Floor,
    Ceil,
}

/// The next whole number.
pub(crate) fn round(number: &Number, rounding: Rounding) -> Option<Number> {
    let decimal = Decimal::of(number)?;
    if decimal.exponent >= 0 {
        return decimal.number();
    }
    let unit = 10_i128.checked_pow(decimal.exponent.unsigned_abs())?;
    let truncated = decimal.mantissa / unit;
    let whole = match (rounding, decimal.mantissa < 0) {
        (Rounding::Floor, true) => truncated - 1,
        (Rounding::Ceil, false) => truncated + 1,
        _ => truncated,
    };
    Decimal { mantissa: whole, exponent: 0 }.number()
}

/// The number with exactly `places` decimals, if no tie has to be broken.
pub(crate) fn fixed(number: &Number, places: usize) -> Option<String> {
    let decimal = Decimal::of(number)?;
    let wanted = i32::try_from(places).ok().filter(|places| *places < 30)?;
    let dropped = decimal.exponent.checked_add(wanted)?;
    let scaled = if dropped >= 0 {
        decimal.mantissa.checked_mul(10_i128.checked_pow(dropped.unsigned_abs())?)?
    } else {
        let unit = 10_i128.checked_pow(dropped.unsigned_abs())?;
        let rest = (decimal.mantissa % unit).abs();
        if rest.checked_mul(2)? == unit {
            return None;
        }
        let up = if rest.checked_mul(2)? > unit { decimal.mantissa.signum() } else { 0 };
        decimal.mantissa / unit + up
    };
    let sign = if scaled < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    Some(if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// The number as an integer, if it is one that fits.
pub(crate) fn integer(number: &Number) -> Option<i128> {
    let decimal = Decimal::of(number)?;
    let zeros = u32::try_from(decimal.exponent).ok()?;
    decimal.mantissa.checked_mul(10_i128.checked_pow(zeros)?)
}

/// An integer as a number.
pub(crate) fn from_integer(value: i128) -> Option<Number> {
    Number::parse(&value.to_string())
}

/// The number without an exponent and without needless zeros, as converting it to a string gives.
pub(crate) fn plain(number: &Number) -> Option<String> {
    let text = number.as_str();
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}");
    // Position of the decimal point, counted in digits.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if point.unsigned_abs() > MAX_DIGITS as u64 || digits.len() > MAX_DIGITS {
        return None;
    }
    if point <= 0 {
        let zeros = usize::try_from(1 - point).ok()?;
        digits.insert_str(0, &"0".repeat(zeros));
    }
    let point = usize::try_from(point.max(1)).ok()?;
    if digits.len() < point {
        let zeros = point - digits.len();
        digits.push_str(&"0".repeat(zeros));
    }
    let (whole, fraction) = digits.split_at(point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    Some(match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn result(operation: Operation, a: &str, b: &str) -> Option<String> {
        calculate(operation, &n(a), &n(b)).map(|number| number.to_string())
    }

    #[test]
    fn sums_of_decimals_are_exact() {
        assert_eq!(result(Operation::Add, "0.1", "0.2").as_deref(), Some("0.3"));
        assert_eq!(result(Operation::Sub, "1", "0.9").as_deref(), Some("0.1"));
        assert_eq!(result(Operation::Mul, "1024", "8").as_deref(), Some("8192"));
        assert_eq!(
            result(Operation::Mul, "12345678901234567890", "10").as_deref(),
            Some("123456789012345678900")
        );
    }

    #[test]
    fn a_quotient_that_does_not_end_has_no_value() {
        assert_eq!(result(Operation::Div, "1", "8").as_deref(), Some("0.125"));
        assert_eq!(result(Operation::Div, "1", "3"), None);
        assert_eq!(result(Operation::Rem, "-7", "3").as_deref(), Some("-1"));
    }

    #[test]
    fn numbers_are_written_without_exponents_and_needless_zeros() {
        for (number, text) in [
            ("1.0", "1"),
            ("1e3", "1000"),
            ("0.50", "0.5"),
            ("-12e-3", "-0.012"),
            ("0", "0"),
            ("-0", "0"),
            ("1.5e1", "15"),
        ] {
            assert_eq!(plain(&n(number)).as_deref(), Some(text), "{number}");
        }
        assert_eq!(plain(&n("1e999")), None);
    }

    #[test]
    fn rounding_goes_the_way_it_is_told() {
        let rounded = |text: &str, rounding| round(&n(text), rounding).unwrap().to_string();
        assert_eq!(rounded("1.2", Rounding::Ceil), "2");
        assert_eq!(rounded("-1.2", Rounding::Ceil), "-1");
        assert_eq!(rounded("-1.2", Rounding::Floor), "-2");
        assert_eq!(rounded("5", Rounding::Floor), "5");
    }

    #[test]
    fn a_tie_is_not_rounded() {
        assert_eq!(fixed(&n("2.345"), 1).as_deref(), Some("2.3"));
        assert_eq!(fixed(&n("2.35"), 1), None);
        assert_eq!(fixed(&n("2"), 2).as_deref(), Some("2.00"));
        assert_eq!(fixed(&n("-0.129"), 2).as_deref(), Some("-0.13"));
    }
}
