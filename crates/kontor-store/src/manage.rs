//! What is done with whole workspaces: which there are, and deleting one for good.

use std::path::PathBuf;

use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::error::{Error, Result};
use crate::names::quoted;
use crate::target::Target;

/// The schemas of a PostgreSQL database that hold a workspace, sorted.
///
/// # Errors
/// When the database cannot be reached.
pub async fn schemas(url: &str) -> Result<Vec<String>> {
    let connection = connect(url).await?;
    let sql = "SELECT schemaname::text FROM pg_catalog.pg_tables WHERE tablename = 's_meta' ORDER BY 1";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let names: std::result::Result<Vec<String>, _> =
        rows.iter().map(|row| row.try_get_by_index::<String>(0)).collect();
    connection.close_by_ref().await.ok();
    Ok(names?)
}

/// Deletes a workspace's data for good. The workspace is not open anywhere.
///
/// # Errors
/// When the file or the schema cannot be removed.
pub async fn delete_workspace(target: &Target) -> Result<()> {
    match target {
        Target::Sqlite { path } => {
            for ending in ["", "-wal", "-shm"] {
                let mut name = path.clone().into_os_string();
                name.push(ending);
                let file = PathBuf::from(name);
                match std::fs::remove_file(&file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(Error::Unreadable {
                            place: file.display().to_string(),
                            reason: error.to_string(),
                        });
                    }
                    _ => {}
                }
            }
            Ok(())
        }
        Target::Postgres { url, schema } => {
            let connection = connect(url).await?;
            let dropped =
                connection.execute_unprepared(&format!("DROP SCHEMA {} CASCADE", quoted(schema))).await;
            connection.close_by_ref().await.ok();
            dropped?;
            Ok(())
        }
    }
}

pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection> {
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    Ok(DatabaseConnection::from(pool))
}
