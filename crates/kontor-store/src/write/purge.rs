//! Removing records for good: the record, what lies beside it, and what other system tables remember of its contents.

use chrono::{DateTime, Utc};
use kontor_model::entity::system;
use sea_orm::Value as Bound;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use super::record::{entity, exists};
use crate::names::{Names, quoted};
use crate::query::system_column;
use crate::row::moment;
use crate::unit::CommitError;

/// What lies beside a record: `$1` is the record, `$2` the key of its entity. The contents of files go with the next
/// sweep, unless another file has the same.
const BESIDE: [&str; 9] = [
    "DELETE FROM @share WHERE record = $1 AND entity = $2",
    "DELETE FROM @comment WHERE record = $1 AND entity = $2",
    "DELETE FROM @follow WHERE record = $1 AND entity = $2",
    "DELETE FROM @file WHERE record = $1 AND entity = $2",
    "DELETE FROM @approval_waits WHERE approval IN (SELECT id FROM @approval WHERE record = $1 AND entity = $2)",
    "DELETE FROM @approval WHERE record = $1 AND entity = $2",
    "DELETE FROM @notice WHERE record = $1 AND entity = $2",
    "DELETE FROM @question_asks WHERE question IN (SELECT id FROM @question WHERE record = $1 AND entity = $2)",
    "DELETE FROM @question WHERE record = $1 AND entity = $2",
];

/// What remembers its contents: that something was done, by whom and when stays. Work that was given up goes; what waits
/// is done in a moment.
const REMEMBERED: [&str; 4] = [
    "UPDATE @journal SET changes = '[]' WHERE record = $1 AND entity = $2",
    "DELETE FROM @event WHERE record = $1 AND entity = $2 AND dead",
    "UPDATE @run_step SET input = 'null', output = 'null', error = NULL \
     WHERE run IN (SELECT id FROM @run WHERE record = $1 AND entity = $2)",
    // Only an import writes lines about records, and the journal says so.
    "UPDATE @import_row SET content = '{}', problems = '[]' WHERE record = $1 AND EXISTS \
     (SELECT 1 FROM @journal j WHERE j.record = $1 AND j.entity = $2 AND j.cause LIKE 'import:%')",
];

/// Removes a record for good.
pub(crate) async fn purge(
    applying: &mut Applying<'_>,
    name: &str,
    id: Uuid,
    expected_version: Option<i64>,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let entity = entity(applying, name)?;
    let mut values = vec![Bound::from(id)];
    let mut sql = format!(
        "DELETE FROM {} WHERE {} = $1",
        applying.names.record_table(&entity.key),
        quoted(system_column(entity, system::ID)),
    );
    if let Some(expected) = expected_version {
        values.push(Bound::from(expected));
        sql = format!("{sql} AND {} = $2", quoted(system_column(entity, system::VERSION)));
    }
    sql.push_str(&Names::mark(entity, applying.model.version));
    if applying.execute(&sql, values).await? == 0 && expected_version.is_some() {
        let entity_name = entity.name.clone();
        return Err(if exists(applying, entity, id).await? {
            CommitError::Conflict { entity: entity_name, id }.into()
        } else {
            CommitError::Missing { entity: entity_name, id }.into()
        });
    }
    for sql in BESIDE.iter().chain(&REMEMBERED) {
        applying.execute(sql, vec![Bound::from(id), Bound::from(entity.key.clone())]).await?;
    }
    // A run that still waits has nothing left to wait for; whoever works on it finds its lease lost.
    let stop = "UPDATE @run SET state = 'stopped', ended_at = $3, updated_at = $3, fence = fence + 1, leased_until = NULL \
                WHERE record = $1 AND entity = $2 AND ended_at IS NULL";
    let bound = vec![Bound::from(id), Bound::from(entity.key.clone()), moment(at)];
    applying.execute(stop, bound).await?;
    let forget = "UPDATE @run SET data = '{}', error = NULL WHERE record = $1 AND entity = $2";
    let bound = vec![Bound::from(id), Bound::from(entity.key.clone())];
    applying.execute(forget, bound).await?;
    Ok(())
}
