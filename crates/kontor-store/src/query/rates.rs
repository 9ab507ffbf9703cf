//! What one currency is worth in another on a day: the latest rate that was written down, in either direction, not
//! after that day. On the same day the one in the direction that is asked for counts. Where nobody wrote one down, it goes
//! through a third currency.

use chrono::NaiveDate;
use kontor_model::currency::{Leg, RATES, Rate, rates};
use kontor_model::entity::system;
use kontor_model::{Decimal, Model};
use sea_orm::{ConnectionTrait, Statement, Value as Bound};

use super::system_column;
use crate::error::Result;
use crate::names::{Names, quoted};
use crate::shape::bind_date;
use crate::store::Store;
use crate::target::Dialect;

impl Store {
    /// What one unit of a currency is worth in another on a day; `None` when nobody wrote it down.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rate(&self, model: &Model, from: &str, to: &str, day: NaiveDate) -> Result<Option<Rate>> {
        rate(&self.inner.readers, &self.inner.names, model, from, to, day).await
    }
}

/// The rate as a connection sees it: inside a transaction, its own writes too.
pub(crate) async fn rate<C: ConnectionTrait>(
    connection: &C,
    names: &Names,
    model: &Model,
    from: &str,
    to: &str,
    day: NaiveDate,
) -> Result<Option<Rate>> {
    let Some(entity) = model.entity(RATES) else { return Ok(None) };
    let keys = [rates::CURRENCY, rates::TO, rates::RATE, rates::FROM].map(|name| entity.field(name));
    let [Some(currency), Some(to_currency), Some(rate), Some(valid_from)] = keys else { return Ok(None) };
    let Some(scale) = rate.kind.scale(rate) else { return Ok(None) };
    let one = |first: u8, second: u8, direct: u8| {
        format!(
            "SELECT * FROM (SELECT {rate} AS rate, {day} AS day, {direct} AS direct FROM {table} WHERE {currency} = ${first} \
             AND {to} = ${second} AND {day} <= $3 AND {deleted} IS NULL ORDER BY {day} DESC LIMIT 1) AS r{direct}",
            rate = quoted(&rate.key),
            day = quoted(&valid_from.key),
            table = names.record_table(&entity.key),
            currency = quoted(&currency.key),
            to = quoted(&to_currency.key),
            deleted = quoted(system_column(entity, system::DELETED_AT)),
        )
    };
    let sql = format!(
        "SELECT rate, direct FROM ({} UNION ALL {}) AS both_ways ORDER BY day DESC, direct DESC LIMIT 1",
        one(1, 2, 1),
        one(2, 1, 0)
    );
    let backend = match names.dialect {
        Dialect::Sqlite => sea_orm::DbBackend::Sqlite,
        Dialect::Postgres => sea_orm::DbBackend::Postgres,
    };
    let values = [Bound::from(from.to_owned()), Bound::from(to.to_owned()), bind_date(day, names.dialect)];
    let found = connection.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    if let Some(row) = found {
        let number = Decimal::new(row.try_get_by_index(0)?, scale);
        let is_direct = row.try_get_by_index::<i32>(1)? == 1;
        return Ok(Some(if is_direct { Rate::Direct(number) } else { Rate::Inverse(number) }));
    }
    let table = Table {
        name: names.record_table(&entity.key),
        currency: quoted(&currency.key),
        to: quoted(&to_currency.key),
        rate: quoted(&rate.key),
        day: quoted(&valid_from.key),
        deleted: quoted(system_column(entity, system::DELETED_AT)),
    };
    let values = [Bound::from(from.to_owned()), Bound::from(to.to_owned()), bind_date(day, names.dialect)];
    let statement = Statement::from_sql_and_values(backend, through(&table, names.dialect), values);
    let Some(row) = connection.query_one_raw(statement).await? else { return Ok(None) };
    let leg = |index: usize| -> Result<Leg> {
        let rate = Decimal::new(row.try_get_by_index(index)?, scale);
        Ok(Leg { rate, is_inverse: row.try_get_by_index::<i32>(index + 1)? == 0 })
    };
    Ok(Some(Rate::Through(leg(0)?, leg(2)?)))
}

/// The table of rates and its columns, quoted.
struct Table {
    name: String,
    currency: String,
    to: String,
    rate: String,
    day: String,
    deleted: String,
}

/// The way through a third currency: of each, the latest rates to both not after the day; the one for which both are known
/// on the newest day counts, the first by its letters when there are several.
fn through(table: &Table, dialect: Dialect) -> String {
    let Table { name, currency, to, rate, day, deleted } = table;
    let leg = |side: u8, own: &str, other: &str, direct: u8| {
        format!(
            "SELECT {side} AS side, {other} AS other, {rate} AS rate, {day} AS day, {direct} AS direct FROM {name} \
             WHERE {own} = ${side} AND {day} <= $3 AND {deleted} IS NULL"
        )
    };
    let legs =
        [leg(1, currency, to, 1), leg(1, to, currency, 0), leg(2, to, currency, 1), leg(2, currency, to, 0)];
    let least = if dialect == Dialect::Sqlite { "MIN" } else { "LEAST" };
    format!(
        "WITH legs AS ({}), ranked AS (SELECT side, other, rate, day, direct, \
         ROW_NUMBER() OVER (PARTITION BY side, other ORDER BY day DESC, direct DESC) AS place FROM legs) \
         SELECT a.rate, a.direct, b.rate, b.direct FROM ranked AS a JOIN ranked AS b ON b.other = a.other \
         WHERE a.side = 1 AND b.side = 2 AND a.place = 1 AND b.place = 1 \
         ORDER BY {least}(a.day, b.day) DESC, a.other LIMIT 1",
        legs.join(" UNION ALL ")
    )
}
