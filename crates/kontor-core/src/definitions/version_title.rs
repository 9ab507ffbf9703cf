//! Titles of versions that nobody wrote: stored as a text of the catalogue with what it names, said in the reader's language.

use kontor_model::Json;
use kontor_model::locale::Catalogue;
use serde_json::Map;

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

/// A stored title as the reader says it.
pub fn said(catalogue: &Catalogue, stored: &str) -> String {
    if stored == FIRST {
        return catalogue.text(INSTALLED).to_owned();
    }
    let known =
        stored.strip_prefix('@').and_then(|json| serde_json::from_str::<Map<String, Json>>(json).ok());
    let Some(known) = known else { return stored.to_owned() };
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
        for own in ["@home", "@{}", "Prices", "@{\"text\":\"ui.gone\"}"] {
            assert_eq!(said(&catalogue, own), own);
        }
    }
}
