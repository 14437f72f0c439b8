//! Decimal numbers of any length, compared by value.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

/// A number as it stood in the input: the literal is kept, equality and order are those of its value.
///
/// `1`, `1.0` and `1e0` are equal; `12345678901234567890123` differs from `12345678901234567890124`. Plans
/// carry integers and decimals beyond `i64` and `f64`, so nothing here goes through a binary float.
#[derive(Clone, Debug)]
pub struct Number(Box<str>);

impl Number {
    /// Reads a JSON number literal; `None` if `text` is not one.
    ///
    /// ```
    /// # use tidelock_parse::Number;
    /// assert_eq!(Number::parse("1.50"), Number::parse("15e-1"));
    /// assert!(Number::parse("01").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        is_json_number(text).then(|| Self(text.into()))
    }

    /// The literal, as written in the input.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as an unsigned integer, if it is one that fits.
    pub fn as_u64(&self) -> Option<u64> {
        let canonical = self.canonical();
        if canonical.negative || canonical.digits.is_empty() {
            return canonical.digits.is_empty().then_some(0);
        }
        let zeros = usize::try_from(canonical.exponent).ok().filter(|zeros| *zeros <= 20)?;
        let mut text = canonical.digits;
        text.extend(std::iter::repeat_n('0', zeros));
        text.parse().ok()
    }

    /// The nearest `f64`; for ordering hints and arithmetic of small numbers, never for comparison.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Whether the value is zero, whatever its spelling.
    pub fn is_zero(&self) -> bool {
        self.canonical().digits.is_empty()
    }

    /// One text for all literals of the same value: `-15e-1` for `-1.50`.
    pub fn canonical_text(&self) -> String {
        let Canonical { negative, digits, exponent } = self.canonical();
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}e{exponent}")
    }

    /// Sign, significant digits without leading and trailing zeros, and the power of ten of the last digit.
    fn canonical(&self) -> Canonical {
        let (negative, rest) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, &*self.0),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, saturating_exponent(exponent)),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let kept = digits.trim_end_matches('0').len();
        let dropped = digits.len() - kept;
        digits.truncate(kept);
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Canonical { negative: false, digits, exponent: 0 };
        }
        let shift = i128::try_from(dropped).unwrap_or(i128::MAX)
            - i128::try_from(fraction.len()).unwrap_or(i128::MAX);
        Canonical { negative, digits, exponent: exponent.saturating_add(shift) }
    }
}

#[derive(PartialEq, Eq, Hash)]
struct Canonical {
    negative: bool,
    digits: String,
    exponent: i128,
}

impl Canonical {
    /// Power of ten of the first digit, plus one: orders magnitudes.
    fn magnitude(&self) -> i128 {
        self.exponent.saturating_add(i128::try_from(self.digits.len()).unwrap_or(i128::MAX))
    }
}

/// An exponent of any length: beyond 36 digits two numbers that differ there could not be written out anyway.
fn saturating_exponent(text: &str) -> i128 {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    unsigned.parse().unwrap_or(if unsigned.starts_with('-') { i128::MIN / 2 } else { i128::MAX / 2 })
}

fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let Some(rest) = (match rest.strip_prefix('0') {
        Some(rest) => Some(rest),
        None => skip_digits(rest),
    }) else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => match skip_digits(fraction) {
            Some(rest) => rest,
            None => return false,
        },
        None => rest,
    };
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => skip_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) == Some(""),
        None => rest.is_empty(),
    }
}

/// The rest behind at least one digit.
fn skip_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string().into())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.canonical() == other.canonical()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.canonical(), other.canonical());
        let sign = |c: &Canonical| match (c.digits.is_empty(), c.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        };
        sign(&a).cmp(&sign(&b)).then_with(|| {
            let by_size = a.magnitude().cmp(&b.magnitude()).then_with(|| a.digits.cmp(&b.digits));
            if a.negative { by_size.reverse() } else { by_size }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (a, b) in [("1", "1.0"), ("1", "1e0"), ("100", "1e2"), ("0.10", "1E-1"), ("0", "-0.0e9")] {
            assert_eq!(n(a), n(b), "{a} {b}");
            assert_eq!(n(a).cmp(&n(b)), Ordering::Equal);
        }
    }

    #[test]
    fn long_integers_differ_in_their_last_digit() {
        assert_ne!(n("12345678901234567890123"), n("12345678901234567890124"));
        assert_eq!(n("12345678901234567890123").as_str(), "12345678901234567890123");
    }

    #[test]
    fn order_is_by_value() {
        let mut all = ["10", "9", "-3", "0", "1e100", "0.5", "-30", "12345678901234567890124"].map(n);
        all.sort();
        assert_eq!(
            all.map(|x| x.to_string()),
            ["-30", "-3", "0", "0.5", "9", "10", "12345678901234567890124", "1e100"]
        );
    }

    #[test]
    fn huge_exponents_neither_overflow_nor_meet() {
        assert_ne!(n("1e999"), n("1e998"));
        assert_ne!(n("1e99999999999999999999999999999999999999999"), n("1"));
        assert!(n("-1e99999999999999999999999999999999999999999") < n("-1"));
    }

    #[test]
    fn what_is_not_a_json_number_is_refused() {
        for text in ["", "-", "01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "1 ", "+1"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn integers_are_recognised_in_any_spelling() {
        assert_eq!(n("1e2").as_u64(), Some(100));
        assert_eq!(n("0.0").as_u64(), Some(0));
        assert_eq!(n("1.5").as_u64(), None);
        assert_eq!(n("-1").as_u64(), None);
    }
}
