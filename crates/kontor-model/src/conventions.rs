//! How numbers, days and amounts are written where a language is spoken. Source: Unicode CLDR 46, main data of each locale.
//!
//! English and Chinese days are written with words from the catalogue; languages that the interface has no catalogue for
//! are written in figures, in their own order.

use chrono::Weekday;

/// In which order the parts of a day are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// As the catalogue says, with the name of the month.
    Words,
    /// 27.03.2026, with this sign between.
    DayMonthYear(char),
    /// 2026-03-27, with this sign between.
    YearMonthDay(char),
}

/// In which order the parts of an address are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressOrder {
    /// Country, code, region, city, street.
    LargeFirst,
    /// Street, city, region, code, country.
    CodeLast,
    /// Street, code, city, region, country.
    CodeFirst,
}

/// How a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conventions {
    /// Between the whole and the fraction of a number.
    pub decimal: char,
    /// Between groups of three digits.
    pub group: char,
    /// How a day is written in figures.
    pub date: DateOrder,
    /// Whether the sign of a currency, and the percent sign, stand behind the number with a gap.
    pub sign_after: bool,
    /// Whether the family name of a person stands first.
    pub family_first: bool,
    /// How addresses are asked for.
    pub address: AddressOrder,
    /// The day with which a week begins.
    pub week_starts: Weekday,
}

/// The ways of writing that people can choose apart from their language.
pub const OFFERED: [&str; 16] = [
    "en", "en-US", "zh-CN", "de", "de-CH", "fr", "es", "es-MX", "it", "nl", "pl", "pt-BR", "sv", "ru", "ja",
    "ko",
];

/// A gap at which no line is broken.
const GAP: char = '\u{a0}';

const ENGLISH: Conventions = Conventions {
    decimal: '.',
    group: ',',
    date: DateOrder::Words,
    sign_after: false,
    family_first: false,
    address: AddressOrder::CodeLast,
    week_starts: Weekday::Mon,
};

/// From large to small: the family before the person, the country before the street.
const EAST_ASIAN: Conventions =
    Conventions { family_first: true, address: AddressOrder::LargeFirst, ..ENGLISH };

const fn with_comma(group: char, date: DateOrder) -> Conventions {
    Conventions { decimal: ',', group, date, sign_after: true, address: AddressOrder::CodeFirst, ..ENGLISH }
}

/// What languages that the interface has no catalogue for call themselves.
const OWN_NAMES: [(&str, &str); 30] = [
    ("ar", "العربية"),
    ("bg", "Български"),
    ("cs", "Čeština"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("es", "Español"),
    ("et", "Eesti"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("id", "Bahasa Indonesia"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("lt", "Lietuvių"),
    ("lv", "Latviešu"),
    ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("ro", "Română"),
    ("ru", "Русский"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("vi", "Tiếng Việt"),
];

/// What a language calls itself, with its region; the tag where that is not known.
pub fn own_name(language: &str) -> String {
    let (main, region) = language.split_once('-').unwrap_or((language, ""));
    match OWN_NAMES.iter().find(|(tag, _)| *tag == main) {
        Some((_, name)) if region.is_empty() => (*name).to_owned(),
        Some((_, name)) => format!("{name} ({region})"),
        None => language.to_owned(),
    }
}

/// The conventions of a language tag; those of its main language when its region is not known, those of English for
/// languages that are not listed.
pub fn of(language: &str) -> Conventions {
    use DateOrder::{DayMonthYear, YearMonthDay};
    match language {
        "en-US" | "en-CA" => return Conventions { week_starts: Weekday::Sun, ..ENGLISH },
        "de-CH" | "de-LI" => {
            return Conventions {
                decimal: '.',
                group: '’',
                sign_after: false,
                ..with_comma('’', DayMonthYear('.'))
            };
        }
        "es-MX" | "es-US" => {
            return Conventions { date: DayMonthYear('/'), address: AddressOrder::CodeFirst, ..ENGLISH };
        }
        "pt-BR" => {
            return Conventions {
                sign_after: false,
                week_starts: Weekday::Sun,
                address: AddressOrder::CodeLast,
                ..with_comma('.', DayMonthYear('/'))
            };
        }
        _ => {}
    }
    match language.split('-').next().unwrap_or(language) {
        "zh" => EAST_ASIAN,
        "ja" => Conventions { date: YearMonthDay('/'), week_starts: Weekday::Sun, ..EAST_ASIAN },
        "ko" => Conventions { date: YearMonthDay('-'), week_starts: Weekday::Sun, ..EAST_ASIAN },
        "hu" => Conventions { family_first: true, ..with_comma(GAP, YearMonthDay('-')) },
        "de" | "da" | "nb" | "no" | "tr" | "hr" | "sl" | "sr" => with_comma('.', DayMonthYear('.')),
        "es" | "it" | "el" | "id" | "vi" => with_comma('.', DayMonthYear('/')),
        "nl" => Conventions { sign_after: false, ..with_comma('.', DayMonthYear('-')) },
        "pt" => with_comma(GAP, DayMonthYear('/')),
        "fr" => with_comma('\u{202f}', DayMonthYear('/')),
        "cs" | "sk" | "fi" | "pl" | "ru" | "uk" | "bg" | "et" | "lv" => with_comma(GAP, DayMonthYear('.')),
        "sv" | "lt" => with_comma(GAP, YearMonthDay('-')),
        _ => ENGLISH,
    }
}

impl Conventions {
    /// A plain number (`-1234.5`) as it is typed into a control: with the decimal sign, without groups.
    pub fn typed(&self, plain: &str) -> String {
        if self.decimal == '.' { plain.to_owned() } else { plain.replace('.', &self.decimal.to_string()) }
    }

    /// The number that somebody typed, as definitions write it, with all its digits; `None` when it is none.
    pub fn number(&self, typed: &str) -> Option<crate::Json> {
        crate::kind::number_typed(&self.read(typed.trim()))
    }

    /// What was typed as a text that reads as English is written. With a decimal comma `1.234,5` and `1.234` have groups,
    /// and `1,234` is a little more than one; a point that cannot stand between groups (`1234.5`) is a decimal point.
    /// What is no number in either way stays as it is, so that it is refused as it was typed.
    pub fn read(&self, typed: &str) -> String {
        if self.decimal == '.' {
            return typed.to_owned();
        }
        let swapped: String = typed
            .chars()
            .map(|letter| match letter {
                '.' => ',',
                ',' => '.',
                other => other,
            })
            .collect();
        let whole = swapped.split('.').next().unwrap_or_default();
        let has_groups = whole.contains(',') && {
            let mut groups = whole.split(',').map(digits);
            groups.next().is_some_and(|first| (1..=3).contains(&first)) && groups.all(|group| group == 3)
        };
        if typed.contains(',') || has_groups { swapped } else { typed.to_owned() }
    }
}

/// How many figures a text has.
fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_typed_with_groups() {
        let read = |language: &str, typed: &str| of(language).number(typed).map(|json| json.to_string());
        assert_eq!(read("en", "5,000.50").as_deref(), Some("5000.5"));
        assert_eq!(read("de", "5.000,50").as_deref(), Some("5000.5"));
        assert_eq!(read("de", "0,5").as_deref(), Some("0.5"));
        assert_eq!(read("en", "1,5"), None);
        assert_eq!(read("en", "x"), None);
    }

    use super::*;

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        for (language, typed, read) in [
            ("de", "1.234,5", "1,234.5"),
            ("de", "1.234", "1,234"),
            ("de", "1,234", "1.234"),
            ("de", "1234.5", "1234.5"),
            ("de", "-0,5 €", "-0.5 €"),
            ("de", "12.345.678", "12,345,678"),
            ("de", "1,234.5", "1.234,5"),
            ("de-CH", "1’234.5", "1’234.5"),
            ("fr", "1 234,5", "1 234.5"),
            ("en", "1,234.5", "1,234.5"),
            ("zh-CN", "1,5", "1,5"),
            ("", "1.5", "1.5"),
        ] {
            assert_eq!(of(language).read(typed), read, "{language}: {typed}");
        }
        assert_eq!(of("de").typed("-1234.5"), "-1234,5");
        assert_eq!(of("en").typed("-1234.5"), "-1234.5");
    }

    #[test]
    fn what_stands_in_a_control_reads_back_to_itself() {
        for language in ["en", "zh-CN", "de", "de-CH", "fr", "sv", "pt-BR", "xx"] {
            for plain in ["0", "1", "-7", "1234", "1.5", "0.125", "-1234567.8901", "100000.123"] {
                let own = of(language);
                let read = own.read(&own.typed(plain));
                assert_eq!(read, plain, "{language}");
            }
        }
    }
}
