//! What a template may contain, and which handlers check the token of a form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kontor_testing::repository::{files, root};

/// What a page may not contain, because its content security policy refuses it.
fn inline_in(template: &str) -> Vec<String> {
    let lower = template.to_ascii_lowercase();
    let mut found = Vec::new();
    for (start, _) in lower.match_indices("<script") {
        let tag = &lower[start..lower[start..].find('>').map_or(lower.len(), |end| start + end)];
        if !tag.contains("src=") {
            found.push(tag.to_owned());
        }
    }
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        if tag == "style" || tag.starts_with("style ") || tag.contains(" style=") {
            found.push(tag.to_owned());
        }
        let handler = tag.split_ascii_whitespace().skip(1).find(|word| {
            word.starts_with("on")
                && word.split('=').next().is_some_and(|name| name.len() > 3)
                && word.contains('=')
        });
        if let Some(handler) = handler {
            found.push(handler.to_owned());
        }
        if tag.contains("javascript:") {
            found.push(tag.to_owned());
        }
    }
    found
}

#[test]
fn templates_have_no_inline_script_or_style() {
    let templates = files("templates", "html");
    assert!(templates.len() > 10, "templates are not where they should be");
    let mut found = Vec::new();
    for path in templates {
        let text = std::fs::read_to_string(&path).expect("a template");
        for hit in inline_in(&text) {
            found.push(format!("{}: {hit}", path.strip_prefix(root()).unwrap_or(&path).display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn inline_script_and_style_are_found() {
    assert_eq!(inline_in("<p style=\"color:red\">").len(), 1);
    assert_eq!(inline_in("<script>alert(1)</script>").len(), 1);
    assert_eq!(inline_in("<a onclick=\"x()\">").len(), 1);
    assert_eq!(inline_in("<script src=\"/assets/a.js\"></script><link rel=stylesheet href=x>").len(), 0);
}

#[test]
fn no_file_of_the_project_links_to_a_content_network() {
    let pages = files("templates", "html")
        .into_iter()
        .chain(files("templates", "css"))
        .chain(files("templates", "js"));
    let outside: Vec<String> = pages
        .filter_map(|path: PathBuf| {
            let text = std::fs::read_to_string(&path).ok()?;
            let loads = ["src=\"http", "src=\"//", "@import", "url(http", "url(//"];
            let hit = loads.iter().find(|load| text.contains(**load))?;
            Some(format!("{}: {hit}", shown(&path)))
        })
        .collect();
    assert!(outside.is_empty(), "{}", outside.join("\n"));
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Handlers of forms that read their body themselves and check the token there.
const READ_BY_HAND: [&str; 5] = ["complete_set_up", "sign_in", "take_code", "bring_in", "upload"];

/// The names of handlers that act on a form and take none, so that nobody checks its token.
fn unchecked_forms(sources: &[String]) -> Vec<String> {
    let called = |source: &String| -> Vec<String> {
        let calls = source.split("post(").skip(1).filter_map(|rest| rest.split(')').next());
        calls.filter_map(|path| Some(path.rsplit("::").next()?.to_owned())).collect()
    };
    let posted: BTreeSet<String> = sources.iter().flat_map(called).collect();
    let mut unchecked = Vec::new();
    for source in sources {
        for rest in source.split("pub async fn ").skip(1) {
            let Some((name, rest)) = rest.split_once('(') else { continue };
            let Some((arguments, _)) = rest.split_once(") -> ") else { continue };
            if posted.contains(name) && !arguments.contains("Form") && !READ_BY_HAND.contains(&name) {
                unchecked.push(name.to_owned());
            }
        }
    }
    unchecked
}

#[test]
fn every_form_has_its_token_checked() {
    let mut sources: Vec<String> = files("crates/kontor-web/src/routes", "rs")
        .into_iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    assert_eq!(unchecked_forms(&sources), Vec::<String>::new(), "handlers that act without reading a form");
    sources.push("post(page::act) pub async fn act(reader: Reader) -> Response".to_owned());
    assert_eq!(unchecked_forms(&sources), ["act"], "one without is found");
}
