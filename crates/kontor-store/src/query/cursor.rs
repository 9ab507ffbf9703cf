//! Cursors: a place in a list as text. Whoever sends one back learns nothing and can reach nothing that the
//! list would not show; a checksum ties it to its list, so that a cursor of another list is refused rather than
//! misunderstood.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate};
use sea_orm::sqlx::{self, Row as _};
use sea_orm::{QueryResult, Value as Bound};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::order::{Key, KeyType};
use super::types::{Cursor, PageQuery};
use crate::error::{Error, Result};
use crate::shape;
use crate::target::Dialect;

/// The value of one key at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    Empty(KeyType),
    Text(String),
    Integer(i64),
    Boolean(bool),
    Date(NaiveDate),
    /// Milliseconds.
    DateTime(i64),
    Id(Uuid),
}

impl Mark {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty(_))
    }

    pub(crate) fn bind(&self, dialect: Dialect) -> Bound {
        match self {
            Self::Empty(KeyType::Text) => Bound::String(None),
            Self::Empty(KeyType::Id) => Bound::Uuid(None),
            Self::Empty(_) => Bound::BigInt(None),
            Self::Text(text) => Bound::from(text.clone()),
            Self::Integer(integer) => Bound::from(*integer),
            Self::Boolean(boolean) => Bound::from(*boolean),
            Self::Date(date) => shape::bind_date(*date, dialect),
            Self::DateTime(milliseconds) => shape::bind_moment(
                DateTime::from_timestamp_millis(*milliseconds).unwrap_or_default(),
                dialect,
            ),
            Self::Id(id) => Bound::from(*id),
        }
    }

    /// Reads the key from a column of a row.
    pub(crate) fn read(key_type: KeyType, row: &QueryResult, index: usize) -> Result<Self> {
        let mark = if let Some(row) = row.try_as_sqlite_row() {
            Self::read_sqlite(key_type, row, index)?
        } else if let Some(row) = row.try_as_pg_row() {
            Self::read_postgres(key_type, row, index)?
        } else {
            None
        };
        Ok(mark.unwrap_or(Self::Empty(key_type)))
    }

    fn read_sqlite(key_type: KeyType, row: &sqlx::sqlite::SqliteRow, index: usize) -> Result<Option<Self>> {
        Ok(match key_type {
            KeyType::Text => row.try_get_unchecked::<Option<String>, _>(index)?.map(Self::Text),
            KeyType::Integer => row.try_get_unchecked::<Option<i64>, _>(index)?.map(Self::Integer),
            KeyType::Boolean => row.try_get_unchecked::<Option<bool>, _>(index)?.map(Self::Boolean),
            KeyType::Date => row
                .try_get_unchecked::<Option<&str>, _>(index)?
                .and_then(|text| text.parse().ok())
                .map(Self::Date),
            KeyType::DateTime => row.try_get_unchecked::<Option<i64>, _>(index)?.map(Self::DateTime),
            KeyType::Id => row.try_get_unchecked::<Option<Uuid>, _>(index)?.map(Self::Id),
        })
    }

    fn read_postgres(key_type: KeyType, row: &sqlx::postgres::PgRow, index: usize) -> Result<Option<Self>> {
        Ok(match key_type {
            KeyType::Text => row.try_get::<Option<String>, _>(index)?.map(Self::Text),
            // The place among options is an `integer`, stored numbers are `bigint`.
            KeyType::Integer => match row.try_get::<Option<i64>, _>(index) {
                Ok(integer) => integer.map(Self::Integer),
                Err(_) => row.try_get::<Option<i32>, _>(index)?.map(|integer| Self::Integer(integer.into())),
            },
            KeyType::Boolean => row.try_get::<Option<bool>, _>(index)?.map(Self::Boolean),
            KeyType::Date => row.try_get::<Option<NaiveDate>, _>(index)?.map(Self::Date),
            KeyType::DateTime => row
                .try_get::<Option<DateTime<chrono::Utc>>, _>(index)?
                .map(|moment| Self::DateTime(moment.timestamp_millis())),
            KeyType::Id => row.try_get::<Option<Uuid>, _>(index)?.map(Self::Id),
        })
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Empty(_) => Json::Null,
            Self::Text(text) => json!(text),
            Self::Integer(integer) | Self::DateTime(integer) => json!(integer.to_string()),
            Self::Boolean(boolean) => json!(boolean),
            Self::Date(date) => json!(date.to_string()),
            Self::Id(id) => json!(id.to_string()),
        }
    }

    fn from_json(key_type: KeyType, json: &Json) -> Option<Self> {
        if json.is_null() {
            return Some(Self::Empty(key_type));
        }
        Some(match key_type {
            KeyType::Boolean => Self::Boolean(json.as_bool()?),
            KeyType::Text => Self::Text(json.as_str()?.to_owned()),
            KeyType::Integer => Self::Integer(json.as_str()?.parse().ok()?),
            KeyType::DateTime => Self::DateTime(json.as_str()?.parse().ok()?),
            KeyType::Date => Self::Date(json.as_str()?.parse().ok()?),
            KeyType::Id => Self::Id(json.as_str()?.parse().ok()?),
        })
    }
}

/// What makes two lists the same: entity, order, filter, search, bin. Values inside relative filters (`me`,
/// `today`) are not resolved, so a cursor lives over midnight.
fn checksum(query: &PageQuery, marks: &str) -> String {
    let mut hasher = DefaultHasher::new();
    query.entity.hash(&mut hasher);
    query.sort.hash(&mut hasher);
    query.search.hash(&mut hasher);
    query.bin.hash(&mut hasher);
    format!("{:?}", query.filter).hash(&mut hasher);
    marks.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The cursor of a place.
pub(crate) fn write(query: &PageQuery, marks: &[Mark]) -> Cursor {
    let marks = Json::Array(marks.iter().map(Mark::to_json).collect()).to_string();
    let text = format!("{}{marks}", checksum(query, &marks));
    Cursor(URL_SAFE_NO_PAD.encode(text))
}

/// The place of a cursor.
pub(crate) fn read(query: &PageQuery, cursor: &Cursor, keys: &[Key]) -> Result<Vec<Mark>> {
    let parse = || {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (sum, marks) = text.split_at_checked(16)?;
        if sum != checksum(query, marks) {
            return None;
        }
        let list: Vec<Json> = serde_json::from_str(marks).ok()?;
        if list.len() != keys.len() {
            return None;
        }
        keys.iter().zip(&list).map(|(key, json)| Mark::from_json(key.holds, json)).collect()
    };
    parse().ok_or(Error::Cursor)
}
