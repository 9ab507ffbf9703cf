//! Definitions by layer, and the packs below them.

use kontor_model::Json;
use sea_orm::{IsolationLevel, TransactionOptions, TransactionTrait, Value};

use crate::error::Result;
use crate::row::{self, Row, Table, json};
use crate::store::Store;
use crate::system::version;
use crate::target::Dialect;

/// One definition of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionRow {
    /// The pack, or `workspace`.
    pub layer: String,
    /// `entity`, `form` …
    pub kind: String,
    /// The name inside its kind.
    pub name: String,
    /// The definition, or the refinement of the layer below.
    pub body: Json,
}

impl Table for DefinitionRow {
    const NAME: &'static str = "definition";
    const COLUMNS: &'static [&'static str] = &["layer", "kind", "name", "body"];
    const KEY: &'static [&'static str] = &["layer", "kind", "name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { layer: row.text(0)?, kind: row.text(1)?, name: row.text(2)?, body: row.json_or_text(3)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.layer.clone()),
            Value::from(self.kind.clone()),
            Value::from(self.name.clone()),
            json(&self.body),
        ]
    }
}

/// An installed pack: one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct PackRow {
    /// The layer.
    pub name: String,
    /// Lower ones are refined by higher ones.
    pub position: i64,
    /// The version of the pack.
    pub version: String,
    /// Its `pack.json`.
    pub body: Json,
}

impl Table for PackRow {
    const NAME: &'static str = "pack";
    const COLUMNS: &'static [&'static str] = &["name", "position", "version", "body"];
    const KEY: &'static [&'static str] = &["name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            name: row.text(0)?,
            position: row.integer(1)?,
            version: row.text(2)?,
            body: row.json_or_text(3)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.name.clone()),
            Value::from(self.position),
            Value::from(self.version.clone()),
            json(&self.body),
        ]
    }
}

impl Store {
    /// The published version (0 before the first), the packs from the lowest layer up, and the definitions of all
    /// layers by layer, kind and name: all of one moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn definitions(&self) -> Result<(i64, Vec<PackRow>, Vec<DefinitionRow>)> {
        let names = &self.inner.names;
        let options = TransactionOptions {
            isolation_level: (names.dialect == Dialect::Postgres).then_some(IsolationLevel::RepeatableRead),
            ..TransactionOptions::default()
        };
        let snapshot = self.inner.readers.begin_with_options(options).await?;
        let version = version::newest(&snapshot, names).await?;
        let packs = row::select(&snapshot, names, "ORDER BY position, name", vec![]).await?;
        let definitions = row::select(&snapshot, names, "ORDER BY layer, kind, name", vec![]).await?;
        snapshot.commit().await?;
        Ok((version, packs, definitions))
    }
}
