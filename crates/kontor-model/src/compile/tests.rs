//! Compiling small sets of definitions, right and broken ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::Json;
use crate::definition::{DefinitionKind, DefinitionSet};
use crate::entity::{Source, system};
use crate::model::Model;
use crate::{built_in, layer};

/// The definitions of the base pack, read from the repository.
pub(crate) fn base_pack() -> DefinitionSet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut set = DefinitionSet::new();
    for kind in DefinitionKind::ALL {
        let folder = root.join("schemas").join(kind.folder());
        let Ok(files) = std::fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let json: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let problems = crate::check::check_definition(kind, &name, &json);
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
            set.insert((kind, name), json);
        }
    }
    set
}

pub(crate) fn base_model() -> Model {
    let (effective, broken) =
        layer::effective(&[(built_in::LAYER.into(), built_in::definitions()), ("base".into(), base_pack())]);
    assert!(broken.is_empty(), "{broken:?}");
    Model::compile(1, effective)
}

#[test]
fn the_base_pack_has_no_broken_definition() {
    let model = base_model();
    let broken: Vec<String> =
        model.broken.iter().map(|broken| format!("{:?}: {:?}", broken.id, broken.problems)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(model.entities.len() > 5);
}

fn entity(name: &str, properties: Json) -> ((DefinitionKind, String), Json) {
    let first = properties.as_object().unwrap().keys().next().unwrap().clone();
    let json = json!({ "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": name, "title": name, "plural": name,
        "type": "object", "display": first, "properties": properties });
    ((DefinitionKind::Entity, name.to_owned()), json)
}

fn compile(entities: impl IntoIterator<Item = ((DefinitionKind, String), Json)>) -> Model {
    let mut set = built_in::definitions();
    set.extend(entities);
    Model::compile(1, set)
}

/// Code and pointer of all problems of the definition of that name.
fn problems(model: &Model, name: &str) -> Vec<(String, String)> {
    let found =
        model.broken.iter().filter(|broken| broken.id.1 == name).flat_map(|broken| &broken.problems.0);
    found.map(|problem| (problem.code.to_string(), problem.path.clone())).collect()
}

fn text() -> Json {
    json!({ "kind": "text", "title": "Text" })
}

#[test]
fn fields_stand_in_their_order() {
    let mut trip = entity(
        "trip",
        json!({ "name": text(), "cost": { "kind": "money", "title": "Cost", "key": "price" } }),
    );
    trip.1["record_types"] = json!([ { "name": "car", "title": "Car" } ]);
    let model = compile([trip]);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    let trip = model.entity("trip").unwrap();
    let names: Vec<&str> = trip.fields.iter().skip(system::COUNT).map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["record_type", "name", "cost", "cost_currency", "cost.converted"]);
    assert_eq!(trip.field("cost_currency").unwrap().key, "price_currency");
    assert_eq!(trip.field("cost_currency").unwrap().companion_of, trip.field_index("cost"));
    for (index, field) in trip.fields.iter().enumerate() {
        assert_eq!(field.index, index);
    }
}

#[test]
fn each_mistake_is_found_at_its_place() {
    // Names that the engine needs are refused by the shape already.
    let taken = entity(
        "trip",
        json!({ "name": text(), "cost": { "kind": "money", "title": "Cost" }, "cost_currency": text(), "owner": text() }),
    );
    let found = problems(&compile([taken]), "trip");
    assert_eq!(
        found,
        [
            ("reserved_name".into(), "/properties/cost_currency".into()),
            ("reserved_name".into(), "/properties/owner".into())
        ]
    );
    let mut wrong = entity(
        "trip",
        json!({
        "name": text(), "one": { "kind": "text", "title": "One", "key": "first" }, "two": { "kind": "text", "title": "Two", "key": "first" },
        "three": { "kind": "text", "title": "Three", "key": "name__fold" },
        "hotel": { "kind": "link", "title": "Hotel", "to": "hotel" }, "low": { "kind": "integer", "title": "Low", "minimum": 5, "maximum": 1 } }),
    );
    wrong.1["required"] = json!(["nothing"]);
    wrong.1["unique"] = json!([["name", "nobody"]]);
    let found = problems(&compile([wrong]), "trip");
    for (code, path) in [
        ("duplicate_key", "/properties/two/key"),
        ("not_a_name", "/properties/three/key"),
        ("unknown_entity", "/properties/hotel/to"),
        ("minimum_over_maximum", "/properties/low/minimum"),
        ("unknown_field", "/required/0"),
        ("unknown_field", "/unique/0/1"),
    ] {
        assert!(found.iter().any(|(other, at)| other == code && at == path), "{code} {path} in {found:?}");
    }
    assert!(
        !found.iter().any(|(_, at)| at.starts_with("/properties/same")),
        "it leads where it says: {found:?}"
    );
}

#[test]
fn expressions_are_checked() {
    let mut wrong = entity(
        "trip",
        json!({
        "name": text(),
        "days": { "kind": "integer", "title": "Days", "formula": "name * 2" },
        "far": { "kind": "boolean", "title": "Far", "formula": "nights > 3" },
        "rest": { "kind": "text", "title": "Rest", "visible_when": { "field": "nam", "eq": "x" } },
        "state": { "kind": "choice", "title": "State", "default": "gone", "oneOf": [ { "const": "on", "title": "On" } ] },
        "sum": { "kind": "integer", "title": "Sum", "rollup": { "of": "trip.name", "count": true } },
        "terms": { "kind": "text", "title": "Terms", "copy": "owner.team.name" },
        "next": { "kind": "link", "to": "trip", "title": "Next", "formula": "owner" },
        "guide": { "kind": "user", "title": "Guide", "formula": "if name == \"x\" { owner } else { coalesce(next, created_by) }" },
        "same": { "kind": "link", "to": "trip", "title": "Same", "formula": "coalesce(next.next, id)" },
        "mine": { "kind": "integer", "title": "Mine", "rollup": { "of": "trip.next", "count": true, "where": { "field": "owner", "is": "me" } } },
        "yours": { "kind": "integer", "title": "Yours", "rollup": { "of": "trip.next", "count": true,
            "where": { "not": { "field": "rest", "eq": { "user": "name" } } } } },
        "who": { "kind": "link", "to": "trip", "title": "Who", "default": { "user": "id" } } }),
    );
    wrong.1["rules"] = json!([ { "name": "r", "when": { "field": "days", "within": "today" }, "at": "x", "message": "No" } ]);
    let found = problems(&compile([wrong]), "trip");
    for (code, path) in [
        ("formula_types", "/properties/days/formula"),
        ("unknown_field", "/properties/far/formula"),
        ("unknown_field", "/properties/rest/visible_when/field"),
        ("not_an_option", "/properties/state/default"),
        ("does_not_point_here", "/properties/sum/rollup/of"),
        ("copy_one_link", "/properties/terms/copy"),
        ("rollup_same_kind", "/properties/next/formula"),
        ("rollup_same_kind", "/properties/guide/formula"),
        ("only_for_readers", "/properties/mine/rollup/where"),
        ("only_for_readers", "/properties/yours/rollup/where"),
        ("kinds_differ", "/properties/who/default/user"),
        ("operator_does_not_fit", "/rules/0/when/within"),
        ("unknown_field", "/rules/0/at"),
    ] {
        assert!(found.iter().any(|(other, at)| other == code && at == path), "{code} {path} in {found:?}");
    }
}

/// What a roll-up gathers has to be something that its field holds.
#[test]
fn a_roll_up_takes_what_its_field_holds() {
    let leg = entity(
        "leg",
        json!({
            "name": text(),
            "tour": { "kind": "link", "title": "Tour", "to": "tour" },
            "ok": { "kind": "boolean", "title": "Ok" },
            "marks": { "kind": "multi_choice", "title": "Marks", "oneOf": [{ "const": "x", "title": "X" }] },
            "state": { "kind": "choice", "title": "State", "oneOf": [{ "const": "on", "title": "On" }] },
            "price": { "kind": "money", "title": "Price" },
            "lasts": { "kind": "duration", "title": "Lasts" },
            "place": { "kind": "geo_point", "title": "Place" }
        }),
    );
    let on = json!([{ "const": "on", "title": "On" }, { "const": "off", "title": "Off" }]);
    let off = json!([{ "const": "off", "title": "Off" }]);
    let cases = [
        ("boolean", "max", "ok", json!(null), Some("rollup_nothing")),
        ("multi_choice", "min", "marks", on.clone(), Some("rollup_nothing")),
        ("geo_point", "max", "place", json!(null), Some("rollup_nothing")),
        ("choice", "max", "name", on.clone(), Some("rollup_kinds")),
        ("duration", "sum", "price", json!(null), Some("rollup_kinds")),
        ("rating", "sum", "price", json!(null), Some("rollup_nothing")),
        ("rating", "max", "price", json!(null), Some("rollup_kinds")),
        ("choice", "first", "state", off, Some("rollup_options")),
        ("choice", "first", "state", on, None),
        ("decimal", "sum", "price", json!(null), None),
        ("duration", "avg", "lasts", json!(null), None),
        ("text", "max", "state", json!(null), None),
    ];
    for (kind, function, of, options, expected) in cases {
        let mut gathered = json!({ "kind": kind, "title": "G", "rollup": { "of": "leg.tour" } });
        gathered["rollup"][function] = json!(of);
        if !options.is_null() {
            gathered["oneOf"] = options;
        }
        let tour = entity("tour", json!({ "name": text(), "gathered": gathered }));
        let model = compile([tour, leg.clone()]);
        let at = format!("/properties/gathered/rollup/{function}");
        let broken = model.broken.iter().find(|broken| broken.id.1 == "tour");
        let found = broken.and_then(|broken| broken.problems.0.iter().find(|problem| problem.path == at));
        let code = found.map(|problem| problem.code.to_string());
        assert_eq!(code.as_deref(), expected, "{kind} {function} {of}: {:?}", model.broken);
    }
}

/// A list of records titles nothing: who says so is told what does.
#[test]
fn a_list_is_no_title() {
    let mut tour = entity(
        "tour",
        json!({ "name": text(), "peers": { "kind": "links", "title": "Peers", "to": "tour" },
            "stops": { "kind": "integer", "title": "Stops" } }),
    );
    tour.1["display"] = json!("peers");
    let model = compile([tour]);
    let broken = model.broken.iter().find(|broken| broken.id.1 == "tour").unwrap();
    let problem = broken.problems.0.iter().find(|problem| problem.path == "/display").unwrap();
    let said = |name: &str| problem.parameters.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    assert_eq!((problem.code.as_ref(), said("kind").as_str()), ("not_for_lists", "links"));
    assert_eq!(said("options"), "name, stops");
}

/// Of links between many and many the pairs point here.
#[test]
fn a_roll_up_goes_over_the_pairs_of_many_links() {
    let linked = |over: &str| {
        let peers = json!({ "kind": "links", "title": "Peers", "to": "tour" });
        let count = json!({ "kind": "integer", "title": "Count", "rollup": { "of": over, "count": true } });
        compile([
            entity("tour", json!({ "name": text(), "legs": count })),
            entity("leg", json!({ "name": text(), "peers": peers })),
        ])
    };
    let model = linked("leg.peers");
    let broken = model.broken.iter().find(|broken| broken.id.1 == "tour").unwrap();
    let problem = broken.problems.0.iter().find(|problem| problem.code == "points_by_pairs");
    let problem = problem.unwrap_or_else(|| panic!("{:?}", model.broken));
    assert_eq!(problem.path, "/properties/legs/rollup/of");
    let pairs = problem.parameters.iter().find(|(name, _)| *name == "options").unwrap().1.clone();
    let model = linked(&pairs);
    assert!(model.broken.is_empty(), "{pairs}: {:?}", model.broken);
}

#[test]
fn cycles_are_refused_with_their_path() {
    let number = |formula: &str| json!({ "kind": "decimal", "title": "N", "formula": formula });
    let trip = entity(
        "trip",
        json!({ "name": text(), "a": number("b + 1"), "b": number("c * 2"), "c": number("a") }),
    );
    let model = compile([trip]);
    let broken = model.broken.iter().find(|broken| broken.id.1 == "trip").unwrap();
    let path = &broken.problems.0[0].parameters[0].1;
    assert_eq!(path, "trip.a → trip.b → trip.c → trip.a");
    // Through another entity: a total over rows that each show their share of it.
    let model = compile([
        entity(
            "tour",
            json!({ "name": text(), "total": { "kind": "decimal", "title": "T", "rollup": { "of": "leg.tour", "sum": "share" } } }),
        ),
        entity(
            "leg",
            json!({ "name": text(), "tour": { "kind": "link", "title": "Tour", "to": "tour" }, "share": number("tour.total / 2") }),
        ),
    ]);
    assert!(!model.broken.is_empty());
}

#[test]
fn derived_values_are_computed_in_order() {
    let number = |formula: &str| json!({ "kind": "decimal", "title": "N", "formula": formula });
    let model = compile([entity(
        "trip",
        json!({ "name": text(), "a": number("b + 1"), "b": number("c * 2"), "c": { "kind": "decimal", "title": "C" } }),
    )]);
    let trip = model.entity("trip").unwrap();
    let names: Vec<&str> = trip.derived_order.iter().map(|index| trip.fields[*index].name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert!(matches!(trip.field("a").unwrap().source, Source::Formula(_)));
}

#[test]
fn a_broken_definition_takes_only_itself_down() {
    let view = |name: &str, entity: &str| {
        let json = json!({ "$schema": "https://kontor.dev/schemas/view.schema.json", "name": name, "title": name, "entity": entity, "type": "list", "columns": ["name"] });
        ((DefinitionKind::View, name.to_owned()), json)
    };
    let model = compile([
        entity("bad", json!({ "name": { "kind": "text", "title": 7 }, "n": 8 })),
        entity("good", json!({ "name": text(), "bad": { "kind": "link", "title": "Bad", "to": "bad" } })),
        view("bads", "bad"),
        view("goods", "good"),
    ]);
    let broken: Vec<&str> = model.broken.iter().map(|broken| broken.id.1.as_str()).collect();
    assert_eq!(broken, ["bad", "bads"]);
    assert!(model.entity("good").is_some() && model.entity("bad").is_none());
    assert!(model.definition(DefinitionKind::View, "goods").is_some());
    assert!(model.definition(DefinitionKind::View, "bads").is_none());
}

#[test]
fn an_entity_goes_on_without_what_is_wrong_in_it() {
    let number = |formula: &str| json!({ "kind": "integer", "title": "N", "formula": formula });
    let mut inner = entity(
        "inner",
        json!({
            "name": text(), "outer": { "kind": "link", "title": "Outer", "to": "outer" },
            "wrong": number("1 * * 2"), "of_wrong": number("wrong + 1"), "late": number("nothing"),
            "odd": { "kind": "nonsense", "title": "Odd" },
            "shown": { "kind": "text", "title": "Shown", "visible_when": { "field": "odd", "eq": "x" } },
            "fixed": { "kind": "text", "title": "Fixed", "readonly_when": { "field": "nothing", "eq": "x" } }
        }),
    );
    inner.1["rules"] = json!([
        { "name": "sound", "when": { "field": "name", "eq": "x" }, "message": "No" },
        { "name": "wrong", "when": { "field": "nothing", "eq": "x" }, "message": "No" }
    ]);
    inner.1["required"] = json!(["odd", "name"]);
    let sum = json!({ "kind": "integer", "title": "Sum", "rollup": { "of": "inner.outer", "sum": "wrong" } });
    let model = compile([
        inner.clone(),
        entity("outer", json!({ "name": text(), "total": sum, "doubled": number("total * 2") })),
    ]);
    let broken: Vec<&str> = model.broken.iter().map(|broken| broken.id.1.as_str()).collect();
    assert_eq!(broken, ["inner"], "{:?}", model.broken);
    let paths: Vec<&str> = model.broken[0].problems.iter().map(|problem| problem.path.as_str()).collect();
    for path in [
        "/properties/wrong/formula",
        "/properties/late/formula",
        "/properties/odd/kind",
        "/properties/fixed/readonly_when/field",
        "/rules/1/when/field",
    ] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    assert!(!paths.contains(&"/required/0"), "this only follows: {paths:?}");
    let left = model.entity("inner").unwrap();
    for (field, kept) in
        [("wrong", true), ("late", true), ("of_wrong", false), ("fixed", true), ("shown", false)]
    {
        assert_eq!(matches!(left.field(field).unwrap().source, Source::Kept), kept, "{field}");
    }
    assert!(left.field("odd").is_none());
    assert!(left.field("name").unwrap().required);
    assert_eq!(left.rules.len(), 1);
    // What is edited is what was written.
    assert_eq!(model.definition(DefinitionKind::Entity, "inner"), Some(&inner.1));
    // What asks it goes on with the values that are there.
    assert!(matches!(model.entity("outer").unwrap().field("total").unwrap().source, Source::Rollup(_)));
}

#[test]
fn variants_have_their_own_fields_and_demands() {
    let mut trip = entity("trip", json!({ "name": text(), "seat": text(), "plate": text() }));
    trip.1["record_types"] = json!([ { "name": "car", "title": "Car", "fields": ["plate"], "required": ["plate"] }, { "name": "train", "title": "Train", "fields": ["seat"] } ]);
    let model = compile([trip]);
    let trip = model.entity("trip").unwrap();
    let shown = trip.field("seat").unwrap().conditions.visible.as_ref().unwrap();
    assert_eq!(shown.to_json(trip, &model), json!({ "field": "record_type", "in": ["train"] }));
    assert!(trip.field("name").unwrap().conditions.visible.is_none(), "what no variant names belongs to all");
    let demanded = trip.field("plate").unwrap().conditions.required.as_ref().unwrap();
    assert_eq!(demanded.to_json(trip, &model), json!({ "field": "record_type", "in": ["car"] }));
}

#[test]
fn record_types_contradict_neither_their_entity_nor_each_other() {
    let mut trip =
        entity("trip", json!({ "name": text(), "seat": text(), "plate": text(), "owned": text() }));
    trip.1["required"] = json!(["owned"]);
    trip.1["record_types"] = json!([
        { "name": "car", "title": "Car", "fields": ["plate", "name", "owned"], "required": ["seat"] },
        { "name": "train", "title": "Train", "fields": ["seat"], "required": ["seat"] }
    ]);
    let found = problems(&compile([trip.clone()]), "trip");
    let at = |place: &str| format!("/record_types/0/{place}");
    assert_eq!(
        found,
        [
            ("display_of_some_types".into(), at("fields/1")),
            ("required_of_some_types".into(), at("fields/2")),
            ("not_of_this_type".into(), at("required/0")),
        ]
    );
    // What all types name belongs to all.
    trip.1["record_types"] = json!([
        { "name": "car", "title": "Car", "fields": ["name", "owned"] },
        { "name": "train", "title": "Train", "fields": ["owned", "name", "seat"], "required": ["seat"] }
    ]);
    assert!(compile([trip]).broken.is_empty());
}

#[test]
fn a_record_type_demands_what_somebody_types() {
    let mut trip = entity(
        "trip",
        json!({ "name": text(), "cost": { "kind": "money", "title": "Cost" },
            "double": { "kind": "money", "title": "Double", "formula": "cost * 2" },
            "code": { "kind": "autonumber", "title": "Code", "pattern": "T-{number:4}" } }),
    );
    trip.1["record_types"] = json!([{ "name": "car", "title": "Car", "fields": ["double", "cost.converted"],
        "required": ["cost", "double", "code", "cost_currency", "owner"] }]);
    let found = problems(&compile([trip]), "trip");
    let at = |place: &str| format!("/record_types/0/{place}");
    assert_eq!(
        found,
        [
            ("named_by_its_whole".into(), at("fields/1")),
            ("never_demanded".into(), at("required/1")),
            ("never_demanded".into(), at("required/2")),
            ("named_by_its_whole".into(), at("required/3")),
            ("never_demanded".into(), at("required/4")),
        ]
    );
}

#[test]
fn a_key_stays_where_it_is() {
    let model = compile([entity(
        "trip",
        json!({ "title": { "kind": "text", "title": "T", "key": "name" }, "name": text() }),
    )]);
    let trip = model.entity("trip").unwrap();
    assert_eq!(
        (trip.field("title").unwrap().key.as_str(), trip.field("name").unwrap().key.as_str()),
        ("name", "name_2")
    );
}
