//! Columns and tables that the definitions no longer name: how much they hold, and their end.

use std::collections::BTreeMap;
use std::sync::Arc;

use kontor_model::Model;
use kontor_model::entity::{DIGEST, FOLDED_DIGEST};
use sea_orm::Value;

use crate::ddl::ColumnInfo;
use crate::error::Result;
use crate::names::quoted;
use crate::row;
use crate::shape::{ENTITY, FOLD, columns};
use crate::store::Store;
use crate::target::Dialect;
use crate::unit::{CommitError, CommitUnit};
use crate::write::Job;

/// What the database still holds and no definition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remainder {
    /// The key of the entity.
    pub table: String,
    /// The key of the columns; empty for the whole table.
    pub column: String,
    /// Rows that hold something.
    pub rows: u64,
    /// About how many bytes of values.
    pub bytes: u64,
}

impl Store {
    /// Everything that no definition of the model names, by table and column.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remainders(&self, model: &Model) -> Result<Vec<Remainder>> {
        let mut found = Vec::new();
        for table in self.record_tables().await? {
            let known = self.typed_columns(&table).await?;
            let Some(entity) = model.entities.values().find(|entity| entity.key == table) else {
                let (rows, bytes) = self.held(&table, &known).await?;
                found.push(Remainder { table, column: String::new(), rows, bytes });
                continue;
            };
            let used: Vec<String> = columns(entity).into_iter().map(|(column, _)| column).collect();
            for (column, group) in groups(&known, &used) {
                let (rows, bytes) = self.held(&table, &group).await?;
                found.push(Remainder { table: table.clone(), column, rows, bytes });
            }
        }
        Ok(found)
    }

    /// The keys of all tables of records.
    async fn record_tables(&self) -> Result<Vec<String>> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let rows = match &names.schema {
            None => {
                let sql =
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'r_*' ORDER BY name";
                row::query(readers, names, sql, vec![]).await?
            }
            Some(schema) => {
                let sql = "SELECT tablename::text FROM pg_catalog.pg_tables \
                           WHERE schemaname = $1 AND tablename LIKE 'r\\_%' ORDER BY tablename";
                row::query(readers, names, sql, vec![Value::from(schema.clone())]).await?
            }
        };
        rows.iter().map(|row| Ok(row.text(0)?.trim_start_matches("r_").to_owned())).collect()
    }

    async fn held(&self, table: &str, columns: &[ColumnInfo]) -> Result<(u64, u64)> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let main = columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>();
        let Some(first) = main.first() else { return Ok((0, 0)) };
        let sizes: Vec<String> =
            main.iter().map(|column| format!("COALESCE(LENGTH(CAST({column} AS TEXT)), 0)")).collect();
        let sql = format!(
            "SELECT CAST(COUNT({first}) AS BIGINT), CAST(COALESCE(SUM({}), 0) AS BIGINT) FROM {}",
            sizes.join(" + "),
            names.record_table(table)
        );
        let rows = row::query(readers, names, &sql, vec![]).await?;
        let Some(row) = rows.first() else { return Ok((0, 0)) };
        Ok((u64::try_from(row.integer(0)?).unwrap_or(0), u64::try_from(row.integer(1)?).unwrap_or(0)))
    }

    /// Drops columns, or a whole table, that no definition names, for good.
    ///
    /// # Errors
    /// When the database fails; nothing was dropped.
    pub async fn drop_remainder(
        &self,
        model: &Arc<Model>,
        table: &str,
        column: &str,
        unit: CommitUnit,
    ) -> std::result::Result<(), CommitError> {
        let names = &self.inner.names;
        let quoted_table = names.record_table(table);
        let mut statements = Vec::new();
        if column.is_empty() {
            statements.push(format!("DROP TABLE {quoted_table}"));
        } else {
            let used: Vec<String> = model
                .entities
                .values()
                .find(|entity| entity.key == table)
                .map(|entity| columns(entity).into_iter().map(|(column, _)| column).collect())
                .unwrap_or_default();
            let known = self.typed_columns(table).await?;
            let group = groups(&known, &used).remove(column).unwrap_or_default();
            for index in self.indexes_over(table, &group).await? {
                statements.push(format!("DROP INDEX {}", quoted(&index)));
            }
            for one in group {
                statements.push(format!("ALTER TABLE {quoted_table} DROP COLUMN {}", quoted(&one.name)));
            }
        }
        let job = Job { statements, ..Job::of(model, unit) };
        self.inner.writer.commit(job).await.map(|_| ())
    }

    /// SQLite keeps a column that an index is over; PostgreSQL drops the index with it.
    async fn indexes_over(&self, table: &str, group: &[ColumnInfo]) -> Result<Vec<String>> {
        if self.dialect() == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let sql = "SELECT DISTINCT l.name FROM pragma_index_list($1) l, pragma_index_info(l.name) i WHERE i.name = $2";
        let mut found = Vec::new();
        for column in group {
            let bound = vec![Value::from(format!("r_{table}")), Value::from(column.name.clone())];
            for row in row::query(readers, names, sql, bound).await? {
                let name = row.text(0)?;
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        Ok(found)
    }
}

/// Columns that are not used, by the key of the field that they were of.
fn groups(known: &[ColumnInfo], used: &[String]) -> BTreeMap<String, Vec<ColumnInfo>> {
    let mut groups: BTreeMap<String, Vec<ColumnInfo>> = BTreeMap::new();
    for column in known.iter().filter(|column| !used.contains(&column.name)) {
        let behind = [FOLD, ENTITY, DIGEST, FOLDED_DIGEST];
        let key = behind.iter().find_map(|suffix| column.name.strip_suffix(suffix)).unwrap_or(&column.name);
        let key = key.to_owned();
        groups.entry(key).or_default().push(column.clone());
    }
    groups
}
