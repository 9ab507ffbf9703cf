//! Amounts of money with their currency.

use crate::Decimal;

use super::Format;
use crate::Words;

impl Format {
    /// An amount: €184,500 or €184,500.50; `currency` empty takes the workspace's.
    pub fn money(&self, value: Decimal, currency: &str) -> String {
        let currency = if currency.is_empty() { self.currency.as_str() } else { currency };
        let whole = value.fits_scale(0);
        let coins = crate::currency::minor_digits(currency).map_or(2, usize::from);
        let number = self.digits(value, if whole { 0 } else { coins });
        let (sign, number) = number.strip_prefix('−').map_or(("", number.as_str()), |rest| ("−", rest));
        self.signed(sign, currency, number)
    }

    /// An amount with no more digits than its currency has coins for.
    pub fn money_in_coins(&self, value: Decimal, currency: &str) -> String {
        let code = if currency.is_empty() { self.currency.as_str() } else { currency };
        let digits = crate::currency::minor_digits(code).unwrap_or(2);
        self.money(value.rescale(digits).unwrap_or(value), currency)
    }

    /// A large amount with two or three digits that count: €1.35m; below ten thousand the exact amount.
    pub fn money_short(&self, value: Decimal, currency: &str) -> String {
        let size = value.to_f64().abs();
        if size < 10_000.0 {
            return self.money(value, currency);
        }
        let currency = if currency.is_empty() { self.currency.as_str() } else { currency };
        let sign = if value < Decimal::ZERO { "−" } else { "" };
        let number = self.short(size);
        self.signed(sign, currency, &number)
    }

    /// The number with the sign of its currency where the language has it.
    fn signed(&self, sign: &str, currency: &str, number: &str) -> String {
        let own = symbol(currency, self.words.language());
        if self.conventions.sign_after {
            return format!("{sign}{number}\u{a0}{}", own.unwrap_or(currency));
        }
        match own {
            Some(symbol) => format!("{sign}{symbol}{number}"),
            None => format!("{sign}{currency} {number}"),
        }
    }

    /// A large number with two or three digits that count: 1.35m, in Chinese 135 万.
    pub fn short(&self, size: f64) -> String {
        self.conventions.typed(&short_number(&self.words, size))
    }
}

/// A large number with two or three digits that count, in the units of the language: 1.35m, in Chinese 135 万.
pub fn short_number(words: &Words, value: f64) -> String {
    let steps: &[(f64, &str)] = if words.language().starts_with("zh") {
        &[(1e8, "number.hundred_millions"), (1e4, "number.ten_thousands")]
    } else {
        &[(1e9, "number.billions"), (1e6, "number.millions"), (1e3, "number.thousands")]
    };
    for (unit, key) in steps {
        if value.abs() >= *unit {
            return words.with(key, &[("number", &three_digits(value / unit))]);
        }
    }
    three_digits(value)
}

fn three_digits(value: f64) -> String {
    if value.abs() >= 100.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The sign of a currency in a language; `None` for those that are written with their code.
pub fn symbol(currency: &str, language: &str) -> Option<&'static str> {
    let chinese = language.starts_with("zh");
    Some(match currency {
        "EUR" => "€",
        "GBP" => "£",
        "USD" if chinese => "US$",
        "USD" => "$",
        "CNY" if chinese => "¥",
        "CNY" => "CN¥",
        "JPY" if chinese => "JP¥",
        "JPY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "HKD" => "HK$",
        "TWD" => "NT$",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::Decimal;

    use crate::format::tests::sample;

    #[test]
    fn amounts_as_people_write_them() {
        let (english, chinese) = (sample("en"), sample("zh-CN"));
        assert_eq!(english.money(Decimal::new(1_845_000_000, 4), ""), "€184,500");
        assert_eq!(english.money(Decimal::new(-25_716_700, 4), "CHF"), "−CHF 2,571.67");
        assert_eq!(english.money(Decimal::new(125_000, 4), "EUR"), "€12.50");
        assert_eq!(chinese.money(Decimal::new(10_000, 4), "CNY"), "¥1");
        // Dinars have a thousand fils, yen no parts; what somebody typed is shown with all its digits.
        assert_eq!(english.money(Decimal::new(125_000, 4), "BHD"), "BHD 12.500");
        assert_eq!(english.money(Decimal::new(125, 4), "EUR"), "€0.0125");
        for (currency, text) in [("EUR", "€2,774.66"), ("JPY", "¥2,775"), ("BHD", "BHD 2,774.664")] {
            assert_eq!(english.money_in_coins(Decimal::new(27_746_635, 4), currency), text);
        }
        let german = crate::format::tests::in_language("de");
        assert_eq!(german.money(Decimal::new(-12_345_000, 4), "EUR"), "−1.234,50\u{a0}€");
        assert_eq!(german.money(Decimal::new(1_845_000_000, 4), "CHF"), "184.500\u{a0}CHF");
        assert_eq!(english.money_short(Decimal::new(1_350_000, 0), ""), "€1.35m");
        for (value, text) in
            [(0.0, "0"), (400_000.0, "400k"), (1_250_000.0, "1.25m"), (-5.0, "-5"), (2e9, "2bn")]
        {
            assert_eq!(super::short_number(&english.words, value), text);
        }
        assert_eq!(super::short_number(&chinese.words, 250_000.0), "25 万");
        assert_eq!(chinese.money_short(Decimal::new(1_350_000, 0), "CNY"), "¥135 万");
    }
}
