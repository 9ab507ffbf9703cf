//! What somebody may pass on who has a record only because it was shared with them: no more than they have, for no longer, and
//! not to themselves.

use std::sync::Arc;

use chrono::NaiveDate;
use kontor_model::access::Scope;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, Filter, Leaf, Linked, Operand, Operator};
use kontor_model::{Problem, Problems, Record};
use kontor_store::system::ShareRow;

use crate::Session;
use crate::error::Result;
use crate::records::batch::Batch;
use crate::records::save::is_within;
use crate::sharing::NewShare;

/// How long somebody has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    /// Whatever is shared with them.
    Anyway,
    /// Until a day; for ever when there is none.
    Shared(Option<NaiveDate>),
    /// By what is shared elsewhere: nobody can tell how long.
    ByOthers,
}

/// What is wrong with a share that somebody wants to give.
///
/// # Errors
/// When the database does not answer.
pub async fn problems(
    session: &Session,
    batch: &mut Batch,
    record: &Record,
    rows: &[ShareRow],
    new: &NewShare,
    known: Option<&ShareRow>,
) -> Result<Problems> {
    let mut problems = Problems::new();
    if let Some(known) = known
        && !may_end(session, batch, record, known).await?
    {
        problems.push(Problem::at_field("share_of_others", "with"));
        return Ok(problems);
    }
    let has = has(session, batch, record, rows, new.edits).await?;
    if has == Has::Anyway {
        return Ok(problems);
    }
    let is_own = new.with == session.actor.id || session.actor.above.contains(&new.with);
    if is_own || has == Has::ByOthers {
        problems.push(Problem::at_field("share_with_oneself", "with"));
    }
    if let Has::Shared(Some(last)) = has
        && new.until.is_none_or(|until| until > last)
    {
        problems.push(Problem::at_field("too_late", "until").with("limit", last));
    }
    Ok(problems)
}

/// Whether somebody may change or end a share: who gave it, and who may change the record without being shared with.
///
/// # Errors
/// When the database does not answer.
pub async fn may_end(
    session: &Session,
    batch: &mut Batch,
    record: &Record,
    share: &ShareRow,
) -> Result<bool> {
    if share.shared_by == Some(session.actor.id) {
        return Ok(true);
    }
    let name = entity_name(session, share);
    let access = session.actor.access.entity(&name);
    is_within(session, batch, record, &alone(&access.update)).await
}

fn entity_name(session: &Session, share: &ShareRow) -> String {
    let entity = session.model.entities.values().find(|entity| entity.key == share.entity);
    entity.map_or_else(|| share.entity.clone(), |entity| entity.name.clone())
}

async fn has(
    session: &Session,
    batch: &mut Batch,
    record: &Record,
    rows: &[ShareRow],
    edits: bool,
) -> Result<Has> {
    let Some(first) = rows.first() else {
        // Nothing is shared by hand: what they see they see by their role, or by what it follows.
        return Ok(Has::Anyway);
    };
    let access = session.actor.access.entity(&entity_name(session, first));
    let scope = if edits { &access.update } else { &access.read };
    if is_within(session, batch, record, &alone(scope)).await? {
        return Ok(Has::Anyway);
    }
    let today = session.filter_context().today();
    let reaches = |row: &&ShareRow| {
        let is_for = row.user == Some(session.actor.id)
            || row.team.is_some_and(|team| session.actor.above.contains(&team));
        is_for && row.until.is_none_or(|until| until >= today) && (row.edits || !edits)
    };
    let mut days = rows.iter().filter(reaches).map(|row| row.until).peekable();
    if days.peek().is_none() {
        return Ok(Has::ByOthers);
    }
    let days: Vec<Option<NaiveDate>> = days.collect();
    Ok(Has::Shared(if days.contains(&None) { None } else { days.into_iter().flatten().max() }))
}

/// The scope without what is shared by hand.
fn alone(scope: &Scope) -> Scope {
    match scope {
        Scope::Where(filter) => Scope::Where(Arc::new(without(filter))),
        other => other.clone(),
    }
}

fn without(filter: &Filter) -> Filter {
    match filter {
        // No record is without an id.
        Filter::Shared(shared) => Filter::Leaf(Leaf {
            path: FieldPath::own(shared.entity.clone(), system::ID),
            operator: Operator::Empty,
            operand: Operand::Flag(true),
        }),
        Filter::All(list) => Filter::All(list.iter().map(without).collect()),
        Filter::Any(list) => Filter::Any(list.iter().map(without).collect()),
        Filter::Linked(linked) => {
            Filter::Linked(Linked { filter: Box::new(without(&linked.filter)), ..linked.clone() })
        }
        other => other.clone(),
    }
}
