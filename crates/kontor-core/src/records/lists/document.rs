//! A record with its lists, taken through the steps of a save as one: formulas of the rows, roll-ups over them,
//! formulas of the record, and only then the checks.

use kontor_model::{Problem, Problems};

use super::super::batch::Batch;
use super::super::draft::Draft;
use super::super::{defaults, derive, hooks, validate as checks};
use crate::Session;
use crate::error::Result;

/// How often a document is computed again because a row reads what the record adds up over its rows. Each round settles
/// one step of such a chain, and chains have no circles.
const MOST_ROUNDS: usize = 8;

/// Defaults and copies of the rows. The rows see the record as it will be.
pub async fn prefill(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    if draft.lists.is_empty() {
        return Ok(());
    }
    batch.wrote(&draft.entity, draft.record.id(), Some(draft.record.clone()));
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        Box::pin(defaults::fill(session, batch, row)).await?;
        Box::pin(prefill(session, batch, row)).await?;
    }
    draft.lists = lists;
    batch.overlay.put(draft);
    Ok(())
}

/// Runs `before_save` of the rows.
pub async fn before_save(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        if is_written(row) {
            hooks::before_save(session, batch, row).await?;
            Box::pin(before_save(session, batch, row)).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}

/// Computes what is derived, bottom up, until nothing changes any more.
pub async fn compute(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    if draft.lists.is_empty() {
        return derive::compute(session, batch, draft).await;
    }
    for _ in 0..MOST_ROUNDS {
        batch.wrote(&draft.entity, draft.record.id(), Some(draft.record.clone()));
        let mut lists = std::mem::take(&mut draft.lists);
        let mut is_settled = true;
        for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
            let before = row.record.clone();
            Box::pin(compute(session, batch, row)).await?;
            is_settled &= before == row.record;
        }
        draft.lists = lists;
        batch.overlay.put(draft);
        let before = draft.record.clone();
        derive::compute(session, batch, draft).await?;
        if is_settled && before == draft.record {
            break;
        }
    }
    batch.wrote(&draft.entity, draft.record.id(), Some(draft.record.clone()));
    Ok(())
}

/// Checks the rows; what is wrong stands at their places in the record's problems.
pub async fn validate(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        if is_written(row) {
            Box::pin(validate(session, batch, row)).await?;
            checks::validate(session, batch, row).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}

/// The same without their moves.
pub async fn validate_values(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        if is_written(row) {
            Box::pin(validate_values(session, batch, row)).await?;
            checks::values(session, batch, row).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}

/// Runs `validate` of the rows and gathers all that was said of them.
pub async fn hook_validate(session: &Session, batch: &mut Batch, draft: &mut Draft) -> Result<()> {
    let mut lists = std::mem::take(&mut draft.lists);
    for row in lists.iter_mut().flat_map(|list| &mut list.rows) {
        if is_written(row) && !row.problems.has_errors() {
            hooks::validate(session, batch, row).await?;
            Box::pin(hook_validate(session, batch, row)).await?;
        }
    }
    draft.lists = lists;
    Ok(())
}

fn is_written(row: &Draft) -> bool {
    row.old.is_none() || !row.changed().is_empty() || !row.lists.is_empty() || !row.problems.is_empty()
}

impl Draft {
    /// Whether something of the record or of its rows stops the save.
    pub fn has_errors(&self) -> bool {
        self.problems.has_errors() || self.lists.iter().flat_map(|list| &list.rows).any(Self::has_errors)
    }

    /// Whether a move of the record or of its rows needs an approval.
    pub fn asks_to_move(&self) -> bool {
        !self.to_approve.is_empty() || self.lists.iter().flat_map(|list| &list.rows).any(Self::asks_to_move)
    }

    /// Forgets what was said twice, of the record and of its rows.
    pub fn forget_repeated(&mut self) {
        let mut told: Vec<Problem> = Vec::new();
        for problem in std::mem::take(&mut self.problems).0 {
            if !told.contains(&problem) {
                told.push(problem);
            }
        }
        self.problems = Problems(told);
        self.lists.iter_mut().flat_map(|list| &mut list.rows).for_each(Self::forget_repeated);
    }

    /// Moves what was said of the rows to their places in what was said of the record.
    pub fn gather_problems(&mut self) {
        let mut found = Problems::new();
        for list in &mut self.lists {
            let Some(field) = self.entity.fields.get(list.field) else { continue };
            for (index, row) in list.rows.iter_mut().enumerate() {
                row.gather_problems();
                found.extend_under(&format!("/{}/{index}", field.name), std::mem::take(&mut row.problems));
            }
        }
        self.problems.0.extend(found.0);
    }
}
