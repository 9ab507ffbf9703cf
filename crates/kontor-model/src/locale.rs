//! Texts in a reader's language. A catalogue is one `locale/<language>.json`; keys are paths joined by dots.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Json;

/// All texts of one language, with another language to fall back on.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The language as in `lang` attributes: `en`, `zh-CN`.
    pub language: String,
    texts: HashMap<String, String>,
    fallback: Option<Arc<Catalogue>>,
}

impl Catalogue {
    /// Reads a language file: nested objects whose leaves are texts.
    pub fn from_json(language: impl Into<String>, json: &Json, fallback: Option<Arc<Self>>) -> Self {
        let mut texts = HashMap::new();
        collect(json, &mut String::new(), &mut texts);
        Self { language: language.into(), texts, fallback }
    }

    /// Adds the texts of another file, which win over those already here (packs over the engine).
    pub fn extend(&mut self, json: &Json) {
        collect(json, &mut String::new(), &mut self.texts);
    }

    /// The text of a key in this language or the one below it; `None` when no language has it.
    pub fn find(&self, key: &str) -> Option<&str> {
        match self.texts.get(key) {
            Some(text) => Some(text),
            None => self.fallback.as_ref()?.find(key),
        }
    }

    /// The text of a key in this very language.
    pub fn find_own(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The text of a key, or the key itself, so that a missing text is seen and not hidden.
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of a key with `{name}` replaced by what `parameters` say.
    pub fn text_with<V: AsRef<str>>(&self, key: &str, parameters: &[(&str, V)]) -> String {
        let mut text = self.text(key).to_owned();
        for (name, value) in parameters {
            text = text.replace(&format!("{{{name}}}"), value.as_ref());
        }
        text
    }

    /// The label of a definition in this language, e.g. `("entity", "ticket", "properties.status.title")`;
    /// `own` is the label in the pack's language, used where no translation is.
    pub fn label<'a>(&'a self, kind: &str, name: &str, path: &str, own: &'a str) -> &'a str {
        self.find_own(&format!("definitions.{kind}.{name}.{path}")).unwrap_or(own)
    }

    /// All keys of this very language, unsorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}

fn collect(json: &Json, path: &mut String, texts: &mut HashMap<String, String>) {
    match json {
        Json::String(text) => {
            texts.insert(path.clone(), text.clone());
        }
        Json::Object(object) => {
            let length = path.len();
            for (key, value) in object {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                collect(value, path, texts);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
