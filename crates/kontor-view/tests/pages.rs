//! Every page of the gallery keeps the rules that hold for all: strict CSP, one heading, ids that occur once, words in both
//! languages, POST forms with their token.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[path = "../examples/gallery/main.rs"]
mod gallery;

fn pages(test: &str) -> Vec<(String, String)> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gallery-{test}-{}", std::process::id()));
    let count = gallery::write(&folder);
    let mut found = Vec::new();
    for language in ["en", "zh-CN"] {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder.join(language)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.file_stem().is_some_and(|name| name != "index"));
        for path in paths {
            let name = format!("{language}/{}", path.file_stem().unwrap().to_string_lossy());
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert_eq!(found.len(), count);
    std::fs::remove_dir_all(&folder).unwrap();
    found
}

/// The tags of a page with their attributes.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

#[test]
fn every_page_keeps_the_rules() {
    let all = pages("rules");
    assert!(all.len() > 140, "{} pages", all.len());
    for (name, html) in &all {
        let mut ids = BTreeSet::new();
        let mut headings = 0;
        for tag in tags(html) {
            assert!(
                attribute(tag, "style").is_none() && !tag.starts_with("style"),
                "{name}: inline style in <{tag}>"
            );
            assert!(
                !tag.contains(" onclick=") && !tag.contains(" onload=") && !tag.contains("javascript:"),
                "{name}: inline script in <{tag}>"
            );
            assert!(!tag.starts_with("script") || attribute(tag, "src").is_some(), "{name}: inline script");
            if let Some(id) = attribute(tag, "id") {
                assert!(ids.insert(id.to_owned()), "{name}: the id {id} occurs twice");
            }
            headings += usize::from(tag == "h1" || tag.starts_with("h1 "));
        }
        assert_eq!(headings, 1, "{name}: headings of the first level");
        for (index, form) in html.split("<form").enumerate().skip(1) {
            let head = form.split('>').next().unwrap_or_default();
            if head.contains("method=\"post\"") {
                let body = form.split("</form>").next().unwrap_or_default();
                assert!(body.contains("name=\"csrf\""), "{name}: form {index} has no token");
            }
        }
    }
}

#[test]
fn chinese_pages_say_nothing_in_english() {
    let english = [
        "Cancel",
        "Save ",
        "Delete",
        "Add filter",
        "Customise",
        "Search",
        "Review and publish",
        "Not set",
        "required",
    ];
    for (name, html) in pages("words") {
        if !name.starts_with("zh-CN/") {
            continue;
        }
        let texts: Vec<&str> = html
            .split('>')
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        for word in english {
            assert!(!texts.iter().any(|text| text.starts_with(word)), "{name} says {word}");
        }
    }
}
