//! When a workspace works: the hours that its settings say, and the holidays that are written down.

use chrono_tz::Tz;
use kontor_model::Model;
use kontor_model::entity::system;
use kontor_model::working_time::{HOLIDAYS, WorkingHours, WorkingTime, holidays};
use sea_orm::{ConnectionTrait, Statement};

use super::system_column;
use crate::error::{Error, Result};
use crate::names::{Names, quoted};
use crate::shape::{Shape, decode};
use crate::store::Store;

/// The name under which the hours are kept beside the other settings.
pub const HOURS: &str = "working_hours";

impl Store {
    /// When the workspace works, in a zone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn working_time(&self, model: &Model, zone: Tz) -> Result<WorkingTime> {
        working_time(&self.inner.readers, &self.inner.names, model, zone).await
    }
}

/// Working time as a connection sees it: inside a transaction, its own writes too.
pub(crate) async fn working_time<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    zone: Tz,
) -> Result<WorkingTime> {
    let sql = names.expand("SELECT value FROM @meta WHERE name = $1");
    let statement = Statement::from_sql_and_values(names.backend(), sql, [HOURS.into()]);
    let stored: Option<String> = match connection.query_one_raw(statement).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    };
    // What cannot be read any more is as good as nothing.
    let hours = stored
        .and_then(|text| WorkingHours::from_json(&serde_json::from_str(&text).ok()?).ok())
        .unwrap_or_default();
    let mut free = Vec::new();
    let days = model.entity(HOLIDAYS).map(|entity| {
        let is_day = |name: &str| entity.field(name).filter(|field| Shape::of(field) == Shape::Date);
        (entity, is_day(holidays::FIRST), is_day(holidays::LAST))
    });
    if let Some((entity, Some(first), Some(last))) = days {
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE {} IS NULL AND {} IS NOT NULL",
            quoted(&first.key),
            quoted(&last.key),
            names.record_table(&entity.key),
            quoted(system_column(entity, system::DELETED_AT)),
            quoted(&first.key),
        );
        let statement = Statement::from_string(names.backend(), sql);
        for row in connection.query_all_raw(statement).await? {
            let day = |index| Ok::<_, Error>(decode(Shape::Date, &row, index, model)?.as_date());
            let Some(first) = day(0)? else { continue };
            free.push((first, day(1)?.unwrap_or(first)));
        }
    }
    Ok(WorkingTime::new(zone, hours, &free))
}
