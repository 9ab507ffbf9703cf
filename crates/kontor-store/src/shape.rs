//! How a field's value lies in its columns, in both directions. What the value means is the field kind's part.
//!
//! | value | SQLite | PostgreSQL |
//! |---|---|---|
//! | text, choice | TEXT, compared byte by byte | text COLLATE "C" |
//! | several choices | TEXT `\|a\|b\|` | the same |
//! | whole number; decimal as units of 10^-scale | INTEGER | bigint |
//! | day | TEXT `2026-01-31` | date |
//! | moment | INTEGER, milliseconds since 1970 | timestamptz |
//! | id | BLOB of 16 bytes | uuid |
//! | JSON, and values made of parts | its TEXT | the same |
//! | files | TEXT of a JSON list | the same |
//! | secret | TEXT, sealed, that no select reads: only whether it is there | the same |
//! | value of an encrypted field, of any type | TEXT, sealed; the id of its record is read with it | the same |

use chrono::{DateTime, NaiveDate, Utc};
use kontor_model::entity::{DIGEST, EntityModel, FOLDED_DIGEST, FieldModel};
use kontor_model::formula::Type;
use kontor_model::kind::{Column, ColumnType};
use kontor_model::value::{AnyLink, HeldFile, Secret, Value, fold};
use kontor_model::{Decimal, Json, Model};
use sea_orm::sqlx::{self, Row as _};
use sea_orm::{QueryResult, Value as Bound};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::names::Names;
use crate::seal::Spot;
use crate::target::Dialect;

/// What separates the values of a list; no option's value holds it.
pub(crate) const LIST_SEPARATOR: char = '|';
/// The column of folded text beside a text.
pub(crate) const FOLD: &str = "__fold";
/// The column with the entity beside an `any_link`.
pub(crate) const ENTITY: &str = "__entity";

/// What a field's main column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No column at all: what the field holds are records of another table.
    Nothing,
    Text,
    List,
    Integer,
    Decimal(u8),
    Boolean,
    Date,
    DateTime,
    Id,
    AnyLink,
    Json,
    Files,
    Secret,
    Sealed,
}

impl Shape {
    pub(crate) fn of(field: &FieldModel) -> Self {
        if field.is_sealed() {
            return Self::Sealed;
        }
        let columns = field.kind.columns(field);
        if columns.is_empty() {
            return Self::Nothing;
        }
        if columns.iter().any(|column| column.suffix == ENTITY) {
            return Self::AnyLink;
        }
        if field.kind.formula_type() == Type::List {
            return Self::List;
        }
        if field.kind.holds_files() {
            return Self::Files;
        }
        match columns.first().map_or(ColumnType::Text, |column| column.column_type) {
            ColumnType::Text => Self::Text,
            ColumnType::Integer => field.kind.scale(field).map_or(Self::Integer, Self::Decimal),
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Date => Self::Date,
            ColumnType::DateTime => Self::DateTime,
            ColumnType::Uuid => Self::Id,
            ColumnType::Json => Self::Json,
            ColumnType::Secret => Self::Secret,
            ColumnType::Sealed => Self::Sealed,
        }
    }

    /// How many columns a select takes to read the value back.
    pub(crate) fn width(self) -> usize {
        if matches!(self, Self::AnyLink | Self::Sealed) { 2 } else { 1 }
    }
}

/// Whether the field has a column of folded text.
pub(crate) fn is_folded(field: &FieldModel) -> bool {
    field.columns().iter().any(|column| column.suffix == FOLD)
}

/// The physical columns of an entity, in the order of its fields.
pub(crate) fn columns(entity: &EntityModel) -> Vec<(String, ColumnType)> {
    entity.fields.iter().flat_map(field_columns).collect()
}

/// The physical columns of a field, the main one first.
pub(crate) fn field_columns(field: &FieldModel) -> Vec<(String, ColumnType)> {
    let name = |column: &Column| (format!("{}{}", field.key, column.suffix), column.column_type);
    field.columns().iter().map(name).collect()
}

/// Where values are bound for: a record of a table.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) names: &'a Names,
    /// The key of the entity.
    pub(crate) table: &'a str,
    pub(crate) id: Uuid,
}

/// The bound values of all columns of a field.
pub(crate) fn bind_all(
    field: &FieldModel,
    value: &Value,
    model: &Model,
    place: Place<'_>,
    into: &mut Vec<Bound>,
) -> Result<()> {
    let Place { names, table, id } = place;
    let dialect = names.dialect;
    for column in field.columns() {
        if matches!(column.column_type, ColumnType::Sealed | ColumnType::Secret) {
            let spot = Spot { table, column: &field.key, id };
            into.push(Bound::from(names.vault.seal_value(field, value, spot)?));
            continue;
        }
        into.push(match column.suffix {
            DIGEST | FOLDED_DIGEST if field.is_sealed() => {
                let folded = column.suffix == FOLDED_DIGEST;
                Bound::from(names.vault.digest(field, value, table, folded)?)
            }
            FOLD => match value {
                Value::Text(text) => Bound::from(fold(text).into_owned()),
                Value::Json(_) | Value::Files(_) => {
                    Bound::from(value.as_words().map(|words| fold(&words).into_owned()))
                }
                _ => Bound::String(None),
            },
            ENTITY => match value {
                Value::AnyLink(link) => Bound::from(entity_key(model, &link.entity)?),
                _ => Bound::String(None),
            },
            _ => bind(field, value, column.column_type, dialect)?,
        });
    }
    Ok(())
}

/// The value of a field's main column.
pub(crate) fn bind(
    field: &FieldModel,
    value: &Value,
    column_type: ColumnType,
    dialect: Dialect,
) -> Result<Bound> {
    let misfit = || {
        Error::Query(format!("`{}` holds values of kind {}, not {value:?}", field.name, field.kind.name()))
    };
    Ok(match (value, column_type) {
        (Value::Empty, _) => null(column_type, dialect),
        (Value::Text(text), ColumnType::Text) => Bound::from(text.clone()),
        (Value::Files(files), ColumnType::Json) => {
            Bound::from(Json::Array(files.iter().map(HeldFile::to_json).collect()).to_string())
        }
        (Value::Json(json), ColumnType::Json) => Bound::from(json.to_string()),
        (Value::List(list), ColumnType::Text) => Bound::from(join_list(list)),
        (Value::Integer(integer), ColumnType::Integer) => match field.kind.scale(field) {
            Some(scale) => {
                Bound::from(Decimal::from(*integer).rescale(scale).ok_or(Error::Overflow)?.units())
            }
            None => Bound::from(*integer),
        },
        (Value::Decimal(decimal), ColumnType::Integer) => {
            Bound::from(decimal.rescale(field.kind.scale(field).unwrap_or(0)).ok_or(Error::Overflow)?.units())
        }
        (Value::Boolean(boolean), ColumnType::Boolean) => Bound::from(*boolean),
        (Value::Date(date), ColumnType::Date) => bind_date(*date, dialect),
        (Value::DateTime(moment), ColumnType::DateTime) => bind_moment(*moment, dialect),
        (Value::Id(id), ColumnType::Uuid) => Bound::from(*id),
        (Value::AnyLink(link), ColumnType::Uuid) => Bound::from(link.id),
        _ => return Err(misfit()),
    })
}

fn null(column_type: ColumnType, dialect: Dialect) -> Bound {
    match (column_type, dialect) {
        (ColumnType::Text | ColumnType::Json | ColumnType::Secret | ColumnType::Sealed, _)
        | (ColumnType::Date, Dialect::Sqlite) => Bound::String(None),
        (ColumnType::Integer, _) | (ColumnType::DateTime, Dialect::Sqlite) => Bound::BigInt(None),
        (ColumnType::Boolean, _) => Bound::Bool(None),
        (ColumnType::Date, Dialect::Postgres) => Bound::ChronoDate(None),
        (ColumnType::DateTime, Dialect::Postgres) => Bound::ChronoDateTimeUtc(None),
        (ColumnType::Uuid, _) => Bound::Uuid(None),
    }
}

/// A day as it is bound.
pub(crate) fn bind_date(date: NaiveDate, dialect: Dialect) -> Bound {
    match dialect {
        Dialect::Sqlite => Bound::from(date.to_string()),
        Dialect::Postgres => Bound::from(date),
    }
}

/// A moment of a record as it is bound, in whole milliseconds.
pub(crate) fn bind_moment(moment: DateTime<Utc>, dialect: Dialect) -> Bound {
    let milliseconds = moment.timestamp_millis();
    match dialect {
        Dialect::Sqlite => Bound::from(milliseconds),
        Dialect::Postgres => Bound::from(DateTime::from_timestamp_millis(milliseconds).unwrap_or(moment)),
    }
}

/// A list as it is stored.
pub(crate) fn join_list(list: &[String]) -> String {
    let mut text = String::from(LIST_SEPARATOR);
    for value in list {
        text.push_str(value);
        text.push(LIST_SEPARATOR);
    }
    text
}

/// The key of the entity of that name.
pub(crate) fn entity_key(model: &Model, name: &str) -> Result<String> {
    // What is journalled and is no entity stands for itself.
    if name.starts_with('@') {
        return Ok(name.to_owned());
    }
    model.entity(name).map(|entity| entity.key.clone()).ok_or_else(|| Error::UnknownEntity(name.to_owned()))
}

/// The name of the entity with that key; the key itself when the entity is no longer defined.
pub(crate) fn entity_name(model: &Model, key: &str) -> String {
    if let Some(entity) = model.entity(key)
        && entity.key == key
    {
        return entity.name.clone();
    }
    model
        .entities
        .values()
        .find(|entity| entity.key == key)
        .map_or_else(|| key.to_owned(), |entity| entity.name.clone())
}

/// Reads the value that begins at column `index` of a row.
pub(crate) fn decode(shape: Shape, row: &QueryResult, index: usize, model: &Model) -> Result<Value> {
    if let Some(row) = row.try_as_sqlite_row() {
        return decode_sqlite(shape, row, index, model);
    }
    if let Some(row) = row.try_as_pg_row() {
        return decode_postgres(shape, row, index, model);
    }
    Err(Error::Database("a row of an unknown database".into()))
}

/// Reads the sealed value at column `index` of a row: the id of its record is in the next column.
pub(crate) fn open(names: &Names, table: &str, key: &str, row: &QueryResult, index: usize) -> Result<Value> {
    let Some(sealed) = row.try_get_by_index::<Option<String>>(index)? else { return Ok(Value::Empty) };
    let Some(id) = row.try_get_by_index::<Option<Uuid>>(index + 1)? else { return Ok(Value::Empty) };
    names.vault.open_value(&sealed, Spot { table, column: key, id })
}

fn decode_sqlite(shape: Shape, row: &sqlx::sqlite::SqliteRow, index: usize, model: &Model) -> Result<Value> {
    // The declared types of computed columns are unknown to SQLite, hence `unchecked`: the column is what the
    // planner made it.
    Ok(match shape {
        // What is sealed is read by `open`, with the id of its record.
        Shape::Nothing | Shape::Sealed => Value::Empty,
        Shape::Text => row.try_get_unchecked::<Option<String>, _>(index)?.map_or(Value::Empty, Value::text),
        Shape::List => row.try_get_unchecked::<Option<&str>, _>(index)?.map_or(Value::Empty, split_list),
        Shape::Json => json(row.try_get_unchecked::<Option<&str>, _>(index)?)?,
        Shape::Files => files(row.try_get_unchecked::<Option<&str>, _>(index)?)?,
        Shape::Secret => kept(row.try_get_unchecked::<Option<&str>, _>(index)?),
        Shape::Integer => {
            row.try_get_unchecked::<Option<i64>, _>(index)?.map_or(Value::Empty, Value::Integer)
        }
        Shape::Decimal(scale) => decimal(row.try_get_unchecked::<Option<i64>, _>(index)?, scale),
        Shape::Boolean => {
            row.try_get_unchecked::<Option<bool>, _>(index)?.map_or(Value::Empty, Value::Boolean)
        }
        Shape::Date => match row.try_get_unchecked::<Option<&str>, _>(index)? {
            Some(text) => Value::Date(text.parse().map_err(|_| Error::Corrupt {
                what: "date".into(),
                reason: format!("`{text}` is no date"),
            })?),
            None => Value::Empty,
        },
        Shape::DateTime => match row.try_get_unchecked::<Option<i64>, _>(index)? {
            Some(milliseconds) => {
                Value::DateTime(DateTime::from_timestamp_millis(milliseconds).ok_or_else(|| {
                    Error::Corrupt { what: "moment".into(), reason: format!("{milliseconds} is none") }
                })?)
            }
            None => Value::Empty,
        },
        Shape::Id => row.try_get_unchecked::<Option<Uuid>, _>(index)?.map_or(Value::Empty, Value::Id),
        Shape::AnyLink => any_link(
            row.try_get_unchecked::<Option<Uuid>, _>(index)?,
            row.try_get_unchecked::<Option<&str>, _>(index + 1)?,
            model,
        ),
    })
}

fn decode_postgres(shape: Shape, row: &sqlx::postgres::PgRow, index: usize, model: &Model) -> Result<Value> {
    Ok(match shape {
        // What is sealed is read by `open`, with the id of its record.
        Shape::Nothing | Shape::Sealed => Value::Empty,
        Shape::Text => row.try_get::<Option<String>, _>(index)?.map_or(Value::Empty, Value::text),
        Shape::List => row.try_get::<Option<&str>, _>(index)?.map_or(Value::Empty, split_list),
        Shape::Json => json(row.try_get::<Option<&str>, _>(index)?)?,
        Shape::Files => files(row.try_get::<Option<&str>, _>(index)?)?,
        Shape::Secret => kept(row.try_get::<Option<&str>, _>(index)?),
        Shape::Integer => row.try_get::<Option<i64>, _>(index)?.map_or(Value::Empty, Value::Integer),
        Shape::Decimal(scale) => decimal(row.try_get::<Option<i64>, _>(index)?, scale),
        Shape::Boolean => row.try_get::<Option<bool>, _>(index)?.map_or(Value::Empty, Value::Boolean),
        Shape::Date => row.try_get::<Option<NaiveDate>, _>(index)?.map_or(Value::Empty, Value::Date),
        Shape::DateTime => {
            row.try_get::<Option<DateTime<Utc>>, _>(index)?.map_or(Value::Empty, Value::DateTime)
        }
        Shape::Id => row.try_get::<Option<Uuid>, _>(index)?.map_or(Value::Empty, Value::Id),
        Shape::AnyLink => any_link(
            row.try_get::<Option<Uuid>, _>(index)?,
            row.try_get::<Option<&str>, _>(index + 1)?,
            model,
        ),
    })
}

fn decimal(units: Option<i64>, scale: u8) -> Value {
    units.map_or(Value::Empty, |units| Value::Decimal(Decimal::new(units, scale)))
}

fn json(text: Option<&str>) -> Result<Value> {
    let Some(text) = text else { return Ok(Value::Empty) };
    serde_json::from_str(text)
        .map(Value::Json)
        .map_err(|error| Error::Corrupt { what: "JSON".into(), reason: error.to_string() })
}

fn files(text: Option<&str>) -> Result<Value> {
    let Value::Json(json) = json(text)? else { return Ok(Value::Empty) };
    let files: Vec<HeldFile> =
        json.as_array().into_iter().flatten().filter_map(HeldFile::from_json).collect();
    Ok(if files.is_empty() { Value::Empty } else { Value::Files(files) })
}

/// Of a secret, a select gives a mark and never the text.
fn kept(mark: Option<&str>) -> Value {
    mark.map_or(Value::Empty, |_| Value::Secret(Secret::Kept))
}

fn split_list(text: &str) -> Value {
    let list: Vec<String> =
        text.split(LIST_SEPARATOR).filter(|value| !value.is_empty()).map(str::to_owned).collect();
    if list.is_empty() { Value::Empty } else { Value::List(list) }
}

fn any_link(id: Option<Uuid>, key: Option<&str>, model: &Model) -> Value {
    match (id, key) {
        (Some(id), Some(key)) => Value::AnyLink(AnyLink { entity: entity_name(model, key), id }),
        _ => Value::Empty,
    }
}
