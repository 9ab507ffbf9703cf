//! A row that is saved by itself, asked of its document: what the document's `validate` says of it, and, for whoever
//! asks what a save would come to, its rules, conditions and limits, which the commit asks otherwise. What was wrong
//! before stands in nobody's way.

use std::sync::Arc;

use kontor_model::access::FieldRight;
use kontor_model::entity::ListModel;
use kontor_model::{EntityModel, Model, Problem, Problems, Record};
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::parse::is_visible;
use super::super::view::title_of;
use super::super::{derive, hooks, validate as checks};
use super::read::stored;
use super::{DraftList, together};
use crate::Session;
use crate::error::Result;
use crate::permissions::field_right;

/// What is asked of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What its scripts say; the commit asks the rest.
    Scripts,
    /// Everything.
    All,
}

/// A list that a record is, or was, a row of.
pub(super) struct Place<'a> {
    pub(super) parent: &'a Arc<EntityModel>,
    pub(super) field: usize,
    pub(super) list: &'a ListModel,
}

/// Adds what the documents of a row have against it, at the link to them.
pub async fn ask_documents(
    session: &Session,
    batch: &mut Batch,
    draft: &mut Draft,
    asked: Asked,
) -> Result<()> {
    if draft.has_errors() {
        return Ok(());
    }
    // Of many that are saved together each is right by what all of them come to: they are asked of before the commit.
    if batch.depth > 0 || batch.of_many || !batch.at.is_empty() {
        let records: Vec<&Record> = draft.old.iter().chain([&draft.record]).collect();
        together::remember(session, batch, &draft.entity, &records);
        return Ok(());
    }
    let entity = Arc::clone(&draft.entity);
    let model = Arc::clone(&session.model);
    for place in places(&model, &entity) {
        if asked == Asked::Scripts && !has_a_say(session, &place) {
            continue;
        }
        let now = draft.record.at(place.list.by).as_id();
        let before = draft.old.as_ref().and_then(|old| old.at(place.list.by).as_id());
        for id in [now, before.filter(|before| now != Some(*before))].into_iter().flatten() {
            let found = against(session, batch, draft, &place, (id, asked)).await?;
            draft.problems.0.extend(found.0);
        }
    }
    Ok(())
}

/// The lists whose rows are records of an entity.
pub(super) fn places<'a>(model: &'a Model, child: &'a EntityModel) -> impl Iterator<Item = Place<'a>> {
    model.entities.values().flat_map(|parent| {
        let of_child = parent.lists().filter(|(_, list)| list.entity == child.name && list.through.is_none());
        of_child.map(move |(field, list)| Place { parent, field: field.index, list })
    })
}

/// Whether the documents of a list have a script that says what is wrong with them.
pub(super) fn has_a_say(session: &Session, place: &Place<'_>) -> bool {
    session.workspace.scripts(&session.model, place.parent).defines("validate")
}

/// What one document has against the row, and had not before.
async fn against(
    session: &Session,
    batch: &mut Batch,
    draft: &Draft,
    place: &Place<'_>,
    (id, asked): (Uuid, Asked),
) -> Result<Problems> {
    let Some(document) = batch.record(session, place.parent, id).await? else { return Ok(Problems::new()) };
    let rows = stored(session, &draft.entity, place.list, id).await?;
    let as_it_is = DraftList { field: place.field, kept: rows.clone(), ..DraftList::default() };
    let mut as_it_would_be = DraftList { field: place.field, ..DraftList::default() };
    for row in rows {
        if row.id() != draft.record.id() {
            as_it_would_be.kept.push(row);
        } else if draft.record.at(place.list.by).as_id() != Some(id) {
            as_it_would_be.removed.push(row);
        }
    }
    if draft.record.at(place.list.by).as_id() == Some(id) {
        as_it_would_be.rows.push(draft.clone());
    }
    let link = draft.entity.fields.get(place.list.by).map_or("", |link| link.name.as_str());
    let at = format!("/{link}");
    newly_wrong(session, batch, place, (&document, &at), (as_it_is, as_it_would_be), asked).await
}

/// What is against a document with the rows that it would have and is not against it now, told at `at`.
pub(super) async fn newly_wrong(
    session: &Session,
    batch: &mut Batch,
    place: &Place<'_>,
    (document, at): (&Record, &str),
    (as_it_is, as_it_would_be): (DraftList, DraftList),
    asked: Asked,
) -> Result<Problems> {
    let wrong = said(session, place, document, as_it_would_be, asked).await?;
    if wrong.is_empty() {
        return Ok(wrong);
    }
    let before = said(session, place, document, as_it_is, asked).await?;
    let new: Vec<Problem> = wrong.0.into_iter().filter(|problem| !before.0.contains(problem)).collect();
    let is_known = is_visible(session, batch, place.parent, document.id()).await?;
    let display = place.parent.display_field();
    let access = session.actor.access.entity(&place.parent.name);
    let is_titled = is_known && field_right(access, place.parent, display) > FieldRight::None;
    let title = is_titled.then(|| title_of(place.parent, document, session));
    let told = |problem: Problem| at_link(session, place, problem, at, (is_known, title.as_deref()));
    Ok(Problems(new.into_iter().map(told).collect()))
}

/// What is said of a document with these rows. It runs by itself: whatever its scripts write comes to nothing.
async fn said(
    session: &Session,
    place: &Place<'_>,
    record: &Record,
    list: DraftList,
    asked: Asked,
) -> Result<Problems> {
    let mut apart = Batch::default();
    let mut document = Draft::stored(place.parent, record.clone());
    document.lists.push(list);
    apart.overlay.put(&document);
    derive::compute(session, &mut apart, &mut document).await?;
    if asked == Asked::All {
        let now = document.record.clone();
        let is_new = |problem: &Problem| {
            let field = problem.field().and_then(|name| place.parent.field(name));
            field.is_none_or(|field| now.at(field.index) != record.at(field.index))
        };
        document.problems.0.retain(is_new);
        checks::validate(session, &mut apart, &mut document).await?;
    } else {
        document.problems = Problems::new();
    }
    hooks::validate(session, &mut apart, &mut document).await?;
    Ok(document.problems)
}

/// The same problem at the link of the row, in words that name the document; of what the writer may not see there, only
/// that it is against the row.
fn at_link(
    session: &Session,
    place: &Place<'_>,
    problem: Problem,
    at: &str,
    (is_known, title): (bool, Option<&str>),
) -> Problem {
    let parent = place.parent;
    let access = session.actor.access.entity(&parent.name);
    let field = problem.field().and_then(|name| parent.field(name));
    let is_hidden = field.is_some_and(|field| field_right(access, parent, field) == FieldRight::None);
    let warning = problem.warning;
    let shown = if is_hidden || !is_known { Problem::new("against_hidden", "") } else { problem };
    let label = parent.label(&session.catalogue);
    let record = title.map_or_else(|| label.to_owned(), |title| format!("{label} “{title}”"));
    let text =
        Problem::new("in_record", "").with("record", record).with("what", shown.message(&session.catalogue));
    let told = Problem::new(shown.code, at).saying(text.message(&session.catalogue));
    if warning { told.as_warning() } else { told }
}
