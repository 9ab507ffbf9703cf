//! The words of the interface in one language, with numbers of things said rightly.
//!
//! A text is either a string or `{ "one": …, "other": … }`, chosen by the argument `count`. Placeholders are `{name}`.
//! Keys of the interface are said without their `ui.` (`list.empty` is `ui.list.empty` of `locale/<language>.json`).

use std::sync::Arc;

use crate::locale::Catalogue;

/// A text in one line and at most about sixty letters, for where it only has to be recognised.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    format!("{}…", line.chars().take(MOST).collect::<String>().trim_end())
}

/// The words of one language.
#[derive(Clone, Debug)]
pub struct Words {
    catalogue: Arc<Catalogue>,
    /// Whether the labels that come into its sentences are of another language than the sentences.
    has_other_labels: bool,
}

impl Words {
    /// The words of a catalogue.
    pub fn new(catalogue: Arc<Catalogue>) -> Words {
        Words { catalogue, has_other_labels: false }
    }

    /// The same words around labels of a language that has no catalogue of its own.
    #[must_use]
    pub fn around_other_labels(&self) -> Words {
        Words { has_other_labels: true, ..self.clone() }
    }

    /// The language, as in `locale/<language>.json` and in `lang` attributes.
    pub fn language(&self) -> &str {
        &self.catalogue.language
    }

    /// The catalogue behind the words.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The text of a key of the interface (`list.empty`), or the key itself when no language has it.
    pub fn t(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with its placeholders filled; the argument `count` also chooses between one and many.
    pub fn with(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        let path = format!("ui.{key}");
        if let Some(pattern) = self.catalogue.find(&path) {
            return fill(pattern, arguments, self.lowers_inside());
        }
        let single = arguments.iter().any(|(name, value)| *name == "count" && *value == "1");
        let own = single.then(|| self.catalogue.find_own(&format!("{path}.one"))).flatten();
        let pattern = own
            .or_else(|| self.catalogue.find_own(&format!("{path}.other")))
            .or_else(|| self.catalogue.find(&format!("{path}.other")));
        pattern.map_or_else(|| key.to_owned(), |pattern| fill(pattern, arguments, self.lowers_inside()))
    }

    /// The text for a number of things; the number is grouped as the language does (`1,204`).
    pub fn count(&self, key: &str, count: usize) -> String {
        self.with(key, &[("count", &grouped(count))])
    }

    /// English writes the name of a kind of record small inside a sentence ("New deal"), other languages as it is: German
    /// ones stay large, though the sentence around them be English.
    fn lowers_inside(&self) -> bool {
        self.language().starts_with("en") && !self.has_other_labels
    }

    /// Whether the language itself has the key, plain or counted.
    pub fn has(&self, key: &str) -> bool {
        let path = format!("ui.{key}");
        self.catalogue.find_own(&path).is_some()
            || self.catalogue.find_own(&format!("{path}.other")).is_some()
    }
}

/// A whole number with a comma between groups of three, as English and Chinese write it.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn fill(pattern: &str, arguments: &[(&str, &str)], lowers_inside: bool) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        match arguments.iter().find(|(known, _)| *known == name) {
            Some((_, value)) if lowers_inside && name == "entity" && !starts_sentence(&text) => {
                text.push_str(&lowered(value));
            }
            Some((_, value)) => text.push_str(value),
            None => {
                text.push('{');
                text.push_str(name);
                text.push('}');
            }
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

fn starts_sentence(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with(['.', '!', '?', ':'])
}

/// The word with a small first letter, unless it is an abbreviation ("SLA").
fn lowered(word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return String::new() };
    if letters.clone().next().is_some_and(char::is_uppercase) {
        return word.to_owned();
    }
    first.to_lowercase().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened_to_one_line() {
        assert_eq!(shortened("Two\n lines"), "Two lines");
        assert_eq!(shortened(&"a".repeat(60)), "a".repeat(60));
        assert_eq!(shortened(&"长".repeat(61)), format!("{}…", "长".repeat(60)));
    }

    #[test]
    fn labels_of_another_language_stay_as_they_are() {
        let file = serde_json::json!({ "ui": { "list": { "new": "New {entity}" } } });
        let words = Words::new(Arc::new(Catalogue::from_json("en", &file, None)));
        let new = |words: &Words| words.with("list.new", &[("entity", "Gerätemiete")]);
        assert_eq!(new(&words), "New gerätemiete");
        assert_eq!(new(&words.around_other_labels()), "New Gerätemiete");
    }

    #[test]
    fn placeholders_and_numbers_of_things() {
        assert_eq!(fill("{a} of {b}, {c}", &[("a", "1"), ("b", "2")], true), "1 of 2, {c}");
        assert_eq!(fill("an open { brace", &[], true), "an open { brace");
        assert_eq!(fill("New {entity}", &[("entity", "Site visit")], true), "New site visit");
        assert_eq!(fill("New {entity}", &[("entity", "SLA")], true), "New SLA");
        assert_eq!(
            fill("{entity} by {field}", &[("entity", "Deals"), ("field", "Stage")], true),
            "Deals by Stage"
        );
        assert_eq!(fill("Neu: {entity}", &[("entity", "Auftrag")], false), "Neu: Auftrag");
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
