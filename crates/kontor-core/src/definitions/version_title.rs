//! Titles of versions that nobody wrote: stored as a text of the catalogue with what it names, said in the reader's language.

use kontor_model::Json;
use kontor_model::locale::Catalogue;
use serde_json::{Map, json};

/// What the first version of a workspace was called before titles were texts of the catalogue.
const FIRST: &str = "Installed";
/// The text of the first version.
pub(super) const INSTALLED: &str = "ui.version_first";

/// A title as it is stored. What somebody wrote never begins like it: titles are typed without a brace behind `@`.
pub(super) fn stored(key: &str, parameters: &[(&str, &str)]) -> String {
    let mut object = Map::new();
    object.insert("text".to_owned(), key.into());
    for (name, value) in parameters {
        object.insert((*name).to_owned(), (*value).into());
    }
    format!("@{}", Json::Object(object))
}

/// The title of a version that changes these definitions, each with the title that it has itself, and some more.
pub(super) fn of_changes(changes: &[(&str, &str, &str)], more: usize) -> String {
    let of: Vec<Json> = changes.iter().map(|(kind, name, own)| json!([kind, name, own])).collect();
    format!("@{}", json!({ "of": of, "more": more.to_string() }))
}

/// What a version changes, as the reader calls it.
fn said_changes(catalogue: &Catalogue, known: &Map<String, Json>) -> Option<String> {
    let of = known.get("of")?.as_array()?;
    let named = |one: &Json| {
        let [kind, name, own] = one.as_array()?.as_slice() else { return None };
        let (kind, name, own) = (kind.as_str()?, name.as_str()?, own.as_str()?);
        let word = catalogue.text(&format!("ui.definition.{kind}.one")).to_owned();
        let title = catalogue.label(kind, name, "title", own);
        Some(catalogue.text_with("ui.changes.of_definition", &[("kind", word.as_str()), ("title", title)]))
    };
    let mut names = of.iter().map(named).collect::<Option<Vec<_>>>()?;
    let more = known.get("more").and_then(Json::as_str).unwrap_or("0");
    if more != "0" {
        names.push(format!("+{more}"));
    }
    Some(names.join(catalogue.text("ui.said.comma")))
}

/// A stored title as the reader says it.
pub fn said(catalogue: &Catalogue, stored: &str) -> String {
    if stored == FIRST {
        return catalogue.text(INSTALLED).to_owned();
    }
    let known =
        stored.strip_prefix('@').and_then(|json| serde_json::from_str::<Map<String, Json>>(json).ok());
    let Some(known) = known else { return stored.to_owned() };
    if let Some(said) = said_changes(catalogue, &known) {
        return said;
    }
    let Some(key) = known.get("text").and_then(Json::as_str).filter(|key| catalogue.find(key).is_some())
    else {
        return stored.to_owned();
    };
    let parameters: Vec<(&str, &str)> =
        known.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    catalogue.text_with(key, &parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn titles_are_said_in_the_readers_language() {
        let texts = json!({ "ui": { "back": "Version {n} again", "version_first": "Begun" } });
        let catalogue = Catalogue::from_json("en", &texts, None);
        assert_eq!(said(&catalogue, &stored("ui.back", &[("n", "4")])), "Version 4 again");
        assert_eq!(said(&catalogue, FIRST), "Begun");
        let texts = json!({ "ui": {
            "definition": { "entity": { "one": "实体" } }, "said": { "comma": "、" },
            "changes": { "of_definition": "{kind}“{title}”" } },
            "definitions": { "entity": { "deal": { "title": "商机" } } } });
        let chinese = Catalogue::from_json("zh-CN", &texts, None);
        let changes = [("entity", "deal", "Deal"), ("entity", "rental", "Rental")];
        assert_eq!(said(&chinese, &of_changes(&changes, 2)), "实体“商机”、实体“Rental”、+2");
        for own in ["@home", "@{}", "Prices", "@{\"text\":\"ui.gone\"}"] {
            assert_eq!(said(&catalogue, own), own);
        }
    }
}
