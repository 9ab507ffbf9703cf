//! Definitions by layer, and the packs below them.

use kontor_model::Json;
use sea_orm::Value;

use crate::error::Result;
use crate::row::{self, Row, Table, json};
use crate::store::Store;

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
        Ok(Self {
            layer: row.text(0)?,
            kind: row.text(1)?,
            name: row.text(2)?,
            body: row.json(3)?,
        })
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
            body: row.json(3)?,
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
    /// All definitions of all layers, by layer, kind and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn definitions(&self) -> Result<Vec<DefinitionRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY layer, kind, name", vec![]).await
    }

    /// The installed packs, the lowest layer first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn packs(&self) -> Result<Vec<PackRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY position, name", vec![]).await
    }
}
