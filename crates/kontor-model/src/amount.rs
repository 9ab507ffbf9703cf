//! An amount of money as a text writes it: a number, with the code or the sign of its currency before or behind it.

use unicode_normalization::UnicodeNormalization as _;

use crate::currency;

/// A number and the currency that is written beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The number, as it is written.
    pub number: String,
    /// The code of the currency; `None` where the number stands alone.
    pub currency: Option<&'static str>,
}

/// What is written beside a number.
struct Mark {
    /// As it is written.
    written: &'static str,
    /// What it means wherever nothing else says more; `None` where that would be a guess.
    means: Option<&'static str>,
    /// What it means as well, where that is the currency of the house or is written beside it.
    also: &'static [&'static str],
}

const fn sign(written: &'static str, means: &'static str) -> Mark {
    Mark { written, means: Some(means), also: &[] }
}

const fn shared(written: &'static str, also: &'static [&'static str]) -> Mark {
    Mark { written, means: None, also }
}

/// Longer signs stand before those that they end with.
const MARKS: [Mark; 28] = [
    sign("US$", "USD"),
    sign("CA$", "CAD"),
    sign("AU$", "AUD"),
    sign("NZ$", "NZD"),
    sign("HK$", "HKD"),
    sign("NT$", "TWD"),
    sign("R$", "BRL"),
    shared(
        "$",
        &[
            "USD", "ARS", "AUD", "BBD", "BMD", "BND", "BRL", "BSD", "BZD", "CAD", "CLP", "COP", "CUP", "CVE",
            "DOP", "FJD", "GYD", "HKD", "JMD", "KYD", "LRD", "MOP", "MXN", "NAD", "NIO", "NZD", "SBD", "SGD",
            "SRD", "TTD", "TWD", "UYU", "XCD",
        ],
    ),
    sign("€", "EUR"),
    Mark {
        written: "£",
        means: Some("GBP"),
        also: &["EGP", "FKP", "GIP", "LBP", "SDG", "SHP", "SSP", "SYP"],
    },
    shared("¥", &["CNY", "JPY"]),
    shared("元", &["CNY", "HKD", "MOP", "TWD"]),
    sign("円", "JPY"),
    Mark { written: "₩", means: Some("KRW"), also: &["KPW"] },
    sign("₹", "INR"),
    sign("₽", "RUB"),
    sign("฿", "THB"),
    sign("₫", "VND"),
    sign("₴", "UAH"),
    sign("₺", "TRY"),
    sign("₪", "ILS"),
    sign("₦", "NGN"),
    sign("₱", "PHP"),
    sign("₸", "KZT"),
    sign("₾", "GEL"),
    sign("zł", "PLN"),
    sign("Kč", "CZK"),
    shared("kr", &["DKK", "ISK", "NOK", "SEK"]),
];

/// Takes a text apart into its number and its currency; `None` when there is more in it, when its sign is that of several
/// currencies and the own one is none of them, and when what it names contradicts itself. Whether the number is one, is
/// read afterwards.
pub fn in_text(text: &str, own: &str) -> Option<Amount> {
    let plain: String = text.nfkc().map(|letter| if letter == '−' { '-' } else { letter }).collect();
    let mut marks = Vec::new();
    let (minus, rest) = minus(plain.trim());
    let mut rest = rest.trim_start();
    while let Some((mark, behind)) = leading(rest) {
        marks.push(mark);
        rest = behind.trim_start();
    }
    while let Some((mark, before)) = trailing(rest) {
        marks.push(mark);
        rest = before.trim_end();
    }
    let is_number = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, '.' | ',' | ' ' | '\'' | '’' | 'e' | 'E' | '+' | '-')
    };
    if !rest.chars().all(is_number) {
        return None;
    }
    let number = format!("{minus}{rest}");
    if marks.is_empty() {
        return Some(Amount { number, currency: None });
    }
    let fits = |code: &str| marks.iter().all(|mark| mark.means == Some(code) || mark.also.contains(&code));
    let own = currency::codes().find(|code| *code == own);
    let mut meant = own.into_iter().chain(marks.iter().filter_map(|mark| mark.means));
    meant.find(|code| fits(code)).map(|code| Amount { number, currency: Some(code) })
}

fn minus(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The mark at the beginning of a text, with what stands behind it.
fn leading(text: &str) -> Option<(Mark, &str)> {
    if let Some((code, rest)) = text.split_at_checked(3)
        && !rest.starts_with(char::is_alphabetic)
        && let Some(mark) = of_code(code)
    {
        return Some((mark, rest));
    }
    MARKS.into_iter().find_map(|mark| text.strip_prefix(mark.written).map(|rest| (mark, rest)))
}

/// The mark at the end of a text, with what stands before it.
fn trailing(text: &str) -> Option<(Mark, &str)> {
    if let Some((rest, code)) = text.len().checked_sub(3).and_then(|place| text.split_at_checked(place))
        && !rest.ends_with(char::is_alphabetic)
        && let Some(mark) = of_code(code)
    {
        return Some((mark, rest));
    }
    MARKS.into_iter().find_map(|mark| text.strip_suffix(mark.written).map(|rest| (mark, rest)))
}

/// Codes are written in capitals: “5 all” names no money.
fn of_code(text: &str) -> Option<Mark> {
    currency::codes().find(|code| *code == text).map(|code| sign(code, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, own: &str) -> Option<(String, &'static str)> {
        in_text(text, own).map(|found| (found.number, found.currency.unwrap_or_default()))
    }

    #[test]
    fn currencies_are_read_beside_amounts() {
        for (text, own, number, currency) in [
            ("5", "EUR", "5", ""),
            ("-1,234.50", "EUR", "-1,234.50", ""),
            ("5 EUR", "EUR", "5", "EUR"),
            ("EUR 5", "USD", "5", "EUR"),
            ("5USD", "EUR", "5", "USD"),
            ("-USD 7", "EUR", "-7", "USD"),
            ("USD -7", "EUR", "-7", "USD"),
            ("£7.50", "EUR", "7.50", "GBP"),
            ("£7.50", "EGP", "7.50", "EGP"),
            ("7,50 €", "USD", "7,50", "EUR"),
            ("$ 5", "CAD", "5", "CAD"),
            ("$5 USD", "EUR", "5", "USD"),
            ("US$ 5", "CAD", "5", "USD"),
            ("￥100", "CNY", "100", "CNY"),
            ("100 元", "CNY", "100", "CNY"),
            ("kr 5", "SEK", "5", "SEK"),
        ] {
            assert_eq!(read(text, own), Some((number.to_owned(), currency)), "{text} in {own}");
        }
    }

    #[test]
    fn what_would_be_a_guess_is_no_amount() {
        for text in ["$ 5", "¥100", "5 kr", "€5 USD", "5 €$", "5 all", "5%", "about 5", "EURO 5", "5 MONEUR"]
        {
            assert_eq!(read(text, "EUR"), None, "{text}");
        }
    }
}
