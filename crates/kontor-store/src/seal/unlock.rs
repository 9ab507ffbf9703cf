//! Finding the keys of a workspace. It remembers in its database which key it began with, and a text sealed by it: a file
//! that is missing, or holds other keys, is found out before anything is read or written.

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use kontor_model::Model;
use uuid::Uuid;

use super::{Ring, Vault, hmac, key_file};
use crate::error::{Error, Result};
use crate::names::Names;
use crate::row;
use crate::store::Store;
use crate::unit::{CommitError, CommitUnit};
use crate::write::Job;

/// Where the workspace remembers its id, the key with which it began, and the text that proves it.
const NAME: &str = "seal";
/// The text that proves the key.
const PROOF: &str = "seal";

impl Store {
    /// The file with the keys of encrypted values, if one was named.
    pub fn key_file(&self) -> Option<&std::path::Path> {
        self.inner.names.vault.file()
    }

    /// Reads the keys when the model seals anything, or did once: what was written then is still sealed in the history.
    /// They are made on the first need.
    ///
    /// # Errors
    /// [`Error::Key`] when the file is missing, unreadable, or not the one with which the workspace was encrypted.
    pub async fn unlock(&self, model: &Model) -> Result<()> {
        self.unlock_for(model).await?;
        self.inner.names.vault.remember(super::history::known(model));
        Ok(())
    }

    /// The same for a model that is not published yet.
    pub(crate) async fn unlock_for(&self, model: &Model) -> Result<()> {
        let is_open = self.inner.names.vault.is_open();
        if !is_open && (model.has_sealed() || self.remembered().await?.is_some()) {
            self.unlock_now().await?;
        }
        self.inner.names.vault.protect(model.protects());
        Ok(())
    }

    /// Seals a text that is kept in a system table, whatever the definitions say, for one place of it.
    ///
    /// # Errors
    /// When the key is missing.
    pub async fn seal_text(&self, place: &str, text: &str) -> Result<String> {
        self.unlock_now().await?;
        self.inner.names.vault.seal(place, text.as_bytes())
    }

    /// Such a text again.
    ///
    /// # Errors
    /// When the key is missing or another one, or the text was sealed for another place.
    pub async fn open_text(&self, place: &str, sealed: &str) -> Result<String> {
        self.unlock_now().await?;
        let bytes = self.inner.names.vault.open(place, sealed)?;
        String::from_utf8(bytes)
            .map_err(|_| Error::Corrupt { what: place.to_owned(), reason: "it is no text".into() })
    }

    /// Reads the keys.
    pub(crate) async fn unlock_now(&self) -> Result<()> {
        let vault = &self.inner.names.vault;
        if vault.is_open() {
            return Ok(());
        }
        let known = self.remembered().await?;
        let known = match known {
            Some(known) => known,
            None => self.begin().await?,
        };
        let Some(file) = vault.file() else { return Err(no_file()) };
        let trial = Vault::new(None);
        trial.0.ring.set(ring_of(&known, file)?).ok();
        trial.open(&format!("{PROOF}.{}", known.id), &known.proof).map_err(|_| {
            Error::Key(format!(
                "{} does not hold the key with which this workspace was encrypted",
                file.display()
            ))
        })?;
        // Somebody else may have been faster; the keys are the same.
        vault.0.ring.set(ring_of(&known, file)?).ok();
        Ok(())
    }

    async fn remembered(&self) -> Result<Option<Known>> {
        let (readers, names) = (&self.inner.readers, &self.inner.names);
        let sql = "SELECT value FROM @meta WHERE name = $1";
        let rows = row::query(readers, names, sql, vec![NAME.into()]).await?;
        let Some(text) = rows.first().map(|row| row.text(0)).transpose()? else { return Ok(None) };
        let parts: Vec<&str> = text.split(' ').collect();
        let [id, key, proof] = parts.as_slice() else {
            return Err(Error::Corrupt { what: "note of the encryption key".into(), reason: text.clone() });
        };
        Ok(Some(Known { id: (*id).to_owned(), key: (*key).to_owned(), proof: (*proof).to_owned() }))
    }

    /// Chooses the key with which the workspace begins. Of several processes that do so at once, the first counts.
    async fn begin(&self) -> Result<Known> {
        let names = &self.inner.names;
        let Some(file) = names.vault.file() else { return Err(no_file()) };
        let keys = key_file::read_or_make(file)?;
        let Some(first) = keys.first() else { return Err(no_file()) };
        let known =
            Known { id: Uuid::new_v4().simple().to_string(), key: first.name.clone(), proof: String::new() };
        let trial = Vault::new(None);
        trial.0.ring.set(ring_of(&known, file)?).ok();
        let proof = trial.seal(&format!("{PROOF}.{}", known.id), b"kontor")?;
        // All parts are letters, digits and signs that need no quotes.
        let statement = format!(
            "INSERT INTO @meta (name, value) VALUES ('{NAME}', '{} {} {proof}') ON CONFLICT DO NOTHING",
            known.id, known.key
        );
        let model = std::sync::Arc::new(Model::default());
        let job = Job { statements: vec![names.expand(&statement)], ..Job::of(&model, CommitUnit::new()) };
        self.inner.writer.commit(job).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => Error::Database(other.to_string()),
        })?;
        self.remembered()
            .await?
            .ok_or_else(|| Error::Database("the note of the encryption key was not kept".into()))
    }
}

/// What the workspace remembers.
struct Known {
    id: String,
    key: String,
    proof: String,
}

fn no_file() -> Error {
    Error::Key("values are to be encrypted, and no key file is named".into())
}

/// The keys of the workspace, made of those of the file.
fn ring_of(known: &Known, file: &std::path::Path) -> Result<Ring> {
    let keys = key_file::read(file)?;
    let Some(first) = keys.iter().find(|key| key.name == known.key) else {
        return Err(Error::Key(format!(
            "this workspace is encrypted with the key {}, which {} does not hold: put the file back, or name it with \
             KONTOR_ENCRYPTION_KEY_FILE or encryption_key_file in kontor.toml",
            known.key,
            file.display()
        )));
    };
    let made = |key: &key_file::Key, purpose: &[u8]| hmac(&key.bytes, &[purpose, known.id.as_bytes()]);
    let digests = made(first, b"kontor digest 1 ");
    let ciphers = keys
        .iter()
        .map(|key| (key.name.clone(), XChaCha20Poly1305::new(&made(key, b"kontor seal 1 ").into())))
        .collect();
    Ok(Ring { ciphers, digests })
}

impl Names {
    /// The same names with the keys in this file.
    pub(crate) fn with_keys(mut self, file: Option<std::path::PathBuf>) -> Self {
        self.vault = Vault::new(file);
        self
    }
}
