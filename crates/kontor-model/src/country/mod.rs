//! The countries and regions of ISO 3166-1 and what they are called. Source: Unicode CLDR 48 (`names.tsv`: each language's
//! names in that language's own order) and iso-codes; `aliases.tsv` holds the codes of three letters and what people also
//! write.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::value::fold;

/// The names of each language, and the languages in brackets before them.
const NAMES: &str = include_str!("names.tsv");
/// Other ways of writing, none of which is shown.
const ALIASES: &str = include_str!("aliases.tsv");
/// Which language stands in for those without names.
const FALLBACK: &str = "en";

/// Code and name, in the order of a language.
type Names = Vec<(&'static str, &'static str)>;

static BY_LANGUAGE: LazyLock<HashMap<&'static str, Names>> = LazyLock::new(|| {
    let mut found: HashMap<&'static str, Names> = HashMap::new();
    let mut language = FALLBACK;
    for line in NAMES.lines() {
        if let Some(named) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            language = named;
        } else if let Some(pair) = line.split_once('\t') {
            found.entry(language).or_default().push(pair);
        }
    }
    found
});

static BY_TEXT: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let aliases = ALIASES.lines().filter_map(|line| line.split_once('\t'));
    let names = BY_LANGUAGE.values().flatten().copied();
    let mut found: HashMap<String, &'static str> =
        names.chain(aliases).map(|(code, text)| (key(text), code)).collect();
    // A code is that code, whatever it may be short for elsewhere.
    found.extend(all(FALLBACK).iter().map(|(code, _)| (key(code), *code)));
    found
});

/// A text as it is looked up: without marks above letters, points, and the kind of apostrophe.
fn key(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    let plain: String = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !matches!(letter, '.' | '\'' | '’' | '‘'))
        .collect();
    fold(plain.split_whitespace().collect::<Vec<_>>().join(" ").as_str()).into_owned()
}

/// Codes and names in a language, in its order; those of English for languages without names.
pub fn all(language: &str) -> &'static [(&'static str, &'static str)] {
    let main = language.split('-').next().unwrap_or(language);
    BY_LANGUAGE.get(main).or_else(|| BY_LANGUAGE.get(FALLBACK)).map(Vec::as_slice).unwrap_or_default()
}

/// What a country is called in a language; `None` for what is no code.
pub fn name(code: &str, language: &str) -> Option<&'static str> {
    all(language).iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// The code of two letters of what somebody wrote: a code of two or three letters, or a name in any language that has
/// names here.
pub fn read(text: &str) -> Option<&'static str> {
    BY_TEXT.get(key(text).as_str()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_every_country() {
        let codes = |language: &str| {
            let mut codes: Vec<&str> = all(language).iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes
        };
        let known = codes("en");
        assert_eq!(known.len(), 250);
        assert!(known.iter().all(|code| code.len() == 2));
        assert!(BY_LANGUAGE.len() >= 13);
        for language in BY_LANGUAGE.keys() {
            assert_eq!(codes(language), known, "{language}");
        }
        assert_eq!(name("DE", "zh-CN"), Some("德国"));
        assert_eq!(name("DE", "de-CH"), Some("Deutschland"));
        assert_eq!(name("DE", "xx"), Some("Germany"));
        assert_eq!(name("Germany", "en"), None);
    }

    #[test]
    fn what_people_write_is_one_country() {
        for (text, code) in [
            ("DE", "DE"),
            ("de", "DE"),
            ("DEU", "DE"),
            ("Germany", "DE"),
            ("  GERMANY ", "DE"),
            ("Deutschland", "DE"),
            ("德国", "DE"),
            ("usa", "US"),
            ("U.S.", "US"),
            ("UK", "GB"),
            ("Cote d’Ivoire", "CI"),
            ("Turkey", "TR"),
            ("Österreich", "AT"),
            ("Osterreich", "AT"),
            ("中國", "CN"),
        ] {
            assert_eq!(read(text), Some(code), "{text}");
        }
        for text in ["Atlantis", "", "XX", "Bavaria"] {
            assert_eq!(read(text), None, "{text}");
        }
        // No text is two countries.
        let names = BY_LANGUAGE.values().flatten().copied();
        let aliases = ALIASES.lines().filter_map(|line| line.split_once('\t'));
        for (code, text) in names.chain(aliases) {
            assert_eq!(read(text), Some(code), "{text}");
        }
    }
}
