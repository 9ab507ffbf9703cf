//! Whole numbers, decimals, percentages, sizes of files and lengths of time.

use kontor_model::Decimal;

use super::Format;
use crate::words::grouped;

impl Format {
    /// A whole number: 1,204.
    pub fn integer(&self, value: i64) -> String {
        let digits = grouped(usize::try_from(value.unsigned_abs()).unwrap_or(usize::MAX));
        if value < 0 { format!("−{digits}") } else { digits }
    }

    /// A number of things: 1,204.
    pub fn count(&self, value: u64) -> String {
        grouped(usize::try_from(value).unwrap_or(usize::MAX))
    }

    /// A decimal with its digits, those behind the point without trailing zeros: 1,204.5.
    pub fn decimal(&self, value: Decimal) -> String {
        digits(value, 0)
    }

    /// A length of time in seconds: 1 h 30 min.
    pub fn span(&self, seconds: i64) -> String {
        kontor_model::kind::duration::words(seconds, |letter, count| {
            self.words.with(&format!("duration.{letter}"), &[("count", &count.to_string())])
        })
    }

    /// A percentage: 12.5%.
    pub fn percent(&self, value: Decimal) -> String {
        format!("{}%", digits(value, 0))
    }
}

/// The digits of a decimal, at least `least` of them behind the point, grouped before it.
pub(super) fn digits(value: Decimal, least: usize) -> String {
    let text = value.normalized().to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<usize>().map_or_else(|_| whole.to_owned(), grouped);
    if fraction.is_empty() && least == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{fraction:0<least$}")
}

#[cfg(test)]
mod tests {
    use kontor_model::Decimal;

    use crate::format::tests::sample;

    #[test]
    fn numbers_as_people_write_them() {
        let format = sample("en");
        assert_eq!(format.integer(-1_234_567), "−1,234,567");
        assert_eq!(format.decimal(Decimal::new(1_204_500, 3)), "1,204.5");
        assert_eq!(format.percent(Decimal::new(125_000, 4)), "12.5%");
        assert_eq!(format.percent(Decimal::new(600_000, 4)), "60%");
    }
}
