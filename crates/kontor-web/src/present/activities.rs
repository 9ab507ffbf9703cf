//! What is to be done about a record, on its page: what is open, what was done last, a line to add to it, a tick for each.

use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{self, Count, PageRequest, PageRow, RecordView, Sort, Titles};
use kontor_model::access::FieldRight;
use kontor_model::entity::{ACTIVITIES, Activity, BackLink, system};
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Value};
use kontor_view::page::record::{Activities, ActivityLine};

use super::Reading;

/// Open ones that are shown.
const OPEN: u32 = 10;
/// Done ones that are shown.
const DONE: u32 = 5;

/// The lists of activities of an entity with the feature that the reader may see, each with the fields that make it one.
pub fn lists<'a>(
    reading: &'a Reading<'_>,
    about: &'a EntityModel,
) -> impl Iterator<Item = (&'a BackLink, Arc<EntityModel>, Activity)> {
    let links = about.back_links.iter().filter(|link| link.activities && about.has_feature(ACTIVITIES));
    links.filter_map(|link| {
        let entity = reading.session.entity(&link.entity).ok()?;
        let activity = entity.activity?;
        let seen = [activity.regarding, activity.done, entity.display].into_iter().all(|index| {
            entity.fields.get(index).is_some_and(|field| right(reading, &entity, field) != FieldRight::None)
        });
        seen.then_some((link, entity, activity))
    })
}

fn right(reading: &Reading<'_>, entity: &EntityModel, field: &FieldModel) -> FieldRight {
    reading.session.actor.access.entity(&entity.name).field(&field.name)
}

/// Whether the reader fills a field in.
pub fn may_write(reading: &Reading<'_>, entity: &EntityModel, index: usize) -> bool {
    entity.fields.get(index).is_some_and(|field| {
        let by_people =
            field.definition.write.is_none() || field.definition.write.as_deref() == Some("people");
        field.is_typed() && by_people && right(reading, entity, field) == FieldRight::Edit
    })
}

/// The cards; `shown` names the lists that the page shows as a whole already.
pub async fn cards(reading: &Reading<'_>, view: &RecordView, here: &str, shown: &[&str]) -> Vec<Activities> {
    let mut found = Vec::new();
    let lists: Vec<_> = lists(reading, &view.entity).collect();
    for (link, entity, activity) in lists {
        if !shown.contains(&link.name.as_str())
            && let Some(card) = card(reading, view, here, link, &entity, activity).await
        {
            found.push(card);
        }
    }
    found
}

async fn card(
    reading: &Reading<'_>,
    view: &RecordView,
    here: &str,
    link: &BackLink,
    entity: &Arc<EntityModel>,
    activity: Activity,
) -> Option<Activities> {
    let own = |index: usize| FieldPath::own(entity.name.clone(), index);
    let leaf = |index: usize, value: Value| {
        Filter::Leaf(Leaf { path: own(index), operator: Operator::Eq, operand: Operand::One(value) })
    };
    let about = AnyLink { entity: view.entity.name.clone(), id: view.record.id() };
    let regarding = leaf(activity.regarding, Value::AnyLink(about));
    let is_done = leaf(activity.done, Value::Boolean(true));
    let due = activity.due.filter(|due| {
        entity.fields.get(*due).is_some_and(|field| right(reading, entity, field) != FieldRight::None)
    });
    let mut columns = vec![own(system::OWNER), own(entity.display)];
    columns.extend(due.map(own));
    let request = |filter: Filter, sort: Sort, limit: u32, count: Count| PageRequest {
        columns: columns.clone(),
        filter: regarding.clone().and(filter),
        sort: vec![sort],
        limit,
        count,
        ..PageRequest::default()
    };
    let by = |index: usize, descending: bool| Sort { path: own(index), descending };
    let first = by(due.unwrap_or(system::CREATED_AT), false);
    let open = request(Filter::Not(Box::new(is_done.clone())), first, OPEN, Count::Capped);
    let open = records::page(reading.session, entity, open).await.ok()?;
    let done = request(is_done, by(system::UPDATED_AT, true), DONE, Count::None);
    let done = records::page(reading.session, entity, done).await.ok()?;
    let may_tick = allows(reading.session, entity, Verb::Update)
        && !entity.definition.append_only
        && may_write(reading, entity, activity.done);
    let line = |row: &PageRow, titles: &Titles, is_open: bool| {
        let owner = row.values.first().and_then(Value::as_id);
        let named = row.values.get(1).unwrap_or(&Value::Empty);
        let title = reading.presenter(titles).cell(entity, entity.display_field(), named, "").text;
        let (due, exact, late) = due_of(reading, row.values.get(2).filter(|_| due.is_some()));
        ActivityLine {
            id: row.id.to_string(),
            title: if title.is_empty() { reading.t("value.untitled") } else { title },
            href: reading.record_href(&entity.name, row.id),
            owner: owner.and_then(|owner| titles.get(&owner).cloned()).unwrap_or_default(),
            due,
            exact,
            late: late && is_open,
        }
    };
    let may_add = allows(reading.session, entity, Verb::Create)
        && may_write(reading, entity, entity.display)
        && may_write(reading, entity, activity.regarding);
    let due_field = activity.due.filter(|due| may_write(reading, entity, *due));
    let due_field = due_field.and_then(|due| entity.fields.get(due));
    let label = |field: &FieldModel| field.label(&reading.labels).to_owned();
    let path = format!("properties.{}.back.title", link.field);
    let title = reading.labels.label("entity", &entity.name, &path, &link.title).to_owned();
    Some(Activities {
        name: link.name.clone(),
        title: if title.is_empty() { entity.plural_label(&reading.labels).to_owned() } else { title },
        count: open.count.map(|count| reading.format.count(count)).unwrap_or_default(),
        open: open.rows.iter().map(|row| line(row, &open.titles, true)).collect(),
        done: done.rows.iter().map(|row| line(row, &done.titles, false)).collect(),
        action: format!("{here}/activities"),
        may_tick,
        may_add,
        subject: label(entity.display_field()),
        due_label: due_field.map(label).unwrap_or_default(),
        due_kind: due_field
            .map_or("", |field| {
                if field.kind.formula_type() == kontor_model::formula::Type::Date {
                    "date"
                } else {
                    "datetime-local"
                }
            })
            .to_owned(),
        new_title: reading.words().with("list.new", &[("entity", &reading.title_of(entity))]),
        new_href: if may_add {
            super::related::new_href(
                reading,
                view,
                entity,
                &link.field,
                &format!("{}:{}", view.entity.name, view.record.id()),
            )
        } else {
            String::new()
        },
    })
}

/// When something is due as people say it, exactly, and whether that is over.
fn due_of(reading: &Reading<'_>, due: Option<&Value>) -> (String, String, bool) {
    let format = &reading.format;
    match due {
        Some(Value::Date(day)) => {
            let near = format.distance(*day);
            let text = if near.is_empty() { format.date_short(*day) } else { near };
            (text, format.date(*day), *day < format.today())
        }
        Some(Value::DateTime(moment)) => {
            let day = moment.with_timezone(&format.zone).date_naive();
            let near = format.distance(day);
            let text = if near.is_empty() { format.date_short(day) } else { near };
            (text, format.moment(*moment), *moment < reading.session.now)
        }
        _ => (String::new(), String::new(), false),
    }
}
