//! Rows and links on pages: a table of what they hold, and in forms a table of row editors.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_core::permissions::{Verb, allows};
use kontor_core::records::{RecordView, Titles};
use kontor_model::access::FieldRight;
use kontor_model::entity::{ListModel, system};
use kontor_model::formula::Type;
use kontor_model::kind::children::MOST;
use kontor_model::{EntityModel, FieldModel, Problems, Record};
use kontor_view::field::{FieldView, ListColumn, ListRow, ListView};
use kontor_view::page::part::ProblemLine;

use super::form::pending::is_unknown_in_row;
use super::{Reading, control, values};
use crate::extract::form::Form;
use crate::extract::list_form;

/// Most columns of rows; what has none is on the row's own page.
const MOST_COLUMNS: usize = 8;

/// The entity whose records a list holds.
fn child<'a>(
    reading: &'a Reading<'_>,
    field: &'a FieldModel,
) -> Option<(&'a ListModel, &'a Arc<EntityModel>)> {
    let list = field.list.as_ref()?;
    Some((list, reading.session.model.entity(&list.entity)?))
}

/// The fields that are columns: of links what is linked, then what each link says of itself; of rows what they are made of.
fn columns<'a>(reading: &Reading<'_>, list: &ListModel, child: &'a EntityModel) -> Vec<&'a FieldModel> {
    let is_column = |field: &&FieldModel| {
        field.index != list.by
            && Some(field.index) != list.order
            && field.companion_of.is_none()
            && !field.kind.is_list()
            && values::is_readable(reading, child, field)
    };
    let most = if list.through.is_some() { usize::MAX } else { MOST_COLUMNS };
    let mut found: Vec<&FieldModel> = Vec::new();
    for field in child.own_fields().filter(is_column) {
        if found.len() < most || field.required {
            found.push(field);
        }
    }
    found
}

/// The headings of columns.
pub fn headings(reading: &Reading<'_>, columns: &[&FieldModel]) -> Vec<ListColumn> {
    columns
        .iter()
        .map(|field| ListColumn {
            title: field.label(&reading.labels).to_owned(),
            required: field.required,
            number: field.kind.formula_type() == Type::Number,
        })
        .collect()
}

/// A list of a record to read; `None` when the field is none.
pub fn shown(reading: &Reading<'_>, view: &RecordView, field: &FieldModel) -> Option<ListView> {
    let (list, child) = child(reading, field)?;
    let columns = columns(reading, list, child);
    let rows = view.lists.get(&field.index).map(Vec::as_slice).unwrap_or_default();
    let rows = rows
        .iter()
        .enumerate()
        .map(|(index, row)| ListRow {
            index,
            number: (index + 1).to_string(),
            id: row.record.id().to_string(),
            version: row.record.version().to_string(),
            href: if list.through.is_none() {
                reading.link_href(&child.name, row.record.id())
            } else {
                String::new()
            },
            cells: columns.iter().map(|field| values::shown(reading, row, field)).collect(),
            ..ListRow::default()
        })
        .collect();
    Some(ListView { columns: headings(reading, &columns), rows, ..ListView::default() })
}

/// The rows that a save would make of those that were typed, each beside its own: stored ones by their id, new ones in
/// their order, where those that nobody filled in make none.
fn worked_out<'a>(
    known: &[RecordView],
    would_be: Option<&'a Vec<RecordView>>,
    sent: &[Form],
    is_blank: impl Fn(&Form) -> bool,
) -> Vec<Option<&'a RecordView>> {
    let would_be = would_be.map(Vec::as_slice).unwrap_or_default();
    let is_known = |row: &&RecordView| known.iter().any(|one| one.record.id() == row.record.id());
    let fresh: Vec<&RecordView> = would_be.iter().filter(|row| !is_known(row)).collect();
    let are_all = sent.iter().filter(|row| row.text("_id").is_empty()).count() == fresh.len();
    let mut fresh = fresh.into_iter();
    sent.iter()
        .map(|row| match row.text("_id") {
            "" if are_all || !is_blank(row) => fresh.next(),
            "" => None,
            id => would_be.iter().find(|one| one.record.id().to_string() == id),
        })
        .collect()
}

/// A list in a form: what was typed, else what is stored; what is calculated as a save would make it, where that is
/// known. The names of its controls are still those of the fields.
pub fn edited(
    reading: &Reading<'_>,
    (stored, would_be): (Option<&RecordView>, Option<&RecordView>),
    (typed, problems): (Option<&Form>, &Problems),
    (entity, field): (&EntityModel, &FieldModel),
    blank: Option<&Record>,
) -> Option<ListView> {
    let (list, child) = child(reading, field)?;
    let columns = columns(reading, list, child);
    let known = stored.and_then(|view| view.lists.get(&field.index)).map(Vec::as_slice).unwrap_or_default();
    let empty = RecordView {
        entity: Arc::clone(child),
        record: blank.cloned().unwrap_or_else(|| Record::empty(child)),
        titles: Titles::new(),
        rights: columns_rights(reading, child),
        hidden: Vec::new(),
        lists: BTreeMap::new(),
    };
    let session = reading.session;
    let (create, update) = (allows(session, child, Verb::Create), allows(session, child, Verb::Update));
    let remove = allows(session, child, Verb::Delete);
    let draw = |index: usize, row: &RecordView, worked: Option<&RecordView>, sent: Option<&Form>| {
        let is_new = row.record.id().is_nil();
        ListRow {
            index,
            number: (index + 1).to_string(),
            id: if is_new { String::new() } else { row.record.id().to_string() },
            version: if is_new { String::new() } else { row.record.version().to_string() },
            href: String::new(),
            can_remove: is_new || remove,
            cells: columns
                .iter()
                .map(|column| {
                    let seen = worked.filter(|_| !column.is_typed()).unwrap_or(row);
                    let mut view = cell(reading, list, (row, seen), column, sent, is_new || update);
                    view.unknown = sent.is_some()
                        && view.text.is_empty()
                        && is_unknown_in_row(entity, field, (child, index), column, problems);
                    view
                })
                .collect(),
            problems: Vec::new(),
        }
    };
    let rows = match typed.filter(|typed| typed.has(&field.name)) {
        Some(typed) => {
            let sent = list_form::rows(typed, &field.name);
            let would_be = would_be.and_then(|view| view.lists.get(&field.index));
            let worked =
                worked_out(known, would_be, &sent, |row| is_blank(reading, child, &empty.record, row));
            let rows = sent.iter().zip(worked).enumerate();
            let mut rows: Vec<ListRow> = rows
                .map(|(index, (sent, worked))| {
                    let id = sent.text("_id");
                    let row = known.iter().find(|row| row.record.id().to_string() == id).unwrap_or(&empty);
                    let mut drawn = draw(index, row, worked, Some(sent));
                    if !drawn.id.is_empty() && !sent.text("_version").is_empty() {
                        sent.text("_version").clone_into(&mut drawn.version);
                    }
                    drawn
                })
                .collect();
            let left_out =
                typed.text(&format!("{}{}", field.name, list_form::BLANK)).parse::<usize>().unwrap_or(0);
            let places = rows.len()..MOST.min(rows.len().saturating_add(left_out));
            rows.extend(places.map(|index| draw(index, &empty, None, None)));
            rows
        }
        None if stored.is_none() && create && list.through.is_none() => vec![draw(0, &empty, None, None)],
        None => known.iter().enumerate().map(|(index, row)| draw(index, row, None, None)).collect(),
    };
    let removed = typed
        .map(|typed| typed.all(&format!("{}._removed", field.name)).map(str::to_owned).collect())
        .unwrap_or_default();
    let add = if list.through.is_some() { "list.add_link" } else { "list.add_row" };
    Some(ListView {
        columns: headings(reading, &columns),
        rows,
        removed,
        can_add: create,
        can_move: list.order.is_some(),
        add_title: reading.t(add),
    })
}

fn columns_rights(reading: &Reading<'_>, child: &EntityModel) -> Vec<FieldRight> {
    child.fields.iter().map(|field| values::right(reading, child, field)).collect()
}

fn cell(
    reading: &Reading<'_>,
    list: &ListModel,
    (row, seen): (&RecordView, &RecordView),
    field: &FieldModel,
    sent: Option<&Form>,
    may_write: bool,
) -> FieldView {
    let mut view = values::shown(reading, seen, field);
    let is_stored = !row.record.id().is_nil();
    let is_end = list.through == Some(field.index);
    let by_people = field.definition.write.as_deref().is_none_or(|who| who == "people");
    view.readonly |= !may_write
        || values::right(reading, &row.entity, field) < FieldRight::Edit
        || row.hidden.contains(&field.index)
        || !by_people
        || field.kind.is_drawn()
        || (is_stored && (is_end || field.definition.set_once && !row.record.at(field.index).is_empty()));
    if let Some(sent) = sent.filter(|_| !view.readonly) {
        control::put_back(reading, sent, field, &mut view);
    }
    if field.kind.is_converted() && !view.readonly && !view.currencies.is_empty() {
        view.currencies = control::usual_currencies(&view.unit);
    }
    view.bare = true;
    view.full = false;
    view.help.clear();
    view
}

/// What the controls of a list offer, and their names inside the form.
pub async fn complete(reading: &Reading<'_>, entity: &EntityModel, view: &mut FieldView) {
    let Some(field) = entity.field(&view.name) else { return };
    let (Some((_, child)), Some(list)) = (child(reading, field), view.list.as_mut()) else { return };
    let child = Arc::clone(child);
    for column in 0..list.columns.len() {
        let mut offered: Option<FieldView> = None;
        for row in &mut list.rows {
            let index = row.index;
            let Some(cell) = row.cells.get_mut(column) else { continue };
            let is_link = child.field(&cell.name).is_some_and(|field| field.kind.is_link());
            if is_link && !cell.readonly {
                // What was typed and not chosen has suggestions of its own.
                let is_open = cell.link_id.is_empty() && !cell.value.trim().is_empty();
                match &offered {
                    _ if is_open => control::complete(reading, &child, cell).await,
                    None => {
                        control::complete(reading, &child, cell).await;
                        offered = Some(cell.clone());
                    }
                    Some(known) => {
                        cell.options.clone_from(&known.options);
                        cell.link_entities.clone_from(&known.link_entities);
                        cell.quick.clone_from(&known.quick);
                        for option in &mut cell.options {
                            option.selected = option.value == cell.link_id;
                        }
                    }
                }
            }
            cell.name = format!("{}.{index}.{}", field.name, cell.name);
        }
    }
}

/// Puts problems of rows at their controls, and gives their lines for the summary with the problems that are none.
pub fn place_problems(
    reading: &Reading<'_>,
    view: &mut FieldView,
    problems: Problems,
    warnings: bool,
) -> (Vec<ProblemLine>, Problems) {
    let mut lines = Vec::new();
    let mut rest = Problems::new();
    let (name, label) = (view.name.clone(), view.label.clone());
    let Some(list) = view.list.as_mut() else { return (lines, problems) };
    for problem in problems {
        let place = problem.path.strip_prefix('/').map(|path| path.split('/').collect::<Vec<_>>());
        let found = place.as_deref().and_then(|parts| match parts {
            [field, index, more @ ..] if *field == name && problem.warning == warnings => {
                Some((index.parse::<usize>().ok()?, more.first().copied().unwrap_or_default()))
            }
            _ => None,
        });
        let Some((row, inner)) = found
            .and_then(|(index, inner)| Some((list.rows.iter_mut().find(|row| row.index == index)?, inner)))
        else {
            rest.push(problem);
            continue;
        };
        let message = problem.message(&reading.labels);
        let wanted = format!("{name}.{}.{inner}", row.index);
        let number = row.number.clone();
        if let Some(cell) = row.cells.iter_mut().find(|cell| cell.name == wanted) {
            lines.push(ProblemLine {
                anchor: format!("f-{wanted}"),
                label: format!("{label} {number} · {}", cell.label),
                message: message.clone(),
                ..ProblemLine::default()
            });
            if warnings { cell.warnings.push(message) } else { cell.problems.push(message) }
        } else {
            let inner_label = if inner.is_empty() { String::new() } else { format!(" · {inner}") };
            lines.push(ProblemLine {
                anchor: format!("f-{name}"),
                label: format!("{label} {number}{inner_label}"),
                message: message.clone(),
                ..ProblemLine::default()
            });
            row.problems.push(message);
        }
    }
    (lines, rest)
}

/// Whether a row of a form says nothing that its first drawing did not say.
pub fn is_blank(reading: &Reading<'_>, child: &Arc<EntityModel>, blank: &Record, row: &Form) -> bool {
    let drawn = RecordView {
        entity: Arc::clone(child),
        record: blank.clone(),
        titles: Titles::new(),
        rights: columns_rights(reading, child),
        hidden: Vec::new(),
        lists: BTreeMap::new(),
    };
    let mut row = row.clone();
    row.0.retain(|(name, _)| !name.starts_with('_'));
    super::typed::changed(reading, &drawn, &row).is_empty()
}

/// A new row as its editor first shows it.
pub async fn blank(reading: &Reading<'_>, field: &FieldModel) -> Option<(Arc<EntityModel>, Record)> {
    let (_, child) = child(reading, field)?;
    let mut record = kontor_core::records::blank(reading.session, child).await.ok()?;
    // Whose it is follows from whose the document is; nobody asks for it in a row.
    record.set(system::OWNER, kontor_model::Value::Empty);
    Some((Arc::clone(child), record))
}
