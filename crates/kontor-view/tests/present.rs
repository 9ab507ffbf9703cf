//! Values of a compiled entity become what templates show.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::definition::{DefinitionKind, DefinitionSet};
use kontor_model::problem::{Problem, Problems};
use kontor_model::value::{AnyLink, Value};
use kontor_model::{Decimal, Model, built_in};
use kontor_view::Words;
use kontor_view::format::Format;
use kontor_view::present::Presenter;
use kontor_view::words::catalogues;
use serde_json::json;
use uuid::Uuid;

fn model() -> Model {
    let mut definitions: DefinitionSet = built_in::definitions();
    let visit = json!({
        "$schema": "https://kontor.dev/schemas/entity.schema.json", "name": "visit", "title": "Visit", "plural": "Visits", "type": "object", "display": "name",
        "properties": {
            "name": { "kind": "text", "title": "Name", "maxLength": 200, "help": "What people call it" },
            "budget": { "kind": "money", "title": "Budget" },
            "share": { "kind": "percent", "title": "Share" },
            "day": { "kind": "date", "title": "Day" },
            "begins": { "kind": "datetime", "title": "Begins" },
            "state": { "kind": "choice", "title": "State", "oneOf": [ { "const": "open", "title": "Open", "color": "blue" }, { "const": "old", "title": "Old", "retired": true } ] },
            "tools": { "kind": "multi_choice", "title": "Tools", "oneOf": [ { "const": "a", "title": "Hammer" }, { "const": "b", "title": "Saw" } ] },
            "guest": { "kind": "link", "to": "visit", "title": "Guest" },
            "about": { "kind": "any_link", "to": ["visit", "user"], "title": "About" },
            "site": { "kind": "url", "title": "Site" },
            "paid": { "kind": "boolean", "title": "Paid" },
            "double": { "kind": "money", "title": "Double", "formula": "budget * 2" }
        },
        "required": ["name"]
    });
    definitions.insert((DefinitionKind::Entity, "visit".to_owned()), visit);
    let model = Model::compile(1, definitions);
    assert!(model.broken.is_empty(), "{:?}", model.broken);
    model
}

fn format(language: &str) -> Format {
    let catalogue = catalogues().unwrap().into_iter().find(|one| one.language == language).unwrap();
    Format {
        words: Arc::new(Words::new(catalogue)),
        conventions: kontor_model::conventions::of(language),
        zone: chrono_tz::Europe::Berlin,
        now: "2026-03-12T10:20:00Z".parse().unwrap(),
        currency: "EUR".to_owned(),
    }
}

#[test]
fn every_kind_of_value_has_its_text_and_its_control() {
    let model = model();
    let entity = model.entity("visit").unwrap();
    let (known, unknown) = (Uuid::now_v7(), Uuid::now_v7());
    let titles = HashMap::from([(known, "Dunmore <Castings>".to_owned())]);
    let format = format("en");
    let presenter = Presenter {
        format: &format,
        labels: format.words.catalogue(),
        base: "/w/main",
        titles: &titles,
        pages: None,
    };
    let show = |name: &str, value: Value, currency: &str| {
        presenter.field(entity, entity.field(name).unwrap(), &value, currency)
    };

    let name = show("name", Value::text("A"), "");
    assert!(
        name.required
            && name.text == "A"
            && name.maximum_length == "200"
            && name.help == "What people call it"
    );
    let budget = show("budget", Value::Decimal(Decimal::new(1_845_000_000, 4)), "CHF");
    assert_eq!((budget.text.as_str(), budget.unit.as_str()), ("CHF 184,500", "CHF"));
    assert_eq!(show("budget", Value::Empty, "").unit, "EUR");
    assert_eq!(show("share", Value::Decimal(Decimal::new(125_000, 4)), "").text, "12.5%");
    let day = show("day", Value::Date("2026-03-27".parse().unwrap()), "");
    assert_eq!(
        (day.text.as_str(), day.value.as_str(), day.remark.as_str()),
        ("27 Mar 2026", "2026-03-27", "in 15 days")
    );
    let begins = show("begins", Value::DateTime("2026-03-24T09:00:00Z".parse().unwrap()), "");
    assert_eq!(
        (begins.text.as_str(), begins.value.as_str(), begins.zone.as_str()),
        ("24 Mar 2026, 10:00", "2026-03-24T10:00", "Europe/Berlin")
    );
    let state = show("state", Value::text("open"), "");
    assert_eq!((state.text.as_str(), state.tone.as_str(), state.options.len()), ("Open", "t-blue", 1));
    assert_eq!(
        show("state", Value::text("old"), "").options.len(),
        2,
        "a retired option is offered only where it is chosen"
    );
    let tools = show("tools", Value::List(vec!["b".to_owned()]), "");
    assert_eq!((tools.text.as_str(), tools.cell().options.len()), ("Saw", 1));
    let guest = show("guest", Value::Id(known), "");
    assert_eq!((guest.text.as_str(), guest.href), ("Dunmore <Castings>", format!("/w/main/r/visit/{known}")));
    let hidden = show("guest", Value::Id(unknown), "");
    assert!(hidden.text.is_empty() && hidden.href.is_empty(), "what may not be seen is empty");
    let about = show("about", Value::AnyLink(AnyLink { entity: "user".to_owned(), id: known }), "");
    assert_eq!(about.href, format!("/w/main/r/user/{known}"));
    assert_eq!(show("site", Value::text("javascript:alert(1)"), "").href, "");
    assert_eq!(show("paid", Value::Boolean(true), "").value, "true");
    let double = show("double", Value::Decimal(Decimal::new(10_000, 4)), "");
    assert!(double.readonly && double.calculated);
    assert_eq!(show("owner", Value::Empty, "").label, "Owner");
}

#[test]
fn problems_stand_at_their_fields_and_in_the_order_of_the_form() {
    let model = model();
    let entity = model.entity("visit").unwrap();
    let format = format("zh-CN");
    let titles = HashMap::new();
    let presenter = Presenter {
        format: &format,
        labels: format.words.catalogue(),
        base: "/w/main",
        titles: &titles,
        pages: None,
    };
    let mut fields: Vec<_> = ["name", "day"]
        .iter()
        .map(|name| presenter.field(entity, entity.field(name).unwrap(), &Value::Empty, ""))
        .collect();
    let mut problems = Problems::new();
    problems.push(Problem::new("version_conflict", ""));
    problems.push(Problem::at_field("not_a_date", "day").with("value", "x"));
    problems.push(Problem::at_field("required", "name"));
    problems.push(Problem::at_field("required", "day").as_warning());
    let mut views: Vec<&mut _> = fields.iter_mut().collect();
    let lines = presenter.place_problems(&problems, &mut views, false);
    let anchors: Vec<&str> = lines.iter().map(|line| line.anchor.as_str()).collect();
    assert_eq!(anchors, ["f-name", "f-day", ""]);
    assert_eq!(lines.first().unwrap().message, "请填写此项");
    assert!(fields.iter().all(|field| field.problems.len() == 1 && field.warnings.is_empty()));
}
