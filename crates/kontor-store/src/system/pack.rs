//! What packs hold and held, what of the workspace went with a pack, and packs that wait for an administrator.

use chrono::{DateTime, Utc};
use kontor_model::Json;
use sea_orm::Value;

use crate::error::Result;
use crate::row::{self, Row, Table, json, json_or_null, moment};
use crate::store::Store;

/// The content of a pack that is or was installed: going back to a version needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct PackContentRow {
    /// The pack.
    pub name: String,
    /// What the content is known by.
    pub content: String,
    /// The version of the pack.
    pub version: String,
    /// Its `pack.json`.
    pub manifest: Json,
    /// Its layer; the store does not look into it.
    pub definitions: Json,
    /// When it was installed first.
    pub at: DateTime<Utc>,
}

impl Table for PackContentRow {
    const NAME: &'static str = "pack_content";
    const COLUMNS: &'static [&'static str] = &["name", "content", "version", "manifest", "definitions", "at"];
    const KEY: &'static [&'static str] = &["name", "content"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            name: row.text(0)?,
            content: row.text(1)?,
            version: row.text(2)?,
            manifest: row.json(3)?,
            definitions: row.json(4)?,
            at: row.moment(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.name.clone()),
            Value::from(self.content.clone()),
            Value::from(self.version.clone()),
            json(&self.manifest),
            json(&self.definitions),
            moment(self.at),
        ]
    }
}

/// What the workspace said of a pack that was removed.
#[derive(Clone, Debug, PartialEq)]
pub struct AsideRow {
    /// The pack.
    pub pack: String,
    /// The kind of the definition.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What the layers below said when it went.
    pub below: Option<Json>,
    /// What the workspace said.
    pub body: Json,
    /// When.
    pub at: DateTime<Utc>,
}

impl Table for AsideRow {
    const NAME: &'static str = "aside";
    const COLUMNS: &'static [&'static str] = &["pack", "kind", "name", "below", "body", "at"];
    const KEY: &'static [&'static str] = &["pack", "kind", "name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            pack: row.text(0)?,
            kind: row.text(1)?,
            name: row.text(2)?,
            below: row.json_or_none(3)?,
            body: row.json(4)?,
            at: row.moment(5)?,
        })
    }

    fn values(&self) -> Vec<Value> {
        vec![
            Value::from(self.pack.clone()),
            Value::from(self.kind.clone()),
            Value::from(self.name.clone()),
            json_or_null(self.below.as_ref()),
            json(&self.body),
            moment(self.at),
        ]
    }
}

/// A pack whose files wait for an administrator to install or upgrade it.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferRow {
    /// The pack.
    pub name: String,
    /// Its files; the store does not look into them.
    pub files: Json,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Table for OfferRow {
    const NAME: &'static str = "offer";
    const COLUMNS: &'static [&'static str] = &["name", "files", "at"];
    const KEY: &'static [&'static str] = &["name"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { name: row.text(0)?, files: row.json(1)?, at: row.moment(2)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::from(self.name.clone()), json(&self.files), moment(self.at)]
    }
}

impl Store {
    /// Every content that a pack had, the first installed first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pack_contents(&self, name: &str) -> Result<Vec<PackContentRow>> {
        let rest = "WHERE name = $1 ORDER BY at, content";
        row::select(&self.inner.readers, &self.inner.names, rest, vec![Value::from(name)]).await
    }

    /// One content of a pack.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pack_content(&self, name: &str, content: &str) -> Result<Option<PackContentRow>> {
        let rest = "WHERE name = $1 AND content = $2";
        let values = vec![Value::from(name), Value::from(content)];
        row::one(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// What of the workspace went with packs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn aside(&self) -> Result<Vec<AsideRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY pack, kind, name", vec![]).await
    }

    /// Packs that wait for an administrator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offers(&self) -> Result<Vec<OfferRow>> {
        row::select(&self.inner.readers, &self.inner.names, "ORDER BY name", vec![]).await
    }
}
