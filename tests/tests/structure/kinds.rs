//! A kind of field is one file, one template and one line.

use std::collections::BTreeSet;

use kontor_testing::repository::root;

use crate::sources::{shipped_rust, without_tests};

/// Where a kind of field may be named outside its own file, and why. Everything else asks the kind.
const KINDS_NAMED: [(&str, &str, &str); 24] = [
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
    ("kontor-model/src/compile/implied.rs", "links", "the table of a list of links is made of a definition"),
    ("kontor-model/src/compile/lists.rs", "*", "a list is made of rows, links and the link that points back"),
    ("kontor-model/src/diff/uses/spots.rs", "rows", "a list of rows names the entity of its rows"),
    ("kontor-model/src/formula/tree.rs", "datetime", "the name of a type"),
    ("kontor-model/src/table/compile.rs", "*", "what a column of a sheet is read as"),
    ("kontor-web/src/present/admin/diagram.rs", "*", "links to people are drawn in another way"),
    ("kontor-web/src/present/admin/relations.rs", "*", "relations are told apart by how they are made"),
    ("kontor-web/src/present/admin/form_editor/properties.rs", "text", "an item of a form that is no field"),
    ("kontor-web/src/present/admin/icons.rs", "barcode", "the name of an icon"),
    ("kontor-web/src/routes/records/bulk.rs", "boolean", "how a control is drawn, not what a field is"),
];

/// Each place where a source asks for a kind by its name. Who makes a definition, or draws an input as a kind, chooses
/// one and asks nothing.
fn kinds_named_in(source: &str, kinds: &BTreeSet<String>) -> Vec<String> {
    // What stands beside the name of a kind that is asked for.
    const ASKED: [&str; 5] = [".kind.name()", "kind == \"", "kind != \"", "\"kind\")", "kind_name"];
    // Names that mean nothing else: wherever they stand, but where an input or a definition is made.
    const OWN: [&str; 8] = [
        "any_link",
        "multi_choice",
        "long_text",
        "autonumber",
        "person_name",
        "geo_point",
        "barcode",
        "datetime",
    ];
    let mut found = Vec::new();
    for line in without_tests(source).lines() {
        let asks = ASKED.iter().any(|mark| line.contains(mark));
        for kind in kinds {
            let quoted = format!("\"{kind}\"");
            let makes =
                line.contains(&format!("kind: {quoted}")) || line.contains(&format!("\"kind\": {quoted}"));
            if line.contains(&quoted) && (asks || (OWN.contains(&kind.as_str()) && !makes)) {
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
