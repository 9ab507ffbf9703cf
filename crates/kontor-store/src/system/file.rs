//! Files and what they hold. A row says what a file is and which record holds it; the content lies in parts under its
//! hash, so that the same content is kept once, however many files it has.

use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::row::{self, Row, Table, id_or_null, moment};
use crate::store::Store;
use crate::system::SystemWrite;

/// So many bytes of a content are one row: a reader holds no more of a file in memory.
pub const PART: usize = 256 * 1024;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of what it holds, in hexadecimal digits.
    pub hash: String,
    /// Its name, without a path.
    pub name: String,
    /// What its first bytes say that it is.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Width and height of a picture.
    pub pixels: Option<(u32, u32)>,
    /// Who sent it; nobody for the engine itself.
    pub author: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// The record that holds it; nobody's yet when there is none.
    pub holder: Option<Holder>,
}

/// Which record holds a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The key of the entity.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// The key of the field; empty for the record's own files.
    pub field: String,
}

/// A write to files and what they hold.
#[derive(Clone, Debug)]
pub enum FileWrite {
    /// A content begins to arrive.
    BeginContent {
        /// Its id until its hash is known.
        id: Uuid,
        /// When.
        at: DateTime<Utc>,
    },
    /// A part of it.
    AddContentPart {
        /// The content.
        content: Uuid,
        /// Which one, from 0.
        n: i64,
        /// Up to [`PART`] bytes.
        bytes: Vec<u8>,
    },
    /// It is complete; when the same is kept already, that one is taken.
    EndContent {
        /// The content.
        id: Uuid,
        /// SHA-256 of all of it.
        hash: String,
    },
    /// It is not wanted.
    DropContent {
        /// The content.
        id: Uuid,
    },
    /// A file of a content that is there: `CommitError::Missing` when it is not.
    AddFile(FileRow),
    /// A record holds a file from now on: `CommitError::Conflict` when another one does.
    HoldFile {
        /// The file.
        id: Uuid,
        /// The record and its field.
        holder: Holder,
    },
    /// No record holds the file any more.
    LetGoOfFile {
        /// The file.
        id: Uuid,
        /// When.
        at: DateTime<Utc>,
    },
    /// No record holds the files of a field any more, or of a whole entity.
    LetGoOfFiles {
        /// The key of the entity.
        entity: String,
        /// The key of the field; empty for all of the entity.
        field: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Files that no record holds, and contents that no file has, go when they are older than this.
    SweepFiles {
        /// The moment.
        before: DateTime<Utc>,
    },
}

impl From<FileWrite> for SystemWrite {
    fn from(write: FileWrite) -> Self {
        Self::File(write)
    }
}

impl Table for FileRow {
    const NAME: &'static str = "file";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "hash",
        "name",
        "media_type",
        "size",
        "width",
        "height",
        "author",
        "at",
        "entity",
        "record",
        "field",
    ];
    const KEY: &'static [&'static str] = &["id"];

    fn read(row: &Row) -> Result<Self> {
        let side = |index: usize| -> Result<Option<u32>> {
            Ok(row.get::<Option<i64>>(index)?.and_then(|side| u32::try_from(side).ok()))
        };
        let holder = match (row.get::<Option<String>>(9)?, row.get::<Option<Uuid>>(10)?) {
            (Some(entity), Some(record)) => {
                let field = row.get::<Option<String>>(11)?.unwrap_or_default();
                Some(Holder { entity, record, field })
            }
            _ => None,
        };
        Ok(Self {
            id: row.get(0)?,
            hash: row.text(1)?,
            name: row.text(2)?,
            media_type: row.text(3)?,
            size: u64::try_from(row.integer(4)?).unwrap_or_default(),
            pixels: side(5)?.zip(side(6)?),
            author: row.get(7)?,
            at: row.moment(8)?,
            holder,
        })
    }

    fn values(&self) -> Vec<Value> {
        let side = |side: Option<u32>| Value::from(side.map(i64::from));
        let holder = self.holder.as_ref();
        vec![
            Value::from(self.id),
            Value::from(self.hash.clone()),
            Value::from(self.name.clone()),
            Value::from(self.media_type.clone()),
            Value::from(i64::try_from(self.size).unwrap_or(i64::MAX)),
            side(self.pixels.map(|(width, _)| width)),
            side(self.pixels.map(|(_, height)| height)),
            id_or_null(self.author),
            moment(self.at),
            Value::from(holder.map(|holder| holder.entity.clone())),
            id_or_null(holder.map(|holder| holder.record)),
            Value::from(holder.map(|holder| holder.field.clone())),
        ]
    }
}

/// A part of a content.
pub(crate) struct PartRow {
    pub(crate) content: Uuid,
    pub(crate) n: i64,
    pub(crate) bytes: Vec<u8>,
}

impl Table for PartRow {
    const NAME: &'static str = "content_part";
    const COLUMNS: &'static [&'static str] = &["content", "n", "bytes"];
    const KEY: &'static [&'static str] = &["content", "n"];

    fn read(row: &Row) -> Result<Self> {
        Ok(Self { content: row.get(0)?, n: row.integer(1)?, bytes: row.get(2)? })
    }

    fn values(&self) -> Vec<Value> {
        vec![Value::from(self.content), Value::from(self.n), Value::from(self.bytes.clone())]
    }
}

impl Store {
    /// The file with that id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file(&self, id: Uuid) -> Result<Option<FileRow>> {
        row::one(&self.inner.readers, &self.inner.names, "WHERE id = $1", vec![Value::from(id)]).await
    }

    /// The files of a record that no field of it holds, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files_of(&self, entity: &str, record: Uuid) -> Result<Vec<FileRow>> {
        let rest = "WHERE record = $1 AND entity = $2 AND field = '' ORDER BY at DESC, id DESC";
        let values = vec![Value::from(record), Value::from(entity)];
        row::select(&self.inner.readers, &self.inner.names, rest, values).await
    }

    /// How many bytes somebody has sent that wait for a record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_bytes(&self, author: Uuid) -> Result<u64> {
        let sql =
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM @file WHERE author = $1 AND entity IS NULL";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![Value::from(author)]).await?;
        let Some(row) = rows.first() else { return Ok(0) };
        Ok(u64::try_from(row.integer(0)?).unwrap_or(0))
    }

    /// One part of a content; nothing behind its last one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn content_part(&self, hash: &str, n: i64) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT p.bytes FROM @content c JOIN @content_part p ON p.content = c.id \
                   WHERE c.hash = $1 AND p.n = $2";
        let values = vec![Value::from(hash), Value::from(n)];
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, values).await?;
        rows.first().map(|row| row.get(0)).transpose()
    }

    /// How many contents are kept, and how many files: what tests and the operator look at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_files(&self) -> Result<(u64, u64)> {
        let sql = "SELECT (SELECT COUNT(*) FROM @content), (SELECT COUNT(*) FROM @file)";
        let rows = row::query(&self.inner.readers, &self.inner.names, sql, vec![]).await?;
        let Some(row) = rows.first() else { return Ok((0, 0)) };
        let count = |index: usize| -> Result<u64> { Ok(u64::try_from(row.integer(index)?).unwrap_or(0)) };
        Ok((count(0)?, count(1)?))
    }
}
