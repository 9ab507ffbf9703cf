//! No Rust file names an entity or a field of the base pack.

use std::collections::BTreeSet;

use kontor_testing::repository::{files, root};
use serde_json::Value;

use crate::sources::{shipped_rust, without_tests};

/// Names of the base pack's entities and fields, without those that the engine gives a meaning of its own.
fn base_pack_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files("schemas/entities", "json") {
        let text = std::fs::read_to_string(&path).expect("an entity file");
        let entity: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if entity.get("extends").is_none() {
            names.insert(entity["name"].as_str().expect("a name").to_owned());
        }
        for field in entity["properties"].as_object().into_iter().flatten() {
            names.insert(field.0.clone());
        }
    }
    names.retain(|name| !GENERIC.contains(&name.as_str()));
    names
}

/// Field names of the base pack that are also words of the engine (a key of a definition, a field kind, a route,
/// a field of the built-in `user` and `team`) or of Rust and HTTP. Each stands here because a Rust file may write it
/// in that other sense.
const GENERIC: &[&str] = &[
    "name",
    "title",
    "description",
    "email",
    "phone",
    "mobile",
    "owner",
    "user",
    "team",
    "status",
    "stage",
    "type",
    "record_type",
    "kind",
    "address",
    "date",
    "time",
    "start",
    "end",
    "duration",
    "rating",
    "color",
    "active",
    "website",
    "url",
    "language",
    "currency",
    "number",
    "code",
    "note",
    "notes",
    "parent",
    "manager",
    "role",
    "roles",
    "priority",
    "source",
    "score",
    "total",
    "subject",
    "body",
    "text",
    "reason",
    "comment",
    "location",
    "country",
    "region",
    "city",
    "street",
    "postal_code",
    "tags",
    "picture",
    "image",
    "file",
    "files",
    "price",
    "quantity",
    "unit",
    "position",
    "from",
    "to",
    "done",
    "due",
    "series",
    "family",
    "given",
    "probability",
    "category",
    "job_title",
    "scale",
    "timezone",
    "locale",
    "place",
    "outcome",
    "activity",
    "regarding",
    "minutes",
];

/// Where a word stands in another sense.
const MEANT: [(&str, &str, &str); 3] = [
    ("kontor-core/src/pack/embedded.rs", "industry", "the folder of the templates"),
    ("kontor-model/src/kind/look.rs", "contact", "a group of kinds"),
    ("kontor-script/src/api/lookup.rs", "amount", "the number beside a currency"),
];

/// Each place where a shipped file quotes a name of the base pack.
fn named_in(source: &str, names: &BTreeSet<String>) -> Vec<String> {
    let source = without_tests(source);
    let mut found = Vec::new();
    for quoted in source.split('"').skip(1).step_by(2) {
        let words = quoted.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        // A sentence may use such a word in its ordinary sense; a name stands alone or in a path.
        if quoted.contains(' ') {
            continue;
        }
        for word in words {
            if names.contains(word) {
                found.push(format!("{word:?} in {quoted:?}"));
            }
        }
    }
    found
}

#[test]
fn no_rust_file_names_the_base_pack() {
    let names = base_pack_names();
    let entities: BTreeSet<String> = names.clone();
    assert!(
        names.contains("deal") && names.contains("account"),
        "the base pack is not where it should be: {names:?}"
    );
    let mut found = Vec::new();
    for path in shipped_rust() {
        let source = std::fs::read_to_string(&path).expect("a source file");
        let place = path.to_string_lossy().replace('\\', "/");
        for hit in named_in(&source, &entities) {
            let is_meant = |(file, word, _): &(&str, &str, &str)| {
                place.ends_with(file) && hit.starts_with(&format!("{word:?}"))
            };
            if MEANT.iter().any(is_meant) {
                continue;
            }
            found.push(format!("{}: {hit}", path.strip_prefix(root()).unwrap_or(&path).display()));
        }
    }
    assert!(found.is_empty(), "Rust files that name the base pack:\n{}", found.join("\n"));
}

#[test]
fn a_name_of_the_base_pack_is_found() {
    let names = BTreeSet::from(["deal".to_owned(), "close_date".to_owned()]);
    assert_eq!(named_in(r#"model.entity("deal")"#, &names).len(), 1);
    assert_eq!(named_in(r#"path("record/close_date")"#, &names).len(), 1);
    assert_eq!(named_in(r#"// model.entity("deal")"#, &names).len(), 0);
    assert_eq!(
        named_in("let ideal = 1;\n#[cfg(test)]\nmod tests { const D: &str = \"deal\"; }", &names).len(),
        0
    );
}
