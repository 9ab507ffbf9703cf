//! The history of encrypted fields. A line of the journal is a list of changes, `[field, old, new]`, by the keys of fields.
//! Where the field is encrypted a change is `[field, sealed]`: both values in one seal, which holds for that line and field
//! alone. So the database looks into all that is not encrypted, and an encrypted value lies nowhere in the clear.

use std::collections::{BTreeMap, HashMap};

use kontor_model::{Json, Model};
use sea_orm::Value;
use serde_json::json;
use uuid::Uuid;

use super::{MARK, Vault};
use crate::error::{Error, Result};
use crate::row::{self, Table as _};
use crate::store::Store;
use crate::system::journal::Stored;
use crate::target::Dialect;
use crate::unit::{CommitUnit, JournalChange};
use crate::write::{Applying, Failure, Job};

/// Lines that are written anew at once.
const CHUNK: usize = 500;

/// Which fields of a model are sealed, by the keys of their entities and their own.
pub(crate) type Known = HashMap<(String, String), bool>;

/// What a model says of its fields.
pub(crate) fn known(model: &Model) -> Known {
    let fields =
        model.entities.values().flat_map(|entity| entity.fields.iter().map(move |one| (entity, one)));
    fields.map(|(entity, field)| ((entity.key.clone(), field.key.clone()), field.is_sealed())).collect()
}

/// Fields whose history is to be sealed (`true`) or opened (`false`), by entity: all by their keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turned {
    entities: BTreeMap<String, BTreeMap<String, bool>>,
    /// Whether there may be values in the clear that are to be sealed.
    pub(crate) scrubs: bool,
}

impl Turned {
    /// What differs between what is published and what is to be. A field that was not there may have been once, with a
    /// history in the clear.
    pub(crate) fn between(old: &Known, new: &Known) -> Self {
        let mut turned = Self::default();
        for ((entity, field), is_sealed) in new {
            let was_sealed = old.get(&(entity.clone(), field.clone())).copied();
            let differs = if *is_sealed { was_sealed != Some(true) } else { was_sealed == Some(true) };
            if differs {
                turned.scrubs |= was_sealed == Some(false) && *is_sealed;
                turned.entities.entry(entity.clone()).or_default().insert(field.clone(), *is_sealed);
            }
        }
        turned
    }
}

/// The text of a line: values of fields for which `is_sealed` says so are sealed.
pub(crate) fn write(
    vault: &Vault,
    line: Uuid,
    changes: &[JournalChange],
    is_sealed: impl Fn(&str) -> bool,
) -> Result<String> {
    let told = changes.iter().map(|JournalChange { field, old, new }| {
        if is_sealed(field) { seal(vault, line, field, old, new) } else { Ok(json!([field, old, new])) }
    });
    Ok(Json::Array(told.collect::<Result<_>>()?).to_string())
}

/// The changes of a line again.
pub(crate) fn read(vault: &Vault, line: Uuid, text: &str) -> Result<Vec<JournalChange>> {
    parse(text)?
        .into_iter()
        .map(|change| match opened(vault, line, change)? {
            Json::Array(parts) => {
                let mut parts = parts.into_iter();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(Json::String(field)), Some(old), Some(new)) => {
                        Ok(JournalChange { field, old, new })
                    }
                    _ => Err(corrupt("a change is no list of three")),
                }
            }
            _ => Err(corrupt("a change is no list of three")),
        })
        .collect()
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { what: "journal".into(), reason: reason.into() }
}

fn parse(text: &str) -> Result<Vec<Json>> {
    match serde_json::from_str(text) {
        Ok(Json::Array(changes)) => Ok(changes),
        Ok(_) => Err(corrupt("it is no list of changes")),
        Err(error) => Err(corrupt(&error.to_string())),
    }
}

/// What a seal is bound to.
fn place(line: Uuid, field: &str) -> String {
    format!("s_{}.{field}.{}", Stored::NAME, line.simple())
}

fn seal(vault: &Vault, line: Uuid, field: &str, old: &Json, new: &Json) -> Result<Json> {
    let values = json!([old, new]).to_string();
    Ok(json!([field, vault.seal(&place(line, field), values.as_bytes())?]))
}

/// The field and the seal of a change that is sealed.
fn sealed_parts(change: &Json) -> Option<(&str, &str)> {
    match change.as_array()?.as_slice() {
        [Json::String(field), Json::String(sealed)] => Some((field, sealed)),
        _ => None,
    }
}

fn opened(vault: &Vault, line: Uuid, change: Json) -> Result<Json> {
    let Some((field, sealed)) = sealed_parts(&change) else { return Ok(change) };
    let bytes = vault.open(&place(line, field), sealed)?;
    match serde_json::from_slice::<Json>(&bytes) {
        Ok(Json::Array(values)) => Ok([vec![json!(field)], values].concat().into()),
        _ => Err(corrupt("what was sealed is no pair of values")),
    }
}

/// A line with its changes sealed (`true`) or opened (`false`) as `wish` says of their fields. `None` when it is so already.
fn turn_line(
    vault: &Vault,
    line: Uuid,
    text: &str,
    wish: impl Fn(&str) -> Option<bool>,
) -> Result<Option<String>> {
    let mut is_changed = false;
    let mut changes = parse(text)?;
    for change in &mut changes {
        let field = change.get(0).and_then(Json::as_str).unwrap_or_default().to_owned();
        let turned = match (wish(&field), sealed_parts(change).is_some()) {
            (Some(true), false) => {
                let value = |at: usize| change.get(at).cloned().unwrap_or_default();
                seal(vault, line, &field, &value(1), &value(2))?
            }
            (Some(false), true) => opened(vault, line, change.take())?,
            _ => continue,
        };
        *change = turned;
        is_changed = true;
    }
    Ok(is_changed.then(|| Json::Array(changes).to_string()))
}

/// Seals and opens what lines tell of these fields, in the transaction of a publish.
pub(crate) async fn turn(applying: &mut Applying<'_>, turned: &Turned) -> std::result::Result<(), Failure> {
    let lock = if applying.names.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let vault = applying.names.vault.clone();
    for (entity, fields) in &turned.entities {
        let mut values = vec![Value::from(entity.as_str())];
        let mut told = Vec::with_capacity(fields.len());
        for field in fields.keys() {
            values.push(Value::from(format!("%{}%", json!(field))));
            told.push(format!("changes LIKE ${}", values.len()));
        }
        let after = values.len() + 1;
        let select = format!(
            "SELECT id, changes FROM @journal WHERE entity = $1 AND ({}) AND id > ${after} ORDER BY id LIMIT {CHUNK}{lock}",
            told.join(" OR ")
        );
        let mut last = Uuid::nil();
        loop {
            let mut bound = values.clone();
            bound.push(Value::from(last));
            let rows = applying.query(&select, bound).await?;
            for row in &rows {
                last = row.get(0)?;
                let text = row.text(1)?;
                // A line that an older program sealed is not found by what it tells.
                let turned = turn_line(&vault, last, &text, |field| fields.get(field).copied())?;
                if let Some(text) = turned {
                    let update = "UPDATE @journal SET changes = $1 WHERE id = $2";
                    if applying.execute(update, vec![Value::from(text), Value::from(last)]).await? != 1 {
                        return Err(corrupt("a line is not found by its own key").into());
                    }
                }
            }
            if rows.len() < CHUNK {
                break;
            }
        }
    }
    Ok(())
}

/// Whether what a line tells of a field is to be sealed, when the line was sealed as a whole. A field that is not there any
/// more may have been encrypted when it went; what belongs to no entity holds no values of records.
fn stays_sealed(model: &Model, key: &str, field: &str) -> bool {
    let Some(entity) = model.entities.values().find(|one| one.key == key) else {
        return !key.starts_with('@');
    };
    entity.fields.iter().find(|one| one.key == field).is_none_or(kontor_model::FieldModel::is_sealed)
}

impl Store {
    /// Opens the lines of the history that an older program sealed as a whole, so that only what they tell of encrypted
    /// fields stays sealed. A slice of lines at a time: what is killed meanwhile goes on with the rest. Gives their number.
    ///
    /// # Errors
    /// When the key is missing, or the database fails.
    pub async fn open_history(&self, model: &std::sync::Arc<Model>) -> Result<u64> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let select = format!(
            "SELECT id, entity, changes FROM @journal WHERE changes LIKE '{MARK}%' AND id > $1 ORDER BY id LIMIT {CHUNK}"
        );
        let (mut last, mut opened) = (Uuid::nil(), 0);
        loop {
            let rows = row::query(readers, names, &select, vec![Value::from(last)]).await?;
            if rows.is_empty() {
                return Ok(opened);
            }
            self.unlock_now().await?;
            let mut writes = Vec::with_capacity(rows.len());
            for row in &rows {
                last = row.get(0)?;
                let (key, sealed) = (row.text(1)?, row.text(2)?);
                let text = names.vault.open_body(Stored::NAME, "changes", sealed.clone())?;
                let turned = turn_line(&names.vault, last, &text, |field| {
                    stays_sealed(model, &key, field).then_some(true)
                })?;
                writes.push((
                    // What is removed for good at this very moment stays so.
                    "UPDATE @journal SET changes = $1 WHERE id = $2 AND changes = $3".to_owned(),
                    vec![Value::from(turned.unwrap_or(text)), Value::from(last), Value::from(sealed)],
                ));
            }
            opened += writes.len() as u64;
            let job = Job { raw: writes, ..Job::of(model, CommitUnit::new()) };
            self.inner.writer.commit(job).await.map_err(|error| Error::Database(error.to_string()))?;
        }
    }
}
