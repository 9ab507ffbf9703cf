//! The minijinja side: one environment per language with every view, overrides of packs, and the fall back to the built-in.
//!
//! A template sees its page struct, `t("key", name=value)`, `icon("name", "class")`, `asset("file")` and `initials("name")`.
//! Everything printed is escaped; only [`crate::Html`] made by this crate is printed with `| safe`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::{Error, Fragment, Html, Script, Words, assets, icon};

#[derive(RustEmbed)]
#[folder = "../../templates/views/"]
struct Files;

/// A page that a minijinja view draws. The struct that implements it documents the view's context.
pub trait View: Serialize {
    /// Path below `templates/views/`.
    const TEMPLATE: &'static str;
    /// Modules that make this page more comfortable.
    const SCRIPTS: &'static [Script] = &[];
    /// Whether the page is one list that scrolls inside the window.
    const FILL: bool = false;

    /// Title of the page, without the product's name.
    fn title(&self, words: &Words) -> String;

    /// What the page is called in the trail above it: the title, without what happened to the page.
    fn crumb(&self, words: &Words) -> String {
        self.title(words)
    }

    /// The entity the page is about: a pack may override the view for it alone.
    fn entity(&self) -> Option<&str> {
        None
    }

    /// Draws the page in one language.
    fn render(&self, views: &Views, language: &str) -> Result<Fragment, Error>
    where
        Self: Sized,
    {
        views.render(self, language)
    }
}

/// A template of a pack that could not be used; the built-in served instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenTemplate {
    /// Path of the template as the pack names it (`list.html`, `account/list.html`).
    pub template: String,
    /// What is wrong, with the line.
    pub cause: String,
}

struct Language {
    words: Arc<Words>,
    environment: Environment<'static>,
}

/// All views in all languages, with the overrides of one workspace.
pub struct Views {
    languages: Vec<Language>,
    /// For languages that have labels but no words of the interface: those of the fallback.
    others: Option<Language>,
    overrides: Vec<String>,
    broken: Mutex<BTreeMap<String, String>>,
}

impl Views {
    /// The built-in views.
    pub fn built_in() -> Result<Views, Error> {
        Views::with_overrides(&[])
    }

    /// The built-in views with those of packs over them: `(path, source)`, the path as below `templates/views/`, or
    /// `<entity>/<view>.html` for one entity alone. An override that does not compile is set aside, see [`Views::broken`].
    pub fn with_overrides(overrides: &[(String, String)]) -> Result<Views, Error> {
        let mut broken = BTreeMap::new();
        let mut accepted = Vec::new();
        let mut languages = Vec::new();
        let mut all: Vec<Words> = crate::words::catalogues()?.into_iter().map(Words::new).collect();
        all.extend(all.first().map(Words::around_other_labels));
        for words in all {
            let words = Arc::new(words);
            let mut environment = environment(&words)?;
            for (path, source) in overrides {
                match environment.add_template_owned(override_name(path), source.clone()) {
                    Ok(()) => {
                        if !accepted.contains(path) {
                            accepted.push(path.clone());
                        }
                    }
                    Err(error) => {
                        broken.insert(path.clone(), Error::view(path, &error).to_string());
                    }
                }
            }
            languages.push(Language { words, environment });
        }
        let others = languages.pop();
        Ok(Views { languages, others, overrides: accepted, broken: Mutex::new(broken) })
    }

    /// The languages there are, the fallback first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.iter().map(|language| language.words.language())
    }

    /// The words of a language, or of the fallback when there is no such language.
    pub fn words(&self, language: &str) -> Option<&Arc<Words>> {
        self.language(language).map(|found| &found.words)
    }

    /// Draws a page; an override that fails is reported and the built-in serves.
    pub fn render<V: View>(&self, page: &V, language: &str) -> Result<Fragment, Error> {
        let language = self.language(language).ok_or(Error::NoFallback)?;
        let html = self.draw(language, V::TEMPLATE, page.entity(), &Value::from(Serde(page)))?;
        Ok(Fragment {
            title: page.title(&language.words),
            crumb: page.crumb(&language.words),
            html: Html(html),
            scripts: V::SCRIPTS.to_vec(),
            fill: V::FILL,
        })
    }

    /// Overrides that could not be used so far, at the start or while drawing: for the Problems page.
    pub fn broken(&self) -> Vec<BrokenTemplate> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken
            .iter()
            .map(|(template, cause)| BrokenTemplate { template: template.clone(), cause: cause.clone() })
            .collect()
    }

    /// Draws one template by its path with any context: for the pieces a page is made of.
    pub fn piece<T: Serialize>(&self, template: &str, context: &T, language: &str) -> Result<Html, Error> {
        let language = self.language(language).ok_or(Error::NoFallback)?;
        self.draw(language, template, None, &Value::from(Serde(context))).map(Html)
    }

    fn draw(
        &self,
        language: &Language,
        template: &str,
        entity: Option<&str>,
        context: &Value,
    ) -> Result<String, Error> {
        let own = entity.map(|entity| format!("{entity}/{template}"));
        for path in own.iter().map(String::as_str).chain(std::iter::once(template)) {
            if !self.overrides.iter().any(|known| known == path) {
                continue;
            }
            match render(&language.environment, &override_name(path), context.clone()) {
                Ok(html) => return Ok(html),
                Err(error) => {
                    let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
                    broken.insert(path.to_owned(), error.to_string());
                }
            }
        }
        render(&language.environment, template, context.clone())
    }

    fn language(&self, language: &str) -> Option<&Language> {
        self.languages.iter().find(|known| known.words.language() == language).or(
            if language.starts_with(crate::words::FALLBACK) {
                self.languages.first()
            } else {
                self.others.as_ref()
            },
        )
    }
}

/// Whether the source of a template compiles; the reason with its line when it does not.
pub fn check_template(path: &str, source: &str) -> Result<(), Error> {
    let mut environment = Environment::new();
    environment
        .add_template_owned(path.to_owned(), source.to_owned())
        .map_err(|error| Error::view(path, &error))
}

fn override_name(path: &str) -> String {
    format!("override/{path}")
}

fn render(environment: &Environment<'_>, template: &str, context: Value) -> Result<String, Error> {
    let found = environment.get_template(template).map_err(|error| Error::view(template, &error))?;
    found.render(context).map_err(|error| Error::view(template, &error))
}

fn environment(words: &Arc<Words>) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() && matches!(state.auto_escape(), AutoEscape::Html) => {
            write_escaped(out, text).map_err(minijinja::Error::from)
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(|error| Error::view("syntax", &error))?,
    );
    let own = Arc::clone(words);
    environment.add_function("t", move |key: &str, arguments: Kwargs| translate(&own, key, &arguments));
    environment.add_function("icon", |name: &str, class: Option<&str>| {
        Value::from_safe_string(icon::markup(name, class.unwrap_or_default()))
    });
    environment.add_function("kind_icon", |kind: &str| {
        let name = match (kontor_model::kind::find(kind), kind) {
            (Some(kind), _) => kind.icon(),
            (None, "related") => "list",
            (None, "chart") => "chart-bar",
            (None, "suggest") => "search",
            (None, _) => "circle-dot",
        };
        Value::from_safe_string(icon::markup(name, ""))
    });
    environment.add_function("asset", |name: &str| assets::url(name));
    environment.add_function("initials", |name: &str| initials(name));
    environment.add_filter("markdown", |text: &str| Value::from_safe_string(crate::markdown::html(text)));
    environment.add_filter("bars", |code: &str, symbology: &str| {
        crate::barcode::svg(code, symbology).map_or_else(|| Value::from(code), Value::from_safe_string)
    });
    environment.add_filter("shorten", |text: &str, limit: usize| crate::chart::shortened(text, limit));
    environment.add_global("language", words.language().to_owned());
    for path in Files::iter() {
        let Some(file) = Files::get(&path) else { continue };
        let source = String::from_utf8_lossy(&file.data).into_owned();
        environment
            .add_template_owned(path.to_string(), source)
            .map_err(|error| Error::view(&path, &error))?;
    }
    Ok(environment)
}

/// Writes a text as HTML. The slash stays as it is, unlike in minijinja's own way: it means nothing inside a text or a
/// quoted attribute, and every address has several.
pub(crate) fn write_escaped(out: &mut impl std::fmt::Write, text: &str) -> std::fmt::Result {
    let mut done = 0;
    for (at, byte) in text.bytes().enumerate() {
        let reference = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#x27;",
            _ => continue,
        };
        out.write_str(text.get(done..at).unwrap_or_default())?;
        out.write_str(reference)?;
        done = at + 1;
    }
    out.write_str(text.get(done..).unwrap_or_default())
}

fn translate(words: &Words, key: &str, arguments: &Kwargs) -> Result<String, minijinja::Error> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for name in arguments.args() {
        let value: Value = arguments.get(name)?;
        let text = match usize::try_from(value.clone()) {
            Ok(number) => crate::words::grouped(number),
            Err(_) => value.to_string(),
        };
        pairs.push((name, text));
    }
    let borrowed: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(words.with(key, &borrowed))
}

/// Up to two letters for an avatar: the first of the first and of the last word; of a Chinese name its last two characters.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let Some(first) = words.next() else { return String::new() };
    let letter = |word: &str| word.chars().find(|letter| letter.is_alphanumeric());
    let Some(start) = letter(first) else { return String::new() };
    if is_han(start) {
        let characters: Vec<char> = first.chars().filter(|letter| is_han(*letter)).collect();
        return characters.iter().skip(characters.len().saturating_sub(2)).collect();
    }
    let mut text: String = start.to_uppercase().collect();
    if let Some(end) = words.next_back().and_then(letter) {
        text.extend(end.to_uppercase());
    }
    text
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        for (name, wanted) in [
            ("Mara Jensen", "MJ"),
            ("mara", "M"),
            ("王小明", "小明"),
            ("李伟 Li Wei", "李伟"),
            ("", ""),
            ("– –", ""),
        ] {
            assert_eq!(initials(name), wanted, "{name}");
        }
    }
}
