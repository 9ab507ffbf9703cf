//! How tables are called in each database. Every name is qualified: one PostgreSQL database holds many
//! workspaces.

use kontor_model::EntityModel;
use sea_orm::DbBackend;

use crate::seal::Vault;
use crate::target::Dialect;

/// The names of one workspace.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) dialect: Dialect,
    /// The PostgreSQL schema.
    pub(crate) schema: Option<String>,
    system_prefix: String,
    /// What seals values that are encrypted.
    pub(crate) vault: Vault,
}

impl Names {
    pub(crate) fn new(dialect: Dialect, schema: Option<String>) -> Self {
        let system_prefix =
            schema.as_deref().map_or_else(|| "s_".to_owned(), |schema| format!("{}.s_", quoted(schema)));
        Self { dialect, schema, system_prefix, vault: Vault::new(None) }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match self.dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        }
    }

    /// Puts the prefix of system tables where the text says `@`.
    pub(crate) fn expand(&self, sql: &str) -> String {
        sql.replace('@', &self.system_prefix)
    }

    /// The quoted, qualified table of an entity.
    pub(crate) fn record_table(&self, key: &str) -> String {
        let table = quoted(&record_table(key));
        match &self.schema {
            Some(schema) => format!("{}.{table}", quoted(schema)),
            None => table,
        }
    }

    /// What every statement over records carries: databases keep prepared statements by their text, and a
    /// changed column type must not meet an old one.
    pub(crate) fn mark(entity: &EntityModel, version: i64) -> String {
        format!(" /* r_{} v{version} */", entity.key)
    }
}

/// The table of an entity without its schema.
pub(crate) fn record_table(key: &str) -> String {
    format!("r_{key}")
}

/// A name in quotes. Names come from checked definitions, `[a-z][a-z0-9_]*`, or from the operator.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
