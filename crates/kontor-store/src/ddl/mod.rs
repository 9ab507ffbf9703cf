//! Definition changes as statements: the very text that a plan shows and publishing runs. Nothing is ever
//! dropped but indexes: columns and tables that definitions no longer name stay in place, parked.

mod carry;
mod coming;
mod convert;
mod index;
mod left;
mod postgres;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};

use kontor_model::diff::SchemaChange;
use kontor_model::entity::{DIGEST, FieldModel, system};
use kontor_model::kind::ColumnType;
use kontor_model::{EntityModel, Model};

pub(crate) use coming::BESIDE;
pub use coming::{ComingIndex, Staged};

pub(crate) use carry::{free_key, id_literal, moved, parked_keys, staging_key, unwatch, watch};
pub(crate) use index::{MARK, dialled, index_keys, index_name, names_of, unique_columns};

use self::index::NewIndex;
use self::left::Left;
use crate::error::{Error, Result};
use crate::names::{Names, quoted};
use crate::shape::{self, FOLD, field_columns};
use crate::store::Store;
use crate::target::Dialect;

/// A column that exists.
#[derive(Clone, Debug)]
pub(crate) struct ColumnInfo {
    pub(crate) name: String,
    /// As the database says it.
    pub(crate) column_type: String,
}

/// What was done before a publish while everybody went on writing.
#[derive(Clone, Debug, Default)]
pub struct Beforehand {
    /// The keys of entities and fields whose new columns are there already, and filled, under another name.
    pub columns: BTreeSet<(String, String)>,
    /// Indexes that hold all records: their names, and those under which they were built.
    pub indexes: BTreeMap<String, String>,
}

/// What exists of an entity's table.
#[derive(Clone, Debug, Default)]
struct Existing {
    columns: Vec<ColumnInfo>,
    indexes: BTreeSet<String>,
    /// Indexes that were begun beside and do not hold all records: they are of no use.
    unfinished: BTreeSet<String>,
}

impl Store {
    /// The columns of an entity's table by its key, parked ones too; none when there is no table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn columns(&self, key: &str) -> Result<Vec<String>> {
        Ok(self.typed_columns(key).await?.into_iter().map(|column| column.name).collect())
    }

    pub(crate) async fn typed_columns(&self, key: &str) -> Result<Vec<ColumnInfo>> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        match self.dialect() {
            Dialect::Sqlite => sqlite::columns(readers, names, key).await,
            Dialect::Postgres => postgres::columns(readers, names, key).await,
        }
    }

    /// The statements that bring the tables from the old model to the new one, in the order in which they run.
    ///
    /// # Errors
    /// When a change names what neither model has, or the database fails.
    pub async fn statements(
        &self,
        old: &Model,
        new: &Model,
        changes: &[SchemaChange],
    ) -> Result<Vec<String>> {
        self.statements_after(old, new, changes, &Beforehand::default()).await
    }

    /// The same after some of the work was done beforehand.
    ///
    /// # Errors
    /// When a change names what neither model has, or the database fails.
    pub async fn statements_after(
        &self,
        old: &Model,
        new: &Model,
        changes: &[SchemaChange],
        beforehand: &Beforehand,
    ) -> Result<Vec<String>> {
        Ok(self.builder_after(old, new, changes, beforehand).await?.statements)
    }

    /// All that changes bring, statements and indexes.
    async fn builder_after<'a>(
        &'a self,
        old: &'a Model,
        new: &'a Model,
        changes: &[SchemaChange],
        beforehand: &'a Beforehand,
    ) -> Result<Builder<'a>> {
        let mut keys = BTreeSet::new();
        for change in changes {
            keys.insert(entity_of(old, new, change)?.key.clone());
        }
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let mut existing = BTreeMap::new();
        for key in keys {
            let (indexes, unfinished) = match self.dialect() {
                Dialect::Sqlite => sqlite::indexes(readers, names, &key).await?,
                Dialect::Postgres => (postgres::indexes(readers, names, &key).await?, BTreeSet::new()),
            };
            let columns = self.typed_columns(&key).await?;
            existing.insert(key, Existing { columns, indexes, unfinished });
        }
        let parked = self.parked().await?.iter().flat_map(Left::of_row).collect();
        let (statements, coming) = (Vec::new(), Vec::new());
        let mut builder = Builder { names, old, new, existing, parked, beforehand, statements, coming };
        for change in changes {
            builder.change(change)?;
        }
        Ok(builder)
    }
}

/// The entity that a change is about.
fn entity_of<'a>(old: &'a Model, new: &'a Model, change: &SchemaChange) -> Result<&'a EntityModel> {
    let (model, name) = match change {
        SchemaChange::ParkEntity { entity }
        | SchemaChange::ParkField { entity, .. }
        | SchemaChange::DropIndex { entity, .. } => (old, entity),
        SchemaChange::CreateEntity { entity }
        | SchemaChange::AddField { entity, .. }
        | SchemaChange::ConvertField { entity, .. }
        | SchemaChange::RescaleField { entity, .. }
        | SchemaChange::Recompute { entity, .. }
        | SchemaChange::AddIndex { entity, .. } => (new, entity),
    };
    model.entity(name).map(|entity| &**entity).ok_or_else(|| Error::UnknownEntity(name.clone()))
}

fn field_of<'a>(entity: &'a EntityModel, name: &str) -> Result<&'a FieldModel> {
    let unknown = || Error::UnknownField { entity: entity.name.clone(), field: name.to_owned() };
    entity.field(name).ok_or_else(unknown)
}

/// Statements under way, and what the tables will look like after them.
struct Builder<'a> {
    names: &'a Names,
    old: &'a Model,
    new: &'a Model,
    existing: BTreeMap<String, Existing>,
    /// What fields were when they were removed, by the keys of entity and field.
    parked: BTreeMap<(String, String), Left>,
    beforehand: &'a Beforehand,
    statements: Vec<String>,
    /// The indexes that the statements make.
    coming: Vec<NewIndex>,
}

impl Builder<'_> {
    fn change(&mut self, change: &SchemaChange) -> Result<()> {
        let (old, new) = (self.old, self.new);
        let entity = entity_of(old, new, change)?;
        match change {
            SchemaChange::CreateEntity { .. } => self.create(entity),
            SchemaChange::ParkEntity { .. }
            | SchemaChange::ParkField { .. }
            | SchemaChange::Recompute { .. } => {}
            SchemaChange::AddField { field, .. } => {
                let field = field_of(entity, field)?;
                self.add_field(entity, field);
                self.link_index(entity, field);
            }
            SchemaChange::ConvertField { field, .. } => self.convert(entity, field_of(entity, field)?),
            // Counted anew in other columns while everybody went on writing.
            SchemaChange::RescaleField { field, .. } if self.is_staged(entity, field_of(entity, field)?) => {
                self.convert(entity, field_of(entity, field)?);
            }
            SchemaChange::RescaleField { field, from, to, .. } => {
                self.recount(entity, field_of(entity, field)?, *from, *to);
            }
            SchemaChange::AddIndex { fields, unique, .. } => {
                let fields = fields.iter().map(|name| field_of(entity, name)).collect::<Result<Vec<_>>>()?;
                self.add_index(entity, &fields, *unique);
            }
            SchemaChange::DropIndex { fields, unique, .. } => {
                let fields = fields.iter().map(|name| field_of(entity, name)).collect::<Result<Vec<_>>>()?;
                self.drop_index(entity, &fields, *unique);
            }
        }
        Ok(())
    }

    fn type_name(&self, column_type: ColumnType) -> &'static str {
        match self.names.dialect {
            Dialect::Sqlite => sqlite::type_name(column_type),
            Dialect::Postgres => postgres::type_name(column_type),
        }
    }

    /// A new table; or the parked one of that key, completed.
    fn create(&mut self, entity: &EntityModel) {
        if self.existing.get(&entity.key).is_some_and(|existing| !existing.columns.is_empty()) {
            for field in &entity.fields {
                self.add_field(entity, field);
            }
        } else {
            let never_empty = [system::ID, system::VERSION, system::CREATED_AT, system::UPDATED_AT];
            let mut lines = Vec::new();
            let mut made = Vec::new();
            for field in &entity.fields {
                for (column, column_type) in field_columns(field) {
                    let rule = match field.index {
                        system::ID => " NOT NULL PRIMARY KEY",
                        index if never_empty.contains(&index) => " NOT NULL",
                        _ => "",
                    };
                    let type_name = self.type_name(column_type);
                    lines.push(format!("    {} {type_name}{rule}", quoted(&column)));
                    made.push(ColumnInfo { name: column, column_type: type_name.to_owned() });
                }
            }
            let table = self.names.record_table(&entity.key);
            self.statements.push(format!("CREATE TABLE {table} (\n{}\n)", lines.join(",\n")));
            self.existing.entry(entity.key.clone()).or_default().columns = made;
        }
        self.standard_indexes(entity);
        for field in &entity.fields {
            self.link_index(entity, field);
        }
        for (fields, unique) in index::all(entity) {
            self.add_index(entity, &fields, unique);
        }
    }

    /// The columns of a field. Parked columns are taken back as they are; one of another type is moved aside.
    fn add_field(&mut self, entity: &EntityModel, field: &FieldModel) {
        if self.is_staged(entity, field) {
            return self.take_staged(entity, field);
        }
        self.make_room(entity, field);
        for (column, column_type) in field_columns(field) {
            let type_name = self.type_name(column_type);
            match self.column(&entity.key, &column) {
                Some(known) if known.column_type.eq_ignore_ascii_case(type_name) => {}
                Some(known) => {
                    let aside = self.aside(&entity.key, &column, &known.column_type);
                    self.rename(entity, &column, &aside);
                    self.add_column(entity, &column, type_name);
                }
                None => self.add_column(entity, &column, type_name),
            }
        }
    }

    fn is_staged(&self, entity: &EntityModel, field: &FieldModel) -> bool {
        self.beforehand.columns.contains(&(entity.key.clone(), field.key.clone()))
    }

    /// The columns of a new field that were made beforehand. What is parked under its key makes room.
    fn take_staged(&mut self, entity: &EntityModel, field: &FieldModel) {
        let staged = moved(field, staging_key(field));
        for ((from, _), (column, _)) in field_columns(&staged).into_iter().zip(field_columns(field)) {
            if let Some(known) = self.column(&entity.key, &column) {
                let aside = self.aside(&entity.key, &column, &known.column_type);
                self.rename(entity, &column, &aside);
            }
            self.rename(entity, &from, &column);
        }
    }

    fn column(&self, key: &str, column: &str) -> Option<ColumnInfo> {
        self.existing.get(key)?.columns.iter().find(|known| known.name == column).cloned()
    }

    /// A free name for a column that makes room.
    fn aside(&self, key: &str, column: &str, what: &str) -> String {
        let base = format!("{column}__was_{}", carry::compact(what));
        if self.column(key, &base).is_none() {
            return base;
        }
        let numbered = (2..1_000).map(|number| format!("{base}_{number}"));
        numbered.into_iter().find(|name| self.column(key, name).is_none()).unwrap_or(base)
    }

    fn add_column(&mut self, entity: &EntityModel, column: &str, type_name: &str) {
        let table = self.names.record_table(&entity.key);
        self.statements.push(format!("ALTER TABLE {table} ADD COLUMN {} {type_name}", quoted(column)));
        let info = ColumnInfo { name: column.to_owned(), column_type: type_name.to_owned() };
        self.existing.entry(entity.key.clone()).or_default().columns.push(info);
    }

    fn rename(&mut self, entity: &EntityModel, from: &str, to: &str) {
        let table = self.names.record_table(&entity.key);
        self.statements.push(format!("ALTER TABLE {table} RENAME COLUMN {} TO {}", quoted(from), quoted(to)));
        if let Some(existing) = self.existing.get_mut(&entity.key) {
            for column in &mut existing.columns {
                if column.name == from {
                    to.clone_into(&mut column.name);
                }
            }
        }
    }
}

/// The column that a list is sorted by, or in which equals of a sealed value are found.
pub(crate) fn sort_column(field: &FieldModel) -> String {
    if field.is_sealed() {
        return format!("{}{DIGEST}", field.key);
    }
    if shape::is_folded(field) { format!("{}{}", field.key, FOLD) } else { field.key.clone() }
}
