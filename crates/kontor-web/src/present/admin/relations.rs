//! The relations of an entity: its own links, the links of others to it, and a picture of its neighbours.

use kontor_core::records::{self, AggregateQuery, Measure, MeasureFunction};
use kontor_model::definition::DefinitionKind;
use kontor_model::definition::entity::arranged;
use kontor_model::{Filter, Json, Value};
use kontor_view::field::OptionView;
use kontor_view::page::admin::DraftState;
use kontor_view::page::admin::entity::{RelationLine, RelationsTab};
use kontor_view::page::part::Link;

use super::diagram;
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::{Draft, text};

/// A link as a definition says it.
pub struct Relation<'j> {
    /// The entity that has the field.
    pub from: &'j str,
    /// The field's name.
    pub field: &'j str,
    /// Its definition.
    pub facets: &'j Json,
    /// What it points at.
    pub to: Vec<&'j str>,
}

/// Every link between entities, as the draft has them.
pub fn all<'j>(draft: &'j Draft<'_>) -> Vec<Relation<'j>> {
    let mut found = Vec::new();
    for (from, json) in draft.all(DefinitionKind::Entity) {
        for (field, facets) in arranged(json) {
            let to: Vec<&str> = match (text(facets, "kind"), facets.get("to")) {
                ("user", _) => vec!["user"],
                ("team", _) => vec!["team"],
                (_, Some(Json::String(to))) => vec![to],
                (_, Some(Json::Array(list))) => list.iter().filter_map(Json::as_str).collect(),
                _ => continue,
            };
            found.push(Relation { from, field, facets, to });
        }
    }
    found
}

/// How many links an entity has, in and out.
pub fn count(draft: &Draft<'_>, entity: &str) -> usize {
    all(draft).iter().filter(|one| one.from == entity || one.to.contains(&entity)).count()
}

/// The key of the words for how many stand on either side.
pub fn cardinality(facets: &Json) -> &'static str {
    match text(facets, "kind") {
        "links" => "many_many",
        "rows" => "one_many",
        _ if facets.get("unique").and_then(Json::as_bool) == Some(true) => "one_one",
        _ => "many_one",
    }
}

/// The key of the words for what happens to a record when the one it points at is deleted.
pub fn on_delete(facets: &Json) -> &str {
    match text(facets, "on_delete") {
        "" => "empty",
        own => own,
    }
}

/// The tab.
pub async fn tab(reading: &Reading<'_>, draft: &Draft<'_>, entity: &str, base: &str) -> RelationsTab {
    let mut shown = RelationsTab {
        add_action: format!("{base}/fields/new"),
        add_inward_action: format!("{base}/relations/new"),
        diagram: diagram::around(reading, draft, entity, 1),
        diagram_href: address::with_query(
            &reading.admin_href("entities/diagram"),
            [("around", entity), ("depth", "1")],
        ),
        ..RelationsTab::default()
    };
    for (name, json) in draft.all(DefinitionKind::Entity) {
        let title = reading.definition_title(DefinitionKind::Entity, name, json);
        shown.entities.push(OptionView::new(name, title, false));
    }
    for relation in all(draft) {
        if relation.from == entity {
            shown.outward.push(line(reading, draft, &relation, false).await);
        }
        if relation.to.contains(&entity) {
            shown.inward.push(line(reading, draft, &relation, true).await);
        }
    }
    shown
}

async fn line(
    reading: &Reading<'_>,
    draft: &Draft<'_>,
    relation: &Relation<'_>,
    is_inward: bool,
) -> RelationLine {
    let Relation { from, field, facets, to } = relation;
    let path = format!("properties.{field}");
    let label =
        |part: &str, own: &str| reading.label(DefinitionKind::Entity, from, &format!("{path}.{part}"), own);
    let back = facets.get("back");
    let link_to = |name: &str| {
        let title = draft.definition(DefinitionKind::Entity, name).map_or_else(
            || name.to_owned(),
            |json| reading.definition_title(DefinitionKind::Entity, name, json),
        );
        let href = reading.admin_href(&format!("entities/{}", address::segment(name)));
        Link::new(address::with_query(&href, [("tab", "relations")]), title, "")
    };
    let href = reading.admin_href(&format!("entities/{}", address::segment(from)));
    RelationLine {
        title: label("title", text(facets, "title")),
        name: if is_inward { format!("{from}.{field}") } else { (*field).to_owned() },
        kind: text(facets, "kind").to_owned(),
        href: format!("{href}/fields/{}", address::segment(field)),
        others: if is_inward { vec![link_to(from)] } else { to.iter().map(|name| link_to(name)).collect() },
        cardinality: reading.t(&format!("relations.{}", cardinality(facets))),
        on_delete: if matches!(text(facets, "kind"), "user" | "team" | "links" | "rows") {
            String::new()
        } else {
            reading.t(&format!("field_editor.facet_on_delete_{}", on_delete(facets)))
        },
        back: back.map(|back| label("back.title", text(back, "title"))).unwrap_or_default(),
        back_name: back.map(|back| text(back, "name").to_owned()).unwrap_or_default(),
        count: linked(reading, from, field).await,
        draft: state(reading, draft, relation),
    }
}

fn state(reading: &Reading<'_>, draft: &Draft<'_>, relation: &Relation<'_>) -> DraftState {
    match draft.state(DefinitionKind::Entity, relation.from) {
        DraftState::Changed => {
            let published = reading
                .session
                .model
                .definition(DefinitionKind::Entity, relation.from)
                .and_then(|json| json.get("properties")?.get(relation.field));
            match published {
                None => DraftState::New,
                Some(before) if before == relation.facets => DraftState::Same,
                Some(_) => DraftState::Changed,
            }
        }
        other => other,
    }
}

/// How many records have the link set; nothing for what is not published, or cannot be counted.
async fn linked(reading: &Reading<'_>, entity: &str, field: &str) -> String {
    let model = &reading.session.model;
    let Some(known) = model.entity(entity) else { return String::new() };
    let written = serde_json::json!({ "field": field, "empty": false });
    let Ok(filter) = Filter::parse(&written, known, model) else { return String::new() };
    let measure =
        Measure { function: MeasureFunction::Count, path: None, filter: Filter::True, name: "n".to_owned() };
    let query = AggregateQuery {
        entity: entity.to_owned(),
        filter,
        measures: vec![measure],
        ..AggregateQuery::default()
    };
    let rows = records::aggregate(reading.session, &query).await.unwrap_or_default();
    let number = rows.first().and_then(|row| row.first()).and_then(Value::as_integer);
    number.map(|number| reading.format.integer(number)).unwrap_or_default()
}
