//! What the values of a column of a file look like: the kind that recognises all of them.

use std::collections::BTreeSet;

use super::{FieldKind, KINDS, definable};

/// Different values of a column that may still be options to choose from.
const MOST_OPTIONS: usize = 12;
/// How often an option occurs at least, on average.
const REPEATED: usize = 3;
/// Letters above which a text is a long one.
const LONG: usize = 120;

/// The kind that the filled cells of a column look like; `None` when there is none. The language is that of whoever
/// wrote the days.
pub fn looks_like(cells: &[&str], language: &str) -> Option<&'static dyn FieldKind> {
    let first = cells.first()?;
    let own = |kind: &&'static dyn FieldKind| {
        kind.recognises(first, language) && cells.iter().all(|cell| kind.recognises(cell, language))
    };
    if let Some(kind) = definable().find(own) {
        return Some(kind);
    }
    let different: BTreeSet<&str> = cells.iter().copied().collect();
    if different.len() <= MOST_OPTIONS && cells.len() >= different.len() * REPEATED {
        return definable().find(|kind| kind.is_choice());
    }
    if cells.iter().any(|cell| cell.contains('\n') || cell.chars().count() > LONG) {
        return definable().find(|kind| kind.is_long());
    }
    KINDS.first().copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn columns_look_like_kinds() {
        let cases: [(&[&str], &str); 20] = [
            (&["1", "-20", "0"], "integer"),
            (&["1", "2.5"], "decimal"),
            (&["007", "008"], "text"),
            (&["12 %", "7.5%"], "percent"),
            (&["€1,200", "$5.50"], "money"),
            (&["1,200.50", "3,000,000"], "decimal"),
            (&["yes", "No"], "boolean"),
            (&["是", "否"], "boolean"),
            (&["2026-03-27", "2025-12-31"], "date"),
            (&["2026-03-27 14:30", "2026-03-27T08:00:00Z"], "datetime"),
            (&["14:30", "08:05"], "time"),
            (&["a@b.co", "office@example.com"], "email"),
            (&["https://kontor.dev", "www.example.com"], "url"),
            (&["+49 7161 555 0142", "030 123-4567"], "phone"),
            (&["#aabbcc", "#abc"], "color"),
            (&["Won", "Lost", "Won", "Won", "Lost", "Lost"], "choice"),
            (&["Won", "Lost"], "text"),
            (&["first\nsecond", "x"], "long_text"),
            (&["12", "many"], "text"),
            (&["1e5", "NaN"], "text"),
        ];
        for (cells, kind) in cases {
            assert_eq!(looks_like(cells, "en").unwrap().name(), kind, "{cells:?}");
        }
        assert!(looks_like(&[], "en").is_none());
    }
}
