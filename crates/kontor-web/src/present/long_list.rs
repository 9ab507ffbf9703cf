//! A long list of the designer: narrowed by words, and shown a page at a time. What it lists is in memory, so the pages
//! are counted by number.

use kontor_model::value::fold;
use kontor_view::page::part::Pager;

use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::Reading;

/// Lines on one page.
pub const ROWS: usize = 60;

/// Which part of a list is asked for: `?q=&after=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LongList {
    /// The words to look for; empty for all.
    pub q: String,
    after: usize,
}

impl LongList {
    /// As the address says; what is no number counts from the beginning.
    pub fn of(query: &Query) -> Self {
        Self { q: query.text("q").trim().to_owned(), after: query.text("after").parse().unwrap_or(0) }
    }

    /// Whether there is more than fits on one page, so that looking for something is worth a box.
    pub fn is_long(&self, count: usize) -> bool {
        !self.q.is_empty() || count > ROWS
    }

    /// Whether one of the texts of a line holds the words.
    pub fn finds(&self, texts: &[&str]) -> bool {
        let wanted = fold(&self.q);
        wanted.is_empty() || texts.iter().any(|text| fold(text).contains(wanted.as_ref()))
    }

    /// As buttons of the list's own form say: `turn` to the lines behind a number, or other words to look for (`q`) than the
    /// form was drawn with (`_q`). `None` when it was sent to be saved.
    pub fn of_turn(sent: &Form) -> Option<Self> {
        let q = sent.text("q").trim();
        let is_other = sent.get("_q").is_some_and(|drawn| drawn.trim() != q);
        let turn = sent.get("turn").filter(|turn| !turn.is_empty());
        if turn.is_none() && !is_other {
            return None;
        }
        let after = turn.filter(|_| !is_other).and_then(|turn| turn.parse().ok()).unwrap_or(0);
        Some(Self { q: q.to_owned(), after })
    }

    /// The way through the pages by buttons: before and behind which line they lead instead of addresses.
    pub fn turns(&self, reading: &Reading<'_>, shown: Shown) -> Pager {
        let way = self.pager(reading, "", shown);
        let to = |href: &str, after: usize| if href.is_empty() { String::new() } else { after.to_string() };
        Pager {
            previous: to(&way.previous, shown.after.saturating_sub(ROWS)),
            next: to(&way.next, shown.last),
            range: way.range,
        }
    }

    /// The lines of this page, out of those that were found. Behind the last one is the last page.
    pub fn part<T>(&self, found: Vec<T>) -> (Vec<T>, Shown) {
        let count = found.len();
        let after = self.after.min(count.saturating_sub(1) / ROWS * ROWS);
        let lines: Vec<T> = found.into_iter().skip(after).take(ROWS).collect();
        let last = after + lines.len();
        (lines, Shown { after, last, count })
    }

    /// The way through the pages of the list at `own`.
    pub fn pager(&self, reading: &Reading<'_>, own: &str, shown: Shown) -> Pager {
        if shown.after == 0 && shown.last == shown.count {
            return Pager::default();
        }
        let at = |after: usize| {
            let mut pairs = Vec::new();
            if !self.q.is_empty() {
                pairs.push(("q", self.q.clone()));
            }
            pairs.push(("after", after.to_string()));
            address::with_query(own, pairs)
        };
        let number = |number: usize| reading.format.count(number as u64);
        let range =
            [("from", number(shown.after + 1)), ("to", number(shown.last)), ("total", number(shown.count))];
        let range: Vec<(&str, &str)> = range.iter().map(|(name, text)| (*name, text.as_str())).collect();
        Pager {
            range: reading.words().with("list.range", &range),
            previous: if shown.after > 0 { at(shown.after.saturating_sub(ROWS)) } else { String::new() },
            next: if shown.last < shown.count { at(shown.last) } else { String::new() },
        }
    }
}

/// Which lines stand on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    after: usize,
    last: usize,
    count: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(q: &str, after: usize) -> LongList {
        LongList { q: q.to_owned(), after }
    }

    #[test]
    fn a_list_is_cut_into_pages() {
        let cases = [
            (0, 0, 0..0),
            (60, 0, 0..60),
            (60, 60, 0..60),
            (61, 60, 60..61),
            (150, 60, 60..120),
            (150, 120, 120..150),
            (150, 99_999, 120..150),
        ];
        for (count, after, expected) in cases {
            let (lines, shown) = list("", after).part((0..count).collect());
            assert_eq!(lines, expected.clone().collect::<Vec<_>>(), "{count} {after}");
            assert_eq!((shown.after, shown.last, shown.count), (expected.start, expected.end, count));
        }
    }

    #[test]
    fn words_are_looked_for_in_any_writing() {
        assert!(list("", 0).finds(&[]));
        assert!(list("MÜLL", 0).finds(&["entity", "Die Müller"]));
        assert!(!list("müll", 0).finds(&["entity"]));
        assert!(list("x", 0).is_long(1) && list("", 0).is_long(61) && !list("", 0).is_long(60));
    }
}
