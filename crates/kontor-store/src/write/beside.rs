//! Applies writes to what stands beside records: what is said of them, with whom they are shared, who follows them and was
//! told something; and of what is kept for a while: figures of days, failed attempts,
//! and answers to requests that may be repeated.

use sea_orm::Value;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::system::{put, run};
use crate::row::{OnConflict, moment};
use crate::system::{QUESTION, SystemWrite};
use crate::unit::CommitError;

/// Applies one write.
pub(super) async fn apply(applying: &mut Applying<'_>, write: SystemWrite) -> Result<(), Failure> {
    match write {
        SystemWrite::PutComment(row) => put(applying, row).await,
        SystemWrite::PutFollow(row) => put(applying, row).await,
        SystemWrite::DeleteFollow { record, user } => {
            let sql = "DELETE FROM @follow WHERE record = $1 AND user_id = $2";
            run(applying, sql, vec![record.into(), user.into()]).await
        }
        SystemWrite::AddNotice(row) => applying.insert_rows(&[row], OnConflict::Keep).await,
        SystemWrite::MoveBeside { what, from, to } => move_beside(applying, what, from, to).await,
        SystemWrite::AddQuestion { row, people } => {
            let id = row.id;
            put(applying, row).await?;
            for person in people {
                let sql = "INSERT INTO @question_asks (question, person) VALUES ($1, $2)";
                run(applying, sql, vec![id.into(), person.into()]).await?;
            }
            Ok(())
        }
        SystemWrite::CloseQuestion(row) => {
            let sql = "UPDATE @question SET state = $2 WHERE id = $1 AND state = 'open'";
            if applying.execute(sql, vec![row.id.into(), row.state.clone().into()]).await? == 0 {
                return Err(CommitError::Exists(QUESTION.to_owned()).into());
            }
            put(applying, row).await
        }
        SystemWrite::SeeNotices { user, id, earlier, at } => {
            let mut values = vec![moment(at), user.into()];
            values.extend(id.map(Value::from));
            let which = match (id, earlier) {
                (None, _) => "",
                (Some(_), false) => " AND id = $3",
                // What was said since the page was drawn stays new.
                (Some(_), true) => {
                    " AND EXISTS (SELECT 1 FROM @notice n WHERE n.id = $3 AND n.user_id = @notice.user_id \
                     AND (n.id = @notice.id OR n.record = @notice.record AND @notice.at <= n.at))"
                }
            };
            let sql = "UPDATE @notice SET seen_at = $1 WHERE user_id = $2 AND seen_at IS NULL";
            run(applying, &format!("{sql}{which}"), values).await
        }
        SystemWrite::DeleteNoticesBefore(before) => {
            run(applying, "DELETE FROM @notice WHERE at < $1", vec![moment(before)]).await
        }
        SystemWrite::KeepFigure(row) => applying.insert_rows(&[row], OnConflict::Keep).await,
        SystemWrite::DropFigures { snapshot, before } => {
            let sql = "DELETE FROM @figure WHERE snapshot = $1 AND day < $2";
            run(applying, sql, vec![snapshot.into(), before.to_string().into()]).await
        }
        SystemWrite::PutShare(row) => put(applying, row).await,
        SystemWrite::DeleteShare { id } => {
            run(applying, "DELETE FROM @share WHERE id = $1", vec![id.into()]).await
        }
        SystemWrite::DeleteIdempotency { actor, key } => {
            let sql = "DELETE FROM @idempotency WHERE actor = $1 AND key = $2";
            run(applying, sql, vec![actor.into(), key.into()]).await
        }
        SystemWrite::DeleteIdempotencyBefore(before) => {
            run(applying, "DELETE FROM @idempotency WHERE at < $1", vec![moment(before)]).await
        }
        SystemWrite::CountFailure { keys, at, forgotten } => {
            run(applying, "DELETE FROM @attempt WHERE failed_at <= $1", vec![moment(forgotten)]).await?;
            let sql = "INSERT INTO @attempt AS t (key, failures, failed_at) VALUES ($1, 1, $2) \
                       ON CONFLICT (key) DO UPDATE SET failures = t.failures + 1, failed_at = excluded.failed_at";
            for key in keys {
                run(applying, sql, vec![key.into(), moment(at)]).await?;
            }
            Ok(())
        }
        SystemWrite::ForgetFailures { keys } => {
            for key in keys {
                run(applying, "DELETE FROM @attempt WHERE key = $1", vec![key.into()]).await?;
            }
            Ok(())
        }
        // The caller asks for these alone.
        _ => Ok(()),
    }
}

/// What stands beside one record goes to another; who follows both, or has both, does so once.
async fn move_beside(
    applying: &mut Applying<'_>,
    what: &str,
    from: (String, Uuid),
    to: (String, Uuid),
) -> Result<(), Failure> {
    let values = || vec![from.0.clone().into(), from.1.into(), to.0.clone().into(), to.1.into()];
    let unless = match what {
        "comment" => "",
        // Files of fields belong to the values of these.
        "file" => " AND field = ''",
        "follow" => " AND user_id NOT IN (SELECT user_id FROM @follow WHERE record = $4)",
        _ => return Ok(()),
    };
    let sql =
        format!("UPDATE @{what} SET entity = $3, record = $4 WHERE entity = $1 AND record = $2{unless}");
    run(applying, &sql, values()).await?;
    if what == "follow" {
        let left = "DELETE FROM @follow WHERE entity = $1 AND record = $2";
        run(applying, left, vec![from.0.into(), from.1.into()]).await?;
    }
    Ok(())
}
