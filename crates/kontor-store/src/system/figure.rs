//! Figures that are kept per day: what a metric or a report said on it.

use chrono::{DateTime, NaiveDate, Utc};
use kontor_model::Json;
use sea_orm::Value;

use crate::error::{Error, Result};
use crate::row::{self, Row, Table, json, moment};
use crate::store::Store;

/// The figures of one day.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureRow {
    /// The snapshot that keeps them.
    pub snapshot: String,
    /// The day, in the workspace's zone.
    pub day: NaiveDate,
    /// When they were counted.
    pub taken_at: DateTime<Utc>,
    /// The figures.
    pub body: Json,
}

impl Table for FigureRow {
    const NAME: &'static str = "figure";
    const COLUMNS: &'static [&'static str] = &["snapshot", "day", "taken_at", "body"];
    const KEY: &'static [&'static str] = &["snapshot", "day"];
    const SEALED: &'static [&'static str] = &["body"];

    fn read(row: &Row) -> Result<Self> {
        let day = row.text(1)?.parse::<NaiveDate>().map_err(|error| Error::Corrupt {
            what: "the day of figures".into(),
            reason: error.to_string(),
        })?;
        Ok(Self { snapshot: row.text(0)?, day, taken_at: row.moment(2)?, body: row.sealed_json::<Self>(3)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.snapshot.clone()),
            Value::from(self.day.to_string()),
            moment(self.taken_at),
            json(&self.body),
        ]
    }
}

impl Store {
    /// The figures of a snapshot from one day to another, both included, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn figures(&self, snapshot: &str, first: NaiveDate, last: NaiveDate) -> Result<Vec<FigureRow>> {
        let rest = "WHERE snapshot = $1 AND day >= $2 AND day <= $3 ORDER BY day";
        let values = vec![Value::from(snapshot), first.to_string().into(), last.to_string().into()];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }
}
