//! One record by its id. Its statement depends on nothing but the model and the columns as long as all records are
//! seen, so it is built once and kept with the model.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kontor_model::access::Scope;
use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{Access, Model, Value};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ConnectionTrait, Statement, Values};
use uuid::Uuid;

use super::Plan;
use super::column::Columns;
use super::frame::Frame;
use super::mask::{Reader, may_read};
use crate::error::Result;
use crate::names::Names;
use crate::store::Store;

/// Most sets of columns that are kept per entity.
const MOST_SHAPES: usize = 32;

/// The statements of one model that were built so far, by entity.
#[derive(Debug, Default)]
struct Statements {
    by_entity: RwLock<HashMap<String, Vec<Arc<OneRecord>>>>,
}

/// The statement that reads one record.
#[derive(Debug)]
struct OneRecord {
    schema: Option<String>,
    sqlite: bool,
    bin: bool,
    paths: Vec<FieldPath>,
    columns: Columns,
    sql: String,
}

impl OneRecord {
    fn answers(&self, names: &Names, paths: &[FieldPath], bin: bool) -> bool {
        self.bin == bin
            && self.sqlite == (names.dialect == crate::Dialect::Sqlite)
            && self.schema == names.schema
            && self.paths == paths
    }
}

impl Store {
    /// The values of one living record, when the asker may see it.
    ///
    /// # Errors
    /// [`crate::Error::UnknownField`] for fields that the asker may not know of.
    pub async fn get(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        id: Uuid,
        select: &[FieldPath],
        context: &FilterContext,
    ) -> Result<Option<Vec<Value>>> {
        self.get_in(model, access, entity, id, select, context, false).await
    }

    /// The values of one deleted record, when the asker may see it.
    ///
    /// # Errors
    /// [`crate::Error::UnknownField`] for fields that the asker may not know of.
    pub async fn get_deleted(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        id: Uuid,
        select: &[FieldPath],
        context: &FilterContext,
    ) -> Result<Option<Vec<Value>>> {
        self.get_in(model, access, entity, id, select, context, true).await
    }

    #[expect(clippy::too_many_arguments, reason = "the two public readers differ in the last one only")]
    async fn get_in(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        id: Uuid,
        select: &[FieldPath],
        context: &FilterContext,
        bin: bool,
    ) -> Result<Option<Vec<Value>>> {
        // The plan is not `Send`, so it ends before the await.
        let (statement, one) = {
            let plan = Plan::new(model, access, context, &self.inner.names);
            plan.one_record(entity, id, select, bin)?
        };
        let row = self.inner.readers.query_one_raw(statement).await?;
        row.map(|row| one.columns.read(&self.inner.names, model, &row)).transpose()
    }
}

impl Plan<'_> {
    fn one_record(
        &self,
        entity: &str,
        id: Uuid,
        paths: &[FieldPath],
        bin: bool,
    ) -> Result<(Statement, Arc<OneRecord>)> {
        if !self.sees_all(entity, paths) {
            let (statement, one) = self.build_one(entity, id, paths, bin)?;
            return Ok((statement, Arc::new(one)));
        }
        let kept = self.model.kept.get_or(Statements::default);
        let known = {
            let by_entity = kept.by_entity.read().unwrap_or_else(PoisonError::into_inner);
            by_entity
                .get(entity)
                .and_then(|shapes| shapes.iter().find(|one| one.answers(self.names, paths, bin)))
                .cloned()
        };
        if let Some(one) = known {
            return Ok((self.of_one(id, &one), one));
        }
        let (statement, one) = self.build_one(entity, id, paths, bin)?;
        let one = Arc::new(one);
        // Only the id is bound: nothing of the asker and nothing of the hour is in the text.
        if statement.values.as_ref().is_some_and(|values| values.0.len() == 1) {
            let mut by_entity = kept.by_entity.write().unwrap_or_else(PoisonError::into_inner);
            let shapes = by_entity.entry(entity.to_owned()).or_default();
            if shapes.len() < MOST_SHAPES {
                shapes.push(Arc::clone(&one));
            }
        }
        Ok((statement, one))
    }

    fn of_one(&self, id: Uuid, one: &OneRecord) -> Statement {
        Statement {
            sql: one.sql.clone(),
            values: Some(Values(vec![id.into()])),
            db_backend: self.names.backend(),
        }
    }

    /// Whether every record that the paths touch is seen, and every field on them may be read.
    fn sees_all(&self, entity: &str, paths: &[FieldPath]) -> bool {
        if self.access.is_everything() {
            return true;
        }
        let all = |entity: &str| matches!(self.access.entity(entity).read, Scope::All);
        let may = |entity: &str, field: usize| {
            self.model.entity(entity).is_some_and(|entity| {
                entity.fields.get(field).is_some_and(|field| may_read(self, entity, field))
            })
        };
        all(entity)
            && paths.iter().all(|path| {
                may(&path.entity, path.field)
                    && path.hops.iter().all(|hop| may(&hop.entity, hop.field) && all(&hop.to))
            })
    }

    fn build_one(
        &self,
        entity: &str,
        id: Uuid,
        paths: &[FieldPath],
        bin: bool,
    ) -> Result<(Statement, OneRecord)> {
        let entity = self.entity(entity)?;
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        let mut columns = Columns::default();
        for path in paths {
            columns.add(self, &mut frame, &mut select, path, Reader::Asker)?;
        }
        if paths.is_empty() {
            select.expr(Expr::cust("1"));
        }
        select.and_where(frame.system(system::ID).eq(id));
        select.and_where(self.root_scope(&mut frame, Reader::Asker, bin)?);
        frame.put_into(self, &mut select);
        let statement = self.statement(entity, &select);
        let one = OneRecord {
            schema: self.names.schema.clone(),
            sqlite: self.dialect() == crate::Dialect::Sqlite,
            bin,
            paths: paths.to_vec(),
            columns,
            sql: statement.sql.clone(),
        };
        Ok((statement, one))
    }
}
