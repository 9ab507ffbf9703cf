//! What the columns of a file hold, beside what they are mapped to: the kind they look like, and which of their values
//! do not fit, before any row is tried.

use std::collections::HashMap;
use std::sync::Arc;

use kontor_model::kind::{FieldKind, looks_like};
use kontor_model::{EntityModel, FieldModel, Problems};
use uuid::Uuid;

use super::file::Table;
use super::mapping::{ColumnMapping, Mapping};
use super::place::Place;
use super::row::{link, without_guard};
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;

/// Rows that are looked at.
const ROWS: usize = 20_000;
/// Different values of a column that are looked at.
const VALUES: usize = 1_000;
/// Values by which a kind is recognised.
const RECOGNISED: usize = 500;
/// Wrong values that are named.
const NAMED: usize = 3;

/// The filled cells of a column: each value with how often it was met, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    values: Vec<(String, usize)>,
    /// How many cells are filled.
    pub filled: usize,
}

impl Cells {
    /// Those of the first rows of a table.
    pub fn of(table: &Table, column: usize) -> Self {
        let mut cells = Self::default();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let all = table.rows.iter().take(ROWS).filter_map(|(_, row)| row.get(column));
        for cell in all.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) {
            cells.filled += 1;
            let place = *seen.entry(cell).or_insert(cells.values.len());
            let is_room = cells.values.len() < VALUES;
            match cells.values.get_mut(place) {
                Some((_, count)) => *count += 1,
                None if is_room => cells.values.push((cell.to_owned(), 1)),
                None => {
                    seen.remove(cell);
                }
            }
        }
        cells
    }

    /// The different values.
    pub fn different(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(value, _)| value.as_str())
    }

    fn kind(&self, language: &str) -> Option<&'static dyn FieldKind> {
        let repeated =
            self.values.iter().flat_map(|(value, count)| std::iter::repeat_n(value.as_str(), *count));
        looks_like(&repeated.take(RECOGNISED).collect::<Vec<_>>(), language)
    }
}

/// How the values of a column stand to the field that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The column goes nowhere.
    LeftOut,
    /// It holds nothing.
    Empty,
    /// All values fit.
    Fits,
    /// All records are there.
    Found,
    /// Some values are not of the field's kind.
    DoNotFit,
    /// Some are none of the options.
    Unknown,
    /// Some name records that are not there.
    NotFound,
    /// Some name records that will be made.
    WillBeMade,
}

/// What is known of a column before the trial.
#[derive(Clone, Debug)]
pub struct ColumnCheck {
    /// The kind that the values look like; `None` for an empty column.
    pub looks_like: Option<&'static dyn FieldKind>,
    /// How they stand to the field.
    pub verdict: Verdict,
    /// How many cells the verdict is about.
    pub count: usize,
    /// The first values that do not fit, with how often each was met.
    pub examples: Vec<(String, usize)>,
}

/// Looks at every column of a file.
///
/// # Errors
/// When the database does not answer.
pub async fn look(
    session: &Session,
    entity: &Arc<EntityModel>,
    table: &Table,
    mapping: &Mapping,
) -> Result<Vec<ColumnCheck>> {
    let mut batch = Batch::default();
    let mut checks = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let cells = Cells::of(table, index);
        let kind = cells.kind(&session.catalogue.language);
        let used = mapping.columns.iter().find(|(_, one)| one.column.as_deref() == Some(column));
        let place = used.and_then(|(name, one)| Some((Place::find(&session.model, entity, name)?, one)));
        let is_in_template =
            mapping.columns.values().any(|one| one.template.is_some() && one.columns().contains(column));
        let mut check = ColumnCheck {
            looks_like: kind,
            verdict: Verdict::Fits,
            count: cells.filled,
            examples: Vec::new(),
        };
        match place {
            _ if cells.filled == 0 => check.verdict = Verdict::Empty,
            Some((place, one)) => judge(session, &mut batch, place.field, one, &cells, &mut check).await?,
            None if is_in_template => {}
            None => check.verdict = Verdict::LeftOut,
        }
        checks.push(check);
    }
    Ok(checks)
}

async fn judge(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    cells: &Cells,
    check: &mut ColumnCheck,
) -> Result<()> {
    if field.kind.is_list() || field.kind.holds_files() {
        // What these hold is only read as a whole, by the trial.
        return Ok(());
    }
    let meant =
        |value: &str| without_guard(mapping.values.get(value).cloned().unwrap_or_else(|| value.to_owned()));
    if field.kind.is_link() {
        let values: Vec<String> = cells.different().map(meant).collect();
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        prefetch(session, batch, field, mapping, &texts).await?;
    }
    let mut wrong: Vec<(String, usize)> = Vec::new();
    for (value, count) in &cells.values {
        let text = meant(value);
        let is_right = text.is_empty()
            || if field.kind.is_link() {
                is_found(session, batch, field, mapping, &text).await?
            } else {
                fits(session, field, &text)
            };
        if !is_right {
            wrong.push((value.clone(), *count));
        }
    }
    let is_link = field.kind.is_link();
    let count = wrong.iter().map(|(_, count)| *count).sum();
    check.verdict = match count {
        0 if is_link => Verdict::Found,
        0 => Verdict::Fits,
        _ if is_link && mapping.create_missing => Verdict::WillBeMade,
        _ if is_link => Verdict::NotFound,
        _ if !field.definition.one_of.is_empty() => Verdict::Unknown,
        _ => Verdict::DoNotFit,
    };
    if count > 0 {
        check.count = count;
        wrong.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        wrong.truncate(NAMED);
        check.examples = wrong;
    }
    Ok(())
}

/// Whether a text is a value of the field.
pub fn fits(session: &Session, field: &FieldModel, text: &str) -> bool {
    let Ok(mut value) = field.kind.parse_text(field, text, &session.parse_context()) else { return false };
    let mut problems = Problems::new();
    if !value.is_empty() {
        field.kind.check(field, &mut value, &mut problems);
    }
    !problems.has_errors()
}

/// How many of the texts name exactly one record.
pub async fn found_links(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    texts: &[&str],
) -> Result<usize> {
    prefetch(session, batch, field, mapping, texts).await?;
    let mut found = 0;
    for text in texts {
        if is_found(session, batch, field, mapping, text).await? {
            found += 1;
        }
    }
    Ok(found)
}

async fn is_found(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    text: &str,
) -> Result<bool> {
    if text.parse::<Uuid>().is_ok() {
        return Ok(true);
    }
    let look_up = ColumnMapping { by: mapping.by.clone(), ..ColumnMapping::default() };
    Ok(link(session, batch, field, &look_up, text).await?.is_ok())
}

/// Looks all of them up at once.
async fn prefetch(
    session: &Session,
    batch: &mut Batch,
    field: &FieldModel,
    mapping: &ColumnMapping,
    texts: &[&str],
) -> Result<()> {
    for target in &field.targets {
        let Some(entity) = session.model.entity(target).cloned() else { continue };
        let by = mapping.by.as_deref().map_or(Some(entity.display_field()), |name| entity.field(name));
        let Some(by) = by else { continue };
        let values = texts
            .iter()
            .filter_map(|text| by.kind.parse_text(by, text, &session.parse_context()).ok())
            .filter(|value| !value.is_empty());
        batch.prefetch(session, &entity, by.index, values.collect()).await?;
    }
    Ok(())
}
