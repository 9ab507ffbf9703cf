//! Plans and uses, on small models.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use serde_json::json;

use super::*;
use crate::definition::DefinitionSet;

fn model(entity: Json, more: Vec<(DefinitionKind, &str, Json)>) -> Model {
    let mut set: DefinitionSet = crate::built_in::definitions();
    set.insert((DefinitionKind::Entity, "ticket".into()), entity);
    for (kind, name, json) in more {
        set.insert((kind, name.into()), json);
    }
    let model = Model::compile(1, set);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn ticket(properties: Json) -> Json {
    json!({ "name": "ticket", "title": "Ticket", "type": "object", "display": "name", "properties": properties })
}

fn what(changes: &[Change]) -> Vec<(&str, Class)> {
    changes.iter().map(|change| (change.what.as_str(), change.class)).collect()
}

#[test]
fn a_formula_over_what_a_role_does_not_see_is_told() {
    let account = ticket(json!({
        "name": { "kind": "text", "title": "Name" }, "iban": { "kind": "text", "title": "IBAN" },
        "calc": { "kind": "text", "title": "Calculated", "formula": "iban + \"!\"" },
        "long": { "kind": "integer", "title": "Long", "formula": "2 * 3" }
    }));
    let role = |fields: Json| {
        let grants = json!({ "ticket": { "read": "all", "fields": fields } });
        (DefinitionKind::Role, "clerk", json!({ "name": "clerk", "title": "Clerk", "entities": grants }))
    };
    let old = model(account.clone(), vec![role(json!({}))]);
    let masked = model(account.clone(), vec![role(json!({ "iban": "masked" }))]);
    let changes = plan(&old, &masked);
    assert_eq!(what(&changes), [("definition_changed", Class::Safe), ("formula_shows_hidden", Class::Safe)]);
    assert_eq!(changes[1].pointer, "/entities/ticket/fields/calc");
    let named: Vec<&str> = changes[1].parameters.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(named, ["Clerk", "Ticket", "Calculated", "IBAN"]);
    // Once is enough, and what is hidden with its source shows nothing.
    assert!(plan(&masked, &masked).is_empty());
    let both = model(account, vec![role(json!({ "iban": "none", "calc": "masked" }))]);
    assert_eq!(what(&plan(&old, &both)), [("definition_changed", Class::Safe)]);
}

#[test]
fn what_other_record_types_have_is_calculated_again() {
    let parcel = |types: Json| {
        let mut parcel = ticket(json!({
            "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" },
            "twice": { "kind": "integer", "title": "Twice", "formula": "size * 2" }
        }));
        parcel["record_types"] = types;
        model(parcel, Vec::new())
    };
    let of_one =
        parcel(json!([{ "name": "a", "title": "A", "fields": ["twice"] }, { "name": "b", "title": "B" }]));
    let of_all = parcel(json!([{ "name": "a", "title": "A" }, { "name": "b", "title": "B" }]));
    let is_told = |changes: &[Change]| what(changes).contains(&("types_of_formula_changed", Class::Safe));
    assert!(is_told(&plan(&of_all, &of_one)) && is_told(&plan(&of_one, &of_all)));
    assert!(!is_told(&plan(&of_one, &of_one)));
}

#[test]
fn a_setting_with_another_value_works_out_anew_what_reads_it() {
    let parcel = ticket(json!({
        "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" },
        "tax": { "kind": "integer", "title": "Tax", "formula": "size * setting(\"vat\")" },
        "twice": { "kind": "integer", "title": "Twice", "formula": "size * 2" }
    }));
    let vat = |more: Json| {
        let mut vat = json!({ "name": "vat", "title": "VAT", "kind": "integer", "default": 19 });
        vat.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        model(parcel.clone(), vec![(DefinitionKind::Setting, "vat", vat)])
    };
    let recomputed = |changes: &[Change]| {
        let of = |change: &Change| match &change.schema {
            Some(SchemaChange::Recompute { field, .. }) => Some(field.clone()),
            _ => None,
        };
        changes.iter().filter_map(of).collect::<Vec<_>>()
    };
    let usual = vat(json!({}));
    assert_eq!(recomputed(&plan(&usual, &vat(json!({ "value": 7 })))), ["tax"]);
    assert!(recomputed(&plan(&usual, &vat(json!({ "value": 19 })))).is_empty());
    assert!(recomputed(&plan(&usual, &vat(json!({ "title": "Tax" })))).is_empty());
}

#[test]
fn a_rename_is_a_rename() {
    let old = model(
        ticket(
            json!({ "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" } }),
        ),
        vec![],
    );
    let new = model(
        ticket(
            json!({ "name": { "kind": "text", "title": "Name" }, "weight": { "kind": "integer", "title": "Size", "key": "size" } }),
        ),
        vec![],
    );
    let changes = plan(&old, &new);
    assert_eq!(what(&changes), [("field_renamed", Class::Safe)]);
    assert!(changes[0].schema.is_none());
}

#[test]
fn fields_come_and_go() {
    let old = model(
        ticket(
            json!({ "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" } }),
        ),
        vec![],
    );
    let new = model(
        ticket(
            json!({ "name": { "kind": "text", "title": "Name" }, "twice": { "kind": "integer", "title": "Twice", "formula": "2 * 3" } }),
        ),
        vec![],
    );
    let changes = plan(&old, &new);
    assert_eq!(what(&changes), [("field_added", Class::Safe), ("field_removed", Class::Lossy)]);
    assert_eq!(
        changes[1].schema,
        Some(SchemaChange::ParkField { entity: "ticket".into(), field: "size".into() })
    );
    assert!(plan(&new, &new).is_empty());
}

#[test]
fn a_kind_changes_when_its_values_can_follow() {
    let with = |definition: Json| {
        model(ticket(json!({ "name": { "kind": "text", "title": "Name" }, "a": definition })), vec![])
    };
    let old = with(json!({ "kind": "text", "title": "A" }));
    let cases = [
        (json!({ "kind": "long_text", "title": "A" }), Class::Safe),
        (json!({ "kind": "integer", "title": "A" }), Class::Lossy),
        (json!({ "kind": "link", "to": "user", "title": "A" }), Class::Lossy),
        (json!({ "kind": "autonumber", "pattern": "A-{number}", "title": "A" }), Class::Refused),
    ];
    for (definition, class) in cases {
        let changes = plan(&old, &with(definition));
        assert_eq!(what(&changes).first(), Some(&("field_kind_changed", class)));
    }
}

#[test]
fn the_same_words_over_other_columns_are_another_calculation() {
    let with = |a: Json, b: Json| {
        let name = json!({ "kind": "text", "title": "Name" });
        let mut rows = json!({
            "name": name, "of": { "kind": "link", "to": "ticket", "title": "Of" },
            "twice": { "kind": "integer", "title": "Twice", "formula": "a * 2" },
            "sum": { "kind": "integer", "title": "Sum", "rollup": { "of": "ticket.of", "count": true, "where": { "field": "a", "gt": 1 } } }
        });
        rows["a"] = a;
        rows["b"] = b;
        model(ticket(rows), vec![])
    };
    let field = |key: &str| json!({ "kind": "integer", "title": "Number", "key": key });
    let old = with(field("a"), field("b"));
    assert!(plan(&old, &with(field("a"), field("b"))).is_empty());
    let changes = plan(&old, &with(field("b"), field("a")));
    let anew: Vec<&str> = changes
        .iter()
        .filter(|one| matches!(one.schema, Some(SchemaChange::Recompute { .. })))
        .map(|one| one.pointer.as_str())
        .collect();
    assert_eq!(anew, ["/properties/twice", "/properties/sum"], "{changes:?}");
}

#[test]
fn says_who_uses_a_field() {
    let view = json!({ "name": "all", "title": "All", "entity": "ticket", "type": "list", "columns": ["name", "size"], "sort": ["-size"] });
    let report = json!({ "name": "sizes", "title": "Sizes", "entity": "ticket", "type": "summary",
        "rows": [{ "field": "name" }], "measures": [{ "sum": "size", "as": "total" }] });
    let entity = ticket(
        json!({ "name": { "kind": "text", "title": "Name" }, "size": { "kind": "integer", "title": "Size" },
        "twice": { "kind": "integer", "title": "Twice", "formula": "size * 2" } }),
    );
    let model =
        model(entity, vec![(DefinitionKind::View, "all", view), (DefinitionKind::Report, "sizes", report)]);
    let found: Vec<String> = uses(&model, "ticket", Some("size"))
        .iter()
        .map(|one| format!("{}{}", one.name, one.pointer))
        .collect();
    assert_eq!(
        found,
        ["ticket/properties/twice/formula", "all/columns/1", "all/sort/0", "sizes/measures/0/sum"]
    );
    assert!(uses(&model, "ticket", Some("twice")).is_empty());
    assert_eq!(uses(&model, "ticket", None).len(), 2);
}
