//! Indexes that this program asks for of definitions that an older one published.

use std::sync::Arc;

use kontor_model::Model;
use kontor_model::diff::SchemaChange;

use crate::store::Store;
use crate::target::Dialect;
use crate::unit::{CommitError, CommitUnit};

impl Store {
    /// Makes the indexes by which numbers are drawn, where tables have none: they were made before numbers were held to
    /// occur once. Without them every drawing would read its table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn complete_indexes(&self, model: &Arc<Model>) -> Result<(), CommitError> {
        let mut changes = Vec::new();
        for entity in model.entities.values() {
            for field in entity.fields.iter().filter(|field| field.kind.is_drawn()) {
                let (entity, fields) = (entity.name.clone(), vec![field.name.clone()]);
                changes.push(SchemaChange::AddIndex { entity, fields, unique: false });
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let mut statements = self.statements(model, model, &changes).await?;
        if statements.is_empty() {
            return Ok(());
        }
        if self.dialect() == Dialect::Postgres {
            for statement in &statements {
                self.build_index_beside(statement).await?;
            }
            return Ok(());
        }
        for statement in &mut statements {
            // Another process may have begun at the same moment.
            *statement = statement.replacen("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", 1);
        }
        self.define(model, statements, CommitUnit::new()).await
    }
}
