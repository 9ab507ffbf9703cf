//! Lists of the record being saved, as scripts have them: what they see, and what becomes of what they changed.
//!
//! A script of an entity speaks for the whole document, whoever saves it, as it does for the fields of the record.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontor_model::entity::{EntityModel, ListModel, system};
use kontor_model::kind::children::MOST;
use kontor_model::{FieldModel, Problem, Problems, Record, Value};
use kontor_script::{ChangedList, DocumentList, DocumentRow};
use uuid::Uuid;

use super::DraftList;
use super::read::stored;
use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::defaults;
use crate::records::draft::Draft;
use crate::records::hooks::keep_stored_form;

/// The document whose scripts run.
#[derive(Debug)]
pub struct Document {
    entity: Arc<EntityModel>,
    id: Uuid,
    is_new: bool,
    lists: Vec<DraftList>,
    /// Whether the batch was told of the record before it was complete.
    pub told: bool,
}

impl Document {
    /// Takes the lists of a draft for as long as its scripts run.
    pub fn of(draft: &mut Draft) -> Self {
        Self {
            entity: Arc::clone(&draft.entity),
            id: draft.record.id(),
            is_new: draft.old.is_none(),
            lists: std::mem::take(&mut draft.lists),
            told: false,
        }
    }

    /// The lists, given back.
    pub fn into_lists(self) -> Vec<DraftList> {
        self.lists
    }

    fn field(&self, session: &Session, field: usize) -> Option<(&ListModel, Arc<EntityModel>)> {
        let list = self.entity.fields.get(field)?.list.as_ref()?;
        Some((list, Arc::clone(session.model.entity(&list.entity)?)))
    }

    /// A list as the save has it so far.
    pub async fn list(&self, session: &Session, field: usize) -> Result<DocumentList> {
        if let Some(list) = self.lists.iter().find(|list| list.field == field) {
            let rows = list.rows.iter().map(|row| DocumentRow {
                record: row.record.clone(),
                old: row.old.clone(),
                given: BTreeSet::new(),
            });
            let kept = list.kept.iter().map(as_stored);
            return Ok(DocumentList { rows: rows.chain(kept).collect(), removed: !list.removed.is_empty() });
        }
        let rows = self.stored(session, field).await?;
        Ok(DocumentList { rows: rows.iter().map(as_stored).collect(), removed: false })
    }

    /// A list as it is stored.
    pub async fn stored(&self, session: &Session, field: usize) -> Result<Vec<Record>> {
        match self.field(session, field) {
            Some((list, child)) if !self.is_new => stored(session, &child, list, self.id).await,
            _ => Ok(Vec::new()),
        }
    }

    /// A new record for a list, with the defaults of its fields; they may be copied from the record itself.
    pub async fn new_row(
        &mut self,
        session: &Session,
        batch: &mut Batch,
        field: usize,
        current: &Record,
        values: &[(usize, Value)],
    ) -> Result<Record> {
        let Some((list, child)) = self.field(session, field) else {
            return Err(crate::Error::internal("a row of no list"));
        };
        let by = list.by;
        if !batch.has_written(&self.entity, self.id) {
            batch.wrote(&self.entity, self.id, Some(current.clone()));
            self.told = true;
        }
        let mut record = Record::empty(&child);
        record.set(system::ID, Value::Id(Uuid::now_v7()));
        record.set(by, Value::Id(self.id));
        let mut row = Draft {
            entity: child,
            old: None,
            record,
            given: BTreeSet::from([by]),
            problems: Problems::new(),
            lists: Vec::new(),
            held: Vec::new(),
            to_approve: Vec::new(),
            form: None,
        };
        for (index, value) in values {
            row.record.set(*index, value.clone());
            row.given.insert(*index);
        }
        defaults::fill(session, batch, &mut row).await?;
        Ok(row.record)
    }
}

fn as_stored(record: &Record) -> DocumentRow {
    DocumentRow { record: record.clone(), old: Some(record.clone()), given: BTreeSet::new() }
}

/// Brings what scripts made of the lists into the draft, each value in its stored form.
pub fn apply(session: &Session, draft: &mut Draft, changed: Vec<(usize, ChangedList)>) {
    for (index, list_now) in changed {
        let Some(field) = draft.entity.fields.get(index).cloned() else { continue };
        let Some(list) = &field.list else { continue };
        let Some(child) = session.model.entity(&list.entity).cloned() else { continue };
        let place = draft.lists.iter().position(|one| one.field == index);
        let before = place.map(|place| draft.lists.remove(place));
        let after = list_after(&field, list, &child, before.unwrap_or_default(), list_now);
        if after.rows.len() + after.kept.len() > MOST {
            draft.problems.push(Problem::at_field("too_many", &field.name).with("limit", MOST));
        }
        draft.given.insert(index);
        draft.lists.push(after);
    }
}

fn list_after(
    field: &FieldModel,
    list: &ListModel,
    child: &Arc<EntityModel>,
    before: DraftList,
    now: ChangedList,
) -> DraftList {
    let mut after = DraftList { field: field.index, removed: before.removed, ..DraftList::default() };
    let mut drafts = before.rows;
    let mut kept = before.kept;
    for (place, row) in now.rows.into_iter().enumerate() {
        let id = row.record.id();
        let known = drafts.iter().position(|one| one.record.id() == id).map(|at| drafts.remove(at));
        let was_kept = kept.iter().position(|one| one.id() == id).map(|at| kept.remove(at)).is_some();
        let mut draft = match (known, &row.old) {
            (Some(draft), _) => draft,
            (None, Some(old)) => Draft::stored(child, old.clone()),
            (None, None) => Draft {
                entity: Arc::clone(child),
                old: None,
                record: Record::empty(child),
                given: BTreeSet::from([list.by]),
                problems: Problems::new(),
                lists: Vec::new(),
                held: Vec::new(),
                to_approve: Vec::new(),
                form: None,
            },
        };
        let mut earlier = std::mem::replace(&mut draft.record, row.record);
        if draft.old.is_none() {
            // Defaults were not given, and so may stand where nothing may be given.
            earlier = draft.record.clone();
            row.given.iter().for_each(|index| earlier.set(*index, Value::Empty));
        }
        if let Some(order) = list.order {
            draft.record.set(order, Value::Integer(i64::try_from(place + 1).unwrap_or(i64::MAX)));
        }
        // Only records whose values are others now are written.
        if was_kept && draft.changed().is_empty() {
            after.kept.push(draft.record);
            continue;
        }
        keep_stored_form(&mut draft, &earlier);
        after.rows.push(draft);
    }
    after.removed.extend(now.removed);
    after
}
