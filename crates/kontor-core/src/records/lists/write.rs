//! What a save writes of lists: the records of each, and what the history of their parent says.

use kontor_model::{Json, Record};
use serde_json::json;
use uuid::Uuid;

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::{delete, writes};
use super::DraftList;
use crate::Session;
use crate::error::{Error, Result};

/// What a save does to a list: ids of its records, of links those of what they lead to.
#[derive(Clone, Debug)]
pub struct ListChange {
    /// The field, by index.
    pub field: usize,
    /// New ones.
    pub added: Vec<Uuid>,
    /// Those with other values.
    pub changed: Vec<Uuid>,
    /// Those that went to the bin.
    pub removed: Vec<Uuid>,
}

impl ListChange {
    /// The form in the journal. It names records and no values: those are in the records' own histories, for those who
    /// may read them.
    pub fn to_json(&self) -> Json {
        json!({ "added": self.added, "changed": self.changed, "removed": self.removed })
    }
}

/// The lists of a draft that a save changes.
pub fn changes(draft: &Draft) -> Vec<ListChange> {
    draft.lists.iter().filter_map(|list| change_of(draft, list)).collect()
}

fn change_of(draft: &Draft, list: &DraftList) -> Option<ListChange> {
    let through = draft
        .entity
        .fields
        .get(list.field)
        .and_then(|field| field.list.as_ref())
        .and_then(|list| list.through);
    let name = |record: &Record| {
        through.and_then(|through| record.at(through).as_id()).unwrap_or_else(|| record.id())
    };
    let mut change = ListChange {
        field: list.field,
        added: Vec::new(),
        changed: Vec::new(),
        removed: list.removed.iter().map(name).collect(),
    };
    for row in &list.rows {
        if row.old.is_none() {
            change.added.push(name(&row.record));
        } else if !row.changed().is_empty() || !changes(row).is_empty() {
            change.changed.push(name(&row.record));
        }
    }
    let is_nothing = change.added.is_empty() && change.changed.is_empty() && change.removed.is_empty();
    (!is_nothing).then_some(change)
}

/// Adds the writes of the lists of a checked draft to the batch.
///
/// # Errors
/// What stands in the way of removing a record, at its list.
pub async fn write(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let mut lists = std::mem::take(&mut draft.lists);
    for list in &mut lists {
        let Some(field) = draft.entity.fields.get(list.field) else { continue };
        let Some(child) = field.list.as_ref().and_then(|list| session.model.entity(&list.entity)).cloned()
        else {
            continue;
        };
        for record in &list.removed {
            let done = Box::pin(delete::put_away(session, batch, &child, record)).await;
            if let Err(Error::Problems(problems)) = done {
                let at = format!("/{}", field.name);
                let found =
                    problems.into_iter().map(|problem| kontor_model::Problem { path: at.clone(), ..problem });
                return Err(Error::Problems(kontor_model::Problems(found.collect())));
            }
            done?;
        }
        for row in &mut list.rows {
            let changes = changes(row);
            writes::of_document(session, batch, row, &changes);
            Box::pin(write(session, batch, row)).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}
