//! Everything there are records of, with a search: where the menus of a large workspace end.

use serde::Serialize;

use super::part::{Link, Pager, Place};
use crate::{View, Words};

/// One kind of record.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListLine {
    /// Its list.
    pub list: Link,
    /// Address of the form for a new record; empty when the reader may not create.
    pub new_href: String,
    /// What one record is called.
    pub one: String,
    /// What belongs there; may be empty.
    pub about: String,
}

/// Context of `lists.html`. The search is a GET form with `q`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListsPage {
    /// Where the page is.
    pub at: Place,
    /// What is searched for.
    pub q: String,
    /// What was found, of this page.
    pub lines: Vec<ListLine>,
    /// The other pages.
    pub pager: Pager,
}

impl View for ListsPage {
    const TEMPLATE: &'static str = "lists.html";

    fn title(&self, words: &Words) -> String {
        words.t("navigation.all_lists")
    }
}
