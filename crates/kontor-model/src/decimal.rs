//! Exact decimal numbers: a 64-bit count of units and a scale. Knows nothing of currencies.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The most digits after the point that a decimal may have.
pub const MAX_SCALE: u8 = 8;

/// An exact number, `units / 10^scale`. Both databases store the units; sums and sorting are therefore exact.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    units: i64,
    scale: u8,
}

impl Decimal {
    /// Zero without digits after the point.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// The number `units / 10^scale`; a scale over [`MAX_SCALE`] is rounded to it.
    pub fn new(units: i64, scale: u8) -> Self {
        if scale <= MAX_SCALE {
            return Self { units, scale };
        }
        let power = power_of_ten(u32::from(scale - MAX_SCALE)).unwrap_or(i128::MAX);
        let units = i64::try_from(divide_rounded(i128::from(units), power)).unwrap_or(0);
        Self { units, scale: MAX_SCALE }
    }

    /// The number of units of 10^-scale.
    pub fn units(self) -> i64 {
        self.units
    }

    /// How many digits stand after the point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The same number with `scale` digits after the point, half away from zero; `None` when it does not fit.
    pub fn rescale(self, scale: u8) -> Option<Self> {
        let scale = scale.min(MAX_SCALE);
        let units = match scale.cmp(&self.scale) {
            Ordering::Equal => i128::from(self.units),
            Ordering::Greater => {
                i128::from(self.units).checked_mul(power_of_ten(u32::from(scale - self.scale))?)?
            }
            Ordering::Less => {
                divide_rounded(i128::from(self.units), power_of_ten(u32::from(self.scale - scale))?)
            }
        };
        Some(Self { units: i64::try_from(units).ok()?, scale })
    }

    /// Whether the number is exact at `scale`, that is, whether rescaling loses no digit.
    pub fn fits_scale(self, scale: u8) -> bool {
        self.rescale(scale).is_some_and(|other| other == self)
    }

    /// Sum; `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        narrow(self.wide(scale)?.checked_add(other.wide(scale)?)?, scale)
    }

    /// Difference; `None` on overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self { units: other.units.checked_neg()?, scale: other.scale })
    }

    /// Product with at most [`MAX_SCALE`] digits after the point, or as many as fit; `None` on overflow.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = i128::from(self.units).checked_mul(i128::from(other.units))?;
        let exact = self.scale + other.scale;
        let mut scale = exact.min(MAX_SCALE);
        loop {
            let units = divide_rounded(product, power_of_ten(u32::from(exact - scale))?);
            match i64::try_from(units) {
                Ok(units) => return Some(Self { units, scale }),
                Err(_) if scale == 0 => return None,
                // Rather fewer digits after the point than no amount at all.
                Err(_) => scale -= 1,
            }
        }
    }

    /// Quotient with [`MAX_SCALE`] digits after the point, or as many as fit; `None` for a division by zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        if other.units == 0 {
            return None;
        }
        let shift = i32::from(MAX_SCALE) + i32::from(other.scale) - i32::from(self.scale);
        let numerator =
            i128::from(self.units).checked_mul(power_of_ten(u32::try_from(shift.max(0)).ok()?)?)?;
        let denominator =
            i128::from(other.units).checked_mul(power_of_ten(u32::try_from((-shift).max(0)).ok()?)?)?;
        let mut units = divide_rounded(numerator, denominator);
        let mut scale = MAX_SCALE;
        while i64::try_from(units).is_err() && scale > 0 {
            units = divide_rounded(units, 10);
            scale -= 1;
        }
        narrow(units, scale)
    }

    /// Product with `scale` digits after the point, rounded once, half away from zero; `None` on overflow.
    pub fn times(self, other: Self, scale: u8) -> Option<Self> {
        let product = i128::from(self.units).checked_mul(i128::from(other.units))?;
        scaled(product, 1, i32::from(scale) - i32::from(self.scale) - i32::from(other.scale), scale)
    }

    /// Quotient with `scale` digits after the point, rounded once, half away from zero; `None` on overflow and for a
    /// division by zero.
    pub fn over(self, other: Self, scale: u8) -> Option<Self> {
        if other.units == 0 {
            return None;
        }
        let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
        scaled(i128::from(self.units), i128::from(other.units), shift, scale)
    }

    /// The nearest binary fraction; for charts and shares only, never for arithmetic.
    #[expect(clippy::cast_precision_loss, reason = "the caller asked for an approximation")]
    pub fn to_f64(self) -> f64 {
        self.units as f64 / 10_f64.powi(i32::from(self.scale))
    }

    /// Whether the number is zero.
    pub fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The same number without trailing zeros after the point.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }

    fn wide(self, scale: u8) -> Option<i128> {
        i128::from(self.units).checked_mul(power_of_ten(u32::from(scale.checked_sub(self.scale)?))?)
    }
}

/// 10 to the power of `exponent`.
fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// Division that rounds half away from zero. The divisor is not zero.
fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    let quotient = numerator / denominator;
    let remainder = numerator % denominator;
    if remainder.unsigned_abs() * 2 >= denominator.unsigned_abs() {
        quotient + if (numerator < 0) == (denominator < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

/// `numerator / denominator · 10^shift` as units of a scale.
fn scaled(numerator: i128, denominator: i128, shift: i32, scale: u8) -> Option<Decimal> {
    let power = power_of_ten(shift.unsigned_abs())?;
    let units = if shift < 0 {
        divide_rounded(numerator, denominator.checked_mul(power)?)
    } else {
        divide_rounded(numerator.checked_mul(power)?, denominator)
    };
    narrow(units, scale)
}

fn narrow(units: i128, scale: u8) -> Option<Decimal> {
    Some(Decimal { units: i64::try_from(units).ok()?, scale })
}

impl From<i64> for Decimal {
    fn from(units: i64) -> Self {
        Self { units, scale: 0 }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // 64 bits of units times at most 10^8 fit into 128 bits, so neither side can be `None`.
        let scale = self.scale.max(other.scale);
        self.wide(scale).cmp(&other.wide(scale))
    }
}

impl std::hash::Hash for Decimal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let normalized = self.normalized();
        normalized.units.hash(state);
        normalized.scale.hash(state);
    }
}

impl fmt::Display for Decimal {
    /// All digits of the scale, a point, no grouping: `1200.50`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let sign = if self.units < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(formatter, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(formatter, "{sign}{whole}.{fraction}")
    }
}

/// A text that is no decimal number, or one with more digits than fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number that fits")]
pub struct NotADecimal;

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// Reads `-1200.50` and the exponents that JSON allows (`1.2e3`); more than [`MAX_SCALE`] digits after the
    /// point are rounded only when they are zeros, and refused otherwise.
    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let (mantissa, exponent) = text.split_at(at);
                let exponent = exponent.get(1..).unwrap_or("").parse::<i32>().map_err(|_| NotADecimal)?;
                (mantissa, exponent)
            }
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty())
            || !only_digits(whole)
            || !only_digits(fraction)
            || exponent.abs() > 40
        {
            return Err(NotADecimal);
        }
        let mut units: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            units = units
                .checked_mul(10)
                .and_then(|n| n.checked_add(i128::from(byte - b'0')))
                .ok_or(NotADecimal)?;
        }
        let mut scale = i32::try_from(fraction.len()).map_err(|_| NotADecimal)? - exponent;
        while scale > i32::from(MAX_SCALE) && units % 10 == 0 {
            units /= 10;
            scale -= 1;
            if units == 0 {
                scale = scale.min(i32::from(MAX_SCALE));
            }
        }
        while scale < 0 {
            units = units.checked_mul(10).ok_or(NotADecimal)?;
            scale += 1;
        }
        if scale > i32::from(MAX_SCALE) {
            return Err(NotADecimal);
        }
        let units = i64::try_from(if negative { -units } else { units }).map_err(|_| NotADecimal)?;
        Ok(Self { units, scale: u8::try_from(scale).map_err(|_| NotADecimal)? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(decimal("0.1").checked_add(decimal("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(decimal("10").checked_div(decimal("4")).unwrap(), decimal("2.5"));
        assert_eq!(decimal("-2.5").rescale(0).unwrap().to_string(), "-3");
        assert_eq!(decimal("2.4").rescale(0).unwrap().to_string(), "2");
        assert_eq!(decimal("1.5e3").to_string(), "1500");
        assert_eq!(decimal("-0.05").to_string(), "-0.05");
        assert_eq!(decimal("1.50"), decimal("1.5"));
        assert!(decimal("1").checked_div(Decimal::ZERO).is_none());
        assert!("1.123456789".parse::<Decimal>().is_err());
        assert!("".parse::<Decimal>().is_err());
        assert!("1,5".parse::<Decimal>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn texts_give_the_number_back(units: i64, scale in 0u8..=MAX_SCALE) {
            let number = Decimal::new(units, scale);
            let again = decimal(&number.to_string());
            proptest::prop_assert_eq!((again.units(), again.scale()), (units, scale));
        }

        #[test]
        fn arithmetic_agrees_with_wide_numbers(left in -1_000_000_000i64..1_000_000_000, right in -1_000_000_000i64..1_000_000_000, scale in 0u8..=4) {
            let (a, b) = (Decimal::new(left, scale), Decimal::new(right, 2));
            let wide = |decimal: Decimal| i128::from(decimal.units()) * 10_i128.pow(u32::from(8 - decimal.scale()));
            proptest::prop_assert_eq!(wide(a.checked_add(b).unwrap()), wide(a) + wide(b));
            proptest::prop_assert_eq!(wide(a.checked_sub(b).unwrap()), wide(a) - wide(b));
            proptest::prop_assert_eq!(a.cmp(&b), wide(a).cmp(&wide(b)));
            if let Some(product) = a.checked_mul(b) {
                proptest::prop_assert_eq!(wide(product) * 10_i128.pow(8), wide(a) * wide(b));
            }
            if let Some(quotient) = a.checked_div(b) {
                // Half a unit of the last digit is the most that rounding moves it.
                let error = wide(quotient) * wide(b) - wide(a) * 10_i128.pow(8);
                proptest::prop_assert!(error.abs() * 2 <= wide(b).abs(), "{} / {} = {}", a, b, quotient);
            }
        }

        #[test]
        fn equal_numbers_have_equal_hashes(units in -1_000_000i64..1_000_000, scale in 0u8..=4) {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let hash = |decimal: Decimal| {
                let mut hasher = DefaultHasher::new();
                decimal.hash(&mut hasher);
                hasher.finish()
            };
            let number = Decimal::new(units, scale);
            let longer = number.rescale(MAX_SCALE).unwrap();
            proptest::prop_assert_eq!(number, longer);
            proptest::prop_assert_eq!(hash(number), hash(longer));
        }
    }
}
