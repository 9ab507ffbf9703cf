//! `admin/entities`: the data model, and the form for a new entity.

use axum::response::Response;
use kontor_core::Error;
use kontor_core::records::{self, AggregateQuery, Measure, MeasureFunction};
use kontor_model::definition::DefinitionKind;
use kontor_model::{Filter, Json, Problem, Problems, Value, name};
use kontor_view::page::admin::entities::{EntitiesPage, EntityLine, NewEntityPage};
use serde_json::json;

use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::diagram::{self, Chosen};
use crate::present::admin::icons;
use crate::present::{Reading, flash};
use crate::visit::Reader;

/// Up to so many entities their records are counted for the list: each count is a question to the database.
const COUNTED: usize = 60;

/// `GET admin`: a designer begins with the data model, who manages people with them.
pub async fn begin(reader: Reader) -> Result<Response, Failure> {
    let reading = reader.reading();
    if reading.may_design() {
        return Ok(reader.go(&reading.admin_href("entities")));
    }
    if reader.session.actor.access.is_admin("users") {
        return Ok(reader.go(&reading.admin_href("users")));
    }
    Err(Error::Forbidden("design").into())
}

/// `GET admin/entities`.
pub async fn list_entities(reader: Reader) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let mut entities = Vec::new();
    let is_counted = reading.session.model.entities.len() <= COUNTED;
    for (name, json) in draft.all(DefinitionKind::Entity) {
        let fields = json.get("properties").and_then(Json::as_object).map_or(0, serde_json::Map::len);
        entities.push(EntityLine {
            name: name.to_owned(),
            href: reading.admin_href(&format!("entities/{}", address::segment(name))),
            title: reading.label(
                DefinitionKind::Entity,
                name,
                "plural",
                json.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(json, "title")),
            ),
            icon: text(json, "icon").to_owned(),
            description: reading.label(
                DefinitionKind::Entity,
                name,
                "description",
                text(json, "description"),
            ),
            layer: draft::layer(&reading, DefinitionKind::Entity, name),
            fields: reading.format.count(fields as u64),
            records: if is_counted { count(&reading, name).await } else { String::new() },
            draft: draft.state(DefinitionKind::Entity, name),
            problem: String::new(),
        });
    }
    let is_drafted = |name: &str| draft.definition(DefinitionKind::Entity, name).is_some();
    let broken = reading.session.model.broken.iter();
    for one in broken.filter(|one| one.id.0 == DefinitionKind::Entity && !is_drafted(&one.id.1)) {
        let name = one.id.1.as_str();
        let said: Vec<String> = one.problems.iter().map(|problem| problem.message(&reading.labels)).collect();
        entities.push(EntityLine {
            name: name.to_owned(),
            title: name.to_owned(),
            icon: "triangle-alert".to_owned(),
            href: reading.admin_href("problems"),
            layer: draft::layer(&reading, DefinitionKind::Entity, name),
            problem: said.join(" "),
            ..EntityLine::default()
        });
    }
    let page = EntitiesPage {
        at: reader.visit.place(),
        diagram: diagram::draw(
            &reading,
            &draft,
            &Chosen { fields: Some(false), ..diagram::within(&draft, "", 0) },
        ),
        diagram_href: reading.admin_href("entities/diagram"),
        dictionary_href: reading.admin_href("dictionary"),
        entities,
        new_href: reading.admin_href("entities/new"),
    };
    reader.draw().view(&page).await
}

/// How many records an entity has; nothing for one that is not published yet.
async fn count(reading: &Reading<'_>, name: &str) -> String {
    if reading.session.model.entity(name).is_none() {
        return String::new();
    }
    let measure =
        Measure { function: MeasureFunction::Count, path: None, filter: Filter::True, name: "n".to_owned() };
    let query =
        AggregateQuery { entity: name.to_owned(), measures: vec![measure], ..AggregateQuery::default() };
    let rows = records::aggregate(reading.session, &query).await.unwrap_or_default();
    let number = rows.first().and_then(|row| row.first()).and_then(Value::as_integer);
    number.map(|number| reading.format.integer(number)).unwrap_or_default()
}

/// `GET admin/entities/new`.
pub async fn show_new(reader: Reader) -> Result<Response, Failure> {
    Draft::open(&reader.session).await?;
    draw_new(&reader, &Form::default(), &Problems::new()).await
}

/// `POST admin/entities`.
pub async fn create_entity(reader: Reader, sent: Form) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    if sent.has("_icons") {
        return draw_new(&reader, &sent, &Problems::new()).await;
    }
    let title = sent.text("title");
    let mut problems = Problems::new();
    if title.is_empty() {
        problems.push(
            Problem::at_field("required", "title").with("field", reader.reading().t("entities.label_one")),
        );
    }
    let is_taken = |name: &str| draft.definition(DefinitionKind::Entity, name).is_some();
    let wanted = match sent.text("name") {
        "" => name::derive(title, is_taken),
        own => own.to_owned(),
    };
    if is_taken(&wanted) {
        problems.push(Problem::at_field("name_taken", "name").with("name", &wanted));
    }
    if let Some(other) = draft.same_title(DefinitionKind::Entity, title, "") {
        problems.push(Problem::at_field("entity_taken", "title").with("entity", other));
    }
    if problems.has_errors() {
        return draw_new(&reader, &sent, &problems).await;
    }
    let plural = if sent.text("plural").is_empty() { title } else { sent.text("plural") };
    let reading = reader.reading();
    let display = sent.text("display");
    let mut body = begun(&reading, &wanted, title, plural, display);
    if let Some(object) = body.as_object_mut() {
        for key in ["icon", "description"] {
            if !sent.text(key).is_empty() {
                object.insert(key.to_owned(), sent.text(key).into());
            }
        }
    }
    match draft.put(DefinitionKind::Entity, &wanted, body).await {
        Ok(()) => {
            let href = reading.admin_href(&format!("entities/{}", address::segment(&wanted)));
            Ok(reader.go_saying(&href, &flash::done("admin.saved_draft", &[])))
        }
        Err(Error::Problems(problems)) => draw_new(&reader, &sent, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// An entity with the field that titles its records, called by an example when that has no label.
pub fn begun(reading: &Reading<'_>, name: &str, title: &str, plural: &str, display: &str) -> Json {
    let display = if display.is_empty() { reading.t("entities.display_example") } else { display.to_owned() };
    let field = name::derive(&display, |_| false);
    json!({
        "name": name, "title": title, "plural": plural, "type": "object", "display": field,
        "properties": { field.as_str(): { "kind": "text", "title": display, "maxLength": 200 } },
        "required": [field], "search": [field],
    })
}

async fn draw_new(reader: &Reader, typed: &Form, problems: &Problems) -> Result<Response, Failure> {
    let reading = reader.reading();
    let given = |name: &str| typed.text(name).to_owned();
    let page = NewEntityPage {
        at: reader.visit.place(),
        action: reading.admin_href("entities"),
        cancel_href: reading.admin_href("entities"),
        title: given("title"),
        plural: given("plural"),
        name: given("name"),
        icons: icons::picker(
            &reading,
            if typed.text("icon").is_empty() { "file-text" } else { typed.text("icon") },
            typed.text("icon_q"),
            &format!("{} {} {}", typed.text("title"), typed.text("plural"), typed.text("description")),
        ),
        description: given("description"),
        display: given("display"),
        problems: reading.problem_lines(problems, "e-"),
    };
    let draw = reader.draw().below(reading.t("entities.title"), reading.admin_href("entities"));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}
