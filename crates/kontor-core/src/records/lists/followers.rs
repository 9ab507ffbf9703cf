//! Rows that follow their record without being spoken of: their formulas, copies of its currency and what they add up to
//! are worked out with it before anything is checked. The commit writes them, as it writes all that follows.

use std::collections::BTreeSet;

use kontor_model::EntityModel;
use kontor_model::dependent::Step;
use kontor_model::entity::ListModel;

use super::DraftList;
use super::read::stored;
use crate::Session;
use crate::error::Result;
use crate::records::draft::Draft;

/// Takes the stored rows of those lists into a changed record whose rows read what changes.
pub async fn take_in(session: &Session, draft: &mut Draft) -> Result<()> {
    if draft.old.is_none() {
        return Ok(());
    }
    let entity = std::sync::Arc::clone(&draft.entity);
    let changed = with_followers(&entity, draft.changed());
    for (field, list) in entity.lists() {
        let is_given = draft.lists.iter().any(|given| given.field == field.index);
        if is_given || !reads(&entity, list, &changed) {
            continue;
        }
        let Some(child) = session.model.entity(&list.entity).cloned() else { continue };
        let rows = stored(session, &child, list, draft.record.id()).await?;
        let rows = rows.into_iter().map(|row| Draft::stored(&child, row)).collect();
        draft.lists.push(DraftList { field: field.index, rows, follows: true, ..DraftList::default() });
    }
    Ok(())
}

/// Lets go of them, so that what is written is what was sent.
pub fn let_go(draft: &mut Draft) {
    draft.lists.retain(|list| !list.follows);
}

/// These fields of a record and all that is calculated from them in the same record.
fn with_followers(entity: &EntityModel, changed: Vec<usize>) -> BTreeSet<usize> {
    let mut all: BTreeSet<usize> = changed.iter().copied().collect();
    let mut waiting = changed;
    while let Some(on) = waiting.pop() {
        for dependent in &entity.dependents {
            if dependent.on == on && dependent.route.is_empty() && all.insert(dependent.field) {
                waiting.push(dependent.field);
            }
        }
    }
    all
}

/// Whether rows of the list are calculated from any of these fields of their record.
fn reads(entity: &EntityModel, list: &ListModel, changed: &BTreeSet<usize>) -> bool {
    entity.dependents.iter().any(|dependent| {
        let [Step::Back { entity: from, field }] = dependent.route.as_slice() else { return false };
        dependent.entity == list.entity
            && *from == list.entity
            && *field == list.by
            && changed.contains(&dependent.on)
    })
}
