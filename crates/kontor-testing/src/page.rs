//! A page as a person without JavaScript gets it: status, text, links, tables, forms.

use reqwest::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};

use crate::form::Form;

/// An answer to a browser.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Path and query that it was asked under.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// One element, detached from the page.
#[derive(Debug, Clone)]
pub struct Element {
    /// What it says, white space collapsed.
    pub text: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute, empty when absent.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl Page {
    /// It has this status; gives itself back.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body parsed as a browser does.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// All elements that match a CSS selector.
    #[track_caller]
    pub fn all(&self, css: &str) -> Vec<Element> {
        let html = self.html();
        html.select(&selector(css)).map(detach).collect()
    }

    /// The first element that matches.
    #[track_caller]
    pub fn first(&self, css: &str) -> Element {
        self.all(css).into_iter().next().unwrap_or_else(|| panic!("no {css}\n{self}"))
    }

    /// What the page says, white space collapsed, without scripts, styles and what is only for machines.
    pub fn text(&self) -> String {
        let html = self.html();
        html.select(&selector("body")).next().map_or_else(|| self.body.clone(), visible_text)
    }

    /// The page says this somewhere; gives itself back.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.text().contains(words), "the page does not say {words:?}\n{self}");
        self
    }

    /// The page says this nowhere, not even in its markup; gives itself back.
    #[track_caller]
    pub fn never_says(self, words: &str) -> Self {
        assert!(!contains(&self.body, words), "the page says {words:?}\n{self}");
        self
    }

    /// The address behind the first link that says this.
    #[track_caller]
    pub fn link(&self, words: &str) -> String {
        self.find_link(words).unwrap_or_else(|| {
            let links: Vec<String> = self.all("a[href]").into_iter().map(|link| link.text).collect();
            panic!("no link {words:?} among {links:?}\n{self}")
        })
    }

    /// The same, none when there is no such link.
    pub fn find_link(&self, words: &str) -> Option<String> {
        let links = self.all("a[href]");
        let named = |link: &&Element| link.text == words || link.attribute("aria-label") == words;
        links
            .iter()
            .find(named)
            .or_else(|| links.iter().find(|link| link.text.contains(words)))
            .map(|link| link.attribute("href").to_owned())
    }

    /// All forms in order.
    pub fn forms(&self) -> Vec<Form> {
        let html = self.html();
        html.select(&selector("form")).map(|form| Form::read(&html, form, &self.path)).collect()
    }

    /// The first form that has a field of this name.
    #[track_caller]
    pub fn form_with(&self, field: &str) -> Form {
        self.forms().into_iter().find(|form| form.has(field)).unwrap_or_else(|| {
            let known: Vec<String> = self.forms().iter().map(Form::outline).collect();
            panic!("no form with field {field:?} among\n{}\n{self}", known.join("\n"))
        })
    }

    /// The first form whose action, without its query, ends in this.
    #[track_caller]
    pub fn form_to(&self, ending: &str) -> Form {
        self.find_form_to(ending).unwrap_or_else(|| {
            let known: Vec<String> = self.forms().iter().map(Form::outline).collect();
            panic!("no form to …{ending} among\n{}\n{self}", known.join("\n"))
        })
    }

    /// The same, none when there is no such form.
    pub fn find_form_to(&self, ending: &str) -> Option<Form> {
        let path = |form: &Form| form.action.split('?').next().unwrap_or_default().to_owned();
        self.forms().into_iter().find(|form| path(form).ends_with(ending))
    }

    /// The first form with a button that says this.
    #[track_caller]
    pub fn form_pressed(&self, button: &str) -> Form {
        self.forms().into_iter().find(|form| form.has_button(button)).unwrap_or_else(|| {
            let known: Vec<String> = self.forms().iter().map(Form::outline).collect();
            panic!("no form with button {button:?} among\n{}\n{self}", known.join("\n"))
        })
    }

    /// The cells of the first table that has a heading with these words: one list of texts per body row.
    #[track_caller]
    pub fn table(&self, heading: &str) -> Vec<Vec<String>> {
        let html = self.html();
        let found = html.select(&selector("table")).find(|table| {
            table.select(&selector("th")).any(|cell| visible_text(cell).contains(heading))
                || table.select(&selector("caption")).any(|cell| visible_text(cell).contains(heading))
        });
        let Some(table) = found else { panic!("no table with heading {heading:?}\n{self}") };
        table
            .select(&selector("tbody tr"))
            .map(|row| row.select(&selector("th, td")).map(visible_text).collect())
            .collect()
    }

    /// The message at a field: the control or group of fields that is described by it is marked so that a screen
    /// reader finds it, and the summary on top links to it.
    pub fn message_at(&self, field: &str) -> Option<String> {
        let message = self.all(&format!("[id='f-{field}-e']")).into_iter().next()?;
        let described = self
            .all("[aria-describedby]")
            .into_iter()
            .any(|element| element.attribute("aria-describedby").contains(&format!("f-{field}-e")));
        let linked = self
            .all("[role=alert] a[href]")
            .iter()
            .any(|link| link.attribute("href") == format!("#f-{field}"));
        (described && linked).then_some(message.text)
    }
}

/// A CSS selector of a test, which must be well formed.
#[track_caller]
pub(crate) fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}

/// The text below an element, white space collapsed.
pub(crate) fn visible_text(element: ElementRef<'_>) -> String {
    let mut words = String::new();
    collect_text(element, &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect_text(element: ElementRef<'_>, words: &mut String) {
    if matches!(element.value().name(), "script" | "style" | "template") {
        return;
    }
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            words.push_str(text);
        } else if let Some(inner) = ElementRef::wrap(child) {
            let inline = matches!(
                inner.value().name(),
                "a" | "b"
                    | "em"
                    | "strong"
                    | "span"
                    | "small"
                    | "mark"
                    | "code"
                    | "abbr"
                    | "time"
                    | "i"
                    | "bdi"
            );
            if !inline {
                words.push(' ');
            }
            collect_text(inner, words);
            if !inline {
                words.push(' ');
            }
        }
    }
}

fn detach(element: ElementRef<'_>) -> Element {
    Element {
        text: visible_text(element),
        attributes: element
            .value()
            .attrs()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

impl std::fmt::Display for Page {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(3_000).collect();
        write!(formatter, "--- {} answered {}\n{text}", self.path, self.status)
    }
}

/// Whether a page has the words. A few letters or digits are found as a word of their own only: tokens of forms and
/// addresses are drawn anew each time and may hold any of them.
fn contains(body: &str, words: &str) -> bool {
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if words.len() > 4 || !words.chars().all(is_token) {
        return body.contains(words);
    }
    body.match_indices(words)
        .any(|(at, _)| !body[..at].ends_with(is_token) && !body[at + words.len()..].starts_with(is_token))
}
