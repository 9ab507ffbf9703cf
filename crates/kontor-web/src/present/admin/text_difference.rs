//! What a change of the texts of a language says: which were added, changed and removed, each told by the label that it
//! translates. The order of the file says nothing.

use std::collections::HashMap;

use kontor_model::Json;
use kontor_model::labels::{key, labels};
use kontor_view::page::admin::changes::DiffLine;

use super::translations::KINDS;
use crate::present::Reading;
use crate::routes::admin::draft::Draft;

/// Texts of one kind that are listed; how many there are is said above them.
const MOST: usize = 150;
/// Between a label and its translation.
const GAP: &str = "   ";

/// Which texts of a language a change touches.
#[derive(Debug, Default, PartialEq, Eq)]
struct Touched {
    /// Key and text.
    added: Vec<(String, String)>,
    /// Key, text before, text after.
    changed: Vec<(String, String, String)>,
    /// Key and text.
    removed: Vec<(String, String)>,
}

/// The lines of a change of a language's texts.
pub fn lines(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    before: Option<&Json>,
    after: Option<&Json>,
) -> Vec<DiffLine> {
    let said = said(reading, draft);
    let line = |sign: &str, key: &str, text: &str| {
        let label = said.get(key).map_or(key, String::as_str);
        DiffLine { sign: sign.to_owned(), text: format!("{label}{GAP}{text}") }
    };
    let Touched { added, changed, removed } = touched(before, after);
    let mut lines = Vec::new();
    let heading = |lines: &mut Vec<DiffLine>, key: &str, count: usize| {
        if count > 0 {
            lines.push(DiffLine { sign: " ".to_owned(), text: reading.words().count(key, count) });
        }
    };
    heading(&mut lines, "changes.texts_added", added.len());
    lines.extend(added.iter().take(MOST).map(|(key, text)| line("+", key, text)));
    lines.extend(rest(added.len()));
    heading(&mut lines, "changes.texts_changed", changed.len());
    for (key, before, after) in changed.iter().take(MOST) {
        lines.push(line("-", key, before));
        lines.push(line("+", key, after));
    }
    lines.extend(rest(changed.len()));
    heading(&mut lines, "changes.texts_removed", removed.len());
    lines.extend(removed.iter().take(MOST).map(|(key, text)| line("-", key, text)));
    lines.extend(rest(removed.len()));
    lines
}

fn rest(count: usize) -> Option<DiffLine> {
    (count > MOST).then(|| DiffLine { sign: " ".to_owned(), text: "…".to_owned() })
}

/// Each label of the draft's definitions under its key: the definition and the text in its own language.
fn said(reading: &Reading<'_>, draft: &Draft<'_>) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for kind in KINDS {
        let word = reading.t(&format!("definition.{kind}.one"));
        for (name, json) in draft.all(kind) {
            let title = reading.definition_title(kind, name, json);
            let of = reading.words().with("changes.of_definition", &[("kind", &word), ("title", &title)]);
            for label in labels(kind, json) {
                let text = format!("{of}{}{}", reading.t("form.colon"), label.text);
                found.insert(key(kind, name, &label.path), text);
            }
        }
    }
    found
}

/// Compares text by text; those of the new state in its order, then those that go.
fn touched(before: Option<&Json>, after: Option<&Json>) -> Touched {
    let (old, new) = (texts(before), texts(after));
    let known: HashMap<&str, &str> = old.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let stays: HashMap<&str, &str> = new.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    let mut touched = Touched::default();
    for (key, text) in &new {
        match known.get(key.as_str()) {
            None => touched.added.push((key.clone(), text.clone())),
            Some(was) if was != text => {
                touched.changed.push((key.clone(), (*was).to_owned(), text.clone()));
            }
            Some(_) => {}
        }
    }
    touched.removed = old.iter().filter(|(key, _)| !stays.contains_key(key.as_str())).cloned().collect();
    touched
}

/// All texts of a language file under their keys, parts joined by dots.
fn texts(file: Option<&Json>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(file) = file {
        collect(file, &mut String::new(), &mut found);
    }
    found
}

fn collect(json: &Json, path: &mut String, found: &mut Vec<(String, String)>) {
    match json {
        Json::String(text) => found.push((path.clone(), text.clone())),
        Json::Object(object) => {
            let length = path.len();
            for (key, inner) in object {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                collect(inner, path, found);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_compared_by_their_keys() {
        let before = json!({ "a": { "title": "A", "help": "H" }, "b": { "title": "B" } });
        let after = json!({ "b": { "title": "B" }, "a": { "title": "Ä" }, "c": { "title": "C" } });
        let pair = |key: &str, text: &str| (key.to_owned(), text.to_owned());
        let expected = Touched {
            added: vec![pair("c.title", "C")],
            changed: vec![("a.title".to_owned(), "A".to_owned(), "Ä".to_owned())],
            removed: vec![pair("a.help", "H")],
        };
        assert_eq!(touched(Some(&before), Some(&after)), expected);
        // Another order is no change of texts.
        let turned = json!({ "b": { "title": "B" }, "a": { "help": "H", "title": "A" } });
        assert_eq!(touched(Some(&before), Some(&turned)), Touched::default());
        assert_eq!(touched(None, Some(&turned)).added.len(), 3);
    }
}
