//! A file arrives, part by part: at no time is more than about a megabyte of it in memory.

use kontor_model::Problem;
use kontor_model::held_file::size_text;
use kontor_store::system::{FileRow, FileWrite, PART};
use kontor_store::{CommitError, CommitUnit};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{media, name};
use crate::Session;
use crate::error::{Error, Result};

/// So much of the beginning is kept to see what the file is: the sizes of pictures stand behind what cameras write.
const HEAD: usize = 256 * 1024;
/// Parts that are written together.
const TOGETHER: usize = 4;
/// How often the end is tried when somebody else sends the same content at the same moment.
const ATTEMPTS: u32 = 3;

/// So many of the largest files may wait for a record of one person.
const WAITING: u64 = 40;

/// Why a file was not taken.
#[derive(Debug)]
pub enum Refused {
    /// It is larger than the workspace takes; the limit in bytes.
    TooLarge(u64),
    /// Its content is not what its ending says.
    Mismatch,
    /// Too much that the same person sent waits for a record.
    TooMuchWaits,
    /// Something failed.
    Failed(Error),
}

impl Refused {
    /// As the error of a call; `name` is that of the file.
    pub fn into_error(self, name: &str) -> Error {
        match self {
            Self::TooLarge(limit) => Error::TooLarge { name: name::safe(name), limit },
            Self::Mismatch => {
                Problem::at_field("file_mismatch", "file").with("name", name::safe(name)).into()
            }
            Self::TooMuchWaits => Problem::at_field("files_waiting", "file").into(),
            Self::Failed(error) => error,
        }
    }

    /// The limit as people read it.
    pub fn limit_text(&self) -> String {
        if let Self::TooLarge(limit) = self { size_text(*limit) } else { String::new() }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<CommitError> for Refused {
    fn from(error: CommitError) -> Self {
        Self::Failed(match error {
            CommitError::Store(error) => error.into(),
            error => Error::internal(error),
        })
    }
}

/// A file on its way in. It belongs to who sends it until a record holds it.
pub struct Receiver<'a> {
    session: &'a Session,
    content: Uuid,
    has_begun: bool,
    head: Vec<u8>,
    rest: Vec<u8>,
    parts: i64,
    size: u64,
    hasher: Sha256,
    limit: u64,
}

impl<'a> Receiver<'a> {
    /// Nothing has arrived yet.
    ///
    /// # Errors
    /// When too much that the actor sent waits for a record, or the database fails.
    pub async fn new(session: &'a Session) -> Result<Self, Refused> {
        let limit = session.workspace.settings().file_limit;
        let waiting = session.workspace.store.waiting_bytes(session.actor.id).await.map_err(Error::from)?;
        if waiting > limit.saturating_mul(WAITING) {
            return Err(Refused::TooMuchWaits);
        }
        Ok(Self {
            session,
            content: Uuid::now_v7(),
            has_begun: false,
            head: Vec::new(),
            rest: Vec::new(),
            parts: 0,
            size: 0,
            hasher: Sha256::new(),
            limit,
        })
    }

    /// The next bytes.
    ///
    /// # Errors
    /// When the file is too large by now, or the database fails. What was written of it is gone then.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            self.abandon().await?;
            return Err(Refused::TooLarge(self.limit));
        }
        self.hasher.update(bytes);
        let wanted = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= PART * TOGETHER {
            let mut unit = CommitUnit::new();
            self.put_parts(&mut unit, false);
            self.commit(unit).await?;
        }
        Ok(())
    }

    /// Everything has arrived.
    ///
    /// # Errors
    /// When it is not what its name says, or the database fails. What was written of it is gone then.
    pub async fn finish(mut self, given: &str) -> Result<FileRow, Refused> {
        let name = name::safe(given);
        let mut media_type = media::of_bytes(&self.head, &name);
        if media::is_pretended(&media_type, &name) {
            self.abandon().await?;
            return Err(Refused::Mismatch);
        }
        let pixels = media::pixels(&media_type, &self.head);
        if media::is_picture(&media_type) && pixels.is_none() {
            // It only begins like a picture.
            "application/octet-stream".clone_into(&mut media_type);
        }
        let actor = self.session.actor.id;
        let row = FileRow {
            id: Uuid::now_v7(),
            hash: hex(&self.hasher.clone().finalize()),
            name,
            media_type,
            size: self.size,
            pixels,
            author: (!actor.is_nil()).then_some(actor),
            at: self.session.now,
            holder: None,
        };
        let mut unit = CommitUnit::new();
        self.put_parts(&mut unit, true);
        unit.system(FileWrite::EndContent { id: self.content, hash: row.hash.clone() });
        unit.system(FileWrite::AddFile(row.clone()));
        let mut attempt = 1;
        loop {
            match self.commit(unit.clone()).await {
                Ok(()) => return Ok(row),
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// The file is not wanted.
    async fn abandon(&mut self) -> Result<(), Refused> {
        self.rest = Vec::new();
        if !self.has_begun {
            return Ok(());
        }
        self.commit(CommitUnit::from(FileWrite::DropContent { id: self.content })).await
    }

    /// Writes that keep what has arrived; all of it at the end, before that whole parts.
    fn put_parts(&mut self, unit: &mut CommitUnit, all: bool) {
        if !self.has_begun {
            self.has_begun = true;
            unit.system(FileWrite::BeginContent { id: self.content, at: self.session.now });
        }
        let bytes = std::mem::take(&mut self.rest);
        let mut chunks = bytes.chunks(PART).peekable();
        while let Some(chunk) = chunks.next() {
            if chunk.len() < PART && !all && chunks.peek().is_none() {
                self.rest = chunk.to_vec();
                return;
            }
            let bytes = chunk.to_vec();
            unit.system(FileWrite::AddContentPart { content: self.content, n: self.parts, bytes });
            self.parts += 1;
        }
    }

    async fn commit(&self, unit: CommitUnit) -> Result<(), Refused> {
        self.session.workspace.store.commit(&self.session.model, unit).await?;
        Ok(())
    }
}

/// The hash of a content that is in memory.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
