//! The charts and suggestions of a form: reports narrowed to what belongs to a record, and records whose words resemble its
//! own. Both see what the reader may see: the report is run by them, the records are found by them, and no word is
//! compared of a field that they may not read.

use std::collections::HashMap;

use kontor_core::{Error, reports, search};
use kontor_model::definition::form::{FormDefinition, Item, Tab};
use kontor_model::definition::report::ReportType;
use kontor_model::form::{leads_to, ways_to};
use kontor_model::{EntityModel, FieldModel, Json, Record};
use kontor_view::page::beside::Beside;
use kontor_view::page::part::Link;
use serde_json::json;
use uuid::Uuid;

use super::{Reading, form, report, report_list, tile, values};
use crate::error::Failure;
use crate::extract::list;
use crate::extract::query::Query;

/// Most records that are suggested.
const MOST_ALIKE: usize = 5;
/// Records of a list of a report.
const ROWS: u32 = 10;

/// What stands beside a record.
#[derive(Default)]
pub struct Found {
    /// Reports over what belongs to it.
    pub charts: Vec<Beside>,
    /// Records like it.
    pub suggestions: Vec<Beside>,
}

/// The record that things stand beside: as it is stored, or as it is being typed.
pub struct About<'a> {
    /// What kind of record it is.
    pub entity: &'a EntityModel,
    /// Its values.
    pub record: &'a Record,
    /// Its id, once it is stored.
    pub id: Option<Uuid>,
    /// Its form.
    pub form: &'a FormDefinition,
}

/// Whether anything on a form is worked out from the words of the record.
pub fn suggests(form: &FormDefinition) -> bool {
    let sections = form.tabs.iter().flat_map(|tab| &tab.sections);
    sections.flat_map(|section| &section.items).any(|item| item.suggest.is_some())
}

/// The charts and suggestions on some tabs, as far as their conditions hold.
pub async fn of<'t>(
    reading: &Reading<'_>,
    about: &About<'_>,
    tabs: impl IntoIterator<Item = &'t Tab>,
) -> Found {
    let mut found = Found::default();
    let holds = |condition| values::holds(reading, about.entity, about.record, condition);
    for tab in tabs.into_iter().filter(|tab| holds(tab.visible_when.as_ref())) {
        for section in tab.sections.iter().filter(|section| holds(section.visible_when.as_ref())) {
            let path = format!("tabs.{}.sections.{}", tab.name, section.name);
            for item in section.items.iter().filter(|item| holds(item.visible_when.as_ref())) {
                let title = |own: String| match &item.title {
                    Some(other) => form::item_text(reading, about.form, &path, item, "title", other),
                    None => own,
                };
                if let (Some(name), Some(id)) = (&item.chart, about.id) {
                    let drawn = chart(reading, about, name, item, id).await;
                    found.charts.extend(drawn.map(|one| Beside { title: title(one.title.clone()), ..one }));
                }
                if let Some(name) = &item.suggest {
                    let alike = suggestions(reading, about, name, item).await;
                    let titled = alike.map(|one| Beside { title: title(one.title.clone()), ..one });
                    found.suggestions.extend(titled);
                }
            }
        }
    }
    found
}

/// The report over the records that lead to this one; nothing for who may not read them, or not how they lead here.
async fn chart(
    reading: &Reading<'_>,
    about: &About<'_>,
    name: &str,
    item: &Item,
    id: Uuid,
) -> Option<Beside> {
    let session = reading.session;
    let mut found = reports::find(session, name).ok()?;
    let reported = session.entity(&found.entity).ok()?;
    let way = match &item.by {
        Some(by) => by.clone(),
        None => ways_to(&reported, about.entity).first()?.name.clone(),
    };
    let path = list::path(session, &reported, &way).ok()?;
    let field = path.resolve(&session.model).filter(|field| leads_to(field, about.entity))?;
    found.filter = Some(narrowed(found.filter.take(), &way, field, &about.entity.name, id));
    let asked = reports::parameters_of(&found, &HashMap::new());
    let title = report::title(reading, &found);
    if found.report_type == ReportType::List {
        found.limit = Some(found.limit.unwrap_or(ROWS).min(ROWS));
        // What is wrong with it for somebody is that they may not see a part of it.
        let listed = report_list::find(reading, &found, &asked).await.ok()?;
        let table = listed.table(reading, &found, "", &Query::default());
        let is_empty = table.rows.is_empty();
        return Some(Beside {
            title,
            note: listed.summary(reading),
            nothing: if is_empty { reading.t("report.no_rows") } else { String::new() },
            table: (!is_empty).then_some(table),
            ..Beside::default()
        });
    }
    let answer = match reports::run(session, &found, &asked).await {
        Ok(answer) => answer,
        // A report that is defined is sound: what is wrong with it for somebody is that they may not see a part of it.
        Err(Error::NotFound | Error::Forbidden(_) | Error::Problems(_)) => return None,
        Err(other) => {
            let nothing = tile::problem_text(reading, &Failure::from(other));
            return Some(Beside { title, nothing, ..Beside::default() });
        }
    };
    let mut drawn = Beside { title, note: tile::note(reading, &answer), ..Beside::default() };
    if answer.rows.is_empty() {
        drawn.nothing = reading.t("report.no_rows");
        return Some(drawn);
    }
    drawn.chart = report::chart_html(reading, &found, &answer, true);
    if drawn.chart.is_empty() {
        drawn.table = Some(report::table(reading, &found, &answer, "", &Query::default()));
    }
    Some(drawn)
}

/// What a report asks for, and that it leads to the record.
fn narrowed(own: Option<Json>, way: &str, field: &FieldModel, entity: &str, id: Uuid) -> Json {
    let record = if field.kind.names_entity() {
        json!({ "field": way, "eq": { "entity": entity, "id": id } })
    } else {
        json!({ "field": way, "eq": id })
    };
    let mut all: Vec<Json> = own.into_iter().collect();
    all.push(record);
    json!({ "all": all })
}

/// The records of an entity whose words resemble those of the record; nothing for who may not read them.
async fn suggestions(reading: &Reading<'_>, about: &About<'_>, name: &str, item: &Item) -> Option<Beside> {
    let session = reading.session;
    let other = session.entity(name).ok()?;
    let fields: Vec<&FieldModel> = item
        .from
        .iter()
        .filter_map(|own| about.entity.field(own))
        .filter(|field| values::is_readable(reading, about.entity, field))
        .collect();
    if fields.is_empty() {
        return None;
    }
    let words: Vec<String> = fields
        .iter()
        .map(|field| field.kind.to_text(field, about.record.at(field.index), session.actor.zone))
        .filter(|text| !text.trim().is_empty())
        .collect();
    let plural = reading.plural_of(&other);
    let mut found =
        Beside { title: reading.words().with("suggest.title", &[("entity", &plural)]), ..Beside::default() };
    if words.is_empty() {
        let labels: Vec<&str> = fields.iter().map(|field| field.label(&reading.labels)).collect();
        let listed = labels.join(&reading.t("said.comma"));
        found.nothing = reading.words().with("suggest.wanting", &[("fields", &listed)]);
        return Some(found);
    }
    let except = about.id.filter(|_| other.name == about.entity.name);
    let alike = match search::alike(session, &other, &words.join(" "), except, MOST_ALIKE).await {
        Ok(alike) => alike,
        Err(Error::NotFound | Error::Forbidden(_)) => return None,
        Err(other) => {
            found.nothing = tile::problem_text(reading, &Failure::from(other));
            return Some(found);
        }
    };
    found.links = alike
        .into_iter()
        .map(|(id, title)| {
            let title = if title.is_empty() { reading.t("value.untitled") } else { title };
            Link::new(reading.record_href(&other.name, id), title, "")
        })
        .collect();
    if found.links.is_empty() {
        found.nothing = reading.words().with("suggest.nothing", &[("entity", &plural)]);
    }
    Some(found)
}
