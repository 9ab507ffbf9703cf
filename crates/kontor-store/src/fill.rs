//! Carrying the values of a column over into another one, a few rows at a time while everybody goes on writing, or
//! what is left of them inside a publish.

use std::fmt;
use std::sync::Arc;

use kontor_model::entity::FieldModel;
use kontor_model::{Model, Value};
use uuid::Uuid;

use crate::ddl::{free_key, moved, parked_keys, staging_key, unwatch, watch};
use crate::error::Result;
use crate::shape::field_columns;
use crate::store::Store;
use crate::unit::{CommitError, CommitUnit, Committed};
use crate::write::Job;

/// What values become, given those of the sources and what the target holds now: the second part says that a value was
/// there and could not be carried over.
pub type Carry = Arc<dyn Fn(&[Value], &Value) -> (Value, bool) + Send + Sync>;

/// Columns that are filled.
#[derive(Clone)]
pub struct FillTarget {
    /// By its physical key.
    pub field: FieldModel,
    /// Makes the value.
    pub carry: Carry,
}

/// Values of one table that are carried over.
#[derive(Clone)]
pub struct Fill {
    /// The key of the entity.
    pub table: String,
    /// What is read, by physical keys, in the order in which `carry` gets it.
    pub sources: Vec<FieldModel>,
    /// What is written.
    pub targets: Vec<FillTarget>,
    /// Which rows.
    pub rows: FillRows,
    /// The columns of the first source are emptied and removed afterwards, unless a value did not convert: they held in the
    /// clear what is sealed now.
    pub forget: bool,
}

impl Fill {
    /// All that is read: the sources, and what the targets hold.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &FieldModel> {
        self.sources.iter().chain(self.targets.iter().map(|target| &target.field))
    }

    /// Whether anything that is read or written is sealed.
    fn is_sealed(&self) -> bool {
        self.fields().any(FieldModel::is_sealed)
    }
}

impl fmt::Debug for Fill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = |fields: Vec<&FieldModel>| -> String {
            fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>().join(", ")
        };
        let sources = keys(self.sources.iter().collect());
        let targets = keys(self.targets.iter().map(|target| &target.field).collect());
        write!(formatter, "{}: {sources} -> {targets}, {:?}", self.table, self.rows)
    }
}

/// Which rows a fill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillRows {
    /// All of them.
    All,
    /// So many after a record, by id.
    Next {
        /// `None` begins with the first.
        after: Option<Uuid>,
        /// At most.
        limit: u64,
    },
    /// Those that were written since [`Store::watch`]; they are no longer remembered afterwards.
    Touched {
        /// The copy.
        copy: Uuid,
        /// At most.
        limit: u64,
    },
}

/// How far a fill came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Rows that were looked at.
    pub rows: u64,
    /// Values that could not be carried over.
    pub lost: u64,
    /// The last row.
    pub last: Option<Uuid>,
}

impl Store {
    /// The field as it was parked when it had this kind before, if its columns are still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn parked_field(&self, table: &str, field: &FieldModel) -> Result<Option<FieldModel>> {
        let known = self.typed_columns(table).await?;
        let names: Vec<String> = known.iter().map(|column| column.name.clone()).collect();
        let parked = parked_keys(&names, field).into_iter().map(|key| moved(field, key)).find(|parked| {
            field_columns(parked).iter().all(|(column, column_type)| {
                known.iter().any(|one| one.name == *column && self.is_of(one, *column_type))
            })
        });
        Ok(parked)
    }

    /// The field as it will be parked when it gets another kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn aside_field(&self, table: &str, field: &FieldModel) -> Result<FieldModel> {
        let known = self.columns(table).await?;
        Ok(moved(field, free_key(&known, field)))
    }

    /// A field whose columns are in the making, beside those that are in use.
    pub fn staged_field(&self, field: &FieldModel) -> FieldModel {
        moved(field, staging_key(field))
    }

    /// Makes the columns into which a copy goes, unless they are there, and remembers from now on which records are
    /// written in the columns that are copied. Writers wait for a moment only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn watch(
        &self,
        model: &Arc<Model>,
        table: &str,
        copy: Uuid,
        source: &FieldModel,
        targets: &[FieldModel],
        unit: CommitUnit,
    ) -> std::result::Result<(), CommitError> {
        let names = &self.inner.names;
        let mut statements = self.missing_columns(table, targets).await?;
        let columns: Vec<String> = field_columns(source).into_iter().map(|(column, _)| column).collect();
        statements.extend(unwatch(names, table, copy));
        statements.extend(watch(names, table, copy, &columns));
        self.define(model, statements, unit).await
    }

    /// Makes columns before they are in use, unless they are there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_columns(
        &self,
        model: &Arc<Model>,
        table: &str,
        fields: &[FieldModel],
    ) -> std::result::Result<(), CommitError> {
        let statements = self.missing_columns(table, fields).await?;
        if statements.is_empty() {
            return Ok(());
        }
        self.define(model, statements, CommitUnit::new()).await
    }

    async fn missing_columns(&self, table: &str, fields: &[FieldModel]) -> Result<Vec<String>> {
        let known = self.columns(table).await?;
        let columns = fields.iter().flat_map(field_columns);
        Ok(columns
            .filter(|(column, _)| !known.contains(column))
            .map(|(column, column_type)| self.add_column(table, &column, column_type))
            .collect())
    }

    /// Whether the columns of a field are there, in use or parked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, table: &str, field: &FieldModel) -> Result<bool> {
        let known = self.typed_columns(table).await?;
        Ok(field_columns(field).iter().all(|(column, column_type)| {
            known.iter().any(|one| one.name == *column && self.is_of(one, *column_type))
        }))
    }

    /// Whether a field is new to its table: nothing is parked under its key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_unheard_of(&self, table: &str, field: &FieldModel) -> Result<bool> {
        let known = self.columns(table).await?;
        let columns = field_columns(field);
        Ok(parked_keys(&known, field).is_empty() && columns.iter().all(|(column, _)| !known.contains(column)))
    }

    /// Forgets a copy that is not to be finished. The columns stay, unused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unwatch(
        &self,
        model: &Arc<Model>,
        table: &str,
        copy: Uuid,
        unit: CommitUnit,
    ) -> std::result::Result<(), CommitError> {
        let mut statements = unwatch(&self.inner.names, table, copy);
        statements.push(self.inner.names.expand(&format!(
            "DELETE FROM @touched WHERE copy = {}",
            crate::ddl::id_literal(&self.inner.names, copy)
        )));
        self.define(model, statements, unit).await
    }

    /// The statements that end a copy, for the publish that puts the new columns in the place of the old ones.
    pub fn unwatch_statements(&self, table: &str, copy: Uuid) -> Vec<String> {
        unwatch(&self.inner.names, table, copy)
    }

    pub(crate) async fn define(
        &self,
        model: &Arc<Model>,
        statements: Vec<String>,
        unit: CommitUnit,
    ) -> std::result::Result<(), CommitError> {
        let job = Job { statements, ..Job::of(model, unit) };
        self.inner.writer.commit(job).await.map(|_| ())
    }

    /// Carries some rows over and writes the unit, together.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub async fn fill(
        &self,
        model: &Arc<Model>,
        fills: Vec<Fill>,
        unit: CommitUnit,
    ) -> std::result::Result<Committed, CommitError> {
        if fills.iter().any(Fill::is_sealed) {
            self.unlock_now().await?;
        }
        let job = Job { fills, ..Job::of(model, unit) };
        self.inner.writer.commit(job).await
    }

    /// The values of fields by their physical keys, of rows that hold at least one of them, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn values(
        &self,
        model: &Model,
        table: &str,
        fields: &[FieldModel],
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<(Uuid, Vec<Value>)>> {
        if fields.iter().any(FieldModel::is_sealed) {
            self.unlock_now().await?;
        }
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let fields: Vec<&FieldModel> = fields.iter().collect();
        let (sql, bound) =
            crate::write::fill::next_rows(names, table, &fields, after, limit, (model.version, false));
        let rows = crate::row::query(readers, names, &sql, bound).await?;
        rows.iter().map(|row| crate::write::fill::read(names, table, row, &fields, model)).collect()
    }
}
