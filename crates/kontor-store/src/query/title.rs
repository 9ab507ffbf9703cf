//! What records are called: the display field, for those that the asker may see.

use std::collections::HashMap;

use kontor_model::entity::system;
use kontor_model::filter::{FieldPath, FilterContext};
use kontor_model::{Access, Model};
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::Plan;
use super::column::Columns;
use super::frame::Frame;
use super::mask::{Reader, may_read};
use crate::error::Result;
use crate::store::Store;

/// So many ids go into one statement.
const CHUNK: usize = 500;

impl Store {
    /// The titles of those records that the asker may see; the title is empty when the asker may not see the
    /// display field. Deleted records have none.
    ///
    /// # Errors
    /// [`crate::Error::UnknownEntity`] when the model has no such entity.
    pub async fn titles(
        &self,
        model: &Model,
        access: &Access,
        entity: &str,
        ids: &[Uuid],
        context: &FilterContext,
    ) -> Result<HashMap<Uuid, String>> {
        let mut unique = ids.to_vec();
        unique.sort_unstable();
        unique.dedup();
        let mut titles = HashMap::with_capacity(unique.len());
        for chunk in unique.chunks(CHUNK) {
            let (statement, columns) = {
                let plan = Plan::new(model, access, context, &self.inner.names);
                plan.titles(entity, chunk)?
            };
            let rows = self.inner.readers.query_all_raw(statement).await?;
            let Some(display) = model.entity(entity).map(|entity| entity.display_field()) else { break };
            for row in &rows {
                let values = columns.read(&self.inner.names, model, row)?;
                let Some(id) = values.first().and_then(kontor_model::Value::as_id) else { continue };
                let title = match values.get(1) {
                    Some(value) if !value.is_empty() => display.kind.title(display, value, context.zone),
                    _ => String::new(),
                };
                titles.insert(id, title);
            }
        }
        Ok(titles)
    }
}

impl Plan<'_> {
    fn titles(&self, entity: &str, ids: &[Uuid]) -> Result<(Statement, Columns)> {
        let entity = self.entity(entity)?;
        let mut frame = Frame::new(self, entity);
        let mut select = SelectStatement::new();
        let mut columns = Columns::default();
        let own = |index| FieldPath::own(entity.name.clone(), index);
        columns.add(self, &mut frame, &mut select, &own(system::ID), Reader::Rule)?;
        if may_read(self, entity, entity.display_field()) {
            columns.add(self, &mut frame, &mut select, &own(entity.display), Reader::Asker)?;
        }
        select.and_where(frame.system(system::ID).is_in(ids.iter().copied()));
        select.and_where(self.root_scope(&mut frame, Reader::Asker, false)?);
        frame.put_into(self, &mut select);
        Ok((self.statement(entity, &select), columns))
    }
}
