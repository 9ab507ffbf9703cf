//! Whole numbers, decimals, percentages, sizes of files and lengths of time.

use crate::Decimal;

use super::Format;

impl Format {
    /// A whole number: 1,204.
    pub fn integer(&self, value: i64) -> String {
        let digits = self.grouped(&value.unsigned_abs().to_string());
        if value < 0 { format!("−{digits}") } else { digits }
    }

    /// A number of things: 1,204.
    pub fn count(&self, value: u64) -> String {
        self.grouped(&value.to_string())
    }

    /// A decimal with its digits, those behind the point without trailing zeros: 1,204.5.
    pub fn decimal(&self, value: Decimal) -> String {
        self.digits(value, 0)
    }

    /// A length of time in seconds: 1 h 30 min.
    pub fn span(&self, seconds: i64) -> String {
        crate::kind::duration::words(seconds, |letter, count| {
            self.words.with(&format!("duration.{letter}"), &[("count", &count.to_string())])
        })
    }

    /// A percentage: 12.5%.
    pub fn percent(&self, value: Decimal) -> String {
        let gap = if self.conventions.sign_after { "\u{a0}" } else { "" };
        format!("{}{gap}%", self.digits(value, 0))
    }

    /// The digits of a decimal, at least `least` of them behind the point, grouped before it.
    pub(super) fn digits(&self, value: Decimal, least: usize) -> String {
        let text = value.normalized().to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = self.grouped(whole);
        if fraction.is_empty() && least == 0 {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}{}{fraction:0<least$}", self.conventions.decimal)
    }

    /// Figures in groups of three.
    fn grouped(&self, figures: &str) -> String {
        let mut text = String::with_capacity(figures.len() + figures.len() / 3);
        for (index, figure) in figures.chars().enumerate() {
            if index > 0 && (figures.len() - index).is_multiple_of(3) {
                text.push(self.conventions.group);
            }
            text.push(figure);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::Decimal;

    use crate::format::tests::{in_language, sample};

    #[test]
    fn numbers_as_people_write_them() {
        let format = sample("en");
        assert_eq!(format.integer(-1_234_567), "−1,234,567");
        assert_eq!(format.decimal(Decimal::new(1_204_500, 3)), "1,204.5");
        assert_eq!(format.percent(Decimal::new(125_000, 4)), "12.5%");
        assert_eq!(format.percent(Decimal::new(600_000, 4)), "60%");
        let german = in_language("de");
        assert_eq!(german.integer(-1_234_567), "−1.234.567");
        assert_eq!(german.decimal(Decimal::new(1_204_500, 3)), "1.204,5");
        assert_eq!(german.percent(Decimal::new(125_000, 4)), "12,5\u{a0}%");
        assert_eq!(in_language("fr").count(1_204), "1\u{202f}204");
    }
}
