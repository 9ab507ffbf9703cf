//! What is found in a source before it runs, and the description of the host.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fixture;

use std::path::Path;

use fixture::{model_with, runner};
use kontor_model::Model;
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_script::{Runner, mentions, places, replace_places};

/// Code, line and column of every problem of a source.
fn check(source: &str) -> Vec<(String, u32, u32)> {
    let model = model_with(&[("lib/words", "fn shout(x) { x }")]);
    let entity = model.entity("order").unwrap();
    let problems = runner().check("entities/order", source, &model, Some(entity));
    problems.iter().map(|p| (p.code.to_string(), p.line.unwrap_or(0), p.column.unwrap_or(0))).collect()
}

#[test]
fn a_good_source_has_no_problem() {
    let source = r#"
        import "lib/words" as words;
        const LIMIT = 5;

        /// A helper.
        fn is_big(amount, limit) { amount > limit }
        fn names(record) { record.name + record?.customer?.name }

        fn before_save(record, old, ctx) {
            if old == () || record.changed("stage") { record.close_date = ctx.today.add_days(3); }
            if record.stage == "won" && is_big(record.amount, global::LIMIT) { fail("amount", "x"); fail("y"); }
            let totals = db::find("order", #{ customer: record.customer }).map(|one, i| one.amount).filter(|x| x != ());
            let sum = list::sum(totals) + money::round(record.amount, 2);
            record.name = words::shout(`${record.customer.parent.name} ${text::join(["a", "b"], ", ")}`);
            record["pieces"] = totals.len() + record.tags.len();
            for tag in record.tags { log(tag.to_upper()); }
            let f = |x| x * 2;
            f.call(2);
            switch record.stage { "won" => warn("name", "n"), _ => () }
            record.owner = ctx.user;
            print(record.regarding.whatever + record.signed_at.hour() + type_of(record));
        }
        fn action_go(record, input, ctx) { record.pieces = input.pieces; record.title() }
        fn field_pieces(record) { 3 }
    "#;
    assert_eq!(check(source), []);
}

#[test]
fn a_helper_may_be_called_nearly_like_a_hook() {
    assert_eq!(check("fn validated(x) { x } fn validate(record) { validated(record); }"), []);
    assert_eq!(check("fn tidy(record) { } fn prepare_save(record) { }"), []);
}

#[test]
fn mistakes_are_found_with_their_places() {
    for (source, code, line, column) in [
        ("fn validate(record) {\n  let = 1;\n}", "script_syntax", 2, 7),
        ("fn validate(record) {\n  amount > 1\n}", "script_unknown_variable", 2, 3),
        ("fn validate(record) {\n  dates::x(1)\n}", "script_unknown_module", 2, 3),
        ("fn validate(record) {\n  failed(\"x\")\n}", "script_unknown_function", 2, 3),
        ("fn validate(record) {\n  fail()\n}", "script_unknown_function", 2, 3),
        ("fn validate(record) {\n  db::fnd(\"order\", #{})\n}", "script_unknown_function", 2, 7),
        ("fn validate(record) {\n  db::count(\"ordr\", #{})\n}", "script_unknown_entity", 2, 13),
        ("fn befor_save(record) {\n}", "script_misspelt_hook", 1, 4),
        ("\nfn validat(record) {\n}", "script_misspelt_hook", 2, 4),
        ("fn validate(record) {\n  record.name.shout()\n}", "script_unknown_function", 2, 15),
        ("fn validate(record) {\n  record.amuont > 1\n}", "script_unknown_field", 2, 10),
        ("fn validate(r, o) {\n  o.amuont == 1\n}", "script_unknown_field", 2, 5),
        ("fn validate(record) {\n  `x ${record.amuont}`\n}", "script_unknown_field", 2, 15),
        ("fn validate(record) {\n  record.customer.nmae == 1\n}", "script_unknown_field", 2, 19),
        ("fn validate(record) {\n  record[\"amuont\"]\n}", "script_unknown_field", 2, 10),
        ("fn validate(record) {\n  record.changed(\"amuont\")\n}", "script_unknown_field", 2, 18),
        ("fn validate(record) {\n  fail(\"amuont\", \"x\")\n}", "script_unknown_field", 2, 8),
        ("fn validate(record, old, ctx) {\n  ctx.usr\n}", "script_unknown_property", 2, 7),
        ("fn validate(record, old, ctx, more) { }", "script_parameters", 1, 4),
        ("fn field_amuont(record) { 1 }", "script_unknown_field", 1, 4),
        ("import \"lib/none\" as none;\nfn validate(record) { }", "script_unknown_library", 1, 8),
        ("fn validate(record) { eval(\"1\") }", "script_syntax", 1, 23),
    ] {
        assert_eq!(check(source), [(code.to_owned(), line, column)], "{source}");
    }
    let long = format!("// {}", "x".repeat(300_000));
    assert_eq!(check(&long)[0].0, "script_too_long");
}

#[test]
fn a_function_that_there_is_not_says_which_there_are() {
    let model = model_with(&[]);
    let told = |source: &str, wanted: &str| -> String {
        let entity = model.entity("order").unwrap();
        let problems = runner().check("entities/order", source, &model, Some(entity));
        let all = problems.iter().flat_map(|problem| &problem.parameters);
        let found = all.filter(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        found.collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(told("fn validate(record) { tidyy(record) } fn tidy(record) { }", "like"), "tidy");
    assert_eq!(
        told("fn validate(record) { tidy() } fn tidy(record, way) { }", "signature"),
        "tidy(record, way)"
    );
    assert!(told("fn validate(record) { fail() }", "signature").contains("fail("));
    assert_eq!(told("fn validate(record) { db::fnd(\"order\", #{}) }", "like"), "find");
    assert_eq!(told("import \"lib/nope\" as nope; fn validate(record) { }", "options"), "");
}

#[test]
fn a_record_that_is_redefined_is_not_judged() {
    assert_eq!(check("fn validate(record) { let record = #{ x: 1 }; record.x }"), []);
    assert_eq!(check("fn validate(record) { [1].map(|record| record.x) }"), []);
    // In a function of the script's own it is a warning only.
    let model = model_with(&[]);
    let problems =
        runner().check("x", "fn own(record) { record.x }", &model, model.entity("order").map(AsRef::as_ref));
    assert!(!problems.is_empty() && !problems.has_errors());
}

#[test]
fn places_are_found_and_told_apart() {
    let source = "fn validate(record) {\n  // amount\n  record.amount > 1;\n  let amount = 2;\n  fail(\"amount\", `x ${record.amount}`);\n  db::find(\"order\", #{ amount: 1 });\n  x.amount();\n  other.amount;\n}";
    let model = model_with(&[]);
    let own = model.entity("order").map(AsRef::as_ref);
    let found = places(source, &model, own, "order", Some("amount"));
    let lines: Vec<(u32, bool)> = found.iter().map(|place| (place.line, place.certain)).collect();
    assert_eq!(lines, [(3, true), (5, true), (5, true), (6, true), (8, false)]);
    let renamed = replace_places(source, &found, "amount", "value");
    assert_eq!(renamed.matches("value").count(), 4, "{renamed}");
    assert!(
        renamed.contains("fail(\"value\", `x ${record.value}`)") && renamed.contains("#{ value: 1 }"),
        "{renamed}"
    );
    assert!(
        renamed.contains("other.amount") && renamed.contains("let amount") && renamed.contains("// amount")
    );
    assert!(places(source, &model, own, "order", Some("name")).is_empty());
    let entity = places(source, &model, own, "order", None);
    assert_eq!(entity.iter().map(|place| (place.line, place.certain)).collect::<Vec<_>>(), [(6, true)]);
    assert!(replace_places(source, &entity, "order", "purchase").contains("db::find(\"purchase\""));
    assert_eq!(mentions(source, "order"), [6]);
}

/// The repository's entities and scripts, on top of the engine's definitions.
fn base_pack() -> DefinitionSet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = |folder: &str| {
        let folder = std::fs::read_dir(root.join(folder)).into_iter().flatten().map(Result::unwrap);
        folder.map(|file| {
            (
                file.path().file_stem().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(file.path()).unwrap(),
            )
        })
    };
    let mut pack = DefinitionSet::new();
    for (name, text) in files("schemas/entities") {
        pack.insert((DefinitionKind::Entity, name), serde_json::from_str(&text).unwrap());
    }
    for folder in ["entities", "lib"] {
        for (name, text) in files(&format!("scripts/{folder}")) {
            pack.insert(
                (DefinitionKind::Script, format!("{folder}/{name}")),
                serde_json::json!({ "source": text }),
            );
        }
    }
    pack
}

#[test]
fn the_shipped_scripts_are_right() {
    let layers =
        [("engine".to_owned(), kontor_model::built_in::definitions()), ("base".to_owned(), base_pack())];
    let model = Model::compile(1, kontor_model::layer::effective(&layers).0);
    let mut scripts = 0;
    for (name, json) in model.definitions_of(DefinitionKind::Script) {
        let entity = name.strip_prefix("entities/").and_then(|entity| model.entity(entity));
        assert_eq!(entity.is_some(), name.starts_with("entities/"), "{name} belongs to no entity");
        for (_, source) in kontor_model::layer::script_sources(json) {
            let problems = runner().check(name, source, &model, entity.map(AsRef::as_ref));
            assert!(problems.is_empty(), "{name}: {problems:?}");
            scripts += 1;
        }
    }
    assert!(scripts >= 1, "no script is shipped");
}

#[test]
fn the_description_of_the_host_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/host_api");
    for (name, text) in kontor_script::host_api() {
        let written = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            written == text,
            "scripts/host_api/{name} is not current: cargo run -p kontor-script --example host_api"
        );
        assert!(text.len() > 2_000);
    }
}
