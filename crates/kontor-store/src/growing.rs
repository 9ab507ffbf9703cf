//! Indexes of large tables, built while everybody goes on writing.
//!
//! PostgreSQL can by itself. SQLite would let nobody write until it had read and sorted the whole table. There an index
//! begins with no record at all, because its condition asks for a mark that no record carries; then the records are
//! marked, a few at a time, and with its mark each enters the index; at last, in the transaction of the publish, the
//! condition is written without the mark, and the name as it is to be. By then the index holds what it would hold without it, so nothing is read or
//! sorted. Writing to the table of tables is SQLite's own way to change what a definition says but not what it holds
//! (<https://www.sqlite.org/lang_altertable.html#otheralter>).

use std::sync::Arc;

use kontor_model::Model;
use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use crate::ddl::{MARK, names_of};
use crate::error::{Error, Result, is_unique_violation};
use crate::names::quoted;
use crate::row;
use crate::store::Store;
use crate::target::Dialect;
use crate::unit::{CommitError, CommitUnit};

/// Indexes of one table of SQLite that come into being together.
#[derive(Clone, Copy, Debug)]
pub struct Growing<'a> {
    /// Tells them from others.
    pub id: Uuid,
    /// The key of the entity.
    pub table: &'a str,
    /// The statements that would make them at once, as [`Store::statements`] tells them.
    pub statements: &'a [String],
}

/// What became of indexes whose table was walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// They hold every record.
    Whole,
    /// Some records are not in them: the file was written anew meanwhile, and records have other places.
    Gaps,
    /// They are not what they were begun as: somebody else changed a column under them.
    Changed,
}

/// Where a walk through a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The place of the last record that was looked at.
    pub place: i64,
    /// Records that were looked at.
    pub rows: u64,
}

impl Growing<'_> {
    /// What its records carry: a number that no others have.
    fn mark(&self) -> u64 {
        self.id.as_u64_pair().1 >> 2
    }

    fn trigger(&self) -> String {
        quoted(&format!("mark_{}", self.id.simple()))
    }

    /// The names of the indexes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().filter_map(|statement| Self::name_of(statement))
    }

    /// What makes an index that is not finished, which is also what the database says of it as long as nobody touched it.
    fn unfinished(&self, statement: &str) -> String {
        format!("{statement} AND {} = {}", quoted(MARK), self.mark())
    }

    fn name_of(statement: &str) -> Option<&str> {
        statement.split('"').nth(1)
    }
}

impl Store {
    /// Makes one of the indexes, without a record in it. With the first, every new record is marked from now on. Writers
    /// wait for as long as it takes to read the table once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_index(
        &self,
        model: &Arc<Model>,
        growing: Growing<'_>,
        index: usize,
        unit: CommitUnit,
    ) -> std::result::Result<(), CommitError> {
        let table = self.inner.names.record_table(growing.table);
        let (mark, trigger) = (growing.mark(), growing.trigger());
        let mut statements = Vec::new();
        if index == 0 {
            self.read_through(&table).await?;
            if !self.columns(growing.table).await?.iter().any(|column| column == MARK) {
                statements.push(format!("ALTER TABLE {table} ADD COLUMN {} INTEGER", quoted(MARK)));
            }
            statements.push(format!("DROP TRIGGER IF EXISTS {trigger}"));
            statements.push(format!(
                "CREATE TRIGGER {trigger} AFTER INSERT ON {table} BEGIN \
                 UPDATE {table} SET {} = {mark} WHERE \"id\" = NEW.\"id\"; END",
                quoted(MARK)
            ));
        }
        if let Some(statement) = growing.statements.get(index)
            && let Some(name) = Growing::name_of(statement)
        {
            statements.push(format!("DROP INDEX IF EXISTS {}", quoted(name)));
            statements.push(growing.unfinished(statement));
        }
        self.define(model, statements, unit).await
    }

    /// Reads a table from one end to the other beside the writer. What reads it next, with everybody waiting, finds
    /// its pages in the memory of the machine and not on the disk.
    async fn read_through(&self, table: &str) -> Result<()> {
        let sql = format!("SELECT count(*) FROM {table} NOT INDEXED WHERE \"version\" < 0");
        row::query(&self.inner.readers, &self.inner.names, &sql, Vec::new()).await.map(drop)
    }

    /// Marks the next records behind a place, at most so many; `None` when there are no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn grow_index(
        &self,
        model: &Arc<Model>,
        growing: Growing<'_>,
        place: i64,
        limit: u64,
        unit: CommitUnit,
    ) -> std::result::Result<Option<Marked>, CommitError> {
        let table = self.inner.names.record_table(growing.table);
        let sql = format!(
            "SELECT max(place), count(*) FROM \
             (SELECT rowid AS place FROM {table} WHERE rowid > $1 ORDER BY rowid LIMIT {limit})"
        );
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, vec![place.into()]).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let Some(last) = first.get::<Option<i64>>(0)? else { return Ok(None) };
        let (column, mark) = (quoted(MARK), growing.mark());
        let statement = format!(
            "UPDATE {table} SET {column} = {mark} \
             WHERE rowid > {place} AND rowid <= {last} AND {column} IS NOT {mark}"
        );
        self.define(model, vec![statement], unit).await?;
        Ok(Some(Marked { place: last, rows: first.integer(1)?.unsigned_abs() }))
    }

    /// Whether the indexes hold all that they are for, and nothing else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn grown(&self, growing: Growing<'_>) -> Result<Grown> {
        for statement in growing.statements {
            if self.index_sql(statement).await?.is_none_or(|known| known != growing.unfinished(statement)) {
                return Ok(Grown::Changed);
            }
        }
        let table = self.inner.names.record_table(growing.table);
        let sql = format!("SELECT 1 FROM {table} WHERE {} IS NOT {} LIMIT 1", quoted(MARK), growing.mark());
        let rows = row::query(&self.inner.readers, &self.inner.names, &sql, Vec::new()).await?;
        Ok(if rows.is_empty() { Grown::Whole } else { Grown::Gaps })
    }

    /// What the database says of the index that a statement makes; `None` when there is none.
    async fn index_sql(&self, statement: &str) -> Result<Option<String>> {
        let Some(name) = Growing::name_of(statement) else { return Ok(None) };
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = $1";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![name.into()]).await?;
        rows.first().map(|row| row.text(0)).transpose()
    }

    /// The statements that end the growth, for the publish that puts the indexes in use.
    pub fn grown_statements(&self, growing: Growing<'_>) -> Vec<String> {
        match self.dialect() {
            Dialect::Sqlite => vec![format!("DROP TRIGGER IF EXISTS {}", growing.trigger())],
            Dialect::Postgres => Vec::new(),
        }
    }

    /// Forgets indexes that are not to be finished. What somebody else finished under the same name stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_index(
        &self,
        model: &Arc<Model>,
        growing: Growing<'_>,
    ) -> std::result::Result<(), CommitError> {
        if self.dialect() == Dialect::Postgres {
            let entity = model.entities.values().find(|entity| entity.key == growing.table);
            let used = entity.map(|entity| names_of(entity)).unwrap_or_default();
            for name in growing.names().filter(|name| !used.iter().any(|used| used == name)) {
                self.drop_index_beside(name).await?;
            }
            return Ok(());
        }
        let mut statements = vec![format!("DROP TRIGGER IF EXISTS {}", growing.trigger())];
        for statement in growing.statements {
            let known = self.index_sql(statement).await?;
            let is_unfinished = known.is_some_and(|sql| sql.contains(&quoted(MARK)));
            if let Some(name) = Growing::name_of(statement).filter(|_| is_unfinished) {
                statements.push(format!("DROP INDEX {}", quoted(name)));
            }
        }
        self.define(model, statements, CommitUnit::new()).await
    }

    /// Builds an index of PostgreSQL while everybody goes on writing, outside of any transaction; one that exists is left
    /// alone.
    ///
    /// # Errors
    /// [`CommitError::Exists`] when the values do not allow it; or the database fails. Then nothing is left of it.
    pub async fn build_index_beside(&self, statement: &str) -> std::result::Result<(), CommitError> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let Some(name) = Growing::name_of(statement) else { return Ok(()) };
        let schema = names.schema.clone().unwrap_or_default();
        let beside = statement.replacen("INDEX ", "INDEX CONCURRENTLY IF NOT EXISTS ", 1);
        let built = readers.execute_unprepared(&beside).await;
        // What was broken off is left invalid: it costs every write and helps no read.
        let sql = "SELECT i.indisvalid FROM pg_catalog.pg_index i \
                   JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = $1 AND c.relname = $2";
        let bound = vec![schema.into(), name.into()];
        let rows = row::query(readers, names, sql, bound).await?;
        let is_valid = rows.first().map(|row| row.get::<bool>(0)).transpose()?.unwrap_or(false);
        if is_valid {
            return Ok(());
        }
        if !rows.is_empty() {
            self.drop_index_beside(name).await?;
        }
        match built {
            Err(error) if is_unique_violation(&error).is_some() => Err(CommitError::Exists(name.to_owned())),
            Err(error) => Err(CommitError::Store(error.into())),
            Ok(_) => {
                let reason = format!("the index {name} could not be built");
                Err(CommitError::Store(Error::Database(reason)))
            }
        }
    }

    /// Removes an index of PostgreSQL without anybody having to wait.
    async fn drop_index_beside(&self, name: &str) -> Result<()> {
        let schema = self.inner.names.schema.clone().unwrap_or_default();
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}.{}", quoted(&schema), quoted(name));
        self.inner.readers.execute_unprepared(&drop).await?;
        Ok(())
    }
}
