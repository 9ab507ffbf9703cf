//! Applies writes to system tables.

use chrono::{DateTime, TimeDelta, Utc};
use kontor_model::Json;
use sea_orm::Value;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::queue::apply_queue;
use crate::error::is_unique_violation;
use crate::row::{self, OnConflict, Table, moment};
use crate::shape::entity_key;
use crate::system::version;
use crate::system::{ChangeSetRow, PublicationRow, SystemWrite, VersionRow};
use crate::target::Dialect;
use crate::unit::CommitError;

/// What comes of a write.
pub(super) type Done = Result<(), Failure>;

/// Applies one write.
pub(crate) async fn apply(applying: &mut Applying<'_>, write: &SystemWrite) -> Done {
    let write = write.clone();
    match write {
        SystemWrite::PutDefinition(row) => put(applying, row).await,
        SystemWrite::DeleteDefinition { layer, kind, name } => {
            let sql = "DELETE FROM @definition WHERE layer = $1 AND kind = $2 AND name = $3";
            run(applying, sql, vec![layer.into(), kind.into(), name.into()]).await
        }
        SystemWrite::ClearLayer { layer } => {
            run(applying, "DELETE FROM @definition WHERE layer = $1", vec![layer.into()]).await
        }
        SystemWrite::PutPack(row) => put(applying, row).await,
        SystemWrite::DeletePack { name } => {
            run(applying, "DELETE FROM @pack WHERE name = $1", vec![name.into()]).await
        }
        SystemWrite::AddVersion(row) => add_version(applying, row).await,
        SystemWrite::PutChangeSet(row) => put(applying, row).await,
        SystemWrite::AddDraft(row) => add_draft(applying, row).await,
        SystemWrite::SeeChangeSet { id, seen, now } => see_change_set(applying, id, seen, now).await,
        SystemWrite::DeleteChangeSet { id } => {
            run(applying, "DELETE FROM @change WHERE change_set = $1", vec![id.into()]).await?;
            run(applying, "DELETE FROM @change_set WHERE id = $1", vec![id.into()]).await
        }
        SystemWrite::AddApproval(row) => super::approval::begin(applying, row).await,
        SystemWrite::TurnApproval(row) => super::approval::turn(applying, row).await,
        SystemWrite::PutChange(row) => put(applying, row).await,
        SystemWrite::DeleteChange { change_set, kind, name } => {
            let sql = "DELETE FROM @change WHERE change_set = $1 AND kind = $2 AND name = $3";
            run(applying, sql, vec![change_set.into(), kind.into(), name.into()]).await
        }
        SystemWrite::AddPublication(row) => add(applying, row, "the publication").await,
        SystemWrite::SavePublication(row) => save_publication(applying, row).await,
        SystemWrite::Park(row) => put(applying, row).await,
        SystemWrite::KeepPackContent(row) => applying.insert_rows(&[row], OnConflict::Keep).await,
        SystemWrite::PutAside(row) => put(applying, row).await,
        SystemWrite::DeleteAside { pack, kind, name } => {
            let sql = "DELETE FROM @aside WHERE pack = $1 AND kind = $2 AND name = $3";
            run(applying, sql, vec![pack.into(), kind.into(), name.into()]).await
        }
        SystemWrite::PutOffer(row) => put(applying, row).await,
        SystemWrite::DeleteOffer { name } => {
            run(applying, "DELETE FROM @offer WHERE name = $1", vec![name.into()]).await
        }
        SystemWrite::Unpark { entity, field } => {
            let sql = "DELETE FROM @parked WHERE entity = $1 AND field = $2";
            run(applying, sql, vec![entity.into(), field.into()]).await
        }
        SystemWrite::SetMeta { name, value } => set_meta(applying, name, value).await,
        SystemWrite::TurnMeta { name, seen, value } => turn_meta(applying, name, seen, value).await,
        SystemWrite::PutImport(row) => put(applying, row).await,
        SystemWrite::PutImportLine(row) => put(applying, row).await,
        SystemWrite::AddIdempotency(row) => add(applying, row, "the idempotency key").await,
        SystemWrite::PutIdempotency(row) => put(applying, row).await,
        other @ (SystemWrite::PutCredential(_)
        | SystemWrite::SetFactor { .. }
        | SystemWrite::DeleteCredential { .. }
        | SystemWrite::SetUserRoles { .. }
        | SystemWrite::PutSession(_)
        | SystemWrite::TouchSession { .. }
        | SystemWrite::DeleteSession { .. }
        | SystemWrite::DeleteSessionsOf { .. }
        | SystemWrite::DeleteExpiredSessions { .. }
        | SystemWrite::AddToken(_)
        | SystemWrite::TouchToken { .. }
        | SystemWrite::DeleteToken { .. }
        | SystemWrite::PutPreference(_)
        | SystemWrite::DeletePreference { .. }
        | SystemWrite::PutSaved(_)
        | SystemWrite::DeleteSaved { .. }) => apply_identity(applying, other).await,
        SystemWrite::File(write) => super::files::apply(applying, write).await,
        other @ (SystemWrite::PutComment(_)
        | SystemWrite::PutFollow(_)
        | SystemWrite::DeleteFollow { .. }
        | SystemWrite::AddNotice(_)
        | SystemWrite::MoveBeside { .. }
        | SystemWrite::AddQuestion { .. }
        | SystemWrite::CloseQuestion(_)
        | SystemWrite::SeeNotices { .. }
        | SystemWrite::DeleteNoticesBefore(_)
        | SystemWrite::KeepFigure(_)
        | SystemWrite::DropFigures { .. }
        | SystemWrite::PutShare(_)
        | SystemWrite::DeleteShare { .. }
        | SystemWrite::CountFailure { .. }
        | SystemWrite::ForgetFailures { .. }
        | SystemWrite::DeleteIdempotency { .. }
        | SystemWrite::DeleteIdempotencyBefore(_)) => super::beside::apply(applying, other).await,
        other => apply_queue(applying, other).await,
    }
}

async fn set_meta(applying: &mut Applying<'_>, name: String, value: String) -> Done {
    let sql = "INSERT INTO @meta (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    run(applying, sql, vec![name.into(), value.into()]).await
}

async fn turn_meta(applying: &mut Applying<'_>, name: String, seen: Option<String>, value: String) -> Done {
    let changed = if let Some(seen) = seen {
        let sql = "UPDATE @meta SET value = $2 WHERE name = $1 AND value = $3";
        applying.execute(sql, vec![name.into(), value.into(), seen.into()]).await?
    } else {
        let sql = "INSERT INTO @meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        applying.execute(sql, vec![name.into(), value.into()]).await?
    };
    if changed == 0 {
        return Err(CommitError::Conflict { entity: "@meta".into(), id: Uuid::nil() }.into());
    }
    Ok(())
}

async fn set_factor(
    applying: &mut Applying<'_>,
    user: Uuid,
    seen: Option<Json>,
    factor: Option<Json>,
) -> Done {
    let mut values = vec![row::json_or_null(factor.as_ref()), user.into()];
    let mut sql = "UPDATE @credential SET second_factor = $1 WHERE user_id = $2 AND ".to_owned();
    match seen {
        Some(seen) => {
            values.push(row::json(&seen));
            sql.push_str("second_factor = $3");
        }
        None => sql.push_str("second_factor IS NULL"),
    }
    if applying.execute(&sql, values).await? == 0 {
        return Err(CommitError::Conflict { entity: "@credential".into(), id: user }.into());
    }
    Ok(())
}

async fn apply_identity(applying: &mut Applying<'_>, write: SystemWrite) -> Done {
    match write {
        SystemWrite::PutCredential(row) => put(applying, row).await,
        SystemWrite::SetFactor { user, seen, factor } => set_factor(applying, user, seen, factor).await,
        SystemWrite::DeleteCredential { user } => {
            run(applying, "DELETE FROM @credential WHERE user_id = $1", vec![user.into()]).await
        }
        SystemWrite::SetUserRoles { user, roles } => {
            run(applying, "DELETE FROM @user_role WHERE user_id = $1", vec![user.into()]).await?;
            for role in roles {
                let sql = "INSERT INTO @user_role (user_id, role) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                run(applying, sql, vec![user.into(), role.into()]).await?;
            }
            Ok(())
        }
        SystemWrite::PutSession(row) => put(applying, row).await,
        SystemWrite::TouchSession { hash, seen_at, expires_at } => {
            let sql = "UPDATE @session SET seen_at = $1, expires_at = $2 WHERE hash = $3";
            run(applying, sql, vec![moment(seen_at), moment(expires_at), hash.into()]).await
        }
        SystemWrite::DeleteSession { hash } => {
            run(applying, "DELETE FROM @session WHERE hash = $1", vec![hash.into()]).await
        }
        SystemWrite::DeleteSessionsOf { user, except } => {
            // No session has an empty hash.
            let sql = "DELETE FROM @session WHERE user_id = $1 AND hash <> $2";
            run(applying, sql, vec![user.into(), except.unwrap_or_default().into()]).await
        }
        SystemWrite::DeleteExpiredSessions { before } => {
            run(applying, "DELETE FROM @session WHERE expires_at < $1", vec![moment(before)]).await
        }
        SystemWrite::AddToken(row) => add(applying, row, "the token").await,
        SystemWrite::TouchToken { id, at } => {
            run(applying, "UPDATE @token SET used_at = $1 WHERE id = $2", vec![moment(at), id.into()]).await
        }
        SystemWrite::DeleteToken { id } => {
            run(applying, "DELETE FROM @token WHERE id = $1", vec![id.into()]).await
        }
        SystemWrite::PutPreference(row) => put(applying, row).await,
        SystemWrite::DeletePreference { user, name } => {
            let sql = "DELETE FROM @preference WHERE user_id = $1 AND name = $2";
            run(applying, sql, vec![user.into(), name.into()]).await
        }
        SystemWrite::PutSaved(row) => put(applying, row).await,
        SystemWrite::DeleteSaved { id } => {
            run(applying, "DELETE FROM @saved_view WHERE id = $1", vec![id.into()]).await
        }
        _ => Ok(()),
    }
}

async fn save_publication(applying: &mut Applying<'_>, row: PublicationRow) -> Done {
    let sql = "UPDATE @publication SET state = $2, work = $3, error = $4, updated_at = $5, version = $6 \
               WHERE id = $1 AND state = 'running'";
    let values = vec![
        row.id.into(),
        row.state.into(),
        row::json(&row.work),
        row.error.into(),
        moment(row.updated_at),
        row.version.into(),
    ];
    if applying.execute(sql, values).await? == 0 {
        return Err(CommitError::LeaseLost(row.id).into());
    }
    Ok(())
}

/// A text as it is written where it may hold values that are encrypted.
pub(super) fn sealed(
    applying: &Applying<'_>,
    table: &str,
    column: &str,
    text: String,
) -> Result<Value, Failure> {
    Ok(Value::from(applying.names.vault.seal_body(table, column, text)?))
}

/// The row is written, so that whoever comes second waits for it and finds another moment in it. That is a later one even
/// where two are in the same millisecond, or one clock is behind.
async fn see_change_set(
    applying: &mut Applying<'_>,
    id: Uuid,
    seen: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Done {
    let now = now.max(seen + TimeDelta::milliseconds(1));
    let sql = "UPDATE @change_set SET updated_at = $2 WHERE id = $1 AND updated_at = $3";
    if applying.execute(sql, vec![id.into(), moment(now), moment(seen)]).await? == 0 {
        return Err(CommitError::SetMoved(id).into());
    }
    Ok(())
}

async fn add_draft(applying: &mut Applying<'_>, row: ChangeSetRow) -> Done {
    if applying.names.dialect == Dialect::Postgres {
        // What is not there cannot be locked: who begins a draft holds a lock for its author.
        let schema = applying.names.schema.as_deref().unwrap_or_default();
        let name = format!("kontor draft {schema} {}", row.author.unwrap_or_default());
        let sql = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS held";
        applying.query(sql, vec![name.into()]).await?;
    }
    let sql = "SELECT 1 FROM @change_set WHERE author = $1 AND state = $2 AND origin = $3 LIMIT 1";
    let values = vec![row::id_or_null(row.author), row.state.clone().into(), row.origin.clone().into()];
    if applying.query(sql, values).await?.is_empty() {
        put(applying, row).await?;
    }
    Ok(())
}

async fn add_version(applying: &mut Applying<'_>, version: VersionRow) -> Done {
    expect_next(applying, version.n).await?;
    add(applying, version, "the version").await
}

/// Whether a version number is the next one.
pub(crate) async fn expect_next(applying: &mut Applying<'_>, n: i64) -> Done {
    applying.settle().await?;
    let newest = version::newest(applying.statements.transaction, applying.names).await?;
    if newest + 1 == n { Ok(()) } else { Err(CommitError::Moved(n).into()) }
}

/// The key of the table of an entity.
pub(super) fn key(
    applying: &Applying<'_>,
    entity: Option<String>,
) -> Result<Option<String>, crate::error::Error> {
    entity.map(|entity| entity_key(applying.model, &entity)).transpose()
}

pub(super) async fn put<T: Table>(applying: &mut Applying<'_>, row: T) -> Done {
    applying.insert_rows(&[row], OnConflict::Replace).await
}

pub(super) async fn add<T: Table>(applying: &mut Applying<'_>, row: T, what: &str) -> Done {
    applying.settle().await?;
    for (sql, values) in row::inserts(applying.names, &[row], OnConflict::Fail)? {
        applying.statements.execute(&sql, values).await.map_err(|error| {
            match is_unique_violation(&error) {
                Some(_) => Failure::Refused(CommitError::Exists(what.to_owned())),
                None => error.into(),
            }
        })?;
    }
    Ok(())
}

pub(super) async fn run(applying: &mut Applying<'_>, sql: &str, values: Vec<Value>) -> Done {
    applying.execute(sql, values).await?;
    Ok(())
}
