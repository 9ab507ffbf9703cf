//! Numbers, money, percentages, dates and moments as one reader writes them.
//!
//! The words come from the catalogue, so another language is another file; what "today" is comes from the reader's zone.

mod date;
mod money;
mod number;
pub mod report;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::Words;
use crate::conventions::Conventions;

pub use money::{short_number, symbol};

/// How one reader writes values.
#[derive(Clone, Debug)]
pub struct Format {
    /// The reader's words.
    pub words: Arc<Words>,
    /// How the reader's language is written, also where the interface has no words of it.
    pub conventions: Conventions,
    /// The reader's time zone.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// The workspace's currency (ISO 4217), for money that names none.
    pub currency: String,
}

/// A point in time as people say it, and exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// As people say it ("10:42", "Yesterday, 10:42", "10 Mar 2025").
    pub text: String,
    /// The exact moment in the reader's zone.
    pub exact: String,
}

impl Format {
    /// The reader's day.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::locale::Catalogue;

    /// A language that the interface has no words for.
    pub(crate) fn in_language(language: &str) -> Format {
        Format { conventions: crate::conventions::of(language), ..sample("en") }
    }

    pub(crate) fn sample(language: &str) -> Format {
        let file = match language {
            "zh-CN" => include_str!("../../../../locale/zh-CN.json"),
            _ => include_str!("../../../../locale/en.json"),
        };
        let catalogue = Catalogue::from_json(language, &serde_json::from_str(file).unwrap(), None);
        Format {
            words: Arc::new(Words::new(Arc::new(catalogue))),
            conventions: crate::conventions::of(language),
            zone: chrono_tz::Europe::Berlin,
            now: "2026-03-12T10:20:00Z".parse().unwrap(),
            currency: "EUR".to_owned(),
        }
    }
}
