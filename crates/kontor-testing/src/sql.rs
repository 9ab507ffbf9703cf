//! A look into the database from outside the program, and a hand on it for fault tests.

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

use crate::engine::Engine;
use crate::installation::Installation;

/// Opens the database of an installation. On SQLite the file of workspace `main`.
pub async fn open(installation: &Installation) -> DatabaseConnection {
    let address = match installation.database() {
        Some(address) => address.to_owned(),
        None => format!("sqlite://{}?mode=rw", sqlite_file(installation).display()),
    };
    let mut options = sea_orm::ConnectOptions::new(address);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("a connection to the database")
}

/// The largest SQLite file of the data folder: the workspace's.
pub fn sqlite_file(installation: &Installation) -> std::path::PathBuf {
    assert_eq!(installation.engine, Engine::Sqlite);
    let mut found: Vec<(u64, std::path::PathBuf)> = Vec::new();
    let mut folders = vec![installation.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the data folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0")) {
                found.push((entry.metadata().map_or(0, |metadata| metadata.len()), path));
            }
        }
    }
    found.sort();
    found.pop().expect("a database file in the data folder").1
}

/// Runs one statement.
pub async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The first column of the first row as a number.
pub async fn number(connection: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
    let row = connection.query_one_raw(statement).await.expect(sql).expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// The first column of all rows as texts.
pub async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
    let rows = connection.query_all_raw(statement).await.expect(sql);
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

/// What stands before the name of a table: nothing on SQLite, the schema of workspace `main` on PostgreSQL.
pub async fn schema(connection: &DatabaseConnection) -> String {
    let backend = connection.get_database_backend();
    if backend == sea_orm::DatabaseBackend::Sqlite {
        return String::new();
    }
    let sql = "select table_schema from information_schema.tables where table_name = 's_meta'";
    let row = connection
        .query_one_raw(Statement::from_string(backend, sql.to_owned()))
        .await
        .expect("the list of tables")
        .expect("a system table");
    let name: String = row.try_get_by_index(0).expect("a name");
    format!("\"{name}\".")
}

/// Ends a connection, so that nothing is left open when the program starts again.
pub async fn close(connection: DatabaseConnection) {
    connection.close().await.expect("an orderly end");
}

/// Every byte that the database holds, to look for what must not be in it.
pub fn bytes(installation: &Installation) -> Vec<u8> {
    if let Some(address) = installation.database() {
        return crate::postgres::shared().dump(address);
    }
    let file = sqlite_file(installation);
    let mut bytes = std::fs::read(&file).expect("the database");
    let log = file.with_file_name(format!("{}-wal", file.file_name().expect("a name").to_string_lossy()));
    bytes.extend(std::fs::read(log).unwrap_or_default());
    bytes
}
