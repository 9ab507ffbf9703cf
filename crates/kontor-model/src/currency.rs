//! The currencies of ISO 4217 that people pay in, and the exact conversion of an amount. Knows neither where rates are
//! kept nor which of them counts.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::decimal::Decimal;
use crate::entity::{Conversion, FieldModel};
use crate::record::Record;
use crate::value::Value;

/// Three letters, and how many digits after the point the smallest coin has; in the order of the letters. Funds, metals
/// and testing codes are left out: nobody pays in them.
const CURRENCIES: [(&str, u8); 156] = [
    ("AED", 2),
    ("AFN", 2),
    ("ALL", 2),
    ("AMD", 2),
    ("ANG", 2),
    ("AOA", 2),
    ("ARS", 2),
    ("AUD", 2),
    ("AWG", 2),
    ("AZN", 2),
    ("BAM", 2),
    ("BBD", 2),
    ("BDT", 2),
    ("BGN", 2),
    ("BHD", 3),
    ("BIF", 0),
    ("BMD", 2),
    ("BND", 2),
    ("BOB", 2),
    ("BRL", 2),
    ("BSD", 2),
    ("BTN", 2),
    ("BWP", 2),
    ("BYN", 2),
    ("BZD", 2),
    ("CAD", 2),
    ("CDF", 2),
    ("CHF", 2),
    ("CLP", 0),
    ("CNY", 2),
    ("COP", 2),
    ("CRC", 2),
    ("CUP", 2),
    ("CVE", 2),
    ("CZK", 2),
    ("DJF", 0),
    ("DKK", 2),
    ("DOP", 2),
    ("DZD", 2),
    ("EGP", 2),
    ("ERN", 2),
    ("ETB", 2),
    ("EUR", 2),
    ("FJD", 2),
    ("FKP", 2),
    ("GBP", 2),
    ("GEL", 2),
    ("GHS", 2),
    ("GIP", 2),
    ("GMD", 2),
    ("GNF", 0),
    ("GTQ", 2),
    ("GYD", 2),
    ("HKD", 2),
    ("HNL", 2),
    ("HTG", 2),
    ("HUF", 2),
    ("IDR", 2),
    ("ILS", 2),
    ("INR", 2),
    ("IQD", 3),
    ("IRR", 2),
    ("ISK", 0),
    ("JMD", 2),
    ("JOD", 3),
    ("JPY", 0),
    ("KES", 2),
    ("KGS", 2),
    ("KHR", 2),
    ("KMF", 0),
    ("KPW", 2),
    ("KRW", 0),
    ("KWD", 3),
    ("KYD", 2),
    ("KZT", 2),
    ("LAK", 2),
    ("LBP", 2),
    ("LKR", 2),
    ("LRD", 2),
    ("LSL", 2),
    ("LYD", 3),
    ("MAD", 2),
    ("MDL", 2),
    ("MGA", 2),
    ("MKD", 2),
    ("MMK", 2),
    ("MNT", 2),
    ("MOP", 2),
    ("MRU", 2),
    ("MUR", 2),
    ("MVR", 2),
    ("MWK", 2),
    ("MXN", 2),
    ("MYR", 2),
    ("MZN", 2),
    ("NAD", 2),
    ("NGN", 2),
    ("NIO", 2),
    ("NOK", 2),
    ("NPR", 2),
    ("NZD", 2),
    ("OMR", 3),
    ("PAB", 2),
    ("PEN", 2),
    ("PGK", 2),
    ("PHP", 2),
    ("PKR", 2),
    ("PLN", 2),
    ("PYG", 0),
    ("QAR", 2),
    ("RON", 2),
    ("RSD", 2),
    ("RUB", 2),
    ("RWF", 0),
    ("SAR", 2),
    ("SBD", 2),
    ("SCR", 2),
    ("SDG", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("SHP", 2),
    ("SLE", 2),
    ("SOS", 2),
    ("SRD", 2),
    ("SSP", 2),
    ("STN", 2),
    ("SVC", 2),
    ("SYP", 2),
    ("SZL", 2),
    ("THB", 2),
    ("TJS", 2),
    ("TMT", 2),
    ("TND", 3),
    ("TOP", 2),
    ("TRY", 2),
    ("TTD", 2),
    ("TWD", 2),
    ("TZS", 2),
    ("UAH", 2),
    ("UGX", 0),
    ("USD", 2),
    ("UYU", 2),
    ("UZS", 2),
    ("VES", 2),
    ("VND", 0),
    ("VUV", 0),
    ("WST", 2),
    ("XAF", 0),
    ("XCD", 2),
    ("XCG", 2),
    ("XOF", 0),
    ("XPF", 0),
    ("YER", 2),
    ("ZAR", 2),
    ("ZMW", 2),
    ("ZWG", 2),
];

/// Digits after the point of a converted amount, as of every amount.
pub const SCALE: u8 = 4;

/// The built-in entity with the dated rates.
pub const RATES: &str = "exchange_rate";

/// The fields of [`RATES`] that the engine reads.
pub mod rates {
    /// One unit of this currency …
    pub const CURRENCY: &str = "currency";
    /// … is worth so many …
    pub const RATE: &str = "rate";
    /// … of this one …
    pub const TO: &str = "into";
    /// … from this day on, until the next day for which there is a rate.
    pub const FROM: &str = "valid_from";
}

/// The codes, in their order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CURRENCIES.iter().map(|(code, _)| *code)
}

/// Whether there is such a currency.
pub fn is_known(code: &str) -> bool {
    minor_digits(code).is_some()
}

/// How many digits after the point the smallest coin has.
pub fn minor_digits(code: &str) -> Option<u8> {
    let place = CURRENCIES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    CURRENCIES.get(place).map(|(_, digits)| *digits)
}

/// What one currency is worth in another, as somebody wrote it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// One unit of the first is so many of the second.
    Direct(Decimal),
    /// One unit of the second is so many of the first.
    Inverse(Decimal),
    /// Nobody wrote it down, but what the first is worth in a third, and what that is worth in the second.
    Through(Leg, Leg),
}

/// One half of the way through a third currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// As somebody wrote it down.
    pub rate: Decimal,
    /// Whether it was written down in the other direction.
    pub is_inverse: bool,
}

impl Rate {
    /// The amount in the second currency, rounded once, half away from zero. `None` when it does not fit, and for a rate
    /// that is not above zero.
    pub fn convert(self, amount: Decimal) -> Option<Decimal> {
        match self {
            Self::Direct(rate) | Self::Inverse(rate) if rate <= Decimal::ZERO => None,
            Self::Direct(rate) => amount.times(rate, SCALE),
            Self::Inverse(rate) => amount.over(rate, SCALE),
            Self::Through(first, second) => through(amount, first, second),
        }
    }
}

/// An amount through a third currency: both rates at once, so that it is rounded once.
fn through(amount: Decimal, first: Leg, second: Leg) -> Option<Decimal> {
    let amount = amount.rescale(SCALE).filter(|exact| *exact == amount)?;
    let units = |leg: Leg| (leg.rate > Decimal::ZERO).then(|| u128::from(leg.rate.units().unsigned_abs()));
    let (one, other) = (units(first)?, units(second)?);
    let power = |leg: Leg| 10_u128.pow(u32::from(leg.rate.scale()));
    // Of each leg, what the amount is multiplied by and what it is divided by.
    let (times, over) = if first.is_inverse { (power(first), one) } else { (one, power(first)) };
    let (then_times, then_over) =
        if second.is_inverse { (power(second), other) } else { (other, power(second)) };
    let divisor = over.checked_mul(then_over)?;
    let product = u128::from(amount.units().unsigned_abs()).checked_mul(times)?;
    // The product of all three may be wider than 128 bits; what is left over of each division is not.
    let (whole, rest) = (product / divisor, product % divisor);
    let (rest_whole, rest) = multiplied_over(rest, then_times, divisor)?;
    let whole = whole.checked_mul(then_times)?.checked_add(rest_whole)?;
    let up = u128::from(rest >= divisor - rest);
    let units = i64::try_from(whole.checked_add(up)?).ok()?;
    Some(Decimal::new(if amount.units() < 0 { -units } else { units }, SCALE))
}

/// `a * b / divisor` and what is left over, for an `a` below the divisor, bit by bit.
fn multiplied_over(a: u128, b: u128, divisor: u128) -> Option<(u128, u128)> {
    let (mut whole, mut rest) = (0_u128, 0_u128);
    for bit in (0..u128::BITS - b.leading_zeros()).rev() {
        whole = whole.checked_mul(2)?;
        rest = rest.checked_mul(2)?;
        if (b >> bit) & 1 == 1 {
            rest = rest.checked_add(a)?;
        }
        whole += rest / divisor;
        rest %= divisor;
    }
    Some((whole, rest))
}

/// What it takes to say what an amount is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// There is no amount.
    Nothing,
    /// It is in the wanted currency already.
    Itself(Decimal),
    /// A rate of the day.
    Abroad {
        /// The amount.
        amount: Decimal,
        /// Its currency.
        currency: String,
        /// The day.
        day: NaiveDate,
    },
}

impl Conversion {
    /// What it takes to say what a record's amount is worth in a currency. A record without a day is one of today.
    pub fn worth(&self, record: &Record, wanted: &str, zone: Tz, now: DateTime<Utc>) -> Worth {
        let Some(amount) = record.at(self.amount).as_decimal() else { return Worth::Nothing };
        match record.at(self.currency).as_text() {
            Some(currency) if currency != wanted => {
                let day = self.days.iter().find_map(|index| match record.at(*index) {
                    Value::Date(day) => Some(*day),
                    Value::DateTime(moment) => Some(moment.with_timezone(&zone).date_naive()),
                    _ => None,
                });
                let day = day.unwrap_or_else(|| now.with_timezone(&zone).date_naive());
                Worth::Abroad { amount, currency: currency.to_owned(), day }
            }
            _ => Worth::Itself(amount),
        }
    }
}

/// The currency that the definition of an amount names; none where it follows another record.
pub fn named(money: &FieldModel) -> Option<&str> {
    money.definition.currency.as_deref().filter(|code| !code.starts_with('@'))
}

/// The currency of an amount that follows another record: none without an amount, the workspace's while the other record
/// has none.
pub fn followed(amount: &Value, other: Value, own: &str) -> Value {
    match (amount.is_empty(), other.is_empty()) {
        (true, _) => Value::Empty,
        (false, true) => Value::text(own),
        (false, false) => other,
    }
}

impl Worth {
    /// The converted amount at a rate that was looked up for an amount abroad; empty without one, and when it does not
    /// fit.
    pub fn at(&self, rate: Option<Rate>) -> Value {
        match self {
            Self::Nothing => Value::Empty,
            Self::Itself(amount) => Value::Decimal(*amount),
            Self::Abroad { amount, .. } => {
                rate.and_then(|rate| rate.convert(*amount)).map_or(Value::Empty, Value::Decimal)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn codes_are_in_order_and_found() {
        assert!(CURRENCIES.is_sorted_by(|left, right| left.0 < right.0));
        assert_eq!(
            (minor_digits("EUR"), minor_digits("JPY"), minor_digits("KWD")),
            (Some(2), Some(0), Some(3))
        );
        for wrong in ["", "eur", "XXX", "EURO", "XAU"] {
            assert!(!is_known(wrong), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_converted_exactly() {
        for (amount, rate, expected) in [
            ("100", Rate::Direct(decimal("0.92")), Some("92")),
            ("100", Rate::Inverse(decimal("1.0842")), Some("92.2339")),
            ("-0.0001", Rate::Direct(decimal("0.5")), Some("-0.0001")),
            ("0.0001", Rate::Direct(decimal("0.49999999")), Some("0")),
            ("0", Rate::Direct(decimal("3")), Some("0")),
            ("922337203685477.5807", Rate::Direct(decimal("1")), Some("922337203685477.5807")),
            ("922337203685477.5807", Rate::Direct(decimal("1.00000001")), None),
            ("922337203685477.5807", Rate::Inverse(decimal("0.00000001")), None),
            ("5", Rate::Direct(Decimal::ZERO), None),
            ("5", Rate::Inverse(decimal("-1")), None),
        ] {
            assert_eq!(rate.convert(decimal(amount)), expected.map(decimal), "{amount} {rate:?}");
        }
    }

    #[test]
    fn amounts_go_through_a_third_currency_and_are_rounded_once() {
        let leg = |text: &str, is_inverse| Leg { rate: decimal(text), is_inverse };
        for (amount, first, second, expected) in [
            ("100", leg("1.25", false), leg("150", false), Some("18750")),
            ("100", leg("0.8", true), leg("150", false), Some("18750")),
            ("100", leg("1.25", false), leg("0.00666667", true), Some("18749.9906")),
            ("100", leg("0.8", true), leg("0.5", true), Some("250")),
            // Rounded in between, it would be 0.9999.
            ("1", leg("3", true), leg("3", false), Some("1")),
            ("-0.0001", leg("0.5", false), leg("1", false), Some("-0.0001")),
            ("922337203685477.5807", leg("92233720368.54775807", false), leg("0.00000001", false), None),
            (
                "922337203685477.5807",
                leg("92233720368.54775807", false),
                leg("92233720368.54775807", true),
                Some("922337203685477.5807"),
            ),
            ("1", leg("0", false), leg("1", false), None),
        ] {
            let rate = Rate::Through(first, second);
            assert_eq!(rate.convert(decimal(amount)), expected.map(decimal), "{amount} {rate:?}");
        }
    }

    proptest! {
        #[test]
        fn a_conversion_is_off_by_half_a_unit_at_most(amount: i64, rate in 1_i64..=i64::MAX, inverse: bool) {
            let (decimal, factor) = (Decimal::new(amount, SCALE), Decimal::new(rate, 8));
            let rate_of = if inverse { Rate::Inverse(factor) } else { Rate::Direct(factor) };
            let wide = i128::from(10_i64.pow(8));
            // Twice the difference between the result and the true quotient, in units of the divisor.
            let (numerator, divisor) = if inverse {
                (i128::from(amount) * wide, i128::from(rate))
            } else {
                (i128::from(amount) * i128::from(rate), wide)
            };
            match rate_of.convert(decimal) {
                Some(converted) => {
                    prop_assert_eq!(converted.scale(), SCALE);
                    let error = i128::from(converted.units()) * divisor - numerator;
                    prop_assert!(error.abs() * 2 <= divisor, "{} {}", amount, rate);
                }
                None => prop_assert!((numerator / divisor).abs() >= i128::from(i64::MAX)),
            }
        }
    }
}
