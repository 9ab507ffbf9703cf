//! `POST r/{entity}/bulk`: fields of several records changed at once; and back again.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use kontor_core::Session;
use kontor_core::permissions::{Verb, demand};
use kontor_core::records::bulk::{Bulk, Change, Outcome as Done, bulk};
use kontor_core::records::{self, Count, PageRequest, Titles};
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Operand, Operator};
use kontor_model::{EntityModel, Problems, Record, Value};
use kontor_view::field::FieldView;
use kontor_view::page::bulk::BulkPage;
use kontor_view::page::part::{Hidden, ProblemLine};
use uuid::Uuid;

use super::EntityPath;
use super::chosen::choose;
use super::once::{self, once};
use super::outcome::{self, Kind, Outcome};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::query::Query;
use crate::extract::record_form;
use crate::frame::address;
use crate::present::action::lines_of;
use crate::present::form::{self, Filling};
use crate::present::{Reading, address as listing, formats};
use crate::visit::Reader;

/// Most records at once.
const MOST: u32 = 500;
/// Titles that the page names.
const NAMED: usize = 8;

/// `POST r/{entity}/bulk`: asks what shall change; with `_apply` changes it. The records are those of `id`, or with `_all`
/// those of the list that the address describes.
pub async fn change_many(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    demand(&reader.session, &entity, Verb::Bulk)?;
    let reading = reader.reading();
    let ids = chosen(&reading, &entity, &query, &sent).await?;
    if ids.is_empty() {
        return Ok(reader.go(&reading.list_href(&entity.name)));
    }
    let blank = fields(&reading, &entity, None, Problems::new()).await.0;
    let ticked = ticked(&blank, &sent);
    if !sent.has("_apply") || ticked.is_empty() {
        let problem = if sent.has("_apply") { reading.t("bulk.nothing") } else { String::new() };
        let page = BulkPage { fields: blank, problem, ..BulkPage::default() };
        return ask(&reader, &entity, &ids, &query, page).await;
    }
    let mut values =
        record_form::values(&reader.session, &entity, &sent, formats(&reader.visit, &reader.session));
    values.retain(|(name, _)| is_wanted(&entity, &ticked, name, &sent));
    let change = ids.iter().map(|id| Change { id: *id, version: None, values: values.clone() }).collect();
    let work = async {
        let outcome = apply(&reader, &entity, change, &query, &sent, Kind::Change).await?;
        if !outcome.done.is_empty() {
            return outcome::go(&reader, &entity, &outcome).await;
        }
        let (fields, problems, warnings) = fields(&reading, &entity, Some(&sent), outcome.problems()).await;
        let page = BulkPage { fields, ticked, problems, warnings, ..BulkPage::default() };
        ask(&reader, &entity, &ids, &query, page).await
    };
    Box::pin(once(&reader, &sent, work)).await
}

/// `POST r/{entity}/bulk/undo`: `change` names each record with the version that the change made; who was changed since stays.
pub async fn undo(
    reader: Reader,
    Path(path): Path<EntityPath>,
    query: Query,
    sent: Form,
) -> Result<Response, Failure> {
    let entity = path.find(&reader)?;
    demand(&reader.session, &entity, Verb::Update)?;
    demand(&reader.session, &entity, Verb::Bulk)?;
    let mut changes = Vec::new();
    for pair in sent.all("change").take(MOST as usize) {
        let Some((id, version)) = pair.split_once(':') else { continue };
        let (Ok(id), Ok(version)) = (Uuid::parse_str(id), version.parse::<i64>()) else { continue };
        // One that is not seen any more, or was changed since, is among those that are told as left.
        let values = records::values_before(&reader.session, &entity, id, version).await?;
        changes.push(Change { id, version: Some(version), values });
    }
    let outcome = apply(&reader, &entity, changes, &query, &sent, Kind::Undo).await?;
    outcome::go(&reader, &entity, &outcome).await
}

/// The records that were selected: those of `id`, or with `_all` those of the list that the address describes.
pub async fn chosen(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    query: &Query,
    sent: &Form,
) -> Result<Vec<Uuid>, Failure> {
    if sent.text("_all") == "1" {
        return all(reading, entity, query).await;
    }
    let mut ids: Vec<Uuid> = Vec::new();
    for id in sent.all("id").filter_map(|id| Uuid::parse_str(id).ok()) {
        if ids.len() < MOST as usize && !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The records of the list that an address describes.
async fn all(reading: &Reading<'_>, entity: &Arc<EntityModel>, query: &Query) -> Result<Vec<Uuid>, Failure> {
    let chosen = choose(reading, entity, query)?;
    let request = PageRequest {
        columns: vec![FieldPath::own(entity.name.clone(), system::ID)],
        filter: chosen.filter,
        search: chosen.search,
        sort: chosen.sort,
        limit: MOST,
        count: Count::None,
        ..PageRequest::default()
    };
    Ok(records::page(reading.session, entity, request).await?.rows.into_iter().map(|row| row.id).collect())
}

/// What can be changed in many records at once: what the form shows, without what must differ from record to record. With
/// what was typed, and what is wrong with it.
async fn fields(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    typed: Option<&Form>,
    problems: Problems,
) -> (Vec<FieldView>, Vec<ProblemLine>, Vec<ProblemLine>) {
    let filling = Filling {
        entity,
        stored: None,
        record: Record::empty(entity),
        titles: Titles::new(),
        typed,
        problems: Problems::new(),
        unsaid: Problems::new(),
        version: String::new(),
        next: String::new(),
        worked_out: None,
        says_so: false,
        blank: std::collections::BTreeMap::new(),
        copied: None,
        quick: false,
    };
    let page = form::page(reading, filling).await;
    let all = page.sections.into_iter().flat_map(|section| section.fields);
    let mut fields: Vec<FieldView> = all
        .filter(|view| {
            let is_one_of_a_kind = entity.field(&view.name).is_some_and(|field| {
                let is_fixed = field.definition.unique || field.definition.set_once;
                is_fixed || field.index == entity.display || field.kind.is_list() || field.kind.holds_files()
            });
            !view.readonly && !is_one_of_a_kind
        })
        .map(|view| FieldView { required: false, full: false, ..view })
        .collect();
    let titles = Titles::new();
    let presenter = reading.presenter(&titles);
    let (mut lines, mut warnings) = (Vec::new(), Vec::new());
    for (level, told) in [(false, &mut lines), (true, &mut warnings)] {
        let mut views: Vec<&mut FieldView> = fields.iter_mut().collect();
        // Problems of fields that this page does not show are told with their labels.
        let at_fields = presenter.place_problems(&problems, &mut views, level);
        let others = lines_of(reading, entity, &problems, level);
        let has_place = |line: &&ProblemLine| !line.anchor.is_empty();
        let is_told = |line: &ProblemLine| {
            at_fields.iter().filter(has_place).any(|known| known.message == line.message)
        };
        told.extend(at_fields.iter().filter(has_place).cloned());
        told.extend(others.into_iter().filter(|line| !is_told(line)));
    }
    if !lines.is_empty() {
        warnings.clear();
    }
    (fields, lines, warnings)
}

/// A field is changed when its box is ticked, or when something was put into it.
fn ticked(fields: &[FieldView], sent: &Form) -> Vec<String> {
    let is_filled = |view: &FieldView| view.kind != "boolean" && !sent.text(&view.name).is_empty();
    let is_ticked = |view: &FieldView| sent.all("_change").any(|name| name == view.name);
    fields.iter().filter(|view| is_ticked(view) || is_filled(view)).map(|view| view.name.clone()).collect()
}

/// Whether what was sent under a name is to be written: a field that is changed, its parts, and the currency of an amount
/// that is not emptied.
fn is_wanted(entity: &EntityModel, ticked: &[String], name: &str, sent: &Form) -> bool {
    if ticked.iter().any(|own| own == name) {
        return true;
    }
    let Some(field) = entity.field(name) else { return false };
    let Some(whole) = field.companion_of.and_then(|index| entity.fields.get(index)) else { return false };
    let is_currency = field.part.is_none();
    ticked.contains(&whole.name)
        && !(is_currency && (sent.text(name).is_empty() || sent.text(&whole.name).is_empty()))
}

/// The page that asks what shall change; 422 when it came back.
async fn ask(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
    query: &Query,
    page: BulkPage,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let known = titles(&reading, entity, ids).await?;
    let list = back(&reading, entity, query);
    let is_refused = !page.problem.is_empty() || !page.problems.is_empty() || !page.warnings.is_empty();
    let mut hidden: Vec<Hidden> =
        ids.iter().map(|id| Hidden { name: "id".to_owned(), value: id.to_string() }).collect();
    hidden.push(Hidden { name: once::KEY.to_owned(), value: Uuid::new_v4().simple().to_string() });
    let page = BulkPage {
        at: reader.visit.place(),
        entity: reading.head(entity),
        count: ids.len(),
        titles: known.into_iter().take(NAMED).map(|(_, title)| title).collect(),
        action: address::with_query(
            &format!("{}/bulk", reading.list_href(&entity.name)),
            listing::kept(query),
        ),
        hidden,
        list_href: list.clone(),
        ..page
    };
    let draw = reader.draw().below(reading.plural_of(entity), list);
    if is_refused { draw.refused().view(&page).await } else { draw.view(&page).await }
}

fn back(reading: &Reading<'_>, entity: &EntityModel, query: &Query) -> String {
    address::with_query(&reading.list_href(&entity.name), listing::kept(query))
}

/// Titles, as far as the reader sees the records.
pub async fn titles(
    reading: &Reading<'_>,
    entity: &Arc<EntityModel>,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>, Failure> {
    let own = |index| FieldPath::own(entity.name.clone(), index);
    let display = entity.display_field();
    let is_readable = kontor_core::permissions::is_readable_path(reading.session, &own(display.index));
    let mut found = Vec::new();
    for ids in ids.chunks(100) {
        let request = PageRequest {
            columns: vec![own(if is_readable { display.index } else { system::ID })],
            filter: Filter::Leaf(Leaf {
                path: own(system::ID),
                operator: Operator::In,
                operand: Operand::Many(ids.iter().copied().map(Value::Id).collect()),
            }),
            limit: 100,
            ..PageRequest::default()
        };
        for row in records::page(reading.session, entity, request).await?.rows {
            let text = row.values.first().filter(|_| is_readable && !display.kind.is_link());
            let title = text.filter(|value| !value.is_empty()).map_or_else(
                || row.id.to_string(),
                |value| display.kind.to_text(display, value, reading.format.zone),
            );
            found.push((row.id, title));
        }
    }
    Ok(found)
}

/// Changes each record for itself. What rules warn of is done only when the form accepts it.
async fn apply(
    reader: &Reader,
    entity: &Arc<EntityModel>,
    change: Vec<Change>,
    query: &Query,
    sent: &Form,
    kind: Kind,
) -> Result<Outcome, Failure> {
    let reading = reader.reading();
    let ids: Vec<Uuid> = change.iter().map(|one| one.id).collect();
    // Who takes a change back is not asked: the records were like that before.
    let refuse_warnings = kind == Kind::Change && sent.text("_accept_warnings") != "1";
    let session = Session { refuse_warnings, ..reader.session.clone() };
    let outcomes = bulk(&session, entity, Bulk { change, partial: true, ..Bulk::default() }).await?;
    let outcomes = ids.into_iter().zip(outcomes).map(|(id, outcome)| match outcome {
        Done::Done(_, _, version) => (id, version, Problems::new()),
        Done::Refused(problems) => (id, None, problems),
    });
    Ok(Outcome::of(&reading, entity, kind, query, sent, outcomes.collect()))
}
