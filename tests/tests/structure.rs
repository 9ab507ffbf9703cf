//! Holds the code to the architecture: who may use whom, what no Rust file may name, how long a file may be,
//! what a template may contain.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};
use kontor_testing::repository::{files, root};
use serde_json::Value;

/// Crate → the crates of ours that it may use. Test crates drive the product from outside.
const OURS: &[(&str, &[&str])] = &[
    ("kontor-model", &[]),
    ("kontor-store", &["kontor-model"]),
    ("kontor-script", &["kontor-model"]),
    ("kontor-worker", &[]),
    ("kontor-outbound", &[]),
    ("kontor-flow", &["kontor-model"]),
    ("kontor-insight", &[]),
    ("kontor-view", &["kontor-model"]),
    (
        "kontor-core",
        &[
            "kontor-model",
            "kontor-store",
            "kontor-script",
            "kontor-worker",
            "kontor-flow",
            "kontor-insight",
            "kontor-outbound",
        ],
    ),
    // What the core takes and gives is spelt in the types of the model; everybody above may name them.
    ("kontor-jobs", &["kontor-core", "kontor-flow", "kontor-view", "kontor-model"]),
    ("kontor-web", &["kontor-core", "kontor-view", "kontor-model"]),
    (
        "kontor",
        &[
            "kontor-model",
            "kontor-store",
            "kontor-script",
            "kontor-worker",
            "kontor-outbound",
            "kontor-flow",
            "kontor-insight",
            "kontor-view",
            "kontor-core",
            "kontor-jobs",
            "kontor-web",
        ],
    ),
];

/// Outside crate → the one shipped crate that may use it.
const OUTSIDE: &[(&str, &str)] = &[
    ("jsonschema", "kontor-model"),
    ("sea-orm", "kontor-store"),
    ("sea-query", "kontor-store"),
    ("sqlx", "kontor-store"),
    ("rusqlite", "kontor-store"),
    ("rhai", "kontor-script"),
    ("rlimit", "kontor-worker"),
    ("reqwest", "kontor-outbound"),
    ("linfa", "kontor-insight"),
    ("augurs", "kontor-insight"),
    ("minijinja", "kontor-view"),
    ("askama", "kontor-view"),
    ("arc-swap", "kontor-core"),
    ("lettre", "kontor-jobs"),
    ("axum", "kontor-web"),
    ("clap", "kontor"),
];

/// Crates that are never part of the program.
const FOR_TESTS: &[&str] = &["kontor-testing", "kontor-journeys"];

/// Every arrow between crates that breaks the tables above.
fn wrong_arrows(arrows: &[(String, String, bool)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, to, for_tests_only) in arrows {
        if FOR_TESTS.contains(&from.as_str()) {
            continue;
        }
        if FOR_TESTS.contains(&to.as_str()) {
            if !for_tests_only {
                wrong.push(format!("{from} uses {to} outside its tests"));
            }
            continue;
        }
        if *for_tests_only {
            continue;
        }
        if to.starts_with("kontor") {
            match OURS.iter().find(|(name, _)| name == from) {
                None => wrong.push(format!("{from} is not in the table of crates")),
                Some((_, may)) if !may.contains(&to.as_str()) => {
                    wrong.push(format!("{from} may not use {to}"));
                }
                Some(_) => {}
            }
        }
        if let Some((_, owner)) = OUTSIDE.iter().find(|(name, _)| name == to)
            && owner != from
        {
            wrong.push(format!("{from} uses {to}, which only {owner} may"));
        }
    }
    wrong
}

#[test]
fn arrows_point_down_only() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let mut arrows = Vec::new();
    for package in &metadata.packages {
        let name = package.name.to_string();
        assert!(
            FOR_TESTS.contains(&name.as_str()) || OURS.iter().any(|(known, _)| *known == name),
            "{name} is not in the table of crates in ARCHITECTURE.md and in this test"
        );
        for dependency in &package.dependencies {
            arrows.push((
                name.clone(),
                dependency.name.clone(),
                dependency.kind == DependencyKind::Development,
            ));
        }
    }
    assert!(arrows.len() > 30, "cargo metadata told of {} arrows only", arrows.len());
    let wrong = wrong_arrows(&arrows);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_is_found() {
    let arrow = |from: &str, to: &str, tests: bool| (from.to_owned(), to.to_owned(), tests);
    assert_eq!(wrong_arrows(&[arrow("kontor-view", "kontor-store", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-web", "sea-orm", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-testing", false)]).len(), 1);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-testing", true)]).len(), 0);
    assert_eq!(wrong_arrows(&[arrow("kontor-core", "kontor-store", false)]).len(), 0);
}

/// The shipped Rust files: not tests, not the harness.
fn shipped_rust() -> Vec<PathBuf> {
    files("crates", "rs")
        .into_iter()
        .filter(|path| {
            let text = path.to_string_lossy();
            !text.contains("/kontor-testing/")
                && !text.contains("/tests/")
                && !text.contains("/benches/")
                && !text.contains("/examples/")
                && !text.ends_with("/tests.rs")
        })
        .collect()
}

/// A source file without its test modules and comments.
fn without_tests(source: &str) -> String {
    let end = source.find("#[cfg(test)]").unwrap_or(source.len());
    source[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

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
        for hit in named_in(&source, &entities) {
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

/// Where a kind of field may be named outside its own file, and why. Everything else asks the kind.
const KINDS_NAMED: [(&str, &str, &str); 14] = [
    ("kontor-model/src/compile/fields.rs", "*", "the system fields that every entity has"),
    ("kontor-model/src/kind/part.rs", "*", "parts of values are texts and numbers"),
    ("kontor-model/src/kind/specimen.rs", "*", "the specimen links to people"),
    ("kontor-core/src/reports/build.rs", "*", "a measure that names no kind is a count or a number"),
    ("kontor-core/src/definitions/findings.rs", "choice", "an option's records are found by it"),
    ("kontor-model/src/diff/uses/spots.rs", "choice", "a process goes by its choice"),
    (
        "kontor-web/src/present/admin/inputs.rs",
        "*",
        "inputs of the designer are drawn as fields of these kinds",
    ),
    (
        "kontor-web/src/present/admin/view_editor.rs",
        "*",
        "what is no field is drawn as text; columns go through links",
    ),
    ("kontor-web/src/present/admin/form_editor.rs", "text", "what is no field is drawn as text"),
    ("kontor-web/src/present/report.rs", "text", "a parameter without a kind is a text"),
    ("kontor-web/src/routes/dashboards.rs", "choice", "a dashboard's filter is drawn as one"),
    ("kontor-web/src/routes/admin/entities.rs", "text", "a new entity begins with its title"),
    ("kontor-web/src/routes/admin/fields.rs", "text", "a new field is a text until another kind is chosen"),
    ("kontor-web/src/present/tile.rs", "money", "a great amount is shortened"),
];

/// Each place where a source asks for a kind by its name: beside the word kind, or a name that means nothing else.
fn kinds_named_in(source: &str, kinds: &BTreeSet<String>) -> Vec<String> {
    // Words that definitions, scripts and answers use in other senses too: only beside "kind" do they name one.
    const ORDINARY: [&str; 23] = [
        "text",
        "integer",
        "decimal",
        "boolean",
        "date",
        "datetime",
        "time",
        "choice",
        "link",
        "user",
        "team",
        "email",
        "phone",
        "url",
        "json",
        "money",
        "percent",
        "tags",
        "file",
        "files",
        "image",
        "signature",
        "currency",
    ];
    let mut found = Vec::new();
    for line in without_tests(source).lines() {
        for kind in kinds {
            let quoted = format!("\"{kind}\"");
            let is_ordinary = ORDINARY.contains(&kind.as_str());
            if line.contains(&quoted) && (!is_ordinary || line.contains("kind")) {
                found.push(format!("{kind} in `{}`", line.trim()));
            }
        }
    }
    found
}

/// The names in the table of kinds.
fn field_kinds() -> BTreeSet<String> {
    let table =
        std::fs::read_to_string(root().join("crates/kontor-model/src/kind/mod.rs")).expect("the table");
    let table = table.split("\nkinds! {").nth(1).expect("the table of kinds");
    let lines = table.lines().map(str::trim).take_while(|line| *line != "}");
    lines
        .filter_map(|line| line.trim_start_matches("pub ").split_once("::"))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn a_field_kind_is_one_file_one_template_and_one_line() {
    let kinds = field_kinds();
    assert!(kinds.len() >= 34 && kinds.contains("barcode"), "{kinds:?}");
    let internal = ["identifier"];
    for kind in kinds.iter().filter(|kind| !internal.contains(&kind.as_str())) {
        let template = root().join(format!("templates/views/fields/{kind}.html"));
        assert!(template.is_file(), "{}", template.display());
    }
    let mut found = Vec::new();
    for path in shipped_rust() {
        let place = path.to_string_lossy().replace('\\', "/");
        let own = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let source = std::fs::read_to_string(&path).expect("a source file");
        for hit in kinds_named_in(&source, &kinds) {
            let kind = hit.split(' ').next().unwrap_or_default();
            let is_own = place.contains("/kontor-model/src/kind/") && own == kind;
            let is_known = KINDS_NAMED
                .iter()
                .any(|(file, known, _)| place.ends_with(file) && (*known == "*" || *known == kind));
            if !is_own && !is_known {
                found.push(format!("{}: {hit}", path.strip_prefix(root()).unwrap_or(&path).display()));
            }
        }
    }
    assert!(found.is_empty(), "Rust files that name a kind of field:\n{}", found.join("\n"));
}

#[test]
fn a_named_kind_is_found() {
    let kinds = BTreeSet::from(["text".to_owned(), "barcode".to_owned()]);
    assert_eq!(kinds_named_in(r#"match name { "barcode" => 1 }"#, &kinds).len(), 1);
    assert_eq!(kinds_named_in(r#"field.kind.name() == "text""#, &kinds).len(), 1);
    assert_eq!(kinds_named_in(r#"object.get("text")"#, &kinds).len(), 0);
}

#[test]
fn no_file_is_long() {
    let mut long = BTreeMap::new();
    for path in files("crates", "rs").into_iter().chain(files("tests", "rs")) {
        let source = std::fs::read_to_string(&path).expect("a source file");
        let lines = source.lines().count();
        if lines > 500 {
            long.insert(path.strip_prefix(root()).unwrap_or(&path).to_path_buf(), lines);
        }
    }
    for (path, lines) in &long {
        println!("{} has {lines} lines; past 500 a file wants splitting", path.display());
    }
    let too_long: Vec<_> = long.iter().filter(|(_, lines)| **lines > 600).collect();
    assert!(too_long.is_empty(), "files over 600 lines: {too_long:?}");
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<PathBuf> = files("crates", "rs")
        .into_iter()
        .chain(files("tests", "rs"))
        .filter(|path| !std::fs::read_to_string(path).expect("a source file").starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "files that do not open with //!: {silent:?}");
}

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
const READ_BY_HAND: [&str; 4] = ["complete_set_up", "sign_in", "bring_in", "upload"];

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
