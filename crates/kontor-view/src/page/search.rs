//! Results of the search over all entities, grouped by entity.

use serde::Serialize;

use super::part::Place;
use crate::{Html, View, Words};

/// A record that was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hit {
    /// Address of the record.
    pub href: String,
    /// Its title with what matched marked: see [`crate::page::search::mark`].
    pub title: Html,
    /// Line below the title, marked too; may be empty.
    pub excerpt: Html,
    /// Title of a stage or state; may be empty.
    pub state: String,
    /// Class of its colour.
    pub tone: String,
}

/// What was found of one entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HitGroup {
    /// Name of the entity.
    pub name: String,
    /// Its plural.
    pub title: String,
    /// Its icon.
    pub icon: String,
    /// How many were found.
    pub count: String,
    /// The first of them.
    pub hits: Vec<Hit>,
    /// Address of the list of all; empty when all are shown.
    pub all_href: String,
    /// Whether the search is limited to ticked entities and this one is ticked.
    pub selected: bool,
}

/// Context of `search.html`. The form is GET `q` and one `in` per entity.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SearchPage {
    /// Where the page is.
    pub at: Place,
    /// What was searched for.
    pub q: String,
    /// How many were found in all.
    pub count: usize,
    /// By entity: those with a hit, and those ticked.
    pub groups: Vec<HitGroup>,
}

impl View for SearchPage {
    const TEMPLATE: &'static str = "search.html";

    fn title(&self, words: &Words) -> String {
        if self.q.is_empty() {
            return words.t("search.title");
        }
        words.with("search.title_results", &[("count", &crate::words::grouped(self.count)), ("q", &self.q)])
    }
}

/// The text as HTML with every occurrence of a word of the query marked, whatever its case.
pub fn mark(text: &str, query: &str) -> Html {
    let lower: Vec<(char, usize)> = text
        .char_indices()
        .flat_map(|(at, letter)| letter.to_lowercase().map(move |low| (low, at)))
        .collect();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for word in query.split_whitespace() {
        let wanted: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        if wanted.is_empty() {
            continue;
        }
        for (index, window) in lower.windows(wanted.len()).enumerate() {
            if window.iter().map(|(letter, _)| *letter).eq(wanted.iter().copied()) {
                let Some((_, start)) = window.first() else { continue };
                let end = lower.get(index + wanted.len()).map_or(text.len(), |(_, at)| *at);
                spans.push((*start, end));
            }
        }
    }
    spans.sort_unstable();
    let mut html = String::with_capacity(text.len() + 32);
    let mut done = 0;
    for (start, end) in spans {
        if start < done || end <= start {
            continue;
        }
        html.push_str(&escape(text.get(done..start).unwrap_or_default()));
        html.push_str("<mark>");
        html.push_str(&escape(text.get(start..end).unwrap_or_default()));
        html.push_str("</mark>");
        done = end;
    }
    html.push_str(&escape(text.get(done..).unwrap_or_default()));
    Html(html)
}

/// Text as HTML: the five characters that mean something there are written as references.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing into a text cannot fail.
    let _ = crate::views::write_escaped(&mut html, text);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_words_and_escapes_the_rest() {
        assert_eq!(
            mark("Weidmann <b> weidmann", "WEIDMANN").as_str(),
            "<mark>Weidmann</mark> &lt;b&gt; <mark>weidmann</mark>"
        );
        assert_eq!(mark("苏州二期", "二期").as_str(), "苏州<mark>二期</mark>");
        assert_eq!(mark("İstanbul", "x").as_str(), "İstanbul");
        assert_eq!(mark("a", "").as_str(), "a");
    }
}
