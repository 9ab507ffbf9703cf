//! Columns that were moved aside and columns in the making, and the triggers that remember which rows were written
//! while a copy is under way.

use kontor_model::entity::{Encryption, FieldModel};
use kontor_model::kind::ColumnType;
use uuid::Uuid;

use super::{ColumnInfo, postgres, sqlite};
use crate::names::{Names, quoted};
use crate::store::Store;
use crate::target::Dialect;

/// The key under which the columns of a field of this kind are parked when the kind changes.
pub(crate) fn aside_key(field: &FieldModel) -> String {
    format!("{}__was_{}", field.key, stored_as(field))
}

/// The key under which the columns of a field's new kind are made while the old ones are in use.
pub(crate) fn staging_key(field: &FieldModel) -> String {
    format!("{}__to_{}", field.key, stored_as(field))
}

/// What the columns of a field hold: sealed values of a kind are told from plain ones, whose columns have the same type,
/// and what was worked out from what people typed, for only that is looked for when a field is typed again.
fn stored_as(field: &FieldModel) -> String {
    let mut kind = compact(field.kind.name());
    if field.is_derived() || field.beside_derived {
        kind.insert_str(0, "derived");
    }
    match field.encryption {
        _ if !field.is_sealed() => kind,
        Encryption::Lookup => format!("found{kind}"),
        _ => format!("sealed{kind}"),
    }
}

pub(super) fn compact(what: &str) -> String {
    what.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The same field with its columns under another key. Units that were moved aside count the digits that the key says.
pub(crate) fn moved(field: &FieldModel, key: String) -> FieldModel {
    let mut moved = field.clone();
    if let Some((_, scale)) = place_of(&key, &aside_key(field)) {
        moved.definition.scale = scale.or(moved.definition.scale);
    }
    moved.key = key;
    moved
}

/// The keys under which columns of a field's kind were moved aside, those that were moved last first.
pub(crate) fn parked_keys(known: &[String], field: &FieldModel) -> Vec<String> {
    let wanted = aside_key(field);
    let mut found: Vec<(u32, &String)> = known
        .iter()
        .filter_map(|column| place_of(column, &wanted).map(|(number, _)| (number, column)))
        .collect();
    found.sort_unstable_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, key)| key.clone()).collect()
}

/// The key under which a field's columns are moved aside, behind those that were moved there before. Where a definition
/// says how many digits the units count, the key says it too: the field may count others when they come back.
pub(crate) fn free_key(known: &[String], field: &FieldModel) -> String {
    let wanted = aside_key(field);
    let last = known.iter().filter_map(|column| place_of(column, &wanted)).map(|(number, _)| number).max();
    let scale = counted(field).map(|scale| scale.to_string()).unwrap_or_default();
    // The first has no number.
    match last {
        None => format!("{wanted}{scale}"),
        Some(last) => format!("{wanted}{scale}_{}", last + 1),
    }
}

/// The digits that a field's units count, where its definition has a say in it. What is sealed says them itself.
fn counted(field: &FieldModel) -> Option<u8> {
    let scale = field.kind.scale(field).filter(|_| !field.is_sealed())?;
    let mut other = field.clone();
    other.definition.scale = Some(u8::from(scale == 0));
    (field.kind.scale(&other) != Some(scale)).then_some(scale)
}

/// The number of a key that columns were moved to, and the digits that their units count.
fn place_of(column: &str, wanted: &str) -> Option<(u32, Option<u8>)> {
    let rest = column.strip_prefix(wanted)?;
    let (scale, number) = rest.split_once('_').map_or((rest, None), |(scale, number)| (scale, Some(number)));
    let number = number.map_or(Some(1), |number| number.parse().ok())?;
    let scale = if scale.is_empty() { None } else { Some(scale.parse().ok()?) };
    Some((number, scale))
}

/// The statements that make every write of some columns remembered.
pub(crate) fn watch(names: &Names, table: &str, copy: Uuid, columns: &[String]) -> Vec<String> {
    let table = names.record_table(table);
    let name = format!("touch_{}", copy.simple());
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let columns = columns.join(", ");
    let id = id_literal(names, copy);
    match names.dialect {
        Dialect::Sqlite => ["INSERT".to_owned(), format!("UPDATE OF {columns}")]
            .into_iter()
            .zip(["i", "u"])
            .map(|(event, letter)| {
                names.expand(&format!(
                    "CREATE TRIGGER {} AFTER {event} ON {table} BEGIN \
                     INSERT OR IGNORE INTO @touched (copy, record) VALUES ({id}, NEW.\"id\"); END",
                    quoted(&format!("{name}_{letter}"))
                ))
            })
            .collect(),
        Dialect::Postgres => {
            let function = qualified(names, &name);
            vec![
                names.expand(&format!(
                    "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $touch$ BEGIN \
                     INSERT INTO @touched (copy, record) VALUES ({id}, NEW.\"id\") ON CONFLICT DO NOTHING; \
                     RETURN NULL; END $touch$"
                )),
                format!(
                    "CREATE TRIGGER {} AFTER INSERT OR UPDATE OF {columns} ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION {function}()",
                    quoted(&name)
                ),
            ]
        }
    }
}

/// The statements that end it.
pub(crate) fn unwatch(names: &Names, table: &str, copy: Uuid) -> Vec<String> {
    let name = format!("touch_{}", copy.simple());
    match names.dialect {
        Dialect::Sqlite => ["i", "u"]
            .into_iter()
            .map(|letter| format!("DROP TRIGGER IF EXISTS {}", quoted(&format!("{name}_{letter}"))))
            .collect(),
        Dialect::Postgres => vec![
            format!("DROP TRIGGER IF EXISTS {} ON {}", quoted(&name), names.record_table(table)),
            format!("DROP FUNCTION IF EXISTS {}()", qualified(names, &name)),
        ],
    }
}

/// An id as a literal of the database.
pub(crate) fn id_literal(names: &Names, id: Uuid) -> String {
    match names.dialect {
        Dialect::Sqlite => format!("x'{}'", id.simple()),
        Dialect::Postgres => format!("'{id}'::uuid"),
    }
}

fn qualified(names: &Names, name: &str) -> String {
    match &names.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(name),
    }
}

impl Store {
    /// Whether a column that exists has a type.
    pub(crate) fn is_of(&self, known: &ColumnInfo, column_type: ColumnType) -> bool {
        known.column_type.eq_ignore_ascii_case(self.type_name(column_type))
    }

    pub(crate) fn add_column(&self, table: &str, column: &str, column_type: ColumnType) -> String {
        let table = self.inner.names.record_table(table);
        format!("ALTER TABLE {table} ADD COLUMN {} {}", quoted(column), self.type_name(column_type))
    }

    fn type_name(&self, column_type: ColumnType) -> &'static str {
        match self.dialect() {
            Dialect::Sqlite => sqlite::type_name(column_type),
            Dialect::Postgres => postgres::type_name(column_type),
        }
    }
}
