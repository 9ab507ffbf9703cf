//! The value of one field of one record. Knows neither the field nor how it is stored.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::Decimal;
pub use crate::held_file::{HeldFile, Signed};

/// What a field holds. Empty is empty: an empty text, list or link is [`Value::Empty`], never `Text("")`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Text of any kind: text, long text, choice value, e-mail, phone, address of a page, autonumber.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A decimal, a percentage or an amount of money; its scale is the field's.
    Decimal(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// A day without a zone.
    Date(NaiveDate),
    /// A moment, with milliseconds.
    DateTime(DateTime<Utc>),
    /// The id of a record: link, user, team, and the record's own id.
    Id(Uuid),
    /// A record of one of several entities.
    AnyLink(AnyLink),
    /// Several choice values, in the order of the options.
    List(Vec<String>),
    /// A JSON value, or an object with the parts of an address, a name, a place.
    Json(crate::Json),
    /// What is written and never read.
    Secret(Secret),
    /// Files, in their order; never none.
    Files(Vec<HeldFile>),
    /// What is shown in place of a value that the reader may not see; nobody can write it.
    Masked(String),
}

/// A write-only value. Its text is there on its way in and nowhere else; not even [`fmt::Debug`] shows it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// There is one, and it stays as it is.
    Kept,
    /// A new one.
    New(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if *self == Self::Kept { "Kept" } else { "New(…)" })
    }
}

/// Which record an `any_link` field points at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnyLink {
    /// The entity's name.
    pub entity: String,
    /// The record's id.
    pub id: Uuid,
}

impl Value {
    /// A text, or empty when the text is.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The text, when this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The id that this points at: of a link or of an `any_link`.
    pub fn as_id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            Self::AnyLink(link) => Some(link.id),
            _ => None,
        }
    }

    /// The number, exactly; whole numbers count.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(decimal) => Some(*decimal),
            Self::Integer(integer) => Some(Decimal::from(*integer)),
            _ => None,
        }
    }

    /// The whole number, when this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// Whether this is yes; empty and everything else is no.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    /// The files, when these are some.
    pub fn files(&self) -> &[HeldFile] {
        match self {
            Self::Files(files) => files,
            _ => &[],
        }
    }

    /// All texts and numbers of a JSON value, joined by blanks, or the names of files: what `contains` looks into.
    pub fn as_words(&self) -> Option<String> {
        if let Self::Files(files) = self {
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            return Some(names.join("\n"));
        }
        let Self::Json(json) = self else { return None };
        let mut words = Vec::new();
        collect_words(json, &mut words);
        Some(words.join(" "))
    }

    /// The day of a date.
    pub fn as_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The moment of a datetime.
    pub fn as_datetime(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::DateTime(moment) => Some(*moment),
            _ => None,
        }
    }
}

fn collect_words(json: &crate::Json, words: &mut Vec<String>) {
    match json {
        crate::Json::Null => {}
        crate::Json::String(text) => words.push(text.clone()),
        crate::Json::Array(list) => list.iter().for_each(|item| collect_words(item, words)),
        crate::Json::Object(object) => object.values().for_each(|item| collect_words(item, words)),
        other => words.push(other.to_string()),
    }
}

/// The key by which texts are sorted and searched (`contains`, `starts_with`): compatibility-composed and in
/// lower case, the same in memory and in both databases. Source: Unicode NFKC and default lower-casing.
pub fn fold(text: &str) -> Cow<'_, str> {
    use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Owned(text.to_lowercase());
    }
    Cow::Owned(text.nfkc().collect::<String>().to_lowercase().nfkc().collect())
}

/// A word of a text that is looked for in a value of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchWord<'a> {
    /// The word, without blanks.
    pub text: &'a str,
    /// Whether it may stand across parts: names in Chinese characters are written without blanks between family and given
    /// name.
    pub is_joined: bool,
}

/// The words of a folded text that is looked for in a value of several parts, such as a name or an address: in whichever
/// order somebody says the parts, each of the words is in one of them. Commas between parts are no words.
pub fn search_words(text: &str) -> impl Iterator<Item = SearchWord<'_>> {
    text.split_whitespace().map(|word| {
        let bare = word.trim_matches([',', '，']);
        let text = if bare.is_empty() { word } else { bare };
        SearchWord { text, is_joined: text.chars().any(is_han) }
    })
}

/// Chinese characters, kana, hangul: scripts that put the family first and need no blanks.
pub fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

/// The marks that people put between the digits of a telephone number. The store leaves out the same ones.
pub const PHONE_MARKS: &str = " ()-./#*+";

/// A telephone number as it is dialled: its folded key without marks.
pub fn dialled(text: &str) -> String {
    fold(text).chars().filter(|letter| !PHONE_MARKS.contains(*letter)).collect()
}
