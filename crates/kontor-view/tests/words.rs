//! Every word on screen is in every catalogue, and every catalogue has the same keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::string_slice, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kontor_view::words::catalogues;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
}

/// The literal that follows each call of the name `opening` ends with; a key that is put together at run time is not whole.
fn keys_after<'a>(source: &'a str, opening: &str) -> Vec<(&'a str, bool)> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices(opening) {
        if source[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let Some((key, behind)) = source[at + opening.len()..].split_once('"') else { continue };
        let whole = !behind.trim_start().starts_with('~') && !key.contains('{');
        if !key.is_empty() {
            found.push((key, whole));
        }
    }
    found
}

fn used() -> (BTreeSet<String>, BTreeSet<String>) {
    let mut sources = Vec::new();
    files(&root().join("templates/views"), "html", &mut sources);
    files(&root().join("templates/shell"), "html", &mut sources);
    files(&root().join("crates/kontor-view/src"), "rs", &mut sources);
    files(&root().join("crates/kontor-web/src"), "rs", &mut sources);
    let (mut whole, mut begun) = (BTreeSet::new(), BTreeSet::new());
    for path in sources {
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let template = path.extension().is_some_and(|extension| extension == "html");
        let openings: &[&str] = if template {
            &["t(\"", "count(\"", "with(\"", "pending_text(\""]
        } else {
            &["t(\"", "count(\"", "with(\"", "t(&format!(\"", "pattern(\""]
        };
        for opening in openings {
            for (key, is_whole) in keys_after(source, opening) {
                let sane = key.bytes().all(|byte| {
                    byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || matches!(byte, b'_' | b'.' | b'{' | b'}')
                });
                if !sane || !key.contains('.') {
                    continue;
                }
                if is_whole {
                    whole.insert(key.to_owned());
                } else {
                    begun.insert(key.split('{').next().unwrap_or(key).to_owned());
                }
            }
        }
    }
    (whole, begun)
}

#[test]
fn every_key_that_is_used_is_in_every_language() {
    let (whole, begun) = used();
    assert!(whole.len() > 300 && begun.len() > 5, "{} keys, {} beginnings found", whole.len(), begun.len());
    for catalogue in catalogues().unwrap() {
        let own: BTreeSet<String> = catalogue.keys().map(str::to_owned).collect();
        let there =
            |key: &&String| own.contains(&format!("ui.{key}")) || own.contains(&format!("ui.{key}.other"));
        let missing: Vec<&String> = whole.iter().filter(|key| !there(key)).collect();
        assert!(missing.is_empty(), "locale/{}.json lacks, below ui: {missing:?}", catalogue.language);
        for key in &begun {
            let there = own.iter().any(|known| known.starts_with(&format!("ui.{key}")));
            assert!(there, "locale/{}.json has nothing that begins with ui.{key}", catalogue.language);
        }
    }
}

/// Keys whose last part is a word of an enumeration: every word of it, though no source writes the whole key.
fn keys_of_words() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let path = root().join("schemas/meta/workflow.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let words = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|one| one.as_str()).map(str::to_owned).collect()
    };
    let parts = schema.get("$defs").and_then(|parts| parts.as_object()).unwrap();
    let kinds = schema.pointer("/$defs/step_kind/enum").unwrap();
    keys.extend(words(kinds).into_iter().map(|kind| format!("step.{kind}")));
    for (_, step) in parts.iter().filter(|(name, _)| name.starts_with("step_")) {
        let properties = step["properties"].as_object().into_iter().flatten();
        let options = properties.filter(|(key, _)| *key != "do").flat_map(|(_, one)| words(&one["enum"]));
        keys.extend(options.map(|option| format!("step_option.{option}")));
    }
    // What the journal says was done: the third word of each line.
    let history = std::fs::read_to_string(root().join("crates/kontor-web/src/present/history.rs")).unwrap();
    let acts = history.split("fn act(").nth(1).unwrap().split("\n}").next().unwrap();
    for line in acts.lines().filter(|line| line.contains("=> (\"")) {
        let word = line.rsplit('"').nth(1).unwrap();
        keys.extend(["record.event_", "history."].map(|before| format!("{before}{word}")));
    }
    keys
}

#[test]
fn every_word_of_an_enumeration_is_said_in_every_language() {
    let keys = keys_of_words();
    assert!(keys.len() > 50, "{keys:?}");
    for catalogue in catalogues().unwrap() {
        let is_said = |key: &&String| {
            catalogue.find_own(&format!("ui.{key}")).is_some()
                || catalogue.find_own(&format!("ui.{key}.other")).is_some()
        };
        let missing: Vec<&String> = keys.iter().filter(|key| !is_said(key)).collect();
        assert!(missing.is_empty(), "locale/{}.json lacks, below ui: {missing:?}", catalogue.language);
    }
}

#[test]
fn all_languages_have_the_same_keys() {
    let all = catalogues().unwrap();
    assert!(all.len() >= 2);
    let keys = |catalogue: &kontor_model::locale::Catalogue| -> BTreeSet<String> {
        let own = catalogue.keys().filter(|key| key.starts_with("ui.") || key.starts_with("problem."));
        own.map(|key| {
            key.strip_suffix(".one").or_else(|| key.strip_suffix(".other")).unwrap_or(key).to_owned()
        })
        .collect()
    };
    let first = all.first().unwrap();
    for other in all.iter().skip(1) {
        let (mine, theirs) = (keys(first), keys(other));
        let differing: Vec<_> = mine.symmetric_difference(&theirs).collect();
        assert!(differing.is_empty(), "{} and {} differ: {differing:?}", first.language, other.language);
    }
}

/// What pages say of the keys of definitions: those of each meta-schema, and those of fields.
fn keys_of_definitions() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in std::fs::read_dir(root().join("schemas/meta")).unwrap() {
        let path = file.unwrap().path();
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let kind = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let described = |at: &str| -> Vec<String> {
            let all = schema.pointer(at).and_then(serde_json::Value::as_object).into_iter().flatten();
            let said = all.filter(|(key, one)| *key != "$schema" && one.get("description").is_some());
            said.map(|(key, _)| key.clone()).collect()
        };
        keys.extend(described("/properties").into_iter().map(|key| format!("{kind}.{key}")));
        keys.extend(described("/$defs/field/properties").into_iter().map(|key| format!("field.{key}")));
    }
    keys
}

#[test]
fn the_keys_of_definitions_are_explained_in_every_language() {
    let keys = keys_of_definitions();
    assert!(keys.len() > 200 && keys.contains("field.formula"), "{keys:?}");
    let all = catalogues().unwrap();
    for catalogue in all.iter().skip(1) {
        let own: BTreeSet<&str> = catalogue.keys().filter_map(|key| key.strip_prefix("schema.")).collect();
        let is_general = |key: &str| key.starts_with("any.") || key.starts_with("words.");
        let general = |key: &str| format!("any.{}", key.rsplit('.').next().unwrap_or_default());
        let missing: Vec<&String> = keys
            .iter()
            .filter(|key| !own.contains(key.as_str()) && !own.contains(general(key).as_str()))
            .collect();
        assert!(missing.is_empty(), "locale/{}.json lacks, below schema: {missing:?}", catalogue.language);
        let unknown: Vec<&&str> =
            own.iter().filter(|key| !is_general(key) && !keys.contains(**key)).collect();
        assert!(
            unknown.is_empty(),
            "locale/{}.json explains what there is not: {unknown:?}",
            catalogue.language
        );
    }
}

/// Labels and help of everything that the forms and the documentation of meta-schemas show. Parts that only serve the
/// check are never shown.
fn texts_of_schemas(schema: &serde_json::Value, texts: &mut BTreeSet<String>) {
    const UNSEEN: [&str; 8] = [
        "complete",
        "complete_step",
        "complete_field",
        "no_null",
        "replaced",
        "$schema",
        "remove",
        "examples",
    ];
    match schema {
        serde_json::Value::Object(object) => {
            let said = ["title", "description"].into_iter().filter_map(|key| object.get(key)?.as_str());
            texts.extend(said.map(str::to_owned));
            for (_, inner) in object.iter().filter(|(key, _)| !UNSEEN.contains(&key.as_str())) {
                texts_of_schemas(inner, texts);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| texts_of_schemas(inner, texts)),
        _ => {}
    }
}

#[test]
fn forms_of_definitions_speak_every_language() {
    let all = catalogues().unwrap();
    let mut untold: Vec<String> = Vec::new();
    for file in std::fs::read_dir(root().join("schemas/meta")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // The manifest of a pack has no form, and a field has pages of its own.
        if name.starts_with("pack.") || name.starts_with("field.") || name.starts_with("filter.") {
            continue;
        }
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut texts = BTreeSet::new();
        texts_of_schemas(&schema, &mut texts);
        let own = schema.get("properties").and_then(serde_json::Value::as_object).unwrap();
        let kind = name.split('.').next().unwrap();
        for catalogue in all.iter().skip(1) {
            // The help of a kind's own keys is below the kind.
            let is_said = |text: &String| {
                let of_kind = own.iter().filter(|(_, one)| one["description"] == text.as_str());
                let mut of_kind = of_kind.map(|(key, _)| key);
                catalogue.find_own(&format!("schema.words.{text}")).is_some()
                    || of_kind.any(|key| {
                        let own = catalogue.find_own(&format!("schema.{kind}.{key}"));
                        own.or_else(|| catalogue.find_own(&format!("schema.any.{key}"))).is_some()
                    })
            };
            let missing = texts.iter().filter(|text| !is_said(text));
            untold.extend(missing.map(|text| format!("{}, {name}: {text}", catalogue.language)));
        }
    }
    assert!(untold.is_empty(), "catalogues lack, below schema.words: {untold:#?}");
}

#[test]
fn every_text_keeps_the_placeholders_of_the_first_language() {
    let all = catalogues().unwrap();
    let first = all.first().unwrap();
    for other in all.iter().skip(1) {
        for key in other.keys().filter(|key| key.starts_with("ui.") || key.starts_with("problem.")) {
            let Some(english) = first.find_own(key) else { continue };
            for name in placeholders(other.find_own(key).unwrap_or_default()) {
                assert!(
                    placeholders(english).contains(&name) || key.contains(".date."),
                    "{}: {key} names {name}",
                    other.language
                );
            }
        }
    }
}

fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_problem_has_its_words() {
    let mut sources = Vec::new();
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let source = folder.unwrap().path().join("src");
        if source.is_dir() {
            files(&source, "rs", &mut sources);
        }
    }
    let mut codes = BTreeSet::new();
    for path in sources {
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for opening in [
            "Problem::new(\"",
            "Problem::at_field(\"",
            "Problem::new(\n",
            "Wrong::at(position, \"",
            " new(\"",
            "limited(\"",
            "code: \"",
        ] {
            for rest in source.split(opening).skip(1) {
                let rest = rest.trim_start().trim_start_matches('"');
                let code = rest.split('"').next().unwrap_or_default();
                if !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                    codes.insert(code.to_owned());
                }
            }
        }
    }
    assert!(codes.len() > 50, "{} codes found", codes.len());
    for catalogue in catalogues().unwrap() {
        let missing: Vec<_> =
            codes.iter().filter(|code| catalogue.find_own(&format!("problem.{code}")).is_none()).collect();
        assert!(missing.is_empty(), "locale/{}.json lacks problem.{missing:?}", catalogue.language);
    }
}
