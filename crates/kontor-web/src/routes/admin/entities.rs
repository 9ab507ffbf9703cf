//! `admin/entities`: the data model, and the form for a new entity.

use axum::response::Response;
use kontor_core::Error;
use kontor_core::records::{self, AggregateQuery, Measure, MeasureFunction};
use kontor_model::definition::DefinitionKind;
use kontor_model::model::Broken;
use kontor_model::{Filter, Json, Problem, Problems, Value, name};
use kontor_view::Html;
use kontor_view::page::admin::entities::{EntitiesPage, EntityLine, NewEntityPage};
use serde_json::json;

use super::draft::{self, Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::diagram::{self, Chosen};
use crate::present::admin::icons;
use crate::present::long_list::LongList;
use crate::present::{Reading, flash};
use crate::visit::Reader;

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

/// `GET admin/entities?q=&after=`.
pub async fn list_entities(reader: Reader, query: Query) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let list = LongList::of(&query);
    let mut all: Vec<EntityLine> = draft
        .all(DefinitionKind::Entity)
        .into_iter()
        .map(|(name, json)| line(&reading, name, json))
        .collect();
    let is_drafted = |name: &str| draft.definition(DefinitionKind::Entity, name).is_some();
    let broken = reading.session.model.broken.iter();
    for one in broken.filter(|one| one.id.0 == DefinitionKind::Entity && !is_drafted(&one.id.1)) {
        all.push(set_aside(&reading, one));
    }
    let (count, is_long) = (all.len(), list.is_long(all.len()));
    all.retain(|line| list.finds(&[&line.name, &line.title, &line.description]));
    let (mut entities, shown) = list.part(all);
    for line in entities.iter_mut().filter(|line| line.problem.is_empty()) {
        line.layer = draft::layer(&reading, DefinitionKind::Entity, &line.name);
        line.records = counted(&reading, &line.name).await;
        line.draft = draft.state(DefinitionKind::Entity, &line.name);
    }
    let own = reading.admin_href("entities");
    let page = EntitiesPage {
        at: reader.visit.place(),
        diagram: if count > diagram::MOST {
            Html::default()
        } else {
            let chosen = Chosen { fields: Some(false), ..diagram::within(&draft, "", 0) };
            diagram::draw(&reading, &draft, &chosen)
        },
        diagram_href: reading.admin_href("entities/diagram"),
        dictionary_href: reading.admin_href("dictionary"),
        pager: list.pager(&reading, &own, shown),
        q: list.q,
        is_long,
        entities,
        new_href: reading.admin_href("entities/new"),
    };
    reader.draw().view(&page).await
}

/// What is known of an entity without asking for it.
fn line(reading: &Reading<'_>, name: &str, json: &Json) -> EntityLine {
    let fields = json.get("properties").and_then(Json::as_object).map_or(0, serde_json::Map::len);
    let plural = json.get("plural").and_then(Json::as_str).unwrap_or_else(|| text(json, "title"));
    let label = |key: &str, own: &str| reading.label(DefinitionKind::Entity, name, key, own);
    EntityLine {
        name: name.to_owned(),
        href: reading.admin_href(&format!("entities/{}", address::segment(name))),
        title: label("plural", plural),
        icon: text(json, "icon").to_owned(),
        description: label("description", text(json, "description")),
        fields: reading.format.count(fields as u64),
        ..EntityLine::default()
    }
}

/// An entity that cannot be used, and why.
fn set_aside(reading: &Reading<'_>, broken: &Broken) -> EntityLine {
    let name = broken.id.1.as_str();
    let said: Vec<String> = broken.problems.iter().map(|problem| problem.message(&reading.labels)).collect();
    EntityLine {
        name: name.to_owned(),
        title: name.to_owned(),
        icon: "triangle-alert".to_owned(),
        href: reading.admin_href("problems"),
        layer: draft::layer(reading, DefinitionKind::Entity, name),
        problem: said.join(" "),
        ..EntityLine::default()
    }
}

/// How many records an entity has; nothing for one that is not published yet.
async fn counted(reading: &Reading<'_>, name: &str) -> String {
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
