//! Keeps the search index: what changed in a unit goes in with as few statements as it takes.

use std::collections::{BTreeMap, HashMap};

use sea_orm::Value;
use uuid::Uuid;

use super::apply::{Applying, Failure};
use crate::query::{segment, vector};
use crate::row;
use crate::target::Dialect;

type Done = Result<(), Failure>;

/// Puts texts into the index and takes out those that are gone.
pub(crate) async fn put(applying: &mut Applying<'_>) -> Done {
    let texts = std::mem::take(&mut applying.searched);
    let mut by_entity: BTreeMap<&str, Vec<(Uuid, Option<&str>)>> = BTreeMap::new();
    for ((key, id), text) in &texts {
        by_entity.entry(key).or_default().push((*id, text.as_deref()));
    }
    for (key, records) in by_entity {
        let mut rest = records.as_slice();
        while !rest.is_empty() {
            let (chunk, tail) = rest.split_at(row::chunk_size(rest.len()));
            rest = tail;
            match applying.names.dialect {
                Dialect::Sqlite => match chunk {
                    [(id, Some(text))] if applying.is_new(*id) => {
                        put_new_sqlite(applying, key, *id, text).await?;
                    }
                    chunk => put_sqlite(applying, key, chunk).await?,
                },
                Dialect::Postgres => put_postgres(applying, key, chunk).await?,
            }
        }
    }
    Ok(())
}

/// The text of a record that the index cannot know yet: nothing has to be asked.
async fn put_new_sqlite(applying: &mut Applying<'_>, key: &str, id: Uuid, text: &str) -> Done {
    let sql = row::insert_text(Dialect::Sqlite, "@search", &["entity", "record"], 1);
    applying.later(applying.names.expand(&sql), vec![Value::from(key), Value::from(id)]).await?;
    let sql = "INSERT INTO @search_text (rowid, words) VALUES (last_insert_rowid(), ?)";
    applying.later(applying.names.expand(sql), vec![Value::from(segment(text))]).await
}

async fn put_sqlite(applying: &mut Applying<'_>, key: &str, records: &[(Uuid, Option<&str>)]) -> Done {
    let mut known = known_rows(applying, key, records).await?;
    if !known.is_empty() {
        let rows: Vec<Value> = known.values().map(|row| Value::from(*row)).collect();
        run(applying, &format!("DELETE FROM @search_text WHERE rowid IN ({})", places(1, rows.len())), rows)
            .await?;
    }
    let gone: Vec<Value> = records
        .iter()
        .filter(|(_, text)| text.is_none())
        .filter_map(|(id, _)| known.get(id).map(|row| Value::from(*row)))
        .collect();
    if !gone.is_empty() {
        run(applying, &format!("DELETE FROM @search WHERE id IN ({})", places(1, gone.len())), gone).await?;
    }
    let fresh: Vec<Uuid> = records
        .iter()
        .filter(|(id, text)| text.is_some() && !known.contains_key(id))
        .map(|(id, _)| *id)
        .collect();
    if !fresh.is_empty() {
        let sql = row::insert_text(Dialect::Sqlite, "@search", &["entity", "record"], fresh.len());
        let values = fresh.iter().flat_map(|id| [Value::from(key), Value::from(*id)]).collect();
        let sql = format!("{sql} RETURNING record, id");
        for row in applying.query(&sql, values).await? {
            known.insert(row.get(0)?, row.integer(1)?);
        }
    }
    let mut values = Vec::new();
    for (id, text) in records {
        if let (Some(row), Some(text)) = (known.get(id), text) {
            values.extend([Value::from(*row), Value::from(segment(text))]);
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    run(
        applying,
        &row::insert_text(Dialect::Sqlite, "@search_text", &["rowid", "words"], values.len() / 2),
        values,
    )
    .await
}

/// The rows of the index by record.
async fn known_rows(
    applying: &mut Applying<'_>,
    key: &str,
    records: &[(Uuid, Option<&str>)],
) -> Result<HashMap<Uuid, i64>, Failure> {
    let mut values = vec![Value::from(key)];
    values.extend(records.iter().map(|(id, _)| Value::from(*id)));
    let list = places(2, records.len());
    let sql = format!("SELECT record, id FROM @search WHERE record IN ({list}) AND entity = $1");
    let mut known = HashMap::new();
    for row in applying.query(&sql, values).await? {
        known.insert(row.get(0)?, row.integer(1)?);
    }
    Ok(known)
}

async fn put_postgres(applying: &mut Applying<'_>, key: &str, records: &[(Uuid, Option<&str>)]) -> Done {
    let mut gone = vec![Value::from(key)];
    let mut values = Vec::new();
    let mut rows = Vec::new();
    for (id, text) in records {
        if let Some(text) = text {
            let first = values.len() + 1;
            rows.push(format!("(${first}, ${}, ${}::tsvector)", first + 1, first + 2));
            values.extend([Value::from(key), Value::from(*id), Value::from(vector(text))]);
        } else {
            gone.push(Value::from(*id));
        }
    }
    if gone.len() > 1 {
        let list = places(2, gone.len() - 1);
        run(applying, &format!("DELETE FROM @search WHERE entity = $1 AND record IN ({list})"), gone).await?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO @search (entity, record, words) VALUES {} \
         ON CONFLICT (record, entity) DO UPDATE SET words = excluded.words",
        rows.join(", ")
    );
    run(applying, &sql, values).await
}

/// `$2, $3, $4`.
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

async fn run(applying: &mut Applying<'_>, sql: &str, values: Vec<Value>) -> Done {
    applying.execute(sql, values).await?;
    Ok(())
}
