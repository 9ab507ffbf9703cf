//! Every refusal of a definition names the place, says what is wrong there, and what would be allowed: in both languages.
#![allow(clippy::too_many_lines, reason = "a table is read from its first line to its last")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kontor_model::check::{check_all, check_definition};
use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::locale::Catalogue;
use kontor_model::{Json, Problem};
use serde_json::json;

fn catalogue(language: &str) -> Catalogue {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locale");
    let text = std::fs::read_to_string(folder.join(format!("{language}.json"))).unwrap();
    Catalogue::from_json(language, &serde_json::from_str(&text).unwrap(), None)
}

fn shed() -> Json {
    json!({ "name": "shed", "title": "Shed", "plural": "Sheds", "type": "object", "display": "label",
        "properties": {
            "label": { "kind": "text", "title": "Label" },
            "price": { "kind": "money", "title": "Price" },
            "built": { "kind": "date", "title": "Built" },
            "state": { "kind": "choice", "title": "State", "oneOf": [
                { "const": "open", "title": "Open" }, { "const": "shut", "title": "Shut" } ] },
            "yard": { "kind": "link", "to": "yard", "title": "Yard", "back": { "name": "sheds", "title": "Sheds" } } },
        "required": ["label"] })
}

fn yard() -> Json {
    json!({ "name": "yard", "title": "Yard", "plural": "Yards", "type": "object", "display": "label",
        "properties": { "label": { "kind": "text", "title": "Label" }, "size": { "kind": "integer", "title": "Size" },
            "total": { "kind": "money", "title": "Total", "rollup": { "of": "shed.yard", "sum": "price" } } } })
}

fn view() -> Json {
    json!({ "name": "all_sheds", "title": "All sheds", "entity": "shed", "type": "list", "columns": ["label", "price"] })
}

fn role() -> Json {
    json!({ "name": "guard", "title": "Guard", "entities": { "shed": { "read": "all" } } })
}

/// Puts a value at a pointer, whose last part may be new.
fn put(json: &mut Json, pointer: &str, value: Json) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).expect("the parent is there") {
        Json::Array(list) => list.push(value),
        parent => drop(parent.as_object_mut().unwrap().insert(last.to_owned(), value)),
    }
}

/// What is wrong with one definition, seen by itself and then among the others.
fn problems(kind: DefinitionKind, body: &Json) -> Vec<Problem> {
    let name = body["name"].as_str().unwrap();
    let alone = check_definition(kind, name, body);
    if alone.has_errors() {
        return alone.0;
    }
    let mut all = DefinitionSet::new();
    for (kind, json) in [
        (DefinitionKind::Entity, shed()),
        (DefinitionKind::Entity, yard()),
        (DefinitionKind::View, view()),
        (DefinitionKind::Role, role()),
        (kind, body.clone()),
    ] {
        all.insert((kind, json["name"].as_str().unwrap().to_owned()), json);
    }
    check_all(&all)
        .into_iter()
        .filter(|broken| broken.id == (kind, name.to_owned()))
        .flat_map(|broken| broken.problems.0)
        .collect()
}

/// The kind and the definition, where what is put, where it is told, and what is said.
type Case = (DefinitionKind, Json, &'static str, Json, &'static str, &'static [&'static str]);

#[test]
fn every_refusal_says_where_why_and_what_would_be_allowed() {
    use DefinitionKind::{Entity, Role, View};
    let (english, chinese) = (catalogue("en"), catalogue("zh-CN"));
    // The kind, what is changed, to what; where it is said, and what the message says. What stands in `“”` is the same in
    // every language.
    let cases: Vec<Case> = vec![
        (
            Entity,
            shed(),
            "/properties/price/kind",
            json!("monney"),
            "/properties/price/kind",
            &["“monney”", "“money”", "long_text", "percent"],
        ),
        (Entity, shed(), "/properties/state/kind", json!("chioce"), "/properties/state/kind", &["“choice”"]),
        (Entity, shed(), "/properties/price/kind", json!(7), "/properties/price/kind", &["text"]),
        (
            Entity,
            shed(),
            "/properties/yard/on_delete",
            json!("drop"),
            "/properties/yard/on_delete",
            &["restrict", "cascade", "empty"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/options_when",
            json!({}),
            "/properties/label/options_when",
            &["choice", "multi_choice"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/maxLenght",
            json!(3),
            "/properties/label/maxLenght",
            &["“maxLength”"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/maxLength",
            json!("3"),
            "/properties/label/maxLength",
            &["number", "text"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/names",
            json!({ "what": "field" }),
            "/properties/label/names/entity_in",
            &[],
        ),
        (
            Entity,
            shed(),
            "/properties/label/names",
            json!({ "what": "field", "entity_in": "lable" }),
            "/properties/label/names/entity_in",
            &["“label”"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/names",
            json!({ "what": "field", "entity_in": "price" }),
            "/properties/label/names/entity_in",
            &["“price”"],
        ),
        (
            Entity,
            shed(),
            "/properties/price/names",
            json!({ "what": "entity" }),
            "/properties/price/names",
            &["text"],
        ),
        (Entity, shed(), "/display", json!("lable"), "/display", &["“label”"]),
        (Entity, shed(), "/required/-", json!("prise"), "/required/1", &["“price”"]),
        (Entity, shed(), "/required/-", json!("zzz"), "/required/1", &["label, price, built, state, yard"]),
        (Entity, shed(), "/properties/yard/to", json!("yrad"), "/properties/yard/to", &["“yard”"]),
        (
            Entity,
            shed(),
            "/properties/price/formula",
            json!("prise * 2"),
            "/properties/price/formula",
            &["“price”"],
        ),
        (
            Entity,
            shed(),
            "/properties/price/formula",
            json!("yard.sise * 2"),
            "/properties/price/formula",
            &["“size”"],
        ),
        (
            Entity,
            shed(),
            "/properties/price/formula",
            json!("rond(2)"),
            "/properties/price/formula",
            &["“round”"],
        ),
        (
            Entity,
            shed(),
            "/properties/price/formula",
            json!("round()"),
            "/properties/price/formula",
            &["round("],
        ),
        (
            Entity,
            shed(),
            "/properties/price/formula",
            json!("label * 2"),
            "/properties/price/formula",
            &["“*”"],
        ),
        (Entity, shed(), "/properties/price/formula", json!("label"), "/properties/price/formula", &[]),
        (
            Entity,
            shed(),
            "/properties/label/copy",
            json!("yard.size"),
            "/properties/label/copy",
            &["“yard.size”", "integer", "text"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/visible_when",
            json!({ "field": "built", "within": "tomorow" }),
            "/properties/label/visible_when/within",
            &["tomorrow", "last_n_days:30"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/visible_when",
            json!({ "field": "built", "contains": "x" }),
            "/properties/label/visible_when/contains",
            &["“contains”", "between", "within"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/visible_when",
            json!({ "field": "state", "eq": "opne" }),
            "/properties/label/visible_when/eq",
            &["“opne”", "open, shut"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/visible_when",
            json!({ "field": "bilt", "eq": "x" }),
            "/properties/label/visible_when/field",
            &["“built”"],
        ),
        (
            Entity,
            shed(),
            "/properties/label/visible_when",
            json!({ "field": "built", "gte": { "now": "3 days" } }),
            "/properties/label/visible_when/gte/now",
            &["-3d"],
        ),
        (Entity, shed(), "/properties/state/default", json!("opne"), "/properties/state/default", &["open"]),
        (Entity, shed(), "/properties/price/currency", json!("euro"), "/properties/price/currency", &["EUR"]),
        (Entity, shed(), "/icon", json!("House!"), "/icon", &["building-2"]),
        (
            Entity,
            yard(),
            "/properties/total/rollup",
            json!({ "of": "shed.yrad", "sum": "price" }),
            "/properties/total/rollup/of",
            &["“yard”"],
        ),
        (
            Entity,
            yard(),
            "/properties/total/rollup",
            json!({ "of": "shed.price", "sum": "price" }),
            "/properties/total/rollup/of",
            &["shed.price", "shed.yard"],
        ),
        (
            Entity,
            yard(),
            "/properties/total/rollup",
            json!({ "of": "shed", "sum": "price" }),
            "/properties/total/rollup/of",
            &["entity.link"],
        ),
        (
            Entity,
            yard(),
            "/properties/total/rollup",
            json!({ "of": "shed.yard" }),
            "/properties/total/rollup",
            &["sum", "count", "max"],
        ),
        (View, view(), "/type", json!("bord"), "/type", &["“board”", "list"]),
        (View, view(), "/entity", json!("sheds"), "/entity", &["“shed”"]),
        (View, view(), "/columns/-", json!("prcie"), "/columns/2", &["“price”"]),
        (View, view(), "/totals", json!({ "price": "summ" }), "/totals/price", &["“sum”"]),
        (Role, role(), "/entities/shed/read", json!("mine"), "/entities/shed/read", &["none", "own", "all"]),
        (
            Role,
            role(),
            "/entities/shed/fields",
            json!({ "prise": "read" }),
            "/entities/shed/fields/prise",
            &["“price”"],
        ),
        (
            Role,
            role(),
            "/entities/shed/fields",
            json!({ "price": "see" }),
            "/entities/shed/fields/price",
            &["read", "edit"],
        ),
    ];
    for (kind, mut body, pointer, value, at, says) in cases {
        put(&mut body, pointer, value.clone());
        let found = problems(kind, &body);
        let told: Vec<String> =
            found.iter().map(|problem| format!("{} {}", problem.path, problem.message(&english))).collect();
        let own: Vec<&Problem> = found.iter().filter(|problem| problem.path == at).collect();
        let [problem] = own.as_slice() else {
            panic!("{pointer} = {value}: one message at {at}, not {told:#?}")
        };
        assert_eq!(found.len(), 1, "{pointer} = {value}: one cause, one message: {told:#?}");
        let (english, chinese) = (problem.message(&english), problem.message(&chinese));
        for words in says {
            assert!(english.contains(words), "{pointer} = {value}: “{english}” does not say {words}");
            let same = words.trim_matches(['“', '”']);
            let is_word = same.len() > 6 || words.starts_with('“');
            assert!(
                !is_word || chinese.contains(same),
                "{pointer} = {value}: “{chinese}” does not say {same}"
            );
        }
        assert!(!english.contains('{') || english.contains("{number"), "a gap: {english}");
        assert!(chinese.chars().any(|letter| letter > '\u{2e80}'), "{chinese}");
    }
}

#[test]
fn a_list_is_named_once() {
    let mut all = DefinitionSet::new();
    let mut second = shed();
    second["name"] = json!("barn");
    for json in [shed(), yard(), second] {
        all.insert((DefinitionKind::Entity, json["name"].as_str().unwrap().to_owned()), json);
    }
    let broken = check_all(&all);
    let told: Vec<_> = broken
        .iter()
        .flat_map(|one| one.problems.iter())
        .filter(|one| one.code == "duplicate_back_name")
        .collect();
    assert_eq!(told.len(), 1, "{broken:?}");
    assert!(told[0].message(&catalogue("en")).contains("yard"), "{told:?}");
}
