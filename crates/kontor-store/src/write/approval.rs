//! Requests for approvals, and whom each of them waits for.

use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::system::{add, put, run};
use crate::system::{APPROVAL, ApprovalRow};
use crate::unit::CommitError;

/// A request begins.
pub(super) async fn begin(applying: &mut Applying<'_>, row: ApprovalRow) -> Result<(), Failure> {
    let (id, people) = (row.id, waiting(&row));
    add(applying, row, APPROVAL).await?;
    list(applying, id, people).await
}

/// The next turn of a request; of two who turn it at once, the second is told.
pub(super) async fn turn(applying: &mut Applying<'_>, row: ApprovalRow) -> Result<(), Failure> {
    let sql = "UPDATE @approval SET turn = $2 WHERE id = $1 AND turn = $3";
    let values = vec![row.id.into(), row.turn.into(), (row.turn - 1).into()];
    if applying.execute(sql, values).await? == 0 {
        return Err(CommitError::Exists(APPROVAL.to_owned()).into());
    }
    let (id, people) = (row.id, waiting(&row));
    put(applying, row).await?;
    run(applying, "DELETE FROM @approval_waits WHERE approval = $1", vec![id.into()]).await?;
    list(applying, id, people).await
}

async fn list(applying: &mut Applying<'_>, id: Uuid, people: Vec<Uuid>) -> Result<(), Failure> {
    for person in people {
        let sql = "INSERT INTO @approval_waits (approval, person) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        run(applying, sql, vec![Value::from(id), Value::from(person)]).await?;
    }
    Ok(())
}

/// Who may decide now, as the body says; nobody once it is not open any more.
fn waiting(row: &ApprovalRow) -> Vec<Uuid> {
    let people = row.body.get("waiting").and_then(Json::as_array).filter(|_| row.state == "open");
    people.into_iter().flatten().filter_map(|id| id.as_str()?.parse().ok()).collect()
}
