//! One row on its way to a record: cells become values by the mapping.

use std::sync::Arc;

use indexmap::IndexMap;
use kontor_model::access::FieldRight;
use kontor_model::value::AnyLink;
use kontor_model::{EntityModel, FieldModel, Problem, Problems, Value};
use uuid::Uuid;

use super::mapping::ColumnMapping;
use crate::Session;
use crate::error::Result;
use crate::permissions::field_right;
use crate::records::batch::{Batch, Found};
use crate::records::save::prepare;
use crate::records::{Incoming, Save};

/// The columns of a file, with the cells of one row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The names of the columns.
    pub columns: &'a [String],
    /// The cells.
    pub cells: &'a [String],
}

impl Row<'_> {
    /// The cell of a column; empty when there is no such column.
    pub fn cell(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|own| own == column);
        index.and_then(|index| self.cells.get(index)).map_or("", String::as_str)
    }
}

/// The text that a mapping takes from a row; `None` when it leaves the field alone.
pub fn text_of(mapping: &ColumnMapping, row: Row<'_>) -> Option<String> {
    if let Some(when) = &mapping.when
        && row.cell(&when.column) != when.equals
    {
        return None;
    }
    let text = if let Some(constant) = &mapping.constant {
        constant.clone()
    } else if let Some(template) = &mapping.template {
        let mut text = template.clone();
        for (column, cell) in row.columns.iter().zip(row.cells) {
            text = text.replace(&format!("{{{column}}}"), cell);
        }
        text
    } else {
        row.cell(mapping.column.as_deref().unwrap_or_default()).to_owned()
    };
    let text = mapping.values.get(&text).cloned().unwrap_or(text);
    let text = if text.is_empty() { mapping.default.clone().unwrap_or_default() } else { text };
    Some(text)
}

/// The values of a row, and the links that were not found: their fields have no value.
///
/// # Errors
/// When the database does not answer.
pub async fn values_of(
    session: &Session,
    batch: &mut Batch,
    entity: &EntityModel,
    columns: &IndexMap<String, ColumnMapping>,
    row: Row<'_>,
) -> Result<(Vec<(String, Incoming)>, Problems)> {
    let mut problems = Problems::new();
    let mut values = Vec::new();
    for (name, column) in columns {
        let Some(field) = entity.field(name) else { continue };
        let Some(text) = text_of(column, row).map(without_guard) else { continue };
        // An empty cell asks for nothing where nobody may write anyway, and takes no records out of a list.
        if text.is_empty() && (field.kind.is_list() || !may_ever_write(session, entity, field)) {
            continue;
        }
        if field.kind.is_link() && !text.is_empty() && text.parse::<Uuid>().is_err() {
            match link(session, batch, field, column, &text).await? {
                Ok(value) => values.push((name.clone(), Incoming::Value(value))),
                Err(problem) => problems.push(problem),
            }
            continue;
        }
        values.push((name.clone(), Incoming::Text(text)));
    }
    Ok((values, problems))
}

/// Whether the importer may write the field at all.
fn may_ever_write(session: &Session, entity: &EntityModel, field: &FieldModel) -> bool {
    let right = field_right(session.actor.access.entity(&entity.name), entity, field);
    let is_for_people = !matches!(field.definition.write.as_deref(), Some("nobody" | "automation"));
    right == FieldRight::Edit && field.is_typed() && is_for_people
}

/// An export puts an apostrophe before a text that a spreadsheet would take for a formula: it is no part of the value.
pub fn without_guard(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.to_owned(),
        _ => text,
    }
}

pub async fn link(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    text: &str,
) -> Result<Result<Value, Problem>> {
    let mut found = Vec::new();
    for target in &field.targets {
        let Some(entity) = session.model.entity(target).cloned() else { continue };
        let by = match &mapping.by {
            Some(name) => entity.field(name),
            None => Some(entity.display_field()),
        };
        let Some(by) = by else { continue };
        let Ok(value) = by.kind.parse_text(by, text, &session.parse_context()) else { continue };
        match batch.find(session, &entity, by.index, &value).await? {
            Found::One(id) => found.push((target.clone(), id)),
            Found::Several => {
                return Ok(Err(Problem::at_field("import_ambiguous", &field.name).with("value", text)));
            }
            Found::None => {}
        }
    }
    match found.as_slice() {
        [(entity, id)] => Ok(Ok(pointer(field, entity, *id))),
        [] if mapping.create_missing => create(session, batch, field, mapping, text).await,
        [] => Ok(Err(Problem::at_field("import_not_found", &field.name).with("value", text))),
        _ => Ok(Err(Problem::at_field("import_ambiguous", &field.name).with("value", text))),
    }
}

/// Makes the record that a look-up did not find, with that one field.
async fn create(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    text: &str,
) -> Result<Result<Value, Problem>> {
    let Some(entity) = field.targets.first().and_then(|target| session.model.entity(target)).map(Arc::clone)
    else {
        return Ok(Err(Problem::at_field("import_not_found", &field.name).with("value", text)));
    };
    let by = mapping.by.clone().unwrap_or_else(|| entity.display_field().name.clone());
    let save = Save::create(&entity, vec![(by, Incoming::Text(text.to_owned()))]);
    match prepare(session, batch, save).await {
        Ok(prepared) => Ok(Ok(pointer(field, &entity.name, prepared.draft.record.id()))),
        Err(crate::Error::Problems(problems)) => {
            let reason = problems
                .iter()
                .map(|problem| problem.message(&session.catalogue))
                .collect::<Vec<_>>()
                .join(" ");
            Ok(Err(Problem::at_field("link_not_made", &field.name)
                .with("value", text)
                .with("reason", reason)))
        }
        Err(error) => Err(error),
    }
}

fn pointer(field: &FieldModel, entity: &str, id: Uuid) -> Value {
    if field.kind.names_entity() {
        Value::AnyLink(AnyLink { entity: entity.to_owned(), id })
    } else {
        Value::Id(id)
    }
}
